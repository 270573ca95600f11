/**
 * From a notebook and what was asked for to the runs: one per run cell and variant, with everything that its result
 * depends on and nothing else. Pure: the server, the command and the editor plan alike.
 */
import { parameterProblem, variantNames, variantsOfRun } from "../parse/check.ts";
import type { NotebookDiagnostic, NotebookDiagnosticCode } from "../diagnostics.ts";
import { nearestHint } from "../nearest-hint.ts";
import { variantsOf } from "../predicates.ts";
import { planCells, type CellClosure } from "./plan-cells.ts";
import { lineOf, touches, unique } from "./plan-errors.ts";
import { ablatedSwitchesMax, firstSubsets } from "../../runs/ablation.ts";
import { labelAtPoint, pointLabel, pointsOf, readPointLabel, type SweepPoint } from "../sweep-point.ts";
import { usualSimulation } from "../parse/read-simulation.ts";
import { exhaustiveSwitchesMax, isSubsetLabel, readSubset } from "../switch-subset.ts";
import type {
  HunkRef,
  Notebook,
  PlannedHunk,
  PlannedRun,
  PlannedSimulation,
  PlanOutcome,
  ReachPlace,
  ReachQuestion,
  RunCell,
  Simulation,
  SweepAxis,
} from "../types.ts";
import { resolveSubset, resolveVariant, type ResolvedVariant } from "./variants.ts";

/** What is asked for: one run cell or all, parameter values and variants that differ from what the notebook says. */
export type PlanRequest = {
  readonly cellId?: string;
  readonly parameters?: Readonly<Record<string, number>>;
  /** Instead of the variants that the run's command names; of an ablation labels of subsets, `{A, B}`; of a sweep also `x2 LOAD=4`. */
  readonly variants?: readonly string[];
  /** Other questions to the scenarios of the cells than their commands ask. */
  readonly question?: PlanQuestion;
  /** `one`: nothing that needs results before it can go on, as delta debugging does, is planned. */
  readonly rounds?: "one";
};

export type PlanQuestion =
  /** All subsets of these switches; [] for the cell's own, else all of the notebook's. */
  | { readonly kind: "ablate"; readonly switches: readonly string[] }
  | { readonly kind: "reach"; readonly expression: string; readonly at: ReachPlace | null }
  /** Simulated, whatever the cell's command asks, with these settings over its own. */
  | ({ readonly kind: "simulate" } & SimulateOverrides);

export type SimulateOverrides = Partial<Omit<Simulation, "costs">> & {
  readonly seed?: number;
  /** A machine profile of one's own, as JSON. */
  readonly profileText?: string;
};

/** Most runs of one request, those of ablations not counted: these have a bound of their own. */
const membersMax = 200;

/** Plans the runs. Rejected when anything that a run depends on has an error; errors elsewhere do not stop it. */
export function planRuns(notebook: Notebook, request: PlanRequest = {}): PlanOutcome {
  const planner = new Planner(notebook, request);
  return planner.plan();
}

type PlannedCommand =
  | { readonly kind: "check"; readonly variants: readonly string[] }
  | {
      readonly kind: "reach";
      readonly variants: readonly string[];
      readonly expression: string;
      readonly at: ReachPlace | null;
    }
  | { readonly kind: "ablate"; readonly switches: readonly string[] }
  | { readonly kind: "simulate"; readonly variants: readonly string[] }
  | { readonly kind: "sweep"; readonly variants: readonly string[]; readonly axes: readonly SweepAxis[] }
  | { readonly kind: "crossover"; readonly variants: readonly string[]; readonly axis: SweepAxis }
  | { readonly kind: "unsupported"; readonly reason: string };

type PlannedMember = {
  readonly variant: ResolvedVariant;
  readonly ablated: readonly string[] | null;
  readonly reach: { readonly expression: string; readonly at: ReachPlace | null } | null;
  /** Null of a run that is not simulated. */
  readonly point: SweepPoint | null;
  readonly isSimulated: boolean;
};

