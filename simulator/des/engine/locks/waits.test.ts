import { describe, expect, it } from "vitest";
import { holdsOf, settingOf, silentRecorder, type ScriptedTask, type Step } from "../../../testing/scripted-world.ts";
import { runReplication } from "../replication.ts";
import type { ReplicationSetting } from "../../setting.ts";

/** A mark in the log: that the task came here, and when. */
const mark = (lock: number): Step[] => [
  ["mutex-lock", lock],
  ["mutex-unlock", lock],
];
const ms = 1_000_000;

function sleeps(setting: ReplicationSetting): string[] {
  const lines: string[] = [];
  const recorder = {
    ...silentRecorder(),
    blockedSleep: ({ task, lock, ns }: { task: number; lock: number; ns: number }): void => {
      lines.push(`${String(task)} ${lock < 0 ? "no lock" : "lock"} ${String(ns)}`);
    },
  };
  const { fault } = runReplication(setting, recorder);
  if (fault !== null) lines.push(`${fault.class}: ${fault.message}`);
  return lines;
}

describe("a completion", () => {
  it("lets one waiter through each time, the first first; complete_all all of them", () => {
    const waiter = (name: string, ns: number, lock: number): ScriptedTask => ({
      name,
      script: [["work", ns], ["completion-wait", 1, -1], ...mark(lock)],
    });
    const done: ScriptedTask = {
      name: "z",
      script: [
        ["work", 1000],
        ["complete", 1],
        ["work", 500],
        ["complete-all", 1],
      ],
    };
    const held = holdsOf(settingOf([waiter("a", 10, 2), waiter("b", 5, 3), waiter("c", 20, 4), done], { cpus: 4 }));
    expect(held).toEqual(["b 3 write 1000-1000", "a 2 write 1500-1500", "c 4 write 1500-1500"]);
  });

  it("waited for with a bound is over at the tick after it", () => {
    const held = holdsOf(settingOf([{ name: "a", script: [["completion-wait", 1, 5], ...mark(2)] }]));
    expect(held).toEqual(["a 2 write 8000000-8000000"]);
  });
});

describe("schedule() and wait queues", () => {
  const sleeper = (name: string, exclusive: number, lock: number, ns: number): ScriptedTask => ({
    name,
    script: [
      ["work", ns],
      ["queue-prepare", 1, 2, exclusive, 0],
      ["schedule", -1],
      ["queue-finish", 1, 1],
      ...mark(lock),
    ],
  });

  it("wake all who do not wait exclusively, and one who does", () => {
    const waker: ScriptedTask = {
      name: "z",
      script: [
        ["work", 1000],
        ["wake-up", 1, 1, 3],
        ["work", 500],
        ["wake-up", 1, 1, 3],
      ],
    };
    const tasks = [sleeper("a", 1, 2, 10), sleeper("b", 0, 3, 20), sleeper("c", 1, 4, 30), waker];
    expect(holdsOf(settingOf(tasks, { cpus: 4 }))).toEqual([
      "b 3 write 1000-1000",
      "a 2 write 1000-1000",
      "c 4 write 1500-1500",
    ]);
  });

  it("do not sleep when woken since the task prepared, and sleep for ever when it came before", () => {
    const late: ScriptedTask = {
      name: "a",
      script: [["queue-prepare", 1, 2, 0, 0], ["work", 1000], ["schedule", -1], ...mark(2)],
    };
    const wakeAt = (ns: number): ScriptedTask => ({
      name: "z",
      script: [
        ["work", ns],
        ["wake-up", 1, 1, 3],
      ],
    });
    expect(holdsOf(settingOf([late, wakeAt(500)]))).toEqual(["a 2 write 1000-1000"]);
    const early: ScriptedTask = {
      name: "a",
      script: [
        ["work", 1000],
        ["queue-prepare", 1, 2, 0, 0],
        ["schedule", -1],
      ],
    };
    expect(holdsOf(settingOf([early, wakeAt(500)]))).toEqual([
      "deadlock: nothing can happen any more: a waits in schedule",
    ]);
  });

  it("count an uninterruptible sleep as blocked, the other not", () => {
    const waker: ScriptedTask = {
      name: "z",
      script: [
        ["work", 1000],
        ["wake-up", 1, 0, 3],
      ],
    };
    expect(sleeps(settingOf([sleeper("a", 0, 2, 0), waker]))).toEqual(["0 no lock 1000"]);
    const light: ScriptedTask = {
      name: "b",
      script: [
        ["queue-prepare", 1, 1, 0, 0],
        ["schedule", -1],
      ],
    };
    expect(sleeps(settingOf([light, waker]))).toEqual([]);
  });
});

describe("await", () => {
  it("goes on when what another task stored makes its condition true", () => {
    const tasks: ScriptedTask[] = [
      { name: "a", script: [["await", 1], ...mark(2)] },
      {
        name: "z",
        script: [
          ["work", 1000],
          ["set", 2],
          ["work", 1000],
          ["set", 1],
          ["work", 10],
        ],
      },
    ];
    expect(holdsOf(settingOf(tasks))).toEqual(["a 2 write 2000-2000"]);
    // It waits idly: no uninterruptible sleep.
    expect(sleeps(settingOf(tasks))).toEqual([]);
  });
});

describe("what others look at in an instant", () => {
  it("leaves a task's own request as it was", () => {
    // a's store lets w come to its next request before a's own, complete, is read.
    const tasks: ScriptedTask[] = [
      { name: "w", script: [["await", 0], ["work", 500], ["completion-wait", 7, -1], ...mark(2)] },
      {
        name: "a",
        script: [
          ["work", 100],
          ["set", 0],
          ["complete", 7],
        ],
      },
    ];
    expect(holdsOf(settingOf(tasks))).toEqual(["w 2 write 600-600"]);
  });
});

describe("RCU", () => {
  const gracePeriod = { lo: { value: 10 * ms }, hi: { value: 10 * ms } };
  const machine = {
    gracePeriodNs: {
      lo: { ...gracePeriod.lo, unit: "ns", basis: "estimate", source: "test", low: 0, high: 0 },
      hi: { ...gracePeriod.hi, unit: "ns", basis: "estimate", source: "test", low: 0, high: 0 },
    },
  } as const;

  it("waits for a grace period, and for the sections that were open when it began, not for later ones", () => {
    const held = holdsOf(
      settingOf(
        [
          { name: "w", script: [["work", 1000], ["synchronize-rcu"], ...mark(1)] },
          { name: "long", script: [["rcu-read-lock"], ["work", 15 * ms], ["rcu-read-unlock"], ["work", ms]] },
          { name: "later", script: [["work", 2000], ["rcu-read-lock"], ["work", 30 * ms], ["rcu-read-unlock"]] },
          { name: "v", script: [["work", 16 * ms], ["synchronize-srcu", 9], ...mark(2)] },
        ],
        { cpus: 4, machine },
      ),
    );
    expect(held).toEqual(["w 1 write 15000000-15000000", "v 2 write 26000000-26000000"]);
  });

  it("runs callbacks in a thread after their grace period, and a barrier waits for them", () => {
    const held = holdsOf(
      settingOf(
        [
          { name: "a", script: [["rcu-call", 5, 0, 0], ["rcu-barrier", 0], ...mark(1)] },
          { name: "thread", rounds: 2, script: [["rcu-callbacks"], ["work", 3000], ...mark(2)] },
        ],
        { machine, untilNs: 20 * ms },
      ),
    );
    expect(held[0]).toBe("thread 2 write 10003000-10003000");
    expect(held[1]).toBe("a 1 write 10003000-10003000");
  });
});
