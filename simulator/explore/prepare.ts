/**
 * Everything about a program that generation needs and that does not depend on the search: flow, homes, flags, image.
 */
import { assert } from "../source/assert.ts";
import { buildImage, type Image } from "../program/image.ts";
import { analyseFlow, beginsStep, expressionsOf, forEachLeaf, successors, type Flow } from "../program/flow.ts";
import { assignHomes, type Homes } from "../program/homes.ts";
import { shareSlots } from "../program/shared-slots.ts";
import { bitsOfRange, findRanges, type Range } from "../program/ranges.ts";
import { findFlaggedCells } from "../program/initialisation.ts";
import { keepsDeadPointers, type Node, type Program, type Routine } from "../program/ir.ts";

export type PreparedRoutine = {
  readonly routine: Routine;
  readonly flow: Flow;
  readonly homes: Homes;
  /** Number of its node 0 among the nodes of all routines. */
  readonly nodeBase: number;
};

/** What a position means for the ends of a run. */
export type PositionKind =
  | "between"
  /** At the head of a forever. */
  | "idle"
  /** Before an await at the head of a forever or directly in it: idle as long as that is not enabled. */
  | "waiting"
  | "ended";

export type Prepared = {
  readonly program: Program;
  readonly image: Image;
  readonly tasks: readonly PreparedRoutine[];
  readonly inits: readonly PreparedRoutine[];
  readonly properties: readonly PreparedRoutine[];
  readonly positionKinds: readonly (readonly PositionKind[])[];
  /** Locals lie in each other's places: code for it must clear dead ones. */
  readonly sharesPlaces: boolean;
  /** As it was asked for. */
  readonly deadLocals: boolean;
};

/** A node by its number over all routines. */
export type NodeRef = { readonly node: Node; readonly task: number; readonly index: number };

/** @param options.deadLocals locals that are not needed are cleared, so they may share their places */
export function prepare(
  program: Program,
  kmallocSlots: readonly number[],
  options: { readonly deadLocals: boolean },
): Prepared {
  let nodeBase = 0;
  const flagged = new Set<number>();
  const cellBits = new Map<number, number>();
  const prepareRoutine = (routine: Routine, entry: number): PreparedRoutine => {
    const flow = analyseFlow(routine, entry);
    for (const cell of findFlaggedCells(routine, entry, flow.reachable)) flagged.add(cell);
    const ranges = findRanges(routine, program.cells);
    for (const [cell, range] of ranges.cells) cellBits.set(cell, neededBits(program, cell, range));
    const prepared = { routine, flow, homes: assignHomes(routine, flow, ranges.temps), nodeBase };
    nodeBase += routine.nodes.length;
    return prepared;
  };
  const tasks = program.tasks.map((task) => prepareRoutine(task, task.entry));
  const inits = program.inits.map((init) => prepareRoutine(init, 0));
  const properties = program.properties.map((property) => prepareRoutine(property, 0));
  const shared = new Map<number, number>();
  if (options.deadLocals) {
    const asked = askedCells(program);
    tasks.forEach((task, index) => {
      // A stale pointer into the heap keeps its address from being given out again, so it keeps its place.
      const keepsPointers = keepsDeadPointers(program);
      const mayShare = (cell: number): boolean =>
        isPlainLocal(program, cell, index) &&
        !flagged.has(cell) &&
        !asked.has(cell) &&
        !(keepsPointers && widthOf(program, cellBits, cell) === 32);
      const groups = shareSlots(task.routine, program.tasks[index]?.entry ?? 0, program.cells, mayShare);
      for (const [cell, place] of groups) {
        shared.set(cell, place);
        cellBits.set(place, Math.max(widthOf(program, cellBits, place), widthOf(program, cellBits, cell)));
      }
    });
  }
  const image = buildImage({
    program,
    kmallocSlots,
    positions: tasks.map((task) => task.flow.positions.length),
    homes: tasks.map((task) => task.homes.shapes),
    flaggedCells: flagged,
    cellBits,
    shared,
  });
  const positionKinds = tasks.map((task, index) =>
    classifyPositions(task, program.tasks[index]?.idleNodes ?? []).map((kind, position): PositionKind => {
      const node = task.flow.positions[position] ?? -1;
      return program.tasks[index]?.waitNodes.includes(node) === true ? "waiting" : kind;
    }),
  );
  return {
    program,
    image,
    tasks,
    inits,
    properties,
    positionKinds,
    sharesPlaces: shared.size > 0,
    deadLocals: options.deadLocals,
  };
}

