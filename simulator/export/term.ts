/**
 * Values of one step as expressions over the state before it: what symbolic execution computes with.
 *
 * The constructors simplify what they can decide by constants and by the ranges of the variables; nothing else depends
 * on how much they find, except how the exported text reads.
 */
import { evaluateBinary, evaluateConvert, evaluateUnary } from "../program/expressions.ts";
import type { BinaryOp, ScalarShape, UnaryOp } from "../program/ir.ts";

/** A variable of the exported model: one cell of the state, or one row of cells at equal distances. */
export type Variable = {
  readonly id: number;
  /** As the source has it; the printed name is made from it. */
  readonly name: string;
  readonly shape: ScalarShape;
  /** Elements; null for a single cell. */
  readonly length: number | null;
  /** Task that alone uses it, -1 when shared. */
  readonly task: number;
};

export type Term =
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "read"; readonly variable: Variable; readonly index: Term | null }
  | { readonly kind: "unary"; readonly op: UnaryOp; readonly operand: Term }
  | { readonly kind: "binary"; readonly op: BinaryOp; readonly left: Term; readonly right: Term }
  | { readonly kind: "convert"; readonly operand: Term; readonly shape: ScalarShape }
  | { readonly kind: "select"; readonly condition: Term; readonly then: Term; readonly otherwise: Term };

export const termZero = constantTerm(0);
export const termOne = constantTerm(1);

export function constantTerm(value: number): Term {
  return { kind: "constant", value: value | 0 };
}

export function readTerm(variable: Variable, index: Term | null): Term {
  return { kind: "read", variable, index };
}

export function isConstant(term: Term, value: number): boolean {
  return term.kind === "constant" && term.value === value;
}

/** Least and greatest value, both included. */
export type Range = { readonly lo: number; readonly hi: number };

const wordRange: Range = { lo: -0x8000_0000, hi: 0x7fff_ffff };
const bitRange: Range = { lo: 0, hi: 1 };

export function rangeOfShape(shape: ScalarShape): Range {
  if (shape.bits === 32) return wordRange;
  if (shape.signed) return { lo: -(2 ** (shape.bits - 1)), hi: 2 ** (shape.bits - 1) - 1 };
  return { lo: 0, hi: 2 ** shape.bits - 1 };
}

/** Facts about terms that are asked for often. Terms share parts, so walking them as trees could take for ever. */
type Facts = {
  /** Number of a term's structure, by object. */
  readonly numbers: WeakMap<Term, number>;
  readonly structures: Map<string, number>;
  readonly ranges: WeakMap<Term, Range>;
  readonly sizes: WeakMap<Term, number>;
};

function noFacts(): Facts {
  return { numbers: new WeakMap(), structures: new Map(), ranges: new WeakMap(), sizes: new WeakMap() };
}

let facts = noFacts();

/** To be called before an export: what was remembered for another one is dropped. Changes no answer. */
export function forgetTerms(): void {
  facts = noFacts();
}

/** What a term's value surely lies in. */
export function rangeOf(term: Term): Range {
  const known = facts.ranges.get(term);
  if (known !== undefined) return known;
  const range = findRange(term);
  facts.ranges.set(term, range);
  return range;
}

function findRange(term: Term): Range {
  switch (term.kind) {
    case "constant":
      return { lo: term.value, hi: term.value };
    case "read":
      return rangeOfShape(term.variable.shape);
    case "unary":
      return term.op === "logical-not" ? bitRange : wordRange;
    case "convert":
      return rangeOfShape(term.shape);
    case "select": {
      const then = rangeOf(term.then);
      const otherwise = rangeOf(term.otherwise);
      return { lo: Math.min(then.lo, otherwise.lo), hi: Math.max(then.hi, otherwise.hi) };
    }
    case "binary":
      return rangeOfBinary(term.op, rangeOf(term.left), rangeOf(term.right));
  }
}

function fits(range: Range): Range {
  return range.lo < wordRange.lo || range.hi > wordRange.hi ? wordRange : range;
}

