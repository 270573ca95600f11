import type { ReactNode } from "react";
import { comparisonSentence, type Comparison } from "#lib/runs/comparison.ts";
import { figureText, shortFigureText } from "#lib/runs/figure.ts";
import { linearScale } from "./chart-scale.ts";

const width = 640;
const height = 84;
const plot = { left: 40, right: 600, axis: 52 } as const;

/** Two variants by one figure: each with its interval, and the difference of pairs with its own. */
export function ComparisonView({ comparison }: { readonly comparison: Comparison }): ReactNode {
  if (comparison.kind === "none") return <p className="notice">{comparisonSentence(comparison)}</p>;
  const { metric, first, second, difference, halfWidth, detectable, pairs } = comparison;
  const { unit } = first.figure;
  return (
    <section className="mb-4">
      <DifferenceChart comparison={comparison} />
      <div className="scroll-x">
        <table className="grid-table figures">
          <thead>
            <tr>
              <th scope="col">Variant</th>
              <th scope="col" className="num">
                {metric}
              </th>
            </tr>
          </thead>
          <tbody>
            {[first, second].map(({ variant, figure }) => (
              <tr key={variant}>
                <th scope="row">{variant}</th>
                <td className="num">{figureText(figure)}</td>
              </tr>
            ))}
            <tr>
              <th scope="row">
                difference{" "}
                <span className="soft">
                  ({second.variant} less {first.variant}, {pairs} pairs)
                </span>
              </th>
              <td className="num">{figureText({ mean: difference, halfWidth, unit })}</td>
            </tr>
            <tr>
              <th scope="row" className="soft">
                a difference that so many pairs would have shown
              </th>
              <td className="num soft">{figureText({ mean: detectable, halfWidth: null, unit })}</td>
            </tr>
          </tbody>
        </table>
      </div>
    </section>
  );
}

type Compared = Extract<Comparison, { readonly kind: "compared" }>;

function DifferenceChart({ comparison }: { readonly comparison: Compared }): ReactNode {
  const { difference, halfWidth, first } = comparison;
  const { unit } = first.figure;
  const [low, high] = [Math.min(0, difference - halfWidth), Math.max(0, difference + halfWidth)];
  const margin = (high - low || 1) * 0.1;
  const x = linearScale({ low: low - margin, high: high + margin, from: plot.left, to: plot.right });
  return (
    <div className="scroll-x">
      <svg
        className="chart chart-low"
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={comparisonSentence(comparison)}
      >
        {x.ticks.map((value) => (
          <g key={value}>
            <line className="chart-grid" x1={x.at(value)} x2={x.at(value)} y1={8} y2={plot.axis} />
            <text className="chart-label" x={x.at(value)} y={plot.axis + 18} textAnchor="middle">
              {value === 0 ? "no difference" : shortFigureText({ mean: value, unit })}
            </text>
          </g>
        ))}
        <line className="chart-mark" x1={x.at(0)} x2={x.at(0)} y1={4} y2={plot.axis} />
        <line
          className="chart-interval wide"
          x1={x.at(difference - halfWidth)}
          x2={x.at(difference + halfWidth)}
          y1={30}
          y2={30}
        />
        <circle className="chart-point" cx={x.at(difference)} cy={30} r={5} />
      </svg>
    </div>
  );
}
