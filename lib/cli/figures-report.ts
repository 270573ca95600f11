/** What the command says of the runs of a sweep, a comparison or a search for a crossover, once they have been computed. */
import { ecdfCsv, ecdfCsvHeader, figuresCsv, figuresCsvHeader } from "#simulator";
import { axesOfRun, variantsOfRun } from "../notebooks/parse/check.ts";
import { labelAtPoint, pointLabel } from "../notebooks/sweep-point.ts";
import type { Notebook, RunCell } from "../notebooks/types.ts";
import { compareRuns, comparisonSentence, type ComparedRun } from "../runs/comparison.ts";
import {
  crossoverPoint,
  crossoverSentence,
  searchCrossover,
  type Crossover,
  type CrossoverPoint,
} from "../runs/crossover.ts";
import { simulatedOf, type SimulatedResult } from "../runs/run-result.ts";
import { sweepLines, sweepView } from "../runs/sweep.ts";
import type { Computed } from "./compute.server.ts";
import { folded } from "./folded.ts";
import { verdictOf } from "./report.ts";

export type FiguresReport = {
  readonly lines: readonly string[];
  /** The last element of `--json`. */
  readonly element: Record<string, unknown>;
};

/** What the runs of one cell say together; null of a cell whose runs stand for themselves. */
export function figuresOf(run: RunCell, computed: readonly Computed[], notebook: Notebook): FiguresReport | null {
  const { command } = run;
  switch (command.kind) {
    case "compare": {
      const comparison = compareRuns(command.metric, sideOf(command.first, computed), sideOf(command.second, computed));
      return { lines: folded(`#${run.id}: ${comparisonSentence(comparison)}`), element: { comparison } };
    }
    case "sweep": {
      const view = sweepView(computed.map(sweepRun), {
        metric: command.metric,
        axes: command.axes,
        lines: linesAbout(run, notebook),
      });
      const lines = sweepLines(view).map((line) => (line === "" ? "" : `  ${line}`));
      return { lines: [`#${run.id}: sweep`, ...lines], element: { sweep: view } };
    }
    case "crossover": {
      const crossover = crossoverOf(run, computed);
      const compared = pointsOf(run, computed).map(
        ({ value, comparison }) => `  ${command.axis.name}=${String(value)}: ${comparisonSentence(comparison)}`,
      );
      const sentence = crossoverSentence(command.axis.name, command.metric, crossover);
      return {
        lines: [...folded(`#${run.id}: ${sentence}`), ...compared.flatMap(folded)],
        element: { crossover: { ...crossover, metric: command.metric, name: command.axis.name } },
      };
    }
    case "check":
    case "simulate":
    case "ablate":
    case "reach":
      return null;
  }
}

/** Labels of the runs that a search for a crossover asks for next; none when it is over, or of another cell. */
export function missingLabels(run: RunCell, computed: readonly Computed[]): readonly string[] {
  if (run.command.kind !== "crossover") return [];
  const crossover = crossoverOf(run, computed);
  if (crossover.kind !== "more") return [];
  const { axis } = run.command;
  return variantsOfRun(run).flatMap((variant) =>
    crossover.values.map((value) => labelAtPoint(variant, pointLabel({ [axis.name]: value }))),
  );
}

function crossoverOf(run: RunCell, computed: readonly Computed[]): Crossover {
  const [axis] = axesOfRun(run);
  if (axis === undefined) throw new Error("assert: a crossover has an axis");
  const values = [...axis.values].sort((a, b) => a - b);
  return searchCrossover(values, pointsOf(run, computed));
}

/** The compared values so far, ascending. */
function pointsOf(run: RunCell, computed: readonly Computed[]): readonly CrossoverPoint[] {
  const { command } = run;
  if (command.kind !== "crossover") return [];
  const values = [...new Set(computed.map(({ plan }) => plan.point?.[command.axis.name] ?? 0))].sort((a, b) => a - b);
  return values.map((value) => {
    const label = (variant: string): string => labelAtPoint(variant, pointLabel({ [command.axis.name]: value }));
    const first = { ...sideOf(label(command.first), computed), variant: command.first };
    const second = { ...sideOf(label(command.second), computed), variant: command.second };
    return crossoverPoint(value, { metric: command.metric, first, second });
  });
}

function sideOf(label: string, computed: readonly Computed[]): ComparedRun {
  const one = computed.find(({ plan }) => plan.variant === label);
  return { variant: label, result: one?.end.kind === "finished" ? simulatedOf(one.end.result) : null };
}

function sweepRun(one: Computed): Parameters<typeof sweepView>[0][number] {
  const { plan, end } = one;
  return {
    variant: plan.variant.split(" ")[0] ?? "",
    point: plan.point ?? {},
    result: end.kind === "finished" ? simulatedOf(end.result) : null,
    words: verdictOf(one),
  };
}

/** Lines of expect and claims that speak of the run. */
function linesAbout(run: RunCell, notebook: Notebook): Notebook["expects"] {
  const lines = [...notebook.expects, ...notebook.claims.flatMap((claim) => claim.needs)];
  return lines.filter((line) => line.runId === run.id);
}

/** One run's lines of CSV, each behind the cell and the variant. */
export function csvLines(
  plan: { readonly runCellId: string; readonly variant: string },
  result: SimulatedResult,
  options: { readonly table: "figures" | "ecdf"; readonly isFirst: boolean },
): string {
  const [header, text] =
    options.table === "figures" ? [figuresCsvHeader, figuresCsv(result)] : [ecdfCsvHeader, ecdfCsv(result)];
  const lead = `${plan.runCellId},${plan.variant},`;
  const body = text.replace(/^(?=.)/gm, lead);
  return options.isFirst ? `cell,variant,${header}\n${body}` : body;
}
