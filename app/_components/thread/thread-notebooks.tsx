import type { ReactNode } from "react";
import type { ThreadAttachment } from "#lib/review/read-attachments.server.ts";
import { FormToken } from "../ui/form-token.tsx";
import type { ActionContext } from "./hunk-actions.tsx";
import { WithdrawAttachments } from "./withdraw-attachments.tsx";

type Props = { readonly attachments: readonly ThreadAttachment[]; readonly actions: ActionContext };

/** Notebooks about the thread or about this mail. */
export function ThreadNotebooks({ attachments, actions }: Props): ReactNode {
  const slugs = [...new Set(attachments.map((attachment) => attachment.slug))];
  return (
    <div className="thread-notebooks">
      {slugs.length === 0 ? (
        <span className="soft">No notebook is attached to this thread.</span>
      ) : (
        <span className="soft">{slugs.length === 1 ? "Notebook:" : "Notebooks:"}</span>
      )}
      {slugs.map((slug) => {
        const attachment = attachments.find((candidate) => candidate.slug === slug);
        return (
          <a key={slug} href={`/n/${slug}`} title={`by ${attachment?.authorName ?? ""}`}>
            {attachment?.title ?? slug}
          </a>
        );
      })}
      {actions.canWrite ? <AttachToThread actions={actions} /> : null}
      {actions.canWrite ? (
        <WithdrawAttachments
          attachments={actions.ownAttachments.filter((attachment) => attachment.hunkKey === null)}
          formToken={actions.formToken}
        />
      ) : null}
    </div>
  );
}

function AttachToThread({ actions }: Pick<Props, "actions">): ReactNode {
  return (
    <details className="margin-acts-inline">
      <summary>Attach</summary>
      <form method="post" action="/api/v1/attachments" className="form-row">
        <FormToken value={actions.formToken} />
        <input type="hidden" name="messageId" value={actions.messageIdText} />
        <label className="field">
          <span>To</span>
          <select name="place" defaultValue="thread">
            <option value="thread">the thread</option>
            <option value="patch">this mail</option>
          </select>
        </label>
        <label className="field">
          <span>Name of the notebook, as in its address</span>
          <input name="slug" type="text" required maxLength={200} />
        </label>
        <button className="button self-end" type="submit">
          Attach
        </button>
        <a className="button-quiet self-end" href={`/n/new?about=${encodeURIComponent(actions.messageIdText)}`}>
          New notebook
        </a>
      </form>
    </details>
  );
}
