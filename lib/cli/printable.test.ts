import { describe, expect, it } from "vitest";
import { printable } from "./printable.ts";

describe("text for a terminal", () => {
  it("keeps letters, tabs and line ends", () => {
    expect(printable("int x;\tä €\n")).toBe("int x;\tä €\n");
  });

  it.each([
    ["an escape sequence", "\u001b[2J"],
    ["a C1 control", "\u009b2J"],
    ["a carriage return", "a\rb"],
    ["a direction override", "a\u202eb"],
    ["an invisible blank", "a\u200bb"],
    ["half a surrogate pair", "a\ud800b"],
  ])("shows %s as a dot", (_what, text) => {
    expect(printable(text)).toContain("\u00b7");
    expect(printable(text)).not.toBe(text);
  });
});
