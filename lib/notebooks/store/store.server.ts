/**
 * Notebooks in the database. A revision is never changed and never lost: saving over someone's newer revision is a
 * conflict, returned as a value. Every write is one transaction with its event.
 */
import { db, type Transaction } from "../../db/client.server.ts";
import { can, type Visibility } from "../../people/permissions.ts";
import { authorOf, type Viewer } from "../../people/viewer.ts";
import { attachOwnPlace } from "./attach.server.ts";
import type { NotebookDiagnostic } from "../diagnostics.ts";
import { parseNotebook, textProblem } from "../parse/parse.ts";
import { mayRead } from "./read.server.ts";
import { aboutHash, insertRevision, readContent, type Content, type Refused } from "./revisions.server.ts";
import { isSlug } from "../slug.ts";
import { chooseSlug } from "./slug.server.ts";

// The rest of the store, by the names that runs, pages and the command know it by.
export { attachNotebook, withdrawAttachment } from "./attach.server.ts";
export { listNotebooks, listRevisions, readNotebook, readRevisionChanges } from "./read.server.ts";
export { installShippedNotebooks } from "./shipped.server.ts";

export type Saved = {
  readonly kind: "saved";
  readonly notebookId: string;
  readonly slug: string;
  readonly number: number;
  readonly textHash: string;
  /** False when the text is that of the newest revision already: nothing was written. */
  readonly isNew: boolean;
  /** What is wrong with the text. A notebook with errors can be saved: it is work in progress. */
  readonly diagnostics: readonly NotebookDiagnostic[];
};

export type Conflict = {
  readonly kind: "conflict";
  /** The newest revision, which is not the one that the text was made from. */
  readonly number: number;
  readonly text: string;
};

/** Creates a notebook with its first revision. Without a slug one is made from the title. */
export async function createNotebook(
  viewer: Viewer,
  request: { readonly text: string; readonly slug?: string; readonly visibility: Visibility },
): Promise<Saved | Refused> {
  const authorId = authorOf(viewer);
  if (authorId === null || !can(viewer, { kind: "create" })) return signInNeeded;
  const content = readContent(request.text);
  if (content.kind === "refused") return content;
  if (request.slug !== undefined && !isSlug(request.slug)) return badSlug;
  return createFrom(content, {
    authorId,
    visibility: request.visibility,
    slug: request.slug ?? null,
    forkedFromHash: null,
  });
}

type Creation = {
  readonly authorId: string;
  readonly visibility: Visibility;
  readonly slug: string | null;
  readonly forkedFromHash: string | null;
};

async function createFrom(content: Content, creation: Creation): Promise<Saved | Refused> {
  const { notebook } = content;
  const { authorId, visibility, forkedFromHash } = creation;
  return db().$transaction(async (transaction) => {
    const title = notebook.title ?? untitled;
    const slug = await chooseSlug(transaction, { title, visibility, wish: creation.slug });
    if (slug === null) return slugTaken;
    const row = await transaction.notebook.create({
      data: { slug, title, authorId, visibility, aboutHash: aboutHash(notebook), forkedFromHash },
    });
    await insertRevision(transaction, { notebookId: row.id, number: 1, authorId, visibility, content });
    await record(transaction, { personId: authorId, kind: "notebook.created", notebookId: row.id, number: 1 });
    return savedAs({ id: row.id, slug, number: 1, isNew: true }, content);
  });
}

const untitled = "Untitled notebook";

/**
 * Saves a new revision made from revision `baseNumber`. When a newer one exists this is a conflict, unless it says the
 * same. The writer's draft is dropped with it.
 */
export async function saveRevision(
  viewer: Viewer,
  request: { readonly notebookId: string; readonly text: string; readonly baseNumber: number },
): Promise<Saved | Conflict | Refused> {
  const content = readContent(request.text);
  if (content.kind === "refused") return content;
  return db().$transaction(async (transaction) => {
    const target = await lockForWriting(transaction, viewer, request.notebookId);
    if (target.kind === "refused") return target;
    const newest = await newestRevision(transaction, target.id);
    if (newest.textHash === content.textHash) {
      await dropDraft(transaction, target);
      return savedAs({ id: target.id, slug: target.slug, number: newest.number, isNew: false }, content);
    }
    if (newest.number !== request.baseNumber) {
      return { kind: "conflict", number: newest.number, text: newest.text };
    }
    return appendRevision(transaction, target, { content, number: newest.number + 1 });
  });
}

