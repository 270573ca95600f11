/** One figure of a simulation by its name: `p99`, `move.mean`; as sweeps, comparisons and claims speak of it. */
import { estimatedTimeText, rateText, readMetric, type SimulateResult } from "#simulator";

export type FigureUnit = "ns" | "count" | "ratio" | "per-second";

export type Figure =
  | {
      readonly kind: "figure";
      readonly mean: number;
      readonly halfWidth: number | null;
      /** Of each replication; null where one has none. */
      readonly values: readonly (number | null)[];
      readonly unit: FigureUnit;
    }
  | { readonly kind: "none"; readonly reason: string };

/** The figure of that name, or why there is none. */
export function figureOf(result: SimulateResult, name: string): Figure {
  const metric = readMetric(result, name);
  if (metric.kind === "unknown") return { kind: "none", reason: metric.message };
  const { mean, halfWidth, values, unit } = metric;
  if (mean === null) return { kind: "none", reason: `too few samples for ${name}` };
  return { kind: "figure", mean, halfWidth, values, unit };
}

/** `30.1 us +- 0.4`, `602 +- 12 /s`. */
export function figureText({
  mean,
  halfWidth,
  unit,
}: Pick<Extract<Figure, { kind: "figure" }>, "mean" | "halfWidth" | "unit">): string {
  switch (unit) {
    case "ns":
      return mean < 0 ? `-${estimatedTimeText(-mean, halfWidth)}` : estimatedTimeText(mean, halfWidth);
    case "count":
    case "ratio":
      return rateText({ mean, halfWidth });
    case "per-second":
      return `${rateText({ mean, halfWidth })} /s`;
  }
}

/** The same without its interval, for cells that are short of room. */
export function shortFigureText(figure: Pick<Extract<Figure, { kind: "figure" }>, "mean" | "unit">): string {
  return figureText({ ...figure, halfWidth: null });
}
