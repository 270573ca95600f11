/**
 * Evaluates the expression of #if and #elif: every integer is intmax_t or uintmax_t (C11 6.10.1p4), here 64 bits, and
 * an operation with an unsigned operand is unsigned (6.3.1.8). Unknown names are 0. What && || ?: do not evaluate is
 * parsed, and its arithmetic cannot fail (6.6p3).
 */
import type { Report } from "../../source/diagnostic.ts";
import type { Span } from "../../source/span.ts";
import { readNumber } from "./number.ts";
import { isPunctuator, isWord, type Token } from "./token.ts";

/** Signed in [-2^63, 2^63), unsigned in [0, 2^64). */
type Value = { readonly bits: bigint; readonly unsigned: boolean };

const zero: Value = { bits: 0n, unsigned: false };
const one: Value = { bits: 1n, unsigned: false };

/** Names that stand for numbers without being macros. */
const wordValues: ReadonlyMap<string, Value> = new Map([
  ["true", one],
  ["false", zero],
  ["NULL", zero],
]);

const precedence: ReadonlyMap<string, number> = new Map(
  [
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
  ].flatMap((operators, level) => operators.map((operator): [string, number] => [operator, level + 1])),
);

const nestingMax = 200;

export type ConditionOutcome = {
  readonly holds: boolean;
  readonly reports: readonly Report[];
  /** Names without a meaning, which count as 0. */
  readonly unknown: readonly Token[];
};

/**
 * Evaluates tokens in which `defined` is already replaced and macros are expanded.
 *
 * @param directive where a missing expression is reported
 */
export function evaluateCondition(tokens: readonly Token[], directive: Span): ConditionOutcome {
  const evaluator = new Evaluator(tokens, directive);
  const value = evaluator.run();
  return { holds: value.bits !== 0n, reports: evaluator.reports, unknown: evaluator.unknown };
}

class Evaluator {
  readonly reports: Report[] = [];
  readonly unknown: Token[] = [];
  readonly #tokens: readonly Token[];
  readonly #directive: Span;
  #at = 0;
  #depth = 0;
  /** Greater than 0 in an operand that is not evaluated. */
  #skipping = 0;

  constructor(tokens: readonly Token[], directive: Span) {
    this.#tokens = tokens;
    this.#directive = directive;
  }

  run(): Value {
    const value = this.#conditional();
    const rest = this.#tokens[this.#at];
    if (rest !== undefined) this.#fail(rest.span, `\`${rest.text}\` is not expected here`);
    return value;
  }

