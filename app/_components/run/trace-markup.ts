/**
 * A counterexample as a swim-lane table: a lane a task, one row a step, beside it what changed, who holds what and who
 * waits. Nothing needs a pointer or a script: what can be left out is folded with <details>.
 */
import { messageWords, notebookLine, type RunPage } from "#lib/review/run-page.ts";
import { explainedSteps, explanationHeading } from "#lib/review/trace-words.ts";
import type { ResultTrace } from "#lib/runs/trace-schema.ts";
import { markup, nothing, text, type Markup } from "../ui/markup.ts";

type Step = ResultTrace["steps"][number];
type End = ResultTrace["end"];
type Waiter = Step["waiting"][number];

type TraceView = {
  readonly trace: ResultTrace;
  readonly page: Pick<RunPage, "cellLines" | "notebook" | "revision">;
  /** `s` for the first trace of a page, so that `#s12` is its step 12; `m1-s` and so on for others. */
  readonly anchor: string;
};

/** The steps of a trace. Every step has an address, and can be reached by j and k. */
export function traceTable(view: TraceView): Markup {
  const { trace } = view;
  const rows = stepGroups(trace).map((group) =>
    group.isFolded ? foldedRow(group.steps, view) : stepRows(group, view),
  );
  return markup`<table class="trace">${tableHead(trace)}<tbody>${rows}${nextRows(view)}${endRow(view)}</tbody></table>`;
}

function tableHead(trace: ResultTrace): Markup {
  const lanes = trace.tasks.map((task) => markup`<th scope="col" class="lane">${text(task)}</th>`);
  return markup`<thead><tr><th scope="col" class="num">step</th>${lanes}<th scope="col">changed</th><th scope="col">held</th><th scope="col">waiting</th></tr></thead>`;
}

/** What each step is for, with addresses of the steps; nothing when the engine did not say. */
export function traceExplanation({ trace, page, anchor }: TraceView): Markup {
  if (trace.unexamined !== undefined)
    return markup`<p class="small soft">The steps were not examined: ${text(trace.unexamined)}.</p>`;
  const rows = explainedSteps(trace).map(({ first, last, task, sentence }) => {
    const numbers = first === last ? `${first}` : `${first}–${last}`;
    return markup`<tr><td class="num"><a href="#${anchor}${first}">${numbers}</a></td><td>${text(task)}</td><td>${text(messageWords(page, sentence))}</td></tr>`;
  });
  if (rows.length === 0) return nothing;
  return markup`<details class="purposes" open><summary>${explanationHeading}</summary><table class="grid-table"><thead><tr><th scope="col" class="num">step</th><th scope="col">task</th><th scope="col">what came of it</th></tr></thead><tbody>${rows}</tbody></table></details>`;
}

type StepGroup = { readonly steps: readonly Step[]; readonly before: string; readonly isFolded: boolean };

/** Steps as they stand; those that are not needed together. */
function stepGroups(trace: ResultTrace): readonly StepGroup[] {
  const groups: { steps: Step[]; before: string; isFolded: boolean }[] = [];
  let before = "";
  for (const step of trace.steps) {
    const isFolded = step.irrelevant === true;
    const open = groups.at(-1);
    if (open?.isFolded === isFolded) open.steps.push(step);
    else groups.push({ steps: [step], before, isFolded });
    before = step.task;
  }
  return groups;
}

function stepRows(group: Omit<StepGroup, "isFolded">, view: TraceView): Markup {
  let { before } = group;
  const rows = group.steps.map((step) => {
    const isSwitch = step.task !== before;
    before = step.task;
    return stepRow(step, { ...view, isSwitch });
  });
  return markup`${rows}`;
}

/** A link to a step inside opens it: browsers reveal the target of a fragment. */
function foldedRow(steps: readonly Step[], view: TraceView): Markup {
  const [first] = steps;
  const last = steps.at(-1);
  if (first === undefined || last === undefined) return nothing;
  const numbers = first === last ? `Step ${first.index}` : `Steps ${first.index} to ${last.index}`;
  const tasks = [...new Set(steps.map((step) => step.task))].join(", ");
  const columns = view.trace.tasks.length + 4;
  return markup`<tr class="folded"><td colspan="${columns}"><details><summary>${numbers} of ${text(tasks)}: not needed</summary><table class="trace">${tableHead(view.trace)}<tbody>${stepRows({ steps, before: "" }, view)}</tbody></table></details></td></tr>`;
}

