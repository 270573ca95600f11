/**
 * Subsets of hunk switches by name: `{LOCK_ALWAYS, RECHECK_GONE}`, the empty one `{}`. An ablation runs each as if it were
 * a variant, so its label stands where a variant's name does; no variant's name has a brace.
 */

/** The one label of a subset: names in alphabetical order, so that equal sets have equal labels. */
export function subsetLabel(switches: readonly string[]): string {
  return `{${[...new Set(switches)].sort().join(", ")}}`;
}

export function isSubsetLabel(text: string): boolean {
  return /^\{[A-Za-z0-9_, \t]*\}$/.test(text);
}

/** The switches of `{A, B}` as people write it (blanks or commas between, any order); null when it is no subset. */
export function readSubset(text: string): readonly string[] | null {
  const trimmed = text.trim();
  if (!isSubsetLabel(trimmed)) return null;
  const names = trimmed
    .slice(1, -1)
    .split(/[ \t,]+/)
    .filter((name) => name !== "");
  if (names.some((name) => !/^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(name))) return null;
  return [...new Set(names)].sort();
}

/** Most switches whose subsets are all run: 1,024 of them. Above it stands delta debugging. */
export const exhaustiveSwitchesMax = 10;

/**
 * Every subset, the empty one first, then by size, then in the order of the switches given. 2^n of them.
 *
 * @param switches at most `exhaustiveSwitchesMax`, each once
 */
export function allSubsets(switches: readonly string[]): readonly (readonly string[])[] {
  if (switches.length > exhaustiveSwitchesMax) throw new Error("assert: too many switches for all of their subsets");
  const subsets = Array.from({ length: 2 ** switches.length }, (_, bits) =>
    switches.filter((_name, index) => ((bits >> index) & 1) === 1),
  );
  const places = (subset: readonly string[]): string =>
    subset.map((name) => String.fromCharCode(switches.indexOf(name))).join("");
  return subsets
    .map((subset) => ({ subset, key: places(subset) }))
    .sort((a, b) => a.subset.length - b.subset.length || (a.key < b.key ? -1 : 1))
    .map(({ subset }) => subset);
}
