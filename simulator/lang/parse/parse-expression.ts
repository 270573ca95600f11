/** Expressions: precedence climbing over C's operators, GNU's statement expressions and `?:`. */
import type { Cursor } from "./cursor.ts";
import { readQuotedText } from "../preprocess/literal.ts";
import { timeUnits } from "../preprocess/number.ts";
import { parseInitialiserList, parseTypeName, startsType } from "./parse-declaration.ts";
import { parseBlock } from "./parse-statement.ts";
import type { BinaryOp, SyntaxExpr, UnaryOp } from "./syntax.ts";
import type { Token } from "../preprocess/token.ts";
import { reservedWords } from "../preprocess/words.ts";

const levels: readonly (readonly BinaryOp[])[] = [
  ["||"],
  ["&&"],
  ["|"],
  ["^"],
  ["&"],
  ["==", "!="],
  ["<", ">", "<=", ">="],
  ["<<", ">>"],
  ["+", "-"],
  ["*", "/", "%"],
];

const binaryLevels: ReadonlyMap<string, { readonly op: BinaryOp; readonly level: number }> = new Map(
  levels.flatMap((ops, index) =>
    ops.map((op): [string, { op: BinaryOp; level: number }] => [op, { op, level: index + 1 }]),
  ),
);

const assignments: ReadonlyMap<string, BinaryOp | ""> = new Map([
  ["=", ""],
  ...(["+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>"] as const).map((op): [string, BinaryOp] => [`${op}=`, op]),
]);

const unaryOps: ReadonlyMap<string, UnaryOp> = new Map(
  (["-", "+", "~", "!", "*", "&"] as const).map((op): [string, UnaryOp] => [op, op]),
);

/** A whole expression, commas included. */
export function parseExpression(p: Cursor): SyntaxExpr {
  let left = parseAssignment(p);
  while (p.at(",") && !p.isPanicking()) {
    p.next();
    const right = parseAssignment(p);
    left = p.make({ kind: "comma", left, right, span: p.spanFrom(left.span) }, [left, right]);
  }
  return left;
}

/** An expression without a comma operator. */
export function parseAssignment(p: Cursor): SyntaxExpr {
  const left = parseConditional(p);
  const token = p.peek();
  const op = token.kind === "punctuator" ? assignments.get(token.text) : undefined;
  if (op === undefined) return left;
  p.next();
  const right = p.deeper(
    () => parseAssignment(p),
    () => errorHere(p),
  );
  return p.make({ kind: "assign", op, left, right, opSpan: token.span, span: p.spanFrom(left.span) }, [left, right]);
}

/** A conditional expression: what a constant expression is made of. */
export function parseConditional(p: Cursor): SyntaxExpr {
  const condition = parseBinary(p, 1);
  if (!p.accept("?")) return condition;
  return p.deeper(
    () => {
      const then = p.at(":") ? null : parseExpression(p);
      p.expect(":", "behind `?`");
      const otherwise = parseConditional(p);
      const span = p.spanFrom(condition.span);
      return p.make({ kind: "conditional", condition, then, else: otherwise, span }, [condition, then, otherwise]);
    },
    () => errorHere(p),
  );
}

function errorHere(p: Cursor): SyntaxExpr {
  return { kind: "error", span: p.peek().span };
}

function parseBinary(p: Cursor, levelMin: number): SyntaxExpr {
  let left = parseCast(p);
  for (;;) {
    const token = p.peek();
    const operator = token.kind === "punctuator" ? binaryLevels.get(token.text) : undefined;
    if (operator === undefined || operator.level < levelMin || p.isPanicking()) return left;
    p.next();
    const right = parseBinary(p, operator.level + 1);
    const span = p.spanFrom(left.span);
    left = p.make({ kind: "binary", op: operator.op, left, right, opSpan: token.span, span }, [left, right]);
  }
}

function parseCast(p: Cursor): SyntaxExpr {
  return p.deeper(
    () => (startsCast(p) ? parseTypeInBrackets(p) : parseUnary(p)),
    () => errorHere(p),
  );
}

function startsCast(p: Cursor): boolean {
  return p.at("(") && (startsType(p, 1) || looksLikeUnknownCast(p));
}

