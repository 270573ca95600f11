/**
 * Two variants by one figure. Replication i of both drew alike, so that differences are taken pair by pair; where the
 * interval spans 0, no difference is shown, and how large one would have had to be is said.
 */
import { compareResults, type SimulateResult } from "#simulator";
import { figureOf, figureText, type Figure } from "./figure.ts";

export type ComparedSide = { readonly variant: string; readonly figure: Extract<Figure, { kind: "figure" }> };

export type Comparison =
  | {
      readonly kind: "compared";
      readonly metric: string;
      readonly first: ComparedSide;
      readonly second: ComparedSide;
      /** second - first, in the figure's unit, with the half-width of its 95 % interval. */
      readonly difference: number;
      readonly halfWidth: number;
      /** The difference that so many replications would have shown with 80 % power. */
      readonly detectable: number;
      readonly pairs: number;
      /** `shown` when the interval does not contain 0. */
      readonly isShown: boolean;
    }
  | { readonly kind: "none"; readonly metric: string; readonly reason: string };

/** A side of a comparison: a variant's result, null while it has none. */
export type ComparedRun = { readonly variant: string; readonly result: SimulateResult | null };

/** Compares the figure of two results. */
export function compareRuns(metric: string, first: ComparedRun, second: ComparedRun): Comparison {
  const missing = [first, second].find(({ result }) => result === null);
  if (first.result === null || second.result === null) {
    return { kind: "none", metric, reason: `${missing?.variant ?? ""} has no figures` };
  }
  const compared = compareResults(first.result, second.result, { metric });
  if (compared.kind === "not-comparable") return { kind: "none", metric, reason: compared.message };
  const left = figureOf(first.result, metric);
  const right = figureOf(second.result, metric);
  const { mean, halfWidth, detectable, pairs } = compared.difference;
  if (left.kind === "none" || right.kind === "none" || halfWidth === null) {
    throw new Error("assert: figures that were compared are there");
  }
  return {
    kind: "compared",
    metric,
    first: { variant: first.variant, figure: left },
    second: { variant: second.variant, figure: right },
    difference: mean,
    halfWidth,
    detectable: detectable ?? 0,
    pairs,
    isShown: compared.shown !== "no-difference",
  };
}

/** `p99 of proposal is 12.3 us +- 0.4 lower than of mainline (30.1 us)`, or that no difference is shown. */
export function comparisonSentence(comparison: Comparison): string {
  if (comparison.kind === "none") return `${comparison.metric} is not compared: ${comparison.reason}.`;
  const { metric, first, second, difference, halfWidth, detectable, pairs, isShown } = comparison;
  const { unit } = first.figure;
  const sides = `${figureText(first.figure)} and ${figureText(second.figure)}`;
  const rests = `95 %, ${String(pairs)} pairs of replications`;
  if (!isShown) {
    const span = `${figureText({ mean: difference, halfWidth, unit })}`;
    const would = figureText({ mean: detectable, halfWidth: null, unit });
    return `${metric}: no difference shown between ${first.variant} and ${second.variant} (${sides}; difference ${span}; ${rests}; one of ${would} would have shown).`;
  }
  const by = figureText({ mean: Math.abs(difference), halfWidth, unit });
  const share = first.figure.mean === 0 ? "" : `, ${percentWords(difference / first.figure.mean)}`;
  const way = difference < 0 ? "lower" : "higher";
  return `${metric} of ${second.variant} is ${by} ${way} than of ${first.variant}${share} (${sides}; ${rests}).`;
}

function percentWords(ratio: number): string {
  const percent = Math.abs(100 * ratio);
  return `${ratio < 0 ? "-" : "+"}${percent.toFixed(percent < 10 ? 1 : 0)} %`;
}
