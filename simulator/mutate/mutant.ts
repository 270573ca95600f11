/** What a mutant is, and how it is made out of a source. */
import { spanText, type SourceSet, type Span } from "../source/span.ts";
import type { Place } from "../trace/trace.ts";

export const mutantKinds = ["drop-lock", "drop-recheck", "swap-calls"] as const;
export type MutantKind = (typeof mutantKinds)[number];

/** Replaces the text from `start` up to `end`, UTF-16 offsets in the file of that name. */
export type MutantEdit = {
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
};

/** The program with one thing wrong. Its edits do not overlap. */
export type Mutant = {
  /** The same for the same source: kind, file, line and column. */
  readonly id: string;
  readonly kind: MutantKind;
  /** What is dropped or exchanged; the first of the two. */
  readonly place: Place;
  /** What is wrong, as a sentence without its end. */
  readonly text: string;
  readonly edits: readonly MutantEdit[];
};

/** Something that could have been a mutant, and why it is none. */
export type SkippedMutant = { readonly kind: MutantKind; readonly place: Place; readonly reason: string };

/** A mutant before its place is told. */
export type Draft =
  | {
      readonly outcome: "mutant";
      readonly kind: MutantKind;
      readonly span: Span;
      readonly text: string;
      readonly changes: readonly { readonly span: Span; readonly replacement: string }[];
    }
  | { readonly outcome: "skipped"; readonly kind: MutantKind; readonly span: Span; readonly reason: string };

/** Source text on one line. */
export function shortText(sources: SourceSet, span: Span): string {
  const text = spanText(sources, span).replace(/\s+/g, " ").trim();
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

export function spanKey(span: Span): string {
  return `${String(span.file)}:${String(span.start)}:${String(span.end)}`;
}

/** The text with the edits of one file made; they must not overlap. */
export function applyEdits(text: string, edits: readonly MutantEdit[]): string {
  let out = text;
  for (const edit of [...edits].sort((a, b) => b.start - a.start))
    out = out.slice(0, edit.start) + edit.replacement + out.slice(edit.end);
  return out;
}
