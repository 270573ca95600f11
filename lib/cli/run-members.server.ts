/** Computes planned runs, several at a time, and tells each in the notebook's order; ablations go on in rounds. */
import { progressWords } from "../review/run-page.ts";
import { planRuns, type PlanQuestion } from "../notebooks/plan/plan.ts";
import { subsetLabel } from "../notebooks/switch-subset.ts";
import type { PlannedRun } from "../notebooks/types.ts";
import { nextSubsets } from "../runs/ablation.ts";
import { ablationElement, ablationLines, ablationOf, tracedSubsets } from "./ablation-report.ts";
import type { Computed } from "./compute.server.ts";
import type { NotebookFile } from "./notebook-file.server.ts";
import { printable } from "./printable.ts";
import { csvLines, figuresOf, missingLabels } from "./figures-report.ts";
import { simulatedOf } from "../runs/run-result.ts";
import { humanReport, jsonElement, verdictOf } from "./report.ts";
import { RunPool, runsAtOnce } from "./run-pool.server.ts";
import { withLanguageOptions, type RunSettings } from "./run-settings.server.ts";
import { jobWords, runSwarm, swarmSentence, type Swarm } from "./swarm.server.ts";
import type { Terminal } from "./terminal.server.ts";

export type RunJob = {
  readonly terminal: Terminal;
  readonly settings: RunSettings;
  readonly file: NotebookFile;
  /** What was asked instead of what the cells' commands say. */
  readonly question?: PlanQuestion;
  /** Expect lines and claims speak of what was run; not of a check that is simulated, or of other settings. */
  readonly isJudged?: boolean;
};

/** Computes and tells them all; the answer is in the order of the plan. */
export async function runMembers(planned: readonly PlannedRun[], job: RunJob): Promise<readonly Computed[]> {
  const members = planned.map((member) => withLanguageOptions(member, job.settings));
  const pool = await openPool(members, job, {
    isMany: members.some((member) => member.ablated !== null || (job.settings.swarmJobs ?? member.swarmJobs) > 0),
  });
  try {
    const teller = new Teller(pool, job);
    const answers = members.map((member) => ({ member, answer: answerOf(member, pool, job) }));
    // An answer that fails while an earlier one is awaited is reported when its turn comes.
    for (const { answer } of answers) answer.catch(() => undefined);
    for (const [index, { member, answer }] of answers.entries()) {
      const found = await answer;
      if ("telling" in found) teller.takeSwarm(found);
      else teller.take(found);
      const next = answers[index + 1]?.member;
      if (next?.runCellId === member.runCellId) continue;
      if (member.ablated !== null) await teller.finishAblation(member, member.ablated);
      else if (member.kind === "simulate") await teller.finishFigures(member);
    }
    return teller.computed;
  } finally {
    pool.close();
  }
}

/** A swarm when the command line or the cell's limits say so. */
function answerOf(member: PlannedRun, pool: RunPool, { settings }: RunJob): Promise<Computed | Swarm> {
  const jobs = settings.swarmJobs ?? member.swarmJobs;
  return jobs > 0 && member.kind === "check" ? runSwarm(member, pool, jobs) : pool.submit(member);
}

/** @param options.isMany more runs follow than there are members, as mutants do */
export function openPool(
  members: readonly PlannedRun[],
  { terminal, settings }: RunJob,
  options: { readonly isMany: boolean },
): Promise<RunPool> {
  return RunPool.open({
    engineOptions: settings.engineOptions,
    atOnce: runsAtOnce(members, options),
    onWeakSandbox: (layers) => {
      terminal.error(`warning: setpriv or prlimit missing; runs are kept in by ${layers.join(", ")} only\n`);
    },
    onProgress: (plan, progress) => {
      terminal.progress(`#${plan.runCellId} ${plan.variant}: ${progressWords(progress)}`);
    },
  });
}

/** A point of a sweep is told by the table; what came to no figures, in full. */
function isOneOfMany({ plan, end }: Computed): boolean {
  return plan.point !== null && end.kind === "finished" && end.result.verdict === "measured";
}

class Teller {
  readonly computed: Computed[] = [];
  #hasCsvHead = false;
  /** What the last simulation told of assumed: it is said once. */
  #assumed = "";
  readonly #pool: RunPool;
  readonly #job: RunJob;

  constructor(pool: RunPool, job: RunJob) {
    this.#pool = pool;
    this.#job = job;
  }

  take(one: Computed): void {
    const { terminal, settings } = this.#job;
    const isRepeated = this.computed.some(
      ({ end }) => end.kind === "failed" && one.end.kind === "failed" && end.message === one.end.message,
    );
    this.computed.push(one);
    if (one.end.kind === "failed" && !isRepeated) terminal.error(printable(`${one.end.detail}\n`));
    if (settings.isJson) terminal.out(`${JSON.stringify(jsonElement(one))}\n`);
    else if (settings.csv !== null) this.#tellCsv(one, settings.csv);
    else if (one.plan.ablated === null && !isOneOfMany(one)) this.#report(one);
  }

