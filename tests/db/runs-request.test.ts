import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { db } from "#lib/db/client.server.ts";
import { operatorPersonId, systemViewer } from "#lib/people/known.server.ts";
import { anonymous, type Viewer } from "#lib/people/viewer.ts";
import { cancelAsk } from "#lib/runs/cancel.server.ts";
import { endAttempt, renewLease, requeueLost, takeRun, writeProgress, type Claim } from "#lib/runs/lease.server.ts";
import { readAsk, readAskResults, readAskText } from "#lib/runs/read.server.ts";
import { requestRuns, type RequestOutcome } from "#lib/runs/request.server.ts";
import type { ExploredResult } from "#lib/runs/run-result.ts";
import { freshDatabase } from "./database.ts";
import { counterNotebook, makePerson, requireEngine } from "./runs-fixture.ts";

const holds: ExploredResult = {
  verdict: "holds",
  message: "holds",
  states: 3,
  transitions: 4,
  depth: 2,
  exhaustive: true,
  memoryBytes: 64,
  reductions: [],
  assumptions: [],
  notes: [],
  sometimes: [],
  warnings: [],
  diagnostics: [],
};

let alice: Viewer;
let bob: Viewer;
let salt = 0;

beforeAll(async () => {
  requireEngine();
  await freshDatabase();
  alice = await makePerson("Alice");
  bob = await makePerson("Bob");
});

/** Each test begins with an empty queue. */
beforeEach(async () => {
  for (;;) {
    const taken = await takeRun("drain");
    if (taken.kind === "empty") break;
    if (taken.kind === "claimed") await endAttempt(taken.claim, { kind: "stopped", reason: "time" });
  }
  await db().$executeRaw`update pgboss.job set state = 'cancelled' where state < 'active'`;
  await db().$executeRaw`update run set status = 'stopped' where status in ('queued', 'running')`;
});

type Asked = Extract<RequestOutcome, { kind: "asked" }>;

async function ask(
  viewer: Viewer,
  text: string,
  changes: Partial<Parameters<typeof requestRuns>[1]> = {},
): Promise<Asked> {
  const outcome = await requestRuns(viewer, { text, cellId: "race", visibility: "link", ...changes });
  if (outcome.kind !== "asked") throw new Error(JSON.stringify(outcome));
  return outcome;
}

function newText(): string {
  salt += 1;
  return counterNotebook(`text ${String(salt)}`);
}

async function claim(): Promise<Claim> {
  for (;;) {
    const taken = await takeRun("test");
    if (taken.kind === "claimed") return taken.claim;
    if (taken.kind === "empty") throw new Error("the queue is empty");
  }
}

