/** Statements. Each yields a list, since some (static_assert, type declarations) yield nothing. */
import { unreachable } from "../../source/assert.ts";
import { checkLocalDeclaration, checkLocalDefine } from "./check-local.ts";
import { checkCondition, checkConstant, checkOperand, checkValue } from "./check-expression.ts";
import { checkCleanup } from "./check-cleanup.ts";
import { checkGuardCall, checkScopedGuard } from "./check-guard.ts";
import { defineLabel, gotoLabel } from "./check-label.ts";
import { checkOwnStatement, textArgument } from "./check-own.ts";
import { errorExpr, isError, type BodyContext, type CaseCollector, type CheckContext } from "./context.ts";
import { coerce, promote } from "./convert.ts";
import { normalise } from "./fold.ts";
import { noteResult } from "./missing-function.ts";
import { rvalue } from "./place.ts";
import type { SyntaxExpr, SyntaxStatement } from "../parse/syntax.ts";
import type { Expr, Statement } from "../tree.ts";
import { isArithmetic, typeName, voidType } from "./types.ts";
import type { Span } from "../../source/span.ts";

type Node<K extends SyntaxStatement["kind"]> = Extract<SyntaxStatement, { kind: K }>;

/** The statements of a block in its own scope. */
export function checkBlock(c: CheckContext, body: readonly SyntaxStatement[]): Statement[] {
  return c.scoped(() => checkList(c, body));
}

/** A list of statements in the current scope; guard() makes the rest of the list its body. */
export function checkList(c: CheckContext, body: readonly SyntaxStatement[]): Statement[] {
  const out: Statement[] = [];
  for (const [index, node] of body.entries()) {
    const guard =
      node.kind === "expression" ? checkGuardCall(c, node.expression, () => checkList(c, body.slice(index + 1))) : null;
    if (guard !== null) {
      out.push(guard);
      return out;
    }
    for (const statement of checkStatement(c, node)) out.push(statement);
    const cleaned =
      node.kind === "declaration" ? checkCleanup(c, node, () => checkList(c, body.slice(index + 1))) : null;
    if (cleaned !== null) {
      out.push(cleaned);
      return out;
    }
  }
  return out;
}

/** The body of if, while and so on as one statement. */
function checkOne(c: CheckContext, node: SyntaxStatement): Statement {
  if (node.kind === "block") return { kind: "block", statements: checkBlock(c, node.body), span: node.span };
  const statements = checkBlock(c, [node]);
  const [only] = statements;
  return only !== undefined && statements.length === 1 ? only : { kind: "block", statements, span: node.span };
}

function body(c: CheckContext): BodyContext {
  if (c.body === null) throw new Error("assert: statements stand in a body");
  return c.body;
}

/** One statement. */
export function checkStatement(c: CheckContext, node: SyntaxStatement): readonly Statement[] {
  switch (node.kind) {
    case "declaration":
      return checkLocalDeclaration(c, node);
    case "define-object":
      return checkLocalDefine(c, node);
    case "static-assert":
      checkStaticAssert(c, node.condition);
      return [];
    case "expression":
      return [checkExpressionStatement(c, node)];
    case "empty":
    case "error":
      return [];
    case "block":
      return [{ kind: "block", statements: checkBlock(c, node.body), span: node.span }];
    case "if":
      return [checkIf(c, node)];
    case "while":
    case "do-while":
      return [checkLoop(c, node)];
    case "for":
      return [c.scoped(() => checkFor(c, node))];
    case "switch":
      return [checkSwitch(c, node)];
    case "case":
    case "default":
      return checkCase(c, node);
    case "label":
      return defineLabel(c, node);
    case "goto":
      return [gotoLabel(c, node)];
    case "break":
    case "continue":
      return [checkJump(c, node)];
    case "return":
      return [checkReturn(c, node)];
    case "atomic":
      return [checkAtomicBlock(c, node)];
    case "forever":
      return [checkForever(c, node)];
    case "ghost":
      return [checkGhost(c, node)];
    case "headed":
      return checkHeaded(c, node);
  }
  return unreachable(node);
}

