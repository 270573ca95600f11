/** Means, shares and differences with their intervals. */
import type { Estimate, Share } from "../result.ts";
import { normalQuantile, studentQuantile } from "./student.ts";

/** Of every interval that a result carries. */
export const confidence = 0.95;

/** Sum of squared deviations from the mean, two passes: no digits are lost to large means. */
function meanAndDeviation(values: readonly number[]): { readonly mean: number; readonly deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0 };
}

/**
 * Half-width of the interval of a mean of independent values by Student's t; null with fewer than two.
 *
 * @param level in (0, 1): 0.95 for a two-sided 95 % interval
 */
export function halfWidthOf(values: readonly number[], level: number): number | null {
  if (values.length < 2) return null;
  const { deviation } = meanAndDeviation(values);
  return (studentQuantile((1 + level) / 2, values.length - 1) * deviation) / Math.sqrt(values.length);
}

/** Mean over those replications that have a value, with its 95 % interval; mean 0 of none. */
export function estimate(values: readonly (number | null)[]): Estimate {
  const known = values.filter((value) => value !== null);
  const mean = known.length === 0 ? 0 : meanAndDeviation(known).mean;
  return { mean, halfWidth: halfWidthOf(known, confidence), replications: known.length, values };
}

/** a / b; null where there is nothing to divide by. */
export function ratio(a: number, b: number): number | null {
  return b === 0 ? null : a / b;
}

export type Trials = { readonly hits: number; readonly of: number };

/**
 * Wilson's interval of a share of independent trials; 0..1 of no trials.
 *
 * @source Wilson (1927), score interval: it does not shrink to nothing at 0 or all hits
 */
export function wilsonInterval({ hits, of }: Trials): { readonly low: number; readonly high: number } {
  if (of === 0) return { low: 0, high: 1 };
  const z = normalQuantile((1 + confidence) / 2);
  const share = hits / of;
  const middle = (share + (z * z) / (2 * of)) / (1 + (z * z) / of);
  const reach = (z * Math.sqrt((share * (1 - share)) / of + (z * z) / (4 * of * of))) / (1 + (z * z) / of);
  return {
    low: hits === 0 ? 0 : Math.max(0, middle - reach),
    high: hits === of ? 1 : Math.min(1, middle + reach),
  };
}

/** Share of replications in which something happened: they are independent. */
export function shareOf(replications: readonly boolean[]): Share {
  const trials = { hits: replications.filter((hit) => hit).length, of: replications.length };
  const values = replications.map((hit) => (hit ? 1 : 0));
  return { share: ratio(trials.hits, trials.of) ?? 0, ...wilsonInterval(trials), of: trials.of, values };
}

/**
 * Share of trials that depend on each other within a replication: the wider of Wilson's interval and Student's over the
 * replications' shares.
 */
export function shareOverReplications(replications: readonly Trials[]): Share {
  const sum = (pick: (trials: Trials) => number): number =>
    replications.reduce((total, trials) => total + pick(trials), 0);
  const trials = { hits: sum(({ hits }) => hits), of: sum(({ of }) => of) };
  const share = ratio(trials.hits, trials.of) ?? 0;
  const values = replications.map(({ hits, of }) => ratio(hits, of));
  const known = values.filter((value) => value !== null);
  const halfWidth = halfWidthOf(known, confidence) ?? 0;
  const wilson = wilsonInterval(trials);
  const low = Math.max(0, Math.min(wilson.low, share - halfWidth));
  return { share, low, high: Math.min(1, Math.max(wilson.high, share + halfWidth)), of: trials.of, values };
}

/** Mean of paired differences. Times in the metric's unit. */
export type PairedDifference = {
  /** Mean of second - first. */
  readonly mean: number;
  /** null with fewer than two pairs: nothing can be said. */
  readonly halfWidth: number | null;
  /**
   * The difference that as many pairs would show with 80 % power: what a "no difference shown" does not rule out.
   * (t(1-alpha/2) + t(0.8)) * standard error.
   */
  readonly detectable: number | null;
  readonly pairs: number;
};

/**
 * Differences of replications that drew alike (common random numbers): pair i is replication i of both. Pairs with a
 * missing value are left out.
 *
 * @param options.confidencePercent of the two-sided interval, 95 where nothing is said
 */
export function pairedDifference(
  first: readonly (number | null)[],
  second: readonly (number | null)[],
  options: { readonly confidencePercent?: number } = {},
): PairedDifference {
  const differences: number[] = [];
  for (let i = 0; i < Math.min(first.length, second.length); i += 1) {
    const [one, other] = [first[i] ?? null, second[i] ?? null];
    if (one !== null && other !== null) differences.push(other - one);
  }
  const pairs = differences.length;
  if (pairs < 2) return { mean: differences[0] ?? 0, halfWidth: null, detectable: null, pairs };
  const level = (options.confidencePercent ?? confidence * 100) / 100;
  const { mean, deviation } = meanAndDeviation(differences);
  const error = deviation / Math.sqrt(pairs);
  const t = studentQuantile((1 + level) / 2, pairs - 1);
  return { mean, halfWidth: t * error, detectable: (t + studentQuantile(0.8, pairs - 1)) * error, pairs };
}
