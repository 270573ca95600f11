/**
 * Quote marks at the head of a line: how many there are, and what stands behind them.
 *
 * A mark is `>`, or `|` after a `>` (or anywhere in a block that quotes with `|`); up to three blanks may stand before
 * the first mark and one between two marks, so ">>" and "> >" both count two. One blank after the last mark separates it
 * from the text; further blanks are text. Every scan is one pass over the marks.
 */

/** Beyond this many marks a line is drawn by hand or by an attacker; deeper ones are text. */
export const QUOTE_DEPTH_MAX = 100;

const LEADING_BLANKS_MAX = 3;

export interface QuoteMarks {
  readonly depth: number;
  /** Where the text begins when the blank after the last mark is text (as in ">+foo" styles). */
  readonly marksEnd: number;
  /** Where the text begins when the blank after the last mark separates. */
  readonly textStart: number;
}

/** Counts the marks of one line, at most `depthMax` of them. */
export function scanQuoteMarks(raw: string, options?: { pipes?: boolean; depthMax?: number }): QuoteMarks {
  const depthMax = options?.depthMax ?? QUOTE_DEPTH_MAX;
  const pipesFirst = options?.pipes ?? false;
  let position = 0;
  while (position < LEADING_BLANKS_MAX && raw[position] === " ") position += 1;
  let depth = 0;
  let marksEnd = 0;
  while (depth < depthMax) {
    const candidate = depth > 0 && raw[position] === " " ? position + 1 : position;
    const mark = raw[candidate];
    const counts = mark === ">" || (mark === "|" && (depth > 0 || pipesFirst));
    if (!counts) break;
    depth += 1;
    marksEnd = candidate + 1;
    position = marksEnd;
  }
  return { depth, marksEnd, textStart: depth > 0 && raw[marksEnd] === " " ? marksEnd + 1 : marksEnd };
}

/**
 * The text behind exactly `depth` marks, or null when the line has fewer. `separated` says whether a blank after the
 * last mark belongs to the marks: a diff that was quoted as ">+foo" has none to give away.
 */
export function textBehindMarks(
  raw: string,
  options: { depth: number; separated: boolean; pipes: boolean },
): string | null {
  if (options.depth === 0) return raw;
  const marks = scanQuoteMarks(raw, { pipes: options.pipes, depthMax: options.depth });
  if (marks.depth < options.depth) return null;
  return raw.slice(options.separated ? marks.textStart : marks.marksEnd);
}
