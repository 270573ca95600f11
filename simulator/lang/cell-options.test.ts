import { describe, expect, it } from "vitest";
import { parseCellOptions } from "./cell-options.ts";

const read = (text: string) => parseCellOptions({ name: "nb#cell", text, firstLine: 40 });

describe("cell options", () => {
  it("are read until the first other line, with the user's line numbers", () => {
    const { list, language, diagnostics } = read(
      "//| use: model\n//| use: locks\n\n//| recursion: 3\n//| races: note\nint x;\n//| oom: on\n",
    );
    expect(list.map((each) => `${each.line} ${each.key}=${each.value}`)).toEqual([
      "40 use=model",
      "41 use=locks",
      "43 recursion=3",
      "44 races=note",
    ]);
    expect(language).toEqual({ recursion: 3, races: "note" });
    expect(diagnostics).toEqual([]);
  });

  it("leave out what is wrong and say where", () => {
    const { list, diagnostics } = read("//| rases: off\n//| signals: maybe\n//| fuzz: 1\n");
    expect(list.map((each) => each.key)).toEqual(["fuzz"]);
    expect(diagnostics.map((each) => `${each.at.line}:${each.at.column} ${each.code}`)).toEqual([
      "40:5 SCN110",
      "41:1 SCN111",
    ]);
    expect(diagnostics[0]?.suggestion?.replacement).toBe("races");
  });
});
