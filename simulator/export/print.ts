/** Terms, variables and constants as Promela. */
import { unreachable } from "../source/assert.ts";
import type { BinaryOp, ScalarShape } from "../program/ir.ts";
import { isBoolean, rangeOf, type Term, type Variable } from "./term.ts";

/** How leaves are named. */
export type Names = {
  readonly variable: (variable: Variable) => string;
  /** A constant that is an address, by name; null for plain numbers. */
  readonly address: (value: number) => string | null;
};

/** Something that Promela cannot say. */
export class Inexpressible {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

export function typeName(shape: ScalarShape): "bit" | "byte" | "short" | "int" {
  if (shape.bits === 1 && !shape.signed) return "bit";
  if (shape.bits <= 8 && !shape.signed) return "byte";
  return shape.bits < 16 || (shape.bits === 16 && shape.signed) ? "short" : "int";
}

export function typeBytes(shape: ScalarShape): number {
  return { bit: 1, byte: 1, short: 2, int: 4 }[typeName(shape)];
}

/** Prints terms; what cannot be said is collected in `problems`. */
export class Printer {
  readonly problems = new Set<string>();
  readonly #names: Names;

  constructor(names: Names) {
    this.#names = names;
  }

  /** In a place where only zero or not counts. */
  condition(term: Term): string {
    if (term.kind === "binary" && isBoolean(term.left) && isBoolean(term.right)) {
      if (term.op === "and") return `${this.#side(term.left, "and")} && ${this.#side(term.right, "and")}`;
      if (term.op === "or") return `${this.#side(term.left, "or")} || ${this.#side(term.right, "or")}`;
      if (term.op === "eq" && term.right.kind === "constant" && term.left.kind !== "read")
        return term.right.value === 0 ? `!(${this.condition(term.left)})` : this.condition(term.left);
    }
    if (term.kind === "binary") return this.#binary(term);
    if (term.kind === "constant") return term.value === 0 ? "false" : "true";
    return `${this.value(term)} != 0`;
  }

  #side(term: Term, within: "and" | "or"): string {
    const text = this.condition(term);
    if (term.kind !== "binary") return text;
    if (isBoolean(term.left) && isBoolean(term.right) && term.op === within) return text;
    return term.op === "and" || term.op === "or" ? `(${text})` : text;
  }

  value(term: Term): string {
    switch (term.kind) {
      case "constant":
        return this.constant(term.value);
      case "read":
        return this.place(term.variable, term.index);
      case "unary":
        if (term.op === "logical-not") return `(!(${this.condition(term.operand)}))`;
        return term.op === "negate" ? `(-${this.value(term.operand)})` : `(~${this.value(term.operand)})`;
      case "binary":
        return `(${this.#isLogical(term) ? this.condition(term) : this.#binary(term)})`;
      case "convert":
        return this.#convert(term.operand, term.shape);
      case "select":
        return `((${this.condition(term.condition)}) -> ${this.value(term.then)} : ${this.value(term.otherwise)})`;
    }
    return unreachable(term);
  }

