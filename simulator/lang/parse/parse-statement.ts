/** Statements: C's and the language's own. */
import type { Cursor } from "./cursor.ts";
import {
  parseDeclarator,
  parseInitDeclarators,
  parseSpecifiers,
  startsDeclaration,
  startsType,
} from "./parse-declaration.ts";
import { parseAssignment, parseConditional, parseExpression } from "./parse-expression.ts";
import type { BlockSyntax, DeclarationSyntax, DefineObject, SyntaxExpr, SyntaxStatement } from "./syntax.ts";
import type { Token } from "../preprocess/token.ts";
import { defineMacros, reservedWords } from "../preprocess/words.ts";

/** `{ ... }`; reports a missing bracket. The statements in it are one level deeper, the block itself is not. */
export function parseBlock(p: Cursor): BlockSyntax {
  const open = p.peek();
  if (!p.expect("{", "to open the block")) return { kind: "block", body: [], span: open.span };
  p.openScope();
  const body: SyntaxStatement[] = [];
  while (!p.at("}") && !p.atEnd() && !p.isClosing()) {
    body.push(parseStatement(p));
    if (p.isPanicking() && !p.isClosing()) p.recover();
  }
  p.closeScope();
  if (p.at("}")) p.closeBlock(open, p.peek());
  p.expect("}", "to close the block", open);
  return p.make<BlockSyntax>({ kind: "block", body, span: p.spanFrom(open.span) }, body);
}

/** One statement; after a syntax error the cursor is left panicking. */
export function parseStatement(p: Cursor): SyntaxStatement {
  return p.deeper(
    () => parseStatementHere(p),
    () => ({ kind: "error", span: p.peek().span }),
  );
}

type StatementParser = (p: Cursor, word: Token) => SyntaxStatement;

function parseStatementHere(p: Cursor): SyntaxStatement {
  const token = p.peek();
  if (p.at("{")) return parseBlock(p);
  if (p.accept(";")) return p.make({ kind: "empty", span: token.span });
  if (token.kind !== "identifier") return parseExpressionStatement(p);
  const keyword = keywordParsers.get(token.text);
  if (keyword !== undefined) {
    p.next();
    return keyword(p, token);
  }
  const own = parseOwnStatement(p, token);
  if (own !== null) return own;
  if (p.at(":", 1) && !reservedWords.has(token.text)) return parseLabel(p);
  if (startsDeclaration(p)) return parseDeclaration(p, { ghost: false, context: "body" });
  return parseExpressionStatement(p);
}

const keywordParsers: ReadonlyMap<string, StatementParser> = new Map<string, StatementParser>([
  ["if", parseIf],
  ["while", parseWhile],
  ["do", parseDo],
  ["for", parseFor],
  ["switch", parseSwitch],
  ["case", parseCase],
  ["default", parseDefault],
  ["goto", parseGoto],
  ["break", (p, word) => endStatement(p, { kind: "break", span: word.span })],
  ["continue", (p, word) => endStatement(p, { kind: "continue", span: word.span })],
  ["return", parseReturn],
  ["asm", parseAsm],
  ["__asm__", parseAsm],
  ["static_assert", parseStaticAssert],
  ["_Static_assert", parseStaticAssert],
  ["else", parseStrayElse],
]);

function parseStrayElse(p: Cursor, word: Token): SyntaxStatement {
  p.fail({
    code: "SCN030",
    span: word.span,
    message: "`else` without `if`; a `;` or a missing { before it may be the cause",
  });
  return { kind: "error", span: word.span };
}

