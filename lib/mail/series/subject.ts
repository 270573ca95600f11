/**
 * The subject grammar of patch mail (mail-and-patches.md 5.2):
 *   subject = *( reply-word ":" ) *( "[" chunks "]" ) title
 * Every chunk in brackets is a counter, a version, a flag, or a hint (a tree or list name, kept verbatim).
 */
import { collapseBlanks } from "../decode/headers.ts";

export type SubjectFlag =
  "PATCH" | "RFC" | "RFT" | "CFT" | "RESEND" | "GIT PULL" | "AUTOSEL" | "BACKPORT" | "STABLE" | "PULL";

export interface ParsedSubject {
  readonly isReply: boolean;
  readonly flags: readonly SubjectFlag[];
  /** From the brackets; null when none is given (then it counts as 1). */
  readonly version: number | null;
  /** The text of the version when it says more than a number: "v2.1", "v5b". */
  readonly versionRemark: string | null;
  /** "(v3)" at the title's end: no version, only a hint. */
  readonly titleVersion: number | null;
  readonly counter: Counter | null;
  /** What else stood in the brackets, in order, verbatim. */
  readonly hints: readonly string[];
  /** All chunks in order, verbatim. */
  readonly prefixes: readonly string[];
  /** Without reply words and brackets. Empty brackets and a missing title leave "". */
  readonly title: string;
}

export interface Counter {
  /** 0 is the cover. */
  readonly number: number;
  readonly count: number;
  /** n > m: somebody miscounted; kept as sent. */
  readonly isBeyondCount: boolean;
}

const SUBJECT_LENGTH_MAX = 4000;

/** Reads a decoded subject. Never fails: what is no grammar is title. */
export function parseSubject(raw: string): ParsedSubject {
  const subject = collapseBlanks(raw.slice(0, SUBJECT_LENGTH_MAX).replace(/[\u00a0\u202f]/g, " "));
  const { isReply, rest } = stripReplyWords(subject);
  const { chunks, title } = readBrackets(rest);
  return { isReply, ...readChunks(chunks), titleVersion: readTitleVersion(title), prefixes: chunks, title };
}

const REPLY_WORD = /^(?:re|aw|sv|antw|fwd|fw|tr|rv|wg|回复|答复|转发)(?:\[\d+\]|\(\d+\))?\s*[:：]\s*/i;
/** Any short word directly before ": [" is a reply word of some language. */
const SHORT_WORD_BEFORE_BRACKET = /^[\p{L}\d]{2,3}\s*[:：]\s*(?=\[)/u;

function stripReplyWords(subject: string): { isReply: boolean; rest: string } {
  let rest = subject;
  let isReply = false;
  for (let match = replyWord(rest); match !== null; match = replyWord(rest)) {
    rest = rest.slice(match.length);
    isReply = true;
  }
  return { isReply, rest };
}

function replyWord(text: string): string | null {
  return (REPLY_WORD.exec(text) ?? SHORT_WORD_BEFORE_BRACKET.exec(text))?.[0] ?? null;
}

/** Takes the leading brackets; one bracket inside another counts as part of it: "[PATCH [RFC] 1/2]". */
function readBrackets(text: string): { chunks: string[]; title: string } {
  const chunks: string[] = [];
  let at = 0;
  while (text[at] === "[") {
    const end = closingBracket(text, at);
    if (end === null) break;
    const inside = text.slice(at + 1, end).replace(/[[\]]/g, " ");
    chunks.push(...inside.split(/[\s,;]+/).filter((chunk) => chunk !== ""));
    at = end + 1;
    while (text[at] === " ") at++;
  }
  return { chunks: joinTwoWordChunks(chunks), title: text.slice(at).trim() };
}

function closingBracket(text: string, open: number): number | null {
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    if (text[i] === "[") depth++;
    else if (text[i] === "]" && --depth === 0) return i;
  }
  // "[PATCH [RFC 1/2] title": the inner bracket closes both.
  const first = text.indexOf("]", open);
  return first === -1 ? null : first;
}

