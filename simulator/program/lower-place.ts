/** Places: where a value is read from or written to, and the accesses themselves. */
import { modelSize } from "../lang/check/layout.ts";
import type { AccessMode, Expr as TreeExpr, LocalInitialiser, Place, Type } from "../lang/tree.ts";
import { assert, unreachable } from "../source/assert.ts";
import type { DataAccess } from "./assembler.ts";
import { addressOf, type Lowering, type RecordValue, type TaskContext } from "./context.ts";
import { binary, cell, constant, convert, zero } from "./expressions.ts";
import type { CellTag, Expr, ScalarShape } from "./ir.ts";
import { beginCountsInTime } from "./primitives-timed.ts";
import { cellsOf, isCopied, isScalar, scalarShape, wordShape } from "./types.ts";

/** A place with its address known or computed. */
export type PlaceRef = (
  | { readonly kind: "cells"; readonly cells: ReadonlyMap<number, number>; readonly offset: number }
  | {
      readonly kind: "memory";
      readonly address: Expr;
      /** It lies in a variable, so an access surely hits a live cell. */
      readonly safe: boolean;
    }
) & {
  /** Ghost variables are never a step and never race. */
  readonly ghost: boolean;
  /** `__data_racy`: never races. */
  readonly racy: boolean;
};

/** Computes an address; touches no cell but those of its sub-expressions. */
export function lowerPlace(lowering: Lowering, context: TaskContext, place: Place): PlaceRef {
  switch (place.kind) {
    case "variable": {
      const storage = context.storageOf(place.symbol);
      const marks = { ghost: place.symbol.ghost, racy: place.symbol.racy };
      if (storage.kind === "cells") return { kind: "cells", cells: storage.cells, offset: 0, ...marks };
      return { kind: "memory", address: addressOf(storage), safe: true, ...marks };
    }
    case "deref":
      return {
        kind: "memory",
        address: lowering.expression(context, place.pointer),
        safe: false,
        ghost: false,
        racy: false,
      };
    case "member": {
      const base = lowerPlace(lowering, context, place.base);
      const racy = base.racy || place.field.racy;
      if (base.kind === "cells") return { ...base, offset: base.offset + place.field.offset, racy };
      return { ...base, address: binary("add", base.address, constant(place.field.offset)), racy };
    }
    case "element":
      return lowerElement(lowering, context, place);
    case "literal": {
      initialiseLocal(lowering, context, { symbol: place.symbol, initialise: place.initialise });
      return lowerPlace(lowering, context, {
        kind: "variable",
        symbol: place.symbol,
        type: place.type,
        span: place.span,
      });
    }
  }
  return unreachable(place);
}

function lowerElement(lowering: Lowering, context: TaskContext, place: Extract<Place, { kind: "element" }>): PlaceRef {
  let base = lowerPlace(lowering, context, place.base);
  if (base.kind === "memory" && mayWrite(place.index))
    base = { ...base, address: context.code.keep(base.address, wordShape) };
  const index = place.index.kind === "me" ? ownIndex(context, place, base) : lowering.expression(context, place.index);
  assert(base.kind === "memory", "arrays lie in memory");
  const kept = context.code.hold(index, wordShape);
  context.code.span = place.span;
  context.code.check(binary("lt-u", kept, constant(place.length)), {
    class: "out-of-bounds",
    message: `index outside of an array of ${String(place.length)}`,
  });
  return { ...base, address: binary("add", base.address, binary("mul", kept, constant(place.stride))) };
}

/** `array[me]` of a global: noted as the task's own element. Of anything else `me` is an index like others. */
function ownIndex(context: TaskContext, place: Extract<Place, { kind: "element" }>, base: PlaceRef): Expr {
  const storage = place.base.kind === "variable" ? context.unit.globals.get(place.base.symbol.id) : undefined;
  if (storage?.kind !== "memory" || base.kind !== "memory" || base.address.kind !== "constant" || storage.object < 0) {
    context.usesMe = true;
    return context.ownNumber;
  }
  const from = base.address.value + context.me * place.stride;
  context.ownElements.set(storage.object, { from, to: from + place.stride });
  return context.ownNumber;
}

