import { readNotebook, setNotebookVisibility } from "../notebooks/store/store.server.ts";
import type { Visibility } from "../people/permissions.ts";
import type { Viewer } from "../people/viewer.ts";

/** Changes who may see the notebook that people know by this name. */
export async function publishBySlug(
  viewer: Viewer,
  request: { readonly slug: string; readonly visibility: Visibility },
): ReturnType<typeof setNotebookVisibility> {
  const notebook = await readNotebook(viewer, request.slug);
  if (notebook === null)
    return { kind: "refused", reason: "not-found", message: "There is no such notebook, or it is not for you." };
  return setNotebookVisibility(viewer, { notebookId: notebook.id, visibility: request.visibility });
}
