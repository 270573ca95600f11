import { db } from "../db/client.server.ts";
import { visibleTo } from "../people/permissions.ts";
import { authorOf, type Viewer } from "../people/viewer.ts";

/** A notebook that somebody, or its own about: line, tied to a thread or to one mail of it. */
export type ThreadAttachment = {
  readonly slug: string;
  readonly title: string;
  readonly place: string;
  readonly origin: string;
  readonly authorName: string;
  readonly messageIdText: string;
};

/** Notebooks attached to a thread or to its mails (those of single hunks stand in their margins). */
export async function readThreadAttachments(viewer: Viewer, threadId: number): Promise<readonly ThreadAttachment[]> {
  const entries = await db().threadEntry.findMany({ where: { threadId }, select: { messageIdHash: true } });
  const rows = await db().attachment.findMany({
    where: {
      messageIdHash: { in: entries.map((entry) => entry.messageIdHash) },
      hunkKey: null,
      withdrawnAt: null,
      AND: [visibleTo(viewer, "authorId"), { notebook: visibleTo(viewer, "authorId") }],
    },
    orderBy: [{ createdAt: "asc" }, { id: "asc" }],
    select: {
      place: true,
      origin: true,
      messageIdText: true,
      notebook: { select: { slug: true, title: true, author: { select: { displayName: true } } } },
    },
  });
  const seen = new Set<string>();
  return rows.flatMap(({ notebook, ...row }) => {
    const key = `${notebook.slug} ${row.place} ${row.messageIdText}`;
    if (seen.has(key)) return [];
    seen.add(key);
    return [{ ...row, slug: notebook.slug, title: notebook.title, authorName: notebook.author.displayName }];
  });
}

/** An attachment that the viewer may take back: made by them, or of their notebook. */
export type OwnAttachment = {
  readonly id: string;
  readonly title: string;
  readonly place: string;
  readonly hunkKey: string | null;
  readonly messageIdText: string;
};

/** All attachments in a thread, those of hunks too, that this viewer may withdraw. */
export async function readOwnAttachments(viewer: Viewer, threadId: number): Promise<readonly OwnAttachment[]> {
  const personId = authorOf(viewer);
  if (personId === null) return [];
  const entries = await db().threadEntry.findMany({ where: { threadId }, select: { messageIdHash: true } });
  const rows = await db().attachment.findMany({
    where: {
      messageIdHash: { in: entries.map((entry) => entry.messageIdHash) },
      withdrawnAt: null,
      OR: [{ authorId: personId }, { notebook: { authorId: personId } }],
      AND: [visibleTo(viewer, "authorId"), { notebook: visibleTo(viewer, "authorId") }],
    },
    orderBy: [{ createdAt: "asc" }, { id: "asc" }],
    select: { id: true, place: true, hunkKey: true, messageIdText: true, notebook: { select: { title: true } } },
  });
  return rows.map(({ notebook, ...row }) => ({ ...row, title: notebook.title }));
}
