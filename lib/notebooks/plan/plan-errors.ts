/** Which errors of a notebook bear on which runs. */
import type { NotebookDiagnostic } from "../diagnostics.ts";
import type { Notebook, RunCell } from "../types.ts";
import type { CellClosure } from "./plan-cells.ts";

/** Whether an error bears on a run: in the file as a whole, in what all runs share, in its cells or in its own block. */
export function touches(
  notebook: Notebook,
  diagnostic: NotebookDiagnostic,
  plan: { readonly run: RunCell; readonly closure: CellClosure },
): boolean {
  const block = diagnostic.blockIndex === null ? undefined : notebook.blocks[diagnostic.blockIndex];
  if (block === undefined) return true;
  switch (block.kind) {
    case "hunkbook":
    case "param":
    case "variant":
    case "hunks":
      return true;
    case "scn":
      return plan.closure.cells.some((cell) => cell.id === block.id);
    case "run":
      return block.id === plan.run.id;
    case "prose":
    case "claim":
    case "expect":
      return false;
  }
}

/**
 * What is in the way of a run and everything else that is wrong with the notebook, in the order of the file, each once:
 * whoever has to mend a notebook wants all its errors at once, not only those of the run that was asked for.
 */
export function allErrors(notebook: Notebook, inTheWay: readonly NotebookDiagnostic[]): NotebookDiagnostic[] {
  return unique([...notebook.diagnostics.filter((diagnostic) => diagnostic.severity === "error"), ...inTheWay]);
}

/** Each once, in the order of the file. */
export function unique(diagnostics: readonly NotebookDiagnostic[]): NotebookDiagnostic[] {
  const seen = new Map<string, NotebookDiagnostic>();
  for (const diagnostic of diagnostics) {
    seen.set(`${diagnostic.code} ${diagnostic.line} ${diagnostic.column} ${diagnostic.message}`, diagnostic);
  }
  return [...seen.values()].sort((a, b) => a.line - b.line || a.column - b.column);
}

/** The text of a line of the file, or "". */
export function lineOf(notebook: Notebook, line: number): string {
  const block = notebook.blocks.find((candidate) => line >= candidate.lineStart && line < candidate.lineEnd);
  return block?.raw.split(/\r?\n/)[line - block.lineStart] ?? "";
}
