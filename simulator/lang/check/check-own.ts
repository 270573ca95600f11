/** The language's own words in bodies: assert, note, await, choose, atomic(E), work, sleep. */
import { argumentText, type CallNode } from "./check-call.ts";
import { checkDuration } from "./check-time.ts";
import { checkCondition, checkInteger } from "./check-expression.ts";
import { errorExpr, isError, type CheckContext } from "./context.ts";
import { isConstant } from "./fold.ts";
import { reachWord } from "../reach-question.ts";
import type { SyntaxExpr } from "../parse/syntax.ts";
import type { Expr, Statement } from "../tree.ts";
import { intType } from "./types.ts";
import type { Span } from "../../source/span.ts";

/** choose(lo, hi) and atomic(E), which are expressions; null for other names. */
export function checkOwnCall(c: CheckContext, node: CallNode, name: string): Expr | null {
  if (name === "choose") return checkChoose(c, node);
  if (name === "atomic") return checkAtomic(c, node);
  return null;
}

function checkChoose(c: CheckContext, node: CallNode): Expr {
  const [lo, hi] = node.args;
  if (lo === undefined || hi === undefined || node.args.length !== 2) {
    c.error("SCN063", node.span, "choose takes the least and the greatest value: choose(lo, hi)");
    return errorExpr(node.span);
  }
  const [least, greatest] = [checkInteger(c, lo, "the least value"), checkInteger(c, hi, "the greatest value")];
  if (isError(least) || isError(greatest)) return errorExpr(node.span);
  if (c.mode.ghost) {
    c.error(
      "SCN091",
      node.span,
      "choose does not stand in a property, assert, note, await or ghost statement: those look, they do not decide",
    );
    return errorExpr(node.span);
  }
  if (isConstant(least) && isConstant(greatest) && least.value > greatest.value) {
    c.error(
      "SCN098",
      node.span,
      `choose(${least.value}, ${greatest.value}) has no value: the first bound is the least`,
    );
    return errorExpr(node.span);
  }
  const site = c.mode.unevaluated ? 0 : c.newChooseSite();
  return { kind: "choose", lo: least, hi: greatest, site, type: intType, span: node.span };
}

function checkAtomic(c: CheckContext, node: CallNode): Expr {
  const [operand] = node.args;
  if (operand === undefined || node.args.length !== 1) {
    c.error("SCN063", node.span, "atomic takes one expression: if (atomic(EXPR))");
    return errorExpr(node.span);
  }
  if (c.mode.atomic) {
    c.error("SCN093", node.span, "atomic inside atomic: the outer one already makes one step");
    return errorExpr(node.span);
  }
  if (c.mode.ghost) {
    const message = c.mode.steps
      ? "atomic does not stand inside assert or note; write `atomic { assert(...); }` to read everything in one step"
      : "atomic does not stand in a property or ghost statement: those are no steps";
    c.error("SCN091", node.span, message);
    return errorExpr(node.span);
  }
  const value = c.within({ atomic: true }, () => checkCondition(c, operand, "the operand of atomic"));
  if (isError(value)) return errorExpr(node.span);
  return { kind: "atomic", operand: value, type: value.type, span: node.span };
}

/** A call that is a statement of the language; null when it is an ordinary call. */
export function checkOwnStatement(c: CheckContext, node: SyntaxExpr): Statement | null {
  if (node.kind !== "call" || node.callee.kind !== "name") return null;
  const name = node.callee.name;
  if (name === reachWord) return checkNote(c, node, "a question");
  if (c.lookup(name) !== null) return null;
  if (name === "assert") return checkAssert(c, node);
  if (name === "note") return checkNote(c, node);
  if (name === "await") return checkAwait(c, node);
  if (name === "work" || name === "sleep") return checkTimeStatement(c, node, name);
  return null;
}

const nothing = (span: Span): Statement => ({ kind: "block", statements: [], span });

/** The text argument of a property, assert or note: a string literal. Without one, `otherwise`. */
export function textArgument(c: CheckContext, arg: SyntaxExpr | undefined, otherwise: string): string {
  if (arg === undefined) return otherwise;
  if (arg.kind === "string") return arg.value;
  c.error("SCN097", arg.span, 'the text is a string: "..."');
  return otherwise;
}

/** The condition of a property: it costs no step and must not change anything. */
export function pureCondition(c: CheckContext, node: SyntaxExpr, what: string): Expr {
  return lookingCondition(c, node, { what, steps: false });
}

/** The condition of an assert or note: it changes nothing, and its reads are those of a statement unless that is a ghost. */
function statementCondition(c: CheckContext, node: SyntaxExpr, what: string): Expr {
  return lookingCondition(c, node, { what, steps: !c.mode.ghost });
}

type Look = { readonly what: string; readonly steps: boolean };

function lookingCondition(c: CheckContext, node: SyntaxExpr, { what, steps }: Look): Expr {
  const expr = c.within({ ghost: true, looking: true, steps }, () => checkCondition(c, node, "the condition"));
  if (!isError(expr)) c.purityDemands.push({ what, expr, span: node.span });
  return expr;
}

function checkAssert(c: CheckContext, node: CallNode): Statement {
  const [first, text, more] = node.args;
  if (first === undefined || more !== undefined) {
    c.error("SCN063", node.span, 'assert takes a condition and a text: assert(EXPR, "text")');
    return nothing(node.span);
  }
  const condition = statementCondition(c, first, "assert");
  const shown = textArgument(c, text, argumentText(c, first));
  return isError(condition) ? nothing(node.span) : { kind: "assert", condition, text: shown, span: node.span };
}

/** note("text") or note(EXPR, "text"). */
function checkNote(c: CheckContext, node: CallNode, what = "note"): Statement {
  const [first, second, more] = node.args;
  if (first === undefined || more !== undefined) {
    c.error("SCN063", node.span, 'note takes a text, or a condition and a text: note(EXPR, "text")');
    return nothing(node.span);
  }
  const isTextOnly = first.kind === "string" && second === undefined;
  const condition = isTextOnly ? null : statementCondition(c, first, what);
  const text = isTextOnly ? first.value : textArgument(c, second, argumentText(c, first));
  if (condition !== null && isError(condition)) return nothing(node.span);
  if (c.mode.unevaluated) return nothing(node.span);
  c.notes.push({ text, span: node.span });
  return { kind: "note", note: c.notes.length - 1, condition, span: node.span };
}

function checkAwait(c: CheckContext, node: CallNode): Statement {
  const [first, more] = node.args;
  if (first === undefined || more !== undefined) {
    c.error("SCN063", node.span, "await takes one condition: await(EXPR)");
    return nothing(node.span);
  }
  if (c.mode.ghost) {
    c.error("SCN092", node.span, "await is a step and does not stand in a ghost statement");
    return nothing(node.span);
  }
  const condition = checkCondition(c, first, "the condition of await");
  if (isError(condition)) return nothing(node.span);
  c.purityDemands.push({ what: "await", expr: condition, span: first.span });
  return { kind: "await", condition, span: node.span };
}

function checkTimeStatement(c: CheckContext, node: CallNode, word: "work" | "sleep"): Statement {
  const [first, more] = node.args;
  if (first === undefined || more !== undefined) {
    c.error("SCN063", node.span, `${word} takes one time: ${word}(10us)`);
    return nothing(node.span);
  }
  const duration = checkDuration(c, first);
  return duration === null ? nothing(node.span) : { kind: word, duration, span: node.span };
}
