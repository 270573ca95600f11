import type { ReactNode } from "react";
import type { ThreadView } from "#lib/mail/read/read-thread.server.ts";
import type { MessageReference } from "#lib/message-path.ts";
import { ThreadTree } from "./tree.tsx";

/** A mail that nothing here has heard of. */
export function UnknownMail({ reference }: { readonly reference: MessageReference }): ReactNode {
  return (
    <main id="main" className="page page-narrow">
      <div className="empty">
        <h1>Not imported</h1>
        <p>
          No mail with the Message-ID{" "}
          {reference.kind === "id" ? (
            <code className="break-all">&lt;{reference.messageId}&gt;</code>
          ) : (
            "of this address"
          )}{" "}
          is here, and no mail here names it.
        </p>
        <ImportHint />
        <p className="mt-2">
          <a href="/" data-key="up">
            All threads
          </a>
        </p>
      </div>
    </main>
  );
}

/** A mail that others name, in its place in the tree. */
export function GhostPage({
  thread,
  messageIdText,
}: {
  readonly thread: ThreadView;
  readonly messageIdText: string;
}): ReactNode {
  return (
    <main id="main" className="page">
      <div className="thread-grid">
        <ThreadTree thread={thread} hereIdText={messageIdText} />
        <div className="empty">
          <h1>Not imported</h1>
          <p>
            Mails of this thread answer <code className="break-all">&lt;{messageIdText}&gt;</code>, but it is in no
            archive that was imported here.
          </p>
          <ImportHint />
        </div>
      </div>
    </main>
  );
}

function ImportHint(): ReactNode {
  return (
    <p className="mt-2">
      Import a mailbox that holds it: <code>npx --no hunkbook import FILE</code>
    </p>
  );
}
