/** Functions: prototypes, stubs, definitions. */
import { reachesEnd } from "./check-end.ts";
import { checkConstant } from "./check-expression.ts";
import { checkLabels } from "./check-label.ts";
import { checkList } from "./check-statement.ts";
import { isConstant } from "./check-local.ts";
import { resolveDeclarator, resolveSpecifiers, storable } from "./check-type.ts";
import {
  newFacts,
  type BodyContext,
  type BodyFacts,
  type CheckContext,
  type FunctionDraft,
  type VariableDraft,
} from "./context.ts";
import { reportTwice } from "./declared-twice.ts";
import { normalise } from "./fold.ts";
import { firstObject } from "./layout.ts";
import { primitives } from "../primitives/primitives.ts";
import { isIgnoredCall, specialNames } from "./specials.ts";
import type { BlockSyntax, Declarator, FunctionSyntax, ParameterSyntax, StubSyntax } from "../parse/syntax.ts";
import type { Body, FunctionDefinition, FunctionType, Place, Statement, Type } from "../tree.ts";
import { parameterType } from "./check-type.ts";
import { isScalar, sameType, typeName, voidType } from "./types.ts";
import type { Span } from "../../source/span.ts";

type Declared = {
  readonly name: string;
  readonly type: FunctionType;
  readonly declarator: Declarator;
  readonly isDefinition: boolean;
};

function isBuiltin(name: string): boolean {
  return primitives.has(name) || specialNames.has(name) || isIgnoredCall(name);
}

/**
 * Declares a function or finds its earlier declaration; null when the declaration is to be ignored (a prototype of a
 * built-in one) or wrong.
 */
export function declareFunction(c: CheckContext, from: Declared): FunctionDraft | null {
  const { name, type, declarator } = from;
  const before = c.lookup(name);
  if (before === null && isBuiltin(name)) {
    if (!from.isDefinition && declarator.stub === null) return null;
    const message = `this definition replaces the built-in \`${name}\`, whose rules then do not apply`;
    c.report({ code: "SCN044", severity: "warning", span: declarator.span, message });
  }
  if (before?.kind === "function" && replacesKit(c, before.symbol, from)) {
    const own = newFunction(c, from);
    c.declareGlobally(name, { kind: "function", symbol: own });
    if (declarator.stub !== null) setStub(c, own, declarator.stub);
    return own;
  }
  if (before?.kind === "function") {
    if (!sameType(before.symbol.type, type)) reportConflict(c, before.symbol, declarator.span);
    if (declarator.stub !== null) setStub(c, before.symbol, declarator.stub);
    return before.symbol;
  }
  const here = c.lookupHere(name);
  if (here !== null) {
    const span = here.kind === "variable" ? here.symbol.span : here.kind === "function" ? here.symbol.span : here.span;
    c.report({
      code: "SCN044",
      span: declarator.span,
      message: `\`${name}\` is declared as something else before`,
      notes: [{ span, message: "declared here" }],
    });
    return null;
  }
  const symbol = newFunction(c, from);
  c.declareGlobally(name, { kind: "function", symbol });
  if (declarator.stub !== null) setStub(c, symbol, declarator.stub);
  return symbol;
}

/** A function of a kit that the unit defines itself: the unit's goes first, and the kit's own code keeps the kit's. */
function replacesKit(c: CheckContext, symbol: FunctionDraft, from: Declared): boolean {
  const isKit = (at: Span | null): boolean => at !== null && c.sources.files[at.file]?.isKit === true;
  const isMade = from.isDefinition || from.declarator.stub !== null;
  const usedByUnit = symbol.usedAt !== null && !isKit(symbol.usedAt);
  return isMade && isKit(symbol.span) && !isKit(from.declarator.span) && !usedByUnit;
}

function newFunction(c: CheckContext, from: Declared): FunctionDraft {
  const symbol: FunctionDraft = {
    kind: "function",
    id: c.newId(),
    name: from.name,
    type: from.type,
    addressTaken: false,
    definition: { kind: "undefined" },
    span: from.declarator.span,
    usedAt: null,
    facts: newFacts(),
  };
  c.functions.push(symbol);
  return symbol;
}

