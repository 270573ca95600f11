/** "Did you mean", in the words of a notebook's diagnostics. */
import { nearestName } from "#simulator";

/** Longest list that is printed where nothing is near. */
const listedMax = 12;

/** The candidate nearest to a misspelt word, letter case ignored; null when none is near enough to be meant. */
export function nearestWord(word: string, candidates: readonly string[]): string | null {
  const folded = new Map(candidates.map((candidate) => [candidate.toLowerCase(), candidate]));
  const lower = word.toLowerCase();
  const nearest = folded.has(lower) ? lower : nearestName(lower, folded.keys());
  return nearest === null ? null : (folded.get(nearest) ?? null);
}

/** `; did you mean "x"?` or, when nothing is near, a list of all candidates when it is short. */
export function nearestHint(word: string, candidates: readonly string[]): string {
  const nearest = nearestWord(word, candidates);
  if (nearest !== null) return `; did you mean "${nearest}"?`;
  if (candidates.length === 0 || candidates.length > listedMax) return "";
  return `; known: ${candidates.join(", ")}`;
}
