/**
 * A mail's body as a reader meets it: prose, quotes (long ones folded), and every hunk, formal or quoted, as rows, also
 * when replies stand in the middle of it. Nothing of the body is left out: what is no row of a hunk stays text.
 */
import type { FoundFileDiff, FoundHunk, HunkLine } from "../diff/found-diff.ts";
import { pathOf } from "../diff/found-diff.ts";
import { hunkKey } from "../diff/hunk-key.ts";
import type { QuotedLine } from "../mail/quotes/quotes.ts";

export type HunkRow =
  ({ readonly kind: "line" } & { readonly line: HunkLine }) | { readonly kind: "gap"; readonly mark: string };

export type MailBlock =
  | { readonly kind: "prose"; readonly firstLine: number; readonly lines: readonly string[] }
  | { readonly kind: "quote"; readonly firstLine: number; readonly lines: readonly string[]; readonly folded: boolean }
  /** Signature and list footer: folded, never dropped. */
  | { readonly kind: "ending"; readonly firstLine: number; readonly lines: readonly string[] }
  | { readonly kind: "file"; readonly diff: FoundFileDiff; readonly path: string }
  | {
      readonly kind: "hunk";
      readonly key: string;
      readonly diff: FoundFileDiff;
      readonly hunk: FoundHunk;
      readonly rows: readonly HunkRow[];
      /** A hunk that replies interrupt comes in parts; the first carries its header and margin. */
      readonly isFirst: boolean;
      readonly isLast: boolean;
    };

export type MailParts = {
  readonly messageId: string;
  /** All lines of the body. */
  readonly lines: readonly QuotedLine[];
  /** The lines to show, a stretch of `lines`. */
  readonly shown: readonly QuotedLine[];
  readonly diffs: readonly FoundFileDiff[];
};

/** What one body line is: part of a hunk, of a file header, swallowed by either, or text. */
type Use =
  | { readonly kind: "row"; readonly place: HunkPlace; readonly row: HunkRow }
  | { readonly kind: "hunk-header"; readonly place: HunkPlace }
  | { readonly kind: "file-header"; readonly diff: FoundFileDiff };

type HunkPlace = { readonly diff: FoundFileDiff; readonly hunk: FoundHunk; readonly key: string };

/** Quotes up to this many lines stay open: they are what the reply speaks of. */
const openQuoteLinesMax = 10;
/** Of a longer quote these last lines stay open when an answer follows. */
const quoteTailLines = 4;

/** Splits a body into blocks, in order. Linear in lines and hunk rows. */
export function mailBlocks(mail: MailParts): readonly MailBlock[] {
  const uses = lineUses(mail);
  const writer = new BlockWriter();
  let text: QuotedLine[] = [];
  for (const line of mail.shown) {
    const use = uses.get(line.line);
    if (!use) {
      text.push(line);
      continue;
    }
    writer.addAll(textBlocks(text, { isLast: false }));
    text = [];
    takeUse(writer, use);
  }
  writer.addAll(textBlocks(text, { isLast: true }));
  return markLastParts(writer.blocks);
}

/** Collects blocks; rows go to the hunk part that is open, which any other block closes. */
class BlockWriter {
  readonly blocks: MailBlock[] = [];
  readonly #begunFiles = new Set<FoundFileDiff>();
  readonly #begunHunks = new Set<FoundHunk>();
  #open: { readonly hunk: FoundHunk; readonly rows: HunkRow[] } | null = null;

  addAll(blocks: readonly MailBlock[]): void {
    if (blocks.length === 0) return;
    this.blocks.push(...blocks);
    this.#open = null;
  }

