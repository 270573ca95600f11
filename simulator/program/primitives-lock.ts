/** Spinlocks, rwlocks, mutexes, semaphores, completions and folio locks: one step each ("Blocking"). */
import { binary, constant, isNonZero, isZero, one, select, zero } from "./expressions.ts";
import type { CellTag, Expr, ScalarShape } from "./ir.ts";
import {
  argument,
  checkMaySleep,
  enterIrqForm,
  errorInterrupted,
  errorRestart,
  labelOf,
  leaveIrqForm,
  type Operation,
} from "./primitives-context.ts";
import { noteInterrupted, signalArrives } from "./primitives-signal.ts";
import { noteLockUse } from "./irq-uses.ts";
import { namedLockInTime } from "./primitives-timed.ts";
import { isBounded } from "./primitives-wait.ts";
import { bitShape, countShape, lockWords, ownerShape, readerMaskShape } from "./types.ts";

type Word = { readonly address: Expr; readonly shape: ScalarShape; readonly tag: CellTag };

function ownerWord(operation: Operation, tag: CellTag): Word {
  return { address: argument(operation, 0), shape: ownerShape(operation.context.unit.widths), tag };
}

function load(operation: Operation, word: Word): Expr {
  return operation.context.code.loadSilently(word.address, word.shape, word.tag);
}

function store(operation: Operation, word: Word, value: Expr): void {
  operation.context.code.storeSilently(word.address, value, { shape: word.shape, tag: word.tag });
}

function self(operation: Operation): Expr {
  return constant(operation.context.self);
}

function wait(operation: Operation, condition: Expr, sleeps: boolean): void {
  operation.context.code.guard(condition, labelOf(operation), { sleeps });
}

function checkNotSelf(operation: Operation, owner: Expr): void {
  const message = `${operation.call.spelling}: this task holds the lock already`;
  operation.context.code.check(binary("ne", owner, self(operation)), { class: "self-deadlock", message });
}

function checkHeld(operation: Operation, held: Expr): void {
  const message = `${operation.call.spelling}: this task does not hold the lock`;
  operation.context.code.check(held, { class: "unlock-not-held", message });
}

/** `free`: 1 when the body need not wait. `error`: what the call yields when a signal ends the wait. */
type Waits = { readonly free: Expr; readonly error: number };

/**
 * Runs a blocking body; with signals on, a killable one that would have to wait may fail instead. Result 0 or the error.
 * What is free is taken whatever is pending: the kernel tries first (__mutex_lock_common, wait_for_common, down_common).
 */
export function withSignal(operation: Operation, waits: Waits, take: () => void): Expr {
  const { code } = operation.context;
  const signal = signalArrives(operation, isZero(waits.free));
  if (signal === null) {
    take();
    return zero;
  }
  const interrupted = code.newLabel();
  const goes = code.newLabel();
  const done = code.newLabel();
  const result = code.newTemp({ bits: 32, signed: true });
  code.branch(signal, interrupted, goes);
  code.place(interrupted);
  wait(operation, isZero(waits.free), true);
  noteInterrupted(operation);
  code.assignTemp(result, constant(waits.error));
  code.jump(done);
  code.place(goes);
  take();
  code.assignTemp(result, zero);
  code.place(done);
  return { kind: "temp", temp: result };
}

export type SpinlockOp = "spin-lock" | "spin-trylock" | "spin-unlock" | "spin-is-locked";

export function lowerSpinlock(operation: Operation, op: SpinlockOp): Expr {
  if (operation.context.unit.timed !== null) return namedLockInTime(operation, op);
  const { context } = operation;
  const word = ownerWord(operation, "spinlock");
  context.code.begin(labelOf(operation));
  const owner = load(operation, word);
  switch (op) {
    case "spin-lock":
      checkNotSelf(operation, owner);
      wait(operation, isZero(owner), false);
      store(operation, word, self(operation));
      noteLockUse(operation, { tag: "spinlock", when: one, mode: "write", tries: false });
      enterIrqForm(operation);
      return zero;
    case "spin-trylock":
      noteLockUse(operation, { tag: "spinlock", when: isZero(owner), mode: "write", tries: true });
      store(operation, word, select(isZero(owner), self(operation), owner));
      enterIrqForm(operation, isZero(owner));
      return isZero(owner);
    case "spin-unlock":
      checkHeld(operation, binary("eq", owner, self(operation)));
      store(operation, word, zero);
      leaveIrqForm(operation);
      return zero;
    case "spin-is-locked":
      return isNonZero(owner);
  }
}

