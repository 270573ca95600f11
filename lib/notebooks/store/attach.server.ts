/** Ties between notebooks and mail: attachments, and claims located in the mail that they quote. */
import { db, type Transaction } from "../../db/client.server.ts";
import { hex } from "../../hash.ts";
import { messageIdHash } from "../../message-id-hash.server.ts";
import { can, visibleTo } from "../../people/permissions.ts";
import { authorOf, type Viewer } from "../../people/viewer.ts";
import { QuoteFinder, type QuotePlace } from "../locate-quote.ts";
import { mayRead } from "./read.server.ts";
import type { Claim, Header } from "../types.ts";

/**
 * After an import: attaches every public notebook whose `about:` names one of these mails, and finds the sentences that
 * claims quote from them. Idempotent. An attachment that a person withdrew is not made again.
 *
 * @param messageIds without <>
 * @returns how many attachments were made and claims located
 */
export async function attachByAbout(
  messageIds: readonly string[],
): Promise<{ readonly attached: number; readonly located: number }> {
  let attached = 0;
  let located = 0;
  for (let at = 0; at < messageIds.length; at += batchSize) {
    const hashes = messageIds.slice(at, at + batchSize).map(messageIdHash);
    const done = await db().$transaction(async (transaction) => ({
      attached: await attachBatch(transaction, hashes),
      located: await locateClaims(transaction, hashes),
    }));
    attached += done.attached;
    located += done.located;
  }
  return { attached, located };
}

/** Message-IDs looked up in one statement. */
const batchSize = 1_000;

async function attachBatch(transaction: Transaction, hashes: readonly Uint8Array<ArrayBuffer>[]): Promise<number> {
  const notebooks = await transaction.notebook.findMany({
    where: { visibility: "public", aboutHash: { in: [...hashes] } },
    select: { id: true, authorId: true, aboutHash: true },
  });
  let attached = 0;
  for (const { id: notebookId, authorId, aboutHash } of notebooks) {
    if (aboutHash !== null && (await attachAt(transaction, { notebookId, authorId, about: aboutHash }))) attached += 1;
  }
  return attached;
}

/** Attaches a public notebook to what its own header is about, when that mail is there already. */
export async function attachOwnPlace(
  transaction: Transaction,
  notebook: { readonly notebookId: string; readonly authorId: string; readonly header: Header | null },
): Promise<void> {
  const about = notebook.header?.about ?? null;
  if (about !== null) await attachAt(transaction, { ...notebook, about: messageIdHash(about) });
}

/** To the patch when the mail is one, else to the thread. False when the mail is absent or an attachment was there. */
async function attachAt(
  transaction: Transaction,
  place: { readonly notebookId: string; readonly authorId: string; readonly about: Uint8Array<ArrayBuffer> },
): Promise<boolean> {
  const { notebookId, authorId, about } = place;
  const message = await transaction.message.findFirst({
    where: { messageIdHash: about, variantOrdinal: 0 },
    select: { messageIdText: true, patch: { select: { id: true } } },
  });
  if (message === null) return false;
  // Two imports at once may both get here: the notebook's row is the lock that lets one of them find the other's row.
  await transaction.$queryRaw`select 1 from notebook where id = ${notebookId}::uuid for update`;
  const known = await transaction.attachment.count({ where: { notebookId, messageIdHash: about, origin: "about" } });
  if (known > 0) return false;
  const row = await transaction.attachment.create({
    data: {
      ...{ notebookId, authorId, origin: "about", visibility: "public" },
      place: message.patch === null ? "thread" : "patch",
      messageIdHash: about,
      messageIdText: message.messageIdText,
    },
  });
  const detail = { attachmentId: row.id, messageId: message.messageIdText };
  await transaction.event.create({
    data: { personId: authorId, kind: "notebook.attached", subject: notebookId, detail },
  });
  return true;
}

/** Writes a revision's claims, with the place of each quoted sentence where its mail has been imported. */
export async function storeClaims(
  transaction: Transaction,
  revision: { readonly notebookId: string; readonly number: number; readonly claims: readonly Claim[] },
): Promise<void> {
  const { notebookId, number: revisionNumber } = revision;
  const mails = new MailQuotes(transaction);
  for (const claim of revision.claims) {
    const hash = messageIdHash(claim.messageId);
    const place = await mails.find(hash, claim.quote);
    await transaction.claim.create({
      data: {
        ...{ notebookId, revisionNumber, cellId: claim.id, quote: claim.quote },
        ...{ messageIdHash: hash, messageIdText: claim.messageId },
        ...{ offsetStart: place?.start ?? null, offsetEnd: place?.end ?? null },
      },
    });
  }
}

/** Finds again where claims about these mails stand: a mail may be new, or its body decoded differently than before. */
async function locateClaims(transaction: Transaction, hashes: readonly Uint8Array<ArrayBuffer>[]): Promise<number> {
  const claims = await transaction.claim.findMany({
    where: { messageIdHash: { in: [...hashes] } },
    orderBy: { messageIdText: "asc" },
  });
  const mails = new MailQuotes(transaction);
  let located = 0;
  for (const claim of claims) {
    const place = await mails.find(claim.messageIdHash, claim.quote);
    if (place === null || (place.start === claim.offsetStart && place.end === claim.offsetEnd)) continue;
    const data = { offsetStart: place.start, offsetEnd: place.end };
    await transaction.claim.update({ where: { id: claim.id }, data });
    located += 1;
  }
  return located;
}

/** Looks sentences up in mails; the last mail is kept, since claims about one mail stand together. */
class MailQuotes {
  readonly #transaction: Transaction;
  #last: { readonly key: string; readonly finder: QuoteFinder | null } | null = null;

  constructor(transaction: Transaction) {
    this.#transaction = transaction;
  }

