/** Conversions between values, implicit and by cast, made explicit in the tree; folded where constant. */
import type { Span } from "../../source/span.ts";
import { errorExpr, isError, type CheckContext } from "./context.ts";
import { fits, isConstant, isNullConstant, normalise } from "./fold.ts";
import { firstLock, modelSize, type FoundObject } from "./layout.ts";
import type { Conversion, Expr, IntegerType, ObjectKind, Type } from "../tree.ts";
import { noteResult } from "./missing-function.ts";
import {
  asInteger,
  boolType,
  intType,
  isArithmetic,
  isScalar,
  isVolatile,
  sameType,
  typeName,
  unqualified,
  voidType,
} from "./types.ts";

/** Makes a constant, normalised to its type. */
export function constant(value: number, type: Type, span: Span): Expr {
  return { kind: "constant", value: normalise(value, type), type: unqualified(type), span };
}

/** Converts a scalar to a scalar type or void, as a cast does; the types are known to allow it. */
export function convertScalar(expr: Expr, to: Type): Expr {
  const type = unqualified(to);
  if (isError(expr) || type.kind === "error") return { ...errorExpr(expr.span) };
  if (type.kind === "void") return { kind: "convert", operand: expr, how: "discard", type: voidType, span: expr.span };
  if (isConstant(expr)) {
    const isBool = type.kind === "integer" && type.bits === 1;
    return constant(isBool ? Number(expr.value !== 0) : expr.value, type, expr.span);
  }
  if (sameType(expr.type, type) && expr.type.kind === type.kind) return withType(expr, type);
  return { kind: "convert", operand: expr, how: conversionOf(expr.type, type), type, span: expr.span };
}

/**
 * Two spellings of one type (long and int are two; u32 and unsigned int are one) need no conversion node. What a pointer
 * points to may become volatile by a cast, and then its accesses count as marked.
 */
function withType(expr: Expr, type: Type): Expr {
  if (expr.type.kind === "pointer" && type.kind === "pointer" && isVolatile(expr.type.to) !== isVolatile(type.to)) {
    return { kind: "convert", operand: expr, how: "keep", type, span: expr.span };
  }
  if (expr.type.kind === "integer" && type.kind === "integer" && expr.type.rank !== type.rank) {
    return { kind: "convert", operand: expr, how: "keep", type, span: expr.span };
  }
  return expr;
}

function conversionOf(from: Type, to: Type): Conversion {
  if (to.kind === "integer" && to.bits === 1) return "boolean";
  if (to.kind === "pointer" || from.kind === "pointer")
    return to.kind === "integer" && to.bits < 32 ? "truncate" : "reinterpret";
  if (!isArithmetic(from) || !isArithmetic(to)) return "reinterpret";
  const [source, target] = [asInteger(from), asInteger(to)];
  const valuesFit =
    (source.signed === target.signed && source.bits <= target.bits) ||
    (!source.signed && target.signed && source.bits < target.bits);
  if (valuesFit) return "keep";
  return target.bits < 32 ? "truncate" : "reinterpret";
}

/** What an implicit conversion is for, in messages: "argument 2 of `f`". */
export type Purpose = { readonly what: string; readonly span: Span };

/**
 * Converts a value as assignment, argument passing and return do (C11 6.5.16.1). Reports what does not fit:
 * SCN062 types, SCN078 integer and pointer mixed, SCN008 a constant that a wide or narrow type cannot hold.
 */
export function coerce(c: CheckContext, expr: Expr, target: Type, purpose: Purpose): Expr {
  const type = unqualified(target);
  noteResult(c, expr, type);
  if (isError(expr) || type.kind === "error") return errorExpr(expr.span);
  if (isArithmetic(expr.type) && isArithmetic(type)) {
    checkConstantFits(c, expr, asInteger(type), purpose);
    return convertScalar(expr, type);
  }
  if (type.kind === "pointer" && expr.type.kind === "pointer") return coercePointer(c, expr, type, purpose);
  if (type.kind === "pointer" && isArithmetic(expr.type)) {
    if (isNullConstant(expr)) return constant(0, type, expr.span);
    mixed(c, expr, type, purpose);
    return convertScalar(expr, type);
  }
  if (type.kind === "integer" && expr.type.kind === "pointer") {
    if (type.bits !== 1) mixed(c, expr, type, purpose);
    return convertScalar(expr, type);
  }
  if (type.kind === "record" && sameType(expr.type, type)) return copyable(c, expr, purpose.span);
  mismatch(c, expr, type, purpose);
  return errorExpr(expr.span);
}

