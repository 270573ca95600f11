/**
 * The comments of a reply: stretches of the replier's own words between what is quoted, without attributions,
 * signatures, list footers, trailers, elision marks and closing courtesies.
 */
import { isElision } from "../diff/diff-grammar.ts";
import { isAttribution } from "../mail/quotes/attribution.ts";
import type { QuotedLine } from "../mail/quotes/quotes.ts";

export interface CommentDraft {
  /** Body lines, blank and elision lines at both ends left out. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** The quoted block directly above, blank lines at its ends left out; null for words above all quotes. */
  readonly quoted: { readonly start: number; readonly end: number } | null;
}

const TRAILER = /^\s{0,4}[A-Z][\w-]{1,40}-by:\s+\S.*@|^\s{0,4}(?:Fixes|Closes|Link|Cc):\s+\S/;
const CLOSING =
  /^(?:(?:many )?thanks(?: again)?|thank you|thx|cheers|best(?: regards| wishes)?|(?:kind |warm )?regards|br|sincerely|yours|ciao|hth)\b[\s,.!]*(?:[-–—~\s]*[\p{L}.' -]{0,40})$/iu;
const GREETING = /^(?:hi|hello|hey|dear|good (?:morning|day|evening))\b[^.?!]{0,40}[,.!:]?$/iu;

/**
 * @param lines the body as parseQuotes reads it
 * @param pasted lines of the replier's depth that only repeat the quoted mail's diff: they count as quoted
 */
export function findComments(lines: readonly QuotedLine[], pasted: ReadonlySet<number>): readonly CommentDraft[] {
  const found: CommentDraft[] = [];
  const isOwn = (line: QuotedLine) => line.depth === 0 && !pasted.has(line.line);
  let quotedStart = -1;
  for (let at = 0; at < lines.length;) {
    const line = lines[at];
    if (line === undefined) break;
    if (!isOwn(line) || line.role === "attribution" || line.role === "unmarked-header") {
      if (!isOwn(line) && line.role !== "attribution" && quotedStart < 0) quotedStart = at;
      at += 1;
      continue;
    }
    let end = at;
    while (end < lines.length && runsOn(lines[end], isOwn)) end += 1;
    const quoted = quotedStart < 0 ? null : trimBlock(lines, { start: quotedStart, end: at });
    const comment = readRun(lines.slice(at, end), quoted);
    if (comment !== null) {
      found.push(comment);
      quotedStart = -1;
    }
    at = end;
  }
  return found;
}

function runsOn(line: QuotedLine | undefined, isOwn: (line: QuotedLine) => boolean): boolean {
  return line !== undefined && isOwn(line) && line.role !== "attribution" && line.role !== "unmarked-header";
}

function trimBlock(
  lines: readonly QuotedLine[],
  block: { start: number; end: number },
): { start: number; end: number } | null {
  let { start, end } = block;
  while (start < end && isBlank(lines[start])) start += 1;
  while (end > start && isBlank(lines[end - 1])) end -= 1;
  return start < end ? { start, end } : null;
}

function isBlank(line: QuotedLine | undefined): boolean {
  return line === undefined || line.text.trim() === "";
}

/** Keeps what is said: null when nothing is left. */
function readRun(run: readonly QuotedLine[], quoted: CommentDraft["quoted"]): CommentDraft | null {
  const said = run.filter((line) => line.role === "text" && !TRAILER.test(line.text));
  const kept = dropEnds(said, (line) => isElision(line.text) || /^\s*-{3,}\s*$/.test(line.text));
  const first = kept[0];
  const last = kept.at(-1);
  if (first === undefined || last === undefined) return null;
  const inside = run.filter((line) => line.line >= first.line && line.line <= last.line);
  const text = inside
    .filter((line) => (line.role === "text" || line.role === "blank") && !TRAILER.test(line.text))
    .map((line) => line.raw)
    .join("\n");
  if (isCourtesy(text) || isAttribution(text)) return null;
  return { start: first.line, end: last.line + 1, text, quoted };
}

function dropEnds(lines: readonly QuotedLine[], isNoise: (line: QuotedLine) => boolean): readonly QuotedLine[] {
  let start = 0;
  let end = lines.length;
  const noise = (at: number) => {
    const line = lines[at];
    return line === undefined || isNoise(line);
  };
  while (start < end && noise(start)) start += 1;
  while (end > start && noise(end - 1)) end -= 1;
  return lines.slice(start, end);
}

function isCourtesy(text: string): boolean {
  if (text.length > 120) return false;
  const flat = text.replace(/\s+/g, " ").trim();
  return CLOSING.test(flat) || GREETING.test(flat) || /^[-–—/]+\s?\p{L}{1,20}$/u.test(flat);
}
