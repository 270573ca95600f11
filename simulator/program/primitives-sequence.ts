/**
 * Sequence counters and locks. Even: no writer. A reader takes an even count (it waits for one, as await does), and goes
 * again when the count is another at the end. Each is one step; a seqlock's writer takes its spinlock in the same one.
 * Source: include/linux/seqlock.h (6.12).
 */
import { binary, constant, isNonZero, isZero, one, select, temp, zero } from "./expressions.ts";
import type { Expr, ScalarShape } from "./ir.ts";
import {
  argument,
  enterIrqForm,
  labelOf,
  leaveIrqForm,
  turnOff,
  turnOn,
  type Operation,
} from "./primitives-context.ts";
import { noteLockUse } from "./irq-uses.ts";
import { namedLockInTime } from "./primitives-timed.ts";
import { ownerShape, seqlockWords, sequenceShape, wordShape } from "./types.ts";

export type SequenceOp =
  | "seqcount-begin"
  | "seqcount-read"
  | "seqcount-raw-begin"
  | "seqcount-retry"
  | "seqcount-write-begin"
  | "seqcount-write-end"
  | "seqcount-invalidate"
  | "seqcount-latch"
  | "seqlock-lock"
  | "seqlock-unlock"
  | "seqlock-lock-excl"
  | "seqlock-unlock-excl"
  | "seqlock-begin-or-lock"
  | "seqlock-need-retry"
  | "seqlock-done-retry";

type Word = { readonly offset: number; readonly shape: ScalarShape };

const sequenceWord: Word = { offset: seqlockWords.sequence, shape: sequenceShape };

function ownerWord(operation: Operation): Word {
  return { offset: seqlockWords.owner, shape: ownerShape(operation.context.unit.widths) };
}

/** In timed code the spinlock of a seqlock is one by its own address. */
function timedOwner(operation: Operation): { readonly address: Expr; readonly tag: "seqcount" } {
  const { code } = operation.context;
  return { address: code.offset(argument(operation, 0), seqlockWords.owner), tag: "seqcount" };
}

function load(operation: Operation, word: Word): Expr {
  const { code } = operation.context;
  return code.loadSilently(code.offset(argument(operation, 0), word.offset), word.shape, "seqcount");
}

function store(operation: Operation, word: Word, value: Expr): void {
  const { code } = operation.context;
  const target = { shape: word.shape, tag: "seqcount" } as const;
  code.storeSilently(code.offset(argument(operation, 0), word.offset), value, target);
}

function isOdd(count: Expr): Expr {
  return binary("and", count, one);
}

/** Adds to the count; past the last one the run is inconclusive, since a reader might take a wrapped count for its own. */
function advance(operation: Operation, by: number): void {
  const { code } = operation.context;
  const next = code.keep(binary("add", load(operation, sequenceWord), constant(by)));
  const most = constant((1 << sequenceShape.bits) - 1);
  code.emit({ kind: "limit", unless: binary("le", next, most), limit: "width" });
  store(operation, sequenceWord, next);
}

export function lowerSequence(operation: Operation, op: SequenceOp): Expr {
  const { context } = operation;
  const { code } = context;
  if (op === "seqlock-begin-or-lock" || op === "seqlock-done-retry") return lowerEither(operation, op);
  code.begin(labelOf(operation));
  switch (op) {
    case "seqcount-begin":
      return beginRead(operation);
    case "seqcount-read":
      return load(operation, sequenceWord);
    case "seqcount-raw-begin":
      return binary("and", load(operation, sequenceWord), constant(~1));
    case "seqcount-retry":
      return binary("ne", load(operation, sequenceWord), argument(operation, 1));
    case "seqlock-need-retry": {
      const begun = argument(operation, 1);
      return binary("and", isZero(isOdd(begun)), binary("ne", load(operation, sequenceWord), begun));
    }
    case "seqcount-write-begin":
      advance(operation, 1);
      turnOff(context, "preemption");
      return zero;
    case "seqcount-write-end":
      checkOdd(operation);
      advance(operation, 1);
      turnOn(context, "preemption", operation.call.spelling);
      return zero;
    case "seqcount-invalidate":
      advance(operation, 2);
      return zero;
    case "seqcount-latch":
      advance(operation, 1);
      return zero;
    case "seqlock-lock":
    case "seqlock-lock-excl":
      take(operation, { writes: op === "seqlock-lock" });
      return zero;
    case "seqlock-unlock":
    case "seqlock-unlock-excl":
      release(operation, { writes: op === "seqlock-unlock" });
      return zero;
  }
}

/** An even count; the reader spins at an odd one. */
function beginRead(operation: Operation): Expr {
  const count = load(operation, sequenceWord);
  operation.context.code.guard(isZero(isOdd(count)), labelOf(operation), { sleeps: false });
  return count;
}

function checkOdd(operation: Operation): void {
  const message = `${operation.call.spelling}: no write section is open`;
  const odd = isNonZero(isOdd(load(operation, sequenceWord)));
  operation.context.code.check(odd, { class: "unlock-not-held", message });
}

function take(operation: Operation, { writes }: { readonly writes: boolean }): void {
  const { context, call } = operation;
  const { code } = context;
  if (context.unit.timed !== null) {
    namedLockInTime(operation, "spin-lock", timedOwner(operation));
    if (writes) advance(operation, 1);
    return;
  }
  const owner = load(operation, ownerWord(operation));
  const message = `${call.spelling}: this task holds the lock already`;
  code.check(binary("ne", owner, constant(context.self)), { class: "self-deadlock", message });
  code.guard(isZero(owner), labelOf(operation), { sleeps: false });
  store(operation, ownerWord(operation), constant(context.self));
  noteLockUse(operation, { tag: "seqcount", when: one, mode: "write", tries: false });
  enterIrqForm(operation);
  if (writes) advance(operation, 1);
}

function release(operation: Operation, { writes }: { readonly writes: boolean }): void {
  const { context, call } = operation;
  if (context.unit.timed !== null) {
    if (writes) {
      checkOdd(operation);
      advance(operation, 1);
    }
    namedLockInTime(operation, "spin-unlock", timedOwner(operation));
    return;
  }
  const owner = load(operation, ownerWord(operation));
  const message = `${call.spelling}: this task does not hold the lock`;
  context.code.check(binary("eq", owner, constant(context.self)), { class: "unlock-not-held", message });
  if (writes) {
    checkOdd(operation);
    advance(operation, 1);
  }
  store(operation, ownerWord(operation), zero);
  leaveIrqForm(operation);
}

/** read_seqbegin_or_lock(lock, &seq): by the count when seq is even, else by the lock; done_seqretry lets that go. */
function lowerEither(operation: Operation, op: "seqlock-begin-or-lock" | "seqlock-done-retry"): Expr {
  const { code } = operation.context;
  const [locked, counted, done] = [code.newLabel(), code.newLabel(), code.newLabel()];
  const begun = code.newTemp(wordShape);
  const pointer = argument(operation, 1);
  code.begin(labelOf(operation));
  const before = op === "seqlock-done-retry" ? pointer : code.loadSilently(pointer, wordShape, "data");
  code.assignTemp(begun, isOdd(before));
  code.branch(temp(begun), locked, counted);
  code.place(locked);
  if (op === "seqlock-done-retry") release(operation, { writes: false });
  else take(operation, { writes: false });
  code.jump(done);
  code.place(counted);
  if (op === "seqlock-begin-or-lock") {
    const count = code.keep(select(one, beginRead(operation), zero));
    code.storeSilently(pointer, count, { shape: wordShape, tag: "data" });
  }
  code.place(done);
  return zero;
}
