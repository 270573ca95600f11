/**
 * Ranges of a task's own variables and temporaries, whatever their type: a local that only ever holds 0 or 1 takes one bit
 * of the state. Flow-insensitive intervals, widened to powers of two.
 *
 * @source Cousot and Cousot, "Static determination of dynamic properties of programs", 1976 (intervals, widening)
 */
import { assert, unreachable } from "../source/assert.ts";
import type { BinaryOp, Cell, Expr, Node, Routine, ScalarShape } from "./ir.ts";
import { memoryBase } from "./ir.ts";

/** Both ends included; null: no value yet. */
export type Range = { readonly lo: number; readonly hi: number };

const anything: Range = { lo: -(2 ** 31), hi: 2 ** 31 - 1 };
const truth: Range = { lo: 0, hi: 1 };

export type Ranges = {
  readonly temps: readonly (Range | null)[];
  /** By cell number; absent for cells that the routine does not assign. */
  readonly cells: ReadonlyMap<number, Range>;
};

/** Ranges of the values that one routine gives to its temporaries and cells. O(nodes x widenings). */
export function findRanges(routine: Routine, cells: readonly Cell[]): Ranges {
  return new RangeFinder(routine, cells).run();
}

/** Bits of a slot that holds such values zero-extended; what could be an address or negative takes the whole shape. */
export function bitsOfRange(range: Range | null, shape: ScalarShape): number {
  if (range === null) return 1;
  if (range.lo < 0 || range.hi >= memoryBase) return shape.bits;
  return Math.min(shape.bits, Math.max(1, 32 - Math.clz32(range.hi)));
}

class RangeFinder {
  readonly #routine: Routine;
  readonly #cells: readonly Cell[];
  readonly #temps: (Range | null)[];
  readonly #ofCells = new Map<number, Range>();
  #changed = false;

  constructor(routine: Routine, cells: readonly Cell[]) {
    this.#routine = routine;
    this.#cells = cells;
    this.#temps = routine.temps.map(() => null);
  }

  run(): Ranges {
    do {
      this.#changed = false;
      for (const node of this.#routine.nodes) this.#apply(node);
    } while (this.#changed);
    return { temps: this.#temps, cells: this.#ofCells };
  }

  #apply(node: Node): void {
    switch (node.kind) {
      case "assign":
        if (node.target.kind === "temp") this.#join(node.target.temp, this.#value(node.value));
        else this.#joinCell(node.target.cell, this.#value(node.value));
        return;
      case "load":
        this.#join(node.temp, ofShape(node.shape));
        return;
      case "choose": {
        const lo = this.#value(node.lo);
        const hi = this.#value(node.hi);
        if (lo !== null && hi !== null) this.#join(node.temp, { lo: lo.lo, hi: Math.max(lo.lo, hi.hi) });
        return;
      }
      case "allocate":
        this.#join(node.temp, anything);
        return;
      case "request":
        if (node.temp >= 0) this.#join(node.temp, anything);
        return;
      case "store":
      case "jump":
      case "branch":
      case "begin":
      case "guard":
      case "check":
      case "limit":
      case "note":
      case "use":
      case "forget":
      case "enter-scope":
      case "leave-scope":
      case "free":
      case "rcu-leave":
      case "touch":
      case "result":
      case "end":
        return;
    }
    unreachable(node);
  }

  #join(temp: number, range: Range | null): void {
    const before = this.#temps[temp] ?? null;
    const after = widened(before, range);
    if (after === before) return;
    this.#temps[temp] = after;
    this.#changed = true;
  }

  #joinCell(cell: number, range: Range | null): void {
    const before = this.#ofCells.get(cell) ?? null;
    const after = widened(before, range === null ? null : cut(range, this.#shapeOf(cell)));
    if (after === before || after === null) return;
    this.#ofCells.set(cell, after);
    this.#changed = true;
  }

  #shapeOf(cell: number): ScalarShape {
    const shape = this.#cells[cell]?.shape;
    assert(shape !== undefined, "a cell has a shape");
    return shape;
  }

  /** Null: some operand has no value yet, so this is not reached yet. */
  #value(expr: Expr): Range | null {
    switch (expr.kind) {
      case "constant":
        return { lo: expr.value, hi: expr.value };
      case "temp":
        return this.#temps[expr.temp] ?? null;
      case "cell":
        return this.#cellValue(expr.cell);
      case "unary":
        return expr.op === "logical-not" ? truth : anything;
      case "convert": {
        const operand = this.#value(expr.operand);
        return operand === null ? null : cut(operand, expr.shape);
      }
      case "binary":
        return this.#binary(expr.op, this.#value(expr.left), this.#value(expr.right));
      case "select": {
        const then = this.#value(expr.then);
        const otherwise = this.#value(expr.otherwise);
        if (then === null) return otherwise;
        return otherwise === null ? then : hull(then, otherwise);
      }
    }
    return unreachable(expr);
  }

