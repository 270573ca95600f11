import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { distanceUpTo, editDistance } from "./edit-distance.ts";

describe("the distance near the diagonal", () => {
  it("is the whole one as long as that is not above the bound", () => {
    const word = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 9 });
    fc.assert(
      fc.property(word, word, fc.integer({ min: 0, max: 4 }), (a, b, most) => {
        expect(Math.min(distanceUpTo(a, b, most), most + 1)).toBe(Math.min(editDistance(a, b), most + 1));
      }),
      { numRuns: 5_000 },
    );
  });

  it("is that of names of 64 letters", () => {
    const name = "n".repeat(64);
    expect([distanceUpTo(name, name, 3), distanceUpTo(name, `${name.slice(1)}m`, 3)]).toEqual([0, 1]);
  });
});
