import { findDiffs } from "../diff/parse-diff.ts";
import { parseQuotes } from "../mail/quotes/quotes.ts";
import { readMail, type Mail } from "../mail/read/read-mail.server.ts";
import { readThread, type ThreadMail, type ThreadView } from "../mail/read/read-thread.server.ts";
import type { MessageReference } from "../message-path.ts";
import type { Viewer } from "../people/viewer.ts";
import { mailBlocks, type MailBlock } from "./mail-view.ts";
import {
  readOwnAttachments,
  readThreadAttachments,
  type OwnAttachment,
  type ThreadAttachment,
} from "./read-attachments.server.ts";
import { readMargins, type ThreadMargin } from "./read-margins.server.ts";

/** More lines of one mail than this go to further pages: a page stays under 400 kB. */
export const linesPerPage = 2_000;

export type ThreadPage =
  | {
      readonly kind: "mail";
      readonly thread: ThreadView;
      readonly mail: Mail;
      readonly blocks: readonly MailBlock[];
      readonly margins: ReadonlyMap<string, ThreadMargin>;
      readonly attachments: readonly ThreadAttachment[];
      readonly ownAttachments: readonly OwnAttachment[];
      readonly lineCount: number;
      /** First body line shown, and the one to go on from. */
      readonly lineFrom: number;
      readonly nextFrom: number | null;
    }
  | { readonly kind: "ghost"; readonly thread: ThreadView; readonly ghost: ThreadMail }
  | { readonly kind: "unknown" };

/**
 * All that a thread's page says: the tree and one mail, its text in blocks, and the margin of each of its hunks.
 *
 * @param lineFrom first line of the body to show, 0 for the beginning
 */
export async function readThreadPage(
  viewer: Viewer,
  options: { readonly reference: MessageReference; readonly lineFrom: number },
): Promise<ThreadPage> {
  const [thread, mail] = await Promise.all([
    readThread(viewer, options.reference),
    readMail(viewer, options.reference),
  ]);
  if (!thread) return { kind: "unknown" };
  if (!mail) {
    const ghost = thread.rows.find((row) => matches(row.entry, options.reference))?.entry;
    return ghost ? { kind: "ghost", thread, ghost } : { kind: "unknown" };
  }
  const lines = parseQuotes(mail.body);
  const until = options.lineFrom + linesPerPage;
  const window = lines.slice(options.lineFrom, until);
  const diffs = findDiffs(mail.body);
  const blocks = mailBlocks({ messageId: mail.messageIdText, lines, shown: window, diffs });
  const [margins, attachments, ownAttachments] = await Promise.all([
    readMargins(viewer, { threadId: thread.threadId, hunks: mail.hunks }),
    readThreadAttachments(viewer, thread.threadId),
    readOwnAttachments(viewer, thread.threadId),
  ]);
  return {
    kind: "mail",
    thread,
    mail,
    blocks,
    margins,
    attachments,
    ownAttachments,
    lineCount: lines.length,
    lineFrom: options.lineFrom,
    nextFrom: until < lines.length ? until : null,
  };
}

function matches(entry: ThreadMail, reference: MessageReference): boolean {
  // A ghost whose id is too long for a URL is found by its place in the tree only; its page says so.
  return reference.kind === "id" && entry.messageIdText === reference.messageId;
}
