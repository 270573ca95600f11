import { createHash } from "node:crypto";
import type { Prisma, Transaction } from "../../db/client.server.ts";
import { pathOf } from "../../diff/found-diff.ts";
import type { FoundHunk } from "../../diff/found-diff.ts";
import { hunkKey } from "../../diff/hunk-key.ts";
import { identifyHunks } from "../../diff/identity.ts";
import type { HunkIdentity } from "../../diff/identity.ts";
import { anchorColumns } from "../../review/anchor-key.ts";
import { anchorReply, newAnchorCache } from "../../review/anchor.ts";
import type { AnchorCache, AnchorPlace, MailedCommentPlace } from "../../review/anchor.ts";
import { log } from "../../log.server.ts";
import { PARSER_VERSION } from "../decode/decode.ts";
import type { ChainLink } from "../diff-owner.ts";
import { storableText } from "../limits.ts";
import { parseInThread, unparsedMail } from "../parse-in-thread.ts";
import type { MailInThread, OwnedFileDiff, ParsedMail } from "../parse-in-thread.ts";
import { messageIdHash } from "../../message-id-hash.server.ts";
import { cleanSubject, parseSubject } from "../series/subject.ts";
import type { PlacedThread } from "../thread/thread-groups.ts";

/** A mail with its text, as parsing in the thread needs it. */
interface FullMail {
  readonly rowId: number;
  readonly messageId: string;
  readonly subject: string;
  readonly fromName: string;
  readonly fromAddress: string;
  readonly body: string;
  readonly oddities: Prisma.JsonValue;
}

interface StoredMail {
  readonly mail: FullMail;
  readonly parsed: ParsedMail;
  readonly comments: readonly MailedCommentPlace[];
}

/**
 * Parses the mails of these threads that are new, or whose ancestors changed, and replaces their parsed rows.
 *
 * @returns the addresses whose series may have changed
 */
export async function storeParsedMails(
  tx: Transaction,
  threads: readonly PlacedThread[],
): Promise<ReadonlySet<string>> {
  const authors = new Set<string>();
  const bodies = await readBodies(tx, threads);
  const stored = threads.flatMap((thread) => parseThread(thread, bodies));
  const rowIds = stored.map(({ mail }) => mail.rowId);
  const previous = await tx.message.findMany({
    where: { id: { in: rowIds }, class: { in: [...PATCH_CLASSES] } },
    select: { fromAddress: true },
  });
  for (const { fromAddress } of previous) authors.add(fromAddress);
  for (const { mail, parsed } of stored) if (PATCH_CLASSES.has(parsed.class)) authors.add(mail.fromAddress);
  await deleteParsedRows(tx, rowIds);
  await updateMessages(tx, stored);
  await createDiffRows(tx, stored);
  await createTrailers(tx, stored);
  await createComments(tx, stored);
  return authors;
}

export const PATCH_CLASSES: ReadonlySet<string> = new Set(["patch", "cover", "autosel"]);

/** The texts of the mails to parse and of all their ancestors, by Message-ID. */
async function readBodies(tx: Transaction, threads: readonly PlacedThread[]): Promise<ReadonlyMap<string, FullMail>> {
  const wanted = new Set(threads.flatMap((thread) => [...wantedRowIds(thread)]));
  const rows = await tx.message.findMany({
    where: { id: { in: [...wanted] } },
    select: {
      id: true,
      messageIdText: true,
      subject: true,
      fromName: true,
      fromAddress: true,
      body: true,
      oddities: true,
    },
  });
  return new Map(
    rows.map(({ id, messageIdText, ...rest }) => [messageIdText, { rowId: id, messageId: messageIdText, ...rest }]),
  );
}

function wantedRowIds({ plan, mails }: PlacedThread): ReadonlySet<number> {
  const parents = new Map(plan.nodes.map((node) => [node.messageId, node.parent]));
  const rowIds = new Map(mails.map((mail) => [mail.messageId, mail.rowId]));
  const wanted = new Set<number>(plan.toParse);
  const climbed = new Set<string>();
  for (const mail of mails) {
    if (!plan.toParse.has(mail.rowId)) continue;
    for (let id = parents.get(mail.messageId) ?? null; id !== null && !climbed.has(id); id = parents.get(id) ?? null) {
      climbed.add(id);
      const rowId = rowIds.get(id);
      if (rowId !== undefined) wanted.add(rowId);
    }
  }
  return wanted;
}

