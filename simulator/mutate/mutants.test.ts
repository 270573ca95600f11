/** Mutants of every scenario under tests/mutants, and what notices them, as text beside it. `UPDATE_EXPECTED=1` accepts. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { applyMutant, compile, defaultExploreLimits, explore, parseCellOptions, surveyMutants } from "../index.ts";
import type { CompileInput, Mutant } from "../index.ts";

const folder = new URL("../../tests/mutants/", import.meta.url);

function inputOf(name: string, text: string): CompileInput {
  const options = parseCellOptions({ name, text, firstLine: 1 }).language;
  return { files: [{ name, text, firstLine: 1 }], constants: new Map(), options };
}

function fate(input: CompileInput, mutant: Mutant): string {
  const compiled = compile(applyMutant(input, mutant));
  if (compiled.kind === "rejected") throw new Error(`${mutant.id} does not compile`);
  const result = explore(compiled.scenario, { limits: defaultExploreLimits, reductions: [] });
  return result.verdict === "violated" ? `killed: ${result.class ?? ""}` : result.verdict;
}

function tell(input: CompileInput): string {
  const { mutants, skipped } = surveyMutants(input);
  const told = mutants.map((mutant) => {
    const edits = mutant.edits.map(({ start, end, replacement }) => {
      const text = input.files[0]?.text.slice(start, end) ?? "";
      return `    ${text.replace(/\s+/g, " ")} -> ${replacement.replace(/\s+/g, " ")}`;
    });
    return [`${mutant.id}  ${fate(input, mutant)}`, `  ${mutant.text}`, ...edits].join("\n");
  });
  const not = skipped.map(({ kind, place, reason }) => `no ${kind} at line ${String(place.line)}: ${reason}`);
  return `${[...told, ...not].join("\n")}\n`;
}

describe("mutants", () => {
  for (const name of readdirSync(folder).filter((each) => each.endsWith(".scn"))) {
    it(`are those expected of ${name}`, { timeout: 60_000 }, () => {
      const input = inputOf(name, readFileSync(new URL(name, folder), "utf8"));
      expect(compile(input).kind).toBe("compiled");
      const actual = tell(input);
      const expectedFile = new URL(name.replace(/\.scn$/, ".expected"), folder);
      if (process.env["UPDATE_EXPECTED"] === "1") writeFileSync(expectedFile, actual);
      expect(actual).toBe(existsSync(expectedFile) ? readFileSync(expectedFile, "utf8") : "(no expected file)");
    });
  }

  it("have ids of their own, and compile", () => {
    for (const name of readdirSync(folder).filter((each) => each.endsWith(".scn"))) {
      const input = inputOf(name, readFileSync(new URL(name, folder), "utf8"));
      const { mutants } = surveyMutants(input);
      expect(new Set(mutants.map((mutant) => mutant.id)).size).toBe(mutants.length);
      for (const mutant of mutants) expect(compile(applyMutant(input, mutant)).kind).toBe("compiled");
    }
  });

  it("are none when the program does not compile", () => {
    expect(surveyMutants(inputOf("x.scn", "task t { x = 1; }"))).toEqual({ mutants: [], skipped: [] });
  });
});
