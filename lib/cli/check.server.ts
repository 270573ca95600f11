/** `hunkbook check`, `run` and `ablate`. */
import { renderNotebookDiagnostic, type NotebookDiagnostic } from "../notebooks/diagnostics.ts";
import { allErrors } from "../notebooks/plan/plan-errors.ts";
import { planRuns } from "../notebooks/plan/plan.ts";
import type { PlannedRun } from "../notebooks/types.ts";
import { combineExitCodes, exitCodes, type ExitCode } from "./exit-codes.ts";
import { judge } from "./judge.ts";
import { readNotebookFile, splitTarget, type NotebookFile } from "./notebook-file.server.ts";
import { onlyPositional, readOptions } from "./options.server.ts";
import { printable } from "./printable.ts";
import { exitCodeOf } from "./report.ts";
import { runMembers, type RunJob } from "./run-members.server.ts";
import { asksWhatTheNotebookSays, readRunSettings, runOptionNames } from "./run-settings.server.ts";
import { runTable } from "./run-table.ts";
import type { Terminal } from "./terminal.server.ts";
import { UsageError } from "./usage.ts";

/** Which cells of a notebook are meant when none is named. */
type Scope = "checks" | "everything";

/**
 * Runs the cells of a notebook.
 *
 * @param context.scope `checks`: cells of other commands are passed over in silence; `everything`: those that this
 *   version cannot run are an error
 */
export async function checkCommand(
  words: readonly string[],
  context: { readonly terminal: Terminal; readonly scope: Scope },
): Promise<ExitCode> {
  const { terminal, scope } = context;
  const { values, positionals } = readOptions(words, runOptionNames);
  const settings = readRunSettings(values);
  const { path, cellId } = splitTarget(onlyPositional(positionals, "FILE"));
  const file = openNotebook(path, terminal);
  if (file === null) return exitCodes.rejected;
  const plan = planRuns(file.notebook, {
    ...(cellId === null ? {} : { cellId }),
    parameters: settings.parameters,
    variants: settings.variants,
  });
  if (plan.kind === "rejected") return reject(terminal, allErrors(file.notebook, plan.diagnostics), file.name);
  const isMeant = (member: PlannedRun): boolean =>
    cellId !== null || scope === "everything" || (member.kind === "check" && member.ablated === null);
  const job = { terminal, settings, file };
  const ended = await runAndJudge(plan.members.filter(isMeant), job);
  const skipped = scope === "everything" ? plan.skipped.map((cell) => tellSkipped(terminal, cell)) : [];
  return settings.decidesByExpect ? ended : combineExitCodes([ended, ...skipped]);
}

/** `hunkbook ablate FILE[#cell] [SWITCH...]`: which switches cause what is violated, and which cure it. */
export async function ablateCommand(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { values, positionals } = readOptions(words, runOptionNames);
  const settings = readRunSettings(values);
  const [target, ...switches] = positionals;
  if (target === undefined) throw new UsageError("FILE is missing");
  const { path, cellId } = splitTarget(target);
  const file = openNotebook(path, terminal);
  if (file === null) return exitCodes.rejected;
  const question = { kind: "ablate" as const, switches };
  const plans = ablatedCells(file, cellId).map((id) =>
    planRuns(file.notebook, {
      cellId: id,
      parameters: settings.parameters,
      variants: settings.variants,
      ...(switches.length > 0 || cellId !== null ? { question } : {}),
    }),
  );
  const problems = plans.flatMap((plan) => (plan.kind === "rejected" ? plan.diagnostics : []));
  if (problems.length > 0) return reject(terminal, allErrors(file.notebook, problems), file.name);
  const members = plans.flatMap((plan) => (plan.kind === "planned" ? plan.members : []));
  return runAndJudge(members, { terminal, settings, file, question });
}

/** The cell that was named, else every ablate cell. */
function ablatedCells(file: NotebookFile, cellId: string | null): readonly string[] {
  if (cellId !== null) return [cellId];
  const ids = file.notebook.runs.filter((run) => run.command.kind === "ablate").map((run) => run.id);
  if (ids.length > 0) return ids;
  const runs = file.notebook.runs.map((run) => `${file.name}#${run.id}`).join(", ");
  throw new UsageError(`${file.name} has no ablate cell; name the run whose scenario is meant: ${runs}`);
}

/** Runs, tells, and weighs what the notebook expects. */
export async function runAndJudge(members: readonly PlannedRun[], job: RunJob): Promise<ExitCode> {
  const { terminal, settings, file } = job;
  const computed = await runMembers(members, job);
  if (!settings.isJson) {
    const table = runTable(computed);
    if (table.length > 0) terminal.out(printable(`\n${table.join("\n")}\n\n`));
  }
  const judged =
    asksWhatTheNotebookSays(settings) && job.isJudged !== false
      ? judge(computed, {
          notebook: file.notebook,
          fileName: file.name,
          isBrief: settings.isJson,
          decidesByExpect: settings.decidesByExpect,
          say: (line) => {
            (settings.isJson ? terminal.error : terminal.out)(printable(`${line}\n`));
          },
        })
      : exitCodes.holds;
  if (settings.decidesByExpect) return judged;
  return combineExitCodes([...computed.map(exitCodeOf), judged]);
}

/** The notebook with its warnings told; null when the file is none, which is told too. */
export function openNotebook(path: string, terminal: Terminal): NotebookFile | null {
  const reading = readNotebookFile(path);
  if (reading.kind === "refused") {
    reject(terminal, reading.diagnostics, reading.name);
    return null;
  }
  const { file } = reading;
  for (const warning of file.notebook.diagnostics.filter((diagnostic) => diagnostic.severity === "warning")) {
    terminal.error(printable(`${renderNotebookDiagnostic(warning, file.name)}\n`));
  }
  return file;
}

/** Tells what is wrong with a notebook. */
export function reject(
  terminal: Terminal,
  diagnostics: readonly NotebookDiagnostic[],
  fileName: string,
): typeof exitCodes.rejected {
  for (const diagnostic of diagnostics)
    terminal.error(printable(`${renderNotebookDiagnostic(diagnostic, fileName)}\n`));
  return exitCodes.rejected;
}

function tellSkipped(terminal: Terminal, skipped: { readonly runCellId: string; readonly reason: string }): ExitCode {
  terminal.error(printable(`#${skipped.runCellId}: not run: ${skipped.reason}\n`));
  return exitCodes.rejected;
}
