import { openSync, readSync, closeSync, statSync } from "node:fs";
import { basename, resolve } from "node:path";
import { importMail } from "../mail/import.server.ts";
import { withDatabase } from "./database.server.ts";
import { exitCodes, type ExitCode } from "./exit-codes.ts";
import { onlyPositional, readOptions } from "./options.server.ts";
import { printable } from "./printable.ts";
import { grouped } from "./report.ts";
import type { Terminal } from "./terminal.server.ts";
import { UsageError } from "./usage.ts";

/** `hunkbook import`: a mailbox into the database. */
export async function importCommand(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { values, positionals } = readOptions(words, { list: { type: "string" } });
  const path = onlyPositional(positionals, "FILE");
  const kind = mailboxKind(path);
  return withDatabase(async () => {
    const report = await importMail({
      source: resolve(path),
      archiveName: basename(path),
      kind,
      ...(values.list === undefined ? {} : { listName: values.list }),
      onProgress: (progress) => {
        terminal.progress(`${grouped(progress.messages)} mails`);
      },
    });
    terminal.progress("");
    terminal.out(printable(JSON.stringify(report)));
    return exitCodes.holds;
  });
}

const mboxStart = "From ";

/**
 * An mbox begins with `From `; anything else is taken for one mail.
 *
 * @throws UsageError when there is nothing to read
 */
function mailboxKind(path: string): "mbox" | "eml" {
  try {
    const { size } = statSync(path);
    if (size === 0) throw new UsageError(`${path} is empty: there is no mail in it`);
    const start = Buffer.alloc(mboxStart.length);
    const file = openSync(path, "r");
    readSync(file, start);
    closeSync(file);
    return start.toString("latin1") === mboxStart ? "mbox" : "eml";
  } catch (error) {
    if (error instanceof UsageError || !(error instanceof Error && "code" in error)) throw error;
    const message = error.code === "ENOENT" ? `there is no file ${path}` : `cannot read ${path}: ${error.message}`;
    throw new UsageError(message, { cause: error });
  }
}
