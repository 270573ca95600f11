/** The words behind a run's command: names, settings (`scn=`, `until=`) and pairs `NAME=value`. */
import { isConstantName, readNumber, splitPair, wordPlace, type Word } from "./block-lines.ts";
import { readDomain, reservedNames } from "./read-params.ts";
import { isVariantName } from "./read-variants.ts";
import type { NotebookSink, SourceLine } from "./source.ts";
import type { ParameterDomain, RunCell } from "../types.ts";

/** What the words behind a command say, before the command sorts them out. */
export type Arguments = {
  readonly names: readonly Word[];
  readonly settings: ReadonlyMap<string, Word>;
  readonly pairs: readonly { readonly name: string; readonly value: Word; readonly column: number }[];
};

/** Sorts a command's words and reports what is wrong with them. */
export class ArgumentReader {
  readonly #line: SourceLine;
  readonly #sink: NotebookSink;
  hasFailed = false;

  constructor(line: SourceLine, sink: NotebookSink) {
    this.#line = line;
    this.#sink = sink;
  }

  fail(message: string, word?: Word): void {
    this.hasFailed = true;
    this.#sink.report({ code: "NBK060", line: this.#line, message, ...(word === undefined ? {} : wordPlace(word)) });
  }

  split(words: readonly Word[]): Arguments {
    const names: Word[] = [];
    const settings = new Map<string, Word>();
    const pairs: { readonly name: string; readonly value: Word; readonly column: number }[] = [];
    for (const word of words) {
      const pair = splitPair(word.text, "=");
      if (pair === null) {
        names.push(word);
        continue;
      }
      const value = { text: pair.value.text, column: word.column + pair.value.column - 1 };
      const name = pair.key.text;
      if (settings.has(name) || pairs.some((other) => other.name === name)) this.fail(`${name} is given twice`, word);
      if (reservedNames.includes(name)) settings.set(name, value);
      else if (isConstantName(name)) pairs.push({ name, value, column: word.column });
      else this.fail(`"${word.text}" is not understood`, word);
    }
    return { names, settings, pairs };
  }

  variants(given: Arguments): string[] {
    for (const word of given.names) {
      if (!isVariantName(word.text)) this.fail(`"${word.text}" is not a variant's name`, word);
    }
    const names = given.names.map((word) => word.text);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) this.fail(`variant ${twice} is named twice`);
    return names.length === 0 ? ["base"] : names;
  }

  needMetric(given: Arguments, command: string): string {
    const metric = given.settings.get("metric")?.text ?? "";
    if (metric === "") this.fail(`${command} needs metric=, as metric=p99`);
    return metric;
  }

  /** A range or set; null when it is none, which is reported. */
  domain(word: Word): ParameterDomain | null {
    const domain = readDomain(word, this.#line, this.#sink);
    if (domain === null) this.hasFailed = true;
    return domain;
  }

  /** Pairs with one value: without what varies. */
  plainPairs(given: Arguments): RunCell["parameters"] {
    return this.allPairs({ ...given, pairs: given.pairs.filter((pair) => !isSweepValue(pair.value.text)) });
  }

  allPairs(given: Arguments): RunCell["parameters"] {
    return given.pairs.map(({ name, value, column }) => {
      const number = readNumber(value.text);
      if (number === null) this.fail(`${name}=${value.text} is not a number`, value);
      return { name, value: number ?? 0, column };
    });
  }

  refuseSettings(command: string, given: Arguments, refused: readonly string[]): void {
    for (const name of refused) {
      if (given.settings.has(name)) this.fail(`${command} knows no ${name}=`, given.settings.get(name));
    }
  }

  cellId(word: Word | undefined): string | null {
    if (word === undefined) return null;
    if (!/^#[a-z][a-z0-9-]{0,31}$/.test(word.text)) this.fail("scn= takes the id of a scn block, as scn=#model", word);
    return word.text.slice(1);
  }

  count(word: Word | undefined, options: { readonly least: number; readonly otherwise: number }): number {
    if (word === undefined) return options.otherwise;
    const value = readNumber(word.text);
    if (value !== null && Number.isInteger(value) && value >= options.least && value <= 0xffff_ffff) return value;
    this.fail(`"${word.text}" is not a whole number from ${options.least} to 4294967295`, word);
    return options.otherwise;
  }

  /** @param bounds.otherwiseNs when nothing is said */
  duration(word: Word | undefined, bounds: { readonly leastNs: number; readonly otherwiseNs: number }): number {
    if (word === undefined) return bounds.otherwiseNs;
    const ns = word.text === "0" ? 0 : readDurationNs(word.text);
    if (ns === null || ns < bounds.leastNs || !Number.isSafeInteger(ns)) {
      this.fail(`"${word.text}" is not a time in whole nanoseconds; write 500ms or 2s`, word);
      return bounds.otherwiseNs;
    }
    return ns;
  }
}

/** `lo..hi`, `lo..hi:step`, `lo..hi:x2` or `{a,b,c}`. */
export function isSweepValue(text: string): boolean {
  return text.includes("..") || text.startsWith("{");
}

const nsPerUnit = new Map([
  ["ns", 1],
  ["us", 1_000],
  ["ms", 1_000_000],
  ["s", 1_000_000_000],
  ["m", 60_000_000_000],
]);

/** `2s`, `500ms` in nanoseconds; null when it is no time. */
export function readDurationNs(text: string): number | null {
  const match = /^([0-9.eE]+)(ns|us|ms|s|m)$/.exec(text);
  const value = readNumber(match?.[1] ?? "");
  const scale = nsPerUnit.get(match?.[2] ?? "");
  return value === null || scale === undefined || value <= 0 ? null : value * scale;
}
