/** A hunk's rows as table markup: numbers, marker and text, with remarks under the line that they answer. */
import type { FoundHunk, HunkLine } from "#lib/diff/found-diff.ts";
import { splitRows, type RowPiece } from "#lib/diff/split-rows.ts";
import type { HunkRow } from "#lib/review/mail-view.ts";
import type { HunkComment, MailedRemark } from "#lib/review/margin.ts";
import type { WithdrawnComment } from "#lib/review/comment-change.ts";
import type { ThreadMargin } from "#lib/review/read-margins.server.ts";
import { messagePath } from "#lib/message-path.ts";
import { markup, nothing, text, type Markup } from "../ui/markup.ts";
import { commentActs, commentHead, withdrawnMarkup } from "./comment-markup.ts";
import type { ActionContext } from "./hunk-actions.tsx";

/** Bytes of one line that a page shows; the rest is in the raw mail. */
export const lineUnitsMax = 4_000;

type Part = {
  readonly hunk: FoundHunk;
  readonly rows: readonly HunkRow[];
  readonly margin: ThreadMargin;
  /** Remarks on the whole hunk, and those whose line is not in it, stand under its last part. */
  readonly isLast: boolean;
  /** The mail that is being read: its own remarks stand in its text already. */
  readonly messageIdText: string;
  readonly actions: Pick<ActionContext, "canWrite" | "formToken">;
};

type Remark = MailedRemark | HunkComment | WithdrawnComment;

/** The table of one part of a hunk. Closing tags that HTML lets be left out are left out: a patch has thousands of rows. */
export function hunkTable(part: Part): Markup {
  const placed = new Set<Remark>();
  const pieces = piecesOf(part.hunk);
  const rows = part.rows.map((row) => rowMarkup(row, { ...part, pieces }, placed));
  const rest = part.isLast ? unplaced(part) : [];
  return markup`<table class="diff"><tbody>${rows}${rest}</table>`;
}

type DrawnPart = Part & { readonly pieces: ReadonlyMap<number, readonly RowPiece[]> };

function rowMarkup(row: HunkRow, part: DrawnPart, placed: Set<Remark>): Markup {
  if (row.kind === "gap") return markup`<tr class="g"><td><td><td>${text(row.mark)} (lines left out in the mail)`;
  const { line } = row;
  return markup`${lineRow(line, part.pieces.get(line.bodyLine))}${remarksAt(line, part, placed)}`;
}

const rowClass = { "+": "a", "-": "d", " ": "c", "\\": "n" } as const;

type Pieces = readonly RowPiece[] | undefined;

function lineRow(line: HunkLine, pieces: Pieces): Markup {
  const isLong = line.text.length > lineUnitsMax;
  const content = pieces === undefined || isLong ? shortened(line.text) : markup`${pieces.map(pieceMarkup)}`;
  return markup`<tr class=${rowClass[line.kind]}><td>${line.oldLine ?? ""}<td>${line.newLine ?? ""}<td>${line.kind}${content}`;
}

function pieceMarkup(piece: RowPiece): Markup {
  if (piece.kind === "hidden") return markup`<span class="tok" title="${piece.name}">${piece.codePoint}</span>`;
  return piece.changed ? markup`<b>${text(piece.text)}</b>` : text(piece.text);
}

// A hunk that replies interrupt is drawn in parts; its lines are paired once.
const piecesOfHunks = new WeakMap<FoundHunk, ReadonlyMap<number, readonly RowPiece[]>>();

function piecesOf(hunk: FoundHunk): ReadonlyMap<number, readonly RowPiece[]> {
  const known = piecesOfHunks.get(hunk);
  if (known) return known;
  const pieces = new Map(
    splitRows(hunk).flatMap((row): [number, readonly RowPiece[]][] =>
      row.kind === "line" ? [[row.bodyLine, row.pieces]] : [],
    ),
  );
  piecesOfHunks.set(hunk, pieces);
  return pieces;
}

/** @source docs on threats, 3: a line of 30 MB must not become a page of 30 MB. */
export function shortened(line: string): Markup {
  if (line.length <= lineUnitsMax) return text(line);
  return markup`${text(line.slice(0, lineUnitsMax))}<span class="tok">${line.length - lineUnitsMax} more characters in the raw mail</span>`;
}

function remarksAt(line: HunkLine, part: Part, placed: Set<Remark>): Markup {
  const here = remarksOf(part).filter((remark) => !placed.has(remark) && answers(remark, line));
  for (const remark of here) placed.add(remark);
  return here.length === 0 ? nothing : markup`${here.map((remark) => remarkRow(remark, part))}`;
}

function remarksOf({ margin, messageIdText }: Part): readonly Remark[] {
  const mailed = margin.remarks.filter((remark) => remark.messageIdText !== messageIdText);
  const made = [...margin.comments, ...margin.withdrawn];
  return [...mailed, ...made.sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime())];
}

function answers(remark: Remark, line: HunkLine): boolean {
  if (remark.side === "old") return remark.oldLine !== null && line.oldLine === remark.oldLine && line.kind !== "+";
  return remark.newLine !== null && line.newLine === remark.newLine && line.kind !== "-";
}

/** Remarks on the hunk as a whole, or on a line that no part of it has. */
function unplaced(part: Part): readonly Markup[] {
  return remarksOf(part)
    .filter((remark) => !part.hunk.lines.some((line) => answers(remark, line)))
    .map((remark) => remarkRow(remark, part));
}

function remarkRow(remark: Remark, part: Part): Markup {
  return markup`<tr class="r"><td colspan="3"><div class="remark">${remarkMarkup(remark, part)}</div>`;
}

function remarkMarkup(remark: Remark, { actions }: Part): Markup {
  if ("kind" in remark) return withdrawnMarkup(remark);
  if (!("authorName" in remark)) return mailedMarkup(remark);
  return markup`${commentHead(remark)}${remarkText(remark.text)}${commentActs(remark, actions)}`;
}

function mailedMarkup(remark: MailedRemark): Markup {
  const method = `, placed: ${remark.method}`;
  return markup`<p class="remark-head"><b>${text(remark.fromName)}</b> <a href="${messagePath(remark.messageIdText)}">by mail</a><span class="soft">${method}</span></p>${remarkText(remark.text)}`;
}

const openLinesMax = 12;

/** Long remarks open on demand; their mail is one click away. */
function remarkText(given: string): Markup {
  const body = given.replace(/\n{3,}/g, "\n\n");
  const lines = body.split("\n");
  if (lines.length <= openLinesMax) return markup`<div class="remark-text">${text(body)}</div>`;
  const head = lines.slice(0, 3).join("\n");
  const tail = lines.slice(3).join("\n");
  return markup`<div class="remark-text">${text(head)}</div><details><summary>${lines.length - 3} more lines</summary><div class="remark-text">${text(tail)}</div></details>`;
}
