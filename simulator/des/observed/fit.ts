/**
 * Distributions that fit observed times. From a histogram by maximum likelihood of its counts (the exact times are not
 * known, only the bucket of each); from totals by moments, which says less.
 */
import { lognormal, quantileOf, shareUpTo, type Family } from "./family.ts";
import { minimiseOne, minimiseTwo } from "./minimise.ts";
import { largestShare, misfit, ofFamily, type Misfit } from "./misfit.ts";
import type { Bucket, ObservedTimes } from "./observation.ts";
import { normalQuantile } from "../statistics/student.ts";

export type FittedFamily = {
  readonly family: Family;
  /** Of the fitted distribution itself against what was observed. */
  readonly misfit: Misfit;
};

export type FitOutcome =
  | {
      readonly kind: "fitted";
      /** How: `likelihood` of a histogram, or `moments` of totals. */
      readonly by: "likelihood" | "moments";
      /** Best first: by KS distance, or by how near the largest time is where there are only totals. */
      readonly families: readonly FittedFamily[];
      readonly remarks: readonly string[];
    }
  | { readonly kind: "nothing"; readonly message: string };

/**
 * Fits exp, lognormal and pareto.
 *
 * @returns nothing when there are no times, or all lie in one bucket without an upper end
 */
export function fitTimes(times: ObservedTimes): FitOutcome {
  if (times.count === 0) return { kind: "nothing", message: "no times were observed" };
  switch (times.kind) {
    case "histogram":
      return fitHistogram(times);
    case "totals":
      return fitTotals(times);
  }
}

function fitHistogram(times: Extract<ObservedTimes, { kind: "histogram" }>): FitOutcome {
  const buckets = times.buckets.filter((bucket) => bucket.count > 0);
  const first = buckets[0];
  const last = buckets.at(-1);
  if (first === undefined || last === undefined) return { kind: "nothing", message: "all buckets are empty" };
  if (buckets.length === 1 && last.toNs === null)
    return { kind: "nothing", message: "all times lie in one bucket without an upper end" };
  const remarks =
    buckets.length < 4 ? [`only ${String(buckets.length)} buckets hold times: many distributions fit them alike`] : [];
  const families = [fitExp(buckets), fitLognormal(buckets), fitPareto(buckets)]
    .map(rounded)
    .map((family) => ({ family, misfit: misfit(times, ofFamily(family)) }));
  const sorted = families.sort((left, right) => (left.misfit.ks ?? 1) - (right.misfit.ks ?? 1));
  return { kind: "fitted", by: "likelihood", families: sorted, remarks };
}

/** Parameters of six digits: the search is no better, and a person copies them. */
function rounded(family: Family): Family {
  const six = (value: number): number => Number(value.toPrecision(6));
  switch (family.kind) {
    case "exp":
      return { kind: "exp", meanNs: six(family.meanNs) };
    case "lognormal":
      return { kind: "lognormal", medianNs: six(family.medianNs), p99Ns: six(family.p99Ns) };
    case "pareto":
      return { kind: "pareto", scaleNs: six(family.scaleNs), shape: six(family.shape) };
  }
}

/** Minus the logarithm of the likelihood of the counts. A bucket that cannot happen counts as very unlikely. */
function surprise(buckets: readonly Bucket[], family: Family): number {
  let sum = 0;
  for (const { fromNs, toNs, count } of buckets) {
    const share = shareUpTo(family, toNs ?? Number.POSITIVE_INFINITY) - shareUpTo(family, fromNs);
    sum -= count * Math.log(Math.max(share, 1e-300));
  }
  return sum;
}

/** Logarithms of the ends between which all parameters of size are looked for. */
function logEnds(buckets: readonly Bucket[]): readonly [number, number] {
  const upper = buckets.at(-1)?.toNs ?? (buckets.at(-1)?.fromNs ?? 1) * 4;
  const lower = buckets[0]?.fromNs === 0 ? Math.max(1, (buckets[0].toNs ?? 1) / 100) : (buckets[0]?.fromNs ?? 1);
  return [Math.log(lower) - 1, Math.log(Math.max(upper, lower)) + 1];
}

function fitExp(buckets: readonly Bucket[]): Family {
  const [low, high] = logEnds(buckets);
  const logMean = minimiseOne((x) => surprise(buckets, { kind: "exp", meanNs: Math.exp(x) }), { low, high });
  return { kind: "exp", meanNs: Math.exp(logMean) };
}

function fitLognormal(buckets: readonly Bucket[]): Family {
  const [low, high] = logEnds(buckets);
  const value = (mu: number, logSigma: number): number => surprise(buckets, lognormal(mu, Math.exp(logSigma)));
  const [mu, logSigma] = minimiseTwo(value, { x: [low, high], y: [Math.log(0.01), Math.log(5)] });
  return lognormal(mu, Math.exp(logSigma));
}