describe("an ask", () => {
  it("writes ask, members, runs, jobs, text and event together", async () => {
    const text = newText();
    const asked = await ask(alice, text);
    expect(asked.members.map((member) => member.status)).toEqual(["queued", "queued"]);
    const view = await readAsk(alice, asked.askId);
    expect(view).toMatchObject({ cellId: "race", asker: { name: "Alice" }, mayCancel: true, visibility: "link" });
    expect(view?.members.map((member) => [member.variant, member.status, member.runsBefore])).toEqual([
      ["locked", "queued", 0],
      ["bare", "queued", 1],
    ]);
    expect(await readAskText(alice, asked.askId)).toBe(text);
    expect(await db().event.count({ where: { kind: "ask", subject: asked.askId } })).toBe(1);
    const jobs = await db().$queryRaw<unknown[]>`
      select 1 from run r join pgboss.job j on j.id = r.job_id and j.name = 'run'
       where r.key = any(${asked.members.map((member) => member.runKey)}) and j.state = 'created'`;
    expect(jobs).toHaveLength(2);
  });

  it("leaves nothing behind when its last statement fails", async () => {
    const before = await counts();
    const asOwner = await brokenEvents();
    await expect(ask(alice, newText())).rejects.toThrow();
    await asOwner();
    expect(await counts()).toEqual(before);
  });

  it("of a person goes before the program's own, also when it is one of them", async () => {
    const texts = [newText(), newText()];
    const own = await ask(systemViewer(), texts[0] ?? "");
    const wanted = await ask(systemViewer(), texts[1] ?? "");
    const asked = await ask(alice, texts[1] ?? "");
    expect(asked.members).toEqual(wanted.members);
    const view = await readAsk(alice, asked.askId);
    expect(view?.members.map((member) => member.runsBefore)).toEqual([0, 1]);
    const taken: string[] = [];
    for (let at = 0; at < 4; at += 1) {
      const next = await claim();
      taken.push(next.runKey);
      await endAttempt(next, { kind: "finished", result: holds });
    }
    expect(taken).toEqual([...asked.members, ...own.members].map((member) => member.runKey));
  });

  it("joins an equal run that waits, and finds one that is finished", async () => {
    const text = newText();
    const first = await ask(alice, text);
    const second = await ask(bob, text);
    expect(second.members).toEqual(first.members);
    for (const _ of first.members) await endAttempt(await claim(), { kind: "finished", result: holds });
    const third = await ask(bob, text);
    expect(third.members.map((member) => member.status)).toEqual(["finished", "finished"]);
    expect(await takeRun("test")).toEqual({ kind: "empty" });
    const results = await readAskResults(bob, third.askId);
    expect(results?.map(({ ordinal, result }) => [ordinal, result.verdict])).toEqual([
      [0, "holds"],
      [1, "holds"],
    ]);
  });

  it("starts a stopped or failed run again, behind a higher fence", async () => {
    const text = newText();
    await ask(alice, text);
    const first = await claim();
    await endAttempt(first, { kind: "stopped", reason: "time" });
    await endAttempt(await claim(), { kind: "failed", reason: "report x" });
    const again = await ask(alice, text);
    expect(again.members.map((member) => member.status)).toEqual(["queued", "queued"]);
    const second = await claim();
    expect([second.runKey, second.attempt]).toEqual([first.runKey, first.attempt + 1]);
    expect(await endAttempt(first, { kind: "finished", result: holds })).toBe("discarded");
  });

  it("is rejected with the notebook's diagnostics, and nothing is stored", async () => {
    const before = await counts();
    const outcome = await requestRuns(alice, { text: newText(), cellId: "rice", visibility: "link" });
    expect(outcome).toMatchObject({ kind: "rejected", diagnostics: [{ code: "NBK064" }] });
    expect(await counts()).toEqual(before);
  });

  it("is refused to somebody who is not signed in", async () => {
    const outcome = await requestRuns(anonymous, { text: newText(), cellId: "race", visibility: "public" });
    expect(outcome).toMatchObject({ kind: "refused", reason: "sign-in-needed" });
  });

  it("is refused beyond twenty runs of one person, with the place, and not to another", async () => {
    for (let index = 0; index < 10; index += 1) await ask(alice, newText());
    const refused = await requestRuns(alice, { text: newText(), cellId: "race", visibility: "link" });
    expect(refused).toMatchObject({ kind: "refused", reason: "person-queue-full", place: 20 });
    const next = await ask(bob, newText());
    const view = await readAsk(bob, next.askId);
    expect(view?.members[0]?.runsBefore).toBe(1);
  });

  it("never takes the same job twice, however many workers look", async () => {
    for (let index = 0; index < 5; index += 1) await ask(index % 2 === 0 ? alice : bob, newText());
    const taken = await Promise.all(Array.from({ length: 8 }, () => takeRun("crowd")));
    const keys = taken.flatMap((outcome) => (outcome.kind === "claimed" ? [outcome.claim.runKey] : []));
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.length).toBeGreaterThan(0);
  });
});

describe("fairness", () => {
  it("lets a newcomer's first run go before the others of a busy person", async () => {
    for (let index = 0; index < 8; index += 1) await ask(alice, newText());
    const { members } = await ask(bob, newText());
    await endAttempt(await claim(), { kind: "stopped", reason: "time" });
    expect((await claim()).runKey).toBe(members[0]?.runKey);
  });

  it("runs one run of a person at a time", async () => {
    await ask(alice, newText());
    await claim();
    expect(await takeRun("other")).toEqual({ kind: "passed-over" });
    expect(await takeRun("other")).toEqual({ kind: "empty" });
    const { members } = await ask(bob, newText());
    expect(members.map((member) => member.runKey)).toContain((await claim()).runKey);
  });
});

