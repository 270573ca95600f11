/** Kernel primitives by name: evaluates the arguments, then hands over to the family. */
import type { PrimitiveCall, PrimitiveOp } from "../lang/tree.ts";
import type { Lowering, TaskContext } from "./context.ts";
import { one, zero } from "./expressions.ts";
import type { Expr } from "./ir.ts";
import { lowerAtomic, lowerBits, lowerExchange, lowerRefcount } from "./primitives-atomic.ts";
import {
  argument,
  checkMaySleep,
  enterIrqForm,
  leaveIrqForm,
  lowerContextOperation,
  turnOff,
  turnOn,
  type Operation,
} from "./primitives-context.ts";
import { lowerInTime } from "./primitives-timed.ts";
import { lowerRcu, lowerSrcu } from "./primitives-rcu.ts";
import {
  lowerCompletion,
  lowerFolioLock,
  lowerMutex,
  lowerRwlock,
  lowerSemaphore,
  lowerSpinlock,
} from "./primitives-lock.ts";
import {
  lowerCache,
  lowerCondition,
  lowerHeldAssertion,
  lowerIsHeld,
  lowerMightLock,
  lowerKfree,
  lowerKmalloc,
  lowerMemset,
  lowerObjectInit,
} from "./primitives-memory.ts";
import { lowerCountLock } from "./primitives-count-lock.ts";
import { lowerSequence } from "./primitives-sequence.ts";
import { lowerConditionalWait } from "./lower-conditional-wait.ts";
import { lowerRwsem } from "./primitives-rwsem.ts";
import { recordLockAsk } from "./lock-events.ts";
import { lowerSignal } from "./primitives-signal.ts";
import { lowerWaitEvent } from "./lower-wait-event.ts";
import { lowerWait } from "./primitives-wait.ts";
import { isScalar, scalarShape, wordShape } from "./types.ts";

export function lowerPrimitive(lowering: Lowering, context: TaskContext, call: PrimitiveCall): Expr {
  // These evaluate their condition when its time comes.
  if (call.op === "wait-event") return lowerWaitEvent(lowering, context, call);
  if (call.op === "cond-load" || call.op === "spin-until") return lowerConditionalWait(lowering, context, call);
  const args = call.args.map((arg) => evaluateArgument(lowering, context, arg));
  context.code.span = call.span;
  const operation = { context, lowering, call, args };
  const start = context.code.length;
  const inTime = context.unit.timed === null ? null : lowerInTime(operation);
  if (inTime !== null) return inTime;
  const value = handlers[call.op](operation);
  recordLockAsk(context, call, start);
  return value;
}

/** An address of a local that lies in cells is no value: storeThrough looks at the tree instead. */
function evaluateArgument(lowering: Lowering, context: TaskContext, arg: PrimitiveCall["args"][number]): Expr {
  if (arg.kind === "address" && arg.place.kind === "variable" && context.storageOf(arg.place.symbol).kind === "cells")
    return zero;
  const value = lowering.expression(context, arg);
  return context.code.keep(value, isScalar(arg.type) ? scalarShape(arg.type) : wordShape);
}

