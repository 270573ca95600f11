/**
 * Which constants can an address be? Flow-insensitive sets of values (Andersen 1994, with numbers instead of objects),
 * so that an access through a pointer needs to tell apart only the cells that the pointer can ever refer to.
 */
import { evaluateBinary, evaluateConvert, evaluateUnary } from "../program/expressions.ts";
import type { Expr, Node, Routine } from "../program/ir.ts";
import type { Prepared } from "../explore/prepare.ts";
import type { Variable } from "./term.ts";
import type { Variables } from "./variables.ts";

/** null: anything. */
type Values = ReadonlySet<number> | null;

/** Larger sets are taken for "anything". */
const valuesMax = 64;

/** The values that addresses can have. */
export type Candidates = {
  /** Ascending; null when it could be anything. */
  readonly of: (routine: Routine, address: Expr) => readonly number[] | null;
  /** Variables of 32 bits that can hold an address from `lo` up to `hi`, the latter excluded. */
  readonly holders: (lo: number, hi: number) => readonly Held[];
};

/** A cell that can hold an address. */
export type Held = { readonly variable: Variable; readonly index: number | null };

/** Computes all sets. O(nodes x valuesMax) rounds in the worst case, two or three in practice. */
export function findCandidates(prepared: Prepared, variables: Variables): Candidates {
  const analysis = new Analysis(prepared, variables);
  analysis.run();
  return {
    of: (routine, address) => {
      const values = analysis.valuesOf(routine, address);
      return values === null ? null : [...values].sort((a, b) => a - b);
    },
    holders: (lo, hi) => analysis.holders(lo, hi),
  };
}

class Analysis {
  readonly #routines: readonly Routine[];
  readonly #variables: Variables;
  readonly #prepared: Prepared;
  readonly #temps = new Map<Routine, Values[]>();
  readonly #cells: Values[];
  readonly #memory = new Map<number, Values>();
  #changed = false;

  constructor(prepared: Prepared, variables: Variables) {
    this.#prepared = prepared;
    this.#variables = variables;
    this.#routines = [...prepared.tasks, ...prepared.inits, ...prepared.properties].map((part) => part.routine);
    for (const routine of this.#routines)
      this.#temps.set(
        routine,
        routine.temps.map(() => new Set([0])),
      );
    this.#cells = prepared.program.cells.map((cell) => new Set([cell.initial]));
    for (const row of variables.rows) {
      const values = variables.initial.get(row.variable) ?? [];
      for (let at = 0; at < row.count; at += 1)
        this.#memory.set(row.address + at * row.strideBytes, new Set([values[at] ?? 0]));
    }
  }

  run(): void {
    do {
      this.#changed = false;
      for (const routine of this.#routines) for (const node of routine.nodes) this.#flow(routine, node);
    } while (this.#changed);
  }

  valuesOf(routine: Routine, expr: Expr): Values {
    switch (expr.kind) {
      case "constant":
        return new Set([expr.value]);
      case "temp":
        return this.#temps.get(routine)?.[expr.temp] ?? null;
      case "cell":
        return this.#cells[expr.cell] ?? null;
      case "unary":
        return combine(this.valuesOf(routine, expr.operand), zeroOnly, (value) => evaluateUnary(expr.op, value));
      case "convert":
        return combine(this.valuesOf(routine, expr.operand), zeroOnly, (value) => evaluateConvert(value, expr.shape));
      case "select":
        return union(this.valuesOf(routine, expr.then), this.valuesOf(routine, expr.otherwise));
      case "binary":
        return combine(this.valuesOf(routine, expr.left), this.valuesOf(routine, expr.right), (left, right) =>
          right === 0 && /^(div|mod)/.test(expr.op) ? 0 : evaluateBinary(expr.op, left, right),
        );
    }
  }

  holders(lo: number, hi: number): readonly Held[] {
    const canHold = (values: Values): boolean =>
      values === null || [...values].some((value) => value >= lo && value < hi);
    const held: Held[] = [];
    this.#variables.cells.forEach((variable, index) => {
      if (variable.shape.bits === 32 && canHold(this.#cells[index] ?? null)) held.push({ variable, index: null });
    });
    this.#prepared.tasks.forEach((task, index) => {
      this.#variables.homes[index]?.forEach((variable, home) => {
        const temps = task.routine.temps.flatMap((_, temp) => (task.homes.homeOf[temp] === home ? [temp] : []));
        const can = temps.some((temp) => canHold(this.#temps.get(task.routine)?.[temp] ?? null));
        if (variable.shape.bits === 32 && can) held.push({ variable, index: null });
      });
    });
    for (const row of this.#variables.rows) {
      for (let at = 0; at < row.count; at += 1) {
        const values = this.#memory.get(row.address + at * row.strideBytes) ?? null;
        if (row.variable.shape.bits !== 32 || !canHold(values)) continue;
        held.push({ variable: row.variable, index: row.count > 1 ? at : null });
      }
    }
    return held;
  }

