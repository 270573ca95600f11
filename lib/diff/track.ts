/**
 * Follows hunks from one version of a patch to the next: same, moved, changed, split, dropped, new.
 *
 * Pairs are taken from sure to unsure, and each hunk is used once: H1, then H2, then H3 by falling similarity. What is
 * left over on the old side is looked for in pieces (split) and in several old hunks at once (merged); a function of the
 * same name alone joins nothing: it is handed to a person as a question.
 *
 * Time: hunks are compared within one path only, and similarity only among those that H1 and H2 left over.
 */
import { changedLines, functionOf, identifyHunks, similarity, type IdentifiedHunk } from "./identity.ts";

export interface TrackedHunk extends IdentifiedHunk {
  readonly oldStart: number;
  /** Path before a rename; equal to `path` otherwise. */
  readonly oldPath: string;
}

export type TrackState =
  /** Equal in all lines, at the same place in the old file. */
  | "same"
  /** Equal in all changed lines; position or context differ. */
  | "moved"
  /** The same function, changed lines alike. */
  | "changed"
  /** Part of the old hunk's lines, or several old hunks in one. */
  | "split"
  | "dropped"
  | "new";

export type TrackMethod = "h1" | "h2" | "h3" | "lines" | "function" | "none";

export interface HunkPair {
  /** Index into the older version's hunks, or null for a new one. */
  readonly older: number | null;
  readonly newer: number | null;
  readonly state: TrackState;
  readonly method: TrackMethod;
  /** 0 to 1: similarity of the changed lines. */
  readonly score: number;
  /** Only the function's name agrees: a person has to say whether it is the same. Both hunks also appear as dropped and new. */
  readonly question?: boolean;
}

const H3_SIMILARITY_MIN = 0.5;
/** A piece of a split hunk holds at least this share of its own changed lines in common with the whole. */
const PIECE_SHARE_MIN = 0.7;
/** Fewer lines, or shorter ones, stand in any hunk: "return -EINVAL;" is no trace. */
const PIECE_LINES_MIN = 3;
const PIECE_LINE_LENGTH_MIN = 10;
/** Comparing every leftover with every other stops here; a patch of more leftovers is another patch. */
const LEFTOVERS_MAX = 400;

interface Tracking {
  readonly older: readonly TrackedHunk[];
  readonly newer: readonly TrackedHunk[];
  readonly pairs: HunkPair[];
  readonly olderLeft: Set<number>;
  readonly newerLeft: Set<number>;
}

/** Pairs the hunks of two versions of one patch (or of two whole series: paths keep them apart). */
export function trackHunks(older: readonly TrackedHunk[], newer: readonly TrackedHunk[]): readonly HunkPair[] {
  const tracking: Tracking = {
    older,
    newer,
    pairs: [],
    olderLeft: new Set(older.keys()),
    newerLeft: new Set(newer.keys()),
  };
  pairByKey(tracking, "h1");
  pairByKey(tracking, "h2");
  pairBySimilarity(tracking);
  pairPieces(tracking);
  askByFunction(tracking);
  for (const at of tracking.olderLeft)
    tracking.pairs.push({ older: at, newer: null, state: "dropped", method: "none", score: 0 });
  for (const at of tracking.newerLeft)
    tracking.pairs.push({ older: null, newer: at, state: "new", method: "none", score: 0 });
  return tracking.pairs.sort(inOrder);
}

function inOrder(a: HunkPair, b: HunkPair): number {
  const last = Number.MAX_SAFE_INTEGER;
  return (a.older ?? last) - (b.older ?? last) || (a.newer ?? last) - (b.newer ?? last);
}

function pairByKey(tracking: Tracking, key: "h1" | "h2"): void {
  const identities = identifyHunks(tracking.newer);
  const places = new Map<string, number>();
  identities.forEach((identity, at) => {
    if (tracking.newerLeft.has(at)) places.set(identity[key], at);
  });
  identifyHunks(tracking.older).forEach((identity, at) => {
    const found = tracking.olderLeft.has(at) ? places.get(identity[key]) : undefined;
    if (found === undefined || !tracking.newerLeft.has(found)) return;
    const still = key === "h1" && tracking.older[at]?.oldStart === tracking.newer[found]?.oldStart;
    join(tracking, { older: at, newer: found, state: still ? "same" : "moved", method: key, score: 1 });
  });
}

function join(tracking: Tracking, pair: HunkPair & { older: number; newer: number }): void {
  tracking.pairs.push(pair);
  tracking.olderLeft.delete(pair.older);
  tracking.newerLeft.delete(pair.newer);
}

function samePath(a: TrackedHunk, b: TrackedHunk): boolean {
  return a.path === b.path || a.path === b.oldPath || a.oldPath === b.path;
}

interface Candidate {
  readonly older: number;
  readonly newer: number;
  readonly score: number;
  readonly sameFunction: boolean;
  readonly distance: number;
}