function stepRow(step: Step, view: TraceView & { readonly isSwitch: boolean }): Markup {
  const id = `${view.anchor}${step.index}`;
  const lanes = lanesWith(view.trace, step.task, actionMarkup(step, view.page));
  return markup`<tr id="${id}" tabindex="-1" data-item class="${view.isSwitch ? "sw" : "same"}"><th scope="row" class="num"><a href="#${id}">${step.index}</a></th>${lanes}<td class="state">${changesMarkup(step)}</td><td class="state soft">${listMarkup(heldWords(step))}</td><td class="state soft">${listMarkup(step.waiting.map(waiterWords))}</td></tr>`;
}

function lanesWith(trace: ResultTrace, task: string, action: Markup): readonly Markup[] {
  return trace.tasks.map((name) =>
    name === task ? markup`<td class="lane on">${action}</td>` : markup`<td class="lane"></td>`,
  );
}

function actionMarkup(step: Step, page: TraceView["page"]): Markup {
  const atomic = step.atomic ? markup` <span class="soft">atomic</span>` : nothing;
  return markup`<code>${text(step.action)}</code><div class="source">${text(step.source)}</div>${placeMarkup(step.place, page)}${atomic}`;
}

function placeMarkup(place: Step["place"], page: TraceView["page"]): Markup {
  const line = notebookLine(page, place);
  if (line === null || page.notebook === null)
    return markup`<span class="soft">${text(place.file)}:${place.line}</span>`;
  const revision = page.revision === null ? "" : `?revision=${page.revision}`;
  return markup`<a class="place" href="/n/${page.notebook.slug}${revision}#L${line}">line ${line}</a>`;
}

function changesMarkup(step: Step): Markup {
  const changes = step.changes.map(
    (change) =>
      markup`<div><code>${text(change.name)}</code> <span class="soft">${text(change.before)}</span> → <b>${text(change.after)}</b></div>`,
  );
  const notes = step.notes.map((note) => markup`<div class="note">note: ${text(note)}</div>`);
  return markup`${changes}${notes}`;
}

function heldWords(step: Step): readonly string[] {
  return step.held.map((lock) => `${lock.lock} by ${lock.task}${lock.mode === "read" ? " (read)" : ""}`);
}

function waiterWords(waiter: Waiter): string {
  const holders = waiter.holders.length === 0 ? "" : `, held by ${waiter.holders.join(", ")}`;
  return `${waiter.task} for ${waiter.waitsFor}${holders}`;
}

function waitSentence(waiter: Waiter): string {
  const holders = waiter.holders.length === 0 ? "" : `, held by ${waiter.holders.join(", ")}`;
  return `${waiter.task} waits for ${waiter.waitsFor}${holders}.`;
}

function listMarkup(items: readonly string[]): Markup {
  return markup`${items.map((item) => markup`<div>${text(item)}</div>`)}`;
}

/** The two sides of a race stand below the last step: each is what its task would do next. */
function nextRows({ trace, page }: TraceView): Markup {
  const next = trace.end.kind === "violation" ? (trace.end.next ?? []) : [];
  const rows = next.map((step) => {
    const action = markup`<code>${text(step.action)}</code> ${placeMarkup(step.place, page)}`;
    return markup`<tr class="next"><th scope="row" class="num">next</th>${lanesWith(trace, step.task, action)}<td class="state"></td><td class="state"></td><td class="state"></td></tr>`;
  });
  return markup`${rows}`;
}

function endRow({ trace, page }: TraceView): Markup {
  const columns = trace.tasks.length + 4;
  const facts = endFacts(trace.end).map((fact) => markup`<div>${text(fact)}</div>`);
  const tone = trace.end.kind === "reached" ? "end end-reached" : "end";
  return markup`<tr class="${tone}"><td colspan="${columns}"><div class="end-words">${text(messageWords(page, trace.end.message))}${facts}</div></td></tr>`;
}

/** The wait-for graph as text: the cycle first, then who waits for what. */
function endFacts(end: End): readonly string[] {
  switch (end.kind) {
    case "violation":
    case "reached":
      return [];
    case "deadlock":
    case "cannot-finish": {
      const cycle = end.graph === undefined || end.graph.cycle.length === 0 ? [] : [`Cycle: ${end.graph.sentence}.`];
      return [...cycle, ...end.waitsFor.map(waitSentence)];
    }
    case "livelock":
      return end.waitsFor.map(waitSentence);
  }
}
