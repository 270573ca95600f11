/** What the engine tells while it runs, and the statistics that listen. Times are integer nanoseconds of one replication. */
import type { LockRow } from "./result.ts";
import type { Fault } from "./timed-code.ts";

export type LockKind = LockRow["kind"];
export type LockMode = "read" | "write";

/** What the task that holds a lock does while others wait for it. */
export type HolderState = "running" | "runnable" | "blocked" | "none";

/** Nanoseconds of one wait, by where they were spent. */
export type Wait = { readonly spin: number; readonly blocked: number; readonly runnable: number };

/** Nanoseconds of a task since the replication began, read at any time; the parts add up to the time passed. */
export type TaskClock = {
  readonly run: number;
  readonly spin: number;
  readonly runnable: number;
  readonly blocked: number;
  readonly asleep: number;
  readonly outside: number;
};

/** Nanoseconds of a CPU since the replication began; the parts add up to the time passed. */
export type CpuClock = {
  readonly run: number;
  readonly spin: number;
  readonly switching: number;
  readonly irq: number;
  readonly idle: number;
};

/** All clocks at one instant. What is measured is the difference of two of them, so the sums stay exact. */
export type Snapshot = {
  readonly atNs: number;
  readonly tasks: readonly TaskClock[];
  readonly cpus: readonly CpuClock[];
  /** Waits for locks that have begun and not ended: what of them has passed by now. */
  readonly waits: readonly { readonly task: number; readonly lock: number; readonly wait: Wait }[];
  readonly events: number;
  /** Requests of locks that were granted. */
  readonly passages: number;
};

/**
 * Called by the engine in the order of simulated time. Everything before the end of the warm-up is told too: `warmUpEnds`
 * comes once, and the listener starts again then. No listener keeps an event: the engine may use one object for all.
 */
export type Recorder = {
  readonly lockTaken: (event: {
    readonly lock: number;
    readonly kind: LockKind;
    readonly mode: LockMode;
    readonly task: number;
    readonly site: number;
    readonly contended: boolean;
    readonly slept: boolean;
    readonly wait: Wait;
  }) => void;
  /** `lock` is the lock's address, `site` where it was taken. */
  readonly lockReleased: (
    lock: number,
    mode: LockMode,
    event: { readonly task: number; readonly site: number; readonly holdNs: number },
  ) => void;
  readonly trylockFailed: (
    lock: number,
    mode: LockMode,
    event: { readonly kind: LockKind; readonly task: number; readonly site: number },
  ) => void;
  /**
   * Parts of waits, by who held the lock meanwhile and what that task did: it ran, it was preempted (runnable), or it slept
   * or waited itself (blocked). holder -1, state "none": nobody held it (hand-off, a wake-up on its way). Of readers that
   * hold together the oldest is told. `ns` is summed over all tasks that waited in this mode in that time.
   */
  readonly waitedFor: (
    lock: number,
    event: {
      readonly mode: LockMode;
      readonly holder: number;
      readonly holderSite: number;
      readonly holderState: HolderState;
      readonly ns: number;
    },
  ) => void;
  /**
   * One uninterruptible sleep is over: from enqueue to wake-up. `lock` -1 for what is no lock (grace period, await).
   * `whileHolder` divides ns by what the lock's holder did meanwhile; all in `none` when there is no lock.
   */
  readonly blockedSleep: (event: {
    readonly task: number;
    readonly lock: number;
    readonly ns: number;
    readonly whileHolder: Readonly<Record<HolderState, number>>;
  }) => void;
  /** Spans of a task nest: the span done is the one begun last. */
  readonly spanBegun: (task: number, span: number) => void;
  readonly spanDone: (event: {
    readonly task: number;
    readonly span: number;
    readonly latencyNs: number;
    readonly split: TaskClock;
    readonly byLock: ReadonlyMap<number, Wait>;
  }) => void;
  readonly note: (task: number, note: number) => void;
  readonly warmUpEnds: (snapshot: Snapshot) => void;
  /** In the middle between the end of the warm-up and the end asked for: whether both halves say the same is checked. */
  readonly halfWay: (snapshot: Snapshot) => void;
};

/** For the time line: what ran where, and what waited. Told only when a time line was asked for. */
export type TimelineRecorder = {
  readonly onCpu: (event: {
    readonly cpu: number;
    readonly task: number;
    readonly state: "run" | "spin" | "switch" | "irq";
    readonly fromNs: number;
    readonly toNs: number;
  }) => void;
  readonly taskState: (event: {
    readonly task: number;
    readonly state: "runnable" | "blocked" | "asleep";
    readonly lock: number;
    readonly fromNs: number;
    readonly toNs: number;
  }) => void;
  readonly held: (event: {
    readonly lock: number;
    readonly mode: LockMode;
    readonly task: number;
    readonly fromNs: number;
    readonly toNs: number;
  }) => void;
  readonly woke: (event: { readonly waker: number; readonly task: number; readonly atNs: number }) => void;
};

/** What the engine hands over at the end of a replication, for the exact sums and the tables. */
export type ReplicationEnd = Snapshot & {
  readonly stop: "until" | "all-ended" | "fault" | "events-limit";
  /** What went wrong, after "fault". */
  readonly fault: Fault | null;
};