export type MutexOp = "mutex-lock" | "mutex-trylock" | "mutex-unlock" | "mutex-is-locked";

export function lowerMutex(operation: Operation, op: MutexOp): Expr {
  if (operation.context.unit.timed !== null) return namedLockInTime(operation, op);
  const { context, call } = operation;
  const word = ownerWord(operation, "mutex");
  context.code.begin(labelOf(operation));
  if (op === "mutex-lock") checkMaySleep(context, call.spelling);
  const owner = load(operation, word);
  switch (op) {
    case "mutex-lock":
      checkNotSelf(operation, owner);
      return withSignal(operation, { free: isZero(owner), error: errorInterrupted }, () => {
        wait(operation, isZero(owner), true);
        store(operation, word, self(operation));
      });
    case "mutex-trylock":
      store(operation, word, select(isZero(owner), self(operation), owner));
      return isZero(owner);
    case "mutex-unlock":
      checkHeld(operation, binary("eq", owner, self(operation)));
      store(operation, word, zero);
      return zero;
    case "mutex-is-locked":
      return isNonZero(owner);
  }
}

/** Readers are a bit each: reading what one reads already is a self-deadlock on this lock. */
export type RwlockOp = "read-lock" | "read-trylock" | "read-unlock" | "write-lock" | "write-trylock" | "write-unlock";

export function lowerRwlock(operation: Operation, op: RwlockOp): Expr {
  const { context, call } = operation;
  const { code, unit } = context;
  const writer = ownerWord(operation, "rwlock");
  const readers: Word = {
    address: code.offset(argument(operation, 0), lockWords.readers),
    shape: readerMaskShape(unit.widths),
    tag: "rwlock",
  };
  code.begin(labelOf(operation));
  const owner = load(operation, writer);
  const mask = load(operation, readers);
  const own = constant(1 << (context.self - 1));
  const reads = isNonZero(binary("and", mask, own));
  const free = binary("and", isZero(owner), isZero(mask));
  switch (op) {
    case "read-lock":
    case "write-lock":
      checkNotSelf(operation, owner);
      code.check(isZero(reads), {
        class: "self-deadlock",
        message: `${call.spelling}: this task holds the lock for read already`,
      });
      if (op === "read-lock") {
        wait(operation, isZero(owner), false);
        store(operation, readers, binary("or", mask, own));
      } else {
        wait(operation, free, false);
        store(operation, writer, self(operation));
      }
      noteLockUse(operation, { tag: "rwlock", when: one, mode: op === "read-lock" ? "read" : "write", tries: false });
      enterIrqForm(operation);
      return zero;
    case "read-trylock": {
      // Readers are bits, so a second read lock of the same task cannot be told apart: it fails.
      const taken = context.code.keep(binary("and", isZero(owner), isZero(reads)));
      store(operation, readers, select(taken, binary("or", mask, own), mask));
      noteLockUse(operation, { tag: "rwlock", when: taken, mode: "read", tries: true });
      enterIrqForm(operation, taken);
      return taken;
    }
    case "write-trylock": {
      const taken = context.code.keep(free);
      store(operation, writer, select(taken, self(operation), owner));
      noteLockUse(operation, { tag: "rwlock", when: taken, mode: "write", tries: true });
      enterIrqForm(operation, taken);
      return taken;
    }
    case "read-unlock":
      checkHeld(operation, reads);
      store(operation, readers, binary("and", mask, constant(~(1 << (context.self - 1)))));
      leaveIrqForm(operation);
      return zero;
    case "write-unlock":
      checkHeld(operation, binary("eq", owner, self(operation)));
      store(operation, writer, zero);
      leaveIrqForm(operation);
      return zero;
  }
}

export type SemaphoreOp = "semaphore-down" | "semaphore-down-trylock" | "semaphore-up";

