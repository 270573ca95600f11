import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { db } from "../db/client.server.ts";
import { attachByAbout } from "../notebooks/store/attach.server.ts";
import { mailLimits } from "./limits.ts";
import { rebuildThreads } from "./store/rebuild.server.ts";
import { splitMbox } from "./decode/mbox.ts";
import type { MboxEntry } from "./decode/mbox.ts";
import { storeBatch } from "./store/store-mail.server.ts";
import type { ArchiveSource, MailFailure, ReceivedMail } from "./store/store-mail.server.ts";

export interface ImportOptions {
  /** The bytes, or the path of a file. */
  readonly source: AsyncIterable<Uint8Array> | string;
  /** What the archive is called; a second import under the same name continues it. */
  readonly archiveName: string;
  readonly kind: "mbox" | "eml";
  /** List of the mails that carry no List-Id. */
  readonly listName?: string;
  readonly onProgress?: (progress: ImportProgress) => void;
}

export interface ImportProgress {
  /** Mails stored so far. */
  readonly messages: number;
  readonly bytes: number;
}

export interface ImportReport {
  readonly archive: string;
  /** Mails found in the source. */
  readonly mails: number;
  readonly new: number;
  /** Of the new ones: same Message-ID as an earlier mail, other content. */
  readonly variants: number;
  readonly known: number;
  readonly failures: readonly MailFailure[];
  readonly warnings: readonly string[];
  /** Of all threads that hold a mail of this archive, also from earlier imports. */
  readonly threads: number;
  readonly ghosts: number;
  readonly series: number;
  readonly hunks: number;
  readonly bytes: number;
  readonly ms: number;
  readonly mailsPerSecond: number;
}

/** Nothing was imported; the message says what is wrong with the source and what to do. */
export class ImportError extends Error {
  readonly code: "missing" | "unreadable" | "directory" | "empty" | "compressed" | "binary" | "not-an-mbox";

  constructor(code: ImportError["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ImportError";
    this.code = code;
  }
}

/**
 * Imports an archive: bytes first, then messages, threads, series, diffs, remarks. May be stopped at any point and begun
 * again; a second import of the same source writes nothing. Memory holds one batch, whatever the source's size.
 *
 * @throws ImportError when the source is no mail; single bad mails are in the report instead
 */
export async function importMail(options: ImportOptions): Promise<ImportReport> {
  const startedMs = Date.now();
  const checked = await checkSource(options);
  const reader = new BatchReader(options);
  const entries =
    options.kind === "mbox" ? splitMbox(checked, mailLimits.blobBytesMax) : singleMail(checked, options.archiveName);
  const warnings: string[] = [];
  let bytes = 0;
  let lastByte = 0x0a;
  for await (const entry of entries) {
    bytes = entry.offsetBytes + (entry.kind === "oversized" ? entry.sizeBytes : entry.bytes.length);
    if (entry.kind !== "oversized") lastByte = entry.bytes.at(-1) ?? lastByte;
    warnings.push(...(await reader.take(entry)));
  }
  if (reader.mails === 0 && reader.failures.length === 0) throw notAnMbox(options);
  await reader.flush();
  if (options.kind === "mbox" && lastByte !== 0x0a)
    warnings.push(`the file ends inside a line, at byte ${bytes}: the last mail may be cut off`);
  // Also what an older parser read, or an import that was killed left half done.
  await rebuildThreads();
  const counts = await finishArchive(reader.archiveId);
  const ms = Date.now() - startedMs;
  return {
    archive: options.archiveName,
    mails: reader.mails,
    new: reader.newMails,
    variants: reader.variants,
    known: reader.known,
    failures: reader.failures,
    warnings,
    ...counts,
    bytes,
    ms,
    mailsPerSecond: Math.round((reader.mails * 1000) / Math.max(1, ms)),
  };
}

const BATCH_MAILS = 200;
const BATCH_BYTES = 8 * 1024 * 1024;

/** Collects mails into batches and sums up what became of them. */
class BatchReader {
  mails = 0;
  newMails = 0;
  variants = 0;
  known = 0;
  readonly failures: MailFailure[] = [];
  #batch: ReceivedMail[] = [];
  #batchBytes = 0;
  #bytes = 0;
  #source: ArchiveSource | null = null;
  readonly #options: ImportOptions;

