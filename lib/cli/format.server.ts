import { writeFileSync } from "node:fs";
import { renderNotebookDiagnostic } from "../notebooks/diagnostics.ts";
import { formatNotebook } from "../notebooks/format.ts";
import { exitCodes, type ExitCode } from "./exit-codes.ts";
import { readNotebookFile } from "./notebook-file.server.ts";
import { onlyPositional, readOptions } from "./options.server.ts";
import { printable } from "./printable.ts";
import type { Terminal } from "./terminal.server.ts";

/** `hunkbook fmt`: says every change; writes the file only when there is one. */
export function formatCommand(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { values, positionals } = readOptions(words, { check: { type: "boolean" } });
  const path = onlyPositional(positionals, "FILE");
  const reading = readNotebookFile(path);
  if (reading.kind === "refused") {
    for (const diagnostic of reading.diagnostics) {
      terminal.error(printable(`${renderNotebookDiagnostic(diagnostic, reading.name)}\n`));
    }
    return Promise.resolve(exitCodes.rejected);
  }
  const { file } = reading;
  const formatted = formatNotebook(file.text);
  for (const change of formatted.changes) {
    terminal.error(printable(`${file.name}:${String(change.line)}: ${change.message}\n`));
  }
  const isChanged = formatted.text !== file.text;
  if (values.check === true) return Promise.resolve(isChanged ? exitCodes.violated : exitCodes.holds);
  if (path === "-") terminal.out(formatted.text);
  else if (isChanged) writeFileSync(path, formatted.text);
  return Promise.resolve(exitCodes.holds);
}
