/** How far a simulated or fitted distribution is from what was observed. */
import type { Distribution } from "../result.ts";
import { meanOfFamily, quantileOf, shareUpTo, type Family } from "./family.ts";
import { meanOf, type Bucket, type ObservedTimes } from "./observation.ts";

/** A distribution to be compared: by its shares and quantiles. `samples` null: known exactly. */
export type Comparable = {
  readonly samples: number | null;
  readonly mean: number | null;
  readonly shareUpTo: (ns: number) => number;
  readonly quantile: (q: number) => number;
};

/** bad: a claim that rests on it has to say so. undecided: what was observed is too little to tell. */
export type MisfitVerdict = "fits" | "bad" | "undecided";

/**
 * One quantile or the mean, side by side. Of a histogram only the bucket is known in which the observed one lies: `off` is
 * the relative distance from its nearer end, 0 inside. `counts` false: shown, but too few samples for the verdict.
 */
export type MisfitRow = {
  readonly what: string;
  readonly observedLow: number;
  readonly observedHigh: number | null;
  readonly simulated: number;
  readonly off: number;
  readonly counts: boolean;
};

export type Misfit = {
  readonly rows: readonly MisfitRow[];
  /** Largest difference of shares at the ends of the buckets: a lower bound of the distance. Null without a histogram. */
  readonly ks: number | null;
  readonly worstOff: number | null;
  readonly verdict: MisfitVerdict;
  /** Why, in a sentence. */
  readonly reason: string;
};

/** KS distance above which a fit is bad. */
export const ksMax = 0.1;
/** Relative error of a quantile or mean above which a fit is bad. */
export const quantileOffMax = 0.25;
const quantiles = [0.5, 0.9, 0.95, 0.99, 0.999] as const;
/** Of a sample of n the KS distance to its own distribution exceeds 1.36/sqrt(n) in one case of twenty (Smirnov 1948). */
const ksChance = 1.36;

/** A fitted distribution. */
export function ofFamily(family: Family): Comparable {
  return {
    samples: null,
    mean: meanOfFamily(family),
    shareUpTo: (ns) => shareUpTo(family, ns),
    quantile: (q) => quantileOf(family, q),
  };
}

/** A simulated distribution: between the points of its ECDF in a straight line. */
export function ofDistribution(distribution: Distribution): Comparable {
  const points = distribution.ecdf;
  return {
    samples: distribution.samples,
    mean: distribution.mean.mean,
    shareUpTo: (ns) => shareAt(points, ns),
    quantile: (q) => timeAt(points, q),
  };
}

type Points = Distribution["ecdf"];

function shareAt(points: Points, ns: number): number {
  const at = points.findIndex(([value]) => value > ns);
  const after = points[at];
  if (after === undefined) return points.length === 0 ? 0 : 1;
  const before = points[at - 1];
  if (before === undefined) return 0;
  return before[1] + ((after[1] - before[1]) * (ns - before[0])) / (after[0] - before[0]);
}

function timeAt(points: Points, q: number): number {
  const at = points.findIndex(([, share]) => share >= q);
  const after = points[at] ?? points.at(-1);
  if (after === undefined) return 0;
  const before = at > 0 ? points[at - 1] : undefined;
  if (before === undefined || after[1] <= before[1]) return after[0];
  return before[0] + ((after[0] - before[0]) * (q - before[1])) / (after[1] - before[1]);
}

/**
 * Compares. Quantiles that need more samples than were observed (100/(1-q)) are shown and do not count.
 *
 * @returns bad when a distance is above ksMax (and beyond chance) or a quantile that counts is off by more than
 *   quantileOffMax; undecided when so few times were observed that a distance of ksMax is chance, or only a mean is known
 */
export function misfit(observed: ObservedTimes, simulated: Comparable): Misfit {
  switch (observed.kind) {
    case "totals":
      return misfitOfTotals(observed, simulated);
    case "histogram":
      return misfitOfHistogram(observed, simulated);
  }
}

function misfitOfTotals(observed: Extract<ObservedTimes, { kind: "totals" }>, simulated: Comparable): Misfit {
  const mean = meanOf(observed);
  if (mean === null || mean <= 0 || simulated.mean === null)
    return { rows: [], ks: null, worstOff: null, verdict: "undecided", reason: "there is no mean to compare" };
  const off = Math.abs(simulated.mean - mean) / mean;
  const row = { what: "mean", observedLow: mean, observedHigh: mean, simulated: simulated.mean, off, counts: true };
  const largest = largestRow(observed, simulated);
  const isBad = off > quantileOffMax;
  return {
    rows: largest === null ? [row] : [row, largest],
    ks: null,
    worstOff: off,
    verdict: isBad ? "bad" : "undecided",
    reason: isBad ? `the mean is off by ${percent(off)}` : "only the mean was observed, not how times are distributed",
  };
}

