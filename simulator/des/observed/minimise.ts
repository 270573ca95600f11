/** Smallest value of a function of one or two numbers. */

const goldenShare = (Math.sqrt(5) - 1) / 2;

/**
 * Golden-section search for a function with one valley between `low` and `high`.
 *
 * @returns the place, to one part in 1e9 of the range
 * @source Kiefer 1953
 */
export function minimiseOne(
  value: (x: number) => number,
  { low, high }: { readonly low: number; readonly high: number },
): number {
  let [a, b] = [low, high];
  let [left, right] = [b - goldenShare * (b - a), a + goldenShare * (b - a)];
  let [atLeft, atRight] = [value(left), value(right)];
  while (b - a > (high - low) * 1e-9) {
    if (atLeft <= atRight) {
      [b, right, atRight] = [right, left, atLeft];
      left = b - goldenShare * (b - a);
      atLeft = value(left);
    } else {
      [a, left, atLeft] = [left, right, atRight];
      right = a + goldenShare * (b - a);
      atRight = value(right);
    }
  }
  return (a + b) / 2;
}

/**
 * The smallest of a function of two numbers: for each first number the best second one, golden section in golden section,
 * after a grid that finds the valley. Some ten thousand evaluations.
 */
export function minimiseTwo(
  value: (x: number, y: number) => number,
  ranges: { readonly x: readonly [number, number]; readonly y: readonly [number, number] },
): readonly [number, number] {
  const [xLow, xHigh] = ranges.x;
  const [yLow, yHigh] = ranges.y;
  const bestY = (x: number): number => minimiseOne((y) => value(x, y), { low: yLow, high: yHigh });
  const steps = 40;
  const step = (xHigh - xLow) / steps;
  let best = xLow;
  let bestValue = Number.POSITIVE_INFINITY;
  for (let index = 0; index <= steps; index += 1) {
    const x = xLow + index * step;
    const here = value(x, bestY(x));
    if (here < bestValue) [best, bestValue] = [x, here];
  }
  const around = { low: Math.max(xLow, best - step), high: Math.min(xHigh, best + step) };
  const x = minimiseOne((candidate) => value(candidate, bestY(candidate)), around);
  return [x, bestY(x)];
}
