/**
 * One press of Run: the ask, its members, their hunks, the runs that are not there yet and their jobs, in ONE transaction.
 * What has been answered `asked` is committed; what has not, never happened.
 */
import { randomBytes } from "node:crypto";
import type { Transaction } from "../db/client.server.ts";
import { db } from "../db/client.server.ts";
import { cancelRunJob, sendRunJob } from "../db/queue.server.ts";
import { hunkKey } from "../diff/hunk-key.ts";
import { environment } from "../env.server.ts";
import { base32, sha256Hex } from "../hash.ts";
import type { NotebookDiagnostic } from "../notebooks/diagnostics.ts";
import { canonicalText } from "../notebooks/format.ts";
import { parseNotebook } from "../notebooks/parse/parse.ts";
import { planRuns } from "../notebooks/plan/plan.ts";
import type { PlannedRun } from "../notebooks/types.ts";
import { can, type Visibility } from "../people/permissions.ts";
import { authorOf, type Viewer } from "../people/viewer.ts";
import { admit, fairPriority, timeMsCeiling } from "./admission.ts";
import { engine } from "./engine.server.ts";
import { laneOf } from "./lane.server.ts";
import { buildRunInput, defaultEngineOptions, runInputText, runKey, type EngineOptions } from "./run-input.ts";
import { missingTools } from "./sandbox-layers.server.ts";

export type RunRequest = {
  /** The notebook's whole text, as the person sees it: a revision's, or a draft's not yet saved. */
  readonly text: string;
  /** The run cell. */
  readonly cellId: string;
  readonly parameters?: Readonly<Record<string, number>>;
  readonly visibility: Visibility;
  readonly notebookId?: string;
  readonly attachmentId?: string;
  readonly engineOptions?: EngineOptions;
};

export type AskedMember = {
  readonly runKey: string;
  /** As it is now; a finished one needs no waiting. */
  readonly status: "queued" | "running" | "finished";
};

export type RequestOutcome =
  | { readonly kind: "asked"; readonly askId: string; readonly members: readonly AskedMember[] }
  | { readonly kind: "rejected"; readonly diagnostics: readonly NotebookDiagnostic[] }
  | Refusal;

export type Refusal = {
  readonly kind: "refused";
  readonly reason:
    "sign-in-needed" | "not-found" | "not-a-revision" | "no-sandbox" | "person-queue-full" | "queue-full";
  /** For the person: what happened and the way out. */
  readonly message: string;
  /** Only of a full queue: how many runs stand before this one. */
  readonly place?: number;
  readonly retryAfterSeconds?: number;
};

/** A member on its way into the store. */
type Member = { readonly plan: PlannedRun; readonly key: string; readonly input: string };

const transactionOptions = { maxWait: 10_000, timeout: 20_000 };
/** Names this advisory lock: submits take turns, so that the bounds on the queue hold exactly. */
const admissionLock = 72_707_391;

/**
 * Asks for every member of a run cell. An equal run that is queued or running is joined, a finished one is a hit, one
 * that was stopped, failed or was cancelled starts again.
 *
 * @throws Error when the simulator was not built, or the database cannot be reached: then nothing was asked
 */
export async function requestRuns(viewer: Viewer, request: RunRequest): Promise<RequestOutcome> {
  const personId = authorOf(viewer);
  if (personId === null || !can(viewer, { kind: "create" })) {
    return refuse("sign-in-needed", "Sign in to run a scenario; reading results needs no account.");
  }
  const missing = environment().HUNKBOOK_WEAK_SANDBOX === "1" ? null : missingTools();
  if (missing !== null) {
    return refuse("no-sandbox", `This server takes no runs: ${missing}. Its operator can set HUNKBOOK_WEAK_SANDBOX=1.`);
  }
  // As revisions are stored, so that a saved text and a pasted one with CRLF are the same text.
  const text = canonicalText(request.text);
  const plan = planRuns(parseNotebook(text).notebook, {
    cellId: request.cellId,
    rounds: "one",
    ...(request.parameters === undefined ? {} : { parameters: request.parameters }),
  });
  if (plan.kind === "rejected") return plan;
  const members = plan.members.map((member) => toMember(member, request.engineOptions ?? defaultEngineOptions));
  return db().$transaction(
    (transaction) => store({ transaction, viewer, personId, request: { ...request, text }, members }),
    transactionOptions,
  );
}

