/** The lines of a notebook file: quote marks off, conflict halves hidden, places kept. */
import type { NotebookDiagnostic, NotebookDiagnosticCode } from "../diagnostics.ts";

export type SourceLine = {
  /** From 1. */
  readonly number: number;
  /** Offset of the line's first unit in the file. */
  readonly start: number;
  /** Offset behind its line end. */
  readonly next: number;
  /** The line without quote marks and line end; empty when it is hidden. */
  readonly text: string;
  /** Units of quote marks before `text`. */
  readonly prefixUnits: number;
  /** The line as it stands, without line end. */
  readonly full: string;
  /** It belongs to a merge conflict's other side, or to a remark between quoted lines: it is kept, not read. */
  readonly isHidden: boolean;
};

/** What a parser reports; columns count from 1 in `line.text`. */
export type NotebookReport = {
  readonly code: NotebookDiagnosticCode;
  readonly line: SourceLine | null;
  readonly message: string;
  readonly column?: number;
  readonly endColumn?: number;
  readonly severity?: "error" | "warning";
  readonly notes?: readonly { readonly line: number; readonly message: string }[];
  readonly blockIndex?: number | null;
};

/** More than this many are counted, not kept. */
const diagnosticsMax = 200;

/** Collects what all parts of the parser report. */
export class NotebookSink {
  readonly #kept: NotebookDiagnostic[] = [];
  #block: number | null = null;

  /** Block that reports without their own `blockIndex` belong to. */
  enterBlock(index: number | null): void {
    this.#block = index;
  }

  report(report: NotebookReport): void {
    if (this.isFull) return;
    const prefixUnits = report.line?.prefixUnits ?? 0;
    const column = report.column ?? 1;
    const endColumn = report.endColumn ?? (report.line === null ? column : report.line.text.length + 1);
    this.#kept.push({
      code: report.code,
      severity: report.severity ?? "error",
      line: report.line?.number ?? 1,
      column: column + prefixUnits,
      endColumn: Math.max(endColumn, column + 1) + prefixUnits,
      lineText: report.line?.full ?? "",
      message: report.message,
      notes: report.notes ?? [],
      blockIndex: report.blockIndex === undefined ? this.#block : report.blockIndex,
    });
  }

  /** Nothing more will be kept: whoever would search for a hint may stop. */
  get isFull(): boolean {
    return this.#kept.length >= diagnosticsMax;
  }

  /** All reports by place. */
  sorted(): readonly NotebookDiagnostic[] {
    return [...this.#kept].sort((a, b) => a.line - b.line || a.column - b.column);
  }
}

/** Splits a file into lines; LF and CRLF end a line. Linear. */
export function splitLines(text: string, options: { readonly quoteDepth: number }): SourceLine[] {
  const lines: SourceLine[] = [];
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf("\n", start);
    const next = newline < 0 ? text.length : newline + 1;
    const bare = text.slice(start, newline < 0 ? next : newline);
    lines.push(readLine({ number: lines.length + 1, start, next, full: bare.replace(/\r$/, "") }, options.quoteDepth));
    start = next;
  }
  return lines;
}

function readLine(
  place: { readonly number: number; readonly start: number; readonly next: number; readonly full: string },
  quoteDepth: number,
): SourceLine {
  const marks = quoteMarks(place.full, quoteDepth);
  const isHidden = marks.depth < quoteDepth;
  return {
    ...place,
    text: isHidden ? "" : place.full.slice(marks.units),
    prefixUnits: isHidden ? 0 : marks.units,
    isHidden,
  };
}

/** Mail quote marks at a line's start: `>` with at most one blank behind each, up to `depthMax` of them. */
export function quoteMarks(line: string, depthMax: number): { readonly depth: number; readonly units: number } {
  let depth = 0;
  let units = 0;
  while (depth < depthMax && line[units] === ">") {
    depth += 1;
    units += line[units + 1] === " " ? 2 : 1;
  }
  return { depth, units };
}

/** Deepest quoting behind which a notebook is looked for. */
const quoteDepthMax = 20;

/**
 * The depth of mail quoting behind which the notebook stands: that of its first `hunkbook` fence, 0 when there is none.
 * A fence at depth 0 wins over a quoted one, so that a notebook may quote another.
 */
export function quoteDepthOf(text: string): number {
  if (/^```+hunkbook[ \t]*\r?$/m.test(text)) return 0;
  for (const match of text.matchAll(/^((?:> ?)+)`{3,}hunkbook[ \t]*\r?$/gm)) {
    const depth = (match[1] ?? "").replaceAll(" ", "").length;
    if (depth <= quoteDepthMax) return depth;
  }
  return 0;
}

/**
 * Hides git's conflict markers and the side that is not ours, so that the rest parses, and reports one error a conflict.
 * `=======` alone is Markdown (a heading's underline); it means a conflict only behind `<<<<<<<`.
 */
export function hideConflicts(lines: readonly SourceLine[], sink: NotebookSink): SourceLine[] {
  let side: "none" | "ours" | "theirs" = "none";
  return lines.map((line) => {
    const marker = conflictMarker(line.full);
    const wasInside = side !== "none";
    if (marker === "<" || (marker === ">" && !wasInside)) {
      sink.report({ code: "NBK005", line, message: conflictMessage, endColumn: 8, blockIndex: null });
    }
    if (marker === "<") side = "ours";
    else if (wasInside && (marker === "|" || marker === "=")) side = "theirs";
    else if (wasInside && marker === ">") side = "none";
    else if (side !== "theirs" && marker !== ">") return line;
    return { ...line, text: "", isHidden: true };
  });
}

const conflictMessage =
  "a merge conflict is not resolved here; keep one side and delete the marker lines (the first side is read meanwhile)";

function conflictMarker(line: string): "<" | "|" | "=" | ">" | null {
  const match = /^(?:(<)<{6}|(\|)\|{6}|(>)>{6})(?: |$)|^(=)={6}$/.exec(line);
  if (match === null) return null;
  if (match[1] !== undefined) return "<";
  if (match[2] !== undefined) return "|";
  return match[3] === undefined ? "=" : ">";
}
