import { db } from "../db/client.server.ts";
import { log } from "../log.server.ts";

export type Readiness =
  { readonly kind: "ready"; readonly words: string } | { readonly kind: "unready"; readonly words: string };

const answerWithinMs = 1_000;

/** Can this process serve requests: does the database answer within a second, and is the queue's schema there? */
export async function readiness(): Promise<Readiness> {
  const late = new Promise<"late">((resolve) => setTimeout(resolve, answerWithinMs, "late").unref());
  try {
    const answer = await Promise.race([
      db().$queryRaw<{ queues: number }[]>`select count(*)::int as queues from pgboss.queue`,
      late,
    ]);
    if (answer === "late") return { kind: "unready", words: `the database did not answer within ${answerWithinMs} ms` };
    return answer[0]?.queues
      ? { kind: "ready", words: "ready" }
      : { kind: "unready", words: "the run queue is not set up" };
  } catch (error) {
    log().warn({ err: error }, "not ready");
    return { kind: "unready", words: "the database does not answer" };
  }
}
