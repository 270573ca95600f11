/**
 * What makes two hunks the same hunk, in another version or another mail:
 * H1  path and all lines without white space: nothing but numbers may differ;
 * H2  path and the changed lines only: the context may differ;
 * H3  path, the function of the heading, and changed lines at least half of which are equal.
 *
 * Equal hunks of one file are told apart by their occurrence. Elided and corrupt hunks have keys too, but theirs speak of
 * the lines that stand there, not of the hunk as written.
 *
 * @source rule 5.8 of the document on mail and patches, measured on 3,438 hunks of 516 patch pairs.
 */
import { base32, sha256 } from "../hash.ts";
import type { HunkLine } from "./found-diff.ts";

const KEY_LENGTH = 26;

/** The part of a hunk that identity looks at. */
export interface IdentifiedHunk {
  readonly path: string;
  readonly heading: string;
  readonly lines: readonly Pick<HunkLine, "kind" | "text">[];
}

export interface HunkIdentity {
  readonly h1: string;
  readonly h2: string;
}

/**
 * H1 and H2 of the hunks of one patch, in order. The occurrence counts equal lines in equal files, so that the second of
 * two equal hunks has keys of its own.
 */
export function identifyHunks(hunks: readonly IdentifiedHunk[]): readonly HunkIdentity[] {
  const seen = new Map<string, number>();
  const keyOf = (kind: "h1" | "h2", path: string, text: string): string => {
    const name = `${kind}\0${path}\0${text}`;
    const ordinal = seen.get(name) ?? 0;
    seen.set(name, ordinal + 1);
    return base32(sha256(`${kind}/1\0${path}\0${ordinal}\0${text}`)).slice(0, KEY_LENGTH);
  };
  return hunks.map((hunk) => ({
    h1: keyOf("h1", hunk.path, bareLines(hunk.lines).join("\n")),
    h2: keyOf("h2", hunk.path, changedLines(hunk).join("\n")),
  }));
}

/** All lines without white space, markers kept, blank context lines too: a hunk is its lines in their order. */
function bareLines(lines: IdentifiedHunk["lines"]): string[] {
  return lines.filter((line) => line.kind !== "\\").map((line) => line.kind + withoutSpace(line.text));
}

/** The + and - lines without white space, in order. */
export function changedLines(hunk: Pick<IdentifiedHunk, "lines">): readonly string[] {
  return hunk.lines
    .filter((line) => line.kind === "+" || line.kind === "-")
    .map((line) => line.kind + withoutSpace(line.text));
}

function withoutSpace(text: string): string {
  return text.replace(/\s+/gu, "");
}

/** The function that a heading names, without its parameters and white space: "folio_referenced"; "" for none. */
export function functionOf(heading: string): string {
  const called = /([A-Za-z_][\w.]*)\s*\(/.exec(heading)?.[1];
  return called ?? heading.replace(/[\s{;]+/gu, "");
}

/** Jaccard similarity of two multisets of lines: shared over all; 1 for two empty ones. */
export function similarity(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 && b.length === 0) return 1;
  const counts = new Map<string, number>();
  for (const line of a) counts.set(line, (counts.get(line) ?? 0) + 1);
  let shared = 0;
  for (const line of b) {
    const left = counts.get(line) ?? 0;
    if (left === 0) continue;
    counts.set(line, left - 1);
    shared += 1;
  }
  return shared / (a.length + b.length - shared);
}
