/** Whether control can reach the end of a body: a function that promises a value must not get there. */
import { unreachable } from "../../source/assert.ts";
import { isConstant } from "./fold.ts";
import type { Expr, Statement } from "../tree.ts";

/**
 * Whether control can leave a list of statements at its end, as far as constants tell. A label counts as reached, since
 * somebody jumps to it. Linear but for nested loops, each of which is searched for its own break once.
 */
export function reachesEnd(statements: readonly Statement[]): boolean {
  let reached = true;
  for (const statement of statements) {
    if (statement.kind === "label") reached = true;
    else if (reached || holdsLabel(statement)) reached = passes(statement);
  }
  return reached;
}

function passes(statement: Statement): boolean {
  switch (statement.kind) {
    case "return":
    case "goto":
    case "break":
    case "continue":
      return false;
    case "block":
      return reachesEnd(statement.statements);
    case "atomic":
    case "span":
    case "guard":
    case "ghost":
      return reachesEnd(statement.body);
    case "if":
      return passesIf(statement);
    case "while":
    case "for":
      return (statement.condition !== null && !isAlways(statement.condition)) || breaksOut(statement.body);
    case "do-while":
      return (!isAlways(statement.condition) && passesDo(statement.body)) || breaksOut(statement.body);
    case "forever":
      return statement.body.some(breaksOut);
    case "switch":
      return statement.fallback === null || passes(statement.body) || breaksOut(statement.body);
    case "expression":
      return !isEnd(statement.expression);
    case "assert":
      return !isConstant(statement.condition) || statement.condition.value !== 0;
    case "declare":
    case "label":
    case "await":
    case "note":
    case "work":
    case "sleep":
      return true;
  }
  return unreachable(statement);
}

function passesIf(statement: Extract<Statement, { kind: "if" }>): boolean {
  const otherwise = statement.else === null || passes(statement.else);
  if (!isConstant(statement.condition)) return passes(statement.then) || otherwise;
  return statement.condition.value !== 0 ? passes(statement.then) : otherwise;
}

/** The body of a do loop reaches the condition at its end or by continue. */
function passesDo(body: Statement): boolean {
  return passes(body) || some(body, { into: "all but loops" }, (inner) => inner.kind === "continue");
}

function isAlways(condition: Expr): boolean {
  return isConstant(condition) && condition.value !== 0;
}

/** BUG(), BUG_ON(1) and unreachable() end every run that comes there. */
function isEnd(expr: Expr): boolean {
  if (expr.kind === "convert") return isEnd(expr.operand);
  if (expr.kind === "statements") return !reachesEnd(expr.statements) || (expr.value !== null && isEnd(expr.value));
  const [condition] = expr.kind === "primitive" && expr.op === "bug-on" ? expr.args : [];
  return condition !== undefined && isAlways(condition);
}

/** Whether a break inside belongs to the loop or switch around. */
function breaksOut(body: Statement): boolean {
  return some(body, { into: "all but loops and switches" }, (inner) => inner.kind === "break");
}

function holdsLabel(statement: Statement): boolean {
  return some(statement, { into: "all" }, (inner) => inner.kind === "label");
}

type Depth = { readonly into: "all" | "all but loops" | "all but loops and switches" };

function some(statement: Statement, depth: Depth, test: (inner: Statement) => boolean): boolean {
  return test(statement) || parts(statement, depth).some((part) => some(part, depth, test));
}

function parts(statement: Statement, { into }: Depth): readonly Statement[] {
  switch (statement.kind) {
    case "block":
      return statement.statements;
    case "atomic":
    case "span":
    case "guard":
    case "ghost":
      return statement.body;
    case "if":
      return statement.else === null ? [statement.then] : [statement.then, statement.else];
    case "switch":
      return into === "all but loops and switches" ? [] : [statement.body];
    case "while":
    case "do-while":
    case "for":
      return into === "all" ? [statement.body] : [];
    case "forever":
      return into === "all" ? statement.body : [];
    case "return":
    case "goto":
    case "break":
    case "continue":
    case "expression":
    case "assert":
    case "declare":
    case "label":
    case "await":
    case "note":
    case "work":
    case "sleep":
      return [];
  }
  return unreachable(statement);
}
