/**
 * Timed code: the flow graphs of a unit with requests in place of locks and waits, one graph for each declaration. The
 * lowering is that of explore (one semantics); what differs is decided where `UnitContext.timed` is not null.
 */
import type { LanguageOptions } from "../lang/options.ts";
import type { Task, TypedUnit } from "../lang/tree.ts";
import { timedMemoryBytesMax, timedTasksMax } from "../limits.ts";
import type { Report } from "../source/diagnostic.ts";
import { boundReports, refuseLargeVariables } from "./bounds.ts";
import { nothingDeferred } from "./callbacks.ts";
import { TaskContext, UnitContext } from "./context.ts";
import { cell, isNonZero, zero } from "./expressions.ts";
import { lowerBody, lowering, lowerInit, lowerProperty, placeCaches, placeGlobal, taskProgram } from "./lower.ts";
import { makeFrame } from "./lower-call.ts";
import { callFunction } from "./lower-rcu-task.ts";
import type { Program, TaskProgram } from "./ir.ts";
import { changeDepth } from "./primitives-context.ts";
import { pruneHidden } from "./prune.ts";
import { ask } from "./requests.ts";
import type { TimedUnit } from "./timed.ts";

/** Cells into which the running code puts a callback before its task goes on. */
export type CallbackCells = { readonly object: number; readonly action: number };

export type TimedLowering =
  | {
      readonly kind: "lowered";
      /** Its tasks are declarations, the hidden one last; addresses of frame objects are offsets in frames. */
      readonly program: Program;
      readonly timed: TimedUnit;
      /** Not null when the last task is the hidden one that runs callbacks. */
      readonly callbacks: CallbackCells | null;
    }
  | { readonly kind: "rejected"; readonly reports: readonly Report[] };

/** O(nodes of the expansion), bounded as in explore. */
export function lowerTimedUnit(unit: TypedUnit, given: LanguageOptions): TimedLowering {
  const early = refuseEarly(unit);
  if (early.length > 0) return { kind: "rejected", reports: early };
  const options: LanguageOptions = { ...given, signals: false, oom: false, reuse: false, races: "off" };
  const tasks = [...unit.tasks.map((task) => task.name), "rcu"];
  const context = new UnitContext(unit, options, { tasks, deferred: nothingDeferred, mode: "timed" });
  const { timed } = context;
  if (timed === null) throw new Error("assert: this is timed code");
  for (const global of unit.globals) placeGlobal(context, global);
  placeCaches(context);
  const inits = unit.inits.map((body) => lowerInit(context, body).routine);
  const declarations = unit.tasks.map((task, declaration) => lowerDeclaration(context, task, declaration));
  const properties = unit.properties
    .filter((property) => property.kind !== "sometimes")
    .map((property) => lowerProperty(context, property));
  const hidden = context.seen.callbacks ? lowerCallbacks(context, unit.tasks.length) : null;
  const late = [...context.reports, ...boundReports(context)];
  if (late.length > 0) return { kind: "rejected", reports: late };
  const program = pruneHidden({
    cells: context.cells,
    objects: context.objects,
    pools: context.pools,
    tasks: [...declarations, ...(hidden === null ? [] : [hidden.program])],
    inits,
    properties,
    notes: context.notes,
    reach: null,
    rcuNesting: context.rcuNesting,
    rcuMasks: [],
    // Nothing writes these, so pruning must be told that they matter.
    victimCells: timed.ownCells.flatMap((own) => [own.me, own.task, own.frame]),
    pendingCells: [],
    rcuTask: -1,
    heapStart: context.heapStart,
    races: "off",
    reuse: false,
    assumptions: [],
  });
  return { kind: "lowered", program, timed, callbacks: hidden?.cells ?? null };
}

function refuseEarly(unit: TypedUnit): readonly Report[] {
  const reports: Report[] = [...refuseLargeVariables(unit, timedMemoryBytesMax / 2)];
  const count = unit.tasks.reduce((sum, task) => sum + task.count, 0);
  const span = unit.tasks[0]?.span ?? { file: 0, start: 0, end: 0 };
  if (count === 0) reports.push({ code: "SCN201", span, message: "nothing to simulate: the scenario has no task" });
  if (count > timedTasksMax) {
    const message = `${String(count)} tasks; a simulation runs at most ${String(timedTasksMax)}: lower the numbers in task NAME[N]`;
    reports.push({ code: "SCN201", span, message });
  }
  return reports;
}

function lowerDeclaration(context: UnitContext, tree: Task, declaration: number): TaskProgram {
  const { name, span } = tree;
  const task = new TaskContext(context, { task: declaration, me: 0, name, span, mode: "steps" });
  lowerBody(task, tree.body);
  return taskProgram(task, { name, me: 0, declaration, hasForever: tree.hasForever });
}

/** The hidden task: one callback after another, each when the engine says that its grace period is over. */
function lowerCallbacks(
  context: UnitContext,
  declaration: number,
): { readonly program: TaskProgram; readonly cells: CallbackCells } {
  const span = context.unit.tasks[0]?.span ?? { file: 0, start: 0, end: 0 };
  const task = new TaskContext(context, { task: declaration, me: 0, name: "rcu", span, mode: "steps" });
  const { code } = task;
  const shape = { bits: 32, signed: true };
  const cells: CallbackCells = {
    object: context.addHidden("callback object", shape, -1),
    action: context.addHidden("callback function", shape, -1),
  };
  // Read and written by hand; pruning must not think that nobody asks.
  const keep = (id: number): void => code.assignCell(id, zero);
  keep(cells.object);
  keep(cells.action);
  task.frames.push(makeFrame(task, { name: "", variables: new Map(), statements: [], results: [] }));
  const [head, frees, calls] = [code.newLabel(), code.newLabel(), code.newLabel()];
  code.place(head);
  ask(task, { kind: "rcu-callbacks", spelling: "rcu", args: [] });
  code.branch(isNonZero(cell(cells.action)), calls, frees);
  code.place(frees);
  code.emit({ kind: "free", address: cell(cells.object), pool: -1, name: "kfree_rcu" });
  code.jump(head);
  code.place(calls);
  changeDepth(task, { kind: "constant", value: 1 });
  callFunction(lowering, task, { object: cell(cells.object), action: cell(cells.action) });
  changeDepth(task, { kind: "constant", value: -1 });
  code.jump(head);
  code.emit({ kind: "end" });
  task.frames.pop();
  context.nodeCount += code.length;
  const program = taskProgram(task, { name: "rcu", me: 0, declaration, hasForever: true });
  return { program, cells };
}
