/**
 * wait_event(queue, condition) and its forms. The condition runs by its ordinary steps: if it fails, the task queues (a
 * step), runs it again, and sleeps until a wake-up of the queue that came after that; then from the start.
 * Source: ___wait_event in include/linux/wait.h (6.12).
 */
import { neutralAttributes } from "../lang/primitives/primitives.ts";
import type { PrimitiveCall } from "../lang/tree.ts";
import type { CodeLabel } from "./assembler.ts";
import type { Lowering, TaskContext } from "./context.ts";
import { constant, isNonZero, isZero, one, select, temp, zero } from "./expressions.ts";
import type { Expr } from "./ir.ts";
import { checkMaySleep, errorRestart, type Operation } from "./primitives-context.ts";
import { lowerSpinlock } from "./primitives-lock.ts";
import { ask, checkAlive } from "./requests.ts";
import { isBounded, Waiting } from "./primitives-wait.ts";
import { bitShape, wordShape } from "./types.ts";

/** args: address of the queue, condition, then the address of a lock and jiffies where the form has them. */
export function lowerWaitEvent(lowering: Lowering, context: TaskContext, call: PrimitiveCall): Expr {
  const { code } = context;
  const { wait } = call.attributes;
  const value = (index: number): Expr => {
    const arg = call.args[index];
    return arg === undefined ? zero : code.keep(lowering.expression(context, arg), wordShape);
  };
  const queue = value(0);
  const isLocked = wait.lock !== "none";
  const lock = isLocked ? value(2) : zero;
  const jiffies = wait.timeout ? value(isLocked ? 3 : 2) : zero;
  code.span = call.span;
  const operation: Operation = { context, lowering, call, args: [queue] };
  if (wait.lock === "none") checkMaySleep(context, call.spelling);
  if (code.mode !== "steps") return waitAtOnce(operation, jiffies);
  if (context.unit.timed !== null) return waitInTime(operation, { jiffies, lock });
  return new WaitEvent(operation, { jiffies, lock }).lower();
}

/** Inside an atomic block: one step, enabled when the condition holds; with a time it may be over at once. */
function waitAtOnce(operation: Operation, jiffies: Expr): Expr {
  const { context, lowering, call } = operation;
  const { code } = context;
  const [, condition] = call.args;
  const holds = condition === undefined ? one : code.keep(isNonZero(lowering.expression(context, condition)), bitShape);
  if (call.attributes.wait.timeout && isBounded(jiffies)) return select(holds, left(jiffies), zero);
  code.guard(holds, { text: `${call.spelling}(%)`, address: operation.args[0] ?? zero }, { sleeps: true });
  return call.attributes.wait.timeout ? left(jiffies) : zero;
}

/** At least one jiffy counts as left when the condition holds. */
function left(jiffies: Expr): Expr {
  return select(isZero(jiffies), one, jiffies);
}

/** As ___wait_event has it: queue, look again, schedule, queue again; the lock of the irq form is free meanwhile. */
function waitInTime(operation: Operation, options: { readonly jiffies: Expr; readonly lock: Expr }): Expr {
  const { context, lowering, call } = operation;
  const { code } = context;
  const { wait } = call.attributes;
  const { spelling, span } = call;
  const [, condition] = call.args;
  const queue = operation.args[0] ?? zero;
  const [queued, rest, result] = [code.newTemp(bitShape), code.newTemp(wordShape), code.newTemp(wordShape)];
  const [again, fails, holds, finish] = [code.newLabel(), code.newLabel(), code.newLabel(), code.newLabel()];
  const [over, stays, enter, sleep] = [code.newLabel(), code.newLabel(), code.newLabel(), code.newLabel()];
  const [leave, done] = [code.newLabel(), code.newLabel()];
  code.assignTemp(queued, zero);
  code.assignTemp(rest, options.jiffies);
  code.place(again);
  if (condition === undefined) code.jump(holds);
  else lowering.condition(context, condition, { then: holds, otherwise: fails });
  code.span = span;
  code.place(fails);
  code.branch(wait.timeout ? isZero(temp(rest)) : zero, over, stays);
  code.place(over);
  code.assignTemp(result, zero);
  code.jump(finish);
  code.place(stays);
  code.branch(temp(queued), sleep, enter);
  code.place(enter);
  checkAlive(context, queue, "wait-queue");
  const args = [queue, constant(wait.state), wait.exclusive ? one : zero, zero];
  ask(context, { kind: "queue-prepare", spelling, args, span });
  code.assignTemp(queued, one);
  code.jump(again);
  code.place(sleep);
  switchLock(operation, options.lock, "spin-unlock");
  const isLimited = wait.timeout && isBounded(options.jiffies);
  const jiffies = isLimited ? temp(rest) : constant(-1);
  context.noteIdle(call);
  const remaining = ask(context, { kind: "schedule", spelling, args: [jiffies], span, answers: "value", blocks: true });
  if (isLimited) code.assignTemp(rest, remaining);
  switchLock(operation, options.lock, "spin-lock");
  code.jump(enter);
  code.place(holds);
  code.assignTemp(result, wait.timeout ? left(temp(rest)) : zero);
  code.place(finish);
  code.branch(temp(queued), leave, done);
  code.place(leave);
  ask(context, { kind: "queue-finish", spelling, args: [queue, one], span });
  code.place(done);
  return call.type.kind === "void" ? zero : temp(result);
}

