/**
 * The anatomy of a patch mail's text (mail-and-patches.md 5.4): in-body headers, commit message, changelog below `---`,
 * diffstat, where the diff begins, and what stands behind it. Only finds the parts; the diff itself is lib/diff's.
 */
import type { Mailbox } from "../decode/addresses.ts";
import { parseAddresses } from "../decode/addresses.ts";
import type { Trailer } from "./trailers.ts";
import { parseCommitTrailers } from "./trailers.ts";

export interface PatchMail {
  /** From: in the text overrides the mail's own: lists rewrite senders. */
  readonly author: Mailbox | null;
  readonly inBodySubject: string | null;
  readonly inBodyDate: string | null;
  /** A scissors line, 0-based, or null: the text above it is kept and marked. */
  readonly scissorsLine: number | null;
  readonly message: LineSpan;
  readonly trailers: readonly Trailer[];
  /** Between `---` and the diff, without the diffstat. */
  readonly changelog: LineSpan | null;
  readonly diffstat: LineSpan | null;
  /** First line of the diff, or null when the mail has none at quote depth 0. */
  readonly diffLine: number | null;
  readonly changeId: string | null;
  readonly baseCommit: string | null;
  /** Message-IDs of earlier versions that the text links to ("Link to v1: https://.../<id>"). */
  readonly links: readonly string[];
}

/** Lines [start, end) of the body, 0-based. */
export interface LineSpan {
  readonly start: number;
  readonly end: number;
}

/** Takes the text of a patch or a cover apart. Total: a text without a diff is message and changelog only. */
export function parsePatchMail(body: string): PatchMail {
  const lines = body.split("\n");
  const inBody = readInBodyHeaders(lines);
  const diffLine = findDiffLine(lines, inBody.end);
  const textEnd = diffLine ?? signatureLine(lines, inBody.end);
  const separator = findSeparator(lines, { start: inBody.end, end: textEnd });
  const messageEnd = separator ?? textEnd;
  const diffstat = findDiffstat(lines, { start: messageEnd, end: textEnd });
  const notes = separator === null ? null : { start: separator + 1, end: diffstat?.start ?? textEnd };
  const message = { start: inBody.end, end: messageEnd };
  return {
    author: inBody.author,
    inBodySubject: inBody.subject,
    inBodyDate: inBody.date,
    scissorsLine: findScissors(lines, { start: 0, end: messageEnd }),
    message,
    trailers: trailersOf(lines, message),
    changelog: notes && lines.slice(notes.start, notes.end).some((line) => line.trim() !== "") ? notes : null,
    diffstat,
    diffLine,
    changeId: taggedValue(lines, /^change-id:\s+(\S{1,200})\s*$/i),
    baseCommit: taggedValue(lines, /^base-commit:\s+([0-9a-f]{7,64})\s*$/i),
    links: findLinks(lines, diffLine),
  };
}

function trailersOf(lines: readonly string[], span: LineSpan): Trailer[] {
  const text = lines.slice(span.start, span.end).join("\n");
  return parseCommitTrailers(text).map((trailer) => ({ ...trailer, line: trailer.line + span.start }));
}

interface InBodyHeaders {
  readonly author: Mailbox | null;
  readonly subject: string | null;
  readonly date: string | null;
  /** First line behind them. */
  readonly end: number;
}

/** From:, Subject:, Date: as the first lines that are not blank, ended by a blank line. */
function readInBodyHeaders(lines: readonly string[]): InBodyHeaders {
  let at = 0;
  while (at < lines.length && (lines[at] ?? "").trim() === "") at++;
  const start = at;
  let author: Mailbox | null = null;
  let subject: string | null = null;
  let date: string | null = null;
  for (; at < lines.length; at++) {
    const match = /^(From|Subject|Date): +(\S.*)$/.exec((lines[at] ?? "").slice(0, 2000));
    if (!match) break;
    const [, name, value = ""] = match;
    if (name === "From") author = parseAddresses(value)[0] ?? null;
    else if (name === "Subject") subject = value.trim();
    else date = value.trim();
  }
  const isBlock = at > start && (lines[at] ?? "").trim() === "" && (author?.address ?? "x") !== "";
  return isBlock ? { author, subject, date, end: at + 1 } : { author: null, subject: null, date: null, end: start };
}

/** Where the first diff begins: `diff --git`, `Index: `, or `--- ` followed by `+++ `. */
function findDiffLine(lines: readonly string[], from: number): number | null {
  for (let i = from; i < lines.length; i++) {
    const line = lines[i] ?? "";
    if (/^diff --(?:git|cc|combined) /.test(line) || /^diff (?:-[\w-]+ )+\S+ \S+/.test(line)) return i;
    if (line.startsWith("Index: ") && /^(?:={10,}|--- |diff )/.test(lines[i + 1] ?? "")) return i;
    if (line.startsWith("--- ") && (lines[i + 1] ?? "").startsWith("+++ ") && (lines[i + 2] ?? "").startsWith("@@ -"))
      return i;
  }
  return null;
}

