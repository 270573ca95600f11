/**
 * A time line as a file that ui.perfetto.dev and chrome://tracing open: a process of CPUs (what ran where), a process of
 * tasks (what each did or waited for, with arrows from who woke it), a process of locks (who held them, and how many waited).
 *
 * @source Trace Event Format (Chrome, JSON object form): ph X complete slices, b/e nestable asynchronous slices, s/f flows,
 *   C counters, M metadata; `ts` and `dur` are microseconds
 */
import type { TimelineSlice, Timeline } from "./timeline.ts";

/** What the file is about. */
export type TimelineNames = {
  readonly title: string;
  readonly cpus: readonly string[];
  readonly tasks: readonly string[];
  readonly lockName: (lock: number) => string;
};

const cpuProcess = 1;
const taskProcess = 2;
const lockProcess = 3;

type TraceEvent = Readonly<Record<string, unknown>> & { readonly ts?: number };

/** The file's text: JSON, an event a line, in the order of time. O(n log n) in the slices. */
export function renderPerfetto(timeline: Timeline, names: TimelineNames): string {
  const events = [
    ...cpuEvents(timeline.slices, names),
    ...taskEvents(timeline.slices, names),
    ...holdEvents(timeline.slices, names),
    ...wakeUpEvents(timeline),
    ...queueEvents(timeline.slices, names),
  ].sort((a, b) => (a.ts ?? 0) - (b.ts ?? 0));
  const lines = [...metadata(names), ...events].map((event) => JSON.stringify(event));
  const cut =
    timeline.cutAtNs === null
      ? {}
      : { cut: `the time line ends at ${String(micros(timeline.cutAtNs))} us: its bound was reached` };
  const otherData = JSON.stringify({ title: names.title, time: "simulated", ...cut });
  return `{"traceEvents":[\n${lines.join(",\n")}\n],\n"displayTimeUnit":"ns",\n"otherData":${otherData}}\n`;
}

function metadata({ cpus, tasks }: TimelineNames): readonly TraceEvent[] {
  const processes: readonly (readonly [number, string])[] = [
    [cpuProcess, "CPUs"],
    [taskProcess, "tasks"],
    [lockProcess, "locks"],
  ];
  return [
    ...processes.flatMap(([pid, name]) => [
      { ph: "M", pid, tid: 0, name: "process_name", args: { name } },
      { ph: "M", pid, tid: 0, name: "process_sort_index", args: { sort_index: pid } },
    ]),
    ...cpus.map((name, cpu) => ({ ph: "M", pid: cpuProcess, tid: cpu + 1, name: "thread_name", args: { name } })),
    ...tasks.map((name, task) => ({ ph: "M", pid: taskProcess, tid: task + 1, name: "thread_name", args: { name } })),
  ];
}

type CpuSlice = Extract<TimelineSlice, { readonly kind: "cpu" }>;
type StateSlice = Extract<TimelineSlice, { readonly kind: "state" }>;
type HeldSlice = Extract<TimelineSlice, { readonly kind: "held" }>;

function ofKind<Kind extends TimelineSlice["kind"]>(
  slices: readonly TimelineSlice[],
  kind: Kind,
): readonly Extract<TimelineSlice, { readonly kind: Kind }>[] {
  return slices.filter((slice): slice is Extract<TimelineSlice, { readonly kind: Kind }> => slice.kind === kind);
}

/** On a CPU's track: the task, with what it did there. */
function cpuEvents(slices: readonly TimelineSlice[], names: TimelineNames): readonly TraceEvent[] {
  return ofKind(slices, "cpu").map((slice) => ({
    ph: "X",
    pid: cpuProcess,
    tid: slice.cpu + 1,
    ...span(slice),
    name: slice.state === "run" ? taskName(slice.task, names) : `${taskName(slice.task, names)}: ${slice.state}`,
    cat: slice.state,
  }));
}

