/** From parsed mails to what versions are grouped and joined by. */
import type { MailClass } from "./classify.ts";
import { messageIdOfLink, parsePatchMail } from "./patch-mail.ts";
import type { SeriesMail } from "./series.ts";
import { parseSubject } from "./subject.ts";

export interface PatchSource {
  readonly messageId: string;
  readonly threadKey: string;
  readonly sentAtMs: number;
  readonly fromAddress: string;
  /** From person-keys.ts. */
  readonly author: string;
  readonly subject: string;
  readonly class: MailClass;
  readonly ancestors: readonly string[];
  readonly patchId: string | null;
  readonly body: string;
  readonly bodyKey: string;
}

/** What a patch or cover says about its place among versions. */
export function toSeriesMail(source: PatchSource): SeriesMail {
  const { changeId, diffLine } = parsePatchMail(source.body);
  return {
    messageId: source.messageId,
    threadKey: source.threadKey,
    sentAtMs: source.sentAtMs,
    author: source.author,
    authorAddress: source.fromAddress,
    subject: parseSubject(source.subject),
    class: source.class,
    ancestors: source.ancestors,
    patchId: source.patchId,
    changeId,
    versionLinks: findVersionLinks(source.body, diffLine),
    bodyKey: source.bodyKey,
  };
}

const SAYS_VERSION = /\bv\d{1,3}\b|\b(?:previous|prior|earlier|last|first|initial)\b|\bRFC\b|\bposting\b/i;
const SAYS_OTHER = /\b(?:based on|depends|dependency|applies on|prerequisite|closes|fixes|reported)\b/i;

/**
 * Links that say they lead to an earlier version: "Link to v1: https://...", "v2: https://...", or a link below such a line.
 * A link that says it is a dependency is none.
 */
export function findVersionLinks(body: string, diffLine: number | null): string[] {
  const found = new Set<string>();
  let before = "";
  for (const line of body.split("\n").slice(0, diffLine ?? undefined)) {
    if (line.length > 1000 || line.startsWith(">")) continue;
    for (const link of line.match(/https?:\/\/[^\s<>"]{1,500}/g) ?? []) {
      const words = line.replace(link, " ");
      const isAlone = !/[\p{L}]{2,}/u.test(words);
      const context = isAlone ? `${before} ${words}` : words;
      const id = messageIdOfLink(link);
      if (id !== null && SAYS_VERSION.test(context) && !SAYS_OTHER.test(context)) found.add(id);
    }
    if (line.trim() !== "") before = line.includes("://") ? before : line;
  }
  return [...found];
}
