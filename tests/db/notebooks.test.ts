import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { db, disconnect } from "#lib/db/client.server.ts";
import { messageIdHash } from "#lib/message-id-hash.server.ts";
import { attachByAbout } from "#lib/notebooks/store/attach.server.ts";
import {
  attachNotebook,
  createNotebook,
  discardDraft,
  forkNotebook,
  installShippedNotebooks,
  listNotebooks,
  listRevisions,
  readNotebook,
  readRevisionChanges,
  saveDraft,
  saveRevision,
  setNotebookVisibility,
  withdrawAttachment,
  type Saved,
} from "#lib/notebooks/store/store.server.ts";
import { ensureKnownPersons, systemPersonId } from "#lib/people/known.server.ts";
import { anonymous, type Viewer } from "#lib/people/viewer.ts";
import { freshDatabase } from "./database.ts";

const fence = "```";

function notebookText(title: string, about = "root@example.org", extra = ""): string {
  return `# ${title}\n\n${fence}hunkbook\nformat: hunkbook/1\nlang: scn/1\nabout: <${about}>\n${fence}\n${extra}`;
}

async function person(displayName: string, isOperator = false): Promise<Extract<Viewer, { kind: "person" }>> {
  const { id } = await db().person.create({ data: { displayName, isOperator } });
  return { kind: "person", personId: id, displayName, isOperator };
}

/** A mail as the import leaves it, with one hunk, reduced to what notebooks look at. */
async function importedMail(messageId: string, body: string): Promise<void> {
  const hash = messageIdHash(messageId);
  await db().blob.create({ data: { hash, sizeBytes: 0 } });
  await db().message.create({
    data: {
      ...{ messageIdHash: hash, messageIdText: messageId, contentHash: hash, blobHash: hash, parserVersion: 1 },
      ...{ subject: "s", title: "s", fromName: "n", fromAddress: "n@example.org", toText: "", ccText: "" },
      ...{ sentAt: new Date(0), sentOffsetMinutes: 0, sentHeader: "", body, oddities: [], class: "other" },
      fileDiffs: {
        create: {
          ...{ ordinal: 0, quoteDepth: 0, ownerHash: hash, ownerName: "n", oldPath: "f.c", newPath: "f.c" },
          ...{ kind: "change", parserVersion: 1 },
          hunks: {
            create: {
              ...{
                ordinal: 0,
                key: `key-${messageId}`.slice(0, 26),
                oldStart: 1,
                oldCount: 1,
                newStart: 1,
                newCount: 1,
              },
              ...{
                heading: "",
                raw: "",
                repaired: "",
                repairs: [],
                state: "complete",
                bodyLineStart: 0,
                bodyLineEnd: 1,
              },
              ...{ h1: "", h2: "" },
            },
          },
        },
      },
    },
  });
}

async function saved(outcome: Promise<{ readonly kind: string }>): Promise<Saved> {
  const value = await outcome;
  if (value.kind !== "saved") throw new Error(`not saved: ${JSON.stringify(value)}`);
  return value as Saved;
}

let ada: Viewer & { kind: "person" };
let bo: Viewer & { kind: "person" };

beforeAll(async () => {
  await freshDatabase();
  await ensureKnownPersons();
  ada = await person("Ada");
  bo = await person("Bo");
});
afterAll(disconnect);

