import { describe, expect, it } from "vitest";
import { randomScripts } from "../../testing/random-script.ts";
import { addressOf, settingOf, silentRecorder, type ScriptedTask } from "../../testing/scripted-world.ts";
import { figureMeanings, preemptionModels, type FigureName } from "../profile.ts";
import type { Recorder, TaskClock, Wait } from "../recorder.ts";
import type { ReplicationSetting } from "../setting.ts";
import { createStreams } from "../random/streams.ts";
import { runReplication } from "./replication.ts";

const second = 1_000_000_000;

function drawer(seed: number): (lo: number, hi: number) => number {
  const streams = createStreams({ seed, replication: 0 }, { declarations: [], sites: [] });
  return (lo, hi) => streams.choose(-1, -1, { lo, hi });
}

function randomSetting(seed: number): ReplicationSetting {
  const draw = drawer(seed);
  const cpus = draw(1, 6);
  const costs: Partial<Record<FigureName, number>> = {};
  const isFree = draw(0, 3) === 0;
  for (const name of Object.keys(figureMeanings) as FigureName[]) costs[name] = isFree ? 0 : draw(0, 3000);
  const preemption = preemptionModels[draw(0, 2)] ?? "full";
  return settingOf(randomScripts(draw, cpus), {
    cpus,
    costs,
    machine: { preemption, tlb: draw(0, 3) === 0 ? "broadcast" : "interrupt" },
    untilNs: draw(0, 1) === 0 ? 20 * second : draw(1, 20_000_000),
    seed,
  });
}

const total = (clock: TaskClock): number =>
  clock.run + clock.spin + clock.runnable + clock.blocked + clock.asleep + clock.outside;

/** Counts what is told, to be compared with the clocks. */
function counting(): {
  recorder: Recorder;
  waited: Wait & { told: number };
  held: Map<number, number>;
  lines: string[];
} {
  const waited = { spin: 0, blocked: 0, runnable: 0, told: 0 };
  const held = new Map<number, number>();
  const lines: string[] = [];
  const recorder: Recorder = {
    ...silentRecorder(),
    lockTaken: ({ lock, kind, task, wait }) => {
      waited.spin += wait.spin;
      waited.blocked += wait.blocked;
      waited.runnable += wait.runnable;
      // Nobody holds a completion.
      if (kind !== "completion") held.set(lock, (held.get(lock) ?? 0) + 1);
      lines.push(`take ${String(lock)} ${String(task)} ${JSON.stringify(wait)}`);
    },
    lockReleased: (lock, mode, { holdNs }) => {
      held.set(lock, (held.get(lock) ?? 0) - 1);
      lines.push(`drop ${String(lock)} ${mode} ${String(holdNs)}`);
    },
    waitedFor: (_lock, { ns }) => {
      waited.told += ns;
    },
    blockedSleep: ({ ns, whileHolder }) => {
      expect(whileHolder.running + whileHolder.runnable + whileHolder.blocked + whileHolder.none).toBe(ns);
      expect(whileHolder.none).toBeGreaterThanOrEqual(0);
    },
    spanDone: ({ latencyNs, split, byLock }) => {
      expect(total(split)).toBe(latencyNs);
      let spin = 0;
      for (const wait of byLock.values()) spin += wait.spin;
      expect(spin).toBeLessThanOrEqual(split.spin);
    },
  };
  return { recorder, waited, held, lines };
}

describe("a replication of random scripts", () => {
  it("ends with every nanosecond accounted for and every lock released", () => {
    const stops = new Map<string, number>();
    for (let seed = 1; seed <= 1000; seed += 1) {
      const setting = randomSetting(seed);
      const { recorder, waited, held } = counting();
      const end = runReplication(setting, recorder);
      expect(end.fault, `seed ${String(seed)}`).toBeNull();
      stops.set(end.stop, (stops.get(end.stop) ?? 0) + 1);
      for (const clock of end.tasks) expect(total(clock)).toBe(end.atNs);
      for (const { run, spin, switching, irq, idle } of end.cpus)
        expect(run + spin + switching + irq + idle).toBe(end.atNs);
      const underWay = end.waits.reduce((sum, { wait }) => sum + wait.spin + wait.blocked + wait.runnable, 0);
      expect(waited.told, `seed ${String(seed)}`).toBe(waited.spin + waited.blocked + waited.runnable + underWay);
      if (setting.untilNs === 20 * second) expect(end.stop).toBe("all-ended");
      // An interrupt may be under way when the last task ends.
      const inIrq = setting.program.declarations.some(({ irq }) => irq) ? 1 : 0;
      if (end.stop !== "all-ended") continue;
      for (const [lock, count] of held) {
        expect(count, String(lock)).toBeGreaterThanOrEqual(0);
        expect(count, String(lock)).toBeLessThanOrEqual(lock === addressOf(7) ? inIrq : 0);
      }
    }
    expect([...stops].sort()).toEqual([
      ["all-ended", 611],
      ["until", 389],
    ]);
  });

  it("is the same to the byte when run again", () => {
    for (let seed = 1; seed <= 50; seed += 1) {
      const first = counting();
      const again = counting();
      const end = runReplication(randomSetting(seed), first.recorder);
      expect(JSON.stringify(runReplication(randomSetting(seed), again.recorder))).toBe(JSON.stringify(end));
      expect(again.lines).toEqual(first.lines);
    }
  });
});

describe("misuse", () => {
  const faultOf = (tasks: readonly ScriptedTask[]): string | undefined => {
    const { fault } = runReplication(settingOf(tasks), silentRecorder());
    return fault === null ? undefined : `${fault.class}: ${fault.message}`;
  };

  it("is a fault that says what happened to which lock", () => {
    expect(faultOf([{ script: [["mutex-unlock", 1]] }])).toBe(
      "unlock-not-held: lock1 is released by a task that does not hold it",
    );
    expect(
      faultOf([
        {
          script: [
            ["spin-lock", 1],
            ["spin-lock", 1],
          ],
        },
      ]),
    ).toBe("self-deadlock: lock1 is taken again by the task that holds it");
    expect(faultOf([{ name: "writer", script: [["down-write", 2]] }])).toBe("lock-leak: writer ends holding lock2");
    expect(faultOf([{ script: [["rcu-read-lock"]] }])).toBe("lock-leak: t0 ends inside an RCU read section");
  });

  it("of two locks in two orders is a deadlock that says who waits for whom", () => {
    const [a, b] = [1, 2].map((lock): ScriptedTask => ({
      script: [
        ["mutex-lock", lock],
        ["work", 5000],
        ["mutex-lock", 3 - lock],
      ],
    }));
    expect(faultOf([a!, b!])).toBe(
      "deadlock: nothing can happen any more: t0 waits for lock2, held by t1; t1 waits for lock1, held by t0",
    );
  });

  it("is found at the end when other tasks go on all the time", () => {
    const [a, b] = [1, 2].map((lock): ScriptedTask => ({
      script: [
        ["mutex-lock", lock],
        ["sleep", 5000],
        ["mutex-lock", 3 - lock],
      ],
    }));
    const busy: ScriptedTask = { rounds: Infinity, script: [["sleep", 1_000_000]] };
    expect(faultOf([a!, b!, busy])).toBe(
      "deadlock: t0 waits for lock2, held by t1; t1 waits for lock1, held by t0: for ever",
    );
  });
});
