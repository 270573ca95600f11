import type { Coverage, ExploreResult } from "#simulator";
import { describe, expect, it } from "vitest";
import { readRunResult, resultHash, resultText, type ExploredResult, type ResultCoverage } from "./run-result.ts";

type Lost<Given, Known> = Exclude<keyof Given, keyof Known>;
/** What the simulator gives and the schema does not know would be dropped in silence: then this does not compile. */
const nothingIsLost: Record<Lost<ExploreResult, ExploredResult> | Lost<Coverage, ResultCoverage>, never> = {};

const holds: ExploredResult = {
  verdict: "holds",
  message: "holds",
  states: 3,
  transitions: 4,
  depth: 2,
  exhaustive: true,
  memoryBytes: 64,
  reductions: [],
  assumptions: ["SC"],
  notes: [],
  sometimes: [],
  warnings: [],
  diagnostics: [],
};

describe("readRunResult", () => {
  it("knows every field that the simulator gives", () => {
    expect(nothingIsLost).toEqual({});
  });

  it("accepts a result and drops what is no part of one", () => {
    const reading = readRunResult({ ...holds, ms: 12, host: "a" });
    expect(reading).toEqual({ kind: "result", result: holds });
  });

  it.each([
    ["holds without an exhaustive search", { ...holds, exhaustive: false }],
    ["a violation without a class", { ...holds, verdict: "violated" }],
    ["an unknown class", { ...holds, verdict: "violated", class: "bad-luck" }],
    ["inconclusive without a limit", { ...holds, verdict: "inconclusive", exhaustive: false }],
    ["rejected without a diagnostic", { verdict: "rejected", diagnostics: [] }],
    ["an unknown verdict", { ...holds, verdict: "fine" }],
    ["a count that is no count", { ...holds, states: -1 }],
    ["nothing", null],
  ])("calls %s malformed", (_what, value) => {
    expect(readRunResult(value).kind).toBe("malformed");
  });
});

describe("the result hash", () => {
  it("depends on the result only, not on the order of its parts", () => {
    const reordered = Object.fromEntries(Object.entries(holds).reverse());
    const reading = readRunResult(reordered);
    if (reading.kind !== "result") throw new Error(reading.reason);
    expect(resultHash(resultText(reading.result))).toBe(resultHash(resultText(holds)));
    expect(resultHash(resultText({ ...holds, states: 4 }))).not.toBe(resultHash(resultText(holds)));
  });
});
