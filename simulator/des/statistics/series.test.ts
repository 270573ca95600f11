import { describe, expect, it } from "vitest";
import { createStreams } from "../random/streams.ts";
import { mserCut, Series } from "./series.ts";

function noise(seed: number): () => number {
  const { uniform } = createStreams({ seed, replication: 0 }, { declarations: [], sites: [] });
  return () => uniform(-1, -1);
}

describe("a series", () => {
  it("keeps the means of its batches, however long it gets", () => {
    const series = new Series();
    const values = Array.from({ length: 100_003 }, (_, index) => (index * 7919) % 1000);
    for (const value of values) series.add(value);
    const means = series.means();
    expect(series.count).toBe(100_003);
    expect(series.batch).toBe(5 * 2 ** 5);
    expect(means).toHaveLength(Math.floor(100_003 / series.batch));
    for (const [index, mean] of means.entries()) {
      const batch = values.slice(index * series.batch, (index + 1) * series.batch);
      expect(mean).toBeCloseTo(batch.reduce((sum, value) => sum + value, 0) / series.batch, 9);
    }
  });

  it("loses nothing when an odd batch is left over", () => {
    const series = new Series();
    for (let value = 1; value <= 15; value += 1) series.add(value);
    series.join();
    for (let value = 16; value <= 20; value += 1) series.add(value);
    expect(series.means()).toEqual([5.5, 15.5]);
  });
});

describe("the cut of MSER", () => {
  it("lies where a start that differs ends", () => {
    const draw = noise(1);
    const means = Array.from({ length: 200 }, (_, index) => (index < 30 ? 5 - index / 10 : 2) + draw());
    const cut = mserCut(means) ?? -1;
    expect(cut).toBeGreaterThan(20);
    expect(cut).toBeLessThan(45);
  });

  it("is short for a series without a start", () => {
    let long = 0;
    for (let seed = 1; seed <= 100; seed += 1) {
      const draw = noise(seed);
      if ((mserCut(Array.from({ length: 200 }, () => draw())) ?? 100) > 20) long += 1;
    }
    expect(long).toBeLessThan(20);
  });

  it("is none for what is too short, or grows all the time", () => {
    expect(mserCut([1, 2, 3])).toBeNull();
    expect(mserCut(Array.from({ length: 100 }, (_, index) => index))).toBeNull();
    expect(mserCut(Array.from({ length: 100 }, () => 3))).toBe(0);
  });
});