type Target = {
  readonly kind: "target";
  readonly id: string;
  readonly slug: string;
  readonly visibility: Visibility;
  readonly writerId: string;
};

async function appendRevision(
  transaction: Transaction,
  target: Target,
  { content, number }: { readonly content: Content; readonly number: number },
): Promise<Saved> {
  const { id, writerId: authorId, visibility } = target;
  await insertRevision(transaction, { notebookId: id, number, authorId, visibility, content });
  await transaction.notebook.update({
    where: { id },
    data: { title: content.notebook.title ?? untitled, aboutHash: aboutHash(content.notebook) },
  });
  await dropDraft(transaction, target);
  await record(transaction, { personId: authorId, kind: "notebook.revised", notebookId: id, number });
  return savedAs({ id, slug: target.slug, number, isNew: true }, content);
}

/** Keeps what a person has typed and not saved yet. Only who may edit the notebook has a draft of it. */
export async function saveDraft(
  viewer: Viewer,
  request: { readonly notebookId: string; readonly text: string; readonly baseNumber: number },
): Promise<{ readonly kind: "kept"; readonly updatedAt: Date } | Refused> {
  const problem = textProblem(request.text);
  if (problem !== null) return { kind: "refused", reason: "bad-text", message: problem.message };
  return db().$transaction(async (transaction) => {
    const target = await lockForWriting(transaction, viewer, request.notebookId);
    if (target.kind === "refused") return target;
    const { text, baseNumber } = request;
    const key = { notebookId: target.id, personId: target.writerId };
    const row = await transaction.notebookDraft.upsert({
      where: { notebookId_personId: key },
      create: { ...key, text, baseNumber },
      update: { text, baseNumber },
    });
    return { kind: "kept", updatedAt: row.updatedAt };
  });
}

/** Throws a draft away. */
export async function discardDraft(
  viewer: Viewer,
  notebookId: string,
): Promise<{ readonly kind: "discarded" } | Refused> {
  return db().$transaction(async (transaction) => {
    const target = await lockForWriting(transaction, viewer, notebookId);
    if (target.kind === "refused") return target;
    await dropDraft(transaction, target);
    return { kind: "discarded" };
  });
}

/** A notebook of one's own with another's text, as a draft; it remembers which text it came from. */
export async function forkNotebook(
  viewer: Viewer,
  request: { readonly slug: string; readonly number?: number },
): Promise<Saved | Refused> {
  const authorId = authorOf(viewer);
  if (authorId === null || !can(viewer, { kind: "create" })) return signInNeeded;
  const source = await db().notebook.findFirst({
    where: { slug: request.slug, AND: [mayRead(viewer)] },
    select: {
      revisions: {
        ...(request.number === undefined ? {} : { where: { number: request.number } }),
        orderBy: { number: "desc" },
        take: 1,
        select: { textHash: true, text: { select: { text: true } } },
      },
    },
  });
  const revision = source?.revisions[0];
  if (revision === undefined) return notFound;
  const content = readContent(revision.text.text);
  if (content.kind === "refused") return content;
  return createFrom(content, { authorId, visibility: "draft", slug: null, forkedFromHash: revision.textHash });
}

/**
 * Changes who may see a notebook. Its address changes where it must: a notebook seen by link only gets one that cannot be
 * guessed, a public one a readable one. Attachments of a notebook that is public no more are withdrawn.
 */
