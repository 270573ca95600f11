/** atomic_t, refcount_t, bit operations, xchg and cmpxchg: one step each. */
import type { PrimitiveCall } from "../lang/tree.ts";
import { binary, constant, isNonZero, isZero, one, select, zero } from "./expressions.ts";
import type { CellTag, Expr, ScalarShape } from "./ir.ts";
import { argument, labelOf, storeThrough, type Operation } from "./primitives-context.ts";
import { scalarShape, wordShape } from "./types.ts";

type Target = { readonly address: Expr; readonly shape: ScalarShape; readonly tag: CellTag };

function load(operation: Operation, target: Target): Expr {
  return operation.context.code.loadSilently(target.address, target.shape, target.tag);
}

function store(operation: Operation, target: Target, value: Expr): void {
  operation.context.code.storeSilently(target.address, value, { shape: target.shape, tag: target.tag });
}

/** An operation on a count is a marked access: a race with who copies the struct around it, where somebody does. */
function beginOn(operation: Operation, target: Target, mode: "read" | "write"): void {
  const { code, unit } = operation.context;
  const touch = unit.deferred.copiesCounts ? { address: target.address, write: mode === "write" } : null;
  code.begin(labelOf(operation), { touch });
}

function keep(operation: Operation, value: Expr): Expr {
  return operation.context.code.keep(value, wordShape);
}

/** What a read-modify-write yields. */
function yielded(call: PrimitiveCall, values: { readonly old: Expr; readonly now: Expr }): Expr {
  switch (call.attributes.result) {
    case "none":
      return zero;
    case "old":
      return values.old;
    case "new":
      return values.now;
    case "is-zero":
      return isZero(values.now);
    case "is-negative":
      return binary("lt", values.now, zero);
  }
}

export type AtomicOp =
  | "atomic-read"
  | "atomic-set"
  | "atomic-add"
  | "atomic-sub"
  | "atomic-and"
  | "atomic-or"
  | "atomic-xor"
  | "atomic-andnot"
  | "atomic-xchg"
  | "atomic-cmpxchg"
  | "atomic-try-cmpxchg"
  | "atomic-add-unless"
  | "atomic-inc-unless-negative"
  | "atomic-dec-unless-positive"
  | "atomic-dec-if-positive";

export function lowerAtomic(operation: Operation, op: AtomicOp): Expr {
  const { call } = operation;
  const target: Target = { address: argument(operation, 0), shape: wordShape, tag: "atomic" };
  beginOn(operation, target, op === "atomic-read" ? "read" : "write");
  if (op === "atomic-set") {
    store(operation, target, argument(operation, 1));
    return zero;
  }
  const old = load(operation, target);
  const value = argument(operation, 1);
  switch (op) {
    case "atomic-add":
      return replace(operation, { target, old, now: binary("add", old, value) });
    case "atomic-sub":
      return replace(operation, { target, old, now: binary("sub", old, value) });
    case "atomic-and":
      return replace(operation, { target, old, now: binary("and", old, value) });
    case "atomic-or":
      return replace(operation, { target, old, now: binary("or", old, value) });
    case "atomic-xor":
      return replace(operation, { target, old, now: binary("xor", old, value) });
    case "atomic-andnot":
      return replace(operation, { target, old, now: binary("and", old, binary("xor", value, constant(-1))) });
    case "atomic-xchg":
      store(operation, target, value);
      return old;
    case "atomic-cmpxchg":
    case "atomic-try-cmpxchg":
      return compareAndExchange(operation, target, old);
    case "atomic-add-unless": {
      const adds = keep(operation, binary("ne", old, argument(operation, 2)));
      store(operation, target, select(adds, binary("add", old, value), old));
      return call.attributes.result === "old" ? old : adds;
    }
    case "atomic-inc-unless-negative":
      return conditional(operation, { target, old, when: binary("le", zero, old), by: 1 });
    case "atomic-dec-unless-positive":
      return conditional(operation, { target, old, when: binary("le", old, zero), by: -1 });
    case "atomic-dec-if-positive":
      conditional(operation, { target, old, when: binary("lt", zero, old), by: -1 });
      return binary("sub", old, one);
    case "atomic-read":
      return old;
  }
}

function replace(
  operation: Operation,
  change: { readonly target: Target; readonly old: Expr; readonly now: Expr },
): Expr {
  const now = keep(operation, change.now);
  store(operation, change.target, now);
  return yielded(operation.call, { old: change.old, now });
}

type ConditionalChange = { readonly target: Target; readonly old: Expr; readonly when: Expr; readonly by: number };

function conditional(operation: Operation, change: ConditionalChange): Expr {
  const when = keep(operation, change.when);
  store(operation, change.target, select(when, binary("add", change.old, constant(change.by)), change.old));
  return when;
}

