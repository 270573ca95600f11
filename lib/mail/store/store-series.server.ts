import type { Transaction } from "../../db/client.server.ts";
import { fullNameKey, personKeys } from "../series/person-keys.ts";
import { findDiffs } from "../../diff/parse-diff.ts";
import { patchIdOfBody } from "../../diff/patch-id.ts";
import type { MailClass } from "../series/classify.ts";
import type { MailOverrides } from "./overrides.server.ts";
import { toSeriesMail } from "../series/series-mails.ts";
import { groupVersions } from "../series/series.ts";
import type { SeriesMail } from "../series/series.ts";
import { messageIdHash } from "../../message-id-hash.server.ts";
import { hexOf } from "./store-mail.server.ts";
import { storeTracks } from "./store-tracks.server.ts";
import { joinVersions } from "../series/version-join.ts";
import type { JoinedVersion, SeriesPlan } from "../series/version-join.ts";

const patchClasses = ["patch", "cover", "autosel"] as const;

/** Series of one author may be joined with another's by a link or a change-id: followed this many steps. */
const AUTHOR_STEPS_MAX = 5;

/**
 * Groups all patches of these authors into versions and series again, and replaces their rows. Versions join across threads,
 * so this looks beyond the threads that were just written.
 */
export async function rebuildSeries(
  tx: Transaction,
  { authors, overrides }: { authors: ReadonlySet<string>; overrides: MailOverrides },
): Promise<void> {
  if (authors.size === 0) return;
  const all = await connectedAuthors(tx, authors);
  const mails = await readPatchMails(tx, all);
  const plans = joinVersions(groupVersions(mails.map(({ mail }) => mail)), overrides.versionJoins);
  const rowIds = new Map(mails.map(({ mail, rowId, threadId }) => [mail.messageId, { rowId, threadId }]));
  await deleteSeries(
    tx,
    [...rowIds.values()].map(({ rowId }) => rowId),
  );
  const created: { seriesId: number; versionIds: number[] }[] = [];
  for (const plan of plans) created.push(await createSeries(tx, plan, rowIds));
  await linkFileDiffs(
    tx,
    [...rowIds.values()].map(({ rowId }) => rowId),
  );
  for (const series of created) await storeTracks(tx, series);
}

/** All addresses of the persons behind these, and of those whose versions stand in one series with theirs already. */
async function connectedAuthors(tx: Transaction, authors: ReadonlySet<string>): Promise<ReadonlySet<string>> {
  const all = new Set(authors);
  for (let step = 0; step < AUTHOR_STEPS_MAX; step++) {
    const before = all.size;
    const names = await tx.message.findMany({
      where: { fromAddress: { in: [...all] }, class: { in: [...patchClasses] } },
      distinct: ["fromName"],
      select: { fromName: true },
    });
    const fullNames = names.map(({ fromName }) => fromName).filter((name) => fullNameKey(name) !== null);
    const namesakes = await tx.message.findMany({
      where: { fromName: { in: fullNames }, class: { in: [...patchClasses] } },
      distinct: ["fromAddress"],
      select: { fromAddress: true },
    });
    for (const { fromAddress } of [...namesakes, ...(await readCoauthors(tx, all))]) all.add(fromAddress);
    if (all.size === before) break;
  }
  return all;
}

async function readCoauthors(tx: Transaction, authors: ReadonlySet<string>): Promise<{ fromAddress: string }[]> {
  const ofAuthors = { message: { fromAddress: { in: [...authors] } } };
  const rows = await tx.patch.findMany({
    where: { version: { series: { versions: { some: { patches: { some: ofAuthors } } } } }, NOT: ofAuthors },
    select: { message: { select: { fromAddress: true } } },
  });
  return rows.map((row) => row.message);
}

interface PatchRow {
  readonly rowId: number;
  readonly threadId: number;
  readonly mail: SeriesMail;
}

