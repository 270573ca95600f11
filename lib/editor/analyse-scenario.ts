import type { PlannedRun } from "../notebooks/types.ts";

/** A diagnostic of the scenario language at a place of one cell, `#id`. */
export type ScenarioProblem = {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly severity: "error" | "warning";
  readonly message: string;
  readonly code: string;
};

/** What the compiler's front end says of one planned run. */
export function analyseScenario(_plan: PlannedRun): readonly ScenarioProblem[] {
  return [];
}
