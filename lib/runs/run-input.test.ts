import { describe, expect, it } from "vitest";
import {
  buildRunInput,
  defaultReductions,
  engineFlags,
  parseRunInput,
  readReductions,
  runInputText,
  runKey,
  type RunInput,
  type RunPlan,
} from "./run-input.ts";

const plan: RunPlan = {
  kind: "check",
  simulation: null,
  reach: null,
  cells: [{ id: "model", text: "int x;\n" }],
  options: { races: "off" },
  defines: { RECHECK: 1 },
  parameters: { N: 2, M: 3 },
  switches: { LOCK_ALWAYS: 0 },
  appliedHunks: [{ messageId: "a@example.org", path: "mm/rmap.c", oldStart: 547, ordinal: 0 }],
  seed: 1,
  limits: { statesMax: 1000, depthMax: 100, memoryBytesMax: 1_000_000 },
};
const engine = "ab".repeat(32);

function inputOf(changes: Partial<RunPlan> = {}): RunInput {
  return buildRunInput({ ...plan, ...changes }, { engine, reductions: defaultReductions, coverage: false });
}

describe("what is asked of the engine", () => {
  it("is read from words, and written as the command's flags when it is not the usual", () => {
    expect(readReductions("none")).toEqual([]);
    expect(readReductions("dead-locals")).toEqual(["dead-locals"]);
    expect(readReductions("some")).toContain('there is no "some"');
    expect(engineFlags(inputOf())).toEqual([]);
    expect(engineFlags(buildRunInput(plan, { engine, reductions: [], coverage: true }))).toEqual([
      "--reductions none",
      "--coverage",
    ]);
    expect(engineFlags(buildRunInput(plan, { engine, reductions: ["dead-locals"], coverage: false }))).toEqual([
      "--reductions dead-locals",
    ]);
  });

  it("changes the run key", () => {
    const covered = buildRunInput(plan, { engine, reductions: defaultReductions, coverage: true });
    expect(runKey(covered)).not.toBe(runKey(inputOf()));
    expect(parseRunInput(runInputText(covered))).toEqual(covered);
  });
});

describe("the run key", () => {
  it("is sixteen characters of base32", () => {
    expect(runKey(inputOf())).toMatch(/^[a-z2-7]{16}$/);
  });

  it("does not depend on the order in which names were written", () => {
    const reordered = inputOf({ parameters: { M: 3, N: 2 } });
    expect(runKey(reordered)).toBe(runKey(inputOf()));
  });

  it("does not depend on the order or repetition of reductions", () => {
    const reductions = [...defaultReductions, ...defaultReductions].reverse();
    expect(runKey(buildRunInput(plan, { engine, reductions, coverage: false }))).toBe(runKey(inputOf()));
  });

  const changes: Record<string, RunInput> = {
    "a cell's text": inputOf({ cells: [{ id: "model", text: "int y;\n" }] }),
    "a cell's id": inputOf({ cells: [{ id: "other", text: "int x;\n" }] }),
    "one more cell": inputOf({ cells: [...plan.cells, { id: "more", text: "" }] }),
    "an option": inputOf({ options: { races: "note" } }),
    "a define": inputOf({ defines: { RECHECK: 0 } }),
    "a parameter": inputOf({ parameters: { N: 3, M: 3 } }),
    "a parameter's name": inputOf({ parameters: { K: 2, M: 3 } }),
    "a switch": inputOf({ switches: { LOCK_ALWAYS: 1 } }),
    "an applied hunk": inputOf({ appliedHunks: [] }),
    "a hunk's ordinal": inputOf({ appliedHunks: plan.appliedHunks.map((hunk) => ({ ...hunk, ordinal: 1 })) }),
    "the seed": inputOf({ seed: 2 }),
    "the bound on states": inputOf({ limits: { ...plan.limits, statesMax: 1001 } }),
    "the bound on depth": inputOf({ limits: { ...plan.limits, depthMax: 101 } }),
    "the bound on memory": inputOf({ limits: { ...plan.limits, memoryBytesMax: 1_000_001 } }),
    "the engine": buildRunInput(plan, { engine: "cd".repeat(32), reductions: defaultReductions, coverage: false }),
    "the reductions": buildRunInput(plan, { engine, reductions: [], coverage: false }),
  };

  it.each(Object.entries(changes))("changes with %s", (_what, input) => {
    expect(runKey(input)).not.toBe(runKey(inputOf()));
  });

  it("is different for each of these changes", () => {
    const keys = Object.values(changes).map(runKey);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("is pinned: a change of the format renames every stored run", () => {
    expect(runKey(buildRunInput(plan, { engine, reductions: [], coverage: false }))).toMatchInlineSnapshot(
      `"kelvnrpc6rqgf5fn"`,
    );
  });
});

describe("the stored input", () => {
  it("reads back as it was written", () => {
    const input = inputOf();
    expect(parseRunInput(runInputText(input))).toEqual(input);
  });

  it("is refused when something else stands in it", () => {
    expect(() => parseRunInput(JSON.stringify({ ...inputOf(), extra: 1 }))).toThrow("extra");
  });
});
