/** A sweep or a comparison as its page, its text twin and its notebook show it. */
import { readPointLabel } from "../notebooks/sweep-point.ts";
import type { Notebook, RunCell } from "../notebooks/types.ts";
import { compareRuns, comparisonSentence, type Comparison } from "../runs/comparison.ts";
import { figureText } from "../runs/figure.ts";
import { simulatedOf, type RunResult } from "../runs/run-result.ts";
import { sweepView, type SweepView } from "../runs/sweep.ts";
import { toneOf, verdictWords, type RunState } from "./verdict-words.ts";

export type FiguresView =
  | { readonly kind: "compare"; readonly comparison: Comparison; readonly isPending: boolean }
  | {
      readonly kind: "sweep";
      readonly view: SweepView;
      /** Points whose runs have ended, however. */
      readonly ended: number;
      readonly count: number;
    };

/** A run of the ask: its label, how it stands, what it found. */
export type FiguresMember = { readonly variant: string; readonly state: RunState; readonly result: RunResult | null };

/** What the runs of a sweep or a comparison say together; null of every other cell. */
export function figuresView(
  run: RunCell | undefined,
  members: readonly FiguresMember[],
  notebook: Notebook | null,
): FiguresView | null {
  const waits = members.filter(({ state }) => ["queued", "running"].includes(toneOf(state)));
  switch (run?.command.kind) {
    case "compare": {
      const { first, second, metric } = run.command;
      const side = (variant: string): Parameters<typeof compareRuns>[1] => ({
        variant,
        result: simulatedOf(members.find((member) => member.variant === variant)?.result ?? null),
      });
      return {
        kind: "compare",
        comparison: compareRuns(metric, side(first), side(second)),
        isPending: waits.length > 0,
      };
    }
    case "sweep": {
      const lines = [...(notebook?.expects ?? []), ...(notebook?.claims ?? []).flatMap((claim) => claim.needs)];
      const view = sweepView(members.map(sweepRun), {
        metric: run.command.metric,
        axes: run.command.axes.map(({ name, values }) => ({ name, values })),
        lines: lines.filter((line) => line.runId === run.id),
      });
      return { kind: "sweep", view, ended: members.length - waits.length, count: members.length };
    }
    case "check":
    case "simulate":
    case "crossover":
    case "ablate":
    case "reach":
    case undefined:
      return null;
  }
}

function sweepRun({ variant, state, result }: FiguresMember): Parameters<typeof sweepView>[0][number] {
  const label = readPointLabel(variant);
  return {
    variant: label?.variant ?? variant,
    point: label?.point ?? {},
    result: simulatedOf(result),
    words: verdictWords(state),
  };
}

/** What the runs came to, in a line; how far they have come before every one has ended. */
export function figuresHeadline(view: FiguresView): string {
  switch (view.kind) {
    case "compare":
      return view.isPending ? "Both variants have to be simulated first." : comparisonSentence(view.comparison);
    case "sweep":
      return sweepHeadline(view);
  }
}

function sweepHeadline({ view, ended, count }: Extract<FiguresView, { readonly kind: "sweep" }>): string {
  const along = view.axes.map(({ name, values }) => `${name} (${values.length})`).join(" and ");
  if (ended < count) return `Sweep of ${view.metric} along ${along}: ${ended} of ${count} runs have ended.`;
  const ranges = view.variants.map(({ variant, cells }) => {
    const found = cells.flatMap(({ figure }) => (figure.kind === "figure" ? [figure] : []));
    const [first] = found;
    if (first === undefined) return `${variant} has no figures`;
    const lowest = found.reduce((low, figure) => (figure.mean < low.mean ? figure : low), first);
    const highest = found.reduce((high, figure) => (figure.mean > high.mean ? figure : high), first);
    const missing = cells.length - found.length;
    const open = missing === 0 ? "" : `, ${missing} without a figure`;
    return `${variant} ${figureText(lowest)} to ${figureText(highest)}${open}`;
  });
  return `Sweep of ${view.metric} along ${along}: ${ranges.join("; ")}.`;
}
