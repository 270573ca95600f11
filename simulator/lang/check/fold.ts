/** Arithmetic of the model machine on constants: 32 bits, wrapping; wide types must fit. */
import type { ArithmeticOp, Expr, IntegerType, Type } from "../tree.ts";
import { asInteger } from "./types.ts";

export type FoldOutcome =
  | { readonly kind: "value"; readonly value: number }
  | { readonly kind: "fault"; readonly why: string; readonly code: "SCN008" | "SCN069" };

/** The value that a cell of this type holds when `value` is stored: truncated, sign- or zero-extended; bool 0 or 1. */
export function normalise(value: number, type: Type): number {
  if (type.kind === "pointer") return value >>> 0;
  if (type.kind !== "integer") return value | 0;
  if (type.bits === 1) return value === 0 ? 0 : 1;
  const shift = 32 - type.bits;
  return type.signed ? (value << shift) >> shift : (value << shift) >>> shift;
}

/** Whether an exact value fits an integer type without change. */
export function fits(value: bigint, type: IntegerType): boolean {
  if (type.bits === 1) return value === 0n || value === 1n;
  const range = 1n << BigInt(type.bits);
  return type.signed ? value >= -range / 2n && value < range / 2n : value >= 0n && value < range;
}

/** left op right in the given type, both already of it (a shift's right operand may be any integer). */
export function foldArithmetic(
  op: ArithmeticOp,
  operands: { readonly left: number; readonly right: number },
  type: IntegerType,
): FoldOutcome {
  const { left, right } = operands;
  if ((op === "div" || op === "mod") && right === 0) return { kind: "fault", why: "it divides by 0", code: "SCN069" };
  if ((op === "shl" || op === "shr") && (right < 0 || right > (type.wide ? 63 : 31))) {
    return { kind: "fault", why: `it shifts a value of ${type.wide ? 64 : 32} bits by ${right}`, code: "SCN069" };
  }
  const exact = exactResult(op, BigInt(left), BigInt(right));
  if (type.wide && !fits(exact, type)) {
    return {
      kind: "fault",
      why: `its value ${exact} does not fit the 32 bits that \`${type.name}\` has in the model`,
      code: "SCN008",
    };
  }
  return { kind: "value", value: normalise(Number(BigInt.asIntN(32, exact)), type) };
}

function exactResult(op: ArithmeticOp, left: bigint, right: bigint): bigint {
  switch (op) {
    case "add":
      return left + right;
    case "sub":
      return left - right;
    case "mul":
      return left * right;
    case "div":
      return left / right;
    case "mod":
      return left % right;
    case "and":
      return left & right;
    case "or":
      return left | right;
    case "xor":
      return left ^ right;
    case "shl":
      return left << right;
    case "shr":
      return left >> right;
  }
}

/** Whether an expression is a constant of some type. */
export function isConstant(expr: Expr): expr is Extract<Expr, { kind: "constant" }> {
  return expr.kind === "constant" && expr.type.kind !== "error";
}

/** A constant integer's value as the type has it; null for everything else. */
export function constantValue(expr: Expr): number | null {
  return isConstant(expr) ? expr.value : null;
}

/** Whether the expression is 0 or (void *)0: a null pointer constant. */
export function isNullConstant(expr: Expr): boolean {
  return isConstant(expr) && expr.value === 0;
}

/** Negation and complement within a type. */
export function foldUnary(op: "negate" | "bit-not", value: number, type: IntegerType): FoldOutcome {
  const exact = op === "negate" ? -BigInt(value) : ~BigInt(value);
  const asUnsigned = !type.signed && op === "bit-not" && type.wide;
  if (type.wide && (asUnsigned || !fits(exact, type))) {
    return {
      kind: "fault",
      why: `its value does not fit the 32 bits that \`${type.name}\` has in the model`,
      code: "SCN008",
    };
  }
  return { kind: "value", value: normalise(Number(BigInt.asIntN(32, exact)), asInteger(type)) };
}
