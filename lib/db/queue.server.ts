/**
 * The job queue (pg-boss) inside our own transactions: a run and its job are written together or not at all, a job is
 * fetched together with the claim on its run, and completed together with the run's result.
 *
 * The one place that hands the database a statement as text: pg-boss makes its own SQL, with numbered parameters.
 */
import PgBoss from "pg-boss";
import { environment } from "../env.server.ts";
import type { Transaction } from "./client.server.ts";
import { runLanes, type RunLane } from "./run-lanes.ts";

/**
 * What a job carries: which run, for whom it was asked (one person's runs wait for each other), and how long it may take
 * (wall time is not part of a run's key, so it belongs to the job and not to the run).
 */
export type RunJobData = { readonly runKey: string; readonly personId: string; readonly timeMsMax: number };
export type RunJob = RunJobData & { readonly id: string; readonly lane: RunLane; readonly priority: number };

// Leases decide when a run has been lost, so that the queue's own expiry must never be the first to act.
const jobOptions = { retryLimit: 0, expireInHours: 23, retentionDays: 365 };

/**
 * Builds pg-boss's statements; it is never started and has no connection of its own, since each call brings its
 * transaction.
 */
const statements = new PgBoss({ db: { executeSql: refuseOutsideTransaction }, supervise: false, schedule: false });

function refuseOutsideTransaction(): Promise<{ rows: unknown[] }> {
  return Promise.reject(new Error("assert: a job is only touched inside a transaction of ours"));
}

/** pg-boss's idea of a connection, on top of an open Prisma transaction. */
function inside(transaction: Transaction): PgBoss.Db {
  return {
    executeSql: async (text: string, values: unknown[]) => {
      const bound = values.map(bindable);
      // eslint-disable-next-line no-restricted-syntax -- the exception that the rule speaks of
      return { rows: await transaction.$queryRawUnsafe<unknown[]>(text, ...bound) };
    },
  };
}

/** node-postgres writes an object as JSON by itself; Prisma wants to be given the text. */
function bindable(value: unknown): unknown {
  if (value === undefined) return null;
  return typeof value === "object" && value !== null && !Array.isArray(value) ? JSON.stringify(value) : value;
}

/**
 * Puts a job in the queue, as part of the transaction.
 *
 * @param job.priority larger goes first
 * @param job.delaySeconds not before this many seconds from now
 * @returns the job's id
 */
export async function sendRunJob(
  transaction: Transaction,
  job: RunJobData & { readonly lane: RunLane; readonly priority: number; readonly delaySeconds?: number },
): Promise<string> {
  const id = await statements.send(
    job.lane,
    { runKey: job.runKey, personId: job.personId, timeMsMax: job.timeMsMax },
    {
      ...jobOptions,
      priority: job.priority,
      ...(job.delaySeconds === undefined ? {} : { startAfter: job.delaySeconds }),
      db: inside(transaction),
    },
  );
  if (id === null) {
    throw new Error(`The queue "${job.lane}" does not exist: the migration step (npm start, ROLE=migrate) makes it.`);
  }
  return id;
}

/** Takes the lane's next job, or null; when the transaction fails, the job was never taken. */
export async function fetchRunJob(transaction: Transaction, lane: RunLane): Promise<RunJob | null> {
  let failure: unknown = null;
  const connection = inside(transaction);
  const jobs = await statements.fetch<RunJobData>(lane, {
    batchSize: 1,
    db: {
      executeSql: (text: string, values: unknown[]) =>
        connection.executeSql(text, values).catch((error: unknown) => {
          failure = error;
          throw error;
        }),
    },
  });
  // pg-boss takes every error of this statement for "no job"; a lost connection must not pass for an empty queue.
  if (failure !== null)
    throw failure instanceof Error ? failure : new Error("fetching a job failed", { cause: failure });
  const job = jobs[0];
  if (job === undefined) return null;
  return { id: job.id, lane, priority: await readPriority(transaction, lane, job.id), ...job.data };
}

async function readPriority(transaction: Transaction, lane: RunLane, jobId: string): Promise<number> {
  const rows = await transaction.$queryRaw<{ priority: number }[]>`
    select priority from pgboss.job where name = ${lane} and id = ${jobId}::uuid`;
  return rows[0]?.priority ?? 0;
}

/** What a job carries, whatever became of it, or null when it is gone. */
export async function readRunJob(transaction: Transaction, jobId: string): Promise<RunJobData | null> {
  const rows = await transaction.$queryRaw<{ data: RunJobData }[]>`
    select data from pgboss.job where name = any(${[...runLanes]}) and id = ${jobId}::uuid`;
  return rows[0]?.data ?? null;
}

/** Marks a fetched job as done, as part of the transaction. One that is no longer active is left as it is. */
export async function completeRunJob(transaction: Transaction, jobId: string): Promise<void> {
  const lane = await readLane(transaction, jobId);
  if (lane !== null) await statements.complete(lane, jobId, {}, { db: inside(transaction) });
}

/** Takes a waiting or fetched job out of the queue, as part of the transaction. */
export async function cancelRunJob(transaction: Transaction, jobId: string): Promise<void> {
  const lane = await readLane(transaction, jobId);
  if (lane !== null) await statements.cancel(lane, jobId, { db: inside(transaction) });
}

/** Where a job waits or waited, or null when it is gone. */
async function readLane(transaction: Transaction, jobId: string): Promise<RunLane | null> {
  const rows = await transaction.$queryRaw<{ name: RunLane }[]>`
    select name from pgboss.job where name = any(${[...runLanes]}) and id = ${jobId}::uuid`;
  return rows[0]?.name ?? null;
}

/**
 * Starts the queue's housekeeping (old jobs are archived, then dropped). One worker at a time does it, whoever comes
 * first; all may start it.
 *
 * @param onError told of every failure of the housekeeping; it goes on at the next interval
 * @returns stops it
 */
export async function startQueueHousekeeping(onError: (error: Error) => void): Promise<() => Promise<void>> {
  const connectionString = environment().DATABASE_URL;
  if (connectionString === undefined) throw new Error("DATABASE_URL is not set: the launcher sets it for the worker.");
  const boss = new PgBoss({ connectionString, max: 1, migrate: false, schedule: false });
  boss.on("error", onError);
  await boss.start();
  return () => boss.stop({ graceful: false });
}
