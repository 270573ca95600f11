/** A simulation as text in 72 columns: what was waited for, how long spans took, and where everybody's time went. */
import type { CpuRow, LockRow, SimulateResult, SpanRow, TaskRow, TimeSplit } from "../result.ts";
import { estimatedTimeText, grouped, percentText, quantileText, rateText, timeText } from "./figures.ts";
import { lockName } from "./headline.ts";
import { foldedLines, tableLines } from "./text-table.ts";

/** More locks than these are in the CSV only; those most waited for come first. */
const locksShown = 24;
const holdersShown = 3;

/**
 * The whole report, without the sentence that stands above it. Ends with a line end.
 *
 * @param options.assumptions false where they stand above already
 */
export function renderSimulation(
  result: SimulateResult,
  options: { readonly assumptions: boolean } = { assumptions: true },
): string {
  const parts = [
    scopeLines(options.assumptions ? result : { ...result, assumptions: [] }),
    ...result.spans.map(spanLines),
    lockLines(result.locks),
    taskLines(result.tasks),
    sleepLines(result.tasks),
    cpuLines(result.cpus),
    result.notes.map(
      ({ text, count, perSecond }) => `note "${text}": ${grouped(count)}, ${rateText(perSecond)} a second`,
    ),
    result.warnings.flatMap(({ message }) => foldedLines(`warning: ${message}`)),
  ];
  return parts
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join("\n")}\n`)
    .join("\n");
}

/** What the figures rest on. */
export function simulationScope(result: SimulateResult): string {
  return `${simulationSetting(result)}; ${grouped(result.events)} events, ${grouped(result.passages)} lock passages`;
}

/** The same without what was counted: equal for all runs of a sweep. */
export function simulationSetting(result: SimulateResult): string {
  const { replications, untilNs, warmUpNs, seed, profile } = result;
  const times = `${grouped(replications)} replication${replications === 1 ? "" : "s"} of ${timeText(untilNs)}`;
  const warmUp = warmUpNs === 0 ? "no warm-up" : `the first ${timeText(warmUpNs)} not counted`;
  return `${times}, ${warmUp}; machine ${profile}; seed ${String(seed)}`;
}

function scopeLines(result: SimulateResult): readonly string[] {
  return [
    ...foldedLines(simulationScope(result)),
    ...result.assumptions.flatMap((assumption) => foldedLines(`assumed: ${assumption}`)),
  ];
}

function spanLines({ text, task, latency, split, perSecond, sleptAbove }: SpanRow): readonly string[] {
  const head = `span "${text}" of ${task}: ${grouped(latency.samples)} passages, ${rateText(perSecond)} a second`;
  if (latency.samples === 0) return foldedLines(head);
  const { mean, min, max } = latency;
  const slept = sleptAbove.filter(({ share }) => share.share > 0);
  return [
    ...foldedLines(head),
    ...foldedLines(
      `min ${timeText(min)}, mean ${estimatedTimeText(mean.mean, mean.halfWidth)}, max ${timeText(max)}`,
      "  ",
    ),
    ...foldedLines(latency.quantiles.map(quantileText).join(", "), "  "),
    ...foldedLines(splitWords(split), "  "),
    ...slept.flatMap(({ ns, share }) =>
      foldedLines(
        `slept uninterruptibly for more than ${timeText(ns)} in ${percentText(share.share, 1)} (${percentText(share.low, 1)} to ${percentText(share.high, 1)}) of them`,
        "  ",
      ),
    ),
  ];
}

const splitParts = ["run", "spin", "runnable", "blocked", "asleep", "outside"] as const;

/** `time: run 40 %, spin 10 % (a_lock 9 %), blocked 50 %`: only what there is. */
export function splitWords(split: TimeSplit): string {
  const whole = splitParts.reduce((sum, part) => sum + split[part], 0);
  const words = splitParts.flatMap((part) => {
    if (split[part] === 0) return [];
    const locks =
      part === "spin" || part === "blocked"
        ? [...split.byLock]
            .filter((lock) => lock[part] > 0)
            .sort((a, b) => b[part] - a[part])
            .slice(0, holdersShown)
            .map((lock) => `${lock.name} ${percentText(lock[part], whole)}`)
        : [];
    const by = locks.length === 0 ? "" : ` (${locks.join(", ")})`;
    return [`${part} ${percentText(split[part], whole)}${by}`];
  });
  return `time: ${words.length === 0 ? "none" : words.join(", ")}`;
}

const lockColumns = [
  { title: "lock", width: 21 },
  { title: "", width: 5 },
  { title: "count", width: 11 },
  { title: "min", width: 8 },
  { title: "avg", width: 9 },
  { title: "max", width: 9 },
  { title: "total", width: 9 },
];

/** As /proc/lock_stat: waits of those that had to wait, then holds of all. */
function lockLines(locks: readonly LockRow[]): readonly string[] {
  const sorted = [...locks].sort((a, b) => b.wait.total - a.wait.total);
  const shown = sorted.slice(0, locksShown);
  if (shown.length === 0) return [];
  const [head = "", ...lines] = tableLines(
    lockColumns,
    shown.flatMap((lock) => [
      [lockName(lock), "wait", grouped(lock.contentions), ...timeCells(lock.wait, lock.contentions)],
      ["", "hold", grouped(lock.acquisitions), ...timeCells(lock.hold, lock.acquisitions)],
    ]),
  );
  const more = sorted.length - shown.length;
  return [
    head,
    ...lines,
    ...shown.flatMap((lock) => holderLines(lock)),
    ...(more === 0 ? [] : [`and ${grouped(more)} more locks that were waited for less`]),
  ];
}

function timeCells({ min, mean, max, total }: LockRow["wait"], count: number): readonly string[] {
  return count === 0 ? ["-", "-", "-", "-"] : [min, mean, max, total].map(timeText);
}

/** Who made others wait, and what they did meanwhile: a lock nobody waited for has no such line. */
function holderLines(lock: LockRow): readonly string[] {
  const counts = [
    ...(lock.sleeps === 0 ? [] : [`${grouped(lock.sleeps)} slept`]),
    ...(lock.trylockFailures === 0 ? [] : [`${grouped(lock.trylockFailures)} trylocks failed`]),
  ];
  const total = lock.waitedFor.reduce((sum, { ns }) => sum + ns, 0);
  const holders = lock.waitedFor
    .slice(0, holdersShown)
    .map(({ holder, site, ns }) => `${holderName(holder, site)} ${percentText(ns, total)}`);
  const words = [
    ...counts,
    ...(holders.length === 0 ? [] : [`waited for ${holders.join(", ")}`]),
    ...holderStates(lock.waitedWhileHolder),
  ];
  return words.length === 0 ? [] : foldedLines(`${lockName(lock)}: ${words.join("; ")}`, "  ");
}

/** `mover at #model:12`; who has no site stands alone. */
export function holderName(holder: string, site: string): string {
  return site === "" ? holder : `${holder} at ${site}`;
}