  constructor(options: ImportOptions) {
    this.#options = options;
  }

  /** Null until a mail was stored: a source that is refused leaves no archive behind. */
  get archiveId(): number | null {
    return this.#source?.archiveId ?? null;
  }

  /** @returns warnings about the source */
  async take(entry: MboxEntry): Promise<string[]> {
    switch (entry.kind) {
      case "preamble":
        return [`${entry.bytes.length} bytes before the first "From " line are no mail and were left out`];
      case "oversized":
        this.mails++;
        this.failures.push({ offsetBytes: entry.offsetBytes, reason: tooLong(entry.sizeBytes) });
        return [];
      case "mail":
        await this.#takeMail(entry);
        return [];
    }
  }

  async #takeMail({ bytes, offsetBytes }: ReceivedMail): Promise<void> {
    this.mails++;
    if (isBlank(bytes)) {
      this.failures.push({ offsetBytes, reason: "an empty mail: nothing stands between two From lines" });
      return;
    }
    if (this.#batchBytes + bytes.length > BATCH_BYTES) await this.flush();
    this.#batch.push({ bytes, offsetBytes });
    this.#batchBytes += bytes.length;
    if (this.#batch.length >= BATCH_MAILS) await this.flush();
  }

  async flush(): Promise<void> {
    const batch = this.#batch;
    this.#bytes += this.#batchBytes;
    this.#batch = [];
    this.#batchBytes = 0;
    if (batch.length === 0) return;
    this.#source ??= await findArchive(this.#options);
    const outcome = await storeBatch(this.#source, batch);
    this.newMails += outcome.newMessages;
    this.known += outcome.known;
    this.variants += outcome.variants;
    this.failures.push(...outcome.failures);
    this.#options.onProgress?.({ messages: this.newMails + this.known, bytes: this.#bytes });
  }
}

function tooLong(sizeBytes: number): string {
  return `the mail has ${sizeBytes} bytes, more than the ${mailLimits.blobBytesMax} that are stored; it was left out`;
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.length < 4096 && bytes.every((byte) => byte === 0x0a || byte === 0x0d || byte === 0x20);
}

function notAnMbox({ source, archiveName }: ImportOptions): ImportError {
  const name = typeof source === "string" ? source : archiveName;
  const message = `${name} is no mbox: no line of it begins with "From " as a separator does. A single mail is imported as .eml.`;
  return new ImportError("not-an-mbox", message);
}

/** The whole source as one mail. */
async function* singleMail(
  source: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<MboxEntry, void, undefined> {
  const pieces: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const piece of source) {
    sizeBytes += piece.length;
    if (sizeBytes <= mailLimits.blobBytesMax) pieces.push(piece);
    else pieces.length = 0;
  }
  if (sizeBytes === 0) throw new ImportError("empty", `${name} is empty: there is no mail in it.`);
  if (sizeBytes > mailLimits.blobBytesMax) yield { kind: "oversized", offsetBytes: 0, sizeBytes };
  else yield { kind: "mail", offsetBytes: 0, bytes: Buffer.concat(pieces) };
}

async function checkSource({ source, archiveName, kind }: ImportOptions): Promise<AsyncIterable<Uint8Array>> {
  if (typeof source !== "string") return checkBeginning(source, { name: archiveName, kind });
  await checkFile(source);
  return checkBeginning(createReadStream(source, { highWaterMark: 256 * 1024 }), { name: source, kind });
}

async function checkFile(path: string): Promise<void> {
  const found = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") throw new ImportError("missing", `There is no file ${path}.`, { cause });
    throw new ImportError("unreadable", `${path} cannot be read: ${cause.message}.`, { cause });
  });
  if (found.isDirectory())
    throw new ImportError("directory", `${path} is a directory; give an mbox or an .eml file in it.`);
  if (found.size === 0 && found.isFile()) throw new ImportError("empty", `${path} is empty: there is no mail in it.`);
}

/** Looks at the first bytes before anything is written. */
async function* checkBeginning(
  source: AsyncIterable<Uint8Array>,
  { name, kind }: { name: string; kind: "mbox" | "eml" },
): AsyncGenerator<Uint8Array, void, undefined> {
  let isFirst = true;
  try {
    for await (const chunk of source) {
      if (isFirst && chunk.length > 0) {
        refuseForeign(chunk, { name, kind });
        isFirst = false;
      }
      yield chunk;
    }
  } catch (cause) {
    if (cause instanceof Error && "syscall" in cause)
      throw new ImportError("unreadable", `${name} cannot be read: ${cause.message}.`, { cause });
    throw cause;
  }
  if (isFirst) throw new ImportError("empty", `${name} is empty: there is no mail in it.`);
}

function refuseForeign(chunk: Uint8Array, { name, kind }: { name: string; kind: "mbox" | "eml" }): void {
  if (chunk[0] === 0x1f && chunk[1] === 0x8b)
    throw new ImportError("compressed", `${name} is compressed: unpack it first (gunzip -k).`);
  const head = chunk.subarray(0, 1024);
  const controls = head.reduce((count, byte) => count + (isControl(byte) ? 1 : 0), 0);
  // A mail may hold a stray NUL; a program, an image or UTF-16 holds them everywhere.
  if (!startsWith(chunk, "From ") && controls * 20 > head.length)
    throw new ImportError("binary", `${name} is a binary file, not ${kind === "mbox" ? "an mbox" : "a mail"}.`);
}

function isControl(byte: number): boolean {
  return byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d && byte !== 0x0c && byte !== 0x1b;
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  return [...text].every((character, i) => bytes[i] === character.charCodeAt(0));
}

async function findArchive({ archiveName, kind, listName }: ImportOptions): Promise<ArchiveSource> {
  const known = await db().archive.findUnique({ where: { name: archiveName }, select: { id: true, kind: true } });
  // The kind decides how bytes are unescaped: one archive has one.
  const name = known && known.kind !== kind ? `${archiveName} (${kind})` : archiveName;
  const row = await db().archive.upsert({ where: { name }, create: { name, kind }, update: {}, select: { id: true } });
  return { archiveId: row.id, kind, listName: listName ?? null };
}

/**
 * Attaches the notebooks that are about mails of this archive, and finds the sentences that claims quote from them. Asks the database rather than the list of new mails, so that an
 * import that was killed before this point is made good by the next.
 */
async function attachNotebooks(archiveId: number): Promise<void> {
  const rows = await db().$queryRaw<{ id: string }[]>`
    select distinct m.message_id_text as id
    from (select about_hash as hash from notebook union select message_id_hash from claim) named
      join message m on m.message_id_hash = named.hash join appearance a on a.message_id = m.id
    where a.archive_id = ${archiveId}`;
  if (rows.length > 0) await attachByAbout(rows.map((row) => row.id));
}

async function finishArchive(archiveId: number | null): Promise<ArchiveCounts> {
  if (archiveId === null) return { threads: 0, ghosts: 0, series: 0, hunks: 0 };
  await attachNotebooks(archiveId);
  return countArchive(archiveId);
}

type ArchiveCounts = Pick<ImportReport, "threads" | "ghosts" | "series" | "hunks">;

async function countArchive(archiveId: number): Promise<ArchiveCounts> {
  const rows = await db().$queryRaw<ArchiveCounts[]>`
    with mine as (select distinct message_id as id from appearance where archive_id = ${archiveId} and message_id is not null),
      threads as (select distinct thread_id as id from thread_entry where message_id in (select id from mine))
    select (select count(*)::int from threads) as threads,
      (select coalesce(sum(ghost_count), 0)::int from thread where id in (select id from threads)) as ghosts,
      (select count(distinct series_id)::int from version where thread_id in (select id from threads)) as series,
      (select count(*)::int from hunk h join file_diff f on f.id = h.file_diff_id where f.message_id in (select id from mine)) as hunks`;
  return rows[0] ?? { threads: 0, ghosts: 0, series: 0, hunks: 0 };
}
