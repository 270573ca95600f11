/**
 * Which locals need a flag "not written yet": those that some path reads first. A local that every path writes before it
 * reads it needs none, and costs the state nothing.
 */
import { successors } from "./flow.ts";
import type { Node, Routine } from "./ir.ts";

/** Cells that may be read uninitialised on some path of the flow graph. Forward data flow; O(nodes x locals). */
export function findFlaggedCells(routine: Routine, entry: number, reachable: readonly boolean[]): ReadonlySet<number> {
  const nodes = routine.nodes;
  const read = new Set<number>();
  for (const node of nodes) if (node.kind === "use") read.add(node.cell);
  const unwritten: (Set<number> | null)[] = nodes.map(() => null);
  unwritten[entry] = new Set(read);
  const pending = [entry];
  for (let index = pending.pop(); index !== undefined; index = pending.pop()) {
    const node = nodes[index];
    const before = unwritten[index];
    if (node === undefined || before === null || before === undefined) continue;
    const after = transfer(node, before, read);
    for (const next of successors(nodes, index)) {
      const known = unwritten[next];
      if (known === null || known === undefined) {
        unwritten[next] = new Set(after);
        pending.push(next);
        continue;
      }
      const size = known.size;
      for (const cell of after) known.add(cell);
      if (known.size > size) pending.push(next);
    }
  }
  const flagged = new Set<number>();
  nodes.forEach((node, index) => {
    if (reachable[index] === true && node.kind === "use" && unwritten[index]?.has(node.cell) === true)
      flagged.add(node.cell);
  });
  return flagged;
}

function transfer(node: Node, before: ReadonlySet<number>, read: ReadonlySet<number>): ReadonlySet<number> {
  if (node.kind === "assign" && node.target.kind === "cell" && before.has(node.target.cell)) {
    const after = new Set(before);
    after.delete(node.target.cell);
    return after;
  }
  if (node.kind === "forget" && read.has(node.cell)) return new Set(before).add(node.cell);
  return before;
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
