/**
 * Tables of `perf lock report` and `perf lock contention`, with the columns of -F, by caller, task (-t) or address (-l), and
 * the form with separators (-x).
 *
 * @source tools/perf/builtin-lock.c (6.12): report_keys, contention_keys, lock_stat_key_print_time, print_header_stdio,
 *   print_header_csv, print_lock_stat_stdio, print_lock_stat_csv, print_bad_events
 */
import type { ObservationProblem, ObservationReading, ObservationTool, ObservedLock } from "./observation.ts";

const columnNames = ["acquired", "contended", "total wait", "max wait", "min wait", "avg wait"] as const;
type ColumnName = (typeof columnNames)[number];
const countColumns: readonly ColumnName[] = ["acquired", "contended"];

/** How a table is laid out, as its header says. */
type Layout = {
  readonly tool: ObservationTool;
  readonly columns: readonly ColumnName[];
  /** Between fields; null: blanks. */
  readonly separator: string | null;
  /** Behind the columns: `type caller`, `pid comm`, `address symbol`, `cgroup`; "" for a report, whose name stands first. */
  readonly tail: string;
};

type Sink = { readonly locks: ObservedLock[]; readonly notes: string[]; readonly problems: ObservationProblem[] };

const debugLine = /^=== (?:output for debug|owner stack trace)|^# (?:debug|owner)/;

/** @returns malformed with every row that the header does not explain */
export function parsePerfLock(text: string): ObservationReading {
  const lines = text.split("\n");
  const headerAt = lines.findIndex((line) => readHeader(line) !== null);
  const layout = readHeader(lines[headerAt] ?? "");
  if (layout === null)
    return {
      kind: "malformed",
      problems: [{ line: 1, message: "no header of perf lock: it names columns such as contended, total wait" }],
    };
  const sink: Sink = { locks: [], notes: [], problems: [] };
  const rest = lines.slice(headerAt + 1);
  const debugAt = rest.findIndex((line) => debugLine.test(line));
  const rows = debugAt < 0 ? rest : rest.slice(0, debugAt);
  for (const [index, line] of rows.entries()) readRow(line, { layout, line: headerAt + 2 + index, sink });
  for (const line of debugAt < 0 ? [] : rest.slice(debugAt)) noteOfDebug(line, sink);
  if (sink.problems.length > 0) return { kind: "malformed", problems: sink.problems };
  if (sink.locks.length === 0) sink.notes.push("the table is empty: no contention was seen");
  return { kind: "observation", observation: { tool: layout.tool, locks: sink.locks, notes: sink.notes } };
}

/** The layout that a header line tells; null for any other line. */
function readHeader(line: string): Layout | null {
  const isCsv = line.startsWith("# output: ");
  const text = (isCsv ? line.slice("# output: ".length) : line).trim();
  const isReport = /^Name\s/.test(text);
  const columns: ColumnName[] = [];
  let rest = isReport ? text.replace(/^Name\s+/, "") : text;
  let separator: string | null = null;
  for (;;) {
    const column = columnNames.find((name) => rest.startsWith(name));
    if (column === undefined) break;
    columns.push(column);
    rest = rest.slice(column.length).replace(/^ \(ns\)/, "");
    if (isCsv) separator ??= /^\S+/.exec(rest)?.[0] ?? null;
    rest = (separator === null ? rest : rest.replace(separator, "")).trimStart();
  }
  if (columns.length === 0) return null;
  const tail =
    separator === null ? rest.trim().replace(/\s+/g, " ") : rest.split(separator).join(" ").replace(/\s+/g, " ").trim();
  if (isReport) return tail === "" ? { tool: "perf lock report", columns, separator, tail } : null;
  const isKnown = /^(type caller|pid (comm|owner)|address symbol|cgroup)/.test(tail);
  return isKnown ? { tool: "perf lock contention", columns, separator, tail } : null;
}

type RowPlace = { readonly layout: Layout; readonly line: number; readonly sink: Sink };

function readRow(line: string, { layout, line: number, sink }: RowPlace): void {
  // Rows of -v are followed by the stack, three tabs deep.
  if (line.trim() === "" || /^\t+\s*0x[0-9a-f]+\s/.test(line)) return;
  const row = layout.separator === null ? splitRow(line, layout) : splitCsvRow(line, layout, layout.separator);
  if (row === null) {
    const form = layout.columns.join(", ");
    sink.problems.push({ line: number, message: `a row has ${form}; "${line.trim().slice(0, 60)}" does not` });
    return;
  }
  const lock = lockOf(row, layout);
  if (typeof lock === "string") sink.problems.push({ line: number, message: lock });
  else sink.locks.push(lock);
}

type Row = { readonly values: ReadonlyMap<ColumnName, number>; readonly name: string };

