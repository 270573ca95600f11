import { describe, expect, it } from "vitest";
import { allSubsets, subsetLabel } from "../notebooks/switch-subset.ts";
import { ablationSentences, ablationTable, methodWords, noteLetter } from "./ablation-words.ts";
import { explainAblation, type AblationCell, type SubsetOutcome } from "./ablation.ts";

const switches = ["RECHECK_GONE", "LOCK_ALWAYS"];
const uaf: SubsetOutcome = { kind: "violated", violationClass: "use-after-free" };
const holds: SubsetOutcome = { kind: "holds" };

function cells(outcomeOf: (on: readonly string[]) => SubsetOutcome): readonly AblationCell[] {
  return allSubsets(switches).map((subset) => ({
    subset,
    outcome: outcomeOf(subset),
    notes: [{ text: "missed", state: subset.includes("LOCK_ALWAYS") ? "never" : "reached" }],
  }));
}

const founding = explainAblation(
  switches,
  cells((on) => (on.includes("RECHECK_GONE") && !on.includes("LOCK_ALWAYS") ? uaf : holds)),
);

describe("an ablation in words", () => {
  it("names cause, cure and where the note is reached", () => {
    expect(methodWords(founding)).toBe("all 4 subsets of 2 switches, each from scratch");
    expect(ablationSentences(founding)).toEqual([
      "Cause of use-after-free: {RECHECK_GONE}.",
      "Cure of use-after-free, added to {RECHECK_GONE}: {LOCK_ALWAYS}.",
      'Note "missed": reached exactly in the 2 subsets without LOCK_ALWAYS.',
    ]);
  });

  it("is a table that fits a mail", () => {
    const verdicts = new Map(founding.cells.map((cell) => [subsetLabel(cell.subset), cell.outcome.kind]));
    expect(ablationTable(founding, verdicts)).toEqual([
      "A = RECHECK_GONE",
      "B = LOCK_ALWAYS",
      "",
      "A B",
      ". .  holds  [a]",
      "x .  violated  [a]",
      ". x  holds",
      "x x  holds",
      "",
      '[a] reaches "missed"',
    ]);
  });

  it("says what is not decided, and never more than was found", () => {
    const open = explainAblation(
      switches,
      cells((on) => (on.length === 2 ? uaf : on.length === 1 ? { kind: "undecided", reason: "rejected" } : holds)),
    );
    expect(ablationSentences(open).slice(0, 3)).toEqual([
      "Cause of use-after-free: {LOCK_ALWAYS, RECHECK_GONE} (not decided below it: {RECHECK_GONE}, {LOCK_ALWAYS}).",
      "No cure of use-after-free: no switch is left to add to {LOCK_ALWAYS, RECHECK_GONE}.",
      "Not decided, and no ground for any conclusion: {RECHECK_GONE} rejected, {LOCK_ALWAYS} rejected.",
    ]);
    const nothing = explainAblation(
      switches,
      cells(() => ({ kind: "undecided", reason: "inconclusive" })),
    );
    expect(ablationSentences(nothing)[0]).toBe("No subset is decided.");
    expect(
      ablationSentences(
        explainAblation(
          switches,
          cells(() => holds),
        ),
      )[0],
    ).toBe("No subset that was decided is violated.");
  });

  it("calls a fault incurable only when everything that can be added was decided", () => {
    const stays = cells((on) => (on.includes("RECHECK_GONE") ? uaf : holds));
    expect(ablationSentences(explainAblation(switches, stays))[1]).toBe(
      "No cure of use-after-free: it stays whatever is added to {RECHECK_GONE}.",
    );
    expect(ablationSentences(explainAblation(switches, stays.slice(0, 3)))[1]).toBe(
      "No cure of use-after-free found: of what can be added to {RECHECK_GONE} not everything is decided.",
    );
  });

  it("says that a fault is there before any switch", () => {
    const always = explainAblation(
      switches,
      cells((on) => (on.includes("LOCK_ALWAYS") ? holds : uaf)),
    );
    expect(ablationSentences(always).slice(0, 2)).toEqual([
      "Cause of use-after-free: none of the switches; it is there without any of them.",
      "Cure of use-after-free, added to {}: {LOCK_ALWAYS}.",
    ]);
  });

  it("says how delta debugging is worth less", () => {
    const many = Array.from({ length: 12 }, (_, index) => `S${index}`);
    expect(methodWords(explainAblation(many, []))).toContain("delta debugging over 12 switches, 0 of 2^12 subsets");
  });

  it("has letters enough", () => {
    expect([0, 25, 26, 49].map(noteLetter)).toEqual(["a", "z", "aa", "ax"]);
  });
});
