/** The whole way: times observed, fitted, pasted into a scenario, simulated, and compared with what was observed. */
import { describe, expect, it } from "vitest";
import { compileTimed } from "../code/compile-timed.ts";
import { defaultProfile } from "../profiles/profiles.ts";
import { simulate } from "../simulate.ts";
import { fitTimes } from "./fit.ts";
import { misfit, ofDistribution, type Misfit } from "./misfit.ts";
import type { Bucket, ObservedTimes } from "./observation.ts";
import { renderParameters } from "./report.ts";

const lock = { name: "l", mode: null, lockKind: null, acquisitions: null, contentions: null, times: {} } as const;

/** Counts of a lognormal of median 9 us and p99 80 us, in powers of two from 128 ns. */
const counts = [1, 8, 154, 827, 2776, 5352, 5836, 3497, 1268, 251, 30];
const buckets = counts.map((count, index): Bucket => ({ fromNs: 128 * 2 ** index, toNs: 256 * 2 ** index, count }));
const observed: ObservedTimes = { kind: "histogram", count: counts.reduce((sum, count) => sum + count, 0), buckets };

/** Simulates a scenario whose span lasts as `work` says, and compares the span with the observation. */
function compared(lines: string, constants: ReadonlyMap<string, number>): Misfit {
  const text = `task t { forever { span("held") { ${lines} } sleep(10us); } }`;
  const compiled = compileTimed({ files: [{ name: "t.scn", text, firstLine: 1 }], constants, options: {} });
  if (compiled.kind !== "compiled") throw new Error(JSON.stringify(compiled));
  const result = simulate(compiled.program, {
    profile: defaultProfile,
    untilNs: 400_000_000,
    warmUpNs: 0,
    eventsMax: 10_000_000,
    seed: 1,
    replications: 2,
  });
  return misfit(observed, ofDistribution(result.spans[0]!.latency));
}

describe("an observation, its fit and the simulation of it", () => {
  it("agree when what was fitted is simulated", () => {
    const fit = fitTimes(observed);
    const text = renderParameters(lock, "hold", fit);
    const constants = new Map(
      [...text.matchAll(/^(\w+) = (\d+) in/gm)].map(([, name = "", value]) => [name, Number(value)]),
    );
    const work = /^work\(.*\);$/m.exec(text)?.[0] ?? "";
    expect([...constants.keys()]).toEqual(["HOLD_MEDIAN_NS", "HOLD_P99_NS"]);
    const outcome = compared(work, constants);
    expect(outcome.verdict, outcome.reason).toBe("fits");
    expect(outcome.ks).toBeLessThan(0.03);
  });

  it("do not when another distribution of the same mean is simulated", () => {
    const outcome = compared("work(13500 ns);", new Map());
    expect(outcome.verdict).toBe("bad");
  });
});
