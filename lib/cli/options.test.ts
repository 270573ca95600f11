import { describe, expect, it } from "vitest";
import { onlyPositional, readOptions, readParameters } from "./options.server.ts";
import { UsageError } from "./usage.ts";

describe("the words of a command", () => {
  it("give options and files", () => {
    const read = readOptions(["a.hb.md", "-p", "N=2", "-p", "M=3", "--json"], {
      p: { type: "string", short: "p", multiple: true },
      json: { type: "boolean" },
    });
    expect(read.positionals).toEqual(["a.hb.md"]);
    expect(read.values).toMatchObject({ p: ["N=2", "M=3"], json: true });
  });

  it("are refused when an option is not known, naming it", () => {
    expect(() => readOptions(["--jason"], { json: { type: "boolean" } })).toThrow(UsageError);
    expect(() => readOptions(["--jason"], { json: { type: "boolean" } })).toThrow("--jason");
  });

  it("name one file, neither none nor two", () => {
    expect(onlyPositional(["a"], "FILE")).toBe("a");
    expect(() => onlyPositional([], "FILE")).toThrow("FILE is missing");
    expect(() => onlyPositional(["a", "b"], "FILE")).toThrow('"b" is too much');
  });

  it("set parameters to numbers only", () => {
    expect(readParameters(["N=2", "M=-1", "K=0x10"])).toEqual({ N: 2, M: -1, K: 16 });
    for (const bad of ["N", "N=", "=2", "N=two", "1N=2", "N=Infinity"]) {
      expect(() => readParameters([bad])).toThrow(UsageError);
    }
  });
});
