/** Which cell an address is, on each of the paths that the answer depends on. */
import type { CellTag } from "../program/ir.ts";
import { roundUp } from "../program/image.ts";
import { redZoneBytes } from "../program/ir.ts";
import type { ViolationClass } from "../explore/classes.ts";
import { Path } from "./path.ts";
import {
  binaryTerm,
  constantTerm,
  keyOf,
  notTerm,
  rangeOf,
  readTerm,
  termOne,
  type Term,
  type Variable,
} from "./term.ts";
import type { Located, Row, Variables } from "./variables.ts";

/** A cell as a step finds it. */
export type Target = { readonly variable: Variable; readonly index: Term | null; readonly flag: Variable | null };

export type Access =
  | { readonly kind: "cell"; readonly path: Path; readonly target: Target }
  | { readonly kind: "fails"; readonly path: Path; readonly violation: ViolationClass };

/** Cells that one access may have to tell apart. */
export const candidatesMax = 48;

export type AddressQuery = {
  readonly variables: Variables;
  readonly address: Term;
  readonly tag: CellTag;
  /** An element of a variable, its index checked before. */
  readonly safe: boolean;
  /** Values that the address can have; null when it could be anything. */
  readonly candidates: readonly number[] | null;
  /** Task that asks; -1 for init and properties. */
  readonly task: number;
};

/** All outcomes of an access; null when there are too many to tell apart. */
export function resolveAccess(path: Path, query: AddressQuery): readonly Access[] | null {
  const address = path.simplify(query.address);
  if (address.kind === "constant") return atConstant(path, query, address.value);
  const element = elementOf(query, address);
  if (element !== null) return atElement(path, element);
  const split = splitAddress(path, { ...query, address });
  if (split === null) return null;
  return split.flatMap((part) =>
    part.address === null
      ? [{ kind: "fails", path: part.path, violation: "wild-pointer" } as const]
      : atConstant(part.path, query, part.address),
  );
}

export type SplitPart = { readonly path: Path; readonly address: number | null };

/** One path for each value that the address can have; address null: none of the cells. */
export function splitAddress(path: Path, query: AddressQuery): readonly SplitPart[] | null {
  const cells = query.variables.addressesOf(query.tag);
  const values = query.candidates ?? cells;
  if (values.length > candidatesMax) return null;
  const parts: SplitPart[] = [];
  for (const value of values) {
    const there = new Path(path);
    if (there.assume(binaryTerm("eq", query.address, constantTerm(value)))) {
      learnPointer(there, query.address, value);
      parts.push({ path: there, address: value });
    }
  }
  if (query.candidates !== null) return parts;
  const nowhere = new Path(path);
  const other = values.every((value) => nowhere.assume(binaryTerm("ne", query.address, constantTerm(value))));
  if (other) parts.push({ path: nowhere, address: null });
  return parts;
}

/** From `p + 8 == 65544` follows `p == 65536`, which decides the other members. */
function learnPointer(path: Path, address: Term, value: number): void {
  if (address.kind !== "binary" || address.right.kind !== "constant") return;
  if (address.op === "add") path.assume(binaryTerm("eq", address.left, constantTerm(value - address.right.value)));
  if (address.op === "sub") path.assume(binaryTerm("eq", address.left, constantTerm(value + address.right.value)));
}

function atConstant(path: Path, query: AddressQuery, address: number): readonly Access[] {
  const { variables } = query;
  const located = variables.at(address, query.tag);
  const instance = located?.row.instance ?? ownerOf(variables, address);
  const live = instance < 0 ? null : (variables.live[instance] ?? null);
  if (located === null && live === null) return [{ kind: "fails", path, violation: faultAt(variables, address) }];
  if (live === null) return located === null ? [] : [cellOf(path, located)];
  return atMortal(path, { query, located, instance, live, address });
}

type Mortal = {
  readonly query: AddressQuery;
  readonly located: Located | null;
  readonly instance: number;
  readonly live: Variable;
  readonly address: number;
};

/** A cell of an object that may be dead, or, freed, still protected by this task's read section. */
function atMortal(path: Path, mortal: Mortal): readonly Access[] {
  const { query, located, instance, live } = mortal;
  const outcomes: Access[] = [];
  const alive = new Path(path);
  if (alive.assume(alive.read(live, null))) {
    if (located !== null) outcomes.push(cellOf(alive, located));
    else outcomes.push({ kind: "fails", path: alive, violation: faultAt(query.variables, mortal.address) });
  }
  const dead = new Path(path);
  if (!dead.assume(notTerm(dead.read(live, null)))) return outcomes;
  const violation = query.variables.instances[instance]?.kind === "heap" ? "use-after-free" : "use-after-scope";
  const readers = query.variables.readers[instance] ?? null;
  if (readers === null || query.task < 0 || located === null)
    return [...outcomes, { kind: "fails", path: dead, violation }];
  const bit = binaryTerm("and", binaryTerm("shr-u", dead.read(readers, null), constantTerm(query.task)), termOne);
  const guarded = new Path(dead);
  if (guarded.assume(bit)) outcomes.push(cellOf(guarded, located));
  if (dead.assume(notTerm(bit))) outcomes.push({ kind: "fails", path: dead, violation });
  return outcomes;
}

