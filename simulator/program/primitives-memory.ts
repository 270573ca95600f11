/** Allocation, initialisation of locks, checks of the user's (BUG_ON, lockdep). */
import { gfpDirectReclaim, gfpZero } from "../lang/primitives/builtin-constants.ts";
import { firstObject } from "../lang/check/layout.ts";
import type { ObjectKind, Type } from "../lang/tree.ts";
import { assert, unreachable } from "../source/assert.ts";
import { callbacksOf } from "./callbacks.ts";
import { binary, constant, isNonZero, isZero, temp, zero } from "./expressions.ts";
import type { Expr } from "./ir.ts";
import { argument, checkMaySleep, labelOf, pickBit, type Operation } from "./primitives-context.ts";
import { fillWithByte } from "./lower-place.ts";
import { beginCountsInTime } from "./primitives-timed.ts";
import { ask } from "./requests.ts";
import {
  bitShape,
  cellsOf,
  isHeldWord,
  lockWords,
  ownerShape,
  pairShape,
  readerMaskShape,
  seqlockWords,
  tagOf,
  wordShape,
} from "./types.ts";

/** kmalloc: an object of a known type; never fails unless `//| oom: on`. */
export function lowerKmalloc(operation: Operation): Expr {
  const { context, call } = operation;
  const { code, unit } = context;
  const count = argument(operation, 0);
  const type = call.attributes.object;
  if (type === null || count.kind !== "constant" || count.value < 1 || count.value > 1024) {
    unit.report({
      code: "SCN201",
      span: call.span,
      message: `${call.spelling} of a size that is not a constant number of objects (1 to 1024) is not supported`,
    });
    return zero;
  }
  code.begin(labelOf(operation, null));
  checkAllocationContext(operation);
  const id = code.newTemp(wordShape);
  const pool = unit.kmallocPool(type, count.value);
  if (unit.options.oom !== true) {
    allocate(operation, pool, id);
    return temp(id);
  }
  const fails = code.newLabel();
  const works = code.newLabel();
  const done = code.newLabel();
  code.branch(pickBit(context), fails, works);
  code.place(fails);
  code.assignTemp(id, zero);
  code.jump(done);
  code.place(works);
  allocate(operation, pool, id);
  code.place(done);
  return temp(id);
}

/** An allocation may sleep when its flags allow direct reclaim: GFP_KERNEL does, GFP_ATOMIC and GFP_NOWAIT do not. */
function checkAllocationContext(operation: Operation): void {
  const reclaims = isNonZero(binary("and", argument(operation, 1), constant(gfpDirectReclaim)));
  checkMaySleep(operation.context, operation.call.spelling, reclaims);
}

/** Cells are cleared by kzalloc, or when the flags, which may be known at run time only, have __GFP_ZERO. */
function allocate(operation: Operation, pool: number, id: number): void {
  const { code } = operation.context;
  const clears = isNonZero(binary("and", argument(operation, 1), constant(gfpZero)));
  if (operation.call.attributes.zeroed || clears.kind === "constant") {
    const zeroed = operation.call.attributes.zeroed || (clears.kind === "constant" && clears.value !== 0);
    code.emit({ kind: "allocate", temp: id, pool, zeroed });
    return;
  }
  const cleared = code.newLabel();
  const asIs = code.newLabel();
  const done = code.newLabel();
  code.branch(clears, cleared, asIs);
  code.place(cleared);
  code.emit({ kind: "allocate", temp: id, pool, zeroed: true });
  code.jump(done);
  code.place(asIs);
  code.emit({ kind: "allocate", temp: id, pool, zeroed: false });
  code.place(done);
}

export function lowerKfree(operation: Operation): Expr {
  const { code } = operation.context;
  code.begin(labelOf(operation));
  code.emit({ kind: "free", address: argument(operation, 0), pool: -1, name: operation.call.spelling });
  callbacksOf(operation.context.unit).checkHeads(operation.context);
  return zero;
}

/** kmem_cache_alloc and _free: the cache is a value, so one branch for each cache that there is. */
export type CacheOp = "cache-alloc" | "cache-free";

