/** Observations, fits and misfits as text in 72 columns. */
import { trimEnd, wrap } from "../../trace/wrap.ts";
import type { Family } from "./family.ts";
import type { Arrivals, FitOutcome } from "./fit.ts";
import type { Misfit, MisfitRow } from "./misfit.ts";
import { meanOf, timeKinds, type Observation, type ObservedLock, type TimeKind } from "./observation.ts";

const columns = 72;
const rowsMax = 40;

/** A time in three digits: `950 ns`, `12.3 us`, `1.05 s`. */
export function roughNs(ns: number): string {
  const units = [
    [1e9, "s"],
    [1e6, "ms"],
    [1e3, "us"],
  ] as const;
  const unit = units.find(([size]) => ns >= size * 0.9995);
  if (unit === undefined) return `${String(Math.round(ns))} ns`;
  const value = ns / unit[0];
  return `${value.toFixed(value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2)} ${unit[1]}`;
}

/** The locks of an observation, a line each: those with most waiting first, as the tool printed them where that is equal. */
export function renderObservation(observation: Observation): string {
  const sorted = [...observation.locks].sort((left, right) => weightOf(right) - weightOf(left));
  const head = `${"lock".padEnd(30)}${["acquired", "waits", "mean wait", "mean hold"].map((word) => word.padStart(10)).join("")}`;
  const more = sorted.length - rowsMax;
  const lines = [
    `${observation.tool}: ${String(observation.locks.length)} ${observation.locks.length === 1 ? "row" : "rows"}`,
    ...(sorted.length === 0 ? [] : [head]),
    ...sorted.slice(0, rowsMax).flatMap(lockLines),
    ...(more > 0 ? [`and ${String(more)} more`] : []),
    ...observation.notes.flatMap((note) => wrap(`note: ${note}`, columns)),
  ];
  return joined(lines);
}

function weightOf(lock: ObservedLock): number {
  const { wait } = lock.times;
  return wait?.kind === "totals" ? wait.totalNs : 0;
}

function lockLines(lock: ObservedLock): readonly string[] {
  const name = nameOf(lock);
  const cells = [
    countText(lock.acquisitions),
    countText(lock.contentions),
    meanText(lock, "wait"),
    meanText(lock, "hold"),
  ]
    .map((cell) => cell.padStart(10))
    .join("");
  const histograms = timeKinds.flatMap((kind) => {
    const times = lock.times[kind];
    return times?.kind === "histogram"
      ? [`  ${kind}: ${String(times.count)} times in ${String(times.buckets.length)} buckets`]
      : [];
  });
  const first =
    name.length < 30 ? [`${name.padEnd(30)}${cells}`] : [...wrap(name, columns), `${" ".repeat(30)}${cells}`];
  return [...first, ...histograms];
}

/** As `--lock` takes it: name, and the mode where it has one. */
export function nameOf(lock: ObservedLock): string {
  return lock.mode === null ? lock.name : `${lock.name}-${lock.mode === "read" ? "R" : "W"}`;
}

function countText(count: number | null): string {
  return count === null ? "-" : String(count);
}

function meanText(lock: ObservedLock, kind: TimeKind): string {
  const times = lock.times[kind];
  const mean = times === undefined ? null : meanOf(times);
  return mean === null ? "-" : roughNs(mean);
}

/** The fitted distributions of one kind of times, best first, with the misfit of each. */
export function renderFit(lock: ObservedLock, kind: TimeKind, fit: FitOutcome): string {
  const title = `${nameOf(lock)}: ${kind} times`;
  if (fit.kind === "nothing") return joined(wrap(`${title}: ${fit.message}`, columns));
  const how = fit.by === "likelihood" ? "by likelihood" : "by mean and extremes";
  const lines = fit.families.flatMap(({ family, misfit }, index) => [
    `  ${index === 0 ? "best" : "    "}  ${distributionText(family)}`,
    ...wrap(sentenceOf(misfit), columns - 8).map((line) => `        ${line}`),
  ]);
  const best = fit.families[0];
  const table =
    best === undefined || best.misfit.rows.length === 0
      ? []
      : [
          "",
          ...misfitLines(best.misfit, "fitted"),
          ...(fit.by === "moments" ? wrap(`${best.misfit.verdict}: ${best.misfit.reason}`, columns) : []),
        ];
  const remarks = fit.remarks.flatMap((remark) => wrap(`note: ${remark}`, columns));
  return joined([...wrap(`${title}, fitted ${how}`, columns), ...lines, ...table, ...remarks]);
}

/** Of a fit by moments the mean is right by construction: the largest time tells families apart. */
function sentenceOf(misfit: Misfit): string {
  const largest = misfit.rows.find((row) => row.what === "largest");
  if (misfit.ks !== null || largest === undefined) return `${misfit.verdict}: ${misfit.reason}`;
  return `largest ${roughNs(largest.simulated)}, observed ${roughNs(largest.observedLow)}`;
}

/** As a person reads it, with rounded times. */
function distributionText(family: Family): string {
  switch (family.kind) {
    case "exp":
      return `exp(${roughNs(family.meanNs)})`;
    case "lognormal":
      return `lognormal(${roughNs(family.medianNs)}, ${roughNs(family.p99Ns)})`;
    case "pareto":
      return `pareto(${roughNs(family.scaleNs)}, ${shapeText(family.shape)})`;
  }
}

