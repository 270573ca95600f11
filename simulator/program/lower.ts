/**
 * Lowering: typed unit in, resolved program out. Tasks are expanded one by one, calls at their call sites; what the
 * engine cannot execute is a diagnostic, never passed over.
 */
import { modelSize } from "../lang/check/layout.ts";
import type { LanguageOptions } from "../lang/options.ts";
import type { Body, Global, GlobalValue, Property, Task, TypedUnit } from "../lang/tree.ts";
import { assert, unreachable } from "../source/assert.ts";
import type { Report } from "../source/diagnostic.ts";
import { tasksMax } from "../limits.ts";
import { boundReports, isOverfull, refuseLargeVariables } from "./bounds.ts";
import { TaskContext, UnitContext, type Deferred, type Lowering, type ReachAsked, type Storage } from "./context.ts";
import { classifyAccesses } from "./escape.ts";
import {
  functionBase,
  type ObjectCell,
  type Program,
  type PropertyProgram,
  type Routine,
  type TaskProgram,
} from "./ir.ts";
import { endTask, enterInterrupt, victimCells } from "./interrupts.ts";
import { lowerCall, makeFrame } from "./lower-call.ts";
import { lowerCondition, lowerExpression, lowerRecord } from "./lower-expression.ts";
import { lowerPrimitive } from "./lower-primitive.ts";
import { standsOf } from "./lower-reach.ts";
import { lowerStatements } from "./lower-statement.ts";
import { callbacksOf, nothingDeferred, slotsFor } from "./callbacks.ts";
import { lowerRcuTask } from "./lower-rcu-task.ts";
import { checkContextAtEnd } from "./primitives-context.ts";
import { pendingCells } from "./primitives-rcu.ts";
import { pruneHidden } from "./prune.ts";
import { cellsOf } from "./types.ts";

export type LowerOutcome =
  | { readonly kind: "lowered"; readonly program: Program }
  | { readonly kind: "rejected"; readonly reports: readonly Report[] };

export const lowering: Lowering = {
  expression: (context, expr) => lowerExpression(lowering, context, expr),
  condition: (context, expr, targets) => lowerCondition(lowering, context, expr, targets),
  record: (context, expr) => lowerRecord(lowering, context, expr),
  call: (context, expr) => lowerCall(lowering, context, expr),
  primitive: (context, expr) => lowerPrimitive(lowering, context, expr),
  statements: (context, statements) => lowerStatements(lowering, context, statements),
};

/**
 * Expands a unit. O(nodes of the expansion), which is bounded by nodesMax. A unit that defers work is expanded again once it
 * is known how much: where callbacks are queued, and who waits for grace periods.
 */
export function lowerUnit(unit: TypedUnit, options: LanguageOptions, reach: ReachAsked | null = null): LowerOutcome {
  let deferred = nothingDeferred;
  for (;;) {
    const pass = lowerPass(unit, { options, deferred, reach });
    if (pass.kind === "rejected" || covers(deferred, pass.found)) return pass;
    deferred = pass.found;
  }
}

type Pass =
  | { readonly kind: "lowered"; readonly program: Program; readonly found: Deferred }
  | { readonly kind: "rejected"; readonly reports: readonly Report[] };

function covers(known: Deferred, found: Deferred): boolean {
  return (
    known.slots === found.slots &&
    (known.hasBarrier || !found.hasBarrier) &&
    (known.hasSrcuCallbacks || !found.hasSrcuCallbacks) &&
    (known.copiesCounts || !found.copiesCounts) &&
    known.srcuWaiters.size === found.srcuWaiters.size
  );
}

type PassOptions = {
  readonly options: LanguageOptions;
  readonly deferred: Deferred;
  readonly reach: ReachAsked | null;
};

function lowerPass(unit: TypedUnit, { options, deferred, reach }: PassOptions): Pass {
  const instances = unit.tasks.flatMap((task, declaration) =>
    Array.from({ length: Math.min(task.count, tasksMax + 1) }, (_, me) => ({ task, me, declaration })),
  );
  const written = instances.map(({ task, me }) => (task.count === 1 ? task.name : `${task.name}#${String(me)}`));
  const names = deferred.slots > 0 ? [...written, "rcu"] : written;
  const early = [...refuseEarly(unit, { options, taskCount: names.length }), ...refuseLargeVariables(unit)];
  if (early.length > 0) return { kind: "rejected", reports: early };
  const context = new UnitContext(unit, options, { tasks: names, deferred });
  context.reach = reach;
  for (const global of unit.globals) placeGlobal(context, global);
  placeCaches(context);
  // Behind a bound nothing more is made: a hundred bodies that are each too large would take a hundred times as long.
  const unlessFull = <T>(lower: () => T): T[] => (isOverfull(context) ? [] : [lower()]);
  const inits = unit.inits.flatMap((body) => unlessFull(() => lowerInit(context, body)));
  const asked: PropertyProgram[] = [];
  const tasks = instances.flatMap(({ task, me, declaration }, index) => {
    const at = { index, me, declaration, name: names[index] ?? task.name };
    return unlessFull(() => lowerTask(context, task, { ...at, asked }));
  });
  const properties = unit.properties.flatMap((property) => unlessFull(() => lowerProperty(context, property)));
  const rcu = deferred.slots === 0 ? [] : unlessFull(() => lowerHiddenTask(context, written.length));
  const late = [...context.reports, ...boundReports(context)];
  if (late.length > 0) return { kind: "rejected", reports: late };
  const routines = [...inits, ...tasks, ...rcu].map(({ routine }) => routine);
  const found: Deferred = {
    slots: Math.max(deferred.slots, slotsFor([...inits, ...tasks, ...rcu])),
    hasBarrier: context.seen.barrier,
    hasSrcuCallbacks: context.seen.srcuCallbacks,
    srcuWaiters: context.seen.srcuWaiters,
    copiesCounts: context.seen.countCopies,
  };
  const parts = {
    inits: routines.slice(0, inits.length),
    tasks: [...tasks, ...rcu].map(({ routine }) => routine),
    properties: [...properties, ...asked],
  };
  return { kind: "lowered", program: assemble(context, parts), found };
}