/** The line of the `-- ` that ends a mail without a diff, or the end of the text. */
function signatureLine(lines: readonly string[], from: number): number {
  for (let i = lines.length - 1; i >= Math.max(from, lines.length - 40); i--) if (lines[i] === "-- ") return i;
  return lines.length;
}

function findSeparator(lines: readonly string[], { start, end }: LineSpan): number | null {
  for (let i = start; i < end; i++) if (/^---\s*$/.test(lines[i] ?? "")) return i;
  return null;
}

const DIFFSTAT_LINE = /^ \S.{0,400}\| +(?:\d+ ?[+-]*|Bin .*|Unknown.*)$/;
const DIFFSTAT_SUM = /^ \d+ files? changed/;

/** The last diffstat before the diff: files and the sum line, and the `create mode` lines under it. */
function findDiffstat(lines: readonly string[], { start, end }: LineSpan): LineSpan | null {
  for (let i = end - 1; i >= start; i--) {
    if (!DIFFSTAT_SUM.test(lines[i] ?? "")) continue;
    let first = i;
    while (first > start && DIFFSTAT_LINE.test(lines[first - 1] ?? "")) first--;
    let last = i + 1;
    while (last < end && /^ (?:create|delete|rename|copy|mode|rewrite) /.test(lines[last] ?? "")) last++;
    return { start: first, end: last };
  }
  return null;
}

/** git's rule: 8<, >8, %<, >%; dashes and scissors fill more than a third of the width, gaps less than half of that. */
function findScissors(lines: readonly string[], { start, end }: LineSpan): number | null {
  for (let i = start; i < end; i++) {
    const line = lines[i] ?? "";
    if (line.length <= 300 && /8<|>8|%<|>%/.test(line) && isScissors(line)) return i;
  }
  return null;
}

/** @source git mailinfo.c is_scissors_line, from its documented rule */
function isScissors(line: string): boolean {
  let visible = 0;
  let perforation = 0;
  let gap = 0;
  let scissors = 0;
  let isPerforated = false;
  const trimmed = line.trim();
  for (let i = 0; i < trimmed.length; i++) {
    const two = trimmed.slice(i, i + 2);
    if (trimmed[i] === " ") {
      if (isPerforated) {
        perforation++;
        gap++;
      }
      continue;
    }
    visible++;
    if (trimmed[i] === "-") {
      isPerforated = true;
      perforation++;
    } else if (/^(?:>8|8<|>%|%<)$/.test(two)) {
      isPerforated = true;
      perforation += 2;
      scissors += 2;
      visible++;
      i++;
    } else isPerforated = false;
  }
  return (
    scissors > 0 && trimmed.length >= 8 && visible >= 8 && trimmed.length < perforation * 3 && gap * 2 < perforation
  );
}

function taggedValue(lines: readonly string[], pattern: RegExp): string | null {
  for (const line of lines) {
    if (line.length > 400) continue;
    const match = pattern.exec(line);
    if (match) return match[1] ?? null;
  }
  return null;
}

const LINKS_MAX = 40;

/** Message-IDs in archive links outside the diff: the earlier versions that a cover names are among them. */
function findLinks(lines: readonly string[], diffLine: number | null): string[] {
  const found = new Set<string>();
  for (const line of lines.slice(0, diffLine ?? lines.length)) {
    if (line.length > 2000 || !line.includes("://") || line.startsWith(">")) continue;
    for (const match of line.matchAll(/https?:\/\/[^\s<>"]{1,500}/g)) {
      const id = messageIdOfLink(match[0]);
      if (id !== null && found.size < LINKS_MAX) found.add(id);
    }
  }
  return [...found];
}

/** The Message-ID in an archive address such as https://lore.kernel.org/all/<id>/ or https://lkml.kernel.org/r/<id>. */
export function messageIdOfLink(link: string): string | null {
  const path = link.replace(/^https?:\/\/[^/]*\//, "").replace(/[).,;\]]+$/, "");
  for (const segment of path.split(/[/?#]/)) {
    if (!/@|%40/i.test(segment)) continue;
    const id = decodePercent(segment);
    if (id !== null && /^[^\s@<>]+@[^\s@<>]+$/.test(id)) return id;
  }
  return null;
}

function decodePercent(segment: string): string | null {
  const bytes: number[] = [];
  for (let i = 0; i < segment.length; i++) {
    const hex = segment[i] === "%" ? /^[0-9a-fA-F]{2}/.exec(segment.slice(i + 1, i + 3))?.[0] : undefined;
    if (hex !== undefined) {
      bytes.push(Number.parseInt(hex, 16));
      i += 2;
    } else bytes.push(...new TextEncoder().encode(segment[i]));
  }
  const text = new TextDecoder().decode(new Uint8Array(bytes));
  return text.includes("\ufffd") ? null : text;
}
