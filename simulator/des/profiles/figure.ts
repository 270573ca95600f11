/** How the data files write a cost down. */
import type { Figure } from "../profile.ts";

/** A figure in nanoseconds that was measured, or is known exactly (a constant of the kernel): nothing to sweep. */
export function measured(value: number, source: string): Figure {
  return { value, unit: "ns", basis: "measured", source, low: value, high: value };
}

/** A figure in nanoseconds that nobody measured: the range says how far off it may be, the source why. */
export function estimate(value: number, [low, high]: readonly [number, number], source: string): Figure {
  return { value, unit: "ns", basis: "estimate", source, low, high };
}

/** Speed 1: `work()` is written in this CPU's nanoseconds. */
export const referenceSpeed: Figure = {
  value: 1,
  unit: "ratio",
  basis: "measured",
  source: "by definition: work() is written in this CPU's nanoseconds",
  low: 1,
  high: 1,
};

/** The base slice of EEVDF before the factor for the number of CPUs. */
export const baseSlice: Figure = measured(
  700_000,
  "a constant of the kernel: sysctl_sched_base_slice, kernel/sched/fair.c",
);

/** Bounds between which the length of an RCU grace period is drawn. */
export const gracePeriod: { readonly lo: Figure; readonly hi: Figure } = {
  lo: estimate(10_000_000, [3_000_000, 20_000_000], "some ticks for the quiescent states of all CPUs; not measured"),
  hi: estimate(30_000_000, [20_000_000, 60_000_000], "the same with batching of callbacks; not measured"),
};
