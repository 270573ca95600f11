/** `hunkbook check` and `hunkbook run`. */
import { reductionNames, type Reduction } from "#simulator";
import { renderNotebookDiagnostic, type NotebookDiagnostic } from "../notebooks/diagnostics.ts";
import { evaluateClaim, evaluateExpectation, type OutcomeOf, type RunOutcome } from "../notebooks/evaluate.ts";
import { allErrors } from "../notebooks/plan/plan-errors.ts";
import { planRuns } from "../notebooks/plan/plan.ts";
import type { PlannedRun } from "../notebooks/types.ts";
import { defaultReductions } from "../runs/run-input.ts";
import { runOutcome } from "../runs/run-outcome.ts";
import { compute, openCommandSandbox, type Computed } from "./compute.server.ts";
import { combineExitCodes, exitCodes, type ExitCode } from "./exit-codes.ts";
import { readNotebookFile, splitTarget, type NotebookFile } from "./notebook-file.server.ts";
import { onlyPositional, readOptions, readParameters } from "./options.server.ts";
import { printable } from "./printable.ts";
import { exitCodeOf, grouped, humanReport, jsonElement } from "./report.ts";
import type { Terminal } from "./terminal.server.ts";
import { UsageError } from "./usage.ts";

const optionNames = {
  p: { type: "string", short: "p", multiple: true },
  variant: { type: "string", multiple: true },
  reductions: { type: "string" },
  races: { type: "string" },
  signals: { type: "boolean" },
  json: { type: "boolean" },
  expect: { type: "boolean" },
} as const;

type Settings = {
  readonly path: string;
  readonly cellId: string | null;
  readonly parameters: Readonly<Record<string, number>>;
  readonly variants: readonly string[];
  readonly reductions: readonly Reduction[];
  /** Language options that the command line puts over the cells'. */
  readonly languageOptions: Readonly<Record<string, string>>;
  readonly isJson: boolean;
  readonly decidesByExpect: boolean;
};

/**
 * Runs the cells of a notebook.
 *
 * @param context.scope `checks`: cells of other commands are passed over in silence; `everything`: they are an error
 */
export async function checkCommand(
  words: readonly string[],
  context: { readonly terminal: Terminal; readonly scope: "checks" | "everything" },
): Promise<ExitCode> {
  const { terminal } = context;
  const settings = readSettings(words);
  if (settings.decidesByExpect && !asksWhatTheNotebookSays(settings)) {
    throw new UsageError("--expect speaks of the notebook's own values: leave out -p, --races and --signals");
  }
  const reading = readNotebookFile(settings.path);
  if (reading.kind === "refused") return reject(terminal, reading.diagnostics, reading.name);
  const { file } = reading;
  for (const warning of file.notebook.diagnostics.filter((diagnostic) => diagnostic.severity === "warning")) {
    terminal.error(printable(`${renderNotebookDiagnostic(warning, file.name)}\n`));
  }
  const plan = planRuns(file.notebook, {
    ...(settings.cellId === null ? {} : { cellId: settings.cellId }),
    parameters: settings.parameters,
    variants: settings.variants,
  });
  if (plan.kind === "rejected") return reject(terminal, allErrors(file.notebook, plan.diagnostics), file.name);
  const members = plan.members.map((member) => withOptions(member, settings.languageOptions));
  const computed = await computeAll(members, { terminal, settings, file });
  const skippedCodes =
    context.scope === "everything" ? plan.skipped.map((skipped) => tellSkipped(terminal, skipped)) : [];
  const judged = asksWhatTheNotebookSays(settings) ? judge({ terminal, settings, file, computed }) : exitCodes.holds;
  if (settings.decidesByExpect) return judged;
  return combineExitCodes([...computed.map(exitCodeOf), ...skippedCodes, judged]);
}

/** Expect lines and claims speak of the notebook's own values; at other ones they are neither met nor failed. */
function asksWhatTheNotebookSays(settings: Settings): boolean {
  return Object.keys(settings.parameters).length === 0 && Object.keys(settings.languageOptions).length === 0;
}

function readSettings(words: readonly string[]): Settings {
  const { values, positionals } = readOptions(words, optionNames);
  const { path, cellId } = splitTarget(onlyPositional(positionals, "FILE"));
  return {
    path,
    cellId,
    parameters: readParameters(values.p ?? []),
    variants: values.variant ?? [],
    reductions: values.reductions === undefined ? defaultReductions : readReductions(values.reductions),
    languageOptions: {
      ...(values.races === undefined ? {} : { races: readRaces(values.races) }),
      ...(values.signals === true ? { signals: "on" } : {}),
    },
    isJson: values.json ?? false,
    decidesByExpect: values.expect ?? false,
  };
}

/** @throws UsageError naming the reductions that there are */
function readReductions(text: string): readonly Reduction[] {
  if (text === "none") return [];
  return text.split(",").map((word) => {
    const name = reductionNames.find((candidate) => candidate === word.trim());
    if (name !== undefined) return name;
    throw new UsageError(`--reductions: there is no "${word}"; write none, or of ${reductionNames.join(", ")}`);
  });
}

