/** Whether the figures describe a steady state: what is checked of every result, and said when it fails. */
import { formatNs } from "../profiles/render-profile.ts";
import type { SimulateWarning } from "../result.ts";
import type { TimedProgram } from "../timed-code.ts";
import { clockParts, sumRows } from "./clock-table.ts";
import { halfWidthOf } from "./estimate.ts";
import type { ReplicationFigures } from "./replication-recorder.ts";
import { samplesNeeded } from "./sample.ts";
import { mserCut } from "./series.ts";
import type { SpanAccount } from "./span-account.ts";

type Context = { readonly program: TimedProgram; readonly replications: readonly ReplicationFigures[] };

/** All checks together are wrong once in a hundred steady runs: the level of one is divided by their number. */
const falseAlarms = 0.01;
/** Smaller shifts are not told, however sure: they are within what a model is good for. */
const shiftMin = 0.02;
/** Fewer replications make Student's factor large. */
const replicationsWanted = 5;

export function warningsOf(context: Context): SimulateWarning[] {
  const { replications } = context;
  if (replications.length === 0) return [];
  return [
    ...fewReplications(replications.length),
    ...warmUpNotReached(replications),
    ...starvedTasks(context),
    ...warmUpTooShort(context),
    ...unequalHalves(context),
    ...shortForQuantiles(context),
  ];
}

function fewReplications(count: number): SimulateWarning[] {
  if (count >= replicationsWanted) return [];
  const message =
    count === 1
      ? "one replication gives no intervals; take 5 or more"
      : `${String(count)} replications give wide intervals; take ${String(replicationsWanted)} or more`;
  return [{ kind: "few-replications", message }];
}

function warmUpNotReached(replications: readonly ReplicationFigures[]): SimulateWarning[] {
  const ended = replications.filter(({ warmedUp }) => !warmedUp).length;
  if (ended === 0) return [];
  const message = `in ${ofAll(ended, replications.length)} all tasks had ended before the warm-up was over: there nothing was left out`;
  return [{ kind: "warm-up-long", message }];
}

function ofAll(count: number, all: number): string {
  return `${String(count)} of ${String(all)} replications`;
}

/** Tasks that never ran though they were there and not asleep. */
function starvedTasks({ program, replications }: Context): SimulateWarning[] {
  const width = clockParts.length;
  return program.declarations.flatMap(({ name, firstTask, count }) => {
    let starved = 0;
    let inReplications = 0;
    for (const { tasks } of replications) {
      let here = 0;
      for (let task = firstTask; task < firstTask + count; task += 1) {
        const [run = 0, spin = 0, runnable = 0, blocked = 0, asleep = 0] = tasks.subarray(task * width);
        if (run === 0 && spin + runnable + blocked > 0 && asleep === 0) here += 1;
      }
      starved = Math.max(starved, here);
      inReplications += here > 0 ? 1 : 0;
    }
    if (starved === 0) return [];
    const who = count === 1 ? `task ${name}` : `${String(starved)} of ${String(count)} tasks ${name}`;
    const message = `${who} never ran in the time measured (${ofAll(inReplications, replications.length)}): waiting for a lock or a CPU all the time`;
    return [{ kind: "task-starved", message }];
  });
}

type SpanSeries = { readonly name: string; readonly accounts: readonly SpanAccount[] };

function spansOf({ program, replications }: Context): readonly SpanSeries[] {
  return program.spans.flatMap(({ text }, span) =>
    program.declarations.flatMap((declaration, index) => {
      const accounts = replications
        .map(({ spans }) => spans[index * program.spans.length + span])
        .filter((account) => account !== undefined)
        .filter((account) => account.latency.count() > 0);
      return accounts.length === 0 ? [] : [{ name: `span "${text}" of ${declaration.name}`, accounts }];
    }),
  );
}

/**
 * Where the cut that MSER-5 would make lies behind the warm-up, and what lies before it differs: the warm-up is too short.
 * The batch means are averaged over replications first, as Welch's plot does.
 */
function warmUpTooShort(context: Context): SimulateWarning[] {
  const spans = spansOf(context);
  return spans.flatMap(({ name, accounts }) => {
    const series = accounts.map((account) => ({ means: equalBatches(account, accounts), account }));
    const batch = widestBatch(accounts);
    const length = Math.min(...series.map(({ means }) => means.length));
    const average = Array.from(
      { length },
      (_, at) => series.reduce((sum, { means }) => sum + (means[at] ?? 0), 0) / series.length,
    );
    const cut = mserCut(average) ?? 0;
    const warmUp = Math.max(...accounts.map((account) => Math.ceil(account.warmUpCount / batch)));
    if (cut <= warmUp) return [];
    const pairs = series.map(({ means }): Pair => [meanOf(means.slice(warmUp, cut)), meanOf(means.slice(cut, length))]);
    const shift = shiftOf(pairs, spans.length);
    if (shift === null) return [];
    const share = Math.round((100 * cut) / length);
    const message = `${name}: its first ${String(share)} % still differ from the rest (${shift}): a warm-up so long is advised`;
    return [{ kind: "not-steady", message }];
  });
}

