/** The top level: declarations, functions, init, tasks, properties. */
import type { DiagnosticSink } from "../../source/diagnostic.ts";
import { Cursor } from "./cursor.ts";
import { parseDeclarator, parseInitDeclarators, parseSpecifiers, startsType } from "./parse-declaration.ts";
import { parseAssignment, parseConditional } from "./parse-expression.ts";
import { parseBlock, parseDefineObject } from "./parse-statement.ts";
import type {
  Declarator,
  FunctionSyntax,
  Specifiers,
  SyntaxExpr,
  TaskAttributeSyntax,
  TaskSyntax,
  TopLevel,
} from "./syntax.ts";
import type { Token } from "../preprocess/token.ts";
import { defineMacros, ignoredTopLevel, reservedWords, specifierWords } from "../preprocess/words.ts";

export type Parsed = {
  readonly nodes: readonly TopLevel[];
  /** False when a limit ended the parse: what follows from the missing rest is not worth a report. */
  readonly complete: boolean;
};

/** Parses preprocessed tokens (the last is the end token) into the unit's declarations. */
export function parseUnit(tokens: readonly Token[], sink: DiagnosticSink): Parsed {
  const p = new Cursor(tokens, sink);
  const unit: TopLevel[] = [];
  while (!p.atEnd()) {
    const before = p.peek();
    p.startTopLevel();
    parseTopLevel(p, unit);
    if (p.isPanicking()) {
      p.recover();
      p.accept("}");
    }
    // Whatever was not understood: never stay on one token.
    if (p.peek() === before) p.next();
  }
  return { nodes: unit, complete: !p.isStopped() };
}

function parseTopLevel(p: Cursor, unit: TopLevel[]): void {
  const token = p.peek();
  if (p.accept(";")) return;
  if (token.kind === "identifier") {
    const own = parseOwnTopLevel(p, token);
    if (own === "done") return;
    if (own !== null) {
      unit.push(own);
      return;
    }
    unit.push(parseDeclarationOrFunction(p, { ghost: false }));
    return;
  }
  if (p.at("}")) {
    p.report({ code: "SCN033", span: token.span, message: "this `}` has no partner" });
    p.next();
    return;
  }
  p.fail({ code: "SCN030", span: token.span, message: `a declaration is expected, not \`${token.text}\`` });
}

const statementWords = ["if", "while", "do", "for", "switch", "return", "goto", "break", "continue", "case", "default"];

function parseOwnTopLevel(p: Cursor, token: Token): TopLevel | "done" | null {
  const word = token.text;
  if (word === "init" && p.at("{", 1)) {
    p.next();
    const body = parseBlock(p);
    return p.make({ kind: "init", body, span: token.span }, [body]);
  }
  if (word === "task" && p.peek(1).kind === "identifier" && !p.at("(", 2)) return parseTask(p);
  if (word === "task" && (p.at("[", 1) || p.at("{", 1))) {
    p.fail({
      code: "SCN094",
      span: token.span,
      message: "a task has a name: `task NAME { ... }` or `task NAME[N] { ... }`",
    });
    return "done";
  }
  if ((word === "always" || word === "sometimes" || word === "finally") && p.at("(", 1)) return parseProperty(p, word);
  if (word === "ghost" && p.peek(1).kind === "identifier") {
    p.next();
    return parseDeclarationOrFunction(p, { ghost: true });
  }
  if (word in defineMacros && p.at("(", 1)) return parseDefineObject(p, { isStatic: false });
  if (word === "static" && p.peek(1).text in defineMacros && p.at("(", 2)) {
    p.next();
    return parseDefineObject(p, { isStatic: true });
  }
  if ((word === "static_assert" || word === "_Static_assert") && p.at("(", 1)) return parseTopStaticAssert(p);
  if (ignoredTopLevel.has(word) && p.at("(", 1)) {
    p.next();
    p.skipGroup();
    p.accept(";");
    return "done";
  }
  return reportMisplaced(p, token);
}

/** Names what stands at the top level and cannot; null when it may be a declaration. */
function reportMisplaced(p: Cursor, token: Token): "done" | null {
  const word = token.text;
  if (word === "asm" || word === "__asm__") {
    p.fail({ code: "SCN036", span: token.span, message: "inline assembly is not part of the language: remove it" });
    return "done";
  }
  const ownStatement = ["assert", "note", "await", "work", "sleep", "span"].includes(word) && p.at("(", 1);
  const ownBlock = (word === "atomic" || word === "forever") && p.at("{", 1);
  if (ownStatement || ownBlock) {
    p.fail({
      code: "SCN090",
      span: token.span,
      message: `\`${word}\` stands inside a function, task or init, not at the top level`,
    });
    return "done";
  }
  if (statementWords.includes(word)) {
    p.fail({
      code: "SCN030",
      span: token.span,
      message: `the statement \`${word}\` stands inside a function, task or init, not at the top level`,
    });
    return "done";
  }
  if (!p.at("(", 1) || reservedWords.has(word) || word.startsWith("__")) return null;
  const message = `a declaration is expected; \`${word}(...)\` is neither a macro nor a declaration that is known here`;
  p.fail({ code: "SCN030", span: token.span, message });
  return "done";
}

