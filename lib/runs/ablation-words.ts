/** What an ablation found, in sentences and as a table in 72 columns: one wording for the command, the pages and mail. */
import { subsetLabel } from "../notebooks/switch-subset.ts";
import { conditionOf, type Ablation, type AblationCell, type ClassFinding, type NoteFinding } from "./ablation.ts";

type Subsets = readonly (readonly string[])[];

/** Longest list of sets in a sentence; the table has them all. */
const listedMax = 8;

/** How many subsets were run, and what that is worth. */
export function methodWords(ablation: Ablation): string {
  const { switches, cells, method } = ablation;
  const total = 2 ** switches.length;
  switch (method) {
    case "exhaustive":
      return cells.length === total
        ? `all ${total} subsets of ${counted(switches.length, "switch", "switches")}, each from scratch`
        : `${cells.length} of ${total} subsets of ${counted(switches.length, "switch", "switches")}`;
    case "delta":
      return (
        `delta debugging over ${switches.length} switches, ${cells.length} of 2^${switches.length} subsets run: ` +
        "no single switch can be left out of a cause or a cure, but there may be others"
      );
  }
}

/** Causes, cures, what is not decided, and the notes: a sentence each. */
export function ablationSentences(ablation: Ablation): readonly string[] {
  const violated = ablation.findings.flatMap((finding) => [
    causeSentence(finding),
    ...cureSentences(finding, ablation.switches.length),
  ]);
  const decided = ablation.cells.filter((cell) => cell.outcome.kind !== "undecided").length;
  const none = decided === 0 ? "No subset is decided." : "No subset that was decided is violated.";
  return [
    ...(violated.length === 0 ? [none] : violated),
    ...undecidedSentences(ablation),
    ...ablation.notes.map((note) => noteSentence(note, ablation)),
  ];
}

function causeSentence({ violationClass, causes }: ClassFinding): string {
  const sets = causes.map((cause) => {
    const open = cause.undecided.length === 0 ? "" : ` (not decided below it: ${listed(cause.undecided)})`;
    const masked =
      cause.masked.length === 0 ? "" : ` (below it another class, which may hide this one: ${listed(cause.masked)})`;
    return `${subsetLabel(cause.subset)}${open}${masked}`;
  });
  const [only] = causes;
  if (causes.length === 1 && only?.subset.length === 0) {
    return `Cause of ${violationClass}: none of the switches; it is there without any of them.`;
  }
  return `${causes.length === 1 ? "Cause" : "Causes"} of ${violationClass}: ${sets.join("; ")}.`;
}

function cureSentences({ violationClass, causes, cures }: ClassFinding, count: number): readonly string[] {
  return causes.map((cause) => {
    const label = subsetLabel(cause.subset);
    const mine = cures.filter((cure) => subsetLabel(cure.cause) === label);
    if (mine.length === 0) {
      if (cause.subset.length === count) return `No cure of ${violationClass}: no switch is left to add to ${label}.`;
      return cause.isEverySupersetDecided
        ? `No cure of ${violationClass}: it stays whatever is added to ${label}.`
        : `No cure of ${violationClass} found: of what can be added to ${label} not everything is decided.`;
    }
    const words = mine.map((cure) => {
      const left = cure.leaves === "nothing" ? "" : ` (then ${cure.leaves.violationClass}, which may hide it)`;
      const open = cure.undecided.length === 0 ? "" : ` (smaller ones not decided: ${listed(cure.undecided)})`;
      return `${subsetLabel(cure.subset)}${left}${open}`;
    });
    return `${mine.length === 1 ? "Cure" : "Cures"} of ${violationClass}, added to ${label}: ${words.join("; ")}.`;
  });
}

function undecidedSentences({ cells, undecided }: Ablation): readonly string[] {
  if (undecided.length === 0) return [];
  const reasons = cells.flatMap(({ subset, outcome }) =>
    outcome.kind === "undecided" ? [`${subsetLabel(subset)} ${outcome.reason}`] : [],
  );
  return [`Not decided, and no ground for any conclusion: ${shortened(reasons)}.`];
}

