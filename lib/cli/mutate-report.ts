/** What the command says of mutants: which of them the scenario's properties notice. */
import type { MutantSurvey } from "../runs/child-messages.ts";
import type { Notebook } from "../notebooks/types.ts";
import { exploredOf, type RunResult } from "../runs/run-result.ts";
import { inNotebookLines } from "./notebook-lines.ts";
import { verdictOf, type Reported } from "./report.ts";

type Mutant = MutantSurvey["mutants"][number];
type Place = { readonly file: string; readonly line: number };

/** A mutant with the runs that it was tried in. */
export type TriedMutant = { readonly mutant: Mutant; readonly runs: readonly Reported[] };

export type MutantFate =
  | { readonly kind: "killed"; readonly by: Reported }
  | { readonly kind: "survived" }
  /** Some run ended without a verdict, and none was violated. */
  | { readonly kind: "undecided"; readonly by: Reported };

/** A mutant is killed by the first run that is violated; it has survived only when every run of it holds. */
export function fateOf({ runs }: TriedMutant): MutantFate {
  const killer = runs.find((run) => verdictNameOf(run) === "violated");
  if (killer !== undefined) return { kind: "killed", by: killer };
  const open = runs.find((run) => verdictNameOf(run) !== "holds");
  return open === undefined ? { kind: "survived" } : { kind: "undecided", by: open };
}

/** The verdict of a run, or null when it has none. */
export function verdictNameOf({ end }: Reported): RunResult["verdict"] | null {
  return end.kind === "finished" ? end.result.verdict : null;
}

export type MutateSummary = {
  readonly cellId: string;
  /** Variants in which the mutants were tried: those that hold as they stand. */
  readonly variants: readonly string[];
  /** Variants that do not hold as they stand: there is nothing in them to break. */
  readonly leftOut: readonly Reported[];
  /** The runs of the variants as they stand, with coverage. */
  readonly whole: readonly Reported[];
  readonly tried: readonly TriedMutant[];
  readonly skipped: MutantSurvey["skipped"];
};

export const noBarriers =
  "Barriers are not dropped: under sequential consistency that has no effect, so nothing could notice it.";

/** A line or two for each mutant, what was not made, and what it comes to. */
export function mutateLines(
  summary: MutateSummary,
  place: { readonly notebook: Notebook; readonly fileName: string },
): readonly string[] {
  const { cellId, variants, leftOut, whole } = summary;
  const tried = summary.tried.map((one) => ({ ...one, shownAt: inNotebookLines(one.mutant.place, place) }));
  const skipped = inNotebookLines(summary.skipped, place);
  const head = `#${cellId}: ${counted(tried.length, "mutant")}, tried in ${variants.join(", ")}`;
  return [
    head,
    ...leftOut.map((run) => `  left out: ${run.plan.variant} is not whole itself: ${verdictOf(run)}`),
    `  ${noBarriers}`,
    "",
    ...tried.flatMap((one) => mutantLines(one, whole)),
    ...(skipped.length === 0 ? [] : ["", ...skipped.map(skippedLine)]),
    "",
    conclusion(tried),
  ];
}

function mutantLines(one: TriedMutant & { readonly shownAt: Place }, whole: readonly Reported[]): readonly string[] {
  const fate = fateOf(one);
  const { id, place, text } = one.mutant;
  const line = `${placeWords(one.shownAt)}: ${text}`;
  switch (fate.kind) {
    case "killed":
      return [
        `  killed    ${line}`,
        `            by ${fate.by.plan.variant}: ${verdictOf(fate.by)}${propertyWords(fate.by)}`,
      ];
    case "survived":
      return [
        `  SURVIVED  ${line}`,
        isReached(place, whole)
          ? `            no property notices it (--mutant ${id})`
          : "            no interleaving comes to this line, so nothing could notice it",
      ];
    case "undecided":
      return [`  undecided ${line}`, `            ${fate.by.plan.variant}: ${verdictOf(fate.by)}`];
  }
}

/** Whether any interleaving of any whole variant executes the line. Lines of kits have no coverage: they count as reached. */
function isReached(place: Place, whole: readonly Reported[]): boolean {
  const lines = whole.flatMap(({ end }) =>
    end.kind === "finished" ? (exploredOf(end.result)?.coverage?.lines ?? []) : [],
  );
  const here = lines.filter((line) => line.place.file === place.file && line.place.line === place.line);
  return here.length === 0 || here.some((line) => line.reached);
}

function propertyWords({ end }: Reported): string {
  const property = end.kind === "finished" ? exploredOf(end.result)?.property : undefined;
  return property === undefined ? "" : `, ${property.kind}("${property.text}")`;
}

function skippedLine({ kind, place, reason }: MutantSurvey["skipped"][number]): string {
  return `  not made  ${placeWords(place)}: ${kind}: ${reason}`;
}

function placeWords(place: Place): string {
  return `${place.file}:${String(place.line)}`;
}

/** What the mutants say of the scenario. */
export function conclusion(tried: readonly TriedMutant[]): string {
  if (tried.length === 0) return "There is no lock, re-check or order of calls to break: mutation says nothing here.";
  const { killed, survived, undecided } = countFates(tried);
  const counts = `${String(killed)} of ${counted(tried.length, "mutant")} killed, ${String(survived)} survived${undecided === 0 ? "" : `, ${String(undecided)} undecided`}.`;
  if (killed > 0 || undecided > 0) return counts;
  return `${counts} Whatever is broken, this scenario does not notice: it proves nothing about the locks.`;
}

export function countFates(tried: readonly TriedMutant[]): {
  readonly killed: number;
  readonly survived: number;
  readonly undecided: number;
} {
  const fates = tried.map((one) => fateOf(one).kind);
  const count = (kind: MutantFate["kind"]): number => fates.filter((fate) => fate === kind).length;
  return { killed: count("killed"), survived: count("survived"), undecided: count("undecided") };
}

/** One element of `--json`. */
export function mutantElement(cellId: string, one: TriedMutant): Record<string, unknown> {
  const fate = fateOf(one);
  const { id, kind, place, text } = one.mutant;
  const head = { cell: cellId, mutant: id, kind, place, text, outcome: fate.kind };
  if (fate.kind === "survived") return head;
  const { by } = fate;
  const result = by.end.kind === "finished" ? exploredOf(by.end.result) : null;
  return {
    ...head,
    variant: by.plan.variant,
    runKey: by.runKey,
    ...(result?.class === undefined ? {} : { class: result.class }),
    ...(result?.property === undefined ? {} : { property: result.property }),
    ...(result?.trace === undefined ? {} : { steps: result.trace.steps.length, schedule: result.trace.schedule }),
    ...(result?.limit === undefined ? {} : { limit: result.limit }),
  };
}

/** The last element of `--json`. */
export function mutateElement({ cellId, variants, leftOut, tried, skipped }: MutateSummary): Record<string, unknown> {
  return {
    cell: cellId,
    mutation: {
      variants,
      leftOut: leftOut.map((run) => run.plan.variant),
      mutants: tried.length,
      ...countFates(tried),
      skipped,
      barriers: "not generated: no effect under sequential consistency",
    },
  };
}

function counted(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? "" : "s"}`;
}
