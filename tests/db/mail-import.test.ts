import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { db } from "#lib/db/client.server.ts";
import { importMail, type ImportError } from "#lib/mail/import.server.ts";
import { freshDatabase } from "./database.ts";

const root = resolve(import.meta.dirname, "../..");
const demonstration = join(root, "demo/demonstration.mbox");
const shared = resolve(root, "../shared/data");
const hasShared = existsSync(shared);
if (!hasShared) console.log(`tests on real mail are skipped: ${shared} is not there`);
const scratch = mkdtempSync(join(tmpdir(), "hunkbook-import-"));

const evidence = ["blob", "archive", "list", "appearance"] as const;
const parsed = ["message", "thread", "thread_entry", "series", "version", "patch", "file_diff", "hunk"] as const;
const dependent = ["hunk_track", "hunk_track_member", "trailer", "mailed_comment", "anchor"] as const;

/** The transaction that wrote each row, over all tables of mail: equal before and after when nothing was written. */
async function rowWriters(): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const table of [...evidence, ...parsed, ...dependent]) {
    const rows = await db().$queryRawUnsafe<{ x: string | null }[]>(
      `select string_agg(xmin::text, ',' order by ctid) as x from "${table}"`,
    );
    found[table] = createHash("sha256")
      .update(rows[0]?.x ?? "")
      .digest("hex");
  }
  return found;
}

function scratchFile(name: string, content: string | Uint8Array): string {
  const path = join(scratch, name);
  writeFileSync(path, content);
  return path;
}

beforeAll(async () => {
  await freshDatabase();
});
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

describe("the demonstration thread", () => {
  it("is imported as one thread with its ghost, two versions of one series, and all its hunks", async () => {
    const report = await importMail({ source: demonstration, archiveName: "demonstration", kind: "mbox" });
    expect(report).toMatchObject({ mails: 16, new: 16, known: 0, variants: 0, failures: [], warnings: [] });
    expect(report).toMatchObject({ threads: 1, ghosts: 1, series: 1, hunks: 17 });
    const versions = await db().version.findMany({ orderBy: { number: "asc" }, include: { patches: true } });
    expect(versions.map((v) => [v.number, v.patchCount, v.joinReason, v.patches.length])).toEqual([
      [1, 3, "first", 3],
      [2, 3, "link", 3],
    ]);
  });

  it("is written once: a second import changes no row of any table", async () => {
    const before = await rowWriters();
    const report = await importMail({ source: demonstration, archiveName: "demonstration", kind: "mbox" });
    expect(report).toMatchObject({ mails: 16, new: 0, known: 16, threads: 1, ghosts: 1, series: 1, hunks: 17 });
    expect(await rowWriters()).toEqual(before);
  });

  it("follows the hunk that holds the fault from v1 to v2", async () => {
    const fault = await db().hunk.findFirstOrThrow({
      where: { oldStart: 71, fileDiff: { quoteDepth: 0, patch: { number: 2, version: { number: 1 } } } },
      include: { trackMembers: { include: { track: { include: { members: { include: { hunk: true } } } } } } },
    });
    const members = fault.trackMembers[0]!.track.members;
    expect(members.map((member) => [member.hunk.oldStart, member.method])).toEqual([
      [71, "first"],
      [72, "h1"],
    ]);
  });

  it("gives the quoted diff to its writer, not to the mail that quotes it", async () => {
    const quoted = await db().fileDiff.findMany({
      where: { quoteDepth: 1, message: { messageIdText: "20260113101933.78-ada@example.org" } },
      include: { hunks: true },
    });
    expect(
      quoted.map((diff) => [
        diff.ownerName,
        diff.newPath,
        diff.hunks.map((hunk) => [hunk.oldStart, hunk.oldCount, hunk.newCount]),
      ]),
    ).toEqual([["Boris Beispiel", "lib/tagcache.c", [[59, 9, 9]]]]);
  });
});
