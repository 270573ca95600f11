import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { db, disconnect } from "#lib/db/client.server.ts";
import { hunkKey } from "#lib/diff/hunk-key.ts";
import { importMail } from "#lib/mail/import.server.ts";
import { parseNotebook } from "#lib/notebooks/parse/parse.ts";
import { planRuns } from "#lib/notebooks/plan/plan.ts";
import { installShippedNotebooks } from "#lib/notebooks/store/store.server.ts";
import { ensureKnownPersons } from "#lib/people/known.server.ts";
import { freshDatabase } from "./database.ts";

const root = join(import.meta.dirname, "../..");
const foundingThread = join(root, "../shared/data/mail/founding-thread/thread.mbox");
const hasSharedData = existsSync(foundingThread);
if (!hasSharedData) console.log("skipped: the founding thread's notebook, because ../shared/data is absent");

beforeAll(async () => {
  await freshDatabase();
  await ensureKnownPersons();
  await installShippedNotebooks(join(root, "notebooks"));
});
afterAll(disconnect);

/** Hunks that the runs of a shipped notebook name, as `path@line`, split by whether the import found them. */
async function namedHunks(slug: string): Promise<{ readonly found: string[]; readonly missing: string[] }> {
  const row = await db().notebook.findUniqueOrThrow({
    where: { slug },
    select: { revisions: { orderBy: { number: "desc" }, take: 1, select: { text: { select: { text: true } } } } },
  });
  const plan = planRuns(parseNotebook(row.revisions[0]!.text.text).notebook);
  if (plan.kind === "rejected") throw new Error(plan.diagnostics.map((one) => one.message).join("\n"));
  const keys = new Map(
    plan.members.flatMap((member) => member.hunks.map((hunk) => [hunkKey(hunk), `${hunk.path}@${hunk.oldStart}`])),
  );
  const rows = await db().hunk.findMany({ where: { key: { in: [...keys.keys()] } }, select: { key: true } });
  const present = new Set(rows.map((hunk) => hunk.key));
  const split = { found: [] as string[], missing: [] as string[] };
  for (const [key, name] of keys) (present.has(key) ? split.found : split.missing).push(name);
  return split;
}

/** The text of the mail at each located claim of a notebook. */
async function locatedClaims(slug: string): Promise<(string | null)[]> {
  const claims = await db().claim.findMany({ where: { notebook: { slug } }, orderBy: { cellId: "asc" } });
  return Promise.all(
    claims.map(async (claim) => {
      if (claim.offsetStart === null || claim.offsetEnd === null) return null;
      const mail = await db().message.findFirstOrThrow({
        where: { messageIdHash: claim.messageIdHash, variantOrdinal: 0 },
      });
      return mail.body.slice(claim.offsetStart, claim.offsetEnd).replace(/\s+/g, " ");
    }),
  );
}

describe("the demonstration notebook", () => {
  beforeAll(async () => {
    await importMail({ source: join(root, "demo/demonstration.mbox"), archiveName: "demonstration", kind: "mbox" });
  });

  it("is attached to the patch that it is about", async () => {
    const rows = await db().attachment.findMany({ where: { notebook: { slug: "demo-tagcache" } } });
    expect(rows).toMatchObject([
      { place: "patch", messageIdText: "20260112090000.1-2-ada@example.org", origin: "about" },
    ]);
  });

  it("names hunks of the demonstration thread, and sentences that stand in it", async () => {
    expect(await namedHunks("demo-tagcache")).toEqual({
      found: ["lib/tagcache.c@71", "lib/tagcache.c@59"],
      missing: [],
    });
    expect(await locatedClaims("demo-tagcache")).toEqual([
      "lookup can never return an entry that is about to be freed",
      "the race that Boris found is closed",
    ]);
  });
});

describe.skipIf(!hasSharedData)("the founding thread's notebook", () => {
  beforeAll(async () => {
    await importMail({ source: foundingThread, archiveName: "founding-thread", kind: "mbox" });
  });

  it("is attached to the thread that it is about", async () => {
    const rows = await db().attachment.findMany({ where: { notebook: { slug: "founding-race" } } });
    expect(rows).toMatchObject([{ place: "thread", origin: "about", visibility: "public" }]);
  });

  it("names the seven hunks of the founding mail", async () => {
    const { found, missing } = await namedHunks("founding-race");
    expect(missing).toEqual([]);
    expect(found.sort()).toEqual([
      "mm/rmap.c@1006",
      "mm/rmap.c@547",
      "mm/rmap.c@558",
      "mm/rmap.c@603",
      "mm/userfaultfd.c@1192",
      "mm/userfaultfd.c@1353",
      "mm/userfaultfd.c@1445",
    ]);
  });

  it("quotes sentences that stand in the mails", async () => {
    const located = await locatedClaims("founding-race");
    expect(located).toHaveLength(2);
    expect(located.every((text) => text !== null)).toBe(true);
  });
});