/** What each primitive does. Barriers cost no step: the model is sequentially consistent. */
const handlers: Readonly<Record<PrimitiveOp, (operation: Operation) => Expr>> = {
  "smp-mb": () => zero,
  "smp-rmb": () => zero,
  "smp-wmb": () => zero,
  barrier: () => zero,
  xchg: (operation) => lowerExchange(operation, "xchg"),
  cmpxchg: (operation) => lowerExchange(operation, "cmpxchg"),
  "try-cmpxchg": (operation) => lowerExchange(operation, "try-cmpxchg"),
  "atomic-read": (operation) => lowerAtomic(operation, "atomic-read"),
  "atomic-set": (operation) => lowerAtomic(operation, "atomic-set"),
  "atomic-add": (operation) => lowerAtomic(operation, "atomic-add"),
  "atomic-sub": (operation) => lowerAtomic(operation, "atomic-sub"),
  "atomic-and": (operation) => lowerAtomic(operation, "atomic-and"),
  "atomic-or": (operation) => lowerAtomic(operation, "atomic-or"),
  "atomic-xor": (operation) => lowerAtomic(operation, "atomic-xor"),
  "atomic-andnot": (operation) => lowerAtomic(operation, "atomic-andnot"),
  "atomic-xchg": (operation) => lowerAtomic(operation, "atomic-xchg"),
  "atomic-cmpxchg": (operation) => lowerAtomic(operation, "atomic-cmpxchg"),
  "atomic-try-cmpxchg": (operation) => lowerAtomic(operation, "atomic-try-cmpxchg"),
  "atomic-add-unless": (operation) => lowerAtomic(operation, "atomic-add-unless"),
  "atomic-inc-unless-negative": (operation) => lowerAtomic(operation, "atomic-inc-unless-negative"),
  "atomic-dec-unless-positive": (operation) => lowerAtomic(operation, "atomic-dec-unless-positive"),
  "atomic-dec-if-positive": (operation) => lowerAtomic(operation, "atomic-dec-if-positive"),
  "refcount-read": (operation) => lowerRefcount(operation, "refcount-read"),
  "refcount-set": (operation) => lowerRefcount(operation, "refcount-set"),
  "refcount-add": (operation) => lowerRefcount(operation, "refcount-add"),
  "refcount-add-not-zero": (operation) => lowerRefcount(operation, "refcount-add-not-zero"),
  "refcount-sub-and-test": (operation) => lowerRefcount(operation, "refcount-sub-and-test"),
  "refcount-dec": (operation) => lowerRefcount(operation, "refcount-dec"),
  "refcount-dec-not-one": (operation) => lowerRefcount(operation, "refcount-dec-not-one"),
  "refcount-dec-if-one": (operation) => lowerRefcount(operation, "refcount-dec-if-one"),
  "refcount-dec-and-mutex-lock": (operation) => lowerCountLock(operation, "refcount-dec-and-mutex-lock"),
  "refcount-dec-and-lock": (operation) => lowerCountLock(operation, "refcount-dec-and-lock"),
  "atomic-dec-and-lock": (operation) => lowerCountLock(operation, "atomic-dec-and-lock"),
  "bit-test": (operation) => lowerBits(operation, "bit-test"),
  "bit-set": (operation) => lowerBits(operation, "bit-set"),
  "bit-clear": (operation) => lowerBits(operation, "bit-clear"),
  "bit-change": (operation) => lowerBits(operation, "bit-change"),
  "bit-test-and-set": (operation) => lowerBits(operation, "bit-test-and-set"),
  "bit-test-and-clear": (operation) => lowerBits(operation, "bit-test-and-clear"),
  "bit-test-and-change": (operation) => lowerBits(operation, "bit-test-and-change"),
  "spin-lock": (operation) => lowerSpinlock(operation, "spin-lock"),
  "spin-trylock": (operation) => lowerSpinlock(operation, "spin-trylock"),
  "spin-unlock": (operation) => lowerSpinlock(operation, "spin-unlock"),
  "spin-is-locked": (operation) => lowerSpinlock(operation, "spin-is-locked"),
  "read-lock": (operation) => lowerRwlock(operation, "read-lock"),
  "read-trylock": (operation) => lowerRwlock(operation, "read-trylock"),
  "read-unlock": (operation) => lowerRwlock(operation, "read-unlock"),
  "write-lock": (operation) => lowerRwlock(operation, "write-lock"),
  "write-trylock": (operation) => lowerRwlock(operation, "write-trylock"),
  "write-unlock": (operation) => lowerRwlock(operation, "write-unlock"),
  "mutex-lock": (operation) => lowerMutex(operation, "mutex-lock"),
  "mutex-trylock": (operation) => lowerMutex(operation, "mutex-trylock"),
  "mutex-unlock": (operation) => lowerMutex(operation, "mutex-unlock"),
  "mutex-is-locked": (operation) => lowerMutex(operation, "mutex-is-locked"),
  "down-read": (operation) => lowerRwsem(operation, "down-read"),
  "down-read-trylock": (operation) => lowerRwsem(operation, "down-read-trylock"),
  "up-read": (operation) => lowerRwsem(operation, "up-read"),
  "down-write": (operation) => lowerRwsem(operation, "down-write"),
  "down-write-trylock": (operation) => lowerRwsem(operation, "down-write-trylock"),
  "up-write": (operation) => lowerRwsem(operation, "up-write"),
  "downgrade-write": (operation) => lowerRwsem(operation, "downgrade-write"),
  "rwsem-is-locked": (operation) => lowerRwsem(operation, "rwsem-is-locked"),
  "rwsem-is-contended": (operation) => lowerRwsem(operation, "rwsem-is-contended"),
  "semaphore-down": (operation) => lowerSemaphore(operation, "semaphore-down"),
  "semaphore-down-trylock": (operation) => lowerSemaphore(operation, "semaphore-down-trylock"),
  "semaphore-up": (operation) => lowerSemaphore(operation, "semaphore-up"),
  complete: (operation) => lowerCompletion(operation, "complete"),
  "complete-all": (operation) => lowerCompletion(operation, "complete-all"),
  "wait-for-completion": (operation) => lowerCompletion(operation, "wait-for-completion"),
  "wait-for-completion-timeout": (operation) => lowerCompletion(operation, "wait-for-completion-timeout"),
  "wait-event": refuse,
  "prepare-to-wait": (operation) => lowerWait(operation, "prepare-to-wait"),
  "add-wait-queue": (operation) => lowerWait(operation, "add-wait-queue"),
  "finish-wait": (operation) => lowerWait(operation, "finish-wait"),
  "remove-wait-queue": (operation) => lowerWait(operation, "remove-wait-queue"),
  "wake-up": (operation) => lowerWait(operation, "wake-up"),
  "waitqueue-active": (operation) => lowerWait(operation, "waitqueue-active"),
  "init-wait": (operation) => lowerWait(operation, "init-wait"),
  "set-current-state": (operation) => lowerWait(operation, "set-current-state"),
  schedule: (operation) => lowerWait(operation, "schedule"),
  "wake-up-process": (operation) => lowerWait(operation, "wake-up-process"),
  current: (operation) => lowerWait(operation, "current"),
  "signal-pending": (operation) => lowerSignal(operation, "signal-pending"),
  "fatal-signal-pending": (operation) => lowerSignal(operation, "fatal-signal-pending"),
  "signal-pending-state": (operation) => lowerSignal(operation, "signal-pending-state"),
  "flush-signals": (operation) => lowerSignal(operation, "flush-signals"),
  "seqcount-begin": (operation) => lowerSequence(operation, "seqcount-begin"),
  "seqcount-read": (operation) => lowerSequence(operation, "seqcount-read"),
  "seqcount-raw-begin": (operation) => lowerSequence(operation, "seqcount-raw-begin"),
  "seqcount-retry": (operation) => lowerSequence(operation, "seqcount-retry"),
  "seqcount-write-begin": (operation) => lowerSequence(operation, "seqcount-write-begin"),
  "seqcount-write-end": (operation) => lowerSequence(operation, "seqcount-write-end"),
  "seqcount-invalidate": (operation) => lowerSequence(operation, "seqcount-invalidate"),
  "seqcount-latch": (operation) => lowerSequence(operation, "seqcount-latch"),
  "seqlock-lock": (operation) => lowerSequence(operation, "seqlock-lock"),
  "seqlock-unlock": (operation) => lowerSequence(operation, "seqlock-unlock"),
  "seqlock-lock-excl": (operation) => lowerSequence(operation, "seqlock-lock-excl"),
  "seqlock-unlock-excl": (operation) => lowerSequence(operation, "seqlock-unlock-excl"),
  "seqlock-begin-or-lock": (operation) => lowerSequence(operation, "seqlock-begin-or-lock"),
  "seqlock-need-retry": (operation) => lowerSequence(operation, "seqlock-need-retry"),
  "seqlock-done-retry": (operation) => lowerSequence(operation, "seqlock-done-retry"),
  "srcu-read-lock": (operation) => lowerSrcu(operation, "srcu-read-lock"),
  "srcu-read-unlock": (operation) => lowerSrcu(operation, "srcu-read-unlock"),
  "srcu-read-lock-held": (operation) => lowerSrcu(operation, "srcu-read-lock-held"),
  "synchronize-srcu": (operation) => lowerSrcu(operation, "synchronize-srcu"),
  "srcu-barrier": (operation) => lowerSrcu(operation, "srcu-barrier"),
  "call-srcu": (operation) => lowerSrcu(operation, "call-srcu"),
  "cond-load": refuse,
  "spin-until": refuse,
  "local-lock": lowerLocalLock,
  "local-unlock": lowerLocalLock,
  "lockdep-is-held": lowerIsHeld,
  "might-lock": lowerMightLock,
  "sleep-for": lowerSleep,
  "delay-for": () => zero,
  "same-value": (operation) => argument(operation, 0),
  "try-wait-for-completion": (operation) => lowerCompletion(operation, "try-wait-for-completion"),
  "completion-done": (operation) => lowerCompletion(operation, "completion-done"),
  "reinit-completion": (operation) => lowerCompletion(operation, "reinit-completion"),
  "folio-lock": (operation) => lowerFolioLock(operation, "folio-lock"),
  "folio-trylock": (operation) => lowerFolioLock(operation, "folio-trylock"),
  "folio-unlock": (operation) => lowerFolioLock(operation, "folio-unlock"),
  "folio-test-locked": (operation) => lowerFolioLock(operation, "folio-test-locked"),
  "folio-wait-locked": (operation) => lowerFolioLock(operation, "folio-wait-locked"),
  "object-init": lowerObjectInit,
  "rcu-read-lock": (operation) => lowerRcu(operation, "rcu-read-lock"),
  "rcu-read-unlock": (operation) => lowerRcu(operation, "rcu-read-unlock"),
  "rcu-read-lock-held": (operation) => lowerRcu(operation, "rcu-read-lock-held"),
  "synchronize-rcu": (operation) => lowerRcu(operation, "synchronize-rcu"),
  "rcu-barrier": (operation) => lowerRcu(operation, "rcu-barrier"),
  "call-rcu": (operation) => lowerRcu(operation, "call-rcu"),
  "kfree-rcu": (operation) => lowerRcu(operation, "kfree-rcu"),
  kmalloc: lowerKmalloc,
  kfree: lowerKfree,
  "cache-alloc": (operation) => lowerCache(operation, "cache-alloc"),
  "cache-free": (operation) => lowerCache(operation, "cache-free"),
  memset: lowerMemset,
  "bug-on": (operation) => lowerCondition(operation, "bug-on"),
  "warn-on": (operation) => lowerCondition(operation, "warn-on"),
  "lockdep-assert-held": lowerHeldAssertion,
  "might-sleep": (operation) => lowerContextOperation(operation, "might-sleep"),
  "cond-resched": (operation) => lowerContextOperation(operation, "cond-resched"),
  "cpu-relax": () => zero,
  "use-mm": () => zero,
  "tlb-flush": () => zero,
  "preempt-disable": (operation) => lowerContextOperation(operation, "preempt-disable"),
  "preempt-enable": (operation) => lowerContextOperation(operation, "preempt-enable"),
  "local-irq-disable": (operation) => lowerContextOperation(operation, "local-irq-disable"),
  "local-irq-enable": (operation) => lowerContextOperation(operation, "local-irq-enable"),
  "local-irq-save": (operation) => lowerContextOperation(operation, "local-irq-save"),
  "local-irq-restore": (operation) => lowerContextOperation(operation, "local-irq-restore"),
  "local-bh-disable": (operation) => lowerContextOperation(operation, "local-bh-disable"),
  "local-bh-enable": (operation) => lowerContextOperation(operation, "local-bh-enable"),
  "irqs-disabled": (operation) => lowerContextOperation(operation, "irqs-disabled"),
  "in-atomic": (operation) => lowerContextOperation(operation, "in-atomic"),
};

/** A local lock is per CPU: it excludes nobody but what else runs on its CPU, so it turns preemption off. */
function lowerLocalLock(operation: Operation): Expr {
  const { context, call } = operation;
  context.code.begin({ text: `${call.spelling}(%)`, address: operation.args[0] ?? zero });
  if (call.op === "local-lock") {
    turnOff(context, "preemption");
    if (call.attributes.irq !== "none") enterIrqForm(operation, one, { depth: false });
  } else {
    turnOn(context, "preemption", call.spelling);
    if (call.attributes.irq !== "none") leaveIrqForm(operation, { depth: false });
  }
  return zero;
}

/** msleep and kin: no step, but sleeping. */
function lowerSleep(operation: Operation): Expr {
  checkMaySleep(operation.context, operation.call.spelling);
  return zero;
}

/** What this version of the engine does not execute: said at compile time, never passed over. */
function refuse(operation: Operation): Expr {
  const { call, context } = operation;
  context.unit.report({
    code: "SCN201",
    span: call.span,
    message: `${call.spelling} is not supported by this version of the explorer`,
  });
  return zero;
}
