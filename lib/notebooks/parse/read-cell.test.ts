import { cellOptionKeys, parseCellOptions } from "#simulator";
import { describe, expect, it } from "vitest";
import { parseNotebook } from "./parse.ts";
import { cellKeys } from "./read-cell.ts";

const fence = "```";

function complaintsAbout(option: string): number {
  const text = `${fence}hunkbook\nformat: hunkbook/1\nlang: scn/1\n${fence}\n${fence}scn #a\n//| ${option}\nint x;\n${fence}\n`;
  return parseNotebook(text).diagnostics.length;
}

describe("options of a cell", () => {
  it("are those that the scenario language knows", () => {
    expect([...cellKeys].sort()).toEqual([...cellOptionKeys].sort());
  });

  it.each([
    ...["recursion: 1", "recursion: 100", "recursion: 0", "recursion: 101", "recursion: x"],
    ...["races: off", "races: note", "races: error", "races: on", "warn: note", "warn: off"],
    ...["oom: on", "oom: yes", "reuse: off", "signals: on", "lockdep: strict", "lockdep: classes"],
  ])("agree with the scenario language about %s", (option) => {
    expect(complaintsAbout(option)).toBe(
      parseCellOptions({ name: "#a", text: `//| ${option}\n`, firstLine: 1 }).diagnostics.length,
    );
  });
});