/** `(foo_t *)...` and `(foo_t)x` of a name that nobody declared: nothing else reads like this. */
function looksLikeUnknownCast(p: Cursor): boolean {
  const name = p.peek(1);
  if (name.kind !== "identifier" || reservedWords.has(name.text) || p.nameKind(name.text) !== "unknown") return false;
  let ahead = 2;
  while (p.at("*", ahead)) ahead += 1;
  if (!p.at(")", ahead)) return false;
  const operand = p.peek(ahead + 1);
  const isName = operand.kind === "identifier" && !reservedWords.has(operand.text);
  return ahead > 2 || isName || operand.kind === "number" || operand.kind === "string";
}

/** `(type) operand` or `(type) { ... }`. */
function parseTypeInBrackets(p: Cursor): SyntaxExpr {
  const open = p.next();
  const type = parseTypeName(p);
  p.expect(")", "behind the type", open);
  if (p.at("{")) {
    const initialiser = parseInitialiserList(p);
    const literal = p.make({ kind: "compound", type, initialiser, span: p.spanFrom(open.span) } as const, [
      initialiser,
    ]);
    return parsePostfix(p, literal);
  }
  const operand = parseCast(p);
  return p.make({ kind: "cast", type, operand, span: p.spanFrom(open.span) }, [operand]);
}

function parseUnary(p: Cursor): SyntaxExpr {
  const token = p.peek();
  if (p.at("++") || p.at("--")) {
    p.next();
    const operand = parseCast(p);
    const op = token.text === "++" ? "++" : "--";
    return p.make({ kind: "step", op, prefix: true, operand, span: p.spanFrom(token.span) }, [operand]);
  }
  const op = token.kind === "punctuator" ? unaryOps.get(token.text) : undefined;
  if (op !== undefined) {
    p.next();
    const operand = parseCast(p);
    return p.make({ kind: "unary", op, operand, span: p.spanFrom(token.span) }, [operand]);
  }
  if (p.at("&&"))
    return unsupportedHere(p, "addresses of labels (`&&label`) are not part of the language: use a switch");
  if (["sizeof", "_Alignof", "__alignof__"].includes(token.text)) return parseSizeof(p);
  if (p.atWord("__extension__")) {
    p.next();
    return parseCast(p);
  }
  return parsePostfix(p, parsePrimary(p));
}

function unsupportedHere(p: Cursor, message: string): SyntaxExpr {
  const token = p.next();
  p.fail({ code: "SCN038", span: token.span, message });
  return { kind: "error", span: token.span };
}

function parseSizeof(p: Cursor): SyntaxExpr {
  const word = p.next();
  const alignment = word.text !== "sizeof";
  if (p.at("(") && startsType(p, 1)) {
    const open = p.next();
    const operand = parseTypeName(p);
    p.expect(")", "behind the type", open);
    return p.make({ kind: "sizeof", operand, alignment, span: p.spanFrom(word.span) });
  }
  const operand = parseCast(p);
  return p.make({ kind: "sizeof", operand, alignment, span: p.spanFrom(word.span) }, [operand]);
}

function parsePostfix(p: Cursor, first: SyntaxExpr): SyntaxExpr {
  let base = first;
  for (;;) {
    if (p.isPanicking()) return base;
    const next = parseOnePostfix(p, base);
    if (next === null) return base;
    base = next;
  }
}

function parseOnePostfix(p: Cursor, base: SyntaxExpr): SyntaxExpr | null {
  const token = p.peek();
  if (p.at("(")) return parseCall(p, base);
  if (p.accept("[")) {
    const index = parseExpression(p);
    p.expect("]", "behind the index", token);
    return p.make({ kind: "index", base, index, span: p.spanFrom(base.span) }, [base, index]);
  }
  if (p.at(".") || p.at("->")) {
    const arrow = p.next().text === "->";
    const name = p.peek();
    if (name.kind !== "identifier") {
      p.fail({ code: "SCN030", span: name.span, message: `the name of a member is expected behind \`${token.text}\`` });
      return base;
    }
    p.next();
    const span = p.spanFrom(base.span);
    return p.make({ kind: "member", base, name: name.text, nameSpan: name.span, arrow, span }, [base]);
  }
  if (p.at("++") || p.at("--")) {
    const op = p.next().text === "++" ? "++" : "--";
    return p.make({ kind: "step", op, prefix: false, operand: base, span: p.spanFrom(base.span) }, [base]);
  }
  return null;
}

