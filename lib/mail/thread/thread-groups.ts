/**
 * Which threads a set of new mails belongs to, given the threads that exist: pure, so that late parents and merges can be
 * tested without a database.
 */
import { buildTree, namedIds, UnionFind } from "./thread.ts";
import type { ThreadMail, ThreadNode } from "./thread.ts";

export interface LightMail extends ThreadMail {
  readonly rowId: number;
  readonly subject: string;
}

/** A thread to write: new mails, and the threads that they join into one. */
export interface ThreadGroup {
  /** Existing threads, lowest id first: it keeps its id, the others are merged into it. Empty: a new thread. */
  readonly threadIds: readonly number[];
  readonly fresh: readonly LightMail[];
}

/**
 * Groups new mails with each other and with existing threads.
 *
 * @param entries thread of each Message-ID that is known already, ghosts too
 * @param parents corrections by hand: they join threads as a reference would
 */
export function groupFreshMails(
  fresh: readonly LightMail[],
  { entries, parents }: { entries: ReadonlyMap<string, number>; parents: ReadonlyMap<string, string | null> },
): ThreadGroup[] {
  const sets = new UnionFind();
  const threadName = (threadId: number): string => `\0thread\0${threadId}`;
  const threadIds = new Set<number>();
  for (const mail of fresh) {
    for (const id of idsOf(mail, parents)) {
      sets.join(mail.messageId, id);
      const threadId = entries.get(id);
      if (threadId === undefined) continue;
      threadIds.add(threadId);
      sets.join(mail.messageId, threadName(threadId));
    }
  }
  const groups = new Map<string, { threadIds: number[]; fresh: LightMail[] }>();
  const groupOf = (name: string): { threadIds: number[]; fresh: LightMail[] } => {
    const root = sets.find(name);
    const group = groups.get(root) ?? { threadIds: [], fresh: [] };
    groups.set(root, group);
    return group;
  };
  for (const mail of fresh) groupOf(mail.messageId).fresh.push(mail);
  for (const threadId of [...threadIds].sort((a, b) => a - b)) groupOf(threadName(threadId)).threadIds.push(threadId);
  return [...groups.values()];
}

/** The ids that a mail names, with the parent that a person gave it. */
export function idsOf(mail: ThreadMail, parents: ReadonlyMap<string, string | null>): string[] {
  const parent = parents.get(mail.messageId);
  return parent ? [...namedIds(mail), parent] : namedIds(mail);
}

/** A thread as it should stand in the database. */
export interface ThreadPlan {
  readonly subject: string;
  readonly startedAtMs: number;
  readonly lastAtMs: number;
  readonly mailCount: number;
  readonly ghostCount: number;
  readonly nodes: readonly ThreadNode[];
  /** Row ids of mails to parse: the fresh ones and everything below them, whose ancestors changed. */
  readonly toParse: ReadonlySet<number>;
}

/** Lays out a thread from all its mails. */
export function planThread({
  mails,
  freshRowIds,
  parents,
}: {
  readonly mails: readonly LightMail[];
  readonly freshRowIds: ReadonlySet<number>;
  readonly parents: ReadonlyMap<string, string | null>;
}): ThreadPlan {
  const ids = new Set(mails.map((mail) => mail.messageId));
  const { nodes } = buildTree(mails, new Map([...parents].filter(([child]) => ids.has(child))));
  const byId = new Map(mails.map((mail) => [mail.messageId, mail]));
  const toParse = new Set<number>();
  const isTouched = new Set<string>();
  for (const node of nodes) {
    const mail = byId.get(node.messageId);
    const isFresh = mail !== undefined && freshRowIds.has(mail.rowId);
    if (!isFresh && !(node.parent !== null && isTouched.has(node.parent))) continue;
    isTouched.add(node.messageId);
    if (mail) toParse.add(mail.rowId);
  }
  const first = nodes.map((node) => byId.get(node.messageId)).find((mail) => mail !== undefined);
  const times = mails.map((mail) => mail.sentAtMs);
  return {
    subject: first?.subject ?? "",
    startedAtMs: times.reduce((least, time) => Math.min(least, time), Infinity),
    lastAtMs: times.reduce((most, time) => Math.max(most, time), -Infinity),
    mailCount: mails.length,
    ghostCount: nodes.filter((node) => node.isGhost).length,
    nodes,
    toParse,
  };
}

/** A thread on its way into the database. */
export interface PlacedThread {
  readonly group: ThreadGroup;
  readonly mails: readonly LightMail[];
  readonly plan: ThreadPlan;
  readonly threadId: number;
}
