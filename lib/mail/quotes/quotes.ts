/**
 * Who said what in a mail's body: quote depth of every line, attributions, Outlook's unmarked quotes, signatures,
 * list footers, and which stretches a page may fold.
 *
 * @source rules 5.6 of docs on mail, measured on 3,599 mails of kernel lists; RFC 3676 section 4.3 ("-- ").
 */
import { attributedPerson, isAttribution, type Attribution } from "./attribution.ts";
import { scanQuoteMarks } from "./quote-marks.ts";

export type { Attribution } from "./attribution.ts";

/** What a line is for, beside its depth. Only display and comments look at it; the diff reader never does. */
export type LineRole = "text" | "blank" | "attribution" | "unmarked-header" | "signature" | "footer";

export interface QuotedLine {
  /** 0-based line of the body. */
  readonly line: number;
  readonly raw: string;
  /** Marks before the text, plus one for each unmarked quote that the line stands in. */
  readonly depth: number;
  /** Marks that really stand in the line. */
  readonly marks: number;
  /** The line belongs to a block that uses "|" as its first mark. */
  readonly pipes: boolean;
  /** Behind the marks and the one separating blank. Line ends are never trimmed: a diff line may end in blanks. */
  readonly text: string;
  readonly role: LineRole;
  /** "Foo> text": who is quoted in supercite style, for display only. */
  readonly supercite?: string;
}

