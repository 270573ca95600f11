import type { Transaction } from "../../db/client.server.ts";
import type { MailOverrides } from "./overrides.server.ts";
import { readMailOverrides } from "./overrides.server.ts";
import { messageIdHash } from "../../message-id-hash.server.ts";
import { hexOf, inImportTransaction } from "./store-mail.server.ts";
import { storeParsedMails } from "./store-parsed.server.ts";
import { rebuildSeries } from "./store-series.server.ts";
import type { ThreadNode } from "../thread/thread.ts";
import { groupFreshMails, idsOf, planThread } from "../thread/thread-groups.ts";
import type { LightMail, PlacedThread, ThreadGroup } from "../thread/thread-groups.ts";

/** Mails threaded in one transaction. */
const TRANSACTION_MAILS = 250;

/**
 * Threads every message that stands in no thread yet, and parses what depends on its place: classes, diffs, hunks, trailers,
 * remarks, versions. Each transaction leaves whole threads behind, so a crash between two loses nothing: the next import goes on.
 *
 * @returns how many mails were threaded
 */
export async function threadPendingMails(onProgress?: (threaded: number) => void): Promise<number> {
  let threaded = 0;
  let afterId = 0;
  for (;;) {
    const last = afterId;
    const fresh = await inImportTransaction((tx) => threadSomePending(tx, last));
    const newest = fresh.at(-1);
    if (!newest) return threaded;
    afterId = newest.rowId;
    threaded += fresh.length;
    onProgress?.(threaded);
  }
}

async function threadSomePending(tx: Transaction, afterId: number): Promise<readonly LightMail[]> {
  const rows = await tx.message.findMany({
    where: { id: { gt: afterId }, variantOrdinal: 0, shownBy: { none: {} } },
    orderBy: { id: "asc" },
    take: TRANSACTION_MAILS,
    select: lightColumns,
  });
  const fresh = rows.map(toLight);
  if (fresh.length > 0) await threadMails(tx, fresh);
  return fresh;
}

/** Places mails into threads, old or new, and parses them there. */
async function threadMails(tx: Transaction, fresh: readonly LightMail[]): Promise<void> {
  const overrides = await readMailOverrides(tx);
  const names = [...new Set(fresh.flatMap((mail) => idsOf(mail, overrides.parents)))];
  const groups = groupFreshMails(fresh, { entries: await readThreadIds(tx, names), parents: overrides.parents });
  await storeThreads(tx, { groups, overrides });
}

const lightColumns = {
  id: true,
  messageIdText: true,
  references: true,
  inReplyTo: true,
  sentAt: true,
  subject: true,
} as const;

interface LightRow {
  readonly id: number;
  readonly messageIdText: string;
  readonly references: readonly string[];
  readonly inReplyTo: readonly string[];
  readonly sentAt: Date;
  readonly subject: string;
}

function toLight(row: LightRow): LightMail {
  return {
    rowId: row.id,
    messageId: row.messageIdText,
    references: row.references,
    inReplyTo: row.inReplyTo,
    sentAtMs: row.sentAt.getTime(),
    subject: row.subject,
  };
}

/** PostgreSQL takes at most 32,767 parameters. */
const PARAMETERS_MAX = 10_000;

async function readThreadIds(tx: Transaction, names: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  for (let at = 0; at < names.length; at += PARAMETERS_MAX) {
    const part = names.slice(at, at + PARAMETERS_MAX);
    const rows = await tx.threadEntry.findMany({
      where: { messageIdHash: { in: part.map(messageIdHash) } },
      select: { messageIdText: true, threadId: true },
    });
    for (const row of rows) found.set(row.messageIdText, row.threadId);
  }
  return found;
}

/** Writes whole threads: entries, merged threads, and everything parsed from the mails that changed. */
async function storeThreads(
  tx: Transaction,
  { groups, overrides }: { groups: readonly ThreadGroup[]; overrides: MailOverrides },
): Promise<void> {
  const existing = await readThreadMails(
    tx,
    groups.flatMap((group) => group.threadIds),
  );
  const newIds = await reserveThreadIds(tx, groups.filter((group) => group.threadIds.length === 0).length);
  const placed = groups.map((group) => {
    const old = group.threadIds.flatMap((threadId) => existing.get(threadId) ?? []);
    const freshRowIds = new Set(group.fresh.map((mail) => mail.rowId));
    const mails = [...old.filter((mail) => !freshRowIds.has(mail.rowId)), ...group.fresh];
    const plan = planThread({ mails, freshRowIds, parents: overrides.parents });
    return { group, mails, plan, threadId: group.threadIds[0] ?? newIds.pop() ?? 0 };
  });
  for (const thread of placed) await storeThreadRow(tx, thread);
  await storeEntries(tx, placed);
  await dropMergedThreads(tx, placed);
  const authors = await storeParsedMails(tx, placed);
  await rebuildSeries(tx, { authors, overrides });
}

