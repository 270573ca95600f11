/** Calls of kernel primitives, typed by their signature in the table. */
import { argumentText, type CallNode } from "./check-call.ts";
import { checkCondition, checkOperand, checkPlace, checkValue } from "./check-expression.ts";
import { errorExpr, isError, type CheckContext } from "./context.ts";
import { coerce, constant, convertScalar } from "./convert.ts";
import { constantValue } from "./fold.ts";
import { addressOf, derefPlace, memberPlace, rvalue } from "./place.ts";
import { hiddenLocal } from "./check-string.ts";
import { neutralAttributes, type Primitive } from "../primitives/primitives.ts";
import { refcountValueFirst, valueComesFirst } from "../primitives/primitives-atomic.ts";
import type { SyntaxExpr } from "../parse/syntax.ts";
import type { Expr, Field, Place, ObjectKind, PrimitiveAttributes, PrimitiveOp, RecordInfo, Type } from "../tree.ts";
import {
  boolType,
  integerTypes,
  intType,
  isArithmetic,
  isScalar,
  pointerTo,
  sameType,
  sizeType,
  typeName,
  ulongType,
  unqualified,
  voidType,
} from "./types.ts";
import type { Span } from "../../source/span.ts";

/** Types in signatures that are objects. */
const objectParameters: ReadonlyMap<string, ObjectKind> = new Map([
  ["spinlock_t *", "spinlock"],
  ["raw_spinlock_t *", "raw-spinlock"],
  ["rwlock_t *", "rwlock"],
  ["struct mutex *", "mutex"],
  ["struct rw_semaphore *", "rwsem"],
  ["struct semaphore *", "semaphore"],
  ["struct completion *", "completion"],
  ["atomic_t *", "atomic"],
  ["atomic_long_t *", "atomic-long"],
  ["atomic64_t *", "atomic64"],
  ["refcount_t *", "refcount"],
  ["struct rcu_head *", "rcu-head"],
  ["wait_queue_head_t *", "wait-queue"],
  ["wait_queue_entry_t *", "wait-entry"],
  ["seqcount_t *", "seqcount"],
  ["seqlock_t *", "seqlock"],
  ["struct srcu_struct *", "srcu"],
  ["local_lock_t *", "local-lock"],
  ["struct kmem_cache *", "kmem-cache"],
]);

/** Objects that a macro takes by name: what stands before the & in its signature. */
const namedObjects: ReadonlyMap<string, ObjectKind> = new Map([
  ["queue &", "wait-queue"],
  ["spinlock_t &", "spinlock"],
]);

const lockKinds: readonly ObjectKind[] = ["spinlock", "raw-spinlock", "rwlock", "mutex", "rwsem", "semaphore"];

const integerParameters: ReadonlyMap<string, Type> = new Map([
  ["int", intType],
  ["unsigned int", integerTypes.u32],
  ["long", integerTypes.long],
  ["unsigned long", ulongType],
  ["s64", integerTypes.s64],
  ["bool", boolType],
]);

type Collected = {
  readonly args: Expr[];
  attributes: PrimitiveAttributes;
  /** The type of the cell that `T` stands for. */
  cell: Type | null;
};

/** Types a call of a primitive. */
export function checkPrimitive(c: CheckContext, node: CallNode, primitive: Primitive): Expr {
  const isOpen = primitive.parameters[primitive.parameters.length - 1] === "...";
  const wanted = primitive.parameters.length - (isOpen ? 1 : 0);
  if (isOpen ? node.args.length < wanted : node.args.length !== wanted) {
    const message = `\`${primitive.name}\` takes ${isOpen ? "at least " : ""}${wanted} argument${wanted === 1 ? "" : "s"} and is given ${node.args.length}: ${primitive.signature}`;
    c.error("SCN063", node.span, message);
    return errorExpr(node.span);
  }
  const collected: Collected = { args: [], attributes: { ...neutralAttributes, ...primitive.attributes }, cell: null };
  node.args.forEach((arg, index) => {
    const parameter = primitive.parameters[Math.min(index, primitive.parameters.length - 1)] ?? "ignored";
    collect(c, collected, { arg, parameter, what: `argument ${index + 1} of \`${primitive.name}\`` });
  });
  return finishPrimitive(c, node, primitive, collected);
}

