import { readNotebook, saveDraft } from "../notebooks/store/store.server.ts";
import type { Viewer } from "../people/viewer.ts";
import type { EngineOptions } from "../runs/run-input.ts";
import { requestRuns, type RequestOutcome } from "../runs/request.server.ts";

/** Run was pressed on a notebook's page or in its editor. */
export type Press = {
  readonly slug: string;
  readonly cellId: string;
  /** The revision shown; the newest when null. */
  readonly revision: number | null;
  /** What stands in the editor, when it is not the revision's text. */
  readonly text: string | null;
  /** Revision that the editor's text was made from. */
  readonly base: number | null;
  readonly parameters: Readonly<Record<string, number>>;
  readonly engineOptions: EngineOptions;
};

/** Asks for a run cell of a notebook as the person sees it. What it yields is as visible as the notebook. */
export async function pressRun(viewer: Viewer, press: Press): Promise<RequestOutcome> {
  const notebook = await readNotebook(viewer, press.slug, press.revision === null ? {} : { number: press.revision });
  if (notebook === null)
    return { kind: "refused", reason: "not-found", message: "There is no such notebook, or it is not for you." };
  if (press.text !== null && press.text !== notebook.text && notebook.canEdit) {
    // Without JavaScript Run leaves the page: what was typed must be there when its writer comes back.
    const baseNumber = press.base ?? notebook.newestNumber;
    const kept = await saveDraft(viewer, { notebookId: notebook.id, text: press.text, baseNumber });
    if (kept.kind === "refused") return { kind: "refused", reason: "not-found", message: kept.message };
  }
  return requestRuns(viewer, {
    text: press.text ?? notebook.text,
    cellId: press.cellId,
    parameters: press.parameters,
    engineOptions: press.engineOptions,
    visibility: notebook.visibility,
    notebookId: notebook.id,
  });
}