  /** A local begins as its initial value; other cells can hold what their shape holds. */
  #cellValue(cell: number): Range {
    const info = this.#cells[cell];
    assert(info !== undefined, "a cell is known");
    if (info.role !== "local") return ofShape(info.shape);
    const initial = { lo: info.initial, hi: info.initial };
    const assigned = this.#ofCells.get(cell);
    return assigned === undefined ? initial : hull(initial, assigned);
  }

  #binary(op: BinaryOp, left: Range | null, right: Range | null): Range | null {
    if (isTruth(op)) return truth;
    if (left === null || right === null) return null;
    switch (op) {
      case "add":
        return fitting({ lo: left.lo + right.lo, hi: left.hi + right.hi });
      case "sub":
        return fitting({ lo: left.lo - right.hi, hi: left.hi - right.lo });
      case "mul":
        if (left.lo < 0 || right.lo < 0) return anything;
        return fitting({ lo: left.lo * right.lo, hi: left.hi * right.hi });
      case "and":
        if (right.lo >= 0) return { lo: 0, hi: right.hi };
        return left.lo >= 0 ? { lo: 0, hi: left.hi } : anything;
      case "or":
      case "xor":
        if (left.lo < 0 || right.lo < 0) return anything;
        return { lo: 0, hi: allOnes(Math.max(left.hi, right.hi)) };
      case "mod":
      case "mod-u":
        if (left.lo < 0 || right.lo <= 0) return anything;
        return { lo: 0, hi: Math.min(left.hi, right.hi - 1) };
      case "div":
      case "div-u":
        return left.lo >= 0 && right.lo > 0 ? { lo: 0, hi: left.hi } : anything;
      case "shr":
      case "shr-u":
        return left.lo >= 0 ? { lo: 0, hi: left.hi } : anything;
      case "shl":
        return anything;
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
        return truth;
    }
    return unreachable(op);
  }
}

function isTruth(op: BinaryOp): boolean {
  switch (op) {
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
      return true;
    case "add":
    case "sub":
    case "mul":
    case "div":
    case "div-u":
    case "mod":
    case "mod-u":
    case "and":
    case "or":
    case "xor":
    case "shl":
    case "shr":
    case "shr-u":
      return false;
  }
}

function hull(one: Range, other: Range): Range {
  return { lo: Math.min(one.lo, other.lo), hi: Math.max(one.hi, other.hi) };
}

/** 2^n - 1 that is not smaller. */
function allOnes(value: number): number {
  return value <= 0 ? 0 : 2 ** (32 - Math.clz32(value)) - 1;
}

/** The union, its upper end raised so that a loop is done after few rounds. */
function widened(before: Range | null, range: Range | null): Range | null {
  if (range === null) return before;
  if (before !== null && range.lo >= before.lo && range.hi <= before.hi) return before;
  const both = before === null ? range : hull(before, range);
  return { lo: both.lo < 0 ? anything.lo : 0, hi: both.hi < 0 ? 0 : Math.min(anything.hi, allOnes(both.hi)) };
}

function fitting(range: Range): Range {
  return range.lo < anything.lo || range.hi > anything.hi ? anything : range;
}

function ofShape(shape: ScalarShape): Range {
  if (shape.bits === 32) return anything;
  if (shape.signed) return { lo: -(2 ** (shape.bits - 1)), hi: 2 ** (shape.bits - 1) - 1 };
  return { lo: 0, hi: 2 ** shape.bits - 1 };
}

/** What is left of a range when its values are cut to a shape. */
function cut(range: Range, shape: ScalarShape): Range {
  const all = ofShape(shape);
  return range.lo >= all.lo && range.hi <= all.hi ? range : all;
}