/** Words of the language that are words only in this position, so that kernel code may use them as names. */
function parseOwnStatement(p: Cursor, token: Token): SyntaxStatement | null {
  const word = token.text;
  if (word in defineMacros && p.at("(", 1)) return parseDefineObject(p, { isStatic: false });
  if (word === "static" && p.peek(1).text in defineMacros && p.at("(", 2)) {
    p.next();
    return parseDefineObject(p, { isStatic: true });
  }
  if ((word === "atomic" || word === "forever") && p.at("{", 1)) {
    p.next();
    const body = parseBlock(p);
    return p.make({ kind: word, body, span: p.spanFrom(token.span) }, [body]);
  }
  if (word === "ghost" && startsGhost(p)) return parseGhost(p, token);
  if (word === "fallthrough" && p.at(";", 1)) {
    p.next();
    return endStatement(p, { kind: "empty", span: token.span });
  }
  if (word === "__attribute__" && p.at("(", 1) && p.peek(p.groupEnd(1)).text === ";") {
    p.next();
    p.skipGroup();
    return endStatement(p, { kind: "empty", span: token.span });
  }
  if ((word === "init" || word === "task") && (p.at("{", 1) || (word === "task" && p.at("{", 2)))) {
    const isTop = p.closesAll(token, `\`${word}\``);
    const message = `\`${word}\` stands at the top level, outside of functions and tasks`;
    if (!isTop) p.fail({ code: "SCN090", span: token.span, message });
    return { kind: "error", span: token.span };
  }
  return null;
}

function startsGhost(p: Cursor): boolean {
  const next = p.peek(1);
  if (next.kind === "identifier") return true;
  return next.kind === "punctuator" && ["{", "*", "++", "--"].includes(next.text) && next.spaced;
}

/** `ghost int g;` or `ghost g = 1;` or `ghost { ... }`. */
function parseGhost(p: Cursor, word: Token): SyntaxStatement {
  p.next();
  if (startsType(p, 0) || (p.peek().kind === "identifier" && startsDeclaration(p))) {
    return parseDeclaration(p, { ghost: true, context: "body" });
  }
  const body = parseStatement(p);
  return p.make({ kind: "ghost", body, span: p.spanFrom(word.span) }, [body]);
}

/** Takes the `;` behind a finished statement. */
function endStatement<T extends SyntaxStatement>(p: Cursor, statement: T): T {
  p.expect(";", `behind ${describe(statement)}`);
  return p.make(statement);
}

function describe(statement: SyntaxStatement): string {
  if (["break", "continue", "goto", "return"].includes(statement.kind)) return `\`${statement.kind}\``;
  return "the statement";
}

function parseExpressionStatement(p: Cursor): SyntaxStatement {
  const first = p.peek();
  const expression = parseExpression(p);
  if (isHead(p, expression)) {
    const body = parseStatement(p);
    return p.make({ kind: "headed", head: expression, body, span: p.spanFrom(first.span) }, [expression, body]);
  }
  p.expect(";", "behind the statement");
  return p.make({ kind: "expression", expression, span: p.spanFrom(first.span) }, [expression]);
}

/** Whether a call is followed by a body: span("text") { }, scoped_guard(...) statement, for_each_x(...) statement. */
function isHead(p: Cursor, expression: SyntaxExpr): boolean {
  if (expression.kind !== "call" || expression.callee.kind !== "name") return false;
  if (p.at("{")) return true;
  const name = expression.callee.name;
  return !p.at(";") && !p.at("}") && (name === "scoped_guard" || name.includes("for_each"));
}

function parseLabel(p: Cursor): SyntaxStatement {
  const name = p.next();
  p.next();
  return p.make({ kind: "label", name: name.text, span: name.span });
}

function parseCondition(p: Cursor, word: string): SyntaxExpr {
  const open = p.peek();
  if (!p.expect("(", `behind \`${word}\``)) return { kind: "error", span: open.span };
  const condition = parseExpression(p);
  p.expect(")", "behind the condition", open);
  return condition;
}

/** A body of its own: labels and cases may stand before its statement. */
function parseBody(p: Cursor): SyntaxStatement {
  if (p.isPanicking()) return { kind: "error", span: p.peek().span };
  const first = parseStatement(p);
  if (first.kind !== "label" && first.kind !== "case" && first.kind !== "default") return first;
  const body = [first, parseBody(p)];
  return p.make({ kind: "block", body, span: p.spanFrom(first.span) }, body);
}

