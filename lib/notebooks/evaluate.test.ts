import { describe, expect, it } from "vitest";
import { evaluateClaim, evaluateExpectation, type ReachAnswer, type RunOutcome } from "./evaluate.ts";
import { parsePredicate } from "./predicates.ts";
import type { Claim, Expectation } from "./types.ts";

function finished(
  verdict: "holds" | "violated" | "inconclusive" | "rejected",
  detail?: string,
  reach: ReachAnswer | null = null,
): RunOutcome {
  return {
    kind: "finished",
    verdict,
    violationClass: verdict === "violated" ? (detail ?? null) : null,
    limit: verdict === "inconclusive" ? (detail ?? null) : null,
    isExhaustive: verdict === "holds",
    notes: [
      { text: "missed", reached: true },
      { text: "unseen", reached: false },
    ],
    reach,
    simulated: null,
  };
}

const outcomes: Readonly<Record<string, RunOutcome>> = {
  mainline: finished("holds"),
  x2: finished("violated", "use-after-free"),
  big: finished("inconclusive", "states"),
  bad: finished("rejected"),
  queued: { kind: "unfinished", status: "queued" },
};

function outcomeOf(_runId: string, variant: string): RunOutcome {
  return outcomes[variant] ?? { kind: "not-run" };
}

function line(text: string): Expectation {
  const predicate = parsePredicate(text);
  if (typeof predicate === "string") throw new Error(predicate);
  return { runId: "race", predicate, points: [""], text, line: 1 };
}

function stateOf(text: string): string {
  return evaluateExpectation(line(text), outcomeOf).kind;
}

function claimOf(...needs: readonly string[]): string {
  const claim: Claim = { id: "c", quote: "q", messageId: "m@example.org", needs: needs.map(line), line: 1 };
  return evaluateClaim(claim, outcomeOf).kind;
}

describe("evaluateExpectation", () => {
  it.each([
    ["mainline holds", "match"],
    ["x2 holds", "drift"],
    ["x2 violated", "match"],
    ["x2 violated use-after-free", "match"],
    ["x2 violated deadlock", "drift"],
    ["mainline violated", "drift"],
    ["big inconclusive", "match"],
    ["big inconclusive states", "match"],
    ["big inconclusive memory", "drift"],
    ["bad rejected", "match"],
    ["mainline x2 holds", "drift"],
    ["other holds", "not-run"],
    ["queued holds", "not-run"],
    ["mainline other holds", "not-run"],
    ['mainline reaches "missed"', "match"],
    ['mainline never reaches "missed"', "drift"],
    ['mainline never reaches "unseen"', "match"],
    ['mainline reaches "unseen"', "drift"],
    ['mainline reaches "misspelt"', "drift"],
  ])("%s: %s", (text, state) => {
    expect(stateOf(text)).toBe(state);
  });

  it("never takes a limit for a pass", () => {
    expect(evaluateExpectation(line("big holds"), outcomeOf)).toEqual({
      kind: "drift",
      found: "big is inconclusive (states)",
    });
  });

  it("does not read a note's absence out of a search that stopped early", () => {
    const state = evaluateExpectation(line('x2 never reaches "unseen"'), outcomeOf);
    expect(state).toMatchObject({ kind: "drift", found: expect.stringContaining("not every state was searched") });
  });
});

describe("evaluateClaim", () => {
  it.each([
    [["mainline holds"], "supported"],
    [["x2 holds"], "refuted"],
    [["big holds"], "inconclusive"],
    [["bad holds"], "inconclusive"],
    [["other holds"], "untested"],
    [["mainline holds", "x2 violated use-after-free"], "supported"],
    [["mainline holds", "x2 holds"], "refuted"],
    [["other holds", "x2 holds"], "refuted"],
    [["other holds", "big holds"], "inconclusive"],
    [["mainline.p99 < x2.p99"], "inconclusive"],
  ])("%j is %s", (needs, state) => {
    expect(claimOf(...needs)).toBe(state);
  });
});

describe("expectations of an ablation", () => {
  const uafWithout = (subset: string): RunOutcome =>
    subset.includes("A") && !subset.includes("B") ? finished("violated", "use-after-free") : finished("holds");

  function ablationState(text: string, of: (subset: string) => RunOutcome = uafWithout): string {
    const { predicate } = line(text);
    if (predicate.kind !== "ablation") throw new Error("no ablation");
    const expectation = {
      runId: "which",
      predicate: { ...predicate, switches: ["A", "B"] },
      points: [""],
      text,
      line: 1,
    };
    const state = evaluateExpectation(expectation, (_runId, subset) => of(subset));
    return state.kind === "match" ? "match" : `${state.kind}: ${state.kind === "drift" ? state.found : state.reason}`;
  }

  it("are weighed over all its subsets", () => {
    expect(ablationState("cause use-after-free {A}")).toBe("match");
    expect(ablationState("cure use-after-free {B}")).toBe("match");
    expect(ablationState("cause deadlock none")).toBe("match");
    expect(ablationState("cause use-after-free {B}")).toBe("drift: cause use-after-free {A}");
    expect(ablationState("cure use-after-free none")).toBe("drift: cure use-after-free {B}");
  });

  it("are not met while a subset is not decided, nor compared while one was not run", () => {
    const one = (outcome: RunOutcome) => (subset: string) => (subset === "{B}" ? outcome : uafWithout(subset));
    expect(ablationState("cause use-after-free {A}", one(finished("inconclusive", "states")))).toBe(
      "drift: {B} is not decided",
    );
    expect(ablationState("cause use-after-free {A}", one({ kind: "unfinished", status: "queued" }))).toBe(
      "not-run: {B} is queued",
    );
  });

  it("speak of single subsets under any spelling of the set", () => {
    const { predicate } = line("{B A} {} holds");
    expect(predicate).toEqual({ kind: "verdict", variants: ["{A, B}", "{}"], verdict: "holds", detail: null });
  });
});

describe("expectations of a reach", () => {
  function reachState(text: string, reach: "reached" | "never" | "open"): string {
    return evaluateExpectation(line(text), () => finished("holds", undefined, reach)).kind;
  }

  it("are met by a witness, or by its absence from the whole state space", () => {
    expect(reachState("base reached", "reached")).toBe("match");
    expect(reachState("base never reached", "never")).toBe("match");
    expect(reachState("base reached", "never")).toBe("drift");
    expect(reachState("base never reached", "open")).toBe("drift");
  });
});
