/** What many times look like together: mean, quantiles, ECDF, each with what replications say of its precision. */
import type { Distribution, Quantile } from "../result.ts";
import { confidence, estimate, ratio } from "./estimate.ts";
import { ecdfOf, mergedSteps, quantileOf, samplesNeeded, type Sample, type Step } from "./sample.ts";
import { studentQuantile } from "./student.ts";

/** Quantiles of every distribution. */
export const quantileLevels = [0.5, 0.9, 0.95, 0.99, 0.999, 0.9999] as const;

/** A group of replications needs so many samples beyond a quantile before its own estimate of it says something. */
const beyondPerGroup = 10;

/** @param samples one for each replication, in order; empty ones too */
export function distributionOf(samples: readonly Sample[]): Distribution {
  const filled = samples.filter((sample) => sample.count() > 0);
  const steps = mergedSteps(samples);
  return {
    samples: filled.reduce((sum, sample) => sum + sample.count(), 0),
    min: filled.length === 0 ? 0 : Math.min(...filled.map((sample) => sample.min())),
    max: filled.length === 0 ? 0 : Math.max(...filled.map((sample) => sample.max())),
    mean: estimate(samples.map((sample) => ratio(sample.sum(), sample.count()))),
    quantiles: quantileLevels.map((q) => quantileEstimate(q, { samples, steps })),
    ecdf: ecdfOf(steps),
  };
}

type Pooled = { readonly samples: readonly Sample[]; readonly steps: readonly Step[] };

/**
 * The quantile of all samples together. Its interval comes from groups of replications, each large enough to have the
 * quantile itself: their deviations from the pooled value, by Student's t.
 *
 * @source sectioning: Asmussen and Glynn, Stochastic Simulation (2007), III.5; Nakayama, WSC 2014
 */
function quantileEstimate(q: number, { samples, steps }: Pooled): Quantile {
  const needed = samplesNeeded(q);
  const values = samples.map((sample) => quantileOf(sample.steps(), q));
  const total = samples.reduce((sum, sample) => sum + sample.count(), 0);
  const value = total < needed ? null : quantileOf(steps, q);
  if (value === null) return { q, value: null, halfWidth: null, samplesNeeded: needed, values };
  const filled = samples.filter((sample) => sample.count() > 0);
  const groupCount = Math.min(filled.length, Math.max(2, Math.floor((total * (1 - q)) / beyondPerGroup)));
  if (groupCount < 2) return { q, value, halfWidth: null, samplesNeeded: needed, values };
  const squares = grouped(filled, groupCount)
    .map((group) => quantileOf(mergedSteps(group), q) ?? value)
    .reduce((sum, own) => sum + (own - value) ** 2, 0);
  const error = Math.sqrt(squares / (groupCount - 1) / groupCount);
  const halfWidth = studentQuantile((1 + confidence) / 2, groupCount - 1) * error;
  return { q, value, halfWidth, samplesNeeded: needed, values };
}

/** Neighbours together, groups as even as they get. */
function grouped(samples: readonly Sample[], groupCount: number): readonly (readonly Sample[])[] {
  const groups: Sample[][] = Array.from({ length: groupCount }, () => []);
  for (const [index, sample] of samples.entries())
    groups[Math.floor((index * groupCount) / samples.length)]?.push(sample);
  return groups;
}
