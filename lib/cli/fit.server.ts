/** `hunkbook fit`: from what a machine's tools say of its locks to the parameters of a scenario. */
import {
  bpftraceUnits,
  fitArrivals,
  fitTimes,
  nearestName,
  observedLockName,
  parseObserved,
  renderArrivals,
  renderFit,
  renderObservation,
  renderParameters,
  timeKinds,
  type BpftraceUnit,
  type Observation,
  type ObservedLock,
} from "#simulator";
import { exitCodes, type ExitCode } from "./exit-codes.ts";
import { onlyPositional, readOptions } from "./options.server.ts";
import { printable } from "./printable.ts";
import type { Terminal } from "./terminal.server.ts";
import { readTextFile } from "./text-file.server.ts";
import { UsageError } from "./usage.ts";

const optionNames = {
  lock: { type: "string" },
  seconds: { type: "string" },
  tasks: { type: "string" },
  unit: { type: "string" },
  json: { type: "boolean" },
} as const;

const problemsShown = 20;

type Request = {
  readonly lock: string | undefined;
  /** Null: how long was observed is not known, and arrivals are not fitted. */
  readonly seconds: number | null;
  readonly tasks: number;
  readonly json: boolean;
};

/**
 * Prints the locks of an observation, and fits the one that is asked for, or the only one.
 *
 * @returns rejected when the text cannot be read
 * @throws UsageError
 */
export async function fitCommand(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { values, positionals } = readOptions(words, optionNames);
  const path = onlyPositional(positionals, "OBSERVED");
  const unit = readUnit(values.unit);
  const request: Request = {
    lock: values.lock,
    seconds: values.seconds === undefined ? null : readPositive("--seconds", values.seconds),
    tasks: values.tasks === undefined ? 1 : readPositive("--tasks", values.tasks),
    json: values.json === true,
  };
  const reading = parseObserved(readTextFile(path), unit === undefined ? {} : { unit });
  if (reading.kind === "malformed") {
    for (const { line, message } of reading.problems.slice(0, problemsShown))
      terminal.error(printable(`${path}:${String(line)}: ${message}\n`));
    const more = reading.problems.length - problemsShown;
    if (more > 0) terminal.error(`and ${String(more)} more lines\n`);
    return exitCodes.rejected;
  }
  const { observation } = reading;
  const locks = chosenLocks(observation, request.lock);
  terminal.out(printable(request.json ? fitJson(observation, locks, request) : fitText(observation, locks, request)));
  return exitCodes.holds;
}

function readUnit(text: string | undefined): BpftraceUnit | undefined {
  const unit = bpftraceUnits.find((candidate) => candidate === text);
  if (text !== undefined && unit === undefined)
    throw new UsageError(`--unit is one of ${bpftraceUnits.join(", ")}, not "${text}"`);
  return unit;
}

function readPositive(option: string, text: string): number {
  const value = /^\d{1,9}(\.\d{1,9})?$/.test(text) ? Number(text) : 0;
  if (value > 0) return value;
  throw new UsageError(`${option} is a number above 0, not "${text}"`);
}

/** Those of that name, in both modes unless the name says one; the only one; or none. */
function chosenLocks(observation: Observation, name: string | undefined): readonly ObservedLock[] {
  const { locks } = observation;
  if (name === undefined) return locks.length === 1 ? locks : [];
  const exact = locks.filter((lock) => observedLockName(lock) === name);
  const chosen = exact.length > 0 ? exact : locks.filter((lock) => lock.name === name);
  if (chosen.length > 0) return chosen;
  const nearest = nearestName(name, locks.map(observedLockName));
  const hint = nearest === null ? "without --lock they are listed" : `did you mean "${nearest}"?`;
  throw new UsageError(`there is no lock "${name}" in it; ${hint}`);
}

function fitText(observation: Observation, locks: readonly ObservedLock[], request: Request): string {
  const shown = locks.length === 0 ? observation : { ...observation, locks };
  const table = renderObservation(shown);
  if (locks.length === 0) return observation.locks.length > 1 ? `${table}\nfit one of them with --lock NAME\n` : table;
  const fits = locks.flatMap((lock) => [
    ...timeKinds.flatMap((kind) => {
      const times = lock.times[kind];
      if (times === undefined) return [];
      const fit = fitTimes(times);
      return [`${renderFit(lock, kind, fit)}${renderParameters(lock, kind, fit)}`];
    }),
    ...arrivalsText(lock, request),
  ]);
  return [table, ...fits].join("\n");
}

function arrivalsText(lock: ObservedLock, { seconds, tasks }: Request): readonly string[] {
  return seconds === null ? [] : [renderArrivals(lock, fitArrivals(lock, { seconds, tasks }))];
}

function fitJson(observation: Observation, locks: readonly ObservedLock[], { seconds, tasks }: Request): string {
  const fits = locks.map((lock) => ({
    lock: observedLockName(lock),
    fits: timeKinds.flatMap((kind) => {
      const times = lock.times[kind];
      return times === undefined ? [] : [{ kind, ...withoutKind(fitTimes(times)) }];
    }),
    ...(seconds === null ? {} : { arrivals: fitArrivals(lock, { seconds, tasks }) }),
  }));
  return `${JSON.stringify({ observation, fits })}\n`;
}

/** The kind of times takes the key; what became of the fit is its `outcome`. */
function withoutKind(fit: ReturnType<typeof fitTimes>): object {
  const { kind: outcome, ...rest } = fit;
  return { outcome, ...rest };
}
