/** Calls: of the user's functions, through pointers, of primitives and built-in macros. */
import type { DiagnosticCode } from "../../source/diagnostic.ts";
import { spanText, type Span } from "../../source/span.ts";
import { checkOperand, checkValue } from "./check-expression.ts";
import { noteCall, sealed } from "./check-name.ts";
import { checkOwnCall } from "./check-own.ts";
import { checkPrimitive } from "./check-primitive.ts";
import { initialiserNames } from "./check-object-initialiser.ts";
import { specialChecks } from "./check-special.ts";
import { errorExpr, isError, type CheckContext, type FunctionDraft } from "./context.ts";
import { coerce, constant } from "./convert.ts";
import { meantName } from "./missing-function.ts";
import { rvalue, valueOperand, type Operand } from "./place.ts";
import { primitives } from "../primitives/primitives.ts";
import { isIgnoredCall } from "./specials.ts";
import type { SyntaxExpr } from "../parse/syntax.ts";
import type { Callee, Expr, FunctionType } from "../tree.ts";
import { intType, typeName, voidType } from "./types.ts";
import { unsupportedFunction } from "../primitives/unsupported.ts";
import { ownWords } from "../preprocess/words.ts";

export type CallNode = Extract<SyntaxExpr, { kind: "call" }>;

/** What a call denotes; READ_ONCE and its kin yield values, only container_of-like macros need more. */
export function checkCall(c: CheckContext, node: CallNode): Operand {
  if (node.callee.kind === "name") {
    const name = node.callee.name;
    const entity = c.lookup(name);
    if (entity === null) return builtinCall(c, node, { name, span: node.callee.span });
    if (entity.kind === "function") return valueOperand(directCall(c, node, entity.symbol));
  }
  const pointer = rvalue(c, checkOperand(c, node.callee));
  if (isError(pointer)) return valueOperand(checkArgumentsOnly(c, node));
  const type = pointer.type.kind === "pointer" ? pointer.type.to : pointer.type;
  if (type.kind !== "function") {
    c.error("SCN064", node.callee.span, `\`${typeName(pointer.type)}\` cannot be called`);
    return valueOperand(checkArgumentsOnly(c, node));
  }
  const callee: Callee =
    pointer.kind === "function" ? { kind: "direct", function: pointer.function } : { kind: "indirect", pointer };
  return valueOperand(finishCall(c, node, { callee, type, name: "the function", declaredAt: null }));
}

/** Reports what is wrong inside the arguments of a call that is already wrong. */
function checkArgumentsOnly(c: CheckContext, node: CallNode): Expr {
  for (const arg of node.args) if (arg.kind !== "type" && arg.kind !== "time") checkOperand(c, arg);
  return errorExpr(node.span);
}

function directCall(c: CheckContext, node: CallNode, symbol: FunctionDraft): Expr {
  noteCall(c, symbol, node.callee.span);
  const callee: Callee = { kind: "direct", function: sealed(symbol) };
  return finishCall(c, node, { callee, type: symbol.type, name: `\`${symbol.name}\``, declaredAt: symbol.span });
}

type CallTarget = {
  readonly callee: Callee;
  readonly type: FunctionType;
  readonly name: string;
  readonly declaredAt: Span | null;
};

function finishCall(c: CheckContext, node: CallNode, target: CallTarget): Expr {
  const { callee, type, name } = target;
  const wanted = type.parameters.length;
  if (node.args.length !== wanted) {
    const notes = target.declaredAt === null ? [] : [{ span: target.declaredAt, message: "declared here" }];
    c.report({
      code: "SCN063",
      span: node.span,
      message: `${name} takes ${wanted} argument${wanted === 1 ? "" : "s"} and is given ${node.args.length}`,
      notes,
    });
    return checkArgumentsOnly(c, node);
  }
  const args = node.args.map((arg, index) => {
    const purpose = { what: `argument ${index + 1} of ${name}`, span: arg.span };
    return coerce(c, checkValue(c, arg), type.parameters[index] ?? voidType, purpose);
  });
  if (args.some(isError) || type.result.kind === "error") return errorExpr(node.span);
  return { kind: "call", callee, args, type: type.result, span: node.span };
}

