/** What is counted of one span of one declaration in one replication. */
import { addClock, clockParts, type ClockSums } from "./clock-table.ts";
import { createSample, type Sample } from "./sample.ts";
import type { Series } from "./series.ts";
import type { TaskClock, Wait } from "../recorder.ts";

/** Uninterruptible sleeps above these are counted: two frames at 120 and 60 Hz, the thread's 30 and 50 ms. */
export const sleepThresholdsNs = [8_300_000, 16_000_000, 30_000_000, 50_000_000] as const;

/** Counts sleeps above each threshold. */
export function countAbove(counts: Float64Array, ns: number): void {
  if (ns <= sleepThresholdsNs[0]) return;
  for (const [index, threshold] of sleepThresholdsNs.entries()) {
    if (ns <= threshold) return;
    counts[index] = (counts[index] ?? 0) + 1;
  }
}

export class SpanAccount {
  readonly latency: Sample = createSample();
  /** Passages in the first half, and the sum of their latencies. */
  firstHalf = { count: 0, sum: 0 };
  readonly split: ClockSums = new Float64Array(clockParts.length);
  /** Spinning and blocked by lock. */
  readonly byLock = new Map<number, { spin: number; blocked: number }>();
  /** Passages with a sleep above each threshold. */
  readonly sleptAbove = new Float64Array(sleepThresholdsNs.length);
  /** All latencies in order, those of the warm-up too. */
  readonly series: Series;
  /** How many of the series are the warm-up's. */
  readonly warmUpCount: number;

  constructor(series: Series) {
    this.series = series;
    this.warmUpCount = series.count;
  }

  add(latencyNs: number, passage: { readonly split: TaskClock; readonly byLock: ReadonlyMap<number, Wait> }): void {
    this.latency.add(latencyNs);
    this.series.add(latencyNs);
    addClock(this.split, passage.split);
    if (passage.byLock.size === 0) return;
    for (const [lock, wait] of passage.byLock) {
      const known = this.byLock.get(lock);
      if (known === undefined) this.byLock.set(lock, { spin: wait.spin, blocked: wait.blocked });
      else {
        known.spin += wait.spin;
        known.blocked += wait.blocked;
      }
    }
  }
}
