/**
 * What results say about expect lines and claims. Three answers, never two: a predicate is met, is not, or the results
 * do not decide it (a limit was reached, a search stopped early, nothing was run).
 */
import type { SimulateResult } from "#simulator";
import { compareFigures, type Answer } from "./evaluate-figures.ts";
import { labelAtPoint } from "./sweep-point.ts";
import { explainAblation, type AblationCell, type NoteState, type SubsetOutcome } from "../runs/ablation.ts";
import { variantsOf } from "./predicates.ts";
import { allSubsets, exhaustiveSwitchesMax, subsetLabel } from "./switch-subset.ts";
import type { Claim, Expectation, Predicate } from "./types.ts";

/** What is known of one run cell in one variant. */
export type RunOutcome =
  | { readonly kind: "not-run" }
  | { readonly kind: "unfinished"; readonly status: "queued" | "running" | "failed" | "stopped" | "cancelled" }
  | {
      readonly kind: "finished";
      readonly verdict: "holds" | "measured" | "violated" | "inconclusive" | "rejected";
      readonly violationClass: string | null;
      readonly limit: string | null;
      /** The whole state space was searched. */
      readonly isExhaustive: boolean;
      readonly notes: readonly { readonly text: string; readonly reached: boolean }[];
      /** The answer of a reach run; null of a check. */
      readonly reach: ReachAnswer | null;
      /** The figures of a simulation; null of what is none. */
      readonly simulated: SimulateResult | null;
    };

/** `open`: not within these bounds. */
export type ReachAnswer = "reached" | "never" | "open";

/** Gives the outcome of a run cell in a variant, at the notebook's own parameter values. */
export type OutcomeOf = (runId: string, variant: string) => RunOutcome;

/** An expect line's state. `found` says what stands there instead. */
export type ExpectState =
  | { readonly kind: "match" }
  | { readonly kind: "drift"; readonly found: string }
  | { readonly kind: "not-run"; readonly reason: string };

/** Compares an expect line with results. An undecided one is drift: the author expected a decision. */
export function evaluateExpectation(expectation: Expectation, outcomeOf: OutcomeOf): ExpectState {
  const answer = answerOf(expectation, outcomeOf);
  switch (answer.kind) {
    case "met":
      return { kind: "match" };
    case "unmet":
      return { kind: "drift", found: answer.found };
    case "undecided":
      return { kind: "drift", found: answer.reason };
    case "not-run":
      return answer;
  }
}

export type ClaimState = {
  readonly kind: "supported" | "refuted" | "inconclusive" | "untested";
  /** What each `needs` line came to, in order. */
  readonly needs: readonly { readonly text: string; readonly state: string }[];
};

/** Weighs a claim: one unmet need refutes it; all must be met to support it. */
export function evaluateClaim(claim: Claim, outcomeOf: OutcomeOf): ClaimState {
  const answers = claim.needs.map((need) => ({ text: need.text, answer: answerOf(need, outcomeOf) }));
  const has = (kind: Answer["kind"]): boolean => answers.some(({ answer }) => answer.kind === kind);
  const needs = answers.map(({ text, answer }) => ({ text, state: describe(answer) }));
  if (has("unmet")) return { kind: "refuted", needs };
  if (has("undecided")) return { kind: "inconclusive", needs };
  if (has("not-run") || answers.length === 0) return { kind: "untested", needs };
  return { kind: "supported", needs };
}

function describe(answer: Answer): string {
  switch (answer.kind) {
    case "met":
      return "met";
    case "unmet":
      return `not met: ${answer.found}`;
    case "undecided":
      return `not decided: ${answer.reason}`;
    case "not-run":
      return `not run: ${answer.reason}`;
  }
}

function answerOf(expectation: Expectation, outcomeOf: OutcomeOf): Answer {
  if (expectation.predicate.kind === "ablation") {
    return answerAblation(expectation.predicate, (subset) => outcomeOf(expectation.runId, subset));
  }
  const answers = expectation.points.flatMap((point) => answersAt(point, expectation, outcomeOf));
  const worst = (kind: Answer["kind"]): Answer | undefined => answers.find((answer) => answer.kind === kind);
  return worst("unmet") ?? worst("undecided") ?? worst("not-run") ?? { kind: "met" };
}

