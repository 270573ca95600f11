/** Simulations through ask, queue and worker: verdict `measured`, sweeps and comparisons weighed on their page. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { db } from "#lib/db/client.server.ts";
import type { Viewer } from "#lib/people/viewer.ts";
import { readRunPage } from "#lib/review/read-run-page.server.ts";
import { runJson, runText } from "#lib/review/render-run.ts";
import { isPending, pageSentence, reproduceCommand, type RunPage } from "#lib/review/run-page.ts";
import { verdictWords } from "#lib/review/verdict-words.ts";
import { requestRuns } from "#lib/runs/request.server.ts";
import { openSandbox } from "#lib/runs/sandbox.server.ts";
import { Worker } from "#lib/runs/worker.server.ts";
import { freshDatabase } from "./database.ts";
import { makePerson, requireEngine } from "./runs-fixture.ts";

const text = readFileSync(join(import.meta.dirname, "../cli/cost.hb.md"), "utf8");
let alice: Viewer;
let worker: Worker;

beforeAll(async () => {
  requireEngine();
  await freshDatabase();
  alice = await makePerson("Alice");
  const opening = await openSandbox({ weak: "refused" });
  if (opening.kind === "refused") throw new Error(opening.reason);
  worker = new Worker({ sandbox: opening.sandbox });
  worker.start();
});

afterAll(() => worker.stop());

async function settled(cellId: string): Promise<RunPage> {
  const asked = await requestRuns(alice, { text, cellId, visibility: "link" });
  if (asked.kind !== "asked") throw new Error(JSON.stringify(asked));
  for (;;) {
    const page = await readRunPage(alice, asked.askId);
    if (page !== null && !isPending(page)) return page;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe("a simulation", () => {
  it("is measured, stored with its figures, and told in 72 columns", async () => {
    const page = await settled("cost");
    expect(page.kind).toBe("simulate");
    const [first] = page.members;
    if (first === undefined) throw new Error("no member");
    expect(first.state.verdict).toBe("measured");
    expect(verdictWords(first.state)).toMatch(/^measured: p\d+ [\d.]+ us \+- [<\d.]+$/);
    expect(page.members.flatMap((member) => member.expects.map(({ state }) => state.kind))).toEqual(["match", "match"]);
    expect(reproduceCommand(page, first)).toBe("hunkbook simulate notebook.hb.md#cost --variant one-lock -p PAGES=4");
    expect(runText(page)).toContain("lock                            count     min      avg      max    total");
    expect(await db().run.count({ where: { verdict: "measured" } })).toBe(2);
  });

  it("of a sweep is one run a point, and a table", async () => {
    const page = await settled("pages");
    expect(page.members).toHaveLength(6);
    expect(page.figures).toMatchObject({ kind: "sweep", ended: 6, view: { metric: "move.mean" } });
    expect(pageSentence(page)).toMatch(/^Sweep of move\.mean along PAGES \(3\): one-lock [\d.]+ us/);
    expect(runText(page)).toContain("PAGES=16");
    expect(runText(page)).toContain("Reproduce: hunkbook simulate notebook.hb.md#pages\n");
  });

  it("of two variants is compared pair by pair", async () => {
    const page = await settled("versus");
    expect(pageSentence(page)).toMatch(/^move\.mean of two-locks is [\d.]+ ns \+- [\d.]+ lower than of one-lock/);
    expect(JSON.stringify(runJson(page))).toContain('"comparison":{"kind":"compared"');
  });

  it("asked again is a hit, so that a sweep goes on where it was", async () => {
    const asked = await requestRuns(alice, { text, cellId: "pages", visibility: "link" });
    expect(asked).toMatchObject({ kind: "asked", members: Array(6).fill({ status: "finished" }) });
  });

  it("for a crossover is left to the command, which says so", async () => {
    const asked = await requestRuns(alice, { text, cellId: "where", visibility: "link" });
    expect(asked).toMatchObject({ kind: "rejected", diagnostics: [{ code: "NBK090" }] });
  });
});
