import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { db, disconnect } from "#lib/db/client.server.ts";
import { importMail } from "#lib/mail/import.server.ts";
import { ensureKnownPersons, operatorPersonId } from "#lib/people/known.server.ts";
import type { Viewer } from "#lib/people/viewer.ts";
import { addComment, changeComment } from "#lib/review/comments.server.ts";
import { readMargins } from "#lib/review/read-margins.server.ts";
import { freshDatabase } from "./database.ts";

const demonstration = join(resolve(import.meta.dirname, "../.."), "demo/demonstration.mbox");
const author: Viewer = { kind: "person", personId: operatorPersonId, displayName: "Operator", isOperator: true };
let other: Viewer;

beforeAll(async () => {
  await freshDatabase();
  await ensureKnownPersons();
  const person = await db().person.create({ data: { displayName: "Carla Example" }, select: { id: true } });
  other = { kind: "person", personId: person.id, displayName: "Carla Example", isOperator: false };
  await importMail({ source: demonstration, archiveName: "demonstration", kind: "mbox" });
});
afterAll(disconnect);

/** A line that a mail of the demonstration remarks on, found for sure. */
async function remarkedLine() {
  const remark = await db().mailedComment.findFirstOrThrow({
    where: { anchor: { place: "line", method: "exact", score: 1 } },
    orderBy: { id: "asc" },
    select: { anchor: true },
  });
  const { anchor } = remark;
  const side = anchor.side === "old" ? ("old" as const) : ("new" as const);
  const line = side === "old" ? anchor.oldLine : anchor.newLine;
  return { anchor, place: { messageId: anchor.messageIdText, hunkKey: anchor.hunkKey ?? "", side, line } };
}

async function made(state: "draft" | "published", text: string): Promise<string> {
  const outcome = await addComment(author, { ...(await remarkedLine()).place, text, state });
  if (outcome.kind === "refused") throw new Error(outcome.message);
  return outcome.commentId;
}

async function marginFor(viewer: Viewer) {
  const { anchor } = await remarkedLine();
  const hunk = await db().hunk.findFirstOrThrow({
    where: { key: anchor.hunkKey ?? "" },
    select: { id: true, key: true, h1: true, fileDiff: { select: { message: { select: { shownBy: true } } } } },
  });
  const threadId = hunk.fileDiff.message.shownBy[0]?.threadId ?? 0;
  const margins = await readMargins(viewer, { threadId, hunks: [{ rowId: hunk.id, key: hunk.key, h1: hunk.h1 }] });
  const margin = margins.get(hunk.key);
  if (!margin) throw new Error("the hunk has no margin");
  return margin;
}

it("a comment made here and a mailed one on the same line share one anchor", async () => {
  const { anchor } = await remarkedLine();
  const before = await db().anchor.count();
  const commentId = await made("published", "the same line");
  const comment = await db().comment.findUniqueOrThrow({ where: { id: commentId }, select: { anchor: true } });
  expect(comment.anchor.key).toBe(anchor.key);
  expect(comment.anchor.id).toBe(anchor.id);
  expect(await db().anchor.count()).toBe(before);
});

it("every text of a comment is kept, the newest is shown, and the same text again is no edit", async () => {
  const id = await made("published", "one");
  for (const text of ["two", "two\r\n", "three"])
    expect((await changeComment(author, id, { kind: "edit", text })).kind).toBe("kept");
  const edits = await db().commentEdit.findMany({ where: { commentId: id }, orderBy: { number: "asc" } });
  expect(edits.map(({ number, text }) => [number, text])).toEqual([
    [1, "one"],
    [2, "two"],
    [3, "three"],
  ]);
  const shown = (await marginFor(other)).comments.find((comment) => comment.id === id);
  expect(shown).toMatchObject({ text: "three", editCount: 2, isOwn: false });
});

it("edits at the same moment are all kept", async () => {
  const id = await made("published", "start");
  const texts = ["a", "b", "c", "d"];
  await Promise.all(texts.map((text) => changeComment(author, id, { kind: "edit", text })));
  const edits = await db().commentEdit.findMany({ where: { commentId: id }, orderBy: { number: "asc" } });
  expect(edits.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5]);
  expect(edits.map(({ text }) => text).sort()).toEqual(["a", "b", "c", "d", "start"]);
});

it("others may resolve and reopen what is published, and nothing else", async () => {
  const id = await made("published", "for all");
  expect((await changeComment(other, id, { kind: "resolve" })).kind).toBe("kept");
  expect((await db().comment.findUniqueOrThrow({ where: { id } })).resolvedById).toBe(
    other.kind === "person" ? other.personId : "",
  );
  expect((await changeComment(other, id, { kind: "reopen" })).kind).toBe("kept");
  for (const change of [{ kind: "withdraw" }, { kind: "edit", text: "not mine" }] as const)
    expect(await changeComment(other, id, change)).toMatchObject({ kind: "refused", reason: "not-changeable" });
  expect((await changeComment({ kind: "anonymous" }, id, { kind: "resolve" })).kind).toBe("refused");
  const draft = await made("draft", "secret");
  for (const kind of ["resolve", "publish", "withdraw"] as const)
    expect(await changeComment(other, draft, { kind })).toMatchObject({ kind: "refused", reason: "not-found" });
});

it("a withdrawn comment stays as a place without words; a withdrawn draft is shown to nobody", async () => {
  const published = await made("published", "taken back");
  const draft = await made("draft", "never said");
  for (const id of [published, draft]) await changeComment(author, id, { kind: "withdraw" });
  for (const viewer of [author, other, { kind: "anonymous" } as const]) {
    const margin = await marginFor(viewer);
    const ids = [...margin.comments, ...margin.withdrawn].map(({ id }) => id);
    expect(margin.withdrawn.map(({ id }) => id)).toContain(published);
    expect(ids).not.toContain(draft);
    expect(JSON.stringify(margin)).not.toMatch(/taken back|never said/);
  }
  for (const kind of ["publish", "withdraw", "resolve", "reopen"] as const)
    expect(await changeComment(author, published, { kind })).toMatchObject({ kind: "refused" });
});
