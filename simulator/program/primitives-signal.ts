/**
 * Signals, which come with `//| signals: on` only: at any time, to any task. A wait that may fail does so only where it
 * would have to wait. Once a task has learned of a signal, by an error or by asking, it stays pending (TIF_SIGPENDING) until
 * the task handles it: flush_signals and kin, or the next round of a `forever`, which stands for the next call.
 *
 * What is pending is remembered only where the text asks for it; elsewhere each wait is as if the task had been to user
 * mode in between.
 * Source: include/linux/sched/signal.h, kernel/sched/core.c (__schedule), kernel/locking/mutex.c of Linux 6.12.
 */
import type { TaskContext } from "./context.ts";
import { binary, cell, constant, isNonZero, isZero, one, select, temp, zero } from "./expressions.ts";
import type { Expr } from "./ir.ts";
import { argument, labelOf, type Operation } from "./primitives-context.ts";

/** What ends a wait: any signal, or a fatal one only. */
export type SignalKind = "interruptible" | "killable";

/** Bits of the word that says what is pending; a fatal signal has both. */
const anyBit = 1;
const fatalBits = 3;

/** Task states that signals end, as in include/linux/sched.h. */
const taskInterruptible = 1;
const taskWakeKill = 0x100;

function pendingWord(context: TaskContext): number | null {
  const { unit, task } = context;
  if (unit.options.signals !== true || task < 0 || !unit.asksForSignals) return null;
  return unit.hidden({ name: "signal pending", task, shape: { bits: 2, signed: false } });
}

/** Whether the task knows already of a signal of that kind. */
export function isPending(context: TaskContext, kind: SignalKind): Expr {
  const word = pendingWord(context);
  if (word === null) return zero;
  return kind === "killable" ? binary("eq", cell(word), constant(fatalBits)) : isNonZero(cell(word));
}

/** The task learns of a signal; `when` is 1 if it does. */
export function noteSignal(context: TaskContext, kind: SignalKind, when: Expr = one): void {
  const word = pendingWord(context);
  if (word === null || (when.kind === "constant" && when.value === 0)) return;
  const bits = constant(kind === "killable" ? fatalBits : anyBit);
  context.code.assignCell(word, select(when, binary("or", cell(word), bits), cell(word)));
}

/** Nothing is pending any more, if `when` is 1. */
export function clearSignals(context: TaskContext, when: Expr = one): void {
  const word = pendingWord(context);
  if (word !== null) context.code.assignCell(word, select(when, zero, cell(word)));
}

/** 0 or 1, explored both; 1 only where it is known. */
export function pickUnless(context: TaskContext, known: Expr): Expr {
  if (known.kind === "constant" && known.value !== 0) return one;
  const held = context.code.keep(known, { bits: 1, signed: false });
  const id = context.code.newTemp({ bits: 1, signed: false });
  context.code.emit({ kind: "choose", temp: id, lo: zero, hi: isZero(held), step: false });
  return binary("or", temp(id), held);
}

/**
 * 1 when a signal ends the wait; null when none can. A signal that is pending does so for sure where `blocks` is 1.
 */
export function signalArrives(operation: Operation, blocks: Expr = one): Expr | null {
  const { context, call } = operation;
  const kind = call.attributes.signal;
  if (kind === "no" || context.unit.options.signals !== true) return null;
  const known = isPending(context, kind);
  return pickUnless(context, both(known, blocks));
}

/** What the call's wait has learned when a signal has ended it. */
export function noteInterrupted(operation: Operation, when: Expr = one): void {
  const { signal } = operation.call.attributes;
  if (signal !== "no") noteSignal(operation.context, signal, when);
}

export type SignalOp = "signal-pending" | "fatal-signal-pending" | "signal-pending-state" | "flush-signals";

export function lowerSignal(operation: Operation, op: SignalOp): Expr {
  const { context } = operation;
  if (context.unit.options.signals !== true) return zero;
  context.code.begin(labelOf(operation, null));
  switch (op) {
    case "signal-pending":
      return askPending(operation, "interruptible", argument(operation, 0));
    case "fatal-signal-pending":
      return askPending(operation, "killable", argument(operation, 0));
    case "signal-pending-state": {
      const state = argument(operation, 0);
      const kind = isNonZero(binary("and", state, constant(taskInterruptible)));
      const ends = isNonZero(binary("and", state, constant(taskInterruptible | taskWakeKill)));
      return askInState(operation, { kind, ends });
    }
    case "flush-signals":
      clearSignals(context, isOwn(context, argument(operation, 0)));
      return zero;
  }
}

/** Of another task nothing is known. */
function askPending(operation: Operation, kind: SignalKind, task: Expr): Expr {
  const { context } = operation;
  const own = isOwn(context, task);
  const pending = pickUnless(context, both(own, isPending(context, kind)));
  noteSignal(context, kind, both(own, pending));
  return pending;
}

/** signal_pending_state: in TASK_INTERRUPTIBLE any signal counts, in TASK_KILLABLE a fatal one, else none. */
function askInState(operation: Operation, state: { readonly kind: Expr; readonly ends: Expr }): Expr {
  const { context } = operation;
  const own = isOwn(context, argument(operation, 1));
  const known = select(state.kind, isPending(context, "interruptible"), isPending(context, "killable"));
  const pending = context.code.keep(both(state.ends, pickUnless(context, both(own, known))));
  noteSignal(context, "interruptible", both(own, both(pending, state.kind)));
  noteSignal(context, "killable", both(own, both(pending, isZero(state.kind))));
  return pending;
}

/** Whether a handle is that of the task itself. */
function isOwn(context: TaskContext, task: Expr): Expr {
  if (context.task < 0) return zero;
  if (task.kind !== "constant") return binary("eq", task, context.ownHandle);
  const { base, stride } = context.unit.taskHandles();
  return constant(task.value === base + stride * context.task ? 1 : 0);
}

function both(left: Expr, right: Expr): Expr {
  if (left.kind === "constant") return left.value === 0 ? zero : right;
  if (right.kind === "constant") return right.value === 0 ? zero : left;
  return binary("and", left, right);
}
