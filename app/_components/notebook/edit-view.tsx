import type { ReactNode } from "react";
import { parseNotebook } from "#lib/notebooks/parse/parse.ts";
import { canRun } from "#lib/notebooks/plan/plan.ts";
import type { NotebookView } from "#lib/notebooks/store/read.server.ts";
import { EditorIsland } from "../editor/editor-island.client.tsx";
import { FormToken } from "../ui/form-token.tsx";

type Props = { readonly view: NotebookView; readonly formToken: string | null; readonly isConflict: boolean };

const textAreaId = "notebook-text";

/** The plain form that works everywhere, and the island that takes its text area over where it can. */
export function EditView({ view, formToken, isConflict }: Props): ReactNode {
  const text = view.draft?.text ?? view.text;
  // In a conflict the writer has seen the newest revision below, and saving goes on top of it.
  const base = isConflict || view.draft === null ? view.newestNumber : view.draft.baseNumber;
  return (
    <main id="main" className="page page-edit">
      <header className="page-head">
        <h1>{view.title}</h1>
        <a className="small inline-flex min-h-6 items-center" href={`/n/${view.slug}`} data-key="up">
          Read
        </a>
        <VisibilityForm view={view} formToken={formToken} />
      </header>
      {isConflict ? <ConflictForm view={view} /> : null}
      {view.draft === null ? null : <DraftNotice view={view} formToken={formToken} />}
      <div className="editor-grid">
        <form id="notebook-form" method="post" action={`/api/v1/notebooks/${view.slug}`} className="editor-form">
          <FormToken value={formToken} />
          <input type="hidden" name="base" value={base} />
          <input type="hidden" name="slug" value={view.slug} />
          <label className="sr-only-words" htmlFor={textAreaId}>
            Text of the notebook
          </label>
          <textarea id={textAreaId} name="text" rows={36} defaultValue={text} spellCheck={false} required />
          <PlainButtons text={text} isConflict={isConflict} newest={view.newestNumber} />
        </form>
        <EditorIsland slug={view.slug} baseNumber={base} textAreaId={textAreaId} isDraft={view.draft !== null} />
      </div>
    </main>
  );
}

type PlainProps = { readonly text: string; readonly isConflict: boolean; readonly newest: number };

/** Save and Run without JavaScript; hidden once the island runs. */
function PlainButtons({ text, isConflict, newest }: PlainProps): ReactNode {
  const runs = parseNotebook(text).notebook.runs.filter(canRun);
  return (
    <div className="form-row mt-2 plain-buttons">
      <button className="button button-main" type="submit">
        {isConflict ? `Save after revision ${newest}` : "Save"}
      </button>
      {runs.length === 0 ? null : (
        <>
          <label className="form-row gap-1">
            <span className="soft small">Run cell</span>
            <select name="cellId">
              {runs.map((run) => (
                <option key={run.id} value={run.id}>
                  {run.id}
                </option>
              ))}
            </select>
          </label>
          <button className="button" type="submit" formAction="/api/v1/asks">
            Run
          </button>
        </>
      )}
    </div>
  );
}

function ConflictForm({ view }: Pick<Props, "view">): ReactNode {
  return (
    <section className="notice notice-warning">
      <h2>Revision {view.newestNumber} was saved meanwhile</h2>
      <p>Your text stands below, kept as a draft. The newer revision is this; take over what you need, then save.</p>
      <details open className="mt-2">
        <summary>Revision {view.newestNumber}</summary>
        <textarea readOnly rows={14} defaultValue={view.text} aria-label={`Revision ${view.newestNumber}`} />
      </details>
    </section>
  );
}

function DraftNotice({ view, formToken }: Pick<Props, "view" | "formToken">): ReactNode {
  return (
    <form method="post" action={`/api/v1/notebooks/${view.slug}/draft`} className="form-row notice">
      <FormToken value={formToken} />
      <input type="hidden" name="change" value="discard" />
      <span>This is your draft over revision {view.draft?.baseNumber}; it is not saved as a revision yet.</span>
      <button className="button" type="submit">
        Discard the draft
      </button>
    </form>
  );
}

function VisibilityForm({ view, formToken }: Pick<Props, "view" | "formToken">): ReactNode {
  return (
    <form method="post" action={`/api/v1/notebooks/${view.slug}/visibility`} className="form-row ml-auto">
      <FormToken value={formToken} />
      <label className="form-row gap-1">
        <span className="soft small">Seen by</span>
        <select name="visibility" defaultValue={view.visibility}>
          <option value="draft">only me</option>
          <option value="link">who has the link</option>
          <option value="public">everybody</option>
        </select>
      </label>
      <button className="button" type="submit">
        Change
      </button>
    </form>
  );
}

type NotYoursProps = {
  readonly view: NotebookView;
  readonly isSignedIn: boolean;
  readonly formToken: string | null;
};

/** Somebody else's notebook: one's own copy is a press away. */
export function NotYours({ view, isSignedIn, formToken }: NotYoursProps): ReactNode {
  return (
    <main id="main" className="page page-narrow">
      <div className="empty">
        <h1>{view.title}</h1>
        <p className="mb-3">
          {view.shippedAs === null
            ? `Only ${view.authorName} edits this notebook.`
            : "This notebook ships with Hunkbook and is not edited here."}{" "}
          A fork is your own copy of it.
        </p>
        {isSignedIn ? (
          <form method="post" action={`/api/v1/notebooks/${view.slug}/fork`}>
            <FormToken value={formToken} />
            <button className="button button-main" type="submit">
              Fork it
            </button>
          </form>
        ) : (
          <a className="button" href="/in">
            Sign in to fork it
          </a>
        )}
      </div>
    </main>
  );
}
