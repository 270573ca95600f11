import { describe, expect, it } from "vitest";
import { exponential, queueEngine, queueProgram, type QueueModel } from "../testing/reference-queue.ts";
import { findProfile } from "./profiles/profiles.ts";
import type { MachineProfile } from "./profile.ts";
import type { SimulateResult } from "./result.ts";
import type { RunReplication } from "./setting.ts";
import { simulateWith, type SimulateOptions } from "./simulate.ts";

function profileNamed(name: string): MachineProfile {
  const found = findProfile(name);
  if (found.kind !== "profile") throw new Error(found.message);
  return found.profile;
}

const ms = 1_000_000;
const defaults: SimulateOptions = {
  profile: profileNamed("vm-2"),
  untilNs: 10_000 * ms,
  warmUpNs: 1_000 * ms,
  replications: 10,
  seed: 1,
  eventsMax: 1e9,
};

function simulateQueue(model: QueueModel, options: Partial<SimulateOptions> = {}): SimulateResult {
  return simulateWith(queueEngine(model), queueProgram(model), { ...defaults, ...options });
}

/** Mean service 1 ms. */
function openQueue(load: number, more: Partial<QueueModel> = {}): QueueModel {
  const servers = more.servers ?? 1;
  return {
    source: { kind: "open", meanNs: ms / load / servers },
    customers: 200,
    servers,
    service: exponential(ms),
    ...more,
  };
}

const repair = (clients: number): QueueModel => ({
  source: { kind: "closed", meanNs: 10 * ms },
  customers: clients,
  servers: 1,
  service: exponential(ms),
});

function waitOf(result: SimulateResult): { mean: number; halfWidth: number } {
  const { mean, halfWidth } = result.spans[0]!.latency.mean;
  return { mean: mean / ms, halfWidth: (halfWidth ?? 0) / ms };
}

/** Within three half-widths, and these small. */
function expectNear(result: SimulateResult, exact: number, precision: number): void {
  const { mean, halfWidth } = waitOf(result);
  expect(halfWidth / exact).toBeLessThan(precision);
  expect(Math.abs(mean - exact)).toBeLessThan(1.5 * halfWidth);
}

describe("statistics on a queue with a closed form", () => {
  it("find the waits of M/M/1, M/D/1 and M/M/c", () => {
    expectNear(simulateQueue(openQueue(0.5)), 1, 0.08);
    expectNear(simulateQueue(openQueue(0.8)), 4, 0.2);
    expectNear(simulateQueue(openQueue(0.8, { service: () => ms })), 2, 0.15);
    expectNear(simulateQueue(openQueue(0.8, { servers: 2 })), 1.777778, 0.15);
    expectNear(simulateQueue(openQueue(0.8, { servers: 4 })), 0.745541, 0.15);
  });

  it("find the waits of the machine repair queue and their percentiles", () => {
    const result = simulateQueue(repair(8), { untilNs: 40_000 * ms });
    expectNear(result, 1.090408, 0.03);
    const { quantiles } = result.spans[0]!.latency;
    const exact = [0.34015, null, 4.41598, 6.90243];
    for (const [index, value] of exact.entries()) {
      if (value === null) continue;
      const told = quantiles[index]!;
      expect((told.halfWidth ?? 0) / ms / value).toBeLessThan(0.08);
      expect(Math.abs((told.value ?? 0) / ms - value)).toBeLessThan((1.5 * (told.halfWidth ?? 0)) / ms);
    }
    // Throughput: N / (think + wait + service).
    const { mean, halfWidth } = result.spans[0]!.perSecond;
    expect(Math.abs(mean - (8 * 1000) / 12.090408)).toBeLessThan(1.5 * (halfWidth ?? 0));
  });

  it("leave out the warm-up: the mean of an empty start is too small, and the check says so", () => {
    const short = { untilNs: 300 * ms, replications: 100 };
    const cold = simulateQueue(openQueue(0.9), { ...short, warmUpNs: 0 });
    const warm = simulateQueue(openQueue(0.9), { ...short, untilNs: 2300 * ms, warmUpNs: 2000 * ms });
    expect(waitOf(cold).mean + waitOf(cold).halfWidth).toBeLessThan(9);
    expect(Math.abs(waitOf(warm).mean - 9)).toBeLessThan(1.5 * waitOf(warm).halfWidth);
    expect(cold.warnings.filter(({ kind }) => kind === "not-steady").length).toBeGreaterThan(0);
    expect(warm.warnings.filter(({ kind }) => kind === "not-steady")).toEqual([]);
  });
});

