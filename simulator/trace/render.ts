/** Traces and verdicts as plain text that survives a mail: lanes of tasks, 72 columns by default. */
import type { ExploreResult } from "../explore/result.ts";
import type { CellChange, HeldLock, NextStep, Trace, TraceEnd, TraceStep, Waiter } from "./trace.ts";
import { pad, trimEnd, wrap } from "./wrap.ts";

/** A lane is as wide as its task's name and this much more, within bounds. */
const laneGap = 2;
const laneColumnsMax = 14;
/** The last lane must leave this much for its actions; else each step names its task instead. */
const lastLaneColumnsMin = 24;
const violationMark = "  <-- !";
/** Where the changes column begins, as a part of the width. */
const changesPart = 0.62;

type Layout = {
  readonly columns: number;
  /** Room for the numbers of steps: `12`, and `3-14` for folded ones. */
  readonly numbers: number;
  /** Column at which each lane begins, by task. */
  readonly lanes: readonly number[];
  readonly changes: number;
  /** No lanes: each row names its task. */
  readonly isList: boolean;
};

/** Steps that are told in one row: numbers first to last. */
type Row = { readonly steps: readonly TraceStep[]; readonly isLast: boolean };

/**
 * One lane a task, one row a step, what it changed in shared memory on the right. An action runs on over the lanes
 * behind its own, which are empty in its row. Steps of one task that change nothing shared share a row and keep their
 * numbers. Ends with what the run came to, who holds and who waits.
 */
export function renderTrace(trace: Trace, options: { readonly columns: number }): string {
  const layout = layoutOf(trace, options.columns);
  const rows = fold(trace.steps).flatMap((row) => renderRow(row, { trace, layout }));
  const next = nextOf(trace.end).flatMap((step) => renderNext(step, { trace, layout }));
  return [...header(trace, layout), ...rows, ...next, ...renderEnd(trace, options.columns)].join("\n") + "\n";
}

function layoutOf(trace: Trace, columns: number): Layout {
  const lanes: number[] = [];
  const numbers = Math.max(6, 2 * String(trace.steps.length).length + 3);
  let at = numbers;
  for (const task of trace.tasks) {
    lanes.push(at);
    at += Math.min(laneColumnsMax, task.length + laneGap);
  }
  const last = lanes[lanes.length - 1] ?? numbers;
  const isList = columns - last < lastLaneColumnsMin;
  return {
    columns,
    numbers,
    lanes: isList ? trace.tasks.map(() => numbers) : lanes,
    changes: Math.floor(columns * changesPart),
    isList,
  };
}

function header(trace: Trace, layout: Layout): readonly string[] {
  if (trace.steps.length === 0 && nextOf(trace.end).length === 0) return [];
  if (layout.isList) return ["step"];
  const names = trace.tasks.map((task, index) => {
    const width = (layout.lanes[index + 1] ?? layout.columns) - (layout.lanes[index] ?? 0);
    return pad(task.length < width ? task : `${task.slice(0, width - 2)}~`, width);
  });
  return [trimEnd(pad("step", layout.numbers) + names.join("")).slice(0, layout.columns)];
}

function fold(steps: readonly TraceStep[]): readonly Row[] {
  const rows: Row[] = [];
  let open: TraceStep[] = [];
  const close = (): void => {
    if (open.length > 0) rows.push({ steps: open, isLast: false });
    open = [];
  };
  steps.forEach((step, index) => {
    const isLast = index === steps.length - 1;
    const isQuiet = !isLast && step.notes.length === 0 && shownChanges(step).length === 0 && !step.atomic;
    if (!isQuiet || open[0]?.task !== step.task) close();
    if (isQuiet) open.push(step);
    else rows.push({ steps: [step], isLast });
  });
  close();
  return rows;
}

/** Shared cells; own locals only where an indivisible step did nothing else. */
function shownChanges(step: TraceStep): readonly CellChange[] {
  const shared = step.changes.filter((change) => change.local !== true);
  return shared.length === 0 && step.atomic ? step.changes : shared;
}

function renderRow(
  { steps, isLast }: Row,
  { trace, layout }: { readonly trace: Trace; readonly layout: Layout },
): readonly string[] {
  const [first] = steps;
  const last = steps[steps.length - 1];
  if (first === undefined || last === undefined) return [];
  const number = steps.length === 1 ? String(first.index) : `${String(first.index)}-${String(last.index)}`;
  const lane = layout.lanes[trace.tasks.indexOf(first.task)] ?? layout.numbers;
  const mark = isLast && trace.end.kind === "violation" && nextOf(trace.end).length === 0 ? violationMark : "";
  const task = layout.isList ? `${first.task}: ` : "";
  const text = task + steps.map((step) => step.action.replace(/;$/, "")).join("; ");
  const lines = place(text + mark, changesText(last), { lane, layout });
  return lines.map((line, index) =>
    trimEnd(pad(index === 0 ? number.padStart(layout.numbers - 2) : "", layout.numbers) + line.slice(layout.numbers)),
  );
}

