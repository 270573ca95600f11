/** `run` blocks: a command, then `limit` lines. */
import { contentLines, readNumber, splitPair, wordPlace, wordsOf, type ContentLine, type Word } from "./block-lines.ts";
import { nearestHint } from "../nearest-hint.ts";
import { ArgumentReader, readDurationNs, type Arguments } from "./read-arguments.ts";
import { readCosts, readFigures, readSimulation, isCostLine } from "./read-simulation.ts";
import { isVariantName } from "./read-variants.ts";
import { readOptions } from "./read-cell.ts";
import type { NotebookSink, SourceLine } from "./source.ts";
import type { ReachPlace, RunCell, RunCommand, RunLimits } from "../types.ts";

const commands = ["check", "simulate", "sweep", "compare", "crossover", "ablate", "reach"] as const;
type CommandName = (typeof commands)[number];

/** What holds when no `limit` line says otherwise. */
export const defaultRunLimits: RunLimits = {
  statesMax: 5_000_000,
  depthMax: 1_000_000,
  memoryBytesMax: 1_073_741_824,
  timeMsMax: 60_000,
  swarmJobs: 0,
  eventsMax: 1_000_000_000,
};

/** No `limit` line may ask for more. */
const highestLimits: RunLimits = {
  statesMax: 500_000_000,
  depthMax: 100_000_000,
  memoryBytesMax: 16 * 1_073_741_824,
  timeMsMax: 3_600_000,
  swarmJobs: 64,
  eventsMax: 1_000_000_000_000,
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
  const isTimed = command?.simulation != null;
  const costs = readCosts(rest, { isTimed, sink });
  const limits = readLimits(
    rest.filter((content) => !isCostLine(content)),
    { isTimed, sink },
  );
  if (command === null) return null;
  const simulation = command.simulation === null ? null : { ...command.simulation, costs };
  return { id: source.id, ...command, simulation, limits, line: first.line.number, blockIndex: source.blockIndex };
}

type CommandLine = Pick<RunCell, "command" | "scenario" | "simulation" | "seed" | "parameters">;

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
  const parameters = name === "sweep" || name === "crossover" ? reader.plainPairs(given) : reader.allPairs(given);
  const line: Omit<CommandLine, "command"> = {
    scenario: reader.cellId(given.settings.get("scn")),
    simulation: isTimedCommand(name) ? readSimulation(given, reader) : null,
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
    simulation: null,
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
  switch (name) {
    case "check":
      reader.refuseSettings(name, given, ["until", "warmup", "reps", "cpus", "metric", "profile"]);
      return { kind: "check", variants: reader.variants(given) };
    case "simulate":
      reader.refuseSettings(name, given, ["metric"]);
      return { kind: "simulate", variants: reader.variants(given) };
    case "sweep":
    case "compare":
    case "crossover":
      return readFigures(name, given, reader);
    case "ablate":
      return readAblate(given, given.settings.get("metric")?.text ?? null, reader);
  }
}

function isTimedCommand(name: CommandName): boolean {
  return name === "simulate" || name === "sweep" || name === "compare" || name === "crossover";
}

function readAblate(given: Arguments, metric: string | null, reader: ArgumentReader): RunCommand {
  reader.refuseSettings("ablate", given, ["until", "warmup", "reps", "cpus", "profile"]);
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

const limitKeys: Readonly<Record<string, keyof RunLimits>> = {
  states: "statesMax",
  depth: "depthMax",
  memory: "memoryBytesMax",
  time: "timeMsMax",
  swarm: "swarmJobs",
  events: "eventsMax",
};

/** Limits that say nothing to a run of the other engine. */
const limitsOfChecks = ["states", "depth", "swarm"];
const limitsOfSimulations = ["events"];

type LimitContext = { readonly isTimed: boolean; readonly sink: NotebookSink };

function readLimits(contents: readonly ContentLine[], { isTimed, sink }: LimitContext): RunLimits {
  const limits: Record<keyof RunLimits, number> = { ...defaultRunLimits };
  for (const { line, text } of contents) {
    const [head, ...words] = wordsOf(text);
    if (head?.text !== "limit" || words.length === 0) {
      const lines = isTimed ? "limit and cost lines only: limit events=1e9 time=30s" : exampleLimits;
      sink.report({ code: "NBK062", line, message: `behind the command stand ${lines}` });
      continue;
    }
    for (const word of words) readLimit(word, { limits, line, sink, isTimed });
  }
  return limits;
}

const exampleLimits = "limit lines only: limit states=5e6 memory=1g time=30s";

function readLimit(
  word: Word,
  context: { readonly limits: Record<keyof RunLimits, number>; readonly line: SourceLine } & LimitContext,
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
  if ((context.isTimed ? limitsOfChecks : limitsOfSimulations).includes(name))
    report(`${name} is a limit of ${context.isTimed ? "check" : "simulate"} and says nothing here`);
  else if (value === null)
    report(`"${pair.value.text}" is not a value of ${name}; write limit states=5e6 memory=1g time=30s`);
  else if (value > highestLimits[key])
    report(`${name} may be at most ${highestLimits[key]}${key === "timeMsMax" ? " ms" : ""}`);
  else context.limits[key] = value;
}

function limitValue(key: keyof RunLimits, text: string): number | null {
  switch (key) {
    case "statesMax":
    case "swarmJobs":
    case "eventsMax":
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
