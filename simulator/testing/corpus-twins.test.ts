/**
 * Every scenario of the corpus, with each run that its header gives, against the naive explorer: without reductions, with
 * each alone, with each pair and with all. What is too large for the naive explorer is printed, and is compared with the
 * engine without reductions instead (or, where that takes minutes as well, where its counts are pinned).
 */
import { readdirSync, readFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { compile } from "../compile.ts";
import { explore } from "../explore/explore.ts";
import { reductionNames } from "../explore/result.ts";
import type { Scenario } from "../explore/scenario.ts";
import { parseCellOptions } from "../lang/cell-options.ts";
import { defaultExploreLimits } from "../limits.ts";
import { compareScenario } from "./twins.ts";

const folder = new URL("../../tests/scenarios/", import.meta.url);
/** States that the naive explorer goes through in some seconds. */
const naiveStatesMax = 10_000;
const plainStatesMax = 1_000_000;

type Run = { readonly title: string; readonly constants: ReadonlyMap<string, number>; readonly isBounded: boolean };

/** Runs as in simulator/explore/scenarios.test.ts; those with bounds are about the bounds. */
function runsOf(text: string): readonly Run[] {
  const lines = text.split("\n").flatMap((line) => (line.startsWith("// run:") ? [line.slice(7).trim()] : []));
  return (lines.length === 0 ? [""] : lines).map((title) => {
    const pairs = title.split(" ").flatMap((part): [string, number][] => {
      const [name, value] = part.split("=");
      return name === undefined || value === undefined ? [] : [[name, Number(value)]];
    });
    const isBound = ([name]: readonly [string, number]): boolean => name === "states" || name === "depth";
    return {
      title,
      constants: new Map(pairs.filter((pair) => !isBound(pair))),
      isBounded: pairs.some(isBound),
    };
  });
}

const notNaive: string[] = [];
const notAtAll: string[] = [];
let compared = 0;

/** What differs, as text. */
function differences(label: string, scenario: Scenario): readonly string[] {
  const found = compareScenario(scenario, naiveStatesMax);
  if (found === null) return differencesFromPlain(label, scenario);
  compared += 1;
  return found.map(
    ({ reductions, expected, actual }) => `${label} with ${reductions}: expected ${expected}, got ${actual}`,
  );
}

function differencesFromPlain(label: string, scenario: Scenario): readonly string[] {
  const limits = { ...defaultExploreLimits, statesMax: plainStatesMax };
  const plain = explore(scenario, { limits, reductions: [] });
  if (plain.verdict === "inconclusive") {
    notAtAll.push(`${label} (${plain.limit ?? ""})`);
    return [];
  }
  notNaive.push(label);
  const reduced = explore(scenario, { limits: defaultExploreLimits, reductions: reductionNames });
  const said = [plain, reduced].map((result) => `${result.verdict} ${result.class ?? ""}`);
  return said[0] === said[1] ? [] : [`${label}: expected ${said[0] ?? ""}, got ${said[1] ?? ""}`];
}

describe("the corpus and the naive explorer", () => {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" })
    // mm/ holds parts that simulator/kits/mm/mm-kit.test.ts puts together.
    .filter((name) => name.endsWith(".scn") && !name.startsWith("mm/"))
    .toSorted();
  it("there are scenarios", () => expect(names.length).toBeGreaterThan(150));

  it.each(names)("agree on %s", { timeout: 600_000 }, (name) => {
    const text = readFileSync(new URL(name, folder), "utf8");
    const { language: options } = parseCellOptions({ name, text, firstLine: 1 });
    const found = runsOf(text)
      .filter((run) => !run.isBounded)
      .flatMap(({ title, constants }) => {
        const outcome = compile({ files: [{ name, text, firstLine: 1 }], constants, options });
        return outcome.kind === "rejected" ? [] : differences(`${name} ${title}`.trim(), outcome.scenario);
      });
    expect(found).toEqual([]);
  });

  afterAll(() => {
    console.log(`${String(compared)} runs of ${String(names.length)} scenarios compared with the naive explorer`);
    console.log(`compared with the engine without reductions, too large for the naive one: ${notNaive.join(", ")}`);
    console.log(`inconclusive without reductions, not compared: ${notAtAll.join(", ")}`);
  });
});