function parseThread({ plan, mails }: PlacedThread, bodies: ReadonlyMap<string, FullMail>): StoredMail[] {
  const parents = new Map(plan.nodes.map((node) => [node.messageId, node.parent]));
  const numbered = numberedParents(mails, parents);
  const cache = newAnchorCache();
  const stored: StoredMail[] = [];
  for (const { messageId } of plan.nodes) {
    const mail = bodies.get(messageId);
    if (!mail || !plan.toParse.has(mail.rowId)) continue;
    const chain = chainOf(messageId, { parents, bodies });
    const isAnswer = chain.length > 0;
    stored.push(parseOrFault({ ...mail, isAnswer, hasNumberedChild: numbered.has(messageId), chain }, { mail, cache }));
  }
  return stored;
}

/** The parsers are total; should one have a fault, that mail stands as text with the reason, and the others go on. */
function parseOrFault(input: MailInThread, { mail, cache }: { mail: FullMail; cache: AnchorCache }): StoredMail {
  try {
    const parsed = parseInThread(input);
    return { mail, parsed, comments: commentsOf({ mail, parsed, chain: input.chain, cache }) };
  } catch (fault) {
    const message = fault instanceof Error ? fault.message : String(fault);
    log().error({ message: mail.rowId, err: fault }, "a mail parser failed");
    return { mail, parsed: unparsedMail(input, message), comments: [] };
  }
}

/** Mails that a patch n/m answers directly. */
function numberedParents(
  mails: PlacedThread["mails"],
  parents: ReadonlyMap<string, string | null>,
): ReadonlySet<string> {
  const found = new Set<string>();
  for (const mail of mails) {
    const parent = parents.get(mail.messageId);
    if (!parent) continue;
    const subject = parseSubject(mail.subject);
    if (!subject.isReply && (subject.counter?.number ?? 0) > 0) found.add(parent);
  }
  return found;
}

/** Ancestors beyond this are not looked at: a chain this long has no diff at its far end that is still quoted. */
const CHAIN_MAX = 200;

function chainOf(
  messageId: string,
  { parents, bodies }: { parents: ReadonlyMap<string, string | null>; bodies: ReadonlyMap<string, FullMail> },
): ChainLink[] {
  const chain: ChainLink[] = [];
  for (let id = parents.get(messageId) ?? null; id !== null && chain.length < CHAIN_MAX; id = parents.get(id) ?? null)
    chain.push({ messageId: id, mail: bodies.get(id) ?? null });
  return chain;
}

function commentsOf({
  mail,
  parsed,
  chain,
  cache,
}: {
  mail: FullMail;
  parsed: ParsedMail;
  chain: readonly ChainLink[];
  cache: AnchorCache;
}): readonly MailedCommentPlace[] {
  if (PATCH_CLASSES.has(parsed.class) || parsed.oddities.length > 0) return [];
  const ancestors = chain.flatMap((link) => (link.mail ? [{ messageId: link.messageId, body: link.mail.body }] : []));
  return anchorReply({ messageId: mail.messageId, body: mail.body, ancestors, cache });
}

async function deleteParsedRows(tx: Transaction, rowIds: readonly number[]): Promise<void> {
  const where = { messageId: { in: [...rowIds] } };
  await tx.fileDiff.deleteMany({ where });
  await tx.trailer.deleteMany({ where });
  await tx.mailedComment.deleteMany({ where });
}

/** Writes class and title, and what parsing in the thread found odd, where they differ from what stands there. */
async function updateMessages(tx: Transaction, stored: readonly StoredMail[]): Promise<void> {
  const byClass = new Map<string, number[]>();
  for (const { mail, parsed } of stored) byClass.set(parsed.class, [...(byClass.get(parsed.class) ?? []), mail.rowId]);
  for (const [kind, ids] of byClass)
    await tx.message.updateMany({ where: { id: { in: ids }, class: { not: kind } }, data: { class: kind } });
  for (const { mail, parsed } of stored) {
    if (parsed.oddities.length === 0) continue;
    const before = Array.isArray(mail.oddities) ? mail.oddities.filter((oddity) => oddity !== null) : [];
    const added = parsed.oddities.map(({ code, message }) => ({ code, message: storableText(message) }));
    await tx.message.update({
      where: { id: mail.rowId },
      data: { oddities: [...before, ...added], title: cleanSubject(mail.subject) },
      select: { id: true },
    });
  }
}

async function createDiffRows(tx: Transaction, stored: readonly StoredMail[]): Promise<void> {
  const files = stored.flatMap(({ mail, parsed }) =>
    parsed.fileDiffs.map((file) => ({ file, messageId: mail.messageId, columns: fileDiffColumns(mail.rowId, file) })),
  );
  if (files.length === 0) return;
  const created = await tx.fileDiff.createManyAndReturn({
    data: files.map(({ columns }) => columns),
    select: { id: true, messageId: true, ordinal: true },
  });
  const ids = new Map(created.map((row) => [`${row.messageId}/${row.ordinal}`, row.id]));
  const identities = new Map(stored.flatMap(({ parsed }) => identifyDiffs(parsed.fileDiffs)));
  const hunks = files.flatMap(({ file, messageId, columns }) => {
    const fileDiffId = ids.get(`${columns.messageId}/${columns.ordinal}`);
    return fileDiffId === undefined ? [] : hunkRows(file, { fileDiffId, messageId, identities });
  });
  await tx.hunk.createMany({ data: hunks });
}