function parseIf(p: Cursor, word: Token): SyntaxStatement {
  const condition = parseCondition(p, "if");
  const then = parseBody(p);
  if (p.isPanicking()) p.recover();
  const otherwise = p.acceptWord("else") ? parseBody(p) : null;
  return p.make({ kind: "if", condition, then, else: otherwise, span: p.spanFrom(word.span) }, [
    condition,
    then,
    otherwise,
  ]);
}

function parseWhile(p: Cursor, word: Token): SyntaxStatement {
  const condition = parseCondition(p, "while");
  const body = parseBody(p);
  return p.make({ kind: "while", condition, body, span: p.spanFrom(word.span) }, [condition, body]);
}

function parseDo(p: Cursor, word: Token): SyntaxStatement {
  const body = parseBody(p);
  if (p.isPanicking()) p.recover();
  if (!p.acceptWord("while")) {
    p.fail({ code: "SCN030", span: p.peek().span, message: "`while (condition)` is expected behind the body of `do`" });
    return { kind: "error", span: word.span };
  }
  const condition = parseCondition(p, "while");
  p.expect(";", "behind `do ... while (condition)`");
  return p.make({ kind: "do-while", body, condition, span: p.spanFrom(word.span) }, [body, condition]);
}

function parseFor(p: Cursor, word: Token): SyntaxStatement {
  const open = p.peek();
  if (!p.expect("(", "behind `for`")) return { kind: "error", span: word.span };
  p.openScope();
  const { initial, condition, advance } = parseForHead(p, open);
  const body = parseBody(p);
  p.closeScope();
  const children = [initial, condition, advance, body];
  return p.make({ kind: "for", initial, condition, advance, body, span: p.spanFrom(word.span) }, children);
}

type ForHead = {
  readonly initial: SyntaxStatement | null;
  readonly condition: SyntaxExpr | null;
  readonly advance: SyntaxExpr | null;
};

/** Up to the `)`. A mistake in the head costs the rest of the head, not the body: its names are declared. */
function parseForHead(p: Cursor, open: Token): ForHead {
  const initial = parseForInitial(p);
  if (p.isPanicking()) {
    p.recoverGroup();
    return { initial: withoutLast(initial), condition: null, advance: null };
  }
  const condition = p.at(";") ? null : parseExpression(p);
  p.expect(";", "behind the condition");
  const advance = p.at(")") || p.isPanicking() ? null : parseExpression(p);
  p.expect(")", "behind the head of `for`", open);
  if (p.isPanicking()) p.recoverGroup();
  return { initial, condition, advance };
}

/** `int i = 0, i < n`: the second `i` was not meant as a declaration. */
function withoutLast(initial: SyntaxStatement | null): SyntaxStatement | null {
  if (initial?.kind !== "declaration" || initial.declarators.length < 2) return initial;
  return { ...initial, declarators: initial.declarators.slice(0, -1) };
}

function parseForInitial(p: Cursor): SyntaxStatement | null {
  const first = p.peek();
  if (p.accept(";")) return null;
  if (startsDeclaration(p)) return parseDeclaration(p, { ghost: false, context: "body" });
  const expression = parseExpression(p);
  p.expect(";", "behind the first part of `for`");
  return p.make({ kind: "expression", expression, span: p.spanFrom(first.span) }, [expression]);
}

function parseSwitch(p: Cursor, word: Token): SyntaxStatement {
  const value = parseCondition(p, "switch");
  const body = parseBody(p);
  return p.make({ kind: "switch", value, body, span: p.spanFrom(word.span) }, [value, body]);
}

function parseCase(p: Cursor, word: Token): SyntaxStatement {
  const lo = parseConditional(p);
  const hi = p.accept("...") ? parseConditional(p) : null;
  p.expect(":", "behind the case");
  return p.make({ kind: "case", lo, hi, span: p.spanFrom(word.span) }, [lo, hi]);
}

