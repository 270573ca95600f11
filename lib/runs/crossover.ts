/**
 * Where along a parameter two variants change their order by a figure. Bisection over the values of the axis: each round
 * is computed from the known comparisons alone, so that nothing but results is stored. A point at which no difference is
 * shown does not decide, and is not taken for a side.
 */
import { compareRuns, type ComparedRun, type Comparison } from "./comparison.ts";

/** A compared point of the axis. */
export type CrossoverPoint = { readonly value: number; readonly comparison: Comparison };

export type Crossover =
  | { readonly kind: "more"; readonly values: readonly number[] }
  /** The order is `first` at `below` and the other at `above`; values between did not decide. */
  | {
      readonly kind: "crosses";
      readonly below: number;
      readonly above: number;
      readonly lowerBelow: string;
      readonly lowerAbove: string;
      readonly open: readonly number[];
    }
  | { readonly kind: "same-order"; readonly lower: string; readonly low: number; readonly high: number }
  | { readonly kind: "not-decided"; readonly value: number; readonly reason: string };

/** Compares both variants at a value. */
export function crossoverPoint(
  value: number,
  runs: { readonly metric: string; readonly first: ComparedRun; readonly second: ComparedRun },
): CrossoverPoint {
  return { value, comparison: compareRuns(runs.metric, runs.first, runs.second) };
}

/** -1 when the second is lower, 1 when the first is, 0 when no difference is shown; null without a comparison. */
function orderOf({ comparison }: CrossoverPoint): -1 | 0 | 1 | null {
  if (comparison.kind === "none") return null;
  if (!comparison.isShown) return 0;
  return comparison.difference < 0 ? -1 : 1;
}

/**
 * What is known of the crossover, or which values to compare next. One crossing is looked for: of several, one is found.
 *
 * @param values of the axis, ascending, at least one
 */
export function searchCrossover(values: readonly number[], known: readonly CrossoverPoint[]): Crossover {
  const at = new Map(known.map((point) => [point.value, point]));
  const [low] = values;
  const high = values.at(-1);
  if (low === undefined || high === undefined) throw new Error("assert: an axis has values");
  const missing = [...new Set([low, high])].filter((value) => !at.has(value));
  if (missing.length > 0) return { kind: "more", values: missing };
  for (const value of [low, high]) {
    const point = at.get(value);
    const order = point === undefined ? null : orderOf(point);
    if (order === null || order === 0) return { kind: "not-decided", value, reason: reasonOf(point) };
  }
  return bisect(values, at);
}

function bisect(values: readonly number[], at: ReadonlyMap<number, CrossoverPoint>): Crossover {
  let left = 0;
  let right = values.length - 1;
  const open: number[] = [];
  const order = (index: number): -1 | 0 | 1 | null => {
    const point = at.get(values[index] ?? 0);
    return point === undefined ? null : orderOf(point);
  };
  const atLeft = order(left);
  if (atLeft === order(right)) {
    return { kind: "same-order", lower: lowerAt(at, values[left]), low: values[left] ?? 0, high: values[right] ?? 0 };
  }
  while (right - left > 1) {
    // Values that do not decide are stepped over, those nearest to the middle first.
    const between = Array.from({ length: right - left - 1 }, (_, index) => left + 1 + index)
      .filter((index) => !open.includes(values[index] ?? 0))
      .sort((a, b) => Math.abs(2 * a - left - right) - Math.abs(2 * b - left - right) || a - b);
    const [middle] = between;
    if (middle === undefined) break;
    const value = values[middle] ?? 0;
    const point = at.get(value);
    if (point === undefined) return { kind: "more", values: [value] };
    const found = orderOf(point);
    if (found === null || found === 0) open.push(value);
    else if (found === atLeft) left = middle;
    else right = middle;
  }
  const [below = 0, above = 0] = [values[left], values[right]];
  return {
    kind: "crosses",
    below,
    above,
    lowerBelow: lowerAt(at, below),
    lowerAbove: lowerAt(at, above),
    open: open.filter((value) => value > below && value < above).sort((a, b) => a - b),
  };
}

function lowerAt(at: ReadonlyMap<number, CrossoverPoint>, value: number | undefined): string {
  const comparison = at.get(value ?? 0)?.comparison;
  if (comparison?.kind !== "compared") return "";
  return comparison.difference < 0 ? comparison.second.variant : comparison.first.variant;
}

function reasonOf(point: CrossoverPoint | undefined): string {
  if (point?.comparison.kind !== "compared") return point?.comparison.reason ?? "not run";
  return "no difference is shown there";
}

/** One sentence about the answer. */
export function crossoverSentence(name: string, metric: string, crossover: Crossover): string {
  switch (crossover.kind) {
    case "more":
      return `${metric} along ${name}: ${String(crossover.values.length)} more to compare.`;
    case "crosses": {
      const { below, above, lowerBelow, lowerAbove, open } = crossover;
      const between = open.length === 0 ? "" : `; no difference is shown at ${open.join(", ")}`;
      return `${metric} changes order between ${name}=${String(below)} (${lowerBelow} is lower) and ${name}=${String(above)} (${lowerAbove} is lower)${between}.`;
    }
    case "same-order":
      return `${metric} of ${crossover.lower} is lower at both ends, ${name}=${String(crossover.low)} and ${String(crossover.high)}: no crossover is shown between them, nor ruled out.`;
    case "not-decided":
      return `${metric} along ${name}: no crossover can be looked for, as ${name}=${String(crossover.value)} is not decided: ${crossover.reason}.`;
  }
}
