import { describe, expect, it } from "vitest";
import type { RequestKind } from "../timed-code.ts";
import { createStreams, type Drawers } from "./streams.ts";

const key = { seed: 1, replication: 0 };

function siteAt(line: number, kind: RequestKind = "work"): Drawers["sites"][number] {
  return { kind, place: { file: "a.scn", line, column: 1, endLine: line, endColumn: 9 } };
}

/** A thousand tasks, a hundred places. */
const drawers: Drawers = {
  declarations: [{ name: "t", firstTask: 0, count: 1000 }],
  sites: Array.from({ length: 100 }, (_, index) => siteAt(index)),
};

/** Written from PractRand's sfc.h with BigInt, to know that the words are sfc32's. */
function referenceWords(first: readonly bigint[], count: number): number[] {
  let [a = 0n, b = 0n, c = 0n, d = 0n] = first;
  const mask = 0xffffffffn;
  const words: number[] = [];
  for (let i = 0; i < count; i += 1) {
    const output = (a + b + d) & mask;
    d = (d + 1n) & mask;
    a = b ^ (b >> 9n);
    b = (c + (c << 3n)) & mask;
    c = ((((c << 21n) | (c >> 11n)) & mask) + output) & mask;
    words.push(Number(output));
  }
  return words;
}

function draws(count: number, from: { seed?: number; replication?: number; task?: number; site?: number }): number[] {
  const { uniform } = createStreams({ seed: from.seed ?? 1, replication: from.replication ?? 0 }, drawers);
  return Array.from({ length: count }, () => uniform(from.task ?? 0, from.site ?? 0));
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const n = a.length;
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / n;
  const [ma, mb] = [mean(a), mean(b)];
  let [xy, xx, yy] = [0, 0, 0];
  for (let i = 0; i < n; i += 1) {
    const [x, y] = [(a[i] ?? 0) - ma, (b[i] ?? 0) - mb];
    [xy, xx, yy] = [xy + x * y, xx + x * x, yy + y * y];
  }
  return xy / Math.sqrt(xx * yy);
}

