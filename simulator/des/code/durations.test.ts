import { describe, expect, it } from "vitest";
import { exponentialNs, lognormalNs, normalNs, normalQuantile, paretoNs, uniformNs, wholeNs } from "./durations.ts";

const samples = 200_000;

/** The middle of each of many equal shares of [0, 1): a stream without chance. */
function drawAll(draw: (u: number) => number): Float64Array {
  return Float64Array.from({ length: samples }, (_, index) => draw((index + 0.5) / samples)).sort();
}

function meanOf(sorted: Float64Array): number {
  return sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
}

function quantileOf(sorted: Float64Array, q: number): number {
  return sorted[Math.floor(q * sorted.length)] ?? Number.NaN;
}

function expectNear(value: number, wanted: number, share: number): void {
  expect(Math.abs(value - wanted)).toBeLessThanOrEqual(Math.abs(wanted) * share);
}

describe("times drawn from a distribution", () => {
  it("have the mean and quantiles of the exponential distribution", () => {
    const drawn = drawAll((u) => exponentialNs(u, 10_000));
    expectNear(meanOf(drawn), 10_000, 0.001);
    for (const q of [0.1, 0.5, 0.9, 0.99, 0.999]) expectNear(quantileOf(drawn, q), -10_000 * Math.log(1 - q), 0.003);
  });

  it("have those of the uniform distribution", () => {
    const drawn = drawAll((u) => uniformNs(u, 1000, 5000));
    expectNear(meanOf(drawn), 3000, 0.001);
    expectNear(quantileOf(drawn, 0.25), 2000, 0.001);
  });

  it("have those of the normal distribution", () => {
    const drawn = drawAll((u) => normalNs(u, 100_000, 10_000));
    expectNear(meanOf(drawn), 100_000, 0.001);
    expectNear(quantileOf(drawn, 0.975), 100_000 + 19_599.64, 0.0005);
    expectNear(quantileOf(drawn, 0.00135), 70_000, 0.001);
  });

  it("are cut off at 0 where a normal one would be negative", () => {
    expect(normalNs(0.001, 10, 100)).toBe(0);
  });

  it("have the median, the 0.99 quantile and the mean of the lognormal distribution", () => {
    const drawn = drawAll((u) => lognormalNs(u, 20_000, 300_000));
    const sigma = Math.log(15) / 2.326347874040841;
    expectNear(quantileOf(drawn, 0.5), 20_000, 0.001);
    expectNear(quantileOf(drawn, 0.99), 300_000, 0.005);
    expectNear(meanOf(drawn), 20_000 * Math.exp((sigma * sigma) / 2), 0.005);
  });

  it("have the mean and quantiles of the Pareto distribution", () => {
    const drawn = drawAll((u) => paretoNs(u, 10_000, 3));
    expectNear(meanOf(drawn), 15_000, 0.005);
    for (const q of [0.5, 0.9, 0.99]) expectNear(quantileOf(drawn, q), 10_000 * (1 - q) ** (-1 / 3), 0.003);
  });

  it("are whole, never negative, and finite at both ends of the stream", () => {
    expect(wholeNs(-3)).toBe(0);
    expect(wholeNs(2.5)).toBe(3);
    expect(Object.is(wholeNs(-0.2), 0)).toBe(true);
    for (const u of [0, 1 - 2 ** -53]) {
      for (const ns of [
        exponentialNs(u, 1e6),
        normalNs(u, 1e6, 1e5),
        lognormalNs(u, 1e3, 1e6),
        paretoNs(u, 1e3, 0.5),
      ]) {
        expect(Number.isSafeInteger(ns)).toBe(true);
        expect(ns).toBeGreaterThanOrEqual(0);
      }
    }
  });

  it("find the quantiles of the normal distribution as tables have them", () => {
    expect(normalQuantile(0.5)).toBe(0);
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 14);
    expect(normalQuantile(0.999_999)).toBeCloseTo(4.753424308822899, 9);
    expect(normalQuantile(1e-10)).toBeCloseTo(-6.361340902404056, 12);
  });
});
