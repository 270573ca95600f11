/**
 * What is wrong with a notebook as it stands in the editor: the file's own errors, and those of its scenarios in every
 * variant that a run checks. Pure and fast enough for every pause in typing; it never runs a scenario.
 */
import { parseNotebook } from "../notebooks/parse/parse.ts";
import { variantsOfRun } from "../notebooks/parse/check.ts";
import { canRun, planRuns } from "../notebooks/plan/plan.ts";
import type { Notebook, PlannedRun } from "../notebooks/types.ts";
import { analyseScenario, type ScenarioProblem } from "./analyse-scenario.ts";

/** A place in the file, lines and columns from 1, as editors mark it. */
export type Marker = {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly severity: "error" | "warning";
  readonly message: string;
  readonly code: string;
};

/** A run cell that can be asked for. */
export type RunnableCell = { readonly id: string; readonly line: number; readonly variants: readonly string[] };

export type Diagnosis = {
  readonly title: string | null;
  readonly markers: readonly Marker[];
  readonly runs: readonly RunnableCell[];
  /** Names that the file defines, for completion: parameters, switches, variants, cells. */
  readonly names: readonly string[];
};

/** Variants of one notebook that are compiled for diagnostics; more would make typing slow. */
const plansMax = 24;

export function diagnose(text: string): Diagnosis {
  const { notebook, diagnostics } = parseNotebook(text);
  const own = diagnostics.map(({ line, column, endColumn, severity, message, code }): Marker => ({
    ...{ line, column, endLine: line, endColumn, severity, message, code },
  }));
  return {
    title: notebook.title,
    markers: [...own, ...scenarioMarkers(notebook)],
    runs: notebook.runs.filter(canRun).map((run) => ({ id: run.id, line: run.line, variants: variantsOfRun(run) })),
    names: [
      ...notebook.parameters.map((parameter) => parameter.name),
      ...notebook.switches.map((one) => one.name),
      ...notebook.variants.map((variant) => variant.name),
      ...notebook.cells.map((cell) => `#${cell.id}`),
    ],
  };
}

/** Errors of scenarios, each once although several variants have it; one that only some have names them. */
function scenarioMarkers(notebook: Notebook): readonly Marker[] {
  const found = new Map<string, { readonly marker: Marker; readonly variants: string[] }>();
  const plans = plansOf(notebook).slice(0, plansMax);
  for (const plan of plans) {
    for (const problem of analyseScenario(plan)) {
      const marker = markerOf(notebook, problem);
      const key = JSON.stringify(marker);
      const known = found.get(key);
      if (known) known.variants.push(plan.variant);
      else found.set(key, { marker, variants: [plan.variant] });
    }
  }
  return [...found.values()].map(({ marker, variants }) =>
    variants.length === plans.length ? marker : { ...marker, message: `${marker.message} (in ${variants.join(", ")})` },
  );
}

function plansOf(notebook: Notebook): readonly PlannedRun[] {
  return notebook.runs.flatMap((run) => {
    const plan = planRuns(notebook, { cellId: run.id });
    return plan.kind === "planned" ? plan.members : [];
  });
}

/** `#model:12` is the file's own line of that cell. */
function markerOf(notebook: Notebook, problem: ScenarioProblem): Marker {
  const cell = notebook.cells.find((candidate) => `#${candidate.id}` === problem.file);
  const shift = cell === undefined ? 0 : cell.line - 1;
  return {
    line: problem.line + shift,
    column: problem.column,
    endLine: problem.endLine + shift,
    endColumn: problem.endColumn,
    severity: problem.severity,
    message: problem.message,
    code: problem.code,
  };
}
