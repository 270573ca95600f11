import { attachNotebook, readNotebook } from "../notebooks/store/store.server.ts";
import type { AttachOutcome } from "../notebooks/store/attach.server.ts";
import type { Viewer } from "../people/viewer.ts";

export type AttachBySlug = {
  /** As it stands in the notebook's address; a whole address is understood too. */
  readonly slug: string;
  readonly messageId: string;
  readonly place: "thread" | "patch" | "hunk";
  readonly hunkKey: string | null;
};

/** Attaches a notebook by the name that people see. */
export async function attachBySlug(viewer: Viewer, request: AttachBySlug): Promise<AttachOutcome> {
  const slug = /(?:^|\/n\/)([^/?#]+)$/.exec(request.slug.trim())?.[1] ?? request.slug;
  const notebook = await readNotebook(viewer, slug);
  if (notebook === null) {
    const message = `No notebook is called ${slug}. Its name is the last part of its address, /n/NAME.`;
    return { kind: "refused", reason: "not-found", message };
  }
  const place = placeOf(request);
  if (place === null)
    return { kind: "refused", reason: "no-such-hunk", message: "Say which hunk: its key is missing from the request." };
  return attachNotebook(viewer, { notebookId: notebook.id, messageId: request.messageId, place });
}

function placeOf({ place, hunkKey }: AttachBySlug): Parameters<typeof attachNotebook>[1]["place"] | null {
  if (place !== "hunk") return { kind: place };
  return hunkKey === null ? null : { kind: "hunk", hunkKey };
}
