/** Calls: the callee's body is expanded at the call site, its locals in cells of their own. */
import type { Expr as TreeExpr, FunctionSymbol, Statement } from "../lang/tree.ts";
import { assert } from "../source/assert.ts";
import type { Span } from "../source/span.ts";
import { framesMax, recursionDefault } from "../limits.ts";
import { isOverfull } from "./bounds.ts";
import { addressOf, type Frame, type Lowering, type RecordValue, type Storage, type TaskContext } from "./context.ts";
import { binary, constant, convert, isNonZero, temp, zero } from "./expressions.ts";
import { functionBase, type CellTag, type Expr, type ScalarShape } from "./ir.ts";
import { findLabelOwners } from "./lower-statement.ts";
import { lowerValue, storeRecord, type PlaceRef } from "./lower-place.ts";
import { checkEntryOffQueue } from "./primitives-wait.ts";
import { cellsOf, isCopied, isScalar, scalarShape, wordShape } from "./types.ts";

type Call = Extract<TreeExpr, { kind: "call" }>;
type ResultCell = {
  readonly offset: number;
  readonly shape: ScalarShape;
  readonly tag: CellTag;
  readonly id: number;
};

export function lowerCall(lowering: Lowering, context: TaskContext, call: Call): RecordValue {
  const { code } = context;
  const pointer =
    call.callee.kind === "indirect" ? code.keep(lowering.expression(context, call.callee.pointer), wordShape) : zero;
  const args = call.args.map((arg) =>
    lowerValue(lowering, context, arg).map((entry) => ({ ...entry, value: code.keep(entry.value, entry.shape) })),
  );
  code.span = call.span;
  const results = resultCells(context, call);
  const used = !context.unusedCalls.has(call);
  if (call.callee.kind === "direct") expand(lowering, context, { symbol: call.callee.function, args, results, used });
  else dispatch(lowering, context, { call, pointer, args, results });
  code.span = call.span;
  return results.map(({ offset, shape, tag, id }) => ({ offset, shape, tag, value: temp(id) }));
}

function resultCells(context: TaskContext, call: Call): readonly ResultCell[] {
  if (call.type.kind === "void") return [];
  const entries = isScalar(call.type)
    ? [{ offset: 0, shape: scalarShape(call.type), tag: "data" as const }]
    : cellsOf(call.type, context.unit.widths).filter(isCopied);
  return entries.map((entry) => {
    const id = context.code.newTemp(entry.shape);
    context.code.assignTemp(id, zero);
    return { offset: entry.offset, shape: entry.shape, tag: entry.tag, id };
  });
}

type Expansion = {
  readonly symbol: FunctionSymbol;
  readonly args: readonly RecordValue[];
  readonly results: readonly ResultCell[];
  /** Whether the caller uses the value. */
  readonly used: boolean;
};

function expand(lowering: Lowering, context: TaskContext, expansion: Expansion): void {
  const { code } = context;
  const { symbol } = expansion;
  const definition = symbol.definition;
  if (definition.kind === "undefined") throw new Error(`assert: "${symbol.name}" is defined when it is called`);
  if (definition.kind === "stub") {
    answerStub(context, { lo: definition.lo, hi: definition.hi, results: expansion.results });
    return;
  }
  const open = context.calls.filter((other) => other === symbol).length;
  if (open >= (context.unit.options.recursion ?? recursionDefault)) {
    code.emit({ kind: "limit", unless: zero, limit: "recursion" });
    return;
  }
  if (context.calls.length >= framesMax) {
    code.emit({ kind: "limit", unless: zero, limit: "frames" });
    return;
  }
  if (isOverfull(context.unit, code.length)) return;
  context.calls.push(symbol);
  const variables = new Map<number, Storage>();
  for (const parameter of definition.parameters) context.declare(parameter, variables);
  for (const local of definition.body.locals) context.declare(local, variables);
  context.frames.push(
    makeFrame(context, {
      name: symbol.name,
      variables,
      statements: definition.body.statements,
      results: expansion.results,
    }),
  );
  const { exit } = context.frame;
  definition.parameters.forEach((parameter, index) => {
    const storage = variables.get(parameter.id);
    const value = expansion.args[index];
    if (storage === undefined || value === undefined) return;
    if (storage.kind === "memory") {
      code.emit({ kind: "enter-scope", object: storage.object });
      context.cleanups.push({ kind: "object", object: storage.object, owner: definition.body.statements });
    }
    storeRecord(context, referenceTo(storage), { value, access: "plain" });
  });
  runBody(lowering, context, definition.body.statements);
  if (expansion.used && expansion.results.length > 0) failAtEnd(context, symbol, definition.body.span);
  code.place(exit);
  context.frames.pop();
  context.calls.pop();
}

/** C11 6.9.1p12: the end of a function without a return is a fault where the caller uses the value. */
function failAtEnd(context: TaskContext, symbol: FunctionSymbol, body: Span): void {
  context.code.span = { ...body, start: Math.max(body.start, body.end - 1) };
  const message = `the value of ${symbol.name}, which ended without a return, is used`;
  context.code.check(zero, { class: "uninitialised", message });
}

