/**
 * Drops a re-check: an `if` that looks again at what the same function has looked at before, `if (x->y != snapshot)`,
 * `if (READ_ONCE(state) == OLD)`, `if (!still_valid(x))`. The mutant goes on as if nothing had changed in between.
 */
import { spanText, type SourceSet, type Span } from "../source/span.ts";
import type { Body, Expr, Place, PrimitiveOp, Statement, TypedUnit } from "../lang/tree.ts";
import { bodiesOf } from "../lang/statements.ts";
import type { Program } from "../program/ir.ts";
import { shortText, type Draft } from "./mutant.ts";
import { walkBody, walkExpression } from "./tree-walk.ts";

/** Reads of atomics and bits: looking again at them is a re-check as well. */
const readingOps: ReadonlySet<PrimitiveOp> = new Set([
  "atomic-read",
  "refcount-read",
  "bit-test",
  "folio-test-locked",
  "seqcount-retry",
]);

/** A look at something shared: what is looked at, as the source has it. */
type Look = { readonly text: string; readonly at: number };

/** O(statements x looks of a body). */
export function recheckMutants(unit: TypedUnit, program: Program): readonly Draft[] {
  const expanded = new Set(
    program.tasks.flatMap((task) => task.nodes.map((node) => `${String(node.span.file)} ${String(node.span.start)}`)),
  );
  return bodiesOf(unit).flatMap((body) => ofBody(unit.sources, body, expanded));
}

function ofBody(sources: SourceSet, body: Body, expanded: ReadonlySet<string>): readonly Draft[] {
  const looks = looksIn(sources, body);
  const drafts: Draft[] = [];
  const visit = (statement: Statement): void => {
    if (statement.kind !== "if") return;
    const { condition } = statement;
    const isExpanded = looksOf(sources, condition).some((look) =>
      expanded.has(`${String(condition.span.file)} ${String(look.at)}`),
    );
    const again = looksOf(sources, condition).find((look) =>
      looks.some((before) => before.text === look.text && before.at < statement.span.start),
    );
    if (again !== undefined && isExpanded) drafts.push(draftOf(sources, statement, again.text));
  };
  walkBody(body, { statement: visit });
  return drafts;
}

function looksIn(sources: SourceSet, body: Body): readonly Look[] {
  const looks: Look[] = [];
  walkBody(body, { expression: (expr) => looks.push(...lookOf(sources, expr)) });
  return looks;
}

function looksOf(sources: SourceSet, expr: Expr): readonly Look[] {
  const looks: Look[] = [];
  walkExpression(expr, { expression: (inner) => looks.push(...lookOf(sources, inner)) });
  return looks;
}

function lookOf(sources: SourceSet, expr: Expr): readonly Look[] {
  const at = expr.span.start;
  const text = (span: Span): string => spanText(sources, span).replace(/\s+/g, "");
  if (expr.kind === "load" && expr.access !== "ghost" && isShared(expr.place))
    return [{ text: text(expr.place.span), at }];
  if (expr.kind === "primitive" && readingOps.has(expr.op)) return [{ text: text(expr.span), at }];
  if (expr.kind === "call" && expr.type.kind !== "void" && expr.args.length > 0) return [{ text: text(expr.span), at }];
  return [];
}

/** Others can reach it: a global, or behind a pointer. */
function isShared(place: Place): boolean {
  switch (place.kind) {
    case "variable":
      return place.symbol.storage === "global" || place.symbol.storage === "static";
    case "deref":
      return true;
    case "member":
    case "element":
      return isShared(place.base);
    case "literal":
      return false;
  }
}

function draftOf(sources: SourceSet, statement: Extract<Statement, { kind: "if" }>, again: string): Draft {
  const { condition } = statement;
  const kind = "drop-recheck";
  const shown = shortText(sources, condition.span);
  if (!spanText(sources, statement.span).startsWith("if"))
    return { outcome: "skipped", kind, span: statement.span, reason: "it comes out of a macro" };
  // Going on as if nothing had changed: the side that leaves, or gives up what was found, is the one for the change.
  const passes = !leaves(statement.then) && !givesUp(statement.then);
  const text = `re-check \`if (${shown})\` dropped: \`${again}\` is looked at once only, and taken for ${passes ? "true" : "false"}`;
  return {
    outcome: "mutant",
    kind,
    span: statement.span,
    text,
    changes: [{ span: condition.span, replacement: passes ? "1" : "0" }],
  };
}

/** Ends in goto, return, break or continue. */
function leaves(statement: Statement): boolean {
  if (statement.kind === "block") {
    const last = statement.statements[statement.statements.length - 1];
    return last !== undefined && leaves(last);
  }
  return ["goto", "return", "break", "continue"].includes(statement.kind);
}

/** Makes a pointer NULL: `if (!still_mapped(x)) { unlock(x); x = NULL; }`. */
function givesUp(statement: Statement): boolean {
  if (statement.kind === "block") return statement.statements.some(givesUp);
  if (statement.kind !== "expression") return false;
  const { expression } = statement;
  const assigned = expression.kind === "convert" ? expression.operand : expression;
  return assigned.kind === "assign" && assigned.type.kind === "pointer" && isNull(assigned.value);
}

function isNull(expr: Expr): boolean {
  if (expr.kind === "convert") return isNull(expr.operand);
  return expr.kind === "constant" && expr.value === 0;
}