/** Whether evaluating an expression can change a cell that an operand before it reads. */
export function mayWrite(expr: TreeExpr): boolean {
  switch (expr.kind) {
    case "constant":
    case "function":
    case "me":
    case "bound":
      return false;
    case "load":
    case "address":
      return placeMayWrite(expr.place);
    case "unary":
    case "convert":
    case "atomic":
      return mayWrite(expr.operand);
    case "binary":
    case "compare":
    case "logical":
    case "pointer-difference":
      return mayWrite(expr.left) || mayWrite(expr.right);
    case "pointer-add":
      return mayWrite(expr.pointer) || mayWrite(expr.index);
    case "conditional":
      return mayWrite(expr.condition) || mayWrite(expr.then) || mayWrite(expr.else);
    case "choose":
      return mayWrite(expr.lo) || mayWrite(expr.hi);
    case "comma":
      return expr.items.some(mayWrite);
    case "let":
      return mayWrite(expr.value) || mayWrite(expr.body);
    case "assign":
    case "update":
    case "call":
    case "primitive":
    case "statements":
      return true;
  }
  return unreachable(expr);
}

function placeMayWrite(place: Place): boolean {
  switch (place.kind) {
    case "variable":
      return false;
    case "deref":
      return mayWrite(place.pointer);
    case "member":
      return placeMayWrite(place.base);
    case "element":
      return placeMayWrite(place.base) || mayWrite(place.index);
    case "literal":
      return true;
  }
  return unreachable(place);
}

/** Whether an access to a place is a step of its own, and whether it can race. */
function accessOf(reference: Extract<PlaceRef, { kind: "memory" }>, access: AccessMode): DataAccess {
  // An assert or note reads shared cells by steps like any statement; only ghost variables are free there.
  const plain = access === "plain" && !reference.racy && !reference.ghost;
  return { step: !reference.ghost, plain, safe: reference.safe };
}

/** A place whose address is a value that later effects cannot change. */
export function settle(context: TaskContext, reference: PlaceRef): PlaceRef {
  if (reference.kind === "cells") return reference;
  return { ...reference, address: context.code.keep(reference.address, wordShape) };
}

export function loadScalar(
  context: TaskContext,
  reference: PlaceRef,
  options: { readonly type: Type; readonly access: AccessMode },
): Expr {
  return loadCell(context, reference, { shape: scalarShape(options.type), access: options.access });
}

function loadCell(
  context: TaskContext,
  reference: PlaceRef,
  options: { readonly shape: ScalarShape; readonly access: AccessMode; readonly tag?: CellTag },
): Expr {
  if (reference.kind === "cells") {
    const id = reference.cells.get(reference.offset);
    assert(id !== undefined, "a member has a cell");
    context.code.emit({ kind: "use", cell: id });
    return cell(id);
  }
  touchInTime(context, reference, options.access);
  const { tag = "data" } = options;
  if (tag !== "data") context.unit.seen.countCopies = true;
  return context.code.loadData(reference.address, options.shape, { ...accessOf(reference, options.access), tag });
}

/** Timed code: a marked access to memory costs time. */
function touchInTime(context: TaskContext, reference: Extract<PlaceRef, { kind: "memory" }>, access: AccessMode): void {
  if (context.unit.timed === null || context.code.mode === "silent" || reference.ghost) return;
  if (access === "plain" || access === "racy" || access === "ghost") return;
  context.code.emit({ kind: "touch", address: reference.address });
}

type StoreOptions = {
  readonly shape: ScalarShape;
  readonly access: AccessMode;
  readonly value: Expr;
  readonly tag?: CellTag;
};

export function storeCell(context: TaskContext, reference: PlaceRef, options: StoreOptions): void {
  if (reference.kind === "cells") {
    const id = reference.cells.get(reference.offset);
    assert(id !== undefined, "a member has a cell");
    context.code.assignCell(id, options.value);
    return;
  }
  touchInTime(context, reference, options.access);
  const { shape, tag = "data" } = options;
  context.code.storeData(reference.address, options.value, { shape, tag, ...accessOf(reference, options.access) });
}

function at(reference: PlaceRef, offset: number): PlaceRef {
  if (reference.kind === "cells") return { ...reference, offset: reference.offset + offset };
  return { ...reference, address: binary("add", reference.address, constant(offset)) };
}

/** Reads a whole object, one access a cell, in order of offset, counts as well. Words of locks are not values. */
export function loadRecord(
  context: TaskContext,
  reference: PlaceRef,
  options: { readonly type: Type; readonly access: AccessMode },
): RecordValue {
  const settled = settle(context, reference);
  return cellsOf(options.type, context.unit.widths)
    .filter(isCopied)
    .map(({ offset, shape, tag }) => {
      const value = loadCell(context, at(settled, offset), { shape, tag, access: options.access });
      return { offset, shape, tag, value: context.code.keep(value, shape) };
    });
}

