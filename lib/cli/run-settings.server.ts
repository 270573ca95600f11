/** The options that `check`, `run`, `ablate` and `reach` share. */
import type { Reduction } from "#simulator";
import type { PlannedRun } from "../notebooks/types.ts";
import { defaultReductions, readReductions, type EngineOptions } from "../runs/run-input.ts";
import { readParameters } from "./options.server.ts";
import { UsageError } from "./usage.ts";

const swarmJobsMax = 1_000;

export const runOptionNames = {
  p: { type: "string", short: "p", multiple: true },
  variant: { type: "string", multiple: true },
  reductions: { type: "string" },
  coverage: { type: "boolean" },
  swarm: { type: "string" },
  races: { type: "string" },
  signals: { type: "boolean" },
  json: { type: "boolean" },
  expect: { type: "boolean" },
} as const;

/** The options' words, as they were given. */
export type RunOptionValues = {
  readonly p?: readonly string[] | undefined;
  readonly variant?: readonly string[] | undefined;
  readonly reductions?: string | undefined;
  readonly coverage?: boolean | undefined;
  readonly swarm?: string | undefined;
  readonly races?: string | undefined;
  readonly signals?: boolean | undefined;
  readonly json?: boolean | undefined;
  readonly expect?: boolean | undefined;
};

export type RunSettings = {
  readonly parameters: Readonly<Record<string, number>>;
  readonly variants: readonly string[];
  readonly engineOptions: EngineOptions;
  /** Jobs of a swarm instead of an exhaustive search; null: as the cell's limits say. */
  readonly swarmJobs: number | null;
  /** Language options that the command line puts over the cells'. */
  readonly languageOptions: Readonly<Record<string, string>>;
  readonly isJson: boolean;
  /** Figures of simulations as CSV instead of text. */
  readonly csv: "figures" | "ecdf" | null;
  readonly decidesByExpect: boolean;
};

/** @throws UsageError */
export function readRunSettings(values: RunOptionValues): RunSettings {
  const settings: RunSettings = {
    parameters: readParameters(values.p ?? []),
    variants: values.variant ?? [],
    engineOptions: {
      reductions: values.reductions === undefined ? defaultReductions : reductionsOf(values.reductions),
      coverage: values.coverage ?? false,
    },
    swarmJobs: values.swarm === undefined ? null : readSwarm(values.swarm),
    languageOptions: {
      ...(values.races === undefined ? {} : { races: readRaces(values.races) }),
      ...(values.signals === true ? { signals: "on" } : {}),
    },
    isJson: values.json ?? false,
    csv: null,
    decidesByExpect: values.expect ?? false,
  };
  if (settings.decidesByExpect && !asksWhatTheNotebookSays(settings)) {
    throw new UsageError("--expect speaks of the notebook's own values: leave out -p, --races and --signals");
  }
  return settings;
}

/** Expect lines and claims speak of the notebook's own values; at other ones they are neither met nor failed. */
export function asksWhatTheNotebookSays(settings: RunSettings): boolean {
  return Object.keys(settings.parameters).length === 0 && Object.keys(settings.languageOptions).length === 0;
}

/** A planned run with the command line's language options over its cells'. */
export function withLanguageOptions(member: PlannedRun, settings: RunSettings): PlannedRun {
  return { ...member, options: { ...member.options, ...settings.languageOptions } };
}

/** @throws UsageError naming the reductions that there are */
function reductionsOf(text: string): readonly Reduction[] {
  const reductions = readReductions(text);
  if (typeof reductions === "string") throw new UsageError(`--reductions: ${reductions}`);
  return reductions;
}

/** @throws UsageError */
function readSwarm(text: string): number {
  const jobs = /^[0-9]{1,4}$/.test(text) ? Number(text) : 0;
  if (jobs >= 1 && jobs <= swarmJobsMax) return jobs;
  throw new UsageError(`--swarm ${text}: write a number of jobs from 1 to ${String(swarmJobsMax)}`);
}

/** @throws UsageError */
function readRaces(text: string): string {
  if (["error", "note", "off"].includes(text)) return text;
  throw new UsageError(`--races ${text}: write error, note or off`);
}
