/**
 * What `expect` and `needs` lines say: `RUN: PREDICATE`.
 *
 *   VARIANT... holds | measured | violated [CLASS] | inconclusive [LIMIT] | rejected
 *   VARIANT... reaches "note text" | never reaches "note text"
 *   VARIANT... reached | never reached                    the answer of a reach run
 *   cause CLASS {A B}... | cure CLASS {C}...              of an ablation: exactly these sets; `none` for no set
 * A VARIANT of an ablation is a subset of its switches: {A, B}, or {} for none of them.
 *   EXPR < EXPR [at 95%]          with EXPR of numbers, times (30ms), VARIANT.METRIC, + - * / and brackets
 */
import { isSubsetLabel, readSubset, subsetLabel } from "./switch-subset.ts";
import { readNumber, wordPlace, type Word } from "./parse/block-lines.ts";
import { readDurationNs } from "./parse/read-arguments.ts";
import { isVariantName } from "./parse/read-variants.ts";
import type { NotebookSink, SourceLine } from "./parse/source.ts";
import type { Comparison, Expectation, MetricExpression, Predicate } from "./types.ts";

const verdicts = ["holds", "measured", "violated", "inconclusive", "rejected"] as const;

/** Reads `RUN: PREDICATE`; reports and gives null when it is malformed. */
export function readExpectation(text: Word, line: SourceLine, sink: NotebookSink): Expectation | null {
  const match = /^#?([a-z][a-z0-9-]{0,31})[ \t]*:[ \t]*(.*)$/.exec(text.text);
  if (match === null) {
    const message = "write RUN: PREDICATE, as in `race: proposal holds`";
    sink.report({ code: "NBK070", line, message, ...wordPlace(text) });
    return null;
  }
  const body = match[2] ?? "";
  const predicate = parsePredicate(body);
  if (typeof predicate === "string") {
    const column = text.column + text.text.length - body.length;
    sink.report({ code: "NBK070", line, message: predicate, column, endColumn: column + body.length });
    return null;
  }
  return { runId: match[1] ?? "", predicate, points: [""], text: text.text.trim(), line: line.number };
}

/** A predicate, or why it is none. */
export function parsePredicate(text: string): Predicate | string {
  const trimmed = text.trim();
  const note = /^(.*?)[ \t]+(never[ \t]+)?reaches[ \t]+"([^"]+)"$/.exec(trimmed);
  if (note !== null) {
    const mode = note[2] === undefined ? ("reaches" as const) : ("never-reaches" as const);
    const variants = variantList(note[1] ?? "");
    return typeof variants === "string" ? variants : { kind: "note", variants, text: note[3] ?? "", mode };
  }
  const ablation = /^(cause|cure)[ \t]+([a-z][a-z-]*)[ \t]+(\S.*)$/.exec(trimmed);
  if (ablation !== null)
    return parseAblation(ablation[1] === "cure" ? "cure" : "cause", ablation[2] ?? "", ablation[3] ?? "");
  const reach = /^(.*?)[ \t]+(never[ \t]+)?reached$/.exec(trimmed);
  if (reach !== null) {
    const variants = variantList(reach[1] ?? "");
    if (typeof variants === "string") return variants;
    return { kind: "reach", variants, mode: reach[2] === undefined ? "reached" : "never" };
  }
  if (/[<>=]/.test(trimmed)) return parseComparison(trimmed);
  return parseVerdict(trimmed);
}

function parseAblation(part: "cause" | "cure", violationClass: string, text: string): Predicate | string {
  const subsets: (readonly string[])[] = [];
  for (const name of text === "none" ? [] : nameList(text)) {
    const subset = readSubset(name);
    if (subset === null) return `"${name}" is no set of switches; write {A, B}, or none`;
    subsets.push(subset);
  }
  return { kind: "ablation", part, violationClass, subsets, switches: [] };
}

/** Words, and sets of switches, which may have blanks between their braces. */
function nameList(text: string): readonly string[] {
  return text.match(/\{[^{}]*\}|[^ \t,{}]+|[{}]/g) ?? [];
}

function parseVerdict(text: string): Predicate | string {
  const words = nameList(text);
  const at = words.findIndex((word) => verdicts.some((verdict) => verdict === word));
  const verdict = verdicts.find((candidate) => candidate === words[at]);
  if (verdict === undefined)
    return `"${text}" is not a predicate; say VARIANT holds, VARIANT violated CLASS, or compare figures`;
  const variants = variantList(words.slice(0, at).join(" "));
  if (typeof variants === "string") return variants;
  const detail = words.slice(at + 1);
  const takesDetail = verdict === "violated" || verdict === "inconclusive";
  if (detail.length > (takesDetail ? 1 : 0)) return `"${detail.join(" ")}" behind "${verdict}" is not understood`;
  return { kind: "verdict", variants, verdict, detail: detail[0] ?? null };
}

