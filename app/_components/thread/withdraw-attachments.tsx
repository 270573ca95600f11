import type { ReactNode } from "react";
import type { OwnAttachment } from "#lib/review/read-attachments.server.ts";
import { FormToken } from "../ui/form-token.tsx";

type Props = { readonly attachments: readonly OwnAttachment[]; readonly formToken: string | null };

/** Takes notebooks off a hunk, a mail or the thread: one plain form for each that this person may take back. */
export function WithdrawAttachments({ attachments, formToken }: Props): ReactNode {
  if (attachments.length === 0) return null;
  return (
    <details className="margin-acts-inline">
      <summary>Detach notebook</summary>
      {attachments.map((attachment) => (
        <form
          key={attachment.id}
          method="post"
          action={`/api/v1/attachments/${attachment.id}/withdraw`}
          className="form-row"
        >
          <FormToken value={formToken} />
          <input type="hidden" name="messageId" value={attachment.messageIdText} />
          {attachment.hunkKey === null ? null : <input type="hidden" name="hunkKey" value={attachment.hunkKey} />}
          <button className="button" type="submit" aria-label={`Detach ${attachment.title}`}>
            Detach
          </button>
          <span className="small detach-words">
            {attachment.title}{" "}
            <span className="soft">from {placeWords(attachment)}; the notebook and its results stay</span>
          </span>
        </form>
      ))}
    </details>
  );
}

function placeWords({ place, messageIdText }: OwnAttachment): string {
  if (place === "hunk") return "this hunk";
  return place === "thread" ? "the thread" : `the mail <${messageIdText}>`;
}
