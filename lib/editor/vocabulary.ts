/** Words of the notebook file and of the scenario language, for completion and hover. */
import { vocabulary } from "#simulator";

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

/** The language's own table: the checker reads the same rows, so completion and compiler cannot disagree. */
const scenarioWords: readonly VocabularyEntry[] = vocabulary.map(({ name, signature, doc, kind }) => ({
  name,
  signature,
  doc,
  kind: kind === "primitive" || kind === "macro" ? "function" : "word",
}));

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
