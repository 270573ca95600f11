import { describe, expect, it } from "vitest";
import { holdsOf, settingOf, silentRecorder, type ScriptedTask, type Step } from "../../testing/scripted-world.ts";
import type { ReplicationEnd } from "../recorder.ts";
import type { ReplicationSetting } from "../setting.ts";
import { runReplication } from "./replication.ts";
import { sliceOf, weightOf } from "./run-queue.ts";

const ms = 1_000_000;
const mark = (lock: number): Step[] => [
  ["mutex-lock", lock],
  ["mutex-unlock", lock],
];
const busy = (name: string, nice = 0): ScriptedTask => ({ name, nice, rounds: Infinity, script: [["work", 100_000]] });
const run = (setting: ReplicationSetting): ReplicationEnd => runReplication(setting, silentRecorder());

describe("weights and slices", () => {
  it("are those of the kernel's tables", () => {
    expect([weightOf(-20), weightOf(0), weightOf(5), weightOf(19)]).toEqual([88761, 1024, 335, 15]);
    expect([1, 2, 4, 8, 64].map((cpus) => sliceOf(700_000, cpus))).toEqual([
      700_000, 1_400_000, 2_100_000, 2_800_000, 2_800_000,
    ]);
  });
});

describe("the fair scheduler", () => {
  it("gives equal tasks on a CPU equal time, a tick at a time", () => {
    const switches: string[] = [];
    const end = runReplication(settingOf([busy("a"), busy("b")], { cpus: 1, untilNs: 40 * ms }), silentRecorder(), {
      onCpu: ({ task, fromNs, toNs }) => switches.push(`${String(task)} ${String(fromNs / ms)}-${String(toNs / ms)}`),
      taskState: () => undefined,
      held: () => undefined,
      woke: () => undefined,
    });
    expect(switches.slice(0, 4)).toEqual(["0 0-4", "1 4-8", "0 8-12", "1 12-16"]);
    expect(end.tasks.map(({ run: ns }) => ns / ms)).toEqual([20, 20]);
  });

  it("divides a CPU by weight: nice 0 to nice 5 as 1024 to 335", () => {
    const end = run(settingOf([busy("a"), busy("b", 5)], { cpus: 1, untilNs: 1000 * ms }));
    const [first, second] = end.tasks.map(({ run: ns }) => ns);
    expect((first ?? 0) / (second ?? 1)).toBeCloseTo(1024 / 335, 1);
  });

  it("lets a woken task with no more than its share in before the slice is over, under full preemption", () => {
    const tasks: ScriptedTask[] = [
      { name: "woken", script: [["sleep", 5 * ms], ...mark(1)] },
      {
        name: "hog",
        script: [
          ["span-begin", 0],
          ["work", 30 * ms],
          ["span-end", 0],
        ],
      },
    ];
    const at = (preemption: "none" | "voluntary" | "full"): string =>
      holdsOf(settingOf(tasks, { cpus: 1, machine: { preemption } }))[0] ?? "";
    // Both are at the average when it comes back, with a new slice each: of equal deadlines the woken one's wins.
    expect(at("full")).toBe("woken 1 write 5000000-5000000");
    expect(at("none")).toBe("woken 1 write 30000000-30000000");
    expect(at("voluntary")).toBe("woken 1 write 30000000-30000000");
  });

  it("preempts without full preemption only at cond_resched, outside of spans, and (voluntary) where sleep may come", () => {
    const hog = (...between: Step[]): ScriptedTask => ({
      name: "hog",
      script: [["span-begin", 0], ["work", 10 * ms], ...between, ["work", 10 * ms], ["span-end", 0], ["work", 10 * ms]],
    });
    const woken: ScriptedTask = { name: "woken", script: [["sleep", 5 * ms], ...mark(1)] };
    const at = (preemption: "none" | "voluntary", ...between: Step[]): string | undefined =>
      holdsOf(settingOf([woken, hog(...between)], { cpus: 1, machine: { preemption } })).find((line) =>
        line.startsWith("woken"),
      );
    expect(at("none", ["cond-resched"])).toBe("woken 1 write 10000000-10000000");
    expect(at("none", ...mark(2))).toBe("woken 1 write 20000000-20000000");
    expect(at("voluntary", ...mark(2))).toBe("woken 1 write 10000000-10000000");
  });

  it("keeps tasks on the CPUs of their mask, and lets an idle CPU pull a task that waits", () => {
    const pinned = run(
      settingOf(
        [
          { ...busy("a"), cpus: [1] },
          { ...busy("b"), cpus: [1] },
        ],
        { cpus: 2, untilNs: 8 * ms },
      ),
    );
    expect(pinned.cpus.map(({ run: ns }) => ns / ms)).toEqual([0, 8]);
    const free = run(
      settingOf([busy("a"), busy("b"), { name: "c", script: [["work", 6 * ms]] }], { cpus: 2, untilNs: 60 * ms }),
    );
    expect(free.cpus.map(({ idle }) => idle)).toEqual([0, 0]);
  });

  it("scales work by the speed of the CPU that does it", () => {
    const speed = (value: number) =>
      ({ value, unit: "ratio", basis: "estimate", source: "test", low: value, high: value }) as const;
    const cpus = [
      { name: "little", count: 1, speed: speed(0.5) },
      { name: "big", count: 1, speed: speed(2) },
    ];
    const held = holdsOf(
      settingOf(
        [
          { name: "slow", cpus: [0], script: [["work", 1000], ...mark(1)] },
          { name: "fast", cpus: [1], script: [["work", 1000], ...mark(2)] },
        ],
        { machine: { cpus } },
      ),
    );
    expect(held).toEqual(["fast 2 write 500-500", "slow 1 write 2000-2000"]);
  });

  it("charges switches, wake-ups and ticks", () => {
    const end = run(
      settingOf(
        [
          {
            script: [
              ["work", 1000],
              ["sleep", 10_000],
              ["work", 5 * ms],
            ],
          },
        ],
        {
          cpus: 1,
          costs: { contextSwitch: 2000, wakeIdle: 3000, tick: 700 },
        },
      ),
    );
    // Switch 2000, work 1000, asleep till 13000, wake-up 3000, switch 2000, 5 ms of work and the tick at 4 ms.
    expect(end.atNs).toBe(2000 + 1000 + 10_000 + 3000 + 2000 + 5 * ms + 700);
    expect(end.cpus).toEqual([{ run: 1000 + 5 * ms, spin: 0, switching: 4000, irq: 700, idle: 13_000 }]);
    expect(end.tasks[0]).toEqual({
      run: 1000 + 5 * ms + 700,
      spin: 0,
      runnable: 7000,
      blocked: 0,
      asleep: 10_000,
      outside: 0,
    });
  });
});

