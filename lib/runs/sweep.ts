/** A sweep: one figure over a grid of parameter values, for each variant. As values, and as a table in 72 columns. */
import type { SimulateResult } from "#simulator";
import { pointLabel, pointsOf, type SweepPoint } from "../notebooks/sweep-point.ts";
import type { Comparison, Expectation, SweepAxis } from "../notebooks/types.ts";
import { figureOf, figureText, shortFigureText, type Figure } from "./figure.ts";

export type SweepRun = {
  readonly variant: string;
  readonly point: SweepPoint;
  readonly result: SimulateResult | null;
  /** What is said where there is no figure: `queued`, `violated: deadlock`. */
  readonly words: string;
};

export type SweepCell = {
  readonly point: SweepPoint;
  readonly figure: Figure;
  readonly words: string;
  /** On which side of the threshold: `VARIANT.METRIC < 30ms` is met here; null without a threshold or a figure. */
  readonly isMet: boolean | null;
};

/** `proposal.p99 < 30ms` of an expect line or a claim: where it changes from met to not met runs a contour. */
export type SweepThreshold = { readonly comparison: Comparison; readonly bound: number; readonly text: string };

export type SweepView = {
  readonly metric: string;
  readonly axes: readonly Pick<SweepAxis, "name" | "values">[];
  readonly variants: readonly {
    readonly variant: string;
    readonly threshold: SweepThreshold | null;
    /** In the order of the grid, the last axis fastest. */
    readonly cells: readonly SweepCell[];
  }[];
};

/**
 * Puts the runs into the grid.
 *
 * @param options.lines expect lines and needs that may name a threshold
 */
export function sweepView(
  runs: readonly SweepRun[],
  options: {
    readonly metric: string;
    readonly axes: readonly Pick<SweepAxis, "name" | "values">[];
    readonly lines: readonly Expectation[];
  },
): SweepView {
  const { metric, axes, lines } = options;
  const points = pointsOf(axes.map((axis) => ({ ...axis, column: 0 })));
  const byLabel = new Map(runs.map((run) => [`${run.variant} ${pointLabel(run.point)}`, run]));
  const variants = [...new Set(runs.map((run) => run.variant))];
  return {
    metric,
    axes,
    variants: variants.map((variant) => {
      const threshold = thresholdOf(variant, metric, lines);
      return {
        variant,
        threshold,
        cells: points.map((point) =>
          cellOf(byLabel.get(`${variant} ${pointLabel(point)}`), { point, metric, threshold }),
        ),
      };
    }),
  };
}

function cellOf(
  run: SweepRun | undefined,
  cell: { readonly point: SweepPoint; readonly metric: string; readonly threshold: SweepThreshold | null },
): SweepCell {
  const { point, metric, threshold } = cell;
  if (run === undefined) return { point, figure: { kind: "none", reason: "not run" }, words: "not run", isMet: null };
  const figure: Figure = run.result === null ? { kind: "none", reason: run.words } : figureOf(run.result, metric);
  const isMet = threshold === null || figure.kind === "none" ? null : compare(figure.mean, threshold);
  return { point, figure, words: run.words, isMet };
}

/** The first line that holds this variant's figure against a number. */
function thresholdOf(variant: string, metric: string, lines: readonly Expectation[]): SweepThreshold | null {
  for (const { predicate, text } of lines) {
    if (predicate.kind !== "compare" || predicate.left.kind !== "metric" || predicate.right.kind !== "number") continue;
    if (predicate.left.variant !== variant || predicate.left.metric !== metric) continue;
    return { comparison: predicate.comparison, bound: predicate.right.value, text: text.replace(/^[^:]*:[ \t]*/, "") };
  }
  return null;
}

function compare(mean: number, { comparison, bound }: SweepThreshold): boolean {
  switch (comparison) {
    case "<":
      return mean < bound;
    case "<=":
      return mean <= bound;
    case ">":
      return mean > bound;
    case ">=":
      return mean >= bound;
    case "=":
      return mean === bound;
    case "!=":
      return mean !== bound;
  }
}

const cellColumns = 10;
const columnsMax = 72;

/** Lines of at most 72 columns. `*` marks what is on the wrong side of a threshold. */
export function sweepLines(view: SweepView): readonly string[] {
  const legend = view.variants.flatMap(({ variant, threshold, cells }) =>
    threshold === null || !cells.some((cell) => cell.isMet === false) ? [] : [`* ${variant}: not ${threshold.text}`],
  );
  const [first, second] = view.axes;
  if (first === undefined) return [];
  const fits = second !== undefined && 12 + second.values.length * cellColumns <= columnsMax;
  const table = fits && second !== undefined ? gridLines(view, first, second) : listLines(view);
  return [...table, ...(legend.length === 0 ? [] : ["", ...legend])];
}

/** A grid for each variant: the first axis down, the second across. */
function gridLines(
  view: SweepView,
  down: Pick<SweepAxis, "name" | "values">,
  across: Pick<SweepAxis, "name" | "values">,
): readonly string[] {
  return view.variants.flatMap(({ variant, cells }, index) => [
    ...(index === 0 ? [] : [""]),
    `${view.metric} of ${variant}; ${down.name} down, ${across.name} across`,
    line("", across.values.map(String)),
    ...down.values.map((value) =>
      line(String(value), cells.filter(({ point }) => point[down.name] === value).map(shortCell)),
    ),
  ]);
}

/** A line a point, a column a variant; variants that do not fit follow below. */
function listLines(view: SweepView): readonly string[] {
  const atOnce = 2;
  const groups: (typeof view.variants)[] = [];
  for (let at = 0; at < view.variants.length; at += atOnce) groups.push(view.variants.slice(at, at + atOnce));
  const labels = (view.variants[0]?.cells ?? []).map(({ point }) => pointLabel(point));
  const width = Math.min(24, Math.max(8, ...labels.map((label) => label.length)) + 2);
  return groups.flatMap((variants, index) => [
    ...(index === 0 ? [] : [""]),
    `${view.metric.padEnd(width)}${variants.map(({ variant }) => variant.padStart(22)).join("")}`,
    ...labels.map(
      (label, row) =>
        `${label.padEnd(width)}${variants.map(({ cells }) => longCell(cells[row]).padStart(22)).join("")}`,
    ),
  ]);
}

function line(head: string, cells: readonly string[]): string {
  return (head.padEnd(12) + cells.map((cell) => cell.padStart(cellColumns)).join("")).trimEnd();
}

function shortCell(cell: SweepCell): string {
  const mark = cell.isMet === false ? "*" : "";
  return cell.figure.kind === "figure" ? shortFigureText(cell.figure) + mark : "-";
}

function longCell(cell: SweepCell | undefined): string {
  if (cell === undefined) return "";
  const mark = cell.isMet === false ? " *" : "";
  return cell.figure.kind === "figure" ? figureText(cell.figure) + mark : cell.words.slice(0, 20);
}
