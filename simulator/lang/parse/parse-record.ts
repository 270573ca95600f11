/** struct, union and enum specifiers. */
import type { Cursor } from "./cursor.ts";
import { parseDeclarator, parseSpecifiers, startsType } from "./parse-declaration.ts";
import { parseConditional } from "./parse-expression.ts";
import type { BaseType, Declarator, EnumeratorSyntax, MemberDeclaration } from "./syntax.ts";
import type { Token } from "../preprocess/token.ts";
import { reservedWords } from "../preprocess/words.ts";

/** Parses from the word struct, union or enum on. */
export function parseRecordOrEnum(p: Cursor): BaseType {
  const word = p.next();
  skipAttributes(p);
  const tag = p.peek().kind === "identifier" && !reservedWords.has(p.peek().text) ? p.next() : null;
  const open = p.peek();
  const hasBody = p.accept("{");
  if (!hasBody && tag === null) {
    p.fail({ code: "SCN030", span: open.span, message: `a name or { is expected behind ${word.text}` });
    return { kind: "error", span: word.span };
  }
  const name = tag?.text ?? null;
  if (word.text === "enum") {
    const enumerators = hasBody ? parseEnumerators(p, open) : null;
    return { kind: "enum", tag: name, enumerators, span: p.spanFrom(word.span) };
  }
  const members = hasBody
    ? p.deeper(
        () => parseMembers(p, open),
        () => [],
      )
    : null;
  return { kind: "record", isUnion: word.text === "union", tag: name, members, span: tag?.span ?? word.span };
}

function skipAttributes(p: Cursor): void {
  while (
    p.peek().kind === "identifier" &&
    p.peek().text.startsWith("__") &&
    (p.at("(", 1) || p.peek(1).kind === "identifier")
  ) {
    p.next();
    if (p.at("(")) p.skipGroup();
  }
}

/** `} __packed;`, `} __aligned(8) name;`: annotations between the body and what is declared. */
function skipTrailingAttributes(p: Cursor): void {
  while (p.peek().kind === "identifier" && p.peek().text.startsWith("__")) {
    p.next();
    if (p.at("(")) p.skipGroup();
  }
}

function parseEnumerators(p: Cursor, open: Token): EnumeratorSyntax[] {
  const enumerators: EnumeratorSyntax[] = [];
  while (!p.at("}") && !p.isPanicking()) {
    const name = p.peek();
    if (name.kind !== "identifier" || reservedWords.has(name.text)) {
      p.fail({
        code: "SCN030",
        span: name.span,
        message: `the name of an enumerator is expected, not \`${name.text}\``,
      });
      break;
    }
    p.next();
    p.declare(name.text, "other");
    const value = p.accept("=") ? parseConditional(p) : null;
    enumerators.push({ name: name.text, value, span: name.span });
    if (!p.accept(",")) break;
  }
  p.expect("}", "to close the enum", open);
  return enumerators;
}

function parseMembers(p: Cursor, open: Token): MemberDeclaration[] {
  const members: MemberDeclaration[] = [];
  while (!p.at("}") && !p.atEnd()) {
    if (p.accept(";")) continue;
    members.push(parseMember(p));
    if (p.isPanicking()) p.recover();
  }
  p.expect("}", "to close the struct", open);
  skipTrailingAttributes(p);
  return members;
}

function parseMember(p: Cursor): MemberDeclaration {
  const first = p.peek();
  if (first.kind === "identifier" && p.at("(", 1) && !startsType(p, 0)) {
    const message = `\`${first.text}(...)\` is not known inside a struct: write the members that it stands for`;
    p.fail({ code: "SCN030", span: first.span, message });
  }
  const specifiers = parseSpecifiers(p);
  const declarators: Declarator[] = [];
  while (!p.at(";") && !p.isPanicking()) {
    const declarator = parseDeclarator(p);
    declarators.push(declarator);
    if (p.at(":")) {
      const message = "bit-fields are not part of the language: use a bool or u8 member, or flag bits with masks";
      p.fail({ code: "SCN034", span: declarator.span, message });
    }
    if (!p.accept(",")) break;
  }
  p.expect(";", "behind the member");
  return p.make({ specifiers, declarators, span: p.spanFrom(first.span) });
}
