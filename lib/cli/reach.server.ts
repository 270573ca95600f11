/** `hunkbook reach`: can this ever happen? */
import { readReachPlace } from "../notebooks/parse/read-run.ts";
import { allErrors } from "../notebooks/plan/plan-errors.ts";
import { planRuns, type PlanQuestion } from "../notebooks/plan/plan.ts";
import type { Notebook, ReachPlace } from "../notebooks/types.ts";
import { openNotebook, reject, runAndJudge } from "./check.server.ts";
import { exitCodes, type ExitCode } from "./exit-codes.ts";
import { splitTarget } from "./notebook-file.server.ts";
import { readOptions } from "./options.server.ts";
import { readRunSettings, runOptionNames } from "./run-settings.server.ts";
import type { Terminal } from "./terminal.server.ts";
import { UsageError } from "./usage.ts";

const optionNames = { ...runOptionNames, at: { type: "string" } } as const;

/** `hunkbook reach FILE[#cell] [--at TASK:LINE] EXPR`: asked of each variant of the cell. */
export async function reachCommand(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { values, positionals } = readOptions(words, optionNames);
  const settings = readRunSettings(values);
  const [target, expression, ...more] = positionals;
  if (target === undefined || expression === undefined) throw new UsageError("write reach FILE[#cell] EXPR");
  if (more.length > 0) throw new UsageError("EXPR is one word for the shell: put it in quotes");
  const { path, cellId } = splitTarget(target);
  const file = openNotebook(path, terminal);
  if (file === null) return exitCodes.rejected;
  const at = values.at === undefined ? null : placeOf(values.at, file.notebook);
  const question: PlanQuestion = { kind: "reach", expression, at };
  const plan = planRuns(file.notebook, {
    cellId: cellId ?? onlyRun(file.notebook, file.name),
    parameters: settings.parameters,
    variants: settings.variants,
    question,
  });
  if (plan.kind === "rejected") return reject(terminal, allErrors(file.notebook, plan.diagnostics), file.name);
  return runAndJudge(plan.members, { terminal, settings, file, question });
}

/** A line that the command line names is the file's own, as the command prints lines; behind a cell's id it is the cell's. */
function placeOf(text: string, notebook: Notebook): ReachPlace {
  const place = readReachPlace(text);
  if (place === null) throw new UsageError(`--at ${text}: write --at TASK:LINE, or TASK:CELL:LINE`);
  if (place.cellId !== null) return place;
  const cell = notebook.cells.find(
    ({ line, text: cellText }) => place.line >= line && place.line < line + cellText.split("\n").length,
  );
  if (cell === undefined) throw new UsageError(`--at ${text}: line ${String(place.line)} is in no scn block`);
  return { task: place.task, cellId: cell.id, line: place.line - cell.line + 1 };
}

function onlyRun(notebook: Notebook, fileName: string): string {
  const [run, ...more] = notebook.runs;
  if (run !== undefined && more.length === 0) return run.id;
  const names = notebook.runs.map(({ id }) => `${fileName}#${id}`).join(", ");
  throw new UsageError(run === undefined ? `${fileName} has no run` : `name the run whose scenario is meant: ${names}`);
}