/** Beyond this many the share of the largest is not told apart from 1. */
const countForLargestMax = 100_000_000;

/** The share of times below the median of the largest of so many. */
export function largestShare(count: number): number {
  return 0.5 ** (1 / Math.min(Math.max(count, 2), countForLargestMax));
}

/**
 * A maximum grows with the length of a run: it is shown beside the median of the largest of as many draws, and never
 * judged. Null when a simulated sample is smaller than that.
 */
function largestRow(
  { count, maxNs }: Extract<ObservedTimes, { kind: "totals" }>,
  simulated: Comparable,
): MisfitRow | null {
  if (maxNs === null || maxNs <= 0 || simulated.samples !== null) return null;
  const value = simulated.quantile(largestShare(count));
  const off = Math.abs(value - maxNs) / maxNs;
  return { what: "largest", observedLow: maxNs, observedHigh: maxNs, simulated: value, off, counts: false };
}

function misfitOfHistogram(observed: Extract<ObservedTimes, { kind: "histogram" }>, simulated: Comparable): Misfit {
  if (observed.count === 0)
    return { rows: [], ks: null, worstOff: null, verdict: "undecided", reason: "no times were observed" };
  const rows = quantiles.map((q) => quantileRow(observed, simulated, q));
  const ks = ksDistance(observed.buckets, observed.count, simulated);
  const counting = rows.filter((row) => row.counts);
  const worst = counting.reduce<MisfitRow | null>(
    (most, row) => (most === null || row.off > most.off ? row : most),
    null,
  );
  const count = Math.min(observed.count, simulated.samples ?? observed.count);
  return {
    rows,
    ks,
    worstOff: worst?.off ?? null,
    ...judge({ ks, worst, chance: ksChance / Math.sqrt(count), count }),
  };
}

function judge({
  ks,
  worst,
  chance,
  count,
}: {
  readonly ks: number;
  readonly worst: MisfitRow | null;
  readonly chance: number;
  readonly count: number;
}): Pick<Misfit, "verdict" | "reason"> {
  const distance = `KS distance ${ks.toFixed(3)}`;
  if (ks > Math.max(ksMax, chance)) return { verdict: "bad", reason: `${distance} is above ${String(ksMax)}` };
  if (worst !== null && worst.off > quantileOffMax)
    return { verdict: "bad", reason: `${worst.what} is off by ${percent(worst.off)}` };
  if (chance > ksMax)
    return {
      verdict: "undecided",
      reason: `${String(count)} times are too few: a distance of ${String(ksMax)} would be chance`,
    };
  const within = worst === null ? "" : `, worst quantile off by ${percent(worst.off)}`;
  return { verdict: "fits", reason: `${distance}${within}` };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
}

function quantileRow(
  observed: Extract<ObservedTimes, { kind: "histogram" }>,
  simulated: Comparable,
  q: number,
): MisfitRow {
  const bucket = bucketOfQuantile(observed.buckets, observed.count * q);
  const value = simulated.quantile(q);
  return {
    what: `p${String(Math.round(q * 1_000) / 10)}`,
    observedLow: bucket.fromNs,
    observedHigh: bucket.toNs,
    simulated: value,
    off: distanceFrom(bucket, value),
    counts: observed.count >= samplesNeeded(q) && (simulated.samples ?? Number.POSITIVE_INFINITY) >= samplesNeeded(q),
  };
}

/** A percentile that is printed needs so many samples, as everywhere in the simulator. */
function samplesNeeded(q: number): number {
  return Math.round(100 / (1 - q));
}

function bucketOfQuantile(buckets: readonly Bucket[], rank: number): Bucket {
  let sum = 0;
  for (const bucket of buckets) {
    sum += bucket.count;
    if (sum >= rank && bucket.count > 0) return bucket;
  }
  return buckets.at(-1) ?? { fromNs: 0, toNs: null, count: 0 };
}

function distanceFrom({ fromNs, toNs }: Bucket, value: number): number {
  if (value < fromNs) return (fromNs - value) / fromNs;
  if (toNs !== null && value > toNs) return (value - toNs) / toNs;
  return 0;
}

function ksDistance(buckets: readonly Bucket[], count: number, simulated: Comparable): number {
  let below = 0;
  let largest = 0;
  for (const bucket of buckets) {
    largest = Math.max(largest, Math.abs(below / count - simulated.shareUpTo(bucket.fromNs)));
    below += bucket.count;
    if (bucket.toNs !== null) largest = Math.max(largest, Math.abs(below / count - simulated.shareUpTo(bucket.toNs)));
  }
  return largest;
}
