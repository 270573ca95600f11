/**
 * A hunk as rows of a unified table: both line numbers, the kind, and the text in pieces. Inside a pair of a deleted and
 * an added line the words that differ are marked, and characters that hide or reorder text are pieces of their own, so
 * that a page can show them (CVE-2021-42574, "Trojan Source").
 */
import { diffWordsWithSpace } from "diff";
import type { FoundHunk, HunkLine } from "./found-diff.ts";

export type RowPiece =
  | { readonly kind: "text"; readonly text: string; readonly changed: boolean }
  /** An invisible or reordering character: its code point as U+XXXX, to be drawn, never emitted raw. */
  | { readonly kind: "hidden"; readonly codePoint: string; readonly name: string };

export type DiffRow =
  | {
      readonly kind: "line";
      readonly marker: HunkLine["kind"];
      readonly oldLine: number | null;
      readonly newLine: number | null;
      readonly bodyLine: number;
      readonly pieces: readonly RowPiece[];
    }
  | { readonly kind: "gap"; readonly mark: string };

/** Longer lines get no word marks: nobody reads them word by word, and the word diff is quadratic. */
const WORD_DIFF_LENGTH_MAX = 400;
/** Below this share of equal text, marks inside the lines say less than the lines themselves. */
const EQUAL_SHARE_MIN = 0.35;

/** The rows of a hunk in order, gaps where lines were elided. Never throws; linear but for short lines' words. */
export function splitRows(hunk: Pick<FoundHunk, "lines" | "gaps">): readonly DiffRow[] {
  const partners = pairChangedLines(hunk.lines);
  const rows: DiffRow[] = [];
  hunk.lines.forEach((line, at) => {
    for (const gap of hunk.gaps) if (gap.before === at) rows.push({ kind: "gap", mark: gap.mark });
    const partner = partners.get(at);
    const partnerLine = partner === undefined ? undefined : hunk.lines[partner];
    rows.push({
      kind: "line",
      marker: line.kind,
      oldLine: line.oldLine,
      newLine: line.newLine,
      bodyLine: line.bodyLine,
      pieces: partnerLine === undefined ? piecesOf(line.text) : markedPieces(line, partnerLine),
    });
  });
  for (const gap of hunk.gaps) if (gap.before >= hunk.lines.length) rows.push({ kind: "gap", mark: gap.mark });
  return rows;
}

/** A run of deleted lines followed by as many added ones: the first belongs to the first. Other runs have no pairs. */
function pairChangedLines(lines: readonly HunkLine[]): ReadonlyMap<number, number> {
  const partners = new Map<number, number>();
  for (let at = 0; at < lines.length;) {
    let deleted = at;
    while (lines[deleted]?.kind === "-") deleted += 1;
    let added = deleted;
    while (lines[added]?.kind === "+") added += 1;
    const count = deleted - at;
    if (count > 0 && added - deleted === count) {
      for (let step = 0; step < count; step += 1) {
        partners.set(at + step, deleted + step);
        partners.set(deleted + step, at + step);
      }
    }
    at = Math.max(added, at + 1);
  }
  return partners;
}

function markedPieces(line: HunkLine, partner: HunkLine): readonly RowPiece[] {
  if (Math.max(line.text.length, partner.text.length) > WORD_DIFF_LENGTH_MAX) return piecesOf(line.text);
  const [before, after] = line.kind === "-" ? [line.text, partner.text] : [partner.text, line.text];
  const parts = diffWordsWithSpace(before, after);
  const equal = parts
    .filter((part) => !part.added && !part.removed)
    .reduce((sum, part) => sum + part.value.trim().length, 0);
  const longest = Math.max(before.trim().length, after.trim().length);
  if (longest === 0 || equal / longest < EQUAL_SHARE_MIN) return piecesOf(line.text);
  const mine = parts.filter((part) => (line.kind === "-" ? !part.added : !part.removed));
  const runs: { text: string; changed: boolean }[] = [];
  for (const part of mine) {
    const changed = part.added || part.removed;
    const last = runs.at(-1);
    if (last?.changed === changed) last.text += part.value;
    else runs.push({ text: part.value, changed });
  }
  return runs.flatMap((run) => piecesOf(run.text, { changed: run.changed }));
}

/** Marks, embeddings and overrides, isolates, zero widths, soft hyphen, BOM, language tags, and other controls but tab. */
const HIDDEN =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;

/** Splits a text at the characters that must be seen. Also for text that is no diff. */
export function piecesOf(text: string, options?: { changed: boolean }): readonly RowPiece[] {
  const changed = options?.changed ?? false;
  const pieces: RowPiece[] = [];
  let start = 0;
  for (const match of text.matchAll(HIDDEN)) {
    if (match.index > start) pieces.push({ kind: "text", text: text.slice(start, match.index), changed });
    pieces.push(hiddenPiece(match[0]));
    start = match.index + match[0].length;
  }
  if (start < text.length) pieces.push({ kind: "text", text: text.slice(start), changed });
  return pieces;
}

const NAMES: Readonly<Record<number, string>> = {
  0x00ad: "soft hyphen",
  0x061c: "Arabic letter mark",
  0x200b: "zero width space",
  0x200c: "zero width non-joiner",
  0x200d: "zero width joiner",
  0x200e: "left-to-right mark",
  0x200f: "right-to-left mark",
  0x202a: "left-to-right embedding",
  0x202b: "right-to-left embedding",
  0x202c: "pop directional formatting",
  0x202d: "left-to-right override",
  0x202e: "right-to-left override",
  0x2060: "word joiner",
  0x2066: "left-to-right isolate",
  0x2067: "right-to-left isolate",
  0x2068: "first strong isolate",
  0x2069: "pop directional isolate",
  0xfeff: "byte order mark",
};

function hiddenPiece(character: string): RowPiece {
  const code = character.codePointAt(0) ?? 0;
  const codePoint = `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
  const name =
    NAMES[code] ?? (code >= 0xe0000 ? "tag character" : code < 0xa0 ? "control character" : "invisible character");
  return { kind: "hidden", codePoint, name };
}