function toMember(plan: PlannedRun, options: EngineOptions): Member {
  const input = buildRunInput(plan, { engine: engine().digest, ...options });
  return { plan, key: runKey(input), input: runInputText(input) };
}

type Submission = {
  readonly transaction: Transaction;
  readonly viewer: Viewer;
  readonly personId: string;
  readonly request: RunRequest;
  readonly members: readonly Member[];
};

async function store(submission: Submission): Promise<RequestOutcome> {
  const { transaction, members } = submission;
  const place = await readPlace(submission);
  if (place.kind === "refused") return place;
  await transaction.$executeRaw`select pg_advisory_xact_lock(${admissionLock}::bigint)`;
  const known = await lockKnownRuns(transaction, members);
  const toStart = firstOfEachKey(members).filter((member) => startsAnew(known.get(member.key)));
  const load = await readLoad(submission);
  const admission = admit(load, {
    newRuns: toStart.length,
    isUnlimited: submission.viewer.kind === "system",
    isWhole: members.some(({ plan }) => plan.ablated !== null || plan.point !== null),
  });
  if (admission.kind === "refused") return admission;
  for (const [index, member] of toStart.entries()) {
    const priority = fairPriority(load.ofPerson + index);
    await startRun(submission, { member, priority, isNew: !known.has(member.key) });
  }
  const toHasten = firstOfEachKey(members).filter((member) => known.get(member.key) === "queued");
  for (const [index, member] of toHasten.entries()) await hasten(submission, { member, priority: fairPriority(index) });
  const askId = await insertAsk(submission, place);
  if (toStart.length > 0) await transaction.$executeRaw`select pg_notify('run_queued', ${askId})`;
  const started = new Set(toStart.map((member) => member.key));
  return {
    kind: "asked",
    askId,
    members: members.map(({ key }) => ({
      runKey: key,
      status: started.has(key) ? "queued" : joinedStatus(known.get(key)),
    })),
  };
}

type RunStatus = "queued" | "running" | "finished" | "failed" | "stopped" | "cancelled";

/** A run that has a verdict or will have one is joined; everything else starts (again). */
function startsAnew(status: RunStatus | undefined): boolean {
  switch (status) {
    case "queued":
    case "running":
    case "finished":
      return false;
    case undefined:
    case "failed":
    case "stopped":
    case "cancelled":
      return true;
  }
}

function joinedStatus(status: RunStatus | undefined): AskedMember["status"] {
  if (status === "finished" || status === "running") return status;
  return "queued";
}

/** Two variants may come out as the same computation: it is started once. */
function firstOfEachKey(members: readonly Member[]): Member[] {
  return [...new Map(members.map((member) => [member.key, member])).values()];
}

/** Locks the runs in key order, so that two submits, or a submit and a cancel, never wait for each other in a circle. */
async function lockKnownRuns(
  transaction: Transaction,
  members: readonly Member[],
): Promise<ReadonlyMap<string, RunStatus>> {
  const keys = members.map((member) => member.key);
  const rows = await transaction.$queryRaw<{ key: string; status: RunStatus }[]>`
    select key, status::text as status from run where key = any(${keys}) order by key for update`;
  return new Map(rows.map((row) => [row.key, row.status]));
}

