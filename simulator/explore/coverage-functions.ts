/** Where the statements of functions stand: a function that nothing calls is never expanded, yet its lines are dead code. */
import { unreachable } from "../source/assert.ts";
import type { Span } from "../source/span.ts";
import type { Statement, TypedUnit } from "../lang/tree.ts";

/** A function as the source has it: its body, and the statements in it that do something. */
export type FunctionText = { readonly name: string; readonly span: Span; readonly statements: readonly Span[] };

/** Functions with a body, those of kits left out. */
export function functionTexts(unit: TypedUnit): readonly FunctionText[] {
  return unit.functions.flatMap(({ name, definition }) => {
    if (definition.kind !== "body" || unit.sources.files[definition.body.span.file]?.isKit !== false) return [];
    return [{ name, span: definition.body.span, statements: definition.body.statements.flatMap(spansOf) }];
  });
}

function spansOf(statement: Statement): readonly Span[] {
  switch (statement.kind) {
    case "block":
      return statement.statements.flatMap(spansOf);
    case "span":
    case "atomic":
    case "forever":
    case "ghost":
      return [statement.span, ...statement.body.flatMap(spansOf)];
    case "guard":
      return [statement.span, ...statement.body.flatMap(spansOf)];
    case "if":
      return [statement.span, ...spansOf(statement.then), ...(statement.else === null ? [] : spansOf(statement.else))];
    case "while":
    case "do-while":
    case "for":
    case "switch":
      return [statement.span, ...spansOf(statement.body)];
    case "label":
      return [];
    case "expression":
    case "declare":
    case "goto":
    case "break":
    case "continue":
    case "return":
    case "await":
    case "assert":
    case "note":
    case "work":
    case "sleep":
      return [statement.span];
  }
  return unreachable(statement);
}
