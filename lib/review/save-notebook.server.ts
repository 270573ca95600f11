import { discardDraft, readNotebook, saveDraft, saveRevision } from "../notebooks/store/store.server.ts";
import type { Viewer } from "../people/viewer.ts";

type SaveRequest = { readonly slug: string; readonly text: string; readonly baseNumber: number };
type Unknown = { readonly kind: "refused"; readonly reason: "not-found"; readonly message: string };

const unknown: Unknown = {
  kind: "refused",
  reason: "not-found",
  message: "There is no such notebook, or it is not for you.",
};

/** Saves a revision of the notebook that people know by this name. In a conflict the text is kept as the writer's draft. */
export async function saveBySlug(
  viewer: Viewer,
  { slug, text, baseNumber }: SaveRequest,
): Promise<Unknown | Awaited<ReturnType<typeof saveRevision>>> {
  const notebook = await readNotebook(viewer, slug);
  if (notebook === null) return unknown;
  const outcome = await saveRevision(viewer, { notebookId: notebook.id, text, baseNumber });
  if (outcome.kind !== "conflict") return outcome;
  const kept = await saveDraft(viewer, { notebookId: notebook.id, text, baseNumber });
  return kept.kind === "refused" ? kept : outcome;
}

/** Keeps what has been typed and not saved. */
export async function draftBySlug(
  viewer: Viewer,
  { slug, text, baseNumber }: SaveRequest,
): Promise<Unknown | Awaited<ReturnType<typeof saveDraft>>> {
  const notebook = await readNotebook(viewer, slug);
  return notebook === null ? unknown : saveDraft(viewer, { notebookId: notebook.id, text, baseNumber });
}

/** Throws the viewer's draft away: the newest revision is what the editor opens on. */
export async function discardBySlug(
  viewer: Viewer,
  slug: string,
): Promise<Unknown | Awaited<ReturnType<typeof discardDraft>>> {
  const notebook = await readNotebook(viewer, slug);
  return notebook === null ? unknown : discardDraft(viewer, notebook.id);
}