/**
 * A struct that is to be copied as a whole: SCN077 when a lock is in it; counts are copied as values. A lock is only initialised by its
 * API (Documentation/locking/mutex-design.rst, Semantics); a copy of its words would be held or free by accident.
 */
function copyable(c: CheckContext, expr: Expr, span: Span): Expr {
  const found = firstLock(expr.type);
  if (found === null) return expr;
  reportCopy(c, { type: expr.type, found, span });
  return errorExpr(span);
}

/** Says which member keeps a type from being copied. */
export function reportCopy(
  c: CheckContext,
  copy: { readonly type: Type; readonly found: FoundObject; readonly span: Span },
): void {
  const { path, object } = copy.found;
  const whole = `\`${typeName(copy.type)}\` cannot be copied as a whole`;
  const member = path === "" ? "" : `: its member \`${path}\` is \`${typeName(object)}\``;
  const init = initialisers[object.object];
  const makes = init === undefined ? "leave it as it is" : `make it new with ${init}()`;
  const why = "a copy of its words would be held or free by accident";
  c.error("SCN077", copy.span, `${whole}${member}, and ${why}; copy the other members one by one and ${makes}`);
}

/** What makes an object new. */
const initialisers: Partial<Record<ObjectKind, string>> = {
  spinlock: "spin_lock_init",
  "raw-spinlock": "raw_spin_lock_init",
  rwlock: "rwlock_init",
  mutex: "mutex_init",
  rwsem: "init_rwsem",
  semaphore: "sema_init",
  completion: "init_completion",
  "wait-queue": "init_waitqueue_head",
  "wait-entry": "init_wait",
  seqcount: "seqcount_init",
  seqlock: "seqlock_init",
  srcu: "init_srcu_struct",
};

/**
 * Reports a pointer to one number that becomes a pointer to another of other size: an access through it would be to a
 * part of a cell. Only what is used directly is judged; `(char *)p + n` is address arithmetic.
 */
export function reportPartialAccess(c: CheckContext, pointer: Expr, span: Span): void {
  if (pointer.kind !== "convert" || pointer.type.kind !== "pointer" || pointer.operand.type.kind !== "pointer") return;
  const [from, to] = [pointer.operand.type.to, pointer.type.to];
  if (!isScalar(from) || !isScalar(to) || modelSize(from) === modelSize(to)) return;
  const message = `this accesses \`${typeName(from)}\` as \`${typeName(to)}\`; a number is one cell here: use shifts and masks`;
  c.error("SCN070", span, message);
}

function coercePointer(c: CheckContext, expr: Expr, type: Extract<Type, { kind: "pointer" }>, purpose: Purpose): Expr {
  const from = expr.type;
  if (from.kind !== "pointer") return expr;
  const [a, b] = [from.to, type.to];
  const compatible =
    sameType(a, b) || a.kind === "void" || b.kind === "void" || isNullConstant(expr) || differInSignOnly(a, b);
  if (a.kind === "error" || b.kind === "error") return errorExpr(expr.span);
  if (b.kind !== "void") reportPartialAccess(c, expr, expr.span);
  if (!compatible) mismatch(c, expr, type, purpose);
  return convertScalar(expr, type);
}

/** The kernel builds with -Wno-pointer-sign. */
function differInSignOnly(a: Type, b: Type): boolean {
  return isArithmetic(a) && isArithmetic(b) && asInteger(a).cSize === asInteger(b).cSize;
}