  file(diff: FoundFileDiff): void {
    if (this.#begunFiles.has(diff)) return;
    this.#begunFiles.add(diff);
    this.addAll([{ kind: "file", diff, path: pathOf(diff) }]);
  }

  /** The rows of the part of this hunk that is being written; begins the next part after an interruption. */
  rowsOf(place: HunkPlace): HunkRow[] {
    if (this.#open?.hunk === place.hunk) return this.#open.rows;
    this.file(place.diff);
    const isFirst = !this.#begunHunks.has(place.hunk);
    this.#begunHunks.add(place.hunk);
    const rows: HunkRow[] = [];
    this.addAll([{ kind: "hunk", ...place, rows, isFirst, isLast: false }]);
    this.#open = { hunk: place.hunk, rows };
    return rows;
  }
}

function lineUses(mail: MailParts): ReadonlyMap<number, Use> {
  const uses = new Map<number, Use>();
  for (const diff of mail.diffs) {
    const firstHunkLine = diff.hunks[0]?.bodyLineStart ?? diff.bodyLineEnd;
    for (let line = diff.bodyLineStart; line < firstHunkLine; line++) {
      if (belongsTo(mail.lines[line], diff)) uses.set(line, { kind: "file-header", diff });
    }
    for (const hunk of diff.hunks) placeHunk({ diff, hunk, key: keyOf(mail.messageId, { diff, hunk }) }, mail, uses);
  }
  return uses;
}

function keyOf(messageId: string, { diff, hunk }: { diff: FoundFileDiff; hunk: FoundHunk }): string {
  return hunk.key ?? hunkKey({ messageId, path: pathOf(diff), oldStart: hunk.oldStart, ordinal: hunk.keyOrdinal });
}

/** Rows and gaps take their lines; joined and separating lines are swallowed only when the repair log names them. */
function placeHunk(place: HunkPlace, mail: MailParts, uses: Map<number, Use>): void {
  const { diff, hunk } = place;
  const firstRow = hunk.lines[0]?.bodyLine ?? hunk.bodyLineEnd;
  for (let line = hunk.bodyLineStart; line < Math.min(firstRow, hunk.bodyLineEnd); line++) {
    if (belongsTo(mail.lines[line], diff)) uses.set(line, { kind: "hunk-header", place });
  }
  for (const repair of hunk.repairs) {
    const at = mail.lines[repair.line];
    const isSwallowed =
      repair.kind === "wrap-joined" || repair.kind === "separator" || repair.kind === "heading-joined";
    if (isSwallowed && at && belongsTo(at, diff)) uses.set(repair.line, { kind: "hunk-header", place });
  }
  for (const gap of hunk.gaps) uses.set(gap.bodyLine, { kind: "row", place, row: { kind: "gap", mark: gap.mark } });
  for (const line of hunk.lines) uses.set(line.bodyLine, { kind: "row", place, row: { kind: "line", line } });
}

function belongsTo(line: QuotedLine | undefined, diff: FoundFileDiff): boolean {
  return line !== undefined && (line.depth === diff.quoteDepth || line.role === "blank");
}

function takeUse(writer: BlockWriter, use: Use): void {
  switch (use.kind) {
    case "file-header":
      writer.file(use.diff);
      return;
    case "hunk-header":
      writer.rowsOf(use.place);
      return;
    case "row":
      writer.rowsOf(use.place).push(use.row);
  }
}

/** A part without rows (a separator after an interruption) says nothing, unless it is the only one. */
function markLastParts(blocks: readonly MailBlock[]): readonly MailBlock[] {
  const seen = new Set<FoundHunk>();
  const kept: MailBlock[] = [];
  for (const block of [...blocks].reverse()) {
    if (block.kind !== "hunk") kept.push(block);
    else if (block.isFirst || block.rows.length > 0) {
      kept.push({ ...block, isLast: !seen.has(block.hunk) });
      seen.add(block.hunk);
    }
  }
  return kept.reverse();
}

/** Runs of one sort: prose, quote, ending. Blank lines at a run's edge go with the prose. */
function textBlocks(lines: readonly QuotedLine[], options: { readonly isLast: boolean }): MailBlock[] {
  const blocks: MailBlock[] = [];
  for (let at = 0; at < lines.length;) {
    const sort = sortOf(lines[at]);
    let end = at + 1;
    while (end < lines.length && sortOf(lines[end]) === sort) end++;
    const run = lines.slice(at, end);
    blocks.push(...runBlocks(sort, run, { isAnswered: end < lines.length || !options.isLast }));
    at = end;
  }
  return blocks;
}

type Sort = "prose" | "quote" | "ending";

function sortOf(line: QuotedLine | undefined): Sort {
  if (line === undefined) return "prose";
  if (line.depth > 0) return "quote";
  return line.role === "signature" || line.role === "footer" ? "ending" : "prose";
}

function runBlocks(sort: Sort, full: readonly QuotedLine[], options: { readonly isAnswered: boolean }): MailBlock[] {
  const run = sort === "quote" ? withoutBlankEdges(full) : full;
  const firstLine = run[0]?.line ?? 0;
  const lines = run.map((line) => line.raw);
  if (lines.length === 0) return [];
  switch (sort) {
    case "prose":
      return [{ kind: "prose", firstLine, lines }];
    case "ending":
      return [{ kind: "ending", firstLine, lines }];
    case "quote": {
      if (lines.length <= openQuoteLinesMax) return [{ kind: "quote", firstLine, lines, folded: false }];
      if (!options.isAnswered) return [{ kind: "quote", firstLine, lines, folded: true }];
      const cut = lines.length - quoteTailLines;
      return [
        { kind: "quote", firstLine, lines: lines.slice(0, cut), folded: true },
        { kind: "quote", firstLine: firstLine + cut, lines: lines.slice(cut), folded: false },
      ];
    }
  }
}

/** A lone `>` at a quote's edge separates it from the answer: the page draws that distance itself. */
function withoutBlankEdges(run: readonly QuotedLine[]): readonly QuotedLine[] {
  const from = run.findIndex((line) => line.role !== "blank");
  const to = run.findLastIndex((line) => line.role !== "blank");
  return from < 0 ? [] : run.slice(from, to + 1);
}
