/** Expressions of the typed tree as nodes and IR expressions, evaluated left to right. */
import type { AccessMode, ArithmeticOp, Expr as TreeExpr, Type } from "../lang/tree.ts";
import { assert, unreachable } from "../source/assert.ts";
import type { CodeLabel } from "./assembler.ts";
import type { Lowering, RecordValue, TaskContext } from "./context.ts";
import { binary, constant, convert, isNonZero, isZero, one, temp, unary, zero } from "./expressions.ts";
import { functionBase, type BinaryOp, type Expr, type ScalarShape } from "./ir.ts";
import { dropValue } from "./lower-call.ts";
import {
  loadRecord,
  loadScalar,
  lowerPlace,
  lowerValue,
  mayWrite,
  settle,
  storeCell,
  storeRecord,
} from "./lower-place.ts";
import { cellsOf, isCopied, isScalar, scalarShape, wordShape } from "./types.ts";

type Kind<K extends TreeExpr["kind"]> = Extract<TreeExpr, { kind: K }>;

/** Lowers an expression of scalar type (or void, whose value is 0). */
export function lowerExpression(lowering: Lowering, context: TaskContext, expr: TreeExpr): Expr {
  const outer = context.code.span;
  context.code.span = expr.span;
  const value = lowerByKind(lowering, context, expr);
  context.code.span = outer;
  return value;
}

function lowerByKind(lowering: Lowering, context: TaskContext, expr: TreeExpr): Expr {
  switch (expr.kind) {
    case "constant":
      return constant(expr.value);
    case "me":
      context.usesMe = true;
      return context.ownNumber;
    case "function":
      return constant(functionBase + expr.function.id * 16);
    case "bound": {
      const value = context.bindings.get(expr.binding);
      assert(value !== undefined, "a binding is set before it is used");
      return value;
    }
    case "load":
      return loadScalarOrDiscard(lowering, context, expr);
    case "address": {
      const reference = lowerPlace(lowering, context, expr.place);
      assert(reference.kind === "memory", "a variable whose address is taken lies in memory");
      return reference.address;
    }
    case "unary":
      return lowerUnary(lowering, context, expr);
    case "binary":
      return lowerBinary(lowering, context, expr);
    case "compare":
      return lowerCompare(lowering, context, expr);
    case "pointer-add":
    case "pointer-difference":
      return lowerPointerArithmetic(lowering, context, expr);
    case "logical":
      return lowerByBranches(lowering, context, expr);
    case "convert":
      return lowerConvert(lowering, context, expr);
    case "choose":
      return lowerChoose(lowering, context, expr);
    case "conditional":
    case "comma":
    case "assign":
    case "update":
    case "let":
    case "call":
    case "primitive":
    case "statements":
    case "atomic":
      return lowerCompound(lowering, context, expr);
  }
  return unreachable(expr);
}

function loadScalarOrDiscard(lowering: Lowering, context: TaskContext, expr: Kind<"load">): Expr {
  if (!isScalar(expr.type)) {
    lowering.record(context, expr);
    return zero;
  }
  return loadScalar(context, lowerPlace(lowering, context, expr.place), expr);
}

type CompoundKind =
  "conditional" | "comma" | "assign" | "update" | "let" | "call" | "primitive" | "statements" | "atomic";

function lowerCompound(lowering: Lowering, context: TaskContext, expr: Kind<CompoundKind>): Expr {
  switch (expr.kind) {
    case "conditional":
    case "call": {
      const cells = lowering.record(context, expr);
      return cells[0]?.value ?? zero;
    }
    case "comma": {
      let value: Expr = zero;
      for (const item of expr.items.slice(0, -1)) dropValue(context, item);
      for (const item of expr.items) value = lowering.expression(context, item);
      return value;
    }
    case "assign":
      return lowerAssign(lowering, context, expr);
    case "update":
      return lowerUpdate(lowering, context, expr);
    case "let":
      context.bindings.set(
        expr.binding,
        context.code.keep(lowering.expression(context, expr.value), shapeOf(expr.value.type)),
      );
      return lowering.expression(context, expr.body);
    case "primitive":
      return lowering.primitive(context, expr);
    case "statements":
      lowering.statements(context, expr.statements);
      return expr.value === null ? zero : lowering.expression(context, expr.value);
    case "atomic":
      return inAtomic(context, "atomic", () =>
        context.code.keep(lowering.expression(context, expr.operand), shapeOf(expr.type)),
      );
  }
  return unreachable(expr);
}