/** What the runs at one point of a sweep say, or of a run without points. */
function answersAt(point: string, { predicate, runId }: Expectation, outcomeOf: OutcomeOf): readonly Answer[] {
  const at = (variant: string): string => labelAtPoint(variant, point);
  const answers = variantsOf(predicate).map((variant) =>
    answerFor(predicate, at(variant), outcomeOf(runId, at(variant))),
  );
  if (predicate.kind !== "compare" || answers.some(({ kind }) => kind !== "met")) return answers;
  const answer = compareFigures(predicate, (variant) => {
    const outcome = outcomeOf(runId, at(variant));
    return outcome.kind === "finished" ? outcome.simulated : null;
  });
  return [point === "" ? answer : atPoint(point, answer)];
}

function atPoint(point: string, answer: Answer): Answer {
  switch (answer.kind) {
    case "met":
      return answer;
    case "unmet":
      return { kind: "unmet", found: `at ${point}: ${answer.found}` };
    case "undecided":
    case "not-run":
      return { kind: answer.kind, reason: `at ${point}: ${answer.reason}` };
  }
}

function answerFor(predicate: Predicate, variant: string, outcome: RunOutcome): Answer {
  switch (outcome.kind) {
    case "not-run":
      return { kind: "not-run", reason: `${variant} was not run` };
    case "unfinished":
      return { kind: "not-run", reason: `${variant} is ${outcome.status}` };
    case "finished":
      return answerFinished(predicate, variant, outcome);
  }
}

type Finished = Extract<RunOutcome, { kind: "finished" }>;

function answerFinished(predicate: Predicate, variant: string, outcome: Finished): Answer {
  switch (predicate.kind) {
    case "verdict":
      return answerVerdict(predicate, variant, outcome);
    case "note":
      return answerNote(predicate, variant, outcome);
    case "reach":
      return answerReach(predicate, variant, outcome);
    case "ablation":
      throw new Error("assert: causes are asked of an ablation, not of one of its runs");
    case "compare":
      // Only whether there are figures; they are compared with those of the other variants.
      if (outcome.verdict === "measured") return { kind: "met" };
      return { kind: "undecided", reason: `${variant} ${sentenceOf(outcome)}` };
  }
}

function answerVerdict(predicate: Extract<Predicate, { kind: "verdict" }>, variant: string, outcome: Finished): Answer {
  const found = `${variant} ${sentenceOf(outcome)}`;
  if (outcome.verdict === predicate.verdict) {
    const detail = outcome.verdict === "violated" ? outcome.violationClass : outcome.limit;
    const isMet = predicate.detail === null || predicate.detail === detail;
    return isMet ? { kind: "met" } : { kind: "unmet", found };
  }
  // A limit and a text that does not compile say nothing about the property.
  const isOpen = outcome.verdict === "inconclusive" || outcome.verdict === "rejected";
  return isOpen ? { kind: "undecided", reason: found } : { kind: "unmet", found };
}

function answerNote(predicate: Extract<Predicate, { kind: "note" }>, variant: string, outcome: Finished): Answer {
  // A simulation sees one order of events a replication: what it does not reach is not decided.
  const named = outcome.notes.filter((note) => note.text === predicate.text);
  const isReached = named.some((note) => note.reached);
  const wantsReached = predicate.mode === "reaches";
  if (isReached)
    return wantsReached ? { kind: "met" } : { kind: "unmet", found: `${variant} reaches "${predicate.text}"` };
  if (named.length === 0) return { kind: "undecided", reason: `no note says "${predicate.text}"` };
  if (!outcome.isExhaustive) {
    const reason = `${variant} ${sentenceOf(outcome)}, so not every state was searched for "${predicate.text}"`;
    return { kind: "undecided", reason };
  }
  return wantsReached ? { kind: "unmet", found: `${variant} never reaches "${predicate.text}"` } : { kind: "met" };
}