/** Marks the calls of an expression whose value is dropped; to be called before it is lowered. */
export function dropValue(context: TaskContext, expr: TreeExpr): void {
  if (expr.kind === "call") context.unusedCalls.add(expr);
  if (expr.kind === "convert" && expr.how === "discard") dropValue(context, expr.operand);
  if (expr.kind === "comma") for (const item of expr.items) dropValue(context, item);
  if (expr.kind === "let") dropValue(context, expr.body);
  if (expr.kind === "statements" && expr.value !== null) dropValue(context, expr.value);
  if (expr.kind !== "conditional") return;
  dropValue(context, expr.then);
  dropValue(context, expr.else);
}

/** Runs a body and, at its normal end, what leaving its frame does (parameters die). */
function runBody(lowering: Lowering, context: TaskContext, statements: readonly Statement[]): void {
  const below = context.frame.cleanupsBelow;
  const loops = context.loops.splice(0);
  lowering.statements(context, statements);
  context.loops.push(...loops);
  for (let index = context.cleanups.length - 1; index >= below; index -= 1) {
    const cleanup = context.cleanups[index];
    if (cleanup?.kind !== "object") continue;
    if (context.entryObjects.has(cleanup.object)) checkEntryOffQueue(context, context.addressOf(cleanup.object));
    context.code.emit({ kind: "leave-scope", object: cleanup.object });
  }
  context.cleanups.length = below;
}

function referenceTo(storage: Storage): PlaceRef {
  const marks = { ghost: false, racy: false };
  if (storage.kind === "cells") return { kind: "cells", cells: storage.cells, offset: 0, ...marks };
  return { kind: "memory", address: addressOf(storage), safe: true, ...marks };
}

type FrameParts = {
  readonly name: string;
  readonly variables: Map<number, Storage>;
  readonly statements: readonly Statement[];
  readonly results: readonly ResultCell[];
};

export function makeFrame(context: TaskContext, parts: FrameParts): Frame {
  return {
    name: parts.name,
    variables: parts.variables,
    labels: new Map(),
    labelOwners: findLabelOwners(parts.statements),
    exit: context.code.newLabel(),
    result: new Map(parts.results.map((result) => [result.offset, result.id])),
    cleanupsBelow: context.cleanups.length,
  };
}

/** `__stub`: any value of its range, as choose gives it; a single value costs nothing. */
function answerStub(
  context: TaskContext,
  stub: { readonly lo: number; readonly hi: number; readonly results: readonly ResultCell[] },
): void {
  const result = stub.results[0];
  if (result === undefined) return;
  if (stub.lo === stub.hi) {
    context.code.assignTemp(result.id, convert(constant(stub.lo), result.shape));
    return;
  }
  const id = context.code.newTemp(wordShape);
  const step = context.code.mode === "steps";
  context.code.emit({ kind: "choose", temp: id, lo: constant(stub.lo), hi: constant(stub.hi), step });
  context.code.assignTemp(result.id, convert(temp(id), result.shape));
}

type Dispatch = {
  readonly call: Call;
  readonly pointer: Expr;
  readonly args: readonly RecordValue[];
  readonly results: readonly ResultCell[];
};

/** A call through a pointer: one expansion for each function of that type whose address is taken. */
function dispatch(lowering: Lowering, context: TaskContext, options: Dispatch): void {
  const { code } = context;
  const { call, pointer } = options;
  assert(call.callee.kind === "indirect", "only indirect calls are dispatched");
  code.check(isNonZero(pointer), { class: "null-deref", message: "call through a null function pointer" });
  const done = code.newLabel();
  for (const candidate of candidates(context, call)) {
    const hit = code.newLabel();
    const next = code.newLabel();
    code.branch(binary("eq", pointer, constant(functionBase + candidate.id * 16)), hit, next);
    code.place(hit);
    const used = !context.unusedCalls.has(call);
    expand(lowering, context, { symbol: candidate, args: options.args, results: options.results, used });
    code.jump(done);
    code.place(next);
  }
  code.span = call.span;
  code.check(zero, { class: "wild-pointer", message: "call through a pointer to no function of this type" });
  code.place(done);
}

function candidates(context: TaskContext, call: Call): readonly FunctionSymbol[] {
  return context.unit.unit.functions.filter((candidate) => {
    if (!candidate.addressTaken || candidate.definition.kind === "undefined") return false;
    if (candidate.type.parameters.length !== call.args.length) return false;
    if (candidate.type.result.kind !== call.type.kind) return false;
    return candidate.type.parameters.every((parameter, index) => sameShape(parameter, call.args[index]));
  });
}

function sameShape(parameter: FunctionSymbol["type"]["parameters"][number], arg: TreeExpr | undefined): boolean {
  if (arg === undefined || parameter.kind !== arg.type.kind) return false;
  if (parameter.kind === "record" && arg.type.kind === "record") return parameter.record === arg.type.record;
  return true;
}