function reportConflict(c: CheckContext, symbol: FunctionDraft, span: Span): void {
  c.report({
    code: "SCN044",
    span,
    message: `\`${symbol.name}\` is declared here with another type than before`,
    notes: [{ span: symbol.span, message: `declared as \`${typeName(symbol.type)}\` here` }],
  });
}

function setStub(c: CheckContext, symbol: FunctionDraft, stub: StubSyntax): void {
  if (symbol.definition.kind === "body") {
    c.error("SCN044", stub.span, `\`${symbol.name}\` has a body and cannot be a stub`);
    return;
  }
  const lo = stub.lo === null ? 0 : checkConstant(c, stub.lo, "the least value of a stub");
  const hi = stub.hi === null ? 0 : checkConstant(c, stub.hi, "the greatest value of a stub");
  symbol.definition = { kind: "stub", lo: 0, hi: 0, site: c.newChooseSite() };
  if (lo === null || hi === null) return;
  const { result } = symbol.type;
  if (lo > hi) {
    c.error("SCN098", stub.span, `__stub(${lo}, ${hi}) has no value: the first bound is the least`);
    return;
  }
  const isNumber = result.kind === "integer" || result.kind === "enum";
  if (stub.lo !== null && !isNumber) {
    c.error("SCN062", stub.span, `\`${symbol.name}\` returns \`${typeName(result)}\`, so its stub has no bounds`);
    return;
  }
  if (result.kind === "record" && result.record.complete && firstObject(result) === null && stub.lo === null) {
    symbol.definition = zeroStub(c, symbol.type, result, stub.span);
    return;
  }
  if (result.kind !== "void" && !isScalar(result) && result.kind !== "error") {
    c.error(
      "SCN062",
      stub.span,
      `a stub returns a number, pointer, struct of such or nothing, not \`${typeName(result)}\`: give \`${symbol.name}\` a body`,
    );
    return;
  }
  if (isNumber && (normalise(lo, result) !== lo || normalise(hi, result) !== hi)) {
    c.error("SCN008", stub.span, `${lo}..${hi} does not fit \`${typeName(result)}\``);
    return;
  }
  symbol.definition = { ...symbol.definition, lo, hi };
}

/** The body of a stub that returns a struct, all of it 0: an empty page table entry, no swap entry. */
function zeroStub(c: CheckContext, type: FunctionType, result: Type, span: Span): FunctionDefinition {
  const hidden = (name: string, storage: "parameter" | "local", of: Type): VariableDraft => ({
    kind: "variable",
    id: c.newId(),
    name,
    storage,
    type: of,
    ghost: false,
    racy: false,
    constant: false,
    addressTaken: false,
    hidden: true,
    depth: storage === "local" ? 1 : 0,
    span,
  });
  const parameters = type.parameters.map((each) => hidden("(unnamed)", "parameter", each));
  const zero = hidden("(zero)", "local", result);
  const place: Place = { kind: "variable", symbol: zero, type: result, span };
  const statements: Statement[] = [
    { kind: "declare", symbol: zero, initialiser: { zeroFill: true, stores: [] }, span },
    { kind: "return", value: { kind: "load", place, access: "plain", type: result, span }, span },
  ];
  return { kind: "body", parameters, body: { statements, locals: [zero], span } };
}

