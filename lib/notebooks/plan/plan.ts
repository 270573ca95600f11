/**
 * From a notebook and what was asked for to the runs: one per run cell and variant, with everything that its result
 * depends on and nothing else. Pure: the server, the command and the editor plan alike.
 */
import { parameterProblem, variantNames, variantsOfRun } from "../parse/check.ts";
import type { NotebookDiagnostic, NotebookDiagnosticCode } from "../diagnostics.ts";
import { nearestHint } from "../nearest-name.ts";
import { variantsOf } from "../predicates.ts";
import { planCells, type CellClosure } from "./plan-cells.ts";
import type { HunkRef, Notebook, PlannedHunk, PlannedRun, PlanOutcome, RunCell } from "../types.ts";
import { resolveVariant, type ResolvedVariant } from "./variants.ts";

/** What is asked for: one run cell or all, parameter values and variants that differ from what the notebook says. */
export type PlanRequest = {
  readonly cellId?: string;
  readonly parameters?: Readonly<Record<string, number>>;
  /** Instead of the variants that the run's command names. */
  readonly variants?: readonly string[];
};

/** Most runs of one request. */
const membersMax = 200;

/** Plans the runs. Rejected when anything that a run depends on has an error; errors elsewhere do not stop it. */
export function planRuns(notebook: Notebook, request: PlanRequest = {}): PlanOutcome {
  const planner = new Planner(notebook, request);
  return planner.plan();
}

class Planner {
  readonly #notebook: Notebook;
  readonly #request: PlanRequest;
  readonly #problems: NotebookDiagnostic[] = [];
  readonly #members: PlannedRun[] = [];
  readonly #skipped: { readonly runCellId: string; readonly reason: string }[] = [];

  constructor(notebook: Notebook, request: PlanRequest) {
    this.#notebook = notebook;
    this.#request = request;
  }

