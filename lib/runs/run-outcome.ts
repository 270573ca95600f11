import type { RunOutcome } from "../notebooks/evaluate.ts";
import type { RunResult } from "./run-result.ts";

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
    reach: null,
  };
}