function finishPrimitive(c: CheckContext, node: CallNode, primitive: Primitive, collected: Collected): Expr {
  if (collected.args.some(isError)) return errorExpr(node.span);
  const isReordered = valueComesFirst(primitive) || refcountValueFirst(primitive);
  const written = isReordered ? [...collected.args].reverse() : collected.args;
  const appended = (primitive.appended ?? []).map((value) => constant(value, intType, node.span));
  const needsText = ["bug-on", "warn-on", "lockdep-assert-held"].includes(primitive.op);
  const text = needsText ? argumentText(c, node.args[0]) || "1" : "";
  const type = resultType(primitive.result, collected.cell);
  const attributes = { ...collected.attributes, text };
  return {
    kind: "primitive",
    op: primitive.op,
    spelling: primitive.name,
    args: [...written, ...appended],
    attributes,
    type,
    span: node.span,
  };
}

function resultType(result: string, cell: Type | null): Type {
  if (result === "void") return voidType;
  if (result === "void *") return pointerTo(voidType);
  if (result === "T") return cell ?? intType;
  return integerParameters.get(result) ?? intType;
}

type Argument = { readonly arg: SyntaxExpr; readonly parameter: string; readonly what: string };

function collect(c: CheckContext, into: Collected, argument: Argument): void {
  const { arg, parameter, what } = argument;
  const purpose = { what, span: arg.span };
  const object = objectParameters.get(parameter);
  const integer = integerParameters.get(parameter);
  if (object !== undefined) into.args.push(objectPointer(c, argument, [object]));
  else if (integer !== undefined) into.args.push(coerce(c, checkValue(c, arg), integer, purpose));
  else collectSpecial(c, into, argument);
}

function collectSpecial(c: CheckContext, into: Collected, argument: Argument): void {
  const { arg, parameter, what } = argument;
  switch (parameter) {
    case "lock *":
      into.args.push(objectPointer(c, argument, lockKinds));
      return;
    case "T *":
      into.args.push(cellPointer(c, into, argument));
      return;
    case "T":
      into.args.push(coerce(c, checkValue(c, arg), into.cell ?? intType, { what, span: arg.span }));
      return;
    case "word *":
      into.args.push(wordPointer(c, argument));
      return;
    case "condition":
      into.args.push(checkCondition(c, arg, what));
      return;
    case "folio *":
      into.args.push(folioLockPointer(c, argument));
      return;
    case "flags &":
      into.args.push(flagsPointer(c, argument));
      return;
    case "queue &":
    case "spinlock_t &":
      into.args.push(namedObject(c, argument));
      return;
    case "VAL":
      into.args.push(...loadedCondition(c, into, argument));
      return;
    case "task *":
      into.args.push(taskPointer(c, argument));
      return;
    case "callback":
      into.args.push(callbackPointer(c, argument));
      return;
    case "const void *":
      into.args.push(anyPointer(c, argument));
      return;
    case "gfp":
      into.args.push(coerce(c, checkValue(c, arg), sizeType, { what, span: arg.span }));
      return;
    case "subclass":
      into.attributes = { ...into.attributes, subclass: constantValue(checkValue(c, arg)) ?? 1 };
      return;
    case "ignored":
    case "...":
      c.within({ unevaluated: true }, () => (arg.kind === "type" ? null : checkOperand(c, arg)));
      return;
    default:
      throw new Error(`assert: the table knows a parameter type ${parameter}`);
  }
}

function wrongPointer(c: CheckContext, argument: Argument, wanted: string, found: Expr): Expr {
  const isObject = found.type.kind === "record" || found.type.kind === "object";
  c.error(
    "SCN062",
    argument.arg.span,
    `${argument.what} is ${wanted}, not \`${typeName(found.type)}\`${isObject ? "; write & before it" : ""}`,
  );
  return errorExpr(argument.arg.span);
}

