import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { db, Prisma } from "#lib/db/client.server.ts";
import { ImportError, importMail } from "#lib/mail/import.server.ts";
import { rebuildThreads } from "#lib/mail/store/rebuild.server.ts";
import { ensureKnownPersons, systemPersonId } from "#lib/people/known.server.ts";
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
    const rows = await db().$queryRaw<{ x: string | null }[]>`
      select string_agg(xmin::text, ',' order by ctid) as x from ${Prisma.raw(`"${table}"`)}`;
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
      [71, "h1"],
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

describe("threads", () => {
  const mail = (
    id: string,
    options: { refs?: string; subject?: string; body?: string; date?: string; from?: string } = {},
  ): string =>
    [
      "From mboxrd@z Thu Jan  1 00:00:00 1970",
      `From: ${options.from ?? "Ada Example <ada@example.org>"}`,
      `Subject: ${options.subject ?? `about ${id}`}`,
      `Date: ${options.date ?? "Mon, 2 Feb 2026 10:00:00 +0100"}`,
      `Message-ID: <${id}>`,
      ...(options.refs ? [`References: ${options.refs}`] : []),
      "",
      options.body ?? "text",
      "",
      "",
    ].join("\n");
  const importText = (name: string, text: string) =>
    importMail({ source: scratchFile(name, text), archiveName: name, kind: "mbox" });
  const threadOf = async (id: string) =>
    db().threadEntry.findFirst({ where: { messageIdText: id }, include: { thread: true, parent: true } });

  it("are merged when a late mail joins two, and their ghosts become mails", async () => {
    await importText("left", mail("late-left@example.org", { refs: "<late-root@example.org>" }));
    await importText("right", mail("late-right@example.org", { refs: "<late-middle@example.org>" }));
    const [left, right] = [await threadOf("late-left@example.org"), await threadOf("late-right@example.org")];
    expect(left!.threadId).not.toBe(right!.threadId);
    await importText("middle", mail("late-middle@example.org", { refs: "<late-root@example.org>" }));
    const merged = await threadOf("late-right@example.org");
    expect(merged!.threadId).toBe(left!.threadId);
    expect(merged!.thread).toMatchObject({ messageCount: 3, ghostCount: 1 });
    expect(merged!.parent!.messageIdText).toBe("late-middle@example.org");
    expect(await db().thread.count({ where: { id: right!.threadId } })).toBe(0);
  });

  it("keep both contents of one Message-ID, and show the first", async () => {
    await importText("first", mail("twice@example.org", { body: "first" }));
    const report = await importText("second", mail("twice@example.org", { body: "second" }));
    expect(report).toMatchObject({ new: 1, variants: 1 });
    const rows = await db().message.findMany({ where: { messageIdText: "twice@example.org" }, orderBy: { id: "asc" } });
    expect(rows.map((row) => [row.body, row.variantOrdinal])).toEqual([
      ["first\n", 0],
      ["second\n", 1],
    ]);
    expect((await threadOf("twice@example.org"))!.messageId).toBe(rows[0]!.id);
  });

  it("count one mail on two lists as one message with two appearances", async () => {
    const text = mail("two-lists@example.org").replace("Message-ID", "List-Id: <one.example.org>\nMessage-ID");
    await importText("list-one", text);
    await importText("list-two", text.replace("one.example.org", "two.example.org"));
    const rows = await db().message.findMany({
      where: { messageIdText: "two-lists@example.org" },
      include: { appearances: { include: { list: true } } },
    });
    expect(rows.map((row) => row.appearances.map((appearance) => appearance.list!.name).sort())).toEqual([
      ["one.example.org", "two.example.org"],
    ]);
  });

  it("store what PostgreSQL refuses: NUL, a 16 kB Message-ID, a year beyond all calendars", async () => {
    const id = `${"x".repeat(16_000)}@example.org`;
    const report = await importText(
      "hostile",
      mail(id, { subject: "nul \0 here", body: "a\0b", date: "Mon, 2 Feb 271821 10:00:00 +0000" }) +
        mail("lone@example.org", { subject: "=?utf-16be?b?2AA=?=" }),
    );
    expect(report).toMatchObject({ new: 2, failures: [] });
    const row = await db().message.findFirstOrThrow({ where: { messageIdText: id } });
    expect(row.body).toBe("a\ufffdb\n");
    expect(row.sentAt.getFullYear()).toBeLessThan(2100);
  });

  it("give back every byte that was stored", async () => {
    for (const { hash, bytes } of await db().blob.findMany())
      expect(createHash("sha256").update(bytes!).digest("hex")).toBe(Buffer.from(hash).toString("hex"));
  });

  it("are the same after a rebuild, with corrections by hand applied and comments kept", async () => {
    const shape = async () => ({
      entries: (await db().threadEntry.findMany({ include: { parent: true }, orderBy: { messageIdText: "asc" } })).map(
        (entry) => [entry.messageIdText, entry.parent?.messageIdText, entry.messageId],
      ),
      hunks: (await db().hunk.findMany({ orderBy: { key: "asc" } })).map((hunk) => [hunk.key, hunk.h1, hunk.raw]),
      versions: (await db().version.findMany({ include: { patches: true }, orderBy: { sentAt: "asc" } })).map(
        (version) => [version.number, version.joinReason, version.patches.length],
      ),
    });
    const before = await shape();
    await db().message.updateMany({ data: { parserVersion: 0, body: "stale", class: "stale" } });
    const report = await rebuildThreads();
    expect(report.decoded).toBe(await db().message.count());
    expect(await shape()).toEqual(before);
    expect(await db().message.count({ where: { OR: [{ class: "stale" }, { body: "stale" }] } })).toBe(0);

    await ensureKnownPersons();
    const author = { authorId: systemPersonId, reason: "a test" };
    await db().override.create({
      data: { kind: "parent", subjectKey: "late-right@example.org", value: { parent: "twice@example.org" }, ...author },
    });
    await rebuildThreads({ messageIds: ["late-right@example.org"] });
    const moved = await threadOf("late-right@example.org");
    expect(moved!.parent!.messageIdText).toBe("twice@example.org");
    await db().override.updateMany({ data: { withdrawnAt: new Date() } });
    await rebuildThreads({ messageIds: ["late-right@example.org"] });
    expect(await shape()).toEqual(before);
  });

  it("follow a version join that a person withdrew or made", async () => {
    await ensureKnownPersons();
    const v2 = "20260119090000.2-0-ada@example.org";
    await db().override.create({
      data: { kind: "version-join", subjectKey: v2, value: { with: null }, authorId: systemPersonId, reason: "a test" },
    });
    await rebuildThreads({ messageIds: [v2] });
    expect(await db().series.count()).toBe(2);
    await db().override.updateMany({ data: { withdrawnAt: new Date() } });
    await rebuildThreads({ messageIds: [v2] });
    expect(await db().series.count()).toBe(1);
  });
});

