/**
 * The corpus of concurrency bugs: each is found with the class and the number of steps that docs/bugs.md says, its
 * corrected twin holds and is not vacuous, and what a Fixes line names has the form of one.
 */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  compile,
  defaultExploreLimits,
  explore,
  parseCellOptions,
  reductionNames,
  renderDiagnostic,
} from "../index.ts";
import type { ExploreResult, Reduction } from "../index.ts";

const folder = new URL("../../tests/scenarios/bugs/", import.meta.url);
const table = readFileSync(new URL("../../docs/bugs.md", import.meta.url), "utf8");
const names = readdirSync(folder).flatMap((file) =>
  /^\d\d-.*(?<!-fixed)\.scn$/.test(file) ? [file.slice(0, -4)] : [],
);

function search(name: string, reductions: readonly Reduction[]): ExploreResult {
  const text = readFileSync(new URL(`${name}.scn`, folder), "utf8");
  const options = parseCellOptions({ name, text, firstLine: 1 }).language;
  const outcome = compile({ files: [{ name, text, firstLine: 1 }], constants: new Map(), options });
  if (outcome.kind === "compiled") return explore(outcome.scenario, { limits: defaultExploreLimits, reductions });
  throw new Error(outcome.diagnostics.map((diagnostic) => renderDiagnostic(diagnostic)).join("\n"));
}

/** The cells of a bug's row: number, bug, class, steps, Fixes. */
function rowOf(name: string): readonly string[] {
  const row = table.split("\n").find((line) => line.startsWith(`| ${name.slice(0, 2)} |`));
  return (row ?? "").split(/(?<!\\)\|/).map((cell) => cell.trim().replace(/\\\|/g, "|"));
}

describe("bugs", () => {
  it("are twelve, eight at least of the kernel's own", () => {
    expect(names).toHaveLength(12);
    const kernel = names.filter((name) =>
      /Fixes: [0-9a-f]{12} \("/.test(readFileSync(new URL(`${name}.scn`, folder), "utf8")),
    );
    expect(kernel.length).toBeGreaterThanOrEqual(8);
  });

  for (const name of names) {
    it(`finds ${name}, and nothing in its corrected twin`, { timeout: 60_000 }, () => {
      const row = rowOf(name);
      for (const reductions of [[], reductionNames]) {
        const bug = search(name, reductions);
        expect({ verdict: bug.verdict, class: bug.class, steps: String(bug.trace?.steps.length) }).toEqual({
          verdict: "violated",
          class: row[3],
          steps: row[4],
        });
        const fixed = search(`${name}-fixed`, reductions);
        expect({ message: fixed.message, verdict: fixed.verdict }).toMatchObject({ verdict: "holds" });
        expect(fixed.sometimes.length).toBeGreaterThan(0);
        expect(fixed.sometimes.every((property) => property.reached)).toBe(true);
      }
    });

    it(`quotes the Fixes line of ${name} in the table`, () => {
      const text = readFileSync(new URL(`${name}.scn`, folder), "utf8");
      const fixes = /^\/\/ Fixes: ([0-9a-f]{12}) \((".*")\)$/m.exec(text);
      const cell = rowOf(name)[5];
      if (fixes === null) expect(cell).toBe("(a shape, no one commit)");
      else expect(cell).toBe(`${String(fixes[1])} (${String(fixes[2])})`);
    });
  }
});