function shapeText(shape: number): string {
  return String(Number(shape.toPrecision(4)));
}

/** Observed beside simulated, and what to think of it. */
export function renderMisfit(misfit: Misfit): string {
  return joined([...misfitLines(misfit, "simulated"), ...wrap(`${misfit.verdict}: ${misfit.reason}`, columns)]);
}

function misfitLines(misfit: Misfit, other: string): readonly string[] {
  const head = `  ${"".padEnd(8)}${"observed".padStart(22)}${other.padStart(14)}${"off".padStart(9)}`;
  const ks = misfit.ks === null ? [] : [`  KS distance ${misfit.ks.toFixed(3)} or more`];
  return [head, ...misfit.rows.map(misfitLine), ...ks];
}

function misfitLine(row: MisfitRow): string {
  const { observedLow: low, observedHigh: high } = row;
  const observed =
    high === null ? `from ${roughNs(low)}` : low === high ? roughNs(low) : `${roughNs(low)} .. ${roughNs(high)}`;
  const off = row.off < 0.0005 ? "0" : `${(100 * row.off).toFixed(row.off < 0.1 ? 1 : 0)} %`;
  const few = row.counts ? "" : row.what === "largest" ? "  not judged" : "  too few";
  return `  ${row.what.padEnd(8)}${observed.padStart(22)}${roughNs(row.simulated).padStart(14)}${off.padStart(9)}${few}`;
}

/**
 * What to paste into a notebook: a `param` block with the parameters of the best fit and lines of a scenario that use it.
 * "" when the times are no parameter of a scenario (waits are what is simulated) or nothing was fitted.
 */
export function renderParameters(lock: ObservedLock, kind: TimeKind, fit: FitOutcome): string {
  const best = fit.kind === "fitted" ? fit.families[0] : undefined;
  if (best === undefined || kind === "wait") return "";
  const prefix = kind === "hold" ? "HOLD" : "WORK";
  const { verdict } = best.misfit;
  const note = `${kind} of ${nameOf(lock)}, ${verdict === "fits" ? best.family.kind : `${best.family.kind}, fit ${verdict}`}`;
  const { parameters, expression } = parametersOf(best.family, prefix);
  return joined(["", ...block(parameters, note), `work(${expression});`]);
}

/** The same for the times between arrivals: a mean is all that is known, so exp is assumed. */
export function renderArrivals(lock: ObservedLock, arrivals: Arrivals): string {
  if (arrivals.kind === "nothing") return joined(wrap(`${nameOf(lock)}: arrivals: ${arrivals.message}`, columns));
  const text = `${nameOf(lock)}: one acquisition every ${roughNs(arrivals.betweenNs)}; a task is elsewhere for ${roughNs(arrivals.outsideNs)} in between`;
  const { parameters, expression } = parametersOf({ kind: "exp", meanNs: arrivals.outsideNs }, "ELSEWHERE");
  const note = `between two uses of ${nameOf(lock)}, exp assumed`;
  return joined([...wrap(text, columns), "", ...block(parameters, note), `sleep(${expression});`]);
}

type ScenarioParameter = { readonly name: string; readonly value: number };

/** Constants of a scenario are 32 bits wide: long times are given in microseconds. */
const nsOfUnit = { NS: 1, US: 1_000, MS: 1_000_000 } as const;

function parametersOf(
  family: Family,
  prefix: string,
): { readonly parameters: readonly ScenarioParameter[]; readonly expression: string } {
  switch (family.kind) {
    case "exp": {
      const mean = timeParameter(`${prefix}_MEAN`, family.meanNs);
      return { parameters: [mean.parameter], expression: `exp(${mean.text})` };
    }
    case "lognormal": {
      const median = timeParameter(`${prefix}_MEDIAN`, family.medianNs);
      const p99 = timeParameter(`${prefix}_P99`, family.p99Ns);
      return { parameters: [median.parameter, p99.parameter], expression: `lognormal(${median.text}, ${p99.text})` };
    }
    case "pareto": {
      const scale = timeParameter(`${prefix}_SCALE`, family.scaleNs);
      return { parameters: [scale.parameter], expression: `pareto(${scale.text}, ${shapeText(family.shape)})` };
    }
  }
}

function timeParameter(name: string, ns: number): { readonly parameter: ScenarioParameter; readonly text: string } {
  const unit = ns < 1e8 ? "NS" : ns < 1e11 ? "US" : "MS";
  const parameter = { name: `${name}_${unit}`, value: Math.max(1, Math.round(ns / nsOfUnit[unit])) };
  return { parameter, text: `${parameter.name} ${unit.toLowerCase()}` };
}

function block(parameters: readonly ScenarioParameter[], note: string): readonly string[] {
  const comment = wrap(note, columns - 2).map((line) => `# ${line}`);
  return ["```param", ...comment, ...parameters.map(paramLine), "```"];
}

function paramLine({ name, value }: ScenarioParameter): string {
  const low = Math.max(1, Math.floor(value / 10));
  return `${name} = ${String(value)} in ${String(low)}..${String(value * 10)} log`;
}

function joined(lines: readonly string[]): string {
  return lines.map((line) => `${trimEnd(line)}\n`).join("");
}
