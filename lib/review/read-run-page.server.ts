import { db } from "../db/client.server.ts";
import { mailVisibleTo } from "../mail/read/read-visible.server.ts";
import { evaluateExpectation, type RunOutcome } from "../notebooks/evaluate.ts";
import { ablatedSwitches } from "../notebooks/parse/check.ts";
import { parseNotebook } from "../notebooks/parse/parse.ts";
import { planRuns } from "../notebooks/plan/plan.ts";
import type { Expectation, Notebook, PlannedRun } from "../notebooks/types.ts";
import type { Viewer } from "../people/viewer.ts";
import { readAsk, readAskResults, readAskText, type AskView, type MemberView } from "../runs/read.server.ts";
import { engineFlags, parseRunInput } from "../runs/run-input.ts";
import { resultFacts, runOutcome } from "../runs/run-outcome.ts";
import type { RunResult } from "../runs/run-result.ts";
import { figuresView } from "./figures-view.ts";
import { ablationView, type AblationView } from "./ablation-view.ts";
import type { RunHunk, RunMember, RunPage } from "./run-page.ts";

/** An ask with everything its page says; null when there is none that this viewer may see. */
export async function readRunPage(viewer: Viewer, askId: string): Promise<RunPage | null> {
  const ask = await readAsk(viewer, askId);
  if (ask === null) return null;
  const [results, text, hunks, runs, revision] = await Promise.all([
    readAskResults(viewer, askId),
    readAskText(viewer, askId),
    readAskHunks(viewer, askId),
    readRunInputs(ask),
    readRevisionNumber(ask),
  ]);
  const notebook = text === null ? null : parseNotebook(text).notebook;
  const byOrdinal = new Map((results ?? []).map(({ ordinal, result }) => [ordinal, result]));
  const outcomes = new Map(
    ask.members.map((member) => [member.variant, outcomeOf(member, byOrdinal.get(member.ordinal))]),
  );
  const expects = notebook === null ? [] : notebook.expects.filter((expect) => expect.runId === ask.cellId);
  const planned = notebook === null ? new Map<string, PlannedRun>() : plannedRuns(notebook, ask.cellId);
  const members = ask.members.map((member) =>
    runMember(member, {
      result: byOrdinal.get(member.ordinal) ?? null,
      run: runs.get(member.runKey),
      expects: expectsOf(expects, { member, planned, outcomes, cellId: ask.cellId }),
    }),
  );
  return {
    askId: ask.id,
    cellId: ask.cellId,
    kind: ask.kind,
    figures: figuresView(
      notebook?.runs.find((run) => run.id === ask.cellId),
      members,
      notebook,
    ),
    ablation: ask.kind === "ablate" ? readAblation(ask, { notebook, outcomes, expects, planned }) : null,
    notebook: ask.notebook,
    revision,
    textHash: ask.textHash,
    text,
    askerName: ask.asker.name,
    askedAt: ask.createdAt,
    visibility: ask.visibility,
    isCancelled: ask.cancelledAt !== null,
    mayCancel: ask.mayCancel,
    hunks,
    cellLines: new Map(notebook?.cells.map((cell) => [cell.id, cell.line]) ?? []),
    members,
  };
}

function readAblation(
  ask: AskView,
  known: {
    readonly notebook: Notebook | null;
    readonly outcomes: ReadonlyMap<string, RunOutcome>;
    readonly expects: readonly Expectation[];
    readonly planned: ReadonlyMap<string, PlannedRun>;
  },
): AblationView {
  const { notebook, outcomes } = known;
  const run = notebook?.runs.find((candidate) => candidate.id === ask.cellId);
  const outcomeOf = (variant: string): RunOutcome => outcomes.get(variant) ?? { kind: "not-run" };
  const isOwn = ask.members.every((member) => isAskedAsWritten(member, known.planned));
  return ablationView(
    ask.members.map(({ variant }) => ({ variant, outcome: outcomeOf(variant) })),
    {
      switches: notebook === null || run === undefined ? null : ablatedSwitches(notebook, run),
      expects: known.expects
        .filter((expect) => isOwn && expect.predicate.kind === "ablation")
        .map((expect) => ({
          text: expect.text,
          state: evaluateExpectation(expect, (_runId, variant) => outcomeOf(variant)),
        })),
    },
  );
}

/** With the notebook's own parameter values: its expect lines speak of no others. */
function isAskedAsWritten(member: MemberView, planned: ReadonlyMap<string, PlannedRun>): boolean {
  const own = planned.get(member.variant);
  return (
    own !== undefined && Object.entries(own.parameters).every(([name, value]) => member.parameters[name] === value)
  );
}

type StoredRun = {
  readonly engine: string;
  readonly attempt: number;
  readonly limits: RunMember["limits"];
  readonly flags: readonly string[];
  readonly reach: RunMember["reach"];
};

