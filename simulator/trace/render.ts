/** Traces and verdicts as plain text that survives a mail: lanes of tasks, 72 columns by default. */
import type { ExploreResult } from "../explore/result.ts";
import type { Trace, TraceEnd, TraceStep, Waiter } from "./trace.ts";

const stepColumn = 5;
/** Narrower lanes than this are unreadable: then each step names its task instead. */
const laneColumnsMin = 14;

/**
 * One lane a task, one row a step, changed cells on the right; long texts wrap in their column. With more tasks than fit,
 * one list instead of lanes. Ends with what the run came to.
 */
export function renderTrace(trace: Trace, options: { readonly columns: number }): string {
  const lanes = trace.tasks.length + 1;
  const width = Math.floor((options.columns - stepColumn) / lanes);
  const rows = width >= laneColumnsMin ? renderLanes(trace, { ...options, width }) : renderList(trace, options.columns);
  return [...rows, ...renderEnd(trace.end, options.columns)].join("\n") + "\n";
}

function renderLanes(trace: Trace, options: { readonly columns: number; readonly width: number }): readonly string[] {
  const { width } = options;
  const rest = options.columns - stepColumn - width * trace.tasks.length;
  const rows = [trimEnd(`step ${trace.tasks.map((task) => pad(cut(task, width - 1), width)).join("")}changes`)];
  for (const step of trace.steps) {
    const lane = trace.tasks.indexOf(step.task);
    const action = wrap(step.action, width - 1);
    const changes = wrap(changesText(step), rest);
    for (let line = 0; line < Math.max(action.length, changes.length, 1); line += 1) {
      const number = line === 0 ? pad(String(step.index).padStart(4), stepColumn) : " ".repeat(stepColumn);
      const cells = trace.tasks.map((_, index) => pad(index === lane ? (action[line] ?? "") : "", width));
      rows.push(trimEnd(number + cells.join("") + (changes[line] ?? "")));
    }
  }
  return rows;
}

function renderList(trace: Trace, columns: number): readonly string[] {
  const rows: string[] = [];
  for (const step of trace.steps) {
    const changes = changesText(step);
    const text = `${step.task}: ${step.action}${changes === "" ? "" : `; ${changes}`}`;
    wrap(text, columns - stepColumn).forEach((line, index) => {
      rows.push((index === 0 ? pad(String(step.index).padStart(4), stepColumn) : " ".repeat(stepColumn)) + line);
    });
  }
  return rows;
}

function changesText(step: TraceStep): string {
  return [
    ...step.changes.map((change) => `${change.name}=${change.after}`),
    ...step.notes.map((note) => `note: ${note}`),
  ].join(", ");
}

function renderEnd(end: TraceEnd, columns: number): readonly string[] {
  const rows = wrap(end.message, columns - 2).map((line, index) => (index === 0 ? `> ${line}` : `  ${line}`));
  if (end.kind !== "deadlock" && end.kind !== "cannot-finish") return rows;
  return [
    ...rows,
    ...end.waitsFor.flatMap((waiter) => wrap(waiterText(waiter), columns - 4).map((line) => `    ${line}`)),
  ];
}

function waiterText(waiter: Waiter): string {
  const holders = waiter.holders.length === 0 ? "" : ` (held by ${waiter.holders.join(", ")})`;
  return `${waiter.task} at ${waiter.place.file}:${String(waiter.place.line)} waits in ${waiter.waitsFor}${holders}`;
}

function pad(text: string, width: number): string {
  return text.padEnd(width);
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}~`;
}

function trimEnd(text: string): string {
  return text.replace(/ +$/, "");
}

/** Breaks at blanks; a word longer than the width is broken where it must. */
function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (let word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = "";
    }
    while (word.length > width) {
      lines.push(word.slice(0, width));
      word = word.slice(width);
    }
    line = line === "" ? word : `${line} ${word}`;
  }
  if (line !== "") lines.push(line);
  return lines;
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
