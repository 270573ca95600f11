/** The real explorer against the naive one on random scenarios: verdict class, trace length, states, transitions. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compile } from "../compile.ts";
import { searchProgram } from "../explore/search.ts";
import { defaultExploreLimits } from "../limits.ts";
import { renderDiagnostic } from "../source/diagnostic.ts";
import { exploreNaively } from "./naive.ts";
import { randomScenario } from "./random-scenario.ts";

const runs = Number(process.env["TWIN_RUNS"] ?? "150");
const seed = Number(process.env["TWIN_SEED"] ?? "20260101");
/** The naive explorer keeps states as text; larger scenarios are left to the counts that are pinned elsewhere. */
const statesMax = 3000;

function program(text: string) {
  const outcome = compile({ files: [{ name: "random.scn", text, firstLine: 1 }], constants: new Map(), options: {} });
  if (outcome.kind === "rejected")
    throw new Error(outcome.diagnostics.map((diagnostic) => renderDiagnostic(diagnostic)).join("\n"));
  return outcome.scenario.program;
}

describe("the explorer and its naive twin", () => {
  it(`agree on random scenarios (seed ${String(seed)})`, { timeout: 120_000 }, () => {
    let compared = 0;
    fc.assert(
      fc.property(randomScenario, (text) => {
        const model = program(text);
        const limits = { ...defaultExploreLimits, statesMax };
        const outcome = searchProgram(model, { limits, reductions: [] });
        if (outcome.limit !== null) return;
        compared += 1;
        const outcomeOfNaive = exploreNaively(model);
        // What is never reached is judged by explore(), not by the search.
        const isUnreached = outcomeOfNaive.class === "never-reached";
        const naive = { ...outcomeOfNaive, class: isUnreached ? null : outcomeOfNaive.class };
        expect({
          class: outcome.finding?.class ?? null,
          length: outcome.finding?.length ?? -1,
          ...(outcome.finding === null ? { states: outcome.states, transitions: outcome.transitions } : {}),
        }).toEqual({
          class: naive.class,
          length: naive.length,
          ...(outcome.finding === null ? { states: naive.states, transitions: naive.transitions } : {}),
        });
        const reduced = searchProgram(model, { limits, reductions: ["dead-locals"] });
        expect([reduced.finding?.class, reduced.finding?.length]).toEqual([
          outcome.finding?.class,
          outcome.finding?.length,
        ]);
        expect(reduced.states).toBeLessThanOrEqual(outcome.states);
      }),
      { numRuns: runs, seed, endOnFailure: false },
    );
    expect(compared).toBeGreaterThan(runs / 3);
  });
});
