/**
 * Names of figures, for claims, sweeps and comparisons: `p99`, `move.p99`, `root.wait`, `root.read.wait`, `ui.slept30`.
 *
 *   SPAN     mean p50 p90 p95 p99 p999 p9999 max (ns), throughput (passages a second),
 *            slept8 slept16 slept30 slept50 (share of passages with an uninterruptible sleep above 8.3, 16, 30, 50 ms)
 *   LOCK     wait hold (mean ns of an acquisition), contended (share), acquisitions sleeps (a second),
 *            wait_max hold_max (ns), trylock_failures (number)
 *   TASK     run spin runnable blocked asleep (share of its time), longest_blocked (ns),
 *            above8 ... above50 (sleeps above these a second), longer8 ... longer50 (share of replications with one),
 *            long_ran long_preempted long_waited long_nobody (share of the time of its sleeps above 8.3 ms in which the
 *            lock's holder ran, was preempted, waited itself, or there was none)
 *   NOTE     rate (a second)
 *
 * What a name belongs to stands before it, as TASK.SPAN, SPAN, LOCK, LOCK.read, LOCK.write, TASK or NOTE, with `_` for
 * all that is no letter or digit; it may be left out where only one thing has the figure.
 */
import { nearestName } from "../../source/edit-distance.ts";
import type { Estimate, LockRow, Quantile, Share, SimulateResult, SpanRow, TaskRow } from "../result.ts";

export type MetricUnit = "ns" | "count" | "ratio" | "per-second";

/** A figure with its 95 % interval; `values` by replication, for pairs. */
export type MetricValue = {
  readonly kind: "metric";
  /** The longest name, which no other figure has. */
  readonly name: string;
  readonly unit: MetricUnit;
  /** null when too few samples were taken to say. */
  readonly mean: number | null;
  /** null where nothing is known of its precision: one replication, or a largest value. */
  readonly halfWidth: number | null;
  /** Empty for a largest value: it grows with the length of the run, and is compared with nothing. */
  readonly values: readonly (number | null)[];
};

export type MetricAnswer = MetricValue | { readonly kind: "unknown"; readonly message: string };

/**
 * The figure of that name. Unknown with the nearest names, or with those that are meant when several things have it.
 */
export function readMetric(result: SimulateResult, name: string): MetricAnswer {
  const wanted = keyOf(name);
  const catalogue = catalogueOf(result);
  const matches = catalogue.filter(({ names }) => names.some((candidate) => keyOf(candidate) === wanted));
  const exact = matches.filter(({ value }) => keyOf(value.name) === wanted);
  const [only, second] = exact.length > 0 ? exact : matches;
  if (only !== undefined && second === undefined) return only.value;
  if (only !== undefined) {
    const meant = matches.map(({ value }) => value.name);
    return { kind: "unknown", message: `${name} is a figure of several: say ${listed(meant)}` };
  }
  return { kind: "unknown", message: unknownMessage(name, catalogue) };
}

/** All names, the longest of each figure, in the order of the tables. */
export function metricNames(result: SimulateResult): readonly string[] {
  return catalogueOf(result).map(({ value }) => value.name);
}

const listedMax = 8;

function listed(names: readonly string[]): string {
  const more = names.length - listedMax;
  return names.slice(0, listedMax).join(", ") + (more > 0 ? `, or ${String(more)} more` : "");
}

function unknownMessage(name: string, catalogue: readonly Entry[]): string {
  const all = [...new Set(catalogue.flatMap(({ names }) => names))];
  const nearest = nearestName(name, all);
  if (nearest !== null) return `no figure is named ${name}; the nearest is ${nearest}`;
  const figure = name.slice(name.lastIndexOf(".") + 1);
  const same = catalogue.map(({ value }) => value.name).filter((other) => other.endsWith(`.${figure}`));
  if (same.length > 0) return `no figure is named ${name}; ${figure} there is of ${listed(same)}`;
  return `no figure is named ${name}; there are ${listed(catalogue.map(({ value }) => value.name))}`;
}

/** Dots and what stands for other signs are one: `root.rwsem.wait` is `root_rwsem.wait`. */
function keyOf(name: string): string {
  return name.replace(/[^A-Za-z0-9]+/g, "_").replace(/^_|_$/g, "");
}

type Entry = { readonly names: readonly string[]; readonly value: MetricValue };

type Figure = Omit<MetricValue, "kind" | "name"> & { readonly figure: string };

