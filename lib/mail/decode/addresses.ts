/**
 * Address fields (RFC 5322 section 3.4), as leniently as real mail needs: a name and an address each, in one pass.
 */
import { collapseBlanks, decodeWords } from "./headers.ts";

export interface Mailbox {
  /** Decoded display name, or "" when none is given. */
  readonly name: string;
  /** Lower case domain; "" when the entry has no address. */
  readonly address: string;
}

const MAILBOXES_MAX = 2000;

/** The mailboxes of a From, To or Cc field. Groups are flattened; at most 2,000 are read. */
export function parseAddresses(field: string | null): Mailbox[] {
  if (field === null) return [];
  const mailboxes: Mailbox[] = [];
  for (const entry of splitEntries(field)) {
    const mailbox = readMailbox(entry);
    if (mailbox) mailboxes.push(mailbox);
    if (mailboxes.length >= MAILBOXES_MAX) break;
  }
  return mailboxes;
}

/** One entry taken apart: quoted strings and comments are marked, so that their commas and brackets do not count. */
interface Entry {
  /** Text outside quotes, comments and angle brackets, with quoted strings in place. */
  phrase: string;
  comment: string;
  angle: string | null;
}

/** Splits at commas and semicolons that stand outside quotes, comments and angle brackets; a group's name ends at its colon. */
function* splitEntries(field: string): Generator<Entry, void, undefined> {
  let entry: Entry = { phrase: "", comment: "", angle: null };
  let state: "plain" | "quoted" | "angle" = "plain";
  let depth = 0;
  for (let i = 0; i < field.length; i++) {
    const character = field[i] ?? "";
    if (depth > 0) {
      if (character === "(") depth++;
      else if (character === ")") depth--;
      if (depth > 0) entry.comment += character;
      continue;
    }
    if (state === "quoted") {
      if (character === '"') state = "plain";
      else if (character === "\\" && i + 1 < field.length) entry.phrase += field[++i] ?? "";
      else entry.phrase += character;
      continue;
    }
    if (state === "angle") {
      if (character === ">") state = "plain";
      else entry.angle = (entry.angle ?? "") + character;
      continue;
    }
    if (character === '"') state = "quoted";
    else if (character === "(") depth = 1;
    else if (character === "<") {
      state = "angle";
      entry.angle = "";
    } else if (character === "," || character === ";") {
      yield entry;
      entry = { phrase: "", comment: "", angle: null };
    } else if (character === ":" && !entry.phrase.includes("@")) entry.phrase = "";
    else entry.phrase += character;
  }
  yield entry;
}

function readMailbox({ phrase, comment, angle }: Entry): Mailbox | null {
  const name = collapseBlanks(decodeWords(phrase));
  if (angle !== null) return { name, address: cleanAddress(angle) };
  const address = /(?:^|\s)([^\s@]+@[^\s@]+)(?:\s|$)/.exec(phrase)?.[1];
  if (address) return { name: collapseBlanks(decodeWords(comment)), address: cleanAddress(address) };
  return name === "" ? null : { name, address: "" };
}

function cleanAddress(raw: string): string {
  const address = raw.replace(/\s+/g, "");
  const at = address.lastIndexOf("@");
  return at === -1 ? address : address.slice(0, at) + address.slice(at).toLowerCase();
}

/** `Name <address>` as text for a page or a search, never for a header. */
export function mailboxText({ name, address }: Mailbox): string {
  if (name === "") return address;
  return address === "" ? name : `${name} <${address}>`;
}
