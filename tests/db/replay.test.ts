/** Schedules replayed for the page of an ask, in real child processes. */
import { beforeAll, describe, expect, it } from "vitest";
import { anonymous, type Viewer } from "#lib/people/viewer.ts";
import { replayForPage, type Replay } from "#lib/review/replay.server.ts";
import { replayQuery } from "#lib/review/replay-query.ts";
import { replayText } from "#lib/review/trace-words.ts";
import { readAsk } from "#lib/runs/read.server.ts";
import { requestRuns } from "#lib/runs/request.server.ts";
import { exploredOf } from "#lib/runs/run-result.ts";
import { missingTools } from "#lib/runs/sandbox-layers.server.ts";
import { openSandbox } from "#lib/runs/sandbox.server.ts";
import { Worker } from "#lib/runs/worker.server.ts";
import { freshDatabase } from "./database.ts";
import { counterNotebook, makePerson, requireEngine } from "./runs-fixture.ts";

const missing = missingTools();
if (missing !== null) console.warn(`replay tests are skipped: ${missing}`);

const bare = 1;
let alice: Viewer;

async function ask(salt: string, visibility: "draft" | "link"): Promise<string> {
  const outcome = await requestRuns(alice, { text: counterNotebook(salt), cellId: "race", visibility });
  if (outcome.kind !== "asked") throw new Error(JSON.stringify(outcome));
  return outcome.askId;
}

async function replay(viewer: Viewer, askId: string, schedule: string): Promise<Replay | null> {
  return (await replayForPage(viewer, askId, { ordinal: bare, schedule }))?.replay ?? null;
}

async function finish(askId: string): Promise<void> {
  const opening = await openSandbox({ weak: "refused" });
  if (opening.kind === "refused") throw new Error(opening.reason);
  const worker = new Worker({ sandbox: opening.sandbox, slots: 1 });
  worker.start();
  for (let look = 0; look < 1000; look += 1) {
    const view = await readAsk(alice, askId);
    if (view?.members.every((member) => member.status === "finished") === true) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await worker.stop();
}

beforeAll(async () => {
  requireEngine();
  await freshDatabase();
  alice = await makePerson("Alice");
});

describe.skipIf(missing !== null)("a schedule on the page of an ask", () => {
  it("is walked through, also when the run itself has no result yet", async () => {
    const askId = await ask("replay one", "link");
    const outcome = await replay(anonymous, askId, "1::0x2.1x2");
    expect(outcome?.kind === "replayed" ? [outcome.isStored, outcome.trace.steps.length] : outcome).toEqual([false, 4]);
    const lost = await replay(anonymous, askId, "1::0.1.0.1");
    expect(lost?.kind === "replayed" ? lost.trace.end : lost).toMatchObject({
      kind: "violation",
      message: 'finally("counter == 2") does not hold',
    });
  });

  it("is refused with the reason when it does not fit, and when it is none", async () => {
    const askId = await ask("replay two", "link");
    const answers = await Promise.all([
      replay(anonymous, askId, "1::7"),
      replay(anonymous, askId, "rm -rf"),
      replay(anonymous, askId, `1::${"0.".repeat(5_000)}0`),
    ]);
    expect(answers.map((answer) => (answer?.kind === "refused" ? answer.message : answer))).toEqual([
      expect.stringContaining("there is no task 7"),
      expect.stringContaining("That is no schedule"),
      expect.stringContaining("more than 8000 characters"),
    ]);
  });

  it("is not replayed for whoever may not read the ask", async () => {
    const askId = await ask("replay three", "draft");
    expect(await replay(anonymous, askId, "1::0")).toBeNull();
    expect((await replay(alice, askId, "1::0"))?.kind).toBe("replayed");
    expect(await replayForPage(alice, askId, { ordinal: 9, schedule: "1::0" })).toBeNull();
  });

  it("is not run again when it is the run's own, and reads the same when it is", async () => {
    const askId = await ask("replay four", "link");
    await finish(askId);
    const other = await replayForPage(anonymous, askId, { ordinal: bare, schedule: "1::" });
    const own = other?.member.result;
    const schedule = exploredOf(own ?? null)?.trace?.schedule ?? "";
    const stored = await replayForPage(anonymous, askId, { ordinal: bare, schedule });
    if (stored?.replay.kind !== "replayed") throw new Error("the run's own schedule replays");
    expect(stored.replay.isStored).toBe(true);
    const again = await replay(anonymous, askId, `${schedule}x1`);
    expect(again?.kind === "replayed" ? again.trace.steps : again).toEqual(stored.replay.trace.steps);
    const text = replayText(stored.page, stored.replay);
    expect(text).toContain(`Schedule: ${schedule}`);
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThan(120);
  });
});

it("an address names a member and a schedule", () => {
  expect(replayQuery({ member: "2", schedule: " 1::0 " })).toEqual({ ordinal: 2, schedule: "1::0" });
  expect(replayQuery({ schedule: "1::0" })).toEqual({ ordinal: 0, schedule: "1::0" });
  expect([replayQuery({}), replayQuery({ member: "-1", schedule: "1::" })]).toEqual([null, null]);
});