async function readLoad({ transaction, personId }: Submission): Promise<{ ofPerson: number; waiting: number }> {
  const rows = await transaction.$queryRaw<{ ofPerson: number; waiting: number }[]>`
    select
      (select count(distinct r.key)::int
         from run r join ask_member m on m.run_key = r.key join ask a on a.id = m.ask_id
        where r.status in ('queued', 'running') and a.cancelled_at is null and a.person_id = ${personId}::uuid
      ) as "ofPerson",
      (select count(*)::int from run where status = 'queued') as waiting`;
  return rows[0] ?? { ofPerson: 0, waiting: 0 };
}

async function startRun(
  { transaction, personId }: Submission,
  start: { readonly member: Member; readonly priority: number; readonly isNew: boolean },
): Promise<void> {
  const { key, input, plan } = start.member;
  const jobId = await sendRunJob(transaction, {
    runKey: key,
    personId,
    timeMsMax: Math.min(plan.timeMsMax, timeMsCeiling),
    lane: laneOf(personId),
    priority: start.priority,
  });
  if (start.isNew) {
    await transaction.run.create({ data: { key, input, engine: engine().digest, status: "queued", jobId } });
    return;
  }
  // The attempt number goes on: it is the fence against whatever an earlier attempt may still send.
  await transaction.$executeRaw`
    update run set status = 'queued', job_id = ${jobId}::uuid, lease_until = null, progress = null, stop_reason = null,
      started_at = null, finished_at = null where key = ${key}`;
}

/** A run that waits among the program's own, and that a person wants now, waits with the asked ones from here on. */
async function hasten(
  { transaction, personId }: Submission,
  { member: { key, plan }, priority }: { readonly member: Member; readonly priority: number },
): Promise<void> {
  const lane = laneOf(personId);
  if (lane === "background-run") return;
  const [run] = await transaction.$queryRaw<{ jobId: string }[]>`
    select r.job_id::text as "jobId" from run r join pgboss.job j on j.id = r.job_id and j.name = 'background-run'
     where r.key = ${key} and j.state < 'active'`;
  if (run === undefined) return;
  await cancelRunJob(transaction, run.jobId);
  const timeMsMax = Math.min(plan.timeMsMax, timeMsCeiling);
  const jobId = await sendRunJob(transaction, { runKey: key, personId, timeMsMax, lane, priority });
  await transaction.$executeRaw`update run set job_id = ${jobId}::uuid where key = ${key}`;
  await transaction.$executeRaw`select pg_notify('run_queued', ${key})`;
}

/** Where the ask belongs, checked: a notebook's page must not show verdicts over texts that are not the notebook's. */
type Place =
  { readonly kind: "place"; readonly visibility: Visibility; readonly attachedHunkKey: string | null } | Refusal;

async function readPlace({ transaction, viewer, request }: Submission): Promise<Place> {
  const notebook = await readNotebook(transaction, request);
  if (notebook === "missing" || !mayRead(viewer, notebook)) return refuse("not-found", "There is no such notebook.");
  if (notebook !== null && !notebook.isRevision && !can(viewer, { kind: "edit", thing: notebook })) {
    return refuse(
      "not-a-revision",
      "This text is no revision of the notebook, and only its author may run changes in its name. Fork it first.",
    );
  }
  const attachment = await readAttachment(transaction, request);
  if (attachment === "missing" || !mayRead(viewer, attachment)) {
    return refuse("not-found", "There is no such attachment.");
  }
  const made = [notebook, attachment].filter((thing) => thing !== null);
  return {
    kind: "place",
    visibility: narrowest([request.visibility, ...made.map((thing) => thing.visibility)]),
    attachedHunkKey: attachment?.hunkKey ?? null,
  };
}

type Owned = { readonly authorId: string; readonly visibility: Visibility };

function mayRead(viewer: Viewer, thing: Owned | null): boolean {
  return thing === null || can(viewer, { kind: "read", thing, byLink: true });
}

async function readNotebook(
  transaction: Transaction,
  { notebookId, text }: RunRequest,
): Promise<(Owned & { readonly isRevision: boolean }) | null | "missing"> {
  if (notebookId === undefined) return null;
  const row = await transaction.notebook.findUnique({
    where: { id: notebookId },
    select: {
      authorId: true,
      visibility: true,
      revisions: { where: { textHash: sha256Hex(text) }, select: { number: true }, take: 1 },
    },
  });
  return row === null ? "missing" : { ...row, isRevision: row.revisions.length > 0 };
}

