/** A hunk while it is being read: what hunk-reader.ts fills line by line and indent-repair.ts mends at its end. */
import type { HunkHeader } from "./diff-grammar.ts";
import type { HunkGap, HunkLineKind, Repair } from "./found-diff.ts";

export interface DraftLine {
  kind: HunkLineKind;
  text: string;
  readonly bodyLine: number;
  /** Nothing at all stood behind the quote marks. */
  readonly bare: boolean;
  /** Bare and beside a reply: perhaps only a separator. */
  separator: boolean;
  /** Tails of wrapping that were joined to it. */
  joins: number;
}

export interface HunkDraft {
  readonly header: HunkHeader;
  readonly quoted: boolean;
  readonly bodyLineStart: number;
  headerText: string;
  headingJoins: number;
  oldLeft: number;
  newLeft: number;
  /** Counts no longer say where the hunk ends: after a gap, or when they contradict the lines. */
  counting: "sure" | "gap" | "contradicted";
  lines: DraftLine[];
  readonly raws: string[];
  readonly gaps: HunkGap[];
  repairs: Repair[];
  interruptions: number;
  /** How many of the lines may be separators. */
  separators: number;
  /** A reply stood directly before the next line. */
  resumed: boolean;
  /** An elision mark stood, alone, among the lines of smaller depth since the last line. */
  pendingGap: { readonly text: string; readonly bodyLine: number } | null;
  /** The line before was empty: what follows it without a marker is another paragraph, not damage. */
  afterEmpty: boolean;
  lastBodyLine: number;
}
