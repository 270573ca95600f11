import { describe, expect, it } from "vitest";
import { exponential, queueEngine, queueProgram, type QueueModel } from "../../testing/reference-queue.ts";
import { machineProfiles } from "../profiles/profiles.ts";
import type { SimulateResult } from "../result.ts";
import { simulateWith } from "../simulate.ts";
import type { TimedProgram } from "../timed-code.ts";
import { compareResults } from "./compare.ts";
import { metricNames, readMetric } from "./metric.ts";

const ms = 1_000_000;

type Change = {
  readonly service?: number;
  readonly renamed?: boolean;
  readonly untilNs?: number;
  readonly seed?: number;
};

/** Four clients of one server; `renamed` draws other numbers, the rest alike. */
function run({ service = ms, renamed = false, untilNs = 1000 * ms, seed = 1 }: Change = {}): SimulateResult {
  const model: QueueModel = {
    source: { kind: "closed", meanNs: 10 * ms },
    customers: 4,
    servers: 1,
    service: exponential(service),
  };
  const plain = queueProgram(model);
  const program: TimedProgram = {
    ...plain,
    declarations: plain.declarations.map((one) => ({ ...one, name: renamed ? "other" : "ui thread" })),
  };
  return simulateWith(queueEngine(model), program, {
    profile: machineProfiles[0]!,
    untilNs,
    warmUpNs: untilNs / 10,
    replications: 10,
    seed,
    eventsMax: 1e9,
  });
}

describe("names of figures", () => {
  const result = run({ untilNs: 10_000 * ms });

  it("are these", () => {
    expect(metricNames(result)).toMatchInlineSnapshot(`
      [
        "ui_thread.wait.mean",
        "ui_thread.wait.p50",
        "ui_thread.wait.p90",
        "ui_thread.wait.p95",
        "ui_thread.wait.p99",
        "ui_thread.wait.p999",
        "ui_thread.wait.p9999",
        "ui_thread.wait.max",
        "ui_thread.wait.throughput",
        "ui_thread.wait.slept8",
        "ui_thread.wait.slept16",
        "ui_thread.wait.slept30",
        "ui_thread.wait.slept50",
        "server.write.wait",
        "server.write.hold",
        "server.write.contended",
        "server.write.acquisitions",
        "server.write.sleeps",
        "server.write.wait_max",
        "server.write.hold_max",
        "server.write.trylock_failures",
        "ui_thread.run",
        "ui_thread.spin",
        "ui_thread.runnable",
        "ui_thread.blocked",
        "ui_thread.asleep",
        "ui_thread.longest_blocked",
        "ui_thread.above8",
        "ui_thread.above16",
        "ui_thread.above30",
        "ui_thread.above50",
        "ui_thread.longer8",
        "ui_thread.longer16",
        "ui_thread.longer30",
        "ui_thread.longer50",
        "ui_thread.long_ran",
        "ui_thread.long_preempted",
        "ui_thread.long_waited",
        "ui_thread.long_nobody",
        "note.came_at_once.rate",
      ]
    `);
  });

  it("may leave out what is clear, and write signs as they are", () => {
    const p90 = readMetric(result, "p90");
    expect(p90).toMatchObject({ kind: "metric", name: "ui_thread.wait.p90", unit: "ns" });
    for (const name of ["wait.p90", "ui_thread.wait.p90", "ui thread.wait.p90"])
      expect(readMetric(result, name)).toEqual(p90);
    expect(readMetric(result, "wait")).toEqual(readMetric(result, "server.write.wait"));
    expect(readMetric(result, "blocked")).toMatchObject({ unit: "ratio", name: "ui_thread.blocked" });
  });

  it("are all read back by their longest form", () => {
    for (const name of metricNames(result)) expect(readMetric(result, name)).toMatchObject({ kind: "metric", name });
  });

  it("say the value with its interval and each replication's own", () => {
    const mean = readMetric(result, "mean");
    if (mean.kind !== "metric") throw new Error(mean.message);
    expect(mean.values).toHaveLength(10);
    expect(mean).toMatchObject({ mean: result.spans[0]!.latency.mean.mean });
    expect(readMetric(result, "max")).toMatchObject({ halfWidth: null, values: [] });
    expect(readMetric(result, "p9999")).toMatchObject({ mean: null });
  });

  it("that do not exist are answered with the nearest, or with whose they are", () => {
    const message = (name: string): string => {
      const answer = readMetric(result, name);
      return answer.kind === "unknown" ? answer.message : "known";
    };
    expect(message("troughput")).toBe("no figure is named troughput; the nearest is throughput");
    expect(message("sever.hold")).toBe("no figure is named sever.hold; the nearest is server.hold");
    expect(message("some.where.else.hold")).toBe(
      "no figure is named some.where.else.hold; hold there is of server.write.hold",
    );
    expect(message("zzz")).toMatch(/^no figure is named zzz; there are ui_thread.wait.mean, .*, or \d+ more$/);
    const twice = { ...result, spans: [...result.spans, { ...result.spans[0]!, text: "b" }] };
    expect(readMetric(twice, "p90")).toEqual({
      kind: "unknown",
      message: "p90 is a figure of several: say ui_thread.wait.p90, ui_thread.b.p90",
    });
  });
});

