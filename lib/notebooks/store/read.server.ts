/** What a viewer may see of notebooks. */
import { db, type Prisma } from "../../db/client.server.ts";
import { can, visibleTo, type Visibility } from "../../people/permissions.ts";
import { authorOf, type Viewer } from "../../people/viewer.ts";
import { diffNotebooks, type CellChange } from "../cell-diff.ts";
import { parseNotebook } from "../parse/parse.ts";

export type NotebookView = {
  readonly id: string;
  readonly slug: string;
  readonly title: string;
  readonly authorId: string;
  readonly authorName: string;
  readonly visibility: Visibility;
  readonly shippedAs: string | null;
  readonly forkedFromHash: string | null;
  readonly createdAt: Date;
  /** The revision shown. */
  readonly number: number;
  readonly newestNumber: number;
  readonly textHash: string;
  readonly savedAt: Date;
  readonly text: string;
  /** What the viewer has typed and not saved. */
  readonly draft: { readonly text: string; readonly baseNumber: number; readonly updatedAt: Date } | null;
  readonly canEdit: boolean;
};

/** WHERE of a notebook reached by its own address: what lists show, and what is seen by link. */
export function mayRead(viewer: Viewer): Prisma.NotebookWhereInput {
  const listed = visibleTo(viewer, "authorId");
  if (!("OR" in listed)) return {};
  return { OR: [{ visibility: "link" }, ...listed.OR] };
}

/** One notebook by its slug: the newest revision, or the one numbered. Null when there is none for this viewer. */
export async function readNotebook(
  viewer: Viewer,
  slug: string,
  options: { readonly number?: number } = {},
): Promise<NotebookView | null> {
  const personId = authorOf(viewer);
  const row = await db().notebook.findFirst({
    where: { slug, AND: [mayRead(viewer)] },
    include: { author: { select: { displayName: true } } },
  });
  if (row === null) return null;
  const [newest, shown, draft] = await Promise.all([
    db().revision.aggregate({ where: { notebookId: row.id }, _max: { number: true } }),
    db().revision.findFirst({
      where: { notebookId: row.id, ...(options.number === undefined ? {} : { number: options.number }) },
      orderBy: { number: "desc" },
      include: { text: { select: { text: true } } },
    }),
    personId === null
      ? null
      : db().notebookDraft.findUnique({ where: { notebookId_personId: { notebookId: row.id, personId } } }),
  ]);
  if (shown === null) return null;
  return {
    ...{ id: row.id, slug: row.slug, title: row.title, authorId: row.authorId, authorName: row.author.displayName },
    ...{ visibility: row.visibility, shippedAs: row.shippedAs, forkedFromHash: row.forkedFromHash },
    ...{ createdAt: row.createdAt, number: shown.number, newestNumber: newest._max.number ?? shown.number },
    ...{ textHash: shown.textHash, savedAt: shown.createdAt, text: shown.text.text },
    draft: draft === null ? null : { text: draft.text, baseNumber: draft.baseNumber, updatedAt: draft.updatedAt },
    canEdit: can(viewer, { kind: "edit", thing: row }) && (row.shippedAs === null || viewer.kind === "system"),
  };
}

export type NotebookEntry = {
  readonly id: string;
  readonly slug: string;
  readonly title: string;
  readonly authorId: string;
  readonly authorName: string;
  readonly visibility: Visibility;
  readonly shippedAs: string | null;
  readonly newestNumber: number;
  readonly savedAt: Date;
};

/** Most notebooks of one list. */
const entriesMax = 500;

/** Notebooks that the viewer may find, the most recently saved first. Texts are not read. */
export async function listNotebooks(viewer: Viewer): Promise<readonly NotebookEntry[]> {
  const rows = await db().notebook.findMany({
    where: visibleTo(viewer, "authorId"),
    orderBy: [{ createdAt: "desc" }, { id: "desc" }],
    take: entriesMax,
    include: {
      author: { select: { displayName: true } },
      revisions: { orderBy: { number: "desc" }, take: 1, select: { number: true, createdAt: true } },
    },
  });
  const entries = rows.flatMap((row) => {
    const [newest] = row.revisions;
    if (newest === undefined) return [];
    const { id, slug, title, authorId, visibility, shippedAs } = row;
    const authorName = row.author.displayName;
    return [
      {
        id,
        slug,
        title,
        authorId,
        authorName,
        visibility,
        shippedAs,
        newestNumber: newest.number,
        savedAt: newest.createdAt,
      },
    ];
  });
  return entries.sort((a, b) => b.savedAt.getTime() - a.savedAt.getTime());
}

export type RevisionEntry = {
  readonly number: number;
  readonly textHash: string;
  readonly authorName: string;
  readonly createdAt: Date;
};

/** All revisions of a notebook, the newest first; empty when there is none for this viewer. */
export async function listRevisions(viewer: Viewer, slug: string): Promise<readonly RevisionEntry[]> {
  const rows = await db().revision.findMany({
    where: { notebook: { slug, AND: [mayRead(viewer)] } },
    orderBy: { number: "desc" },
    include: { author: { select: { displayName: true } } },
  });
  return rows.map(({ number, textHash, createdAt, author }) => ({
    number,
    textHash,
    createdAt,
    authorName: author.displayName,
  }));
}

/** What changed from one revision to another, cell by cell; null when one of them is not there for this viewer. */
export async function readRevisionChanges(
  viewer: Viewer,
  slug: string,
  numbers: { readonly older: number; readonly newer: number },
): Promise<readonly CellChange[] | null> {
  const rows = await db().revision.findMany({
    where: { number: { in: [numbers.older, numbers.newer] }, notebook: { slug, AND: [mayRead(viewer)] } },
    select: { number: true, text: { select: { text: true } } },
  });
  const older = rows.find((row) => row.number === numbers.older);
  const newer = rows.find((row) => row.number === numbers.newer);
  if (older === undefined || newer === undefined) return null;
  return diffNotebooks(parseNotebook(older.text.text).notebook, parseNotebook(newer.text.text).notebook);
}
