/** Coverage of every scenario under tests/coverage, as text beside it. `UPDATE_EXPECTED=1` accepts. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { compile, defaultExploreLimits, explore, parseCellOptions, reductionNames } from "../index.ts";
import type { Coverage, Reduction, Scenario } from "../index.ts";

const folder = new URL("../../tests/coverage/", import.meta.url);
const corpus = new URL("../../tests/scenarios/", import.meta.url);

function compiled(text: string): Scenario | null {
  const { language } = parseCellOptions({ name: "c.scn", text, firstLine: 1 });
  const outcome = compile({ files: [{ name: "c.scn", text, firstLine: 1 }], constants: new Map(), options: language });
  return outcome.kind === "compiled" ? outcome.scenario : null;
}

function coverage(scenario: Scenario, reductions: readonly Reduction[]): Coverage {
  const limits = { ...defaultExploreLimits, statesMax: 20_000 };
  const result = explore(scenario, { limits, reductions, coverage: true });
  if (result.coverage === undefined) throw new Error("coverage was asked for");
  return result.coverage;
}

/** Each line with its mark: `+` reached, `-` never, and the conditions on it that went one way only. */
function annotate(text: string, told: Coverage): string {
  const lines = text.split("\n").map((line, index) => {
    const covered = told.lines.find((each) => each.place.line === index + 1);
    const mark = covered === undefined ? " " : covered.reached ? "+" : "-";
    const oneSided = told.branches.filter(
      (each) => each.place.line === index + 1 && each.taken !== each.notTaken && covered?.reached === true,
    );
    const sides = oneSided.map((each) => `    // always ${each.taken ? "true" : "false"}: ${each.condition}`);
    return [`${mark} ${line}`.trimEnd(), ...sides].join("\n");
  });
  return `${told.complete ? "complete" : "so far"}\n${lines.join("\n").trimEnd()}\n`;
}

describe("coverage", () => {
  for (const name of readdirSync(folder).filter((each) => each.endsWith(".scn"))) {
    it(`gives the expected marks for ${name}`, () => {
      const text = readFileSync(new URL(name, folder), "utf8");
      const scenario = compiled(text);
      if (scenario === null) throw new Error("the scenario compiles");
      const expectedFile = new URL(name.replace(/\.scn$/, ".expected"), folder);
      const actual = annotate(text, coverage(scenario, []));
      if (process.env["UPDATE_EXPECTED"] === "1") writeFileSync(expectedFile, actual);
      expect(actual).toBe(existsSync(expectedFile) ? readFileSync(expectedFile, "utf8") : "(no expected file)");
    });
  }

  it("is the same under reductions when the search is complete", { timeout: 60_000 }, () => {
    let compared = 0;
    for (const name of readdirSync(corpus).filter((each) => each.endsWith(".scn") && !each.startsWith("bench-"))) {
      const scenario = compiled(readFileSync(new URL(name, corpus), "utf8"));
      if (scenario === null) continue;
      const full = coverage(scenario, []);
      if (!full.complete) continue;
      compared += 1;
      expect({ name, ...coverage(scenario, reductionNames) }).toEqual({ name, ...full });
    }
    expect(compared).toBeGreaterThan(40);
  });

  it("is not told when nobody asks", () => {
    const scenario = compiled("int x; task t { x = 1; }");
    if (scenario === null) throw new Error("the scenario compiles");
    expect(explore(scenario, { limits: defaultExploreLimits, reductions: [] }).coverage).toBeUndefined();
  });
});
