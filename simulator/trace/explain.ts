/** What the steps of a trace are for, in rows that a page and a mail share. */
import type { StepPurpose, Trace, TraceEnd, TraceStep } from "./trace.ts";
import { renderTrace } from "./render.ts";
import { wrap } from "./wrap.ts";

/** Steps of one task that stand together and of which the same is to be said. Numbers are the steps' own, from 1. */
export type ExplainedSteps = {
  readonly first: number;
  readonly last: number;
  readonly task: string;
  /** What was tried and seen, without a stop. */
  readonly sentence: string;
};

/**
 * How to read the rows: what was tried, in the state before the step. "The others alone" is every interleaving of the
 * other tasks while this one stands there.
 */
export const explanationHeading = "If a task is delayed before a step until the others are through:";

/** The rows, in the order of the steps; empty when the steps were not examined. */
export function explainSteps(trace: Trace): readonly ExplainedSteps[] {
  const rows: ExplainedSteps[] = [];
  for (const step of trace.steps) {
    const sentence = sentenceOf(step, trace.end);
    if (sentence === null) continue;
    const open = rows[rows.length - 1];
    const continues = open?.task === step.task && open.sentence === sentence && open.last === step.index - 1;
    if (continues) rows[rows.length - 1] = { ...open, last: step.index };
    else rows.push({ first: step.index, last: step.index, task: step.task, sentence });
  }
  return rows;
}

function sentenceOf(step: TraceStep, end: TraceEnd): string | null {
  if (step.irrelevant === true) {
    const rest = end.kind === "deadlock" ? "the tasks of the cycle wait for each other" : "the rest violates the same";
    return `not needed: without all such steps ${rest}`;
  }
  if (step.purpose === undefined) return null;
  return [step.purpose.delayed, ...aloneWords(step.purpose)].join("; ");
}

/** Nothing is said when there was more to look at than was looked at, or when the delayed run says it already. */
function aloneWords(purpose: StepPurpose): readonly string[] {
  switch (purpose.heldBack) {
    case "never":
      return ["the others alone never bring it about"];
    case "still":
      return purpose.delayedViolates ? [] : ["the others alone can bring it about too"];
    case "unknown":
      return [];
  }
}

/**
 * The rows as text, each with the numbers of its steps and its task. Ends with a line end; empty when there are none and
 * nothing was left unexamined.
 */
export function renderExplanation(trace: Trace, options: { readonly columns: number }): string {
  const rows = explainSteps(trace);
  if (trace.unexamined !== undefined) return `Steps not examined: ${trace.unexamined}.\n`;
  if (rows.length === 0) return "";
  const numbers = Math.max(...rows.map((row) => numbersOf(row).length));
  const lines = rows.flatMap((row) => {
    const head = `  ${numbersOf(row).padStart(numbers)}  `;
    return wrap(`${row.task}: ${row.sentence}`, options.columns - head.length).map(
      (line, index) => (index === 0 ? head : " ".repeat(head.length)) + line,
    );
  });
  return `${[explanationHeading, ...lines].join("\n")}\n`;
}

/** The lanes of a trace, then what its steps are for: what a person gets to read. Ends with a line end. */
export function renderCounterexample(trace: Trace, options: { readonly columns: number }): string {
  const explanation = renderExplanation(trace, options);
  const lanes = renderTrace(trace, options);
  return explanation === "" ? lanes : `${lanes.trimEnd()}\n\n${explanation}`;
}

function numbersOf({ first, last }: ExplainedSteps): string {
  return first === last ? String(first) : `${String(first)}-${String(last)}`;
}
