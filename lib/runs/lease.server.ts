/**
 * Who computes a run. A worker claims it for five seconds and renews; each claim raises the attempt number, and only the
 * newest attempt's word counts (the fence). Whatever dies at whatever moment, a run is queued, running under a live
 * lease, or over; `requeueLost` brings back what a dead worker held.
 *
 * @source docs/decisions/0022-lease-and-fence.md
 */
import { db, type Transaction } from "../db/client.server.ts";
import { completeRunJob, fetchRunJob, readRunJob, sendRunJob, type RunJob } from "../db/queue.server.ts";
import { runLanes, type RunLane } from "../db/run-lanes.ts";
import { systemPersonId } from "../people/known.server.ts";
import type { RunProgress } from "./child-messages.ts";
import { classOf } from "./run-outcome.ts";
import { laneOf } from "./lane.server.ts";
import { resultHash, resultText, type RunResult } from "./run-result.ts";

/** After so many attempts without an outcome the run itself is the suspect. */
const attemptsMax = 50;
const fallbackTimeMsMax = 60_000;
const blockedDelaySeconds = 1;
const requeueBatch = 20;

export type Claim = {
  readonly runKey: string;
  readonly attempt: number;
  readonly jobId: string;
  readonly lane: RunLane;
  readonly input: string;
  readonly engine: string;
  readonly timeMsMax: number;
};

export type TakeOutcome =
  | { readonly kind: "claimed"; readonly claim: Claim }
  /** A job was taken whose run needs nothing, or must wait; look again. */
  | { readonly kind: "passed-over" }
  | { readonly kind: "empty" };

/**
 * Takes the next job and claims its run, in one transaction: a worker that dies in between has taken nothing.
 *
 * @param worker names this worker in the attempt's row
 * @param lanes where to look, in this order
 */
export async function takeRun(worker: string, lanes: readonly RunLane[] = runLanes): Promise<TakeOutcome> {
  return db().$transaction(async (transaction) => {
    const job = await fetchFirst(transaction, lanes);
    if (job === null) return { kind: "empty" };
    if (await hasOtherRunning(transaction, job)) {
      await postpone(transaction, job);
      return { kind: "passed-over" };
    }
    const claim = await claimRun(transaction, job);
    if (claim === null) {
      await completeRunJob(transaction, job.id);
      return { kind: "passed-over" };
    }
    await transaction.attempt.create({ data: { runKey: claim.runKey, number: claim.attempt, worker } });
    return { kind: "claimed", claim };
  });
}

async function fetchFirst(transaction: Transaction, lanes: readonly RunLane[]): Promise<RunJob | null> {
  for (const lane of lanes) {
    const job = await fetchRunJob(transaction, lane);
    if (job !== null) return job;
  }
  return null;
}

/** One person has one run at a time, so that nobody's sweep takes every slot. The program's own are not held back. */
async function hasOtherRunning(transaction: Transaction, job: RunJob): Promise<boolean> {
  if (job.personId === systemPersonId) return false;
  const rows = await transaction.$queryRaw<{ found: boolean }[]>`
    select exists (
      select 1 from run r join ask_member m on m.run_key = r.key join ask a on a.id = m.ask_id
       where r.status = 'running' and r.lease_until > now() and r.key <> ${job.runKey}
         and a.person_id = ${job.personId}::uuid and a.cancelled_at is null) as found`;
  return rows[0]?.found ?? false;
}

async function postpone(transaction: Transaction, job: RunJob): Promise<void> {
  await completeRunJob(transaction, job.id);
  const jobId = await sendRunJob(transaction, {
    runKey: job.runKey,
    personId: job.personId,
    timeMsMax: job.timeMsMax,
    lane: job.lane,
    priority: job.priority,
    delaySeconds: blockedDelaySeconds,
  });
  await transaction.$executeRaw`
    update run set job_id = ${jobId}::uuid where key = ${job.runKey} and job_id = ${job.id}::uuid`;
}

async function claimRun(transaction: Transaction, job: RunJob): Promise<Claim | null> {
  const rows = await transaction.$queryRaw<{ attempt: number; input: string; engine: string }[]>`
    update run set status = 'running', attempt = attempt + 1, lease_until = now() + interval '5 seconds',
      started_at = now(), finished_at = null, progress = null, stop_reason = null
     where key = ${job.runKey} and job_id = ${job.id}::uuid and status = 'queued'
    returning attempt, input, engine`;
  const row = rows[0];
  return row === undefined
    ? null
    : { runKey: job.runKey, jobId: job.id, lane: job.lane, timeMsMax: job.timeMsMax, ...row };
}

/** Holds the run for another five seconds; false when it is no longer this attempt's. */
export async function renewLease(claim: Claim): Promise<boolean> {
  const changed = await db().$executeRaw`
    update run set lease_until = now() + interval '5 seconds'
     where key = ${claim.runKey} and attempt = ${claim.attempt} and status = 'running'`;
  return changed === 1;
}

/** Shows how far it has come. Late or lost progress harms nothing. */
export async function writeProgress(claim: Claim, progress: RunProgress): Promise<void> {
  await db().$executeRaw`
    update run set progress = ${JSON.stringify(progress)}::jsonb
     where key = ${claim.runKey} and attempt = ${claim.attempt} and status = 'running'`;
}

/** How an attempt ended, in the run's words. */
export type AttemptEnd =
  | { readonly kind: "finished"; readonly result: RunResult }
  | { readonly kind: "stopped"; readonly reason: "time" | "memory" | "output" }
  | { readonly kind: "failed"; readonly reason: string }
  /** The worker is going down: the run goes back to the queue. */
  | { readonly kind: "returned" };

