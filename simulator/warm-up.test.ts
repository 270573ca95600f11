import { expect, it } from "vitest";
import { warmUp } from "./warm-up.ts";

it("compiles and explores its own program, as often as one likes", () => {
  expect(() => {
    warmUp();
    warmUp();
  }).not.toThrow();
});
