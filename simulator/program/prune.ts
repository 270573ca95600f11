/**
 * Drops bookkeeping that nothing asks for: a task's depth of atomic context costs no bits when it is never checked or
 * never raised. Checks of a cell that is never written hold; writes of a cell that is never read have no effect.
 */
import type { ViolationClass } from "../explore/classes.ts";
import { expressionsOf, forEachLeaf } from "./flow.ts";
import type { Expr, Node, Program, Routine } from "./ir.ts";

type Uses = { readonly read: Set<number>; readonly written: Set<number> };

/** Rewrites nodes of unneeded hidden cells into jumps and gives all unneeded cells one shared bit. */
export function pruneHidden(program: Program): Program {
  const uses: Uses = { read: new Set(), written: new Set() };
  const kept = new Set([...program.rcuNesting, ...program.rcuMasks, ...program.pendingCells, ...program.victimCells]);
  const routines: readonly Routine[] = [...program.tasks, ...program.inits, ...program.properties];
  for (const routine of routines) for (const node of routine.nodes) collectUses(node, uses);
  const needless = new Set<number>();
  program.cells.forEach((cell, index) => {
    if (cell.role !== "hidden" || kept.has(index)) return;
    if (!uses.read.has(index) || !uses.written.has(index)) needless.add(index);
  });
  const rewrite = (node: Node, index: number): Node =>
    isNeedless(node, needless) ? { kind: "jump", to: index + 1, span: node.span, inAtomic: node.inAtomic } : node;
  return {
    ...program,
    cells: program.cells.map((cell, index) =>
      needless.has(index) ? { ...cell, shape: { bits: 1, signed: false } } : cell,
    ),
    tasks: program.tasks.map((task) => ({ ...task, nodes: task.nodes.map(rewrite) })),
  };
}

/** A cell's own increment does not count as reading it: only what others learn from it does. */
function collectUses(node: Node, uses: Uses): void {
  const own = node.kind === "assign" && node.target.kind === "cell" ? node.target.cell : -1;
  if (own >= 0) uses.written.add(own);
  if (node.kind === "limit") return;
  for (const expr of expressionsOf(node)) {
    forEachLeaf(expr, (leaf) => {
      if (leaf.kind === "cell" && leaf.cell !== own) uses.read.add(leaf.cell);
    });
  }
}

/** Classes of the checks that ask for bookkeeping of contexts; they hold while a cell that they ask for is 0. */
const contextClasses: ReadonlySet<ViolationClass> = new Set(["sleep-in-atomic", "lock-leak"]);

function isNeedless(node: Node, needless: ReadonlySet<number>): boolean {
  if (node.kind === "assign") return node.target.kind === "cell" && needless.has(node.target.cell);
  if (node.kind === "limit") return mentions(node.unless, needless);
  if (node.kind === "check") return mentions(node.condition, needless) && contextClasses.has(node.violation.class);
  return false;
}

function mentions(expr: Expr, cells: ReadonlySet<number>): boolean {
  let found = false;
  forEachLeaf(expr, (leaf) => {
    if (leaf.kind === "cell" && cells.has(leaf.cell)) found = true;
  });
  return found;
}