/**
 * Stores how an attempt ended: result, run, attempt and job in one transaction, behind the fence. Safe to repeat when
 * the connection broke and nobody knows whether it was committed.
 *
 * @returns `discarded` when the run has passed to another attempt or was cancelled: nothing of this end is kept
 */
export async function endAttempt(claim: Claim, end: AttemptEnd): Promise<"stored" | "discarded"> {
  return db().$transaction(async (transaction) => {
    const held = await transaction.$queryRaw<unknown[]>`
      select 1 from run where key = ${claim.runKey} and attempt = ${claim.attempt} and status = 'running' for update`;
    if (held.length === 0) {
      await closeAttempt(transaction, claim, { outcome: "discarded", resultHash: null });
      await completeRunJob(transaction, claim.jobId);
      return "discarded";
    }
    const hash = await storeEnd(transaction, claim, end);
    await closeAttempt(transaction, claim, { outcome: end.kind, resultHash: hash });
    await completeRunJob(transaction, claim.jobId);
    return "stored";
  });
}

/** @returns the hash of the stored result, or null when this end has none */
async function storeEnd(transaction: Transaction, claim: Claim, end: AttemptEnd): Promise<string | null> {
  switch (end.kind) {
    case "finished": {
      const json = resultText(end.result);
      const hash = resultHash(json);
      await transaction.result.createMany({
        data: [{ hash, json, sizeBytes: Buffer.byteLength(json) }],
        skipDuplicates: true,
      });
      const violationClass = classOf(end.result);
      await transaction.$executeRaw`
        update run set status = 'finished', verdict = ${end.result.verdict}::verdict, result_hash = ${hash},
          violation_class = ${violationClass}, finished_at = now(), lease_until = null, stop_reason = null
         where key = ${claim.runKey}`;
      return hash;
    }
    case "stopped":
    case "failed":
      await transaction.$executeRaw`
        update run set status = ${end.kind}::run_status, stop_reason = ${withoutNul(end.reason)}, finished_at = now(),
          lease_until = null where key = ${claim.runKey}`;
      return null;
    case "returned":
      await requeue(transaction, { key: claim.runKey, jobId: claim.jobId });
      return null;
  }
}

async function closeAttempt(
  transaction: Transaction,
  claim: Claim,
  close: { readonly outcome: string; readonly resultHash: string | null },
): Promise<void> {
  await transaction.attempt.updateMany({
    where: { runKey: claim.runKey, number: claim.attempt, endedAt: null },
    data: { endedAt: new Date(), ...close },
  });
}

/**
 * Returns to the queue what a dead worker held, and gives a job to any queued run that has none (nothing of ours makes
 * one, but a queue restored from elsewhere may). Any number of workers may do this at once.
 *
 * @returns how many runs were queued again
 */
export async function requeueLost(): Promise<number> {
  return db().$transaction(async (transaction) => {
    const lost = await transaction.$queryRaw<{ key: string; jobId: string | null; attempt: number }[]>`
      select key, job_id::text as "jobId", attempt from run
       where status = 'running' and lease_until < now()
       order by key limit ${requeueBatch} for update skip locked`;
    for (const run of lost) await takeBack(transaction, run);
    const jobless = await transaction.$queryRaw<{ key: string; jobId: string | null }[]>`
      select key, job_id::text as "jobId" from run r
       where status = 'queued'
         and not exists (select 1 from pgboss.job j where j.name = any(${[...runLanes]}) and j.id = r.job_id and j.state < 'active')
       order by key limit ${requeueBatch} for update skip locked`;
    for (const run of jobless) await requeue(transaction, run);
    const count = lost.length + jobless.length;
    if (count > 0) await transaction.$executeRaw`select pg_notify('run_queued', 'requeued')`;
    return count;
  });
}

async function takeBack(
  transaction: Transaction,
  run: { readonly key: string; readonly jobId: string | null; readonly attempt: number },
): Promise<void> {
  await transaction.attempt.updateMany({
    where: { runKey: run.key, number: run.attempt, endedAt: null },
    data: { endedAt: new Date(), outcome: "lost" },
  });
  if (run.attempt < attemptsMax) {
    await requeue(transaction, run);
    return;
  }
  if (run.jobId !== null) await completeRunJob(transaction, run.jobId);
  await transaction.$executeRaw`
    update run set status = 'failed', stop_reason = ${`lost ${String(attemptsMax)} times: the worker ended each time`},
      finished_at = now(), lease_until = null where key = ${run.key}`;
}

/** A new job in place of the old one. The run's row must be locked by the caller's transaction. */
async function requeue(
  transaction: Transaction,
  run: { readonly key: string; readonly jobId: string | null },
): Promise<void> {
  const old = run.jobId === null ? null : await readRunJob(transaction, run.jobId);
  if (run.jobId !== null) await completeRunJob(transaction, run.jobId);
  const personId = old?.personId ?? (await lastAsker(transaction, run.key));
  const jobId = await sendRunJob(transaction, {
    runKey: run.key,
    personId,
    timeMsMax: old?.timeMsMax ?? fallbackTimeMsMax,
    lane: laneOf(personId),
    priority: 0,
  });
  await transaction.$executeRaw`
    update run set status = 'queued', job_id = ${jobId}::uuid, lease_until = null, progress = null, started_at = null
     where key = ${run.key}`;
}

async function lastAsker(transaction: Transaction, runKey: string): Promise<string> {
  const member = await transaction.askMember.findFirst({
    where: { runKey },
    orderBy: { ask: { createdAt: "desc" } },
    select: { ask: { select: { personId: true } } },
  });
  return member?.ask.personId ?? systemPersonId;
}

/** PostgreSQL text holds no U+0000, and an engine fault's message may quote anything. */
function withoutNul(text: string): string {
  return text.replaceAll("\0", "\ufffd").slice(0, 1_000);
}