function cellOf(path: Path, located: Located): Access {
  const index = located.place.index === null ? null : constantTerm(located.place.index);
  return {
    kind: "cell",
    path,
    target: { variable: located.place.variable, index, flag: located.flag?.variable ?? null },
  };
}

/** Instance whose bytes, red zone included, hold an address; -1 if none. */
export function ownerOf(variables: Variables, address: number): number {
  return variables.instances.findIndex(
    (instance) => address >= instance.address && address < instance.address + roundUp(instance.size + redZoneBytes, 8),
  );
}

function faultAt(variables: Variables, address: number): ViolationClass {
  if (address >= 0 && address < 4096) return "null-deref";
  const instance = variables.instances[ownerOf(variables, address)];
  return instance !== undefined && address >= instance.address + instance.size ? "out-of-bounds" : "wild-pointer";
}

/** index null: the only element. */
type Element = { readonly row: Row; readonly index: Term | null; readonly safe: boolean };

/** `base + stride * i` inside one global: an element of an array. */
function elementOf(query: AddressQuery, address: Term): Element | null {
  const sum = linear(address);
  for (const row of query.variables.rows) {
    if (query.safe && row.isAlone && row.tag === query.tag && row.address === sum.constant)
      return { row, index: null, safe: true };
    if (row.count < 2 || row.tag !== query.tag || query.variables.live[row.instance] !== null) continue;
    const instance = query.variables.instances[row.instance];
    if (instance === undefined || sum.constant < instance.address) continue;
    if (sum.constant >= instance.address + instance.size) continue;
    const first = (sum.constant - row.address) / row.strideBytes;
    if (!Number.isInteger(first)) continue;
    if (sum.parts.some((part) => part.times % row.strideBytes !== 0)) continue;
    const index = sum.parts.reduce(
      (total, part) => addTimes(total, part.term, part.times / row.strideBytes),
      constantTerm(first),
    );
    const range = rangeOf(index);
    const isSmall = range.lo > -0x100_0000 && range.hi < 0x100_0000;
    if (query.safe || isSmall) return { row, index, safe: query.safe };
  }
  return null;
}

function addTimes(total: Term, term: Term, times: number): Term {
  if (times === -1) return binaryTerm("sub", total, term);
  const scaled = times === 1 ? term : binaryTerm("mul", term, constantTerm(times));
  return binaryTerm("add", scaled, total);
}

function atElement(path: Path, element: Element): readonly Access[] {
  const { row, index } = element;
  const target: Target = { variable: row.variable, index, flag: row.flags };
  if (element.safe || index === null) return [{ kind: "cell", path, target }];
  const inside = binaryTerm(
    "and",
    binaryTerm("le", constantTerm(0), index),
    binaryTerm("lt", index, constantTerm(row.count)),
  );
  const outcomes: Access[] = [];
  const within = new Path(path);
  if (within.assume(inside)) outcomes.push({ kind: "cell", path: within, target });
  if (path.assume(notTerm(inside))) outcomes.push({ kind: "fails", path, violation: "out-of-bounds" });
  return outcomes;
}

type Sum = { readonly constant: number; readonly parts: readonly { readonly term: Term; readonly times: number }[] };

/** A term as a constant and multiples of other terms, modulo 2^32. */
function linear(term: Term): Sum {
  if (term.kind === "constant") return { constant: term.value, parts: [] };
  if (term.kind === "binary" && (term.op === "add" || term.op === "sub")) {
    const left = linear(term.left);
    const right = scaled(linear(term.right), term.op === "add" ? 1 : -1);
    return { constant: (left.constant + right.constant) | 0, parts: merge([...left.parts, ...right.parts]) };
  }
  if (term.kind === "binary" && term.op === "mul" && term.right.kind === "constant")
    return scaled(linear(term.left), term.right.value);
  if (term.kind === "binary" && term.op === "mul" && term.left.kind === "constant")
    return scaled(linear(term.right), term.left.value);
  if (term.kind === "binary" && term.op === "shl" && term.right.kind === "constant" && term.right.value < 31)
    return scaled(linear(term.left), 1 << term.right.value);
  return { constant: 0, parts: [{ term, times: 1 }] };
}

function scaled(sum: Sum, by: number): Sum {
  return {
    constant: Math.imul(sum.constant, by),
    parts: sum.parts.map((part) => ({ term: part.term, times: part.times * by })),
  };
}

function merge(parts: Sum["parts"]): Sum["parts"] {
  const sums = new Map<number, { readonly term: Term; readonly times: number }>();
  for (const part of parts) {
    const key = keyOf(part.term);
    sums.set(key, { term: part.term, times: (sums.get(key)?.times ?? 0) + part.times });
  }
  return [...sums.values()].filter((part) => part.times !== 0);
}

/** The flag of a target, as a place to read or write. */
export function flagTerm(target: Target): Term | null {
  return target.flag === null ? null : readTerm(target.flag, target.index);
}
