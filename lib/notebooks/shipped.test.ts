import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  compile,
  compileTimed,
  explore,
  reductionNames,
  renderDiagnostic,
  renderVerdict,
  simulate,
  type Reduction,
} from "#simulator";
import { describe, expect, it } from "vitest";
import { decodeNotebook } from "./parse/decode.ts";
import { renderNotebookDiagnostic } from "./diagnostics.ts";
import { evaluateClaim, evaluateExpectation, type RunOutcome } from "./evaluate.ts";
import { formatNotebook } from "./format.ts";
import { parseNotebook } from "./parse/parse.ts";
import { planRuns, type PlanRequest } from "./plan/plan.ts";
import { sourceFiles } from "./plan/source-files.ts";
import { simulateOptions } from "../runs/machine.ts";
import { buildRunInput, defaultEngineOptions } from "../runs/run-input.ts";
import { runOutcome } from "../runs/run-outcome.ts";
import type { RunResult } from "../runs/run-result.ts";
import type { Notebook, PlannedRun } from "./types.ts";

const directory = join(import.meta.dirname, "../../notebooks");
const files = readdirSync(directory).filter((name) => name.endsWith(".hb.md"));

function textOf(fileName: string): string {
  const decoded = decodeNotebook(readFileSync(join(directory, fileName)));
  if (decoded.kind === "refused") throw new Error(`${fileName} cannot be decoded`);
  return decoded.text;
}

function planned(notebook: Notebook, request: PlanRequest = {}): readonly PlannedRun[] {
  const plan = planRuns(notebook, request);
  if (plan.kind === "planned") return plan.members;
  throw new Error(plan.diagnostics.map((one) => renderNotebookDiagnostic(one, "notebook")).join("\n"));
}

type Checked = {
  readonly outcome: RunOutcome;
  readonly states: number;
  readonly steps: number;
  readonly sentence: string;
};

/** In simulated time, as the sandboxed child does it. */
function measure(run: PlannedRun): Checked {
  const constants = new Map(Object.entries({ ...run.parameters, ...run.defines, ...run.switches }));
  const compiled = compileTimed({ files: sourceFiles(run.cells), constants, options: {} });
  if (compiled.kind === "rejected" || run.simulation === null)
    throw new Error(
      compiled.kind === "rejected" ? compiled.diagnostics.map((one) => renderDiagnostic(one)).join("\n") : "",
    );
  const input = buildRunInput(run, { engine: "", ...defaultEngineOptions });
  if (input.simulate === undefined) throw new Error("a simulation has its settings");
  const result = simulate(compiled.program, simulateOptions(input, input.simulate));
  const outcome = runOutcome({ engine: "des", ...result, diagnostics: [] } as unknown as RunResult);
  return { outcome, states: 0, steps: 0, sentence: result.message };
}

function check(run: PlannedRun, reductions: readonly Reduction[]): Checked {
  if (run.kind === "simulate") return measure(run);
  expect(run.options).toEqual({});
  const constants = new Map(Object.entries({ ...run.parameters, ...run.defines, ...run.switches }));
  const compiled = compile({ files: sourceFiles(run.cells), constants, options: {} });
  if (compiled.kind === "rejected")
    throw new Error(compiled.diagnostics.map((one) => renderDiagnostic(one)).join("\n"));
  expect(compiled.warnings.map((one) => renderDiagnostic(one))).toEqual([]);
  const result = explore(compiled.scenario, { limits: run.limits, reductions });
  const outcome: RunOutcome = {
    kind: "finished",
    verdict: result.verdict,
    violationClass: result.class ?? null,
    limit: result.limit ?? null,
    isExhaustive: result.exhaustive,
    notes: result.notes,
    reach: null,
    simulated: null,
  };
  return { outcome, states: result.states, steps: result.trace?.steps.length ?? 0, sentence: renderVerdict(result) };
}

/** Equal texts and constants give equal results: a subset of an ablation is often a variant too. */
function inputKey(run: PlannedRun): string {
  const constants = Object.entries({ ...run.parameters, ...run.defines, ...run.switches });
  const what = [run.limits, run.simulation, run.seed];
  return JSON.stringify([sourceFiles(run.cells), constants.sort(([a], [b]) => (a < b ? -1 : 1)), what]);
}