/** A pointer to one of some object types. A lock without & is named, since it cannot be loaded. */
function objectPointer(c: CheckContext, argument: Argument, kinds: readonly ObjectKind[]): Expr {
  const operand = checkOperand(c, argument.arg);
  const wanted = argument.parameter === "lock *" ? "the address of a lock" : `\`${argument.parameter}\``;
  if (operand.kind === "place" && operand.place.type.kind === "object") {
    c.report({
      code: "SCN062",
      span: argument.arg.span,
      message: `${argument.what} is ${wanted}, not \`${typeName(operand.place.type)}\`; write & before it`,
      suggestion: { span: { ...argument.arg.span, end: argument.arg.span.start }, replacement: "&" },
    });
    return errorExpr(argument.arg.span);
  }
  const value = rvalue(c, operand);
  if (isError(value)) return value;
  const to = value.type.kind === "pointer" ? value.type.to : null;
  if (to?.kind === "object" && kinds.includes(to.object)) return value;
  if (to?.kind === "error") return errorExpr(argument.arg.span);
  return wrongPointer(c, argument, wanted, value);
}

/** An object that is written without &; with one too many it is named, since macros like wait_event take the queue itself. */
function namedObject(c: CheckContext, argument: Argument): Expr {
  const { arg, parameter, what } = argument;
  const kind = namedObjects.get(parameter);
  const operand = checkOperand(c, arg);
  if (operand.kind === "place") {
    const { place } = operand;
    if (place.type.kind === "object" && place.type.object === kind) return addressOf(c, place, arg.span);
    if (isError(place)) return errorExpr(arg.span);
    return wrongPointer(c, argument, `a \`${parameter.replace(" &", "")}\` by its name`, rvalue(c, operand));
  }
  if (isError(operand.expr)) return errorExpr(arg.span);
  const isAddress = operand.expr.kind === "address" && arg.kind === "unary";
  const hint = isAddress ? "; leave the & away" : "; write * before the pointer";
  c.error("SCN062", arg.span, `${what} is the object itself, not its address${hint}`);
  return errorExpr(arg.span);
}

/** A condition on the value that was read, which it calls VAL: the address of a hidden local of that name, the condition. */
function loadedCondition(c: CheckContext, into: Collected, argument: Argument): readonly Expr[] {
  const { arg, what } = argument;
  const symbol = hiddenLocal(c, { name: "VAL", type: into.cell ?? intType, span: arg.span });
  const condition = c.scoped(() => {
    c.declare("VAL", { kind: "variable", symbol });
    return checkCondition(c, arg, what);
  });
  const place: Place = { kind: "variable", symbol, type: symbol.type, span: arg.span };
  return [{ kind: "address", place, type: pointerTo(symbol.type), span: arg.span }, condition];
}

/** A struct task_struct: the built-in handle, or the user's own struct of that name. */
function taskPointer(c: CheckContext, argument: Argument): Expr {
  const value = checkValue(c, argument.arg);
  if (isError(value)) return value;
  const to = value.type.kind === "pointer" ? value.type.to : null;
  if (to?.kind === "object" && to.object === "task") return value;
  if (to?.kind === "record" && to.record.tag === "task_struct") return value;
  return wrongPointer(c, argument, "`struct task_struct *`", value);
}

/** A pointer to a scalar; the first one of a call decides what T is. */
function cellPointer(c: CheckContext, into: Collected, argument: Argument): Expr {
  const value = checkValue(c, argument.arg);
  if (isError(value)) return value;
  const to = value.type.kind === "pointer" ? unqualified(value.type.to) : null;
  if (to === null || !isScalar(to)) return wrongPointer(c, argument, "the address of a number or pointer", value);
  if (into.cell === null) into.cell = to;
  else if (!sameType(into.cell, to)) return wrongPointer(c, argument, `\`${typeName(pointerTo(into.cell))}\``, value);
  return value;
}

