import type { ReachAnswer, RunOutcome } from "../notebooks/evaluate.ts";
import type { ExploredResult, RunResult } from "./run-result.ts";

/** A finished run's result as expect lines, claims and ablations weigh it. */
export function runOutcome(result: RunResult): Extract<RunOutcome, { readonly kind: "finished" }> {
  if (result.verdict === "rejected") {
    return {
      kind: "finished",
      verdict: "rejected",
      violationClass: null,
      limit: null,
      isExhaustive: false,
      notes: [],
      reach: null,
    };
  }
  return {
    kind: "finished",
    verdict: result.verdict,
    violationClass: result.class ?? null,
    limit: result.limit ?? null,
    isExhaustive: result.exhaustive,
    notes: result.notes.map(({ text, reached }) => ({ text, reached })),
    reach: reachAnswer(result),
  };
}

/** The answer of a reach run; null of a check. */
export function reachAnswer(result: ExploredResult): ReachAnswer | null {
  const kind = result.reach?.kind;
  return kind === undefined ? null : kind === "not-within-bounds" ? "open" : kind;
}

/** Steps of what the result shows: the witness of a reach, else the counterexample; null without either. */
export function stepsOf(result: ExploredResult): number | null {
  if (result.reach !== undefined) return result.reach.kind === "reached" ? result.reach.steps : null;
  return result.trace?.steps.length ?? null;
}
