import { describe, expect, it } from "vitest";
import { resultWithMeans } from "../../tests/simulate/result-with-means.ts";
import { evaluateClaim, evaluateExpectation, type RunOutcome } from "./evaluate.ts";
import { parsePredicate } from "./predicates.ts";
import type { Expectation } from "./types.ts";

function measured(meansNs: readonly number[]): RunOutcome {
  return {
    kind: "finished",
    verdict: "measured",
    violationClass: null,
    limit: null,
    isExhaustive: false,
    notes: [{ text: "missed", reached: false }],
    reach: null,
    simulated: resultWithMeans(meansNs),
  };
}

const base = [10_000, 12_000, 9_000, 11_000, 10_500];
const outcomes: Readonly<Record<string, RunOutcome>> = {
  mainline: measured(base),
  half: measured(base.map((ns) => ns * 0.4)),
  same: measured([11_000, 9_000, 12_000, 10_000, 10_600]),
  once: measured([10_000]),
  waiting: { kind: "unfinished", status: "queued" },
  "mainline LOAD=1": measured(base),
  "mainline LOAD=2": measured(base.map((ns) => ns * 4)),
};

function line(text: string, points: readonly string[] = [""]): Expectation {
  const predicate = parsePredicate(text);
  if (typeof predicate === "string") throw new Error(predicate);
  return { runId: "cost", predicate, points, text, line: 1 };
}

function stateOf(expectation: Expectation): string {
  const state = evaluateExpectation(expectation, (_run, variant) => outcomes[variant] ?? { kind: "not-run" });
  return state.kind === "match" ? "match" : `${state.kind}: ${state.kind === "drift" ? state.found : state.reason}`;
}

function claimOf(text: string): string {
  const claim = { id: "c", quote: "q", messageId: "m@example.org", needs: [line(text)], line: 1 };
  return evaluateClaim(claim, (_run, variant) => outcomes[variant] ?? { kind: "not-run" }).kind;
}

describe("a predicate over figures", () => {
  it.each([
    ["half.mean <= 0.5 * mainline.mean at 95%", "supported"],
    ["half.mean <= 0.3 * mainline.mean at 95%", "refuted"],
    ["half.mean / mainline.mean < 0.5", "supported"],
    ["mainline.mean - half.mean > 3us", "supported"],
    ["mainline.mean < 15us", "supported"],
    ["mainline.mean < 10.4us", "inconclusive"],
    ["mainline.mean < 5us", "refuted"],
    ["same.mean < mainline.mean", "inconclusive"],
    ["same.mean != mainline.mean", "inconclusive"],
    ["mainline.mean = mainline.mean", "supported"],
    ["half.mean != mainline.mean", "supported"],
    ["half.mean = mainline.mean", "refuted"],
    ["half.mean > 2us", "supported"],
    ["half.mean >= mainline.mean", "refuted"],
    ["once.mean < 15us", "inconclusive"],
    ["mainline.max < 15us", "inconclusive"],
    ["mainline.p77 < 15us", "inconclusive"],
    ["waiting.mean < 15us", "untested"],
    ["mainline.mean / (mainline.mean - mainline.mean) < 1", "inconclusive"],
    ["mainline measured", "supported"],
  ])("%s is %s", (text, state) => {
    expect(claimOf(text)).toBe(state);
  });

  it("says both sides and the interval where it is not met", () => {
    expect(stateOf(line("mainline.mean < 5us"))).toBe(
      "drift: 10.5 us against 5 us, difference 5.50 us +- 1.39 us at 95 %",
    );
    expect(stateOf(line("once.mean < 15us"))).toBe("drift: 10 us against 15 us: too few replications for an interval");
  });

  it("must hold at every point of a sweep", () => {
    expect(stateOf(line("mainline.mean < 15us", ["LOAD=1"]))).toBe("match");
    expect(stateOf(line("mainline.mean < 15us", ["LOAD=1", "LOAD=2"]))).toMatch(
      /^drift: at LOAD=2: 42 us against 15 us/,
    );
    expect(stateOf(line("mainline.mean < 15us", ["LOAD=1", "LOAD=3"]))).toBe("not-run: mainline LOAD=3 was not run");
  });

  it("does not take a simulation's silence for never", () => {
    expect(stateOf(line('mainline never reaches "missed"'))).toMatch(
      /^drift: mainline is measured, so not every state/,
    );
  });
});