function mismatch(c: CheckContext, expr: Expr, type: Type, purpose: Purpose): void {
  if (isVoidValue(c, expr)) return;
  const message = `${purpose.what} is \`${typeName(type)}\`, not \`${typeName(expr.type)}\``;
  c.error("SCN062", purpose.span, message);
}

function mixed(c: CheckContext, expr: Expr, type: Type, purpose: Purpose): void {
  const message = `${purpose.what} is \`${typeName(type)}\`, not \`${typeName(expr.type)}\`; write a cast if this is meant`;
  c.error("SCN078", purpose.span, message);
}

/** A constant that changes when it is stored is rarely meant: an error for what the model cannot hold, else a warning. */
function checkConstantFits(c: CheckContext, expr: Expr, type: IntegerType, purpose: Purpose): void {
  if (type.wide) toWide(c, expr, type);
  if (!isConstant(expr) || type.bits === 1 || type.bits === 32) return;
  const value = BigInt(expr.value);
  if (fits(value, type)) return;
  // -1 in an unsigned and 0xff in a signed type are idioms: all bits are kept.
  const range = 1n << BigInt(type.bits);
  if (value >= -range / 2n && value < range) return;
  const stored = normalise(expr.value, type);
  c.report({
    code: "SCN008",
    severity: "warning",
    span: purpose.span,
    message: `${purpose.what} is \`${type.name}\`, so the constant ${expr.value} becomes ${stored}`,
  });
}

/** Reports a constant that a 64-bit type holds in C and whose 32-bit cell in the model cannot. */
export function toWide(c: CheckContext, expr: Expr, type: IntegerType): void {
  if (!isConstant(expr) || !type.wide || fits(BigInt(expr.value), type)) return;
  const message = `${expr.value} as \`${type.name}\` does not fit the 32 bits that the type has in the model`;
  c.error("SCN008", expr.span, message);
}

/** A cast. Between scalars anything goes; to void anything; a record to itself. */
export function cast(c: CheckContext, expr: Expr, type: Type, span: Span): Expr {
  noteResult(c, expr, type);
  if (isError(expr) || type.kind === "error") return errorExpr(span);
  if (type.kind === "void") return { kind: "convert", operand: expr, how: "discard", type: voidType, span };
  if (type.kind === "integer") toWide(c, expr, type);
  if (isScalar(type) && isScalar(expr.type)) return { ...convertScalar(expr, type), span };
  if (type.kind === "record" && sameType(expr.type, type)) return expr;
  c.error("SCN062", span, `\`${typeName(expr.type)}\` cannot be cast to \`${typeName(type)}\``);
  return errorExpr(span);
}

/** Integer promotion of a value. */
export function promote(expr: Expr): Expr {
  if (!isArithmetic(expr.type)) return expr;
  const plain = asInteger(expr.type);
  return plain.rank < 3 || expr.type.kind === "enum" ? convertScalar(expr, intType) : expr;
}

/** Reports the use of something that has no value; false when it has one. */
export function isVoidValue(c: CheckContext, expr: Expr): boolean {
  if (expr.type.kind !== "void") return false;
  if (expr.kind === "statements") {
    c.error("SCN083", expr.span, "this statement expression has no value: its last statement must be an expression");
  } else {
    const called = expr.kind === "call" && expr.callee.kind === "direct" ? expr.callee.function : null;
    const what = called === null ? "this" : `\`${called.name}\` returns nothing, so this`;
    const notes = called === null ? [] : [{ span: called.span, message: "declared here" }];
    c.report({ code: "SCN074", span: expr.span, message: `${what} has no value that could be used`, notes });
  }
  return true;
}

/** A scalar as a condition: reports anything else. Constants are kept for folding. */
export function condition(c: CheckContext, expr: Expr, what: string): Expr {
  noteResult(c, expr, boolType);
  if (isError(expr) || isScalar(expr.type)) return expr;
  if (isVoidValue(c, expr)) return errorExpr(expr.span);
  c.error("SCN066", expr.span, `${what} must be a number or pointer, not \`${typeName(expr.type)}\``);
  return errorExpr(expr.span);
}
