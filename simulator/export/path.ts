/** One path through one step: what holds on it, and what it has written so far, all over the state before the step. */
import { rangeOf, type Term, type Variable } from "./term.ts";
import {
  binaryTerm,
  constantTerm,
  convertTerm,
  isBoolean,
  keyOf,
  notTerm,
  readTerm,
  rebuild,
  selectTerm,
  termOne,
  termZero,
} from "./term.ts";

export type Update = { readonly variable: Variable; readonly index: Term | null; readonly value: Term };

/** What a variable holds before the step; constants for the initial state. */
export type ReadBefore = (variable: Variable, index: Term | null) => Term;

/** Mutable; paths are copied where they part. */
export class Path {
  readonly conditions: Term[];
  readonly temps: Term[];
  /** Whether an atomic block has had an effect already: a guard must not come after it. */
  acted: boolean;
  readonly #known: Map<number, Term>;
  readonly #updates: Update[];
  readonly #before: ReadBefore;

  constructor(from: { readonly temps: number; readonly before: ReadBefore } | Path) {
    if (from instanceof Path) {
      this.conditions = [...from.conditions];
      this.temps = [...from.temps];
      this.acted = from.acted;
      this.#known = new Map(from.#known);
      this.#updates = [...from.#updates];
      this.#before = from.#before;
      return;
    }
    this.conditions = [];
    this.temps = Array.from({ length: from.temps }, () => termZero);
    this.acted = false;
    this.#known = new Map();
    this.#updates = [];
    this.#before = from.before;
  }

  /** The term with everything put in that the conditions of this path decide. */
  simplify(term: Term): Term {
    if (this.#known.size === 0) return term;
    return rebuild(term, (part) => this.#known.get(keyOf(part)) ?? null);
  }

  /** Goes on under a condition; false when it cannot hold here. */
  assume(condition: Term): boolean {
    const term = this.simplify(condition);
    if (term.kind === "constant") return term.value !== 0;
    this.conditions.push(term);
    this.#learn(term, true);
    return true;
  }

  #learn(term: Term, holds: boolean): void {
    if (isBoolean(term)) this.#known.set(keyOf(term), holds ? termOne : termZero);
    else if (!holds) this.#known.set(keyOf(term), termZero);
    if (term.kind !== "binary") return;
    const opposite = notTerm(term);
    if (opposite.kind === "binary" && opposite.op !== term.op)
      this.#known.set(keyOf(opposite), holds ? termZero : termOne);
    if ((term.op === "eq" && holds) || (term.op === "ne" && !holds)) this.#learnEqual(term.left, term.right);
    if ((term.op === "ne" && holds) || (term.op === "eq" && !holds)) this.#learnUnequal(term.left, term.right);
    const both = isBoolean(term.left) && isBoolean(term.right);
    if (both && ((term.op === "and" && holds) || (term.op === "or" && !holds))) {
      this.#learn(term.left, holds);
      this.#learn(term.right, holds);
    }
  }

  #learnEqual(left: Term, right: Term): void {
    if (right.kind === "constant" && left.kind !== "constant") this.#known.set(keyOf(left), right);
  }

  #learnUnequal(left: Term, right: Term): void {
    if (right.kind !== "constant" || left.kind === "constant") return;
    const range = rangeOf(left);
    if (range.hi - range.lo === 1)
      this.#known.set(keyOf(left), constantTerm(right.value === range.lo ? range.hi : range.lo));
  }

  /** The value of a variable now. */
  read(variable: Variable, index: Term | null): Term {
    const at = index === null ? null : this.simplify(index);
    return this.simplify(this.#readAfter(variable, at, this.#updates.length));
  }

  #readAfter(variable: Variable, index: Term | null, updates: number): Term {
    for (let number = updates - 1; number >= 0; number -= 1) {
      const update = this.#updates[number];
      if (update === undefined || update.variable !== variable) continue;
      if (index === null || update.index === null) return update.value;
      const same = this.simplify(binaryTerm("eq", index, update.index));
      if (same.kind === "constant" && same.value === 0) continue;
      if (same.kind === "constant") return update.value;
      return selectTerm(same, update.value, this.#readAfter(variable, index, number));
    }
    return this.#before(variable, index);
  }

  write(variable: Variable, index: Term | null, value: Term): void {
    const at = index === null ? null : this.simplify(index);
    const cut = convertTerm(this.simplify(value), variable.shape);
    const key = at === null ? null : keyOf(at);
    const known = this.#updates.findIndex(
      (update) => update.variable === variable && (update.index === null ? null : keyOf(update.index)) === key,
    );
    const isLast = known >= 0 && !this.#updates.slice(known + 1).some((update) => update.variable === variable);
    if (known >= 0 && (at === null || isLast)) this.#updates.splice(known, 1);
    this.#updates.push({ variable, index: at, value: cut });
  }

  /** All writes in order, without those that leave a variable as it was. */
  updates(): readonly Update[] {
    const final = this.#updates.map((update) => ({
      variable: update.variable,
      index: update.index === null ? null : this.simplify(update.index),
      value: this.simplify(update.value),
    }));
    return final.filter((update) => {
      const alone = final.filter((other) => other.variable === update.variable).length === 1;
      if (!alone) return true;
      return keyOf(this.simplify(readTerm(update.variable, update.index))) !== keyOf(update.value);
    });
  }
}
