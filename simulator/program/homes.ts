/**
 * Homes: the bits of a state that hold temporaries between steps. Two that are never needed at the same position share
 * one, and a home that nothing needs is 0, so temporaries distinguish states only where they matter.
 */
import type { Flow } from "./flow.ts";
import type { Routine, ScalarShape } from "./ir.ts";
import { bitsOfRange, type Range } from "./ranges.ts";

export type Homes = {
  /** Home of a temporary, -1 when it never lives across steps. */
  readonly homeOf: readonly number[];
  readonly shapes: readonly ScalarShape[];
};

/** Greedy colouring in the order of temporaries. */
export function assignHomes(routine: Routine, flow: Flow, ranges: readonly (Range | null)[]): Homes {
  const homeOf = routine.temps.map(() => -1);
  const neighbours = new Map<number, Set<number>>();
  for (const live of flow.liveTemps) {
    for (const temp of live) {
      const set = neighbours.get(temp) ?? new Set<number>();
      neighbours.set(temp, set);
      for (const other of live) if (other !== temp) set.add(other);
    }
  }
  const bits: number[] = [];
  for (const temp of [...neighbours.keys()].sort((a, b) => a - b)) {
    const taken = new Set([...(neighbours.get(temp) ?? [])].map((other) => homeOf[other] ?? -1));
    let home = 0;
    while (taken.has(home)) home += 1;
    homeOf[temp] = home;
    const shape = routine.temps[temp] ?? { bits: 32, signed: true };
    bits[home] = Math.max(bits[home] ?? 0, bitsOfRange(ranges[temp] ?? null, shape));
  }
  return { homeOf, shapes: bits.map((width) => ({ bits: width, signed: false })) };
}
