import { db } from "../db/client.server.ts";
import { runLanes } from "../db/run-lanes.ts";
import { can, type Visibility } from "../people/permissions.ts";
import type { Viewer } from "../people/viewer.ts";
import { readRunProgress, type RunProgress } from "./child-messages.ts";
import { readRunResult, type RunResult } from "./run-result.ts";

export type AskView = {
  readonly id: string;
  readonly kind: string;
  readonly cellId: string;
  readonly notebook: { readonly id: string; readonly slug: string; readonly title: string } | null;
  /** Names the text that was asked; `readAskText` gives it. */
  readonly textHash: string | null;
  readonly attachmentId: string | null;
  readonly visibility: Visibility;
  readonly asker: { readonly id: string; readonly name: string };
  readonly createdAt: Date;
  readonly cancelledAt: Date | null;
  readonly mayCancel: boolean;
  readonly members: readonly MemberView[];
};

export type MemberView = {
  readonly ordinal: number;
  readonly runKey: string;
  readonly variant: string;
  readonly parameters: Readonly<Record<string, number>>;
  readonly switches: Readonly<Record<string, number>>;
  readonly status: "queued" | "running" | "finished" | "failed" | "stopped" | "cancelled";
  /** Only of a finished run. */
  readonly verdict: "holds" | "measured" | "violated" | "inconclusive" | "rejected" | null;
  readonly violationClass: string | null;
  readonly resultHash: string | null;
  /** Why there is no verdict: time, memory, output, cancelled, or a fault's report. */
  readonly stopReason: string | null;
  readonly progress: RunProgress | null;
  /** Runs that go before it, or null when it does not wait. */
  readonly runsBefore: number | null;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
};

const askSelection = {
  id: true,
  kind: true,
  cellId: true,
  textHash: true,
  attachmentId: true,
  visibility: true,
  createdAt: true,
  cancelledAt: true,
  person: { select: { id: true, displayName: true } },
  notebook: { select: { id: true, slug: true, title: true } },
  members: {
    orderBy: { ordinal: "asc" },
    select: {
      ordinal: true,
      runKey: true,
      variant: true,
      parameters: true,
      switches: true,
      run: {
        select: {
          status: true,
          verdict: true,
          violationClass: true,
          resultHash: true,
          stopReason: true,
          progress: true,
          jobId: true,
          startedAt: true,
          finishedAt: true,
        },
      },
    },
  },
} as const;

/**
 * An ask with the state of its runs, or null when there is none that this viewer may see. Its address has 80 random
 * bits, so whoever names it came by the link.
 */
export async function readAsk(viewer: Viewer, askId: string): Promise<AskView | null> {
  const ask = await db().ask.findUnique({ where: { id: askId }, select: askSelection });
  if (ask === null) return null;
  const thing = { authorId: ask.person.id, visibility: ask.visibility };
  if (!can(viewer, { kind: "read", thing, byLink: true })) return null;
  const waiting = ask.members.filter((member) => member.run.status === "queued");
  const places = await readQueuePlaces(waiting.map((member) => member.run.jobId).filter((id) => id !== null));
  return {
    id: ask.id,
    kind: ask.kind,
    cellId: ask.cellId,
    notebook: ask.notebook,
    textHash: ask.textHash,
    attachmentId: ask.attachmentId,
    visibility: ask.visibility,
    asker: { id: ask.person.id, name: ask.person.displayName },
    createdAt: ask.createdAt,
    cancelledAt: ask.cancelledAt,
    mayCancel: ask.cancelledAt === null && can(viewer, { kind: "cancel-ask", thing }),
    members: ask.members.map(({ run, ...member }) => ({
      ordinal: member.ordinal,
      runKey: member.runKey,
      variant: member.variant,
      parameters: numbersOf(member.parameters),
      switches: numbersOf(member.switches),
      status: run.status,
      verdict: run.status === "finished" ? run.verdict : null,
      violationClass: run.status === "finished" ? run.violationClass : null,
      resultHash: run.status === "finished" ? run.resultHash : null,
      stopReason: run.stopReason,
      progress: run.progress === null ? null : readRunProgress(JSON.stringify(run.progress)),
      runsBefore: run.jobId === null || run.status !== "queued" ? null : (places.get(run.jobId) ?? 0),
      startedAt: run.startedAt,
      finishedAt: run.finishedAt,
    })),
  };
}

/** The store's JSON column was written by `requestRuns`; anything else in it is not shown. */
function numbersOf(stored: unknown): Record<string, number> {
  if (typeof stored !== "object" || stored === null) return {};
  return Object.fromEntries(
    Object.entries(stored).filter((entry): entry is [string, number] => typeof entry[1] === "number"),
  );
}

async function readQueuePlaces(jobIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
  if (jobIds.length === 0) return new Map();
  const rows = await db().$queryRaw<{ id: string; before: number }[]>`
    select id, before from (
      select id::text as id, (row_number() over (order by array_position(${[...runLanes]}::text[], name), priority desc, created_on, id) - 1)::int as before
        from pgboss.job where name = any(${[...runLanes]}) and state < 'active') waiting
     where id = any(${[...jobIds]})`;
  return new Map(rows.map((row) => [row.id, row.before]));
}

export type AskResult = { readonly ordinal: number; readonly resultHash: string; readonly result: RunResult };

/** The results of an ask's finished members, in order; null when there is no such ask for this viewer. */
export async function readAskResults(viewer: Viewer, askId: string): Promise<readonly AskResult[] | null> {
  if (!(await mayReadAsk(viewer, askId))) return null;
  const members = await db().askMember.findMany({
    where: { askId, run: { status: "finished" } },
    orderBy: { ordinal: "asc" },
    select: { ordinal: true, run: { select: { result: { select: { hash: true, json: true } } } } },
  });
  return members.flatMap(({ ordinal, run }) =>
    run.result === null ? [] : [{ ordinal, resultHash: run.result.hash, result: parseStoredResult(run.result) }],
  );
}

/** @throws Error when the stored bytes are no result: the store is damaged, nothing may be shown as a verdict */
function parseStoredResult(stored: { readonly hash: string; readonly json: string }): RunResult {
  const reading = readRunResult(JSON.parse(stored.json));
  if (reading.kind === "result") return reading.result;
  throw new Error(`assert: stored result ${stored.hash} is malformed: ${reading.reason}`);
}

/** The notebook text that was asked, exactly; null when there is no such ask for this viewer. */
export async function readAskText(viewer: Viewer, askId: string): Promise<string | null> {
  const ask = await readableAsk(viewer, askId);
  if (ask?.textHash == null) return null;
  const row = await db().notebookText.findUnique({ where: { hash: ask.textHash }, select: { text: true } });
  return row?.text ?? null;
}

async function mayReadAsk(viewer: Viewer, askId: string): Promise<boolean> {
  return (await readableAsk(viewer, askId)) !== null;
}

async function readableAsk(viewer: Viewer, askId: string): Promise<{ readonly textHash: string | null } | null> {
  const ask = await db().ask.findUnique({
    where: { id: askId },
    select: { personId: true, visibility: true, textHash: true },
  });
  if (ask === null) return null;
  const thing = { authorId: ask.personId, visibility: ask.visibility };
  return can(viewer, { kind: "read", thing, byLink: true }) ? ask : null;
}
