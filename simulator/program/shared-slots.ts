/**
 * Locals that share their bits. With dead locals cleared, two locals of a task that are never needed at the same time can
 * lie in the same place of the state. Calls are expanded at their call sites, so most locals of a task are such.
 *
 * @source Chaitin et al., "Register allocation via coloring", 1981
 */
import { computeLiveness, successors } from "./flow.ts";
import type { Cell, Routine } from "./ir.ts";

/** By cell: the cell whose place it takes, for those that do not have one of their own. */
export type SharedSlots = ReadonlyMap<number, number>;

/** Groups the locals of a task that `mayShare`. O(nodes x live locals). */
export function shareSlots(
  routine: Routine,
  entry: number,
  cells: readonly Cell[],
  mayShare: (cell: number) => boolean,
): SharedSlots {
  const conflicts = findConflicts(routine, entry, mayShare);
  const places = new Map<string, number[][]>();
  const shared = new Map<number, number>();
  for (const [cell, others] of [...conflicts].sort(([a], [b]) => a - b)) {
    const info = cells[cell];
    if (info === undefined) continue;
    const kind = `${String(info.shape.bits)} ${String(info.shape.signed)} ${info.print}`;
    const groups = places.get(kind) ?? [];
    const group = groups.find((members) => members.every((member) => !others.has(member)));
    if (group === undefined) groups.push([cell]);
    else {
      shared.set(cell, group[0] ?? cell);
      group.push(cell);
    }
    places.set(kind, groups);
  }
  return shared;
}

/** Locals that hold something needed while another one is written, or at the start; by local. */
function findConflicts(
  routine: Routine,
  entry: number,
  mayShare: (cell: number) => boolean,
): ReadonlyMap<number, ReadonlySet<number>> {
  const { nodes } = routine;
  const base = routine.temps.length;
  const live = computeLiveness(
    nodes,
    nodes.map(() => true),
    base,
  );
  const conflicts = new Map<number, Set<number>>();
  const note = (cell: number, other: number): void => {
    for (const [one, two] of [
      [cell, other],
      [other, cell],
    ] as const) {
      const known = conflicts.get(one) ?? new Set<number>();
      conflicts.set(one, known);
      if (one !== two) known.add(two);
    }
  };
  const cellsOf = (index: number): readonly number[] =>
    [...(live[index] ?? [])].filter((variable) => variable >= base && mayShare(variable - base)).map((v) => v - base);
  nodes.forEach((node, index) => {
    const written = node.kind === "assign" && node.target.kind === "cell" ? node.target.cell : -1;
    if (written < 0 || !mayShare(written)) return;
    note(written, written);
    for (const next of successors(nodes, index)) for (const cell of cellsOf(next)) note(written, cell);
  });
  const first = cellsOf(entry);
  for (const cell of first) for (const other of first) note(cell, other);
  return conflicts;
}