/** A step that was not made: the violation is that two of them can come next. */
function renderNext(
  step: NextStep,
  { trace, layout }: { readonly trace: Trace; readonly layout: Layout },
): readonly string[] {
  const lane = layout.lanes[trace.tasks.indexOf(step.task)] ?? layout.numbers;
  const task = layout.isList ? `${step.task}: ` : "";
  const lines = place(task + step.action.replace(/;$/, "") + violationMark, "", { lane, layout });
  return lines.map((line, index) =>
    trimEnd(pad(index === 0 ? "next".padStart(layout.numbers - 2) : "", layout.numbers) + line.slice(layout.numbers)),
  );
}

function nextOf(end: TraceEnd): readonly NextStep[] {
  return end.kind === "violation" ? (end.next ?? []) : [];
}

/** Action from its lane on, changes in their column or below when they do not fit beside it. */
function place(
  action: string,
  changes: string,
  { lane, layout }: { readonly lane: number; readonly layout: Layout },
): readonly string[] {
  const told = wrap(action, layout.columns - lane).map((line) => " ".repeat(lane) + line);
  if (changes === "") return told;
  const end = Math.max(...told.map((line) => line.length)) + 2;
  const at = Math.max(layout.changes, end);
  if (told.length === 1 && (at === layout.changes || changes.length <= layout.columns - at)) {
    const beside = wrap(changes, layout.columns - at);
    return beside.map((line, index) => pad(told[index] ?? "", at) + line);
  }
  const below = Math.max(layout.numbers, Math.min(layout.changes, layout.columns - changes.length));
  return [...told, ...wrap(changes, layout.columns - below).map((line) => " ".repeat(below) + line)];
}

/** What the action says already, `x = 1`, is not said again. */
function changesText(step: TraceStep): string {
  const told = step.action.replace(/^atomic: /, "").split(", ");
  return [
    ...shownChanges(step)
      .filter((change) => !told.includes(`${change.name} = ${change.after}`))
      .map((change) => `${shortName(change)}=${change.after}`),
    ...step.notes.map((note) => `note: ${note}`),
  ].join(", ");
}

/** A local without the task and the calls that lead to it: `mover#0.walk>lock:sem` is `sem`. */
function shortName(change: CellChange): string {
  return change.local === true ? change.name.replace(/^[^.]*[.](?:[^:]*:)?/, "") : change.name;
}

function renderEnd(trace: Trace, columns: number): readonly string[] {
  const { end } = trace;
  const rows = wrap(endMessage(end), columns - 2).map((line, index) => (index === 0 ? `> ${line}` : `  ${line}`));
  const last = trace.steps[trace.steps.length - 1];
  const facts = [...cycleTexts(end), ...heldTexts(last?.held ?? []), ...waitersOf(end, last).map(waiterText)];
  return [
    ...rows,
    ...facts.flatMap((fact) => wrap(fact, columns - 4).map((line, index) => `${index === 0 ? "  - " : "    "}${line}`)),
  ];
}

function cycleTexts(end: TraceEnd): readonly string[] {
  const graph = end.kind === "deadlock" || end.kind === "cannot-finish" ? end.graph : undefined;
  return graph === undefined || graph.cycle.length === 0 ? [] : [`cycle: ${graph.sentence}`];
}

/** Who waits for what stands in rows of its own below. */
function endMessage(end: TraceEnd): string {
  const first = end.kind === "deadlock" || end.kind === "cannot-finish" ? end.waitsFor[0] : undefined;
  const at = first === undefined ? -1 : end.message.indexOf(`: ${first.task} waits `);
  return at < 0 ? end.message : end.message.slice(0, at);
}

function waitersOf(end: TraceEnd, last: TraceStep | undefined): readonly Waiter[] {
  if (end.kind === "deadlock" || end.kind === "cannot-finish" || end.kind === "livelock") return end.waitsFor;
  return last?.waiting ?? [];
}

function heldTexts(held: readonly HeldLock[]): readonly string[] {
  return held.map((lock) => `${lock.task} holds ${lock.lock}${lock.mode === "read" ? " (read)" : ""}`);
}

function waiterText(waiter: Waiter): string {
  const holders = waiter.holders.length === 0 ? "" : ` (held by ${waiter.holders.join(", ")})`;
  return `${waiter.task} at ${waiter.place.file}:${String(waiter.place.line)} waits in ${waiter.waitsFor}${holders}`;
}

/** One sentence: what was found, over how much, under which assumptions. */
export function renderVerdict(result: ExploreResult): string {
  const size = `${grouped(result.states)} states, ${grouped(result.transitions)} transitions, depth ${grouped(result.depth)}`;
  switch (result.verdict) {
    case "holds":
      return `holds in every interleaving (${size}, exhaustive; ${result.assumptions.join("; ")})`;
    case "violated": {
      const steps = result.trace === undefined ? "" : ` after ${counted(result.trace.steps.length, "step")}`;
      return `violated (${result.class ?? "unknown"})${steps}: ${result.message} (${size})`;
    }
    case "inconclusive":
      return `inconclusive (limit ${result.limit ?? "unknown"}): ${result.message} (${size}, not exhaustive)`;
  }
}

function counted(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** 1234567 -> 1,234,567. */
function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}