describe("revisions", () => {
  it("are numbered, kept by content hash, and readable each", async () => {
    const first = await saved(createNotebook(ada, { text: notebookText("One title"), visibility: "public" }));
    expect(first).toMatchObject({ number: 1, slug: "one-title", isNew: true });
    const next = { notebookId: first.notebookId, text: notebookText("Another title"), baseNumber: 1 };
    const second = await saved(saveRevision(ada, next));
    expect(second.number).toBe(2);
    expect(await saved(saveRevision(ada, { ...next, baseNumber: 2 }))).toMatchObject({ number: 2, isNew: false });
    const shown = await readNotebook(anonymous, "one-title");
    expect(shown).toMatchObject({ title: "Another title", number: 2, newestNumber: 2, canEdit: false, draft: null });
    expect((await readNotebook(anonymous, "one-title", { number: 1 }))?.text).toBe(notebookText("One title"));
    expect((await listRevisions(anonymous, "one-title")).map((entry) => entry.number)).toEqual([2, 1]);
    const changes = await readRevisionChanges(anonymous, "one-title", { older: 1, newer: 2 });
    expect(changes?.map((change) => change.kind)).toEqual(["changed", "same"]);
    expect(await readRevisionChanges(anonymous, "one-title", { older: 1, newer: 3 })).toBeNull();
    const events = await db().event.findMany({ where: { subject: first.notebookId }, orderBy: { id: "asc" } });
    expect(events.map((event) => event.kind)).toEqual(["notebook.created", "notebook.revised"]);
  });

  it("are never overwritten: a save based on an older one is a conflict with the newest text", async () => {
    const { notebookId } = await saved(createNotebook(ada, { text: notebookText("Base"), visibility: "draft" }));
    await saved(saveRevision(ada, { notebookId, text: notebookText("Mine"), baseNumber: 1 }));
    const late = await saveRevision(ada, { notebookId, text: notebookText("Late"), baseNumber: 1 });
    expect(late).toEqual({ kind: "conflict", number: 2, text: notebookText("Mine") });
    expect(await db().revision.count({ where: { notebookId } })).toBe(2);
  });

  it("conflict for all but one of ten saves at the same moment", async () => {
    const { notebookId } = await saved(createNotebook(ada, { text: notebookText("Race"), visibility: "draft" }));
    const saves = Array.from({ length: 10 }, (_, index) =>
      saveRevision(ada, { notebookId, text: notebookText(`Writer ${index}`), baseNumber: 1 }),
    );
    const kinds = (await Promise.all(saves)).map((outcome) => outcome.kind).sort();
    expect(kinds).toEqual([...Array.from({ length: 9 }, () => "conflict"), "saved"]);
  });

  it("are stored with LF line ends and may have errors, which are returned", async () => {
    const text = `${notebookText("Broken")}${fence}run #r\nchek\n${fence}`.replaceAll("\n", "\r\n");
    const outcome = await saved(createNotebook(ada, { text, visibility: "draft" }));
    expect(outcome.diagnostics.map((diagnostic) => diagnostic.code)).toContain("NBK061");
    expect((await readNotebook(ada, outcome.slug))?.text).not.toContain("\r");
  });

  it("refuse what cannot be stored, naming it", async () => {
    const nul = await createNotebook(ada, { text: "# a\u0000", visibility: "draft" });
    expect(nul).toMatchObject({
      kind: "refused",
      reason: "bad-text",
      message: expect.stringContaining("NUL byte at byte 3"),
    });
    const large = await createNotebook(ada, { text: "x".repeat(300_000), visibility: "draft" });
    expect(large).toMatchObject({ kind: "refused", reason: "bad-text" });
    const newer = notebookText("Newer").replace("hunkbook/1\n", "hunkbook/1.7\n");
    expect(await createNotebook(ada, { text: newer, visibility: "draft" })).toMatchObject({ reason: "read-only" });
  });

  it("get distinct slugs for equal titles, also at the same moment", async () => {
    const all = await Promise.all(
      Array.from({ length: 6 }, () => createNotebook(bo, { text: notebookText("Same"), visibility: "public" })),
    );
    const slugs = all.map((outcome) => (outcome.kind === "saved" ? outcome.slug : outcome.message));
    expect(new Set(slugs).size).toBe(6);
    expect(await createNotebook(bo, { text: "# x", slug: "same", visibility: "public" })).toMatchObject({
      reason: "slug-taken",
    });
    expect(await createNotebook(bo, { text: "# x", slug: "New Thing", visibility: "public" })).toMatchObject({
      reason: "bad-slug",
    });
  });
});

describe("drafts of a person's typing", () => {
  it("are kept for their author only, and dropped when saved or thrown away", async () => {
    const made = await saved(createNotebook(ada, { text: notebookText("Typing"), visibility: "public" }));
    const { notebookId, slug } = made;
    expect(await saveDraft(ada, { notebookId, text: "half a sen", baseNumber: 1 })).toMatchObject({ kind: "kept" });
    expect((await readNotebook(ada, slug))?.draft).toMatchObject({ text: "half a sen", baseNumber: 1 });
    expect((await readNotebook(bo, slug))?.draft).toBeNull();
    expect((await readNotebook(anonymous, slug))?.draft).toBeNull();
    await saved(saveRevision(ada, { notebookId, text: notebookText("Typed"), baseNumber: 1 }));
    expect((await readNotebook(ada, slug))?.draft).toBeNull();
    await saveDraft(ada, { notebookId, text: "again", baseNumber: 2 });
    expect(await discardDraft(ada, notebookId)).toEqual({ kind: "discarded" });
    expect((await readNotebook(ada, slug))?.draft).toBeNull();
  });
});

