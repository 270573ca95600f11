/**
 * Which locals need a flag "not written yet": those that some path reads first. A local that every path writes before it
 * reads it needs none, and costs the state nothing.
 */
import { successors } from "./flow.ts";
import type { Node, Routine } from "./ir.ts";

/** Cells that may be read uninitialised on some path of the flow graph. Forward data flow; O(nodes x locals). */
export function findFlaggedCells(routine: Routine, entry: number, reachable: readonly boolean[]): ReadonlySet<number> {
  const nodes = routine.nodes;
  const numbers = new Map<number, number>();
  for (const node of nodes) {
    if (node.kind === "use" && !numbers.has(node.cell)) numbers.set(node.cell, numbers.size);
  }
  if (numbers.size === 0) return new Set();
  const words = (numbers.size + 31) >>> 5;
  const unwritten: (Int32Array | null)[] = nodes.map(() => null);
  unwritten[entry] = new Int32Array(words).fill(-1);
  const pending = [entry];
  for (let index = pending.pop(); index !== undefined; index = pending.pop()) {
    const node = nodes[index];
    const before = unwritten[index];
    if (node === undefined || before === null || before === undefined) continue;
    const after = transfer(node, before, numbers);
    for (const next of successors(nodes, index)) {
      const known = unwritten[next] ?? null;
      if (known === null) unwritten[next] = after.slice();
      if (known === null || addBits(known, after)) pending.push(next);
    }
  }
  const flagged = new Set<number>();
  nodes.forEach((node, index) => {
    if (reachable[index] !== true || node.kind !== "use") return;
    const number = numbers.get(node.cell) ?? 0;
    if ((((unwritten[index]?.[number >>> 5] ?? 0) >>> (number & 31)) & 1) !== 0) flagged.add(node.cell);
  });
  return flagged;
}

/** Bits of cells that may be unwritten behind a node. */
function transfer(node: Node, before: Int32Array, numbers: ReadonlyMap<number, number>): Int32Array {
  const isWritten = node.kind === "assign" && node.target.kind === "cell";
  if (!isWritten && node.kind !== "forget") return before;
  const cell = node.kind === "forget" ? node.cell : node.target.kind === "cell" ? node.target.cell : -1;
  const number = numbers.get(cell);
  if (number === undefined) return before;
  const after = before.slice();
  const bit = 1 << (number & 31);
  const word = after[number >>> 5] ?? 0;
  after[number >>> 5] = isWritten ? word & ~bit : word | bit;
  return after;
}

/** Whether there were bits to add. */
function addBits(into: Int32Array, bits: Int32Array): boolean {
  let changed = false;
  for (let word = 0; word < into.length; word += 1) {
    const both = (into[word] ?? 0) | (bits[word] ?? 0);
    if (both === into[word]) continue;
    into[word] = both;
    changed = true;
  }
  return changed;
}

/** Nodes that a step from `start` may run, `start` included: up to the next positions, which are not included. */
export function regionOf(routine: Routine, start: number, isPosition: (index: number) => boolean): ReadonlySet<number> {
  const region = new Set<number>([start]);
  const pending = [...successors(routine.nodes, start)];
  for (let index = pending.pop(); index !== undefined; index = pending.pop()) {
    if (region.has(index)) continue;
    const node = routine.nodes[index];
    const passes = (node?.kind === "load" || node?.kind === "store") && node.step === "maybe";
    if (isPosition(index) && !passes) continue;
    region.add(index);
    pending.push(...successors(routine.nodes, index));
  }
  return region;
}
