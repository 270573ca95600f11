/** The top level: declarations in order, tasks, init, properties; then what needs the whole unit. */
import { unreachable } from "../../source/assert.ts";
import type { DiagnosticSink } from "../../source/diagnostic.ts";
import type { SourceSet, Span } from "../../source/span.ts";
import { objectOfDefine, startOfDefine } from "./check-define.ts";
import { checkBody, checkFunction, declareFunction, noResult } from "./check-function.ts";
import { completeArray, globalInitialiser } from "./check-initialiser.ts";
import { checkedVariableType, isConstant, plainSpecifiers } from "./check-local.ts";
import { pureCondition, textArgument } from "./check-own.ts";
import { argumentText } from "./check-call.ts";
import { checkStaticAssert } from "./check-statement.ts";
import { checkTask } from "./check-task.ts";
import { checkWhole } from "./check-whole.ts";
import { isUnsized, newRecord, resolveDeclarator, resolveSpecifiers } from "./check-type.ts";
import { objectTags } from "../preprocess/words.ts";
import { CheckContext, isError, newFacts, type VariableDraft } from "./context.ts";
import { reportTwice } from "./declared-twice.ts";
import type {
  DeclarationSyntax,
  Declarator,
  DefineObject,
  InitDeclarator,
  Specifiers,
  TopLevel,
} from "../parse/syntax.ts";
import type { GlobalStore, Type, TypedUnit } from "../tree.ts";
import { errorType, nameType, sameType, typeName } from "./types.ts";

/** Resolves and checks a unit. The result is meaningful only when no error was reported. */
export function checkUnit(
  nodes: readonly TopLevel[],
  from: { readonly sources: SourceSet; readonly sink: DiagnosticSink; readonly macroNames: readonly string[] },
): TypedUnit {
  const c = new CheckContext(from.sources, from.sink, from.macroNames);
  for (const node of nodes) declareOwnTag(c, node);
  for (const node of nodes) checkTopLevel(c, node);
  checkWhole(c);
  return {
    sources: c.sources,
    records: c.records,
    globals: c.globals.map(({ symbol, stores }) => ({ symbol, stores })),
    functions: c.functions,
    caches: c.caches,
    inits: c.inits,
    tasks: c.tasks,
    properties: c.properties,
    notes: c.notes,
    chooseSites: c.chooseSites,
    bindings: c.bindings,
  };
}

/**
 * A struct of the kernel that the unit defines itself, struct task_struct say, is the unit's from the first line on: a
 * forward declaration or a pointer before the definition means it too.
 */
function declareOwnTag(c: CheckContext, node: TopLevel): void {
  const base = node.kind === "declaration" ? node.specifiers.base : null;
  if (base?.kind !== "record" || base.members === null || base.tag === null || !(base.tag in objectTags)) return;
  if (c.lookupTag(base.tag) === null) newRecord(c, base);
}

function checkTopLevel(c: CheckContext, node: TopLevel): void {
  switch (node.kind) {
    case "declaration":
      return checkGlobalDeclaration(c, node);
    case "define-object":
      return checkGlobalDefine(c, node);
    case "static-assert":
      return checkStaticAssert(c, node.condition);
    case "function":
      return checkFunction(c, node);
    case "init":
      return checkInit(c, node);
    case "task":
      return checkTask(c, node);
    case "property":
      return checkProperty(c, node);
  }
  return unreachable(node);
}

function checkGlobalDeclaration(c: CheckContext, node: DeclarationSyntax): void {
  const { specifiers } = node;
  const base = resolveSpecifiers(c, specifiers);
  for (const each of node.declarators) {
    const { declarator } = each;
    const type = resolveDeclarator(c, base, declarator);
    const name = declarator.name ?? "";
    if (specifiers.isTypedef) declareTypedef(c, { name, type, span: declarator.span });
    else if (type.kind === "function") declareFunction(c, { name, type, declarator, isDefinition: false });
    else declareGlobal(c, node, { each, written: type });
  }
}

function declareTypedef(
  c: CheckContext,
  from: { readonly name: string; readonly type: Type; readonly span: Span },
): void {
  const before = c.lookupHere(from.name);
  const isSame = before?.kind === "typedef" && sameType(before.type, from.type);
  if (before !== null && !isSame) {
    reportTwice(c, { span: from.span, message: `\`${from.name}\` is declared twice`, before });
  }
  nameType(from.type, from.name);
  c.declare(from.name, { kind: "typedef", type: from.type, span: from.span });
}

function declareGlobal(
  c: CheckContext,
  node: DeclarationSyntax,
  from: { readonly each: InitDeclarator; readonly written: Type },
): void {
  const { declarator, initialiser } = from.each;
  const { isExtern } = node.specifiers;
  const completed = completeArray(c, from.written, initialiser);
  const symbol = globalSymbol(c, { declarator, completed, node });
  if (symbol === null) return;
  if (initialiser === null) return;
  const entry = c.globals.find((global) => global.symbol === symbol);
  if (entry === undefined) return;
  if (entry.isDefined) {
    c.report({
      code: "SCN043",
      span: declarator.span,
      message: `\`${symbol.name}\` is given an initial value twice`,
      notes: [{ span: symbol.span, message: "first declared here" }],
    });
    return;
  }
  entry.isDefined = !isExtern;
  entry.stores = globalInitialiser(c, symbol.type, initialiser, `\`${symbol.name}\``);
}

