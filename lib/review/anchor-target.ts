/**
 * A mail as something to be anchored to: its own (unquoted) lines, what each of them is, and where each diff line stands.
 */
import { sha256Hex } from "../hash.ts";
import { pathOf, type FoundFileDiff, type FoundHunk, type HunkLine } from "../diff/found-diff.ts";
import { findDiffs } from "../diff/parse-diff.ts";
import { parseQuotes, type QuotedLine } from "../mail/quotes/quotes.ts";
import type { AnchorKind, AnchorPlace, MailText } from "./anchor-place.ts";

export interface TargetLine {
  readonly bodyLine: number;
  /** Without white space, typographic quotes made plain: what quotes are compared by. Never "". */
  readonly bare: string;
}

export interface HunkPosition {
  readonly diff: FoundFileDiff;
  readonly hunk: FoundHunk;
  readonly line: HunkLine;
  readonly at: number;
}

export interface TargetMail {
  readonly messageId: string;
  readonly quotes: readonly QuotedLine[];
  /** Formal and quoted, with keys. */
  readonly diffs: readonly FoundFileDiff[];
  /** The mail's own lines that are not blank. */
  readonly lines: readonly TargetLine[];
  /** How often each bare text stands among them. */
  readonly counts: ReadonlyMap<string, number>;
  readonly hunkLines: ReadonlyMap<number, HunkPosition>;
}

/** Reads a mail for anchoring. Linear in its body; never fails. */
export function readTarget(mail: MailText): TargetMail {
  const quotes = parseQuotes(mail.body);
  const diffs = findDiffs(mail.body, { messageId: mail.messageId });
  const hunkLines = new Map<number, HunkPosition>();
  for (const diff of diffs) {
    for (const hunk of diff.hunks)
      hunk.lines.forEach((line, at) => hunkLines.set(line.bodyLine, { diff, hunk, line, at }));
  }
  const lines: TargetLine[] = [];
  const counts = new Map<string, number>();
  for (const line of quotes) {
    const own = line.depth === 0 || hunkLines.get(line.line)?.diff.quoteDepth === 0;
    const bare = bareText(own && line.marks > 0 ? line.raw : line.text);
    if (!own || bare === "") continue;
    lines.push({ bodyLine: line.line, bare });
    counts.set(bare, (counts.get(bare) ?? 0) + 1);
  }
  return { messageId: mail.messageId, quotes, diffs, lines, counts, hunkLines };
}

/** A text as anchors compare it: no white space of any kind, plain quotation marks. */
export function bareText(text: string): string {
  return text
    .replace(/[\s\u00a0\u200b\ufeff]+/gu, "")
    .replace(/[\u2018\u2019]/gu, "'")
    .replace(/[\u201c\u201d]/gu, '"');
}

/** Lines that say too little to be meant: brackets, markers, comment ends. */
export function isTrivial(bare: string): boolean {
  return /^[+\- ]?(?:[{}()[\];,*/\\#:]|else|out:)*$/u.test(bare);
}

type Located = Omit<AnchorPlace, "method" | "score">;

/** What a line of the mail's body is, as a place: a diff line where it is one. */
export function placeOfLine(target: TargetMail, bodyLine: number): Located {
  const position = target.hunkLines.get(bodyLine);
  if (position !== undefined) return placeOfHunkLine(target, position);
  const diff = target.diffs.find((one) => one.bodyLineStart <= bodyLine && bodyLine < one.bodyLineEnd);
  const text = target.quotes[bodyLine]?.text ?? "";
  const base: Located = {
    ...{
      messageId: target.messageId,
      place: "mail",
      path: null,
      hunkKey: null,
      side: null,
      oldLine: null,
      newLine: null,
    },
    ...{ bodyLine, lineHash: hashOf(bareText(text)), contextHash: null },
  };
  if (diff !== undefined) {
    const path = pathOf(diff) || null;
    const hunk = diff.hunks.find((one) => one.bodyLineStart <= bodyLine && bodyLine < one.bodyLineEnd);
    if (hunk !== undefined) return { ...base, place: "hunk", path, hunkKey: hunk.key ?? null };
    return { ...base, place: "file", path };
  }
  return { ...base, place: kindOfText(target, { bodyLine, text }) };
}

function kindOfText(target: TargetMail, { bodyLine, text }: { bodyLine: number; text: string }): AnchorKind {
  const formal = target.diffs.find((diff) => diff.quoteDepth === 0);
  if (formal === undefined || bodyLine >= formal.bodyLineStart) return "mail";
  // Words above a diff that a reply holds are a discussion, not a commit message.
  if (target.quotes.slice(0, formal.bodyLineStart).some((line) => line.role === "attribution")) return "mail";
  if (/^ \S.* +\| +(?:\d+|Bin\b)/.test(text) || /^ \d+ files? changed/.test(text)) return "diffstat";
  if (
    /^[A-Za-z][\w-]{1,40}: ?\S/.test(text) &&
    /-by:|^(?:fixes|link|closes|cc|change-id|message-id|base-commit)/i.test(text)
  ) {
    return "trailer";
  }
  return "commit-message";
}

/** The place of one line of a hunk, with hashes that find it again in another version. */
export function placeOfHunkLine(target: TargetMail, position: HunkPosition): Located {
  const { diff, hunk, line, at } = position;
  const near = [previousFilled(hunk, at), line, nextFilled(hunk, at)];
  return {
    messageId: target.messageId,
    place: "line",
    path: pathOf(diff) || null,
    hunkKey: hunk.key ?? null,
    side: line.kind === "-" ? "old" : "new",
    oldLine: line.oldLine,
    newLine: line.newLine,
    bodyLine: line.bodyLine,
    lineHash: hashOf(line.kind + bareText(line.text)),
    contextHash: hashOf(near.map((one) => (one === undefined ? "" : one.kind + bareText(one.text))).join("\n")),
  };
}

function previousFilled(hunk: FoundHunk, at: number): HunkLine | undefined {
  return hunk.lines.slice(0, at).findLast((line) => line.text.trim() !== "");
}

function nextFilled(hunk: FoundHunk, at: number): HunkLine | undefined {
  return hunk.lines.slice(at + 1).find((line) => line.text.trim() !== "");
}

function hashOf(text: string): string {
  return sha256Hex(text).slice(0, 16);
}
