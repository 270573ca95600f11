/**
 * Contexts: what may not sleep, and interrupts; and the forms that several families of
 * primitives share.
 */
import type { Expr as TreeExpr, PrimitiveCall } from "../lang/tree.ts";
import type { Lowering, TaskContext } from "./context.ts";
import { binary, cell, constant, isNonZero, isZero, one, temp, zero } from "./expressions.ts";
import type { Expr, Label, ScalarShape } from "./ir.ts";
import { storeCell, type PlaceRef } from "./lower-place.ts";
import { ask } from "./requests.ts";
import { wordShape } from "./types.ts";

/** A primitive with its arguments evaluated. */
export type Operation = {
  readonly context: TaskContext;
  readonly lowering: Lowering;
  readonly call: PrimitiveCall;
  readonly args: readonly Expr[];
};

/** Lowers one primitive as a request to the engine. */
export type TimedHandler = (operation: Operation) => Expr;

export function argument(operation: Operation, index: number): Expr {
  return operation.args[index] ?? zero;
}

/** `spin_lock(&l)` in traces: % is the name of what args[0] points to. */
export function labelOf(operation: Operation, address: Expr | null = argument(operation, 0)): Label {
  return { text: address === null ? `${operation.call.spelling}()` : `${operation.call.spelling}(%)`, address };
}

/** EINTR and ERESTARTSYS, as the kernel's waits return them. */
export const errorInterrupted = -4;
export const errorRestart = -512;

/** Class sleep-in-atomic where preemption or interrupts are off; `when` is 1 if what is done here may sleep at all. */
export function checkMaySleep(context: TaskContext, what: string, when: Expr = one): void {
  if (context.task < 0 || (when.kind === "constant" && when.value === 0)) return;
  const message = `${what} may sleep, and this task is in atomic context`;
  for (const off of [context.depthCell, context.irqCell]) {
    const allowed = when.kind === "constant" ? isZero(cell(off)) : binary("or", isZero(when), isZero(cell(off)));
    context.code.check(allowed, { class: "sleep-in-atomic", message });
  }
}

/**
 * A task that ends with preemption or interrupts off leaks that as it would a lock: class lock-leak. Locks and read
 * sections left behind are found by the end itself; this asks only tasks that turn something off by other means.
 */
export function checkContextAtEnd(context: TaskContext): void {
  const check = (off: number, what: string): void => {
    context.code.check(isZero(cell(off)), { class: "lock-leak", message: `ends with ${what} off` });
  };
  if (context.countsPreemption) check(context.preemptionCell, "preemption");
  if (context.countsBottomHalves) check(context.bottomHalfCell, "bottom halves");
  if (!context.countsInterrupts) return;
  if (!context.isIrq) check(context.irqCell, "interrupts");
  else {
    // As handle_irq_event_percpu has it: "irq %u handler %pS enabled interrupts".
    const message = "the handler has turned interrupts on and ends so";
    context.code.check(isNonZero(cell(context.irqCell)), { class: "warn-on", message });
  }
}

/**
 * Enters (+1) or leaves (-1) a context that must not sleep. Whoever leaves has entered: owners of locks, nesting of read
 * sections and the counts below are checked before, so the depth never falls below 0.
 */
export function changeDepth(context: TaskContext, by: Expr): void {
  if (context.task < 0) return;
  const depth = binary("add", cell(context.depthCell), by);
  context.code.emit({ kind: "limit", unless: binary("lt-u", depth, constant(16)), limit: "width" });
  context.code.assignCell(context.depthCell, depth);
}

/** What a task can turn off and on again in levels, other than by a lock. */
export type Level = "preemption" | "bottom halves";

function levelCell(context: TaskContext, level: Level): number {
  return level === "preemption" ? context.preemptionCell : context.bottomHalfCell;
}

/** Turns something off once more; `when` is 1 if it happens at all. */
export function turnOff(context: TaskContext, level: Level, when: Expr = one): void {
  if (context.task < 0) return;
  if (level === "preemption") context.countsPreemption = true;
  else context.countsBottomHalves = true;
  const off = levelCell(context, level);
  if (level === "preemption") switchPreemption(context, "preempt-disable");
  changeDepth(context, when);
  context.code.assignCell(off, binary("add", cell(off), when));
}

/** Turns it on once; class unlock-not-held when it is not off. */
export function turnOn(context: TaskContext, level: Level, spelling: string): void {
  if (context.task < 0) return;
  const off = levelCell(context, level);
  const message = `${spelling}: ${level} ${level === "preemption" ? "is" : "are"} not off`;
  context.code.check(isNonZero(cell(off)), { class: "unlock-not-held", message });
  context.code.assignCell(off, binary("sub", cell(off), one));
  changeDepth(context, constant(-1));
  if (level === "preemption") switchPreemption(context, "preempt-enable");
}

