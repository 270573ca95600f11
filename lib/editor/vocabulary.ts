/** Words of the notebook file and of the scenario language, for completion and hover. */

export type VocabularyEntry = {
  readonly name: string;
  readonly signature: string;
  readonly doc: string;
  readonly kind: "word" | "function";
};

const word = (name: string, signature: string, doc: string): VocabularyEntry => ({
  name,
  signature,
  doc,
  kind: "word",
});

/** Words of blocks other than scenarios. @source docs/notebook-format.md */
const blockWords: Readonly<Record<string, readonly VocabularyEntry[]>> = {
  hunkbook: [
    word("format:", "format: hunkbook/1", "Version of the file format."),
    word("lang:", "lang: scn/1", "Version of the scenario language."),
    word("about:", "about: <message-id>", "The mail that the notebook is about; it is attached there."),
    word("patch:", 'patch: n/m path "function"', "The patch, file and function that it is about."),
  ],
  run: [
    word("check", "check VARIANT...", "Explores every interleaving of the scenario in each variant."),
    word("limit", "limit states=5e6 memory=1g time=30s", "Bounds; reaching states or memory is inconclusive."),
  ],
  expect: [
    word("holds", "RUN: VARIANT holds", "The search was exhaustive and found nothing."),
    word("violated", "RUN: VARIANT violated CLASS", "A violation, of this class when one is named."),
    word("inconclusive", "RUN: VARIANT inconclusive LIMIT", "A bound was reached first."),
  ],
  variant: [
    word("base", "NAME = base", "Nothing applied."),
    word("extends", "NAME = extends OTHER ...", "Everything that OTHER sets, and more."),
    word("apply", "NAME = apply 2/5", "The hunks of patch 2 of 5."),
  ],
  claim: [word("needs", "needs RUN: PREDICATE", "What must hold for the quoted sentence to be supported.")],
};

const scenarioWords: readonly VocabularyEntry[] = [
  word("task", "task name[COUNT] { ... }", "A task; COUNT instances run at once. `me` is the instance's number."),
  word("init", "init { ... }", "Runs before any task, alone."),
  word("always", "always(condition)", "Must be true in every reachable state."),
  word("sometimes", 'sometimes(condition, "text")', "Must be reached in some interleaving."),
  word("finally", "finally(condition)", "Must be true when every task has ended."),
  word("assert", 'assert(condition, "text")', "Must be true whenever it is reached."),
  word("note", 'note("text")', "Not an error: says whether it was reached, with the shortest way there."),
  word("atomic", "atomic { ... }", "One indivisible step; the verdict says that it was assumed."),
  word("await", "await(condition)", "Goes on when the condition is true, and looks and goes on in one step."),
  word("choose", "choose(n)", "Any of 0 .. n-1; every choice is explored."),
  word("forever", "forever { ... }", "A body that never ends; idle at its head."),
];

/** What may be written in this kind of block. */
export function completionsFor(blockKind: string | null): readonly VocabularyEntry[] {
  if (blockKind === null) return [];
  return blockKind === "scn" ? scenarioWords : (blockWords[blockKind] ?? []);
}

/** What a word means, null for names of the notebook's own. */
export function describeWord(name: string): VocabularyEntry | null {
  const all = [...scenarioWords, ...Object.values(blockWords).flat()];
  return all.find((entry) => entry.name.replace(/:$/, "") === name) ?? null;
}