type BuiltinName = { readonly name: string; readonly span: Span };

function builtinCall(c: CheckContext, node: CallNode, callee: BuiltinName): Operand {
  const own = checkOwnCall(c, node, callee.name);
  if (own !== null) return valueOperand(own);
  const special = specialChecks.get(callee.name);
  if (special !== undefined) return special(c, node);
  const primitive = primitives.get(callee.name);
  if (primitive !== undefined) return valueOperand(checkPrimitive(c, node, primitive));
  if (isIgnoredCall(callee.name)) return valueOperand(ignoredCall(c, node));
  const isUnsupported = unsupportedFunction(callee.name) !== null;
  if (isReportedAlone(c, callee)) {
    return valueOperand(isUnsupported ? errorExpr(node.span) : checkArgumentsOnly(c, node));
  }
  return valueOperand(missingCall(c, node, callee));
}

/** A call of a function that nobody declares: its types are what the call says. */
function missingCall(c: CheckContext, node: CallNode, callee: BuiltinName): Expr {
  const parameters = node.args.map((arg) =>
    arg.kind === "type" || arg.kind === "time" ? intType : checkValue(c, arg).type,
  );
  const { name, span } = callee;
  const near = c.nearest(name, (entity) => entity.kind === "function");
  const missing = c.missingFunctions.get(name) ?? { name, span, parameters, near, result: null };
  c.missingFunctions.set(name, missing);
  const value = errorExpr(node.span);
  c.missingCalls.set(value, missing);
  return value;
}

/** printk and its like cost nothing: their arguments are checked and not evaluated. */
function ignoredCall(c: CheckContext, node: CallNode): Expr {
  const what = argumentText(c, node.callee);
  for (const arg of node.args) {
    if (arg.kind === "type") continue;
    const operand = c.within({ unevaluated: true }, () => checkOperand(c, arg));
    if (!c.mode.unevaluated && operand.kind === "value" && !isError(operand.expr))
      c.droppedArguments.push({ what, expr: operand.expr, span: arg.span });
  }
  return constant(0, intType, node.span);
}

/** Reports an unknown name that is no missing function: not supported, in a kit, a word of the language, mistyped. */
function isReportedAlone(c: CheckContext, callee: BuiltinName): boolean {
  const { name, span } = callee;
  if (c.missingFunctions.has(name)) return false;
  if (c.unknownReported.has(name)) return true;
  const problem = problemOf(c, name);
  if (problem === null) return false;
  c.unknownReported.add(name);
  const { code, message, replacement } = problem;
  c.report({ code, span, message, suggestion: replacement === undefined ? null : { span, replacement } });
  return true;
}

type NameProblem = { readonly code: DiagnosticCode; readonly message: string; readonly replacement?: string };

function problemOf(c: CheckContext, name: string): NameProblem | null {
  const unsupported = unsupportedFunction(name);
  if (unsupported !== null) {
    const message = `not supported yet by this version: ${unsupported} (\`${name}\`); a definition or __stub of your own goes first`;
    return { code: "SCN100", message };
  }
  if (initialiserNames.has(name)) {
    return { code: "SCN077", message: `\`${name}\` stands only in the initialiser of its own type` };
  }
  const word = ownWords.find((each) => each.name === name);
  if (word !== undefined) {
    const message = `\`${name}\` is a word of the language and does not stand here; it is written \`${word.signature}\``;
    return { code: "SCN090", message };
  }
  const include = c.includeFor(name);
  if (include !== null) return { code: "SCN049", message: `unknown function \`${name}\`; it comes with ${include}` };
  const near = meantName(name, [...primitives.keys(), ...specialChecks.keys(), ...c.macroNames, "choose"]);
  if (near === null) return null;
  return { code: "SCN049", message: `unknown function \`${name}\`; did you mean \`${near}\`?`, replacement: near };
}

/** Source text of an argument on one line, for messages about it. */
export function argumentText(c: CheckContext, node: SyntaxExpr | undefined): string {
  if (node === undefined) return "";
  return spanText(c.sources, node.span).replace(/\s+/g, " ").slice(0, 200);
}