export async function setNotebookVisibility(
  viewer: Viewer,
  request: { readonly notebookId: string; readonly visibility: Visibility },
): Promise<{ readonly kind: "changed"; readonly slug: string } | Refused> {
  return db().$transaction(async (transaction) => {
    const target = await lockForWriting(transaction, viewer, request.notebookId);
    if (target.kind === "refused") return target;
    if (target.visibility === request.visibility) return { kind: "changed", slug: target.slug };
    const { visibility } = request;
    const { text } = await newestRevision(transaction, target.id);
    const { notebook } = parseNotebook(text);
    const keepsSlug = target.visibility !== "public" && visibility !== "public";
    const title = notebook.title ?? untitled;
    const slug = keepsSlug ? target.slug : await chooseSlug(transaction, { title, visibility, wish: null });
    if (slug === null) return slugTaken;
    await transaction.notebook.update({ where: { id: target.id }, data: { visibility, slug } });
    if (visibility === "public") {
      await attachOwnPlace(transaction, { notebookId: target.id, authorId: target.writerId, header: notebook.header });
    } else {
      const open = { notebookId: target.id, withdrawnAt: null };
      await transaction.attachment.updateMany({ where: open, data: { withdrawnAt: new Date() } });
      // A result shows the text that it came from: nobody sees it who may not see the notebook.
      const wider = visibility === "draft" ? (["public", "link"] as const) : (["public"] as const);
      const asks = { notebookId: target.id, visibility: { in: [...wider] } };
      await transaction.ask.updateMany({ where: asks, data: { visibility } });
    }
    await record(transaction, {
      personId: target.writerId,
      kind: `notebook.${visibility}`,
      notebookId: target.id,
      number: 0,
    });
    return { kind: "changed", slug };
  });
}

/** Locks the notebook's row, so that revision numbers are given out one at a time, if the viewer may write it. */
async function lockForWriting(transaction: Transaction, viewer: Viewer, notebookId: string): Promise<Target | Refused> {
  const writerId = authorOf(viewer);
  if (writerId === null) return signInNeeded;
  if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(notebookId)) return notFound;
  await transaction.$queryRaw`select 1 from notebook where id = ${notebookId}::uuid for update`;
  const row = await transaction.notebook.findFirst({
    where: { id: notebookId, AND: [mayRead(viewer)] },
    select: { id: true, slug: true, visibility: true, authorId: true, shippedAs: true },
  });
  if (row === null) return notFound;
  if (!can(viewer, { kind: "edit", thing: row })) return notYours;
  if (row.shippedAs !== null && viewer.kind !== "system") return shipped;
  return { kind: "target", id: row.id, slug: row.slug, visibility: row.visibility, writerId };
}

async function newestRevision(
  transaction: Transaction,
  notebookId: string,
): Promise<{ readonly number: number; readonly textHash: string; readonly text: string }> {
  const { number, textHash, text } = await transaction.revision.findFirstOrThrow({
    where: { notebookId },
    orderBy: { number: "desc" },
    select: { number: true, textHash: true, text: { select: { text: true } } },
  });
  return { number, textHash, text: text.text };
}

async function dropDraft(transaction: Transaction, target: Target): Promise<void> {
  await transaction.notebookDraft.deleteMany({ where: { notebookId: target.id, personId: target.writerId } });
}

function savedAs(
  row: { readonly id: string; readonly slug: string; readonly number: number; readonly isNew: boolean },
  content: Content,
): Saved {
  const { id: notebookId, ...rest } = row;
  return { kind: "saved", notebookId, ...rest, textHash: content.textHash, diagnostics: content.notebook.diagnostics };
}

async function record(
  transaction: Transaction,
  event: { readonly personId: string; readonly kind: string; readonly notebookId: string; readonly number: number },
): Promise<void> {
  const { personId, kind, notebookId, number } = event;
  await transaction.event.create({ data: { personId, kind, subject: notebookId, detail: { number } } });
}

const signInNeeded: Refused = {
  kind: "refused",
  reason: "sign-in-needed",
  message: "Sign in to write notebooks; reading needs no account.",
};
const notFound: Refused = { kind: "refused", reason: "not-found", message: "There is no such notebook." };
const notYours: Refused = {
  kind: "refused",
  reason: "not-yours",
  message: "This notebook belongs to someone else; fork it to change it.",
};
const shipped: Refused = {
  kind: "refused",
  reason: "not-yours",
  message: "This notebook ships with the program and follows its file; fork it to change it.",
};
const badSlug: Refused = {
  kind: "refused",
  reason: "bad-slug",
  message: "A name in the address has small letters, digits and single hyphens, at most 90 of them.",
};
const slugTaken: Refused = {
  kind: "refused",
  reason: "slug-taken",
  message: "Another notebook has this name in its address; choose another.",
};