async function readPatchMails(tx: Transaction, authors: ReadonlySet<string>): Promise<PatchRow[]> {
  const rows = await tx.message.findMany({
    where: { variantOrdinal: 0, fromAddress: { in: [...authors] }, class: { in: [...patchClasses] } },
    select: {
      id: true,
      messageIdText: true,
      subject: true,
      fromName: true,
      fromAddress: true,
      sentAt: true,
      class: true,
      body: true,
      contentHash: true,
      patch: { select: { patchId: true } },
      shownBy: { select: { threadId: true } },
    },
  });
  const personOf = personKeys(rows.map((row) => ({ name: row.fromName, address: row.fromAddress })));
  const chains = await readChains(tx, [...new Set(rows.flatMap((row) => row.shownBy.map((entry) => entry.threadId)))]);
  return rows.flatMap((row) => {
    const threadId = row.shownBy[0]?.threadId;
    if (threadId === undefined) return [];
    const mail = toSeriesMail({
      messageId: row.messageIdText,
      threadKey: String(threadId),
      sentAtMs: row.sentAt.getTime(),
      fromAddress: row.fromAddress,
      author: personOf({ name: row.fromName, address: row.fromAddress }),
      subject: row.subject,
      class: patchClass(row.class),
      ancestors: chains(row.messageIdText),
      patchId: row.patch ? row.patch.patchId : patchIdOfBody(row.body, findDiffs(row.body)),
      body: row.body,
      bodyKey: hexOf(row.contentHash),
    });
    return [{ rowId: row.id, threadId, mail }];
  });
}

function patchClass(text: string): MailClass {
  return text === "cover" || text === "autosel" ? text : "patch";
}

/** The ancestors of any mail of these threads, nearest first, ghosts included. */
async function readChains(tx: Transaction, threadIds: readonly number[]): Promise<(messageId: string) => string[]> {
  const entries = await tx.threadEntry.findMany({
    where: { threadId: { in: [...threadIds] } },
    select: { messageIdText: true, messageIdHash: true, parentHash: true },
  });
  const names = new Map(entries.map((entry) => [hexOf(entry.messageIdHash), entry.messageIdText]));
  const parents = new Map(
    entries.flatMap((entry) => {
      const parent = entry.parentHash === null ? undefined : names.get(hexOf(entry.parentHash));
      return parent === undefined ? [] : [[entry.messageIdText, parent] as const];
    }),
  );
  return (messageId) => {
    const chain: string[] = [];
    for (let id = parents.get(messageId); id !== undefined && chain.length < 500; id = parents.get(id)) chain.push(id);
    return chain;
  };
}

async function deleteSeries(tx: Transaction, rowIds: readonly number[]): Promise<void> {
  const ids = [...rowIds];
  await tx.series.deleteMany({
    where: {
      versions: { some: { OR: [{ coverMessageId: { in: ids } }, { patches: { some: { messageId: { in: ids } } } }] } },
    },
  });
  // A series whose last mail was taken from it by another parser version.
  await tx.series.deleteMany({ where: { versions: { every: { coverMessageId: null, patches: { none: {} } } } } });
}

type RowIds = ReadonlyMap<string, { readonly rowId: number; readonly threadId: number }>;

async function createSeries(
  tx: Transaction,
  plan: SeriesPlan,
  rowIds: RowIds,
): Promise<{ seriesId: number; versionIds: number[] }> {
  const series = await tx.series.create({
    data: { title: plan.title, author: plan.author, changeId: plan.changeId },
    select: { id: true },
  });
  const versionIds: number[] = [];
  for (const version of plan.versions)
    versionIds.push(await createVersion(tx, { seriesId: series.id, version, rowIds }));
  return { seriesId: series.id, versionIds };
}

async function createVersion(
  tx: Transaction,
  { seriesId, version, rowIds }: { seriesId: number; version: JoinedVersion; rowIds: RowIds },
): Promise<number> {
  const anchor = rowIds.get(version.anchorId);
  if (!anchor) throw new Error(`the version of ${version.anchorId} has no mail`);
  const { id } = await tx.version.create({
    data: {
      seriesId,
      threadId: anchor.threadId,
      number: version.number,
      patchCount: version.patchCount,
      flags: [...version.flags],
      coverMessageId: version.coverId === null ? null : (rowIds.get(version.coverId)?.rowId ?? null),
      anchorHash: messageIdHash(version.anchorId),
      joinReason: version.joinReason,
      sentAt: new Date(version.sentAtMs),
      patches: {
        create: version.patches.flatMap((patch) => {
          const row = rowIds.get(patch.messageId);
          const { number, title, patchId, isResend } = patch;
          return row ? [{ messageId: row.rowId, number, title, patchId, isResend }] : [];
        }),
      },
    },
    select: { id: true },
  });
  return id;
}

async function linkFileDiffs(tx: Transaction, rowIds: readonly number[]): Promise<void> {
  await tx.$executeRaw`
    update file_diff f set patch_id = p.id
    from patch p
    where p.message_id = f.message_id and f.quote_depth = 0 and f.message_id = any(${[...rowIds]}::int[])
      and f.patch_id is distinct from p.id`;
}
