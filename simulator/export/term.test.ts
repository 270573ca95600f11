/** Terms that simplify themselves keep their value; simultaneous assignments keep theirs in sequence. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evaluateBinary, evaluateConvert, evaluateUnary } from "../program/expressions.ts";
import type { BinaryOp, ScalarShape } from "../program/ir.ts";
import { Path, type Update } from "./path.ts";
import { sequence } from "./sequence.ts";
import {
  binaryTerm,
  constantTerm,
  convertTerm,
  readTerm,
  rebuild,
  selectTerm,
  unaryTerm,
  type Term,
  type Variable,
} from "./term.ts";

const shapes: readonly ScalarShape[] = [
  { bits: 32, signed: true },
  { bits: 8, signed: false },
  { bits: 1, signed: false },
  { bits: 4, signed: true },
];
const variables: readonly Variable[] = shapes.map((shape, id) => ({
  id,
  name: `v${String(id)}`,
  shape,
  length: null,
  task: -1,
}));
const operators: readonly BinaryOp[] = [
  ..."add sub mul and or xor shl shr shr-u eq ne lt lt-u le le-u".split(" "),
  ..."add-leaves add-leaves-u sub-leaves sub-leaves-u".split(" "),
] as BinaryOp[];
const seed = 20260202;

/** A term as the constructors made it, and its value without them. */
type Made = { readonly term: Term; readonly value: (state: readonly number[]) => number };

const leaf: fc.Arbitrary<Made> = fc.oneof(
  fc.constantFrom(0, 1, -1, 2, 5, 255, 65_536, -0x8000_0000, 0x7fff_ffff).map((value) => ({
    term: constantTerm(value),
    value: () => value,
  })),
  fc.constantFrom(...variables).map((variable) => ({
    term: readTerm(variable, null),
    value: (state: readonly number[]) => state[variable.id] ?? 0,
  })),
);

const made = fc.letrec<{ term: Made }>((tie) => ({
  term: fc.oneof(
    { depthSize: "small", maxDepth: 5 },
    leaf,
    fc.tuple(fc.constantFrom(...operators), tie("term"), tie("term")).map(([op, left, right]) => ({
      term: binaryTerm(op, left.term, right.term),
      value: (state: readonly number[]) => evaluateBinary(op, left.value(state), right.value(state)),
    })),
    fc.tuple(fc.constantFrom("negate", "bit-not", "logical-not" as const), tie("term")).map(([op, operand]) => ({
      term: unaryTerm(op, operand.term),
      value: (state: readonly number[]) => evaluateUnary(op, operand.value(state)),
    })),
    fc.tuple(fc.constantFrom(...shapes), tie("term")).map(([shape, operand]) => ({
      term: convertTerm(operand.term, shape),
      value: (state: readonly number[]) => evaluateConvert(operand.value(state), shape),
    })),
    fc.tuple(tie("term"), tie("term"), tie("term")).map(([condition, then, otherwise]) => ({
      term: selectTerm(condition.term, then.term, otherwise.term),
      value: (state: readonly number[]) => (condition.value(state) !== 0 ? then.value(state) : otherwise.value(state)),
    })),
  ),
})).term;

const states = fc
  .array(fc.oneof(fc.integer(), fc.integer({ min: -2, max: 3 })), { minLength: 4, maxLength: 4 })
  .map((values) => values.map((value, index) => evaluateConvert(value, shapes[index] ?? { bits: 32, signed: true })));

function valueIn(term: Term, state: ReadonlyMap<number, number>): number {
  const value = rebuild(term, (part) => (part.kind === "read" ? constantTerm(state.get(part.variable.id) ?? 0) : null));
  if (value.kind !== "constant") throw new Error("a term without reads is a constant");
  return value.value;
}

describe("terms", () => {
  it("keep their value however they simplify themselves", () => {
    fc.assert(
      fc.property(made, states, ({ term, value }, state) => {
        expect(valueIn(term, new Map(state.entries()))).toBe(value(state));
      }),
      { numRuns: 5_000, seed },
    );
  });

  it("keep their value under the conditions of their path", () => {
    fc.assert(
      fc.property(made, made, states, (condition, other, state) => {
        const path = new Path({ temps: 0, before: readTerm });
        const holds = condition.value(state) !== 0;
        const feasible = path.assume(condition.term);
        if (!holds) return;
        expect(feasible).toBe(true);
        expect(valueIn(path.simplify(other.term), new Map(state.entries()))).toBe(other.value(state));
      }),
      { numRuns: 5_000, seed },
    );
  });

  it("are assigned in sequence as they were meant at once", () => {
    const updates = fc.uniqueArray(fc.tuple(fc.constantFrom(...variables), made), {
      selector: ([variable]) => variable.id,
    });
    fc.assert(
      fc.property(updates, states, (pairs, state) => {
        const meant: Update[] = pairs.map(([variable, { term }]) => ({
          variable,
          index: null,
          value: convertTerm(term, variable.shape),
        }));
        const now = new Map(state.entries());
        for (const update of sequence(meant)) now.set(update.variable.id, valueIn(update.value, now));
        for (const [variable, { value }] of pairs)
          expect(now.get(variable.id)).toBe(evaluateConvert(value(state), variable.shape));
      }),
      { numRuns: 2_000, seed },
    );
  });
});
