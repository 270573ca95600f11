/** What the engine writes of a trace, the schema keeps: a field that it does not know would be lost without a word. */
import { readdirSync, readFileSync } from "node:fs";
import { compile, defaultExploreLimits, explore, parseCellOptions, reductionNames } from "#simulator";
import { describe, expect, it } from "vitest";
import { readRunResult } from "./run-result.ts";
import { readTrace } from "./trace-schema.ts";

const folder = new URL("../../tests/traces/", import.meta.url);

describe("the schema of results keeps all that the engine tells", () => {
  for (const name of readdirSync(folder).filter((file) => file.endsWith(".scn"))) {
    it(`of ${name}`, () => {
      const text = readFileSync(new URL(name, folder), "utf8");
      const options = parseCellOptions({ name, text, firstLine: 1 }).language;
      const compiled = compile({ files: [{ name, text, firstLine: 1 }], constants: new Map(), options });
      if (compiled.kind === "rejected") throw new Error("the corpus compiles");
      const found = explore(compiled.scenario, { limits: defaultExploreLimits, reductions: reductionNames });
      const result: unknown = JSON.parse(JSON.stringify({ ...found, diagnostics: [] }));
      expect(readRunResult(result)).toEqual({ kind: "result", result });
    });
  }

  it("and takes a trace of an engine that knew less", () => {
    const trace = { tasks: ["t"], steps: [], schedule: "1::", end: { kind: "reached", message: "" }, shortest: true };
    expect(readTrace(trace)).toEqual({ kind: "trace", trace });
    expect(readTrace({ ...trace, end: { kind: "unheard of", message: "" } }).kind).toBe("malformed");
  });
});