type Parts = {
  readonly inits: readonly Routine[];
  readonly tasks: readonly TaskProgram[];
  readonly properties: readonly PropertyProgram[];
};

function assemble(context: UnitContext, parts: Parts): Program {
  const escape = classifyAccesses(parts.tasks, context.objects);
  return pruneHidden({
    cells: context.cells,
    objects: escape.objects,
    pools: context.pools,
    tasks: escape.routines,
    inits: parts.inits,
    properties: parts.properties,
    notes: context.notes,
    reach: context.reach === null ? null : { note: unitNoteOf(context) },
    rcuNesting: context.rcuNesting,
    rcuMasks: context.rcuMasks,
    victimCells: victimCells(context),
    pendingCells: pendingCells(callbacksOf(context)),
    rcuTask: context.deferred.slots > 0 ? context.taskCount - 1 : -1,
    heapStart: context.heapStart,
    races: context.options.races ?? "error",
    lockdep: context.options.lockdep ?? "instances",
    reuse: context.options.reuse === true,
    assumptions: assumptionsOf(context, parts),
  });
}

function assumptionsOf(context: UnitContext, parts: Parts): readonly string[] {
  const assumed = parts.tasks.some((task) => task.nodes.some((node) => node.kind === "begin" && node.assumed));
  return [
    "SC; barriers not examined",
    ...(context.options.reuse !== true && context.pools.some((pool) => pool.kind === "kmalloc")
      ? ["heap address reuse not examined"]
      : []),
    ...(context.options.oom !== true && context.pools.some((pool) => pool.kind === "kmalloc")
      ? ["kmalloc never fails"]
      : []),
    ...(assumed ? ["atomic blocks and await are indivisible"] : []),
    ...(context.options.races === "off" ? ["data races not examined"] : []),
    ...(context.options.races === "note" ? ["data races only noted"] : []),
  ];
}

function refuseEarly(
  unit: TypedUnit,
  facts: { readonly options: LanguageOptions; readonly taskCount: number },
): readonly Report[] {
  const reports: Report[] = [];
  const where = unit.tasks[0]?.span ?? { file: 0, start: 0, end: 0 };
  if (facts.taskCount > tasksMax) {
    const message = `${String(facts.taskCount)} tasks; this engine explores at most ${String(tasksMax)}: lower the numbers in task NAME[N]`;
    reports.push({ code: "SCN201", span: where, message });
  }
  return reports;
}

export function placeGlobal(context: UnitContext, global: Global): void {
  const { symbol } = global;
  const cells = cellsOf(symbol.type, context.widths);
  const placed = context.addObject({
    name: symbol.name,
    size: Math.max(1, modelSize(symbol.type)),
    cells,
    storage: "global",
    task: -1,
    canBeUninitialised: false,
    shared: true,
  });
  const storage: Storage = { kind: "memory", ...placed };
  context.globals.set(symbol.id, storage);
}

/** Initial values, once all globals have addresses. */
function initialCells(context: UnitContext, global: Global, cells: readonly ObjectCell[]): readonly ObjectCell[] {
  const stores = new Map(global.stores.map((store) => [store.offset, store]));
  return cells.map((cell) => {
    const store = stores.get(cell.offset);
    return store === undefined ? cell : { ...cell, initial: initialValue(context, store.value) };
  });
}

function initialValue(context: UnitContext, value: GlobalValue): number {
  switch (value.kind) {
    case "number":
      return value.value | 0;
    case "address": {
      const storage = context.globals.get(value.symbol.id);
      assert(storage?.kind === "memory", "globals lie in memory");
      return storage.address + value.offset;
    }
    case "function":
      return functionBase + value.function.id * 16;
  }
  return unreachable(value);
}

