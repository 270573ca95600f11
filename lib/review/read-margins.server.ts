import { db } from "../db/client.server.ts";
import { visibleTo } from "../people/permissions.ts";
import type { Viewer } from "../people/viewer.ts";
import type { WithdrawnComment } from "./comment-change.ts";
import {
  orderChips,
  type HunkAttachment,
  type HunkComment,
  type HunkMargin,
  type MailedRemark,
  type MarginChip,
  type PlacedHunk,
} from "./margin.ts";
import { readChips, type FiledChip } from "./read-chips.server.ts";
import { readHistories } from "./read-history.server.ts";

/** A margin as the page draws it: where a comment was withdrawn, its place says so. */
export type ThreadMargin = HunkMargin & { readonly withdrawn: readonly WithdrawnComment[] };

type Twin = {
  readonly key: string;
  readonly h1: string;
  readonly messageIdText: string;
  readonly versionNumber: number | null;
  readonly label: string;
};

/** The margins of some hunks of one thread: results (also of equal hunks in other mails of it), remarks, comments, notebooks, history. */
export async function readMargins(
  viewer: Viewer,
  options: { readonly threadId: number; readonly hunks: readonly PlacedHunk[] },
): Promise<ReadonlyMap<string, ThreadMargin>> {
  const { hunks, threadId } = options;
  const twins = await equalHunks(threadId, hunks);
  const keys = hunks.map((hunk) => hunk.key);
  const [chips, remarks, comments, withdrawn, attachments, histories] = await Promise.all([
    readChips(
      viewer,
      twins.map((twin) => twin.key),
    ),
    readRemarks(keys),
    readComments(viewer, keys),
    readWithdrawn(viewer, keys),
    readHunkAttachments(viewer, keys),
    readHistories(viewer, hunks),
  ]);
  return new Map(
    hunks.map((hunk) => [
      hunk.key,
      {
        hunkKey: hunk.key,
        chips: orderChips(chipsOf(hunk, { twins, chips })),
        remarks: remarks.get(hunk.key) ?? [],
        comments: comments.get(hunk.key) ?? [],
        withdrawn: withdrawn.get(hunk.key) ?? [],
        attachments: attachments.get(hunk.key) ?? [],
        history: histories.get(hunk.key) ?? null,
      },
    ]),
  );
}

/** The same hunk (H1: path and all lines) may stand in several mails of a thread: as sent, re-sent, and quoted in replies. */
async function equalHunks(threadId: number, hunks: readonly PlacedHunk[]): Promise<readonly Twin[]> {
  const rows = await db().hunk.findMany({
    where: {
      h1: { in: hunks.map((hunk) => hunk.h1) },
      fileDiff: { message: { shownBy: { some: { threadId } } } },
    },
    select: {
      key: true,
      h1: true,
      fileDiff: {
        select: {
          message: { select: { messageIdText: true, fromName: true, fromAddress: true } },
          patch: { select: { number: true, version: { select: { number: true, patchCount: true } } } },
        },
      },
    },
  });
  return rows.map(({ key, h1, fileDiff: { message, patch } }) => ({
    key,
    h1,
    messageIdText: message.messageIdText,
    versionNumber: patch?.version.number ?? null,
    label: patch
      ? `v${patch.version.number} ${patch.number}/${patch.version.patchCount}`
      : `the mail of ${message.fromName || message.fromAddress}`,
  }));
}

function chipsOf(
  hunk: PlacedHunk,
  from: { readonly twins: readonly Twin[]; readonly chips: readonly FiledChip[] },
): MarginChip[] {
  const twins = new Map(from.twins.filter((twin) => twin.h1 === hunk.h1).map((twin) => [twin.key, twin]));
  return from.chips.flatMap(({ hunkKey, ...chip }) => {
    const twin = twins.get(hunkKey);
    if (!twin) return [];
    const versionLabel = twin.versionNumber === null ? null : `v${twin.versionNumber}`;
    const sameAs = hunkKey === hunk.key ? null : { messageIdText: twin.messageIdText, label: twin.label };
    return [{ ...chip, versionLabel, sameAs }];
  });
}

