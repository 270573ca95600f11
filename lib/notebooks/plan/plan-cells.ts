/** Which scenario a run means, and the cells that it is made of, in the order of compilation. */
import type { NotebookDiagnosticCode } from "../diagnostics.ts";
import type { CellOption, Notebook, RunCell, ScenarioCell } from "../types.ts";
import type { ResolvedVariant } from "./variants.ts";

export type CellClosure = {
  readonly kind: "closure";
  readonly rootId: string;
  readonly cells: readonly { readonly id: string; readonly text: string }[];
  readonly options: Readonly<Record<string, string>>;
};

type Problem = {
  readonly kind: "problem";
  readonly code: NotebookDiagnosticCode;
  readonly line: number;
  readonly message: string;
};

/** The root cell, what it uses (first), and the cells of the variant (last). */
export function planCells(
  notebook: Notebook,
  plan: { readonly run: RunCell; readonly variant: ResolvedVariant },
): CellClosure | Problem {
  const root = rootCell(notebook, plan.run);
  if (root.kind === "problem") return root;
  const order: ScenarioCell[] = [];
  const collected = collect(notebook, root.cell, { order, path: [] });
  if (collected !== null) return collected;
  for (const cell of notebook.cells) {
    if (cell.variant === plan.variant.name && belongs(cell, order)) {
      const problem = collect(notebook, cell, { order, path: [] });
      if (problem !== null) return problem;
    }
  }
  const applied = textApplication(notebook, order, plan.variant);
  if (applied !== null) return applied;
  const options = mergeOptions(order);
  if (options.kind === "problem") return options;
  const cells = order.map(({ id, text }) => ({ id, text }));
  return { kind: "closure", rootId: root.cell.id, cells, options: options.values };
}

/** `scn=#id`, else the one cell that no other uses and that belongs to no variant. */
function rootCell(notebook: Notebook, run: RunCell): { readonly kind: "root"; readonly cell: ScenarioCell } | Problem {
  const used = new Set(notebook.cells.flatMap((cell) => cell.uses.map((use) => use.id)));
  const candidates =
    run.scenario === null
      ? notebook.cells.filter((cell) => cell.variant === null && !used.has(cell.id))
      : notebook.cells.filter((cell) => cell.id === run.scenario);
  const [cell, second] = candidates;
  if (cell !== undefined && second === undefined) return { kind: "root", cell };
  const ids = candidates.map((candidate) => `scn=#${candidate.id}`);
  const message =
    cell === undefined
      ? "there is no scn block for this run"
      : `more than one scn block could be meant; end the command in one of ${ids.join(", ")}`;
  return { kind: "problem", code: "NBK063", line: run.line, message };
}

/** A variant's cell belongs to every scenario, or, when it says `use:`, to those that contain what it uses. */
function belongs(cell: ScenarioCell, order: readonly ScenarioCell[]): boolean {
  return cell.uses.length === 0 || cell.uses.some((use) => order.some((other) => other.id === use.id));
}

/** Depth first, what is used before what uses it; a cell already there is not repeated. */
function collect(
  notebook: Notebook,
  cell: ScenarioCell,
  state: { readonly order: ScenarioCell[]; readonly path: readonly string[] },
): Problem | null {
  if (state.order.includes(cell)) return null;
  if (state.path.includes(cell.id)) {
    const cycle = [...state.path, cell.id].map((id) => `#${id}`).join(" -> ");
    return { kind: "problem", code: "NBK053", line: cell.line, message: `scn blocks use each other: ${cycle}` };
  }
  for (const use of cell.uses) {
    const other = notebook.cells.find((candidate) => candidate.id === use.id);
    if (other === undefined) {
      return { kind: "problem", code: "NBK052", line: use.line, message: `no scn block is called #${use.id}` };
    }
    const problem = collect(notebook, other, { order: state.order, path: [...state.path, cell.id] });
    if (problem !== null) return problem;
  }
  state.order.push(cell);
  return null;
}

/** A switch whose hunks change an excerpt would have to be applied to its text: refused rather than left out. */
function textApplication(notebook: Notebook, cells: readonly ScenarioCell[], variant: ResolvedVariant): Problem | null {
  for (const cell of cells) {
    const hit = notebook.switches.find(
      (entry) => variant.switches[entry.name] === 1 && entry.hunks.some((hunk) => hunk.path === cell.file),
    );
    if (hit === undefined) continue;
    const message = `variant ${variant.name} applies ${hit.name} to the excerpt of ${cell.file ?? ""}; applying hunks to text is not supported yet by this version: drop the option file: and let the switch stand as a constant`;
    return { kind: "problem", code: "NBK090", line: cell.line, message };
  }
  return null;
}

/** Options of all cells together; two cells that disagree are an error, since either answer would surprise. */
function mergeOptions(
  cells: readonly ScenarioCell[],
): { readonly kind: "options"; readonly values: Record<string, string> } | Problem {
  const found = new Map<string, CellOption>();
  for (const option of cells.flatMap((cell) => cell.options)) {
    const earlier = found.get(option.key);
    if (earlier !== undefined && earlier.value !== option.value) {
      const message = `${option.key}: ${option.value} here, but ${earlier.value} at line ${earlier.line}; cells of one scenario must agree`;
      return { kind: "problem", code: "NBK054", line: option.line, message };
    }
    found.set(option.key, option);
  }
  return { kind: "options", values: Object.fromEntries([...found].map(([key, option]) => [key, option.value])) };
}
