/**
 * Comments of persons on a line of a hunk, or on the whole hunk. A comment names its place by content, so that importing
 * again or a new parser loses none; every text it ever had is kept.
 */
import { db, type Transaction } from "../db/client.server.ts";
import { pathOf } from "../diff/found-diff.ts";
import { sha256 } from "../hash.ts";
import { readMail } from "../mail/read/read-mail.server.ts";
import { can, visibleTo } from "../people/permissions.ts";
import { authorOf, type Viewer } from "../people/viewer.ts";
import { anchorColumns } from "./anchor-key.ts";
import type { AnchorPlace } from "./anchor-place.ts";
import { mayChange, type CommentChange, type CommentState } from "./comment-change.ts";
import { placeOfHunkLine, readTarget, type HunkPosition, type TargetMail } from "./anchor-target.ts";

export const commentUnitsMax = 20_000;

export type NewComment = {
  /** Of the mail in whose text the hunk stands, without <>. */
  readonly messageId: string;
  readonly hunkKey: string;
  readonly side: "old" | "new";
  /** Number in the file of that side; null speaks of the whole hunk. */
  readonly line: number | null;
  readonly text: string;
  readonly state: "draft" | "published";
};

export type CommentOutcome =
  | { readonly kind: "kept"; readonly commentId: string; readonly messageIdText: string; readonly hunkKey: string }
  | {
      readonly kind: "refused";
      readonly reason: "sign-in-needed" | "not-found" | "no-such-line" | "bad-text" | "not-changeable";
      readonly message: string;
    };

/** Writes a comment, published or as a draft that only its author sees. */
export async function addComment(viewer: Viewer, request: NewComment): Promise<CommentOutcome> {
  const authorId = authorOf(viewer);
  if (authorId === null || !can(viewer, { kind: "create" }))
    return refuse("sign-in-needed", "Sign in to comment; reading needs no account.");
  const usable = usableText(request.text);
  if (usable.kind === "refused") return usable;
  const place = await placeOf(viewer, request);
  if (place.kind === "refused") return place;
  return db().$transaction(async (within) => {
    const anchorId = await anchorRow(within, place.anchor);
    const comment = await within.comment.create({
      data: { anchorId, authorId, state: request.state, edits: { create: { number: 1, text: usable.text } } },
      select: { id: true },
    });
    await record(within, { personId: authorId, kind: `comment.${request.state}`, commentId: comment.id });
    return { kind: "kept", commentId: comment.id, messageIdText: request.messageId, hunkKey: request.hunkKey };
  });
}

/**
 * Publishes, edits or withdraws one's own comment; anybody who is signed in may mark a published one resolved, or open it
 * again. Two changes at once are made one after the other, on what the first one left.
 */
export async function changeComment(viewer: Viewer, commentId: string, change: CommentChange): Promise<CommentOutcome> {
  const personId = authorOf(viewer);
  if (personId === null || !can(viewer, { kind: "create" }))
    return refuse("sign-in-needed", "Sign in to change a comment.");
  const text = change.kind === "edit" ? usableText(change.text) : null;
  if (text?.kind === "refused") return text;
  return db().$transaction(async (within) => {
    await within.$queryRaw`select 1 from comment where id = ${commentId}::uuid for update`;
    const comment = await within.comment.findFirst({
      where: { id: commentId, AND: [visibleTo(viewer, "authorId")] },
      select: { authorId: true, state: true, anchor: { select: { messageIdText: true, hunkKey: true } } },
    });
    const isOwn = comment?.authorId === personId;
    // Whether somebody else's draft is there is not told.
    if (!comment || (!isOwn && comment.state !== "published"))
      return refuse("not-found", "There is no such comment, or it is not yours.");
    const { messageIdText, hunkKey } = comment.anchor;
    if (!mayChange({ state: comment.state, isOwn }, change.kind))
      return refuse("not-changeable", notChangeable(comment.state, change.kind));
    if (text !== null) await keepText(within, commentId, text.text);
    await within.comment.update({ where: { id: commentId }, data: changed(change, { personId, from: comment.state }) });
    await record(within, { personId, kind: `comment.${change.kind}`, commentId });
    return { kind: "kept", commentId, messageIdText, hunkKey: hunkKey ?? "" };
  });
}

function notChangeable(state: CommentState, change: CommentChange["kind"]): string {
  if (state === "withdrawn") return "This comment is withdrawn. Write a new one in its place.";
  if (state === "draft") return "This comment is a draft. Publish it first.";
  return change === "publish"
    ? "This comment is published already."
    : "Only its author may edit or withdraw a comment. Write one of your own.";
}

