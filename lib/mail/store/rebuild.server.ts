/**
 * Parsed rows are a cache of what the blobs say. When the parser's version rises they are made again, thread by thread; what
 * people made names mails and hunks by content and is not touched.
 */
import type { Transaction } from "../../db/client.server.ts";
import { decodeMail, PARSER_VERSION } from "../decode/decode.ts";
import { inImportTransaction, messageColumns } from "./store-mail.server.ts";
import { threadPendingMails } from "./store-threads.server.ts";

const BATCH_MAILS = 100;

export interface RebuildReport {
  /** Mails decoded again. */
  readonly decoded: number;
  /** Mails threaded and parsed again, with the rest of their threads. */
  readonly threaded: number;
}

/**
 * Decodes every mail that an older parser read, and threads and parses it again. May be stopped and begun again.
 *
 * @param options.messageIds also these mails' threads, whatever their version: after a correction by hand
 */
export async function rebuildThreads(
  options: { readonly messageIds?: readonly string[] } = {},
): Promise<RebuildReport> {
  let decoded = 0;
  for (;;) {
    const done = await inImportTransaction(decodeSomeAgain);
    decoded += done;
    if (done < BATCH_MAILS) break;
  }
  if (options.messageIds && options.messageIds.length > 0) {
    const ids = [...options.messageIds];
    await inImportTransaction((tx) => unthread(tx, { messageIdText: { in: ids } }));
  }
  return { decoded, threaded: await threadPendingMails() };
}

async function decodeSomeAgain(tx: Transaction): Promise<number> {
  const rows = await tx.message.findMany({
    where: { parserVersion: { lt: PARSER_VERSION } },
    orderBy: { id: "asc" },
    take: BATCH_MAILS,
    select: {
      id: true,
      listName: true,
      blob: { select: { bytes: true, createdAt: true } },
      appearances: { take: 1, orderBy: { id: "asc" }, select: { archive: { select: { kind: true } } } },
    },
  });
  for (const row of rows) {
    // A withheld mail has no bytes: what was parsed before it was withheld stays, only its version moves on.
    if (row.blob.bytes === null) {
      await tx.message.update({ where: { id: row.id }, data: { parserVersion: PARSER_VERSION }, select: { id: true } });
      continue;
    }
    const kind = row.appearances[0]?.archive.kind === "eml" ? "eml" : "mbox";
    const decoded = decodeMail(row.blob.bytes, { kind, receivedAtMs: row.blob.createdAt.getTime() });
    const { contentHash, ...columns } = messageColumns(decoded, row.listName);
    // A new rule may find two contents equal that were stored apart: both stay, the later under its old hash.
    const holder = await tx.message.findUnique({ where: { contentHash }, select: { id: true } });
    const isFree = holder === null || holder.id === row.id;
    await tx.message.update({
      where: { id: row.id },
      data: isFree ? { ...columns, contentHash } : columns,
      select: { id: true },
    });
  }
  await unthread(tx, { id: { in: rows.map((row) => row.id) } });
  return rows.length;
}

/**
 * Takes whole threads apart, so that their mails are threaded as if they had just arrived: a correction may also split a
 * thread. Nothing that people made names a thread's row.
 */
async function unthread(
  tx: Transaction,
  where: { readonly id?: { readonly in: number[] }; readonly messageIdText?: { readonly in: string[] } },
): Promise<void> {
  const entries = await tx.threadEntry.findMany({
    where: { message: where },
    distinct: ["threadId"],
    select: { threadId: true },
  });
  const threadIds = entries.map((entry) => entry.threadId);
  if (threadIds.length === 0) return;
  await tx.version.deleteMany({ where: { threadId: { in: threadIds } } });
  await tx.threadEntry.deleteMany({ where: { threadId: { in: threadIds } } });
  await tx.thread.deleteMany({ where: { id: { in: threadIds } } });
}