describe("a comparison", () => {
  it("of equal variants shows no difference in at least 93 of 100 runs", () => {
    let none = 0;
    for (let seed = 1; seed <= 100; seed += 1) {
      // The same scenario with other numbers: pairs of one seed without anything in common.
      const untilNs = 400 * ms;
      const answer = compareResults(run({ seed, untilNs }), run({ seed, untilNs, renamed: true }), { metric: "mean" });
      if (answer.kind !== "comparison") throw new Error(answer.message);
      none += answer.shown === "no-difference" ? 1 : 0;
    }
    expect(none).toBeGreaterThanOrEqual(93);
    expect(none).toBeLessThan(100);
  });

  it("of a variant with itself shows a difference of nothing", () => {
    const answer = compareResults(run(), run(), { metric: "mean" });
    expect(answer).toMatchObject({ shown: "no-difference", difference: { mean: 0, halfWidth: 0, detectable: 0 } });
  });

  it("of paired seeds sees a tenth more of service where means alone do not", () => {
    const [plain, slower] = [run(), run({ service: 1.1 * ms })];
    const answer = compareResults(plain, slower, { metric: "mean" });
    if (answer.kind !== "comparison") throw new Error(answer.message);
    expect(answer.shown).toBe("higher");
    expect(answer.message).toMatch(/^higher: \+[\d.]+ us \+- [\d.]+ us, \+[\d.]+ % \(10 pairs\)$/);
    expect(compareResults(slower, plain, { metric: "mean" })).toMatchObject({ shown: "lower" });
    const unpaired = compareResults(plain, run({ service: 1.1 * ms, renamed: true }), { metric: "mean" });
    if (unpaired.kind !== "comparison") throw new Error(unpaired.message);
    expect(answer.difference.halfWidth!).toBeLessThan(unpaired.difference.halfWidth! / 1.3);
    const same = compareResults(plain, run({ renamed: true }), { metric: "mean" });
    if (same.kind !== "comparison") throw new Error(same.message);
    expect(same.message).toMatch(/^no difference shown: .* \(10 pairs would show [\d.]+ us four times in five\)$/);
  });

  it("is refused where it would say nothing", () => {
    const plain = run();
    const refused = (second: SimulateResult, metric: string): unknown => compareResults(plain, second, { metric });
    expect(refused(run({ seed: 2 }), "mean")).toMatchObject({ message: "seeds 1 and 2 make no pairs" });
    expect(refused(plain, "max")).toMatchObject({ kind: "not-comparable" });
    expect(refused(plain, "p999")).toMatchObject({ kind: "not-comparable" });
    expect(refused(plain, "nothing")).toMatchObject({ kind: "not-comparable" });
  });
});
