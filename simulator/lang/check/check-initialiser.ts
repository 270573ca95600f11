/**
 * Initialisers (C11 6.7.9): lists, designators, brace elision, strings, lock initialisers. They are first flattened to
 * (path, value) pairs, then become stores of a local or constant cells of a global.
 */
import { checkConstant, checkValue } from "./check-expression.ts";
import { charStores, hiddenGlobal, hiddenLocal } from "./check-string.ts";
import { errorPlace, isError, type CheckContext, type VariableDraft } from "./context.ts";
import { noteResult } from "./missing-function.ts";
import { coerce, constant } from "./convert.ts";
import { globalValue } from "./global-value.ts";
import { modelSize } from "./layout.ts";
import { elementPlace, fieldNames, fieldPath, memberPlace } from "./place.ts";
import { objectInitialValue } from "./check-object-initialiser.ts";
import type { Designator, Initialiser, InitialiserItem, InitialiserList, SyntaxExpr } from "../parse/syntax.ts";
import type { Expr, Field, GlobalStore, LocalInitialiser, Place, Type } from "../tree.ts";
import { intType, typeName } from "./types.ts";
import { nearestName } from "../../source/edit-distance.ts";
import type { Span } from "../../source/span.ts";

type Step =
  | { readonly kind: "field"; readonly field: Field }
  | { readonly kind: "index"; readonly index: number; readonly stride: number };

/** A value for the part of the object that the path leads to. */
type Entry = { readonly path: readonly Step[]; readonly type: Type; readonly value: Expr; readonly span: Span };

/** Items of one braced list while they are handed out. */
type Queue = { readonly items: readonly InitialiserItem[]; at: number };

/** Most cells that one initialiser sets: `[0 ... 65535] = 1` nested would multiply. */
const entriesMax = 65_536;
/** Most cells that all initialisers of a unit set, those of ranges counted twice. */
const unitEntriesMax = 524_288;

type Flattening = {
  readonly c: CheckContext;
  readonly entries: Entry[];
  readonly values: Map<SyntaxExpr, Expr>;
  full: boolean;
  /** Elements that ranges have named, whether or not their values were any good. */
  ranged: number;
  /** What the whole object is called in messages. */
  readonly name: string;
};

/** Completes `T x[] = { ... }` from its initialiser; other types are given back. */
export function completeArray(c: CheckContext, type: Type, initialiser: Initialiser | null): Type {
  if (type.kind !== "array" || type.length !== 0) return type;
  if (initialiser === null) return type;
  if (initialiser.kind === "value") {
    const value = initialiser.value;
    return value.kind === "string" ? { ...type, length: value.value.length + 1 } : type;
  }
  const only = initialiser.items[0]?.value;
  if (initialiser.items.length === 1 && only?.kind === "value" && only.value.kind === "string" && isChar(type.of)) {
    return { ...type, length: only.value.value.length + 1 };
  }
  return { ...type, length: Math.min(entriesMax, Math.max(1, listLength(c, initialiser, type.of))) };
}

/** Highest index that the list sets, plus 1. */
function listLength(c: CheckContext, list: InitialiserList, element: Type): number {
  let [next, most] = [0, 0];
  const scalarsPerElement = scalarCount(element);
  for (const item of list.items) {
    const first = item.designators[0];
    if (first?.kind === "index") next = checkConstant(c, first.hi ?? first.lo, "an index") ?? next;
    const elided =
      item.value.kind === "value" &&
      item.designators.length === 0 &&
      scalarsPerElement > 1 &&
      item.value.value.kind !== "string";
    next += elided ? 1 / scalarsPerElement : 1;
    most = Math.max(most, Math.ceil(next - 1e-9));
  }
  return most;
}

function scalarCount(type: Type): number {
  if (type.kind === "array") return type.length * scalarCount(type.of);
  if (type.kind === "record") return type.record.fields.reduce((sum, field) => sum + scalarCount(field.type), 0);
  return 1;
}

function isChar(type: Type): boolean {
  return type.kind === "integer" && type.bits === 8;
}

