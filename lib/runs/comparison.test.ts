import { describe, expect, it } from "vitest";
import { comparisonSentence, compareRuns } from "./comparison.ts";
import { crossoverPoint, crossoverSentence, searchCrossover, type CrossoverPoint } from "./crossover.ts";
import { resultWithMeans } from "../../tests/simulate/result-with-means.ts";
import { sweepLines, sweepView, type SweepRun } from "./sweep.ts";
import { parsePredicate } from "../notebooks/predicates.ts";
import type { Expectation } from "../notebooks/types.ts";

const noisy = [4_000, 4_400, 3_900, 4_200, 4_100];

describe("compareRuns", () => {
  it("tells a difference that every pair shows, though the values themselves overlap", () => {
    const second = noisy.map((ns) => ns - 100);
    const compared = compareRuns(
      "mean",
      { variant: "a", result: resultWithMeans(noisy) },
      { variant: "b", result: resultWithMeans(second) },
    );
    expect(compared).toMatchObject({ kind: "compared", difference: -100, halfWidth: 0, isShown: true, pairs: 5 });
    expect(comparisonSentence(compared)).toBe(
      "mean of b is 100 ns +- 0 lower than of a, -2.4 % (4.12 us and 4.02 us; 95 %, 5 pairs of replications).",
    );
  });

  it("shows no difference where the interval spans 0, and says which would have shown", () => {
    const compared = compareRuns(
      "mean",
      { variant: "a", result: resultWithMeans(noisy) },
      { variant: "b", result: resultWithMeans([4_100, 4_300, 4_000, 4_100, 4_200]) },
    );
    expect(comparisonSentence(compared)).toMatch(/^mean: no difference shown between a and b .* would have shown\)\.$/);
  });

  it("does not compare what is not there", () => {
    const one = { variant: "a", result: resultWithMeans(noisy) };
    expect(comparisonSentence(compareRuns("mean", one, { variant: "b", result: null }))).toBe(
      "mean is not compared: b has no figures.",
    );
    expect(compareRuns("meen", one, one)).toMatchObject({ kind: "none", reason: expect.stringContaining("mean") });
    expect(compareRuns("max", one, one)).toMatchObject({ kind: "none" });
  });
});

/** b is lower below the crossing and higher above it; at the crossing none is shown. */
function pointAt(value: number, crossing: number): CrossoverPoint {
  const difference = value === crossing ? [90, -100, 80, -70, 5] : noisy.map(() => (value < crossing ? -50 : 50));
  const second = noisy.map((ns, index) => ns + (difference[index] ?? 0));
  const runs = {
    first: { variant: "a", result: resultWithMeans(noisy) },
    second: { variant: "b", result: resultWithMeans(second) },
  };
  return crossoverPoint(value, { metric: "mean", ...runs });
}

function search(
  values: readonly number[],
  crossing: number,
): { readonly sentence: string; readonly asked: readonly number[] } {
  const known: CrossoverPoint[] = [];
  for (;;) {
    const found = searchCrossover(values, known);
    if (found.kind !== "more") {
      return { sentence: crossoverSentence("LOAD", "mean", found), asked: known.map(({ value }) => value) };
    }
    known.push(...found.values.map((value) => pointAt(value, crossing)));
  }
}

describe("searchCrossover", () => {
  const values = Array.from({ length: 64 }, (_, index) => index + 1);

  it("finds where the order changes, in about log2 rounds", () => {
    const { sentence, asked } = search(values, 20.5);
    expect(sentence).toBe("mean changes order between LOAD=20 (b is lower) and LOAD=21 (a is lower).");
    expect(asked.length).toBeLessThanOrEqual(2 + 6);
  });

  it("steps over a value that does not decide, and names it", () => {
    expect(search(values, 20).sentence).toBe(
      "mean changes order between LOAD=19 (b is lower) and LOAD=21 (a is lower); no difference is shown at 20.",
    );
  });

  it("concludes nothing from equal ends, or from an end that does not decide", () => {
    expect(search(values, 100).sentence).toBe(
      "mean of b is lower at both ends, LOAD=1 and 64: no crossover is shown between them, nor ruled out.",
    );
    expect(search(values, 64).sentence).toBe(
      "mean along LOAD: no crossover can be looked for, as LOAD=64 is not decided: no difference is shown there.",
    );
  });
});

function expectation(text: string): Expectation {
  const predicate = parsePredicate(text);
  if (typeof predicate === "string") throw new Error(predicate);
  return { runId: "map", predicate, points: [""], text: `map: ${text}`, line: 1 };
}

describe("sweepView", () => {
  const run = (variant: string, point: Record<string, number>, ns: number | null): SweepRun => ({
    variant,
    point,
    result: ns === null ? null : resultWithMeans([ns, ns]),
    words: "queued",
  });

  it("puts runs into the grid and marks what is beyond a threshold", () => {
    const view = sweepView(
      [
        run("a", { LOAD: 1, CPUS: 2 }, 1_000),
        run("a", { LOAD: 1, CPUS: 4 }, 4_000),
        run("a", { LOAD: 2, CPUS: 4 }, 9_000),
        run("a", { LOAD: 2, CPUS: 2 }, null),
      ],
      {
        metric: "mean",
        axes: [
          { name: "LOAD", values: [1, 2] },
          { name: "CPUS", values: [2, 4] },
        ],
        lines: [expectation("a.mean < 5us")],
      },
    );
    expect(view.variants[0]?.cells.map((cell) => cell.isMet)).toEqual([true, true, null, false]);
    expect(sweepLines(view)).toEqual([
      "mean of a; LOAD down, CPUS across",
      "                     2         4",
      "1                 1 us      4 us",
      "2                    -     9 us*",
      "",
      "* a: not a.mean < 5us",
    ]);
  });

  it("lists the points of one parameter, a column a variant", () => {
    const axes = [{ name: "LOAD", values: [1, 2] }];
    const runs = ["a", "b", "c"].flatMap((variant) => [
      run(variant, { LOAD: 1 }, 1_000),
      run(variant, { LOAD: 2 }, variant === "c" ? null : 2_000),
    ]);
    expect(sweepLines(sweepView(runs, { metric: "mean", axes, lines: [] }))).toEqual([
      "mean                           a                     b",
      "LOAD=1                      1 us                  1 us",
      "LOAD=2                      2 us                  2 us",
      "",
      "mean                           c",
      "LOAD=1                      1 us",
      "LOAD=2                    queued",
    ]);
  });
});
