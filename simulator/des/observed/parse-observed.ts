/** Whatever a person pastes: which tool it is from, and what it says. */
import { parseBpftrace, type BpftraceUnit } from "./bpftrace.ts";
import { parseLockStat } from "./lock-stat.ts";
import type { ObservationReading } from "./observation.ts";
import { parsePerfLock } from "./perf-lock.ts";

const textUnitsMax = 16_000_000;

/**
 * Reads /proc/lock_stat, `perf lock contention`, `perf lock report`, or histograms of bpftrace; told apart by their
 * first lines.
 *
 * @returns malformed with the lines that cannot be read
 */
export function parseObserved(text: string, options: { readonly unit?: BpftraceUnit } = {}): ObservationReading {
  if (text.length > textUnitsMax)
    return { kind: "malformed", problems: [{ line: 1, message: "an observation has at most 16,000,000 characters" }] };
  const clean = text.replace(/\r\n/g, "\n");
  if (/^lock_stat version |^\s*class name\s+con-bounces\s/m.test(clean)) return parseLockStat(clean);
  if (/^@\w*(?:\[.*\])?:/m.test(clean)) return parseBpftrace(clean, options);
  if (/^(?:# output: |\s*Name\s+|\s*)(?:acquired|contended|(?:total|max|min|avg) wait)\b/m.test(clean))
    return parsePerfLock(clean);
  const message =
    "no output of lock_stat, perf lock contention, perf lock report or bpftrace: none of their headers is in it";
  return { kind: "malformed", problems: [{ line: 1, message }] };
}
