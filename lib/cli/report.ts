/** What the command says of a run: a line for people, an object for programs. */
import {
  renderCounterexample,
  renderDiagnostic,
  renderSimulation,
  renderTrace,
  renderVerdict,
  simulationHeadline,
} from "#simulator";
import type { Notebook, ReachQuestion } from "../notebooks/types.ts";
import { annotatedSource, coverageCounts, coverageScope } from "../runs/coverage-words.ts";
import { answerSentence, questionWords } from "../runs/reach-words.ts";
import { classOf, resultFacts } from "../runs/run-outcome.ts";
import type {
  ExploredResult,
  ResultCoverage,
  ResultDiagnostic,
  RunResult,
  SimulatedResult,
} from "../runs/run-result.ts";
import { verdictWords } from "../review/verdict-words.ts";
import { exitCodes, type ExitCode } from "./exit-codes.ts";
import { inNotebookLines, textInNotebookLines } from "./notebook-lines.ts";

/** One run, as far as reports need it. */
export type Reported = {
  readonly plan: {
    readonly runCellId: string;
    readonly variant: string;
    readonly parameters: Readonly<Record<string, number>>;
    readonly switches: Readonly<Record<string, number>>;
    readonly cells: readonly { readonly id: string; readonly text: string }[];
    readonly reach: ReachQuestion | null;
  };
  readonly runKey: string;
  readonly elapsedMs: number;
  readonly end:
    | { readonly kind: "finished"; readonly result: RunResult; readonly resultHash: string }
    | { readonly kind: "stopped"; readonly reason: "time" | "memory" | "output" }
    | { readonly kind: "failed"; readonly message: string };
};

/** The exit code of one run by itself. An engine fault has no verdict, like a stop. */
export function exitCodeOf(reported: Reported): ExitCode {
  if (reported.end.kind !== "finished") return exitCodes.stopped;
  const { result } = reported.end;
  // Figures are neither good nor bad by themselves: what the notebook expects of them decides.
  if (result.verdict === "measured") return exitCodes.holds;
  if (result.verdict === "rejected" || "engine" in result || result.reach === undefined)
    return exitCodes[result.verdict];
  // A question is answered by yes and by no; only "not within these bounds" is none.
  return result.reach.kind === "not-within-bounds" ? exitCodes.inconclusive : exitCodes.holds;
}

/** One element of `--json`. Places stay the simulator's own (`#cell`, line in the cell): they are what the hash covers. */
export function jsonElement(reported: Reported): Record<string, unknown> {
  const { plan, runKey, end } = reported;
  const head = {
    cell: plan.runCellId,
    variant: plan.variant,
    params: plan.parameters,
    ...(Object.keys(plan.switches).length === 0 ? {} : { switches: plan.switches }),
  };
  const ms = Math.round(reported.elapsedMs);
  switch (end.kind) {
    case "finished":
      return { ...head, ...end.result, runKey, resultHash: end.resultHash, ms };
    case "stopped":
      return { ...head, status: "stopped", reason: end.reason, runKey, ms };
    case "failed":
      return { ...head, status: "failed", reason: end.message, runKey, ms };
  }
}

export type ReportOptions = {
  readonly notebook: Notebook;
  readonly fileName: string;
  /** What simulations assume was told before; it is the same for all runs of one scenario. */
  readonly hasAssumptions?: boolean;
};

/** The text of one run for a person: the verdict's sentence, its scope, and what shows it. Ends with a line end. */
export function humanReport(reported: Reported, options: ReportOptions): string {
  const { plan, end } = reported;
  const head = `#${plan.runCellId} ${plan.variant}`;
  switch (end.kind) {
    case "finished":
      return textInNotebookLines(finishedReport(head, reported, end.result, options), options);
    case "stopped":
      return `${head}: stopped (${end.reason}), no verdict: ${stopAdvice(end.reason)}\n`;
    case "failed":
      return `${head}: the engine failed, no verdict: ${end.message}\n`;
  }
}