/** The lines of a body; the line end after the last line makes no further line. */
export function bodyLines(body: string): readonly string[] {
  const lines = body.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/** Reads the quote structure of a decoded body (LF line ends). Never fails; linear in the body. */
export function parseQuotes(body: string): readonly QuotedLine[] {
  const raws = bodyLines(body);
  const drafts = draftLines(raws, findPipeLines(raws));
  markUnmarkedQuotes(drafts);
  for (const attribution of attributionsOf(drafts)) {
    for (let line = attribution.lineStart; line < attribution.lineEnd; line += 1) setRole(drafts, line, "attribution");
  }
  markSignatures(drafts);
  markFooters(drafts);
  return drafts;
}

/** All attributions of a body in order, each with the depth that it introduces, Outlook's header blocks among them. */
export function findAttributions(lines: readonly QuotedLine[]): readonly Attribution[] {
  const found = [...attributionsOf(lines), ...unmarkedHeaders(lines).map((header) => header.attribution)];
  return found.sort((a, b) => a.lineStart - b.lineStart);
}

type Draft = { -readonly [K in keyof QuotedLine]: QuotedLine[K] };

function draftLines(raws: readonly string[], pipeLines: ReadonlySet<number>): Draft[] {
  return raws.map((raw, line) => {
    if (raw === "") return { line, raw, depth: 0, marks: 0, pipes: false, text: "", role: "blank" };
    const pipes = pipeLines.has(line);
    const marks = scanQuoteMarks(raw, { pipes });
    const text = raw.slice(marks.textStart);
    const role: LineRole = text.trim() === "" ? "blank" : "text";
    const draft: Draft = { line, raw, depth: marks.depth, marks: marks.depth, pipes, text, role };
    const supercite = marks.depth === 0 ? /^([A-Za-z]{1,12})> /.exec(raw)?.[1] : undefined;
    if (supercite !== undefined) draft.supercite = supercite;
    return draft;
  });
}

/** Lines of paragraphs in which every line begins with "|": such a block quotes with pipes, unless it draws a table. */
function findPipeLines(raws: readonly string[]): ReadonlySet<number> {
  const found = new Set<number>();
  let start = 0;
  for (let line = 0; line <= raws.length; line += 1) {
    const raw = raws[line];
    const belongs =
      raw !== undefined && raw.includes("|") && /^ {0,3}\|(?: |$|[|>])/.test(raw) && !/\|\s*$/.test(raw.slice(4));
    if (belongs) continue;
    if (line - start >= 3) for (let member = start; member < line; member += 1) found.add(member);
    start = line + 1;
  }
  return found;
}

function setRole(lines: readonly Draft[], line: number, role: LineRole): void {
  const draft = lines[line];
  if (draft !== undefined && draft.role !== "blank") draft.role = role;
}

const ATTRIBUTION_LINES_MAX = 3;

function attributionsOf(lines: readonly QuotedLine[]): Attribution[] {
  const found: Attribution[] = [];
  for (const last of lines) {
    if (last.text === "" || !/[:：]\s*$/u.test(last.text)) continue;
    if (!standsAboveDeeper(lines, last)) continue;
    const attribution = attributionEndingAt(lines, last);
    if (attribution !== null) found.push(attribution);
  }
  return found;
}

/** The next line, or the one after one blank line, is quoted one deeper (or more: authors nest without marks between). */
function standsAboveDeeper(lines: readonly QuotedLine[], line: QuotedLine): boolean {
  for (let next = line.line + 1; next <= line.line + 2; next += 1) {
    const below = lines[next];
    if (below === undefined) return false;
    if (below.depth > line.depth) return true;
    if (below.role !== "blank") return false;
  }
  return false;
}

/** Takes the fewest lines, going up, that read as an attribution. */
function attributionEndingAt(lines: readonly QuotedLine[], last: QuotedLine): Attribution | null {
  let text = "";
  for (let count = 1; count <= ATTRIBUTION_LINES_MAX; count += 1) {
    const line = lines[last.line - count + 1];
    if (line === undefined || line.depth !== last.depth || line.role === "blank") break;
    text = count === 1 ? line.text : `${line.text} ${text}`;
    if (!isAttribution(text)) continue;
    const wider = widerStart(lines, line, text);
    const full = wider === null ? text : `${wider.text} ${text}`;
    const lineStart = wider === null ? line.line : wider.line;
    return { ...attributedPerson(full), depth: last.depth + 1, lineStart, lineEnd: last.line + 1, text: full };
  }
  return null;
}

/** "<a@example.org> wrote:" alone has its date and name on the line above. */
function widerStart(lines: readonly QuotedLine[], line: QuotedLine, text: string): QuotedLine | null {
  const above = lines[line.line - 1];
  if (above === undefined || above.depth !== line.depth || above.role === "blank") return null;
  const opens = /^(?:\*+\s*)?(?:On|At|Am|Le|El|Dne|在|于)\s/u;
  if (opens.test(text.trimStart()) || !opens.test(above.text.trimStart())) return null;
  return /\d/.test(above.text) ? above : null;
}

interface UnmarkedHeader {
  readonly attribution: Attribution;
}

const UNMARKED_HEADER_LINES_MAX = 8;

/**
 * Outlook's blocks: "-----Original Message-----", or From:/Sent:/To:/Subject: lines in the running text. What follows is
 * quoted without marks. A block at the head of the body is git's in-body header and none of these.
 */
function unmarkedHeaders(lines: readonly QuotedLine[]): UnmarkedHeader[] {
  const found: UnmarkedHeader[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const header = unmarkedHeaderAt(lines, at);
    if (header === null) continue;
    found.push(header);
    at = header.attribution.lineEnd - 1;
  }
  return found;
}

function unmarkedHeaderAt(lines: readonly QuotedLine[], start: number): UnmarkedHeader | null {
  const first = lines[start];
  if (first === undefined || first.marks > 0 || first.role === "blank") return null;
  const ruled = /^-{3,}\s*(?:Original Message|Ursprüngliche Nachricht|Message d'origine)\s*-{3,}\s*$/iu.test(
    first.text,
  );
  const opening = ruled ? lines[start + 1] : first;
  if (opening === undefined || !/^\*?(?:From|Von|De|发件人):\*?\s/u.test(opening.text)) return null;
  const names = new Set<string>();
  let end = opening.line + 1;
  for (; end < opening.line + UNMARKED_HEADER_LINES_MAX; end += 1) {
    const name = /^\*?([^\s:：]{2,12})[:：]/u.exec(lines[end]?.text ?? "")?.[1]?.toLowerCase();
    if (name === undefined) break;
    names.add(name);
  }
  const dated = ["sent", "gesendet", "envoyé", "发送时间"].some((name) => names.has(name));
  const addressed = ["to", "an", "à", "收件人"].some((name) => names.has(name));
  if (!ruled && !(dated && addressed && start > 0)) return null;
  const person = attributedPerson(`${opening.text.replace(/^[^:]*:\*?/u, "")} wrote:`);
  const text = lines
    .slice(start, end)
    .map((line) => line.text)
    .join("\n");
  return { attribution: { ...person, depth: first.depth + 1, lineStart: start, lineEnd: end, text } };
}

function markUnmarkedQuotes(drafts: readonly Draft[]): void {
  const headers = unmarkedHeaders(drafts);
  let level = 0;
  let next = 0;
  for (const draft of drafts) {
    const header = headers[next]?.attribution;
    if (header !== undefined && draft.line >= header.lineStart && draft.line < header.lineEnd) {
      draft.depth += level;
      if (draft.role !== "blank") draft.role = "unmarked-header";
      if (draft.line === header.lineEnd - 1) {
        level += 1;
        next += 1;
      }
      continue;
    }
    draft.depth += level;
  }
}

const SIGNATURE_LINES_MAX = 15;

/**
 * A signature runs from "-- " to the end of its depth's block. In a diff "-- " may be a deleted line: where a hunk
 * follows, or the block is longer than any signature, it is not one.
 */
function markSignatures(drafts: readonly Draft[]): void {
  for (let at = 0; at < drafts.length; at += 1) {
    const opening = drafts[at];
    if (opening === undefined || (opening.text !== "-- " && opening.text !== "--")) continue;
    let end = at + 1;
    while (end < drafts.length && drafts[end]?.depth === opening.depth && end - at <= SIGNATURE_LINES_MAX) end += 1;
    const block = drafts.slice(at, end);
    if (end - at > SIGNATURE_LINES_MAX || block.some((line) => /^(?:@@ -|diff --git )/.test(line.text))) continue;
    for (const line of block) setRole(drafts, line.line, "signature");
    at = end - 1;
  }
}

/** What list servers append: mailman's ruled block, and the notice of Google's groups. */
function markFooters(drafts: readonly Draft[]): void {
  for (let at = Math.max(0, drafts.length - 12); at < drafts.length; at += 1) {
    const line = drafts[at];
    const below = drafts[at + 1]?.text ?? "";
    if (line === undefined || line.marks > 0) continue;
    const mailman = /^_{20,}\s*$/.test(line.text) && /mailing list|@/.test(below);
    if (!mailman && !/^You received this message because /.test(line.text)) continue;
    for (let rest = at; rest < drafts.length; rest += 1) setRole(drafts, rest, "footer");
    return;
  }
}