async function readThreadMails(
  tx: Transaction,
  threadIds: readonly number[],
): Promise<ReadonlyMap<number, LightMail[]>> {
  const found = new Map<number, LightMail[]>();
  if (threadIds.length === 0) return found;
  const rows = await tx.threadEntry.findMany({
    where: { threadId: { in: [...threadIds] }, messageId: { not: null } },
    select: { threadId: true, message: { select: lightColumns } },
  });
  for (const { threadId, message } of rows) {
    if (!message) continue;
    const mails = found.get(threadId);
    if (mails) mails.push(toLight(message));
    else found.set(threadId, [toLight(message)]);
  }
  return found;
}

async function reserveThreadIds(tx: Transaction, count: number): Promise<number[]> {
  if (count === 0) return [];
  const rows = await tx.$queryRaw<{ id: bigint }[]>`
    select nextval(pg_get_serial_sequence('thread', 'id')) as id from generate_series(1, ${count})`;
  return rows.map((row) => Number(row.id)).reverse();
}

async function storeThreadRow(tx: Transaction, { group, plan, threadId }: PlacedThread): Promise<void> {
  const data = {
    subject: plan.subject,
    startedAt: new Date(plan.startedAtMs),
    lastAt: new Date(plan.lastAtMs),
    messageCount: plan.mailCount,
    ghostCount: plan.ghostCount,
  };
  if (group.threadIds.length === 0) await tx.thread.create({ data: { id: threadId, ...data }, select: { id: true } });
  else await tx.thread.update({ where: { id: threadId }, data, select: { id: true } });
}

/** Writes the entries that are new or stand elsewhere than before; parents come before their children. */
async function storeEntries(tx: Transaction, threads: readonly PlacedThread[]): Promise<void> {
  const oldIds = threads.flatMap((thread) => thread.group.threadIds);
  const before = oldIds.length === 0 ? [] : await tx.threadEntry.findMany({ where: { threadId: { in: oldIds } } });
  const known = new Map(before.map((entry) => [entry.messageIdText, entry]));
  const wanted = threads.flatMap((thread) => {
    const rowIds = new Map(thread.mails.map((mail) => [mail.messageId, mail.rowId]));
    return thread.plan.nodes.map((node) => ({ ...entryColumns(node, rowIds), threadId: thread.threadId }));
  });
  const created = wanted.filter((entry) => !known.has(entry.messageIdText));
  if (created.length > 0) await tx.threadEntry.createMany({ data: created });
  for (const entry of wanted) {
    const old = known.get(entry.messageIdText);
    if (!old || isSameEntry(old, entry)) continue;
    const { threadId, parentHash, messageId } = entry;
    await tx.threadEntry.update({
      where: { messageIdHash: entry.messageIdHash },
      data: { threadId, parentHash, messageId },
      select: { threadId: true },
    });
  }
}

function entryColumns(node: ThreadNode, rowIds: ReadonlyMap<string, number>) {
  return {
    messageIdHash: messageIdHash(node.messageId),
    messageIdText: node.messageId,
    parentHash: node.parent === null ? null : messageIdHash(node.parent),
    messageId: rowIds.get(node.messageId) ?? null,
  };
}

interface EntryPlace {
  readonly threadId: number;
  readonly parentHash: Uint8Array | null;
  readonly messageId: number | null;
}

function isSameEntry(a: EntryPlace, b: EntryPlace): boolean {
  const hash = (entry: EntryPlace): string => (entry.parentHash ? hexOf(entry.parentHash) : "");
  return a.threadId === b.threadId && a.messageId === b.messageId && hash(a) === hash(b);
}

async function dropMergedThreads(tx: Transaction, threads: readonly PlacedThread[]): Promise<void> {
  for (const { group, threadId } of threads) {
    const merged = group.threadIds.filter((id) => id !== threadId);
    if (merged.length === 0) continue;
    // Entries that no mail of the thread names any more cannot be: every entry was named by a mail that is still here.
    await tx.version.updateMany({ where: { threadId: { in: merged } }, data: { threadId } });
    await tx.thread.deleteMany({ where: { id: { in: merged } } });
  }
}