  /** Runs what a search for a crossover still asks for, then says what the runs of the cell say together. */
  async finishFigures(member: PlannedRun): Promise<void> {
    const { settings, file, terminal } = this.#job;
    const run = file.notebook.runs.find((candidate) => candidate.id === member.runCellId);
    if (run === undefined) throw new Error("assert: what was planned has its cell");
    const isWhole = settings.variants.length === 0;
    for (;;) {
      const labels = isWhole ? missingLabels(run, this.#of(member)) : [];
      if (labels.length === 0) break;
      const answers = this.#plan(member, labels).map((next) => this.#pool.submit(next));
      for (const answer of answers) this.take(await answer);
    }
    const figures = isWhole ? figuresOf(run, this.#of(member), file.notebook) : null;
    if (figures === null || settings.csv !== null) return;
    if (settings.isJson) terminal.out(`${JSON.stringify({ cell: run.id, ...figures.element })}\n`);
    else terminal.out(printable(`${figures.lines.join("\n")}\n\n`));
  }

  #tellCsv(one: Computed, table: "figures" | "ecdf"): void {
    const { terminal } = this.#job;
    const simulated = one.end.kind === "finished" ? simulatedOf(one.end.result) : null;
    if (simulated === null)
      terminal.error(printable(`#${one.plan.runCellId} ${one.plan.variant}: ${verdictOf(one)}\n`));
    else {
      const isFirst = !this.#hasCsvHead;
      this.#hasCsvHead = true;
      terminal.out(printable(csvLines(one.plan, simulated, { table, isFirst })));
    }
  }

  /** Of a swarm one run speaks for all: what it found, or that nothing was found. */
  takeSwarm(swarm: Swarm): void {
    const { terminal, settings } = this.#job;
    this.computed.push(swarm.telling);
    if (settings.isJson) {
      for (const job of swarm.jobs) terminal.out(`${JSON.stringify(jsonElement(job))}\n`);
      return;
    }
    if (swarm.telling.plan.ablated !== null) return;
    const sentence = swarmSentence(swarm);
    if (sentence !== null) terminal.out(printable(`${sentence}\n`));
    else {
      this.#report(swarm.telling);
      terminal.out(`${jobWords(swarm)}\n`);
    }
  }

  /** Runs what delta debugging still asks for, then says what the subsets say together. */
  async finishAblation(member: PlannedRun, switches: readonly string[]): Promise<void> {
    for (;;) {
      const subsets = this.#isWhole(member) ? nextSubsets(switches, ablationOf(switches, this.#of(member)).cells) : [];
      if (subsets.length === 0) break;
      const answers = this.#plan(member, subsets.map(subsetLabel)).map((next) => this.#pool.submit(next));
      for (const answer of answers) this.take(await answer);
    }
    this.#tellAblation(member, switches);
  }

  /** One subset asked for by its label is no ablation. */
  #isWhole(member: PlannedRun): boolean {
    return this.#job.settings.variants.length === 0 && member.ablated !== null;
  }

  #plan(member: PlannedRun, labels: readonly string[]): readonly PlannedRun[] {
    const { file, settings, question } = this.#job;
    const plan = planRuns(file.notebook, {
      cellId: member.runCellId,
      parameters: settings.parameters,
      variants: labels,
      ...(question === undefined ? {} : { question }),
    });
    if (plan.kind === "rejected") throw new Error("assert: what was planned once is planned again");
    return plan.members.map((next) => withLanguageOptions(next, settings));
  }

  #of(member: PlannedRun): readonly Computed[] {
    return this.computed.filter(({ plan }) => plan.runCellId === member.runCellId);
  }

  #tellAblation(member: PlannedRun, switches: readonly string[]): void {
    const { terminal, settings } = this.#job;
    const runs = this.#of(member);
    const ablation = ablationOf(switches, runs);
    if (settings.isJson) {
      terminal.out(`${JSON.stringify(ablationElement(member.runCellId, ablation))}\n`);
      return;
    }
    if (this.#isWhole(member)) {
      terminal.out(printable(`${ablationLines(member.runCellId, ablation, runs).join("\n")}\n\n`));
    }
    const traced = tracedSubsets(ablation);
    const isTold = ({ plan, end }: Computed): boolean =>
      !this.#isWhole(member) ||
      traced.includes(plan.variant) ||
      end.kind === "failed" ||
      (end.kind === "finished" && end.result.verdict === "rejected");
    for (const one of runs.filter(isTold)) this.#report(one);
  }

  #report(one: Computed): void {
    const { terminal, file } = this.#job;
    const simulated = one.end.kind === "finished" ? simulatedOf(one.end.result) : null;
    const assumed = simulated === null ? this.#assumed : simulated.assumptions.join("\n");
    const hasAssumptions = assumed === this.#assumed;
    this.#assumed = assumed;
    const place = { notebook: file.notebook, fileName: file.name };
    terminal.out(printable(humanReport(one, { ...place, hasAssumptions })));
  }
}