describe("who may see and write", () => {
  it("hides drafts, and shows a linked notebook to whoever has its address but in no list", async () => {
    const draft = await saved(createNotebook(ada, { text: notebookText("Hidden one"), visibility: "draft" }));
    const link = await saved(createNotebook(ada, { text: notebookText("By link"), visibility: "link" }));
    expect(link.slug).toMatch(/^by-link-[a-z2-7]{16}$/);
    for (const viewer of [anonymous, bo]) {
      expect(await readNotebook(viewer, draft.slug)).toBeNull();
      expect(await listRevisions(viewer, draft.slug)).toEqual([]);
      expect(await readNotebook(viewer, link.slug)).toMatchObject({ canEdit: false });
      const listed = (await listNotebooks(viewer)).map((entry) => entry.title);
      expect(listed).not.toContain("Hidden one");
      expect(listed).not.toContain("By link");
      expect(await forkNotebook(viewer, { slug: draft.slug })).toMatchObject({ kind: "refused" });
    }
    expect((await listNotebooks(ada)).map((entry) => entry.title)).toEqual(
      expect.arrayContaining(["Hidden one", "By link"]),
    );
  });

  it("lets nobody but the author write, and says not-found where nothing may be seen", async () => {
    const own = await saved(createNotebook(ada, { text: notebookText("Own"), visibility: "public" }));
    const hidden = await saved(createNotebook(ada, { text: notebookText("Own hidden"), visibility: "draft" }));
    const text = notebookText("Taken over");
    expect(await saveRevision(bo, { notebookId: own.notebookId, text, baseNumber: 1 })).toMatchObject({
      reason: "not-yours",
    });
    expect(await saveDraft(bo, { notebookId: own.notebookId, text, baseNumber: 1 })).toMatchObject({
      reason: "not-yours",
    });
    expect(await saveRevision(bo, { notebookId: hidden.notebookId, text, baseNumber: 1 })).toMatchObject({
      reason: "not-found",
    });
    expect(await saveRevision(anonymous, { notebookId: own.notebookId, text, baseNumber: 1 })).toMatchObject({
      reason: "sign-in-needed",
    });
    expect(await createNotebook(anonymous, { text, visibility: "public" })).toMatchObject({ reason: "sign-in-needed" });
    for (const notebookId of ["x' or 1=1 --", randomUUID()]) {
      expect(await saveRevision(ada, { notebookId, text, baseNumber: 1 })).toMatchObject({ reason: "not-found" });
    }
  });

  it("gives a notebook that leaves the public another address, and hides its attachments and asks", async () => {
    await importedMail("leaving@example.org", "words");
    const made = await saved(
      createNotebook(ada, { text: notebookText("Leaving", "leaving@example.org"), visibility: "public" }),
    );
    const { notebookId } = made;
    await db().ask.create({
      data: { id: "leaving-ask", personId: ada.personId, notebookId, cellId: "r", kind: "check", visibility: "public" },
    });
    const changed = await setNotebookVisibility(ada, { notebookId, visibility: "link" });
    expect(changed).toMatchObject({ kind: "changed", slug: expect.stringMatching(/^leaving-[a-z2-7]{16}$/) });
    expect(await readNotebook(anonymous, "leaving")).toBeNull();
    expect(await db().attachment.count({ where: { notebookId, withdrawnAt: null } })).toBe(0);
    expect((await db().ask.findUniqueOrThrow({ where: { id: "leaving-ask" } })).visibility).toBe("link");
    expect(await setNotebookVisibility(bo, { notebookId, visibility: "public" })).toMatchObject({
      reason: "not-yours",
    });
  });

  it("forks into a draft of one's own that remembers its text", async () => {
    const source = await saved(createNotebook(ada, { text: notebookText("Source"), visibility: "public" }));
    const fork = await saved(forkNotebook(bo, { slug: source.slug }));
    expect(await readNotebook(bo, fork.slug)).toMatchObject({
      forkedFromHash: source.textHash,
      visibility: "draft",
      canEdit: true,
      authorName: "Bo",
    });
  });
});