async function readRunInputs(ask: AskView): Promise<ReadonlyMap<string, StoredRun>> {
  const rows = await db().run.findMany({
    where: { key: { in: ask.members.map((member) => member.runKey) } },
    select: { key: true, engine: true, attempt: true, input: true },
  });
  return new Map(
    rows.map(({ key, engine, attempt, input }) => {
      const parsed = parseRunInput(input);
      return [
        key,
        {
          engine,
          attempt,
          limits: { ...parsed.limits, seed: parsed.seed },
          flags: engineFlags(parsed),
          reach: parsed.reach ?? null,
        },
      ];
    }),
  );
}

async function readRevisionNumber(ask: AskView): Promise<number | null> {
  if (ask.notebook === null || ask.textHash === null) return null;
  const row = await db().revision.findFirst({
    where: { notebookId: ask.notebook.id, textHash: ask.textHash },
    orderBy: { number: "desc" },
    select: { number: true },
  });
  return row?.number ?? null;
}

async function readAskHunks(viewer: Viewer, askId: string): Promise<readonly RunHunk[]> {
  const filed = await db().resultHunk.findMany({ where: { askId }, distinct: ["hunkKey"], select: { hunkKey: true } });
  const rows = await db().hunk.findMany({
    where: {
      key: { in: filed.map((row) => row.hunkKey) },
      fileDiff: { message: mailVisibleTo(viewer) },
    },
    orderBy: { id: "asc" },
    select: {
      key: true,
      oldStart: true,
      fileDiff: {
        select: { newPath: true, oldPath: true, message: { select: { messageIdText: true, subject: true } } },
      },
    },
  });
  return rows.map(({ key, oldStart, fileDiff }) => ({
    hunkKey: key,
    oldStart,
    path: fileDiff.newPath === "/dev/null" || fileDiff.newPath === "" ? fileDiff.oldPath : fileDiff.newPath,
    messageIdText: fileDiff.message.messageIdText,
    subject: fileDiff.message.subject,
  }));
}

function runMember(
  member: MemberView,
  with_: {
    readonly result: RunResult | null;
    readonly run: StoredRun | undefined;
    readonly expects: RunMember["expects"];
  },
): RunMember {
  const { result, run } = with_;
  return {
    ordinal: member.ordinal,
    variant: member.variant,
    runKey: member.runKey,
    resultHash: member.resultHash,
    result,
    progress: member.progress,
    runsBefore: member.runsBefore,
    parameters: member.parameters,
    switches: member.switches,
    limits: run?.limits ?? null,
    flags: run?.flags ?? [],
    reach: run?.reach ?? null,
    engine: run?.engine ?? "",
    attempt: run?.attempt ?? 0,
    expects: with_.expects,
    state: {
      status: member.status,
      verdict: member.verdict,
      violationClass: member.violationClass,
      stopReason: member.stopReason,
      ...resultFacts(result),
    },
  };
}

/** A run's outcome as expect lines weigh it. */
export function outcomeOf(
  member: Pick<MemberView, "status" | "verdict" | "violationClass">,
  result: RunResult | undefined,
): RunOutcome {
  if (member.status !== "finished" || member.verdict === null) {
    return member.status === "finished" ? { kind: "not-run" } : { kind: "unfinished", status: member.status };
  }
  // Without its result a verdict is all that is known: notes and limits then decide nothing.
  if (result !== undefined) return runOutcome(result);
  return {
    kind: "finished",
    verdict: member.verdict,
    violationClass: member.violationClass,
    limit: null,
    isExhaustive: false,
    notes: [],
    reach: null,
    simulated: null,
  };
}

type ExpectContext = {
  readonly member: MemberView;
  readonly planned: ReadonlyMap<string, PlannedRun>;
  readonly outcomes: ReadonlyMap<string, RunOutcome>;
  readonly cellId: string;
};

/** Expect lines speak of the notebook's own parameter values; with others they are not compared. */
function expectsOf(expects: readonly Expectation[], context: ExpectContext): RunMember["expects"] {
  const { planned, member, outcomes, cellId } = context;
  const own = planned.get(member.variant);
  if (own === undefined || !isAskedAsWritten(member, planned)) return [];
  // What is expected of an ablation as a whole stands above its table.
  const mine = new Set(
    own.expects.filter((expect) => expect.predicate.kind !== "ablation").map((expect) => expect.text),
  );
  return expects
    .filter((expect) => mine.has(expect.text))
    .map((expect) => ({
      text: expect.text,
      state: evaluateExpectation(expect, (runId, variant) =>
        runId === cellId ? (outcomes.get(variant) ?? { kind: "not-run" }) : { kind: "not-run" },
      ),
    }));
}

/** What the notebook plans for the cell, by variant. */
function plannedRuns(notebook: Notebook, cellId: string): ReadonlyMap<string, PlannedRun> {
  const plan = planRuns(notebook, { cellId });
  return new Map(plan.kind === "planned" ? plan.members.map((member) => [member.variant, member]) : []);
}