/** In timed code the engine must know. */
function switchPreemption(context: TaskContext, kind: "preempt-disable" | "preempt-enable"): void {
  if (context.unit.timed !== null) ask(context, { kind, spelling: kind.replace("-", "_"), args: [] });
}

/** A value in any shape written through an argument that is an address. */
export function storeThrough(
  operation: Operation,
  index: number,
  options: { readonly value: Expr; readonly shape: ScalarShape },
): void {
  const { context, call } = operation;
  const arg = call.args[index];
  const storage = arg === undefined ? null : localStorage(context, arg);
  if (storage !== null) {
    storeCell(context, storage, { ...options, access: "racy" });
    return;
  }
  context.code.storeSilently(argument(operation, index), options.value, { shape: options.shape, tag: "data" });
}

/** A local that the front end passes by address only to say which one it is. */
function localStorage(context: TaskContext, arg: TreeExpr): PlaceRef | null {
  if (arg.kind !== "address" || arg.place.kind !== "variable") return null;
  const storage = context.storageOf(arg.place.symbol);
  if (storage.kind !== "cells") return null;
  return { kind: "cells", cells: storage.cells, offset: 0, ghost: false, racy: false };
}

/** What the irq, bh and irqsave forms do on taking a lock; `when` is 1 if it was taken. */
export function enterIrqForm(operation: Operation, when: Expr = one, { depth } = { depth: true }): void {
  const { context, call } = operation;
  if (depth) changeDepth(context, when);
  if (context.task < 0) return;
  switch (call.attributes.irq) {
    case "none":
      return;
    case "bh":
      turnOff(context, "bottom halves", when);
      return;
    case "irqsave":
      context.countsInterrupts = true;
      storeThrough(operation, 1, { value: cell(context.irqCell), shape: wordShape });
      context.code.assignCell(context.irqCell, binary("or", cell(context.irqCell), when));
      return;
    case "irq":
      context.countsInterrupts = true;
      context.code.assignCell(context.irqCell, binary("or", cell(context.irqCell), when));
      return;
  }
}

export function leaveIrqForm(operation: Operation, { depth } = { depth: true }): void {
  const { context, call } = operation;
  if (depth) changeDepth(context, constant(-1));
  if (context.task < 0) return;
  switch (call.attributes.irq) {
    case "none":
      return;
    case "bh":
      turnOn(context, "bottom halves", call.spelling);
      return;
    case "irqsave":
      context.code.assignCell(context.irqCell, isNonZero(argument(operation, 1)));
      return;
    case "irq":
      context.code.assignCell(context.irqCell, zero);
      return;
  }
}

/** 0 or 1, explored both, inside the step that runs. */
export function pickBit(context: TaskContext): Expr {
  const id = context.code.newTemp({ bits: 1, signed: false });
  context.code.emit({ kind: "choose", temp: id, lo: zero, hi: one, step: false });
  return temp(id);
}

export type ContextOp =
  | "might-sleep"
  | "cond-resched"
  | "preempt-disable"
  | "preempt-enable"
  | "local-irq-disable"
  | "local-irq-enable"
  | "local-irq-save"
  | "local-irq-restore"
  | "local-bh-disable"
  | "local-bh-enable"
  | "irqs-disabled"
  | "in-atomic";

/** preempt, local_irq, local_bh: a step each; queries and might_sleep cost none. */
export function lowerContextOperation(operation: Operation, op: ContextOp): Expr {
  const { context, call } = operation;
  const { code } = context;
  if (op === "might-sleep" || op === "cond-resched") {
    checkMaySleep(context, call.spelling);
    return zero;
  }
  if (op === "in-atomic" || op === "irqs-disabled") {
    if (context.task < 0) return zero;
    const off = cell(context.irqCell);
    return op === "irqs-disabled" ? off : binary("or", isNonZero(cell(context.depthCell)), isNonZero(off));
  }
  code.begin(labelOf(operation, null));
  if (context.task < 0) return zero;
  switch (op) {
    case "preempt-disable":
    case "local-bh-disable":
      turnOff(context, op === "preempt-disable" ? "preemption" : "bottom halves");
      return zero;
    case "preempt-enable":
    case "local-bh-enable":
      turnOn(context, op === "preempt-enable" ? "preemption" : "bottom halves", call.spelling);
      return zero;
    case "local-irq-disable":
      context.countsInterrupts = true;
      code.assignCell(context.irqCell, one);
      return zero;
    case "local-irq-enable":
      context.countsInterrupts = true;
      code.assignCell(context.irqCell, zero);
      return zero;
    case "local-irq-save":
      context.countsInterrupts = true;
      storeThrough(operation, 0, { value: cell(context.irqCell), shape: wordShape });
      code.assignCell(context.irqCell, one);
      return zero;
    case "local-irq-restore":
      context.countsInterrupts = true;
      code.assignCell(context.irqCell, isNonZero(argument(operation, 0)));
      return zero;
  }
}
