/**
 * What can be said of a flow graph without running it: where steps begin, which positions exist, what is live there.
 */
import { assert } from "../source/assert.ts";
import type { Amount, Drawn, Expr, Node, Routine } from "./ir.ts";

/** A place where a task can stand between two steps. */
export type Flow = {
  /** Nodes that begin a step or end the task, reachable ones only, ascending. Position p is at node `positions[p]`. */
  readonly positions: readonly number[];
  /** Position of a node, -1 if none. */
  readonly positionOf: readonly number[];
  /** Temporaries that are needed at a position: they are part of the state there. */
  readonly liveTemps: readonly (readonly number[])[];
  /** Own locals that are needed at a position. */
  readonly liveCells: readonly ReadonlySet<number>[];
  readonly reachable: readonly boolean[];
};

/** Follows jumps from a node. A loop of jumps only ends at one of them. */
export function thread(nodes: readonly Node[], index: number): number {
  let at = index;
  for (let hops = 0; hops <= nodes.length; hops += 1) {
    const node = nodes[at];
    if (node?.kind !== "jump") return at;
    at = node.to;
  }
  return at;
}

/** Whether a step begins at this node (for "maybe": can begin). */
export function beginsStep(node: Node): boolean {
  switch (node.kind) {
    case "load":
    case "store":
      return node.step !== "never";
    case "begin":
      return true;
    case "choose":
      return node.step;
    case "end":
      return true;
    case "assign":
    case "jump":
    case "branch":
    case "guard":
    case "check":
    case "limit":
    case "note":
    case "use":
    case "forget":
    case "enter-scope":
    case "leave-scope":
    case "allocate":
    case "free":
    case "rcu-leave":
    case "request":
    case "touch":
    case "result":
      return false;
  }
}

/** Nodes that control may reach directly from this one. */
export function successors(nodes: readonly Node[], index: number): readonly number[] {
  const node = nodes[index];
  assert(node !== undefined, "a flow graph refers to its own nodes");
  switch (node.kind) {
    case "jump":
      return [node.to];
    case "branch":
      return [node.then, node.otherwise];
    case "end":
    case "result":
      return [];
    case "assign":
    case "load":
    case "store":
    case "begin":
    case "guard":
    case "check":
    case "limit":
    case "choose":
    case "note":
    case "use":
    case "forget":
    case "enter-scope":
    case "leave-scope":
    case "allocate":
    case "free":
    case "rcu-leave":
    case "request":
    case "touch":
      return [index + 1];
  }
}

/** Visits the leaves of an expression. */
export function forEachLeaf(expr: Expr, visit: (leaf: Expr) => void): void {
  switch (expr.kind) {
    case "constant":
    case "temp":
    case "cell":
      visit(expr);
      return;
    case "unary":
    case "convert":
      forEachLeaf(expr.operand, visit);
      return;
    case "binary":
      forEachLeaf(expr.left, visit);
      forEachLeaf(expr.right, visit);
      return;
    case "select":
      forEachLeaf(expr.condition, visit);
      forEachLeaf(expr.then, visit);
      forEachLeaf(expr.otherwise, visit);
      return;
  }
}

/** Expressions that a node evaluates. */
export function expressionsOf(node: Node): readonly Expr[] {
  switch (node.kind) {
    case "assign":
      return [node.value];
    case "load":
      return [node.address];
    case "store":
      return [node.address, node.value];
    case "branch":
    case "check":
    case "note":
      return [node.condition];
    case "begin":
      return [
        ...(node.label.address === null ? [] : [node.label.address]),
        ...(node.touch === null ? [] : [node.touch.address]),
      ];
    case "guard":
      return node.waitsFor.address === null ? [node.condition] : [node.condition, node.waitsFor.address];
    case "limit":
      return [node.unless];
    case "choose":
      return [node.lo, node.hi];
    case "free":
    case "touch":
      return [node.address];
    case "request":
      return [...node.args, ...(node.time === null ? [] : amountsOf(node.time).map((amount) => amount.value))];
    case "result":
      return [node.value];
    case "jump":
    case "use":
    case "forget":
    case "enter-scope":
    case "leave-scope":
    case "allocate":
    case "rcu-leave":
    case "end":
      return [];
  }
}

/** The parameters of a time, in order. */
export function amountsOf(time: Drawn): readonly Amount[] {
  switch (time.kind) {
    case "fixed":
      return [time.time];
    case "exponential":
      return [time.mean];
    case "uniform":
      return [time.lo, time.hi];
    case "normal":
      return [time.mean, time.deviation];
    case "lognormal":
      return [time.median, time.p99];
    case "pareto":
      return [time.scale];
  }
}