/** A function with its body. */
export function checkFunction(c: CheckContext, node: FunctionSyntax): void {
  const written = resolveDeclarator(c, resolveSpecifiers(c, node.specifiers), node.declarator);
  const { declarator } = node;
  const last = declarator.derivations[declarator.derivations.length - 1];
  if (written.kind !== "function" || last?.kind !== "function" || declarator.name === null) return;
  const symbol = declareFunction(c, { name: declarator.name, type: written, declarator, isDefinition: true });
  const isRedefinition = symbol?.definition.kind === "body" && !mayRedefine(c, node.span);
  if (symbol !== null && isRedefinition) {
    c.report({
      code: "SCN043",
      span: declarator.span,
      message: `function \`${symbol.name}\` is defined twice`,
      notes: [{ span: symbol.span, message: "first defined here" }],
    });
  }
  const facts = newFacts();
  const definition = checkFunctionBody(c, {
    name: declarator.name,
    type: written,
    parameters: last.parameters,
    body: node.body,
    facts,
  });
  if (symbol === null || isRedefinition) return;
  symbol.facts = facts;
  symbol.span = declarator.span;
  symbol.definition = definition;
}

/** Variant cells define functions anew (notebook option `variant`). */
function mayRedefine(c: CheckContext, span: Span): boolean {
  return c.sources.files[span.file]?.redefines === true;
}

type FunctionParts = {
  readonly name: string;
  readonly type: FunctionType;
  readonly parameters: readonly ParameterSyntax[];
  readonly body: BlockSyntax;
  readonly facts: BodyFacts;
};

function checkFunctionBody(c: CheckContext, from: FunctionParts): FunctionDefinition {
  const { name, type, facts } = from;
  return c.scoped(() => {
    const parameters = from.parameters.map((each) => declareParameter(c, each));
    const body = checkBody(c, from.body, { owner: "function", name, result: type.result, facts });
    if (type.result.kind !== "void" && type.result.kind !== "error") reportEnd(c, name, body.body);
    return { kind: "body", parameters, body: body.body };
  });
}

/** C11 6.9.1p12: such an end is a fault only where the caller uses the value, so this is a warning. */
function reportEnd(c: CheckContext, name: string, { statements, span }: Body): void {
  // After an error the body may be half of what was written.
  if (c.sink.hasErrors() || !reachesEnd(statements)) return;
  c.report({
    code: "SCN085",
    severity: "warning",
    span: { ...span, start: Math.max(span.start, span.end - 1) },
    message: `\`${name}\` can end here without \`return VALUE;\`, and whoever uses its value then reads an uninitialised one`,
  });
}

function declareParameter(c: CheckContext, parameter: ParameterSyntax): VariableDraft {
  const { declarator, specifiers } = parameter;
  const type = storable(c, parameterType(c, parameter), {
    what: `parameter \`${declarator.name ?? ""}\``,
    span: parameter.span,
  });
  const symbol: VariableDraft = {
    kind: "variable",
    id: c.newId(),
    name: declarator.name ?? "(unnamed)",
    storage: "parameter",
    type,
    ghost: false,
    racy: declarator.isRacy,
    constant: isConstant(specifiers, declarator),
    addressTaken: false,
    hidden: declarator.name === null,
    depth: 0,
    span: declarator.span,
  };
  if (declarator.name === null) return symbol;
  const before = c.lookupHere(declarator.name);
  if (before !== null) {
    reportTwice(c, { span: declarator.span, message: `parameter \`${declarator.name}\` occurs twice`, before });
  }
  c.declare(declarator.name, { kind: "variable", symbol });
  return symbol;
}

type Owner = Pick<BodyContext, "owner" | "name" | "facts"> & { readonly result: Type };

/** The statements of a function, task or init, in a context of their own. */
export function checkBody(
  c: CheckContext,
  block: BlockSyntax,
  owner: Owner,
): { readonly body: Body; readonly hasForever: boolean } {
  const context: BodyContext = {
    ...owner,
    locals: [],
    labels: new Map(),
    loops: 0,
    breakables: 0,
    cases: null,
    regions: [],
    hasForever: false,
  };
  const outer = c.body;
  c.body = context;
  const statements = c.scoped(() => checkList(c, block.body));
  checkLabels(c);
  c.body = outer;
  return { body: { statements, locals: context.locals, span: block.span }, hasForever: context.hasForever };
}

/** Result type of bodies that are not functions. */
export const noResult: Type = voidType;
