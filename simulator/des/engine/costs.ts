/** What requests cost: a figure of the profile on the CPU that pays it, and the line of a lock's word. */
import { figureMeanings, type FigureName, type MachineProfile } from "../profile.ts";
import type { RequestKind } from "../timed-code.ts";
import type { Costs, Cpu, Machine } from "./machine.ts";

/** What passes between CPUs does not depend on the speed of one. */
const notExecuted: ReadonlySet<FigureName> = new Set([
  "spinTransfer",
  "wakeLocal",
  "wakeRemote",
  "wakeIdle",
  "tlbBroadcast",
  "atomicTransfer",
]);

/** A CPU's costs: the profile's, or those given instead of them; whole nanoseconds. */
export function costsOf(profile: MachineProfile, given: ReadonlyMap<FigureName, number>, speed: number): Costs {
  const costs: Partial<Record<FigureName, number>> = {};
  const valueOf = (name: FigureName): number => {
    const value = given.get(name) ?? profile.figures[name].value;
    return Math.max(0, Math.round(notExecuted.has(name) ? value : value / speed));
  };
  for (const name of Object.keys(figureMeanings)) if (isFigure(name)) costs[name] = valueOf(name);
  return { ...allZero, ...costs };
}

function isFigure(name: string): name is FigureName {
  return name in figureMeanings;
}

const allZero: Costs = {
  atomicLocal: 0,
  atomicTransfer: 0,
  plainShared: 0,
  spinlockPair: 0,
  mutexPair: 0,
  rwsemPair: 0,
  folioLockPair: 0,
  pause: 0,
  spinTransfer: 0,
  contextSwitch: 0,
  wakeLocal: 0,
  wakeRemote: 0,
  wakeIdle: 0,
  tick: 0,
  tlbFlushLocal: 0,
  tlbSend: 0,
  tlbHandle: 0,
  tlbBroadcast: 0,
  irqEntry: 0,
};

/** Bytes of a line. */
const lineShift = 6;
/** Lines that are kept in the table; further ones cost as local. The memory of a model ends far below. */
const linesMax = 1 << 22;

/** An atomic on the line of an address: dearer when another CPU touched it last. */
export function touchLine(machine: Machine, cpu: Cpu, address: number): number {
  const line = address >>> lineShift;
  const toucher = cpu.id + 1;
  if (line >= machine.lines.length) growLines(machine, line);
  const before = machine.lines[line] ?? toucher;
  machine.lines[line] = toucher;
  return before === toucher || before === 0 ? cpu.costs.atomicLocal : cpu.costs.atomicTransfer;
}

function growLines(machine: Machine, line: number): void {
  if (line >= linesMax) return;
  const grown = new Int16Array(Math.min(linesMax, Math.max(2 * machine.lines.length, line + 1)));
  grown.set(machine.lines);
  machine.lines = grown;
}

/** Requests that begin with an atomic on the line of their first argument. */
const atomicKinds: ReadonlySet<RequestKind> = new Set<RequestKind>([
  "spin-lock",
  "spin-trylock",
  "spin-unlock",
  "read-lock",
  "read-trylock",
  "read-unlock",
  "write-lock",
  "write-trylock",
  "write-unlock",
  "mutex-lock",
  "mutex-trylock",
  "mutex-unlock",
  "down-read",
  "down-read-trylock",
  "up-read",
  "down-write",
  "down-write-trylock",
  "up-write",
  "downgrade-write",
  "semaphore-down",
  "semaphore-down-trylock",
  "semaphore-up",
  "folio-lock",
  "folio-trylock",
  "folio-unlock",
  "completion-wait",
  "complete",
  "complete-all",
  "queue-prepare",
  "queue-finish",
  "wake-up",
]);

export function isAtomic(kind: RequestKind): boolean {
  return atomicKinds.has(kind);
}

/** The pair cost that a request pays its half of, and which half: the odd nanosecond is the lock's. */
export function pairOf(kind: RequestKind): { readonly figure: FigureName; readonly half: "lock" | "unlock" } | null {
  for (const [figure, locks, unlocks] of pairs) {
    if (locks.includes(kind)) return { figure, half: "lock" };
    if (unlocks.includes(kind)) return { figure, half: "unlock" };
  }
  return null;
}

const pairs: readonly (readonly [FigureName, readonly RequestKind[], readonly RequestKind[]])[] = [
  [
    "spinlockPair",
    ["spin-lock", "spin-trylock", "read-lock", "read-trylock", "write-lock", "write-trylock", "semaphore-down"],
    ["spin-unlock", "read-unlock", "write-unlock", "semaphore-up"],
  ],
  ["mutexPair", ["mutex-lock", "mutex-trylock"], ["mutex-unlock"]],
  ["rwsemPair", ["down-read", "down-read-trylock", "down-write", "down-write-trylock"], ["up-read", "up-write"]],
  ["folioLockPair", ["folio-lock", "folio-trylock"], ["folio-unlock"]],
];