function rangeOfBinary(op: BinaryOp, left: Range, right: Range): Range {
  switch (op) {
    case "add":
      return fits({ lo: left.lo + right.lo, hi: left.hi + right.hi });
    case "sub":
      return fits({ lo: left.lo - right.hi, hi: left.hi - right.lo });
    case "and":
      if (left.lo >= 0 && right.lo >= 0) return { lo: 0, hi: Math.min(left.hi, right.hi) };
      if (right.lo >= 0) return { lo: 0, hi: right.hi };
      return left.lo >= 0 ? { lo: 0, hi: left.hi } : wordRange;
    case "or":
    case "xor":
      if (left.lo < 0 || right.lo < 0) return wordRange;
      return { lo: 0, hi: 2 ** (32 - Math.clz32(Math.max(left.hi, right.hi))) - 1 };
    case "shr":
    case "shr-u":
      return left.lo >= 0 ? { lo: 0, hi: left.hi } : wordRange;
    case "eq":
    case "ne":
    case "lt":
    case "lt-u":
    case "le":
    case "le-u":
    case "add-leaves":
    case "add-leaves-u":
    case "sub-leaves":
    case "sub-leaves-u":
    case "mul-leaves":
    case "mul-leaves-u":
      return bitRange;
    case "mul":
    case "div":
    case "div-u":
    case "mod":
    case "mod-u":
    case "shl":
      return wordRange;
  }
}

export function isBoolean(term: Term): boolean {
  const range = rangeOf(term);
  return range.lo >= 0 && range.hi <= 1;
}

const negated: ReadonlyMap<BinaryOp, { readonly op: BinaryOp; readonly swapped: boolean }> = new Map([
  ["eq", { op: "ne", swapped: false }],
  ["ne", { op: "eq", swapped: false }],
  ["lt", { op: "le", swapped: true }],
  ["le", { op: "lt", swapped: true }],
  ["lt-u", { op: "le-u", swapped: true }],
  ["le-u", { op: "lt-u", swapped: true }],
]);

/** 1 when the term is 0, else 0. */
export function notTerm(term: Term): Term {
  if (term.kind === "constant") return constantTerm(term.value === 0 ? 1 : 0);
  if (term.kind === "unary" && term.op === "logical-not") return truthTerm(term.operand);
  if (term.kind === "binary") {
    const opposite = negated.get(term.op);
    if (opposite !== undefined) {
      const [left, right] = opposite.swapped ? [term.right, term.left] : [term.left, term.right];
      return { kind: "binary", op: opposite.op, left, right };
    }
  }
  return { kind: "binary", op: "eq", left: term, right: termZero };
}

/** 1 when the term is not 0, else 0. */
export function truthTerm(term: Term): Term {
  if (isBoolean(term)) return term;
  return binaryTerm("ne", term, termZero);
}

export function unaryTerm(op: UnaryOp, operand: Term): Term {
  if (operand.kind === "constant") return constantTerm(evaluateUnary(op, operand.value));
  return op === "logical-not" ? notTerm(operand) : { kind: "unary", op, operand };
}

export function convertTerm(operand: Term, shape: ScalarShape): Term {
  if (operand.kind === "constant") return constantTerm(evaluateConvert(operand.value, shape));
  const range = rangeOf(operand);
  const target = rangeOfShape(shape);
  if (range.lo >= target.lo && range.hi <= target.hi) return operand;
  return { kind: "convert", operand, shape };
}

export function selectTerm(condition: Term, then: Term, otherwise: Term): Term {
  if (condition.kind === "constant") return condition.value !== 0 ? then : otherwise;
  if (keyOf(then) === keyOf(otherwise)) return then;
  return { kind: "select", condition, then, otherwise };
}