/** H3, and the same across a rename: the best pair first, so that a good partner is not taken by a worse one. */
function pairBySimilarity(tracking: Tracking): void {
  const candidates = leftoverPairs(tracking).filter((one) => one.score >= H3_SIMILARITY_MIN);
  candidates.sort(
    (a, b) =>
      Number(b.sameFunction) - Number(a.sameFunction) ||
      b.score - a.score ||
      a.distance - b.distance ||
      a.older - b.older,
  );
  for (const one of candidates) {
    if (!tracking.olderLeft.has(one.older) || !tracking.newerLeft.has(one.newer)) continue;
    join(tracking, {
      ...pairOf(one),
      state: one.score === 1 ? "moved" : "changed",
      method: one.sameFunction ? "h3" : "lines",
    });
  }
}

function pairOf({ older, newer, score }: Candidate): { older: number; newer: number; score: number } {
  return { older, newer, score };
}

function leftoverPairs(tracking: Tracking): Candidate[] {
  const found: Candidate[] = [];
  if (tracking.olderLeft.size > LEFTOVERS_MAX || tracking.newerLeft.size > LEFTOVERS_MAX) return found;
  for (const older of tracking.olderLeft) {
    const a = tracking.older[older];
    if (a === undefined) continue;
    for (const newer of tracking.newerLeft) {
      const b = tracking.newer[newer];
      if (b === undefined || !samePath(a, b)) continue;
      const score = similarity(changedLines(a), changedLines(b));
      const sameFunction = functionOf(a.heading) === functionOf(b.heading);
      found.push({ older, newer, score, sameFunction, distance: Math.abs(a.oldStart - b.oldStart) });
    }
  }
  return found;
}

/** An old hunk whose lines stand in several new ones, or a new one that holds several old ones. */
function pairPieces(tracking: Tracking): void {
  const taken = [...tracking.pairs];
  for (const newer of [...tracking.newerLeft]) {
    const whole = bestWhole(tracking, {
      newer,
      older: [...tracking.olderLeft, ...taken.flatMap((one) => one.older ?? [])],
    });
    if (whole === null) continue;
    tracking.pairs.push({ older: whole.at, newer, state: "split", method: "lines", score: whole.share });
    tracking.newerLeft.delete(newer);
    tracking.olderLeft.delete(whole.at);
  }
  for (const older of [...tracking.olderLeft]) {
    const piece = tracking.older[older];
    if (piece === undefined) continue;
    const shares = taken.map((one) => {
      const whole = one.newer === null ? undefined : tracking.newer[one.newer];
      return whole !== undefined && samePath(piece, whole) ? shareOf(piece, whole) : 0;
    });
    const share = shares.reduce((best, one) => Math.max(best, one), 0);
    const holder = taken[shares.indexOf(share)];
    if (holder === undefined || share < PIECE_SHARE_MIN) continue;
    tracking.pairs.push({ older, newer: holder.newer, state: "split", method: "lines", score: share });
    tracking.olderLeft.delete(older);
  }
}

function bestWhole(
  tracking: Tracking,
  { newer, older }: { newer: number; older: readonly number[] },
): { at: number; share: number } | null {
  const piece = tracking.newer[newer];
  if (piece === undefined || older.length > LEFTOVERS_MAX) return null;
  let best: { at: number; share: number } | null = null;
  for (const at of older) {
    const whole = tracking.older[at];
    if (whole === undefined || !samePath(whole, piece)) continue;
    const share = shareOf(piece, whole);
    if (share >= PIECE_SHARE_MIN && (best === null || share > best.share)) best = { at, share };
  }
  return best;
}

/** How much of the piece's changed text stands in the whole; lines that say nothing do not count. */
function shareOf(piece: TrackedHunk, whole: TrackedHunk): number {
  const lines = changedLines(piece).filter((line) => line.length > PIECE_LINE_LENGTH_MIN && /\w/.test(line));
  if (lines.length < PIECE_LINES_MIN) return 0;
  const there = new Set(changedLines(whole));
  return lines.filter((line) => there.has(line)).length / lines.length;
}

/** Same function, other lines: asked of the user, never joined. */
function askByFunction(tracking: Tracking): void {
  const candidates = leftoverPairs(tracking).filter((one) => one.sameFunction);
  candidates.sort((a, b) => b.score - a.score || a.distance - b.distance);
  const asked = new Set<string>();
  for (const one of candidates) {
    const heading = tracking.older[one.older]?.heading ?? "";
    if (functionOf(heading) === "" || asked.has(`o${one.older}`) || asked.has(`n${one.newer}`)) continue;
    asked.add(`o${one.older}`).add(`n${one.newer}`);
    tracking.pairs.push({ ...pairOf(one), state: "changed", method: "function", question: true });
  }
}