describe("a source that is no archive is refused with a reason and a way out", () => {
  const refuse = async (name: string, content: string | Uint8Array): Promise<ImportError> => {
    try {
      await importMail({ source: scratchFile(name, content), archiveName: name, kind: "mbox" });
    } catch (error) {
      if (error instanceof ImportError) return error;
      throw error;
    }
    throw new Error("it was imported");
  };

  it("empty, binary, compressed, prose, a directory, nothing at all", async () => {
    expect((await refuse("empty.mbox", "")).code).toBe("empty");
    expect((await refuse("blank.mbox", "\n\n\n")).code).toBe("not-an-mbox");
    expect(
      (
        await refuse(
          "binary.mbox",
          Uint8Array.from({ length: 4096 }, (_, i) => (i * 7) % 256),
        )
      ).code,
    ).toBe("binary");
    expect((await refuse("packed.mbox", Uint8Array.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]))).code).toBe("compressed");
    expect((await refuse("prose.mbox", "Dear all,\n\nthis is a letter.\n")).message).toMatch(
      /prose\.mbox is no mbox.*\.eml/,
    );
    await expect(importMail({ source: scratch, archiveName: "d", kind: "mbox" })).rejects.toThrow(
      /is a directory; give an mbox/,
    );
    await expect(importMail({ source: join(scratch, "nowhere"), archiveName: "n", kind: "eml" })).rejects.toThrow(
      /There is no file/,
    );
  });

  it("leaves no archive behind", async () => {
    expect(await db().archive.count({ where: { name: { endsWith: ".mbox" } } })).toBe(0);
  });

  it("but what can be read of a damaged one is imported, and the damage named", async () => {
    const text = readFileSync(demonstration, "utf8");
    const cut = text.slice(0, text.length - 300).trimEnd();
    const report = await importMail({ source: scratchFile("cut", cut), archiveName: "cut", kind: "mbox" });
    expect(report.mails).toBe(16);
    expect(report.warnings).toEqual([
      expect.stringMatching(/the file ends inside a line, at byte \d+: the last mail may be cut off/),
    ]);
    const junk = "From x@example.org Mon Jan  1 00:00:00 2026\n\nFrom x@example.org Mon Jan  1 00:00:00 2026\njunk\n\n";
    const damaged = await importMail({ source: scratchFile("junk", junk), archiveName: "junk", kind: "mbox" });
    expect(damaged.failures.map((failure) => failure.reason)).toEqual([
      expect.stringMatching(/an empty mail/),
      expect.stringMatching(/this is no mail; its bytes are kept/),
    ]);
  });

  it("and a 100 MB mbox is read in bounded memory", async () => {
    const path = scratchFile("huge", "");
    const body = `${"x".repeat(990)}\n`.repeat(1050);
    for (let i = 0; i < 100; i++)
      appendFileSync(
        path,
        `From a Thu Jan  1 00:00:00 1970\nFrom: Ada <ada@example.org>\nMessage-ID: <huge-${i}@example.org>\nSubject: ${i}\nDate: Mon, 2 Feb 2026 10:00:00 +0000\n\n${body}\n`,
      );
    const before = process.memoryUsage().rss;
    let peak = before;
    const report = await importMail({
      source: path,
      archiveName: "huge",
      kind: "mbox",
      onProgress: () => (peak = Math.max(peak, process.memoryUsage().rss)),
    });
    console.log(`100 MB mbox: ${report.ms} ms, ${Math.round((peak - before) / 1e6)} MB more memory`);
    expect(report).toMatchObject({ mails: 100, new: 100, failures: [] });
    expect(peak - before).toBeLessThan(400e6);
  });
});