function parseDefault(p: Cursor, word: Token): SyntaxStatement {
  p.expect(":", "behind `default`");
  return p.make({ kind: "default", span: word.span });
}

function parseGoto(p: Cursor, word: Token): SyntaxStatement {
  const name = p.peek();
  if (name.kind !== "identifier") {
    p.fail({ code: "SCN030", span: name.span, message: "the name of a label is expected behind `goto`" });
    return { kind: "error", span: word.span };
  }
  p.next();
  return endStatement(p, { kind: "goto", name: name.text, nameSpan: name.span, span: p.spanFrom(word.span) });
}

function parseReturn(p: Cursor, word: Token): SyntaxStatement {
  const value = p.at(";") || (p.peek().startsLine && p.at("}")) ? null : parseExpression(p);
  p.expect(";", "behind `return`");
  return p.make({ kind: "return", value, span: p.spanFrom(word.span) }, [value]);
}

function parseAsm(p: Cursor, word: Token): SyntaxStatement {
  const message =
    "inline assembly is not part of the language: write what it does, in an `atomic { }` if it is one step";
  p.fail({ code: "SCN036", span: word.span, message });
  return { kind: "error", span: word.span };
}

function parseStaticAssert(p: Cursor, word: Token): SyntaxStatement {
  const open = p.peek();
  if (!p.expect("(", `behind ${word.text}`)) return { kind: "error", span: word.span };
  const condition = parseConditional(p);
  if (p.accept(",")) parseAssignment(p);
  p.expect(")", `to close ${word.text}`, open);
  p.expect(";", `behind ${word.text}`);
  return p.make({ kind: "static-assert", condition, span: p.spanFrom(word.span) }, [condition]);
}

/** DEFINE_MUTEX(name); and its kin; `static` was taken. */
export function parseDefineObject(p: Cursor, options: { readonly isStatic: boolean }): DefineObject {
  const macro = p.next();
  const open = p.next();
  const name = p.next();
  if (name.kind !== "identifier")
    p.fail({ code: "SCN030", span: name.span, message: "the name to declare is expected" });
  else p.declare(name.text, "other");
  const count = p.accept(",") ? parseConditional(p) : null;
  p.expect(")", `to close ${macro.text}`, open);
  p.expect(";", `behind ${macro.text}`);
  const { isStatic } = options;
  const span = p.spanFrom(macro.span);
  return p.make({
    kind: "define-object",
    macro: macro.text,
    name: name.text,
    nameSpan: name.span,
    isStatic,
    count,
    span,
  });
}

/** A declaration in a body, with its `;`. A function with a body is refused here. */
export function parseDeclaration(
  p: Cursor,
  options: { readonly ghost: boolean; readonly context: "body" | "top" },
): DeclarationSyntax {
  const first = p.peek();
  const mark = p.mark();
  const specifiers = parseSpecifiers(p);
  if (p.isPanicking() || p.accept(";")) {
    return p.make({
      kind: "declaration",
      specifiers,
      declarators: [],
      ghost: options.ghost,
      span: p.spanFrom(first.span),
    });
  }
  const declarator = parseDeclarator(p);
  if (declarator.name === null) {
    const found = p.peek();
    p.fail({
      code: "SCN030",
      span: found.span,
      message: `a name is expected in the declaration, not \`${found.text}\``,
    });
  }
  const declarators = parseInitDeclarators(p, declarator, specifiers);
  if (options.context === "body" && p.at("{")) {
    if (declarator.derivations.length > 0 && p.closesAll(first, "this function")) {
      p.backTo(mark);
      return { kind: "declaration", specifiers, declarators: [], ghost: options.ghost, span: first.span };
    }
    p.fail({
      code: "SCN038",
      span: declarator.span,
      message: "functions inside functions are not part of the language: move it to the top level",
    });
  }
  p.expect(";", "behind the declaration");
  const children = declarators.map((each) => each.initialiser);
  return p.make(
    { kind: "declaration", specifiers, declarators, ghost: options.ghost, span: p.spanFrom(first.span) },
    children,
  );
}
