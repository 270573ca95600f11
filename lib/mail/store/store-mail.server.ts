import { messageIdHash } from "../../message-id-hash.server.ts";
import { createHash } from "node:crypto";
import { db } from "../../db/client.server.ts";
import type { Transaction } from "../../db/client.server.ts";
import { log } from "../../log.server.ts";
import { decodeMail, PARSER_VERSION } from "../decode/decode.ts";
import type { DecodedMail } from "../decode/decode.ts";
import { mailLimits } from "../limits.ts";
import { cleanSubject } from "../series/subject.ts";

/** One mail as it came out of an archive. */
export interface ReceivedMail {
  readonly bytes: Uint8Array;
  readonly offsetBytes: number;
}

export interface ArchiveSource {
  readonly archiveId: number;
  readonly kind: "mbox" | "eml";
  /** For mails without a List-Id. */
  readonly listName: string | null;
}

/** What became of a batch; counts of mails, not of rows. */
export interface BatchOutcome {
  readonly newMessages: number;
  readonly known: number;
  readonly variants: number;
  readonly failures: readonly MailFailure[];
}

export interface MailFailure {
  readonly offsetBytes: number;
  readonly reason: string;
}

/** Two imports at once would both call a mail the first of its Message-ID: writers of parsed rows take turns. */
const IMPORT_LOCK = 72707371;
const TRANSACTION_OPTIONS = { timeout: 300_000, maxWait: 60_000 } as const;

/** Runs `write` alone among importers, in one transaction. */
export async function inImportTransaction<Value>(write: (tx: Transaction) => Promise<Value>): Promise<Value> {
  return db().$transaction(async (tx) => {
    await tx.$executeRaw`select pg_advisory_xact_lock(${IMPORT_LOCK})`;
    return write(tx);
  }, TRANSACTION_OPTIONS);
}

function sha256(input: Uint8Array | string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(createHash("sha256").update(input).digest());
}

/**
 * Stores a batch: the bytes first, committed before anything reads them; then messages and appearances in one transaction.
 * Mails that this archive has given before are not even decoded.
 */
export async function storeBatch(source: ArchiveSource, received: readonly ReceivedMail[]): Promise<BatchOutcome> {
  const unique = new Map<string, HashedMail>();
  for (const mail of received) {
    const hash = sha256(mail.bytes);
    const key = hexOf(hash);
    if (!unique.has(key)) unique.set(key, { ...mail, hash, key });
  }
  const seen = await db().appearance.findMany({
    where: { archiveId: source.archiveId, blobHash: { in: [...unique.values()].map((mail) => mail.hash) } },
    select: { blobHash: true },
  });
  for (const { blobHash } of seen) unique.delete(hexOf(blobHash));
  const fresh = [...unique.values()];
  if (fresh.length === 0) return { newMessages: 0, known: received.length, variants: 0, failures: [] };
  await db().blob.createMany({
    data: fresh.map((mail) => ({ hash: mail.hash, bytes: Uint8Array.from(mail.bytes), sizeBytes: mail.bytes.length })),
    skipDuplicates: true,
  });
  const readings = fresh.map((mail) => readMail(mail, source.kind));
  return inImportTransaction((tx) => storeReadings(tx, { source, readings, known: received.length - fresh.length }));
}

interface HashedMail extends ReceivedMail {
  readonly hash: Uint8Array<ArrayBuffer>;
  readonly key: string;
}

type Reading =
  | { readonly kind: "mail"; readonly mail: HashedMail; readonly decoded: DecodedMail }
  | { readonly kind: "failed"; readonly mail: HashedMail; readonly reason: string };

function readMail(mail: HashedMail, kind: "mbox" | "eml"): Reading {
  if (mail.bytes.length > mailLimits.mailBytesMax) {
    const reason = `the mail has ${mail.bytes.length} bytes, more than the ${mailLimits.mailBytesMax} that are read; its bytes are kept`;
    return { kind: "failed", mail, reason };
  }
  const decoded = decodeOrFault(mail, kind);
  if (decoded instanceof Error) {
    const reason = `a fault of this program while reading the mail (${decoded.message}); its bytes are kept`;
    return { kind: "failed", mail, reason };
  }
  const codes = new Set(decoded.oddities.map((oddity) => oddity.code));
  const isNoMail =
    codes.has("from-missing") && codes.has("date-missing") && codes.has("message-id-missing") && decoded.subject === "";
  if (!isNoMail) return { kind: "mail", mail, decoded };
  return { kind: "failed", mail, reason: "no From, Date, Subject or Message-ID: this is no mail; its bytes are kept" };
}

/** The decoder is total; should it have a fault, one mail is reported and the others go on. */
function decodeOrFault(mail: HashedMail, kind: "mbox" | "eml"): DecodedMail | Error {
  try {
    return decodeMail(mail.bytes, { kind, receivedAtMs: Date.now() });
  } catch (fault) {
    log().error({ blob: mail.key, err: fault }, "the mail decoder failed");
    return fault instanceof Error ? fault : new Error(String(fault));
  }
}