/** static_assert and BUILD_BUG_ON's twin. */
export function checkStaticAssert(c: CheckContext, node: SyntaxExpr): void {
  const value = checkConstant(c, node, "the condition of static_assert");
  if (value === 0) c.error("SCN067", node.span, "static_assert: its condition does not hold");
}

function checkExpressionStatement(c: CheckContext, node: Node<"expression">): Statement {
  const own = checkOwnStatement(c, node.expression);
  if (own !== null) return own;
  if (isGhostAssignment(c, node.expression)) return ghostStatement(c, node.span, () => [plainStatement(c, node)]);
  return plainStatement(c, node);
}

function plainStatement(c: CheckContext, node: Node<"expression">): Statement {
  const operand = checkOperand(c, node.expression);
  // `(void)lock;` and a lone struct name are evaluated for nothing: no load is needed where no value is used.
  const isUnused =
    operand.kind === "place" && (operand.place.type.kind === "object" || operand.place.type.kind === "array");
  const expression = isUnused ? errorExpr(node.span) : rvalue(c, operand);
  noteResult(c, expression, voidType);
  if (isError(expression)) return { kind: "block", statements: [], span: node.span };
  return { kind: "expression", expression, span: node.span };
}

/** An assignment to a ghost is a ghost statement, with or without the word in front of it. */
function isGhostAssignment(c: CheckContext, node: SyntaxExpr): boolean {
  if (c.mode.ghost) return false;
  if (node.kind === "assign") return isGhostPlace(c, node.left);
  return node.kind === "step" && isGhostPlace(c, node.operand);
}

function isGhostPlace(c: CheckContext, node: SyntaxExpr): boolean {
  if (node.kind === "name") {
    const entity = c.lookup(node.name);
    return entity?.kind === "variable" && entity.symbol.ghost;
  }
  if (node.kind === "member" && !node.arrow) return isGhostPlace(c, node.base);
  return node.kind === "index" && isGhostPlace(c, node.base);
}

function checkGhost(c: CheckContext, node: Node<"ghost">): Statement {
  if (c.mode.ghost) {
    c.error("SCN092", node.span, "ghost inside ghost");
    return { kind: "block", statements: [], span: node.span };
  }
  return ghostStatement(c, node.span, () => checkStatement(c, node.body));
}

function ghostStatement(c: CheckContext, span: Span, check: () => readonly Statement[]): Statement {
  return { kind: "ghost", body: c.within({ ghost: true }, check), span };
}

function checkIf(c: CheckContext, node: Node<"if">): Statement {
  const condition = checkCondition(c, node.condition, "the condition of if");
  const then = checkOne(c, node.then);
  const otherwise = node.else === null ? null : checkOne(c, node.else);
  return { kind: "if", condition, then, else: otherwise, span: node.span };
}

/** Runs a check as the body of a loop, where break and continue have a target. */
function inLoop<T>(c: CheckContext, check: () => T): T {
  const context = body(c);
  context.loops += 1;
  context.breakables += 1;
  const value = check();
  context.loops -= 1;
  context.breakables -= 1;
  return value;
}

function checkLoop(c: CheckContext, node: Node<"while"> | Node<"do-while">): Statement {
  const { kind, span } = node;
  if (kind === "while") {
    const condition = checkCondition(c, node.condition, "the condition of while");
    return { kind, condition, body: inLoop(c, () => checkOne(c, node.body)), span };
  }
  const checked = inLoop(c, () => checkOne(c, node.body));
  return { kind, body: checked, condition: checkCondition(c, node.condition, "the condition of while"), span };
}

function checkFor(c: CheckContext, node: Node<"for">): Statement {
  const initial = node.initial === null ? [] : checkStatement(c, node.initial);
  const condition = node.condition === null ? null : checkCondition(c, node.condition, "the condition of for");
  const advance = node.advance === null ? null : rvalue(c, checkOperand(c, node.advance));
  const checked = inLoop(c, () => checkOne(c, node.body));
  return { kind: "for", initial, condition, advance, body: checked, span: node.span };
}

