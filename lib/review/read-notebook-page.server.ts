import { db } from "../db/client.server.ts";
import { mailVisibleTo } from "../mail/read/read-visible.server.ts";
import type { NotebookDiagnostic } from "../notebooks/diagnostics.ts";
import {
  evaluateClaim,
  evaluateExpectation,
  type ClaimState,
  type ExpectState,
  type RunOutcome,
} from "../notebooks/evaluate.ts";
import { ablatedSwitches } from "../notebooks/parse/check.ts";
import { parseNotebook } from "../notebooks/parse/parse.ts";
import { planRuns } from "../notebooks/plan/plan.ts";
import { readNotebook, type NotebookView } from "../notebooks/store/read.server.ts";
import type { Notebook } from "../notebooks/types.ts";
import { readSubset } from "../notebooks/switch-subset.ts";
import { visibleTo } from "../people/permissions.ts";
import type { Viewer } from "../people/viewer.ts";
import { resultFacts } from "../runs/run-outcome.ts";
import { readAsk, readAskResults, type AskView, type MemberView } from "../runs/read.server.ts";
import type { RunResult } from "../runs/run-result.ts";
import { figuresHeadline, figuresView } from "./figures-view.ts";
import { ablationHeadline, ablationView } from "./ablation-view.ts";
import { outcomeOf } from "./read-run-page.server.ts";
import type { RunState } from "./verdict-words.ts";

/** The newest ask of a run cell that this viewer may see. */
export type CellRun = {
  readonly askId: string;
  readonly askerName: string;
  readonly askedAt: Date;
  /** Asked from the very text that is shown. */
  readonly isThisText: boolean;
  /** Every parameter had the notebook's own value. */
  readonly isOwnParameters: boolean;
  readonly members: readonly { readonly ordinal: number; readonly variant: string; readonly state: RunState }[];
  /** Causes and cures, when the ask is an ablation. */
  readonly headline: string | null;
};

export type NotebookPlace = {
  readonly place: string;
  readonly messageIdText: string;
  readonly subject: string;
  readonly hunkKey: string | null;
};

export type NotebookPage = {
  readonly view: NotebookView;
  readonly notebook: Notebook;
  readonly diagnostics: readonly NotebookDiagnostic[];
  readonly runs: ReadonlyMap<string, CellRun>;
  /** By the line on which the expect line stands. */
  readonly expects: ReadonlyMap<number, ExpectState>;
  readonly claims: ReadonlyMap<string, ClaimState>;
  readonly places: readonly NotebookPlace[];
};

/** A notebook with the last results of its cells; null when there is none for this viewer. */
export async function readNotebookPage(
  viewer: Viewer,
  options: { readonly slug: string; readonly revision: number | null },
): Promise<NotebookPage | null> {
  const view = await readNotebook(viewer, options.slug, options.revision === null ? {} : { number: options.revision });
  if (view === null) return null;
  const { notebook, diagnostics } = parseNotebook(view.text);
  const [found, places] = await Promise.all([readCellRuns(viewer, view, notebook), readPlaces(viewer, view.id)]);
  const answer = (runId: string, variant: string): RunOutcome =>
    found.outcomes.get(`${runId} ${variant}`) ?? { kind: "not-run" };
  return {
    view,
    notebook,
    diagnostics,
    places,
    runs: found.runs,
    expects: new Map(notebook.expects.map((expect) => [expect.line, evaluateExpectation(expect, answer)])),
    claims: new Map(notebook.claims.map((claim) => [claim.id, evaluateClaim(claim, answer)])),
  };
}

type FoundRuns = {
  readonly runs: ReadonlyMap<string, CellRun>;
  /** By run cell and variant; only of asks of this very text with its own parameter values. */
  readonly outcomes: ReadonlyMap<string, RunOutcome>;
};

async function readCellRuns(viewer: Viewer, view: NotebookView, notebook: Notebook): Promise<FoundRuns> {
  const runs = new Map<string, CellRun>();
  const outcomes = new Map<string, RunOutcome>();
  const newest = await newestAsks(viewer, view);
  for (const { id, textHash } of newest) {
    const [ask, results] = await Promise.all([readAsk(viewer, id), readAskResults(viewer, id)]);
    if (ask === null) continue;
    const isThisText = textHash === view.textHash;
    const isOwnParameters = hasOwnParameters(notebook, ask);
    const byOrdinal = new Map((results ?? []).map(({ ordinal, result }) => [ordinal, result]));
    const ofMember = (member: MemberView): RunOutcome => outcomeOf(member, byOrdinal.get(member.ordinal));
    runs.set(ask.cellId, {
      askId: ask.id,
      askerName: ask.asker.name,
      askedAt: ask.createdAt,
      isThisText,
      isOwnParameters,
      headline: ask.kind === "ablate" ? headlineOf(notebook, ask, ofMember) : figuresOf(notebook, ask, byOrdinal),
      members: ask.members.map((member) => {
        const result = byOrdinal.get(member.ordinal);
        if (isThisText && isOwnParameters) {
          outcomes.set(`${ask.cellId} ${member.variant}`, ofMember(member));
        }
        return {
          ordinal: member.ordinal,
          variant: member.variant,
          state: {
            status: member.status,
            verdict: member.verdict,
            violationClass: member.violationClass,
            stopReason: member.stopReason,
            ...resultFacts(result ?? null),
          },
        };
      }),
    });
  }
  return { runs, outcomes };
}

