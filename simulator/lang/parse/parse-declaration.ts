/** Declarations: specifiers, attributes, declarators, structs, enums, initialisers. */
import type { Cursor } from "./cursor.ts";
import { parseAssignment, parseConditional, parseExpression } from "./parse-expression.ts";
import { parseRecordOrEnum } from "./parse-record.ts";
import type {
  BaseType,
  Declarator,
  Derivation,
  Designator,
  InitDeclarator,
  Initialiser,
  InitialiserItem,
  InitialiserList,
  ParameterSyntax,
  Specifiers,
  StubSyntax,
  SyntaxExpr,
  TypeName,
} from "./syntax.ts";
import type { Span } from "../../source/span.ts";
import type { Token } from "../preprocess/token.ts";
import { reservedWords, specifierWords, typeWords } from "../preprocess/words.ts";

/** Pointers, arrays and functions around one base type. */
const derivationsMax = 20;

const recordWords = ["struct", "union", "enum"];
const typeofWords = ["typeof", "__typeof__", "__typeof", "typeof_unqual"];

/** Whether a type begins `ahead` tokens further. */
export function startsType(p: Cursor, ahead: number): boolean {
  const token = p.peek(ahead);
  if (token.kind !== "identifier") return false;
  const text = token.text;
  if (typeWords.has(text) || recordWords.includes(text) || typeofWords.includes(text)) return true;
  if (["const", "volatile", "__const", "__volatile__"].includes(text)) return true;
  const kind = p.nameKind(text);
  // `(__force void *)p`: an annotation in front of a type.
  if (kind === "unknown" && isAttributeWord(token)) {
    const isUnknownType = p.peek(ahead + 1).kind === "identifier" && (p.at(")", ahead + 2) || p.at("*", ahead + 2));
    return isUnknownType || startsType(p, ahead + 1);
  }
  return kind === "type";
}

/** Whether a declaration begins here; also one of an unknown type, recognised by its shape. */
export function startsDeclaration(p: Cursor): boolean {
  const token = p.peek();
  if (token.kind !== "identifier") return false;
  if (startsType(p, 0)) return !p.at(":", 1) || typeWords.has(token.text);
  if (specifierWords.has(token.text) || token.text === "__auto_type") return true;
  if (isAttributeWord(token)) return isAttribute(p);
  return looksLikeUnknownType(p);
}

/** `foo_t x` and `foo_t *x;` with a first name that nobody declared. */
function looksLikeUnknownType(p: Cursor): boolean {
  const [first, second, third, fourth] = [p.peek(), p.peek(1), p.peek(2), p.peek(3)];
  if (first.kind !== "identifier" || reservedWords.has(first.text) || p.nameKind(first.text) === "other") return false;
  const isName = (token: Token): boolean => token.kind === "identifier" && !reservedWords.has(token.text);
  if (isName(second)) return third.kind === "punctuator" && ["=", ";", ",", "[", "(", ")", "{"].includes(third.text);
  if (!(second.kind === "punctuator" && second.text === "*")) return false;
  if (third.kind === "punctuator" && third.text === "*") return isName(fourth);
  return isName(third) && fourth.kind === "punctuator" && ["=", ";", ",", "["].includes(fourth.text);
}

/** Specifiers are read where a type must stand: an unknown name before a name, `*` or the end of a parameter is one. */
function mustBeType(p: Cursor): boolean {
  const token = p.peek();
  if (reservedWords.has(token.text) || p.nameKind(token.text) !== "unknown") return false;
  const next = p.peek(1);
  return p.at("*", 1) || p.at(")", 1) || (next.kind === "identifier" && !reservedWords.has(next.text));
}

function isAttributeWord(token: Token): boolean {
  return token.kind === "identifier" && token.text.startsWith("__") && !reservedWords.has(token.text);
}

/**
 * Whether the `__word` here is an annotation rather than the declared name: something of a declaration follows it.
 * Annotations mean nothing to the model and are skipped with their arguments, but for `__data_racy` and `__stub`.
 */
function isAttribute(p: Cursor): boolean {
  const token = p.peek();
  if (!isAttributeWord(token) || p.nameKind(token.text) !== "unknown" || token.text === "__stub") return false;
  if (["__attribute__", "__attribute", "__data_racy"].includes(token.text)) return true;
  const after = p.at("(", 1) ? p.groupEnd(1) : 1;
  const follower = p.peek(after);
  if (follower.kind === "punctuator") return follower.text === "*" || (after === 1 && follower.text === "{");
  if (follower.kind !== "identifier") return false;
  return after === 1 || !isAttributeWord(follower);
}