/** The initialiser of a local variable. */
export function localInitialiser(c: CheckContext, symbol: VariableDraft, initialiser: Initialiser): LocalInitialiser {
  const root: Place = { kind: "variable", symbol, type: symbol.type, span: initialiser.span };
  const entries = flatten(c, symbol.type, initialiser, `\`${symbol.name}\``);
  return {
    zeroFill: initialiser.kind === "list" || symbol.type.kind === "array",
    stores: entries.map((entry) => ({ place: placeAt(root, entry), value: entry.value })),
  };
}

function placeAt(root: Place, entry: Entry): Place {
  return entry.path.reduce<Place>((place, step) => {
    if (step.kind === "field") return memberPlace(place, [step.field], entry.span);
    return elementPlace(place, constant(step.index, intType, entry.span), entry.span);
  }, root);
}

/** The initialiser of a global: constant cells, the last one written to an offset wins. */
export function globalInitialiser(
  c: CheckContext,
  type: Type,
  initialiser: Initialiser,
  name = "the variable",
): readonly GlobalStore[] {
  const byOffset = new Map<number, GlobalStore>();
  for (const entry of flatten(c, type, initialiser, name)) {
    for (const store of globalStores(c, entry)) {
      const isZero = store.value.kind === "number" && store.value.value === 0;
      if (isZero) byOffset.delete(store.offset);
      else byOffset.set(store.offset, store);
    }
  }
  return [...byOffset.values()].sort((a, b) => a.offset - b.offset);
}

function globalStores(c: CheckContext, entry: Entry): readonly GlobalStore[] {
  const offset = entry.path.reduce((sum, step) => sum + stepOffset(step), 0);
  return globalValue(c, { offset, type: entry.type, value: entry.value });
}

function stepOffset(step: Step): number {
  return step.kind === "field" ? step.field.offset : step.index * step.stride;
}

function indexStep(index: number, of: Type): Step {
  return { kind: "index", index, stride: modelSize(of) };
}

function flatten(c: CheckContext, type: Type, initialiser: Initialiser, name = "the variable"): readonly Entry[] {
  // The initialiser that passed the bound was reported; those behind it need not be read.
  if (c.initialisedCells >= unitEntriesMax && c.sink.hasErrors()) return [];
  const f: Flattening = { c, entries: [], values: new Map(), full: false, ranged: 0, name };
  initialise(f, { type, path: [] }, initialiser);
  return f.entries;
}

type Target = { readonly type: Type; readonly path: readonly Step[] };

function initialise(f: Flattening, target: Target, initialiser: Initialiser): void {
  const { type } = target;
  if (type.kind === "error") return;
  if (type.kind === "object") return initialiseObject(f, target, initialiser);
  if (initialiser.kind === "value") return initialiseByValue(f, target, initialiser.value);
  const only = initialiser.items[0];
  const isBracedString =
    type.kind === "array" && isChar(type.of) && initialiser.items.length === 1 && only?.designators.length === 0;
  if (isBracedString && only.value.kind === "value" && only.value.value.kind === "string") {
    return initialiseByValue(f, target, only.value.value);
  }
  if (type.kind !== "array" && type.kind !== "record") {
    if (only === undefined) return pushEntry(f, target, constant(0, type, initialiser.span), initialiser.span);
    initialise(f, target, only.value);
    const excess = initialiser.items[1];
    if (excess !== undefined) f.c.error("SCN072", excess.span, `\`${typeName(type)}\` takes one value`);
    return;
  }
  const queue: Queue = { items: initialiser.items, at: 0 };
  fillAggregate(f, target, queue, initialiser);
}

function initialiseObject(f: Flattening, target: Target, initialiser: Initialiser): void {
  if (target.type.kind !== "object") return;
  const value = objectInitialValue(f.c, target.type.object, initialiser);
  if (value !== null) pushEntry(f, target, value, initialiser.span);
}

function initialiseByValue(f: Flattening, target: Target, node: SyntaxExpr): void {
  const { type } = target;
  if (type.kind === "array") {
    if (node.kind === "string" && isChar(type.of)) return initialiseChars(f, target, node);
    f.c.error("SCN072", node.span, `\`${typeName(type)}\` is initialised by { ... }`);
    return;
  }
  const value = valueOf(f, node);
  noteResult(f.c, value, type);
  if (isError(value)) return;
  const coerced = coerce(f.c, value, type, { what: describeTarget(f, target), span: node.span });
  pushEntry(f, target, coerced, node.span);
}

