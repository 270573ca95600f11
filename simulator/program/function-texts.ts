/** Where the statements of functions stand: a function that nothing calls is never expanded, yet its lines are dead code. */
import type { Span } from "../source/span.ts";
import { innerStatements } from "../lang/statements.ts";
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
  const own = statement.kind === "block" || statement.kind === "label" ? [] : [statement.span];
  return [...own, ...innerStatements(statement).flatMap((inner) => inner.statements.flatMap(spansOf))];
}