function changed(change: CommentChange, by: { readonly personId: string; readonly from: CommentState }) {
  switch (change.kind) {
    case "publish":
      return { state: "published" as const };
    case "withdraw":
      // Nobody else knew of a draft, and nobody else learns of it now.
      return { state: "withdrawn" as const, ...(by.from === "draft" ? { visibility: "draft" as const } : {}) };
    case "resolve":
      return { resolvedAt: new Date(), resolvedById: by.personId };
    case "reopen":
      return { resolvedAt: null, resolvedById: null };
    case "edit":
      return {};
  }
}

/** Adds a text to those that the comment had; one equal to the last is no edit. */
async function keepText(within: Transaction, commentId: string, text: string): Promise<void> {
  const last = await within.commentEdit.findFirst({ where: { commentId }, orderBy: { number: "desc" } });
  if (last?.text === text) return;
  await within.commentEdit.create({ data: { commentId, number: (last?.number ?? 0) + 1, text } });
}

type Placing = { readonly kind: "placed"; readonly anchor: AnchorPlace } | Refusal;

/** The line is looked up in the mail itself: a comment on a line that is not there would hang in the air. */
async function placeOf(viewer: Viewer, request: NewComment): Promise<Placing> {
  const mail = await readMail(viewer, { kind: "id", messageId: request.messageId });
  if (mail === null || mail.isWithheld)
    return refuse("not-found", "That mail is not imported here. Import it with `hunkbook import FILE`.");
  const target = readTarget({ messageId: mail.messageIdText, body: mail.body });
  const positions = [...target.hunkLines.values()].filter(({ hunk }) => hunk.key === request.hunkKey);
  if (positions.length === 0) return refuse("not-found", "That hunk is not in the mail. Load its page again.");
  if (request.line === null) return { kind: "placed", anchor: wholeHunk(target, positions) };
  const position = positions.find(({ line }) =>
    request.side === "old"
      ? line.kind !== "+" && line.oldLine === request.line
      : line.kind !== "-" && line.newLine === request.line,
  );
  if (!position) {
    return refuse(
      "no-such-line",
      `The hunk has no line ${request.line} on its ${request.side} side. Take a number from the table, or leave the line empty to speak of the whole hunk.`,
    );
  }
  return { kind: "placed", anchor: { ...placeOfHunkLine(target, position), method: "exact", score: 1 } };
}

function wholeHunk(target: TargetMail, positions: readonly HunkPosition[]): AnchorPlace {
  const first = positions[0];
  return {
    messageId: target.messageId,
    place: "hunk",
    path: first ? pathOf(first.diff) || null : null,
    hunkKey: first?.hunk.key ?? null,
    ...{ side: null, oldLine: null, newLine: null, bodyLine: null, lineHash: null, contextHash: null },
    method: "hunk",
    score: 1,
  };
}

async function anchorRow(within: Transaction, anchor: AnchorPlace): Promise<number> {
  const columns = anchorColumns(anchor);
  const messageIdHash = new Uint8Array(sha256(anchor.messageId));
  await within.anchor.createMany({ data: [{ ...columns, messageIdHash }], skipDuplicates: true });
  const row = await within.anchor.findUniqueOrThrow({ where: { key: columns.key }, select: { id: true } });
  return row.id;
}

async function record(
  within: Transaction,
  event: { readonly personId: string; readonly kind: string; readonly commentId: string },
): Promise<void> {
  const { personId, kind, commentId } = event;
  await within.event.create({ data: { personId, kind, subject: commentId, detail: {} } });
}

type UsableText = { readonly kind: "usable"; readonly text: string } | Refusal;

function usableText(given: string): UsableText {
  const text = storable(given);
  if (text === "") return refuse("bad-text", "The comment is empty. Write something, or leave the page.");
  if (text.length <= commentUnitsMax) return { kind: "usable", text };
  const message = `The comment is longer than ${commentUnitsMax} characters. Shorten it, or write a notebook.`;
  return refuse("bad-text", message);
}

/** PostgreSQL text holds no NUL, and a lone surrogate has no UTF-8 form. */
function storable(text: string): string {
  return text
    .replace(/\r\n?/g, "\n")
    .replace(/\0/g, "\uFFFD")
    .replace(/\p{Cs}/gu, "\uFFFD")
    .trim();
}

type Refusal = Extract<CommentOutcome, { kind: "refused" }>;

function refuse(reason: Refusal["reason"], message: string): Refusal {
  return { kind: "refused", reason, message };
}
