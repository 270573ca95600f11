/**
 * Exchanges two calls that stand one behind the other and of which each takes or lets go of a lock, frees, publishes,
 * waits for readers or wakes: unpublish and free, fill and publish, unlock and complete.
 */
import { spanText, type SourceSet } from "../source/span.ts";
import type { Expr, FunctionSymbol, PrimitiveOp, Statement, TypedUnit } from "../lang/tree.ts";
import { bodiesOf } from "../lang/statements.ts";
import type { Program } from "../program/ir.ts";
import { shortText, type Draft } from "./mutant.ts";
import { walkBody } from "./tree-walk.ts";

type Kind = "lock" | "unlock" | "free" | "publish" | "wait" | "wake" | "call";

const kindsOfOps: ReadonlyMap<PrimitiveOp, Kind> = new Map<PrimitiveOp, Kind>([
  ...(
    [
      "spin-lock",
      "read-lock",
      "write-lock",
      "mutex-lock",
      "down-read",
      "down-write",
      "folio-lock",
      "semaphore-down",
      "rcu-read-lock",
    ] as const
  ).map((op) => [op, "lock"] as const),
  ...(
    [
      "spin-unlock",
      "read-unlock",
      "write-unlock",
      "mutex-unlock",
      "up-read",
      "up-write",
      "folio-unlock",
      "semaphore-up",
      "rcu-read-unlock",
    ] as const
  ).map((op) => [op, "unlock"] as const),
  ...(["kfree", "cache-free", "kfree-rcu", "call-rcu"] as const).map((op) => [op, "free"] as const),
  ...(["xchg", "atomic-set", "atomic-add", "atomic-sub", "refcount-set", "bit-set", "bit-clear"] as const).map(
    (op) => [op, "publish"] as const,
  ),
  ...(["synchronize-rcu", "wait-for-completion"] as const).map((op) => [op, "wait"] as const),
  ...(["complete", "complete-all"] as const).map((op) => [op, "wake"] as const),
]);

/** O(statements). */
export function swapMutants(unit: TypedUnit, program: Program): readonly Draft[] {
  const expanded = new Set(
    program.tasks.flatMap((task) => task.nodes.map((node) => `${String(node.span.file)} ${String(node.span.start)}`)),
  );
  const acting = actingFunctions(unit);
  const drafts: Draft[] = [];
  const visit = (list: readonly Statement[]): void => {
    for (const [index, first] of list.entries()) {
      const second = list[index + 1];
      if (second === undefined) continue;
      const kinds = [kindOf(first, acting), kindOf(second, acting)] as const;
      if (!isWorthwhile(kinds) || first.kind !== "expression" || second.kind !== "expression") continue;
      const draft = draftOf(unit.sources, first.expression, second.expression);
      if (draft !== null && isExpanded(expanded, first)) drafts.push(draft);
    }
  };
  for (const body of bodiesOf(unit)) walkBody(body, { list: visit });
  return drafts;
}

/** A statement stands in some task: its own node, or that of an argument or call inside it. */
function isExpanded(expanded: ReadonlySet<string>, statement: Statement): boolean {
  const { file, start, end } = statement.span;
  for (let at = start; at < end; at += 1) if (expanded.has(`${String(file)} ${String(at)}`)) return true;
  return false;
}

/** Two unlocks or two calls of functions do not depend on their order by themselves. */
function isWorthwhile([first, second]: readonly [Kind | null, Kind | null]): boolean {
  if (first === null || second === null) return false;
  return !(first === second && (first === "unlock" || first === "call" || first === "wake"));
}

function kindOf(statement: Statement, acting: ReadonlySet<FunctionSymbol>): Kind | null {
  if (statement.kind !== "expression") return null;
  const expression = statement.expression.kind === "convert" ? statement.expression.operand : statement.expression;
  if (expression.kind === "primitive") return kindsOfOps.get(expression.op) ?? null;
  if (expression.kind === "assign") return ["once", "release", "rcu"].includes(expression.access) ? "publish" : null;
  if (expression.kind !== "call" || expression.callee.kind !== "direct") return null;
  return acting.has(expression.callee.function) ? "call" : null;
}

/** Functions in which something of this kind happens, also in those that they call. */
function actingFunctions(unit: TypedUnit): ReadonlySet<FunctionSymbol> {
  const acting = new Set<FunctionSymbol>();
  const callers = new Map<FunctionSymbol, Set<FunctionSymbol>>();
  for (const symbol of unit.functions) {
    if (symbol.definition.kind !== "body") continue;
    walkBody(symbol.definition.body, {
      expression: (expr) => {
        if (expr.kind === "primitive" && kindsOfOps.has(expr.op)) acting.add(symbol);
        if (expr.kind === "assign" && ["once", "release", "rcu"].includes(expr.access)) acting.add(symbol);
        if (expr.kind !== "call" || expr.callee.kind !== "direct") return;
        const known = callers.get(expr.callee.function) ?? new Set();
        callers.set(expr.callee.function, known.add(symbol));
      },
    });
  }
  for (const symbol of acting) for (const caller of callers.get(symbol) ?? []) acting.add(caller);
  return acting;
}

/** The name of a macro alone is no call. */
function isCallText(sources: SourceSet, expr: Expr): boolean {
  return /^[\w\s]+\(/.test(spanText(sources, expr.span));
}

function draftOf(sources: SourceSet, first: Expr, second: Expr): Draft | null {
  const { span } = first;
  const kind = "swap-calls";
  const isWritten = isCallText(sources, first) && isCallText(sources, second);
  if (first.span.file !== second.span.file || first.span.end > second.span.start || !isWritten)
    return { outcome: "skipped", kind, span, reason: "it comes out of a macro" };
  const texts = [first, second].map((expr) => spanText(sources, expr.span));
  const [one = "", two = ""] = texts;
  if (one === two) return null;
  return {
    outcome: "mutant",
    kind,
    span,
    text: `${shortText(sources, first.span)} and ${shortText(sources, second.span)} exchanged`,
    changes: [
      { span: first.span, replacement: two },
      { span: second.span, replacement: one },
    ],
  };
}
