import { expect, it } from "vitest";
import { lineWords, orderChips, roleWords, type MarginChip } from "./margin.ts";

const chip = (changes: Partial<MarginChip>): MarginChip => ({
  askId: "a",
  ordinal: 0,
  cellId: "race",
  variant: "v1",
  runKey: "k1",
  notebookTitle: "A notebook",
  askedBy: "Hunkbook",
  askedAt: new Date(1_000),
  state: {
    status: "finished",
    verdict: "holds",
    violationClass: null,
    steps: null,
    states: 3,
    limit: null,
    stopReason: null,
  },
  role: "applied",
  switchName: null,
  versionLabel: "v1",
  sameAs: null,
  ...changes,
});
const violated = { ...chip({}).state, verdict: "violated" as const, violationClass: "refcount", steps: 5 };

it("puts what needs a reader first and keeps the newest of one person", () => {
  const order = orderChips([
    chip({ variant: "fine", runKey: "k2" }),
    chip({ askId: "old", state: violated }),
    chip({ askId: "new", state: violated, askedAt: new Date(2_000) }),
  ]);
  expect(order.map((one) => [one.askId, one.variant])).toEqual([
    ["new", "v1"],
    ["a", "fine"],
  ]);
});

it("shows one run that two persons asked for once, with both names and the first ask", () => {
  const order = orderChips([
    chip({ askId: "second", askedBy: "Boris", askedAt: new Date(2_000) }),
    chip({ askId: "first" }),
    chip({ askId: "other-run", askedBy: "Chika", runKey: "k9", askedAt: new Date(3_000) }),
  ]);
  expect(order.map((one) => [one.askId, one.askedBy])).toEqual([
    ["other-run", "Chika"],
    ["first", "Hunkbook, Boris"],
  ]);
});

it("prefers the hunk's own result to that of an equal hunk elsewhere", () => {
  const sameAs = { messageIdText: "m@example.org", label: "v1 2/3" };
  const order = orderChips([chip({ askId: "twin", sameAs, askedAt: new Date(9_000) }), chip({ askId: "own" })]);
  expect(order.map((one) => one.askId)).toEqual(["own"]);
});

it("names lines and roles in words", () => {
  expect(lineWords({ side: "old", oldLine: 7, newLine: 8 })).toBe("-7");
  expect(lineWords({ side: "new", oldLine: 7, newLine: 8 })).toBe("+8");
  expect(lineWords({ side: null, oldLine: null, newLine: null })).toBe("hunk");
  expect(roleWords("not-applied")).toBe("without this hunk");
});