/** On a task's track: running, spinning for a lock, or waiting for one. */
function taskEvents(slices: readonly TimelineSlice[], names: TimelineNames): readonly TraceEvent[] {
  const takenAt = new Map(
    ofKind(slices, "held").map((slice) => [`${String(slice.task)} ${String(slice.fromNs)}`, slice]),
  );
  // A spin says what it was for when it ended with the lock taken.
  const lockOfSpin = (slice: CpuSlice): string => {
    const taken = takenAt.get(`${String(slice.task)} ${String(slice.toNs)}`);
    return taken === undefined ? "spin" : `spin: ${names.lockName(taken.lock)}`;
  };
  const running = ofKind(slices, "cpu")
    .filter((slice) => slice.task >= 0 && (slice.state === "run" || slice.state === "spin"))
    .map((slice) => ({
      ph: "X",
      pid: taskProcess,
      tid: slice.task + 1,
      ...span(slice),
      name: slice.state === "run" ? "run" : lockOfSpin(slice),
      cat: slice.state,
      args: { cpu: slice.cpu },
    }));
  const waiting = ofKind(slices, "state").map((slice) => ({
    ph: "X",
    pid: taskProcess,
    tid: slice.task + 1,
    ...span(slice),
    name: stateName(slice, names),
    cat: slice.state,
  }));
  return [...running, ...waiting];
}

function stateName({ state, lock }: StateSlice, names: TimelineNames): string {
  return state === "blocked" && lock >= 0 ? `blocked: ${names.lockName(lock)}` : state;
}

/** Readers hold a lock at the same time: holds are asynchronous slices, which may overlap. */
function holdEvents(slices: readonly TimelineSlice[], names: TimelineNames): readonly TraceEvent[] {
  return ofKind(slices, "held").flatMap((slice: HeldSlice, index) => {
    const lock = names.lockName(slice.lock);
    const name = slice.mode === "read" ? `${lock} (read)` : lock;
    const same = { pid: lockProcess, tid: 0, cat: "held", id: `0x${(index + 1).toString(16)}`, name };
    return [
      { ph: "b", ...same, ts: micros(slice.fromNs), args: { task: taskName(slice.task, names) } },
      { ph: "e", ...same, ts: micros(slice.toNs) },
    ];
  });
}

/** An arrow from the waker's slice to what the woken task does next. Timers have no track: they have no arrow. */
function wakeUpEvents({ wakeUps }: Timeline): readonly TraceEvent[] {
  return wakeUps
    .filter(({ waker }) => waker >= 0)
    .flatMap(({ waker, task, atNs }, index) => {
      const same = { pid: taskProcess, cat: "wake", name: "wake", id: index + 1, ts: micros(atNs) };
      return [
        { ph: "s", ...same, tid: waker + 1 },
        { ph: "f", bp: "e", ...same, tid: task + 1 },
      ];
    });
}

/** How many tasks wait for each lock, and how many for a CPU, at every change. */
function queueEvents(slices: readonly TimelineSlice[], names: TimelineNames): readonly TraceEvent[] {
  const changes = new Map<string, Map<number, number>>();
  const add = (queue: string, atNs: number, change: number): void => {
    const of = changes.get(queue) ?? new Map<number, number>();
    of.set(atNs, (of.get(atNs) ?? 0) + change);
    changes.set(queue, of);
  };
  for (const slice of ofKind(slices, "state")) {
    const queue =
      slice.state === "runnable"
        ? "runnable"
        : slice.state === "blocked" && slice.lock >= 0
          ? `waiting: ${names.lockName(slice.lock)}`
          : null;
    if (queue === null) continue;
    add(queue, slice.fromNs, 1);
    add(queue, slice.toNs, -1);
  }
  return [...changes].flatMap(([name, of]) => {
    let tasks = 0;
    return [...of]
      .sort(([a], [b]) => a - b)
      .filter(([, change]) => change !== 0)
      .map(([atNs, change]) => {
        tasks += change;
        return { ph: "C", pid: lockProcess, tid: 0, name, ts: micros(atNs), args: { tasks } };
      });
  });
}

function span({ fromNs, toNs }: { readonly fromNs: number; readonly toNs: number }): {
  readonly ts: number;
  readonly dur: number;
} {
  return { ts: micros(fromNs), dur: micros(toNs - fromNs) };
}

/** Nanoseconds as microseconds with three decimals: division by a power of ten is exact enough to print back the same. */
function micros(ns: number): number {
  return ns / 1_000;
}

function taskName(task: number, { tasks }: TimelineNames): string {
  return tasks[task] ?? "idle";
}
