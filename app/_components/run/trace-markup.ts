/** A counterexample as a swim-lane table: a lane a task, one row a step, what changed beside it. */
import { messageWords, notebookLine, type RunPage } from "#lib/review/run-page.ts";
import type { ResultTrace } from "#lib/runs/run-result.ts";
import { markup, nothing, text, type Markup } from "../ui/markup.ts";

type Step = ResultTrace["steps"][number];

type TraceView = {
  readonly trace: ResultTrace;
  readonly page: RunPage;
  /** `s` for the first trace of a page, so that `#s12` is its step 12; `m1-s` and so on for others. */
  readonly anchor: string;
};

/** The steps of a trace. Every step has an address, and can be reached by j and k. */
export function traceTable({ trace, page, anchor }: TraceView): Markup {
  const lanes = trace.tasks.map((task) => markup`<th scope="col" class="lane">${text(task)}</th>`);
  let before = "";
  const rows = trace.steps.map((step) => {
    const isSwitch = step.task !== before;
    before = step.task;
    return stepRow(step, { trace, page, anchor, isSwitch });
  });
  return markup`<table class="trace"><thead><tr><th scope="col" class="num">step</th>${lanes}<th scope="col">changed, held, waiting</th></tr></thead><tbody>${rows}${endRow(trace, page)}</tbody></table>`;
}

function stepRow(step: Step, view: TraceView & { readonly isSwitch: boolean }): Markup {
  const id = `${view.anchor}${step.index}`;
  const lanes = view.trace.tasks.map((task) =>
    task === step.task
      ? markup`<td class="lane on">${actionMarkup(step, view.page)}</td>`
      : markup`<td class="lane"></td>`,
  );
  return markup`<tr id="${id}" tabindex="-1" data-item class="${view.isSwitch ? "sw" : "same"}"><th scope="row" class="num"><a href="#${id}">${step.index}</a></th>${lanes}<td class="state">${stateMarkup(step)}</td></tr>`;
}

function actionMarkup(step: Step, page: RunPage): Markup {
  const line = notebookLine(page, step.place);
  const place =
    line === null || page.notebook === null
      ? markup`<span class="soft">${text(step.place.file)}:${step.place.line}</span>`
      : markup`<a class="place" href="/n/${page.notebook.slug}${page.revision === null ? "" : `?revision=${page.revision}`}#L${line}">line ${line}</a>`;
  const atomic = step.atomic ? markup` <span class="soft">atomic</span>` : nothing;
  return markup`<code>${text(step.action)}</code><span class="source">${text(step.source)}</span>${place}${atomic}`;
}

function stateMarkup(step: Step): Markup {
  const changes = step.changes.map(
    (change) =>
      markup`<div><code>${text(change.name)}</code> <span class="soft">${text(change.before)}</span> → <b>${text(change.after)}</b></div>`,
  );
  const held = step.held.map((lock) => `${lock.lock} by ${lock.task}${lock.mode === "read" ? " (read)" : ""}`);
  const waiting = step.waiting.map((waiter) => `${waiter.task} for ${waiter.waitsFor}`);
  return markup`${changes}${listLine("held", held)}${listLine("waiting", waiting)}${step.notes.map((note) => markup`<div class="note">note: ${text(note)}</div>`)}`;
}

function listLine(what: string, items: readonly string[]): Markup {
  return items.length === 0 ? nothing : markup`<div class="soft">${what}: ${text(items.join(", "))}</div>`;
}

function endRow(trace: ResultTrace, page: RunPage): Markup {
  const columns = trace.tasks.length + 2;
  const waits =
    trace.end.kind === "deadlock" || trace.end.kind === "cannot-finish"
      ? trace.end.waitsFor.map(
          (waiter) =>
            markup`<div>${text(waiter.task)} waits for ${text(waiter.waitsFor)}${waiter.holders.length === 0 ? "" : `, held by ${waiter.holders.join(", ")}`}</div>`,
        )
      : [];
  return markup`<tr class="end"><td colspan="${columns}">${text(messageWords(page, trace.end.message))}${waits}</td></tr>`;
}
