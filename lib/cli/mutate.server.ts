/** `hunkbook mutate`: does the scenario notice when the code is broken? */
import { allErrors } from "../notebooks/plan/plan-errors.ts";
import { planRuns } from "../notebooks/plan/plan.ts";
import type { PlannedRun } from "../notebooks/types.ts";
import type { MutantSurvey } from "../runs/child-messages.ts";
import { openNotebook, reject } from "./check.server.ts";
import type { Computed } from "./compute.server.ts";
import { combineExitCodes, exitCodes, type ExitCode } from "./exit-codes.ts";
import { mutantElement, mutateElement, mutateLines, countFates, verdictNameOf } from "./mutate-report.ts";
import type { MutateSummary, TriedMutant } from "./mutate-report.ts";
import { splitTarget, type NotebookFile } from "./notebook-file.server.ts";
import { onlyPositional, readOptions } from "./options.server.ts";
import { printable } from "./printable.ts";
import { exitCodeOf, humanReport, verdictOf } from "./report.ts";
import type { RunPool } from "./run-pool.server.ts";
import { openPool } from "./run-members.server.ts";
import { readRunSettings, runOptionNames, withLanguageOptions, type RunSettings } from "./run-settings.server.ts";
import type { Terminal } from "./terminal.server.ts";
import { UsageError } from "./usage.ts";

const optionNames = { ...runOptionNames, mutant: { type: "string" } } as const;

type Job = {
  readonly terminal: Terminal;
  readonly settings: RunSettings;
  readonly file: NotebookFile;
  readonly pool: RunPool;
  /** Only this mutant, with its traces. */
  readonly mutantId: string | null;
};

/** `hunkbook mutate FILE[#cell]`: every check cell, or one. */
export async function mutateCommand(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { values, positionals } = readOptions(words, optionNames);
  const settings = readRunSettings(values);
  if (settings.decidesByExpect) throw new UsageError("mutate breaks the scenario: its expect lines say nothing then");
  const { path, cellId } = splitTarget(onlyPositional(positionals, "FILE"));
  const file = openNotebook(path, terminal);
  if (file === null) return exitCodes.rejected;
  const plan = planRuns(file.notebook, {
    ...(cellId === null ? {} : { cellId }),
    parameters: settings.parameters,
    variants: settings.variants,
  });
  if (plan.kind === "rejected") return reject(terminal, allErrors(file.notebook, plan.diagnostics), file.name);
  const checks = plan.members
    .filter((member) => member.kind === "check" && member.ablated === null)
    .map((member) => withLanguageOptions(member, settings));
  if (checks.length === 0) throw new UsageError("mutate tries check cells: there is none here");
  const pool = await openPool(checks, { terminal, settings, file }, { isMany: true });
  try {
    const job = { terminal, settings, file, pool, mutantId: values.mutant ?? null };
    const codes: ExitCode[] = [];
    for (const id of new Set(checks.map((member) => member.runCellId))) {
      codes.push(
        await mutateCell(
          checks.filter((member) => member.runCellId === id),
          job,
        ),
      );
    }
    return combineExitCodes(codes);
  } finally {
    pool.close();
  }
}

async function mutateCell(members: readonly PlannedRun[], job: Job): Promise<ExitCode> {
  const { terminal, settings, file } = job;
  // Coverage tells a survivor that nothing could notice from one that nothing watches.
  const whole = await Promise.all(members.map((member) => job.pool.submit(member, { coverage: true })));
  const holding = members.filter((_member, index) => isHolding(whole[index]));
  const leftOut = whole.filter((one) => !isHolding(one));
  const [first] = holding;
  const cellId = members[0]?.runCellId ?? "";
  if (first === undefined) {
    for (const one of leftOut) terminal.out(`#${cellId} ${one.plan.variant}: ${verdictOf(one)}\n`);
    terminal.error(printable(`#${cellId}: no variant holds as it stands, so breaking it would show nothing\n`));
    return combineExitCodes(leftOut.map(exitCodeOf));
  }
  const survey = await surveyAll(holding, job);
  if (survey.kind === "none") {
    terminal.error(printable(`#${cellId}: ${survey.reason}\n`));
    return exitCodes.stopped;
  }
  const tried = await tryMutants(inOrder(survey.mutants, file), holding, job);
  const summary = {
    whole: whole.filter(isHolding),
    cellId,
    variants: holding.map((member) => member.variant),
    leftOut,
    tried,
    skipped: survey.skipped,
  };
  if (settings.isJson) tellJson(summary, terminal);
  else tellText(summary, job);
  return exitCodeOfMutants(tried);
}

