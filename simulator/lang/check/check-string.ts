/** String literals: hidden constant arrays of char. */
import type { CheckContext, VariableDraft } from "./context.ts";
import type { GlobalStore, Place, Type } from "../tree.ts";
import { integerTypes } from "./types.ts";
import type { Span } from "../../source/span.ts";

/** The hidden array that a string literal denotes. */
export function stringVariable(c: CheckContext, value: string, span: Span): Place {
  const type: Type = { kind: "array", of: integerTypes.char, length: value.length + 1 };
  const symbol = hiddenGlobal(c, { name: JSON.stringify(value), type, span });
  symbol.constant = true;
  if (!c.mode.unevaluated) c.globals.push({ symbol, stores: charStores(value, 0), isDefined: true });
  return { kind: "variable", symbol, type, span };
}

/** Cells of a char array that holds a text, from a model offset on; zero cells are left out. */
export function charStores(value: string, offset: number): GlobalStore[] {
  return Array.from(value, (_, index) => value.charCodeAt(index) & 255).flatMap((code, index): GlobalStore[] =>
    code === 0 ? [] : [{ offset: offset + index, type: integerTypes.char, value: { kind: "number", value: code } }],
  );
}

/** A variable of the compiler's own at file scope. */
export function hiddenGlobal(
  c: CheckContext,
  from: { readonly name: string; readonly type: Type; readonly span: Span },
): VariableDraft {
  return {
    kind: "variable",
    id: c.newId(),
    name: from.name,
    storage: "global",
    type: from.type,
    ghost: false,
    racy: false,
    constant: false,
    addressTaken: false,
    hidden: true,
    depth: 0,
    span: from.span,
  };
}

/** A variable of the compiler's own in the current body. */
export function hiddenLocal(
  c: CheckContext,
  from: { readonly name: string; readonly type: Type; readonly span: Span },
): VariableDraft {
  const symbol: VariableDraft = { ...hiddenGlobal(c, from), storage: "local", depth: c.depth(), ghost: c.mode.ghost };
  if (!c.mode.unevaluated) c.body?.locals.push(symbol);
  return symbol;
}