const cleanupWords: ReadonlySet<string> = new Set(["__free", "__cleanup"]);

/** Skips an annotation; true when it was `__data_racy`. */
function skipAttribute(p: Cursor): boolean {
  const word = p.next();
  if (cleanupWords.has(word.text)) {
    p.report({ code: "SCN030", span: word.span, message: `${word.text} stands behind the name of a local variable` });
  }
  if (p.at("(")) p.skipGroup();
  return word.text === "__data_racy";
}

type SpecifierState = {
  base: BaseType | null;
  words: string[];
  flags: Set<string>;
  isRacy: boolean;
  /** Nothing but a type can stand here, so a name that nobody declared is one. */
  readonly unknownTypes: boolean;
};

/** Parses the words in front of a declaration. A missing type is reported. */
export function parseSpecifiers(p: Cursor, options: { readonly unknownTypes?: boolean } = {}): Specifiers {
  const first = p.peek();
  const unknownTypes = options.unknownTypes === true;
  const state: SpecifierState = { base: null, words: [], flags: new Set(), isRacy: false, unknownTypes };
  while (!p.isPanicking() && parseOneSpecifier(p, state));
  const span = p.spanFrom(first.span);
  const base = state.base ?? wordsBase(p, state, first.span);
  const has = (...names: string[]): boolean => names.some((name) => state.flags.has(name));
  return {
    base,
    isTypedef: has("typedef"),
    isStatic: has("static"),
    isExtern: has("extern"),
    isConst: has("const", "__const"),
    isVolatile: has("volatile", "__volatile__"),
    isRacy: state.isRacy,
    span,
  };
}

function wordsBase(p: Cursor, state: SpecifierState, at: Span): BaseType {
  if (state.words.length > 0) return { kind: "words", words: [...state.words].sort(), span: p.spanFrom(at) };
  const found = p.peek();
  const shown = found.kind === "end" ? "the end of the text" : `\`${found.text}\``;
  p.fail({ code: "SCN030", span: found.span, message: `a type is expected, not ${shown}` });
  return { kind: "error", span: found.span };
}

function parseOneSpecifier(p: Cursor, state: SpecifierState): boolean {
  const token = p.peek();
  if (token.kind !== "identifier") return false;
  const text = token.text;
  const hasType = state.base !== null || state.words.length > 0;
  if (specifierWords.has(text)) {
    p.next();
    state.flags.add(text);
    return true;
  }
  if (typeWords.has(text) && state.base === null) {
    state.words.push(p.next().text);
    return true;
  }
  if (!hasType && parseTypeSpecifier(p, state, token)) return true;
  if (isAttribute(p)) {
    state.isRacy = skipAttribute(p) || state.isRacy;
    return true;
  }
  const isUnknownCast = isAttributeWord(p.previous()) && (p.at(")", 1) || p.at("*", 1));
  const isUnknownParameter = state.unknownTypes && p.nameKind(text) === "unknown" && !reservedWords.has(text);
  if (hasType || !(looksLikeUnknownType(p) || isUnknownCast || isUnknownParameter || mustBeType(p))) return false;
  p.next();
  state.base = { kind: "named", name: text, span: token.span };
  return true;
}

function parseTypeSpecifier(p: Cursor, state: SpecifierState, token: Token): boolean {
  const text = token.text;
  if (recordWords.includes(text)) {
    state.base = parseRecordOrEnum(p);
    return true;
  }
  if (text === "__auto_type") {
    p.next();
    state.base = { kind: "auto", span: token.span };
    return true;
  }
  if (typeofWords.includes(text)) {
    state.base = parseTypeof(p);
    return true;
  }
  if (p.nameKind(text) !== "type") return false;
  p.next();
  state.base = { kind: "named", name: text, span: token.span };
  return true;
}

function parseTypeof(p: Cursor): BaseType {
  const word = p.next();
  const open = p.peek();
  if (!p.expect("(", "behind typeof")) return { kind: "error", span: word.span };
  const operand = p.deeper<TypeName | SyntaxExpr>(
    () => (startsType(p, 0) ? parseTypeName(p) : parseExpression(p)),
    () => ({ kind: "error", span: open.span }),
  );
  p.expect(")", "to close typeof", open);
  return { kind: "typeof", operand, span: p.spanFrom(word.span) };
}

/** A type without a name, as in casts and sizeof. */
export function parseTypeName(p: Cursor): TypeName {
  const first = p.peek();
  const specifiers = parseSpecifiers(p);
  const declarator = parseDeclarator(p);
  if (declarator.name !== null) {
    p.fail({
      code: "SCN030",
      span: declarator.span,
      message: `a type stands here, so \`${declarator.name}\` is not expected`,
    });
  }
  return p.make({ kind: "type-name", specifiers, declarator, span: p.spanFrom(first.span) });
}

