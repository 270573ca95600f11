import { describe, expect, it } from "vitest";
import { createStreams } from "../random/streams.ts";
import { estimate, halfWidthOf, pairedDifference, shareOf, shareOverReplications, wilsonInterval } from "./estimate.ts";

/** Normal numbers by Box and Muller. */
function normals(seed: number): () => number {
  const { uniform } = createStreams({ seed, replication: 0 }, { declarations: [], sites: [] });
  return () => Math.sqrt(-2 * Math.log(1 - uniform(-1, -1))) * Math.cos(2 * Math.PI * uniform(-1, -2));
}

describe("means over replications", () => {
  it("have Student's interval", () => {
    // 1..5: deviation sqrt(2.5), t(4) = 2.776445.
    const { mean, halfWidth, replications, values } = estimate([1, 2, 3, 4, 5]);
    expect(mean).toBe(3);
    expect(halfWidth).toBeCloseTo((2.776445 * Math.sqrt(2.5)) / Math.sqrt(5), 5);
    expect([replications, values]).toEqual([5, [1, 2, 3, 4, 5]]);
  });

  it("have none with one value", () => {
    expect(estimate([7])).toEqual({ mean: 7, halfWidth: null, replications: 1, values: [7] });
    expect(estimate([])).toEqual({ mean: 0, halfWidth: null, replications: 0, values: [] });
  });

  it("keep their digits with large values", () => {
    const values = [1, 2, 3, 4, 5].map((value) => value + 1e14);
    expect(halfWidthOf(values, 0.95)).toBeCloseTo(halfWidthOf([1, 2, 3, 4, 5], 0.95) ?? 0, 9);
  });

  it("cover the truth in 95 of 100", () => {
    const normal = normals(1);
    let covered = 0;
    for (let trial = 0; trial < 4000; trial += 1) {
      const { mean, halfWidth } = estimate(Array.from({ length: 5 }, () => 10 + normal()));
      covered += Math.abs(mean - 10) <= (halfWidth ?? 0) ? 1 : 0;
    }
    expect(covered / 4000).toBeGreaterThan(0.94);
    expect(covered / 4000).toBeLessThan(0.96);
  });
});

describe("shares", () => {
  it("have Wilson's interval", () => {
    // 2 of 30: Wilson 95 % is 0.0185 to 0.2132.
    const { low, high } = wilsonInterval({ hits: 2, of: 30 });
    expect(low).toBeCloseTo(0.0185, 4);
    expect(high).toBeCloseTo(0.2132, 4);
    const none = wilsonInterval({ hits: 0, of: 30 });
    expect(none.low).toBe(0);
    expect(none.high).toBeCloseTo(3.8415 / (30 + 3.8415), 4);
    expect(wilsonInterval({ hits: 30, of: 30 }).high).toBe(1);
    expect(wilsonInterval({ hits: 0, of: 0 })).toEqual({ low: 0, high: 1 });
  });

  it("of replications keep which one it was", () => {
    expect(shareOf([true, false, true, true])).toMatchObject({ share: 0.75, of: 4, values: [1, 0, 1, 1] });
  });

  it("are wider where replications differ more than chance", () => {
    const pooled = wilsonInterval({ hits: 500, of: 1000 });
    const spread = shareOverReplications([0, 250, 0, 250].map((hits) => ({ hits, of: 250 })));
    expect(spread.share).toBe(0.5);
    expect(spread.high - spread.low).toBeGreaterThan(5 * (pooled.high - pooled.low));
    const even = shareOverReplications(Array.from({ length: 4 }, () => ({ hits: 125, of: 250 })));
    expect(even).toEqual({ share: 0.5, ...pooled, of: 1000, values: [0.5, 0.5, 0.5, 0.5] });
    expect(shareOverReplications([{ hits: 0, of: 0 }])).toEqual({ share: 0, low: 0, high: 1, of: 0, values: [null] });
  });
});

describe("paired differences", () => {
  it("take pairs by their number and leave out missing ones", () => {
    const { mean, pairs } = pairedDifference([1, null, 3, 4], [2, 5, 5, null]);
    expect([mean, pairs]).toEqual([1.5, 2]);
    expect(pairedDifference([1], [2])).toEqual({ mean: 1, halfWidth: null, detectable: null, pairs: 1 });
  });

  it("see through what both share", () => {
    const normal = normals(2);
    const noise = Array.from({ length: 10 }, () => 100 * normal());
    const { mean, halfWidth } = pairedDifference(
      noise,
      noise.map((value) => value + 3 + 0.1 * normal()),
    );
    expect(mean).toBeCloseTo(3, 0);
    expect(halfWidth ?? 9).toBeLessThan(0.2);
  });

  it("find the detectable difference with 80 % power", () => {
    const normal = normals(3);
    const trials = 2000;
    // With 30 pairs and deviation 1 the detectable difference is about (2.045 + 0.854)/sqrt(30).
    const effect = (2.045 + 0.854) / Math.sqrt(30);
    let [found, detectable] = [0, 0];
    for (let trial = 0; trial < trials; trial += 1) {
      const zeros = Array.from({ length: 30 }, () => 0);
      const difference = pairedDifference(
        zeros,
        zeros.map(() => effect + normal()),
      );
      found += difference.mean - (difference.halfWidth ?? 0) > 0 ? 1 : 0;
      detectable += (difference.detectable ?? 0) / trials;
    }
    expect(found / trials).toBeGreaterThan(0.77);
    expect(found / trials).toBeLessThan(0.83);
    expect(detectable / effect).toBeCloseTo(1, 1);
  });
});
