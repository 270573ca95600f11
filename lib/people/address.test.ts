import { expect, it } from "vitest";
import { normaliseAddress } from "./address.ts";

it("takes an address whatever its case", () => {
  expect(normaliseAddress("  Ada.Example+hb@Lists.Example.ORG ")).toBe("ada.example+hb@lists.example.org");
});

it.each([
  "",
  "ada",
  "@example.org",
  "ada@",
  "a b@example.org",
  "ada@exa mple.org",
  "ada@example.org\nBcc: x@example.org",
  `${"x".repeat(300)}@example.org`,
  "<ada@example.org>",
])("refuses %j", (text) => {
  expect(normaliseAddress(text)).toBeNull();
});