/** A declarator, with or without a name. */
export function parseDeclarator(p: Cursor): Declarator {
  const start = p.peek().span;
  return p.deeper(
    () => parseDeclaratorHere(p),
    () => ({ name: null, span: start, derivations: [], isRacy: false, stub: null }),
  );
}

function parseDeclaratorHere(p: Cursor): Declarator {
  const start = p.peek().span;
  const pointers: Derivation[] = [];
  let isRacy = false;
  while (p.accept("*")) {
    const flags = new Set<string>();
    for (;;) {
      if (specifierWords.has(p.peek().text) && p.peek().kind === "identifier") flags.add(p.next().text);
      else if (isAttribute(p)) isRacy = skipAttribute(p) || isRacy;
      else break;
    }
    if (pointers.length > derivationsMax) tooManyDerivations(p, start);
    const isVolatile = flags.has("volatile");
    pointers.push({ kind: "pointer", isVolatile, isConst: flags.has("const") });
  }
  while (isAttribute(p)) isRacy = skipAttribute(p) || isRacy;
  const core = parseDirectDeclarator(p, start);
  const suffixes = parseSuffixes(p);
  const trailing = parseTrailing(p);
  return {
    name: core.name,
    span: core.span,
    derivations: [...pointers, ...suffixes.reverse(), ...core.derivations],
    isRacy: isRacy || core.isRacy || trailing.isRacy,
    stub: trailing.stub ?? core.stub,
    cleanup: trailing.cleanup,
  };
}

function tooManyDerivations(p: Cursor, span: Span): void {
  p.stop({ code: "SCN031", span, message: `this type is nested more than ${derivationsMax} deep` });
}

function parseDirectDeclarator(p: Cursor, start: Span): Declarator {
  const token = p.peek();
  if (token.kind === "identifier" && !reservedWords.has(token.text)) {
    p.next();
    return { name: token.text, span: token.span, derivations: [], isRacy: false, stub: null };
  }
  const isNested =
    p.at("(") && (p.at("*", 1) || p.at("(", 1) || (p.peek(1).kind === "identifier" && !startsType(p, 1)));
  if (!isNested) return { name: null, span: start, derivations: [], isRacy: false, stub: null };
  const open = p.next();
  const inner = parseDeclarator(p);
  p.expect(")", "behind the declarator", open);
  return inner;
}

function parseSuffixes(p: Cursor): Derivation[] {
  const suffixes: Derivation[] = [];
  while (!p.isPanicking()) {
    const open = p.peek();
    if (p.accept("[")) {
      while (p.acceptWord("static") || p.acceptWord("const") || p.acceptWord("restrict"));
      const size = p.at("]") ? null : parseAssignment(p);
      p.expect("]", "behind the size", open);
      suffixes.push({ kind: "array", size, span: p.spanFrom(open.span) });
    } else if (p.accept("(")) {
      suffixes.push({ kind: "function", parameters: parseParameters(p, open), span: p.spanFrom(open.span) });
    } else {
      break;
    }
    if (suffixes.length > derivationsMax) tooManyDerivations(p, open.span);
  }
  return suffixes;
}

function parseParameters(p: Cursor, open: Token): readonly ParameterSyntax[] {
  const parameters: ParameterSyntax[] = [];
  if (p.atWord("void") && p.at(")", 1)) p.next();
  p.openScope();
  while (!p.at(")") && !p.isPanicking()) {
    const first = p.peek();
    if (p.accept("...")) {
      const message = "variable arguments are not part of the language: declare the arguments that are used";
      p.report({ code: "SCN035", span: first.span, message });
    } else {
      const specifiers = parseSpecifiers(p, { unknownTypes: true });
      const declarator = parseDeclarator(p);
      if (declarator.name !== null) p.declare(declarator.name, "other");
      parameters.push({ specifiers, declarator, span: p.spanFrom(first.span) });
    }
    if (!p.accept(",")) break;
  }
  p.closeScope();
  p.expect(")", "behind the parameters", open);
  return parameters;
}

