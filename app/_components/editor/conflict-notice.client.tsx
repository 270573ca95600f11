"use client";
import type { ReactNode } from "react";
import type { Draft } from "./use-draft.client.ts";

type Props = {
  readonly draft: Draft;
  readonly mine: string;
  /** Puts another text into the editor. */
  readonly onTake: (text: string) => void;
};

/** Somebody saved meanwhile. Both texts are there, and the writer decides; nothing is overwritten unasked. */
export function ConflictNotice({ draft, mine, onTake }: Props): ReactNode {
  const { conflict } = draft;
  if (conflict === null) return null;
  const takeTheirs = (): void => {
    onTake(conflict.text);
    draft.settle({ text: conflict.text, saveIt: false });
  };
  return (
    <section className="notice notice-warning" role="alert">
      <h2>Revision {conflict.number} was saved meanwhile</h2>
      <p>Your text is kept as a draft. Compare them, then choose.</p>
      <details className="my-2">
        <summary>Their text</summary>
        <textarea readOnly rows={16} defaultValue={conflict.text} aria-label={`Revision ${conflict.number}`} />
      </details>
      <div className="form-row">
        <button type="button" className="button" onClick={() => draft.settle({ text: mine, saveIt: true })}>
          Save mine after theirs
        </button>
        <button type="button" className="button" onClick={takeTheirs}>
          Go on with theirs
        </button>
      </div>
    </section>
  );
}
