/** Binary operators, assignments, increments. */
import { checkCondition, checkPlace, checkValue } from "./check-expression.ts";
import { errorExpr, isError, type CheckContext } from "./context.ts";
import { coerce, constant, convertScalar, isVoidValue, promote, toWide } from "./convert.ts";
import { foldArithmetic, isConstant, isNullConstant, normalise } from "./fold.ts";
import { modelSize } from "./layout.ts";
import { noteResult } from "./missing-function.ts";
import { accessMode, rootVariable } from "./place.ts";
import type { BinaryOp, SyntaxExpr } from "../parse/syntax.ts";
import type { AccessMode, ArithmeticOp, Expr, IntegerType, Place, Type } from "../tree.ts";
import {
  asInteger,
  commonType,
  intType,
  isArithmetic,
  isScalar,
  promoted,
  sameType,
  typeName,
  unqualified,
} from "./types.ts";
import type { Span } from "../../source/span.ts";

type Node<K extends SyntaxExpr["kind"]> = Extract<SyntaxExpr, { kind: K }>;

const arithmeticOps: ReadonlyMap<BinaryOp, ArithmeticOp> = new Map([
  ["+", "add"],
  ["-", "sub"],
  ["*", "mul"],
  ["/", "div"],
  ["%", "mod"],
  ["&", "and"],
  ["|", "or"],
  ["^", "xor"],
  ["<<", "shl"],
  [">>", "shr"],
]);

type CompareOp = Extract<Expr, { kind: "compare" }>["op"];

const compareOps: ReadonlyMap<BinaryOp, CompareOp> = new Map([
  ["==", "eq"],
  ["!=", "ne"],
  ["<", "lt"],
  ["<=", "le"],
  [">", "gt"],
  [">=", "ge"],
]);

/** Two operands and where they stand. */
export type Pair = { readonly left: Expr; readonly right: Expr; readonly span: Span };

/** `left op right`. */
export function checkBinary(c: CheckContext, node: Node<"binary">): Expr {
  if (node.op === "&&" || node.op === "||") return checkLogical(c, node, node.op);
  const pair = { left: checkValue(c, node.left), right: checkValue(c, node.right), span: node.span };
  return binary(c, node.op, pair);
}

/** Applies an operator to values. */
export function binary(c: CheckContext, op: BinaryOp, pair: Pair): Expr {
  noteResult(c, pair.left, pair.right.type);
  noteResult(c, pair.right, pair.left.type);
  if (isError(pair.left) || isError(pair.right)) return errorExpr(pair.span);
  const compare = compareOps.get(op);
  if (compare !== undefined) return comparison(c, compare, pair, op);
  const arithmetic = arithmeticOps.get(op);
  if (arithmetic === undefined) return errorExpr(pair.span);
  const pointers = pointerArithmetic(c, op, pair);
  if (pointers !== null) return pointers;
  const { left, right, span } = pair;
  if (!isArithmetic(left.type) || !isArithmetic(right.type)) return badOperands(c, op, pair);
  if (op === "<<" || op === ">>") {
    const type = promoted(left.type);
    return arithmeticNode(c, arithmetic, { left: convertScalar(left, type), right: promote(right), span }, type);
  }
  const type = commonType(left.type, right.type);
  toWide(c, left, type);
  toWide(c, right, type);
  return arithmeticNode(
    c,
    arithmetic,
    { left: convertScalar(left, type), right: convertScalar(right, type), span },
    type,
  );
}

function arithmeticNode(c: CheckContext, op: ArithmeticOp, pair: Pair, type: IntegerType): Expr {
  const { left, right, span } = pair;
  if (isError(left) || isError(right)) return errorExpr(span);
  if (!isConstant(left) || !isConstant(right)) return { kind: "binary", op, left, right, type, span };
  const folded = foldArithmetic(op, { left: left.value, right: right.value }, type);
  if (folded.kind === "value") return constant(folded.value, type, span);
  // What stands in sizeof is never computed, and a fault in dead code is no fault: only report where it counts.
  c.error(folded.code, span, `this cannot be computed: ${folded.why}`);
  return errorExpr(span);
}

function badOperands(c: CheckContext, op: BinaryOp, pair: Pair): Expr {
  if (isVoidValue(c, pair.left) || isVoidValue(c, pair.right)) return errorExpr(pair.span);
  const [a, b] = [typeName(pair.left.type), typeName(pair.right.type)];
  c.error("SCN060", pair.span, `${op} does not take \`${a}\` and \`${b}\``);
  return errorExpr(pair.span);
}