function isHolding(one: Computed | undefined): boolean {
  return one !== undefined && verdictNameOf(one) === "holds";
}

type FoundMutant = { readonly mutant: MutantSurvey["mutants"][number]; readonly variants: ReadonlySet<string> };
type Survey =
  | { readonly kind: "mutants"; readonly mutants: readonly FoundMutant[]; readonly skipped: MutantSurvey["skipped"] }
  | { readonly kind: "none"; readonly reason: string };

/** Constants of a variant may leave code out, so each has mutants of its own; one id means one change in all of them. */
async function surveyAll(members: readonly PlannedRun[], job: Job): Promise<Survey> {
  const mutants = new Map<string, { readonly mutant: FoundMutant["mutant"]; readonly variants: Set<string> }>();
  const skipped = new Map<string, MutantSurvey["skipped"][number]>();
  for (const member of members) {
    const outcome = await job.pool.survey(member);
    if (outcome.kind === "none") return outcome;
    for (const mutant of outcome.survey.mutants) {
      const known = mutants.get(mutant.id);
      if (known === undefined) mutants.set(mutant.id, { mutant, variants: new Set([member.variant]) });
      else known.variants.add(member.variant);
    }
    for (const one of outcome.survey.skipped) {
      skipped.set(`${one.kind} ${one.place.file} ${String(one.place.line)} ${one.reason}`, one);
    }
  }
  return { kind: "mutants", mutants: [...mutants.values()], skipped: [...skipped.values()] };
}

/** As they stand in the file; those in kits come last. */
function inOrder(mutants: readonly FoundMutant[], file: NotebookFile): readonly FoundMutant[] {
  const firstLines = new Map(file.notebook.cells.map((cell) => [`#${cell.id}`, cell.line]));
  const key = ({ mutant: { place } }: FoundMutant): number =>
    (firstLines.get(place.file) ?? Number.MAX_SAFE_INTEGER / 2) + place.line;
  return mutants.toSorted((a, b) => key(a) - key(b) || a.mutant.place.column - b.mutant.place.column);
}

/** Each mutant in the variants that have it, one after the other until one notices; several mutants at a time. */
async function tryMutants(
  found: readonly FoundMutant[],
  members: readonly PlannedRun[],
  job: Job,
): Promise<readonly TriedMutant[]> {
  const chosen = found.filter(({ mutant }) => job.mutantId === null || mutant.id === job.mutantId);
  if (job.mutantId !== null && chosen.length === 0) {
    throw new UsageError(`--mutant: there is no mutant ${job.mutantId}; without it all are listed`);
  }
  return Promise.all(
    chosen.map(async ({ mutant, variants }) => {
      const runs: Computed[] = [];
      for (const member of members.filter((one) => variants.has(one.variant))) {
        const run = await job.pool.submit(member, { mutation: { id: mutant.id, edits: mutant.edits } });
        runs.push(run);
        if (verdictNameOf(run) === "violated") break;
      }
      return { mutant, runs };
    }),
  );
}

function tellJson(summary: MutateSummary, terminal: Terminal): void {
  for (const one of summary.tried) terminal.out(`${JSON.stringify(mutantElement(summary.cellId, one))}\n`);
  terminal.out(`${JSON.stringify(mutateElement(summary))}\n`);
}

function tellText(summary: MutateSummary, { terminal, file, mutantId }: Job): void {
  const place = { notebook: file.notebook, fileName: file.name };
  terminal.out(printable(`${mutateLines(summary, place).join("\n")}\n\n`));
  if (mutantId === null) return;
  for (const run of summary.tried.flatMap((one) => one.runs)) terminal.out(printable(humanReport(run, place)));
}

/** 0 when every mutant is killed; a survivor is a finding, as a violation is. */
function exitCodeOfMutants(tried: readonly TriedMutant[]): ExitCode {
  const { survived, undecided } = countFates(tried);
  if (survived > 0) return exitCodes.violated;
  return undecided > 0 || tried.length === 0 ? exitCodes.inconclusive : exitCodes.holds;
}
