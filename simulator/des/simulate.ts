/** Replications of a compiled scenario on a machine, and what they say together. */
import { assert } from "../source/assert.ts";
import { runReplication } from "./engine/replication.ts";
import { formatNs } from "./profiles/render-profile.ts";
import type { FigureName, MachineProfile } from "./profile.ts";
import type { ReplicationEnd, TimelineRecorder } from "./recorder.ts";
import type { SimulateResult } from "./result.ts";
import type { ReplicationSetting, RunReplication } from "./setting.ts";
import { groupLocks, lockRows } from "./statistics/lock-rows.ts";
import { ReplicationRecorder, type ReplicationFigures } from "./statistics/replication-recorder.ts";
import { warningsOf } from "./statistics/steadiness.ts";
import { cpuRows, noteRows, spanRows, taskRows } from "./statistics/task-rows.ts";
import type { TimedProgram } from "./timed-code.ts";

export type SimulateProgress = {
  /** Replications done, of so many. */
  readonly replication: number;
  readonly replications: number;
  /** Of all replications done. */
  readonly events: number;
  /** Simulated time of the last one. */
  readonly atNs: number;
};

export type SimulateOptions = {
  readonly profile: MachineProfile;
  /** Figures of the profile that are given otherwise, in its units. */
  readonly costs?: ReadonlyMap<FigureName, number>;
  /** Number of CPUs; those of the profile where nothing is said. */
  readonly cpus?: number;
  /** Simulated time of each replication, its warm-up included. */
  readonly untilNs: number;
  /** At least 0, less than untilNs: what happens before is not measured. */
  readonly warmUpNs: number;
  /** At least 1. */
  readonly replications: number;
  /** 0 to 2^32-1. */
  readonly seed: number;
  /** Of all replications together; reaching it is inconclusive. */
  readonly eventsMax: number;
  readonly oracleRwlock?: "writer" | "reader";
  /** Told after each replication. */
  readonly onProgress?: (progress: SimulateProgress) => void;
  /** Told of the first replication. */
  readonly timeline?: TimelineRecorder;
};

/**
 * Runs replications of a compiled scenario one after the other and puts their figures together; see `simulateWith`.
 */
export function simulate(program: TimedProgram, options: SimulateOptions): SimulateResult {
  return simulateWith(runReplication, program, options);
}

type Stop = { readonly end: ReplicationEnd; readonly replication: number };

/**
 * Runs replications one after the other; stops at the first that has a fault or passes the limit of events. The tables
 * are of the replications that came to their end. The same arguments give the same bytes.
 *
 * @param run the engine; `simulate` takes the contention engine
 */
export function simulateWith(run: RunReplication, program: TimedProgram, options: SimulateOptions): SimulateResult {
  const { untilNs, warmUpNs, replications } = options;
  assert(replications >= 1, "there is a replication");
  assert(warmUpNs >= 0 && warmUpNs < untilNs, "the warm-up ends before the run does");
  const figures: ReplicationFigures[] = [];
  let events = 0;
  let stop: Stop | null = null;
  for (let replication = 0; replication < replications && stop === null; replication += 1) {
    const recorder = new ReplicationRecorder(program);
    const setting = settingOf(program, options, { replication, eventsMax: options.eventsMax - events });
    const end = run(setting, recorder, replication === 0 ? options.timeline : undefined);
    events += end.events;
    if (end.stop === "fault" || end.stop === "events-limit") stop = { end, replication };
    else figures.push(recorder.finish(end));
    options.onProgress?.({ replication: replication + 1, replications, events, atNs: end.atNs });
  }
  return resultOf({ program, options, figures, events, stop });
}

function settingOf(
  program: TimedProgram,
  options: SimulateOptions,
  { replication, eventsMax }: Pick<ReplicationSetting, "replication" | "eventsMax">,
): ReplicationSetting {
  return {
    program,
    profile: options.profile,
    costs: options.costs ?? new Map(),
    cpus: options.cpus ?? null,
    untilNs: options.untilNs,
    warmUpNs: options.warmUpNs,
    eventsMax,
    seed: options.seed,
    replication,
    oracleRwlock: options.oracleRwlock ?? null,
  };
}

type Outcome = {
  readonly program: TimedProgram;
  readonly options: SimulateOptions;
  readonly figures: readonly ReplicationFigures[];
  readonly events: number;
  readonly stop: Stop | null;
};

function resultOf(outcome: Outcome): SimulateResult {
  const { program, options, figures, events, stop } = outcome;
  const context = { program, replications: figures };
  const groups = groupLocks(program, figures);
  const fault = stop?.end.fault ?? null;
  return {
    ...verdictOf(outcome),
    profile: options.profile.name,
    untilNs: options.untilNs,
    warmUpNs: options.warmUpNs,
    replications: figures.length,
    seed: options.seed,
    events,
    passages: figures.reduce((sum, { passages }) => sum + passages, 0),
    locks: lockRows(groups, context),
    tasks: taskRows(groups, context),
    spans: spanRows(groups, context),
    cpus: cpuRows(figures, options.profile),
    notes: noteRows(context),
    ...(stop === null || fault === null
      ? {}
      : { fault: { ...fault, atNs: stop.end.atNs, replication: stop.replication } }),
    warnings: warningsOf(context),
    assumptions: [...program.assumptions, ...assumptions],
  };
}

const assumptions = [
  "Intervals are at 95 %, by Student's t over the replications; shares of replications by Wilson's.",
  "Quantiles of more than 8,192 times of one replication are told to 0.2 %.",
];

function verdictOf({ options, figures, stop }: Outcome): Pick<SimulateResult, "verdict" | "message"> {
  const fault = stop?.end.fault ?? null;
  if (stop !== null) {
    const where = `at ${formatNs(stop.end.atNs)} of replication ${String(stop.replication + 1)}`;
    if (fault?.kind === "violation") return { verdict: "violated", message: `${fault.message} (${where})` };
    const limit = fault?.message ?? `the limit of ${String(options.eventsMax)} events was reached`;
    return { verdict: "inconclusive", message: `${limit} (${where})` };
  }
  const count = figures.length === 1 ? "one replication" : `${String(figures.length)} replications`;
  const warmUp = options.warmUpNs === 0 ? "" : `, of which ${formatNs(options.warmUpNs)} warm-up`;
  return { verdict: "measured", message: `${count} of ${formatNs(options.untilNs)} simulated${warmUp}` };
}
