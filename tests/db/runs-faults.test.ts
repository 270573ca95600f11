/**
 * The n-th database call fails, for every n: asking, taking, ending and cancelling either happen or leave no trace.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { db } from "#lib/db/client.server.ts";
import type { Viewer } from "#lib/people/viewer.ts";
import { cancelAsk } from "#lib/runs/cancel.server.ts";
import { endAttempt, takeRun, type Claim } from "#lib/runs/lease.server.ts";
import { requestRuns } from "#lib/runs/request.server.ts";
import { freshDatabase } from "./database.ts";
import { counterNotebook, makePerson, requireEngine } from "./runs-fixture.ts";

class Injected extends Error {}

// The one client of a process lives here (lib/db/client.server.ts); the test puts a failing one in its place.
const holder = globalThis as unknown as { hunkbookDb?: unknown };

/** Runs `act` while the n-th database call from now fails; says whether that call was reached. */
async function withFault<T>(n: number, act: () => Promise<T>): Promise<{ readonly failed: boolean }> {
  const real = db();
  let calls = 0;
  holder.hunkbookDb = real.$extends({
    query: {
      async $allOperations({ args, query }) {
        calls += 1;
        if (calls === n) throw new Injected(`call ${String(n)} fails`);
        return query(args) as Promise<unknown>;
      },
    },
  });
  try {
    await act();
    return { failed: false };
  } catch (error) {
    if (!isInjected(error)) throw error;
    return { failed: true };
  } finally {
    holder.hunkbookDb = real;
  }
}

function isInjected(error: unknown): boolean {
  return error instanceof Injected || (error instanceof Error && error.cause instanceof Injected);
}

/** Everything that runs are made of, as one comparable value. */
async function everything(): Promise<unknown> {
  return db().$queryRaw`
    select (select json_agg(r order by key) from (select key, status, attempt, job_id, result_hash from run) r) as runs,
           (select json_agg(a order by id) from (select id, cancelled_at from ask) a) as asks,
           (select count(*)::int from ask_member) as members, (select count(*)::int from result_hunk) as hunks,
           (select count(*)::int from notebook_text) as texts, (select count(*)::int from event) as events,
           (select json_agg(t order by run_key, number) from (select run_key, number, outcome from attempt) t) as attempts,
           (select count(*)::int from result) as results,
           (select json_agg(j order by id) from (select id, state from pgboss.job where name = 'run') j) as jobs`;
}

let alice: Viewer;
let salt = 0;

beforeAll(async () => {
  requireEngine();
  await freshDatabase();
  alice = await makePerson("Alice");
});

function newRequest(): Parameters<typeof requestRuns>[1] {
  salt += 1;
  return { text: counterNotebook(`fault ${String(salt)}`), cellId: "race", visibility: "link" };
}

async function ask(): Promise<string> {
  const outcome = await requestRuns(alice, newRequest());
  if (outcome.kind !== "asked") throw new Error(JSON.stringify(outcome));
  return outcome.askId;
}

async function claim(): Promise<Claim> {
  const taken = await takeRun("faults");
  if (taken.kind !== "claimed") throw new Error(taken.kind);
  return taken.claim;
}

/** Fails call 1, then call 2, and so on, until a try reaches its end; each failed try must have changed nothing. */
async function sweep(act: () => Promise<unknown>): Promise<number> {
  for (let n = 1; ; n += 1) {
    const before = await everything();
    const { failed } = await withFault(n, act);
    if (!failed) return n - 1;
    expect(await everything()).toEqual(before);
  }
}

describe("a fault at every database call", () => {
  it("of asking leaves nothing, until it leaves all", async () => {
    const request = newRequest();
    const calls = await sweep(() => requestRuns(alice, request));
    expect(calls).toBeGreaterThan(8);
    const jobs = await db().$queryRaw<unknown[]>`select 1 from pgboss.job where name = 'run' and state = 'created'`;
    expect(jobs).toHaveLength(2);
  });

  it("of taking takes nothing, and the job can still be had", async () => {
    const calls = await sweep(() => takeRun("faults"));
    expect(calls).toBeGreaterThan(2);
    const running = await db().run.findMany({ where: { status: "running" } });
    expect(running.map((run) => run.attempt)).toEqual([1]);
  });

  it("of ending stores nothing, and ending again stores it once", async () => {
    const [run] = await db().run.findMany({ where: { status: "running" } });
    if (run?.jobId == null) throw new Error("the test before this left no running run");
    const held: Claim = {
      runKey: run.key,
      attempt: run.attempt,
      jobId: run.jobId,
      lane: "run",
      input: run.input,
      engine: run.engine,
      timeMsMax: 1,
    };
    const diagnostics = [
      {
        code: "SCN001" as const,
        severity: "error" as const,
        at: { file: "#count", line: 1, column: 1, endLine: 1, endColumn: 2, lineText: "" },
        message: "m",
        notes: [],
        suggestion: null,
      },
    ];
    const calls = await sweep(() =>
      endAttempt(held, { kind: "finished", result: { verdict: "rejected", diagnostics } }),
    );
    expect(calls).toBeGreaterThan(3);
    expect(await db().result.count()).toBe(1);
  });

  it("of returning a run keeps it, and then queues it once", async () => {
    const held = await claim();
    await sweep(() => endAttempt(held, { kind: "returned" }));
    const jobs = await db().$queryRaw<unknown[]>`select 1 from pgboss.job where name = 'run' and state = 'created'`;
    expect(jobs).toHaveLength(1);
  });

  it("of cancelling cancels nothing, until it cancels all", async () => {
    const askId = await ask();
    const calls = await sweep(() => cancelAsk(alice, askId));
    expect(calls).toBeGreaterThan(4);
    const members = await db().askMember.findMany({ where: { askId }, select: { run: { select: { status: true } } } });
    expect(members.map((member) => member.run.status)).toEqual(["cancelled", "cancelled"]);
  });
});