describe("streams of chance", () => {
  it("are sfc32 behind twenty rounds from the key", () => {
    const factors = [0x9e3779b1n, 0x85ebca6bn, 0xc2b2ae35n, 0x27d4eb2fn];
    // Nobody's key is 0; the engine's sites are their own numbers in 32 bits.
    const values = [7n, 3n, 0n, 0xfffffffen];
    const first = factors.map((factor, index) => ((values[index]! + 1n) * factor) & 0xffffffffn);
    const words = referenceWords(first, 24).slice(20);
    const { uniform } = createStreams({ seed: 7, replication: 3 }, drawers);
    for (let i = 0; i < 2; i += 1) {
      const expected = ((words[2 * i]! >>> 5) * 2 ** 26 + (words[2 * i + 1]! >>> 6)) / 2 ** 53;
      expect(uniform(-1, -2)).toBe(expected);
    }
  });

  it("give known answers", () => {
    expect(draws(3, {})).toEqual(draws(3, {}));
    expect(draws(3, {})).toMatchInlineSnapshot(`
      [
        0.17599738397891018,
        0.3692982584065482,
        0.8347443734261458,
      ]
    `);
    expect(draws(2, { seed: 2 ** 32 - 1, replication: 29, task: 999, site: 77 })).toMatchInlineSnapshot(`
      [
        0.8894299396260898,
        0.31255958177419685,
      ]
    `);
    expect(draws(2, { task: -1, site: -1 })).toMatchInlineSnapshot(`
      [
        0.8609147752532085,
        0.9864429814378158,
      ]
    `);
  });

  it("belong to names and places, not to numbers", () => {
    const plain: Drawers = { declarations: [{ name: "t", firstTask: 0, count: 2 }], sites: [siteAt(1), siteAt(2)] };
    const variant: Drawers = {
      declarations: [
        { name: "other", firstTask: 0, count: 3 },
        { name: "t", firstTask: 3, count: 2 },
      ],
      sites: [siteAt(1, "mutex-lock"), siteAt(1), siteAt(2, "mutex-lock"), siteAt(2)],
    };
    const [one, other] = [createStreams(key, plain), createStreams(key, variant)];
    for (const task of [0, 1])
      for (const site of [0, 1]) expect(other.uniform(task + 3, 2 * site + 1)).toBe(one.uniform(task, site));
    expect(other.uniform(0, 1)).not.toBe(one.uniform(0, 0));
  });

  it("are shared by sites of one kind at one place, never by others", () => {
    const twice: Drawers = { ...drawers, sites: [siteAt(1), siteAt(1), siteAt(1, "sleep")] };
    const once = createStreams(key, { ...drawers, sites: [siteAt(1)] });
    const { uniform } = createStreams(key, twice);
    const [first, second] = [once.uniform(0, 0), once.uniform(0, 0)];
    expect([uniform(0, 0), uniform(0, 1)]).toEqual([first, second]);
    expect(uniform(0, 2)).not.toBe(first);
  });

  it("do not depend on what others draw", () => {
    const { uniform } = createStreams(key, drawers);
    const mixed: number[] = [];
    for (let i = 0; i < 50; i += 1) {
      for (let task = -1; task < 10; task += 1) uniform(task, 3);
      mixed.push(uniform(4, 2));
      uniform(5, 2);
    }
    expect(mixed).toEqual(draws(50, { task: 4, site: 2 }));
  });

  it("are uniform: chi-square over 1,024 cells, mean and variance", () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const count = 1 << 20;
      const cells = new Float64Array(1024);
      let [sum, squares] = [0, 0];
      for (const value of draws(count, { seed })) {
        const cell = Math.floor(value * 1024);
        cells[cell] = cells[cell]! + 1;
        sum += value;
        squares += value * value;
      }
      const expected = count / 1024;
      const chi2 = cells.reduce((total, cell) => total + (cell - expected) ** 2 / expected, 0);
      // 1,023 degrees: mean 1,023, deviation 45.2; four deviations.
      expect(Math.abs(chi2 - 1023)).toBeLessThan(181);
      expect(Math.abs(sum / count - 0.5)).toBeLessThan((4 * Math.sqrt(1 / 12)) / 1024);
      expect(Math.abs(squares / count - 1 / 3)).toBeLessThan((4 * Math.sqrt(4 / 45)) / 1024);
    }
  });

  it("have uniform first numbers over neighbouring keys", () => {
    for (const vary of ["seed", "replication", "task"] as const) {
      const cells = new Float64Array(64);
      const count = 500;
      for (let value = 0; value < count; value += 1) {
        for (const draw of draws(4, { [vary]: value })) {
          const cell = Math.floor(draw * 64);
          cells[cell] = cells[cell]! + 1;
        }
      }
      const expected = (4 * count) / 64;
      const chi2 = cells.reduce((total, cell) => total + (cell - expected) ** 2 / expected, 0);
      // 63 degrees: deviation 11.2.
      expect(Math.abs(chi2 - 63), vary).toBeLessThan(45);
    }
  });

  it("show no correlation between neighbours, within a stream and across the first numbers of keys", () => {
    const count = 100_000;
    const bound = 4 / Math.sqrt(count);
    const base = draws(count, { task: 5, site: 5 });
    const neighbours = [
      { task: 5, site: 6 },
      { task: 6, site: 5 },
      { task: 5, site: 5, seed: 2 },
      { task: 5, site: 5, replication: 1 },
    ];
    for (const neighbour of neighbours)
      expect(Math.abs(correlation(base, draws(count, neighbour))), JSON.stringify(neighbour)).toBeLessThan(bound);
    for (const lag of [1, 2, 3, 7])
      expect(Math.abs(correlation(base.slice(0, -lag), base.slice(lag)))).toBeLessThan(bound * 1.01);
    const { uniform } = createStreams(key, drawers);
    const firsts = Array.from({ length: 20_000 }, (_, index) => uniform(index % 1000, Math.floor(index / 1000)));
    expect(Math.abs(correlation(firsts.slice(0, -1), firsts.slice(1)))).toBeLessThan(4 / Math.sqrt(20_000));
  });

  it("flip half of the first number's bits when one bit of the key changes", () => {
    let [flips, trials] = [0, 0];
    for (let seed = 0; seed < 200; seed += 1) {
      const [one = 0] = draws(1, { seed });
      for (let bit = 0; bit < 8; bit += 1) {
        const [other = 0] = draws(1, { seed: seed ^ (1 << bit) });
        for (let at = 0; at < 24; at += 1) {
          const differ = Math.floor(one * 2 ** (at + 1)) % 2 !== Math.floor(other * 2 ** (at + 1)) % 2;
          flips += differ ? 1 : 0;
          trials += 1;
        }
      }
    }
    expect(Math.abs(flips / trials - 0.5)).toBeLessThan(0.01);
  });

  it("choose evenly, both ends included, also over the whole of 32 bits", () => {
    const { choose } = createStreams(key, drawers);
    const counts = new Map<number, number>();
    for (let i = 0; i < 60_000; i += 1) {
      const value = choose(0, 0, { lo: -2, hi: 3 });
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    expect([...counts.keys()].toSorted((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2, 3]);
    for (const count of counts.values()) expect(Math.abs(count - 10_000)).toBeLessThan(4 * Math.sqrt(10_000));
    const wide = Array.from({ length: 10_000 }, () => choose(0, 1, { lo: -(2 ** 31), hi: 2 ** 31 - 1 }));
    expect(Math.min(...wide)).toBeLessThan(-(2 ** 31) * 0.99);
    expect(Math.max(...wide)).toBeGreaterThan(2 ** 31 * 0.99);
    expect(wide.every((value) => Number.isInteger(value))).toBe(true);
  });
});