function finishedReport(head: string, reported: Reported, result: RunResult, options: ReportOptions): string {
  const lines: string[] = [];
  if (result.verdict === "rejected") {
    lines.push(`${head}: rejected`, ...renderDiagnostics(result.diagnostics, options));
    return `${lines.join("\n")}\n`;
  }
  if ("engine" in result) return simulatedReport(head, reported, result, options);
  const placed = inNotebookLines(result, options);
  const { reach } = placed;
  const question = reported.plan.reach;
  if (reach !== undefined && question !== null) {
    lines.push(`${head}: ${questionWords(question)}: ${answerSentence({ ...placed, reach })}`);
    lines.push(`  ${scopeLine({ ...result, verdict: "inconclusive" })}; run ${reported.runKey}`);
    lines.push(`  the scenario itself: ${renderVerdict(placed)}`);
  } else lines.push(`${head}: ${renderVerdict(placed)}`, `  ${scopeLine(result)}; run ${reported.runKey}`);
  for (const warning of placed.warnings) lines.push(`  warning: ${warning.message}`);
  for (const note of [...placed.notes, ...placed.sometimes]) {
    const reached = note.reached
      ? `reached after ${String(note.steps ?? 0)} steps${note.shortest === false ? " (not proven shortest)" : ""}`
      : "not reached";
    lines.push(`  note "${note.text}": ${reached}`);
  }
  lines.push(...renderDiagnostics(result.diagnostics, options));
  if (result.coverage !== undefined) lines.push("", ...coverageLines(result.coverage, reported.plan.cells, options));
  if (reach?.kind === "reached") lines.push("", renderTrace(reach.trace, { columns: 72 }).trimEnd(), "");
  else if (placed.trace !== undefined)
    lines.push("", renderCounterexample(placed.trace, { columns: 72 }).trimEnd(), "");
  return `${lines.join("\n")}\n`;
}

/** The sentence, then everything that was measured. */
function simulatedReport(
  head: string,
  { runKey }: Reported,
  simulated: SimulatedResult,
  options: ReportOptions,
): string {
  const result = { ...simulated, locks: simulated.locks.map((lock) => withSites(lock, options)) };
  const sentence = result.verdict === "measured" ? simulationHeadline(result) : result.message;
  const lines = [`${head}: ${result.verdict}: ${sentence}`, `  run ${runKey}`, ""];
  const text = renderSimulation(result, { assumptions: options.hasAssumptions !== true });
  for (const line of text.trimEnd().split("\n")) lines.push(line === "" ? "" : `  ${line}`);
  return `${lines.join("\n")}\n\n`;
}

/** Places are put into the notebook's lines before lines are folded, as that makes them longer. */
function withSites(
  lock: SimulatedResult["locks"][number],
  options: { readonly notebook: Notebook; readonly fileName: string },
): SimulatedResult["locks"][number] {
  const waitedFor = lock.waitedFor.map((part) => ({ ...part, site: textInNotebookLines(part.site, options) }));
  return { ...lock, waitedFor };
}

function coverageLines(
  coverage: ResultCoverage,
  cells: Reported["plan"]["cells"],
  { notebook }: { readonly notebook: Notebook },
): readonly string[] {
  const firstLines = new Map(notebook.cells.map((cell) => [cell.id, cell.line]));
  return [
    `  coverage: ${coverageCounts(coverage)}`,
    `  (+ reached, ##### ${coverageScope(coverage)})`,
    ...annotatedSource(coverage, cells, { lineOf: (cellId, line) => (firstLines.get(cellId) ?? 1) + line - 1 }),
  ];
}

/** What the verdict's sentence leaves out. */
function scopeLine(result: ExploredResult): string {
  const reductions = result.reductions.length === 0 ? "no reductions" : `reductions: ${result.reductions.join(", ")}`;
  // The sentence of `holds` ends with its assumptions; whoever reads another verdict should know them too.
  return [reductions, ...(result.verdict === "holds" ? [] : result.assumptions)].join("; ");
}

/** Compiler diagnostics in gcc's form, in the notebook's lines. */
export function renderDiagnostics(
  diagnostics: readonly ResultDiagnostic[],
  options: { readonly notebook: Notebook; readonly fileName: string },
): string[] {
  return inNotebookLines(diagnostics, options).map((diagnostic) => renderDiagnostic(diagnostic));
}

function stopAdvice(reason: "time" | "memory" | "output"): string {
  switch (reason) {
    case "time":
      return "raise `limit time=`, or make the scenario smaller";
    case "memory":
      return "the machine has no more memory to give; lower `limit memory=` or make the scenario smaller";
    case "output":
      return "the result is larger than 8 MB; make the scenario smaller";
  }
}

/** A verdict in a few words, as tables have it: `violated: use-after-free, 14 steps`. */
export function verdictOf({ end }: Reported): string {
  const result = end.kind === "finished" ? end.result : null;
  const violationClass = result?.verdict === "violated" ? classOf(result) : null;
  return verdictWords({
    status: end.kind,
    verdict: end.kind === "finished" ? end.result.verdict : null,
    violationClass,
    stopReason: end.kind === "stopped" ? end.reason : null,
    ...resultFacts(result),
  });
}
