import type { ReactNode } from "react";
import { timeText } from "#lib/review/figure-words.ts";
import { shortFigureText } from "#lib/runs/figure.ts";
import type { SweepCell, SweepView } from "#lib/runs/sweep.ts";
import { linearScale, logScale, type Scale } from "./chart-scale.ts";

const width = 640;
const height = 260;
const plot = { left: 62, right: 540, top: 12, bottom: 214 } as const;
/** More lines than these are not told apart. */
const linesMax = 6;

type Props = { readonly view: SweepView; readonly axis: SweepView["axes"][number] };
type Point = { readonly value: number; readonly mean: number; readonly halfWidth: number };

/** The figure along one parameter, a line a variant with the intervals of its points; the table below has the numbers. */
export function SweepChart({ view, axis }: Props): ReactNode {
  const lines = view.variants.slice(0, linesMax).map(({ variant, cells }) => ({
    variant,
    points: cells.flatMap((cell) => pointOf(cell, axis.name)),
  }));
  const all = lines.flatMap(({ points }) => points);
  if (all.length < 2) return null;
  const along = scaleOf(axis.values, { from: plot.left, to: plot.right, isFromZero: false });
  // A few values are their own ticks.
  const x = axis.values.length <= 10 ? { ...along, ticks: axis.values } : along;
  const bounds = view.variants.flatMap(({ threshold }) => (threshold === null ? [] : [threshold.bound]));
  const tops = all.flatMap(({ mean, halfWidth }) => [mean - halfWidth, mean + halfWidth]);
  const y = scaleOf([...tops, ...bounds], { from: plot.bottom, to: plot.top, isFromZero: true });
  const isTime = view.variants.some(({ cells }) =>
    cells.some(({ figure }) => figure.kind === "figure" && figure.unit === "ns"),
  );
  const label = (value: number): string => (isTime ? timeText(value) : String(Number(value.toPrecision(3))));
  return (
    <div className="scroll-x">
      <svg className="chart" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={describe(view, axis.name)}>
        <Axes x={x} y={y} yLabel={label} xName={axis.name} />
        {[...new Set(bounds)].map((bound) => (
          <g key={bound}>
            <line className="chart-mark" x1={plot.left} x2={plot.right} y1={y.at(bound)} y2={y.at(bound)} />
            <text className="chart-note" x={plot.left + 4} y={y.at(bound) - 4}>
              {label(bound)}
            </text>
          </g>
        ))}
        {lines.map(({ variant, points }, index) => (
          <Line key={variant} variant={variant} points={points} index={index} scales={{ x, y }} />
        ))}
      </svg>
    </div>
  );
}

function pointOf({ point, figure }: SweepCell, name: string): readonly Point[] {
  const value = point[name];
  if (figure.kind === "none" || value === undefined) return [];
  return [{ value, mean: figure.mean, halfWidth: figure.halfWidth ?? 0 }];
}

/** By the logarithm where the values span more than a factor of 15. */
function scaleOf(
  values: readonly number[],
  { from, to, isFromZero }: { readonly from: number; readonly to: number; readonly isFromZero: boolean },
): Scale {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (low > 0 && high / low > 15) return logScale({ low, high, from, to });
  return linearScale({ low: isFromZero ? Math.min(0, low) : low, high: high === low ? low + 1 : high, from, to });
}

function Axes({
  x,
  y,
  yLabel,
  xName,
}: {
  readonly x: Scale;
  readonly y: Scale;
  readonly yLabel: (value: number) => string;
  readonly xName: string;
}): ReactNode {
  return (
    <>
      {y.ticks.map((value) => (
        <g key={value}>
          <line className="chart-grid" x1={plot.left} x2={plot.right} y1={y.at(value)} y2={y.at(value)} />
          <text className="chart-label" x={plot.left - 6} y={y.at(value) + 4} textAnchor="end">
            {yLabel(value)}
          </text>
        </g>
      ))}
      {x.ticks.map((value) => (
        <text key={value} className="chart-label" x={x.at(value)} y={plot.bottom + 16} textAnchor="middle">
          {Number(value.toPrecision(6))}
        </text>
      ))}
      <text className="chart-label" x={(plot.left + plot.right) / 2} y={plot.bottom + 34} textAnchor="middle">
        {xName}
      </text>
    </>
  );
}

/** Lines differ in their dashes too; the variant's name stands at the end. */
function Line({
  variant,
  points,
  index,
  scales: { x, y },
}: {
  readonly variant: string;
  readonly points: readonly Point[];
  readonly index: number;
  readonly scales: { readonly x: Scale; readonly y: Scale };
}): ReactNode {
  const last = points.at(-1);
  if (last === undefined) return null;
  const path = points.map(({ value, mean }, at) => `${at === 0 ? "M" : "L"}${x.at(value)} ${y.at(mean)}`).join("");
  return (
    <g className={`line-${index}`}>
      <path className="chart-line" d={path} />
      {points.map(({ value, mean, halfWidth }) => (
        <g key={value}>
          <line
            className="chart-interval"
            x1={x.at(value)}
            x2={x.at(value)}
            y1={y.at(mean - halfWidth)}
            y2={y.at(mean + halfWidth)}
          />
          <circle className="chart-point" cx={x.at(value)} cy={y.at(mean)} r={3} />
        </g>
      ))}
      <text className="chart-name" x={x.at(last.value) + 8} y={y.at(last.mean) + 4}>
        {variant}
      </text>
    </g>
  );
}

function describe(view: SweepView, name: string): string {
  const ends = view.variants.map(({ variant, cells }) => {
    const found = cells.flatMap(({ figure }) => (figure.kind === "figure" ? [shortFigureText(figure)] : []));
    return `${variant} from ${found[0] ?? "nothing"} to ${found.at(-1) ?? "nothing"}`;
  });
  return `${view.metric} along ${name}: ${ends.join("; ")}. The table has every value.`;
}