  async find(hash: Uint8Array<ArrayBuffer>, quote: string): Promise<QuotePlace | null> {
    const key = hex(hash);
    if (this.#last?.key !== key) {
      const message = await this.#transaction.message.findFirst({
        where: { messageIdHash: hash, variantOrdinal: 0 },
        select: { body: true },
      });
      this.#last = { key, finder: message === null ? null : new QuoteFinder(message.body) };
    }
    return this.#last.finder?.find(quote) ?? null;
  }
}

export type AttachRequest = {
  readonly notebookId: string;
  /** Without <>. */
  readonly messageId: string;
  /** `hunk` needs a hunk key. */
  readonly place:
    { readonly kind: "thread" } | { readonly kind: "patch" } | { readonly kind: "hunk"; readonly hunkKey: string };
};

export type AttachOutcome =
  | { readonly kind: "attached"; readonly attachmentId: string }
  | {
      readonly kind: "refused";
      readonly reason: "sign-in-needed" | "not-found" | "not-imported" | "no-such-hunk" | "not-a-patch";
      readonly message: string;
    };

/**
 * Attaches a notebook that the viewer may read to a thread, a patch or a hunk. Who may see the notebook may see the
 * attachment, nobody else. Attaching twice gives the same attachment.
 */
export async function attachNotebook(viewer: Viewer, request: AttachRequest): Promise<AttachOutcome> {
  const authorId = authorOf(viewer);
  if (authorId === null || !can(viewer, { kind: "create" })) {
    return refuse("sign-in-needed", "Sign in to attach a notebook; reading needs no account.");
  }
  if (!isUuid(request.notebookId)) return refuse("not-found", "There is no such notebook.");
  return db().$transaction(async (transaction) => {
    await transaction.$queryRaw`select 1 from notebook where id = ${request.notebookId}::uuid for update`;
    const notebook = await transaction.notebook.findFirst({
      where: { id: request.notebookId, AND: [mayRead(viewer)] },
      select: { id: true, visibility: true },
    });
    if (notebook === null) return refuse("not-found", "There is no such notebook.");
    const problem = await placeProblem(transaction, request);
    if (problem !== null) return problem;
    return insertAttachment(transaction, request, { authorId, visibility: notebook.visibility });
  });
}

async function placeProblem(transaction: Transaction, request: AttachRequest): Promise<AttachOutcome | null> {
  const hash = messageIdHash(request.messageId);
  const message = await transaction.message.findFirst({
    where: { messageIdHash: hash, variantOrdinal: 0 },
    select: { patch: { select: { id: true } } },
  });
  if (message === null) {
    return refuse(
      "not-imported",
      `The mail <${request.messageId}> is not imported; import it with: hunkbook import FILE`,
    );
  }
  switch (request.place.kind) {
    case "thread":
      return null;
    case "patch":
      return message.patch === null ? refuse("not-a-patch", `The mail <${request.messageId}> is not a patch.`) : null;
    case "hunk": {
      const { hunkKey } = request.place;
      const hunk = await transaction.hunk.findFirst({
        where: { key: hunkKey, fileDiff: { message: { messageIdHash: hash } } },
        select: { id: true },
      });
      return hunk === null ? refuse("no-such-hunk", "This mail has no such hunk; reload the page.") : null;
    }
  }
}

async function insertAttachment(
  transaction: Transaction,
  request: AttachRequest,
  made: { readonly authorId: string; readonly visibility: "draft" | "link" | "public" },
): Promise<AttachOutcome> {
  const { notebookId, messageId } = request;
  const place = request.place.kind;
  const hunkKey = request.place.kind === "hunk" ? request.place.hunkKey : null;
  const hash = messageIdHash(messageId);
  const known = await transaction.attachment.findFirst({
    where: { notebookId, messageIdHash: hash, place, hunkKey, authorId: made.authorId, withdrawnAt: null },
    select: { id: true },
  });
  if (known !== null) return { kind: "attached", attachmentId: known.id };
  const row = await transaction.attachment.create({
    data: { notebookId, place, hunkKey, messageIdHash: hash, messageIdText: messageId, origin: "person", ...made },
  });
  const detail = { attachmentId: row.id, messageId, place };
  await transaction.event.create({
    data: { personId: made.authorId, kind: "notebook.attached", subject: notebookId, detail },
  });
  return { kind: "attached", attachmentId: row.id };
}

/** Takes an attachment back. Its author may, and the notebook's. */
export async function withdrawAttachment(
  viewer: Viewer,
  attachmentId: string,
): Promise<{ readonly kind: "withdrawn" } | { readonly kind: "refused"; readonly reason: "not-found" }> {
  const personId = authorOf(viewer);
  if (personId === null || !isUuid(attachmentId)) return { kind: "refused", reason: "not-found" };
  return db().$transaction(async (transaction) => {
    const row = await transaction.attachment.findFirst({
      where: { id: attachmentId, withdrawnAt: null, AND: [visibleTo(viewer, "authorId")] },
      include: { notebook: { select: { authorId: true } } },
    });
    const isOwn = row?.authorId === personId || row?.notebook.authorId === personId || viewer.kind === "system";
    if (row === null || !isOwn) return { kind: "refused", reason: "not-found" };
    await transaction.attachment.update({ where: { id: row.id }, data: { withdrawnAt: new Date() } });
    const detail = { attachmentId };
    await transaction.event.create({
      data: { personId, kind: "notebook.detached", subject: row.notebookId, detail },
    });
    return { kind: "withdrawn" };
  });
}

function refuse(
  reason: Extract<AttachOutcome, { kind: "refused" }>["reason"],
  message: string,
): Extract<AttachOutcome, { kind: "refused" }> {
  return { kind: "refused", reason, message };
}

function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}
