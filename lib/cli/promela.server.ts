/** `hunkbook promela`: a scenario as a Promela model, for SPIN. */
import { compile, defaultPromelaOptions, exportPromela, renderDiagnostic } from "#simulator";
import { renderNotebookDiagnostic } from "../notebooks/diagnostics.ts";
import { allErrors } from "../notebooks/plan/plan-errors.ts";
import { planRuns } from "../notebooks/plan/plan.ts";
import { sourceFiles } from "../notebooks/plan/source-files.ts";
import type { PlannedRun } from "../notebooks/types.ts";
import { languageOptions } from "../runs/language-options.ts";
import { inputOf } from "./compute.server.ts";
import { exitCodes, type ExitCode } from "./exit-codes.ts";
import { readNotebookFile, splitTarget, type NotebookFile } from "./notebook-file.server.ts";
import { inNotebookLines, textInNotebookLines } from "./notebook-lines.ts";
import { onlyPositional, readOptions, readParameters } from "./options.server.ts";
import { printable } from "./printable.ts";
import type { Terminal } from "./terminal.server.ts";
import { UsageError } from "./usage.ts";

const optionNames = {
  variant: { type: "string" },
  p: { type: "string", short: "p", multiple: true },
  "heap-slots": { type: "string" },
} as const;

const heapSlotsMax = 64;

/** `hunkbook promela FILE[#cell]`: the model on standard output, or what keeps it from being one. */
export async function promelaCommand(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { values, positionals } = readOptions(words, optionNames);
  const { path, cellId } = splitTarget(onlyPositional(positionals, "FILE[#cell]"));
  const heapSlots = readHeapSlots(values["heap-slots"]);
  const reading = readNotebookFile(path);
  if (reading.kind === "refused") {
    for (const diagnostic of reading.diagnostics)
      terminal.error(printable(`${renderNotebookDiagnostic(diagnostic, reading.name)}\n`));
    return exitCodes.rejected;
  }
  const { file } = reading;
  const planned = planRuns(file.notebook, {
    ...(cellId === null ? {} : { cellId }),
    parameters: readParameters(values.p ?? []),
    variants: values.variant === undefined ? [] : [values.variant],
  });
  if (planned.kind === "rejected") {
    for (const diagnostic of allErrors(file.notebook, planned.diagnostics))
      terminal.error(printable(`${renderNotebookDiagnostic(diagnostic, file.name)}\n`));
    return exitCodes.rejected;
  }
  return exportOne(onlyMember(planned.members), { terminal, file, heapSlots });
}

function readHeapSlots(text: string | undefined): number {
  if (text === undefined) return defaultPromelaOptions.heapSlots;
  const slots = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (slots >= 1 && slots <= heapSlotsMax) return slots;
  throw new UsageError(`--heap-slots is a number from 1 to ${String(heapSlotsMax)}, not "${text}"`);
}

function onlyMember(members: readonly PlannedRun[]): PlannedRun {
  const [member, ...more] = members;
  if (member !== undefined && more.length === 0) return member;
  if (member === undefined) throw new UsageError("the notebook has no run cell with a scenario");
  const names = members.map((candidate) => `#${candidate.runCellId} --variant ${candidate.variant}`);
  throw new UsageError(`say which one: ${names.join(", or ")}`);
}

function exportOne(
  member: PlannedRun,
  job: { readonly terminal: Terminal; readonly file: NotebookFile; readonly heapSlots: number },
): ExitCode {
  const { terminal, file } = job;
  const place = { notebook: file.notebook, fileName: file.name };
  const input = inputOf(member, { reductions: [], coverage: false });
  const outcome = compile({
    files: sourceFiles(input.cells),
    constants: new Map(Object.entries(input.constants)),
    options: languageOptions(input.options),
  });
  if (outcome.kind === "rejected") {
    for (const diagnostic of inNotebookLines(outcome.diagnostics, place))
      terminal.error(printable(`${renderDiagnostic(diagnostic)}\n`));
    return exitCodes.rejected;
  }
  const exported = exportPromela(outcome.scenario, { heapSlots: job.heapSlots });
  if (exported.kind === "exported") {
    terminal.out(printable(exported.text));
    return exitCodes.holds;
  }
  for (const reason of exported.reasons) {
    const text = `${reason.place.file}:${String(reason.place.line)}:${String(reason.place.column)}: not in Promela: ${reason.message}\n`;
    terminal.error(printable(textInNotebookLines(text, place)));
  }
  return exitCodes.rejected;
}