function switchLock(operation: Operation, lock: Expr, op: "spin-lock" | "spin-unlock"): void {
  const { context, lowering, call } = operation;
  if (call.attributes.wait.lock === "none") return;
  const spelling = op === "spin-lock" ? "spin_lock_irq" : "spin_unlock_irq";
  const attributes = { ...neutralAttributes, irq: "irq" } as const;
  lowerSpinlock({ context, lowering, call: { ...call, op, spelling, attributes }, args: [lock] }, op);
}

class WaitEvent {
  readonly #operation: Operation;
  readonly #jiffies: Expr;
  readonly #lock: Expr;
  readonly #phase: number;
  readonly #over: number | null;
  readonly #interrupted: number | null;
  readonly #result: number;
  readonly #waiting: Waiting;

  constructor(operation: Operation, options: { readonly jiffies: Expr; readonly lock: Expr }) {
    const { context, call } = operation;
    const { code, unit } = context;
    this.#operation = operation;
    this.#jiffies = options.jiffies;
    this.#lock = options.lock;
    this.#phase = code.newTemp(bitShape);
    this.#over = call.attributes.wait.timeout && isBounded(options.jiffies) ? code.newTemp(bitShape) : null;
    const signals = unit.options.signals === true && call.attributes.signal !== "no";
    this.#interrupted = signals ? code.newTemp(bitShape) : null;
    this.#result = code.newTemp(wordShape);
    this.#waiting = new Waiting(operation, this.#phase);
  }

  lower(): Expr {
    const { context, lowering, call } = this.#operation;
    const { code } = context;
    const [again, holds, fails, done] = [code.newLabel(), code.newLabel(), code.newLabel(), code.newLabel()];
    code.assignTemp(this.#phase, zero);
    code.assignTemp(this.#result, zero);
    if (this.#over !== null) code.assignTemp(this.#over, isZero(this.#jiffies));
    code.place(again);
    const [, condition] = call.args;
    if (condition === undefined) code.jump(holds);
    else lowering.condition(context, condition, { then: holds, otherwise: fails });
    code.span = call.span;
    code.place(fails);
    this.#lowerFailed({ again, done });
    code.place(holds);
    this.#lowerHolds();
    code.place(done);
    return call.type.kind === "void" ? zero : temp(this.#result);
  }

  /** The condition does not hold: give up, queue, or sleep. */
  #lowerFailed(to: { readonly again: CodeLabel; readonly done: CodeLabel }): void {
    const { context } = this.#operation;
    const { code } = context;
    const [wait, sleep, queue] = [code.newLabel(), code.newLabel(), code.newLabel()];
    if (this.#over === null) code.jump(wait);
    else code.branch(temp(this.#over), to.done, wait);
    code.place(wait);
    code.branch(temp(this.#phase), sleep, queue);
    code.place(queue);
    this.#waiting.enter();
    code.jump(to.again);
    code.place(sleep);
    this.#takeLock("spin-unlock");
    this.#waiting.sleep({ over: this.#over, interrupted: this.#interrupted });
    this.#takeLock("spin-lock");
    if (this.#interrupted === null) {
      code.jump(to.again);
      return;
    }
    const stop = code.newLabel();
    code.branch(temp(this.#interrupted), stop, to.again);
    code.place(stop);
    code.assignTemp(this.#result, constant(errorRestart));
    code.jump(to.done);
  }

  /** Leaving the queue is a step of its own only where somebody can tell: for exclusive waiters and who asks for waiters. */
  #lowerHolds(): void {
    const { context, call } = this.#operation;
    const { code, unit } = context;
    const [leave, out] = [code.newLabel(), code.newLabel()];
    if (call.attributes.wait.timeout) {
      const rest = left(this.#jiffies);
      code.assignTemp(this.#result, this.#over === null ? rest : select(temp(this.#over), one, rest));
    }
    code.branch(temp(this.#phase), leave, out);
    code.place(leave);
    if (call.attributes.wait.exclusive || unit.asksForWaiters) code.begin(this.#waiting.label(" leaves the queue"));
    this.#waiting.leave();
    code.place(out);
  }

  /** wait_event_lock_irq lets its lock go while it sleeps. */
  #takeLock(op: "spin-lock" | "spin-unlock"): void {
    const { context, lowering, call } = this.#operation;
    if (call.attributes.wait.lock === "none") return;
    const spelling = op === "spin-lock" ? "spin_lock_irq" : "spin_unlock_irq";
    const attributes = { ...neutralAttributes, irq: "irq" } as const;
    lowerSpinlock({ context, lowering, call: { ...call, op, spelling, attributes }, args: [this.#lock] }, op);
  }
}