describe("the notebooks that ship", () => {
  it("are there", () => {
    expect(files.length).toBeGreaterThanOrEqual(8);
  });

  it.each(files)("%s is read and planned without a complaint, and formatted already", (fileName) => {
    const text = textOf(fileName);
    const { notebook, diagnostics } = parseNotebook(text);
    expect(diagnostics.map((one) => renderNotebookDiagnostic(one, fileName))).toEqual([]);
    expect(formatNotebook(text).changes).toEqual([]);
    expect(planned(notebook).length).toBeGreaterThan(0);
    expect(notebook.title).not.toBeNull();
  });

  it.each(files)(
    "%s finds what its author expects, and expects something of every run",
    { timeout: 600_000 },
    (fileName) => {
      const { notebook } = parseNotebook(textOf(fileName));
      const outcomes = new Map<string, RunOutcome>();
      const known = new Map<string, Checked>();
      for (const run of planned(notebook)) {
        const key = inputKey(run);
        const checked = known.get(key) ?? check(run, reductionNames);
        const { outcome, sentence } = checked;
        known.set(key, checked);
        expect(run.expects.length, `${run.runCellId} ${run.variant}: ${sentence}`).toBeGreaterThan(0);
        outcomes.set(`${run.runCellId} ${run.variant}`, outcome);
      }
      const outcomeOf = (runId: string, variant: string): RunOutcome =>
        outcomes.get(`${runId} ${variant}`) ?? { kind: "not-run" };
      const states = notebook.expects.map((line) => ({ text: line.text, ...evaluateExpectation(line, outcomeOf) }));
      expect(states.filter((state) => state.kind !== "match")).toEqual([]);
      const claims = notebook.claims.map((claim) => `${claim.id} ${evaluateClaim(claim, outcomeOf).kind}`);
      expect(claims).toEqual(expectedClaims.get(fileName) ?? []);
    },
  );
});

const expectedClaims = new Map([
  ["founding-race.hb.md", ["recheck supported", "both-locks supported"]],
  ["demo-tagcache.hb.md", ["never refuted", "v2-closes-it supported"]],
  ["rmap-race-table.hb.md", ["recheck supported", "both-locks supported"]],
  ["move-contention.hb.md", ["contend supported"]],
  ["phone-gc.hb.md", ["phone supported"]],
]);

describe("a cell of a variant", () => {
  it("replaces functions of the scenario in that variant only", () => {
    const fence = "```";
    const block = (info: string, text: string): string => `${fence}${info}\n${text}\n${fence}\n`;
    const text = [
      block("hunkbook", "format: hunkbook/1\nlang: scn/1"),
      block("variant", "fixed = base"),
      block("scn #model", 'int x;\nint f(void) { return 1; }\ntask t { x = f(); }\nfinally(x == 2, "two");'),
      block("scn #fix", "//| variant: fixed\nint f(void) { return 2; }"),
      block("run #r", "check base fixed"),
    ].join("");
    const [base, fixed] = planned(parseNotebook(text).notebook).map((run) => check(run, reductionNames).outcome);
    expect(base).toMatchObject({ verdict: "violated", violationClass: "finally" });
    expect(fixed).toMatchObject({ verdict: "holds" });
  });
});

describe("the models for measuring have the states that SPIN counts, with all reductions off:", () => {
  it.each([
    ["bench-rmapmove", {}, 33_950],
    ["bench-rmapmove", { NM: 2, NW: 3, NF: 1 }, 406_682],
    ["bench-rwpref", {}, 6_712],
    ["bench-rwpref", { NR: 3, NX: 3 }, 20_312],
    ["bench-phil", {}, 216_993],
  ])("%s %j: %i", { timeout: 60_000 }, (name, parameters, states) => {
    const [run] = planned(parseNotebook(textOf(`${name}.hb.md`)).notebook, { parameters });
    expect(check(run!, [])).toMatchObject({ states, outcome: { verdict: "holds" } });
  });

  it.each([
    ["bench-rmapmove", { VAR: 1 }, "assertion", 10],
    ["bench-rmapmove", { VAR: 2 }, "deadlock", 12],
    ["bench-rwpref", { VAR: 1 }, "assertion", 28],
    ["bench-phil", { VAR: 1, N: 6 }, "deadlock", 12],
  ])("%s %j: %s after %i steps", { timeout: 60_000 }, (name, parameters, violationClass, steps) => {
    const [run] = planned(parseNotebook(textOf(`${name}.hb.md`)).notebook, { parameters });
    expect(check(run!, [])).toMatchObject({ steps, outcome: { verdict: "violated", violationClass } });
  });
});