function widestBatch(accounts: readonly SpanAccount[]): number {
  return Math.max(...accounts.map(({ series }) => series.batch));
}

/** Means of batches as large as the largest of any replication. */
function equalBatches({ series }: SpanAccount, accounts: readonly SpanAccount[]): readonly number[] {
  let means = series.means();
  for (let { batch } = series; batch < widestBatch(accounts); batch *= 2)
    means = Array.from(
      { length: Math.floor(means.length / 2) },
      (_, at) => ((means[2 * at] ?? 0) + (means[2 * at + 1] ?? 0)) / 2,
    );
  return means;
}

function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

type Pair = readonly [early: number, late: number];

/** How much the late mean differs from the early one, in words; null when chance explains it or it is small. */
function shiftOf(pairs: readonly Pair[], tests: number): string | null {
  const differences = pairs.map(([early, late]) => late - early);
  const halfWidth = halfWidthOf(differences, 1 - falseAlarms / Math.max(1, tests));
  if (halfWidth === null) return null;
  const early = meanOf(pairs.map(([value]) => value));
  const late = meanOf(pairs.map(([, value]) => value));
  const isSure = Math.abs(late - early) > halfWidth;
  const isLarge = Math.abs(late - early) > shiftMin * Math.max(early, late);
  if (!isSure || !isLarge) return null;
  return `mean ${roundedNs(early)}, then ${roundedNs(late)}`;
}

/** Three digits. */
function roundedNs(ns: number): string {
  return formatNs(Number(ns.toPrecision(3)));
}

/** Latency of each span, and the waiting of each declaration, in the first half of the measured time and in the second. */
function unequalHalves(context: Context): SimulateWarning[] {
  const halves = [...spanHalves(context), ...waitHalves(context)];
  return halves.flatMap(({ name, pairs, say }) => {
    const shift = shiftOf(pairs, halves.length);
    return shift === null ? [] : [{ kind: "not-steady" as const, message: `${name}: ${say(shift)}` }];
  });
}

type Halves = { readonly name: string; readonly pairs: readonly Pair[]; readonly say: (shift: string) => string };

function spanHalves(context: Context): readonly Halves[] {
  return spansOf(context).map(({ name, accounts }) => ({
    name,
    pairs: accounts.flatMap(({ latency, firstHalf }): Pair[] => {
      const late = { count: latency.count() - firstHalf.count, sum: latency.sum() - firstHalf.sum };
      if (firstHalf.count === 0 || late.count === 0) return [];
      return [[firstHalf.sum / firstHalf.count, late.sum / late.count]];
    }),
    say: (shift) => `the two halves of the measured time differ (${shift}): no steady state, or too short a run`,
  }));
}

function waitHalves({ program, replications }: Context): readonly Halves[] {
  const width = clockParts.length;
  return program.declarations.map(({ name, firstTask, count }) => {
    const waiting = (tasks: Float64Array): number => {
      const [, spin = 0, runnable = 0, blocked = 0] = sumRows(tasks, { first: firstTask, count, width });
      return spin + runnable + blocked;
    };
    return {
      name: `task ${name}`,
      pairs: replications.flatMap(({ tasks, firstHalf, measuredNs }): Pair[] => {
        if (firstHalf === null || measuredNs <= firstHalf.ns || firstHalf.ns <= 0) return [];
        const early = waiting(firstHalf.tasks);
        const perSecond = 1e9 / count;
        return [
          [(early * perSecond) / firstHalf.ns, ((waiting(tasks) - early) * perSecond) / (measuredNs - firstHalf.ns)],
        ];
      }),
      say: (shift) => `its waiting for each second differs between the halves of the measured time (${shift})`,
    };
  });
}

/** p99 is what claims are made of: said once for each span that has too few passages for it. */
function shortForQuantiles(context: Context): SimulateWarning[] {
  const needed = samplesNeeded(0.99);
  return spansOf(context).flatMap(({ name, accounts }) => {
    const passages = accounts.reduce((sum, { latency }) => sum + latency.count(), 0);
    if (passages >= needed) return [];
    const message = `${name}: ${String(passages)} passages; p99 needs ${String(needed)}: a longer run or more replications`;
    return [{ kind: "short-for-quantile", message }];
  });
}