describe("a lease", () => {
  it("that ran out gives the run to another attempt, and the late result is discarded", async () => {
    await ask(alice, newText());
    const late = await claim();
    await db().$executeRaw`update run set lease_until = now() - interval '1 second' where key = ${late.runKey}`;
    expect(await requeueLost()).toBe(1);
    const next = await claimKey(late.runKey);
    expect(next.attempt).toBe(late.attempt + 1);
    expect(await renewLease(late)).toBe(false);
    expect(await endAttempt(late, { kind: "finished", result: { ...holds, states: 99 } })).toBe("discarded");
    expect(await endAttempt(next, { kind: "finished", result: holds })).toBe("stored");
    const attempts = await db().attempt.findMany({ where: { runKey: late.runKey }, orderBy: { number: "asc" } });
    expect(attempts.map((attempt) => attempt.outcome)).toEqual(["lost", "finished"]);
    const run = await db().run.findUniqueOrThrow({ where: { key: late.runKey }, include: { result: true } });
    expect(run.result?.json).toContain('"states":3,');
  });

  it("that is renewed is left alone", async () => {
    await ask(alice, newText());
    const held = await claim();
    expect(await renewLease(held)).toBe(true);
    expect(await requeueLost()).toBe(0);
  });

  it("is taken back at once from a worker that says goodbye", async () => {
    await ask(alice, newText());
    const held = await claim();
    expect(await endAttempt(held, { kind: "returned" })).toBe("stored");
    expect((await claimKey(held.runKey)).attempt).toBe(held.attempt + 1);
  });

  it("storing an end twice stores it once", async () => {
    await ask(alice, newText());
    const held = await claim();
    expect(await endAttempt(held, { kind: "finished", result: holds })).toBe("stored");
    expect(await endAttempt(held, { kind: "finished", result: holds })).toBe("discarded");
    expect((await db().run.findUniqueOrThrow({ where: { key: held.runKey } })).status).toBe("finished");
  });

  it("gives a queued run without a job a new one", async () => {
    const { members } = await ask(alice, newText());
    const keys = members.map((member) => member.runKey);
    await db().$executeRaw`delete from pgboss.job where id in (select job_id from run where key = any(${keys}))`;
    expect(await takeRun("test")).toEqual({ kind: "empty" });
    expect(await requeueLost()).toBe(2);
    expect(keys).toContain((await claim()).runKey);
  });

  it("shows progress of the running attempt only", async () => {
    const { askId } = await ask(alice, newText());
    const held = await claim();
    await writeProgress(held, { states: 7, transitions: 8, depth: 2, frontier: 1, memoryBytes: 64 });
    await writeProgress({ ...held, attempt: 0 }, { states: 1, transitions: 1, depth: 1, frontier: 1, memoryBytes: 1 });
    expect((await readAsk(alice, askId))?.members[0]?.progress).toMatchObject({ states: 7 });
  });
});

describe("cancelling", () => {
  it("ends a run with its last ask only", async () => {
    const text = newText();
    const first = await ask(alice, text);
    const second = await ask(bob, text);
    expect(await cancelAsk(alice, first.askId)).toEqual({ kind: "cancelled", runKeys: [] });
    expect((await readAsk(bob, second.askId))?.members.map((member) => member.status)).toEqual(["queued", "queued"]);
    const ended = await cancelAsk(bob, second.askId);
    expect(ended).toMatchObject({ kind: "cancelled", runKeys: { length: 2 } });
    expect(await takeRun("test")).toEqual({ kind: "empty" });
    expect((await readAsk(bob, second.askId))?.members.map((member) => member.status)).toEqual([
      "cancelled",
      "cancelled",
    ]);
  });

  it("discards what a running attempt still sends", async () => {
    const { askId } = await ask(alice, newText());
    const held = await claim();
    await cancelAsk(alice, askId);
    expect(await renewLease(held)).toBe(false);
    expect(await endAttempt(held, { kind: "finished", result: holds })).toBe("discarded");
    expect((await db().run.findUniqueOrThrow({ where: { key: held.runKey } })).status).toBe("cancelled");
  });

  it("is the asker's, and for others there is no such ask", async () => {
    const { askId } = await ask(alice, newText());
    expect(await cancelAsk(bob, askId)).toEqual({ kind: "not-found" });
    expect(await cancelAsk(anonymous, askId)).toEqual({ kind: "not-found" });
    expect(await cancelAsk(alice, "nosuchaskatall22")).toEqual({ kind: "not-found" });
  });

  it("twice changes nothing, and a new ask starts the run again", async () => {
    const text = newText();
    const { askId } = await ask(alice, text);
    await cancelAsk(alice, askId);
    expect(await cancelAsk(alice, askId)).toEqual({ kind: "cancelled", runKeys: [] });
    const again = await ask(alice, text);
    expect(again.members.map((member) => member.status)).toEqual(["queued", "queued"]);
  });
});