/** A check of a variant, until something else is said of it. */
const plainMember = { ablated: null, reach: null, point: null, isSimulated: false } as const;

/** Whether this version can run such a command. */
export function canRun({ command }: RunCell): boolean {
  switch (command.kind) {
    case "check":
    case "reach":
      return true;
    case "simulate":
    case "sweep":
    case "compare":
      return true;
    case "ablate":
      return command.measure === "check";
    case "crossover":
      return false;
  }
}

class Planner {
  readonly #notebook: Notebook;
  readonly #request: PlanRequest;
  readonly #problems: NotebookDiagnostic[] = [];
  readonly #members: PlannedRun[] = [];
  #plainCount = 0;
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
    const command = this.#commandOf(run);
    switch (command.kind) {
      case "check":
        this.#planVariants(run, { variants: this.#variantsFor(run, command.variants) });
        return;
      case "reach":
        this.#planVariants(run, { variants: this.#variantsFor(run, command.variants), reach: command });
        return;
      case "ablate":
        this.#planAblation(run, command.switches);
        return;
      case "simulate":
        this.#planVariants(run, { variants: this.#variantsFor(run, command.variants), isSimulated: true });
        return;
      case "sweep":
        this.#planPoints(run, command.variants, command.axes);
        return;
      case "crossover":
        this.#planCrossover(run, command.variants, command.axis);
        return;
      case "unsupported":
        if (this.#request.cellId === undefined) this.#skipped.push({ runCellId: run.id, reason: command.reason });
        else this.#problem("NBK090", run.line, command.reason);
    }
  }