/** Runs what stands in an atomic block: one step, unless it stands in one already. */
export function inAtomic<T>(context: TaskContext, text: string, run: () => T): T {
  const outer = context.code.mode;
  context.code.begin({ text, address: null }, { assumed: true });
  if (outer === "steps") context.code.mode = "atomic";
  const value = run();
  context.code.mode = outer;
  return value;
}

function shapeOf(type: Type): ScalarShape {
  return isScalar(type) ? scalarShape(type) : wordShape;
}

function isUnsigned(type: Type): boolean {
  return type.kind === "pointer" || (type.kind === "integer" && !type.signed);
}

/** Two operands, left first; the left one is kept when the right one could change it. */
export function lowerPair(
  lowering: Lowering,
  context: TaskContext,
  pair: { readonly left: TreeExpr; readonly right: TreeExpr },
): readonly [Expr, Expr] {
  const left = lowering.expression(context, pair.left);
  const kept = mayWrite(pair.right) ? context.code.keep(left, shapeOf(pair.left.type)) : left;
  return [kept, lowering.expression(context, pair.right)];
}

function lowerUnary(lowering: Lowering, context: TaskContext, expr: Kind<"unary">): Expr {
  const operand = lowering.expression(context, expr.operand);
  if (expr.op === "logical-not") return unary("logical-not", operand);
  checkWideUnary(context, operand, expr);
  return narrow(unary(expr.op, operand), expr.type);
}

/** Arithmetic of a type narrower than 32 bits (enum and bool arithmetic is int's already) wraps at its width. */
function narrow(value: Expr, type: Type): Expr {
  return type.kind === "integer" && type.bits !== 32 ? convert(value, scalarShape(type)) : value;
}

function lowerBinary(lowering: Lowering, context: TaskContext, expr: Kind<"binary">): Expr {
  const pair = expr.op === "and" ? { left: asMask(expr.left), right: asMask(expr.right) } : expr;
  const [left, right] = lowerPair(lowering, context, pair);
  const unsigned = isUnsigned(expr.type);
  context.code.span = expr.span;
  if (expr.op === "div" || expr.op === "mod") {
    const divisor = context.code.keep(right, shapeOf(expr.right.type));
    context.code.check(isNonZero(divisor), { class: "arithmetic", message: "division by zero" });
    return narrow(binary(operatorOf(expr.op, unsigned), left, divisor), expr.type);
  }
  if (expr.op === "shl" || expr.op === "shr") checkShift(context, right, expr.type);
  if (expr.type.kind === "integer" && expr.type.wide) checkWide(context, { op: expr.op, left, right, unsigned });
  return narrow(binary(operatorOf(expr.op, unsigned), left, right), expr.type);
}

/** A shift by a negative count or by more than the width is undefined in C: class arithmetic. */
function checkShift(context: TaskContext, count: Expr, type: Type): void {
  const wide = type.kind === "integer" && type.wide;
  context.code.check(binary("lt-u", count, constant(wide ? 64 : 32)), {
    class: "arithmetic",
    message: `shift count outside of 0..${wide ? "63" : "31"}`,
  });
  if (wide) context.code.emit({ kind: "limit", unless: binary("lt-u", count, constant(32)), limit: "width" });
}

/** The complement of an unsigned 64-bit value never fits its cell, but as a mask behind & its low half is exact. */
function asMask(operand: TreeExpr): TreeExpr {
  if (operand.kind !== "unary" || operand.op !== "bit-not" || operand.type.kind !== "integer") return operand;
  return { ...operand, type: { ...operand.type, wide: false } };
}

