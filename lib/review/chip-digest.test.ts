import { expect, it } from "vitest";
import { digestChips, orderChips, type ChipRole, type MarginChip } from "./margin.ts";
import type { RunState } from "./verdict-words.ts";

const state = (change: Partial<RunState>): RunState => ({
  status: "finished",
  verdict: "holds",
  violationClass: null,
  steps: null,
  states: 10,
  limit: null,
  stopReason: null,
  ...change,
});

let ordinal = 0;
function chip(cellId: string, variant: string, role: ChipRole, change: Partial<RunState> = {}): MarginChip {
  ordinal += 1;
  return {
    askId: `ask-${cellId}`,
    ordinal,
    cellId,
    variant,
    runKey: `key-${String(ordinal)}`,
    notebookTitle: "A notebook",
    askedBy: "Hunkbook",
    askedAt: new Date(0),
    state: state(change),
    role,
    switchName: null,
    versionLabel: null,
    sameAs: null,
  };
}

const violated = { verdict: "violated", violationClass: "use-after-free", steps: 46 } as const;

it("says many results of a hunk by cell, by the hunk's part in them, and by outcome, what is violated first", () => {
  const chips = orderChips([
    chip("split", "mainline", "not-applied"),
    chip("race", "mainline", "not-applied"),
    chip("race", "proposal", "applied"),
    chip("race", "x2", "applied", violated),
    chip("race", "x3", "applied", { status: "running", verdict: null, states: null }),
  ]);
  const said = digestChips(chips).map(({ cellId, roles }) => [
    cellId,
    roles.map(({ role, outcomes }) => [
      role,
      outcomes.map(({ tone, chips: alike }) => [tone, alike.map((one) => one.variant)]),
    ]),
  ]);
  expect(said).toEqual([
    [
      "race",
      [
        [
          "applied",
          [
            ["violated", ["x2"]],
            ["running", ["x3"]],
            ["holds", ["proposal"]],
          ],
        ],
        ["not-applied", [["holds", ["mainline"]]]],
      ],
    ],
    ["split", [["not-applied", [["holds", ["mainline"]]]]]],
  ]);
});

it("loses no chip and doubles none", () => {
  const chips = orderChips(
    ["a", "b", "c", "d", "e", "f"].map((variant, at) => chip(at % 2 === 0 ? "one" : "two", variant, "about")),
  );
  const flat = digestChips(chips).flatMap(({ roles }) =>
    roles.flatMap(({ outcomes }) => outcomes.flatMap((outcome) => outcome.chips)),
  );
  expect(flat.map((one) => one.runKey).sort()).toEqual(chips.map((one) => one.runKey).sort());
});
