/** What a comparison of many programs consisted of, as a table, and whether that is enough to count as evidence. */
import type { ViolationClass } from "../explore/classes.ts";
import type { Difference, TwinReport } from "./twins.ts";

/** What a whole run must consist of. */
export const bars = {
  programs: 2_000,
  violatedShare: 0.25,
  /** Programs of each of these classes. */
  eachClass: 50,
  classes: ["assertion", "deadlock", "data-race", "use-after-free", "lock-leak", "livelock"] satisfies ViolationClass[],
  /** More than this many unreduced states in at least half of the programs. */
  medianStates: 1_000,
  /** Programs with each word of the language. */
  eachWord: 20,
} as const;

/** A number of an ascending list, by its share of the way. */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.floor(share * Math.max(0, sorted.length - 1))] ?? 0;
}

const byCount = (table: Readonly<Record<string, number>>): readonly [string, number][] =>
  Object.entries(table).sort((one, other) => one[1] - other[1] || (one[0] < other[0] ? -1 : 1));

const sorted = (numbers: readonly number[]): readonly number[] => numbers.toSorted((one, other) => one - other);

/** The bars that a report misses, each as a sentence; none when it is evidence. */
export function missedBars(report: TwinReport): readonly string[] {
  const programs = report.states.length;
  const median = quantile(sorted(report.states), 0.5);
  const few = byCount(report.words).filter(([, times]) => times < bars.eachWord);
  const missing = [
    programs < bars.programs ? `${String(programs)} programs, not ${String(bars.programs)}` : null,
    report.violated < bars.violatedShare * programs ? `${String(report.violated)} violated: less than a quarter` : null,
    median <= bars.medianStates ? `median of ${String(median)} states, not above ${String(bars.medianStates)}` : null,
    ...bars.classes.map((name) => {
      const times = report.classes[name] ?? 0;
      return times < bars.eachClass ? `${name} ${String(times)} times, not ${String(bars.eachClass)}` : null;
    }),
    ...few.map(([word, times]) => `${word} in ${String(times)} programs, not ${String(bars.eachWord)}`),
  ];
  return missing.filter((line) => line !== null);
}

/** Columns of equal width, as many as fit 120 characters. */
function inColumns(entries: readonly (readonly [string, number])[]): readonly string[] {
  const texts = entries.map(([name, times]) => `${String(times).padStart(6)} ${name}`);
  const width = Math.max(...texts.map((text) => text.length)) + 2;
  const perLine = Math.max(1, Math.floor(120 / width));
  return Array.from({ length: Math.ceil(texts.length / perLine) }, (_, row) =>
    texts
      .slice(row * perLine, (row + 1) * perLine)
      .map((text) => text.padEnd(width))
      .join("")
      .trimEnd(),
  );
}

/** The table: what was compared, how large, how often which class and word. `words` bounds how many words are listed. */
export function twinTable(report: TwinReport, options: { readonly words: number; readonly seconds: number }): string {
  const programs = report.states.length;
  const states = sorted(report.states);
  const share = programs === 0 ? 0 : (100 * report.violated) / programs;
  const leftOut = byCount(report.leftOut).map(([reason, times]) => `${String(times)} ${reason}`);
  const words = byCount(report.words);
  return [
    `seeds ${report.seeds.join(" ")}`,
    `${String(programs)} programs in ${options.seconds.toFixed(0)} s, ${String(report.violated)} violated (${share.toFixed(1)} %)`,
    `drawn and left out: ${leftOut.join(", ") || "none"}`,
    `unreduced states: ${["least", "quartile", "median", "quartile", "most"].map((name, at) => `${name} ${String(quantile(states, at / 4))}`).join(", ")}`,
    "classes:",
    ...inColumns(byCount(report.classes).toReversed()),
    "compared with the naive explorer, by reductions:",
    ...inColumns(byCount(report.compared).toReversed()),
    `programs by word of the language, fewest first${options.words < words.length ? ` (${String(options.words)} of ${String(words.length)})` : ""}:`,
    ...inColumns(words.slice(0, options.words)),
  ].join("\n");
}

/** A difference with everything that is needed to see it again. */
export function tellDifference({ reductions, expected, actual, text }: Difference): string {
  return `with ${reductions === "" ? "none" : reductions}: expected ${expected}, got ${actual}, in\n${text}`;
}

const sum = (
  one: Readonly<Record<string, number>>,
  other: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> => {
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return Object.fromEntries(names.map((name) => [name, (one[name] ?? 0) + (other[name] ?? 0)]));
};

/** Reports of several threads as one. */
export function joinReports(reports: readonly TwinReport[]): TwinReport {
  const empty: TwinReport = {
    seeds: [],
    states: [],
    violated: 0,
    classes: {},
    words: {},
    compared: {},
    leftOut: {},
    differences: [],
  };
  return reports.reduce(
    (all, each) => ({
      seeds: [...all.seeds, ...each.seeds],
      states: [...all.states, ...each.states],
      violated: all.violated + each.violated,
      classes: sum(all.classes, each.classes),
      words: sum(all.words, each.words),
      compared: sum(all.compared, each.compared),
      leftOut: sum(all.leftOut, each.leftOut),
      differences: [...all.differences, ...each.differences],
    }),
    empty,
  );
}