/** The scale lies in the first bucket that holds a time: below it there is nothing. */
function fitPareto(buckets: readonly Bucket[]): Family {
  const first = buckets[0];
  const from = Math.max(1, first?.fromNs ?? 1);
  const to = Math.max(from * 1.0001, (first?.toNs ?? from * 2) * 0.999);
  const value = (logScale: number, logShape: number): number =>
    surprise(buckets, { kind: "pareto", scaleNs: Math.exp(logScale), shape: Math.exp(logShape) });
  const [logScale, logShape] = minimiseTwo(value, {
    x: [Math.log(from), Math.log(to)],
    y: [Math.log(0.05), Math.log(200)],
  });
  return { kind: "pareto", scaleNs: Math.exp(logScale), shape: Math.exp(logShape) };
}

/**
 * exp by the mean; lognormal by the mean and by taking the largest time for the median of the largest of so many; pareto
 * by the smallest and the mean.
 */
function fitTotals(times: Extract<ObservedTimes, { kind: "totals" }>): FitOutcome {
  const meanNs = times.totalNs / times.count;
  if (meanNs <= 0) return { kind: "nothing", message: "all times are 0" };
  const candidates = [
    { kind: "exp", meanNs } as const,
    lognormalByMoments(times, meanNs),
    paretoByMoments(times, meanNs),
  ];
  const families = candidates
    .filter((family) => family !== null)
    .map(rounded)
    .map((family) => ({ family, misfit: misfit(times, ofFamily(family)) }));
  const sorted = families.sort((left, right) => extremeOff(left.family, times) - extremeOff(right.family, times));
  const best = sorted[0];
  const remarks = ["only count, sum and extremes were observed: the form of the distribution is a guess"];
  if (best !== undefined && extremeOff(best.family, times) > Math.log(rareFactor))
    remarks.push("rare long times are not in it (see largest); a histogram, as of bpftrace, would tell them");
  return { kind: "fitted", by: "moments", families: sorted, remarks };
}

/** How many times the median of the largest differs from the observed largest, as a logarithm. */
function extremeOff(
  family: Family,
  { count, maxNs }: { readonly count: number; readonly maxNs: number | null },
): number {
  if (maxNs === null || maxNs <= 0) return family.kind === "exp" ? 0 : 1;
  return Math.abs(Math.log(quantileOf(family, largestShare(count)) / maxNs));
}

/** The largest observed time may be so many times what the fit makes it before the fit says that it misses them. */
const rareFactor = 3;
/** Below, the mean of a pareto comes from a few draws of a whole run: such a fit says nothing. */
const shapeMin = 1.1;

/**
 * With z the normal quantile of the largest's share: ln(max) = mu + z sigma, ln(mean) = mu + sigma^2 / 2. The smaller root;
 * null when the largest is farther out than any lognormal of that mean puts it, or half of the times would be below the
 * smallest.
 */
function lognormalByMoments(times: Extract<ObservedTimes, { kind: "totals" }>, meanNs: number): Family | null {
  if (times.maxNs === null || times.maxNs <= meanNs || times.count < 10) return null;
  const z = normalQuantile(largestShare(times.count));
  const root = z * z - 2 * Math.log(times.maxNs / meanNs);
  if (root < 0) return null;
  const sigma = z - Math.sqrt(root);
  const mu = Math.log(meanNs) - (sigma * sigma) / 2;
  return Math.exp(mu) < (times.minNs ?? 0) ? null : lognormal(mu, sigma);
}

function paretoByMoments(times: Extract<ObservedTimes, { kind: "totals" }>, meanNs: number): Family | null {
  if (times.minNs === null || times.minNs <= 0 || times.minNs >= meanNs) return null;
  const shape = meanNs / (meanNs - times.minNs);
  return shape < shapeMin ? null : { kind: "pareto", scaleNs: times.minNs, shape };
}

export type Arrivals =
  | {
      readonly kind: "arrivals";
      /** Between two acquisitions by anybody. */
      readonly betweenNs: number;
      /** Of one task: from its release to its next request. */
      readonly outsideNs: number;
    }
  | { readonly kind: "nothing"; readonly message: string };

/**
 * Mean times between acquisitions, from their number in the time observed: what is not held and not waited is spent
 * elsewhere.
 *
 * @param options.seconds how long was observed; tasks: how many took the lock
 */
export function fitArrivals(
  lock: {
    readonly acquisitions: number | null;
    readonly times: Readonly<Partial<Record<"wait" | "hold", ObservedTimes>>>;
  },
  { seconds, tasks }: { readonly seconds: number; readonly tasks: number },
): Arrivals {
  const { acquisitions, times } = lock;
  if (acquisitions === null || acquisitions === 0)
    return { kind: "nothing", message: "the number of acquisitions was not observed" };
  const observedNs = seconds * 1e9;
  const busyNs = totalOf(times.hold) + totalOf(times.wait);
  const outsideNs = (observedNs * tasks - busyNs) / acquisitions;
  if (outsideNs <= 0) {
    const whole = `${String(tasks)} task${tasks === 1 ? "" : "s"} in ${String(seconds)} s`;
    return {
      kind: "nothing",
      message: `holding and waiting took more time than ${whole} have; say --tasks and --seconds`,
    };
  }
  return { kind: "arrivals", betweenNs: observedNs / acquisitions, outsideNs };
}

function totalOf(times: ObservedTimes | undefined): number {
  return times?.kind === "totals" ? times.totalNs : 0;
}
