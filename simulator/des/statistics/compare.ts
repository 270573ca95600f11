/** Two variants side by side: replication i of both drew alike, so their differences say more than their means. */
import { formatNs } from "../profiles/render-profile.ts";
import type { SimulateResult } from "../result.ts";
import { pairedDifference, type PairedDifference } from "./estimate.ts";
import { readMetric, type MetricUnit, type MetricValue } from "./metric.ts";

export type Comparison = {
  readonly kind: "comparison";
  readonly first: MetricValue;
  readonly second: MetricValue;
  /** second - first. */
  readonly difference: PairedDifference;
  /** What the interval says: it lies below 0, above 0, or spans it. */
  readonly shown: "lower" | "higher" | "no-difference";
  readonly message: string;
};

export type CompareOptions = {
  readonly metric: string;
  /** Of the two-sided interval; 95 where nothing is said. */
  readonly confidencePercent?: number;
};

/**
 * Compares one figure of two results.
 *
 * @returns why not, when the seeds differ, the figure is none, has too few samples, or is a largest value
 */
export function compareResults(
  first: SimulateResult,
  second: SimulateResult,
  options: CompareOptions,
): Comparison | { readonly kind: "not-comparable"; readonly message: string } {
  const refuse = (message: string) => ({ kind: "not-comparable", message }) as const;
  if (first.seed !== second.seed) return refuse(`seeds ${String(first.seed)} and ${String(second.seed)} make no pairs`);
  const [one, other] = [readMetric(first, options.metric), readMetric(second, options.metric)];
  if (one.kind === "unknown") return refuse(one.message);
  if (other.kind === "unknown") return refuse(other.message);
  for (const { mean, values } of [one, other]) {
    if (mean === null) return refuse(`${options.metric} has too few samples: a longer run, or more replications`);
    if (values.length === 0)
      return refuse(
        `${options.metric} grows with the length of the run and is not compared: take p999, slept30 or longer30`,
      );
  }
  const { confidencePercent } = options;
  const difference = pairedDifference(
    one.values,
    other.values,
    confidencePercent === undefined ? {} : { confidencePercent },
  );
  if (difference.halfWidth === null)
    return refuse(`${String(difference.pairs)} pairs of replications show no difference: take 5 or more`);
  const shown = whatIsShown(difference);
  return {
    kind: "comparison",
    first: one,
    second: other,
    difference,
    shown,
    message: sentence(one, difference, shown),
  };
}

function whatIsShown({ mean, halfWidth }: PairedDifference): Comparison["shown"] {
  if (mean + (halfWidth ?? 0) < 0) return "lower";
  return mean - (halfWidth ?? 0) > 0 ? "higher" : "no-difference";
}

function sentence(first: MetricValue, difference: PairedDifference, shown: Comparison["shown"]): string {
  const { mean, halfWidth, detectable, pairs } = difference;
  const say = (value: number): string => inUnit(value, first.unit);
  const interval = `${mean < 0 ? "-" : "+"}${say(Math.abs(mean))} +- ${say(halfWidth ?? 0)}`;
  const share = first.mean === null || first.mean === 0 ? "" : `, ${percent(mean / first.mean)}`;
  if (shown !== "no-difference") return `${shown}: ${interval}${share} (${String(pairs)} pairs)`;
  return `no difference shown: ${interval} (${String(pairs)} pairs would show ${say(detectable ?? 0)} four times in five)`;
}

function percent(share: number): string {
  return `${share < 0 ? "-" : "+"}${String(Number(Math.abs(100 * share).toPrecision(3)))} %`;
}

/** Three digits. */
function inUnit(value: number, unit: MetricUnit): string {
  const rounded = Number(value.toPrecision(3));
  switch (unit) {
    case "ns":
      return formatNs(rounded);
    case "ratio":
      return `${String(Number((100 * value).toPrecision(3)))} %`;
    case "per-second":
      return `${String(rounded)}/s`;
    case "count":
      return String(rounded);
  }
}