function checkWideUnary(context: TaskContext, operand: Expr, expr: Kind<"unary">): void {
  const { type } = expr;
  if (type.kind !== "integer" || !type.wide) return;
  if (expr.op === "bit-not") {
    if (!type.signed) context.code.emit({ kind: "limit", unless: zero, limit: "width" });
    return;
  }
  checkWide(context, { op: "sub", left: zero, right: operand, unsigned: !type.signed });
}

type WideOperation = {
  readonly op: ArithmeticOp;
  readonly left: Expr;
  readonly right: Expr;
  readonly unsigned: boolean;
};

/** A 64-bit type is one 32-bit cell here: a result that does not fit ends the run as inconclusive. */
function checkWide(context: TaskContext, operation: WideOperation): void {
  const { op, left, right, unsigned } = operation;
  const leaves = wideLeaves(op, unsigned);
  if (leaves !== null) {
    context.code.emit({ kind: "limit", unless: isZero(binary(leaves, left, right)), limit: "width" });
  }
  if (op === "shl") {
    const back = binary(unsigned ? "shr-u" : "shr", binary("shl", left, right), right);
    context.code.emit({ kind: "limit", unless: binary("eq", back, left), limit: "width" });
  }
}

function wideLeaves(op: ArithmeticOp, unsigned: boolean): BinaryOp | null {
  if (op === "add") return unsigned ? "add-leaves-u" : "add-leaves";
  if (op === "sub") return unsigned ? "sub-leaves-u" : "sub-leaves";
  if (op === "mul") return unsigned ? "mul-leaves-u" : "mul-leaves";
  return null;
}

function operatorOf(op: ArithmeticOp, unsigned: boolean): BinaryOp {
  if (!unsigned) return op;
  if (op === "div") return "div-u";
  if (op === "mod") return "mod-u";
  if (op === "shr") return "shr-u";
  return op;
}

function lowerCompare(lowering: Lowering, context: TaskContext, expr: Kind<"compare">): Expr {
  const [left, right] = lowerPair(lowering, context, expr);
  const unsigned = isUnsigned(expr.left.type);
  const less: BinaryOp = unsigned ? "lt-u" : "lt";
  const lessOrEqual: BinaryOp = unsigned ? "le-u" : "le";
  switch (expr.op) {
    case "eq":
    case "ne":
      return binary(expr.op, left, right);
    case "lt":
      return binary(less, left, right);
    case "le":
      return binary(lessOrEqual, left, right);
    case "gt":
      return binary(less, right, left);
    case "ge":
      return binary(lessOrEqual, right, left);
  }
  return unreachable(expr.op);
}

function lowerPointerArithmetic(
  lowering: Lowering,
  context: TaskContext,
  expr: Kind<"pointer-add" | "pointer-difference">,
): Expr {
  if (expr.kind === "pointer-add") {
    const [pointer, index] = lowerPair(lowering, context, { left: expr.pointer, right: expr.index });
    return binary("add", pointer, binary("mul", index, constant(expr.stride)));
  }
  const [left, right] = lowerPair(lowering, context, expr);
  const distance = binary("sub", left, right);
  return expr.stride === 1 ? distance : binary("div", distance, constant(expr.stride));
}

function lowerConvert(lowering: Lowering, context: TaskContext, expr: Kind<"convert">): Expr {
  dropValue(context, expr);
  if (!isScalar(expr.operand.type)) {
    if (expr.operand.type.kind === "void") return lowering.expression(context, expr.operand);
    lowering.record(context, expr.operand);
    return zero;
  }
  const operand = lowering.expression(context, expr.operand);
  switch (expr.how) {
    case "reinterpret":
      checkWideConversion(context, operand, expr);
      return operand;
    case "keep":
    case "discard":
      return operand;
    case "truncate":
      return convert(operand, scalarShape(expr.type));
    case "boolean":
      return isNonZero(operand);
  }
  return unreachable(expr.how);
}

/** A sign that changes on the way into a 64-bit type: C has a value there that does not fit the cell. */
function checkWideConversion(context: TaskContext, operand: Expr, expr: Kind<"convert">): void {
  if (expr.type.kind !== "integer" || !expr.type.wide || expr.operand.type.kind === "pointer") return;
  context.code.emit({ kind: "limit", unless: isZero(binary("lt", operand, zero)), limit: "width" });
}

