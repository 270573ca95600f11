/**
 * Times measured, by the million: kept one by one as long as they are few, then counted in buckets. Merging is exact: the
 * same buckets are counted whatever the order.
 *
 * Buckets are log-linear as in HdrHistogram: 256 to each doubling, single nanoseconds up to 512. A value is told as its
 * bucket's middle, at most 0.2 % from the truth; the smallest, the largest, the sum and the number stay exact.
 *
 * @source Gil Tene, HdrHistogram (bucket and sub-bucket index)
 */

const stepsPerDoubling = 256;
const stepBits = 8;

/** Values kept one by one in one sample; a merged one keeps all as long as each of its parts did. */
export const exactSamplesMax = 8192;

/** Largest error of a value told from buckets, as a share of it. */
export const bucketError = 1 / (2 * stepsPerDoubling);

export type Sample = {
  readonly count: () => number;
  readonly sum: () => number;
  readonly min: () => number;
  readonly max: () => number;
  /** A whole number of nanoseconds, 0 to 2^53-1. */
  readonly add: (value: number) => void;
  /** Values ascending with how often each was counted; exact or by buckets. */
  readonly steps: () => readonly Step[];
  readonly isExact: () => boolean;
};

export type Step = { readonly value: number; readonly count: number };

export function createSample(): Sample {
  let exact: Float64Array | null = new Float64Array(16);
  let buckets: Float64Array = new Float64Array(0);
  let [count, sum, min, max] = [0, 0, Infinity, 0];
  let steps: readonly Step[] | null = null;
  const toBuckets = (): void => {
    for (let i = 0; i < count; i += 1) buckets = countIn(buckets, exact?.[i] ?? 0, 1);
    exact = null;
  };
  return {
    count: () => count,
    sum: () => sum,
    min: () => (count === 0 ? 0 : min),
    max: () => max,
    isExact: () => exact !== null,
    add: (value) => {
      steps = null;
      if (exact !== null && count === exactSamplesMax) toBuckets();
      if (exact === null) buckets = countIn(buckets, value, 1);
      else {
        if (count === exact.length) exact = grown(exact, 2 * count);
        exact[count] = value;
      }
      count += 1;
      sum += value;
      if (value < min) min = value;
      if (value > max) max = value;
    },
    steps: () => (steps ??= exact === null ? bucketSteps(buckets, { min, max }) : exactSteps(exact.slice(0, count))),
  };
}

function grown(values: Float64Array, length: number): Float64Array {
  const longer = new Float64Array(length);
  longer.set(values);
  return longer;
}

/** Adds to the value's bucket; gives the array, a longer one where it had to grow. */
function countIn(buckets: Float64Array, value: number, times: number): Float64Array {
  const index = bucketOf(value);
  const room = index < buckets.length ? buckets : grown(buckets, index + stepsPerDoubling);
  room[index] = (room[index] ?? 0) + times;
  return room;
}

/** The index of a value's bucket. 0 to 511 have one each; then 256 to each doubling. */
export function bucketOf(value: number): number {
  if (value < 2 * stepsPerDoubling) return value;
  const high = value < 0x80000000 ? 31 - Math.clz32(value) : 52 - Math.clz32(value / 0x200000);
  const shift = high - stepBits;
  return shift * stepsPerDoubling + Math.floor(value / 2 ** shift);
}

/** Smallest value of a bucket, and how many it has. */
function bucketRange(index: number): { readonly first: number; readonly width: number } {
  if (index < 2 * stepsPerDoubling) return { first: index, width: 1 };
  const shift = Math.floor(index / stepsPerDoubling) - 1;
  const width = 2 ** shift;
  return { first: (index - shift * stepsPerDoubling) * width, width };
}

function bucketSteps(buckets: Float64Array, range: { readonly min: number; readonly max: number }): Step[] {
  const steps: Step[] = [];
  for (const [index, count] of buckets.entries()) {
    if (count === 0) continue;
    const { first, width } = bucketRange(index);
    const middle = first + Math.floor((width - 1) / 2);
    steps.push({ value: Math.min(Math.max(middle, range.min), range.max), count });
  }
  return steps;
}

function exactSteps(values: Float64Array): Step[] {
  values.sort();
  return mergeEqual(Array.from(values, (value) => ({ value, count: 1 })));
}

function mergeEqual(steps: readonly Step[]): Step[] {
  const merged: Step[] = [];
  for (const step of steps) {
    const last = merged.at(-1);
    if (last !== undefined && last.value === step.value)
      merged[merged.length - 1] = { value: step.value, count: last.count + step.count };
    else merged.push(step);
  }
  return merged;
}

/** What several samples hold together. Exact when each of them is; else all are counted in the same buckets. */
export function mergedSteps(samples: readonly Sample[]): readonly Step[] {
  const filled = samples.filter((sample) => sample.count() > 0);
  if (filled.every((sample) => sample.isExact()))
    return mergeEqual(filled.flatMap((sample) => sample.steps()).toSorted((a, b) => a.value - b.value));
  let buckets: Float64Array = new Float64Array(0);
  for (const sample of filled) for (const { value, count } of sample.steps()) buckets = countIn(buckets, value, count);
  const min = Math.min(...filled.map((sample) => sample.min()));
  const max = Math.max(...filled.map((sample) => sample.max()));
  return bucketSteps(buckets, { min, max });
}

/**
 * The smallest value that at least the share q of the samples do not exceed (nearest rank); null of none.
 *
 * @param q in (0, 1]
 */
export function quantileOf(steps: readonly Step[], q: number): number | null {
  const total = steps.reduce((sum, step) => sum + step.count, 0);
  // q * total may be a hair above the whole number that is meant: 0.07 * 100.
  const rank = Math.max(1, Math.ceil(q * total * (1 - 1e-12)));
  let passed = 0;
  for (const { value, count } of steps) {
    passed += count;
    if (passed >= rank) return value;
  }
  return null;
}

/** How many samples a quantile needs before it is printed: a hundred beyond it. */
export function samplesNeeded(q: number): number {
  return Math.ceil((100 / (1 - q)) * (1 - 1e-12));
}

/** Points of an ECDF: even in the share, then even in the logarithm of the rest, where the long waits are. */
const evenPoints = 150;
const tailPoints = 49;

/** At most 200 points, values ascending, each with the share of samples that do not exceed it. */
export function ecdfOf(steps: readonly Step[]): readonly (readonly [value: number, share: number])[] {
  const total = steps.reduce((sum, step) => sum + step.count, 0);
  if (total === 0) return [];
  const ranks = [1];
  for (let i = 1; i <= evenPoints; i += 1) ranks.push(Math.ceil((total * i) / (evenPoints + 1)));
  const rest = total / (evenPoints + 1);
  for (let i = 1; i <= tailPoints; i += 1) ranks.push(Math.ceil(total - rest ** (1 - i / tailPoints)));
  ranks[ranks.length - 1] = total;
  const points: (readonly [number, number])[] = [];
  let passed = 0;
  let next = 0;
  for (const { value, count } of steps) {
    passed += count;
    if ((ranks[next] ?? Infinity) > passed) continue;
    points.push([value, passed / total]);
    while ((ranks[next] ?? Infinity) <= passed) next += 1;
  }
  return points;
}