function headlineOf(notebook: Notebook, ask: AskView, outcomeOf: (member: MemberView) => RunOutcome): string {
  const run = notebook.runs.find((candidate) => candidate.id === ask.cellId);
  const members = ask.members.map((member) => ({ variant: member.variant, outcome: outcomeOf(member) }));
  const switches = run === undefined ? null : ablatedSwitches(notebook, run);
  // A revision with other switches than those asked about cannot name the subsets.
  const known = members.every(({ variant }) => (readSubset(variant) ?? []).every((name) => switches?.includes(name)));
  return ablationHeadline(ablationView(members, { switches: known ? switches : null, expects: [] }));
}

/** What a sweep or a comparison came to; null of every other ask. */
function figuresOf(notebook: Notebook, ask: AskView, results: ReadonlyMap<number, RunResult>): string | null {
  if (ask.kind !== "sweep" && ask.kind !== "compare") return null;
  const members = ask.members.map((member) => {
    const result = results.get(member.ordinal) ?? null;
    return { variant: member.variant, state: { ...member, ...resultFacts(result) }, result };
  });
  const run = notebook.runs.find((candidate) => candidate.id === ask.cellId);
  const figures = figuresView(run, members, notebook);
  return figures === null ? null : figuresHeadline(figures);
}

/** For each run cell the newest ask of the shown text, else the newest of any text. Cancelled asks say nothing. */
async function newestAsks(
  viewer: Viewer,
  view: NotebookView,
): Promise<readonly { readonly id: string; readonly textHash: string | null }[]> {
  const where = { notebookId: view.id, cancelledAt: null, ...visibleTo(viewer, "personId") };
  const select = { id: true, cellId: true, textHash: true } as const;
  const orderBy = [{ createdAt: "desc" as const }, { id: "asc" as const }];
  const [ofText, ofAny] = await Promise.all([
    db().ask.findMany({ where: { ...where, textHash: view.textHash }, orderBy, distinct: ["cellId"], select }),
    db().ask.findMany({ where, orderBy, distinct: ["cellId"], select }),
  ]);
  const known = new Set(ofText.map((ask) => ask.cellId));
  return [...ofText, ...ofAny.filter((ask) => !known.has(ask.cellId))];
}

function hasOwnParameters(
  notebook: Notebook,
  ask: {
    readonly cellId: string;
    readonly members: readonly { readonly variant: string; readonly parameters: Readonly<Record<string, number>> }[];
  },
): boolean {
  const plan = planRuns(notebook, { cellId: ask.cellId });
  if (plan.kind === "rejected") return false;
  return ask.members.every((member) => {
    const own = plan.members.find((planned) => planned.variant === member.variant);
    return (
      own !== undefined && Object.entries(own.parameters).every(([name, value]) => member.parameters[name] === value)
    );
  });
}

/** Where the notebook is attached, in mails that the viewer may read. */
async function readPlaces(viewer: Viewer, notebookId: string): Promise<readonly NotebookPlace[]> {
  const rows = await db().attachment.findMany({
    where: { notebookId, withdrawnAt: null, ...visibleTo(viewer, "authorId") },
    orderBy: { createdAt: "asc" },
    take: 50,
    select: { place: true, messageIdHash: true, messageIdText: true, hunkKey: true },
  });
  const mails = await db().message.findMany({
    where: {
      messageIdHash: { in: rows.map((row) => row.messageIdHash) },
      variantOrdinal: 0,
      AND: [mailVisibleTo(viewer)],
    },
    select: { messageIdText: true, subject: true },
  });
  const subjects = new Map(mails.map((mail) => [mail.messageIdText, mail.subject]));
  return rows.flatMap(({ place, messageIdText, hunkKey }) => {
    const subject = subjects.get(messageIdText);
    return subject === undefined ? [] : [{ place, messageIdText, hunkKey, subject }];
  });
}
