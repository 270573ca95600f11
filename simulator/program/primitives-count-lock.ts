/**
 * Counts whose last decrement happens under a lock: down without it as long as others remain, else under it, and the
 * lock is kept when the count became 0. The steps are those of the kernel's functions.
 * Source: lib/refcount.c and lib/dec_and_lock.c (6.12).
 */
import { neutralAttributes } from "../lang/primitives/primitives.ts";
import type { PrimitiveAttributes, PrimitiveOp } from "../lang/tree.ts";
import { cell, constant, one, temp, zero } from "./expressions.ts";
import type { Expr } from "./ir.ts";
import { lowerAtomic, lowerRefcount } from "./primitives-atomic.ts";
import { argument, type Operation } from "./primitives-context.ts";
import { lowerMutex, lowerSpinlock } from "./primitives-lock.ts";
import { bitShape } from "./types.ts";

export type CountLockOp = "refcount-dec-and-mutex-lock" | "refcount-dec-and-lock" | "atomic-dec-and-lock";

type Part = {
  readonly op: PrimitiveOp;
  readonly spelling: string;
  readonly args: readonly Expr[];
  readonly attributes?: Partial<PrimitiveAttributes>;
};

/** The operation of a part: traces name what it does, not the whole. */
function partOf(operation: Operation, part: Part): Operation {
  const attributes = { ...neutralAttributes, ...part.attributes };
  const { context, lowering, call } = operation;
  // Its first argument is where the written flags stand, so that irqsave finds them.
  const written = part.op === "spin-lock" ? call.args.slice(1) : call.args;
  const made = { ...call, op: part.op, spelling: part.spelling, attributes, args: written };
  return { context, lowering, call: made, args: part.args };
}

/** Yields 1 with the lock held when the count became 0. args: count, lock[, address of flags]. */
export function lowerCountLock(operation: Operation, op: CountLockOp): Expr {
  const { context } = operation;
  const { code } = context;
  const result = code.newTemp(bitShape);
  const [last, taken, given, done] = [code.newLabel(), code.newLabel(), code.newLabel(), code.newLabel()];
  code.assignTemp(result, zero);
  code.branch(decreaseUnlessLast(operation, op), done, last);
  code.place(last);
  const interrupts = context.task < 0 ? zero : code.keep(cell(context.irqCell), bitShape);
  lock(operation, { op, takes: true, interrupts });
  code.branch(decreaseToZero(operation, op), taken, given);
  code.place(given);
  lock(operation, { op, takes: false, interrupts });
  code.jump(done);
  code.place(taken);
  code.assignTemp(result, one);
  code.place(done);
  return temp(result);
}

function decreaseUnlessLast(operation: Operation, op: CountLockOp): Expr {
  const count = argument(operation, 0);
  const { code } = operation.context;
  if (op === "atomic-dec-and-lock") {
    const args = [count, constant(-1), one];
    const part = partOf(operation, { op: "atomic-add-unless", spelling: "atomic_add_unless", args });
    return code.keep(lowerAtomic(part, "atomic-add-unless"));
  }
  const part = partOf(operation, { op: "refcount-dec-not-one", spelling: "refcount_dec_not_one", args: [count] });
  return code.keep(lowerRefcount(part, "refcount-dec-not-one"));
}

function decreaseToZero(operation: Operation, op: CountLockOp): Expr {
  const args = [argument(operation, 0), one];
  const { code } = operation.context;
  if (op === "atomic-dec-and-lock") {
    const attributes = { result: "is-zero" } as const;
    const part = partOf(operation, { op: "atomic-sub", spelling: "atomic_dec_and_test", args, attributes });
    return code.keep(lowerAtomic(part, "atomic-sub"));
  }
  const part = partOf(operation, { op: "refcount-sub-and-test", spelling: "refcount_dec_and_test", args });
  return code.keep(lowerRefcount(part, "refcount-sub-and-test"));
}

type Locking = { readonly op: CountLockOp; readonly takes: boolean; readonly interrupts: Expr };

/** Takes the lock, or lets it go again with interrupts as they were. */
function lock(operation: Operation, how: Locking): void {
  const address = argument(operation, 1);
  const { irq } = operation.call.attributes;
  if (how.op === "refcount-dec-and-mutex-lock") {
    const op = how.takes ? "mutex-lock" : "mutex-unlock";
    lowerMutex(partOf(operation, { op, spelling: how.takes ? "mutex_lock" : "mutex_unlock", args: [address] }), op);
    return;
  }
  const op = how.takes ? "spin-lock" : "spin-unlock";
  const suffix = irq === "irqsave" ? (how.takes ? "_irqsave" : "_irqrestore") : "";
  const spelling = `${how.takes ? "spin_lock" : "spin_unlock"}${suffix}`;
  const args = [address, how.takes ? argument(operation, 2) : how.interrupts];
  lowerSpinlock(partOf(operation, { op, spelling, args, attributes: { irq } }), op);
}