describe("attachments", () => {
  it("follow about: when the mail comes after the notebook, once, and not again once withdrawn", async () => {
    const about = "late@example.org";
    const { notebookId } = await saved(
      createNotebook(ada, { text: notebookText("Early", about), visibility: "public" }),
    );
    const hidden = await saved(createNotebook(ada, { text: notebookText("Early hidden", about), visibility: "draft" }));
    expect(await attachByAbout([about])).toEqual({ attached: 0, located: 0 });
    await importedMail(about, "words");
    const both = await Promise.all([attachByAbout([about]), attachByAbout([about])]);
    expect(both.map((done) => done.attached).sort()).toEqual([0, 1]);
    const [row, ...others] = await db().attachment.findMany({ where: { messageIdText: about } });
    expect(others).toEqual([]);
    expect(row).toMatchObject({
      notebookId,
      place: "thread",
      origin: "about",
      visibility: "public",
      authorId: ada.personId,
    });
    expect(hidden.notebookId).not.toBe(notebookId);
    expect(await withdrawAttachment(bo, row!.id)).toMatchObject({ kind: "refused" });
    expect(await withdrawAttachment(ada, row!.id)).toEqual({ kind: "withdrawn" });
    expect((await attachByAbout([about])).attached).toBe(0);
  });

  it("follow about: when the mail is there first", async () => {
    await importedMail("there@example.org", "words");
    const { notebookId } = await saved(
      createNotebook(ada, { text: notebookText("After", "there@example.org"), visibility: "public" }),
    );
    expect(await db().attachment.count({ where: { notebookId } })).toBe(1);
  });

  it("are made by persons to a thread or a hunk that exists, seen by who may see the notebook", async () => {
    await importedMail("hunky@example.org", "words");
    const { notebookId } = await saved(createNotebook(ada, { text: notebookText("Private"), visibility: "draft" }));
    const messageId = "hunky@example.org";
    const hunkKey = `key-${messageId}`.slice(0, 26);
    const place = { kind: "hunk", hunkKey } as const;
    expect(await attachNotebook(bo, { notebookId, messageId, place })).toMatchObject({ reason: "not-found" });
    expect(await attachNotebook(ada, { notebookId, messageId: "no@example.org", place })).toMatchObject({
      reason: "not-imported",
    });
    expect(await attachNotebook(ada, { notebookId, messageId, place: { ...place, hunkKey: "x" } })).toMatchObject({
      reason: "no-such-hunk",
    });
    expect(await attachNotebook(ada, { notebookId, messageId, place: { kind: "patch" } })).toMatchObject({
      reason: "not-a-patch",
    });
    const done = await attachNotebook(ada, { notebookId, messageId, place });
    expect(done.kind).toBe("attached");
    expect(await attachNotebook(ada, { notebookId, messageId, place })).toEqual(done);
    expect(await db().attachment.findMany({ where: { notebookId } })).toMatchObject([{ visibility: "draft", hunkKey }]);
  });
});

describe("claims", () => {
  it("are found in the mail that they quote, over line breaks and quote marks, also when it comes later", async () => {
    const claim = `${fence}claim #c1\n"the lock is not needed here" <claimed@example.org>\nneeds r: base holds\n${fence}\n`;
    const { notebookId } = await saved(
      createNotebook(ada, { text: notebookText("Claiming", "root@example.org", claim), visibility: "public" }),
    );
    expect(await db().claim.findMany({ where: { notebookId } })).toMatchObject([{ offsetStart: null, cellId: "c1" }]);
    const body = "Hi,\n\n> I say the lock\n> is not needed here, really.\n";
    await importedMail("claimed@example.org", body);
    expect(await attachByAbout(["claimed@example.org"])).toMatchObject({ located: 1 });
    const [row] = await db().claim.findMany({ where: { notebookId } });
    expect(body.slice(row!.offsetStart!, row!.offsetEnd!)).toBe("the lock\n> is not needed here");
  });
});

describe("shipped notebooks", () => {
  it("become public notebooks of the system person, and a revision when the file changes", async () => {
    const directory = mkdtempSync(join(tmpdir(), "hunkbook-shipped-"));
    const write = (text: string): void => writeFileSync(join(directory, "abba.hb.md"), text);
    write(notebookText("Two locks"));
    const runs = await Promise.all([1, 2, 3].map(() => installShippedNotebooks(directory)));
    expect(runs.flat().filter((one) => one.isChanged)).toHaveLength(1);
    write(notebookText("Two locks, again"));
    expect(await installShippedNotebooks(directory)).toMatchObject([{ slug: "abba", number: 2, isChanged: true }]);
    expect(await installShippedNotebooks(directory)).toMatchObject([{ number: 2, isChanged: false }]);
    expect(await readNotebook(ada, "abba")).toMatchObject({
      authorId: systemPersonId,
      title: "Two locks, again",
      canEdit: false,
    });
    const operator = await person("Op", true);
    const { id: notebookId } = (await readNotebook(operator, "abba"))!;
    const text = notebookText("Edited");
    expect(await saveRevision(operator, { notebookId, text, baseNumber: 2 })).toMatchObject({ reason: "not-yours" });
    rmSync(directory, { recursive: true });
  });

  it("name the file that is damaged", async () => {
    const directory = mkdtempSync(join(tmpdir(), "hunkbook-shipped-"));
    writeFileSync(join(directory, "bad.hb.md"), Buffer.from([0x23, 0x20, 0xff]));
    await expect(installShippedNotebooks(directory)).rejects.toThrow(
      /bad\.hb\.md.*\n.*byte 0xff at offset 2 is not UTF-8/,
    );
    rmSync(directory, { recursive: true });
  });
});