/** args: address, old (try: address of old), new. */
function compareAndExchange(operation: Operation, target: Target, found: Expr): Expr {
  const { call, context } = operation;
  const tries = call.op === "try-cmpxchg" || call.op === "atomic-try-cmpxchg";
  const expected = tries
    ? context.code.loadSilently(argument(operation, 1), target.shape, "data")
    : argument(operation, 1);
  const same = keep(operation, binary("eq", found, expected));
  store(operation, target, select(same, argument(operation, 2), found));
  if (!tries) return found;
  storeThrough(operation, 1, { value: select(same, expected, found), shape: target.shape });
  return same;
}

/** xchg and kin on a plain scalar: a marked access to a cell that others may access otherwise. */
export type ExchangeOp = "xchg" | "cmpxchg" | "try-cmpxchg";

export function lowerExchange(operation: Operation, op: ExchangeOp): Expr {
  const { context, call } = operation;
  const type = call.args[0]?.type;
  const shape = type?.kind === "pointer" ? scalarShape(type.to) : wordShape;
  const target: Target = { address: argument(operation, 0), shape, tag: "data" };
  context.code.begin(labelOf(operation), { touch: { address: target.address, write: true } });
  const old = load(operation, target);
  if (op !== "xchg") return compareAndExchange(operation, target, old);
  store(operation, target, argument(operation, 1));
  return old;
}

/** Bits of an array of words: args are the bit number and the address of word 0. */
export type BitOp =
  | "bit-test"
  | "bit-set"
  | "bit-clear"
  | "bit-change"
  | "bit-test-and-set"
  | "bit-test-and-clear"
  | "bit-test-and-change";

export function lowerBits(operation: Operation, op: BitOp): Expr {
  const { context } = operation;
  const number = argument(operation, 0);
  const address = context.code.keep(
    binary("add", argument(operation, 1), binary("shl", binary("shr", number, constant(5)), constant(2))),
  );
  const mask = context.code.keep(binary("shl", one, binary("and", number, constant(31))));
  const target: Target = { address, shape: wordShape, tag: "data" };
  context.code.begin(labelOf(operation, address), { touch: { address, write: op !== "bit-test" } });
  const old = load(operation, target);
  switch (op) {
    case "bit-set":
    case "bit-test-and-set":
      store(operation, target, binary("or", old, mask));
      break;
    case "bit-clear":
    case "bit-test-and-clear":
      store(operation, target, binary("and", old, binary("xor", mask, constant(-1))));
      break;
    case "bit-change":
    case "bit-test-and-change":
      store(operation, target, binary("xor", old, mask));
      break;
    case "bit-test":
      break;
  }
  return isNonZero(binary("and", old, mask));
}

/** refcount_t: use after zero, overflow and underflow are class refcount, as the kernel warns (lib/refcount.c). */
export type RefcountOp =
  | "refcount-read"
  | "refcount-set"
  | "refcount-add"
  | "refcount-add-not-zero"
  | "refcount-sub-and-test"
  | "refcount-dec"
  | "refcount-dec-not-one"
  | "refcount-dec-if-one";

export function lowerRefcount(operation: Operation, op: RefcountOp): Expr {
  const target: Target = { address: argument(operation, 0), shape: wordShape, tag: "refcount" };
  beginOn(operation, target, op === "refcount-read" ? "read" : "write");
  if (op === "refcount-set") {
    store(operation, target, argument(operation, 1));
    return zero;
  }
  const old = load(operation, target);
  const by = argument(operation, 1);
  switch (op) {
    case "refcount-add":
      checkRefcount(operation, isNonZero(old), "the count is 0: the object may be gone");
      addChecked(operation, { target, old, by, when: one });
      return zero;
    case "refcount-add-not-zero": {
      const adds = keep(operation, isNonZero(old));
      addChecked(operation, { target, old, by, when: adds });
      return adds;
    }
    case "refcount-sub-and-test": {
      checkRefcount(operation, binary("le", by, old), "the count falls below 0");
      const now = keep(operation, binary("sub", old, by));
      store(operation, target, now);
      return isZero(now);
    }
    case "refcount-dec":
      checkRefcount(operation, binary("lt", one, old), "refcount_dec reaches 0, so nobody frees the object");
      store(operation, target, binary("sub", old, one));
      return zero;
    case "refcount-dec-not-one": {
      checkRefcount(operation, binary("lt", zero, old), "the count falls below 0");
      return conditional(operation, { target, old, when: binary("ne", old, one), by: -1 });
    }
    case "refcount-dec-if-one":
      return conditional(operation, { target, old, when: binary("eq", old, one), by: -1 });
    case "refcount-read":
      return old;
  }
}

type CheckedAddition = { readonly target: Target; readonly old: Expr; readonly by: Expr; readonly when: Expr };

function addChecked(operation: Operation, addition: CheckedAddition): void {
  const sum = keep(operation, binary("add", addition.old, addition.by));
  const grows = binary("and", binary("lt", zero, sum), binary("le", addition.old, sum));
  checkRefcount(operation, binary("or", isZero(addition.when), grows), "the count overflows and saturates");
  store(operation, addition.target, select(addition.when, sum, addition.old));
}

function checkRefcount(operation: Operation, holds: Expr, message: string): void {
  operation.context.code.check(holds, { class: "refcount", message: `${operation.call.spelling}: ${message}` });
}
