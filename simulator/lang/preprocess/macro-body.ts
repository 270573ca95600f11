/** Substitution of arguments into a macro's body, with # and ## (C11 6.10.3.1 to 6.10.3.3, and GNU's `, ## rest`). */
import type { DiagnosticSink } from "../../source/diagnostic.ts";
import type { SourceSet, Span } from "../../source/span.ts";
import { lexPasted } from "./lex.ts";
import type { Macro } from "./macro-definition.ts";
import { isPunctuator, type Token } from "./token.ts";

type Substitution = {
  readonly macro: Macro;
  /** Arguments as written, for # and ##. */
  readonly raw: readonly (readonly Token[])[];
  /** Arguments fully expanded, for everything else. */
  readonly expanded: readonly (readonly Token[])[];
  /** The macro's name where it is used; its span is given to the body's tokens. */
  readonly name: Token;
  readonly sources: SourceSet;
  readonly sink: DiagnosticSink;
};

/** A token, or null where an empty argument stood beside ## (C's placemarker). */
type Item = Token | null;

/** The replacement of one use of a macro, before it is read again. Linear in what it yields. */
export function substitute(from: Substitution): Token[] {
  const out: Item[] = [];
  const body = from.macro.body;
  for (let at = 0; at < body.length; at++) {
    const token = body[at];
    if (token === undefined) break;
    if (isPunctuator(token, "##") && at > 0 && at + 1 < body.length) {
      at += pasteNext(from, out, at);
      continue;
    }
    const operand = operandAt(from, at, isPasteOperand(body, at));
    for (const item of operand.items) out.push(item);
    at += operand.length - 1;
  }
  const tokens = out.filter((item): item is Token => item !== null);
  return tokens.map((token, index) =>
    index === 0 ? { ...token, startsLine: false, spaced: from.name.spaced } : token,
  );
}

function isPasteOperand(body: readonly Token[], at: number): boolean {
  const next = body[at + 1];
  return next !== undefined && isPunctuator(next, "##") && at + 2 < body.length;
}

/** What the body's token at `at` stands for, and how many tokens of the body that takes. */
function operandAt(
  from: Substitution,
  at: number,
  raw: boolean,
): { readonly items: readonly Item[]; readonly length: number } {
  const token = from.macro.body[at];
  if (token === undefined) return { items: [], length: 1 };
  const next = from.macro.body[at + 1];
  if (from.macro.parameters !== null && isPunctuator(token, "#") && next !== undefined) {
    const quoted = parameterIndex(from.macro, next);
    if (quoted >= 0) return { items: [stringify(from, from.raw[quoted] ?? [], token)], length: 2 };
  }
  const parameter = parameterIndex(from.macro, token);
  if (parameter < 0) return { items: [atSite(from, token)], length: 1 };
  const tokens = (raw ? from.raw : from.expanded)[parameter] ?? [];
  if (tokens.length === 0) return { items: raw ? [null] : [], length: 1 };
  return { items: tokens.map((each, index) => (index === 0 ? { ...each, spaced: token.spaced } : each)), length: 1 };
}

/** Handles `## operand` at `at`: glues the operand's first token to the last item. Yields the tokens taken besides ##. */
function pasteNext(from: Substitution, out: Item[], at: number): number {
  const body = from.macro.body;
  const token = body[at + 1];
  const operand = operandAt(from, at + 1, true);
  const left = out.pop() ?? null;
  const rest = from.macro.variadic && token !== undefined && parameterIndex(from.macro, token) === from.raw.length - 1;
  if (rest && left !== null && isPunctuator(left, ",")) {
    // GNU: `, ## rest` drops the comma when there is no rest and pastes nothing otherwise.
    if (operand.items[0] !== null) for (const item of [left, ...operand.items]) out.push(item);
    return operand.length;
  }
  const [right = null, ...others] = operand.items;
  if (left === null || right === null) out.push(left ?? right);
  else out.push(paste(from, left, right));
  for (const item of others) out.push(item);
  return operand.length;
}

/** Longest token that ## makes: each one is read again, so a chain of them costs the square of its length. */
const pastedUnitsMax = 1_000;

function paste(from: Substitution, left: Token, right: Token): Item {
  if (left.text.length + right.text.length > pastedUnitsMax) {
    const message = `## in macro \`${from.macro.name}\` makes a token of more than ${pastedUnitsMax} characters`;
    from.sink.report({ code: "SCN020", span: from.name.span, message, notes: definedAt(from.macro.span) });
    return { ...left, kind: "stray" };
  }
  const pasted = lexPasted(left.text + right.text, from.name.span);
  const [token] = pasted;
  if (token !== undefined && pasted.length === 1 && token.text === left.text + right.text) {
    return { ...token, spaced: left.spaced };
  }
  const message = `## in macro \`${from.macro.name}\` makes \`${left.text}${right.text}\`, which is no token`;
  from.sink.report({ code: "SCN020", span: from.name.span, message, notes: definedAt(from.macro.span) });
  return { ...left, kind: "stray" };
}

function definedAt(span: Span | null): { readonly span: Span; readonly message: string }[] {
  return span === null ? [] : [{ span, message: "defined here" }];
}

function stringify(from: Substitution, tokens: readonly Token[], hash: Token): Token {
  const parts = tokens.map((token, index) => {
    const text =
      token.kind === "string" || token.kind === "character" ? token.text.replace(/["\\]/g, "\\$&") : token.text;
    return (index > 0 && (token.spaced || token.startsLine) ? " " : "") + text;
  });
  return { ...atSite(from, hash), kind: "string", text: `"${parts.join("")}"` };
}

function parameterIndex(macro: Macro, token: Token): number {
  if (token.kind !== "identifier" || macro.parameters === null) return -1;
  let indices = parameterIndices.get(macro);
  if (indices === undefined) {
    indices = new Map(macro.parameters.map((name, index) => [name, index]));
    parameterIndices.set(macro, indices);
  }
  return indices.get(token.text) ?? -1;
}

/** Made once a macro: a search per token of the body would cost parameters times tokens. */
const parameterIndices = new WeakMap<Macro, ReadonlyMap<string, number>>();

function atSite(from: Substitution, token: Token): Token {
  return { ...token, span: from.name.span, startsLine: false };
}