describe("who sees an ask", () => {
  it("draft: only its asker; link: whoever has the address", async () => {
    const draft = await ask(alice, newText(), { visibility: "draft" });
    const link = await ask(alice, newText(), { visibility: "link" });
    expect(await readAsk(bob, draft.askId)).toBeNull();
    expect(await readAskResults(bob, draft.askId)).toBeNull();
    expect(await readAskText(anonymous, draft.askId)).toBeNull();
    expect(await readAsk(alice, draft.askId)).not.toBeNull();
    expect(await readAsk(anonymous, link.askId)).toMatchObject({ mayCancel: false });
  });

  it("an ask is never seen by more people than its notebook", async () => {
    const text = newText();
    const notebookId = await insertNotebook(alice, { text, visibility: "draft" });
    const { askId } = await ask(alice, text, { notebookId, visibility: "public" });
    expect((await readAsk(alice, askId))?.visibility).toBe("draft");
    const stranger = await requestRuns(bob, { text, cellId: "race", visibility: "public", notebookId });
    expect(stranger).toMatchObject({ kind: "refused", reason: "not-found" });
  });

  it("nobody files another text under somebody's notebook", async () => {
    const text = newText();
    const notebookId = await insertNotebook(alice, { text, visibility: "public" });
    const forged = await requestRuns(bob, { text: newText(), cellId: "race", visibility: "public", notebookId });
    expect(forged).toMatchObject({ kind: "refused", reason: "not-a-revision" });
    expect((await requestRuns(bob, { text, cellId: "race", visibility: "public", notebookId })).kind).toBe("asked");
    expect((await requestRuns(alice, { text: newText(), cellId: "race", visibility: "public", notebookId })).kind).toBe(
      "asked",
    );
  });
});

async function claimKey(key: string): Promise<Claim> {
  for (;;) {
    const next = await claim();
    if (next.runKey === key) return next;
    await endAttempt(next, { kind: "stopped", reason: "time" });
  }
}

async function counts(): Promise<Record<string, number>> {
  const jobs = await db().$queryRaw<
    { count: number }[]
  >`select count(*)::int as count from pgboss.job where name = 'run'`;
  return {
    asks: await db().ask.count(),
    members: await db().askMember.count(),
    runs: await db().run.count(),
    texts: await db().notebookText.count(),
    events: await db().event.count(),
    jobs: jobs[0]?.count ?? -1,
  };
}

/** Makes every ask's event fail, as a full disk would, until the returned function is called. */
async function brokenEvents(): Promise<() => Promise<void>> {
  const { default: pg } = await import("pg");
  const owner = new pg.Client({ connectionString: process.env["DATABASE_OWNER_URL"] });
  await owner.connect();
  await owner.query("alter table event add constraint broken check (kind <> 'ask') not valid");
  return async () => {
    await owner.query("alter table event drop constraint broken");
    await owner.end();
  };
}

async function insertNotebook(
  author: Viewer,
  notebook: { readonly text: string; readonly visibility: "draft" | "public" },
): Promise<string> {
  const { sha256Hex } = await import("#lib/hash.ts");
  const authorId = author.kind === "anonymous" ? operatorPersonId : author.personId;
  const textHash = sha256Hex(notebook.text);
  await db().notebookText.create({ data: { hash: textHash, text: notebook.text } });
  const made = await db().notebook.create({
    data: {
      slug: `test-${textHash.slice(0, 12)}`,
      title: "A test",
      authorId,
      visibility: notebook.visibility,
      revisions: { create: { number: 1, textHash, authorId } },
    },
  });
  return made.id;
}
