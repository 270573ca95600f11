import { describe, expect, it } from "vitest";
import { combineExitCodes } from "./exit-codes.ts";

describe("the exit code of several runs", () => {
  it.each([
    [[], 0],
    [[0, 0], 0],
    [[0, 3], 3],
    [[3, 1, 0], 1],
    [[1, 5], 5],
    [[5, 2, 1], 2],
  ] as const)("of %j is %i", (codes, expected) => {
    expect(combineExitCodes(codes)).toBe(expected);
  });
});
