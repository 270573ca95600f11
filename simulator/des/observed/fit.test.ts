import { describe, expect, it } from "vitest";
import type { Distribution } from "../result.ts";
import { lognormal, meanOfFamily, quantileOf, shareUpTo, type Family } from "./family.ts";
import { fitArrivals, fitTimes } from "./fit.ts";
import { minimiseTwo } from "./minimise.ts";
import { misfit, ofDistribution, ofFamily } from "./misfit.ts";
import type { Bucket, ObservedTimes } from "./observation.ts";
import { renderArrivals, renderMisfit, roughNs } from "./report.ts";

const known: readonly Family[] = [
  { kind: "exp", meanNs: 120_000 },
  { kind: "exp", meanNs: 35 },
  { kind: "lognormal", medianNs: 9_000, p99Ns: 80_000 },
  { kind: "lognormal", medianNs: 2_000_000, p99Ns: 6_000_000 },
  { kind: "pareto", scaleNs: 3_000, shape: 1.3 },
  { kind: "pareto", scaleNs: 900_000, shape: 4 },
];

/** The histogram that a large sample of the family has, in buckets of powers of two. */
function histogramOf(family: Family, count: number): Extract<ObservedTimes, { kind: "histogram" }> {
  const buckets: Bucket[] = [];
  for (let power = -1; power < 40; power += 1) {
    const fromNs = power < 0 ? 0 : 2 ** power;
    const share = shareUpTo(family, 2 ** (power + 1)) - shareUpTo(family, fromNs);
    const inside = Math.round(share * count);
    if (inside > 0 || buckets.length > 0) buckets.push({ fromNs, toNs: 2 ** (power + 1), count: inside });
  }
  while (buckets.at(-1)?.count === 0) buckets.pop();
  return { kind: "histogram", buckets, count: buckets.reduce((sum, bucket) => sum + bucket.count, 0) };
}

function distributionOf(family: Family, samples: number): Distribution {
  const shares = Array.from({ length: 200 }, (_, index) => (index + 1) / 201);
  const mean = { mean: meanOfFamily(family) ?? 0, halfWidth: null, replications: 1, values: [] };
  const ecdf = shares.map((share) => [quantileOf(family, share), share] as const);
  return { samples, min: ecdf[0]![0], max: ecdf.at(-1)![0], mean, quantiles: [], ecdf };
}

describe("families", () => {
  it.each(known)("%j: share and quantile are each other's inverse", (family) => {
    for (const q of [0.001, 0.3, 0.5, 0.9, 0.999]) expect(shareUpTo(family, quantileOf(family, q))).toBeCloseTo(q, 8);
    expect(shareUpTo(family, 0)).toBe(0);
    expect(shareUpTo(family, Number.POSITIVE_INFINITY)).toBe(1);
  });

  it("have the quantiles that the language names them by", () => {
    const times: Family = { kind: "lognormal", medianNs: 9_000, p99Ns: 80_000 };
    expect(quantileOf(times, 0.5)).toBeCloseTo(9_000, 6);
    expect(quantileOf(times, 0.99)).toBeCloseTo(80_000, 3);
    expect(quantileOf({ kind: "exp", meanNs: 1_000 }, 1 - Math.exp(-2))).toBeCloseTo(2_000, 6);
    expect(meanOfFamily({ kind: "pareto", scaleNs: 1_000, shape: 2 })).toBe(2_000);
    expect(meanOfFamily({ kind: "pareto", scaleNs: 1_000, shape: 1 })).toBeNull();
    expect(shareUpTo({ kind: "lognormal", medianNs: 5, p99Ns: 5 }, 4)).toBe(0);
  });
});

