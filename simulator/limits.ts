/**
 * Every bound of the explorer, in one place. Reaching one that depends on the search gives the
 * verdict `inconclusive` with its name; it never reads as a pass (loom, `src/model.rs`).
 */

/** What the caller bounds. All three are counted by the engine, so equal inputs stop at equal places. */
export type ExploreLimits = {
  /** Distinct states stored. */
  readonly statesMax: number;
  /** Steps from the initial state. */
  readonly depthMax: number;
  /** Bytes of state array, hash table and parent array together, as the engine counts them. */
  readonly memoryBytesMax: number;
};

/** The limits that a run can end at. */
export const limitNames = [
  "states",
  "depth",
  "memory",
  "width",
  "objects",
  "frames",
  "recursion",
  "operations",
] as const;
export type LimitName = (typeof limitNames)[number];

export const defaultExploreLimits: ExploreLimits = {
  statesMax: 5_000_000,
  depthMax: 1_000_000,
  memoryBytesMax: 1_073_741_824,
};

/** Heap objects alive at once, all allocation sites together. */
export const heapObjectsMax = 64;
/** Nested calls of one task (recursion counted). */
export const framesMax = 64;
/** Calls of one function on one call path, unless the cell says `//| recursion: n`. */
export const recursionDefault = 8;
/** Operations of one step (local computation included) before it counts as never ending. */
export const operationsPerStepMax = 10_000;
/** Tasks of a scenario, all instances together: lock words hold one or two bits a task. */
export const tasksMax = 15;
/** Nodes of all tasks' flow graphs after expansion of calls. */
export const nodesMax = 60_000;
/** Bits of one state, heap aside. */
export const stateBitsMax = 32_768;
/** Bytes of all addressable memory of a scenario. */
export const memoryImageBytesMax = 262_144;

/** Tasks of a scenario in simulated time, all instances together. */
export const timedTasksMax = 4096;
/** Bytes of all addressable memory in simulated time: globals, frames of all tasks, room for the heap. */
export const timedMemoryBytesMax = 16_777_216;
/** kmalloc'ed objects of one type alive at once in simulated time, where memory has room for so many. */
export const timedHeapObjectsMax = 16_384;
/** Operations between two requests in simulated time: then the task pauses, so that a loop cannot hang the run. */
export const timedOperationsMax = 10_000;

/** One sentence for a person: what was reached and what to do about it. */
export function describeLimit(limit: LimitName): string {
  switch (limit) {
    case "states":
      return "the bound on states was reached; raise `limit states=` or make the scenario smaller";
    case "depth":
      return "the bound on depth was reached; raise it or make the scenario shorter";
    case "memory":
      return "the bound on memory was reached; raise `limit memory=` or make the scenario smaller";
    case "width":
      return "a value did not fit 32 bits in a 64-bit type, or a hidden counter overflowed; use smaller numbers";
    case "objects":
      return `more than ${String(heapObjectsMax)} heap objects were alive or still pointed to; free them or allocate fewer`;
    case "frames":
      return `calls nested more than ${String(framesMax)} deep`;
    case "recursion":
      return "a function called itself more often than `//| recursion:` allows; raise it";
    case "operations":
      return `one step ran more than ${String(operationsPerStepMax)} operations; a loop without any shared access may never end`;
  }
}