/** pointer + n, n + pointer, pointer - n, pointer - pointer; null when no pointer is involved. */
function pointerArithmetic(c: CheckContext, op: BinaryOp, pair: Pair): Expr | null {
  const { left, right, span } = pair;
  const [a, b] = [left.type, right.type];
  if (a.kind !== "pointer" && b.kind !== "pointer") return null;
  if (a.kind === "pointer" && isArithmetic(b) && (op === "+" || op === "-")) {
    return pointerStep(c, { pointer: left, index: right, negate: op === "-", span });
  }
  if (op === "+" && b.kind === "pointer" && isArithmetic(a)) {
    return pointerStep(c, { pointer: right, index: left, negate: false, span });
  }
  if (op === "-" && a.kind === "pointer" && b.kind === "pointer" && sameType(a.to, b.to)) {
    const stride = modelSize(a.to);
    if (stride === 0) return badOperands(c, op, pair);
    return { kind: "pointer-difference", left, right, stride, type: intType, span };
  }
  return badOperands(c, op, pair);
}

/** pointer + index (or - index) in elements. */
export function pointerStep(
  c: CheckContext,
  step: { readonly pointer: Expr; readonly index: Expr; readonly negate: boolean; readonly span: Span },
): Expr {
  const { pointer, span } = step;
  if (isError(pointer) || isError(step.index) || pointer.type.kind !== "pointer") return errorExpr(span);
  const to = pointer.type.to;
  if (to.kind === "record" && !to.record.complete) {
    c.error("SCN045", span, `\`${typeName(to)}\` is not defined here, so its size is not known`);
    return errorExpr(span);
  }
  const positive = promote(step.index);
  const index = step.negate ? negated(positive, span) : positive;
  const stride = modelSize(to);
  if (isConstant(index) && isConstant(pointer)) {
    return constant(normalise(pointer.value + index.value * stride, pointer.type), pointer.type, span);
  }
  if (isConstant(index) && index.value === 0) return pointer;
  return { kind: "pointer-add", pointer, index, stride, type: pointer.type, span };
}

function negated(index: Expr, span: Span): Expr {
  if (isConstant(index)) return constant(-index.value, intType, span);
  return { kind: "unary", op: "negate", operand: index, type: index.type, span };
}

function comparison(c: CheckContext, op: CompareOp, pair: Pair, spelled: BinaryOp): Expr {
  const operands = comparable(c, pair, spelled);
  if (operands === null) return errorExpr(pair.span);
  const { left, right, span } = operands;
  if (isConstant(left) && isConstant(right)) {
    return constant(compareValues(op, left.value, right.value) ? 1 : 0, intType, span);
  }
  return { kind: "compare", op, left, right, type: intType, span };
}

/** Brings both sides of a comparison to one type; null after a report. */
function comparable(c: CheckContext, pair: Pair, op: BinaryOp): Pair | null {
  const { left, right, span } = pair;
  const [a, b] = [left.type, right.type];
  if (isArithmetic(a) && isArithmetic(b)) {
    const type = commonType(a, b);
    toWide(c, left, type);
    toWide(c, right, type);
    return { left: convertScalar(left, type), right: convertScalar(right, type), span };
  }
  if (a.kind === "pointer" && isNullConstant(right)) return { left, right: constant(0, a, right.span), span };
  if (b.kind === "pointer" && isNullConstant(left)) return { left: constant(0, b, left.span), right, span };
  if (a.kind === "pointer" && b.kind === "pointer") {
    const compatible = sameType(a, b) || a.to.kind === "void" || b.to.kind === "void";
    if (compatible) return pair;
    c.error("SCN062", span, `\`${typeName(a)}\` and \`${typeName(b)}\` are compared; write a cast if this is meant`);
    return null;
  }
  if (isScalar(a) && isScalar(b)) {
    c.error("SCN078", span, `\`${typeName(a)}\` and \`${typeName(b)}\` are compared; write a cast if this is meant`);
    return null;
  }
  badOperands(c, op, pair);
  return null;
}

function compareValues(op: CompareOp, left: number, right: number): boolean {
  switch (op) {
    case "eq":
      return left === right;
    case "ne":
      return left !== right;
    case "lt":
      return left < right;
    case "le":
      return left <= right;
    case "gt":
      return left > right;
    case "ge":
      return left >= right;
  }
}

function checkLogical(c: CheckContext, node: Node<"binary">, spelled: "&&" | "||"): Expr {
  const left = checkCondition(c, node.left, `the left side of ${spelled}`);
  const right = checkCondition(c, node.right, `the right side of ${spelled}`);
  return logical(spelled === "&&" ? "and" : "or", { left, right, span: node.span });
}

/** `left && right` or `||`, folded where the left side decides or both are constant. */
export function logical(op: "and" | "or", pair: Pair): Expr {
  const { left, right, span } = pair;
  if (isError(left) || isError(right)) return errorExpr(span);
  if (isConstant(left)) {
    const decides = op === "and" ? left.value === 0 : left.value !== 0;
    if (decides) return constant(op === "and" ? 0 : 1, intType, span);
    if (isConstant(right)) return constant(right.value !== 0 ? 1 : 0, intType, span);
  }
  return { kind: "logical", op, left, right, type: intType, span };
}

