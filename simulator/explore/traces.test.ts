/** How traces read: every scenario under tests/traces, as text of 72 columns. `UPDATE_EXPECTED=1` accepts. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  compile,
  defaultExploreLimits,
  explore,
  parseCellOptions,
  renderDiagnostic,
  renderExplanation,
  renderTrace,
  renderVerdict,
  replay,
} from "../index.ts";
import type { ExploreResult, Scenario, Trace } from "../index.ts";

const folder = new URL("../../tests/traces/", import.meta.url);
const accept = process.env["UPDATE_EXPECTED"] === "1";
const columns = 72;

function scenarioOf(name: string, text: string): Scenario {
  const options = parseCellOptions({ name, text, firstLine: 1 }).language;
  const outcome = compile({ files: [{ name, text, firstLine: 1 }], constants: new Map(), options });
  if (outcome.kind === "rejected")
    throw new Error(outcome.diagnostics.map((diagnostic) => renderDiagnostic(diagnostic)).join("\n"));
  return outcome.scenario;
}

function traceText(trace: Trace): string {
  return [`schedule: ${trace.schedule}`, renderTrace(trace, { columns }), renderExplanation(trace, { columns })].join(
    "\n",
  );
}

function resultText(result: ExploreResult): string {
  const reached = [...result.notes, ...result.sometimes].map(
    (note) => `${note.text}: ${note.reached ? `reached, ${note.schedule ?? ""}` : "not reached"}`,
  );
  const trace = result.trace === undefined ? [] : [traceText(result.trace)];
  return `${[renderVerdict(result), ...reached, ...trace].join("\n").trimEnd()}\n`;
}

describe("traces", () => {
  const names = readdirSync(folder).filter((name) => name.endsWith(".scn"));
  it("there are some", () => expect(names.length).toBeGreaterThan(0));
  for (const name of names) {
    it(`read as expected for ${name}`, () => {
      const scenario = scenarioOf(name, readFileSync(new URL(name, folder), "utf8"));
      const result = explore(scenario, { limits: defaultExploreLimits, reductions: [] });
      const actual = resultText(result);
      const expectedFile = new URL(name.replace(/\.scn$/, ".expected"), folder);
      if (accept) writeFileSync(expectedFile, actual);
      expect(actual).toBe(existsSync(expectedFile) ? readFileSync(expectedFile, "utf8") : "(no expected file)");
      if (result.trace === undefined) return;
      expect(
        Math.max(
          ...renderTrace(result.trace, { columns })
            .split("\n")
            .map((line) => line.length),
        ),
      ).toBeLessThan(73);
      const again = replay(scenario, result.trace.schedule);
      expect(again.kind === "replayed" ? again.trace.steps.map((step) => step.changes) : again).toEqual(
        result.trace.steps.map((step) => step.changes),
      );
    });
  }
});
