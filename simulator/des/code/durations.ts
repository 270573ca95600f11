/**
 * Times drawn by inverse transform from one uniform number each: whole nanoseconds, at least 0. One number a draw, so the
 * n-th draw at a place uses the n-th number of its stream whatever the parameters are (common random numbers).
 */

/** 0.99 quantile of the standard normal distribution. */
const normal99 = 2.326_347_874_040_841;
/** Times end here: 2^52 ns, 52 days. */
const nsMax = 4_503_599_627_370_496;

/** Rounds to whole nanoseconds; never negative. */
export function wholeNs(ns: number): number {
  const rounded = Math.round(ns);
  return rounded > 0 ? Math.min(rounded, nsMax) : 0;
}

/** @param u uniform in [0, 1) */
export function exponentialNs(u: number, mean: number): number {
  return wholeNs(-mean * Math.log1p(-u));
}

export function uniformNs(u: number, lo: number, hi: number): number {
  return wholeNs(lo + u * (hi - lo));
}

/** Normal, cut off at 0. */
export function normalNs(u: number, mean: number, deviation: number): number {
  return wholeNs(mean + deviation * normalQuantile(u));
}

/** Lognormal by its median and its 0.99 quantile. */
export function lognormalNs(u: number, median: number, p99: number): number {
  if (median <= 0) return 0;
  const sigma = Math.log(Math.max(p99, median) / median) / normal99;
  return wholeNs(median * Math.exp(sigma * normalQuantile(u)));
}

/** Pareto of the first kind: smallest value `scale`; the mean is finite when shape > 1. */
export function paretoNs(u: number, scale: number, shape: number): number {
  return wholeNs(scale * (1 - u) ** (-1 / shape));
}

/**
 * Quantile of the standard normal distribution.
 * u = 0 counts as the smallest number that the streams can give besides it.
 *
 * @source Wichura 1988, algorithm AS 241 (PPND16): about 1e-16
 */
export function normalQuantile(u: number): number {
  const p = Math.max(u, 2 ** -53);
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return q * ratio(r, centre);
  }
  const tail = Math.sqrt(-Math.log(q < 0 ? p : 1 - p));
  const value = tail <= 5 ? ratio(tail - 1.6, middle) : ratio(tail - 5, far);
  return q < 0 ? -value : value;
}

type Rational = { readonly above: readonly number[]; readonly below: readonly number[] };

function ratio(r: number, of: Rational): number {
  return polynomial(r, of.above) / polynomial(r, of.below);
}

/** Coefficients from the highest power down. */
function polynomial(r: number, coefficients: readonly number[]): number {
  let sum = 0;
  for (const coefficient of coefficients) sum = sum * r + coefficient;
  return sum;
}

const centre: Rational = {
  above: [
    2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457, 13731.693765509461125,
    1971.5909503065514427, 133.14166789178437745, 3.387132872796366608,
  ],
  below: [
    5226.495278852854561, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867, 5394.1960214247511077,
    687.1870074920579083, 42.313330701600911252, 1,
  ],
};
const middle: Rational = {
  above: [
    7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177, 1.27045825245236838258,
    3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734,
  ],
  below: [
    1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966, 0.14810397642748007459,
    0.68976733498510000455, 1.6763848301838038494, 2.05319162663775882187, 1,
  ],
};
const far: Rational = {
  above: [
    2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386, 0.026532189526576123093,
    0.29656057182850489123, 1.7848265399172913358, 5.4637849111641143699, 6.6579046435011037772,
  ],
  below: [
    2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5, 7.868691311456132591e-4,
    0.0148753612908506148525, 0.13692988092273580531, 0.59983220655588793769, 1,
  ],
};
