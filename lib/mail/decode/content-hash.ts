/**
 * What makes two mails the same content: the fields that a reader sees and the cleaned body, not the road that each copy
 * took. One mail that came over three lists is one message; a mail with the same Message-ID and another content hash is a
 * variant. Source: architecture.md, "Identity".
 */
import { sha256 } from "../../hash.ts";
import type { HeaderField } from "./headers.ts";
import { collapseBlanks, decodeWords, fieldValue, messageIds } from "./headers.ts";

/** Changing the rule makes every mail a variant of itself, hence the number in the hashed text. */
const FORMAT = "message/1";

const FIELDS = ["from", "sender", "date", "subject", "to", "cc", "reply-to"] as const;

/** sha256 over the fields and the body (decoded, LF); list footers and blank lines at the end do not count. */
export function contentHash({
  messageId,
  fields,
  body,
}: {
  readonly messageId: string;
  readonly fields: readonly HeaderField[];
  readonly body: string;
}): Uint8Array {
  const texts = FIELDS.map((name) => collapseBlanks(decodeWords(fieldValue(fields, name) ?? "")));
  const links = ["references", "in-reply-to"].map((name) => messageIds(fieldValue(fields, name)).join(" "));
  return sha256([FORMAT, messageId, ...texts, ...links, cutListFooter(body).trimEnd()].join("\0"));
}

/** The body without what a mailing list appended: mailman's underscore block, "You received this message because". */
export function cutListFooter(body: string): string {
  const tail = Math.max(0, body.length - 3000);
  const footer = /\n(?:-- ?\n)?(?:_{20,}\n[^\n]*mailing list|You received this message because )/i.exec(
    body.slice(tail),
  );
  return footer ? body.slice(0, tail + footer.index + 1) : body;
}
