/**
 * Finds every diff in a mail's body: formal patches, and diffs quoted or pasted at any depth, interrupted by replies,
 * wrapped, trimmed and re-indented. One reader stands at each quote depth; a line goes to the reader of its depth, and a
 * hunk that is still due waits until its depth returns.
 *
 * @source rules 5.5 and 5.6 of the document on mail and patches.
 */
import { bodyLines, parseQuotes, type QuotedLine } from "../mail/quotes/quotes.ts";
import { scanQuoteMarks, textBehindMarks } from "../mail/quotes/quote-marks.ts";
import {
  isCombinedHunkHeader,
  isExtendedHeader,
  parseBarePath,
  parseGitLine,
  parseHunkHeader,
  parsePathField,
  parsePathPair,
} from "./diff-grammar.ts";
import type { FileDiffKind, FoundFileDiff, FoundHunk, Repair } from "./found-diff.ts";
import { pathOf } from "./found-diff.ts";
import type { ParentLines } from "./indent-repair.ts";
import { hunkKey } from "./hunk-key.ts";
import * as hunks from "./hunk-reader.ts";
import type { HunkDraft } from "./hunk-draft.ts";

export type { FileDiffKind, FoundFileDiff, FoundHunk, HunkLine, HunkState, Repair, RepairKind } from "./found-diff.ts";

/** Diffs quoted deeper than this are text. The deepest one seen in the corpus stood at 7. */
const DIFF_DEPTH_MAX = 50;

export interface FindDiffsOptions {
  /** Gives each hunk its key. Without angle brackets. */
  readonly messageId?: string;
  /** Bodies of the mails that are quoted: tabs are restored with certainty where their text has the very lines. */
  readonly parentBodies?: readonly string[];
}

/**
 * All file diffs of a decoded body (LF line ends), in the order in which they begin. Never throws, whatever the text;
 * linear in its length.
 */
export function findDiffs(body: string, options: FindDiffsOptions = {}): readonly FoundFileDiff[] {
  const lines = parseQuotes(body);
  const scan: Scan = { lines, parentLines: lazyParentLines(options.parentBodies), readers: new Map(), files: [] };
  let active: Reader | null = null;
  for (const line of lines) {
    const depth = active !== null && continuesShallower(active, line) ? active.depth : line.depth;
    if (depth > DIFF_DEPTH_MAX) continue;
    const reader = readerAt(scan, depth);
    disturbOthers(scan, { depth, line });
    readLine(scan, reader, line);
    active = reader;
  }
  for (const reader of scan.readers.values()) endHunk(scan, reader, "region");
  return finishFiles(scan, options.messageId);
}

/** Few hunks need their parent's lines: they are gathered when the first one asks. */
function lazyParentLines(bodies: readonly string[] | undefined): ParentLines {
  if (bodies === undefined) return () => null;
  let gathered: ReadonlySet<string> | null = null;
  return () => (gathered ??= diffLinesOf(bodies));
}

/** The diff lines that bodies hold at any depth, with their markers: what restored tabs are compared with. */
function diffLinesOf(bodies: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  for (const body of bodies) {
    for (const raw of bodyLines(body)) {
      const text = raw.slice(scanQuoteMarks(raw).textStart);
      if (hunks.isDiffContent(text)) found.add(text);
    }
  }
  return found;
}

interface FileDraft {
  kind: FileDiffKind;
  oldPath: string;
  newPath: string;
  readonly depth: number;
  readonly header: string[];
  readonly repairs: Repair[];
  readonly hunks: FoundHunk[];
  readonly bodyLineStart: number;
  bodyLineEnd: number;
}

interface Reader {
  readonly depth: number;
  /** Quote marks are followed by a separating blank: false in ">+foo" styles. */
  separated: boolean;
  file: FileDraft | null;
  /** Between "diff --git" and the first hunk. */
  inHeader: boolean;
  /** "diff -u", "Index:" and ruler lines directly above, which belong to the file that "---" opens. */
  prelude: readonly Outside[];
  /** Something that is no diff stood at this depth, or a reply, since the last hunk. */
  loosened: boolean;
  hunk: HunkDraft | null;
}

