/** `run` blocks: a command, then `limit` lines. */
import {
  contentLines,
  isConstantName,
  readNumber,
  splitPair,
  wordPlace,
  wordsOf,
  type ContentLine,
  type Word,
} from "./block-lines.ts";
import { nearestHint } from "../nearest-hint.ts";
import { readDomain, reservedNames } from "./read-params.ts";
import { isVariantName } from "./read-variants.ts";
import { readOptions } from "./read-cell.ts";
import type { NotebookSink, SourceLine } from "./source.ts";
import type { ReachPlace, RunCell, RunCommand, RunLimits, SweepAxis } from "../types.ts";

const commands = ["check", "simulate", "sweep", "compare", "ablate", "reach"] as const;
type CommandName = (typeof commands)[number];

/** What holds when no `limit` line says otherwise. */
export const defaultRunLimits: RunLimits = {
  statesMax: 5_000_000,
  depthMax: 1_000_000,
  memoryBytesMax: 1_073_741_824,
  timeMsMax: 60_000,
  swarmJobs: 0,
};

/** No `limit` line may ask for more. */
const highestLimits: RunLimits = {
  statesMax: 500_000_000,
  depthMax: 100_000_000,
  memoryBytesMax: 16 * 1_073_741_824,
  timeMsMax: 3_600_000,
  swarmJobs: 64,
};

type RunSource = {
  readonly id: string;
  readonly lines: readonly SourceLine[];
  readonly openingLine: SourceLine;
  readonly blockIndex: number;
  readonly sink: NotebookSink;
};

/** Reads one `run` block; null when its command is not understood. */
export function readRun(source: RunSource): RunCell | null {
  const { sink } = source;
  for (const option of readOptions(source.lines, sink)) {
    const line = source.lines.find((candidate) => candidate.number === option.line) ?? null;
    sink.report({ code: "NBK050", line, message: `a run block has no option "${option.key}"; say it in the command` });
  }
  const [first, ...rest] = contentLines(source.lines);
  if (first === undefined) {
    sink.report({
      code: "NBK060",
      line: source.openingLine,
      message: `this run has no command; write one of ${commands.join(", ")}`,
    });
    return null;
  }
  const command = readCommandLine(first, sink);
  const limits = readLimits(rest, sink);
  if (command === null) return null;
  return { id: source.id, ...command, limits, line: first.line.number, blockIndex: source.blockIndex };
}

type CommandLine = Pick<RunCell, "command" | "scenario" | "profile" | "seed" | "parameters">;

/** What the words behind a command say, before the command sorts them out. */
type Arguments = {
  readonly names: readonly Word[];
  readonly settings: ReadonlyMap<string, Word>;
  readonly pairs: readonly { readonly name: string; readonly value: Word; readonly column: number }[];
};

function readCommandLine(content: ContentLine, sink: NotebookSink): CommandLine | null {
  const words = wordsOf(content.text);
  const [head] = words;
  const name = commands.find((candidate) => candidate === head?.text);
  if (head === undefined || name === undefined) {
    const message = `unknown command "${head?.text ?? ""}"${nearestHint(head?.text ?? "", commands)}`;
    sink.report({ code: "NBK061", line: content.line, message, ...(head === undefined ? {} : wordPlace(head)) });
    return null;
  }
  if (name === "reach") return readReach(content, sink);
  const reader = new ArgumentReader(content.line, sink);
  const given = reader.split(words.slice(1));
  const command = readCommand(name, given, reader);
  const parameters = name === "sweep" ? reader.plainPairs(given) : reader.allPairs(given);
  const line: Omit<CommandLine, "command"> = {
    scenario: reader.cellId(given.settings.get("scn")),
    profile: given.settings.get("profile")?.text ?? null,
    seed: reader.count(given.settings.get("seed"), { least: 0, otherwise: 1 }),
    parameters,
  };
  return command === null || reader.hasFailed ? null : { command, ...line };
}

