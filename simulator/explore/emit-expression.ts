/**
 * Expressions as JavaScript. Only operators, numbers printed from numbers and names of ours go in: nothing of the
 * user's text. Every value is an int32.
 */
import { unreachable } from "../source/assert.ts";
import type { BinaryOp, Expr, ScalarShape } from "../program/ir.ts";
import type { Slot } from "../program/image.ts";

/** How a routine's leaves are read. */
export type Leaves = {
  readonly cell: (cell: number) => { readonly slot: Slot; readonly shape: ScalarShape };
  /** Where variables lie in another way than in the slots of a state: the text of a leaf. */
  readonly text?: (leaf: Extract<Expr, { kind: "temp" | "cell" }>) => string;
};

export function literal(value: number): string {
  return value < 0 ? `(${String(value)})` : String(value);
}

function maskOf(bits: number): string {
  return literal(bits === 32 ? -1 : (1 << bits) - 1);
}

/** The raw bits of a slot, zero-extended. */
export function emitSlot(slot: Slot): string {
  if (slot.bits === 32) return `Y[${String(slot.word)}]`;
  if (slot.shift === 0) return `(Y[${String(slot.word)}]&${maskOf(slot.bits)})`;
  if (slot.shift + slot.bits === 32) return `(Y[${String(slot.word)}]>>>${String(slot.shift)})`;
  return `((Y[${String(slot.word)}]>>>${String(slot.shift)})&${maskOf(slot.bits)})`;
}

/** A statement that writes a value into a slot; bits beyond the slot are cut off. */
export function emitWriteSlot(slot: Slot, value: string): string {
  const word = `Y[${String(slot.word)}]`;
  if (slot.bits === 32) return `${word}=${value};`;
  const mask = (1 << slot.bits) - 1;
  const keep = literal(~(mask << slot.shift));
  if (value === "0") return `${word}&=${keep};`;
  const shift = slot.shift === 0 ? "" : `<<${String(slot.shift)}`;
  if (/^\d+$/.test(value)) return `${word}=${word}&${keep}|${literal((Number(value) & mask) << slot.shift)};`;
  return `${word}=${word}&${keep}|((${value})&${literal(mask)})${shift};`;
}

/** Cuts or extends the raw bits of a cell to what an access of this shape yields. */
export function emitShape(raw: string, shape: ScalarShape, cellBits: number): string {
  if (shape.bits === 32) return raw;
  const spare = String(32 - shape.bits);
  if (shape.signed) return `(${raw}<<${spare}>>${spare})`;
  return cellBits <= shape.bits ? raw : `(${raw}&${maskOf(shape.bits)})`;
}

export function emitExpression(expr: Expr, leaves: Leaves): string {
  switch (expr.kind) {
    case "constant":
      return literal(expr.value);
    case "temp":
      return leaves.text?.(expr) ?? `t${String(expr.temp)}`;
    case "cell": {
      if (leaves.text !== undefined) return leaves.text(expr);
      const { slot, shape } = leaves.cell(expr.cell);
      return emitShape(emitSlot(slot), shape, slot.bits);
    }
    case "unary": {
      if (expr.op === "logical-not") return `(${emitCondition(expr.operand, leaves)}?0:1)`;
      const operand = emitExpression(expr.operand, leaves);
      return expr.op === "negate" ? `(-${operand}|0)` : `(~${operand})`;
    }
    case "binary":
      return emitBinary(expr.op, expr, leaves);
    case "convert":
      return emitConvert(emitExpression(expr.operand, leaves), expr.shape);
    case "select": {
      const condition = emitCondition(expr.condition, leaves);
      return `(${condition}?${emitExpression(expr.then, leaves)}:${emitExpression(expr.otherwise, leaves)})`;
    }
  }
  return unreachable(expr);
}

function emitConvert(value: string, shape: ScalarShape): string {
  const spare = String(32 - shape.bits);
  return shape.signed ? `(${value}<<${spare}>>${spare})` : `(${value}&${maskOf(shape.bits)})`;
}

type Pair = { readonly left: Expr; readonly right: Expr };

/** A JavaScript condition, true when the expression is not 0. */
export function emitCondition(expr: Expr, leaves: Leaves): string {
  if (expr.kind === "constant") return expr.value !== 0 ? "true" : "false";
  if (expr.kind === "unary" && expr.op === "logical-not") return `(!${emitCondition(expr.operand, leaves)})`;
  if (expr.kind === "binary") {
    const condition = emitComparison(expr.op, expr, leaves);
    if (condition !== null) return condition;
  }
  return `(${emitExpression(expr, leaves)}!==0)`;
}

function emitComparison(op: BinaryOp, pair: Pair, leaves: Leaves): string | null {
  const operator = comparisons.get(op);
  if (operator === undefined) return null;
  const left = emitExpression(pair.left, leaves);
  const right = emitExpression(pair.right, leaves);
  return operator.unsigned ? `(${left}>>>0${operator.text}${right}>>>0)` : `(${left}${operator.text}${right})`;
}

const comparisons: ReadonlyMap<BinaryOp, { readonly text: string; readonly unsigned: boolean }> = new Map([
  ["eq", { text: "===", unsigned: false }],
  ["ne", { text: "!==", unsigned: false }],
  ["lt", { text: "<", unsigned: false }],
  ["lt-u", { text: "<", unsigned: true }],
  ["le", { text: "<=", unsigned: false }],
  ["le-u", { text: "<=", unsigned: true }],
]);

function emitBinary(op: BinaryOp, pair: Pair, leaves: Leaves): string {
  const comparison = emitComparison(op, pair, leaves);
  if (comparison !== null) return `(${comparison}?1:0)`;
  const left = emitExpression(pair.left, leaves);
  const right = emitExpression(pair.right, leaves);
  switch (op) {
    case "add":
      return `(${left}+${right}|0)`;
    case "sub":
      return `(${left}-${right}|0)`;
    case "mul":
      return `Math.imul(${left},${right})`;
    case "div":
      return `(${left}/${right}|0)`;
    case "div-u":
      return `((${left}>>>0)/(${right}>>>0)|0)`;
    case "mod":
      return `(${left}%${right}|0)`;
    case "mod-u":
      return `((${left}>>>0)%(${right}>>>0)|0)`;
    case "and":
      return `(${left}&${right})`;
    case "or":
      return `(${left}|${right})`;
    case "xor":
      return `(${left}^${right})`;
    case "shl":
      return `(${left}<<${right})`;
    case "shr":
      return `(${left}>>${right})`;
    case "shr-u":
      return `(${left}>>>${right}|0)`;
    case "add-leaves":
      return `(${left}+${right}!==(${left}+${right}|0)?1:0)`;
    case "sub-leaves":
      return `(${left}-${right}!==(${left}-${right}|0)?1:0)`;
    case "mul-leaves":
      return `(${left}*${right}>2147483647||${left}*${right}<-2147483648?1:0)`;
    case "add-leaves-u":
      return `((${left}>>>0)+(${right}>>>0)>4294967295?1:0)`;
    case "sub-leaves-u":
      return `(${left}>>>0<${right}>>>0?1:0)`;
    case "mul-leaves-u":
      return `((${left}>>>0)*(${right}>>>0)>4294967295?1:0)`;
    case "eq":
    case "ne":
    case "lt":
    case "lt-u":
    case "le":
    case "le-u":
      throw new Error("assert: comparisons are emitted above");
  }
  return unreachable(op);
}
