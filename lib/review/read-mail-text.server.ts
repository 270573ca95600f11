import { readMail } from "../mail/read/read-mail.server.ts";
import { textTwinOf } from "../message-path.ts";
import type { Viewer } from "../people/viewer.ts";
import { readThreadPage } from "./read-thread-page.server.ts";
import { mailText } from "./render-thread.ts";

export type MailTextOutcome =
  | { readonly kind: "text"; readonly text: string }
  /** The whole segment is a Message-ID: its page was meant. */
  | { readonly kind: "page"; readonly messageId: string }
  | { readonly kind: "unknown" };

/** What `/t/SEGMENT` with a segment that ends in `.txt` answers. The whole id is looked up first. */
export async function readMailText(viewer: Viewer, decodedSegment: string): Promise<MailTextOutcome> {
  const { whole, twin } = textTwinOf(decodedSegment);
  const named = await readMail(viewer, whole);
  if (named !== null) return { kind: "page", messageId: named.messageIdText };
  if (twin === null) return { kind: "unknown" };
  const page = await readThreadPage(viewer, { reference: twin, lineFrom: 0 });
  if (page.kind !== "mail") return { kind: "unknown" };
  const places = new Map(
    page.blocks.flatMap((block): [string, string][] =>
      block.kind === "hunk" && block.isFirst ? [[block.key, placeWords(block)]] : [],
    ),
  );
  return { kind: "text", text: mailText({ ...page, places }) };
}

function placeWords(block: {
  readonly diff: { readonly newPath: string; readonly oldPath: string };
  readonly hunk: { readonly oldStart: number; readonly heading: string };
}): string {
  const path = block.diff.newPath === "/dev/null" ? block.diff.oldPath : block.diff.newPath;
  return `${path}@${block.hunk.oldStart} ${block.hunk.heading}`.trimEnd();
}