function noteSentence(note: NoteFinding, ablation: Ablation): string {
  const quoted = `Note "${note.text}"`;
  const isComplete = note.unknown.length === 0 && ablation.cells.length === 2 ** ablation.switches.length;
  if (isComplete && note.reached.length === 0) return `${quoted}: reached in no subset.`;
  if (isComplete && note.never.length === 0) return `${quoted}: reached in every subset.`;
  const condition = isComplete ? conditionOf(note.reached, ablation.switches) : null;
  if (condition !== null) return `${quoted}: reached exactly in the ${subsetsWhere(note.reached.length, condition)}.`;
  const parts = [
    `reached${isComplete ? " exactly" : ""} in ${listed(note.reached)}`,
    ...(isComplete || note.never.length === 0 ? [] : [`never in ${listed(note.never)}`]),
    ...(note.unknown.length === 0 ? [] : [`not searched to the end in ${listed(note.unknown)}`]),
  ];
  return `${quoted}: ${parts.join("; ")}.`;
}

function subsetsWhere(
  count: number,
  condition: { readonly with: readonly string[]; readonly without: readonly string[] },
): string {
  const parts = [
    ...(condition.with.length === 0 ? [] : [`with ${condition.with.join(" and ")}`]),
    ...(condition.without.length === 0 ? [] : [`without ${condition.without.join(" and ")}`]),
  ];
  return `${counted(count, "subset", "subsets")} ${parts.join(", ")}`;
}

function listed(subsets: Subsets): string {
  return subsets.length === 0 ? "none" : shortened(subsets.map(subsetLabel));
}

function shortened(words: readonly string[]): string {
  if (words.length <= listedMax) return words.join(", ");
  return `${words.slice(0, listedMax).join(", ")} and ${words.length - listedMax} more`;
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Which notes a cell reached, by the letter that stands for each: `a b?`; `?` where its search did not end. */
export function noteMarks(ablation: Ablation, cell: AblationCell): string {
  return ablation.notes
    .flatMap((note, index) => {
      const has = (subsets: Subsets): boolean => subsets.includes(cell.subset);
      if (has(note.reached)) return [noteLetter(index)];
      return has(note.unknown) ? [`${noteLetter(index)}?`] : [];
    })
    .join(" ");
}

/** What `?` behind a note's letter means. */
export const unknownNoteWords = "?: not reached before the search of that subset ended, and perhaps later";

/** a, b .. z, aa, ab ... */
export function noteLetter(index: number): string {
  const letter = String.fromCharCode(97 + (index % 26));
  return index < 26 ? letter : `${noteLetter(Math.floor(index / 26) - 1)}${letter}`;
}

/**
 * The subsets as a table in text: a column for each switch under a capital letter, `x` where it is on.
 *
 * @param verdicts what to say of each subset, by its label
 */
export function ablationTable(ablation: Ablation, verdicts: ReadonlyMap<string, string>): readonly string[] {
  const letters = ablation.switches.map((_name, index) => noteLetter(index).toUpperCase());
  const legend = ablation.switches.map((name, index) => `${letters[index] ?? ""} = ${name}`);
  const rows = ablation.cells.map((cell) => {
    const marks = ablation.switches.map((name, index) =>
      (cell.subset.includes(name) ? "x" : ".").padEnd(letters[index]?.length ?? 1),
    );
    const words = verdicts.get(subsetLabel(cell.subset)) ?? "";
    const notes = noteMarks(ablation, cell);
    return `${marks.join(" ")}  ${notes === "" ? words : `${words}  [${notes}]`}`;
  });
  const notes = ablation.notes.map((note, index) => `[${noteLetter(index)}] reaches "${note.text}"`);
  if (ablation.notes.some((note) => note.unknown.length > 0)) notes.push(unknownNoteWords);
  return [...legend, "", letters.join(" "), ...rows, ...(notes.length === 0 ? [] : ["", ...notes])];
}