  /** What is asked of a run cell's scenario: the request's question, else the command's own. */
  #commandOf(run: RunCell): PlannedCommand {
    const { question } = this.#request;
    if (question?.kind === "reach") return { ...question, variants: variantsOfRun(run) };
    const { command } = run;
    if (question?.kind === "simulate" && run.simulation === null)
      return { kind: "simulate", variants: variantsOfRun(run).length === 0 ? ["base"] : variantsOfRun(run) };
    if (question?.kind === "ablate") {
      const own = command.kind === "ablate" ? command.switches : [];
      return { kind: "ablate", switches: question.switches.length > 0 ? question.switches : own };
    }
    switch (command.kind) {
      case "check":
        return command;
      case "reach":
        return { ...command, variants: [command.variant] };
      case "ablate":
        if (command.measure === "check") return command;
        return { kind: "unsupported", reason: "ablate metric= is not supported yet by this version; ablate check is" };
      case "simulate":
      case "sweep":
        return command;
      case "compare":
        return { kind: "simulate", variants: [command.first, command.second] };
      case "crossover":
        return { kind: "crossover", variants: [command.first, command.second], axis: command.axis };
    }
  }

  #planVariants(
    run: RunCell,
    plan: { readonly variants: readonly string[] } & Partial<Pick<PlannedMember, "reach" | "point" | "isSimulated">>,
  ): void {
    const { variants, ...member } = plan;
    for (const name of variants) {
      const resolved = resolveVariant(this.#notebook, name);
      if (resolved.kind === "resolved") {
        this.#planVariant(run, { ...plainMember, ...member, variant: resolved.variant });
        continue;
      }
      const { code, line, message } = resolved.problem;
      this.#problem(code, line === 1 ? run.line : line, message);
    }
  }

  /** Every variant at every point; of what was asked for by label only that. */
  #planPoints(run: RunCell, own: readonly string[], axes: readonly SweepAxis[]): void {
    const asked = this.#request.variants ?? [];
    const points = pointsOf(axes);
    const labels = own.flatMap((name) => points.map((point) => labelAtPoint(name, pointLabel(point))));
    const unknown = asked.find((name) => !own.includes(name) && !labels.includes(name));
    if (unknown !== undefined && this.#request.cellId !== undefined) {
      this.#problem(
        "NBK031",
        run.line,
        `#${run.id} has no run "${unknown}"${nearestHint(unknown, [...own, ...labels])}`,
      );
      return;
    }
    for (const variant of own) {
      for (const point of points) {
        const isAsked = asked.includes(variant) || asked.includes(labelAtPoint(variant, pointLabel(point)));
        if (asked.length === 0 || isAsked) this.#planVariants(run, { variants: [variant], point, isSimulated: true });
      }
    }
  }

  /** The ends of the axis first; what lies between is asked for by label, in rounds. */
  #planCrossover(run: RunCell, variants: readonly string[], axis: SweepAxis): void {
    if (this.#request.rounds === "one") {
      const message =
        "crossover goes on in rounds, which only the command does (hunkbook simulate); a sweep over the same parameter runs here";
      this.#problem("NBK090", run.line, message);
      return;
    }
    const ends = [...new Set([axis.values[0], axis.values.at(-1)])].flatMap((value) =>
      value === undefined ? [] : [value],
    );
    const isByLabel = (this.#request.variants ?? []).some((name) => readPointLabel(name) !== null);
    this.#planPoints(run, variants, [isByLabel ? axis : { ...axis, values: ends }]);
  }

  /** Every subset from scratch; above ten switches the first round of delta debugging. */
  #planAblation(run: RunCell, named: readonly string[]): void {
    const known = this.#notebook.switches.map((entry) => entry.name);
    const switches = named.length === 0 ? known : named;
    const unknown = switches.find((name) => !known.includes(name));
    if (unknown !== undefined) {
      this.#problem("NBK045", run.line, `unknown switch "${unknown}"${nearestHint(unknown, known)}`);
      return;
    }
    if (switches.length === 0) {
      const message = "ablate has no switch to try: name hunks in a hunks block (NAME = path@line)";
      this.#problem("NBK045", run.line, message);
      return;
    }
    if (switches.length > ablatedSwitchesMax) {
      this.#problem("NBK016", run.line, `more than ${ablatedSwitchesMax} switches in one ablation; name some of them`);
      return;
    }
    if (switches.length > exhaustiveSwitchesMax && this.#request.rounds === "one") {
      const message = `ablate of more than ${exhaustiveSwitchesMax} switches goes on in rounds, which only the command does (hunkbook ablate); name at most ${exhaustiveSwitchesMax} of them here`;
      this.#problem("NBK090", run.line, message);
      return;
    }
    for (const subset of this.#subsetsFor(run, switches)) {
      this.#planVariant(run, { ...plainMember, variant: resolveSubset(this.#notebook, subset), ablated: switches });
    }
  }

  #subsetsFor(run: RunCell, switches: readonly string[]): readonly (readonly string[])[] {
    const asked = this.#request.variants ?? [];
    const labels = asked.filter(isSubsetLabel);
    // Variants were asked for by name: they are of other cells, or of none.
    if (labels.length === 0) return asked.length === 0 ? firstSubsets(switches) : [];
    return labels.flatMap((label) => {
      const subset = readSubset(label);
      if (subset !== null && subset.every((name) => switches.includes(name))) return [subset];
      this.#problem("NBK045", run.line, `${label} is no set of the switches ${switches.join(", ")}`);
      return [];
    });
  }

  #planVariant(run: RunCell, member: PlannedMember): void {
    const closure = planCells(this.#notebook, { run, variant: member.variant });
    if (closure.kind === "problem") {
      this.#problem(closure.code, closure.line, closure.message);
      return;
    }
    this.#takeErrors((diagnostic) => touches(this.#notebook, diagnostic, { run, closure }));
    this.#add(run, member, closure);
  }

  #variantsFor(run: RunCell, own: readonly string[]): readonly string[] {
    const asked = (this.#request.variants ?? []).filter((name) => !isSubsetLabel(name));
    if (this.#request.variants === undefined || this.#request.variants.length === 0) return own;
    const known = variantNames(this.#notebook);
    const unknown = asked.find((name) => !known.includes(name));
    if (unknown === undefined) return [...new Set(asked)];
    this.#problem("NBK031", run.line, `unknown variant "${unknown}"${nearestHint(unknown, known)}`);
    return [];
  }

  #add(run: RunCell, member: PlannedMember, closure: CellClosure): void {
    const { variant, ablated, point } = member;
    if (run.limits.swarmJobs > 0 && this.#request.rounds === "one") {
      const message =
        "limit swarm= is run by the command only (hunkbook check); leave it out to search exhaustively here";
      this.#problem("NBK090", run.line, message);
      return;
    }
    if (ablated === null && point === null) this.#plainCount += 1;
    if (this.#plainCount > membersMax) {
      this.#problem("NBK016", run.line, `more than ${membersMax} runs at once; ask for one run cell or fewer variants`);
      return;
    }
    const parameters = { ...this.#parametersFor(run), ...point };
    const hunks = plannedHunks(this.#notebook, variant);
    const { timeMsMax, swarmJobs, statesMax, depthMax, memoryBytesMax } = run.limits;
    const simulation = member.isSimulated ? this.#simulationOf(run) : null;
    const asked = this.#request.question?.kind === "simulate" ? this.#request.question : null;
    const spoken = speaksOf(this.#notebook, { runId: run.id, variant: variant.name, isAblated: ablated !== null });
    this.#members.push({
      runCellId: run.id,
      scnCellId: closure.rootId,
      kind: simulation !== null ? "simulate" : member.reach === null ? "check" : "reach",
      simulation,
      point,
      reach: member.reach === null ? null : reachQuestion(member.reach, closure.rootId),
      variant: point === null ? variant.name : labelAtPoint(variant.name, pointLabel(point)),
      ablated,
      defines: variant.defines,
      parameters,
      switches: variant.switches,
      appliedHunks: hunks.filter((hunk) => hunk.role === "switch" || hunk.role === "applied").map(hunkRef),
      hunks,
      cells: closure.cells,
      options: closure.options,
      seed: asked?.seed ?? run.seed,
      limits: { statesMax, depthMax, memoryBytesMax },
      timeMsMax,
      swarmJobs,
      // Expect lines and claims were written for the notebook's own values; with others they would "drift" by design.
      ...(this.#hasOwnValues(run) && this.#request.question === undefined ? spoken : { expects: [], claims: [] }),
    });
  }

  /** The cell's settings, or the usual ones of a cell that is simulated by request only, under those asked for. */
  #simulationOf(run: RunCell): PlannedSimulation {
    const { question } = this.#request;
    const own = run.simulation ?? usualSimulation;
    const eventsMax = run.limits.eventsMax;
    if (question?.kind !== "simulate") return { ...own, eventsMax, profileText: null };
    const { kind: _kind, seed: _seed, profileText, ...overrides } = question;
    const merged = { ...own, ...overrides };
    // A shorter run than the cell's keeps the cell's share of warm-up.
    const share = own.warmUpNs / own.untilNs;
    const warmUpNs = overrides.warmUpNs ?? Math.floor(share * merged.untilNs);
    return { ...merged, warmUpNs, eventsMax, profileText: profileText ?? null };
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

function reachQuestion(
  reach: { readonly expression: string; readonly at: ReachPlace | null },
  rootId: string,
): ReachQuestion {
  const { expression, at } = reach;
  return {
    expression,
    at: at === null ? null : { task: at.task, file: `#${at.cellId ?? rootId}`, line: at.line },
  };
}

function speaksOf(
  notebook: Notebook,
  member: { readonly runId: string; readonly variant: string; readonly isAblated: boolean },
): Pick<PlannedRun, "expects" | "claims"> {
  const concerns = ({ runId, predicate }: PlannedRun["expects"][number]): boolean =>
    runId === member.runId &&
    (predicate.kind === "ablation" ? member.isAblated : variantsOf(predicate).includes(member.variant));
  return {
    expects: notebook.expects.filter(concerns),
    claims: notebook.claims.filter((claim) => claim.needs.some(concerns)),
  };
}