function parseTopStaticAssert(p: Cursor): TopLevel {
  const word = p.next();
  const open = p.next();
  const condition = parseConditional(p);
  if (p.accept(",")) parseAssignment(p);
  p.expect(")", `to close ${word.text}`, open);
  p.expect(";", `behind ${word.text}`);
  return p.make({ kind: "static-assert", condition, span: p.spanFrom(word.span) }, [condition]);
}

function parseProperty(p: Cursor, word: "always" | "sometimes" | "finally"): TopLevel {
  const first = p.next();
  const open = p.next();
  const args: SyntaxExpr[] = [];
  if (!p.at(")")) {
    do args.push(parseAssignment(p));
    while (!p.isPanicking() && p.accept(","));
  }
  p.expect(")", `to close ${word}`, open);
  p.expect(";", `behind ${word}`);
  return p.make({ kind: "property", word, args, span: p.spanFrom(first.span) }, args);
}

/** `task NAME[N] attribute(argument)... { ... }` */
function parseTask(p: Cursor): TaskSyntax {
  const first = p.next();
  const name = p.next();
  const open = p.peek();
  const count = p.accept("[") ? parseConditional(p) : null;
  if (count !== null) p.expect("]", "behind the number of tasks", open);
  const attributes: TaskAttributeSyntax[] = [];
  while (p.peek().kind === "identifier" && !p.isPanicking()) attributes.push(parseTaskAttribute(p));
  const body = parseBlock(p);
  const span = p.spanFrom(first.span);
  return p.make({ kind: "task", name: name.text, nameSpan: name.span, count, attributes, body, span }, [count, body]);
}

function parseTaskAttribute(p: Cursor): TaskAttributeSyntax {
  const name = p.next();
  if (!p.at("(")) return { name: name.text, argument: null, span: name.span };
  const open = p.next();
  let argument = "";
  while (!p.at(")") && !p.at("{") && !p.atEnd()) argument += p.next().text;
  p.expect(")", `behind the argument of ${name.text}`, open);
  return { name: name.text, argument, span: p.spanFrom(name.span) };
}

function parseDeclarationOrFunction(p: Cursor, options: { readonly ghost: boolean }): TopLevel {
  const first = p.peek();
  const specifiers = parseSpecifiers(p);
  const { ghost } = options;
  if (p.isPanicking() || p.accept(";") || lacksSemicolon(p, specifiers)) {
    return p.make({ kind: "declaration", specifiers, declarators: [], ghost, span: p.spanFrom(first.span) });
  }
  const declarator = parseDeclarator(p);
  if (declarator.name === null && !p.isPanicking()) {
    const found = p.peek();
    const shown = found.kind === "end" ? "the end of the text" : `\`${found.text}\``;
    p.fail({ code: "SCN030", span: found.span, message: `a name is expected in the declaration, not ${shown}` });
  }
  const isFunction = declarator.derivations[declarator.derivations.length - 1]?.kind === "function";
  if (isFunction && p.at("{")) return parseFunctionBody(p, { specifiers, declarator, first });
  const declarators = parseInitDeclarators(p, declarator, specifiers);
  p.expect(";", "behind the declaration");
  const children = declarators.map((each) => each.initialiser);
  return p.make({ kind: "declaration", specifiers, declarators, ghost, span: p.spanFrom(first.span) }, children);
}

const declarationWords = ["task", "init", "always", "sometimes", "finally", "ghost"];

/** A struct or enum with its members, and then a line that begins something else: its `;` was forgotten. */
function lacksSemicolon(p: Cursor, { base }: Specifiers): boolean {
  const isDefined =
    (base.kind === "record" && base.members !== null) || (base.kind === "enum" && base.enumerators !== null);
  const next = p.peek();
  if (!isDefined || !next.startsLine || next.kind !== "identifier") return false;
  const isNew = startsType(p, 0) || specifierWords.has(next.text) || declarationWords.includes(next.text);
  if (isNew) p.expect(";", base.kind === "enum" ? "behind the enum" : "behind the struct");
  return isNew;
}

function parseFunctionBody(
  p: Cursor,
  head: { readonly specifiers: Specifiers; readonly declarator: Declarator; readonly first: Token },
): FunctionSyntax {
  const { specifiers, declarator, first } = head;
  if (declarator.name !== null) p.declare(declarator.name, "other");
  p.openScope();
  const last = declarator.derivations[declarator.derivations.length - 1];
  if (last?.kind === "function") {
    for (const parameter of last.parameters) {
      if (parameter.declarator.name !== null) p.declare(parameter.declarator.name, "other");
    }
  }
  const body = parseBlock(p);
  p.closeScope();
  return p.make({ kind: "function", specifiers, declarator, body, span: p.spanFrom(first.span) }, [body]);
}
