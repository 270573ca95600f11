/** `hunkbook simulate`: what it costs, and whom. */
import { readFileSync, writeFileSync } from "node:fs";
import { findProfile, overrideCosts, parseProfile, profileNames, type MachineProfile } from "#simulator";
import { readDurationNs } from "../notebooks/parse/read-arguments.ts";
import { allErrors } from "../notebooks/plan/plan-errors.ts";
import { planRuns, type PlanQuestion, type SimulateOverrides } from "../notebooks/plan/plan.ts";
import type { PlannedRun } from "../notebooks/types.ts";
import { defaultEngineOptions } from "../runs/run-input.ts";
import { openNotebook, reject, runAndJudge } from "./check.server.ts";
import { inputOf, openCommandSandbox } from "./compute.server.ts";
import { exitCodes, type ExitCode } from "./exit-codes.ts";
import { splitTarget, type NotebookFile } from "./notebook-file.server.ts";
import { onlyPositional, readOptions } from "./options.server.ts";
import { printable } from "./printable.ts";
import { renderDiagnostics } from "./report.ts";
import { readRunSettings, runOptionNames, type RunSettings } from "./run-settings.server.ts";
import type { Terminal } from "./terminal.server.ts";
import { UsageError } from "./usage.ts";

const { p, variant, json, expect } = runOptionNames;
const optionNames = {
  ...{ p, variant, json, expect },
  profile: { type: "string" },
  until: { type: "string" },
  warmup: { type: "string" },
  reps: { type: "string" },
  seed: { type: "string" },
  cpus: { type: "string" },
  timeline: { type: "string" },
  csv: { type: "boolean" },
  ecdf: { type: "boolean" },
} as const;

type Values = Readonly<Partial<Record<"profile" | "until" | "warmup" | "reps" | "seed" | "cpus", string>>>;

/** `hunkbook simulate FILE[#cell] [options]`. */
export async function simulateCommand(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { values, positionals } = readOptions(words, optionNames);
  const overrides = readOverrides(values);
  const isAsWritten = Object.keys(overrides).length === 0;
  const settings: RunSettings = { ...readRunSettings(values), csv: csvOf(values) };
  if (settings.decidesByExpect && !isAsWritten) {
    throw new UsageError("--expect speaks of the notebook's own values: leave out --profile, --until, --reps ..");
  }
  const { path, cellId } = splitTarget(onlyPositional(positionals, "FILE"));
  const file = openNotebook(path, terminal);
  if (file === null) return exitCodes.rejected;
  const question: PlanQuestion | undefined =
    isAsWritten && isSimulated(file, cellId) ? undefined : { kind: "simulate", ...overrides };
  const plans = simulatedCells(file, cellId).map((id) =>
    planRuns(file.notebook, {
      cellId: id,
      parameters: settings.parameters,
      variants: settings.variants,
      ...(question === undefined ? {} : { question }),
    }),
  );
  const problems = plans.flatMap((plan) => (plan.kind === "rejected" ? plan.diagnostics : []));
  if (problems.length > 0) return reject(terminal, allErrors(file.notebook, problems), file.name);
  const members = plans.flatMap((plan) => (plan.kind === "planned" ? plan.members : []));
  for (const member of members) checkMachine(member);
  if (values.timeline !== undefined) return writeTimeline(members, { path: values.timeline, terminal, file });
  const isJudged = question === undefined && settings.csv === null;
  return runAndJudge(members, { terminal, settings, file, isJudged, ...(question === undefined ? {} : { question }) });
}

function isSimulated(file: NotebookFile, cellId: string | null): boolean {
  return cellId === null || file.notebook.runs.some((run) => run.id === cellId && run.simulation !== null);
}

/** The cell that was named, else every cell that simulates. */
function simulatedCells(file: NotebookFile, cellId: string | null): readonly string[] {
  if (cellId !== null) return [cellId];
  const ids = file.notebook.runs.filter((run) => run.simulation !== null).map((run) => run.id);
  if (ids.length > 0) return ids;
  const runs = file.notebook.runs.map((run) => `${file.name}#${run.id}`).join(", ");
  throw new UsageError(`${file.name} has no cell that simulates; name the run whose scenario is meant: ${runs}`);
}

function csvOf(values: {
  readonly csv?: boolean | undefined;
  readonly ecdf?: boolean | undefined;
  readonly json?: boolean | undefined;
}): RunSettings["csv"] {
  const asked = [values.csv, values.ecdf, values.json].filter((one) => one === true).length;
  if (asked > 1) throw new UsageError("one of --json, --csv and --ecdf at a time");
  return values.csv === true ? "figures" : values.ecdf === true ? "ecdf" : null;
}