export function binaryTerm(op: BinaryOp, left: Term, right: Term): Term {
  const divides = op === "div" || op === "div-u" || op === "mod" || op === "mod-u";
  if (left.kind === "constant" && right.kind === "constant" && !(divides && right.value === 0)) {
    return constantTerm(evaluateBinary(op, left.value, right.value));
  }
  switch (op) {
    case "add":
    case "sub":
      return sumTerm(op, left, right);
    case "and":
    case "or":
      return bitsTerm(op, left, right);
    case "eq":
    case "ne":
      return equalityTerm(op, left, right);
    case "lt":
    case "le":
      return orderTerm(op, left, right);
    case "mul":
      return right.kind === "constant" && right.value === 1 ? left : { kind: "binary", op, left, right };
    case "xor":
    case "shl":
    case "shr":
    case "shr-u":
      return isConstant(right, 0) ? left : { kind: "binary", op, left, right };
    case "div":
    case "div-u":
    case "mod":
    case "mod-u":
    case "lt-u":
    case "le-u":
    case "add-leaves":
    case "add-leaves-u":
    case "sub-leaves":
    case "sub-leaves-u":
    case "mul-leaves":
    case "mul-leaves-u":
      return { kind: "binary", op, left, right };
  }
}

function sumTerm(op: "add" | "sub", left: Term, right: Term): Term {
  if (isConstant(right, 0)) return left;
  if (op === "add" && isConstant(left, 0)) return right;
  if (right.kind === "constant" && left.kind === "binary" && left.right.kind === "constant") {
    const by = op === "add" ? right.value : -right.value;
    if (left.op === "add") return sumTerm("add", left.left, constantTerm(left.right.value + by));
    if (left.op === "sub") return sumTerm("add", left.left, constantTerm(by - left.right.value));
  }
  if (right.kind === "constant" && right.value < 0 && right.value !== wordRange.lo) {
    return { kind: "binary", op: op === "add" ? "sub" : "add", left, right: constantTerm(-right.value) };
  }
  return { kind: "binary", op, left, right };
}

function bitsTerm(op: "and" | "or", left: Term, right: Term): Term {
  for (const [one, other] of [
    [left, right],
    [right, left],
  ] as const) {
    if (one.kind !== "constant") continue;
    if (one.value === 0) return op === "and" ? one : other;
    if (one.value === -1) return op === "and" ? other : one;
    if (one.value === 1 && isBoolean(other)) return op === "and" ? other : one;
  }
  return keyOf(left) === keyOf(right) ? left : { kind: "binary", op, left, right };
}

function equalityTerm(op: "eq" | "ne", left: Term, right: Term): Term {
  const isEqual = constantTerm(op === "eq" ? 1 : 0);
  const isUnequal = constantTerm(op === "eq" ? 0 : 1);
  if (keyOf(left) === keyOf(right)) return isEqual;
  const [l, r] = [rangeOf(left), rangeOf(right)];
  if (l.hi < r.lo || r.hi < l.lo) return isUnequal;
  if (left.kind === "constant") return equalityTerm(op, right, left);
  if (right.kind !== "constant") return { kind: "binary", op, left, right };
  if (left.kind !== "read" && isBoolean(left)) {
    const wanted = (right.value === 1) === (op === "eq");
    return wanted ? left : notTerm(left);
  }
  if (left.kind === "binary" && left.right.kind === "constant" && (left.op === "add" || left.op === "sub")) {
    const by = left.op === "add" ? left.right.value : -left.right.value;
    return equalityTerm(op, left.left, constantTerm(right.value - by));
  }
  if (left.kind === "select" && (left.then.kind === "constant" || left.otherwise.kind === "constant")) {
    const then = equalityTerm(op, left.then, right);
    const otherwise = equalityTerm(op, left.otherwise, right);
    return selectTruth(left.condition, then, otherwise);
  }
  return { kind: "binary", op, left, right };
}