function describeTarget(f: Flattening, target: Target): string {
  const last = target.path[target.path.length - 1];
  if (last?.kind === "field") return `member \`${last.field.name}\``;
  return last?.kind === "index" ? `element ${last.index}` : f.name;
}

/** Each expression is checked once, also when brace elision looks at its type first. */
function valueOf(f: Flattening, node: SyntaxExpr): Expr {
  const known = f.values.get(node);
  if (known !== undefined) return known;
  const value = checkValue(f.c, node);
  f.values.set(node, value);
  return value;
}

function initialiseChars(f: Flattening, target: Target, node: Extract<SyntaxExpr, { kind: "string" }>): void {
  if (target.type.kind !== "array") return;
  const { of, length } = target.type;
  if (node.value.length > length) {
    f.c.error("SCN072", node.span, `the text has ${node.value.length} characters, the array ${length}`);
    return;
  }
  for (const store of charStores(node.value, 0)) {
    const value = store.value.kind === "number" ? store.value.value : 0;
    pushEntry(
      f,
      { type: of, path: [...target.path, indexStep(store.offset, of)] },
      constant(value, of, node.span),
      node.span,
    );
  }
}

function pushEntry(f: Flattening, target: Target, value: Expr, span: Span): void {
  if (isError(value)) return;
  if (f.full) return;
  if (f.entries.length >= entriesMax || f.c.initialisedCells >= unitEntriesMax) return reportFull(f, span);
  f.c.initialisedCells += 1;
  f.entries.push({ path: target.path, type: target.type, value, span });
}

function reportFull(f: Flattening, span: Span): void {
  if (f.full) return;
  f.full = true;
  const isUnit = f.c.initialisedCells >= unitEntriesMax;
  const message = isUnit
    ? "the initialisers up to here set more cells than a scenario can have; use smaller arrays"
    : `this initialiser sets more than ${entriesMax} cells`;
  f.c.error("SCN032", span, message);
}

/** Hands the items out to members or elements in order; without braces of its own it takes only what it needs. */
function fillAggregate(f: Flattening, target: Target, queue: Queue, braces: InitialiserList | null): void {
  const count = partCount(target.type);
  let index = 0;
  for (;;) {
    const item = queue.items[queue.at];
    if (item === undefined) return;
    if (item.designators.length > 0) {
      if (braces === null) return;
      queue.at += 1;
      const last = initialiseDesignated(f, target, item);
      if (last !== null) index = last + 1;
      continue;
    }
    if (index >= count) {
      if (braces !== null) {
        f.c.error("SCN072", item.span, `too many values: \`${typeName(target.type)}\` has ${count}`);
        queue.at = queue.items.length;
      }
      return;
    }
    fillPart(f, partOf(target, index), queue, item);
    index += 1;
  }
}

function fillPart(f: Flattening, part: Target, queue: Queue, item: InitialiserItem): void {
  const isAggregate = part.type.kind === "array" || part.type.kind === "record";
  if (isAggregate && item.value.kind === "value" && !standsForWhole(f, part.type, item.value.value)) {
    fillAggregate(f, part, queue, null);
    return;
  }
  queue.at += 1;
  initialise(f, part, item.value);
}

/** Whether a value without braces initialises an aggregate as a whole: a string, or a struct of its type. */
function standsForWhole(f: Flattening, type: Type, node: SyntaxExpr): boolean {
  if (type.kind === "array") return node.kind === "string" && isChar(type.of);
  const value = valueOf(f, node);
  return value.type.kind === "record" || isError(value);
}

function partCount(type: Type): number {
  if (type.kind === "array") return type.length;
  if (type.kind !== "record") return 0;
  return type.record.isUnion ? Math.min(1, type.record.fields.length) : type.record.fields.length;
}

function partOf(target: Target, index: number): Target {
  const { type, path } = target;
  if (type.kind === "array") return { type: type.of, path: [...path, indexStep(index, type.of)] };
  const field = type.kind === "record" ? type.record.fields[index] : undefined;
  if (field === undefined) return { type: { kind: "error" }, path };
  return { type: field.type, path: [...path, { kind: "field", field }] };
}

/** Initialises what the designators name; yields the index of the outermost part, or null after a report. */
function initialiseDesignated(f: Flattening, target: Target, item: InitialiserItem): number | null {
  const [first, ...rest] = item.designators;
  if (first === undefined) return null;
  const parts = designatedParts(f, target, first);
  for (const part of parts.targets) {
    if (rest.length === 0) initialise(f, part, item.value);
    else initialiseDesignated(f, part, { ...item, designators: rest });
    if (f.full) break;
  }
  return parts.last;
}

