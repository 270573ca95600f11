import { expect, it } from "vitest";
import { countsWords, outcomeWords, toneOf, toneRank, verdictWords, type RunState } from "./verdict-words.ts";

const state: RunState = {
  status: "finished",
  verdict: "holds",
  violationClass: null,
  steps: null,
  states: 1204,
  limit: null,
  stopReason: null,
};

it("says each verdict in words", () => {
  expect(verdictWords(state)).toBe("holds: 1,204 states, exhaustive");
  expect(verdictWords({ ...state, verdict: "violated", violationClass: "use-after-free", steps: 14 })).toBe(
    "violated: use-after-free, 14 steps",
  );
  expect(verdictWords({ ...state, verdict: "inconclusive", limit: "states" })).toBe(
    "inconclusive: bound on states reached",
  );
});

it("never lets a run without a verdict read as a pass", () => {
  for (const status of ["queued", "running", "failed", "stopped", "cancelled"] as const) {
    expect(verdictWords({ ...state, status, verdict: null })).not.toMatch(/holds/);
  }
  expect(toneOf({ status: "finished", verdict: null })).toBe("failed");
  // A verdict left over from before a re-queue is not shown while the run waits.
  expect(toneOf({ status: "queued", verdict: "holds" })).toBe("queued");
});

it("says of a reach's answer neither that it is good nor that it is bad", () => {
  expect(toneOf({ status: "finished", verdict: "violated", reach: "reached" })).toBe("answered");
  expect(toneOf({ status: "finished", verdict: "holds", reach: "open" })).toBe("inconclusive");
  expect(outcomeWords("answered")).toBe("answered:");
});

it("counts in words, worst first", () => {
  expect(countsWords({ holds: 3, violated: 1, queued: 2 })).toBe("1 violated, 2 queued, 3 hold");
  expect(countsWords({ holds: 1 })).toBe("1 holds");
  expect(countsWords({})).toBe("");
  expect(toneRank("violated")).toBeLessThan(toneRank("holds"));
});
