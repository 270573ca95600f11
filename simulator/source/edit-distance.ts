/** Did-you-mean. */

/** Names longer than this are not compared: nobody mistypes them by accident, and the cost is quadratic. */
const nameUnitsMax = 64;
/** Candidates that are compared letter by letter for one name, the first of those that have nearly the same letters. */
const comparedMax = 64;

/**
 * The candidate nearest to a mistyped name, or null when none is near enough (a third of its letters, at most 3 edits, so never for names of one or two letters).
 * Of equally near ones the first in the given order wins. O(candidates * length + length^2).
 */
export function nearestName(name: string, candidates: Iterable<string>): string | null {
  if (name.length > nameUnitsMax) return null;
  let best: string | null = null;
  let bestDistance = Math.min(3, Math.floor(name.length / 3)) + 1;
  const letters = lettersOf(name);
  let compared = 0;
  for (const candidate of candidates) {
    if (candidate === name || Math.abs(candidate.length - name.length) >= bestDistance) continue;
    // An edit changes at most two of the letters that occur: one goes, one comes.
    if (bitsIn(letters ^ lettersOf(candidate)) > 2 * (bestDistance - 1)) continue;
    compared += 1;
    if (compared > comparedMax) break;
    const distance = distanceUpTo(name, candidate, bestDistance - 1);
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** Which characters occur, as bits: equal for equal sets of characters. */
function lettersOf(name: string): number {
  let letters = 0;
  for (let at = 0; at < name.length; at++) letters |= 1 << (name.charCodeAt(at) & 31);
  return letters;
}

function bitsIn(word: number): number {
  let bits = 0;
  for (let rest = word; rest !== 0; rest &= rest - 1) bits += 1;
  return bits;
}

/** Rows of distanceUpTo, used again: a text of errors asks for millions of distances. */
const rows = [0, 1, 2].map(() => new Int32Array(nameUnitsMax + 5));

/**
 * editDistance() of names of at most 64 letters, or a number above `most` when it is above. O(length * most): only cells
 * near the diagonal can be small. @source Ukkonen 1985
 */
export function distanceUpTo(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let [beforeLast, last, row] = rows as [Int32Array, Int32Array, Int32Array];
  for (let j = 0; j <= Math.min(b.length, most); j++) last[j] = j;
  last[Math.min(b.length, most) + 1] = most + 1;
  let leastLast = 0;
  for (let i = 1; i <= a.length; i++) {
    const [from, to] = [Math.max(1, i - most), Math.min(b.length, i + most)];
    row[from - 1] = from === 1 ? Math.min(i, most + 1) : most + 1;
    let least = row[from - 1] ?? 0;
    for (let j = from; j <= to; j++) {
      const replaced = (last[j - 1] ?? 0) + (a.charCodeAt(i - 1) === b.charCodeAt(j - 1) ? 0 : 1);
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, replaced, most + 1);
      if (isSwapped(a, b, i, j)) cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      row[j] = cost;
      least = Math.min(least, cost);
    }
    row[to + 1] = most + 1;
    // Two neighbours that change places look back over a row.
    if (least > most && leastLast >= most) return most + 1;
    leastLast = least;
    [beforeLast, last, row] = [last, row, beforeLast];
  }
  return last[b.length] ?? 0;
}

function isSwapped(a: string, b: string, i: number, j: number): boolean {
  if (i < 2 || j < 2) return false;
  return a.charCodeAt(i - 1) === b.charCodeAt(j - 2) && a.charCodeAt(i - 2) === b.charCodeAt(j - 1);
}

/** Optimal string alignment distance (insert, delete, replace, swap of neighbours), capped by the longer length. */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a.charCodeAt(i - 1) === b.charCodeAt(j - 1);
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
