/**
 * Threads: two mails belong together when a chain of References and In-Reply-To connects them, over mails that are not here
 * as well. Subjects never join threads. The same partition as notmuch and public-inbox give (mail-and-patches.md, "Oracles").
 */
import { compareText } from "../../compare-text.ts";

export interface ThreadMail {
  readonly messageId: string;
  readonly references: readonly string[];
  readonly inReplyTo: readonly string[];
  readonly sentAtMs: number;
}

export interface ThreadNode {
  readonly messageId: string;
  /** Named by others, not among the mails given. */
  readonly isGhost: boolean;
  readonly parent: string | null;
}

export interface ThreadTree {
  /** Every mail and ghost, parents before their children, siblings by date and then by Message-ID. */
  readonly nodes: readonly ThreadNode[];
}

/** Disjoint sets over strings, with path halving and union by size: almost linear. */
export class UnionFind {
  readonly #parent = new Map<string, string>();
  readonly #size = new Map<string, number>();

  /** The representative of the set that holds `name`; a new name is a set of its own. */
  find(name: string): string {
    let at = name;
    for (;;) {
      const parent = this.#parent.get(at);
      if (parent === undefined) {
        this.#parent.set(at, at);
        return at;
      }
      if (parent === at) return at;
      const grandparent = this.#parent.get(parent) ?? parent;
      this.#parent.set(at, grandparent);
      at = grandparent;
    }
  }

  join(left: string, right: string): void {
    const [a, b] = [this.find(left), this.find(right)];
    if (a === b) return;
    const [sizeA, sizeB] = [this.#size.get(a) ?? 1, this.#size.get(b) ?? 1];
    const [root, child] = sizeA >= sizeB ? [a, b] : [b, a];
    this.#parent.set(child, root);
    this.#size.set(root, sizeA + sizeB);
  }
}

/** The ids that a mail names, its own first. */
export function namedIds(mail: ThreadMail): string[] {
  return [...new Set([mail.messageId, ...mail.references, ...mail.inReplyTo])];
}

/** Parts mails into threads. Groups and their members keep the order in which the mails were given. */
export function partitionThreads<Mail extends ThreadMail>(mails: readonly Mail[]): Mail[][] {
  const sets = new UnionFind();
  for (const mail of mails) for (const id of namedIds(mail)) sets.join(mail.messageId, id);
  const groups = new Map<string, Mail[]>();
  for (const mail of mails) {
    const root = sets.find(mail.messageId);
    const group = groups.get(root);
    if (group) group.push(mail);
    else groups.set(root, [mail]);
  }
  return [...groups.values()];
}

/**
 * The tree of one thread, ghosts in their places. A mail's parent is the last id of its References (In-Reply-To when there
 * are none, or when only that one is here); a ghost's parent is the id before it in the References that name it.
 *
 * @param overrides corrections by hand: the parent of a mail by Message-ID, null for none; a cycle among them is ignored
 */
export function buildTree(
  mails: readonly ThreadMail[],
  overrides: ReadonlyMap<string, string | null> = new Map(),
): ThreadTree {
  const known = new Map(mails.map((mail) => [mail.messageId, mail]));
  const ordered = [...mails].sort((a, b) => a.sentAtMs - b.sentAtMs || compareText(a.messageId, b.messageId));
  const parents = new Map<string, string>();
  const adopt = (child: string, parent: string | undefined): void => {
    if (parent === undefined || parents.has(child) || wouldCycle(parents, { child, parent })) return;
    parents.set(child, parent);
  };
  for (const [child, parent] of overrides) if (parent !== null) adopt(child, parent);
  for (const mail of ordered) if (!overrides.has(mail.messageId)) adopt(mail.messageId, parentId(mail, known));
  for (const mail of ordered) adoptGhosts(mail, { known, adopt });
  return { nodes: orderNodes(ordered, parents) };
}

/** The References chain with In-Reply-To as its end, without the mail itself. */
function chain(mail: ThreadMail): string[] {
  const ids = mail.references.length > 0 ? [...mail.references] : mail.inReplyTo.slice(0, 1);
  return ids.filter((id) => id !== mail.messageId);
}

function parentId(mail: ThreadMail, known: ReadonlyMap<string, ThreadMail>): string | undefined {
  const last = chain(mail).at(-1);
  const reply = mail.inReplyTo.find((id) => id !== mail.messageId && known.has(id));
  // References that end in a mail which is not here, and In-Reply-To names one that is: believe the one that is here.
  if (last !== undefined && !known.has(last) && reply !== undefined && !mail.references.includes(reply)) return reply;
  return last;
}

function adoptGhosts(
  mail: ThreadMail,
  {
    known,
    adopt,
  }: { known: ReadonlyMap<string, ThreadMail>; adopt: (child: string, parent: string | undefined) => void },
): void {
  const ids = chain(mail);
  for (let i = ids.length - 1; i > 0; i--) {
    const id = ids[i];
    if (id !== undefined && !known.has(id)) adopt(id, ids[i - 1]);
  }
}

function wouldCycle(
  parents: ReadonlyMap<string, string>,
  { child, parent }: { child: string; parent: string },
): boolean {
  for (let at: string | undefined = parent; at !== undefined; at = parents.get(at)) if (at === child) return true;
  return false;
}

function orderNodes(ordered: readonly ThreadMail[], parents: ReadonlyMap<string, string>): ThreadNode[] {
  const known = new Set(ordered.map((mail) => mail.messageId));
  const children = new Map<string | null, string[]>();
  for (const id of idsByDate(ordered, parents)) {
    const parent = parents.get(id) ?? null;
    const siblings = children.get(parent);
    if (siblings) siblings.push(id);
    else children.set(parent, [id]);
  }
  const nodes: ThreadNode[] = [];
  const pending = (children.get(null) ?? []).reverse();
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    nodes.push({ messageId: id, isGhost: !known.has(id), parent: parents.get(id) ?? null });
    for (const child of (children.get(id) ?? []).reverse()) pending.push(child);
  }
  return nodes;
}

/** All ids, mails by date; a ghost stands right before the first mail that names it, or that a person put below it. */
function idsByDate(ordered: readonly ThreadMail[], parents: ReadonlyMap<string, string>): string[] {
  const known = new Set(ordered.map((mail) => mail.messageId));
  const ids = new Set<string>();
  const addGhosts = (from: string): void => {
    for (let id: string | undefined = from; id !== undefined && !ids.has(id); id = parents.get(id))
      if (!known.has(id)) ids.add(id);
  };
  for (const mail of ordered) {
    for (const id of namedIds(mail)) addGhosts(id);
    ids.add(mail.messageId);
  }
  return [...ids];
}