/** A choice between two truths, as and, or and not where that is shorter. */
function selectTruth(condition: Term, then: Term, otherwise: Term): Term {
  const truth = truthTerm(condition);
  if (isConstant(then, 1)) return binaryTerm("or", truth, otherwise);
  if (isConstant(then, 0)) return binaryTerm("and", notTerm(truth), otherwise);
  if (isConstant(otherwise, 1)) return binaryTerm("or", notTerm(truth), then);
  if (isConstant(otherwise, 0)) return binaryTerm("and", truth, then);
  return selectTerm(condition, then, otherwise);
}

function orderTerm(op: "lt" | "le", left: Term, right: Term): Term {
  const [l, r] = [rangeOf(left), rangeOf(right)];
  if (op === "lt" ? l.hi < r.lo : l.hi <= r.lo) return termOne;
  if (op === "lt" ? l.lo >= r.hi : l.lo > r.hi) return termZero;
  return { kind: "binary", op, left, right };
}

/** A number that is equal for equal terms. */
export function keyOf(term: Term): number {
  const known = facts.numbers.get(term);
  if (known !== undefined) return known;
  const structure = structureOf(term);
  const number = facts.structures.get(structure) ?? facts.structures.size;
  facts.structures.set(structure, number);
  facts.numbers.set(term, number);
  return number;
}

function structureOf(term: Term): string {
  switch (term.kind) {
    case "constant":
      return `constant ${String(term.value)}`;
    case "read":
      return `read ${String(term.variable.id)} ${term.index === null ? "" : String(keyOf(term.index))}`;
    case "unary":
      return `${term.op} ${String(keyOf(term.operand))}`;
    case "convert":
      return `${term.shape.signed ? "signed" : "unsigned"} ${String(term.shape.bits)} ${String(keyOf(term.operand))}`;
    case "binary":
      return `${term.op} ${String(keyOf(term.left))} ${String(keyOf(term.right))}`;
    case "select":
      return `select ${String(keyOf(term.condition))} ${String(keyOf(term.then))} ${String(keyOf(term.otherwise))}`;
  }
}

/** Parts that a term is made of. */
function partsOf(term: Term): readonly Term[] {
  switch (term.kind) {
    case "constant":
      return [];
    case "read":
      return term.index === null ? [] : [term.index];
    case "unary":
    case "convert":
      return [term.operand];
    case "binary":
      return [term.left, term.right];
    case "select":
      return [term.condition, term.then, term.otherwise];
  }
}

/** Length of a term when it is written out. */
export function sizeOf(term: Term): number {
  const known = facts.sizes.get(term);
  if (known !== undefined) return known;
  const size = partsOf(term).reduce((sum, part) => sum + sizeOf(part), 1);
  facts.sizes.set(term, size);
  return size;
}

/** The reads in a term, those of its indices included; each part once. */
export function forEachRead(term: Term, visit: (read: Extract<Term, { kind: "read" }>) => void): void {
  const seen = new Set<Term>();
  const pending = [term];
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    if (seen.has(part)) continue;
    seen.add(part);
    if (part.kind === "read") visit(part);
    pending.push(...partsOf(part));
  }
}

/** Builds a term anew with some subterms replaced; what the replacement decides is simplified away. */
export function rebuild(term: Term, replace: (term: Term) => Term | null): Term {
  const done = new Map<Term, Term>();
  const build = (part: Term): Term => {
    const known = done.get(part);
    if (known !== undefined) return known;
    const built = replace(part) ?? rebuildParts(part, build, replace);
    done.set(part, built);
    return built;
  };
  return build(term);
}

function rebuildParts(term: Term, build: (part: Term) => Term, replace: (term: Term) => Term | null): Term {
  switch (term.kind) {
    case "constant":
      return term;
    case "read": {
      if (term.index === null) return term;
      const read = readTerm(term.variable, build(term.index));
      return replace(read) ?? read;
    }
    case "unary":
      return unaryTerm(term.op, build(term.operand));
    case "convert":
      return convertTerm(build(term.operand), term.shape);
    case "binary":
      return binaryTerm(term.op, build(term.left), build(term.right));
    case "select":
      return selectTerm(build(term.condition), build(term.then), build(term.otherwise));
  }
}