/** Annotations behind a declarator, `__stub` and an asm name among them. */
function parseTrailing(p: Cursor): Pick<Declarator, "isRacy" | "stub" | "cleanup"> {
  let isRacy = false;
  let cleanup: Declarator["cleanup"] = null;
  let stub: StubSyntax | null = null;
  for (let token = p.peek(); token.kind === "identifier"; token = p.peek()) {
    if (["asm", "__asm__"].includes(token.text)) {
      p.fail({
        code: "SCN036",
        span: token.span,
        message: "inline assembly is not part of the language: remove the asm name",
      });
      break;
    }
    if (!isAttributeWord(token)) break;
    if (token.text === "__stub") stub = parseStub(p);
    else if (cleanupWords.has(token.text) && p.at("(", 1)) cleanup = parseCleanup(p);
    else isRacy = skipAttribute(p) || isRacy;
  }
  return { isRacy, stub, cleanup };
}

/** `__free(kfree)` calls __free_kfree, which DEFINE_FREE makes; `__cleanup(f)` calls f (include/linux/cleanup.h). */
function parseCleanup(p: Cursor): Declarator["cleanup"] {
  const word = p.next();
  const open = p.next();
  const name = p.peek();
  if (name.kind === "identifier") p.next();
  else p.fail({ code: "SCN030", span: name.span, message: `${word.text} needs the name of a function` });
  p.expect(")", `behind the name in ${word.text}`, open);
  const called = word.text === "__free" ? `__free_${name.text}` : name.text;
  return { function: called, span: p.spanFrom(word.span) };
}

function parseStub(p: Cursor): StubSyntax {
  const word = p.next();
  if (!p.at("(")) return { lo: null, hi: null, span: word.span };
  const open = p.next();
  const lo = parseConditional(p);
  const hi = p.accept(",") ? parseConditional(p) : lo;
  p.expect(")", "behind the bounds of the stub", open);
  return { lo, hi, span: p.spanFrom(word.span) };
}

/** The declarators of a declaration with their initialisers, up to and without the `;`. Declares their names. */
export function parseInitDeclarators(p: Cursor, first: Declarator, specifiers: Specifiers): InitDeclarator[] {
  const list: InitDeclarator[] = [];
  let declarator = first;
  for (;;) {
    if (declarator.name !== null) p.declare(declarator.name, specifiers.isTypedef ? "type" : "other");
    const initialiser = p.accept("=") ? parseInitialiser(p) : null;
    list.push({ declarator, initialiser });
    if (p.isPanicking() || !p.accept(",")) return list;
    declarator = parseDeclarator(p);
    if (declarator.name === null) {
      p.fail({ code: "SCN030", span: p.peek().span, message: "a name is expected behind the comma" });
      return list;
    }
  }
}

/** `value` or `{ ... }`. */
export function parseInitialiser(p: Cursor): Initialiser {
  if (p.at("{")) return parseInitialiserList(p);
  const value = parseAssignment(p);
  return p.make({ kind: "value", value, span: value.span }, [value]);
}

/** `{ item, ... }` with designators. */
export function parseInitialiserList(p: Cursor): InitialiserList {
  const open = p.peek();
  return p.deeper<InitialiserList>(
    () => {
      const items: InitialiserItem[] = [];
      p.expect("{", "to open the initialiser");
      while (!p.at("}") && !p.isPanicking()) {
        const first = p.peek();
        const designators = parseDesignators(p);
        const value = parseInitialiser(p);
        items.push(p.make({ designators, value, span: p.spanFrom(first.span) }, [value]));
        if (!p.accept(",")) break;
      }
      p.expect("}", "to close the initialiser", open);
      return p.make<InitialiserList>({ kind: "list", items, span: p.spanFrom(open.span) }, items);
    },
    () => ({ kind: "list", items: [], span: open.span }),
  );
}

/** `.a.b[1] =`, GNU's `a:`, or nothing. */
function parseDesignators(p: Cursor): Designator[] {
  const first = p.peek();
  if (first.kind === "identifier" && p.at(":", 1)) {
    p.next();
    p.next();
    return [{ kind: "member", name: first.text, span: first.span }];
  }
  const designators: Designator[] = [];
  while ((p.at(".") || p.at("[")) && !p.isPanicking()) designators.push(parseDesignator(p));
  if (designators.length > 0) p.expect("=", "behind the designator");
  return designators;
}

function parseDesignator(p: Cursor): Designator {
  const open = p.next();
  if (open.text === ".") {
    const name = p.peek();
    if (name.kind === "identifier") p.next();
    else p.fail({ code: "SCN030", span: name.span, message: "the name of a member is expected behind `.`" });
    return { kind: "member", name: name.text, span: name.span };
  }
  const lo: SyntaxExpr = parseConditional(p);
  const hi = p.accept("...") ? parseConditional(p) : null;
  p.expect("]", "behind the index", open);
  return { kind: "index", lo, hi, span: p.spanFrom(open.span) };
}