  plan(): PlanOutcome {
    const runs = this.#runsAskedFor();
    this.#checkParameters();
    if (this.#problems.length === 0) for (const run of runs) this.#planRun(run);
    if (this.#problems.length === 0 && this.#members.length === 0) this.#explainNothing();
    if (this.#problems.length > 0) return { kind: "rejected", diagnostics: unique(this.#problems) };
    return { kind: "planned", members: this.#members, skipped: this.#skipped };
  }

  #runsAskedFor(): readonly RunCell[] {
    const { cellId } = this.#request;
    const { runs } = this.#notebook;
    if (cellId === undefined) {
      // A run block with an error may not have been read: running only the others would look like all of them.
      this.#takeErrors((diagnostic) => this.#isInRun(diagnostic));
      return runs;
    }
    const run = runs.find((candidate) => candidate.id === cellId);
    if (run !== undefined) return [run];
    this.#takeErrors((diagnostic) => this.#isAbout(diagnostic, cellId));
    if (this.#problems.length > 0) return [];
    const ids = runs.map((candidate) => candidate.id);
    const isScenario = this.#notebook.cells.some((cell) => cell.id === cellId);
    const what = isScenario ? `#${cellId} is a scenario, not a run` : `no run block is called #${cellId}`;
    this.#problem("NBK064", 1, `${what}${nearestHint(cellId, ids)}`);
    return [];
  }

  #isAbout(diagnostic: NotebookDiagnostic, cellId: string): boolean {
    return diagnostic.blockIndex !== null && this.#notebook.blocks[diagnostic.blockIndex]?.id === cellId;
  }

  #isInRun(diagnostic: NotebookDiagnostic): boolean {
    return diagnostic.blockIndex !== null && this.#notebook.blocks[diagnostic.blockIndex]?.kind === "run";
  }

  #checkParameters(): void {
    for (const [name, value] of Object.entries(this.#request.parameters ?? {})) {
      const problem = parameterProblem(this.#notebook, { name, value });
      if (problem !== null) this.#problem(problem.code, this.#lineOfParameter(name), problem.message);
    }
  }

  #lineOfParameter(name: string): number {
    return this.#notebook.parameters.find((parameter) => parameter.name === name)?.line ?? 1;
  }

  #planRun(run: RunCell): void {
    if (run.command.kind !== "check") {
      const reason = `${run.command.kind} is not supported yet by this version; check is`;
      if (this.#request.cellId === undefined) this.#skipped.push({ runCellId: run.id, reason });
      else this.#problem("NBK090", run.line, reason);
      return;
    }
    for (const variant of this.#variantsFor(run)) {
      const resolved = resolveVariant(this.#notebook, variant);
      if (resolved.kind === "unresolved") {
        const { code, line, message } = resolved.problem;
        this.#problem(code, line === 1 ? run.line : line, message);
        continue;
      }
      const closure = planCells(this.#notebook, { run, variant: resolved.variant });
      if (closure.kind === "problem") {
        this.#problem(closure.code, closure.line, closure.message);
        continue;
      }
      this.#takeErrors((diagnostic) => touches(this.#notebook, diagnostic, { run, closure }));
      this.#add(run, resolved.variant, closure);
    }
  }

  #variantsFor(run: RunCell): readonly string[] {
    const asked = this.#request.variants;
    if (asked === undefined || asked.length === 0) return variantsOfRun(run);
    const known = variantNames(this.#notebook);
    const unknown = asked.find((name) => !known.includes(name));
    if (unknown === undefined) return [...new Set(asked)];
    this.#problem("NBK031", run.line, `unknown variant "${unknown}"${nearestHint(unknown, known)}`);
    return [];
  }

  #add(run: RunCell, variant: ResolvedVariant, closure: CellClosure): void {
    if (this.#members.length >= membersMax) {
      this.#problem("NBK016", run.line, `more than ${membersMax} runs at once; ask for one run cell or fewer variants`);
      return;
    }
    const parameters = this.#parametersFor(run);
    const hunks = plannedHunks(this.#notebook, variant);
    const { timeMsMax, ...limits } = run.limits;
    this.#members.push({
      runCellId: run.id,
      scnCellId: closure.rootId,
      kind: "check",
      variant: variant.name,
      defines: variant.defines,
      parameters,
      switches: variant.switches,
      appliedHunks: hunks.filter((hunk) => hunk.role === "switch" || hunk.role === "applied").map(hunkRef),
      hunks,
      cells: closure.cells,
      options: closure.options,
      seed: run.seed,
      limits,
      timeMsMax,
      // Expect lines and claims were written for the notebook's own values; with others they would "drift" by design.
      ...(this.#hasOwnValues(run) ? speaksOf(this.#notebook, run.id, variant.name) : { expects: [], claims: [] }),
    });
  }

  #hasOwnValues(run: RunCell): boolean {
    return Object.entries(this.#request.parameters ?? {}).every(([name, value]) => {
      const inCommand = run.parameters.find((parameter) => parameter.name === name);
      const own = inCommand ?? this.#notebook.parameters.find((parameter) => parameter.name === name);
      return own?.value === value;
    });
  }

  #parametersFor(run: RunCell): Record<string, number> {
    const values: Record<string, number> = {};
    for (const { name, value } of this.#notebook.parameters) values[name] = value;
    for (const { name, value } of run.parameters) values[name] = value;
    for (const [name, value] of Object.entries(this.#request.parameters ?? {})) values[name] = value;
    for (const [name, value] of Object.entries(values)) {
      if (Number.isInteger(value) && value >= -0x8000_0000 && value <= 0xffff_ffff) continue;
      const message = `${name} = ${value}: a check counts in whole 32-bit numbers`;
      this.#problem("NBK021", this.#lineOfParameter(name), message);
    }
    return values;
  }

  #explainNothing(): void {
    this.#takeErrors(() => true);
    if (this.#problems.length > 0) return;
    const [skipped] = this.#skipped;
    const line = this.#notebook.runs[0]?.line ?? 1;
    if (skipped === undefined) this.#problem("NBK060", line, "nothing to run: the notebook has no run block");
    else this.#problem("NBK090", line, `nothing to run: ${skipped.reason}`);
  }

  #takeErrors(isMeant: (diagnostic: NotebookDiagnostic) => boolean): void {
    for (const diagnostic of this.#notebook.diagnostics) {
      if (diagnostic.severity === "error" && isMeant(diagnostic)) this.#problems.push(diagnostic);
    }
  }

  #problem(code: NotebookDiagnosticCode, line: number, message: string): void {
    const said = this.#notebook.diagnostics.find((other) => other.code === code && other.message === message);
    if (said !== undefined) {
      this.#problems.push(said);
      return;
    }
    const lineText = lineOf(this.#notebook, line);
    const column = lineText.length - lineText.trimStart().length + 1;
    const endColumn = Math.max(column + 1, lineText.trimEnd().length + 1);
    const blockIndex = this.#notebook.blocks.findIndex((block) => line >= block.lineStart && line < block.lineEnd);
    this.#problems.push({
      ...{ code, severity: "error", line, column, endColumn, lineText, message, notes: [] },
      blockIndex: blockIndex < 0 ? null : blockIndex,
    });
  }
}

/** Whether an error bears on a run: in the file as a whole, in what all runs share, in its cells or in its own block. */
function touches(
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

function unique(diagnostics: readonly NotebookDiagnostic[]): NotebookDiagnostic[] {
  const seen = new Map<string, NotebookDiagnostic>();
  for (const diagnostic of diagnostics) {
    seen.set(`${diagnostic.code} ${diagnostic.line} ${diagnostic.column} ${diagnostic.message}`, diagnostic);
  }
  return [...seen.values()].sort((a, b) => a.line - b.line || a.column - b.column);
}

function lineOf(notebook: Notebook, line: number): string {
  const block = notebook.blocks.find((candidate) => line >= candidate.lineStart && line < candidate.lineEnd);
  return block?.raw.split(/\r?\n/)[line - block.lineStart] ?? "";
}

function hunkRef({ messageId, path, oldStart, ordinal }: HunkRef): HunkRef {
  return { messageId, path, oldStart, ordinal };
}

function plannedHunks(notebook: Notebook, variant: ResolvedVariant): PlannedHunk[] {
  return notebook.switches.flatMap((entry) =>
    entry.hunks.map((hunk) => ({
      ...hunkRef(hunk),
      role: variant.switches[entry.name] === 1 ? ("switch" as const) : ("off" as const),
      switchName: entry.name,
    })),
  );
}

function speaksOf(notebook: Notebook, runId: string, variant: string): Pick<PlannedRun, "expects" | "claims"> {
  const concerns = (expectation: PlannedRun["expects"][number]): boolean =>
    expectation.runId === runId && variantsOf(expectation.predicate).includes(variant);
  return {
    expects: notebook.expects.filter(concerns),
    claims: notebook.claims.filter((claim) => claim.needs.some(concerns)),
  };
}