export function lowerCache(operation: Operation, op: CacheOp): Expr {
  const { context, call } = operation;
  const { code, unit } = context;
  const cache = argument(operation, 0);
  const result = code.newTemp(wordShape);
  const done = code.newLabel();
  code.begin(labelOf(operation, op === "cache-free" ? argument(operation, 1) : cache));
  code.check(isNonZero(cache), { class: "null-deref", message: `${call.spelling} on a cache that is NULL` });
  if (op === "cache-alloc") checkAllocationContext(operation);
  // Unlike kfree(), it looks at the object's slab without asking (mm/slub.c).
  else code.check(isNonZero(argument(operation, 1)), { class: "null-deref", message: `${call.spelling} of NULL` });
  for (const known of unit.cachePools.values()) {
    const hit = code.newLabel();
    const next = code.newLabel();
    code.branch(binary("eq", cache, constant(known.address)), hit, next);
    code.place(hit);
    if (op === "cache-alloc") allocate(operation, known.pool, result);
    else code.emit({ kind: "free", address: argument(operation, 1), pool: known.pool, name: call.spelling });
    code.jump(done);
    code.place(next);
  }
  code.check(zero, { class: "wild-pointer", message: `${call.spelling} on something that is no cache` });
  code.place(done);
  if (op === "cache-free") callbacksOf(unit).checkHeads(context);
  return op === "cache-alloc" ? temp(result) : zero;
}

/** memset of a whole object to 0: one access a cell, as a struct copy. */
export function lowerMemset(operation: Operation): Expr {
  const type = operation.call.attributes.object;
  if (type === null) return zero;
  const address = argument(operation, 0);
  const byte = argument(operation, 1);
  assert(byte.kind === "constant", "the front end lets memset set a constant only");
  // One step for the words of locks, which have no accesses of their own; the data cells are a step each.
  if (firstObject(type) !== null) operation.context.code.begin(labelOf(operation, null));
  checkNotHeld(operation, { type, address });
  const reference = { kind: "memory", address, safe: false, ghost: false, racy: false } as const;
  fillWithByte(operation.context, reference, { type, byte: byte.value });
  return address;
}

/** spin_lock_init and kin: all-zero words; a semaphore gets its count. */
export function lowerObjectInit(operation: Operation): Expr {
  const { context, call } = operation;
  const kind = pointedObject(call.args[0]?.type ?? null);
  context.code.begin(labelOf(operation));
  if (kind === null) return zero;
  const address = argument(operation, 0);
  const type: Type = { kind: "object", object: kind };
  const cells = cellsOf(type, context.unit.widths);
  beginCountsInTime(operation, { type, address });
  if (kind === "semaphore" && context.unit.timed !== null) {
    const args = [address, argument(operation, 1)];
    ask(context, { kind: "semaphore-init", spelling: call.spelling, args, span: call.span });
  }
  checkNotHeld(operation, { type, address });
  for (const cell of cells) {
    const value = kind === "semaphore" ? argument(operation, 1) : zero;
    context.code.storeSilently(context.code.offset(address, cell.offset), value, { shape: cell.shape, tag: cell.tag });
  }
  return zero;
}

/** Making a lock new while somebody holds it or waits for it: as lockdep's "held lock freed". */
function checkNotHeld(operation: Operation, object: { readonly type: Type; readonly address: Expr }): void {
  const { context, call } = operation;
  const { code } = context;
  for (const word of cellsOf(object.type, context.unit.widths)) {
    if (!isHeldWord(word)) continue;
    const value = code.loadSilently(code.offset(object.address, word.offset), word.shape, word.tag);
    const message = `${call.spelling} makes a lock new that is held`;
    code.check(isZero(value), { class: "lock-freed", message });
  }
}

function pointedObject(type: Type | null): ObjectKind | null {
  return type?.kind === "pointer" && type.to.kind === "object" ? type.to.object : null;
}

/** BUG_ON and WARN_ON: a check where it stands; with `//| warn: note` a WARN_ON is a note. */
export type ConditionOp = "bug-on" | "warn-on";