/** `reach VARIANT [at TASK:LINE] EXPR [scn=#id]`: the expression keeps its own `=` signs. */
function readReach(content: ContentLine, sink: NotebookSink): CommandLine | null {
  const match = /^\s*reach\s+(\S+)\s+(.*?)(?:\s+scn=#([a-z][a-z0-9-]{0,31}))?\s*$/.exec(content.text);
  const variant = match?.[1] ?? "";
  const { at, expression } = splitReachPlace((match?.[2] ?? "").trim());
  if (!isVariantName(variant) || expression === "") {
    const message = "reach takes a variant, perhaps a place, and an expression: reach base at walker:12 x == 1";
    sink.report({ code: "NBK060", line: content.line, message });
    return null;
  }
  return {
    command: { kind: "reach", variant, at, expression },
    scenario: match?.[3] ?? null,
    profile: null,
    seed: 1,
    parameters: [],
  };
}

/** `at TASK:LINE EXPR` or EXPR alone. */
function splitReachPlace(text: string): { readonly at: ReachPlace | null; readonly expression: string } {
  const match = /^at\s+(\S+)\s+(.*)$/.exec(text);
  const at = match === null ? null : readReachPlace(match[1] ?? "");
  return at === null ? { at: null, expression: text } : { at, expression: match?.[2] ?? "" };
}

/** `TASK:LINE` or `TASK:CELL:LINE`, the task perhaps one of several (`walker#0`); null when it is neither. */
export function readReachPlace(text: string): ReachPlace | null {
  const match = /^([A-Za-z_][A-Za-z0-9_]*(?:#[0-9]{1,4})?):(?:#?([a-z][a-z0-9-]{0,31}):)?([0-9]{1,6})$/.exec(text);
  if (match === null) return null;
  return { task: match[1] ?? "", cellId: match[2] ?? null, line: Number(match[3]) };
}

function readCommand(name: Exclude<CommandName, "reach">, given: Arguments, reader: ArgumentReader): RunCommand | null {
  const metric = given.settings.get("metric")?.text ?? null;
  switch (name) {
    case "check":
      reader.refuseSettings(name, given, ["until", "reps", "metric", "profile"]);
      return { kind: "check", variants: reader.variants(given) };
    case "simulate":
      return {
        kind: "simulate",
        variants: reader.variants(given),
        untilNs: reader.duration(given.settings.get("until"), 2_000_000_000),
        repetitions: reader.count(given.settings.get("reps"), { least: 1, otherwise: 30 }),
      };
    case "sweep":
      return {
        kind: "sweep",
        variants: reader.variants(given),
        axes: reader.axes(given),
        metric: reader.needMetric(metric),
      };
    case "compare":
      return reader.compare(given, metric);
    case "ablate":
      return readAblate(given, metric, reader);
  }
}

function readAblate(given: Arguments, metric: string | null, reader: ArgumentReader): RunCommand {
  reader.refuseSettings("ablate", given, ["until", "reps"]);
  const switches = given.names.filter((word) => word.text !== "check");
  for (const [index, word] of switches.entries()) {
    if (switches.findIndex((other) => other.text === word.text) !== index)
      reader.fail(`${word.text} is named twice`, word);
  }
  return {
    kind: "ablate",
    switches: switches.map((word) => word.text),
    measure: metric === null ? "check" : { metric },
  };
}

/** Sorts a command's words and reports what is wrong with them. */
class ArgumentReader {
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

  compare(given: Arguments, metric: string | null): RunCommand | null {
    const [first, second, extra] = this.variants(given);
    if (first === undefined || second === undefined || extra !== undefined) {
      this.fail("compare takes two variants");
      return null;
    }
    const repetitions = this.count(given.settings.get("reps"), { least: 1, otherwise: 30 });
    return { kind: "compare", first, second, metric: this.needMetric(metric), repetitions };
  }

  needMetric(metric: string | null): string {
    if (metric === null) this.fail("this command needs metric=");
    return metric ?? "";
  }

  axes(given: Arguments): SweepAxis[] {
    const axes: SweepAxis[] = [];
    for (const pair of given.pairs) {
      if (!isSweepValue(pair.value.text)) continue;
      const domain = readDomain(pair.value, this.#line, this.#sink);
      if (domain === null) this.hasFailed = true;
      else axes.push({ name: pair.name, domain });
    }
    if (axes.length === 0) this.fail("sweep takes at least one NAME=lo..hi:step");
    return axes;
  }

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

  duration(word: Word | undefined, otherwiseNs: number): number {
    if (word === undefined) return otherwiseNs;
    const ns = readDurationNs(word.text);
    if (ns === null) this.fail(`"${word.text}" is not a time; write 500ms or 2s`, word);
    return ns ?? otherwiseNs;
  }
}

function isSweepValue(text: string): boolean {
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
function readDurationNs(text: string): number | null {
  const match = /^([0-9.eE]+)(ns|us|ms|s|m)$/.exec(text);
  const value = readNumber(match?.[1] ?? "");
  const scale = nsPerUnit.get(match?.[2] ?? "");
  return value === null || scale === undefined || value <= 0 ? null : value * scale;
}

const limitKeys: Readonly<Record<string, keyof RunLimits>> = {
  states: "statesMax",
  depth: "depthMax",
  memory: "memoryBytesMax",
  time: "timeMsMax",
  swarm: "swarmJobs",
};

function readLimits(contents: readonly ContentLine[], sink: NotebookSink): RunLimits {
  const limits: Record<keyof RunLimits, number> = { ...defaultRunLimits };
  for (const { line, text } of contents) {
    const [head, ...words] = wordsOf(text);
    if (head?.text !== "limit" || words.length === 0) {
      const message = "behind the command stand limit lines only: limit states=5e6 memory=1g time=30s";
      sink.report({ code: "NBK062", line, message });
      continue;
    }
    for (const word of words) readLimit(word, { limits, line, sink });
  }
  return limits;
}

function readLimit(
  word: Word,
  context: { readonly limits: Record<keyof RunLimits, number>; readonly line: SourceLine; readonly sink: NotebookSink },
): void {
  const pair = splitPair(word.text, "=");
  const name = pair?.key.text ?? word.text;
  const key = Object.hasOwn(limitKeys, name) ? limitKeys[name] : undefined;
  const report = (message: string): void =>
    context.sink.report({ code: "NBK062", line: context.line, message, ...wordPlace(word) });
  if (pair === null || key === undefined) {
    report(`unknown limit "${name}"${nearestHint(name, Object.keys(limitKeys))}`);
    return;
  }
  const value = limitValue(key, pair.value.text);
  if (value === null)
    report(`"${pair.value.text}" is not a value of ${name}; write limit states=5e6 memory=1g time=30s`);
  else if (value > highestLimits[key])
    report(`${name} may be at most ${highestLimits[key]}${key === "timeMsMax" ? " ms" : ""}`);
  else context.limits[key] = value;
}

function limitValue(key: keyof RunLimits, text: string): number | null {
  switch (key) {
    case "statesMax":
    case "swarmJobs":
    case "depthMax": {
      const value = readNumber(text);
      return value !== null && Number.isInteger(value) && value > 0 ? value : null;
    }
    case "memoryBytesMax":
      return readBytes(text);
    case "timeMsMax": {
      const ns = readDurationNs(text);
      return ns === null || ns < 1_000_000 ? null : Math.round(ns / 1_000_000);
    }
  }
}

function readBytes(text: string): number | null {
  const match = /^([0-9.eE]+)([kmg]?)$/i.exec(text);
  const value = readNumber(match?.[1] ?? "");
  if (value === null || value <= 0) return null;
  const shift = " kmg".indexOf((match?.[2] ?? "").toLowerCase() || " ");
  return Math.round(value * 1024 ** shift);
}
