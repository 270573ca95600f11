/**
 * What the diff reader finds in a mail: file diffs, formal or quoted, with every repair it made written down.
 * Body lines are 0-based; ranges are end-exclusive.
 */

export type FileDiffKind =
  | "modified"
  | "added"
  | "deleted"
  | "renamed"
  | "copied"
  | "mode"
  | "binary"
  /** `@@@`: shown, never anchored to, no hunks. */
  | "combined"
  /** A quoted hunk whose file header was cut off: both paths are "". */
  | "unknown";

export type HunkState =
  /** Every line that the counts promise is there, perhaps after repair. */
  | "complete"
  /** At most three context lines are missing at the end. */
  | "trimmed"
  /** Lines were left out: by an elision mark, or because the quote stops before the hunk does. */
  | "elided"
  /** The counts are wrong but the lines make a hunk: counts taken from the lines. */
  | "recounted"
  /** Something stands inside the hunk that is no diff line, or the numbers cannot be. */
  | "corrupt";

export type RepairKind =
  /** A wrapped @@ line was joined to its heading. */
  | "heading-joined"
  /** An empty line stood for a context line of one blank. */
  | "blank-context"
  /** A line wrapped by a mail program was joined to the line before. */
  | "wrap-joined"
  /** "[...]" and the like: lines are missing here, and numbers are unsure below. */
  | "elision"
  /** The quote ends, or the next header begins, with lines still due. */
  | "cut"
  /** Leading blanks were turned back into tabs; a guess, for display. */
  | "tabs-guessed"
  /** The same, and the parent's own text has these very lines. */
  | "tabs-confirmed"
  /** A blank that format=flowed stuffed before each context line was removed. */
  | "stuffed-blank"
  /** NBSP in the indentation became a blank. */
  | "nbsp"
  /** A context line had lost its marking blank. */
  | "marker-restored"
  /** An empty quoted line beside a reply was a separator, not context: the counts say so. */
  | "separator"
  /** The header's counts do not fit the lines, which were counted instead. */
  | "recount"
  /** A line that is no diff line ended the hunk. */
  | "broken"
  /** A wrapped `diff --git` line was joined. */
  | "header-joined";

export interface Repair {
  readonly kind: RepairKind;
  /** Line of the body where it was made. */
  readonly line: number;
  readonly detail: string;
}

export type HunkLineKind = " " | "+" | "-" | "\\";

export interface HunkLine {
  readonly kind: HunkLineKind;
  /** Behind the marker, repaired. */
  readonly text: string;
  readonly bodyLine: number;
  /** Numbers in the files, or null for the other side; unsure below a gap, see `Hunk.gaps`. */
  readonly oldLine: number | null;
  readonly newLine: number | null;
}

export interface HunkGap {
  /** The gap stands before the line of this index in `lines`. */
  readonly before: number;
  readonly bodyLine: number;
  /** The mark as written. */
  readonly mark: string;
}

export interface FoundHunk {
  /** Position in the file diff. */
  readonly ordinal: number;
  /** For hunkKey: 0, or 1.. for a further hunk of the same mail with equal path and oldStart. */
  readonly keyOrdinal: number;
  readonly key?: string;
  readonly oldStart: number;
  /** As sent, also where they are wrong. */
  readonly oldCount: number;
  readonly newStart: number;
  readonly newCount: number;
  /** The function that the @@ line names, joined when it was wrapped; "" for none. */
  readonly heading: string;
  /** As sent, quote marks removed, replies in between left out. */
  readonly raw: string;
  /** As it should be applied: one @@ line with counts that fit, then the repaired lines; LF at the end of each. */
  readonly repaired: string;
  readonly repairs: readonly Repair[];
  readonly state: HunkState;
  readonly lines: readonly HunkLine[];
  readonly gaps: readonly HunkGap[];
  /** Number of places at which a reply interrupts the hunk. */
  readonly interruptions: number;
  readonly bodyLineStart: number;
  readonly bodyLineEnd: number;
}

export interface FoundFileDiff {
  /** Position in the mail. */
  readonly ordinal: number;
  readonly quoteDepth: number;
  /** Without a/ and b/; "/dev/null" as it stands; "" when unknown. */
  readonly oldPath: string;
  readonly newPath: string;
  readonly kind: FileDiffKind;
  /** Header lines as they stand, repaired, without the hunks. */
  readonly header: readonly string[];
  readonly headerRepairs: readonly Repair[];
  readonly hunks: readonly FoundHunk[];
  readonly bodyLineStart: number;
  readonly bodyLineEnd: number;
}

/** The path that names the file: the new one, or the old one of a deleted file. */
export function pathOf(diff: Pick<FoundFileDiff, "oldPath" | "newPath">): string {
  return diff.newPath === "/dev/null" || diff.newPath === "" ? diff.oldPath : diff.newPath;
}
