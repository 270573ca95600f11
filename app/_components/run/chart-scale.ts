/** Scales and ticks of the small charts, in SVG user units. */

export type Scale = {
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
};

export type ScaleRange = { readonly low: number; readonly high: number; readonly from: number; readonly to: number };

/** Ticks at 1, 2 or 5 times a power of ten, about five of them. */
export function linearScale({ low, high, from, to }: ScaleRange): Scale {
  const width = high - low || 1;
  const raw = width / 5;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((times) => times * power).find((candidate) => candidate >= raw) ?? raw;
  const ticks: number[] = [];
  for (let index = Math.ceil(low / step); index * step <= high + step * 1e-9; index += 1) ticks.push(index * step);
  return { at: (value) => rounded(from + ((value - low) / width) * (to - from)), ticks };
}

/** Ticks at the powers of ten; `low` must be above 0. */
export function logScale({ low, high, from, to }: ScaleRange): Scale {
  const [first, last] = [Math.log10(low), Math.log10(high)];
  const width = last - first || 1;
  const ticks: number[] = [];
  for (let power = Math.ceil(first - 1e-9); power <= last + 1e-9; power += 1) ticks.push(10 ** power);
  return { at: (value) => rounded(from + ((Math.log10(Math.max(value, low)) - first) / width) * (to - from)), ticks };
}

/** Two decimals: a path's bytes are sent to every reader. */
function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
