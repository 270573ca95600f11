/**
 * Places in source text. A `Span` is small and used everywhere inside the front end; a `Location` is what people and
 * other programs see: it carries the file's name, 1-based line and column, and the text of the line.
 */

/** One source text. */
export type SourceFile = {
  /** What the user calls it: a file name, or `NOTEBOOK#cell`. */
  readonly name: string;
  readonly text: string;
  /** Line number that the text's first line has in the file that the user sees (a cell starts in the middle of its file). */
  readonly firstLine: number;
  /** Functions that an earlier file defines may be defined again here and are replaced: a notebook's `variant:` cells. */
  readonly redefines?: boolean;
};

/** Half-open range `[start, end)` of UTF-16 offsets in `SourceSet.files[file]`. */
export type Span = { readonly file: number; readonly start: number; readonly end: number };

/** A span as people read it. Lines are the user's lines (`firstLine` applied), columns count UTF-16 units from 1. */
export type Location = {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  /** Column just behind the last character. */
  readonly endColumn: number;
  /** The whole text of `line`, without its line end. */
  readonly lineText: string;
};

/** All texts that a unit was made of (the given files first, then included kits), with their line tables. */
export type SourceSet = { readonly files: readonly IndexedFile[] };

/** A source file with the offsets at which its lines start. */
export type IndexedFile = SourceFile & { readonly lineStarts: readonly number[]; readonly isKit: boolean };

/** Builds the line table of one file; lines end at LF (a CR before it belongs to the line end). Linear. */
export function indexFile(file: SourceFile, options: { readonly isKit: boolean }): IndexedFile {
  const lineStarts = [0];
  for (let at = file.text.indexOf("\n"); at >= 0; at = file.text.indexOf("\n", at + 1)) lineStarts.push(at + 1);
  return { ...file, lineStarts, isKit: options.isKit };
}

/** The location of a span; O(log lines). A span outside of its file is clamped to the file's end. */
export function locate(sources: SourceSet, span: Span): Location {
  const file = sources.files[span.file];
  if (file === undefined) throw new Error(`assert: no source file ${span.file}`);
  const start = Math.min(span.start, file.text.length);
  const end = Math.max(start, Math.min(span.end, file.text.length));
  const first = lineIndexAt(file, start);
  const last = lineIndexAt(file, end > start ? end - 1 : end);
  return {
    file: file.name,
    line: file.firstLine + first,
    column: start - (file.lineStarts[first] ?? 0) + 1,
    endLine: file.firstLine + last,
    endColumn: end - (file.lineStarts[last] ?? 0) + 1,
    lineText: lineText(file, first),
  };
}

/** The text that a span covers. */
export function spanText(sources: SourceSet, span: Span): string {
  return sources.files[span.file]?.text.slice(span.start, span.end) ?? "";
}

/** The smallest span that covers both; of two spans in different files the first is returned. */
export function joinSpans(first: Span, last: Span): Span {
  if (first.file !== last.file) return first;
  if (first.start <= last.start && first.end >= last.end) return first;
  return { file: first.file, start: Math.min(first.start, last.start), end: Math.max(first.end, last.end) };
}

function lineText(file: IndexedFile, index: number): string {
  const start = file.lineStarts[index] ?? 0;
  const end = file.lineStarts[index + 1] ?? file.text.length + 1;
  const text = file.text.slice(start, end - 1);
  return text.endsWith("\r") ? text.slice(0, -1) : text;
}

/** Index of the line that holds an offset: binary search over the line starts. */
function lineIndexAt(file: IndexedFile, offset: number): number {
  let low = 0;
  let high = file.lineStarts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((file.lineStarts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
