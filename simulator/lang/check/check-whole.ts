/** What can be judged only when the whole unit is known: missing functions, purity, ghosts, something to run. */
import type { CheckContext, FunctionDraft } from "./context.ts";
import { reportMissingFunctions } from "./missing-function.ts";
import { PurityJudge } from "./purity.ts";
import { typeName } from "./types.ts";
import type { Span } from "../../source/span.ts";
import { isUnsized } from "./check-type.ts";

/** Runs all checks of the whole unit. */
export function checkWhole(c: CheckContext): void {
  reportMissingFunctions(c);
  reportUndefinedFunctions(c);
  reportUnsizedGlobals(c);
  const judge = new PurityJudge();
  for (const demand of c.purityDemands) {
    const impurity = judge.ofExpression(demand.expr);
    if (impurity === null) continue;
    c.report({
      code: "SCN091",
      span: demand.span,
      message: `the condition of ${demand.what} must not change anything, and ${impurity.what}`,
      notes: elsewhere(impurity.span, demand.span),
    });
  }
  reportDroppedArguments(c);
  reportGhostUses(c);
  if (c.tasks.length === 0 && c.inits.length === 0 && !c.sink.hasErrors()) {
    const span = { file: 0, start: 0, end: 0 };
    c.report({
      code: "SCN096",
      severity: "warning",
      span,
      message: "there is nothing to run: add a `task NAME { ... }`",
    });
  }
}

/** A note on what changes something, unless the carets mark it already. */
function elsewhere(change: Span, marked: Span): { readonly span: Span; readonly message: string }[] {
  const isMarked = change.file === marked.file && change.start >= marked.start && change.end <= marked.end;
  return isMarked ? [] : [{ span: change, message: "the change is here" }];
}

/** printk and its like are not evaluated: what their arguments would do is not in the model. */
function reportDroppedArguments(c: CheckContext): void {
  const judge = new PurityJudge({ ownStores: "count" });
  for (const dropped of c.droppedArguments) {
    const impurity = judge.ofExpression(dropped.expr);
    if (impurity === null) continue;
    c.report({
      code: "SCN086",
      severity: "warning",
      span: dropped.span,
      message: `this argument of ${dropped.what} is not evaluated, so what it would change stays as it is; do it before the call`,
      notes: elsewhere(impurity.span, dropped.span),
    });
  }
}

function reportUnsizedGlobals(c: CheckContext): void {
  for (const { symbol } of c.globals) {
    if (isUnsized(symbol.type)) c.error("SCN037", symbol.span, `the size of array \`${symbol.name}\` is never given`);
  }
}

/** One error that lists all, each with a stub to paste. */
function reportUndefinedFunctions(c: CheckContext): void {
  const missing = c.functions.filter((each) => each.definition.kind === "undefined" && each.usedAt !== null);
  const [first] = missing;
  if (first === undefined || first.usedAt === null) return;
  const names = missing.map((each) => `\`${each.name}\``).join(", ");
  const verb = missing.length === 1 ? "function is" : "functions are";
  const stubs = missing.map((each) => `  ${stubFor(each)}`).join("\n");
  c.report({
    code: "SCN046",
    span: first.usedAt,
    message: `${missing.length} ${verb} declared and not defined: ${names}`,
    notes: [
      ...missing.map((each) => ({ span: each.span, message: `\`${each.name}\` is declared here` })),
      {
        span: null,
        message: `define them, or paste stubs (__stub returns 0, __stub(lo, hi) any value between):\n${stubs}`,
      },
    ],
  });
}

function stubFor(symbol: FunctionDraft): string {
  const { result, parameters } = symbol.type;
  const list = parameters.length === 0 ? "void" : parameters.map(typeName).join(", ");
  const type = typeName(result);
  return `${type}${type.endsWith("*") ? "" : " "}${symbol.name}(${list}) __stub;`;
}

/** Functions that tasks and init can call, with the call that leads there; ghost contexts do not count. */
function reachedFunctions(c: CheckContext): Map<FunctionDraft, Span> {
  const reached = new Map<FunctionDraft, Span>();
  const queue = c.rootFacts.map((facts) => facts.calls);
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    for (const [symbol, span] of next) {
      if (reached.has(symbol)) continue;
      reached.set(symbol, span);
      queue.push(symbol.facts.calls);
    }
  }
  // A function whose address is taken may be called from anywhere.
  for (const symbol of c.functions) if (symbol.addressTaken && !reached.has(symbol)) reached.set(symbol, symbol.span);
  return reached;
}

function reportGhostUses(c: CheckContext): void {
  const message = (name: string): string =>
    `\`${name}\` is a ghost: only properties, note, assert and ghost statements use it; write \`ghost\` before the statement`;
  for (const facts of c.rootFacts) {
    for (const use of facts.ghostUses) c.error("SCN092", use.span, message(use.name));
  }
  for (const [symbol, span] of reachedFunctions(c)) {
    for (const use of symbol.facts.ghostUses) {
      const notes = [{ span, message: `\`${symbol.name}\` is called by a task or init here` }];
      c.report({ code: "SCN092", span: use.span, message: message(use.name), notes });
    }
  }
}