describe("TLB flushes", () => {
  const flusher: ScriptedTask = {
    name: "a",
    cpus: [0],
    script: [["use-mm", 9], ["work", 1000], ["tlb-flush", 9], ...mark(1)],
  };
  const costs = { tlbFlushLocal: 100, tlbSend: 500, tlbHandle: 1500, tlbBroadcast: 250 };
  const victim = (script: readonly Step[], irqForm: "none" | "irqsave" = "none"): ScriptedTask => ({
    name: "v",
    cpus: [1],
    irqForm,
    script: [["use-mm", 9], ...script],
  });
  const at = (tasks: readonly ScriptedTask[], changed: Parameters<typeof settingOf>[1] = {}): string | undefined =>
    holdsOf(settingOf(tasks, { costs, ...changed })).find((line) => line.startsWith("a"));

  it("are local when the mm runs nowhere else, sleeping tasks included", () => {
    expect(at([flusher])).toBe("a 1 write 1100-1100");
    expect(at([flusher, victim([["sleep", 50_000]])])).toBe("a 1 write 1100-1100");
  });

  it("interrupt the CPUs that run the mm, and wait until interrupts are on there", () => {
    expect(at([flusher, victim([["work", 50_000]])])).toBe("a 1 write 3100-3100");
    const locked = victim(
      [
        ["spin-lock", 5],
        ["work", 50_000],
        ["spin-unlock", 5],
        ["work", 10],
      ],
      "irqsave",
    );
    expect(at([flusher, locked])).toBe("a 1 write 51500-51500");
  });

  it("cost the same everywhere by broadcast", () => {
    expect(at([flusher, victim([["work", 50_000]])], { machine: { tlb: "broadcast" } })).toBe("a 1 write 1250-1250");
  });
});

describe("irq tasks", () => {
  it("come once, take the CPU from what runs there, and wait for interrupts to be on", () => {
    const irq: ScriptedTask = {
      name: "irq",
      irq: true,
      cpus: [0],
      script: [
        ["spin-lock", 1],
        ["work", 1000],
        ["spin-unlock", 1],
      ],
    };
    const worker: ScriptedTask = {
      name: "w",
      cpus: [0],
      irqForm: "irqsave",
      rounds: 10,
      script: [
        ["spin-lock", 1],
        ["work", ms],
        ["spin-unlock", 1],
      ],
    };
    const end = run(settingOf([irq, worker], { cpus: 1, untilNs: 20 * ms, costs: { irqEntry: 200 } }));
    expect(end.stop).toBe("all-ended");
    const { untilNs } = settingOf([]);
    expect(untilNs).toBeGreaterThan(end.atNs);
    expect(end.cpus[0]?.irq).toBe(end.atNs > 10 * ms ? 1200 : 0);
  });
});