type GlobalParts = { readonly declarator: Declarator; readonly completed: Type; readonly node: DeclarationSyntax };

/** Finds or makes the variable; several declarations without initial values are one (C's tentative definitions). */
function globalSymbol(c: CheckContext, from: GlobalParts): VariableDraft | null {
  const { declarator, completed, node } = from;
  const name = declarator.name ?? "";
  const before = c.lookupHere(name);
  if (before?.kind === "variable") return repeatedGlobal(c, before.symbol, from);
  if (before !== null) {
    const span = before.kind === "function" ? before.symbol.span : before.span;
    const notes = [{ span, message: "declared here" }];
    c.report({
      code: "SCN044",
      span: declarator.span,
      message: `\`${name}\` is declared as something else before`,
      notes,
    });
    return null;
  }
  const isOpenExtern = node.specifiers.isExtern && isUnsized(completed);
  const type = isOpenExtern ? completed : checkedVariableType(c, completed, declarator);
  const symbol = newGlobal(c, { declarator, type, specifiers: node.specifiers, ghost: node.ghost });
  c.declare(name, { kind: "variable", symbol });
  c.globals.push({ symbol, stores: [], isDefined: false });
  return symbol;
}

function repeatedGlobal(c: CheckContext, symbol: VariableDraft, from: GlobalParts): VariableDraft {
  const { declarator, completed } = from;
  const wasOpen = isUnsized(symbol.type);
  if (wasOpen && completed.kind === "array" && symbol.type.kind === "array" && sameType(symbol.type.of, completed.of)) {
    symbol.type = completed;
    return symbol;
  }
  if (!sameType(symbol.type, completed) && completed.kind !== "error" && symbol.type.kind !== "error") {
    c.report({
      code: "SCN044",
      span: declarator.span,
      message: `\`${symbol.name}\` is \`${typeName(completed)}\` here and \`${typeName(symbol.type)}\` before`,
      notes: [{ span: symbol.span, message: "first declared here" }],
    });
  }
  return symbol;
}

type NewGlobal = {
  readonly declarator: Declarator;
  readonly type: Type;
  readonly specifiers: Specifiers;
  readonly ghost: boolean;
};

function newGlobal(c: CheckContext, from: NewGlobal): VariableDraft {
  const { declarator, type, specifiers, ghost } = from;
  return {
    kind: "variable",
    id: c.newId(),
    name: declarator.name ?? "",
    storage: "global",
    type,
    ghost,
    racy: specifiers.isRacy || declarator.isRacy,
    constant: isConstant(specifiers, declarator),
    addressTaken: false,
    hidden: false,
    depth: 0,
    span: declarator.span,
  };
}

function checkGlobalDefine(c: CheckContext, node: DefineObject): void {
  const type: Type = { kind: "object", object: objectOfDefine(node.macro) };
  const declarator: Declarator = { name: node.name, span: node.nameSpan, derivations: [], isRacy: false, stub: null };
  const before = c.lookupHere(node.name);
  if (before !== null) {
    reportTwice(c, { span: node.nameSpan, message: `\`${node.name}\` is declared twice`, before });
    return;
  }
  const symbol = newGlobal(c, { declarator, type, specifiers: plainSpecifiers(node), ghost: false });
  c.declare(node.name, { kind: "variable", symbol });
  const start = startOfDefine(c, node);
  const stores: GlobalStore[] = start === null ? [] : [{ offset: 0, type, value: { kind: "number", value: start } }];
  c.globals.push({ symbol, stores, isDefined: true });
}

function checkInit(c: CheckContext, node: Extract<TopLevel, { kind: "init" }>): void {
  const facts = newFacts();
  c.rootFacts.push(facts);
  const { body } = checkBody(c, node.body, { owner: "init", name: "init", result: noResult, facts });
  if (facts.meAt !== null) c.error("SCN090", facts.meAt, "`me` is the number of a task; init is none");
  c.inits.push(body);
}

/** always, sometimes, finally: a pure condition and a text. */
function checkProperty(c: CheckContext, node: Extract<TopLevel, { kind: "property" }>): void {
  const [first, text, more] = node.args;
  if (first === undefined || more !== undefined) {
    c.error("SCN063", node.span, `${node.word} takes a condition and a text: ${node.word}(EXPR, "text");`);
    return;
  }
  const facts = newFacts();
  const outer = c.body;
  c.body = {
    owner: "init",
    name: node.word,
    result: errorType,
    locals: [],
    labels: new Map(),
    facts,
    loops: 0,
    breakables: 0,
    cases: null,
    regions: [],
    hasForever: false,
  };
  const condition = c.scoped(() => pureCondition(c, first, node.word));
  const { locals } = c.body;
  c.body = outer;
  if (facts.meAt !== null) c.error("SCN090", facts.meAt, "`me` is the number of a task; a property belongs to none");
  const shown = textArgument(c, text, argumentText(c, first));
  if (isError(condition)) return;
  c.properties.push({ kind: node.word, condition, locals, text: shown, span: node.span });
}