function widthOf(program: Program, cellBits: ReadonlyMap<number, number>, cell: number): number {
  return cellBits.get(cell) ?? program.cells[cell]?.shape.bits ?? 32;
}

function isPlainLocal(program: Program, cell: number, task: number): boolean {
  const info = program.cells[cell];
  return info?.role === "local" && info.task === task && info.initial === 0;
}

/** Bits of a task's own local; others are as wide as their shape. */
function neededBits(program: Program, cell: number, assigned: Range): number {
  const info = program.cells[cell];
  assert(info !== undefined, "a cell is known");
  if (info.role !== "local") return info.shape.bits;
  const range = { lo: Math.min(info.initial, assigned.lo), hi: Math.max(info.initial, assigned.hi) };
  return bitsOfRange(range, info.shape);
}

function classifyPositions(task: PreparedRoutine, idleNodes: readonly number[]): readonly PositionKind[] {
  const nodes = task.routine.nodes;
  const idle = new Set<number>();
  for (const start of idleNodes) for (const index of firstSteps(nodes, start)) idle.add(index);
  return task.flow.positions.map((index) => {
    if (nodes[index]?.kind === "end") return "ended";
    if (!idle.has(index)) return "between";
    return beginsWithAwait(nodes, index) ? "waiting" : "idle";
  });
}

/** An await, or an atomic block whose first statement is one: a guard comes before anything acts. */
function beginsWithAwait(nodes: readonly Node[], start: number): boolean {
  const begin = nodes[start];
  if (begin?.kind !== "begin" || !begin.assumed) return false;
  for (let index = start + 1; index < nodes.length; index += 1) {
    const node = nodes[index];
    if (node === undefined || !node.inAtomic || node.kind === "store") return false;
    if (node.kind === "assign" && node.target.kind === "cell") return false;
    if (node.kind === "guard") return true;
  }
  return false;
}

/** Steps that can come next at a node, the node itself included. */
function firstSteps(nodes: readonly Node[], start: number): ReadonlySet<number> {
  const found = new Set<number>();
  const seen = new Set<number>();
  const pending = [start];
  for (let index = pending.pop(); index !== undefined; index = pending.pop()) {
    if (seen.has(index)) continue;
    seen.add(index);
    const node = nodes[index];
    assert(node !== undefined, "an idle point is a node");
    if (beginsStep(node)) found.add(index);
    else pending.push(...successors(nodes, index));
  }
  return found;
}

/** The node with this number over all routines. */
export function nodeAt(prepared: Prepared, number: number): NodeRef | null {
  const routines = [...prepared.tasks, ...prepared.inits, ...prepared.properties];
  for (const [at, candidate] of routines.entries()) {
    const index = number - candidate.nodeBase;
    const node = index >= 0 ? candidate.routine.nodes[index] : undefined;
    if (node !== undefined) return { node, task: at < prepared.tasks.length ? at : -1, index };
  }
  return null;
}

/** Own locals that a question reads: dead ones are no less asked for. */
export function askedCells(program: Program): ReadonlySet<number> {
  const cells = new Set<number>();
  for (const property of program.properties) {
    if (property.reach === undefined) continue;
    for (const node of property.nodes) {
      if (node.kind === "use") cells.add(node.cell);
      for (const expr of expressionsOf(node))
        forEachLeaf(expr, (leaf) => {
          if (leaf.kind === "cell") cells.add(leaf.cell);
        });
    }
  }
  return cells;
}
