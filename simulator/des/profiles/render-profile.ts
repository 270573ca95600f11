/** A profile as text in 72 columns: what a person reads in a terminal or quotes in a mail. */
import { trimEnd, wrap } from "../../trace/wrap.ts";
import { operationMeanings, type Figure, type MachineProfile } from "../profile.ts";
import { figureNames } from "./override-costs.ts";

const columns = 72;
const sourceIndent = 4;

/** All costs of a machine with range, basis and source. */
export function renderProfile(profile: MachineProfile): string {
  const kinds = profile.cpus.map(
    (kind) => `${String(kind.count)} ${kind.name} at speed ${formatRatio(kind.speed.value)}`,
  );
  const flush = profile.tlb === "interrupt" ? "TLB flushes by interrupt" : "TLB flushes by broadcast";
  const head = [
    ...wrap(`${profile.name}: ${profile.title}`, columns),
    ...wrap(`${kinds.join(", ")}; preemption ${profile.preemption}; ${String(profile.hz)} Hz; ${flush}`, columns),
  ];
  const speeds = profile.cpus.flatMap((kind) => figureLines(`speed.${kind.name}`, kind.speed));
  const costs = figureNames.flatMap((name) => figureLines(name, profile.figures[name]));
  const scheduling = [
    ...figureLines("baseSlice", profile.baseSliceNs),
    ...figureLines("gracePeriodLo", profile.gracePeriodNs.lo),
    ...figureLines("gracePeriodHi", profile.gracePeriodNs.hi),
  ];
  const operations = Object.keys(operationMeanings).flatMap((name) => {
    const figure = Object.entries(profile.operations ?? {}).find(([key]) => key === name)?.[1];
    return figure === undefined ? [] : figureLines(name, figure);
  });
  return [
    ...head,
    ...section("what the engine charges", [...costs, ...scheduling, ...speeds]),
    ...section("what scenarios charge with work()", operations),
  ]
    .map((line) => `${trimEnd(line)}\n`)
    .join("");
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ["", title, ...lines];
}

function figureLines(name: string, figure: Figure): readonly string[] {
  const format = figure.unit === "ns" ? formatNs : formatRatio;
  const range = figure.low === figure.high ? "" : `${format(figure.low)} to ${format(figure.high)}`;
  const first = `  ${name.padEnd(15)}${format(figure.value).padStart(10)}  ${range.padEnd(22)}${figure.basis}`;
  return [first, ...wrap(figure.source, columns - sourceIndent).map((line) => `${" ".repeat(sourceIndent)}${line}`)];
}

function formatRatio(value: number): string {
  return String(value);
}

/** A time in the unit in which it has one to three digits before the point: `950 ns`, `1.25 us`, `30 ms`. Nothing is rounded away. */
export function formatNs(ns: number): string {
  const units = [
    [1_000_000_000, "s"],
    [1_000_000, "ms"],
    [1_000, "us"],
  ] as const;
  const unit = units.find(([size]) => ns >= size);
  return unit === undefined ? `${String(ns)} ns` : `${String(ns / unit[0])} ${unit[1]}`;
}
