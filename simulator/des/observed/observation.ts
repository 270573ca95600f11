/** What a machine's own tools said of its locks, in one form. All times in nanoseconds. */

/** Times of one kind: their sum with the extremes, or how many lay where. */
export type ObservedTimes =
  | {
      readonly kind: "totals";
      readonly count: number;
      readonly totalNs: number;
      readonly minNs: number | null;
      readonly maxNs: number | null;
    }
  | { readonly kind: "histogram"; readonly count: number; readonly buckets: readonly Bucket[] };

/** fromNs <= time < toNs; null: no upper bound. In ascending order, without overlap. */
export type Bucket = { readonly fromNs: number; readonly toNs: number | null; readonly count: number };

/** wait: from request to grant, of those who had to wait; hold: from grant to release; latency: what a script measured. */
export const timeKinds = ["wait", "hold", "latency"] as const;
export type TimeKind = (typeof timeKinds)[number];

export type ObservedLock = {
  /** The lock's class, the caller, the task or the map, as the tool prints it. */
  readonly name: string;
  readonly mode: "read" | "write" | null;
  /** `spinlock`, `rwsem` ...: perf says it, the others do not. */
  readonly lockKind: string | null;
  readonly acquisitions: number | null;
  readonly contentions: number | null;
  readonly times: Readonly<Partial<Record<TimeKind, ObservedTimes>>>;
};

export type ObservationTool = "lock_stat" | "perf lock contention" | "perf lock report" | "bpftrace";

export type Observation = {
  readonly tool: ObservationTool;
  readonly locks: readonly ObservedLock[];
  /** What a reader should know: lost events, tables printed more than once. */
  readonly notes: readonly string[];
};

/** `line` counts from 1. */
export type ObservationProblem = { readonly line: number; readonly message: string };

export type ObservationReading =
  | { readonly kind: "observation"; readonly observation: Observation }
  | { readonly kind: "malformed"; readonly problems: readonly ObservationProblem[] };

/** Mean of the times; null for a histogram, which says only where they lay, and for no times at all. */
export function meanOf(times: ObservedTimes): number | null {
  switch (times.kind) {
    case "totals":
      return times.count === 0 ? null : times.totalNs / times.count;
    case "histogram":
      return null;
  }
}
