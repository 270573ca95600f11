/** "Did you mean": the candidate nearest to a misspelt word. */

/** Longest word that is compared; the distance is quadratic in it. */
const wordUnitsMax = 40;

/**
 * The candidate with the smallest edit distance, when it is near enough to be meant: at most a third of the word's
 * length, at least one, letter case ignored. Null when none is.
 */
export function nearestName(word: string, candidates: readonly string[]): string | null {
  if (word.length > wordUnitsMax) return null;
  let best: { readonly name: string; readonly distance: number } | null = null;
  for (const name of candidates) {
    if (name.length > wordUnitsMax) continue;
    const distance = editDistance(word.toLowerCase(), name.toLowerCase());
    if (best === null || distance < best.distance) best = { name, distance };
  }
  const allowed = Math.max(1, Math.floor(word.length / 3));
  return best !== null && best.distance <= allowed ? best.name : null;
}

/** `; did you mean "x"?` or, when nothing is near, a list of all candidates when it is short. */
export function nearestHint(word: string, candidates: readonly string[]): string {
  const nearest = nearestName(word, candidates);
  if (nearest !== null) return `; did you mean "${nearest}"?`;
  if (candidates.length === 0 || candidates.length > 12) return "";
  return `; known: ${candidates.join(", ")}`;
}

/** Insertions, deletions, substitutions and swaps of neighbours that turn one word into the other. */
function editDistance(from: string, to: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const substituted = (previous[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      let cost = Math.min((previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1, substituted);
      const isSwap = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      if (isSwap) cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      current.push(cost);
    }
    before = previous;
    previous = current;
  }
  return previous[to.length] ?? 0;
}