describe.skipIf(!hasShared)("real threads", () => {
  it("founding thread: nine mails, five ghosts, both quoted diffs as seven hunks of the parent's author", async () => {
    const source = join(shared, "mail/founding-thread/thread.mbox");
    const report = await importMail({ source, archiveName: "founding", kind: "mbox" });
    expect(report).toMatchObject({ mails: 9, new: 9, threads: 1, ghosts: 5, failures: [] });
    const founding = await db().message.findFirstOrThrow({
      where: { messageIdText: { startsWith: "d3a9dbb6-b1f3-43f0-89ae-85c0aef16bdf@" } },
      include: {
        fileDiffs: { orderBy: { ordinal: "asc" }, include: { hunks: { orderBy: { ordinal: "asc" } } } },
        shownBy: { include: { parent: { include: { message: true } } } },
      },
    });
    const parent = founding.shownBy[0]!.parent!.message!;
    expect(founding.fileDiffs.map((diff) => [diff.newPath, diff.quoteDepth, diff.ownerName])).toEqual([
      ["mm/rmap.c", 1, parent.fromName],
      ["mm/userfaultfd.c", 1, parent.fromName],
    ]);
    expect(
      founding.fileDiffs.flatMap((diff) =>
        diff.hunks.map((hunk) => [hunk.oldStart, hunk.oldCount, hunk.newCount, hunk.state]),
      ),
    ).toEqual([
      [547, 7, 6, "complete"],
      [558, 17, 6, "complete"],
      [603, 18, 6, "complete"],
      [1006, 7, 7, "complete"],
      [1192, 7, 6, "complete"],
      [1353, 28, 6, "complete"],
      [1445, 10, 6, "complete"],
    ]);
  });

  it("guard pages: versions v1 to v4, and the RFC before them, are one series", async () => {
    const source = join(shared, "mail/lore/guard-pages-v1-v4.mbox");
    await importMail({ source, archiveName: "guard-pages", kind: "mbox" });
    const series = await db().series.findMany({
      where: {
        versions: {
          some: { patches: { some: { message: { appearances: { some: { archive: { name: "guard-pages" } } } } } } },
        },
      },
      include: { versions: { orderBy: { sentAt: "asc" }, include: { patches: true } } },
    });
    expect(
      series.map((one) => one.versions.map((version) => [version.number, version.patches.length, version.patchCount])),
    ).toEqual([
      [
        [1, 4, 4],
        [1, 4, 4],
        [2, 5, 5],
        [3, 5, 5],
        [4, 5, 5],
      ],
    ]);
  });
});
