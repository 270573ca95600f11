/**
 * Aligns the lines of a quote with the lines of the mail that is quoted: white space does not count, order does.
 *
 * Lines that stand once on either side and keep their order are fixed points (Cohen's patience diff); what lies between
 * two of them is aligned by dynamic programming that prefers runs of neighbours. Where two alignments are equally good
 * for a line, the pair says so. Segments too large for the table are filled from their ends inward, then left unaligned.
 */

export interface AlignedPair {
  /** Index into the target's lines. */
  readonly target: number;
  /** Another place fits equally well. */
  readonly ambiguous: boolean;
}

/** Cells of all tables of one alignment; beyond it lines stay unaligned, so that a hostile mail costs no more. */
const TABLE_CELLS_MAX = 2_000_000;

interface Alignment {
  readonly quoted: readonly string[];
  readonly target: readonly string[];
  readonly pairs: (AlignedPair | null)[];
  cellsLeft: number;
}

/** For each quoted line its place in the target, or null. Texts are compared as they are: normalise them first. */
export function alignLines(quoted: readonly string[], target: readonly string[]): readonly (AlignedPair | null)[] {
  const alignment: Alignment = { quoted, target, pairs: quoted.map(() => null), cellsLeft: TABLE_CELLS_MAX };
  const fixed = extendRuns(alignment, longestRising(uniquePairs(quoted, target)));
  let before = { q: -1, t: -1 };
  for (const point of [...fixed, { q: quoted.length, t: target.length }]) {
    fillSegment(alignment, { qStart: before.q + 1, qEnd: point.q, tStart: before.t + 1, tEnd: point.t });
    if (point.q < quoted.length) alignment.pairs[point.q] = { target: point.t, ambiguous: false };
    before = point;
  }
  return alignment.pairs;
}

interface Point {
  readonly q: number;
  readonly t: number;
}

/** Pairs of lines that stand exactly once on both sides, in the order of the quote. */
function uniquePairs(quoted: readonly string[], target: readonly string[]): Point[] {
  const inQuote = positionsOfUnique(quoted);
  const inTarget = positionsOfUnique(target);
  const found: Point[] = [];
  for (const [text, q] of inQuote) {
    const t = inTarget.get(text);
    if (t !== undefined && q >= 0 && t >= 0) found.push({ q, t });
  }
  return found.sort((a, b) => a.q - b.q);
}

/** Position of each text, or -1 when it stands more than once. */
function positionsOfUnique(texts: readonly string[]): Map<string, number> {
  const found = new Map<string, number>();
  texts.forEach((text, at) => found.set(text, found.has(text) ? -1 : at));
  return found;
}

/** The longest subsequence with rising target positions (patience sorting), in O(n log n). */
export function longestRising(points: readonly Point[]): Point[] {
  const tops: number[] = [];
  const previous: number[] = [];
  points.forEach((point, at) => {
    let low = 0;
    let high = tops.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const top = points[tops[middle] ?? 0];
      if (top !== undefined && top.t < point.t) low = middle + 1;
      else high = middle;
    }
    previous.push(low > 0 ? (tops[low - 1] ?? -1) : -1);
    tops[low] = at;
  });
  const chain: Point[] = [];
  for (let at = tops.at(-1) ?? -1; at >= 0; at = previous[at] ?? -1) {
    const point = points[at];
    if (point !== undefined) chain.push(point);
  }
  return chain.reverse();
}

/** Grows each fixed point up and down along equal neighbours: a run is one place, even if its lines stand elsewhere too. */
function extendRuns({ quoted, target }: Alignment, points: readonly Point[]): Point[] {
  const grown: Point[] = [];
  points.forEach((point, at) => {
    const last = grown.at(-1);
    if (last !== undefined && last.q >= point.q) return;
    const above: Point[] = [];
    for (let step = 1; ; step += 1) {
      const next = { q: point.q - step, t: point.t - step };
      const free = next.q > (last?.q ?? -1) && next.t > (last?.t ?? -1);
      if (!free || quoted[next.q] !== target[next.t]) break;
      above.push(next);
    }
    grown.push(...above.reverse(), point);
    const limit = points[at + 1];
    for (let step = 1; ; step += 1) {
      const next = { q: point.q + step, t: point.t + step };
      const free = next.q < (limit?.q ?? quoted.length) && next.t < (limit?.t ?? target.length);
      if (!free || quoted[next.q] !== target[next.t]) break;
      grown.push(next);
    }
  });
  return grown;
}

