import { describe, expect, it } from "vitest";
import { evaluateClaim, evaluateExpectation, type RunOutcome } from "./evaluate.ts";
import { parsePredicate } from "./predicates.ts";
import type { Claim, Expectation } from "./types.ts";

function finished(verdict: "holds" | "violated" | "inconclusive" | "rejected", detail?: string): RunOutcome {
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
  return { runId: "race", predicate, text, line: 1 };
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