function catalogueOf(result: SimulateResult): readonly Entry[] {
  return [
    ...result.spans.flatMap((row) =>
      entries([`${keyOf(row.task)}.${keyOf(row.text)}`, keyOf(row.text)], spanFigures(row)),
    ),
    ...result.locks.flatMap((row) => entries([`${keyOf(row.name)}.${row.mode}`, keyOf(row.name)], lockFigures(row))),
    ...result.tasks.flatMap((row) => entries([keyOf(row.task)], taskFigures(row))),
    ...result.notes.flatMap(({ text, perSecond }) =>
      entries([`note.${keyOf(text)}`, keyOf(text)], [ofEstimate("rate", "per-second", perSecond)]),
    ),
  ];
}

/** A figure under each of its owner's names, and alone. */
function entries(owners: readonly string[], figures: readonly Figure[]): readonly Entry[] {
  return figures.map(({ figure, ...value }) => ({
    names: [...owners.map((owner) => `${owner}.${figure}`), figure],
    value: { kind: "metric", name: `${owners[0] ?? ""}.${figure}`, ...value },
  }));
}

function spanFigures({ latency, perSecond, sleptAbove }: SpanRow): readonly Figure[] {
  return [
    ofEstimate("mean", "ns", latency.mean),
    ...latency.quantiles.map(ofQuantile),
    ofLargest("max", latency.max),
    ofEstimate("throughput", "per-second", perSecond),
    ...sleptAbove.map(({ ns, share }) => ofShare(`slept${thresholdName(ns)}`, share)),
  ];
}

function lockFigures(row: LockRow): readonly Figure[] {
  return [
    ofEstimate("wait", "ns", row.waitPerAcquisition),
    ofEstimate("hold", "ns", row.holdPerAcquisition),
    ofEstimate("contended", "ratio", row.contendedShare),
    ofEstimate("acquisitions", "per-second", row.acquisitionsPerSecond),
    ofEstimate("sleeps", "per-second", row.sleepsPerSecond),
    ofLargest("wait_max", row.wait.max),
    ofLargest("hold_max", row.hold.max),
    { figure: "trylock_failures", unit: "count", mean: row.trylockFailures, halfWidth: null, values: [] },
  ];
}

function taskFigures(row: TaskRow): readonly Figure[] {
  const { shares } = row;
  return [
    ofEstimate("run", "ratio", shares.run),
    ofEstimate("spin", "ratio", shares.spin),
    ofEstimate("runnable", "ratio", shares.runnable),
    ofEstimate("blocked", "ratio", shares.blocked),
    ofEstimate("asleep", "ratio", shares.asleep),
    ofLargest("longest_blocked", row.longestBlockedNs),
    ...row.blockedAbove.map(({ ns, perSecond }) => ofEstimate(`above${thresholdName(ns)}`, "per-second", perSecond)),
    ...row.longestAbove.map(({ ns, share }) => ofShare(`longer${thresholdName(ns)}`, share)),
    ...mechanismFigures(row),
  ];
}

/** Of its sleeps above 8.3 ms: the share in which the holder of the lock did what makes them long. */
function mechanismFigures({
  longBlockedWhileHolder: { ran, wasPreempted, waitedItself, wasNobody },
}: TaskRow): readonly Figure[] {
  const all = ran + wasPreempted + waitedItself + wasNobody;
  const share = (figure: string, ns: number): Figure => ({
    figure,
    unit: "ratio",
    mean: all === 0 ? null : ns / all,
    halfWidth: null,
    values: [],
  });
  return [
    share("long_ran", ran),
    share("long_preempted", wasPreempted),
    share("long_waited", waitedItself),
    share("long_nobody", wasNobody),
  ];
}

/** Whole milliseconds, rounded down: 8.3 ms is 8. */
function thresholdName(ns: number): string {
  return String(Math.floor(ns / 1_000_000));
}

function ofEstimate(figure: string, unit: MetricUnit, { mean, halfWidth, replications, values }: Estimate): Figure {
  return { figure, unit, mean: replications === 0 ? null : mean, halfWidth, values };
}

function ofQuantile({ q, value, halfWidth, values }: Quantile): Figure {
  // 0.999 is p999: the digits behind the point.
  const digits = q.toString().slice(2).padEnd(2, "0");
  return { figure: `p${digits}`, unit: "ns", mean: value, halfWidth, values };
}

function ofShare(figure: string, { share, low, high, of, values }: Share): Figure {
  const halfWidth = Math.max(high - share, share - low);
  return { figure, unit: "ratio", mean: of === 0 ? null : share, halfWidth: of === 0 ? null : halfWidth, values };
}

function ofLargest(figure: string, value: number): Figure {
  return { figure, unit: "ns", mean: value, halfWidth: null, values: [] };
}