const timePattern = String.raw`(\d+(?:\.\d+)?)(?:\s+(ns|us|ms|s|m|h)\b)?`;
const countPattern = String.raw`(\d+)()`;

/** Columns of blanks: times have their unit behind them; those of old versions are bare nanoseconds. */
function splitRow(line: string, { columns, tool }: Layout): Row | null {
  const cells = columns
    .map((column) => (countColumns.includes(column) ? countPattern : timePattern))
    .join(String.raw`\s+`);
  const pattern =
    tool === "perf lock report" ? String.raw`^\s*(\S.*?)\s+${cells}\s*$` : String.raw`^\s*${cells}(?:\s+(\S.*?))?\s*$`;
  const match = new RegExp(pattern).exec(line);
  if (match === null) return null;
  const groups = match.slice(1);
  const name = (tool === "perf lock report" ? groups.shift() : groups.pop()) ?? "";
  const values = columns.map((column, index): [ColumnName, number] => [
    column,
    Number(groups[2 * index]) * unitNs(groups[2 * index + 1] ?? ""),
  ]);
  return { values: new Map(values), name };
}

function splitCsvRow(line: string, { columns }: Layout, separator: string): Row | null {
  const fields = line.split(separator).map((field) => field.trim());
  const numbers = fields.slice(0, columns.length);
  if (fields.length <= columns.length || numbers.some((field) => !/^\d+$/.test(field))) return null;
  const values = columns.map((column, index): [ColumnName, number] => [column, Number(numbers[index])]);
  return { values: new Map(values), name: fields.slice(columns.length).join("   ") };
}

function unitNs(unit: string): number {
  const units: Readonly<Record<string, number>> = { us: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };
  return units[unit] ?? 1;
}

/** Two decimal places of a unit are all that the table tells; the average is used where no total was asked for. */
function lockOf({ values, name }: Row, layout: Layout): ObservedLock | string {
  const contended = values.get("contended") ?? null;
  const average = values.get("avg wait") ?? null;
  const total = values.get("total wait") ?? (average === null || contended === null ? null : average * contended);
  if (contended === null) return "the number of waits is missing: add contended to -F";
  if (total === null) return "the length of waits is missing: add wait_total or avg_wait to -F";
  const min = values.get("min wait");
  const max = values.get("max wait");
  return {
    ...identity(name, layout),
    acquisitions: values.get("acquired") ?? null,
    contentions: contended,
    times: {
      wait: {
        kind: "totals",
        count: contended,
        totalNs: Math.round(total),
        minNs: min === undefined ? null : Math.round(min),
        maxNs: max === undefined ? null : Math.round(max),
      },
    },
  };
}

function identity(text: string, { tool, tail }: Layout): Pick<ObservedLock, "name" | "mode" | "lockKind"> {
  if (tool === "perf lock report" || tail === "cgroup") return { name: text, mode: null, lockKind: null };
  const [first = "", second = ""] = /\s/.test(text)
    ? [text.replace(/\s.*$/, ""), text.replace(/^\S+\s+/, "")]
    : [text, ""];
  if (tail.startsWith("type caller")) {
    const type = typeOf(first);
    return { name: second === "" ? (type.lockKind ?? first) : second, ...type };
  }
  if (tail.startsWith("pid")) return { name: `${second} (${first})`, mode: null, lockKind: null };
  return addressOf(first, second);
}

/** `rwsem:W`; the modes that perf marks. */
function typeOf(type: string): Pick<ObservedLock, "mode" | "lockKind"> {
  const mode = /:([RW])$/.exec(type)?.[1];
  return {
    mode: mode === undefined ? null : mode === "R" ? "read" : "write",
    lockKind: type.replace(/:[RW]$/, ""),
  };
}

/** `address   symbol (type)`, with separators `address   symbol   type`; the symbol may be absent. */
function addressOf(address: string, rest: string): Pick<ObservedLock, "name" | "mode" | "lockKind"> {
  const match = /^(.*?)\s*(?:\(([\w:-]+)\)|\s{3}([\w:-]+))$/.exec(rest) ?? /^()()([\w:-]+)$/.exec(rest);
  const symbol = match?.[1] ?? rest;
  return { name: symbol === "" ? address : symbol, ...typeOf(match?.[2] ?? match?.[3] ?? "") };
}

function noteOfDebug(line: string, sink: Sink): void {
  const bad = /^bad: (\d+), total: (\d+)/.exec(line) ?? /^# debug: total=(\d+)\S* bad=(\d+)/.exec(line);
  if (bad === null) return;
  const [lost, total] = line.startsWith("#") ? [bad[2], bad[1]] : [bad[1], bad[2]];
  if (lost !== "0") sink.notes.push(`perf lost ${lost ?? ""} of ${total ?? ""} events`);
}
