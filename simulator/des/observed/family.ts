/** The distributions of times that a scenario can draw from and that are fitted to observations. */
import { normalQuantile, normalTail } from "../statistics/student.ts";

/** Times in nanoseconds, with the parameters of the language: exp(mean), lognormal(median, p99), pareto(scale, shape). */
export type Family =
  | { readonly kind: "exp"; readonly meanNs: number }
  | { readonly kind: "lognormal"; readonly medianNs: number; readonly p99Ns: number }
  | { readonly kind: "pareto"; readonly scaleNs: number; readonly shape: number };

export type FamilyKind = Family["kind"];
export const familyKinds: readonly FamilyKind[] = ["exp", "lognormal", "pareto"];

const normal99 = normalQuantile(0.99);

/** Standard deviation of the logarithm, from median and 99th percentile. */
export function sigmaOf(medianNs: number, p99Ns: number): number {
  return Math.log(p99Ns / medianNs) / normal99;
}

export function lognormal(mu: number, sigma: number): Family {
  return { kind: "lognormal", medianNs: Math.exp(mu), p99Ns: Math.exp(mu + sigma * normal99) };
}

/** P(time <= ns). */
export function shareUpTo(family: Family, ns: number): number {
  if (ns <= 0) return 0;
  if (ns === Number.POSITIVE_INFINITY) return 1;
  switch (family.kind) {
    case "exp":
      return -Math.expm1(-ns / family.meanNs);
    case "lognormal": {
      const sigma = sigmaOf(family.medianNs, family.p99Ns);
      if (sigma === 0) return ns < family.medianNs ? 0 : 1;
      return normalShare(Math.log(ns / family.medianNs) / sigma);
    }
    case "pareto":
      return ns <= family.scaleNs ? 0 : 1 - (family.scaleNs / ns) ** family.shape;
  }
}

/** The time that a share q of all does not exceed, 0 < q < 1 and not nearer to them than 1e-9. */
export function quantileOf(family: Family, q: number): number {
  switch (family.kind) {
    case "exp":
      return -family.meanNs * Math.log1p(-q);
    case "lognormal":
      return family.medianNs * Math.exp(sigmaOf(family.medianNs, family.p99Ns) * normalQuantile(q));
    case "pareto":
      return family.scaleNs * (1 - q) ** (-1 / family.shape);
  }
}

/** Null where it is not finite: a pareto of shape 1 or less. */
export function meanOfFamily(family: Family): number | null {
  switch (family.kind) {
    case "exp":
      return family.meanNs;
    case "lognormal": {
      const sigma = sigmaOf(family.medianNs, family.p99Ns);
      return family.medianNs * Math.exp((sigma * sigma) / 2);
    }
    case "pareto":
      return family.shape <= 1 ? null : (family.scaleNs * family.shape) / (family.shape - 1);
  }
}

/** Where normalTail ends. Beyond, the tail is below 1e-11. */
const zMax = 6.9;

function normalShare(z: number): number {
  if (z > zMax) return 1;
  if (z < -zMax) return 0;
  return z >= 0 ? 1 - normalTail(z) : normalTail(-z);
}