interface Segment {
  readonly qStart: number;
  readonly qEnd: number;
  readonly tStart: number;
  readonly tEnd: number;
}

function fillSegment(alignment: Alignment, segment: Segment): void {
  const rows = segment.qEnd - segment.qStart;
  const columns = segment.tEnd - segment.tStart;
  if (rows <= 0 || columns <= 0) return;
  const cells = (rows + 1) * (columns + 1);
  if (cells > alignment.cellsLeft) return;
  alignment.cellsLeft -= cells;
  const table = scoreTable(alignment, segment);
  const late = traceBack(segment, { table, prefer: "late" });
  const early = traceBack(segment, { table, prefer: "early" });
  for (let row = 0; row < rows; row += 1) {
    const target = late[row] ?? -1;
    if (target >= 0) alignment.pairs[segment.qStart + row] = { target, ambiguous: early[row] !== target };
  }
}

interface ScoreTable {
  /** Best score of the first r quoted and c target lines. */
  readonly best: Int32Array;
  /** Best score that ends with these two lines paired, or -1. */
  readonly paired: Int32Array;
}

const PAIR_SCORE = 2;
/** A pair directly below another pair is worth more: quotes come in runs. */
const NEIGHBOUR_SCORE = 3;

function scoreTable({ quoted, target }: Alignment, segment: Segment): ScoreTable {
  const rows = segment.qEnd - segment.qStart;
  const width = segment.tEnd - segment.tStart + 1;
  const best = new Int32Array((rows + 1) * width);
  const paired = new Int32Array((rows + 1) * width).fill(-1);
  for (let row = 1; row <= rows; row += 1) {
    const text = quoted[segment.qStart + row - 1];
    for (let column = 1; column < width; column += 1) {
      const at = row * width + column;
      const diagonal = at - width - 1;
      let value = Math.max(best[at - width] ?? 0, best[at - 1] ?? 0);
      if (text === target[segment.tStart + column - 1]) {
        const run = paired[diagonal] ?? -1;
        const score = Math.max((best[diagonal] ?? 0) + PAIR_SCORE, run >= 0 ? run + NEIGHBOUR_SCORE : 0);
        paired[at] = score;
        value = Math.max(value, score);
      }
      best[at] = value;
    }
  }
  return { best, paired };
}

/** Reads one best alignment from the table: the latest or the earliest places among equals. -1 = unaligned. */
function traceBack(segment: Segment, { table, prefer }: { table: ScoreTable; prefer: "late" | "early" }): number[] {
  const rows = segment.qEnd - segment.qStart;
  const width = segment.tEnd - segment.tStart + 1;
  const places = new Array<number>(rows).fill(-1);
  let row = rows;
  let column = width - 1;
  let inRun = false;
  while (row > 0 && column > 0) {
    const at = row * width + column;
    const here = table.best[at] ?? 0;
    const pairedHere = table.paired[at] ?? -1;
    const mayPair = inRun || pairedHere === here;
    const maySkip = !inRun && (table.best[at - 1] === here || table.best[at - width] === here);
    if (pairedHere >= 0 && mayPair && !(prefer === "early" && maySkip)) {
      places[row - 1] = segment.tStart + column - 1;
      const diagonal = at - width - 1;
      inRun = (table.paired[diagonal] ?? -1) >= 0 && (table.paired[diagonal] ?? -1) + NEIGHBOUR_SCORE === pairedHere;
      row -= 1;
      column -= 1;
    } else if (table.best[at - 1] === here) column -= 1;
    else row -= 1;
  }
  return places;
}