  #fail(span: Span, problem: string): Value {
    if (this.reports.length === 0)
      this.reports.push({ code: "SCN015", span, message: `malformed #if expression: ${problem}` });
    this.#at = this.#tokens.length;
    return zero;
  }

  #accept(text: string): boolean {
    const token = this.#tokens[this.#at];
    if (token === undefined || !isPunctuator(token, text)) return false;
    this.#at += 1;
    return true;
  }

  #conditional(): Value {
    const condition = this.#binary(1);
    if (!this.#accept("?")) return condition;
    const nested = this.#enter();
    if (nested !== null) return nested;
    const holds = condition.bits !== 0n;
    const then = this.#operand({ evaluated: holds }, () => this.#conditional());
    if (!this.#accept(":")) return this.#fail(this.#spanHere(), "`:` is missing behind `?`");
    const otherwise = this.#operand({ evaluated: !holds }, () => this.#conditional());
    this.#depth -= 1;
    return converted({ bits: (holds ? then : otherwise).bits, unsigned: then.unsigned || otherwise.unsigned });
  }

  #operand({ evaluated }: { readonly evaluated: boolean }, parse: () => Value): Value {
    this.#skipping += evaluated ? 0 : 1;
    const value = parse();
    this.#skipping -= evaluated ? 0 : 1;
    return value;
  }

  /** Where something is missing: at the token that stands there, or behind the last one. */
  #spanHere(): Span {
    const last = this.#tokens[this.#tokens.length - 1]?.span;
    const behind = last === undefined ? this.#directive : { file: last.file, start: last.end, end: last.end };
    return this.#tokens[this.#at]?.span ?? behind;
  }

  /** Counts one level of nesting; a value other than null is the failure. */
  #enter(): Value | null {
    this.#depth += 1;
    if (this.#depth <= nestingMax) return null;
    return this.#fail(this.#spanHere(), `it is nested more than ${nestingMax} deep`);
  }

  #binary(levelMin: number): Value {
    let left = this.#unary();
    for (;;) {
      const token = this.#tokens[this.#at];
      const level = token?.kind === "punctuator" ? precedence.get(token.text) : undefined;
      if (token === undefined || level === undefined || level < levelMin) return left;
      this.#at += 1;
      const decided = token.text === "&&" ? left.bits === 0n : token.text === "||" && left.bits !== 0n;
      const right = this.#operand({ evaluated: !decided }, () => this.#binary(level + 1));
      left = this.#apply(token, left, right);
    }
  }

  #apply(operator: Token, left: Value, right: Value): Value {
    const fault = faultOf(operator.text, right);
    if (fault === null) return calculate(operator.text, left, right);
    return this.#skipping > 0 ? zero : this.#fail(operator.span, fault);
  }

  #unary(): Value {
    const nested = this.#enter();
    if (nested !== null) return nested;
    const value = this.#unaryHere();
    this.#depth -= 1;
    return value;
  }

  #unaryHere(): Value {
    if (this.#accept("!")) return this.#unary().bits === 0n ? one : zero;
    if (this.#accept("-")) return mapped(this.#unary(), (bits) => -bits);
    if (this.#accept("~")) return mapped(this.#unary(), (bits) => ~bits);
    if (this.#accept("+")) return this.#unary();
    if (!this.#accept("(")) return this.#primary();
    const value = this.#conditional();
    if (!this.#accept(")")) return this.#fail(this.#spanHere(), "`)` is missing");
    return value;
  }

  #primary(): Value {
    const token = this.#tokens[this.#at];
    if (token === undefined) return this.#fail(this.#spanHere(), "a value is missing");
    this.#at += 1;
    if (token.kind === "number") return this.#number(token);
    if (token.kind === "character" && /^'[^\\']'$/.test(token.text))
      return { bits: BigInt(token.text.charCodeAt(1)), unsigned: false };
    if (token.kind !== "identifier") return this.#fail(token.span, `\`${token.text}\` is not expected here`);
    const known = wordValues.get(token.text);
    if (known === undefined) this.unknown.push(token);
    return known ?? zero;
  }

  /** A constant is signed where it fits, unless its suffix says otherwise (C11 6.4.4.1p5). */
  #number(token: Token): Value {
    const reading = readNumber(token.text);
    if (reading.kind !== "integer") return this.#fail(token.span, `\`${token.text}\` is not an integer`);
    if (reading.value >= 1n << 64n) return this.#fail(token.span, `\`${token.text}\` does not fit 64 bits`);
    return { bits: reading.value, unsigned: reading.unsigned || reading.value >= 1n << 63n };
  }
}

/** The value modulo 2^64 in its type. */
function converted({ bits, unsigned }: Value): Value {
  return { bits: unsigned ? BigInt.asUintN(64, bits) : BigInt.asIntN(64, bits), unsigned };
}

function mapped(value: Value, operation: (bits: bigint) => bigint): Value {
  return converted({ bits: operation(value.bits), unsigned: value.unsigned });
}

/** Why this operation has no value, null when it has one. */
function faultOf(operator: string, right: Value): string | null {
  if ((operator === "/" || operator === "%") && right.bits === 0n) return "it divides by 0";
  const isShift = operator === "<<" || operator === ">>";
  if (isShift && (right.bits < 0n || right.bits > 63n)) return `it shifts by ${right.bits}, and 0 to 63 are possible`;
  return null;
}

function calculate(operator: string, left: Value, right: Value): Value {
  if (operator === "||") return left.bits !== 0n || right.bits !== 0n ? one : zero;
  if (operator === "&&") return left.bits !== 0n && right.bits !== 0n ? one : zero;
  // A shift has the type of its left operand (C11 6.5.7p3).
  if (operator === "<<") return mapped(left, (bits) => bits << right.bits);
  if (operator === ">>") return mapped(left, (bits) => bits >> right.bits);
  const unsigned = left.unsigned || right.unsigned;
  const [a, b] = [converted({ bits: left.bits, unsigned }).bits, converted({ bits: right.bits, unsigned }).bits];
  const comparison = compare(operator, a, b);
  if (comparison !== null) return comparison ? one : zero;
  return converted({ bits: arithmetic(operator, a, b), unsigned });
}

function compare(operator: string, a: bigint, b: bigint): boolean | null {
  if (operator === "==") return a === b;
  if (operator === "!=") return a !== b;
  if (operator === "<") return a < b;
  if (operator === ">") return a > b;
  if (operator === "<=") return a <= b;
  if (operator === ">=") return a >= b;
  return null;
}

function arithmetic(operator: string, a: bigint, b: bigint): bigint {
  if (operator === "|") return a | b;
  if (operator === "^") return a ^ b;
  if (operator === "&") return a & b;
  if (operator === "+") return a + b;
  if (operator === "-") return a - b;
  if (operator === "*") return a * b;
  return operator === "/" ? a / b : a % b;
}

/** Replaces `defined X` and `defined(X)` by 1 or 0. */
export function replaceDefined(tokens: readonly Token[], isDefined: (name: string) => boolean): readonly Token[] {
  const out: Token[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at];
    if (token === undefined) break;
    const open = tokens[at + 1];
    if (!isWord(token, "defined") || open === undefined) {
      out.push(token);
      continue;
    }
    const bracketed = isPunctuator(open, "(");
    const name = tokens[at + (bracketed ? 2 : 1)];
    const close = tokens[at + 3];
    const wellFormed = name?.kind === "identifier" && (!bracketed || (close !== undefined && isPunctuator(close, ")")));
    if (!wellFormed) {
      out.push(token);
      continue;
    }
    out.push({ ...token, kind: "number", text: isDefined(name.text) ? "1" : "0" });
    at += bracketed ? 3 : 1;
  }
  return out;
}
