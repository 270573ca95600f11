/** Names as expressions: variables, functions, enumerators, built-in constants, and what to say about unknown ones. */
import { intConstants, unsignedConstants } from "../primitives/builtin-constants.ts";
import { errorExpr, type CheckContext, type FunctionDraft, type VariableDraft } from "./context.ts";
import { constant } from "./convert.ts";
import { valueOperand, type Operand } from "./place.ts";
import { primitiveNode } from "./check-primitive.ts";
import { primitives } from "../primitives/primitives.ts";
import { stringVariable } from "./check-string.ts";
import { specialNames } from "./specials.ts";
import type { SyntaxExpr } from "../parse/syntax.ts";
import type { Expr, FunctionSymbol, Type } from "../tree.ts";
import { integerTypes, intType, pointerTo, ulongType, voidType } from "./types.ts";
import { unsupportedFunction } from "../primitives/unsupported.ts";
import { ownWords } from "../preprocess/words.ts";
import type { Span } from "../../source/span.ts";

type NameNode = Extract<SyntaxExpr, { kind: "name" }>;

/** What a name denotes where a value is wanted. */
export function nameOperand(c: CheckContext, node: NameNode): Operand {
  const entity = c.lookup(node.name);
  if (entity === null) return builtinName(c, node);
  switch (entity.kind) {
    case "variable":
      noteGhostUse(c, entity.symbol, node.span);
      return {
        kind: "place",
        place: { kind: "variable", symbol: entity.symbol, type: entity.symbol.type, span: node.span },
      };
    case "function":
      return valueOperand(functionAddress(c, entity.symbol, node.span));
    case "enumerator":
      return valueOperand(constant(entity.value, intType, node.span));
    case "typedef":
      c.error("SCN030", node.span, `\`${node.name}\` is a type, and a value is expected here`);
      return valueOperand(errorExpr(node.span));
  }
}

/** Ghosts are for properties, note, assert and ghost statements only; a body's use is judged once calls are known. */
function noteGhostUse(c: CheckContext, symbol: VariableDraft, span: Span): void {
  if (!symbol.ghost || c.mode.ghost || c.mode.unevaluated || c.body === null) return;
  c.body.facts.ghostUses.push({ name: symbol.name, span });
}

/** A function's name other than in a call: its address. */
export function functionAddress(c: CheckContext, symbol: FunctionDraft, span: Span): Expr {
  if (!c.mode.unevaluated) {
    symbol.addressTaken = true;
    symbol.usedAt ??= span;
  }
  return { kind: "function", function: sealed(symbol), type: pointerTo(symbol.type), span };
}

/** Marks a call of a function. */
export function noteCall(c: CheckContext, symbol: FunctionDraft, span: Span): void {
  if (c.mode.unevaluated) return;
  symbol.usedAt ??= span;
  if (!c.mode.ghost && c.body !== null && !c.body.facts.calls.has(symbol)) c.body.facts.calls.set(symbol, span);
}

/** The draft is the symbol itself, completed later; the tree's view of it is read-only. */
export function sealed(symbol: FunctionDraft): FunctionSymbol {
  return symbol;
}

function builtinName(c: CheckContext, node: NameNode): Operand {
  const { name, span } = node;
  const int = intConstants.get(name);
  if (int !== undefined)
    return valueOperand(constant(int, name === "true" || name === "false" ? integerTypes.bool : intType, span));
  const unsigned = unsignedConstants.get(name);
  if (unsigned !== undefined) return valueOperand(constant(unsigned, ulongType, span));
  if (name === "NULL") return valueOperand(constant(0, pointerTo(voidType), span));
  if (name === "me") return valueOperand(me(c, span));
  if (name === "current") return valueOperand(currentTask(c, span));
  if (name === "__func__" || name === "__FUNCTION__") {
    return { kind: "place", place: stringVariable(c, c.body?.name ?? "", span) };
  }
  if (name === "jiffies") {
    c.error("SCN100", span, "not supported yet by this version: time as a value (`jiffies`)");
    return valueOperand(errorExpr(span));
  }
  reportUnknownName(c, node);
  return valueOperand(errorExpr(span));
}

/** The running task's handle: a pointer to the user's struct task_struct, or to the built-in one without members. */
function currentTask(c: CheckContext, span: Span): Expr {
  const own = c.lookupTag("task_struct");
  const to: Type = own === null || own.word !== "struct" ? { kind: "object", object: "task" } : own.type;
  return primitiveNode({ op: "current", spelling: "current", args: [], type: pointerTo(to), span });
}

function me(c: CheckContext, span: Span): Expr {
  if (c.body !== null) c.body.facts.meAt ??= span;
  return { kind: "me", type: intType, span };
}

/** One report per name: what follows from a forgotten declaration is one mistake. */
function reportUnknownName(c: CheckContext, node: NameNode): void {
  const { name, span } = node;
  if (c.unknownReported.has(name)) return;
  c.unknownReported.add(name);
  const unsupported = unsupportedFunction(name);
  if (unsupported !== null) {
    c.error("SCN100", span, `not supported yet by this version: ${unsupported} (\`${name}\`)`);
    return;
  }
  if (primitives.has(name) || specialNames.has(name)) {
    c.error("SCN049", span, `\`${name}\` is built in and can only be called`);
    return;
  }
  if (ownWords.some((word) => word.name === name)) {
    c.error(
      "SCN090",
      span,
      `\`${name}\` is a word of the language and stands as \`${ownWords.find((word) => word.name === name)?.signature ?? name}\``,
    );
    return;
  }
  const include = c.includeFor(name);
  if (include !== null) {
    c.error("SCN040", span, `unknown name \`${name}\`; it comes with ${include}`);
    return;
  }
  const builtins = [...intConstants.keys(), ...unsignedConstants.keys(), "NULL", "me"];
  const near = c.nearest(name, (entity) => entity.kind !== "typedef", [...builtins, ...c.macroNames]);
  const hint =
    near === null
      ? "; declare it before this line, or give it as a parameter or define"
      : `; did you mean \`${near}\`?`;
  c.report({
    code: "SCN040",
    span,
    message: `unknown name \`${name}\`${hint}`,
    suggestion: near === null ? null : { span, replacement: near },
  });
}
