import type { ReactNode } from "react";
import type { Distribution } from "#simulator";
import { percentText, quantileName, timeText } from "#lib/review/figure-words.ts";
import { linearScale, logScale } from "./chart-scale.ts";

const width = 640;
const height = 210;
const plot = { left: 58, right: 628, top: 12, bottom: 172 } as const;

type Props = { readonly latency: Distribution; readonly title: string };

/** Share of passages that took at most so long, over the logarithm of time; the marked percentiles stand in the table too. */
export function EcdfChart({ latency, title }: Props): ReactNode {
  const points = latency.ecdf.filter(([ns]) => ns > 0);
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined || last[0] <= first[0]) return null;
  const x = logScale({ low: first[0], high: last[0], from: plot.left, to: plot.right });
  const y = linearScale({ low: 0, high: 1, from: plot.bottom, to: plot.top });
  const marks = latency.quantiles.filter(({ q, value }) => value !== null && value > 0 && (q === 0.5 || q === 0.99));
  return (
    <div className="scroll-x">
      <svg className="chart" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={describe(title, latency)}>
        {[0, 0.25, 0.5, 0.75, 1].map((share) => (
          <g key={share}>
            <line className="chart-grid" x1={plot.left} x2={plot.right} y1={y.at(share)} y2={y.at(share)} />
            <text className="chart-label" x={plot.left - 6} y={y.at(share) + 4} textAnchor="end">
              {percentText(share, 1)}
            </text>
          </g>
        ))}
        {x.ticks.map((ns) => (
          <g key={ns}>
            <line className="chart-grid" x1={x.at(ns)} x2={x.at(ns)} y1={plot.top} y2={plot.bottom} />
            <text className="chart-label" x={x.at(ns)} y={plot.bottom + 16} textAnchor="middle">
              {timeText(ns)}
            </text>
          </g>
        ))}
        <path className="chart-line" d={stairs(points.map(([ns, share]) => [x.at(ns), y.at(share)]))} />
        {marks.map(({ q, value }) => (
          <g key={q}>
            <line className="chart-mark" x1={x.at(value ?? 0)} x2={x.at(value ?? 0)} y1={plot.top} y2={plot.bottom} />
            <text className="chart-note" x={x.at(value ?? 0)} y={plot.bottom + 32} textAnchor="middle">
              {quantileName(q)}
            </text>
          </g>
        ))}
      </svg>
    </div>
  );
}

/** Right, then up: between two values nothing took so long. */
function stairs(points: readonly (readonly [number, number])[]): string {
  return points.map(([x, y], index) => (index === 0 ? `M${x} ${y}` : `H${x}V${y}`)).join("");
}

function describe(title: string, { quantiles, samples }: Distribution): string {
  const known = quantiles.flatMap(({ q, value }) => (value === null ? [] : [`${quantileName(q)} ${timeText(value)}`]));
  return `Distribution of ${title}, ${samples} passages: ${known.join(", ")}`;
}