/** @throws UsageError */
function readOverrides(values: Values): SimulateOverrides {
  const untilNs = values.until === undefined ? null : readTime("--until", values.until);
  const warmUpNs = values.warmup === undefined ? null : readTime("--warmup", values.warmup);
  if (untilNs === 0) throw new UsageError("--until 0: nothing would be simulated");
  return {
    ...(untilNs === null ? {} : { untilNs }),
    ...(warmUpNs === null ? {} : { warmUpNs }),
    ...(values.reps === undefined ? {} : { repetitions: readCount("--reps", values.reps, { least: 1, most: 1_000 }) }),
    ...(values.seed === undefined ? {} : { seed: readCount("--seed", values.seed, { least: 0, most: 0xffff_ffff }) }),
    ...(values.cpus === undefined ? {} : { cpus: readCount("--cpus", values.cpus, { least: 1, most: 1_024 }) }),
    ...(values.profile === undefined ? {} : readProfile(values.profile)),
  };
}

function readTime(option: string, text: string): number {
  const ns = text === "0" ? 0 : readDurationNs(text);
  if (ns !== null && Number.isSafeInteger(ns)) return ns;
  throw new UsageError(`${option} ${text}: write a time as 500ms or 2s`);
}

function readCount(option: string, text: string, bounds: { readonly least: number; readonly most: number }): number {
  const value = /^[0-9]{1,10}$/.test(text) ? Number(text) : -1;
  if (value >= bounds.least && value <= bounds.most) return value;
  throw new UsageError(`${option} ${text}: write a number from ${String(bounds.least)} to ${String(bounds.most)}`);
}

/** A machine that ships, by name, or a profile file. */
function readProfile(given: string): Pick<SimulateOverrides, "profile" | "profileText"> {
  if (profileNames.includes(given)) return { profile: given };
  const text = readProfileFile(given);
  const reading = parseProfile(text);
  if (reading.kind === "malformed") throw new UsageError(`--profile ${given}: ${reading.message}`);
  return { profile: reading.profile.name, profileText: text };
}

function readProfileFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    const found = findProfile(path);
    const hint = found.kind === "unknown" ? found.message : "";
    throw new UsageError(`--profile ${path}: no file can be read there, and ${hint}`, { cause: error });
  }
}

/** The cell's costs were checked against the cell's machine: on another one they may not exist. */
function checkMachine({ simulation, runCellId }: PlannedRun): void {
  if (simulation === null) throw new Error("assert: only simulations were planned");
  const { profile, profileText, costs, warmUpNs, untilNs } = simulation;
  if (warmUpNs >= untilNs)
    throw new UsageError(`#${runCellId}: the warm-up ends behind --until: nothing would be counted`);
  const machine = machineNamed(profile, profileText);
  const overridden = overrideCosts(machine, costs);
  if (overridden.kind === "unknown") throw new UsageError(`#${runCellId}: ${overridden.message}`);
}

function machineNamed(profile: string, profileText: string | null): MachineProfile {
  const found = profileText === null ? findProfile(profile) : parseProfile(profileText);
  if (found.kind === "profile") return found.profile;
  throw new UsageError(found.message);
}

/** The time line of the one run that is meant. */
async function writeTimeline(
  members: readonly PlannedRun[],
  job: { readonly path: string; readonly terminal: Terminal; readonly file: NotebookFile },
): Promise<ExitCode> {
  const [member, ...more] = members;
  if (member === undefined || more.length > 0) {
    const names = members.map((one) => `#${one.runCellId} ${one.variant}`).join(", ");
    throw new UsageError(`a time line is one run's: name the cell and --variant; here are ${names}`);
  }
  const { terminal, file, path } = job;
  const sandbox = await openCommandSandbox(() => undefined);
  try {
    const input = inputOf(member, defaultEngineOptions);
    const outcome = await sandbox.run({ request: { kind: "timeline", input }, timeMsMax: member.timeMsMax });
    switch (outcome.kind) {
      case "timeline":
        writeFileSync(path, outcome.text);
        terminal.error(printable(`${path}: the time line of replication 1; open it at https://ui.perfetto.dev\n`));
        return exitCodes.holds;
      case "result": {
        const place = { notebook: file.notebook, fileName: file.name };
        terminal.error(printable(`${renderDiagnostics(outcome.result.diagnostics, place).join("\n")}\n`));
        return exitCodes.rejected;
      }
      case "stopped":
        terminal.error(`stopped (${outcome.reason})\n`);
        return exitCodes.stopped;
      case "failed":
        terminal.error(printable(`the engine failed: ${outcome.message}\n${outcome.detail}\n`));
        return exitCodes.stopped;
      case "cancelled":
      case "replayed":
      case "not-replayable":
      case "survey":
        throw new Error("assert: the time line was answered with something else");
    }
  } finally {
    sandbox.close();
  }
}