  #flow(routine: Routine, node: Node): void {
    if (node.kind === "assign") {
      const values = this.valuesOf(routine, node.value);
      if (node.target.kind === "temp") this.#setTemp(routine, node.target.temp, values);
      else this.#setCell(node.target.cell, values);
    }
    if (node.kind === "load") this.#setTemp(routine, node.temp, this.#loaded(routine, node));
    if (node.kind === "store") {
      for (const address of this.#addresses(routine, node)) {
        const before = this.#memory.get(address) ?? null;
        const stored = combine(this.valuesOf(routine, node.value), zeroOnly, (value) =>
          evaluateConvert(value, node.shape),
        );
        this.#memory.set(address, this.#grow(before, stored));
      }
    }
    if (node.kind === "choose") this.#setTemp(routine, node.temp, this.#chosen(routine, node));
    if (node.kind === "allocate") {
      const instances = this.#prepared.image.pools[node.pool]?.instances ?? [];
      const addresses = instances.map((instance) => this.#variables.instances[instance]?.address ?? 0);
      this.#setTemp(routine, node.temp, new Set([0, ...addresses]));
    }
  }

  #addresses(routine: Routine, node: Extract<Node, { kind: "load" | "store" }>): readonly number[] {
    const values = this.valuesOf(routine, node.address);
    const all = values === null ? this.#variables.addressesOf(node.tag) : [...values];
    return all.filter((address) => this.#memory.has(address));
  }

  #loaded(routine: Routine, node: Extract<Node, { kind: "load" }>): Values {
    const stored = this.#addresses(routine, node).reduce<Values>(
      (sum, address) => union(sum, this.#memory.get(address) ?? null),
      new Set(),
    );
    return combine(stored, zeroOnly, (value) => evaluateConvert(value, node.shape));
  }

  #chosen(routine: Routine, node: Extract<Node, { kind: "choose" }>): Values {
    const lo = this.valuesOf(routine, node.lo);
    const hi = this.valuesOf(routine, node.hi);
    if (lo === null || hi === null || lo.size === 0 || hi.size === 0) return null;
    const from = Math.min(...lo);
    const to = Math.max(...hi);
    if (to - from >= valuesMax) return null;
    return new Set(Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => from + at));
  }

  #setTemp(routine: Routine, temp: number, values: Values): void {
    const temps = this.#temps.get(routine);
    if (temps !== undefined) temps[temp] = this.#grow(temps[temp] ?? null, values);
  }

  #setCell(cell: number, values: Values): void {
    const shape = this.#prepared.program.cells[cell]?.shape ?? { bits: 32, signed: true };
    const kept = combine(values, zeroOnly, (value) => evaluateConvert(value, shape));
    this.#cells[cell] = this.#grow(this.#cells[cell] ?? null, kept);
  }

  #grow(before: Values, values: Values): Values {
    if (before === null) return null;
    const after = union(before, values);
    if (after === null || after.size > before.size) this.#changed = true;
    return after;
  }
}

const zeroOnly: Values = new Set([0]);

function union(left: Values, right: Values): Values {
  if (left === null || right === null) return null;
  const all = new Set([...left, ...right]);
  return all.size > valuesMax ? null : all;
}

function combine(left: Values, right: Values, of: (left: number, right: number) => number): Values {
  if (left === null || right === null || left.size * right.size > valuesMax * valuesMax) return null;
  const all = new Set<number>();
  for (const one of left) for (const other of right) all.add(of(one, other));
  return all.size > valuesMax ? null : all;
}