/** `x = e` and `x op= e`. */
export function checkAssign(c: CheckContext, node: Node<"assign">): Expr {
  const place = checkPlace(c, node.left, "what is assigned to");
  if (node.op !== "") return compoundAssign(c, node, place, node.op);
  const value = checkValue(c, node.right);
  if (!canWrite(c, place, node.left.span)) return errorExpr(node.span);
  const what = describePlace(place, "what is assigned to");
  return assign(c, { place, value, what, access: null, span: node.span, valueSpan: node.right.span });
}

/** What an assignment is to, in messages. */
function describePlace(place: Place, otherwise: string): string {
  if (place.kind === "variable") return `\`${place.symbol.name}\``;
  if (place.kind === "member") return `member \`${place.field.name}\``;
  return otherwise;
}

/** Converts and stores a value; `access` null: as the place is declared. */
export function assign(
  c: CheckContext,
  store: {
    readonly place: Place;
    readonly value: Expr;
    readonly what: string;
    readonly access: AccessMode | null;
    readonly span: Span;
    readonly valueSpan: Span;
  },
): Expr {
  const { place, span } = store;
  const value = coerce(c, store.value, place.type, { what: store.what, span: store.valueSpan });
  if (isError(value)) return errorExpr(span);
  const access = store.access ?? accessMode(c, place);
  return { kind: "assign", place, value, access, type: unqualified(place.type), span };
}

/** Whether a place may be stored to; reports constants, arrays, locks, and ghosts written by normal code. */
export function canWrite(c: CheckContext, place: Place, span: Span): boolean {
  if (isError(place)) return false;
  const { type } = place;
  if (type.kind === "array" || type.kind === "function" || type.kind === "void") {
    c.error("SCN061", span, `\`${typeName(type)}\` cannot be assigned to`);
    return false;
  }
  if (type.kind === "object") {
    c.error("SCN077", span, `\`${typeName(type)}\` cannot be assigned to; use the kernel's functions for it`);
    return false;
  }
  if (type.kind === "record" && !type.record.complete) {
    c.error("SCN045", span, `\`${typeName(type)}\` is not defined here`);
    return false;
  }
  const root = rootVariable(place);
  if (root?.constant === true) {
    const notes = [{ span: root.span, message: "declared here" }];
    c.report({ code: "SCN065", span, message: `\`${root.name}\` is declared const`, notes });
    return false;
  }
  if (c.mode.ghost && !c.mode.looking && root?.ghost !== true && !isOwnLocal(place)) {
    c.error("SCN092", span, "a ghost statement writes ghost variables only");
    return false;
  }
  return true;
}

/** Locals declared inside a ghost block may be written there. */
function isOwnLocal(place: Place): boolean {
  const root = rootVariable(place);
  return root !== null && root.storage === "local" && root.ghost;
}

function compoundAssign(c: CheckContext, node: Node<"assign">, place: Place, op: BinaryOp): Expr {
  const operand = checkValue(c, node.right);
  const parts = { op, operand, yields: "new", span: node.span, placeSpan: node.left.span } as const;
  return update(c, place, parts);
}

/** `++x`, `x++` and their like. */
export function checkStep(c: CheckContext, node: Node<"step">): Expr {
  const place = checkPlace(c, node.operand, `the operand of ${node.op}`);
  const operand = constant(1, intType, node.span);
  const yields = node.prefix ? "new" : "old";
  return update(c, place, {
    op: node.op === "++" ? "+" : "-",
    operand,
    yields,
    span: node.span,
    placeSpan: node.operand.span,
  });
}

type UpdateParts = {
  readonly op: BinaryOp;
  readonly operand: Expr;
  readonly yields: "old" | "new";
  readonly span: Span;
  readonly placeSpan: Span;
};

/** Load, compute, store on one place. */
export function update(c: CheckContext, place: Place, parts: UpdateParts): Expr {
  const { span } = parts;
  if (!canWrite(c, place, parts.placeSpan) || isError(parts.operand)) return errorExpr(span);
  if (!isScalar(place.type)) {
    c.error("SCN060", span, `${parts.op} does not take \`${typeName(place.type)}\``);
    return errorExpr(span);
  }
  const type = unqualified(place.type);
  const binding = c.newBinding();
  const bound: Expr = { kind: "bound", binding, type, span: parts.placeSpan };
  const computed = binary(c, parts.op, { left: bound, right: parts.operand, span });
  if (isError(computed)) return errorExpr(span);
  const compute = toStored(c, computed, type, span);
  if (isError(compute)) return errorExpr(span);
  return { kind: "update", place, binding, compute, access: accessMode(c, place), yields: parts.yields, type, span };
}

function toStored(c: CheckContext, value: Expr, type: Type, span: Span): Expr {
  if (isArithmetic(value.type) && isArithmetic(type)) return convertScalar(value, asInteger(type));
  return coerce(c, value, type, { what: "the result", span });
}

/** `x != 0` as 0 or 1. */
export function truth(expr: Expr): Expr {
  if (isConstant(expr)) return constant(expr.value !== 0 ? 1 : 0, intType, expr.span);
  return {
    kind: "compare",
    op: "ne",
    left: expr,
    right: constant(0, expr.type, expr.span),
    type: intType,
    span: expr.span,
  };
}