function lowerChoose(lowering: Lowering, context: TaskContext, expr: Kind<"choose">): Expr {
  const [lo, hi] = lowerPair(lowering, context, { left: expr.lo, right: expr.hi });
  context.code.span = expr.span;
  const id = context.code.newTemp(wordShape);
  context.code.emit({ kind: "choose", temp: id, lo, hi, step: context.code.mode === "steps" });
  return temp(id);
}

/** `a && b` and kin as a value: by branches, so that the right side runs only when it should. */
function lowerByBranches(lowering: Lowering, context: TaskContext, expr: TreeExpr): Expr {
  const { code } = context;
  const result = code.newTemp({ bits: 1, signed: false });
  const then = code.newLabel();
  const otherwise = code.newLabel();
  const done = code.newLabel();
  lowering.condition(context, expr, { then, otherwise });
  code.place(then);
  code.assignTemp(result, one);
  code.jump(done);
  code.place(otherwise);
  code.assignTemp(result, zero);
  code.place(done);
  return temp(result);
}

/** Evaluates a condition and goes one way or the other. */
export function lowerCondition(
  lowering: Lowering,
  context: TaskContext,
  expr: TreeExpr,
  targets: { readonly then: CodeLabel; readonly otherwise: CodeLabel },
): void {
  const { code } = context;
  if (expr.kind === "logical") {
    const next = code.newLabel();
    const first =
      expr.op === "and" ? { then: next, otherwise: targets.otherwise } : { then: targets.then, otherwise: next };
    lowerCondition(lowering, context, expr.left, first);
    code.place(next);
    lowerCondition(lowering, context, expr.right, targets);
    return;
  }
  if (expr.kind === "unary" && expr.op === "logical-not") {
    lowerCondition(lowering, context, expr.operand, { then: targets.otherwise, otherwise: targets.then });
    return;
  }
  if (expr.kind === "convert" && (expr.how === "boolean" || expr.how === "keep") && isScalar(expr.operand.type)) {
    lowerCondition(lowering, context, expr.operand, targets);
    return;
  }
  const value = lowering.expression(context, expr);
  code.branch(value, targets.then, targets.otherwise, expr.span);
}

function lowerAssign(lowering: Lowering, context: TaskContext, expr: Kind<"assign">): Expr {
  const target = lowerPlace(lowering, context, expr.place);
  const settled = mayWrite(expr.value) ? settle(context, target) : target;
  if (!isScalar(expr.place.type)) {
    storeRecord(context, settled, { value: lowering.record(context, expr.value), access: expr.access });
    return zero;
  }
  const shape = scalarShape(expr.place.type);
  const computed = lowering.expression(context, expr.value);
  const value = settled.kind === "memory" ? context.code.hold(computed, shape) : context.code.keep(computed, shape);
  context.code.span = expr.span;
  storeCell(context, settled, { shape, access: expr.access, value });
  return value;
}

/** Load and store are two accesses to an address that is computed once. */
function lowerUpdate(lowering: Lowering, context: TaskContext, expr: Kind<"update">): Expr {
  const target = settle(context, lowerPlace(lowering, context, expr.place));
  const shape = scalarShape(expr.place.type);
  const access: AccessMode = expr.access;
  const old = context.code.keep(loadScalar(context, target, { type: expr.place.type, access }), shape);
  context.bindings.set(expr.binding, old);
  const value = context.code.keep(lowering.expression(context, expr.compute), shape);
  context.code.span = expr.span;
  storeCell(context, target, { shape, access, value });
  return expr.yields === "old" ? old : value;
}