/** The temporary or cell that a node sets, in the numbering of `Variables`. */
function definition(node: Node, cellBase: number): number {
  switch (node.kind) {
    case "assign":
      return node.target.kind === "temp" ? node.target.temp : cellBase + node.target.cell;
    case "load":
    case "choose":
    case "allocate":
    case "request":
      return node.temp;
    case "store":
    case "touch":
    case "jump":
    case "branch":
    case "begin":
    case "guard":
    case "check":
    case "limit":
    case "note":
    case "use":
    case "forget":
    case "enter-scope":
    case "leave-scope":
    case "free":
    case "rcu-leave":
    case "result":
    case "end":
      return -1;
  }
}

/** Positions and liveness of a routine. O(nodes x live variables). */
export function analyseFlow(routine: Routine, entry: number): Flow {
  const nodes = routine.nodes;
  const reachable = findReachable(nodes, entry);
  const positions: number[] = [];
  const positionOf = nodes.map(() => -1);
  nodes.forEach((node, index) => {
    if (reachable[index] !== true || !beginsStep(node)) return;
    positionOf[index] = positions.length;
    positions.push(index);
  });
  const cellBase = routine.temps.length;
  const live = computeLiveness(nodes, reachable, cellBase);
  return {
    positions,
    positionOf,
    reachable,
    liveTemps: positions.map((index) => [...(live[index] ?? [])].filter((v) => v < cellBase).sort((a, b) => a - b)),
    liveCells: positions.map(
      (index) => new Set([...(live[index] ?? [])].filter((v) => v >= cellBase).map((v) => v - cellBase)),
    ),
  };
}

function findReachable(nodes: readonly Node[], entry: number): boolean[] {
  const reachable = nodes.map(() => false);
  const pending = [entry];
  for (let index = pending.pop(); index !== undefined; index = pending.pop()) {
    if (reachable[index] === true) continue;
    reachable[index] = true;
    pending.push(...successors(nodes, index));
  }
  return reachable;
}

/** Variables live on entry to each node: backward data flow with a work list. Cells are numbered from `cellBase`. */
export function computeLiveness(
  nodes: readonly Node[],
  reachable: readonly boolean[],
  cellBase: number,
): ReadonlySet<number>[] {
  const live: Set<number>[] = nodes.map(() => new Set());
  const before = predecessors(nodes, reachable);
  const pending: number[] = [];
  nodes.forEach((_, index) => {
    if (reachable[index] === true) pending.push(index);
  });
  const queued = [...reachable];
  for (let index = pending.pop(); index !== undefined; index = pending.pop()) {
    queued[index] = false;
    const node = nodes[index];
    const entry = live[index];
    if (node === undefined || entry === undefined) continue;
    const sizeBefore = entry.size;
    const defined = definition(node, cellBase);
    for (const next of successors(nodes, index)) {
      for (const variable of live[next] ?? []) if (variable !== defined) entry.add(variable);
    }
    addUses(node, cellBase, entry);
    if (entry.size === sizeBefore) continue;
    for (const previous of before[index] ?? []) {
      if (queued[previous] === true) continue;
      queued[previous] = true;
      pending.push(previous);
    }
  }
  return live;
}

function addUses(node: Node, cellBase: number, into: Set<number>): void {
  for (const expr of expressionsOf(node)) {
    forEachLeaf(expr, (leaf) => {
      if (leaf.kind === "temp") into.add(leaf.temp);
      if (leaf.kind === "cell") into.add(cellBase + leaf.cell);
    });
  }
  if (node.kind === "use") into.add(cellBase + node.cell);
}

export function predecessors(nodes: readonly Node[], reachable: readonly boolean[]): readonly (readonly number[])[] {
  const before: number[][] = nodes.map(() => []);
  nodes.forEach((_, index) => {
    if (reachable[index] !== true) return;
    for (const next of successors(nodes, index)) before[next]?.push(index);
  });
  return before;
}

/** Cells that some node of the region writes or declares anew. */
export function definedCells(routine: Routine, region: ReadonlySet<number>): ReadonlySet<number> {
  const defined = new Set<number>();
  for (const index of region) {
    const node = routine.nodes[index];
    if (node?.kind === "assign" && node.target.kind === "cell") defined.add(node.target.cell);
    if (node?.kind === "forget") defined.add(node.cell);
  }
  return defined;
}