type Designated = { readonly targets: readonly Target[]; readonly last: number | null };

function designatedParts(f: Flattening, target: Target, designator: Designator): Designated {
  const none = { targets: [], last: null };
  const { type, path } = target;
  if (designator.kind === "member") {
    if (type.kind !== "record") {
      f.c.error("SCN072", designator.span, `\`${typeName(type)}\` has no member \`${designator.name}\``);
      return none;
    }
    const fields = fieldPath(type.record, designator.name);
    if (fields === null) return unknownMember(f, type, designator);
    const steps = fields.map((field): Step => ({ kind: "field", field }));
    const last = fields[fields.length - 1];
    const index = type.record.fields.findIndex((field) => field === fields[0]);
    return last === undefined ? none : { targets: [{ type: last.type, path: [...path, ...steps] }], last: index };
  }
  if (type.kind !== "array") {
    f.c.error("SCN072", designator.span, `\`${typeName(type)}\` has no elements`);
    return none;
  }
  return designatedElements(f, { of: type.of, length: type.length, path }, designator);
}

function unknownMember(
  f: Flattening,
  type: Extract<Type, { kind: "record" }>,
  designator: Extract<Designator, { kind: "member" }>,
): Designated {
  const near = nearestName(designator.name, fieldNames(type.record));
  f.c.report({
    code: "SCN042",
    span: designator.span,
    message: `\`${typeName(type)}\` has no member \`${designator.name}\`${near === null ? "" : `; did you mean \`${near}\`?`}`,
    notes: [{ span: type.record.span, message: "declared here" }],
    suggestion: near === null ? null : { span: designator.span, replacement: near },
  });
  return { targets: [], last: null };
}

function designatedElements(
  f: Flattening,
  array: { readonly of: Type; readonly length: number; readonly path: readonly Step[] },
  designator: Extract<Designator, { kind: "index" }>,
): Designated {
  const lo = checkConstant(f.c, designator.lo, "an index");
  const hi = designator.hi === null ? lo : checkConstant(f.c, designator.hi, "an index");
  if (lo === null || hi === null) return { targets: [], last: null };
  if (lo < 0 || hi < lo || hi >= array.length) {
    f.c.error(
      "SCN072",
      designator.span,
      `index ${hi < lo || lo < 0 ? lo : hi} is outside of an array of ${array.length}`,
    );
    return { targets: [], last: null };
  }
  const targets: Target[] = [];
  f.ranged += hi - lo;
  f.c.initialisedCells += hi - lo;
  if (f.ranged > entriesMax) reportFull(f, designator.span);
  if (f.full) return { targets: [], last: hi };
  for (let index = lo; index <= hi; index++) {
    targets.push({ type: array.of, path: [...array.path, indexStep(index, array.of)] });
  }
  return { targets, last: hi };
}

/** A compound literal or a struct value that needs a place: a hidden variable with its initialiser. */
export function initialiseHidden(c: CheckContext, written: Type, from: InitialiserList | Expr): Place {
  const span = from.span;
  const type = from.kind === "list" ? completeArray(c, written, from) : written;
  if (type.kind === "error") return errorPlace(span);
  if (type.kind === "record" && !type.record.complete) {
    c.error("SCN045", span, `\`${typeName(type)}\` is declared and not defined`);
    return errorPlace(span);
  }
  if (c.body === null && !c.mode.ghost) {
    const symbol = hiddenGlobal(c, { name: "(literal)", type, span });
    const stores = from.kind === "list" ? globalInitialiser(c, type, from) : [];
    if (!c.mode.unevaluated) c.globals.push({ symbol, stores, isDefined: true });
    return { kind: "variable", symbol, type, span };
  }
  const symbol = hiddenLocal(c, { name: "(literal)", type, span });
  const root: Place = { kind: "variable", symbol, type, span };
  const initialise: LocalInitialiser =
    from.kind === "list"
      ? localInitialiser(c, symbol, from)
      : { zeroFill: false, stores: [{ place: root, value: from }] };
  return { kind: "literal", symbol, initialise, type, span };
}
