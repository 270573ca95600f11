/**
 * Histograms of bpftrace: hist(), lhist() and stats() maps, printed at the end or at intervals.
 *
 * @source bpftrace src/output.cpp: hist_to_str, lhist_to_str, hist_index_label (K is 1024), map_stats_contents
 */
import type {
  Bucket,
  ObservationProblem,
  ObservationReading,
  ObservedLock,
  ObservedTimes,
  TimeKind,
} from "./observation.ts";

export const bpftraceUnits = ["ns", "us", "ms", "s"] as const;
export type BpftraceUnit = (typeof bpftraceUnits)[number];

const mapLine = /^(@[A-Za-z_]\w*|@)(\[.*\])?:\s*$/;
const statsLine = /^(@[A-Za-z_]\w*|@)(\[.*\])?: count (\d+), average (-?\d+), total (-?\d+)\s*$/;
/** `[1K, 2K)   12 |@@@   |`, `[0]`, `[0, 1]`, `(..., 0)`, `[1000, ...)`. */
const bucketLine = /^([[(])(\.\.\.|-?\d+[KMGTPE]?)(?:,\s*(\.\.\.|-?\d+[KMGTPE]?))?([\])])\s+(\d+)\s*(?:\|[@ ]*\|)?\s*$/;

type HistogramMap = { readonly name: string; readonly unitNs: number; readonly buckets: Bucket[] };

/**
 * Reads the maps of histograms. The unit of their numbers is not printed: it is taken from the map's name (`@usecs`,
 * `@wait_ns`) or given.
 *
 * @param options.unit for maps whose names do not say it
 * @returns malformed with every line of a histogram that cannot be read
 */
export function parseBpftrace(text: string, options: { readonly unit?: BpftraceUnit } = {}): ObservationReading {
  const locks = new Map<string, ObservedLock>();
  const notes: string[] = [];
  const problems: ObservationProblem[] = [];
  const printed = new Map<string, number>();
  let current: HistogramMap | null = null;
  let isBelowMap = false;
  const finish = (): void => {
    if (current !== null) locks.set(current.name, lockOf(current.name, histogram(current.buckets)));
    current = null;
  };
  for (const [index, line] of text.split("\n").entries()) {
    const problem = (message: string): void => void problems.push({ line: index + 1, message });
    const header = mapLine.exec(line) ?? statsLine.exec(line);
    const startsBucket = /^[[(]/.test(line);
    if (!startsBucket) finish();
    isBelowMap = header !== null || (startsBucket && isBelowMap);
    if (header !== null) {
      const name = `${header[1] ?? ""}${header[2] ?? ""}`;
      const unitNs = unitOf(name, options.unit);
      printed.set(name, (printed.get(name) ?? 0) + 1);
      if (unitNs === null) problem(`the unit of ${name} is not in its name; say --unit ns, us, ms or s`);
      else if (header[3] === undefined) current = { name, unitNs, buckets: [] };
      else locks.set(name, lockOf(name, statsOf(header, unitNs)));
    } else if (startsBucket && current !== null) {
      const reason = addBucket(line, current);
      if (reason !== null) problem(reason);
    } else if (bucketLine.test(line) && !isBelowMap) {
      problem("a bucket without its map: the line @name: is missing above it");
    } else if (/^Lost \d+ events/.test(line)) notes.push(`bpftrace ${line.trim().replace(/^L/, "l")}`);
  }
  finish();
  if (problems.length > 0) return { kind: "malformed", problems };
  for (const [name, times] of printed)
    if (times > 1) notes.push(`${name} is printed ${String(times)} times; the last is taken`);
  if (locks.size === 0) notes.push("there is no histogram in it");
  return { kind: "observation", observation: { tool: "bpftrace", locks: [...locks.values()], notes } };
}

const unitNames: readonly (readonly [RegExp, BpftraceUnit])[] = [
  [/(?:^@|_)(?:ns|nsecs?|nanos)$/, "ns"],
  [/(?:^@|_)(?:us|usecs?|micros)$/, "us"],
  [/(?:^@|_)(?:ms|msecs?|millis)$/, "ms"],
  [/(?:^@|_)(?:s|secs?|seconds)$/, "s"],
];
const nsOfUnit: Readonly<Record<BpftraceUnit, number>> = { ns: 1, us: 1e3, ms: 1e6, s: 1e9 };

/** The unit that a map's name tells: `@usecs`, `@hold_ns`, `@wait_us[...]`; else the given one. */
function unitOf(name: string, given: BpftraceUnit | undefined): number | null {
  const word = name.replace(/\[.*$/, "").toLowerCase();
  const unit = unitNames.find(([pattern]) => pattern.test(word))?.[1] ?? given;
  return unit === undefined ? null : nsOfUnit[unit];
}

/** @returns why the line is no bucket that may stand here, or null */
function addBucket(line: string, { unitNs, buckets }: HistogramMap): string | null {
  const match = bucketLine.exec(line);
  if (match === null) return `a bucket is [from, to) and a count; "${line.trim().slice(0, 60)}" is not`;
  const [, , fromText = "", toText, close, countText = ""] = match;
  const count = Number(countText);
  const bounds = boundsOf({ fromText, toText, isClosed: close === "]" }, unitNs);
  if (bounds === "negative") return count === 0 ? null : `${String(count)} times are negative`;
  if (bounds === "empty") return "the bucket ends before it begins";
  const last = buckets.at(-1);
  if (last !== undefined && (last.toNs === null || bounds.fromNs < last.toNs))
    return "buckets are not in ascending order";
  buckets.push({ ...bounds, count });
  return null;
}

function boundsOf(
  {
    fromText,
    toText,
    isClosed,
  }: { readonly fromText: string; readonly toText: string | undefined; readonly isClosed: boolean },
  unitNs: number,
): { readonly fromNs: number; readonly toNs: number | null } | "negative" | "empty" {
  const from = fromText === "..." ? 0 : numberOf(fromText);
  const isSingle = toText === undefined;
  const to = isSingle ? from + 1 : toText === "..." ? null : numberOf(toText) + (isClosed ? 1 : 0);
  if (to !== null && to <= 0) return "negative";
  if (to !== null && to <= from) return "empty";
  return { fromNs: Math.max(0, from) * unitNs, toNs: to === null ? null : to * unitNs };
}

function numberOf(text: string): number {
  const power = " KMGTPE".indexOf(/[KMGTPE]$/.exec(text)?.[0] ?? " ");
  return Number.parseInt(text, 10) * 1024 ** power;
}

function histogram(buckets: readonly Bucket[]): ObservedTimes {
  return { kind: "histogram", buckets, count: buckets.reduce((sum, bucket) => sum + bucket.count, 0) };
}

function statsOf(match: RegExpExecArray, unitNs: number): ObservedTimes {
  return {
    kind: "totals",
    count: Number(match[3]),
    totalNs: Math.max(0, Number(match[5])) * unitNs,
    minNs: null,
    maxNs: null,
  };
}

function lockOf(name: string, times: ObservedTimes): ObservedLock {
  return {
    name,
    mode: null,
    lockKind: null,
    acquisitions: null,
    contentions: null,
    times: { [kindOf(name)]: times },
  };
}

/** What was measured, as far as the map's name says it. */
function kindOf(name: string): TimeKind {
  if (/hold|held/i.test(name)) return "hold";
  return /wait|contend|contention/i.test(name) ? "wait" : "latency";
}
