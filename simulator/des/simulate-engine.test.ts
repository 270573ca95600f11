/** The statistics on the contention engine: what it tells of random scripts adds up, and its queues have the waits of theory. */
import { describe, expect, it } from "vitest";
import { randomScripts } from "../testing/random-script.ts";
import { freeProfile, scriptedProgram } from "../testing/scripted-world.ts";
import { createStreams } from "./random/streams.ts";
import type { SimulateResult, TimeSplit } from "./result.ts";
import { simulate } from "./simulate.ts";

const ms = 1_000_000;

function draws(seed: number): (lo: number, hi: number) => number {
  const { choose } = createStreams({ seed, replication: 0 }, { declarations: [], sites: [] });
  return (lo, hi) => choose(-1, -1, { lo, hi });
}

function partsOf(split: TimeSplit): number {
  return split.run + split.spin + split.runnable + split.blocked + split.asleep + split.outside;
}

function byLockOf(split: TimeSplit): readonly [number, number] {
  return [
    split.byLock.reduce((sum, { spin }) => sum + spin, 0),
    split.byLock.reduce((sum, { blocked }) => sum + blocked, 0),
  ];
}

function expectExactSums(result: SimulateResult, measuredNs: number): void {
  for (const task of result.tasks) {
    expect(partsOf(task)).toBe(task.count * measuredNs);
    expect(byLockOf(task)).toEqual([task.spin, task.blocked]);
  }
  for (const { split, latency } of result.spans) {
    expect(byLockOf(split)).toEqual([split.spin, split.blocked]);
    if (result.replications === 1) expect(partsOf(split) / latency.samples).toBeCloseTo(latency.mean.mean, 5);
  }
  for (const { run, spin, switching, irq, idle } of result.cpus)
    expect(run + spin + switching + irq + idle).toBe(measuredNs);
}

describe("what the engine tells", () => {
  it("adds up exactly in 120 random scripts, with and without warm-up", () => {
    let sleeps = 0;
    for (let seed = 1; seed <= 120; seed += 1) {
      const draw = draws(seed);
      const cpus = draw(1, 4);
      // Interrupts come once, and may not sleep.
      const tasks = randomScripts(draw, cpus).filter(({ irq }) => irq !== true);
      const scripts = tasks.map((task) => ({
        ...task,
        rounds: Infinity,
        // Every round takes time.
        script: [...task.script, ["sleep", 20_000] as const],
      }));
      const profile = freeProfile(cpus, { atomicLocal: 7, contextSwitch: 2600, wakeRemote: 900, tick: 150 });
      const warmUpNs = seed % 2 === 0 ? 13_000_001 : 0;
      const replications = 1 + (seed % 3 === 0 ? 1 : 0);
      const result = simulate(scriptedProgram(scripts), {
        ...{ profile, untilNs: 60 * ms, warmUpNs, replications, seed, eventsMax: 1e7 },
      });
      expect([seed, result.message, result.verdict]).toEqual([seed, result.message, "measured"]);
      expectExactSums(result, replications * (60 * ms - warmUpNs));
      sleeps += result.tasks.reduce((sum, task) => sum + task.blockedSleeps, 0);
    }
    expect(sleeps).toBeGreaterThan(1000);
  });

  it("attributes every nanosecond waited for a lock to somebody, or to nobody", () => {
    for (let seed = 1; seed <= 40; seed += 1) {
      const draw = draws(seed);
      // Tasks that end: no wait is cut off by the end of the run, and none began in a warm-up.
      const result = simulate(scriptedProgram(randomScripts(draw, 2)), {
        ...{ profile: freeProfile(2), untilNs: 10_000 * ms, warmUpNs: 0, replications: 1, seed, eventsMax: 1e7 },
      });
      for (const lock of result.locks) {
        const label = `seed ${String(seed)} ${lock.name} ${lock.mode}`;
        const { ran, wasPreempted, waitedItself, wasNobody } = lock.waitedWhileHolder;
        expect([label, ran + wasPreempted + waitedItself + wasNobody]).toEqual([label, lock.wait.total]);
        expect([label, lock.waitedFor.reduce((sum, { ns }) => sum + ns, 0)]).toEqual([label, lock.wait.total]);
        expect(lock.hold.total).toBeGreaterThanOrEqual(0);
      }
    }
  });
});