function parseCall(p: Cursor, callee: SyntaxExpr): SyntaxExpr {
  const open = p.next();
  const args: SyntaxExpr[] = [];
  if (!p.at(")")) {
    do args.push(parseArgument(p));
    while (!p.isPanicking() && p.accept(","));
  }
  p.expect(")", "behind the arguments", open);
  return p.make({ kind: "call", callee, args, span: p.spanFrom(callee.span) }, [callee, ...args]);
}

/** An argument may also be a type (container_of) or a time (`5 us`). */
function parseArgument(p: Cursor): SyntaxExpr {
  const first = p.peek();
  if (startsType(p, 0)) {
    const type = parseTypeName(p);
    return p.make({ kind: "type", type, span: p.spanFrom(first.span) });
  }
  const value = parseAssignment(p);
  const unit = p.peek();
  if (unit.kind !== "identifier" || p.isPanicking()) return value;
  if (!timeUnits.has(unit.text)) return value.kind === "number" && p.at(")", 1) ? unknownUnit(p, value) : value;
  p.next();
  return p.make({ kind: "time", value, unit: unit.text, span: p.spanFrom(first.span) }, [value]);
}

/** `10 min`: a number and a word that is no unit; read as some time, since its one mistake is told. */
function unknownUnit(p: Cursor, value: SyntaxExpr): SyntaxExpr {
  const unit = p.next();
  const message = `\`${unit.text}\` is no unit of time; there are ns, us, ms and s`;
  p.report({ code: "SCN095", span: unit.span, message });
  return p.make({ kind: "time", value, unit: "us", span: p.spanFrom(value.span) }, [value]);
}

function parsePrimary(p: Cursor): SyntaxExpr {
  const token = p.peek();
  if (p.at("(")) return parseBracketed(p);
  if (token.kind === "identifier" && token.text === "_Generic") {
    return unsupportedHere(p, "_Generic is not part of the language: write the function for the type at hand");
  }
  if (token.kind === "identifier" && !reservedWords.has(token.text)) {
    p.next();
    return p.make({ kind: "name", name: token.text, span: token.span });
  }
  if (token.kind === "number") {
    p.next();
    return p.make({ kind: "number", text: token.text, span: token.span });
  }
  if (token.kind === "string") return parseString(p);
  if (token.kind === "character") return parseCharacter(p);
  return unexpected(p, token);
}

function unexpected(p: Cursor, token: Token): SyntaxExpr {
  if (token.kind === "identifier" && ["asm", "__asm__", "__asm"].includes(token.text)) {
    p.fail({
      code: "SCN036",
      span: token.span,
      message: "inline assembly is not part of the language: write what it does, in an `atomic { }` if it is one step",
    });
  } else {
    const found = token.kind === "end" ? "the end of the text" : `\`${token.text}\``;
    p.fail({ code: "SCN030", span: token.span, message: `an expression is expected, not ${found}` });
  }
  return { kind: "error", span: token.span };
}

function parseBracketed(p: Cursor): SyntaxExpr {
  const open = p.next();
  if (p.at("{")) {
    const block = parseBlock(p);
    p.expect(")", "behind the statement expression", open);
    return p.make({ kind: "statements", body: block.body, span: p.spanFrom(open.span) }, [block]);
  }
  const inner = parseExpression(p);
  p.expect(")", "to close the bracket", open);
  return inner;
}

/** Adjacent literals are one. */
function parseString(p: Cursor): SyntaxExpr {
  const first = p.peek();
  let value = "";
  while (p.peek().kind === "string") {
    const token = p.next();
    const reading = readQuotedText(token.text);
    if (reading.problem !== null) p.report({ code: "SCN009", span: token.span, message: reading.problem });
    value += reading.value;
  }
  return p.make({ kind: "string", value, span: p.spanFrom(first.span) });
}

function parseCharacter(p: Cursor): SyntaxExpr {
  const token = p.next();
  const reading = readQuotedText(token.text);
  const problem = reading.problem ?? (reading.value.length === 1 ? null : "a character constant holds one character");
  if (problem !== null) p.report({ code: "SCN009", span: token.span, message: problem });
  const code = reading.value.charCodeAt(0) || 0;
  return p.make({ kind: "character", value: code & 255, span: token.span });
}
