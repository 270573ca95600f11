/**
 * The text of a mail: which parts it is made of and how their lines are made what the diff and quote parsers read: LF, no CR,
 * ends of lines untouched, never two lines joined (mail-and-patches.md 5.1, rules 2 to 7).
 */
import { decodeCharset } from "./charset.ts";
import { htmlToText } from "./html-text.ts";
import type { Oddity } from "../limits.ts";
import type { MimeLeaf } from "./mime.ts";

export interface MailBody {
  /** Ends in one LF unless it is empty; U+0000 stands as U+FFFD. */
  readonly text: string;
  /** What the text's parts were decoded as, each once. */
  readonly charsets: readonly string[];
  readonly oddities: readonly Oddity[];
}

/** Chooses and decodes the body: text/plain leaves, else a patch that is attached, else HTML converted. */
export function chooseBody(leaves: readonly MimeLeaf[]): MailBody {
  const plain = leaves.filter((leaf) => leaf.type === "text/plain" && !leaf.isAttachment);
  const patches = leaves.filter(isPatchAttachment);
  const shown = plain.map(decodeLeaf);
  const oddities: Oddity[] = [];
  // A patch in an attachment is what the mail is about, unless the text holds it already.
  if (patches.length > 0 && !shown.some(({ text }) => holdsDiff(text))) {
    shown.push(...patches.map(decodeLeaf));
    const names = patches.map((leaf) => leaf.fileName ?? leaf.type).join(", ");
    oddities.push({
      code: "body-from-attachment",
      message: `the text goes on with the attached ${names.slice(0, 200)}`,
    });
  }
  if (shown.every(({ text }) => text.trim() === "")) {
    const html = leaves.filter((leaf) => leaf.type === "text/html" && !leaf.isAttachment).map(decodeLeaf);
    if (html.length > 0) {
      oddities.push({ code: "body-from-html", message: "converted from HTML: do not trust white space" });
      shown.push(...html.map((part) => ({ ...part, text: htmlToText(part.text) })));
    }
  }
  const text = finishText(shown.map((part) => part.text));
  oddities.push(...shown.flatMap((part) => part.oddities), ...oddText(text, leaves));
  return { text: text.replaceAll("\0", "\ufffd"), charsets: [...new Set(shown.map((part) => part.charset))], oddities };
}

interface DecodedLeaf {
  readonly text: string;
  readonly charset: string;
  readonly oddities: readonly Oddity[];
}

function decodeLeaf(leaf: MimeLeaf): DecodedLeaf {
  const { text, charset, oddities } = decodeCharset(leaf.bytes, leaf.charset);
  const lines = text.replaceAll("\r", "");
  const fixed = leaf.isFlowed ? unstuff(lines) : lines;
  const clear = undoDashEscapes(fixed.startsWith("\ufeff") ? fixed.slice(1) : fixed);
  if (clear === null) return { text: fixed, charset, oddities };
  return {
    text: clear,
    charset,
    oddities: [
      ...oddities,
      { code: "clearsigned", message: "PGP dash escapes were undone; the signature was not checked" },
    ],
  };
}

/**
 * Undoes the space that format=flowed puts before lines that begin with a space, `From ` or `>` (RFC 3676 section 4.4).
 * Quoted lines keep theirs: the quote parser counts one blank after the marks as the separator, which is the same blank.
 */
function unstuff(text: string): string {
  return text.replace(/^ /gm, "");
}

const CLEARSIGNED = "-----BEGIN PGP SIGNED MESSAGE-----";
const SIGNATURE = "-----BEGIN PGP SIGNATURE-----";

/** Undoes RFC 9580 section 7.2 dash escapes (`- -` at line starts) inside the signed text; null when there is none. */
function undoDashEscapes(text: string): string | null {
  const start = text.startsWith(CLEARSIGNED) ? 0 : text.indexOf(`\n${CLEARSIGNED}`);
  if (start === -1) return null;
  const end = text.indexOf(`\n${SIGNATURE}`, start);
  const signed = text.slice(start, end === -1 ? text.length : end);
  return text.slice(0, start) + signed.replace(/^- /gm, "") + (end === -1 ? "" : text.slice(end));
}

function isPatchAttachment(leaf: MimeLeaf): boolean {
  if (/^text\/x-(?:patch|diff)$/.test(leaf.type)) return true;
  const isNamed = /\.(?:patch|diff)$/i.test(leaf.fileName ?? "");
  return isNamed && (leaf.isAttachment || leaf.type !== "text/plain") && leaf.type !== "text/html";
}

/** Is there a diff at any quote depth? A quick look that only decides whether attachments are read. */
function holdsDiff(text: string): boolean {
  return /^@@ -\d+(?:,\d+)? \+\d+/m.test(text) && /^(?:diff --git |--- |Index: )/m.test(text);
}

function finishText(parts: readonly string[]): string {
  const joined = parts.map((part) => (part === "" || part.endsWith("\n") ? part : `${part}\n`)).join("");
  let end = joined.length;
  while (end > 0 && joined[end - 1] === "\n") end--;
  return end === 0 ? "" : `${joined.slice(0, end)}\n`;
}

function oddText(text: string, leaves: readonly MimeLeaf[]): Oddity[] {
  const oddities: Oddity[] = [];
  if (text.includes("\0"))
    oddities.push({ code: "nul-replaced", message: "bytes 00 stand as U+FFFD; the raw mail has them" });
  if (text.trim() === "") {
    const types = [...new Set(leaves.map((leaf) => leaf.type))].slice(0, 10).join(", ");
    oddities.push({ code: "body-empty", message: `the mail has no text (parts: ${types || "none"})` });
  }
  return oddities;
}
