/** `param` blocks: `NAME = value in lo..hi[:step] [log]  # text` and `NAME = value in {a, b, c}`. */
import {
  contentLines,
  isConstantName,
  readNumber,
  splitPair,
  wordPlace,
  type BlockSource,
  type ContentLine,
  type Word,
} from "./block-lines.ts";
import type { NotebookSink, SourceLine } from "./source.ts";
import type { Parameter, ParameterDomain } from "../types.ts";

/** Words that the run command uses for itself. */
export const reservedNames: readonly string[] = [
  "scn",
  "profile",
  "seed",
  "until",
  "warmup",
  "reps",
  "cpus",
  "metric",
  "base",
  "me",
];

const form = "write NAME = value in lo..hi[:step] [log], or NAME = value in {a, b, c}";

/** Reads all parameters of one block; a malformed line is reported and left out. */
export function readParameters({ lines, sink }: BlockSource): Parameter[] {
  const parameters: Parameter[] = [];
  for (const content of contentLines(lines)) {
    const parameter = readParameter(content, sink);
    if (parameter !== null) parameters.push(parameter);
  }
  return parameters;
}

function readParameter(content: ContentLine, sink: NotebookSink): Parameter | null {
  const { line } = content;
  const pair = splitPair(content.text, "=");
  const match = pair === null ? null : /^(\S+)[ \t]+in[ \t]+(\S.*)$/.exec(pair.value.text);
  if (pair === null || match === null) {
    sink.report({ code: "NBK020", line, message: `malformed parameter; ${form}` });
    return null;
  }
  if (!isConstantName(pair.key.text) || reservedNames.includes(pair.key.text)) {
    const message = reservedNames.includes(pair.key.text)
      ? `"${pair.key.text}" is a word of the run command; choose another name`
      : `"${pair.key.text}" is not a name; use letters, digits and _`;
    sink.report({ code: "NBK020", line, message, ...wordPlace(pair.key) });
    return null;
  }
  const domainText = match[2] ?? "";
  const domainWord = { text: domainText, column: pair.value.column + pair.value.text.length - domainText.length };
  const valueWord = { text: match[1] ?? "", column: pair.value.column };
  const value = readNumber(valueWord.text);
  const domain = readDomain(domainWord, line, sink);
  if (value === null) {
    sink.report({ code: "NBK020", line, message: `"${valueWord.text}" is not a number`, ...wordPlace(valueWord) });
  }
  if (value === null || domain === null) return null;
  const problem = outsideDomain(value, domain);
  if (problem !== null) {
    const message = `${pair.key.text} = ${valueWord.text} ${problem}`;
    sink.report({ code: "NBK021", line, message, ...wordPlace(valueWord) });
  }
  return { name: pair.key.text, value, domain, note: content.comment, line: line.number };
}

/** `lo..hi[:step] [log]` or `{a, b, c}`; reports and gives null when it is neither. */
export function readDomain(word: Word, line: SourceLine, sink: NotebookSink): ParameterDomain | null {
  const domain = word.text.startsWith("{") ? readSet(word.text) : readRange(word.text);
  if (typeof domain !== "string") return domain;
  sink.report({ code: "NBK020", line, message: domain, ...wordPlace(word) });
  return null;
}

/** Most values of a set. */
const setValuesMax = 1_000;

function readSet(text: string): ParameterDomain | string {
  if (!text.endsWith("}")) return `the set is not closed with }; ${form}`;
  const words = text
    .slice(1, -1)
    .split(",")
    .map((part) => part.trim());
  const values: number[] = [];
  for (const word of words) {
    const value = readNumber(word);
    if (value === null) return `"${word}" in the set is not a number`;
    values.push(value);
  }
  if (values.length > setValuesMax) return `a set has at most ${setValuesMax} values`;
  return { kind: "set", values };
}

function readRange(text: string): ParameterDomain | string {
  const words = text.split(/[ \t]+/);
  const [range = "", second, third] = words;
  const isLogarithmic = second === "log";
  if (third !== undefined || (second !== undefined && !isLogarithmic))
    return `"${words.slice(1).join(" ")}" is not understood; ${form}`;
  const [bounds = "", stepText, extra] = range.split(":");
  const [lowText = "", highText = "", more] = bounds.split("..");
  const low = readNumber(lowText);
  const high = readNumber(highText);
  const step = stepText === undefined ? null : readNumber(stepText);
  if (low === null || high === null || more !== undefined || extra !== undefined)
    return `"${range}" is not a range; ${form}`;
  if (stepText !== undefined && (step === null || step <= 0)) return `the step "${stepText}" is not a number above 0`;
  if (low > high) return `the range ${range} is empty: ${lowText} is above ${highText}`;
  if (isLogarithmic && low <= 0) return "a range with log begins above 0";
  return { kind: "range", low, high, step, isLogarithmic };
}

/** Why a value does not belong to a domain, naming the domain; null when it does. */
export function outsideDomain(value: number, domain: ParameterDomain): string | null {
  switch (domain.kind) {
    case "set":
      return domain.values.includes(value) ? null : `is not one of {${domain.values.join(", ")}}`;
    case "range": {
      if (value < domain.low || value > domain.high) return `is outside of its range ${printDomain(domain)}`;
      const step = domain.step;
      if (step === null || isOnStep(value - domain.low, step)) return null;
      return `is not on the steps of its range ${printDomain(domain)}`;
    }
  }
}

/** Steps may be fractions such as 0.1: a distance counts as whole within rounding. */
function isOnStep(distance: number, step: number): boolean {
  const count = distance / step;
  return Math.abs(count - Math.round(count)) < 1e-9 * Math.max(1, Math.abs(count));
}

/** A domain as it is written. */
export function printDomain(domain: ParameterDomain): string {
  switch (domain.kind) {
    case "set":
      return `{${domain.values.join(", ")}}`;
    case "range":
      return `${domain.low}..${domain.high}${domain.step === null ? "" : `:${domain.step}`}${domain.isLogarithmic ? " log" : ""}`;
  }
}
