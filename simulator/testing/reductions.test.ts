/**
 * The reductions, one by one and together, against the naive explorer on random protocols: verdict, class and notes are
 * the same, no trace is longer, no count is larger. The seed is drawn afresh and printed; TWIN_SEED repeats it, TWIN_RUNS
 * sets how many.
 */
import { randomInt } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compile } from "../compile.ts";
import { explore } from "../explore/explore.ts";
import { reductionNames, type ExploreResult, type Reduction } from "../explore/result.ts";
import type { Scenario } from "../explore/scenario.ts";
import { parseCellOptions } from "../lang/cell-options.ts";
import { defaultExploreLimits } from "../limits.ts";
import { renderDiagnostic } from "../source/diagnostic.ts";
import { exploreNaively } from "./naive.ts";
import { randomProtocol } from "./random-protocol.ts";

const runs = Number(process.env["TWIN_RUNS"] ?? "10");
const seed = Number(process.env["TWIN_SEED"] ?? String(randomInt(2 ** 31)));
/** Larger programs would take the naive explorer minutes. */
const statesMax = Number(process.env["TWIN_STATES"] ?? "4000");
const limits = { ...defaultExploreLimits, statesMax };
/** A reduced search may see more states than a plain one before it comes to the violation that ends both. */
const reducedLimits = { ...defaultExploreLimits, statesMax: 10 * statesMax };

const sets: readonly (readonly Reduction[])[] = [
  ["symmetry"],
  ["merging"],
  ["partial-order"],
  ["dead-locals", "merging"],
  reductionNames,
];

function scenarioOf(text: string): Scenario {
  const file = { name: "random.scn", text, firstLine: 1 };
  const { language } = parseCellOptions(file);
  const outcome = compile({ files: [file], constants: new Map(), options: language });
  if (outcome.kind === "rejected")
    throw new Error(outcome.diagnostics.map((diagnostic) => renderDiagnostic(diagnostic)).join("\n"));
  return outcome.scenario;
}

const reachedOf = (result: ExploreResult): readonly boolean[] =>
  [...result.notes, ...result.sometimes].map((note) => note.reached);

const stepsOf = (result: ExploreResult): number => result.trace?.steps.length ?? 0;

describe("reductions and the naive twin", () => {
  it(`agree on ${String(runs)} random protocols (seed ${String(seed)})`, { timeout: 3_600_000 }, () => {
    const seen = new Map<string, number>();
    const sizes: number[] = [];
    fc.assert(
      fc.property(randomProtocol, (text) => {
        const scenario = scenarioOf(text);
        const plain = explore(scenario, { limits, reductions: [] });
        if (plain.verdict === "inconclusive") return;
        sizes.push(plain.states);
        const name = plain.class ?? "holds";
        seen.set(name, (seen.get(name) ?? 0) + 1);
        // Lock order is no part of the naive explorer.
        if (name !== "never-reached" && name !== "lock-order")
          expect(exploreNaively(scenario.program).class ?? "holds").toBe(name);
        for (const reductions of sets) {
          const reduced = explore(scenario, { limits: reducedLimits, reductions });
          const context = reductions.join(" ");
          expect([context, reduced.verdict, reduced.class]).toEqual([context, plain.verdict, plain.class]);
          expect(stepsOf(reduced)).toBeLessThanOrEqual(stepsOf(plain));
          if (plain.verdict !== "holds") continue;
          expect([context, ...reachedOf(reduced)]).toEqual([context, ...reachedOf(plain)]);
          expect(reduced.states).toBeLessThanOrEqual(plain.states);
        }
      }),
      { numRuns: runs, seed, endOnFailure: true },
    );
    const sorted = sizes.toSorted((a, b) => a - b);
    const classes = [...seen].sort((a, b) => b[1] - a[1]).map(([name, count]) => `${name} ${String(count)}`);
    console.log(
      `seed ${String(seed)}: ${String(sizes.length)} compared, median ${String(sorted[sorted.length >> 1])} states; ${classes.join(", ")}`,
    );
    expect(sizes.length).toBeGreaterThan(runs / 8);
  });
});