function checkSwitch(c: CheckContext, node: Node<"switch">): Statement {
  const context = body(c);
  const value = promote(checkValue(c, node.value));
  if (!isError(value) && !isArithmetic(value.type)) {
    c.error("SCN060", node.value.span, `switch needs a number, not \`${typeName(value.type)}\``);
  }
  const collector: CaseCollector = { type: value.type, cases: [], fallback: null, regions: [...context.regions] };
  const outer = context.cases;
  context.cases = collector;
  context.breakables += 1;
  const checked = checkOne(c, node.body);
  context.breakables -= 1;
  context.cases = outer;
  const cases = collector.cases.map(({ lo, hi, label }) => ({ lo, hi, label }));
  return { kind: "switch", value, cases, fallback: collector.fallback, body: checked, span: node.span };
}

function checkCase(c: CheckContext, node: Node<"case"> | Node<"default">): readonly Statement[] {
  const collector = body(c).cases;
  if (collector === null) {
    c.error("SCN081", node.span, `\`${node.kind}\` stands outside of a switch`);
    return [];
  }
  if (body(c).regions.length > collector.regions.length) {
    c.error("SCN082", node.span, "a case inside guard or atomic jumps into it; put the switch inside");
    return [];
  }
  const label = c.newLabel(node.kind, node.span);
  if (node.kind === "default") {
    if (collector.fallback !== null) {
      const notes = [{ span: collector.fallback.span, message: "the first one is here" }];
      c.report({ code: "SCN048", span: node.span, message: "a second default in this switch", notes });
    }
    collector.fallback = label;
    return [{ kind: "label", label, span: node.span }];
  }
  const lo = checkConstant(c, node.lo, "a case");
  const hi = node.hi === null ? lo : checkConstant(c, node.hi, "a case");
  if (lo === null || hi === null) return [];
  addCase(c, collector, {
    lo: normalise(lo, collector.type),
    hi: normalise(hi, collector.type),
    label,
    span: node.span,
  });
  return [{ kind: "label", label, span: node.span }];
}

function addCase(c: CheckContext, collector: CaseCollector, entry: CaseCollector["cases"][number]): void {
  if (entry.lo > entry.hi) {
    c.error("SCN048", entry.span, `the range ${entry.lo} ... ${entry.hi} is empty`);
    return;
  }
  const before = collector.cases.find((each) => each.lo <= entry.hi && entry.lo <= each.hi);
  if (before !== undefined) {
    const notes = [{ span: before.span, message: "the first one is here" }];
    c.report({ code: "SCN048", span: entry.span, message: `${caseText(entry)} occurs twice in this switch`, notes });
  }
  collector.cases.push(entry);
}

function caseText(entry: { readonly lo: number; readonly hi: number }): string {
  return entry.lo === entry.hi ? `case ${entry.lo}` : `a value of case ${entry.lo} ... ${entry.hi}`;
}

function checkJump(c: CheckContext, node: Node<"break"> | Node<"continue">): Statement {
  const context = body(c);
  const possible = node.kind === "break" ? context.breakables : context.loops;
  if (possible === 0) {
    const inside = node.kind === "break" ? "a loop or switch" : "a loop";
    c.error("SCN080", node.span, `\`${node.kind}\` stands outside of ${inside}`);
  }
  return { kind: node.kind, span: node.span };
}

function checkReturn(c: CheckContext, node: Node<"return">): Statement {
  const context = body(c);
  const { span } = node;
  if (c.mode.ghost) c.error("SCN092", span, "return does not stand in a ghost statement");
  if (node.value === null) {
    if (context.result.kind !== "void" && context.result.kind !== "error") {
      c.error("SCN073", span, `\`${context.name}\` returns \`${typeName(context.result)}\`: a value is missing`);
    }
    return { kind: "return", value: null, span };
  }
  const value = checkValue(c, node.value);
  if (context.result.kind === "void") {
    // `return f();` of a void function in a void function is an idiom of the kernel.
    if (value.type.kind !== "void" && !isError(value)) {
      const what = context.owner === "function" ? `\`${context.name}\` returns nothing` : "a task returns nothing";
      c.error("SCN073", span, `${what}, and a value stands here`);
    }
    return {
      kind: "block",
      statements: [
        { kind: "expression", expression: value, span },
        { kind: "return", value: null, span },
      ],
      span,
    };
  }
  const purpose = { what: `the result of \`${context.name}\``, span: node.value.span };
  return { kind: "return", value: coerce(c, value, context.result, purpose), span };
}

