/**
 * A simulation as CSV (RFC 4180, LF): one figure a line, so that every tool reads it without knowing our tables. Times are
 * nanoseconds, exactly as in the result.
 */
import type { Estimate, LockRow, SimulateResult, SpanRow, TaskRow, TimeSplit } from "../result.ts";
import { quantileName } from "./figures.ts";

type Row = readonly [
  table: string,
  name: string,
  detail: string,
  figure: string,
  value: number | null,
  halfWidth: number | null,
  unit: string,
];

export const figuresCsvHeader = "table,name,detail,figure,value,half_width_95,unit";
export const ecdfCsvHeader = "span,task,latency_ns,share";

/** Lines without the header, each with a line end. A percentile with too few samples has an empty value. */
export function figuresCsv(result: SimulateResult): string {
  const rows: readonly Row[] = [
    ...result.locks.flatMap(lockRows),
    ...result.spans.flatMap(spanRows),
    ...result.tasks.flatMap(taskRows),
    ...result.cpus.flatMap(({ cpu, kind, ...parts }) =>
      Object.entries(parts).map(([figure, ns]): Row => ["cpu", String(cpu), kind, figure, ns, null, "ns"]),
    ),
    ...result.notes.flatMap(({ text, count, perSecond }): readonly Row[] => [
      ["note", text, "", "count", count, null, "count"],
      estimateRow(["note", text, "", "per_second"], perSecond, "per_second"),
    ]),
  ];
  return rows.map((row) => `${row.map((cell) => csvCell(cell)).join(",")}\n`).join("");
}

/** The ECDF of each span, lines without the header. */
export function ecdfCsv(result: SimulateResult): string {
  return result.spans
    .flatMap(({ text, task, latency }) =>
      latency.ecdf.map(([ns, share]) => `${[text, task, ns, share].map((cell) => csvCell(cell)).join(",")}\n`),
    )
    .join("");
}

/** A cell as RFC 4180 quotes it. A text that a spreadsheet would take for a formula keeps its quotes and a blank. */
export function csvCell(value: string | number | null): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? ` ${value}` : value;
  return /[",\n\r]|^ /.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function estimateRow(head: readonly [string, string, string, string], estimate: Estimate, unit: string): Row {
  return [...head, estimate.mean, estimate.halfWidth, unit];
}

function lockRows(lock: LockRow): readonly Row[] {
  const head = ["lock", lock.name, lock.mode] as const;
  const counts = ["acquisitions", "contentions", "trylockFailures", "sleeps"] as const;
  const times = ["min", "mean", "max", "total"] as const;
  return [
    ...counts.map((name): Row => [...head, name, lock[name], null, "count"]),
    ...times.map((name): Row => [...head, `wait_${name}`, lock.wait[name], null, "ns"]),
    ...times.map((name): Row => [...head, `hold_${name}`, lock.hold[name], null, "ns"]),
    estimateRow([...head, "wait_per_acquisition"], lock.waitPerAcquisition, "ns"),
    ...Object.entries(lock.waitedWhileHolder).map(([name, ns]): Row => [
      ...head,
      `waited_while_holder_${name}`,
      ns,
      null,
      "ns",
    ]),
    ...lock.waitedFor.map(({ holder, site, ns }): Row => [...head, `waited_for ${holder} ${site}`, ns, null, "ns"]),
  ];
}

function spanRows({ text, task, latency, split, perSecond, sleptAbove }: SpanRow): readonly Row[] {
  const head = ["span", text, task] as const;
  return [
    [...head, "samples", latency.samples, null, "count"],
    [...head, "min", latency.min, null, "ns"],
    estimateRow([...head, "mean"], latency.mean, "ns"),
    [...head, "max", latency.max, null, "ns"],
    ...latency.quantiles.map(({ q, value, halfWidth }): Row => [...head, quantileName(q), value, halfWidth, "ns"]),
    estimateRow([...head, "per_second"], perSecond, "per_second"),
    ...splitRows(head, split),
    ...sleptAbove.map(({ ns, share }): Row => [...head, `slept_above_${String(ns)}`, share.share, null, "share"]),
  ];
}

function taskRows(task: TaskRow): readonly Row[] {
  const head = ["task", task.task, String(task.count)] as const;
  return [
    ...splitRows(head, task),
    [...head, "longest_blocked", task.longestBlockedNs, null, "ns"],
    [...head, "blocked_sleeps", task.blockedSleeps, null, "count"],
    ...task.blockedAbove.map(({ ns, count }): Row => [...head, `blocked_above_${String(ns)}`, count, null, "count"]),
    ...task.longestAbove.map(({ ns, share }): Row => [
      ...head,
      `longest_above_${String(ns)}`,
      share.share,
      null,
      "share",
    ]),
  ];
}

function splitRows(head: readonly [string, string, string], split: TimeSplit): readonly Row[] {
  const { run, spin, runnable, blocked, asleep, outside, byLock } = split;
  return [
    ...Object.entries({ run, spin, runnable, blocked, asleep, outside }).map(([name, ns]): Row => [
      ...head,
      name,
      ns,
      null,
      "ns",
    ]),
    ...byLock.flatMap((lock): readonly Row[] => [
      [...head, `spin ${lock.name}`, lock.spin, null, "ns"],
      [...head, `blocked ${lock.name}`, lock.blocked, null, "ns"],
    ]),
  ];
}