interface Scan {
  readonly lines: readonly QuotedLine[];
  readonly parentLines: ParentLines;
  readonly readers: Map<number, Reader>;
  readonly files: FileDraft[];
}

function readerAt(scan: Scan, depth: number): Reader {
  const known = scan.readers.get(depth);
  if (known !== undefined) return known;
  const reader: Reader = {
    depth,
    separated: true,
    file: null,
    inHeader: false,
    prelude: [],
    loosened: false,
    hunk: null,
  };
  scan.readers.set(depth, reader);
  return reader;
}

/** The line at the reader's depth, or null when it has fewer marks. */
function textAt(reader: Reader, line: QuotedLine): string | null {
  const depth = reader.depth - (line.depth - line.marks);
  if (depth < 0) return null;
  return textBehindMarks(line.raw, { depth, separated: reader.separated, pipes: line.pipes });
}

/** " > text" inside an open hunk is a context line that begins with a mark, not a deeper quote. */
function continuesShallower(active: Reader, line: QuotedLine): boolean {
  if (active.hunk === null || line.depth <= active.depth || hunks.isSatisfied(active.hunk)) return false;
  const text = textAt(active, line);
  return text !== null && hunks.isDiffContent(text);
}

/** A deeper open hunk waits; a shallower one is over, for nobody quotes in the middle of his own hunk. */
function disturbOthers(scan: Scan, { depth, line }: { depth: number; line: QuotedLine }): void {
  const spoken = line.role !== "blank";
  for (const other of scan.readers.values()) {
    if (other.depth === depth) continue;
    if (spoken) other.loosened = true;
    if (other.hunk === null) continue;
    if (other.depth > depth) hunks.interruptHunk(other.hunk, { text: line.text, bodyLine: line.line });
    else if (spoken) endHunk(scan, other, "region");
  }
}

function readLine(scan: Scan, reader: Reader, line: QuotedLine): void {
  const text = textAt(reader, line) ?? line.text;
  if (reader.hunk !== null) {
    const ahead = () => textsFrom(scan, reader, line.line);
    const taken = hunks.offerLine(reader.hunk, { text, bodyLine: line.line, ahead });
    if (taken.kind === "taken") return;
    endHunk(scan, reader, taken.end);
  }
  readOutside(scan, reader, { line, text });
}

function* textsFrom(scan: Scan, reader: Reader, start: number): Generator<string> {
  for (let at = start; at < scan.lines.length; at += 1) {
    const line = scan.lines[at];
    if (line === undefined) return;
    if (line.depth < reader.depth) continue;
    const text = textAt(reader, line);
    if (text !== null) yield text;
  }
}

function endHunk(scan: Scan, reader: Reader, end: hunks.HunkEnd): void {
  const { file, hunk } = reader;
  reader.hunk = null;
  if (file === null || hunk === null) return;
  const found = hunks.closeHunk(hunk, {
    end,
    ordinal: file.hunks.length,
    parentLines: scan.parentLines,
    path: pathOf(file),
  });
  file.hunks.push(found);
  file.bodyLineEnd = found.bodyLineEnd;
}

interface Outside {
  readonly line: QuotedLine;
  readonly text: string;
}

/** A line outside every hunk: a header of some kind, or nothing of ours. */
function readOutside(scan: Scan, reader: Reader, at: Outside): void {
  if (at.text === "") return;
  // Headers begin with no blank, so that the text without the separating blank is theirs in both styles.
  const header = at.text.startsWith(" ") && !reader.separated ? at.text.slice(1) : at.text;
  if (/^(?:diff -(?!-git |-cc |-combined )|Index: \S|={20,}$)/.test(header)) {
    reader.prelude = [...reader.prelude.slice(-2), { ...at, text: header }];
    reader.inHeader = false;
    return;
  }
  if (openGitFile(scan, reader, { ...at, text: header })) return;
  if (openPlainFile(scan, reader, { ...at, text: header })) return;
  if (openHunk(scan, reader, { ...at, text: header })) return;
  reader.prelude = [];
  if (reader.inHeader && reader.file !== null) readExtendedHeader(reader, reader.file, { ...at, text: header });
  else if (at.text.trim() !== "") reader.loosened = true;
}