describe("a fit to a histogram", () => {
  it.each(known)("finds %j again among the three, from powers of two alone", (family) => {
    const fit = fitTimes(histogramOf(family, 100_000));
    if (fit.kind === "nothing") throw new Error(fit.message);
    const best = fit.families[0]!;
    expect(best.family.kind).toBe(family.kind);
    expect(best.misfit.verdict).toBe("fits");
    expect(best.misfit.ks).toBeLessThan(0.002);
    for (const q of [0.1, 0.5, 0.9, 0.99]) expect(quantileOf(best.family, q) / quantileOf(family, q)).toBeCloseTo(1, 1);
    expect(fit.families).toHaveLength(3);
  });

  it("says of two modes that nothing fits", () => {
    const buckets = [
      { fromNs: 100, toNs: 200, count: 5_000 },
      { fromNs: 200, toNs: 100_000, count: 0 },
      { fromNs: 100_000, toNs: 200_000, count: 5_000 },
    ];
    const fit = fitTimes({ kind: "histogram", buckets, count: 10_000 });
    if (fit.kind === "nothing") throw new Error(fit.message);
    expect(fit.families.map((fitted) => fitted.misfit.verdict)).toEqual(["bad", "bad", "bad"]);
    expect(fit.remarks).toEqual(["only 2 buckets hold times: many distributions fit them alike"]);
  });

  it("fits times of which some are above the last bucket", () => {
    const family: Family = { kind: "exp", meanNs: 1_000 };
    const whole = histogramOf(family, 100_000);
    const kept = whole.buckets.filter((bucket) => bucket.fromNs < 1_024);
    const above = whole.count - kept.reduce((sum, bucket) => sum + bucket.count, 0);
    const fit = fitTimes({
      kind: "histogram",
      count: whole.count,
      buckets: [...kept, { fromNs: 1_024, toNs: null, count: above }],
    });
    const exp = fit.kind === "fitted" ? fit.families.find((fitted) => fitted.family.kind === "exp")?.family : undefined;
    expect(exp?.kind === "exp" ? exp.meanNs : 0).toBeCloseTo(1_000, -1);
  });

  it.each([
    [{ kind: "histogram", count: 0, buckets: [] }, "no times were observed"],
    [
      { kind: "histogram", count: 5, buckets: [{ fromNs: 9, toNs: null, count: 5 }] },
      "one bucket without an upper end",
    ],
    [{ kind: "totals", count: 0, totalNs: 0, minNs: 0, maxNs: 0 }, "no times were observed"],
    [{ kind: "totals", count: 3, totalNs: 0, minNs: 0, maxNs: 0 }, "all times are 0"],
  ] as const)("of %j there is none", (times, message) => {
    const fit = fitTimes(times);
    expect(fit.kind === "nothing" ? fit.message : "fitted").toContain(message);
  });
});

describe("a fit to totals", () => {
  it("takes the largest time for the median of the largest of so many", () => {
    const family = lognormal(Math.log(5_000), 0.8);
    const count = 10_000;
    const times = {
      kind: "totals",
      count,
      totalNs: (meanOfFamily(family) ?? 0) * count,
      minNs: 200,
      maxNs: quantileOf(family, 0.5 ** (1 / count)),
    } as const;
    const fit = fitTimes(times);
    if (fit.kind === "nothing") throw new Error(fit.message);
    const best = fit.families[0]!.family;
    expect(
      best.kind === "lognormal" ? [Math.round(best.medianNs), Math.round(quantileOf(best, 0.99) / 10)] : [],
    ).toEqual([5_000, Math.round(quantileOf(family, 0.99) / 10)]);
    expect(fit.families[0]!.misfit.verdict).toBe("undecided");
  });

  it("leaves out what contradicts the extremes, and says that rare long times are missing", () => {
    const fit = fitTimes({ kind: "totals", count: 100, totalNs: 325_629_520, minNs: 1_310, maxNs: 299_502_610 });
    if (fit.kind === "nothing") throw new Error(fit.message);
    expect(fit.families.map((fitted) => fitted.family.kind)).toEqual(["exp"]);
    expect(fit.remarks[1]).toContain("rare long times are not in it");
  });
});