/** `meanwhile the holder ran 60 %, was preempted 40 %`. */
export function holderStates(states: LockRow["waitedWhileHolder"]): readonly string[] {
  const parts: readonly (readonly [string, number])[] = [
    ["ran", states.ran],
    ["was preempted", states.wasPreempted],
    ["waited itself", states.waitedItself],
    ["was nobody (a hand-off or wake-up on its way)", states.wasNobody],
  ];
  const whole = parts.reduce((sum, [, ns]) => sum + ns, 0);
  const words = parts.filter(([, ns]) => ns > 0).map(([name, ns]) => `${name} ${percentText(ns, whole)}`);
  return words.length === 0 ? [] : [`meanwhile the holder ${words.join(", ")}`];
}

const taskColumns = [{ title: "task", width: 18 }, ...splitParts.map((title) => ({ title, width: 9 }))];

function taskLines(tasks: readonly TaskRow[]): readonly string[] {
  if (tasks.length === 0) return [];
  return tableLines(
    taskColumns,
    tasks.map((task) => {
      const whole = splitParts.reduce((sum, part) => sum + task[part], 0);
      const name = task.count === 1 ? task.task : `${task.task}[${String(task.count)}]`;
      return [name, ...splitParts.map((part) => percentText(task[part], whole))];
    }),
  );
}

/** Uninterruptible sleeps: the longest, and how often the bounds that people feel were passed. */
function sleepLines(tasks: readonly TaskRow[]): readonly string[] {
  return tasks
    .filter((task) => task.blockedSleeps > 0)
    .flatMap((task) => {
      const above = task.blockedAbove.filter(({ count }) => count > 0);
      const longest = task.longestAbove.filter(({ share }) => share.share > 0);
      const words = [
        `longest uninterruptible sleep of ${task.task}: ${timeText(task.longestBlockedNs)} of ${grouped(task.blockedSleeps)}`,
        ...above.map(
          ({ ns, count, perSecond }) => `${grouped(count)} above ${timeText(ns)} (${rateText(perSecond)} a second)`,
        ),
        ...longest.map(
          ({ ns, share }) =>
            `a longest one above ${timeText(ns)} in ${percentText(share.share, 1)} of the replications`,
        ),
        ...holderStates(task.longBlockedWhileHolder),
      ];
      return foldedLines(words.join("; "));
    });
}

const cpuParts = ["run", "spin", "switching", "irq", "idle"] as const;
const cpuColumns = [{ title: "cpu", width: 18 }, ...cpuParts.map((title) => ({ title, width: 10 }))];
const cpusShown = 16;

function cpuLines(cpus: readonly CpuRow[]): readonly string[] {
  if (cpus.length === 0) return [];
  const rows = cpus.slice(0, cpusShown).map((row) => {
    const whole = cpuParts.reduce((sum, part) => sum + row[part], 0);
    return [`${String(row.cpu)} ${row.kind}`, ...cpuParts.map((part) => percentText(row[part], whole))];
  });
  const more = cpus.length - cpusShown;
  return [...tableLines(cpuColumns, rows), ...(more > 0 ? [`and ${grouped(more)} more CPUs`] : [])];
}
