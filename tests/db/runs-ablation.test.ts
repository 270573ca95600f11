/** An ablation through ask, queue and worker: its subsets are ordinary runs, and its page weighs them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Viewer } from "#lib/people/viewer.ts";
import { readRunPage } from "#lib/review/read-run-page.server.ts";
import { runJson, runText } from "#lib/review/render-run.ts";
import { pageSentence } from "#lib/review/run-page.ts";
import { requestRuns } from "#lib/runs/request.server.ts";
import { openSandbox } from "#lib/runs/sandbox.server.ts";
import { Worker } from "#lib/runs/worker.server.ts";
import { freshDatabase } from "./database.ts";
import { makePerson, requireEngine } from "./runs-fixture.ts";

const transcripts = join(import.meta.dirname, "../cli");
const text = readFileSync(join(transcripts, "switches.hb.md"), "utf8");
let alice: Viewer;
let worker: Worker;

beforeAll(async () => {
  requireEngine();
  await freshDatabase();
  alice = await makePerson("Alice");
  const opening = await openSandbox({ weak: "refused" });
  if (opening.kind === "refused") throw new Error(opening.reason);
  worker = new Worker({ sandbox: opening.sandbox });
});

afterAll(() => worker.stop());

describe("an ablation", () => {
  it("is one ask with a member for every subset, weighed when all have ended", async () => {
    const asked = await requestRuns(alice, { text, cellId: "which", visibility: "link" });
    if (asked.kind !== "asked") throw new Error(JSON.stringify(asked));
    expect(asked.members).toHaveLength(8);
    const waiting = await readRunPage(alice, asked.askId);
    expect(waiting?.kind).toBe("ablate");
    expect(waiting && pageSentence(waiting)).toBe("Ablation of LOCK_GONE, ATOMIC, RENAME: 0 of 8 subsets have ended.");
    worker.start();
    const page = await settledPage(asked.askId);
    expect(pageSentence(page)).toBe("Cause of finally: {LOCK_GONE}. Cure of finally, added to {LOCK_GONE}: {ATOMIC}.");
    expect(page.members.map((member) => [member.variant, member.switches])).toContainEqual([
      "{ATOMIC, LOCK_GONE}",
      { LOCK_GONE: 1, ATOMIC: 1, RENAME: 0 },
    ]);
    expect(page.ablation?.expects.map((expected) => expected.state.kind)).toEqual(["match", "match"]);
    expect(page.members.flatMap((member) => member.expects.map((expected) => expected.state.kind))).toEqual([
      "match",
      "match",
      "match",
      "match",
    ]);
    const twin = runText(page);
    expect(twin).toContain("  x . .  violated: finally");
    expect(twin).toContain("Reproduce: hunkbook ablate notebook.hb.md#which\n");
    expect(JSON.stringify(runJson(page))).toContain('"causes":[{"subset":["LOCK_GONE"]');
  });

  it("of more than ten switches is left to the command, which says so", async () => {
    const many = readFileSync(join(transcripts, "many.hb.md"), "utf8");
    const asked = await requestRuns(alice, { text: many, cellId: "which", visibility: "link" });
    if (asked.kind !== "rejected") throw new Error(asked.kind);
    expect(asked.diagnostics[0]?.message).toContain("which only the command does");
  });
});

async function settledPage(askId: string): Promise<NonNullable<Awaited<ReturnType<typeof readRunPage>>>> {
  for (let look = 0; look < 500; look += 1) {
    const page = await readRunPage(alice, askId);
    if (page?.members.every((member) => member.state.status === "finished")) return page;
    await new Promise((done) => setTimeout(done, 40));
  }
  throw new Error("the runs did not finish");
}