  #isLogical(term: Extract<Term, { kind: "binary" }>): boolean {
    return (term.op === "and" || term.op === "or") && isBoolean(term.left) && isBoolean(term.right);
  }

  constant(value: number): string {
    const name = this.#names.address(value);
    if (name !== null) return name;
    if (value === -0x8000_0000) return "(-2147483647 - 1)";
    return value < 0 ? `(${String(value)})` : String(value);
  }

  place(variable: Variable, index: Term | null): string {
    const name = this.#names.variable(variable);
    return index === null ? name : `${name}[${stripped(this.value(index))}]`;
  }

  #convert(operand: Term, shape: ScalarShape): string {
    const value = this.value(operand);
    if (!shape.signed) return `(${value} & ${String(2 ** shape.bits - 1)})`;
    const spare = String(32 - shape.bits);
    return `((${value} << ${spare}) >> ${spare})`;
  }

  /** Without outer parentheses. */
  #binary(term: Extract<Term, { kind: "binary" }>): string {
    const left = this.value(term.left);
    const right = this.value(term.right);
    const simple = operators.get(term.op);
    if (simple !== undefined) return `${left} ${simple} ${right}`;
    const positive = rangeOf(term.left).lo >= 0 && rangeOf(term.right).lo >= 0;
    return this.#unsigned(term, { left, right, positive });
  }

  #unsigned(
    term: Extract<Term, { kind: "binary" }>,
    sides: { readonly left: string; readonly right: string; readonly positive: boolean },
  ): string {
    const { left, right, positive } = sides;
    const flip = "(-2147483647 - 1)";
    switch (term.op) {
      case "lt-u":
      case "sub-leaves-u":
        return positive ? `${left} < ${right}` : `(${left} ^ ${flip}) < (${right} ^ ${flip})`;
      case "le-u":
        return positive ? `${left} <= ${right}` : `(${left} ^ ${flip}) <= (${right} ^ ${flip})`;
      case "div":
      case "mod":
        return this.#divide(term.op, term, sides);
      case "div-u":
      case "mod-u":
        if (!positive) return this.#divideUnsigned(term.op, term.right, left);
        return `${left} ${term.op === "div-u" ? "/" : "%"} ${right}`;
      case "shl":
        return `${left} << ${shift(term.right, right)}`;
      case "shr":
        return `${left} >> ${shift(term.right, right)}`;
      case "shr-u": {
        const by = shift(term.right, right);
        return positive ? `${left} >> ${by}` : `(${left} >> ${by}) & ((2 << (31 - ${by})) - 1)`;
      }
      case "add-leaves":
        return `((${left} ^ (${left} + ${right})) & (${right} ^ (${left} + ${right}))) < 0`;
      case "add-leaves-u":
        return `((${left} & ${right}) | ((${left} | ${right}) & ~(${left} + ${right}))) < 0`;
      case "sub-leaves":
        return `((${left} ^ ${right}) & (${left} ^ (${left} - ${right}))) < 0`;
      case "mul-leaves":
      case "mul-leaves-u":
        return this.#problem("the test whether a 64-bit product fits 32 bits");
      case "add":
      case "sub":
      case "mul":
      case "and":
      case "or":
      case "xor":
      case "eq":
      case "ne":
      case "lt":
      case "le":
        throw new Error("assert: operators of Promela are printed above");
    }
    return unreachable(term.op);
  }

  /** C traps on the one quotient that does not fit. */
  #divide(
    op: "div" | "mod",
    term: Extract<Term, { kind: "binary" }>,
    sides: { readonly left: string; readonly right: string },
  ): string {
    const { left, right } = sides;
    const operator = op === "div" ? "/" : "%";
    const divisor = rangeOf(term.right);
    if (divisor.lo > -1 || divisor.hi < -1) return `${left} ${operator} ${right}`;
    return `(${right} == (-1) -> ${op === "div" ? `(-${left})` : "0"} : ${left} ${operator} ${right})`;
  }

  /** Halves, divides, doubles, and corrects the quotient by at most one (Warren, Hacker's Delight, section 9-3). */
  #divideUnsigned(op: "div-u" | "mod-u", divisor: Term, value: string): string {
    if (divisor.kind !== "constant" || divisor.value < 2 || divisor.value > 0x4000_0000)
      return this.#problem("an unsigned division of numbers that may pass 2147483647");
    const by = String(divisor.value);
    const half = `((((${value} >> 1) & 2147483647) / ${by}) * 2)`;
    const quotient = `(${value} >= 0 -> ${value} / ${by} : (${half} + ((${value} - (${half} * ${by})) >= ${by})))`;
    return op === "div-u" ? quotient : `(${value} - (${quotient} * ${by}))`;
  }

  #problem(message: string): string {
    this.problems.add(message);
    return "0";
  }
}

const operators: ReadonlyMap<BinaryOp, string> = new Map([
  ["add", "+"],
  ["sub", "-"],
  ["mul", "*"],
  ["and", "&"],
  ["or", "|"],
  ["xor", "^"],
  ["eq", "=="],
  ["ne", "!="],
  ["lt", "<"],
  ["le", "<="],
]);

function shift(term: Term, text: string): string {
  if (term.kind === "constant") return String(term.value & 31);
  const range = rangeOf(term);
  return range.lo >= 0 && range.hi <= 31 ? text : `(${text} & 31)`;
}

/** A value where parentheses around it are needless; a choice between two values keeps its own. */
export function stripped(text: string): string {
  if (!text.startsWith("(") || !text.endsWith(")")) return text;
  let depth = 0;
  for (let at = 0; at < text.length - 1; at += 1) {
    if (text[at] === "(") depth += 1;
    if (text[at] === ")") depth -= 1;
    if (depth === 0 || (depth === 1 && text.startsWith("->", at))) return text;
  }
  return text.slice(1, -1);
}