async function readAttachment(
  transaction: Transaction,
  { attachmentId, notebookId }: RunRequest,
): Promise<(Owned & { readonly hunkKey: string | null }) | null | "missing"> {
  if (attachmentId === undefined) return null;
  const row = await transaction.attachment.findFirst({
    where: { id: attachmentId, withdrawnAt: null, ...(notebookId === undefined ? {} : { notebookId }) },
    select: { authorId: true, visibility: true, hunkKey: true },
  });
  return row ?? "missing";
}

const visibilityOrder = ["draft", "link", "public"] as const;

/** A result shows the text that it came from: it is seen by nobody who may not see the notebook. */
function narrowest(visibilities: readonly Visibility[]): Visibility {
  return visibilityOrder.find((visibility) => visibilities.includes(visibility)) ?? "draft";
}

async function insertAsk(
  { transaction, personId, request, members }: Submission,
  place: { readonly visibility: Visibility; readonly attachedHunkKey: string | null },
): Promise<string> {
  const askId = newAskId();
  const textHash = sha256Hex(request.text);
  // An ask can always show what it asked, also when the draft that it came from was never saved.
  await transaction.notebookText.createMany({ data: [{ hash: textHash, text: request.text }], skipDuplicates: true });
  await transaction.ask.create({
    data: {
      id: askId,
      personId,
      notebookId: request.notebookId ?? null,
      attachmentId: request.attachmentId ?? null,
      textHash,
      cellId: request.cellId,
      kind: askKind(members, request),
      visibility: place.visibility,
    },
  });
  await transaction.askMember.createMany({
    data: members.map(({ plan, key }, ordinal) => ({
      askId,
      ordinal,
      runKey: key,
      variant: plan.variant,
      parameters: { ...plan.parameters },
      switches: { ...plan.switches },
    })),
  });
  await transaction.resultHunk.createMany({
    data: members.flatMap((member, ordinal) =>
      hunksOf(member.plan, place.attachedHunkKey).map((hunk) => ({ askId, ordinal, ...hunk })),
    ),
    skipDuplicates: true,
  });
  await transaction.event.create({
    data: { personId, kind: "ask", subject: askId, detail: { runKeys: members.map((member) => member.key) } },
  });
  return askId;
}

/** Of simulated runs the command says what they were asked for: alone, along a parameter, against each other. */
function askKind(members: readonly Member[], { text, cellId }: RunRequest): AskKind {
  const [first] = members;
  if (first?.plan.kind === "simulate") {
    const kind = parseNotebook(text).notebook.runs.find((run) => run.id === cellId)?.command.kind;
    return kind === "sweep" || kind === "compare" ? kind : "simulate";
  }
  return first === undefined || first.plan.ablated === null ? (first?.plan.kind ?? "check") : "ablate";
}

type AskKind = "ablate" | "sweep" | "compare" | PlannedRun["kind"];

function hunksOf(
  plan: PlannedRun,
  attachedHunkKey: string | null,
): { hunkKey: string; role: "applied" | "off" | "switch" | "about"; switchName: string | null }[] {
  const named = plan.hunks.map((hunk) => ({
    hunkKey: hunkKey(hunk),
    role: hunk.role,
    switchName: hunk.switchName ?? null,
  }));
  if (attachedHunkKey === null) return named;
  return [...named, { hunkKey: attachedHunkKey, role: "about", switchName: null }];
}

/** 80 random bits: the address is the permission to read a `link` ask. */
function newAskId(): string {
  return base32(randomBytes(10));
}

function refuse(reason: "sign-in-needed" | "not-found" | "not-a-revision" | "no-sandbox", message: string): Refusal {
  return { kind: "refused", reason, message };
}