function checkAtomicBlock(c: CheckContext, node: Node<"atomic">): Statement {
  if (c.mode.atomic) c.error("SCN093", node.span, "atomic inside atomic: the outer one already makes one step");
  if (c.mode.ghost) c.error("SCN092", node.span, "atomic does not stand in a ghost statement: that is no step");
  const context = body(c);
  context.regions.push(c.newRegion("atomic", node.span));
  const statements = c.within({ atomic: true }, () => checkBlock(c, blockBody(node.body)));
  context.regions.pop();
  return { kind: "atomic", body: statements, span: node.span };
}

function blockBody(node: SyntaxStatement): readonly SyntaxStatement[] {
  return node.kind === "block" ? node.body : [node];
}

function checkForever(c: CheckContext, node: Node<"forever">): Statement {
  if (c.mode.ghost) c.error("SCN092", node.span, "forever does not stand in a ghost statement");
  if (c.mode.atomic) c.error("SCN093", node.span, "forever inside atomic would never end its one step");
  const context = body(c);
  if (context.owner === "init") c.error("SCN090", node.span, "init must end: forever stands in tasks");
  context.hasForever = true;
  const statements = inLoop(c, () => checkBlock(c, blockBody(node.body)));
  return { kind: "forever", body: statements, span: node.span };
}

/** span("text") { ... }, scoped_guard(...) { ... }; any other head is an unknown macro. */
function checkHeaded(c: CheckContext, node: Node<"headed">): readonly Statement[] {
  const { head } = node;
  const name = head.kind === "call" && head.callee.kind === "name" ? head.callee.name : "";
  if (head.kind === "call" && name === "span" && c.lookup("span") === null) {
    const text = textArgument(c, head.args[0], "span");
    if (head.args.length !== 1) c.error("SCN063", head.span, 'span takes one text: span("text") { ... }');
    return [{ kind: "span", text, body: checkBlock(c, blockBody(node.body)), span: node.span }];
  }
  if (head.kind === "call" && name === "scoped_guard") {
    return [checkScopedGuard(c, head, () => inLoop(c, () => checkBlock(c, blockBody(node.body))))];
  }
  const before = c.sink.errorCount();
  if (head.kind !== "error") checkOperand(c, head);
  if (c.sink.errorCount() === before) {
    c.error("SCN049", head.span, `\`${name}(...)\` is no macro that takes a block; a \`;\` may be missing behind it`);
  }
  inLoop(c, () => checkOne(c, node.body));
  return [];
}

/** `({ ... })`: the value is that of the last statement if it is an expression (GNU C). */
export function checkStatementExpression(c: CheckContext, node: Extract<SyntaxExpr, { kind: "statements" }>): Expr {
  if (c.body === null) {
    c.error("SCN067", node.span, "a statement expression stands in a body only");
    return errorExpr(node.span);
  }
  return c.scoped(() => {
    const last = node.body[node.body.length - 1];
    const hasValue = last?.kind === "expression" && !isOwnStatement(c, last.expression);
    const statements = checkList(c, hasValue ? node.body.slice(0, -1) : node.body);
    if (!hasValue) return { kind: "statements", statements, value: null, type: voidType, span: node.span };
    const value = rvalue(c, checkOperand(c, last.expression));
    if (isError(value)) return errorExpr(node.span);
    return { kind: "statements", statements, value, type: value.type, span: node.span };
  });
}

function isOwnStatement(c: CheckContext, node: SyntaxExpr): boolean {
  if (node.kind !== "call" || node.callee.kind !== "name") return isGhostAssignment(c, node);
  return ["assert", "note", "await", "work", "sleep"].includes(node.callee.name) && c.lookup(node.callee.name) === null;
}
