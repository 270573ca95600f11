/** Quantiles of the distributions that intervals are made of. Pure functions of numbers; relative error below 1e-9. */

/**
 * Quantile of Student's t distribution.
 *
 * @param p in (0, 1)
 * @param degrees at least 1; need not be whole (Welch)
 * @source the distribution by the regularised incomplete beta function (Abramowitz and Stegun 26.7.1), inverted by
 *   bisection of its upper tail: some 100 rounds, made once for an interval
 */
export function studentQuantile(p: number, degrees: number): number {
  const key = `${String(p)} ${String(degrees)}`;
  const known = knownQuantiles.get(key);
  if (known !== undefined) return known;
  const value = symmetricQuantile(p, (t) => studentTail(t, degrees));
  if (knownQuantiles.size < knownMax) knownQuantiles.set(key, value);
  return value;
}

/** A result asks for one quantile some hundred times. */
const knownQuantiles = new Map<string, number>();
const knownMax = 1000;

/** Quantile of a distribution that is symmetric about 0, from its upper tail. */
function symmetricQuantile(p: number, tailAbove: (t: number) => number): number {
  if (p === 0.5) return 0;
  if (p < 0.5) return -symmetricQuantile(1 - p, tailAbove);
  const tail = 1 - p;
  let high = 1;
  while (tailAbove(high) > tail) high *= 2;
  let low = high === 1 ? 0 : high / 2;
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high || high - low < high * 1e-14) return middle;
    if (tailAbove(middle) > tail) low = middle;
    else high = middle;
  }
}

/** P(T > t) for t >= 0. */
export function studentTail(t: number, degrees: number): number {
  return 0.5 * incompleteBeta({ x: degrees / (degrees + t * t), a: degrees / 2, b: 0.5 });
}

/** Quantile of the standard normal distribution, for p not nearer to 0 or 1 than 1e-9. */
export function normalQuantile(p: number): number {
  return symmetricQuantile(p, normalTail);
}

/** P(Z > z) for 0 <= z < 7. @source Abramowitz and Stegun 26.2.11 */
export function normalTail(z: number): number {
  let term = z;
  let sum = z;
  for (let k = 3; term > sum * 1e-17; k += 2) {
    term *= (z * z) / k;
    sum += term;
  }
  return 0.5 - (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * sum;
}

type BetaArguments = { readonly x: number; readonly a: number; readonly b: number };

/** Regularised I_x(a, b). @source continued fraction, Abramowitz and Stegun 26.5.8, by Lentz's method */
export function incompleteBeta({ x, a, b }: BetaArguments): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // The fraction converges fast below the mean only; above it the other tail is computed.
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta({ x: 1 - x, a: b, b: a });
  const front = Math.exp(a * Math.log(x) + b * Math.log1p(-x) - logBeta(a, b)) / a;
  return front * betaFraction({ x, a, b });
}

const fractionRoundsMax = 1000;

function betaFraction({ x, a, b }: BetaArguments): number {
  const tiny = 1e-300;
  const away = (value: number): number => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; m <= fractionRoundsMax; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    value *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    value *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return value;
}

function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b);
}

const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const;

/** ln of the gamma function, x > 0. @source Lanczos' approximation with g = 7 and nine terms (Godfrey) */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const shifted = x - 1;
  let sum: number = lanczos[0];
  for (let i = 1; i < lanczos.length; i += 1) sum += (lanczos[i] ?? 0) / (shifted + i);
  const base = shifted + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(base) - base + Math.log(sum);
}
