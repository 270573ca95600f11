/**
 * One mail from its bytes to what the rest of the program reads. Pure, synchronous, total: whatever the bytes are, a value
 * comes back, and everything odd is in `oddities`.
 */
import { sha256Hex } from "../../hash.ts";
import { mailboxText, parseAddresses } from "./addresses.ts";
import type { Mailbox } from "./addresses.ts";
import { chooseBody } from "./body.ts";
import { contentHash } from "./content-hash.ts";
import { parseDate, parseSentDate } from "./dates.ts";
import type { HeaderField } from "./headers.ts";
import { collapseBlanks, decodeWords, fieldValue, fieldValues, messageIds } from "./headers.ts";
import type { MailLimits, Oddity } from "../limits.ts";
import { mailLimits, storableText } from "../limits.ts";
import { unescapeFromLines } from "./mbox.ts";
import { parseMime } from "./mime.ts";

/** Raised when a change makes stored parsed rows differ: they are rebuilt from the blobs. */
export const PARSER_VERSION = 1;

export interface DecodedMail {
  /** Without angle brackets; made from the bytes when the mail has none. */
  readonly messageId: string;
  readonly inReplyTo: readonly string[];
  readonly references: readonly string[];
  readonly subject: string;
  readonly from: Mailbox;
  readonly toText: string;
  readonly ccText: string;
  /** From List-Id, else null. */
  readonly listName: string | null;
  readonly sentAtMs: number;
  readonly sentOffsetMinutes: number;
  /** The Date field as sent, "" when absent. */
  readonly sentHeader: string;
  readonly body: string;
  readonly charsets: readonly string[];
  readonly attachments: readonly { readonly name: string | null; readonly type: string; readonly sizeBytes: number }[];
  /** Names of header fields that tell robots and lists apart: see classify.ts. */
  readonly marks: readonly string[];
  readonly contentHash: Uint8Array;
  readonly oddities: readonly Oddity[];
}

export interface DecodeOptions {
  /** mbox: quoted `>From ` lines are undone first. */
  readonly kind: "mbox" | "eml";
  /** Stands for a missing date, and bounds a wrong one, when the mail has no readable Received field. */
  readonly receivedAtMs: number;
  readonly limits?: MailLimits;
}

/** Reads the bytes of one mail. @param bytes as received; at most `mailBytesMax` of them are worth giving */
export function decodeMail(bytes: Uint8Array, options: DecodeOptions): DecodedMail {
  const limits = options.limits ?? mailLimits;
  const { fields, leaves, oddities } = parseMime(options.kind === "mbox" ? unescapeFromLines(bytes) : bytes, limits);
  const body = chooseBody(leaves);
  const id = readMessageId(fields, bytes);
  const links = readLinks(fields, limits);
  const sent = parseSentDate(fieldValue(fields, "date"), receivedAt(fields) ?? options.receivedAtMs);
  const from = readFrom(fields);
  return {
    messageId: id.messageId,
    inReplyTo: links.inReplyTo.filter((link) => link !== id.messageId),
    references: links.references.filter((link) => link !== id.messageId),
    subject: safeText(decodeWords(fieldValue(fields, "subject") ?? "")),
    from: from.mailbox,
    toText: addressText(fields, "to"),
    ccText: addressText(fields, "cc"),
    listName: readListName(fields),
    sentAtMs: sent.atMs,
    sentOffsetMinutes: sent.offsetMinutes,
    sentHeader: safeText((fieldValue(fields, "date") ?? "").slice(0, 500)),
    body: body.text,
    charsets: body.charsets,
    attachments: leaves
      .filter((leaf) => leaf.isAttachment || !leaf.type.startsWith("text/"))
      .map((leaf) => ({ name: leaf.fileName, type: leaf.type, sizeBytes: leaf.bytes.length })),
    marks: readMarks(fields),
    contentHash: contentHash({ messageId: id.messageId, fields, body: body.text }),
    oddities: [
      ...oddities,
      ...id.oddities,
      ...links.oddities,
      ...from.oddities,
      ...sent.oddities,
      ...body.oddities,
    ].map(({ code, message }) => ({ code, message: storableText(message) })),
  };
}

