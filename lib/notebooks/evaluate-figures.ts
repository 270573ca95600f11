/**
 * Predicates over figures: `proposal.p99 <= 0.5 * mainline.p99 at 95%`. Both sides are computed for each replication from
 * figures that drew alike (replication i of one variant against replication i of the other), and the interval of their
 * difference decides: met, not met, or not decided when it spans the bound.
 */
import { pairedDifference, readMetric, timeText, type SimulateResult } from "#simulator";
import type { Comparison, MetricExpression, Predicate } from "./types.ts";

/** What results say about a line of expect or needs. */
export type Answer =
  | { readonly kind: "met" }
  | { readonly kind: "unmet"; readonly found: string }
  | { readonly kind: "undecided"; readonly reason: string }
  | { readonly kind: "not-run"; readonly reason: string };

/** Where a line says nothing. */
export const usualConfidencePercent = 95;

type ComparePredicate = Extract<Predicate, { readonly kind: "compare" }>;
type Unit = "ns" | "other";

/** One side of a comparison: what it is over all replications, and in each; `values` null of what does not vary. */
type Side =
  | {
      readonly kind: "side";
      readonly mean: number;
      readonly values: readonly (number | null)[] | null;
      readonly unit: Unit;
    }
  | { readonly kind: "open"; readonly reason: string };

/** @param resultOf the figures of a variant; null when it has none */
export function compareFigures(
  predicate: ComparePredicate,
  resultOf: (variant: string) => SimulateResult | null,
): Answer {
  const left = sideOf(predicate.left, resultOf);
  const right = sideOf(predicate.right, resultOf);
  if (left.kind === "open") return { kind: "undecided", reason: left.reason };
  if (right.kind === "open") return { kind: "undecided", reason: right.reason };
  const { confidencePercent } = predicate;
  const percent = confidencePercent ?? usualConfidencePercent;
  const count = left.values?.length ?? right.values?.length ?? 1;
  const spread = (side: typeof left): readonly (number | null)[] =>
    side.values ?? Array.from({ length: count }, () => side.mean);
  const { mean, halfWidth } = pairedDifference(spread(right), spread(left), { confidencePercent: percent });
  const text = (value: number): string =>
    left.unit === "ns" || right.unit === "ns" ? signedTime(value) : plain(value);
  const sides = `${text(left.mean)} against ${text(right.mean)}`;
  if (halfWidth === null) return { kind: "undecided", reason: `${sides}: too few replications for an interval` };
  const found = `${sides}, difference ${text(mean)} +- ${text(halfWidth)} at ${String(percent)} %`;
  switch (decide(predicate.comparison, mean - halfWidth, mean + halfWidth)) {
    case true:
      return { kind: "met" };
    case false:
      return { kind: "unmet", found };
    case null:
      return { kind: "undecided", reason: `${found}: the interval spans the bound` };
  }
}

/** Whether every difference between low and high is as compared; null when some are and some are not. */
function decide(comparison: Comparison, low: number, high: number): boolean | null {
  switch (comparison) {
    case "<":
      return high < 0 ? true : low >= 0 ? false : null;
    case "<=":
      return high <= 0 ? true : low > 0 ? false : null;
    case ">":
      return low > 0 ? true : high <= 0 ? false : null;
    case ">=":
      return low >= 0 ? true : high < 0 ? false : null;
    case "=":
      return low === 0 && high === 0 ? true : low > 0 || high < 0 ? false : null;
    case "!=":
      return low > 0 || high < 0 ? true : low === 0 && high === 0 ? false : null;
  }
}

function sideOf(expression: MetricExpression, resultOf: (variant: string) => SimulateResult | null): Side {
  switch (expression.kind) {
    case "number":
      return { kind: "side", mean: expression.value, values: null, unit: "other" };
    case "metric": {
      const result = resultOf(expression.variant);
      if (result === null) return { kind: "open", reason: `${expression.variant} has no figures` };
      const metric = readMetric(result, expression.metric);
      if (metric.kind === "unknown") return { kind: "open", reason: `${expression.variant}: ${metric.message}` };
      if (metric.mean === null) {
        return { kind: "open", reason: `${expression.variant}.${expression.metric} has too few samples` };
      }
      if (metric.values.length === 0) {
        const reason = `${expression.variant}.${expression.metric} has no interval: a largest value or a bare number is not compared (take p999, slept30, longer30)`;
        return { kind: "open", reason };
      }
      return {
        kind: "side",
        mean: metric.mean,
        values: metric.values,
        unit: metric.unit === "ns" ? "ns" : "other",
      };
    }
    case "operation":
      return operate(expression, resultOf);
  }
}

function operate(
  { operator, ...sides }: Extract<MetricExpression, { readonly kind: "operation" }>,
  resultOf: (variant: string) => SimulateResult | null,
): Side {
  const left = sideOf(sides.left, resultOf);
  const right = sideOf(sides.right, resultOf);
  if (left.kind === "open") return left;
  if (right.kind === "open") return right;
  const apply = (a: number | null, b: number | null): number | null =>
    a === null || b === null ? null : calculate(operator, a, b);
  const mean = apply(left.mean, right.mean);
  if (mean === null) return { kind: "open", reason: "a figure is divided by 0" };
  const count = left.values?.length ?? right.values?.length ?? 0;
  const values =
    left.values === null && right.values === null
      ? null
      : Array.from({ length: count }, (_, index) => apply(at(left, index), at(right, index)));
  // A ratio of two times has no unit; of a time and a number it is a time.
  const isRatio = operator === "/" && left.unit === right.unit;
  const unit = !isRatio && (left.unit === "ns" || right.unit === "ns") ? "ns" : "other";
  return { kind: "side", mean, values, unit };
}

function at(side: Extract<Side, { readonly kind: "side" }>, index: number): number | null {
  return side.values === null ? side.mean : (side.values[index] ?? null);
}

/** Null of a division by 0. */
function calculate(operator: "+" | "-" | "*" | "/", a: number, b: number): number | null {
  switch (operator) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
      return b === 0 ? null : a / b;
  }
}

function signedTime(ns: number): string {
  return ns < 0 ? `-${timeText(-ns)}` : timeText(ns);
}

function plain(value: number): string {
  return String(Number(value.toPrecision(4)));
}