/** Writes a whole object cell by cell. */
export function storeRecord(
  context: TaskContext,
  reference: PlaceRef,
  options: { readonly value: RecordValue; readonly access: AccessMode },
): void {
  const settled = settle(context, reference);
  for (const entry of options.value) {
    const { shape, tag, value } = entry;
    storeCell(context, at(settled, entry.offset), { shape, tag, value, access: options.access });
  }
}

/** A value of any type, cell by cell: a scalar is one at offset 0. */
export function lowerValue(lowering: Lowering, context: TaskContext, expr: TreeExpr): RecordValue {
  if (!isScalar(expr.type)) return lowering.record(context, expr);
  const shape = scalarShape(expr.type);
  return [{ offset: 0, shape, tag: "data", value: lowering.expression(context, expr) }];
}

type LocalInitialisation = {
  readonly symbol: Extract<Place, { kind: "variable" }>["symbol"];
  readonly initialise: LocalInitialiser | null;
};

/** A declaration: brings the object to life, then writes its first values. */
export function initialiseLocal(lowering: Lowering, context: TaskContext, options: LocalInitialisation): void {
  const storage = context.storageOf(options.symbol);
  if (storage.kind === "memory" && options.symbol.storage !== "static") {
    context.code.emit({ kind: "enter-scope", object: storage.object });
    beginCountsInTime({ context }, { type: options.symbol.type, address: addressOf(storage) });
  }
  const initialiser = options.initialise;
  if (initialiser === null) {
    if (storage.kind === "cells")
      for (const id of storage.cells.values()) context.code.emit({ kind: "forget", cell: id });
    return;
  }
  const reference: PlaceRef =
    storage.kind === "cells"
      ? { kind: "cells", cells: storage.cells, offset: 0, ghost: options.symbol.ghost, racy: false }
      : { kind: "memory", address: addressOf(storage), safe: true, ghost: options.symbol.ghost, racy: false };
  if (initialiser.zeroFill) fillWithZero(context, reference, options.symbol.type);
  else if (storage.kind === "cells" && initialiser.stores.length === 0)
    fillWithZero(context, reference, options.symbol.type);
  for (const store of initialiser.stores) {
    const target = lowerPlace(lowering, context, store.place);
    const settled = mayWrite(store.value) ? settle(context, target) : target;
    const { type } = store.place;
    if (type.kind === "object") {
      startObject(context, settled, { type, value: lowering.expression(context, store.value) });
      continue;
    }
    storeRecord(context, settled, { value: lowerValue(lowering, context, store.value), access: "plain" });
  }
}

/** The first word of a lock or count is no data of the program: a semaphore's count, whether an entry stays on its queue. */
function startObject(
  context: TaskContext,
  target: PlaceRef,
  start: { readonly type: Type; readonly value: Expr },
): void {
  const [word] = cellsOf(start.type, context.unit.widths);
  assert(word !== undefined, "an object has a word");
  assert(target.kind === "memory", "an object stands in memory");
  context.code.storeSilently(target.address, start.value, { shape: word.shape, tag: word.tag });
}

/** Zeroes an object: its data cells, one access each, and the words of locks and atomics, which then are ready. */
export function fillWithZero(context: TaskContext, reference: PlaceRef, type: Type): void {
  fillWithByte(context, reference, { type, byte: 0 });
}

/** Sets each byte of an object. Words of locks and atomics are set with the first of them; only 0 suits them. */
export function fillWithByte(
  context: TaskContext,
  reference: PlaceRef,
  fill: { readonly type: Type; readonly byte: number },
): void {
  assert(modelSize(fill.type) > 0, "an object has a size");
  const value = constant(Math.imul(fill.byte & 0xff, 0x01010101));
  for (const entry of cellsOf(fill.type, context.unit.widths)) {
    const target = at(reference, entry.offset);
    if (entry.tag === "data" || target.kind === "cells") {
      storeCell(context, target, { shape: entry.shape, access: "plain", value: convert(value, entry.shape) });
      continue;
    }
    assert(fill.byte === 0, "the front end lets memset only clear a lock");
    context.code.storeSilently(target.address, zero, { shape: entry.shape, tag: entry.tag });
  }
}
