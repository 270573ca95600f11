/** Places: loads, decay, addresses, members; how an access is marked. */
import type { Span } from "../../source/span.ts";
import { unsupportedType } from "../primitives/unsupported.ts";
import { errorExpr, errorPlace, isError, type CheckContext, type VariableDraft } from "./context.ts";
import { modelSize } from "./layout.ts";
import { constant, reportPartialAccess } from "./convert.ts";
import type { AccessMode, Expr, Field, Place, RecordInfo, Type } from "../tree.ts";
import { isVolatile, pointerTo, typeName, unqualified, withVolatile } from "./types.ts";
import { intType } from "./types.ts";

/** What an expression denotes before it is used: a value, or something with an address. */
export type Operand =
  { readonly kind: "value"; readonly expr: Expr } | { readonly kind: "place"; readonly place: Place };

export function valueOperand(expr: Expr): Operand {
  return { kind: "value", expr };
}

/** The variable that a place is part of; null when it is reached through a pointer. */
export function rootVariable(place: Place): VariableDraft | null {
  switch (place.kind) {
    case "variable":
      return place.symbol;
    case "deref":
      return null;
    case "member":
    case "element":
      return rootVariable(place.base);
    case "literal":
      return place.symbol;
  }
}

/** Whether the place or a struct around it was declared `__data_racy`. */
function isRacy(place: Place): boolean {
  switch (place.kind) {
    case "variable":
      return place.symbol.racy;
    case "member":
      return place.field.racy || isRacy(place.base);
    case "element":
      return isRacy(place.base);
    case "deref":
    case "literal":
      return false;
  }
}

/** How a plain-looking access here counts. */
export function accessMode(c: CheckContext, place: Place): AccessMode {
  if ((c.mode.ghost && !c.mode.steps) || rootVariable(place)?.ghost === true) return "ghost";
  if (c.mode.racy || isRacy(place)) return "racy";
  return isVolatile(place.type) ? "volatile" : "plain";
}

/** Records that the address of (a part of) a variable is used. */
export function markAddressTaken(c: CheckContext, place: Place): void {
  const root = rootVariable(place);
  if (root !== null && !c.mode.unevaluated) root.addressTaken = true;
}

/** The value of an operand: a load, or the decay of an array or function. Reports locks used as values. */
export function rvalue(c: CheckContext, operand: Operand): Expr {
  return operand.kind === "value" ? operand.expr : loadPlace(c, operand.place, null);
}

/** Reads a place; `access` null: as it is declared. */
export function loadPlace(c: CheckContext, place: Place, access: AccessMode | null): Expr {
  const { type, span } = place;
  if (type.kind === "error") return errorExpr(span);
  if (type.kind === "array") return decay(c, place, type);
  if (type.kind === "function") return functionValue(place, span);
  if (type.kind === "void") {
    c.error("SCN045", span, "a `void` has no value; cast the pointer to what it points to");
    return errorExpr(span);
  }
  if (type.kind === "object") {
    const message = `\`${typeName(type)}\` has no value of its own; pass its address to the kernel's functions for it`;
    c.error("SCN077", span, message);
    return errorExpr(span);
  }
  if (type.kind === "record" && !isComplete(c, type.record, span)) return errorExpr(span);
  return { kind: "load", place, access: access ?? accessMode(c, place), type: unqualified(type), span };
}

/** Dereferencing a pointer to a function gives the function back. */
function functionValue(place: Place, span: Span): Expr {
  return place.kind === "deref" ? place.pointer : errorExpr(span);
}

function decay(c: CheckContext, place: Place, type: Extract<Type, { kind: "array" }>): Expr {
  markAddressTaken(c, place);
  // A member `T x[]` has no first element of its own: what stands there belongs to the allocation.
  if (type.length === 0) return { kind: "address", place, type: pointerTo(type.of), span: place.span };
  const element = elementPlace(place, constant(0, intType, place.span), place.span);
  return { kind: "address", place: element, type: pointerTo(type.of), span: place.span };
}

/** Element `index` of a place of array type. */
export function elementPlace(base: Place, index: Expr, span: Span): Place {
  if (base.type.kind !== "array") return errorPlace(span);
  const { of, length } = base.type;
  return { kind: "element", base, index, stride: modelSize(of), length, type: of, span };
}

/** `*pointer`; `*&place` is that place again. */
export function derefPlace(c: CheckContext, pointer: Expr, span: Span): Place {
  if (isError(pointer)) return errorPlace(span);
  if (pointer.type.kind !== "pointer") {
    c.error("SCN060", span, `only a pointer can be dereferenced, and this is \`${typeName(pointer.type)}\``);
    return errorPlace(span);
  }
  const to = pointer.type.to;
  reportPartialAccess(c, pointer, span);
  if (pointer.kind === "address" && pointer.place.type === to && pointer.place.kind !== "element") return pointer.place;
  return { kind: "deref", pointer, type: to, span };
}

/** `&place` as a pointer value. */
export function addressOf(c: CheckContext, place: Place, span: Span): Expr {
  if (isError(place)) return errorExpr(span);
  if (place.kind === "deref") return { ...place.pointer, span };
  markAddressTaken(c, place);
  return { kind: "address", place, type: pointerTo(place.type), span };
}

/** Reports a kernel struct that this version does not have yet, once a tag; false for other structs. */
export function isUnsupportedTag(c: CheckContext, record: RecordInfo, span: Span): boolean {
  const what = record.complete ? null : unsupportedType(record.tag);
  if (what === null) return false;
  if (!c.unknownReported.has(`struct ${record.tag}`)) {
    const message = `not supported yet by this version: ${what} (\`struct ${record.tag}\`); a definition of your own goes first`;
    c.error("SCN100", span, message);
  }
  c.unknownReported.add(`struct ${record.tag}`);
  return true;
}

/** Reports an incomplete struct that is needed whole. */
export function isComplete(c: CheckContext, record: RecordInfo, span: Span): boolean {
  if (record.complete || isUnsupportedTag(c, record, span)) return record.complete;
  const include = c.includeFor(record.tag);
  const hint = include === null ? "define the members that the scenario needs" : `it comes with ${include}`;
  c.report({
    code: "SCN045",
    span,
    message: `\`${record.isUnion ? "union" : "struct"} ${record.tag}\` is declared and not defined; ${hint}`,
    notes: [{ span: record.span, message: "declared here" }],
  });
  return false;
}

/** The members that lead to a name, through anonymous structs; null when there is none. */
export function fieldPath(record: RecordInfo, name: string): readonly Field[] | null {
  for (const field of record.fields) {
    if (field.name === name) return [field];
    if (field.name !== "" || field.type.kind !== "record") continue;
    const inner = fieldPath(field.type.record, name);
    if (inner !== null) return [field, ...inner];
  }
  return null;
}

/** All member names of a record, those of anonymous members included. */
export function* fieldNames(record: RecordInfo): Iterable<string> {
  for (const field of record.fields) {
    if (field.name === "" && field.type.kind === "record") yield* fieldNames(field.type.record);
    else yield field.name;
  }
}

/** A member of a place of record type, by its path. */
export function memberPlace(base: Place, path: readonly Field[], span: Span): Place {
  let place = base;
  for (const field of path) {
    const type = isVolatile(place.type) ? withVolatile(field.type) : field.type;
    place = { kind: "member", base: place, field, type, span };
  }
  return place;
}