function startFile(
  scan: Scan,
  reader: Reader,
  file: { at: Outside; kind: FileDiffKind; oldPath: string; newPath: string },
): FileDraft {
  const { at, kind, oldPath, newPath } = file;
  noteStyle(reader, at.line);
  const prelude = reader.prelude;
  const draft: FileDraft = {
    ...{ kind, oldPath, newPath, depth: reader.depth, repairs: [], hunks: [] },
    header: prelude.map((above) => above.text),
    ...{ bodyLineStart: prelude[0]?.line.line ?? at.line.line, bodyLineEnd: at.line.line + 1 },
  };
  reader.prelude = [];
  scan.files.push(draft);
  reader.file = draft;
  reader.inHeader = true;
  reader.loosened = false;
  return draft;
}

/** Header lines tell whether this quote style puts a blank behind its marks. */
function noteStyle(reader: Reader, line: QuotedLine): void {
  if (line.marks === 0) return;
  const marks = scanQuoteMarks(line.raw, { pipes: line.pipes });
  reader.separated = marks.textStart > marks.marksEnd;
}

function openGitFile(scan: Scan, reader: Reader, at: Outside): boolean {
  if (!at.text.startsWith("diff ")) return false;
  const combined = /^diff --(?:cc|combined) (.+)$/.exec(at.text)?.[1];
  if (combined !== undefined) {
    const path = parsePathField(combined);
    startFile(scan, reader, { at, kind: "combined", oldPath: path, newPath: path }).header.push(at.text);
    return true;
  }
  if (!at.text.startsWith("diff --git ")) return false;
  const below = nextText(scan, reader, at.line.line) ?? "";
  const joined = /^(?:b\/\S+|"b\/.*")\s*$/.test(below) && !/ "?b\//.test(at.text);
  const text = joined ? `${at.text.trimEnd()} ${below.trim()}` : at.text;
  const paths = parseGitLine(text);
  if (paths === null) return false;
  const file = startFile(scan, reader, { at, kind: "modified", ...paths });
  file.header.push(text);
  if (joined)
    file.repairs.push({ kind: "header-joined", line: at.line.line + 1, detail: "wrapped diff --git line joined" });
  return true;
}

/** The text of the next body line at this depth, or null. */
function nextText(scan: Scan, reader: Reader, line: number): string | null {
  const next = scan.lines[line + 1];
  if (next === undefined || next.depth < reader.depth) return null;
  return next.depth === reader.depth ? next.text : textAt(reader, next);
}

/** "--- X" with "+++ Y" below: the second half of git's header, or a file of plain diff -u. */
function openPlainFile(scan: Scan, reader: Reader, at: Outside): boolean {
  const { text } = at;
  if (text.startsWith("--- ")) {
    const below = nextText(scan, reader, at.line.line) ?? "";
    if (!below.startsWith("+++ ")) return false;
    const { oldPath, newPath } = parsePathPair({ before: text.slice(4), after: below.slice(4) });
    const fresh =
      reader.file === null || !reader.inHeader || reader.file.header.some((line) => line.startsWith("--- "));
    const file =
      fresh || reader.file === null ? startFile(scan, reader, { at, kind: "modified", oldPath, newPath }) : reader.file;
    setPaths(file, { oldPath, newPath });
    file.header.push(text);
    file.bodyLineEnd = at.line.line + 1;
    return true;
  }
  if (!text.startsWith("+++ ")) return false;
  const awaited = reader.inHeader && reader.file !== null;
  const below = nextText(scan, reader, at.line.line) ?? "";
  if (!awaited && parseHunkHeader(below) === null) return false;
  const newPath = parsePathField(text.slice(4));
  const file =
    awaited && reader.file !== null
      ? reader.file
      : startFile(scan, reader, { at, kind: "modified", oldPath: newPath, newPath });
  // Directly below "---" both paths were read together.
  if (!(file.header.at(-1) ?? "").startsWith("--- ")) setPaths(file, { oldPath: file.oldPath, newPath });
  file.header.push(text);
  file.bodyLineEnd = at.line.line + 1;
  return true;
}

