/** Clocks of many tasks or CPUs as rows of numbers: copied at an instant, subtracted, summed. Exact below 2^53 ns. */
import type { CpuClock, TaskClock } from "../recorder.ts";

export const clockParts = [
  "run",
  "spin",
  "runnable",
  "blocked",
  "asleep",
  "outside",
] as const satisfies readonly (keyof TaskClock)[];
export const cpuParts = ["run", "spin", "switching", "irq", "idle"] as const satisfies readonly (keyof CpuClock)[];

/** One row: a sum for each part, in order. */
export type ClockSums = Float64Array;

/** Rows of task clocks behind each other. */
export function taskClockTable(clocks: readonly TaskClock[]): Float64Array {
  const table = new Float64Array(clocks.length * clockParts.length);
  for (const [row, clock] of clocks.entries())
    for (const [part, name] of clockParts.entries()) table[row * clockParts.length + part] = clock[name];
  return table;
}

export function cpuClockTable(clocks: readonly CpuClock[]): Float64Array {
  const table = new Float64Array(clocks.length * cpuParts.length);
  for (const [row, clock] of clocks.entries())
    for (const [part, name] of cpuParts.entries()) table[row * cpuParts.length + part] = clock[name];
  return table;
}

/** later - earlier, number by number; an empty earlier table is all zero. */
export function tableDifference(later: Float64Array, earlier: Float64Array): Float64Array {
  return later.map((value, index) => value - (earlier[index] ?? 0));
}

/** Sum of the rows first..first+count-1. */
export function sumRows(
  table: Float64Array,
  rows: { readonly first: number; readonly count: number; readonly width: number },
): ClockSums {
  const sums = new Float64Array(rows.width);
  for (let row = rows.first; row < rows.first + rows.count; row += 1)
    for (let part = 0; part < rows.width; part += 1)
      sums[part] = (sums[part] ?? 0) + (table[row * rows.width + part] ?? 0);
  return sums;
}

/** Adds a row of sums to another in place. */
export function addSums(into: ClockSums, more: ClockSums): void {
  for (const [part, ns] of more.entries()) into[part] = (into[part] ?? 0) + ns;
}

/** Adds one clock in place, in the order of clockParts; written out, since it is done for every passage of a span. */
export function addClock(into: ClockSums, clock: TaskClock): void {
  into[0] = (into[0] ?? 0) + clock.run;
  into[1] = (into[1] ?? 0) + clock.spin;
  into[2] = (into[2] ?? 0) + clock.runnable;
  into[3] = (into[3] ?? 0) + clock.blocked;
  into[4] = (into[4] ?? 0) + clock.asleep;
  into[5] = (into[5] ?? 0) + clock.outside;
}