function answerReach(predicate: Extract<Predicate, { kind: "reach" }>, variant: string, outcome: Finished): Answer {
  switch (outcome.reach) {
    case null:
      return { kind: "undecided", reason: `${variant} ${sentenceOf(outcome)}` };
    case "open":
      return { kind: "undecided", reason: `${variant} was not reached within these bounds` };
    case "reached":
    case "never": {
      const found = `${variant} is ${outcome.reach === "reached" ? "reached" : "never reached"}`;
      return predicate.mode === outcome.reach ? { kind: "met" } : { kind: "unmet", found };
    }
  }
}

/** All subsets must be there; a smaller set that is not decided, or another class before it, leaves the question open. */
function answerAblation(
  predicate: Extract<Predicate, { kind: "ablation" }>,
  outcomeOf: (subset: string) => RunOutcome,
): Answer {
  const { switches, part, violationClass } = predicate;
  if (switches.length > exhaustiveSwitchesMax) {
    return { kind: "undecided", reason: "more than ten switches: not every subset is run, so no cause is proven" };
  }
  const outcomes = allSubsets(switches).map((subset) => ({ subset, outcome: outcomeOf(subsetLabel(subset)) }));
  const missing = outcomes.find(({ outcome }) => outcome.kind !== "finished");
  if (missing !== undefined) {
    const state = missing.outcome.kind === "unfinished" ? `is ${missing.outcome.status}` : "was not run";
    return { kind: "not-run", reason: `${subsetLabel(missing.subset)} ${state}` };
  }
  const ablation = explainAblation(
    switches,
    outcomes.map(({ subset, outcome }) => ablationCell(subset, outcome)),
  );
  const finding = ablation.findings.find((candidate) => candidate.violationClass === violationClass);
  const sets = (part === "cause" ? finding?.causes : finding?.cures) ?? [];
  const found = [...new Set(sets.map(({ subset }) => subsetLabel(subset)))].sort();
  const wanted = predicate.subsets.map(subsetLabel).sort();
  if (ablation.undecided.length > 0) {
    return { kind: "undecided", reason: `${subsetLabel(ablation.undecided[0] ?? [])} is not decided` };
  }
  if (found.join() === wanted.join()) return { kind: "met" };
  return { kind: "unmet", found: `${part} ${violationClass} ${found.join(" ") || "none"}` };
}

/** A run's outcome as a cell of an ablation. */
export function ablationCell(subset: readonly string[], outcome: RunOutcome): AblationCell {
  if (outcome.kind !== "finished") return { subset, outcome: { kind: "undecided", reason: "no-verdict" }, notes: [] };
  const notes = outcome.notes.map(({ text, reached }) => ({ text, state: noteState(outcome, reached) }));
  return { subset, outcome: subsetOutcome(outcome), notes };
}

function noteState(outcome: Finished, isReached: boolean): NoteState {
  if (isReached) return "reached";
  return outcome.isExhaustive ? "never" : "unknown";
}

function subsetOutcome(outcome: Finished): SubsetOutcome {
  switch (outcome.verdict) {
    case "holds":
    case "measured":
      return { kind: "holds" };
    case "violated":
      return { kind: "violated", violationClass: outcome.violationClass ?? "unnamed" };
    case "inconclusive":
    case "rejected":
      return { kind: "undecided", reason: outcome.verdict };
  }
}

/** `holds`, `is violated (use-after-free)`, `is inconclusive (states)`, `was rejected`. */
function sentenceOf(outcome: Finished): string {
  switch (outcome.verdict) {
    case "holds":
      return "holds";
    case "measured":
      return "is measured";
    case "violated":
      return `is violated${outcome.violationClass === null ? "" : ` (${outcome.violationClass})`}`;
    case "inconclusive":
      return `is inconclusive${outcome.limit === null ? "" : ` (${outcome.limit})`}`;
    case "rejected":
      return "was rejected";
  }
}