describe("the result", () => {
  const result = simulateQueue(repair(4));

  it("is the same bytes for the same input, and other ones for another seed", () => {
    const bytes = JSON.stringify(result);
    expect(JSON.stringify(simulateQueue(repair(4)))).toBe(bytes);
    expect(JSON.stringify(simulateQueue(repair(4), { seed: 2 }))).not.toBe(bytes);
  });

  it("has sums that add up exactly", () => {
    const measured = 10 * (defaults.untilNs - defaults.warmUpNs);
    for (const task of result.tasks) {
      expect(task.run + task.spin + task.runnable + task.blocked + task.asleep + task.outside).toBe(4 * measured);
      const [spin, blocked] = [0, 0].map((_, index) =>
        task.byLock.reduce((sum, row) => sum + (index === 0 ? row.spin : row.blocked), 0),
      );
      expect([spin, blocked]).toEqual([task.spin, task.blocked]);
      expect(task.byLock.map(({ name }) => name)).toEqual(["server"]);
    }
    for (const cpu of result.cpus) expect(cpu.run + cpu.spin + cpu.switching + cpu.irq + cpu.idle).toBe(measured);
    const lock = result.locks[0]!;
    expect(lock.waitedFor.reduce((sum, { ns }) => sum + ns, 0)).toBe(lock.wait.total);
    const { ran, wasPreempted, waitedItself, wasNobody } = lock.waitedWhileHolder;
    expect(ran + wasPreempted + waitedItself + wasNobody).toBe(lock.wait.total);
  });

  it("tells the lock as lock_stat does", () => {
    const lock = result.locks[0]!;
    expect(lock).toMatchObject({ name: "server", kind: "semaphore", mode: "write", trylockFailures: 0 });
    expect(lock.acquisitions).toBe(result.passages);
    expect(lock.acquisitions).toBe(result.spans[0]!.latency.samples);
    expect(lock.contentions + result.notes[0]!.count).toBe(lock.acquisitions);
    expect(lock.wait.mean).toBe(lock.wait.total / lock.contentions);
    expect(lock.waitPerAcquisition.mean).toBeCloseTo(result.spans[0]!.latency.mean.mean, 6);
    expect(Math.abs(lock.holdPerAcquisition.mean - ms)).toBeLessThan(0.02 * ms);
    expect(lock.waitedFor).toEqual([{ holder: "customer", site: "down queue.scn:1", ns: lock.wait.total }]);
  });

  it("prints no quantile that has too few samples, and says so", () => {
    const few = simulateQueue(repair(4), { untilNs: 1500 * ms, replications: 2 });
    const { samples, quantiles } = few.spans[0]!.latency;
    expect(samples).toBeLessThan(1000);
    expect(quantiles.map(({ value }) => value !== null)).toEqual([true, false, false, false, false, false]);
    expect(quantiles[3]!.samplesNeeded).toBe(10_000);
    expect(few.warnings.map(({ kind }) => kind)).toEqual(["few-replications", "short-for-quantile"]);
  });

  it("has one replication without intervals", () => {
    const one = simulateQueue(repair(4), { replications: 1 });
    expect(one.spans[0]!.latency.mean.halfWidth).toBeNull();
    expect(one.spans[0]!.latency.quantiles[0]!.halfWidth).toBeNull();
    expect(one.warnings[0]!.message).toBe("one replication gives no intervals; take 5 or more");
  });

  it("counts long sleeps, and shares of spans and replications that have one", () => {
    const long = simulateQueue(openQueue(0.8), { replications: 5 });
    const task = long.tasks[0]!;
    const { latency, sleptAbove } = long.spans[0]!;
    // P(W > 8.3) = .8 exp(-.2 * 8.3) = .1521.
    expect(Math.abs(sleptAbove[0]!.share.share - 0.1521)).toBeLessThan(0.03);
    expect(sleptAbove[0]!.share.low).toBeLessThan(0.1521);
    expect(sleptAbove[0]!.share.high).toBeGreaterThan(0.1521);
    expect(task.blockedAbove[0]!.count).toBe(Math.round(sleptAbove[0]!.share.share * latency.samples));
    expect(task.longestBlockedNs).toBe(latency.max);
    expect(task.longestAbove[0]!.share).toMatchObject({ share: 1, high: 1, of: 5 });
    expect(task.longBlockedWhileHolder.ran).toBeGreaterThan(task.blockedAbove[0]!.count * 8.3 * ms);
  });

  it("stops at the limit of events of all replications together", () => {
    const all = result.events;
    const limited = simulateQueue(repair(4), { eventsMax: Math.round(all * 0.55) });
    expect(limited.verdict).toBe("inconclusive");
    expect(limited.replications).toBe(5);
    expect(limited.message).toMatch(/^the limit of \d+ events was reached \(at .* of replication 6\)$/);
    expect(limited.spans[0]!.latency.samples).toBeGreaterThan(0);
  });

  it("tells a fault where it happened", () => {
    const engine = queueEngine(repair(4));
    const fault = { kind: "violation", class: "bug-on", message: "BUG_ON(x)", place: null } as const;
    const faulty: RunReplication = (setting, recorder) => ({
      ...engine(setting, recorder),
      ...(setting.replication === 2 ? { stop: "fault", fault } : {}),
    });
    const told = simulateWith(faulty, queueProgram(repair(4)), defaults);
    expect(told).toMatchObject({
      verdict: "violated",
      message: "BUG_ON(x) (at 10 s of replication 3)",
      replications: 2,
      fault: { ...fault, atNs: 10_000 * ms, replication: 2 },
    });
  });

  it("tells its progress", () => {
    const told: number[] = [];
    simulateQueue(repair(4), { replications: 3, onProgress: ({ replication }) => told.push(replication) });
    expect(told).toEqual([1, 2, 3]);
  });
});
