import type { ReactNode } from "react";
import type { OwnAttachment } from "#lib/review/read-attachments.server.ts";
import { FormToken } from "../ui/form-token.tsx";
import { WithdrawAttachments } from "./withdraw-attachments.tsx";

/** Who acts and on which mail. */
export type ActionContext = {
  readonly canWrite: boolean;
  readonly formToken: string | null;
  readonly messageIdText: string;
  /** What this person may take back in the thread. */
  readonly ownAttachments: readonly OwnAttachment[];
};

/** Comment on a line of the hunk, attach a notebook to it: plain forms, the same with and without JavaScript. */
export function HunkActions({
  hunkKey,
  context,
}: {
  readonly hunkKey: string;
  readonly context: ActionContext;
}): ReactNode {
  const link = (
    <a className="button-quiet small" href={`#h-${hunkKey}`}>
      Link
    </a>
  );
  if (!context.canWrite) {
    return (
      <div className="margin-acts">
        {link}
        <a className="button-quiet small" href="/in">
          Sign in to comment
        </a>
      </div>
    );
  }
  return (
    <div className="margin-acts">
      {link}
      <CommentForm hunkKey={hunkKey} context={context} />
      <AttachForm hunkKey={hunkKey} context={context} />
      <WithdrawAttachments
        attachments={context.ownAttachments.filter((attachment) => attachment.hunkKey === hunkKey)}
        formToken={context.formToken}
      />
    </div>
  );
}

type FormProps = { readonly hunkKey: string; readonly context: ActionContext };

function CommentForm({ hunkKey, context }: FormProps): ReactNode {
  return (
    <details id={`comment-${hunkKey}`}>
      <summary>Comment</summary>
      <form method="post" action="/api/v1/comments" className="form-stack">
        <FormToken value={context.formToken} />
        <input type="hidden" name="messageId" value={context.messageIdText} />
        <input type="hidden" name="hunkKey" value={hunkKey} />
        <div className="form-row">
          <label className="field">
            <span>Side</span>
            <select name="side" defaultValue="new">
              <option value="new">+ new</option>
              <option value="old">- old</option>
            </select>
          </label>
          <label className="field">
            <span>Line (empty: whole hunk)</span>
            <input name="line" type="number" min={1} max={2147483647} className="w-28" />
          </label>
        </div>
        <label className="field">
          <span>Comment</span>
          <textarea name="text" rows={4} required maxLength={20000} />
        </label>
        <div className="form-row">
          <button className="button button-main" name="state" value="published" type="submit">
            Publish
          </button>
          <button className="button" name="state" value="draft" type="submit">
            Keep as draft
          </button>
        </div>
      </form>
    </details>
  );
}

function AttachForm({ hunkKey, context }: FormProps): ReactNode {
  return (
    <details>
      <summary>Attach notebook</summary>
      <form method="post" action="/api/v1/attachments" className="form-stack">
        <FormToken value={context.formToken} />
        <input type="hidden" name="messageId" value={context.messageIdText} />
        <input type="hidden" name="hunkKey" value={hunkKey} />
        <input type="hidden" name="place" value="hunk" />
        <label className="field">
          <span>Name of the notebook, as in its address</span>
          <input name="slug" type="text" list="notebook-slugs" required maxLength={200} />
        </label>
        <div className="form-row">
          <button className="button" type="submit">
            Attach
          </button>
          <a
            className="button-quiet"
            href={`/n/new?about=${encodeURIComponent(context.messageIdText)}&hunk=${hunkKey}`}
          >
            New notebook
          </a>
        </div>
      </form>
    </details>
  );
}
