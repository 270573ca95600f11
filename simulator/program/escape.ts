/**
 * Which frame objects are shared: those whose address may ever be stored in a shared cell. An access to any other frame
 * object is local and costs no step.
 *
 * Inclusion-based points-to analysis without order of statements (Andersen 1994), over the expanded graphs, so each call
 * has facts of its own. "Elsewhere" stands for globals, heap and everything unknown.
 */
import { forEachLeaf } from "./flow.ts";
import { memoryBase, type Expr, type MemoryObject, type Node, type Routine, type StepRule } from "./ir.ts";

const elsewhere = -1;

type Facts = {
  readonly temps: readonly (readonly Set<number>[])[];
  readonly cells: Map<number, Set<number>>;
  readonly contents: Map<number, Set<number>>;
  /** What shared cells may hold. */
  readonly shared: Set<number>;
  changed: boolean;
};

export type EscapeOutcome<R extends Routine> = {
  readonly routines: readonly R[];
  readonly objects: readonly MemoryObject[];
};

/** Decides sharing and rewrites each access's step rule accordingly. */
export function classifyAccesses<R extends Routine>(
  routines: readonly R[],
  objects: readonly MemoryObject[],
): EscapeOutcome<R> {
  if (!objects.some((object) => object.storage === "frame")) return { routines, objects };
  const finder = new FrameFinder(objects);
  const facts: Facts = {
    temps: routines.map((routine) => routine.temps.map(() => new Set<number>())),
    cells: new Map(),
    contents: new Map(),
    shared: new Set(),
    changed: true,
  };
  while (facts.changed) {
    facts.changed = false;
    routines.forEach((routine, index) => {
      for (const node of routine.nodes) flow(facts, finder, { node, routine: index });
    });
    for (const object of [...facts.shared]) {
      if (object === elsewhere) continue;
      merge(facts, facts.shared, contentsOf(facts, object));
      merge(facts, contentsOf(facts, object), facts.shared);
    }
  }
  return {
    objects: objects.map((object, index) =>
      object.storage === "frame" ? { ...object, shared: facts.shared.has(index) } : object,
    ),
    routines: routines.map((routine, index) => ({
      ...routine,
      nodes: routine.nodes.map((node) => classify(node, facts, { finder, routine: index })),
    })),
  };
}

/** Frame objects by address. */
class FrameFinder {
  readonly #objects: readonly MemoryObject[];

  constructor(objects: readonly MemoryObject[]) {
    this.#objects = objects;
  }

  /** The object at a constant: a frame object's number, elsewhere, or null for plain numbers. */
  find(value: number): number | null {
    if (value < memoryBase) return null;
    let low = 0;
    let high = this.#objects.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#objects[middle]?.address ?? 0) <= value) low = middle;
      else high = middle - 1;
    }
    const object = this.#objects[low];
    if (object === undefined || object.storage !== "frame") return elsewhere;
    return value >= object.address && value <= object.address + object.size ? low : elsewhere;
  }
}

function contentsOf(facts: Facts, object: number): Set<number> {
  const known = facts.contents.get(object);
  if (known !== undefined) return known;
  const made = new Set<number>();
  facts.contents.set(object, made);
  return made;
}

function merge(facts: Facts, into: Set<number>, from: Iterable<number>): void {
  const size = into.size;
  for (const item of [...from]) into.add(item);
  if (into.size !== size) facts.changed = true;
}

function cellOf(facts: Facts, cell: number): Set<number> {
  const known = facts.cells.get(cell);
  if (known !== undefined) return known;
  const made = new Set<number>();
  facts.cells.set(cell, made);
  return made;
}

type At = { readonly node: Node; readonly routine: number };

function pointees(
  facts: Facts,
  finder: FrameFinder,
  options: { readonly expr: Expr; readonly routine: number },
): Set<number> {
  const found = new Set<number>();
  forEachLeaf(options.expr, (leaf) => {
    if (leaf.kind === "constant") {
      const object = finder.find(leaf.value);
      if (object !== null) found.add(object);
    }
    if (leaf.kind === "temp") for (const item of facts.temps[options.routine]?.[leaf.temp] ?? []) found.add(item);
    if (leaf.kind === "cell") for (const item of cellOf(facts, leaf.cell)) found.add(item);
  });
  return found;
}

function flow(facts: Facts, finder: FrameFinder, at: At): void {
  const { node, routine } = at;
  const temps = facts.temps[routine] ?? [];
  const valueOf = (expr: Expr): Set<number> => pointees(facts, finder, { expr, routine });
  if (node.kind === "assign") {
    const target = node.target.kind === "temp" ? temps[node.target.temp] : cellOf(facts, node.target.cell);
    if (target !== undefined) merge(facts, target, valueOf(node.value));
  }
  if (node.kind === "load" && node.tag === "data") {
    const target = temps[node.temp];
    if (target === undefined) return;
    for (const object of valueOf(node.address)) {
      if (object === elsewhere) merge(facts, target, [...facts.shared, elsewhere]);
      else merge(facts, target, contentsOf(facts, object));
    }
  }
  if (node.kind === "store" && node.tag === "data") {
    const value = valueOf(node.value);
    for (const object of valueOf(node.address))
      merge(facts, object === elsewhere ? facts.shared : contentsOf(facts, object), value);
  }
  if (node.kind === "allocate") {
    const target = temps[node.temp];
    if (target !== undefined) merge(facts, target, [elsewhere]);
  }
}

function classify(node: Node, facts: Facts, at: { readonly finder: FrameFinder; readonly routine: number }): Node {
  if ((node.kind !== "load" && node.kind !== "store") || node.step === "never") return node;
  const targets = pointees(facts, at.finder, { expr: node.address, routine: at.routine });
  const frames = [...targets].filter((object) => object !== elsewhere && !facts.shared.has(object));
  if (frames.length === 0) return node;
  const step: StepRule = frames.length === targets.size ? "never" : "maybe";
  return { ...node, step, plain: step === "never" ? false : node.plain };
}
