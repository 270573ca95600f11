import { db, type Transaction } from "../db/client.server.ts";
import { cancelRunJob } from "../db/queue.server.ts";
import { can } from "../people/permissions.ts";
import { authorOf, type Viewer } from "../people/viewer.ts";

export type CancelOutcome =
  | {
      readonly kind: "cancelled";
      /** Runs that ended with it; those that another ask still wants go on. */
      readonly runKeys: readonly string[];
    }
  | { readonly kind: "not-found" };

/**
 * Withdraws an ask. A run ends with its last ask: queued, it leaves the queue; running, its worker is told to kill it.
 * Finished runs keep their result. Cancelling twice changes nothing.
 */
export async function cancelAsk(viewer: Viewer, askId: string): Promise<CancelOutcome> {
  return db().$transaction(async (transaction) => {
    const ask = await transaction.ask.findUnique({
      where: { id: askId },
      select: { personId: true, visibility: true, cancelledAt: true },
    });
    const personId = authorOf(viewer);
    if (ask === null || personId === null) return { kind: "not-found" };
    const thing = { authorId: ask.personId, visibility: ask.visibility };
    if (!can(viewer, { kind: "cancel-ask", thing })) return { kind: "not-found" };
    if (ask.cancelledAt !== null) return { kind: "cancelled", runKeys: [] };
    // The runs first: a submit that joins one of them waits for this, and then sees it cancelled and starts it anew.
    const running = await lockUnfinishedRuns(transaction, askId);
    await transaction.ask.update({
      where: { id: askId },
      data: { cancelledAt: new Date(), cancelledById: personId },
    });
    await transaction.event.create({ data: { personId, kind: "cancel-ask", subject: askId, detail: {} } });
    const ended: string[] = [];
    for (const run of running) if (await endUnwanted(transaction, run)) ended.push(run.key);
    return { kind: "cancelled", runKeys: ended };
  });
}

type UnfinishedRun = { readonly key: string; readonly jobId: string | null };

async function lockUnfinishedRuns(transaction: Transaction, askId: string): Promise<UnfinishedRun[]> {
  return transaction.$queryRaw<UnfinishedRun[]>`
    select key, job_id::text as "jobId" from run
     where key in (select run_key from ask_member where ask_id = ${askId}) and status in ('queued', 'running')
     order by key for update`;
}

/** Cancels a run that no ask wants any more; true when it did. */
async function endUnwanted(transaction: Transaction, run: UnfinishedRun): Promise<boolean> {
  const changed = await transaction.$executeRaw`
    update run set status = 'cancelled', stop_reason = 'cancelled', finished_at = now(), lease_until = null
     where key = ${run.key} and not exists (
       select 1 from ask_member m join ask a on a.id = m.ask_id
        where m.run_key = run.key and a.cancelled_at is null)`;
  if (changed === 0) return false;
  if (run.jobId !== null) await cancelRunJob(transaction, run.jobId);
  await transaction.$executeRaw`select pg_notify('run_cancel', ${run.key})`;
  return true;
}
