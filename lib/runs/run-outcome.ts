import type { ReachAnswer, RunOutcome } from "../notebooks/evaluate.ts";
import { headlineFigure } from "#simulator";
import { exploredOf, simulatedOf, type ExploredResult, type RunResult, type SimulatedResult } from "./run-result.ts";

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
      simulated: null,
    };
  }
  if ("engine" in result) {
    return {
      kind: "finished",
      verdict: result.verdict,
      violationClass: classOf(result),
      limit: limitOf(result),
      // What a simulation did not show may still happen.
      isExhaustive: false,
      notes: result.notes.map(({ text, count }) => ({ text, reached: count > 0 })),
      reach: null,
      simulated: result,
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
    simulated: null,
  };
}

/** The answer of a reach run; null of a check. */
export function reachAnswer(result: ExploredResult): ReachAnswer | null {
  const kind = result.reach?.kind;
  return kind === undefined ? null : kind === "not-within-bounds" ? "open" : kind;
}

/** What chips and tables say of a result beside its verdict. */
export type ResultFacts = {
  readonly steps: number | null;
  readonly states: number | null;
  readonly limit: string | null;
  readonly reach: ReachAnswer | undefined;
  readonly figure: string | undefined;
};

/** Which bound stopped a simulation: one of the code's, or its events; null when none did. */
function limitOf({ verdict, fault }: SimulatedResult): string | null {
  return verdict === "inconclusive" ? (fault?.class ?? "events") : null;
}

/** The class of a violation, whichever engine found it; null when nothing is violated. */
export function classOf(result: RunResult): string | null {
  if (result.verdict !== "violated") return null;
  return "engine" in result ? (result.fault?.class ?? null) : (result.class ?? null);
}

/** Nothing is known of a run without a result. */
export function resultFacts(result: RunResult | null): ResultFacts {
  const explored = exploredOf(result);
  const simulated = simulatedOf(result);
  return {
    steps: explored === null ? null : stepsOf(explored),
    states: explored?.states ?? null,
    limit: explored?.limit ?? (simulated === null ? null : limitOf(simulated)),
    reach: explored === null ? undefined : (reachAnswer(explored) ?? undefined),
    figure: simulated === null ? undefined : (headlineFigure(simulated) ?? undefined),
  };
}

/** Steps of what the result shows: the witness of a reach, else the counterexample; null without either. */
export function stepsOf(result: ExploredResult): number | null {
  if (result.reach !== undefined) return result.reach.kind === "reached" ? result.reach.steps : null;
  return result.trace?.steps.length ?? null;
}
