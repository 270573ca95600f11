/**
 * /proc/lock_stat, version 0.4: a row a class and mode, times in microseconds with two places, below it where waiters came
 * from.
 *
 * @source kernel/locking/lockdep_proc.c: seq_header, seq_stats, seq_lock_time, snprint_time
 */
import type { ObservationProblem, ObservationReading, ObservedLock, ObservedTimes } from "./observation.ts";

const columnCount = 12;
const versionLine = /^lock_stat version (\S+)/;
/** Name, colon, twelve numbers. A name may hold anything but a line end; the last colon before the numbers ends it. */
const rowLine = /^\s*(\S.*?):((?:\s+-?\d+(?:\.\d+)?)+)\s*$/;
/** `name  count [<address>] symbol`: who contended, and with whom. */
const pointLine = /^\s*\S.*\s\d+\s+\[<[0-9a-fx()]+>\]\s/i;
const rulerLine = /^\s*(-+|\.+)\s*$/;
const headerLine = /^\s*class name\s+con-bounces\s/;

/** @returns malformed with every line that is no line of lock_stat */
export function parseLockStat(text: string): ObservationReading {
  const locks: ObservedLock[] = [];
  const notes: string[] = [];
  const problems: ObservationProblem[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    const version = versionLine.exec(line);
    if (version !== null && version[1] !== "0.4")
      problems.push({
        line: index + 1,
        message: `version ${version[1] ?? ""} of lock_stat is not read; 0.4 is (Linux 3.12 and later)`,
      });
    else if (line.startsWith("*WARNING*")) notes.push(line.replace(/^\*WARNING\*\s*/, ""));
    else if (!isRow(line)) continue;
    else {
      const row = readRow(line);
      if (typeof row === "string") problems.push({ line: index + 1, message: row });
      else locks.push(row);
    }
  }
  if (problems.length > 0) return { kind: "malformed", problems };
  if (locks.length === 0)
    notes.push("no lock was taken while it was observed; echo 1 > /proc/sys/kernel/lock_stat switches it on");
  return { kind: "observation", observation: { tool: "lock_stat", locks, notes } };
}

function isRow(line: string): boolean {
  const isOther = line.trim() === "" || versionLine.test(line) || headerLine.test(line);
  return !isOther && !rulerLine.test(line) && !pointLine.test(line);
}

/** A row, or what is wrong with it. */
function readRow(line: string): ObservedLock | string {
  const match = rowLine.exec(line);
  const numbers = (match?.[2] ?? "").trim().split(/\s+/).map(Number);
  if (match === null || numbers.length !== columnCount)
    return `a row is a class, a colon and ${String(columnCount)} numbers; "${line.trim().slice(0, 60)}" is not`;
  if (numbers.some((number) => number < 0)) return "a count or a time is negative";
  const [
    ,
    contentions = 0,
    waitMin = 0,
    waitMax = 0,
    waitTotal = 0,
    ,
    ,
    acquisitions = 0,
    holdMin = 0,
    holdMax = 0,
    holdTotal = 0,
  ] = numbers;
  const mode = /-([RW])$/.exec(match[1] ?? "")?.[1];
  return {
    name: (match[1] ?? "").replace(/-[RW]$/, ""),
    mode: mode === undefined ? null : mode === "R" ? "read" : "write",
    lockKind: null,
    acquisitions,
    contentions,
    times: {
      wait: totals(contentions, { min: waitMin, max: waitMax, total: waitTotal }),
      hold: totals(acquisitions, { min: holdMin, max: holdMax, total: holdTotal }),
    },
  };
}

/** Microseconds with two places: nanoseconds are a multiple of ten. */
function totals(
  count: number,
  us: { readonly min: number; readonly max: number; readonly total: number },
): ObservedTimes {
  const ns = (value: number): number => Math.round(value * 1_000);
  return { kind: "totals", count, totalNs: ns(us.total), minNs: ns(us.min), maxNs: ns(us.max) };
}
