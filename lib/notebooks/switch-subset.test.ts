import { describe, expect, it } from "vitest";
import { allSubsets, isSubsetLabel, readSubset, subsetLabel } from "./switch-subset.ts";

describe("a subset of hunk switches", () => {
  it("has one label, however its switches are given", () => {
    expect(subsetLabel(["B", "A"])).toBe("{A, B}");
    expect(subsetLabel(["A", "B", "A"])).toBe("{A, B}");
    expect(subsetLabel([])).toBe("{}");
  });

  it("is read back with blanks or commas, in any order", () => {
    expect(readSubset(" {B A} ")).toEqual(["A", "B"]);
    expect(readSubset("{A,B}")).toEqual(["A", "B"]);
    expect(readSubset("{ }")).toEqual([]);
    for (const bad of ["A", "{A", "A}", "{1A}", "{A;B}", "{{A}}", ""]) expect(readSubset(bad)).toBeNull();
    expect(isSubsetLabel("proposal")).toBe(false);
  });

  it("comes with all others, the smaller first", () => {
    expect(allSubsets(["X", "A", "M"]).map(subsetLabel)).toEqual([
      "{}",
      "{X}",
      "{A}",
      "{M}",
      "{A, X}",
      "{M, X}",
      "{A, M}",
      "{A, M, X}",
    ]);
    expect(allSubsets(Array.from({ length: 10 }, (_, index) => `S${index}`))).toHaveLength(1_024);
  });
});