/** @throws UsageError */
function readRaces(text: string): string {
  if (["error", "note", "off"].includes(text)) return text;
  throw new UsageError(`--races ${text}: write error, note or off`);
}

function withOptions(member: PlannedRun, options: Readonly<Record<string, string>>): PlannedRun {
  return { ...member, options: { ...member.options, ...options } };
}

function reject(terminal: Terminal, diagnostics: readonly NotebookDiagnostic[], fileName: string): ExitCode {
  for (const diagnostic of diagnostics)
    terminal.error(printable(`${renderNotebookDiagnostic(diagnostic, fileName)}\n`));
  return exitCodes.rejected;
}

function tellSkipped(terminal: Terminal, skipped: { readonly runCellId: string; readonly reason: string }): ExitCode {
  terminal.error(printable(`#${skipped.runCellId}: not run: ${skipped.reason}\n`));
  return exitCodes.rejected;
}

type Job = { readonly terminal: Terminal; readonly settings: Settings; readonly file: NotebookFile };

/** One run after the other; each is reported as soon as it is there. */
async function computeAll(members: readonly PlannedRun[], job: Job): Promise<Computed[]> {
  const { terminal } = job;
  const sandbox = await openCommandSandbox((layers) => {
    terminal.error(`warning: setpriv or prlimit missing; runs are kept in by ${layers.join(", ")} only\n`);
  });
  const computed: Computed[] = [];
  try {
    for (const member of members) {
      const one = await compute(member, {
        sandbox,
        reductions: job.settings.reductions,
        onProgress: ({ states, depth }) => {
          terminal.progress(
            `#${member.runCellId} ${member.variant}: ${grouped(states)} states, depth ${grouped(depth)}`,
          );
        },
      });
      const isRepeated = computed.some(
        ({ end }) => end.kind === "failed" && one.end.kind === "failed" && end.message === one.end.message,
      );
      computed.push(one);
      if (one.end.kind === "failed" && !isRepeated) terminal.error(printable(`${one.end.detail}\n`));
      tellOne(one, job);
    }
  } finally {
    sandbox.close();
  }
  return computed;
}

function tellOne(computed: Computed, { terminal, settings, file }: Job): void {
  if (settings.isJson) {
    terminal.out(`${JSON.stringify(jsonElement(computed))}\n`);
    return;
  }
  terminal.out(printable(humanReport(computed, { notebook: file.notebook, fileName: file.name })));
}

/** Weighs expect lines and claims against what was run; lines about runs that were not asked for stay silent. */
function judge({ terminal, settings, file, computed }: Job & { readonly computed: readonly Computed[] }): ExitCode {
  const say = settings.isJson ? terminal.error : terminal.out;
  const outcomeOf = outcomesOf(computed);
  let failures = 0;
  let unrun = 0;
  for (const expectation of file.notebook.expects) {
    const state = evaluateExpectation(expectation, outcomeOf);
    if (state.kind === "not-run") unrun += 1;
    if (state.kind === "not-run" && !settings.decidesByExpect) continue;
    if (state.kind === "match" && settings.isJson) continue;
    const found = state.kind === "match" ? "" : ` (${state.kind === "drift" ? state.found : state.reason})`;
    say(printable(`${file.name}:${String(expectation.line)}: expect ${expectation.text}: ${state.kind}${found}\n`));
    if (state.kind === "drift") failures += 1;
  }
  if (settings.decidesByExpect) return decideByExpect({ file, failures, unrun, computed });
  for (const claim of file.notebook.claims) {
    const state = evaluateClaim(claim, outcomeOf);
    if (state.kind === "untested") continue;
    if (!settings.isJson || state.kind === "refuted") {
      say(printable(`${file.name}:${String(claim.line)}: claim #${claim.id}: ${state.kind}\n`));
    }
    if (state.kind === "refuted") failures += 1;
  }
  return failures === 0 ? exitCodes.holds : exitCodes.violated;
}

/** @throws UsageError when there is no expect line: a CI that asks for nothing would always be content */
function decideByExpect(found: {
  readonly file: NotebookFile;
  readonly failures: number;
  readonly unrun: number;
  readonly computed: readonly Computed[];
}): ExitCode {
  if (found.file.notebook.expects.length === 0) {
    throw new UsageError(`--expect: ${found.file.name} has no expect line`);
  }
  if (found.failures === 0 && found.unrun === 0) return exitCodes.holds;
  return found.computed.some((one) => one.end.kind !== "finished") ? exitCodes.stopped : exitCodes.violated;
}

function outcomesOf(computed: readonly Computed[]): OutcomeOf {
  const outcomes = new Map(computed.map((one) => [`${one.plan.runCellId} ${one.plan.variant}`, outcomeOf(one)]));
  return (runId, variant) => outcomes.get(`${runId} ${variant}`) ?? { kind: "not-run" };
}

function outcomeOf({ end }: Computed): RunOutcome {
  return end.kind === "finished" ? runOutcome(end.result) : { kind: "unfinished", status: end.kind };
}