function wordPointer(c: CheckContext, argument: Argument): Expr {
  const value = checkValue(c, argument.arg);
  if (isError(value)) return value;
  const to = value.type.kind === "pointer" ? value.type.to : null;
  if (to?.kind === "integer" && to.bits === 32 && !to.wide) return value;
  return wrongPointer(c, argument, "the address of an unsigned long", value);
}

function flagsPointer(c: CheckContext, argument: Argument): Expr {
  const place = checkPlace(c, argument.arg, argument.what);
  if (isError(place)) return errorExpr(argument.arg.span);
  const { type } = place;
  if (type.kind === "integer" && type.bits === 32) return addressOf(c, place, argument.arg.span);
  c.error("SCN062", argument.arg.span, `${argument.what} is an unsigned long variable, not \`${typeName(type)}\``);
  return errorExpr(argument.arg.span);
}

function anyPointer(c: CheckContext, argument: Argument): Expr {
  const value = checkValue(c, argument.arg);
  return coerce(c, value, pointerTo(voidType), { what: argument.what, span: argument.arg.span });
}

/** A function that takes the rcu_head; a constant function is the usual case. */
function callbackPointer(c: CheckContext, argument: Argument): Expr {
  const type = pointerTo({
    kind: "function",
    result: voidType,
    parameters: [pointerTo({ kind: "object", object: "rcu-head" })],
  });
  return coerce(c, checkValue(c, argument.arg), type, { what: argument.what, span: argument.arg.span });
}

/** The address of the folio_lock_t in the struct that the argument points to. */
function folioLockPointer(c: CheckContext, argument: Argument): Expr {
  const value = checkValue(c, argument.arg);
  if (isError(value)) return value;
  const to = value.type.kind === "pointer" ? value.type.to : null;
  if (to?.kind === "object" && to.object === "folio-lock") return value;
  const { span } = argument.arg;
  if (to?.kind !== "record")
    return wrongPointer(c, argument, "a pointer to a struct with a folio_lock_t member", value);
  const paths = folioLockPaths(to.record);
  const [path] = paths;
  if (path === undefined || paths.length > 1) {
    const problem =
      path === undefined ? "has no member of type folio_lock_t; add one" : "has several members of type folio_lock_t";
    c.report({
      code: "SCN084",
      span,
      message: `\`${typeName(to)}\` ${problem}`,
      notes: [{ span: to.record.span, message: "declared here" }],
    });
    return errorExpr(span);
  }
  return addressOf(c, memberPlace(derefPlace(c, value, span), path, span), span);
}

function folioLockPaths(record: RecordInfo): (readonly Field[])[] {
  return record.fields.flatMap((field): (readonly Field[])[] => {
    if (field.type.kind === "object" && field.type.object === "folio-lock") return [[field]];
    if (field.type.kind !== "record") return [];
    return folioLockPaths(field.type.record).map((path) => [field, ...path]);
  });
}

/** A primitive made by the compiler (guard, kfree_rcu ...) from values that are already typed. */
export function primitiveNode(from: {
  readonly op: PrimitiveOp;
  readonly spelling: string;
  readonly args: readonly Expr[];
  readonly type: Type;
  readonly span: Span;
  readonly attributes?: Partial<PrimitiveAttributes>;
}): Expr {
  const { op, spelling, args, type, span } = from;
  if (args.some(isError)) return errorExpr(span);
  return {
    kind: "primitive",
    op,
    spelling,
    args,
    attributes: { ...neutralAttributes, ...from.attributes },
    type,
    span,
  };
}

/** An integer as the count of kmalloc and its like. */
export function sizeValue(c: CheckContext, node: SyntaxExpr, what: string): Expr {
  const value = checkValue(c, node);
  return isError(value) || !isArithmetic(value.type)
    ? coerce(c, value, integerTypes.u32, { what, span: node.span })
    : convertScalar(value, integerTypes.u32);
}
