/** Evaluates the expression of #if and #elif (C11 6.10.1): 64-bit signed integers, unknown names are 0. */
import type { Report } from "../source/diagnostic.ts";
import type { Span } from "../source/span.ts";
import { readNumber } from "./number.ts";
import { isPunctuator, isWord, type Token } from "./token.ts";

/** Names that stand for numbers without being macros. */
const wordValues: ReadonlyMap<string, bigint> = new Map([
  ["true", 1n],
  ["false", 0n],
  ["NULL", 0n],
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
  return { holds: value !== 0n, reports: evaluator.reports, unknown: evaluator.unknown };
}

class Evaluator {
  readonly reports: Report[] = [];
  readonly unknown: Token[] = [];
  readonly #tokens: readonly Token[];
  readonly #directive: Span;
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], directive: Span) {
    this.#tokens = tokens;
    this.#directive = directive;
  }

  run(): bigint {
    const value = this.#conditional();
    const rest = this.#tokens[this.#at];
    if (rest !== undefined) this.#fail(rest.span, `\`${rest.text}\` is not expected here`);
    return value;
  }

  #fail(span: Span, problem: string): bigint {
    if (this.reports.length === 0)
      this.reports.push({ code: "SCN015", span, message: `malformed #if expression: ${problem}` });
    this.#at = this.#tokens.length;
    return 0n;
  }

  #accept(text: string): boolean {
    const token = this.#tokens[this.#at];
    if (token === undefined || !isPunctuator(token, text)) return false;
    this.#at += 1;
    return true;
  }

  #conditional(): bigint {
    const condition = this.#binary(1);
    if (!this.#accept("?")) return condition;
    const nested = this.#enter();
    if (nested !== null) return nested;
    const then = this.#conditional();
    if (!this.#accept(":")) return this.#fail(this.#spanHere(), "`:` is missing behind `?`");
    const otherwise = this.#conditional();
    this.#depth -= 1;
    return condition !== 0n ? then : otherwise;
  }

  #spanHere(): Span {
    return this.#tokens[this.#at]?.span ?? this.#directive;
  }

  /** Counts one level of nesting; a value other than null is the failure. */
  #enter(): bigint | null {
    this.#depth += 1;
    if (this.#depth <= nestingMax) return null;
    return this.#fail(this.#spanHere(), `it is nested more than ${nestingMax} deep`);
  }

  #binary(levelMin: number): bigint {
    let left = this.#unary();
    for (;;) {
      const token = this.#tokens[this.#at];
      const level = token?.kind === "punctuator" ? precedence.get(token.text) : undefined;
      if (token === undefined || level === undefined || level < levelMin) return left;
      this.#at += 1;
      const right = this.#binary(level + 1);
      left = this.#apply(token, left, right);
    }
  }

  #apply(operator: Token, left: bigint, right: bigint): bigint {
    if ((operator.text === "/" || operator.text === "%") && right === 0n) {
      return this.#fail(operator.span, "it divides by 0");
    }
    return BigInt.asIntN(64, calculate(operator.text, left, right));
  }

  #unary(): bigint {
    const nested = this.#enter();
    if (nested !== null) return nested;
    const value = this.#unaryHere();
    this.#depth -= 1;
    return value;
  }

  #unaryHere(): bigint {
    if (this.#accept("!")) return this.#unary() === 0n ? 1n : 0n;
    if (this.#accept("-")) return BigInt.asIntN(64, -this.#unary());
    if (this.#accept("~")) return ~this.#unary();
    if (this.#accept("+")) return this.#unary();
    if (!this.#accept("(")) return this.#primary();
    const value = this.#conditional();
    if (!this.#accept(")")) return this.#fail(this.#spanHere(), "`)` is missing");
    return value;
  }

  #primary(): bigint {
    const token = this.#tokens[this.#at];
    if (token === undefined) return this.#fail(this.#directive, "a value is missing");
    this.#at += 1;
    if (token.kind === "number") return this.#number(token);
    if (token.kind === "character" && /^'[^\\']'$/.test(token.text)) return BigInt(token.text.charCodeAt(1));
    if (token.kind !== "identifier") return this.#fail(token.span, `\`${token.text}\` is not expected here`);
    const known = wordValues.get(token.text);
    if (known === undefined) this.unknown.push(token);
    return known ?? 0n;
  }

  #number(token: Token): bigint {
    const reading = readNumber(token.text);
    if (reading.kind === "integer") return BigInt.asIntN(64, reading.value);
    return this.#fail(token.span, `\`${token.text}\` is not an integer`);
  }
}

function calculate(operator: string, left: bigint, right: bigint): bigint {
  const truth = (holds: boolean): bigint => (holds ? 1n : 0n);
  if (operator === "||") return truth(left !== 0n || right !== 0n);
  if (operator === "&&") return truth(left !== 0n && right !== 0n);
  if (operator === "|") return left | right;
  if (operator === "^") return left ^ right;
  if (operator === "&") return left & right;
  if (operator === "==") return truth(left === right);
  if (operator === "!=") return truth(left !== right);
  if (operator === "<") return truth(left < right);
  if (operator === ">") return truth(left > right);
  if (operator === "<=") return truth(left <= right);
  if (operator === ">=") return truth(left >= right);
  if (operator === "<<") return left << (right & 63n);
  if (operator === ">>") return left >> (right & 63n);
  if (operator === "+") return left + right;
  if (operator === "-") return left - right;
  if (operator === "*") return left * right;
  return operator === "/" ? left / right : left % right;
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
