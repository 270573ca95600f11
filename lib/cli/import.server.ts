import { openSync, readSync, closeSync, statSync } from "node:fs";
import { basename, resolve } from "node:path";
import { ImportError, importMail, type ImportReport } from "../mail/import.server.ts";
import { withDatabase } from "./database.server.ts";
import { exitCodes, type ExitCode } from "./exit-codes.ts";
import { onlyPositional, readOptions } from "./options.server.ts";
import { printable } from "./printable.ts";
import { groupThousands } from "../review/verdict-words.ts";
import type { Terminal } from "./terminal.server.ts";
import { UsageError } from "./usage.ts";

/** `hunkbook import`: a mailbox into the database. */
export async function importCommand(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { values, positionals } = readOptions(words, { list: { type: "string" } });
  const path = onlyPositional(positionals, "FILE");
  const kind = mailboxKind(path);
  return withDatabase(async () => {
    const report = await importFile({ path, kind, listName: values.list ?? null, terminal });
    terminal.progress("");
    terminal.out(printable(describeImport(report)));
    for (const warning of report.warnings) terminal.error(printable(`warning: ${warning}\n`));
    for (const failure of report.failures)
      terminal.error(printable(`mail at byte ${groupThousands(failure.offsetBytes)}: ${failure.reason}\n`));
    return report.failures.length > 0 && report.failures.length === report.mails ? exitCodes.rejected : exitCodes.holds;
  });
}

/** @throws UsageError when the file is no mail */
async function importFile(options: {
  readonly path: string;
  readonly kind: "mbox" | "eml";
  readonly listName: string | null;
  readonly terminal: Terminal;
}): Promise<ImportReport> {
  try {
    return await importMail({
      source: resolve(options.path),
      archiveName: basename(options.path),
      kind: options.kind,
      ...(options.listName === null ? {} : { listName: options.listName }),
      onProgress: (progress) => {
        options.terminal.progress(
          `${groupThousands(progress.messages)} mails, ${groupThousands(progress.bytes)} bytes`,
        );
      },
    });
  } catch (error) {
    if (error instanceof ImportError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

function describeImport(report: ImportReport): string {
  const found = `${counted(report.mails, "mail")}: ${groupThousands(report.new)} new, ${groupThousands(report.known)} known`;
  const variants = report.variants === 0 ? "" : ` (${groupThousands(report.variants)} with a Message-ID seen before)`;
  const shape = [
    counted(report.threads, "thread"),
    `${counted(report.ghosts, "mail")} named but not imported`,
    `${groupThousands(report.series)} series`,
    counted(report.hunks, "hunk"),
  ].join(", ");
  const failed = report.failures.length;
  const unread = failed === 0 ? "" : `${counted(failed, "mail")} could not be read; the bytes are kept\n`;
  return `${report.archive}: ${found}${variants}; ${(report.ms / 1_000).toFixed(1)} s\n${shape}\n${unread}`;
}

function counted(count: number, what: string): string {
  return `${groupThousands(count)} ${what}${count === 1 ? "" : "s"}`;
}

const mboxStart = "From ";

/**
 * An mbox begins with `From `; anything else is taken for one mail.
 *
 * @throws UsageError when there is nothing to read
 */
function mailboxKind(path: string): "mbox" | "eml" {
  try {
    const found = statSync(path);
    if (found.isDirectory()) throw new UsageError(`${path} is a directory: give an mbox or an .eml file in it`);
    if (found.size === 0) throw new UsageError(`${path} is empty: there is no mail in it`);
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