export function lowerCondition(operation: Operation, op: ConditionOp): Expr {
  const { context, call } = operation;
  const { code, unit } = context;
  const hit = code.keep(isNonZero(argument(operation, 0)));
  const text = call.attributes.text === "" ? call.spelling : `${call.spelling}(${call.attributes.text})`;
  if (op === "warn-on" && unit.options.warn === "note") {
    unit.notes.push({ text, span: call.span });
    code.emit({ kind: "note", note: unit.notes.length - 1, condition: hit });
    return hit;
  }
  code.check(isZero(hit), { class: op === "bug-on" ? "bug-on" : "warn-on", message: text });
  return hit;
}

/** lockdep_assert_held and kin; costs no step. */
export function lowerHeldAssertion(operation: Operation): Expr {
  const { context, call } = operation;
  if (context.task < 0) return zero;
  const kind = pointedObject(call.args[0]?.type ?? null);
  const held = kind === null ? null : holds(operation, kind);
  if (held === null) return zero;
  const wanted = call.attributes.held;
  const { read, write } = held;
  const any = binary("or", read, write);
  const condition = wanted === "read" ? read : wanted === "write" ? write : wanted === "none" ? isZero(any) : any;
  const message = `${call.spelling}(${call.attributes.text}) does not hold here`;
  context.code.check(condition, { class: "lock-assert", message });
  return zero;
}

/** lockdep_is_held and kin as a value; costs no step. */
export function lowerIsHeld(operation: Operation): Expr {
  const held = heldHere(operation);
  if (held === null) return zero;
  return operation.call.attributes.held === "write" ? held.write : binary("or", held.read, held.write);
}

/** might_lock: says that a lock is taken further down. Violation self-deadlock if this task holds it; costs no step. */
export function lowerMightLock(operation: Operation): Expr {
  const { context, call } = operation;
  const held = heldHere(operation);
  if (held === null) return zero;
  const any = call.attributes.held === "read" ? held.write : binary("or", held.read, held.write);
  const message = `${call.spelling}: this task holds the lock already`;
  context.code.check(isZero(any), { class: "self-deadlock", message });
  return zero;
}

function heldHere(operation: Operation): ReturnType<typeof holds> {
  if (operation.context.task < 0) return null;
  const kind = pointedObject(operation.call.args[0]?.type ?? null);
  return kind === null ? null : holds(operation, kind);
}

function holds(operation: Operation, kind: ObjectKind): { readonly read: Expr; readonly write: Expr } | null {
  const { context } = operation;
  const { code, unit, self } = context;
  const address = argument(operation, 0);
  const tag = tagOf(kind);
  switch (kind) {
    case "spinlock":
    case "raw-spinlock":
    case "mutex": {
      const write = binary("eq", code.loadSilently(address, ownerShape(unit.widths), tag), constant(self));
      return { read: zero, write };
    }
    case "rwlock": {
      const write = binary("eq", code.loadSilently(address, ownerShape(unit.widths), tag), constant(self));
      const mask = code.loadSilently(code.offset(address, lockWords.readers), readerMaskShape(unit.widths), tag);
      return { read: isNonZero(binary("and", mask, constant(1 << (self - 1)))), write };
    }
    case "rwsem": {
      const write = binary("eq", code.loadSilently(address, ownerShape(unit.widths), tag), constant(self));
      const pairs = code.loadSilently(code.offset(address, lockWords.readers), pairShape(unit.widths), tag);
      return { read: isNonZero(binary("and", pairs, constant(3 << (2 * (self - 1))))), write };
    }
    case "folio-lock":
      return { read: zero, write: isNonZero(code.loadSilently(address, bitShape, tag)) };
    case "seqlock": {
      const owner = code.loadSilently(code.offset(address, seqlockWords.owner), ownerShape(unit.widths), tag);
      return { read: zero, write: binary("eq", owner, constant(self)) };
    }
    // Anybody may let a semaphore go: nobody can be said to hold it.
    case "semaphore":
    case "completion":
    case "atomic":
    case "atomic-long":
    case "atomic64":
    case "refcount":
    case "rcu-head":
    case "wait-queue":
    case "wait-entry":
    case "seqcount":
    case "srcu":
    case "local-lock":
    case "task":
    case "kmem-cache":
    case "lock-class-key":
      return null;
  }
  return unreachable(kind);
}
