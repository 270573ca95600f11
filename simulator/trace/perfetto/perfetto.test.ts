import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { renderPerfetto, type TimelineNames } from "./perfetto.ts";
import { TimelineCollector } from "./timeline.ts";

const ts = z.number().min(0);
const place = { pid: z.number().int().min(1), tid: z.number().int().min(0) };
/** Trace Event Format: the phases that we write, each with what it must have. Unknown keys are refused. */
const eventSchema = z.discriminatedUnion("ph", [
  z.strictObject({
    ph: z.literal("M"),
    ...place,
    name: z.enum(["process_name", "process_sort_index", "thread_name"]),
    args: z.union([z.strictObject({ name: z.string() }), z.strictObject({ sort_index: z.number().int() })]),
  }),
  z.strictObject({
    ph: z.literal("X"),
    ...place,
    name: z.string().min(1),
    cat: z.string(),
    ts,
    dur: z.number().min(0),
    args: z.record(z.string(), z.unknown()).optional(),
  }),
  ...(["b", "e"] as const).map((ph) =>
    z.strictObject({
      ph: z.literal(ph),
      ...place,
      name: z.string(),
      cat: z.string(),
      id: z.string().regex(/^0x[0-9a-f]+$/),
      ts,
      args: z.record(z.string(), z.unknown()).optional(),
    }),
  ),
  z.strictObject({ ph: z.literal("s"), ...place, name: z.string(), cat: z.string(), id: z.number(), ts }),
  z.strictObject({
    ph: z.literal("f"),
    bp: z.literal("e"),
    ...place,
    name: z.string(),
    cat: z.string(),
    id: z.number(),
    ts,
  }),
  z.strictObject({ ph: z.literal("C"), ...place, name: z.string(), ts, args: z.record(z.string(), z.number()) }),
]);
const fileSchema = z.strictObject({
  traceEvents: z.array(eventSchema),
  displayTimeUnit: z.enum(["ms", "ns"]),
  otherData: z.record(z.string(), z.string()),
});

const names: TimelineNames = {
  title: "two tasks, one mutex",
  cpus: ["cpu 0", "cpu 1"],
  tasks: ["mover#0", "mover#1"],
  lockName: (lock) => `lock_${String(lock)}`,
};

/** mover#0 holds the lock for 2 us; mover#1 spins for 0.5 us, blocks, is woken and takes it. */
function example(eventsMax = 1_000): TimelineCollector {
  const collector = new TimelineCollector(eventsMax);
  collector.onCpu({ cpu: 1, task: 1, state: "spin", fromNs: 500, toNs: 1_000 });
  collector.onCpu({ cpu: 0, task: 0, state: "run", fromNs: 0, toNs: 2_500 });
  collector.held({ lock: 64, mode: "write", task: 0, fromNs: 0, toNs: 2_000 });
  collector.woke({ waker: 0, task: 1, atNs: 2_000 });
  collector.taskState({ task: 1, state: "blocked", lock: 64, fromNs: 1_000, toNs: 2_000 });
  collector.taskState({ task: 1, state: "runnable", lock: -1, fromNs: 2_000, toNs: 2_200 });
  collector.onCpu({ cpu: 1, task: 1, state: "run", fromNs: 2_200, toNs: 3_001 });
  collector.held({ lock: 64, mode: "write", task: 1, fromNs: 2_200, toNs: 3_000 });
  return collector;
}

describe("renderPerfetto", () => {
  it("writes a file of the Trace Event Format", () => {
    const file = fileSchema.parse(JSON.parse(renderPerfetto(example().timeline(), names)));
    expect(file.traceEvents).toHaveLength(28);
  });

  it("is these bytes for a small example, which was read line by line", async () => {
    const path = join(import.meta.dirname, "../../../tests/traces/timeline.perfetto.expected");
    await expect(renderPerfetto(example().timeline(), names)).toMatchFileSnapshot(path);
  });

  it("keeps to its bound and says where it was cut", () => {
    const timeline = example(3).timeline();
    expect(timeline.slices).toHaveLength(3);
    expect(timeline.cutAtNs).toBe(2_000);
    const file = fileSchema.parse(JSON.parse(renderPerfetto(timeline, names)));
    expect(file.otherData["cut"]).toBe("the time line ends at 2 us: its bound was reached");
  });

  it("lets holds of readers overlap", () => {
    const collector = new TimelineCollector(100);
    collector.held({ lock: 8, mode: "read", task: 0, fromNs: 0, toNs: 2_000 });
    collector.held({ lock: 8, mode: "read", task: 1, fromNs: 1_000, toNs: 3_000 });
    const file = fileSchema.parse(JSON.parse(renderPerfetto(collector.timeline(), names)));
    const holds = file.traceEvents.filter((event) => event.ph === "b" || event.ph === "e");
    expect(
      holds.map((event) => [event.ph, event.name, "id" in event ? event.id : "", "ts" in event ? event.ts : 0]),
    ).toEqual([
      ["b", "lock_8 (read)", "0x1", 0],
      ["b", "lock_8 (read)", "0x2", 1],
      ["e", "lock_8 (read)", "0x1", 2],
      ["e", "lock_8 (read)", "0x2", 3],
    ]);
  });

  it("counts waiters at every change", () => {
    const file = fileSchema.parse(JSON.parse(renderPerfetto(example().timeline(), names)));
    const counters = file.traceEvents.filter((event) => event.ph === "C");
    expect(
      counters.map((event) => ("args" in event && "ts" in event ? [event.name, event.ts, event.args] : [])),
    ).toEqual([
      ["waiting: lock_64", 1, { tasks: 1 }],
      ["waiting: lock_64", 2, { tasks: 0 }],
      ["runnable", 2, { tasks: 1 }],
      ["runnable", 2.2, { tasks: 0 }],
    ]);
  });
});
