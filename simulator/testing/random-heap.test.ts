/**
 * The reductions, one by one and together, against the naive explorer on random programs of allocation: verdict, class and
 * notes are the same, no trace is longer. A count may be larger: which addresses are given out depends on what was cleared,
 * and states that differ by the names of heap objects are two. The seed is drawn afresh and printed; TWIN_SEED repeats it,
 * TWIN_RUNS sets how many.
 */
import { randomInt } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { explore } from "../explore/explore.ts";
import { reductionNames, type ExploreResult, type Reduction } from "../explore/result.ts";
import { defaultExploreLimits as limits } from "../limits.ts";
import { exploreNaively } from "./naive.ts";
import { randomHeap } from "./random-heap.ts";
import { scenarioOf } from "./twins.ts";

const runs = Number(process.env["TWIN_RUNS"] ?? "20");
const seed = Number(process.env["TWIN_SEED"] ?? String(randomInt(2 ** 31)));
/** Larger programs would take the naive explorer minutes. */
const statesMax = Number(process.env["TWIN_STATES"] ?? "4000");

const sets: readonly (readonly Reduction[])[] = [
  ["dead-locals"],
  ["symmetry"],
  ["merging"],
  ["partial-order"],
  ["dead-locals", "merging"],
  reductionNames,
];

const reachedOf = (result: ExploreResult): readonly boolean[] =>
  [...result.notes, ...result.sometimes].map((note) => note.reached);

const stepsOf = (result: ExploreResult): number => result.trace?.steps.length ?? 0;

function compareAll(text: string, plain: ExploreResult): void {
  const scenario = scenarioOf(text);
  const name = plain.class ?? "holds";
  // Lock order and what is never reached are no part of the naive explorer.
  if (name !== "never-reached" && name !== "lock-order")
    expect(exploreNaively(scenario.program).class ?? "holds").toBe(name);
  for (const reductions of sets) {
    const reduced = explore(scenario, { limits, reductions });
    const context = reductions.join(" ");
    expect([context, reduced.verdict, reduced.class]).toEqual([context, plain.verdict, plain.class]);
    expect(stepsOf(reduced)).toBeLessThanOrEqual(stepsOf(plain));
    if (plain.verdict !== "holds") continue;
    expect([context, ...reachedOf(reduced)]).toEqual([context, ...reachedOf(plain)]);
  }
}

describe("reductions and the naive twin", () => {
  it.each([
    { what: "addresses that nobody observes", observes: false },
    { what: "addresses that are observed", observes: true },
  ])(
    `agree on ${String(runs)} heaps with $what (seed ${String(seed)})`,
    { timeout: 3_600_000 },
    ({ what, observes }) => {
      const seen = new Map<string, number>();
      const sizes: number[] = [];
      let observed = 0;
      fc.assert(
        fc.property(randomHeap(observes), (text) => {
          const { addresses } = scenarioOf(text).program;
          if (!observes) expect(addresses?.observed).toBe(false);
          const plain = explore(scenarioOf(text), { limits: { ...limits, statesMax }, reductions: [] });
          if (plain.verdict === "inconclusive") return;
          sizes.push(plain.states);
          if (addresses?.observed !== false) observed += 1;
          const name = plain.class ?? "holds";
          seen.set(name, (seen.get(name) ?? 0) + 1);
          compareAll(text, plain);
        }),
        { numRuns: runs, seed, endOnFailure: true },
      );
      const sorted = sizes.toSorted((a, b) => a - b);
      const classes = [...seen].sort((a, b) => b[1] - a[1]).map(([name, count]) => `${name} ${String(count)}`);
      console.log(
        `${what}: ${String(sizes.length)} compared, ${String(observed)} observe, median ${String(sorted[sorted.length >> 1])} states; ${classes.join(", ")}`,
      );
      expect(sizes.length).toBeGreaterThan(runs / 4);
    },
  );
});
