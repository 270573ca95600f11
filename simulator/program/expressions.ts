/** Builds IR expressions, folding constants, so that `me` and parameters cost nothing at run time. */
import { unreachable } from "../source/assert.ts";
import type { BinaryOp, Expr, ScalarShape, UnaryOp } from "./ir.ts";

export function constant(value: number): Expr {
  return { kind: "constant", value: value | 0 };
}

export function temp(id: number): Expr {
  return { kind: "temp", temp: id };
}

export function cell(id: number): Expr {
  return { kind: "cell", cell: id };
}

export const zero = constant(0);
export const one = constant(1);

export function unary(op: UnaryOp, operand: Expr): Expr {
  if (operand.kind === "constant") return constant(evaluateUnary(op, operand.value));
  return { kind: "unary", op, operand };
}

export function binary(op: BinaryOp, left: Expr, right: Expr): Expr {
  const dividing = op === "div" || op === "div-u" || op === "mod" || op === "mod-u";
  if (left.kind === "constant" && right.kind === "constant" && !(dividing && right.value === 0)) {
    return constant(evaluateBinary(op, left.value, right.value));
  }
  if (right.kind === "constant" && right.value === 0 && (op === "add" || op === "sub" || op === "or")) return left;
  if (left.kind === "constant" && left.value === 0 && (op === "add" || op === "or")) return right;
  if (right.kind === "constant" && right.value === 1 && op === "mul") return left;
  return { kind: "binary", op, left, right };
}

export function convert(operand: Expr, shape: ScalarShape): Expr {
  if (shape.bits === 32) return operand;
  if (operand.kind === "constant") return constant(evaluateConvert(operand.value, shape));
  return { kind: "convert", operand, shape };
}

export function select(condition: Expr, then: Expr, otherwise: Expr): Expr {
  if (condition.kind === "constant") return condition.value !== 0 ? then : otherwise;
  return { kind: "select", condition, then, otherwise };
}

export function isZero(operand: Expr): Expr {
  return binary("eq", operand, zero);
}

export function isNonZero(operand: Expr): Expr {
  return binary("ne", operand, zero);
}

export function evaluateUnary(op: UnaryOp, value: number): number {
  switch (op) {
    case "negate":
      return -value | 0;
    case "bit-not":
      return ~value;
    case "logical-not":
      return value === 0 ? 1 : 0;
  }
  return unreachable(op);
}

export function evaluateConvert(value: number, shape: ScalarShape): number {
  if (shape.bits === 32) return value | 0;
  const spare = 32 - shape.bits;
  return shape.signed ? (value << spare) >> spare : value & ((1 << shape.bits) - 1);
}

/** Division by zero must not be asked for. */
export function evaluateBinary(op: BinaryOp, left: number, right: number): number {
  switch (op) {
    case "add":
      return (left + right) | 0;
    case "sub":
      return (left - right) | 0;
    case "mul":
      return Math.imul(left, right);
    case "div":
      return (left / right) | 0;
    case "div-u":
      return ((left >>> 0) / (right >>> 0)) | 0;
    case "mod":
      return (left % right) | 0;
    case "mod-u":
      return ((left >>> 0) % (right >>> 0)) | 0;
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
    case "shr-u":
      return (left >>> right) | 0;
    case "eq":
    case "ne":
    case "lt":
    case "lt-u":
    case "le":
    case "le-u":
      return evaluateCompare(op, left, right) ? 1 : 0;
    case "add-leaves":
    case "add-leaves-u":
    case "sub-leaves":
    case "sub-leaves-u":
    case "mul-leaves":
    case "mul-leaves-u":
      return evaluateLeaves(op, left, right) ? 1 : 0;
  }
  return unreachable(op);
}

export type CompareOp = "eq" | "ne" | "lt" | "lt-u" | "le" | "le-u";
export type LeavesOp = "add-leaves" | "add-leaves-u" | "sub-leaves" | "sub-leaves-u" | "mul-leaves" | "mul-leaves-u";

function evaluateCompare(op: CompareOp, left: number, right: number): boolean {
  switch (op) {
    case "eq":
      return left === right;
    case "ne":
      return left !== right;
    case "lt":
      return left < right;
    case "lt-u":
      return left >>> 0 < right >>> 0;
    case "le":
      return left <= right;
    case "le-u":
      return left >>> 0 <= right >>> 0;
  }
  return unreachable(op);
}

/** A double holds sums exactly; a product that leaves 32 bits is off by less than what it is past the bound. */
function evaluateLeaves(op: LeavesOp, left: number, right: number): boolean {
  switch (op) {
    case "add-leaves":
      return left + right !== ((left + right) | 0);
    case "sub-leaves":
      return left - right !== ((left - right) | 0);
    case "mul-leaves":
      return left * right > 0x7fff_ffff || left * right < -0x8000_0000;
    case "add-leaves-u":
      return (left >>> 0) + (right >>> 0) > 0xffff_ffff;
    case "sub-leaves-u":
      return left >>> 0 < right >>> 0;
    case "mul-leaves-u":
      return (left >>> 0) * (right >>> 0) > 0xffff_ffff;
  }
  return unreachable(op);
}