/** Lowers an expression of any type, cell by cell; void gives none. */
export function lowerRecord(lowering: Lowering, context: TaskContext, expr: TreeExpr): RecordValue {
  switch (expr.kind) {
    case "load":
      if (isScalar(expr.type)) break;
      return loadRecord(context, lowerPlace(lowering, context, expr.place), expr);
    case "call":
      return lowering.call(context, expr);
    case "conditional":
      return lowerConditional(lowering, context, expr);
    case "comma": {
      const dropped = expr.items.slice(0, -1);
      dropped.forEach((item) => dropValue(context, item));
      dropped.forEach((item) => lowering.expression(context, item));
      const last = expr.items[expr.items.length - 1];
      assert(last !== undefined, "a comma expression has operands");
      return lowerValue(lowering, context, last);
    }
    case "let":
      context.bindings.set(
        expr.binding,
        context.code.keep(lowering.expression(context, expr.value), shapeOf(expr.value.type)),
      );
      return lowerValue(lowering, context, expr.body);
    case "statements":
      lowering.statements(context, expr.statements);
      return expr.value === null ? [] : lowerValue(lowering, context, expr.value);
    case "assign": {
      if (isScalar(expr.place.type)) break;
      const target = settle(context, lowerPlace(lowering, context, expr.place));
      const value = lowerValue(lowering, context, expr.value);
      storeRecord(context, target, { value, access: expr.access });
      return value;
    }
    case "constant":
    case "address":
    case "function":
    case "unary":
    case "binary":
    case "compare":
    case "pointer-add":
    case "pointer-difference":
    case "logical":
    case "convert":
    case "update":
    case "bound":
    case "primitive":
    case "choose":
    case "me":
    case "atomic":
      break;
  }
  if (expr.type.kind === "void") {
    lowering.expression(context, expr);
    return [];
  }
  return [{ offset: 0, shape: scalarShape(expr.type), tag: "data", value: lowering.expression(context, expr) }];
}

/** The value of an expression that is constant in this task: of constants and `me`, without accesses; null if it is not. */
export function constantValue(lowering: Lowering, context: TaskContext, expr: TreeExpr): number | null {
  if (!isPure(expr)) return null;
  const length = context.code.length;
  const value = lowering.expression(context, expr);
  return value.kind === "constant" && context.code.length === length ? value.value : null;
}

/** Made of constants, `me` and arithmetic that cannot fault: lowering it emits nothing. */
function isPure(expr: TreeExpr): boolean {
  switch (expr.kind) {
    case "constant":
    case "me":
      return true;
    case "unary":
    case "convert":
      return isScalar(expr.operand.type) && isPure(expr.operand);
    case "compare":
      return isPure(expr.left) && isPure(expr.right);
    case "binary":
      return (
        ["add", "sub", "and", "or", "xor"].includes(expr.op) &&
        !isWide(expr.type) &&
        isPure(expr.left) &&
        isPure(expr.right)
      );
    case "load":
    case "address":
    case "function":
    case "pointer-add":
    case "pointer-difference":
    case "logical":
    case "conditional":
    case "comma":
    case "assign":
    case "update":
    case "let":
    case "bound":
    case "call":
    case "primitive":
    case "statements":
    case "choose":
    case "atomic":
      return false;
  }
  return unreachable(expr);
}

function isWide(type: Type): boolean {
  return type.kind === "integer" && type.wide;
}

function lowerConditional(lowering: Lowering, context: TaskContext, expr: Kind<"conditional">): RecordValue {
  const { code } = context;
  const known = constantValue(lowering, context, expr.condition);
  if (known !== null) return lowering.record(context, known !== 0 ? expr.then : expr.else);
  const shapes = isScalar(expr.type)
    ? [{ offset: 0, shape: scalarShape(expr.type), tag: "data" as const }]
    : cellsOf(expr.type, context.unit.widths).filter(isCopied);
  const results = shapes.map(({ offset, shape, tag }) => ({ offset, shape, tag, id: code.newTemp(shape) }));
  const labels = { then: code.newLabel(), otherwise: code.newLabel() };
  const done = code.newLabel();
  lowering.condition(context, expr.condition, labels);
  for (const [label, branch] of [
    [labels.then, expr.then],
    [labels.otherwise, expr.else],
  ] as const) {
    code.place(label);
    const values = lowering.record(context, branch);
    for (const result of results) {
      const value = values.find((entry) => entry.offset === result.offset)?.value ?? zero;
      code.assignTemp(result.id, value);
    }
    code.jump(done);
  }
  code.place(done);
  return results.map(({ offset, shape, tag, id }) => ({ offset, shape, tag, value: temp(id) }));
}
