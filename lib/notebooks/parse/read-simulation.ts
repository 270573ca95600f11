/** What simulate, sweep, compare and crossover say beside their variants, and the `cost` lines behind them. */
import { defaultProfile } from "#simulator";
import { readNumber, splitPair, wordPlace, wordsOf, type ContentLine, type Word } from "./block-lines.ts";
import { isSweepValue, readDurationNs, type ArgumentReader, type Arguments } from "./read-arguments.ts";
import type { NotebookSink } from "./source.ts";
import type { ParameterDomain, RunCommand, Simulation, SweepAxis } from "../types.ts";

const defaultUntilNs = 2_000_000_000;
/** What holds when nothing is said. */
export const usualSimulation: Simulation = {
  untilNs: defaultUntilNs,
  warmUpNs: defaultUntilNs / 10,
  repetitions: 30,
  profile: defaultProfile.name,
  cpus: null,
  costs: [],
};

const repetitionsMax = 1_000;
const cpusMax = 1_024;
/** Most values along one axis of a sweep. */
const axisValuesMax = 400;

/** The settings that all four commands share; costs are read from lines of their own. */
export function readSimulation(given: Arguments, reader: ArgumentReader): Simulation {
  const { settings } = given;
  const untilNs = reader.duration(settings.get("until"), { leastNs: 1, otherwiseNs: defaultUntilNs });
  const warmUpNs = reader.duration(settings.get("warmup"), { leastNs: 0, otherwiseNs: Math.floor(untilNs / 10) });
  if (warmUpNs >= untilNs)
    reader.fail("the warm-up ends behind until=: nothing would be counted", settings.get("warmup"));
  const repetitions = reader.count(settings.get("reps"), { least: 1, otherwise: 30 });
  if (repetitions > repetitionsMax) reader.fail(`reps may be at most ${repetitionsMax}`, settings.get("reps"));
  const cpus = reader.count(settings.get("cpus"), { least: 1, otherwise: 0 });
  if (cpus > cpusMax) reader.fail(`cpus may be at most ${cpusMax}`, settings.get("cpus"));
  const profile = settings.get("profile")?.text ?? defaultProfile.name;
  return { untilNs, warmUpNs, repetitions, profile, cpus: cpus === 0 ? null : cpus, costs: [] };
}

/** `sweep`, `compare`, `crossover`: what is compared by a figure. */
export function readFigures(
  name: "sweep" | "compare" | "crossover",
  given: Arguments,
  reader: ArgumentReader,
): RunCommand | null {
  const metric = reader.needMetric(given, name);
  const variants = reader.variants(given);
  if (name === "sweep") return { kind: "sweep", variants, axes: readAxes(given, reader), metric };
  const [first, second, extra] = variants;
  if (first === undefined || second === undefined || extra !== undefined) {
    reader.fail(`${name} takes two variants`);
    return null;
  }
  if (name === "compare") return { kind: "compare", first, second, metric };
  const [axis, another] = readAxes(given, reader);
  if (axis === undefined) return null;
  if (another !== undefined) reader.fail("crossover looks along one parameter");
  return { kind: "crossover", first, second, axis, metric };
}

function readAxes(given: Arguments, reader: ArgumentReader): readonly SweepAxis[] {
  const axes = given.pairs.filter((pair) => isSweepValue(pair.value.text));
  if (axes.length === 0)
    reader.fail("at least one parameter has to vary: NAME=lo..hi:step, NAME=lo..hi:x2 or NAME={a,b,c}");
  if (axes.length > 2) reader.fail("at most two parameters vary at once");
  return axes.flatMap(({ name, value, column }) => {
    const values = axisValues(value.text, reader, value);
    return values === null ? [] : [{ name, values, column }];
  });
}

/** The values along an axis, ascending as written; null when it is none, which is reported. */
function axisValues(text: string, reader: ArgumentReader, word: Word): readonly number[] | null {
  const factor = /^([^:]+):x([0-9.]+)$/.exec(text);
  const times = factor === null ? null : readNumber(factor[2] ?? "");
  const domain = reader.domain({ text: factor?.[1] ?? text, column: word.column });
  if (domain === null) return null;
  if (factor !== null && (times === null || times <= 1 || domain.kind === "set" || domain.low <= 0)) {
    reader.fail(`"${text}" does not grow: write 1..64:x2, from above 0 by a factor above 1`, word);
    return null;
  }
  const values = times === null ? steps(domain) : powers(domain, times);
  if (values.length <= axisValuesMax) return values;
  reader.fail(`more than ${axisValuesMax} values; write a larger step, as in NAME=lo..hi:step`, word);
  return null;
}

/** One more than allowed at most, so that whoever asks can refuse. */
function steps(domain: ParameterDomain): readonly number[] {
  if (domain.kind === "set") return domain.values;
  const step = domain.step ?? 1;
  const count = Math.min(axisValuesMax, Math.floor((domain.high - domain.low) / step + 1e-9)) + 1;
  return Array.from({ length: count }, (_, index) => Number((domain.low + index * step).toPrecision(12)));
}

function powers(domain: ParameterDomain, factor: number): readonly number[] {
  if (domain.kind === "set") return domain.values;
  const values: number[] = [];
  for (let value = domain.low; value <= domain.high && values.length <= axisValuesMax; value *= factor)
    values.push(Math.round(value));
  return [...new Set(values)];
}

/** Whether a line behind a command is `cost ...`. */
export function isCostLine(content: ContentLine): boolean {
  return wordsOf(content.text)[0]?.text === "cost";
}

/** `cost NAME=value[ns|us|ms] ...` lines. Whether the machine has such a cost is checked with the whole notebook. */
export function readCosts(
  contents: readonly ContentLine[],
  { isTimed, sink }: { readonly isTimed: boolean; readonly sink: NotebookSink },
): Simulation["costs"] {
  const costs: { readonly name: string; readonly value: number }[] = [];
  for (const content of contents.filter(isCostLine)) {
    const { line } = content;
    const [head, ...words] = wordsOf(content.text);
    if (!isTimed || words.length === 0) {
      const message = isTimed
        ? "write cost NAME=value, as cost contextSwitch=1500ns"
        : "only simulate, sweep, compare and crossover take cost lines";
      sink.report({ code: "NBK066", line, message, ...(head === undefined ? {} : wordPlace(head)) });
      continue;
    }
    for (const word of words) {
      const cost = readCost(word);
      const isTwice = typeof cost !== "string" && costs.some(({ name }) => name === cost.name);
      const message = typeof cost === "string" ? cost : isTwice ? `${cost.name} is given twice` : null;
      if (message !== null) sink.report({ code: "NBK066", line, message, ...wordPlace(word) });
      else if (typeof cost !== "string") costs.push(cost);
    }
  }
  return costs;
}

/** A cost, or why it is none. */
function readCost(word: Word): Simulation["costs"][number] | string {
  const pair = splitPair(word.text, "=");
  if (pair === null) return "write cost NAME=value, as cost contextSwitch=1500ns";
  const name = pair.key.text;
  const value = readNumber(pair.value.text) ?? readDurationNs(pair.value.text);
  if (value === null || value < 0) return `"${pair.value.text}" is not a cost; write nanoseconds, or a time as 2us`;
  return { name, value };
}
