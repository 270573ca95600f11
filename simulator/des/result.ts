/** What a simulation says. All times in nanoseconds; pooled over replications unless said otherwise. */
import type { Fault } from "./timed-code.ts";

/**
 * Mean over replications with the half-width of its 95 % interval (Student's t); halfWidth null with one replication.
 * `values`: of each replication, in order, so that two stored results of equal seeds can be compared pair by pair; null
 * where one has nothing to take the mean of.
 */
export type Estimate = {
  readonly mean: number;
  readonly halfWidth: number | null;
  /** Those with a value. */
  readonly replications: number;
  readonly values: readonly (number | null)[];
};

/**
 * A quantile, or why it is not printed: it needs 100/(1-q) samples. `values`: of each replication, in order; null where
 * one has no sample at all.
 */
export type Quantile = {
  readonly q: number;
  readonly value: number | null;
  readonly halfWidth: number | null;
  readonly samplesNeeded: number;
  readonly values: readonly (number | null)[];
};

/**
 * A share of independent trials with its 95 % interval (Wilson's), or of dependent ones over replications (Student's t).
 * `values`: of each replication, in order; null where one has no trial.
 */
export type Share = {
  readonly share: number;
  readonly low: number;
  readonly high: number;
  readonly of: number;
  readonly values: readonly (number | null)[];
};

export type Distribution = {
  readonly samples: number;
  readonly min: number;
  readonly max: number;
  readonly mean: Estimate;
  readonly quantiles: readonly Quantile[];
  /** Points of the ECDF, at most 200: values ascending, cumulative share. */
  readonly ecdf: readonly (readonly [value: number, share: number])[];
};

/** A row as /proc/lock_stat has it, by lock instance or class, and mode. */
export type LockRow = {
  readonly name: string;
  readonly lockClass: string | null;
  readonly kind: "spinlock" | "rwlock" | "mutex" | "rwsem" | "semaphore" | "folio" | "completion";
  readonly mode: "read" | "write";
  readonly acquisitions: number;
  readonly contentions: number;
  readonly trylockFailures: number;
  /** Waiters that slept. */
  readonly sleeps: number;
  readonly wait: { readonly min: number; readonly max: number; readonly total: number; readonly mean: number };
  readonly hold: { readonly min: number; readonly max: number; readonly total: number; readonly mean: number };
  readonly waitPerAcquisition: Estimate;
  readonly holdPerAcquisition: Estimate;
  /** Contentions by acquisitions. */
  readonly contendedShare: Estimate;
  readonly acquisitionsPerSecond: Estimate;
  readonly sleepsPerSecond: Estimate;
  /** Nanoseconds of waiting by what the holder did meanwhile: the mechanism of a long wait. */
  readonly waitedWhileHolder: {
    readonly ran: number;
    readonly wasPreempted: number;
    readonly waitedItself: number;
    /** Nobody held it: hand-off, or a wake-up on its way. */
    readonly wasNobody: number;
  };
  /** Who held it while others waited: nanoseconds of waiting by holder's task and site, largest first. */
  readonly waitedFor: readonly { readonly holder: string; readonly site: string; readonly ns: number }[];
};

/** Where a task's time went. The parts add up to the time simulated, exactly. */
export type TimeSplit = {
  readonly run: number;
  readonly spin: number;
  readonly runnable: number;
  readonly blocked: number;
  readonly asleep: number;
  /** Before it began and after it ended. */
  readonly outside: number;
  /** Of spin and blocked: by lock, most first; what no lock is the reason of is named `(no lock)`. */
  readonly byLock: readonly { readonly name: string; readonly spin: number; readonly blocked: number }[];
};

export type TaskRow = TimeSplit & {
  readonly task: string;
  readonly count: number;
  /** Shares of its tasks' time. */
  readonly shares: {
    readonly run: Estimate;
    readonly spin: Estimate;
    readonly runnable: Estimate;
    readonly blocked: Estimate;
    readonly asleep: Estimate;
  };
  /** Uninterruptible sleeps (enqueued to woken), and how many exceeded these. */
  readonly longestBlockedNs: number;
  /** Of its uninterruptible sleeps above 8.3 ms: nanoseconds by what the holder of the lock did meanwhile. */
  readonly longBlockedWhileHolder: LockRow["waitedWhileHolder"];
  readonly blockedAbove: readonly { readonly ns: number; readonly count: number; readonly perSecond: Estimate }[];
  readonly blockedSleeps: number;
  /** Share of replications in which the longest such sleep exceeded ns: longest values themselves grow with the run. */
  readonly longestAbove: readonly { readonly ns: number; readonly share: Share }[];
};

export type SpanRow = {
  readonly text: string;
  readonly task: string;
  readonly latency: Distribution;
  readonly split: TimeSplit;
  readonly perSecond: Estimate;
  /** Share of its passages in which an uninterruptible sleep exceeded ns. */
  readonly sleptAbove: readonly { readonly ns: number; readonly share: Share }[];
};

/** Parts add up to the time simulated, exactly. */
export type CpuRow = {
  readonly cpu: number;
  readonly kind: string;
  readonly run: number;
  readonly spin: number;
  readonly switching: number;
  readonly irq: number;
  readonly idle: number;
};

export type SimulateWarning = {
  readonly kind: "short-for-quantile" | "not-steady" | "warm-up-long" | "task-starved" | "few-replications";
  readonly message: string;
};

export type SimulateResult = {
  readonly verdict: "measured" | "violated" | "inconclusive";
  readonly message: string;
  readonly profile: string;
  readonly untilNs: number;
  readonly warmUpNs: number;
  readonly replications: number;
  readonly seed: number;
  readonly events: number;
  readonly passages: number;
  readonly locks: readonly LockRow[];
  readonly tasks: readonly TaskRow[];
  readonly spans: readonly SpanRow[];
  readonly cpus: readonly CpuRow[];
  readonly notes: readonly { readonly text: string; readonly count: number; readonly perSecond: Estimate }[];
  readonly fault?: Fault & { readonly atNs: number; readonly replication: number };
  readonly warnings: readonly SimulateWarning[];
  readonly assumptions: readonly string[];
};
