import { describe, expect, it } from "vitest";
import { exponential, queueProgram } from "../../testing/reference-queue.ts";
import type { ReplicationEnd, Snapshot } from "../recorder.ts";
import type { TimedProgram } from "../timed-code.ts";
import { groupLocks, lockRows } from "./lock-rows.ts";
import { ReplicationRecorder, type ReplicationFigures } from "./replication-recorder.ts";

const program: TimedProgram = {
  ...queueProgram({
    source: { kind: "closed", meanNs: 1 },
    customers: 2,
    servers: 1,
    service: exponential(1),
  }),
  nameOf: (address) =>
    address < 1000
      ? { name: `folios[${String(address)}].lock`, lockClass: "struct folio.lock" }
      : { name: "mmap_lock", lockClass: "struct mm.lock" },
};

const clock = (ns: number) => ({ run: 0, spin: 0, runnable: 0, blocked: ns, asleep: 0, outside: 0 });

function snapshot(atNs: number, waits: Snapshot["waits"] = []): Snapshot {
  return { atNs, tasks: [clock(atNs), clock(atNs)], cpus: [], waits, events: 0, passages: 0 };
}

function end(atNs: number, waits: Snapshot["waits"] = []): ReplicationEnd {
  return { ...snapshot(atNs, waits), stop: "until", fault: null };
}

function take(recorder: ReplicationRecorder, lock: number, blocked: number): void {
  const wait = { spin: 0, blocked, runnable: 0 };
  const contended = blocked > 0;
  recorder.lockTaken({ lock, kind: "folio", mode: "write", task: 0, site: 0, contended, slept: contended, wait });
}

function rowsOf(...replications: ReplicationFigures[]): ReturnType<typeof lockRows> {
  return lockRows(groupLocks(program, replications), { program, replications });
}

describe("rows of locks", () => {
  it("are instances while they are few", () => {
    const recorder = new ReplicationRecorder(program);
    for (let lock = 0; lock < 16; lock += 1) take(recorder, lock, lock);
    const rows = rowsOf(recorder.finish(end(1000)));
    expect(rows).toHaveLength(16);
    expect(rows[0]).toMatchObject({ name: "folios[15].lock", wait: { total: 15 }, contentions: 1, sleeps: 1 });
    expect(rows[15]).toMatchObject({ name: "folios[0].lock", acquisitions: 1, contentions: 0 });
  });

  it("are a class when there are many, over all replications", () => {
    const [one, other] = [new ReplicationRecorder(program), new ReplicationRecorder(program)];
    for (let lock = 0; lock < 10; lock += 1) take(one, lock, 5);
    for (let lock = 10; lock < 20; lock += 1) take(other, lock, 7);
    take(other, 2000, 1);
    const rows = rowsOf(one.finish(end(1000)), other.finish(end(1000)));
    expect(rows.map(({ name, acquisitions }) => [name, acquisitions])).toEqual([
      ["struct folio.lock", 20],
      ["mmap_lock", 1],
    ]);
    expect(rows[0]!.waitPerAcquisition.values).toEqual([5, 7]);
    expect(rows[1]!.waitPerAcquisition.values).toEqual([null, 1]);
    expect(rows[1]!.acquisitionsPerSecond.values).toEqual([0, 1e6]);
  });

  it("know nothing of the warm-up but the locks' kinds", () => {
    const recorder = new ReplicationRecorder(program);
    take(recorder, 1, 50);
    take(recorder, 2, 50);
    recorder.warmUpEnds(snapshot(100));
    recorder.lockReleased(1, "write", { task: 0, site: 0, holdNs: 60 });
    const rows = rowsOf(recorder.finish(end(1000)));
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ name: "folios[1].lock", kind: "folio", acquisitions: 0, hold: { total: 60 } });
  });

  it("count a wait that began in the warm-up from its end on, and one that is not over up to now", () => {
    const recorder = new ReplicationRecorder(program);
    const waiting = (blocked: number): Snapshot["waits"] => [
      { task: 0, lock: 1, wait: { spin: 0, blocked, runnable: 0 } },
    ];
    recorder.warmUpEnds(snapshot(100, waiting(70)));
    take(recorder, 1, 200);
    const figures = recorder.finish(end(1000, waiting(33)));
    expect([...(figures.locks.get(1)?.waits ?? [])]).toEqual([0, 200 - 70 + 33]);
    expect(figures.measuredNs).toBe(900);
  });
});
