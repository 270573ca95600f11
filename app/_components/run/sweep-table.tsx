import type { ReactNode } from "react";
import { figureText, shortFigureText } from "#lib/runs/figure.ts";
import type { SweepCell, SweepView } from "#lib/runs/sweep.ts";
import { SweepChart } from "./sweep-chart.tsx";

type Props = { readonly view: SweepView };
type Axis = SweepView["axes"][number];

/** A sweep: along one parameter a chart and a table, along two a heat map for each variant. */
export function SweepTable({ view }: Props): ReactNode {
  const [first, second] = view.axes;
  if (first === undefined) return null;
  return (
    <section className="mb-4">
      {second === undefined ? (
        <>
          <SweepChart view={view} axis={first} />
          <ValueTable view={view} axis={first} />
        </>
      ) : (
        view.variants.map((variant) => (
          <HeatMap key={variant.variant} metric={view.metric} variant={variant} down={first} across={second} />
        ))
      )}
      <Legend view={view} />
    </section>
  );
}

function Legend({ view }: Props): ReactNode {
  const beyond = view.variants.filter(({ cells }) => cells.some((cell) => cell.isMet === false));
  if (beyond.length === 0) return null;
  return (
    <ul className="notes small">
      {beyond.map(({ variant, threshold }) => (
        <li key={variant}>
          * {variant}: not <code>{threshold?.text}</code>; the thick line is where that changes
        </li>
      ))}
    </ul>
  );
}

function ValueTable({ view, axis }: Props & { readonly axis: Axis }): ReactNode {
  return (
    <div className="scroll-x">
      <table className="grid-table figures">
        <thead>
          <tr>
            <th scope="col">
              <code>{axis.name}</code>
            </th>
            {view.variants.map(({ variant }) => (
              <th key={variant} scope="col" className="num">
                {view.metric} of {variant}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {axis.values.map((value, row) => (
            <tr key={value}>
              <th scope="row">{value}</th>
              {view.variants.map(({ variant, cells }) => (
                <td key={variant} className={`num ${edgeClass(cells[row], { above: cells[row - 1] })}`}>
                  <CellWords cell={cells[row]} isShort={false} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function HeatMap({
  metric,
  variant,
  down,
  across,
}: {
  readonly metric: string;
  readonly variant: SweepView["variants"][number];
  readonly down: Axis;
  readonly across: Axis;
}): ReactNode {
  const { cells } = variant;
  const columns = across.values.length;
  const levelOf = heatLevels(cells);
  return (
    <div className="scroll-x mb-3">
      <table className="grid-table figures heat">
        <caption>
          {metric} of {variant.variant}: <code>{down.name}</code> down, <code>{across.name}</code> across
        </caption>
        <thead>
          <tr>
            <th scope="col">
              <code>{down.name}</code>
            </th>
            {across.values.map((value) => (
              <th key={value} scope="col" className="num">
                {value}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {down.values.map((value, row) => (
            <tr key={value}>
              <th scope="row">{value}</th>
              {cells.slice(row * columns, (row + 1) * columns).map((cell, column) => {
                const edges = {
                  above: cells[(row - 1) * columns + column],
                  left: column === 0 ? undefined : cells[row * columns + column - 1],
                };
                return (
                  <td key={column} className={`num heat-${levelOf(cell)} ${edgeClass(cell, edges)}`}>
                    <CellWords cell={cell} isShort />
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function CellWords({ cell, isShort }: { readonly cell: SweepCell | undefined; readonly isShort: boolean }): ReactNode {
  if (cell === undefined) return null;
  if (cell.figure.kind === "none") return <span className="soft">{isShort ? "–" : cell.words}</span>;
  const words = isShort ? shortFigureText(cell.figure) : figureText(cell.figure);
  return (
    <span title={figureText(cell.figure)}>
      {words}
      {cell.isMet === false ? "*" : ""}
    </span>
  );
}

/** A thick edge stands between a point where the threshold is met and one where it is not. */
function edgeClass(
  cell: SweepCell | undefined,
  neighbours: { readonly above?: SweepCell | undefined; readonly left?: SweepCell | undefined },
): string {
  const differs = (other: SweepCell | undefined): boolean =>
    cell?.isMet != null && other?.isMet != null && cell.isMet !== other.isMet;
  return [differs(neighbours.above) ? "edge-above" : "", differs(neighbours.left) ? "edge-left" : ""].join(" ").trim();
}

const levels = 6;

/** The shade of a cell, by the logarithm where values span more than a factor of ten. */
function heatLevels(cells: readonly SweepCell[]): (cell: SweepCell) => number {
  const values = cells.flatMap(({ figure }) => (figure.kind === "figure" ? [figure.mean] : []));
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const isLogarithmic = low > 0 && high / low > 10;
  const place = (value: number): number => (isLogarithmic ? Math.log(value) : value);
  const width = place(high) - place(low);
  return ({ figure }) => {
    if (figure.kind === "none" || width === 0) return 0;
    return Math.min(levels - 1, Math.floor((levels * (place(figure.mean) - place(low))) / width));
  };
}
