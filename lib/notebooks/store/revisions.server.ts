/** What every way of writing a revision shares: the text made ready, and the rows of a revision. */
import type { Transaction } from "../../db/client.server.ts";
import { sha256Hex } from "../../hash.ts";
import type { Visibility } from "../../people/permissions.ts";
import { messageIdHash } from "../../message-id-hash.server.ts";
import { attachOwnPlace, storeClaims } from "./attach.server.ts";
import { canonicalText } from "../format.ts";
import { parseNotebook, textProblem } from "../parse/parse.ts";
import { printNotebook } from "../print.ts";
import type { Notebook } from "../types.ts";

export type Refused = {
  readonly kind: "refused";
  readonly reason: "sign-in-needed" | "not-found" | "not-yours" | "read-only" | "bad-text" | "bad-slug" | "slug-taken";
  /** For the person: what happened and the way out. */
  readonly message: string;
};

/** A text ready to be stored. */
export type Content = { readonly text: string; readonly textHash: string; readonly notebook: Notebook };

/** A text in its canonical form (LF, one line end at the end), hashed and read; refused when it cannot be stored. */
export function readContent(given: string): (Content & { readonly kind: "content" }) | Refused {
  const text = canonicalText(given);
  const problem = textProblem(text);
  if (problem !== null) return { kind: "refused", reason: "bad-text", message: problem.message };
  const { notebook } = parseNotebook(text);
  if (notebook.readOnlyReason !== null) {
    const message = `This notebook cannot be written by this version: ${notebook.readOnlyReason}.`;
    return { kind: "refused", reason: "read-only", message };
  }
  // What is stored is the text, what is run and shown is what was read from it: neither may know more than the other.
  if (printNotebook(notebook) !== text) throw new Error("The notebook's blocks do not make up its text.");
  return { kind: "content", text, textHash: sha256Hex(text), notebook };
}

type NewRevision = {
  readonly notebookId: string;
  readonly number: number;
  readonly authorId: string;
  readonly visibility: Visibility;
  readonly content: Content;
};

/** Writes a revision with its text, its claims and, when it is public, its attachment. */
export async function insertRevision(transaction: Transaction, revision: NewRevision): Promise<void> {
  const { notebookId, number, authorId, content } = revision;
  const { text, textHash, notebook } = content;
  await transaction.notebookText.createMany({ data: [{ hash: textHash, text }], skipDuplicates: true });
  await transaction.revision.create({ data: { notebookId, number, textHash, authorId } });
  await storeClaims(transaction, { notebookId, number, claims: notebook.claims });
  if (revision.visibility === "public")
    await attachOwnPlace(transaction, { notebookId, authorId, header: notebook.header });
}

/** The hash of a notebook's `about:`, as its row keeps it. */
export function aboutHash(notebook: Notebook): Uint8Array<ArrayBuffer> | null {
  const about = notebook.header?.about ?? null;
  return about === null ? null : messageIdHash(about);
}
