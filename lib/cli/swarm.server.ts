/** A swarm: many partial searches of one run, each a run of its own with its seed. */
import { countWords } from "../review/verdict-words.ts";
import type { PlannedRun } from "../notebooks/types.ts";
import { swarmJobs } from "../runs/run-input.ts";
import { exploredOf } from "../runs/run-result.ts";
import type { Computed } from "./compute.server.ts";
import type { RunPool } from "./run-pool.server.ts";

export type Swarm = {
  readonly jobs: readonly Computed[];
  /** The first job that found a violation; else the first without a verdict, else the first. */
  readonly telling: Computed;
};

/** Runs all jobs: the answer is the same whichever ends first. */
export async function runSwarm(plan: PlannedRun, pool: RunPool, jobCount: number): Promise<Swarm> {
  const jobs = await Promise.all(
    // Coverage and reductions belong to the exhaustive search.
    swarmJobs(plan, jobCount).map((swarm) => pool.submit(plan, { swarm, coverage: false, reductions: [] })),
  );
  const violated = jobs.find(({ end }) => end.kind === "finished" && end.result.verdict === "violated");
  const unfinished = jobs.find(({ end }) => end.kind !== "finished");
  const telling = violated ?? unfinished ?? jobs[0];
  if (telling === undefined) throw new Error("assert: a swarm has at least one job");
  return { jobs, telling };
}

/** What a swarm without a finding is worth; null when it has one, or when its scenario was rejected. */
export function swarmSentence({ jobs, telling }: Swarm): string | null {
  const { end, plan } = telling;
  if (end.kind !== "finished" || end.result.verdict !== "inconclusive") return null;
  const states = jobs.reduce(
    (sum, job) => sum + (job.end.kind === "finished" ? (exploredOf(job.end.result)?.states ?? 0) : 0),
    0,
  );
  return (
    `#${plan.runCellId} ${plan.variant}: inconclusive: a swarm found nothing, which proves nothing: ` +
    `about ${countWords(states, "state")} seen in ${countWords(jobs.length, "job")}, some of them more than once`
  );
}

/** Which job it was: its number among the jobs, and its seed. */
export function jobWords({ jobs, telling }: Swarm): string {
  const { end } = telling;
  const result = end.kind === "finished" ? exploredOf(end.result) : null;
  const seed = result?.swarm?.seed;
  const number = `job ${String(jobs.indexOf(telling) + 1)} of ${String(jobs.length)}`;
  return `  told by ${number} of a swarm${seed === undefined ? "" : ` (seed ${String(seed)})`}`;
}
