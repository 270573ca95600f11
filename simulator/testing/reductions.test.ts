/**
 * The reductions against the naive explorer: on some random programs, drawn afresh each time, and on every scenario of the
 * corpus that the naive explorer can hold. `npm run test:twins` does 2,000 programs and checks that they are enough.
 *
 * The seed is printed; TWIN_SEED repeats it, TWIN_RUNS sets how many programs.
 */
import { randomInt } from "node:crypto";
import { describe, expect, it } from "vitest";
import { explore } from "../explore/explore.ts";
import { defaultExploreLimits as limits } from "../limits.ts";
import { localsOf, preludeOf } from "./protocol-declarations.ts";
import { compareTwins, scenarioOf, wordUses } from "./twins.ts";
import { bars, missedBars, tellDifference, twinTable } from "./twins-table.ts";

const programs = Number(process.env["TWIN_RUNS"] ?? "30");
const seed = Number(process.env["TWIN_SEED"] ?? String(randomInt(2 ** 31)));
const statesMax = Number(process.env["TWIN_STATES"] ?? "4000");

describe("the reductions", () => {
  it(
    `say what the naive explorer says of ${String(programs)} random programs (seed ${String(seed)})`,
    {
      timeout: 3_600_000,
    },
    () => {
      const startedMs = performance.now();
      const report = compareTwins({ programs, seed, statesMax });
      const seconds = (performance.now() - startedMs) / 1000;
      console.log(twinTable(report, { words: 12, seconds }));
      expect(report.differences.map(tellDifference)).toEqual([]);
      expect(report.states.length).toBe(programs);
      expect(report.compared["all"]).toBe(programs);
    },
  );
});

describe("the words of the language", () => {
  // Words that alone are a fault when two tasks run them.
  const faults: ReadonlyMap<string, string> = new Map([["call_srcu", "rcu-misuse"]]);

  it("have a use each, mild by itself", () => {
    for (const [word, use] of wordUses()) {
      const body = (use.place === "init" ? "a = 1;" : `${use.open} WRITE_ONCE(y, 1); ${use.close}`)
        .replaceAll("READY", "ready")
        .replaceAll("LABEL", "again");
      const tasks = `task t[2] { ${localsOf(body)} ${body} }\ntask waker { WRITE_ONCE(ready, 1); wake_up_all(&queue); }\n`;
      const text = `${preludeOf(tasks, use.place === "init" ? [use.open] : [])}${tasks}`;
      expect(text, "the use has the word").toMatch(new RegExp(`\\b${word}\\b`));
      const result = explore(scenarioOf(text), { limits, reductions: [] });
      expect(`${word}: ${result.class ?? result.verdict}`).toBe(`${word}: ${faults.get(word) ?? "holds"}`);
    }
  });
});

describe("the bars of a whole run", () => {
  const whole = {
    seeds: [1],
    states: Array.from({ length: bars.programs }, () => bars.medianStates + 1),
    violated: bars.programs / 4,
    classes: Object.fromEntries(bars.classes.map((name) => [name, bars.eachClass])),
    words: { spin_lock: bars.eachWord },
    compared: { all: bars.programs },
    leftOut: {},
    differences: [],
  };

  it("are met by what just meets them", () => expect(missedBars(whole)).toEqual([]));

  it("are missed by one program, state, violation, class or word too few", () => {
    expect(missedBars({ ...whole, states: whole.states.slice(1) })).toEqual(["1999 programs, not 2000"]);
    expect(missedBars({ ...whole, states: whole.states.map(() => bars.medianStates) })).toEqual([
      "median of 1000 states, not above 1000",
    ]);
    expect(missedBars({ ...whole, violated: whole.violated - 1 })).toEqual(["499 violated: less than a quarter"]);
    expect(missedBars({ ...whole, classes: { ...whole.classes, livelock: 49 } })).toEqual([
      "livelock 49 times, not 50",
    ]);
    expect(missedBars({ ...whole, words: { ...whole.words, mb: 19 } })).toEqual(["mb in 19 programs, not 20"]);
  });
});