/** Variants, and the subsets of an ablation under their labels. */
function variantList(text: string): string[] | string {
  const names = nameList(text).map((name) => {
    const subset = isSubsetLabel(name) ? readSubset(name) : null;
    return subset === null ? name : subsetLabel(subset);
  });
  const bad = names.find((name) => !isVariantName(name) && !isSubsetLabel(name));
  if (bad !== undefined) return `"${bad}" is not a variant's name`;
  return names.length === 0 ? "a predicate begins with a variant" : names;
}

function parseComparison(text: string): Predicate | string {
  const confidence = /^(.*?)[ \t]+at[ \t]+([0-9.]+)%$/.exec(text);
  const body = confidence?.[1] ?? text;
  const percent = confidence === null ? null : readNumber(confidence[2] ?? "");
  if (confidence !== null && (percent === null || percent <= 0 || percent >= 100))
    return "the confidence is a percentage between 0 and 100";
  const match = /^([^<>=!]+)(<=|>=|!=|<|>|=)([^<>=!]+)$/.exec(body);
  if (match === null) return "write EXPR < EXPR, with one of < <= > >= = !=";
  const left = parseMetric(match[1] ?? "");
  const right = parseMetric(match[3] ?? "");
  if (typeof left === "string") return left;
  if (typeof right === "string") return right;
  const comparison = comparisons.find((candidate) => candidate === match[2]);
  if (comparison === undefined) return "write EXPR < EXPR";
  return { kind: "compare", left, comparison, right, confidencePercent: percent };
}

const comparisons: readonly Comparison[] = ["<", "<=", ">", ">=", "=", "!="];

/** Deepest nesting of brackets in an expression. */
const nestingMax = 20;

/** Recursive descent over `+ - * /`, brackets, numbers and VARIANT.METRIC; a text is the reason for refusal. */
function parseMetric(text: string): MetricExpression | string {
  const tokens =
    text.match(
      /[A-Za-z][A-Za-z0-9_+-]*\.[A-Za-z][A-Za-z0-9_.]*|[0-9][0-9.]*(?:[eE][+-]?[0-9]+)?(?:ns|us|ms|s)?|[-+*/()]|[^ \t]/g,
    ) ?? [];
  let at = 0;
  const sum = (depth: number): MetricExpression | string => chain(["+", "-"], () => product(depth));
  const product = (depth: number): MetricExpression | string => chain(["*", "/"], () => factor(depth));
  const chain = (
    operators: readonly ("+" | "-" | "*" | "/")[],
    operand: () => MetricExpression | string,
  ): MetricExpression | string => {
    let left = operand();
    for (;;) {
      const operator = operators.find((candidate) => candidate === tokens[at]);
      if (operator === undefined || typeof left === "string") return left;
      at += 1;
      const right = operand();
      if (typeof right === "string") return right;
      left = { kind: "operation", operator, left, right };
    }
  };
  const factor = (depth: number): MetricExpression | string => {
    const token = tokens[at] ?? "";
    at += 1;
    if (token === "(" && depth < nestingMax) {
      const inner = sum(depth + 1);
      if (typeof inner !== "string" && tokens[at] !== ")") return "a bracket is not closed";
      at += 1;
      return inner;
    }
    const value = readNumber(token) ?? readDurationNs(token);
    if (value !== null) return { kind: "number", value };
    const dot = token.indexOf(".");
    if (dot > 0) return { kind: "metric", variant: token.slice(0, dot), metric: token.slice(dot + 1) };
    return token === "" ? "an expression ends too early" : `"${token}" is not a number and not VARIANT.METRIC`;
  };
  const expression = sum(0);
  if (typeof expression !== "string" && at < tokens.length) return `"${tokens.slice(at).join(" ")}" is not understood`;
  return expression;
}

/** Variants that a predicate speaks of. */
export function variantsOf(predicate: Predicate): readonly string[] {
  switch (predicate.kind) {
    case "verdict":
    case "note":
    case "reach":
      return predicate.variants;
    case "ablation":
      return [];
    case "compare":
      return [...new Set([...metricVariants(predicate.left), ...metricVariants(predicate.right)])];
  }
}

function metricVariants(expression: MetricExpression): string[] {
  switch (expression.kind) {
    case "number":
      return [];
    case "metric":
      return [expression.variant];
    case "operation":
      return [...metricVariants(expression.left), ...metricVariants(expression.right)];
  }
}