function setPaths(file: FileDraft, { oldPath, newPath }: { oldPath: string; newPath: string }): void {
  file.oldPath = oldPath;
  file.newPath = newPath;
  if (oldPath === "/dev/null") file.kind = "added";
  if (newPath === "/dev/null") file.kind = "deleted";
}

function openHunk(scan: Scan, reader: Reader, at: Outside): boolean {
  if (isCombinedHunkHeader(at.text)) {
    if (reader.file !== null) reader.file.kind = "combined";
    return true;
  }
  const header = parseHunkHeader(at.text);
  if (header === null || reader.file?.kind === "combined") return false;
  const file = fileForHunk(scan, reader, { at, oldStart: header.oldStart });
  noteStyle(reader, at.line);
  reader.inHeader = false;
  reader.loosened = false;
  reader.hunk = hunks.openHunk({ header, text: at.text, bodyLine: at.line.line, quoted: reader.depth > 0 });
  file.bodyLineEnd = at.line.line + 1;
  return true;
}

/**
 * Hunks of a file stand in the order of their lines. One that goes back, with a reply or other text in between, belongs
 * to a file whose header was cut from the quote: better unknown than wrong.
 */
function fileForHunk(scan: Scan, reader: Reader, { at, oldStart }: { at: Outside; oldStart: number }): FileDraft {
  const file = reader.file;
  const last = file?.hunks.at(-1);
  const goesBack = last !== undefined && oldStart < last.oldStart + last.oldCount;
  if (file !== null && !(reader.loosened && goesBack)) return file;
  return startFile(scan, reader, { at, kind: "unknown", oldPath: "", newPath: "" });
}

function readExtendedHeader(reader: Reader, file: FileDraft, { line, text }: Outside): void {
  if (!isExtendedHeader(text)) {
    const joinedTail = file.repairs.some((repair) => repair.line === line.line);
    if (text.trim() !== "" && !joinedTail) reader.inHeader = false;
    return;
  }
  file.header.push(text);
  file.bodyLineEnd = line.line + 1;
  const renamed = /^(rename|copy) (from|to) (.+)$/.exec(text);
  if (renamed !== null) {
    const path = parseBarePath(renamed[3] ?? "");
    file.kind = renamed[1] === "rename" ? "renamed" : "copied";
    if (renamed[2] === "from") file.oldPath = path;
    else file.newPath = path;
  } else if (text.startsWith("new file mode ")) file.kind = "added";
  else if (text.startsWith("deleted file mode ")) file.kind = "deleted";
  else if (/^Binary files |^GIT binary patch/.test(text)) file.kind = "binary";
  else if (text.startsWith("new mode ") && file.kind === "modified") file.kind = "mode";
}

/** Numbers the files, settles their kinds, and names the hunks. */
function finishFiles(scan: Scan, messageId: string | undefined): FoundFileDiff[] {
  const seen = new Map<string, number>();
  return scan.files.map((file, ordinal) => {
    const path = pathOf(file);
    const named = file.hunks.map((hunk) => {
      const name = `${path}\0${hunk.oldStart}`;
      const keyOrdinal = seen.get(name) ?? 0;
      seen.set(name, keyOrdinal + 1);
      if (messageId === undefined) return { ...hunk, keyOrdinal };
      return { ...hunk, keyOrdinal, key: hunkKey({ messageId, path, oldStart: hunk.oldStart, ordinal: keyOrdinal }) };
    });
    return {
      ordinal,
      quoteDepth: file.depth,
      oldPath: file.oldPath,
      newPath: file.newPath,
      kind: file.kind === "mode" && named.length > 0 ? "modified" : file.kind,
      header: file.header,
      headerRepairs: file.repairs,
      hunks: named,
      bodyLineStart: file.bodyLineStart,
      bodyLineEnd: file.bodyLineEnd,
    };
  });
}