function fileDiffColumns(rowId: number, { diff, owner }: OwnedFileDiff) {
  return {
    messageId: rowId,
    ordinal: diff.ordinal,
    quoteDepth: diff.quoteDepth,
    ownerHash: ownerHash(owner),
    ownerName: owner.name,
    oldPath: diff.oldPath,
    newPath: diff.newPath,
    kind: diff.kind,
    parserVersion: PARSER_VERSION,
  };
}

/** Who owns a diff, for looking up all diffs of one person: sha256 of the lower-case address, or of the name without one. */
export function ownerHash({
  name,
  address,
}: {
  readonly name: string;
  readonly address: string;
}): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(sha256(address === "" ? `name\0${name.toLowerCase()}` : address.toLowerCase()));
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/** H1 and H2 of every hunk of a mail; occurrences count within one quote depth, which is one patch. */
function identifyDiffs(fileDiffs: readonly OwnedFileDiff[]): (readonly [FoundHunk, HunkIdentity])[] {
  const depths = new Set(fileDiffs.map(({ diff }) => diff.quoteDepth));
  return [...depths].flatMap((depth) => {
    const hunks = fileDiffs.flatMap(({ diff }) =>
      diff.quoteDepth === depth ? diff.hunks.map((hunk) => ({ hunk, path: pathOf(diff) })) : [],
    );
    const found = identifyHunks(hunks.map(({ hunk, path }) => ({ path, heading: hunk.heading, lines: hunk.lines })));
    return hunks.flatMap(({ hunk }, i) => {
      const identity = found[i];
      return identity ? [[hunk, identity] as const] : [];
    });
  });
}

function hunkRows(
  { diff }: OwnedFileDiff,
  context: { fileDiffId: number; messageId: string; identities: ReadonlyMap<FoundHunk, HunkIdentity> },
) {
  const { fileDiffId, messageId, identities } = context;
  const path = pathOf(diff);
  return diff.hunks.map((hunk) => ({
    fileDiffId,
    ordinal: hunk.ordinal,
    key: hunk.key ?? hunkKey({ messageId, path, oldStart: hunk.oldStart, ordinal: hunk.keyOrdinal }),
    oldStart: hunk.oldStart,
    oldCount: hunk.oldCount,
    newStart: hunk.newStart,
    newCount: hunk.newCount,
    heading: hunk.heading,
    raw: hunk.raw,
    repaired: hunk.repaired,
    repairs: hunk.repairs.map(({ kind, line, detail }) => ({ kind, line, detail: storableText(detail) })),
    state: hunk.state,
    bodyLineStart: hunk.bodyLineStart,
    bodyLineEnd: hunk.bodyLineEnd,
    h1: identities.get(hunk)?.h1 ?? "",
    h2: identities.get(hunk)?.h2 ?? "",
  }));
}

async function createTrailers(tx: Transaction, stored: readonly StoredMail[]): Promise<void> {
  const data = stored.flatMap(({ mail, parsed }) =>
    parsed.trailers.map(({ name, value }, ordinal) => ({ messageId: mail.rowId, ordinal, name, value })),
  );
  if (data.length > 0) await tx.trailer.createMany({ data });
}

async function createComments(tx: Transaction, stored: readonly StoredMail[]): Promise<void> {
  const comments = stored.flatMap(({ mail, comments: places }) =>
    places.map((place) => ({ rowId: mail.rowId, place, anchor: anchorRow(place.anchor) })),
  );
  if (comments.length === 0) return;
  const anchors = new Map(comments.map(({ anchor }) => [anchor.key, anchor]));
  await tx.anchor.createMany({ data: [...anchors.values()], skipDuplicates: true });
  const rows = await tx.anchor.findMany({
    where: { key: { in: [...anchors.keys()] } },
    select: { id: true, key: true },
  });
  const ids = new Map(rows.map((row) => [row.key, row.id]));
  await tx.mailedComment.createMany({
    data: comments.flatMap(({ rowId, place, anchor }) => {
      const anchorId = ids.get(anchor.key);
      if (anchorId === undefined) return [];
      const { ordinal, bodyLineStart, bodyLineEnd, text } = place;
      return [{ messageId: rowId, ordinal, bodyLineStart, bodyLineEnd, text, anchorId }];
    }),
  });
}

function anchorRow(place: AnchorPlace) {
  return { ...anchorColumns(place), messageIdHash: messageIdHash(place.messageId) };
}