async function storeReadings(
  tx: Transaction,
  { source, readings, known }: { source: ArchiveSource; readings: readonly Reading[]; known: number },
): Promise<BatchOutcome> {
  const mails = readings.flatMap((reading) => (reading.kind === "mail" ? [reading] : []));
  const before = await tx.message.findMany({
    where: { contentHash: { in: mails.map(({ decoded }) => Uint8Array.from(decoded.contentHash)) } },
    select: { id: true, contentHash: true },
  });
  const ids = new Map(before.map((row) => [hexOf(row.contentHash), row.id]));
  const fresh = new Map<string, (typeof mails)[number]>();
  for (const reading of mails) {
    const key = hexOf(reading.decoded.contentHash);
    if (!ids.has(key) && !fresh.has(key)) fresh.set(key, reading);
  }
  const created = await createMessages(tx, { source, readings: [...fresh.values()] });
  for (const row of created) ids.set(hexOf(row.contentHash), row.id);
  await createAppearances(tx, { source, readings, ids });
  return {
    newMessages: created.length,
    known: known + mails.length - created.length,
    variants: created.filter((row) => row.variantOrdinal > 0).length,
    failures: readings.flatMap((reading) =>
      reading.kind === "failed" ? [{ offsetBytes: reading.mail.offsetBytes, reason: reading.reason }] : [],
    ),
  };
}

type MailReading = Extract<Reading, { kind: "mail" }>;

async function createMessages(
  tx: Transaction,
  { source, readings }: { source: ArchiveSource; readings: readonly MailReading[] },
): Promise<{ id: number; contentHash: Uint8Array; variantOrdinal: number }[]> {
  if (readings.length === 0) return [];
  const idHashes = readings.map(({ decoded }) => messageIdHash(decoded.messageId));
  const counted = await tx.message.groupBy({
    by: ["messageIdHash"],
    where: { messageIdHash: { in: idHashes } },
    _count: { _all: true },
  });
  const taken = new Map(counted.map((row) => [hexOf(row.messageIdHash), row._count._all]));
  const data = readings.map((reading, i) => {
    const key = hexOf(idHashes[i] ?? new Uint8Array());
    const variantOrdinal = taken.get(key) ?? 0;
    taken.set(key, variantOrdinal + 1);
    return { ...messageColumns(reading.decoded, source.listName), blobHash: reading.mail.hash, variantOrdinal };
  });
  return tx.message.createManyAndReturn({
    data,
    select: { id: true, contentHash: true, variantOrdinal: true },
  });
}

/** The columns of a message that come from decoding alone. The class is set when the mail's place in its thread is known. */
export function messageColumns(decoded: DecodedMail, listName: string | null) {
  return {
    messageIdHash: messageIdHash(decoded.messageId),
    messageIdText: decoded.messageId,
    contentHash: Uint8Array.from(decoded.contentHash),
    parserVersion: PARSER_VERSION,
    subject: decoded.subject,
    title: cleanSubject(decoded.subject),
    fromName: decoded.from.name,
    fromAddress: decoded.from.address,
    toText: decoded.toText,
    ccText: decoded.ccText,
    listName: decoded.listName ?? listName,
    sentAt: new Date(decoded.sentAtMs),
    sentOffsetMinutes: decoded.sentOffsetMinutes,
    sentHeader: decoded.sentHeader,
    inReplyTo: [...decoded.inReplyTo],
    references: [...decoded.references],
    body: decoded.body,
    oddities: decoded.oddities.map(({ code, message }) => ({ code, message })),
    class: "discussion",
  };
}

async function createAppearances(
  tx: Transaction,
  { source, readings, ids }: { source: ArchiveSource; readings: readonly Reading[]; ids: ReadonlyMap<string, number> },
): Promise<void> {
  const listOf = (reading: Reading): string | null =>
    reading.kind === "mail" ? (reading.decoded.listName ?? source.listName) : source.listName;
  const lists = await listIds(tx, [...new Set(readings.flatMap((reading) => listOf(reading) ?? []))]);
  await tx.appearance.createMany({
    data: readings.map((reading) => ({
      blobHash: reading.mail.hash,
      archiveId: source.archiveId,
      listId: lists.get(listOf(reading) ?? "") ?? null,
      messageId: reading.kind === "mail" ? (ids.get(hexOf(reading.decoded.contentHash)) ?? null) : null,
      offsetBytes: BigInt(reading.mail.offsetBytes),
      failure: reading.kind === "failed" ? reading.reason : null,
    })),
  });
}

async function listIds(tx: Transaction, names: readonly string[]): Promise<ReadonlyMap<string, number>> {
  if (names.length === 0) return new Map();
  const select = { id: true, name: true } as const;
  const known = await tx.list.findMany({ where: { name: { in: [...names] } }, select });
  const missing = names.filter((name) => !known.some((row) => row.name === name));
  const created =
    missing.length === 0 ? [] : await tx.list.createManyAndReturn({ data: missing.map((name) => ({ name })), select });
  return new Map([...known, ...created].map((row) => [row.name, row.id]));
}

/** A hash as a map's key. */
export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}