function readMessageId(fields: readonly HeaderField[], bytes: Uint8Array): { messageId: string; oddities: Oddity[] } {
  const values = fieldValues(fields, "message-id");
  const all = values.flatMap((value) => messageIds(value));
  const first = all[0] ?? bareId(values[0]);
  if (first !== undefined) {
    const isRepeated = new Set(all).size > 1;
    const oddity: Oddity = { code: "message-id-repeated", message: "several Message-IDs; the first counts" };
    return { messageId: safeText(first), oddities: isRepeated ? [oddity] : [] };
  }
  const messageId = `sha256-${sha256Hex(bytes)}@no-message-id.invalid`;
  return {
    messageId,
    oddities: [{ code: "message-id-missing", message: "no Message-ID; one was made from the mail's bytes" }],
  };
}

/** A Message-ID without brackets or without @: one word is still a name. */
function bareId(value: string | undefined): string | undefined {
  const bare = (value ?? "").replace(/[<>]/g, "").trim();
  return bare === "" || /\s/.test(bare) ? undefined : bare;
}

function readLinks(
  fields: readonly HeaderField[],
  limits: MailLimits,
): { inReplyTo: string[]; references: string[]; oddities: Oddity[] } {
  const inReplyTo = fieldValues(fields, "in-reply-to").flatMap(messageIds).map(safeText);
  const references = fieldValues(fields, "references").flatMap(messageIds).map(safeText);
  const max = limits.referencesMax;
  if (inReplyTo.length + references.length <= max) return { inReplyTo, references, oddities: [] };
  const message = `${inReplyTo.length + references.length} references; the first and the last ${max / 2} count`;
  return {
    inReplyTo: inReplyTo.slice(0, 10),
    references: ends(references, max),
    oddities: [{ code: "references-limit", message }],
  };
}

/** The first names the thread's root, the last ones the parents: what lies between is the least needed. */
function ends(ids: readonly string[], max: number): string[] {
  return ids.length <= max ? [...ids] : [...ids.slice(0, max / 2), ...ids.slice(-max / 2)];
}

function readFrom(fields: readonly HeaderField[]): { mailbox: Mailbox; oddities: Oddity[] } {
  const mailbox = parseAddresses(fieldValue(fields, "from") ?? fieldValue(fields, "sender"))[0];
  if (mailbox) return { mailbox: { name: safeText(mailbox.name), address: safeText(mailbox.address) }, oddities: [] };
  return {
    mailbox: { name: "", address: "" },
    oddities: [{ code: "from-missing", message: "no readable From field" }],
  };
}

function addressText(fields: readonly HeaderField[], name: string): string {
  return safeText(parseAddresses(fieldValues(fields, name).join(", ")).map(mailboxText).join(", "));
}

/** The newest Received field's date: set by the receiving side, not by the sender. */
function receivedAt(fields: readonly HeaderField[]): number | null {
  const received = fieldValue(fields, "received");
  const date = received === null ? undefined : /;([^;]*)$/.exec(received.slice(-200))?.[1];
  return date === undefined ? null : (parseDate(date)?.atMs ?? null);
}

function readListName(fields: readonly HeaderField[]): string | null {
  const value = fieldValue(fields, "list-id");
  if (value === null) return null;
  const name = /<([^<>\s]{1,250})>/.exec(value)?.[1] ?? collapseBlanks(decodeWords(value)).slice(0, 250);
  return name === "" ? null : safeText(name.toLowerCase());
}

const MARKS = [
  "auto-submitted",
  "precedence",
  "x-patchwork-hint",
  "x-stable",
  "x-loop",
  "x-mailer",
  "user-agent",
  "x-developer-signature",
  "x-b4-tracking",
];

function readMarks(fields: readonly HeaderField[]): string[] {
  return MARKS.flatMap((name) =>
    fieldValues(fields, name)
      .slice(0, 2)
      .map((value) => safeText(`${name}: ${value.slice(0, 200)}`)),
  );
}

/** Header text as PostgreSQL and a page can hold it: blanks collapsed, no NUL, no lone surrogate. */
function safeText(text: string): string {
  return collapseBlanks(text)
    .replaceAll("\0", "\ufffd")
    .replace(/\p{Surrogate}/gu, "\ufffd");
}