export function placeCaches(context: UnitContext): void {
  for (const cache of context.unit.caches) {
    const handle = context.globals.get(cache.symbol.id);
    assert(handle?.kind === "memory", "a cache is a global, so it has an address");
    context.pools.push({
      name: cache.name,
      size: Math.max(1, modelSize(cache.object)),
      cells: cellsOf(cache.object, context.widths),
      kind: cache.typesafeByRcu ? "cache-typesafe" : "cache",
      capacity: cache.capacity,
    });
    const pool = context.pools.length - 1;
    if (cache.typesafeByRcu) context.taskNames.forEach((_, task) => context.rcuNestingOf(task));
    context.cachePools.set(cache.symbol.id, { pool, address: handle.address, typesafe: cache.typesafeByRcu });
  }
  for (const global of context.unit.globals) {
    const storage = context.globals.get(global.symbol.id);
    if (storage?.kind !== "memory" || storage.object < 0) continue;
    const object = context.objects[storage.object];
    assert(object !== undefined, "a global has an object");
    context.objects[storage.object] = { ...object, cells: initialCells(context, global, object.cells) };
  }
}

/** Runs a body in a frame of its own and ends. */
export function lowerBody(task: TaskContext, body: Body): void {
  const variables = new Map<number, Storage>();
  for (const local of body.locals) task.declare(local, variables);
  task.frames.push(makeFrame(task, { name: "", variables, statements: body.statements, results: [] }));
  enterInterrupt(task);
  lowering.statements(task, body.statements);
  task.code.place(task.frame.exit);
  task.code.span = { file: body.span.file, start: Math.max(body.span.start, body.span.end - 1), end: body.span.end };
  if (task.task >= 0) checkContextAtEnd(task);
  endTask(task);
  task.code.emit({ kind: "end" });
  task.frames.pop();
  task.unit.nodeCount += task.code.length;
}

/** A routine and where it queues callbacks. */
type Lowered<R extends Routine> = { readonly routine: R; readonly nodes: readonly number[] };

export function lowerInit(context: UnitContext, body: Body): Lowered<Routine> {
  const task = new TaskContext(context, { task: -1, me: 0, name: "init", span: body.span, mode: "silent" });
  lowerBody(task, body);
  return { routine: finishCode(task), nodes: task.callbackNodes };
}

function lowerTask(
  context: UnitContext,
  tree: Task,
  at: {
    readonly index: number;
    readonly me: number;
    readonly declaration: number;
    readonly name: string;
    /** Takes what is asked of this task. */
    readonly asked: PropertyProgram[];
  },
): Lowered<TaskProgram> {
  const task = new TaskContext(context, { task: at.index, me: at.me, name: at.name, span: tree.span, mode: "steps" });
  lowerBody(task, tree.body);
  const hasForever = tree.hasForever || task.idleNodes.length > 0 || task.waitNodes.length > 0;
  const { name, me, declaration } = at;
  const routine = taskProgram(task, { name, me, declaration, hasForever });
  for (const site of task.reachSites) {
    const nodes = standsOf(routine.nodes, site);
    const where = { text: "reach", span: site.span, reach: { kind: "at" as const, task: at.index, nodes } };
    if (nodes.length > 0) at.asked.push({ ...site.routine, kind: "sometimes", ...where });
  }
  return { routine, nodes: task.callbackNodes };
}

export function taskProgram(
  task: TaskContext,
  facts: Pick<TaskProgram, "name" | "me" | "declaration" | "hasForever">,
): TaskProgram {
  const { usesMe, idleNodes, waitNodes, headNodes, lockAsks } = task;
  const ownElements = [...task.ownElements].map(([object, { from, to }]) => ({ object, from, to }));
  const nodes = { idleNodes, waitNodes, headNodes, lockAsks };
  return { ...finishCode(task), ...facts, usesMe, ownElements, ...nodes, entry: 0 };
}

/** The task that runs callbacks, behind all that are written. */
function lowerHiddenTask(context: UnitContext, index: number): Lowered<TaskProgram> {
  const span = context.unit.tasks[0]?.span ?? { file: 0, start: 0, end: 0 };
  const task = new TaskContext(context, { task: index, me: 0, name: "rcu", span, mode: "steps" });
  lowerRcuTask(lowering, task);
  const facts = { name: "rcu", me: 0, declaration: context.unit.tasks.length, hasForever: true };
  return { routine: taskProgram(task, facts), nodes: task.callbackNodes };
}

export function lowerProperty(context: UnitContext, property: Property): PropertyProgram {
  const task = new TaskContext(context, { task: -1, me: 0, name: property.kind, span: property.span, mode: "silent" });
  const variables = new Map<number, Storage>();
  for (const local of property.locals) task.declare(local, variables);
  task.frames.push(makeFrame(task, { name: "", variables, statements: [], results: [] }));
  const value = lowering.expression(task, property.condition);
  task.code.place(task.frame.exit);
  task.code.emit({ kind: "result", value });
  context.nodeCount += task.code.length;
  const isAsked = context.reach !== null && property.span.file === context.reach.file;
  const reach = isAsked ? { reach: { kind: "everywhere" as const } } : {};
  return { ...finishCode(task), kind: property.kind, text: property.text, span: property.span, ...reach };
}

/** The note that the front end made of a question at a line. */
function unitNoteOf(context: UnitContext): number {
  return context.unit.notes.findIndex((note) => note.span.file === context.reach?.file);
}

function finishCode(task: TaskContext): Routine {
  return task.code.finish({ truncated: isOverfull(task.unit) });
}