async function readRemarks(hunkKeys: readonly string[]): Promise<ReadonlyMap<string, MailedRemark[]>> {
  const rows = await db().mailedComment.findMany({
    where: { anchor: { hunkKey: { in: [...hunkKeys] } } },
    orderBy: [{ message: { sentAt: "asc" } }, { messageId: "asc" }, { ordinal: "asc" }],
    select: {
      text: true,
      message: { select: { messageIdText: true, fromName: true, fromAddress: true } },
      anchor: { select: { hunkKey: true, side: true, oldLine: true, newLine: true, method: true } },
    },
  });
  return groupBy(
    rows,
    (row) => row.anchor.hunkKey ?? "",
    (row) => ({
      messageIdText: row.message.messageIdText,
      fromName: row.message.fromName || row.message.fromAddress,
      text: row.text,
      side: sideOf(row.anchor.side),
      oldLine: row.anchor.oldLine,
      newLine: row.anchor.newLine,
      method: row.anchor.method,
    }),
  );
}

/** Published comments that the viewer may see, and the viewer's own drafts. Nobody else ever sees a draft. */
async function readComments(viewer: Viewer, hunkKeys: readonly string[]): Promise<ReadonlyMap<string, HunkComment[]>> {
  const personId = viewer.kind === "person" ? viewer.personId : null;
  const rows = await db().comment.findMany({
    where: {
      anchor: { hunkKey: { in: [...hunkKeys] } },
      AND: [
        visibleTo(viewer, "authorId"),
        {
          OR: [{ state: "published" }, ...(personId === null ? [] : [{ state: "draft" as const, authorId: personId }])],
        },
      ],
    },
    orderBy: [{ createdAt: "asc" }, { id: "asc" }],
    select: {
      id: true,
      authorId: true,
      state: true,
      createdAt: true,
      resolvedAt: true,
      author: { select: { displayName: true } },
      anchor: { select: { hunkKey: true, side: true, oldLine: true, newLine: true } },
      edits: { orderBy: { number: "desc" }, select: { text: true } },
    },
  });
  return groupBy(
    rows,
    (row) => row.anchor.hunkKey ?? "",
    (row) => ({
      id: row.id,
      authorName: row.author.displayName,
      isOwn: row.authorId === personId,
      state: row.state === "draft" ? "draft" : "published",
      createdAt: row.createdAt,
      text: row.edits[0]?.text ?? "",
      side: sideOf(row.anchor.side),
      oldLine: row.anchor.oldLine,
      newLine: row.anchor.newLine,
      editCount: row.edits.length - 1,
      isResolved: row.resolvedAt !== null,
    }),
  );
}

/** Where published comments were taken back. Withdrawn drafts have visibility "draft", and are shown to nobody. */
async function readWithdrawn(
  viewer: Viewer,
  hunkKeys: readonly string[],
): Promise<ReadonlyMap<string, WithdrawnComment[]>> {
  const rows = await db().comment.findMany({
    where: {
      anchor: { hunkKey: { in: [...hunkKeys] } },
      state: "withdrawn",
      visibility: { not: "draft" },
      AND: [visibleTo(viewer, "authorId")],
    },
    orderBy: [{ createdAt: "asc" }, { id: "asc" }],
    select: {
      id: true,
      createdAt: true,
      author: { select: { displayName: true } },
      anchor: { select: { hunkKey: true, side: true, oldLine: true, newLine: true } },
    },
  });
  return groupBy(
    rows,
    (row) => row.anchor.hunkKey ?? "",
    ({ id, createdAt, author, anchor: { side, oldLine, newLine } }) => ({
      ...{ kind: "withdrawn" as const, id, createdAt, authorName: author.displayName },
      ...{ side: sideOf(side), oldLine, newLine },
    }),
  );
}

async function readHunkAttachments(
  viewer: Viewer,
  hunkKeys: readonly string[],
): Promise<ReadonlyMap<string, HunkAttachment[]>> {
  const rows = await db().attachment.findMany({
    where: {
      hunkKey: { in: [...hunkKeys] },
      withdrawnAt: null,
      AND: [visibleTo(viewer, "authorId"), { notebook: visibleTo(viewer, "authorId") }],
    },
    orderBy: { createdAt: "asc" },
    select: {
      hunkKey: true,
      origin: true,
      notebook: { select: { slug: true, title: true, author: { select: { displayName: true } } } },
    },
  });
  return groupBy(
    rows,
    (row) => row.hunkKey ?? "",
    (row) => ({
      slug: row.notebook.slug,
      title: row.notebook.title,
      place: "hunk" as const,
      origin: row.origin,
      authorName: row.notebook.author.displayName,
    }),
  );
}

function sideOf(side: string | null): "old" | "new" | null {
  return side === "old" || side === "new" ? side : null;
}

function groupBy<Row, Value>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
  valueOf: (row: Row) => Value,
): ReadonlyMap<string, Value[]> {
  const groups = new Map<string, Value[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group) group.push(valueOf(row));
    else groups.set(keyOf(row), [valueOf(row)]);
  }
  return groups;
}
