/** Collects what a replication tells of its time line, up to a bound; what comes later is left out, and said. */
import type { LockMode, TimelineRecorder } from "../../des/recorder.ts";

type OnCpu = Parameters<TimelineRecorder["onCpu"]>[0];
type TaskState = Parameters<TimelineRecorder["taskState"]>[0];

/** A stretch of time in which something was so. Times are nanoseconds. */
export type TimelineSlice =
  | ({ readonly kind: "cpu" } & OnCpu)
  | ({ readonly kind: "state" } & TaskState)
  | {
      readonly kind: "held";
      readonly lock: number;
      readonly mode: LockMode;
      readonly task: number;
      readonly fromNs: number;
      readonly toNs: number;
    };

export type Timeline = {
  /** In the order in which they ended. */
  readonly slices: readonly TimelineSlice[];
  readonly wakeUps: readonly { readonly waker: number; readonly task: number; readonly atNs: number }[];
  /** Simulated time at which the bound was reached; null when everything is there. */
  readonly cutAtNs: number | null;
};

/**
 * A recorder that keeps at most so many slices and wake-ups together. The engine may reuse its event objects: what is kept
 * is a copy.
 */
export class TimelineCollector implements TimelineRecorder {
  readonly #eventsMax: number;
  readonly #slices: TimelineSlice[] = [];
  readonly #wakeUps: { readonly waker: number; readonly task: number; readonly atNs: number }[] = [];
  #cutAtNs: number | null = null;

  constructor(eventsMax: number) {
    this.#eventsMax = eventsMax;
  }

  readonly onCpu = (event: OnCpu): void => {
    if (event.toNs > event.fromNs && this.#hasRoom(event.toNs)) this.#slices.push({ kind: "cpu", ...event });
  };

  readonly taskState = (event: TaskState): void => {
    if (event.toNs > event.fromNs && this.#hasRoom(event.toNs)) this.#slices.push({ kind: "state", ...event });
  };

  readonly held = (event: Parameters<TimelineRecorder["held"]>[0]): void => {
    if (this.#hasRoom(event.toNs)) this.#slices.push({ kind: "held", ...event });
  };

  readonly woke = (event: Parameters<TimelineRecorder["woke"]>[0]): void => {
    if (this.#hasRoom(event.atNs)) this.#wakeUps.push({ ...event });
  };

  /** All that was told so far. */
  timeline(): Timeline {
    return { slices: this.#slices, wakeUps: this.#wakeUps, cutAtNs: this.#cutAtNs };
  }

  #hasRoom(atNs: number): boolean {
    if (this.#slices.length + this.#wakeUps.length < this.#eventsMax) return true;
    this.#cutAtNs ??= atNs;
    return false;
  }
}
