/** How figures of a simulation are written: one way in tables, pages and mail. All times are nanoseconds. */
import type { Estimate, Quantile } from "../result.ts";

const scales: readonly (readonly [least: number, divisor: number, unit: string])[] = [
  [999_500_000, 1e9, "s"],
  [999_500, 1e6, "ms"],
  [999.5, 1e3, "us"],
  [0, 1, "ns"],
];

/** Three significant digits with the unit that keeps them short: `812 ns`, `30.1 us`, `4.20 ms`, `12.0 s`. */
export function timeText(ns: number): string {
  const [divisor, unit] = scaleOf(ns);
  return `${digits(ns / divisor)} ${unit}`;
}

/** `30.1 us +- 0.4`: the half-width in the unit of the value; without one when there is none. */
export function estimatedTimeText(ns: number, halfWidth: number | null): string {
  if (halfWidth === null) return timeText(ns);
  const [divisor] = scaleOf(ns);
  return `${timeText(ns)} +- ${roughly(halfWidth / divisor)}`;
}

/** `602 +- 12` a second. */
export function rateText({ mean, halfWidth }: Pick<Estimate, "mean" | "halfWidth">): string {
  return halfWidth === null ? digits(mean) : `${digits(mean)} +- ${roughly(halfWidth)}`;
}

/** `p99`, `p99.9`. */
export function quantileName(q: number): string {
  return `p${String(Number((q * 100).toPrecision(6)))}`;
}

/** `p99 30.1 us +- 0.4`, or what it would take to print it. */
export function quantileText(quantile: Quantile): string {
  const name = quantileName(quantile.q);
  if (quantile.value === null) return `${name} needs ${grouped(quantile.samplesNeeded)} samples`;
  return `${name} ${estimatedTimeText(quantile.value, quantile.halfWidth)}`;
}

/** A part of a whole: `40.1 %`, `0.03 %`, `0 %`. */
export function percentText(part: number, whole: number): string {
  const percent = whole === 0 ? 0 : (100 * part) / whole;
  if (percent === 0) return "0 %";
  return percent < 0.005 ? "<0.01 %" : `${percent >= 99.95 ? "100" : percent.toFixed(percent < 1 ? 2 : 1)} %`;
}

/** 1234567 -> `1,234,567`. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

function scaleOf(ns: number): readonly [divisor: number, unit: string] {
  const found = scales.find(([least]) => Math.abs(ns) >= least);
  return found === undefined ? [1, "ns"] : [found[1], found[2]];
}

/** Three significant digits, never in exponents; whole numbers stay whole. */
function digits(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1_000) return String(value);
  if (Math.abs(value) >= 1_000) return grouped(Math.round(value));
  return value.toFixed(Math.abs(value) >= 99.95 ? 0 : Math.abs(value) >= 9.995 ? 1 : 2);
}

/** Two significant digits: an interval's own error is larger than that. */
function roughly(value: number): string {
  if (value === 0) return "0";
  if (value >= 9.95) return grouped(Math.round(value));
  return value >= 0.0095 ? String(Number(value.toPrecision(2))) : "<0.01";
}