export function lowerSemaphore(operation: Operation, op: SemaphoreOp): Expr {
  const { context, call } = operation;
  const { code } = context;
  const word: Word = { address: argument(operation, 0), shape: countShape, tag: "semaphore" };
  code.begin(labelOf(operation));
  if (op === "semaphore-down") checkMaySleep(context, call.spelling);
  const count = load(operation, word);
  switch (op) {
    case "semaphore-down":
      return withSignal(operation, { free: isNonZero(count), error: errorInterrupted }, () => {
        wait(operation, isNonZero(count), true);
        store(operation, word, binary("sub", count, one));
      });
    case "semaphore-down-trylock":
      store(operation, word, select(isNonZero(count), binary("sub", count, one), zero));
      return isZero(count);
    case "semaphore-up":
      code.emit({ kind: "limit", unless: binary("lt", count, constant(0xffff)), limit: "width" });
      store(operation, word, binary("add", count, one));
      return zero;
  }
}

/** complete_all is the largest count, and waiting then takes nothing away (kernel/sched/completion.c). */
const completedForAll = 0xffff;

export type CompletionOp =
  | "complete"
  | "complete-all"
  | "wait-for-completion"
  | "wait-for-completion-timeout"
  | "try-wait-for-completion"
  | "completion-done"
  | "reinit-completion";

export function lowerCompletion(operation: Operation, op: CompletionOp): Expr {
  const { context, call } = operation;
  const { code } = context;
  const word: Word = { address: argument(operation, 0), shape: countShape, tag: "completion" };
  code.begin(labelOf(operation));
  if (op === "wait-for-completion" || op === "wait-for-completion-timeout") checkMaySleep(context, call.spelling);
  const done = load(operation, word);
  const forAll = binary("eq", done, constant(completedForAll));
  const less = select(forAll, done, binary("sub", done, one));
  switch (op) {
    case "complete":
      code.emit({ kind: "limit", unless: binary("ne", done, constant(completedForAll - 1)), limit: "width" });
      store(operation, word, select(forAll, done, binary("add", done, one)));
      return zero;
    case "complete-all":
      store(operation, word, constant(completedForAll));
      return zero;
    case "wait-for-completion":
      return withSignal(operation, { free: isNonZero(done), error: errorRestart }, () => {
        wait(operation, isNonZero(done), true);
        store(operation, word, less);
      });
    case "wait-for-completion-timeout": {
      // The time may be over at any point, so the step is always enabled: completed, or too late.
      const jiffies = argument(operation, 1);
      const left = code.keep(select(isNonZero(done), select(isZero(jiffies), one, jiffies), zero));
      const signal = signalArrives(operation, isZero(done));
      const interrupted = signal === null ? zero : code.keep(binary("and", signal, isZero(done)));
      noteInterrupted(operation, interrupted);
      if (!isBounded(jiffies)) wait(operation, binary("or", isNonZero(done), interrupted), true);
      store(operation, word, select(isNonZero(done), less, done));
      return select(interrupted, constant(errorRestart), left);
    }
    case "try-wait-for-completion":
      store(operation, word, select(isNonZero(done), less, zero));
      return isNonZero(done);
    case "reinit-completion":
      store(operation, word, zero);
      return zero;
    case "completion-done":
      return isNonZero(done);
  }
}

/** A bit with a wait queue and no owner: anybody may unlock it. */
export type FolioLockOp = "folio-lock" | "folio-trylock" | "folio-unlock" | "folio-test-locked" | "folio-wait-locked";

export function lowerFolioLock(operation: Operation, op: FolioLockOp): Expr {
  const { context, call } = operation;
  const { code } = context;
  const word: Word = { address: argument(operation, 0), shape: bitShape, tag: "folio-lock" };
  code.begin(labelOf(operation));
  if (op === "folio-lock" || op === "folio-wait-locked") checkMaySleep(context, call.spelling);
  const locked = load(operation, word);
  switch (op) {
    case "folio-lock":
      return withSignal(operation, { free: isZero(locked), error: errorInterrupted }, () => {
        wait(operation, isZero(locked), true);
        store(operation, word, one);
      });
    case "folio-trylock":
      store(operation, word, one);
      return isZero(locked);
    case "folio-unlock":
      code.check(isNonZero(locked), { class: "unlock-not-held", message: `${call.spelling}: the folio is not locked` });
      store(operation, word, zero);
      return zero;
    case "folio-wait-locked":
      wait(operation, isZero(locked), true);
      return zero;
    case "folio-test-locked":
      return isNonZero(locked);
  }
}