/** "GIT PULL" and "1 of 7" are one thing said in several words. */
function joinTwoWordChunks(words: readonly string[]): string[] {
  const chunks: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? "";
    const next = words[i + 1] ?? "";
    if (/^git$/i.test(word) && /^pull$/i.test(next)) {
      chunks.push(`${word} ${next}`);
      i++;
    } else if (/^\d{1,4}$/.test(word) && /^of$/i.test(next) && /^\d{1,4}$/.test(words[i + 2] ?? "")) {
      chunks.push(`${word} of ${words[i + 2] ?? ""}`);
      i += 2;
    } else chunks.push(word);
  }
  return chunks;
}

type ChunkReading = Pick<ParsedSubject, "flags" | "version" | "versionRemark" | "counter" | "hints">;

function readChunks(chunks: readonly string[]): ChunkReading {
  const flags = new Set<SubjectFlag>();
  const hints: string[] = [];
  let version: number | null = null;
  let versionRemark: string | null = null;
  let counter: Counter | null = null;
  for (const chunk of chunks) {
    const found = readCounter(chunk);
    if (found) {
      counter = found;
      continue;
    }
    const [word, glued] = splitGluedVersion(chunk);
    if (glued) {
      version = glued.number;
      versionRemark = glued.remark;
    }
    if (word === "") continue;
    const flag = readFlag(word);
    if (flag.length > 0) flag.forEach((name) => flags.add(name));
    else hints.push(word);
  }
  return { flags: [...flags], version, versionRemark, counter, hints };
}

function readCounter(chunk: string): Counter | null {
  const match = /^(\d{1,4})(?:\/| of )(\d{1,4})$/i.exec(chunk);
  if (!match) return null;
  const number = Number(match[1]);
  const count = Number(match[2]);
  return { number, count, isBeyondCount: number > count };
}

/** "PATCHv3", "v5b", "V4", "v2.1": the word before it ("" when alone) and the version, or the chunk and null. */
function splitGluedVersion(chunk: string): [string, { number: number; remark: string | null } | null] {
  const match = /^(|patch(?:es|set)?|rfc|rft|resend)-?v(\d{1,4})([a-z]|\.\d{1,3}|-?resend)?$/i.exec(chunk);
  if (!match) return [chunk, null];
  const [whole, word = "", number = "", tail] = match;
  const rest = /resend/i.test(tail ?? "") ? `${word}${word === "" ? "" : "-"}RESEND` : word;
  return [rest, { number: Number(number), remark: tail === undefined ? null : whole.slice(word.length) }];
}

const FLAG_WORDS: Readonly<Record<string, readonly SubjectFlag[]>> = {
  PATCH: ["PATCH"],
  PATCHES: ["PATCH"],
  PATCHSET: ["PATCH"],
  "PATCH-SET": ["PATCH"],
  RFC: ["RFC"],
  RFT: ["RFT"],
  CFT: ["CFT"],
  RESEND: ["RESEND"],
  REPOST: ["RESEND"],
  "GIT PULL": ["GIT PULL"],
  PULL: ["PULL"],
  AUTOSEL: ["AUTOSEL"],
  BACKPORT: ["BACKPORT"],
  STABLE: ["STABLE"],
};

/** Flags of one chunk: "PATCH", "RFC-PATCH", "PATCH/RFC", "PATCH-resend"; [] when it is a hint. */
function readFlag(chunk: string): readonly SubjectFlag[] {
  const upper = chunk.toUpperCase();
  const known = FLAG_WORDS[upper];
  if (known) return known;
  const parts = upper.split(/[-/:+]/).map((part) => FLAG_WORDS[part]);
  return parts.length > 1 && parts.every((part) => part !== undefined) ? parts.flatMap((part) => part ?? []) : [];
}

function readTitleVersion(title: string): number | null {
  const match = /\(v(\d{1,3})\)$/i.exec(title);
  return match ? Number(match[1]) : null;
}

/** A title as versions of a series are compared by: case and punctuation do not count, nor a version at its end. */
export function cleanTitle(title: string): string {
  return title
    .toLowerCase()
    .replace(/\(v\d{1,3}\)$/, "")
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

/** A subject's title for lists: without reply words and brackets, or the whole subject when nothing else is left. */
export function cleanSubject(subject: string): string {
  const { title } = parseSubject(subject);
  return title === "" ? collapseBlanks(subject) : title;
}
