import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createStreams } from "../random/streams.ts";
import {
  bucketError,
  bucketOf,
  createSample,
  ecdfOf,
  exactSamplesMax,
  mergedSteps,
  quantileOf,
  samplesNeeded,
  type Sample,
} from "./sample.ts";

function sampleOf(values: readonly number[]): Sample {
  const sample = createSample();
  for (const value of values) sample.add(value);
  return sample;
}

/** Exponential times with mean 1 ms. */
function times(count: number, seed: number): number[] {
  const { uniform } = createStreams({ seed, replication: 0 }, { declarations: [], sites: [] });
  return Array.from({ length: count }, () => Math.round(-1e6 * Math.log(1 - uniform(-1, -1))));
}

const nearestRank = (values: readonly number[], q: number): number =>
  values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(q * values.length * (1 - 1e-12)) - 1)]!;

describe("samples", () => {
  it("keep few values exactly", () => {
    const sample = sampleOf([5, 1, 3, 3, 1_000_000_007]);
    expect([sample.count(), sample.sum(), sample.min(), sample.max()]).toEqual([5, 1_000_000_019, 1, 1_000_000_007]);
    expect(sample.steps()).toEqual([
      { value: 1, count: 1 },
      { value: 3, count: 2 },
      { value: 5, count: 1 },
      { value: 1_000_000_007, count: 1 },
    ]);
    expect(sample.isExact()).toBe(true);
    expect(createSample().steps()).toEqual([]);
    expect(quantileOf([], 0.5)).toBeNull();
  });

  it("take the nearest rank", () => {
    const steps = sampleOf(Array.from({ length: 100 }, (_, index) => index + 1)).steps();
    for (const [q, value] of [
      [0.01, 1],
      [0.07, 7],
      [0.5, 50],
      [0.99, 99],
      [0.995, 100],
      [1, 100],
    ] as const)
      expect(quantileOf(steps, q)).toBe(value);
  });

  it("put every value into the bucket that holds it, in order", () => {
    let last = -1;
    const values = new Set<number>();
    for (let value = 0; value < 5000; value += 1) values.add(value);
    for (let bit = 12; bit <= 52; bit += 1)
      for (const offset of [-1, 0, 1, 2 ** bit / 512, 2 ** bit / 2]) values.add(Math.floor(2 ** bit + offset));
    values.add(Number.MAX_SAFE_INTEGER);
    for (const value of [...values].toSorted((a, b) => a - b)) {
      const index = bucketOf(value);
      expect(index).toBeGreaterThanOrEqual(last);
      expect(index - last).toBeLessThanOrEqual(256);
      last = index;
    }
  });

  it("are at most 0.2 % off when counted in buckets", () => {
    const values = times(3 * exactSamplesMax, 1);
    const sample = sampleOf(values);
    expect(sample.isExact()).toBe(false);
    expect([sample.sum(), sample.count()]).toEqual([values.reduce((a, b) => a + b, 0), values.length]);
    expect([sample.min(), sample.max()]).toEqual([Math.min(...values), Math.max(...values)]);
    const steps = sample.steps();
    for (const q of [0.001, 0.1, 0.5, 0.9, 0.99, 0.999]) {
      const truth = nearestRank(values, q);
      expect(Math.abs((quantileOf(steps, q) ?? 0) - truth)).toBeLessThanOrEqual(Math.max(0.5, truth * bucketError));
    }
    expect(bucketError).toBeLessThan(0.002);
  });

  it("hold the bound for any whole number", () => {
    const big = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
    fc.assert(
      fc.property(big, big, (a, b) => {
        const values = [...Array.from({ length: exactSamplesMax }, () => Math.min(a, b)), Math.max(a, b)];
        const sample = sampleOf(values);
        for (const { value } of sample.steps()) {
          const truth = Math.abs(value - a) < Math.abs(value - b) ? a : b;
          expect(Math.abs(value - truth)).toBeLessThanOrEqual(truth * bucketError);
        }
      }),
      { numRuns: 20 },
    );
  });

  it("merge to the same counts whatever is merged, in any order", () => {
    const parts = [times(100, 1), times(2 * exactSamplesMax, 2), times(700, 3), []].map(sampleOf);
    const merged = mergedSteps(parts);
    expect(mergedSteps(parts.toReversed())).toEqual(merged);
    const single = sampleOf([...times(100, 1), ...times(2 * exactSamplesMax, 2), ...times(700, 3)]);
    expect(merged).toEqual(single.steps());
    const small = [times(100, 1), times(50, 4)];
    expect(mergedSteps(small.map(sampleOf))).toEqual(sampleOf(small.flat()).steps());
  });
});

describe("points of the ECDF", () => {
  it("are at most 200, ascend, end at 1 and say exact shares", () => {
    for (const count of [1, 2, 7, 199, 200, 5000, 50_000]) {
      const values = times(count, 9);
      const points = ecdfOf(sampleOf(values).steps());
      expect(points.length).toBeLessThanOrEqual(200);
      expect(points.at(-1)?.[1]).toBe(1);
      for (const [index, [value, share]] of points.entries()) {
        if (index > 0) expect(value).toBeGreaterThan(points[index - 1]![0]);
        if (index > 0) expect(share).toBeGreaterThan(points[index - 1]![1]);
        if (count <= exactSamplesMax) expect(share).toBe(values.filter((other) => other <= value).length / count);
      }
    }
  });

  it("reach into the tail", () => {
    const points = ecdfOf(sampleOf(times(50_000, 9)).steps());
    expect(points.filter(([, share]) => share > 0.999 && share < 1).length).toBeGreaterThan(10);
  });
});

describe("quantiles that are printed", () => {
  it("need a hundred samples beyond them", () => {
    expect([0.5, 0.9, 0.95, 0.99, 0.999, 0.9999].map(samplesNeeded)).toEqual([200, 1000, 2000, 10_000, 100_000, 1e6]);
  });
});
