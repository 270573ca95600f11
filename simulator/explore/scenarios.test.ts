/**
 * Every scenario under tests/scenarios: verdict, class, counts and trace as text beside it. `UPDATE_EXPECTED=1` accepts.
 *
 * A line `// run: N=3 VAR=1` gives constants; several make several results. Without one there is one run without
 * constants. `states=1000` and `depth=10` in such a line are bounds.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  compile,
  defaultExploreLimits,
  explore,
  parseCellOptions,
  renderDiagnostic,
  renderTrace,
  renderVerdict,
  replay,
} from "../index.ts";
import type { ExploreLimits, ExploreResult, Reduction, Scenario } from "../index.ts";

const folder = new URL("../../tests/scenarios/", import.meta.url);
const accept = process.env["UPDATE_EXPECTED"] === "1";

type Run = { readonly title: string; readonly constants: ReadonlyMap<string, number>; readonly limits: ExploreLimits };

function runsOf(text: string): readonly Run[] {
  const lines = text.split("\n").flatMap((line) => (line.startsWith("// run:") ? [line.slice(7).trim()] : []));
  return (lines.length === 0 ? [""] : lines).map((title) => {
    const pairs = title.split(" ").flatMap((part): [string, number][] => {
      const [name, value] = part.split("=");
      return name === undefined || value === undefined ? [] : [[name, Number(value)]];
    });
    const constants = new Map(pairs.filter(([name]) => name !== "states" && name !== "depth"));
    const bounds = new Map(pairs);
    const limits = {
      ...defaultExploreLimits,
      statesMax: bounds.get("states") ?? defaultExploreLimits.statesMax,
      depthMax: bounds.get("depth") ?? defaultExploreLimits.depthMax,
    };
    return { title, constants, limits };
  });
}

function search(scenario: Scenario, run: Run, reductions: readonly Reduction[]): ExploreResult {
  return explore(scenario, { limits: run.limits, reductions });
}

function describeResult(result: ExploreResult): string {
  const lines = [renderVerdict(result)];
  if (result.property !== undefined) lines.push(`property: ${result.property.kind} "${result.property.text}"`);
  for (const note of [...result.notes, ...result.sometimes]) {
    lines.push(note.reached ? `reached after ${String(note.steps)}: ${note.text}` : `not reached: ${note.text}`);
  }
  for (const warning of result.warnings) lines.push(`warning: ${warning.message}`);
  if (result.trace !== undefined)
    lines.push(`schedule: ${result.trace.schedule}`, renderTrace(result.trace, { columns: 72 }));
  return lines.join("\n");
}

function resultText(name: string, text: string): string {
  const sections = runsOf(text).map((run) => {
    const options = parseCellOptions({ name, text, firstLine: 1 }).language;
    const outcome = compile({ files: [{ name, text, firstLine: 1 }], constants: run.constants, options });
    const title = run.title === "" ? "" : `== ${run.title}\n`;
    if (outcome.kind === "rejected")
      return title + outcome.diagnostics.map((diagnostic) => renderDiagnostic(diagnostic)).join("\n");
    const result = search(outcome.scenario, run, []);
    checkReduced(outcome.scenario, run, result);
    checkReplay(outcome.scenario, result);
    return title + describeResult(result);
  });
  return `${sections.join("\n").trimEnd()}\n`;
}

/** A reduction leaves verdict, class and length of the shortest trace as they are, and never adds states. */
function checkReduced(scenario: Scenario, run: Run, full: ExploreResult): void {
  const reduced = search(scenario, run, ["dead-locals"]);
  if (full.verdict === "inconclusive") return;
  // Without dead locals the way to a cycle and round it may be shorter: other promises than the class it has none.
  const isCycle = full.class === "livelock";
  const stepsOf = (result: ExploreResult): number | undefined => (isCycle ? 0 : result.trace?.steps.length);
  expect({ verdict: reduced.verdict, class: reduced.class, steps: stepsOf(reduced) }).toEqual({
    verdict: full.verdict,
    class: full.class,
    steps: stepsOf(full),
  });
  if (isCycle) expect(reduced.trace?.steps.length).toBeLessThanOrEqual(full.trace?.steps.length ?? 0);
  expect(reduced.states).toBeLessThanOrEqual(full.states);
}

function checkReplay(scenario: Scenario, result: ExploreResult): void {
  if (result.trace === undefined) return;
  const again = replay(scenario, result.trace.schedule);
  expect(again.kind).toBe("replayed");
  if (again.kind === "replayed") expect(again.trace.steps).toEqual(result.trace.steps);
  expect(JSON.parse(JSON.stringify(result))).toEqual(result);
}

describe("scenarios", () => {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" })
    // mm/ holds parts that simulator/kits/mm/mm-kit.test.ts puts together.
    .filter((name) => name.endsWith(".scn") && !name.startsWith("mm/"));
  it("there are some", () => expect(names.length).toBeGreaterThan(0));
  for (const name of names) {
    it(`gives the expected result for ${name}`, { timeout: 60_000 }, () => {
      const text = readFileSync(new URL(name, folder), "utf8");
      const expectedFile = new URL(name.replace(/\.scn$/, ".expected"), folder);
      const actual = resultText(name, text);
      if (accept) writeFileSync(expectedFile, actual);
      expect(actual).toBe(existsSync(expectedFile) ? readFileSync(expectedFile, "utf8") : "(no expected file)");
    });
  }
});