describe("misfit", () => {
  const observed = histogramOf({ kind: "exp", meanNs: 10_000 }, 50_000);

  it("is none of the same distribution, simulated", () => {
    const same = misfit(observed, ofDistribution(distributionOf({ kind: "exp", meanNs: 10_000 }, 20_000)));
    expect([same.verdict, same.worstOff]).toEqual(["fits", 0]);
    expect(same.ks).toBeLessThan(0.01);
    expect(same.rows.map((row) => [row.what, row.counts])).toEqual([
      ["p50", true],
      ["p90", true],
      ["p95", true],
      ["p99", true],
      ["p99.9", false],
    ]);
  });

  it("is bad of one twice as long, by its KS distance", () => {
    const twice = misfit(observed, ofDistribution(distributionOf({ kind: "exp", meanNs: 20_000 }, 20_000)));
    expect(twice.verdict).toBe("bad");
    // Largest at 13.9 us: 0.75 - 0.5; the ends of the buckets come near it.
    expect(twice.ks).toBeGreaterThan(0.2);
    expect(twice.ks).toBeLessThanOrEqual(0.2501);
    expect(twice.reason).toMatch(/^KS distance 0\.2\d\d is above 0\.1$/);
  });

  it("is bad where only the tail is wrong", () => {
    const family: Family = { kind: "exp", meanNs: 10_000 };
    const tail = {
      ...ofFamily(family),
      quantile: (q: number) => (q < 0.985 ? quantileOf(family, q) : 2 * quantileOf(family, q)),
    };
    const outcome = misfit(observed, tail);
    expect(outcome.ks).toBeLessThan(0.01);
    expect([outcome.verdict, outcome.reason]).toEqual(["bad", "p99 is off by 41 %"]);
  });

  it("is undecided of few times, and bad of few that are far away", () => {
    const few = histogramOf({ kind: "exp", meanNs: 10_000 }, 100);
    const near = misfit(few, ofFamily({ kind: "exp", meanNs: 11_000 }));
    expect(near.verdict).toBe("undecided");
    expect(near.reason).toContain("times are too few: a distance of 0.1 would be chance");
    expect(misfit(few, ofFamily({ kind: "exp", meanNs: 90_000 })).verdict).toBe("bad");
  });

  it("of a mean alone is bad or undecided", () => {
    const times = { kind: "totals", count: 5_000, totalNs: 50_000_000, minNs: 1, maxNs: 90_000 } as const;
    const of = (meanNs: number) => misfit(times, ofDistribution(distributionOf({ kind: "exp", meanNs }, 5_000)));
    expect(of(10_500)).toMatchObject({ verdict: "undecided", ks: null });
    expect(of(13_000)).toMatchObject({ verdict: "bad", reason: "the mean is off by 30 %" });
    expect(of(13_000).rows.map((row) => row.what)).toEqual(["mean"]);
  });

  it("of nothing is undecided", () => {
    const nothing = { kind: "histogram", count: 0, buckets: [] } as const;
    expect(misfit(nothing, ofFamily({ kind: "exp", meanNs: 1 })).verdict).toBe("undecided");
    const empty: Distribution = { ...distributionOf({ kind: "exp", meanNs: 1 }, 0), ecdf: [] };
    expect(misfit(observed, ofDistribution(empty))).toMatchObject({ verdict: "undecided" });
    expect(misfit(observed, ofDistribution(empty)).reason).toContain("0 times are too few");
  });

  it("reads an ECDF between its points in a straight line", () => {
    const mean = { mean: 15, halfWidth: null, replications: 1, values: [] };
    const two: Distribution = {
      samples: 4,
      min: 10,
      max: 20,
      mean,
      quantiles: [],
      ecdf: [
        [10, 0.25],
        [20, 1],
      ],
    };
    const comparable = ofDistribution(two);
    expect([5, 10, 15, 20, 25].map(comparable.shareUpTo)).toEqual([0, 0.25, 0.625, 1, 1]);
    expect([0.1, 0.25, 0.625, 1].map(comparable.quantile)).toEqual([10, 10, 15, 20]);
  });

  it("is told in a table", () => {
    const text = renderMisfit(
      misfit(observed, ofDistribution(distributionOf({ kind: "exp", meanNs: 20_000 }, 20_000))),
    );
    expect(text).toBe(
      `                        observed     simulated      off
  p50         4.10 us .. 8.19 us       13.9 us     69 %
  p90         16.4 us .. 32.8 us       46.1 us     41 %
  p95         16.4 us .. 32.8 us       59.9 us     83 %
  p99         32.8 us .. 65.5 us       92.1 us     41 %
  p99.9        65.5 us .. 131 us        106 us        0  too few
  KS distance 0.247 or more
bad: KS distance 0.247 is above 0.1
`,
    );
  });
});

describe("arrivals", () => {
  const lock = {
    name: "l",
    mode: null,
    lockKind: null,
    acquisitions: 1_000,
    contentions: 100,
    times: {
      hold: { kind: "totals", count: 1_000, totalNs: 200_000_000, minNs: 1, maxNs: 2 },
      wait: { kind: "totals", count: 100, totalNs: 300_000_000, minNs: 1, maxNs: 2 },
    },
  } as const;

  it("are what is left of the tasks' time", () => {
    expect(fitArrivals(lock, { seconds: 1, tasks: 4 })).toEqual({
      kind: "arrivals",
      betweenNs: 1_000_000,
      outsideNs: 3_500_000,
    });
    expect(renderArrivals(lock, fitArrivals(lock, { seconds: 1, tasks: 4 }))).toContain(
      "sleep(exp(ELSEWHERE_MEAN_NS ns));",
    );
  });

  it("need time to be left, and a count", () => {
    expect(fitArrivals(lock, { seconds: 0.4, tasks: 1 })).toMatchObject({
      kind: "nothing",
      message: "holding and waiting took more time than 1 task in 0.4 s have; say --tasks and --seconds",
    });
    expect(fitArrivals({ ...lock, acquisitions: null }, { seconds: 1, tasks: 1 }).kind).toBe("nothing");
  });
});

it("the search in two numbers finds a valley that lies across them", () => {
  const [x, y] = minimiseTwo((a, b) => (a - 1.5) ** 2 + 3 * (b - a) ** 2, { x: [-10, 10], y: [-10, 10] });
  expect([x, y].map((value) => Math.round(value * 1e4) / 1e4)).toEqual([1.5, 1.5]);
});

it("a rough time has three digits", () => {
  expect([0, 1, 999, 999.6, 1_000, 9_995, 10_049, 99_960, 999_499, 999_600, 1e9].map(roughNs)).toEqual([
    "0 ns",
    "1 ns",
    "999 ns",
    "1.00 us",
    "1.00 us",
    "10.0 us",
    "10.0 us",
    "100 us",
    "999 us",
    "1.00 ms",
    "1.00 s",
  ]);
});
