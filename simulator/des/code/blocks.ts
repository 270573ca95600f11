/**
 * Straight pieces of a flow graph, and which temporaries must outlive them. A piece ends where control branches, where
 * the task stops at a request, and before every place that something jumps to.
 */
import { computeLiveness, expressionsOf, forEachLeaf, successors, thread } from "../../program/flow.ts";
import type { Node, Routine } from "../../program/ir.ts";

export type Block = {
  readonly first: number;
  /** One behind its last node. */
  readonly end: number;
  /** Something jumps back to it, so a loop passes here. */
  readonly isLoopHead: boolean;
  /** The task stopped at the request just before: its answer comes now. -1: nobody wants it; null: no request. */
  readonly answer: number | null;
};

export type Blocks = {
  readonly blocks: readonly Block[];
  /** Block that begins at a node, -1 if none does. */
  readonly blockAt: readonly number[];
  /** Temporaries that some block needs and another has set. */
  readonly crossing: ReadonlySet<number>;
  /** Of those, the ones that are needed behind a stop. */
  readonly kept: ReadonlySet<number>;
};

export function stops(node: Node | undefined): boolean {
  return node?.kind === "request" && !node.atOnce;
}

/** Linear but for liveness, which is O(nodes x live variables). */
export function findBlocks(routine: Routine, options: { readonly pauses: boolean }): Blocks {
  const { nodes } = routine;
  const reachable = findReachable(nodes);
  const leaders = new Set<number>([0]);
  const heads = new Set<number>();
  nodes.forEach((node, index) => {
    if (reachable[index] !== true) return;
    const targets = node.kind === "jump" ? [node.to] : node.kind === "branch" ? [node.then, node.otherwise] : [];
    for (const target of targets) {
      const to = thread(nodes, target);
      leaders.add(to);
      if (to <= index) heads.add(to);
    }
    if (targets.length > 0 || stops(node)) leaders.add(index + 1);
  });
  const starts = [...leaders].filter((index) => reachable[index] === true).sort((a, b) => a - b);
  const blockAt = nodes.map(() => -1);
  const blocks = starts.map((first, number): Block => {
    blockAt[first] = number;
    const before = nodes[first - 1];
    const answer = before?.kind === "request" && !before.atOnce ? before.temp : null;
    return { first, end: starts[number + 1] ?? nodes.length, isLoopHead: heads.has(first), answer };
  });
  const live = computeLiveness(nodes, reachable, routine.temps.length);
  const temps = (index: number): readonly number[] =>
    [...(live[index] ?? [])].filter((variable) => variable < routine.temps.length);
  const crossing = new Set<number>();
  const kept = new Set<number>();
  for (const block of blocks) {
    for (const temp of temps(block.first)) {
      crossing.add(temp);
      if ((block.answer !== null || (options.pauses && block.isLoopHead)) && temp !== block.answer) kept.add(temp);
    }
  }
  return { blocks, blockAt, crossing, kept };
}

function findReachable(nodes: readonly Node[]): boolean[] {
  const reachable = nodes.map(() => false);
  const pending = [0];
  for (let index = pending.pop(); index !== undefined; index = pending.pop()) {
    if (reachable[index] === true || nodes[index] === undefined) continue;
    reachable[index] = true;
    pending.push(...successors(nodes, index));
  }
  return reachable;
}

/** Temporaries that some node reads: the others need not be set. */
export function readTemps(routine: Routine): ReadonlySet<number> {
  const read = new Set<number>();
  for (const node of routine.nodes) {
    for (const expr of expressionsOf(node)) {
      forEachLeaf(expr, (leaf) => {
        if (leaf.kind === "temp") read.add(leaf.temp);
      });
    }
  }
  return read;
}
