/**
 * The points of a sweep: one value of each parameter that varies. A point's label stands behind the variant's name
 * wherever a run is named, `x2 LOAD=4 CPUS=2`, as the label of a subset does in an ablation.
 */
import type { SweepAxis } from "./types.ts";

export type SweepPoint = Readonly<Record<string, number>>;

/** Every point, the last axis fastest. */
export function pointsOf(axes: readonly SweepAxis[]): readonly SweepPoint[] {
  return axes.reduce<readonly SweepPoint[]>(
    (points, { name, values }) => points.flatMap((point) => values.map((value) => ({ ...point, [name]: value }))),
    [{}],
  );
}

/** `LOAD=4 CPUS=2`, in the order of the axes. */
export function pointLabel(point: SweepPoint): string {
  return Object.entries(point)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");
}

/** `x2 LOAD=4`; the variant alone where nothing varies. */
export function labelAtPoint(variant: string, point: string): string {
  return point === "" ? variant : `${variant} ${point}`;
}

/** Variant and point of a label; null when it is none. */
export function readPointLabel(label: string): { readonly variant: string; readonly point: SweepPoint } | null {
  const [variant = "", ...words] = label.split(" ");
  const pairs = words.map((word) => /^([A-Za-z_]\w*)=(-?[0-9.e+-]+)$/.exec(word));
  if (words.length === 0 || pairs.some((pair) => pair === null)) return null;
  return { variant, point: Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? "", Number(pair?.[2])])) };
}
