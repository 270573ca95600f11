/** What no single block can tell: names that clash or lead nowhere, cycles, lines that mail would cut. */
import { findProfile, overrideCosts } from "#simulator";
import { mailHazard } from "./mail-hazard.ts";
import { nearestHint } from "../nearest-hint.ts";
import { outsideDomain } from "./read-params.ts";
import { variantsOf } from "../predicates.ts";
import { readSubset } from "../switch-subset.ts";
import type { NotebookSink, SourceLine } from "./source.ts";
import type { Expectation, Notebook, Predicate, RunCell, SweepAxis, Variant } from "../types.ts";

/** Reports every problem between blocks. Linear but for the cycles, which are bounded by the number of blocks. */
export function checkNotebook(notebook: Notebook, sink: NotebookSink): void {
  const lines = new LineIndex(notebook);
  checkConstants(notebook, lines, sink);
  checkVariants(notebook, lines, sink);
  checkCells(notebook, lines, sink);
  for (const run of notebook.runs) checkRun(run, { notebook, lines, sink });
  for (const expectation of notebook.expects) checkExpectation(expectation, { notebook, lines, sink });
  for (const claim of notebook.claims) {
    for (const need of claim.needs) checkExpectation(need, { notebook, lines, sink });
  }
  if (notebook.quoteDepth === 0) checkMailHazards(notebook, lines, sink);
}

type Context = { readonly notebook: Notebook; readonly lines: LineIndex; readonly sink: NotebookSink };

/** Lines by number, made from the blocks again, with the block that each stands in. */
class LineIndex {
  readonly #texts: string[] = [];
  readonly #blocks: number[] = [];

  constructor(notebook: Notebook) {
    for (const [index, block] of notebook.blocks.entries()) {
      for (const text of block.raw.replace(/\r?\n$/, "").split(/\r?\n/)) {
        this.#texts.push(text);
        this.#blocks.push(index);
      }
    }
  }

  get count(): number {
    return this.#texts.length;
  }

  text(number: number): string {
    return this.#texts[number - 1] ?? "";
  }

  block(number: number): number | null {
    return this.#blocks[number - 1] ?? null;
  }

  line(number: number): SourceLine {
    const full = this.text(number);
    return { number, start: 0, next: 0, text: full, prefixUnits: 0, full, isHidden: false };
  }

  /** The first line from `from` on that has the word; `from` when none has. */
  find(from: number, word: string): number {
    for (let number = from; number <= this.count; number += 1) if (this.text(number).includes(word)) return number;
    return from;
  }

  /** Where a word stands in a line, for a report. */
  at(
    number: number,
    word: string,
  ): {
    readonly line: SourceLine;
    readonly column: number;
    readonly endColumn: number;
    readonly blockIndex: number | null;
  } {
    const found = this.text(number).indexOf(word);
    const column = found < 0 ? 1 : found + 1;
    return { line: this.line(number), column, endColumn: column + word.length, blockIndex: this.block(number) };
  }
}

/** Parameters and switches are constants of one name space. */
function checkConstants(notebook: Notebook, lines: LineIndex, sink: NotebookSink): void {
  const seen = new Map<string, { readonly line: number; readonly what: string }>();
  const named = [
    ...notebook.parameters.map(({ name, line }) => ({ name, line, what: "parameter" })),
    ...notebook.switches.map(({ name, line }) => ({ name, line, what: "switch" })),
  ];
  for (const { name, line, what } of named) {
    const earlier = seen.get(name);
    if (earlier === undefined) {
      seen.set(name, { line, what });
      continue;
    }
    const message = `${name} is declared twice: as a ${earlier.what} at line ${earlier.line} and as a ${what} here`;
    const notes = [{ line: earlier.line, message: `${name} is a ${earlier.what} here` }];
    sink.report({ code: "NBK022", message, notes, ...lines.at(line, name) });
  }
  checkHunksOnce(notebook, lines, sink);
}

function checkHunksOnce(notebook: Notebook, lines: LineIndex, sink: NotebookSink): void {
  const owners = new Map<string, { readonly name: string; readonly line: number }>();
  for (const { name, line, hunks } of notebook.switches) {
    for (const hunk of hunks) {
      const key = `${hunk.messageId}\n${hunk.path}\n${hunk.oldStart}`;
      const owner = owners.get(key);
      owners.set(key, owner ?? { name, line });
      if (owner === undefined) continue;
      const word = `${hunk.path}@${hunk.oldStart}`;
      const message = `${word} belongs to switch ${owner.name} already; a hunk can be in one switch only`;
      const notes = [{ line: owner.line, message: `${owner.name} has it here` }];
      sink.report({ code: "NBK042", message, notes, ...lines.at(line, word) });
    }
  }
}

function checkVariants(notebook: Notebook, lines: LineIndex, sink: NotebookSink): void {
  const byName = new Map<string, Variant>();
  for (const variant of notebook.variants) {
    const earlier = byName.get(variant.name);
    if (earlier !== undefined) {
      const message = `variant ${variant.name} is declared twice: at line ${earlier.line} and here`;
      sink.report({ code: "NBK022", message, ...lines.at(variant.line, variant.name) });
    } else {
      byName.set(variant.name, variant);
    }
  }
  for (const variant of byName.values()) checkItems(variant, { notebook, lines, sink });
  checkVariantCycles(byName, lines, sink);
}

function checkItems(variant: Variant, { notebook, lines, sink }: Context): void {
  if (sink.isFull) return;
  const names = variantNames(notebook);
  for (const item of variant.items) {
    if (item.kind === "extends" && !names.includes(item.variant)) {
      const message = `unknown variant "${item.variant}"${nearestHint(item.variant, names)}`;
      sink.report({ code: "NBK031", message, ...lines.at(variant.line, item.variant) });
    }
    if (item.kind !== "define") continue;
    const place = lines.at(variant.line, `${item.name}=`);
    if (notebook.parameters.some((parameter) => parameter.name === item.name)) {
      const message = `${item.name} is a parameter; set it in the run's command (NAME=value), not in a variant`;
      sink.report({ code: "NBK034", message, ...place });
    }
    const isSwitch = notebook.switches.some(({ name }) => name === item.name);
    if (isSwitch && item.value !== 0 && item.value !== 1) {
      const message = `${item.name} is a hunk switch: 1 applies its hunks, 0 does not`;
      sink.report({ code: "NBK043", message, ...place });
    }
  }
}

function checkVariantCycles(byName: ReadonlyMap<string, Variant>, lines: LineIndex, sink: NotebookSink): void {
  const next = (name: string): string[] =>
    (byName.get(name)?.items ?? []).flatMap((item) => (item.kind === "extends" ? [item.variant] : []));
  for (const cycle of findCycles([...byName.keys()], next)) {
    const variant = byName.get(cycle[0] ?? "");
    if (variant === undefined) continue;
    const message = `variants extend each other: ${[...cycle, cycle[0]].join(" -> ")}`;
    sink.report({ code: "NBK032", message, ...lines.at(variant.line, "extends") });
  }
}

/** `base` and the names of all variants. */
export function variantNames(notebook: Notebook): string[] {
  return [...new Set(["base", ...notebook.variants.map((variant) => variant.name)])];
}

function checkCells(notebook: Notebook, lines: LineIndex, sink: NotebookSink): void {
  const ids = notebook.cells.map((cell) => cell.id);
  const names = variantNames(notebook);
  for (const cell of notebook.cells) {
    for (const use of cell.uses) {
      if (ids.includes(use.id) || sink.isFull) continue;
      const message = `no scn block is called #${use.id}${nearestHint(use.id, ids)}`;
      sink.report({ code: "NBK052", message, ...lines.at(use.line, use.id) });
    }
    if (cell.variant !== null && !names.includes(cell.variant)) {
      const message = `#${cell.id} belongs to an unknown variant "${cell.variant}"${nearestHint(cell.variant, names)}`;
      sink.report({ code: "NBK031", message, ...lines.at(cell.line, cell.variant) });
    }
  }
  const uses = new Map(notebook.cells.map((cell) => [cell.id, cell.uses.map((use) => use.id)]));
  for (const cycle of findCycles(ids, (id) => uses.get(id) ?? [])) {
    const cell = notebook.cells.find((candidate) => candidate.id === cycle[0]);
    if (cell === undefined) continue;
    const message = `scn blocks use each other: ${[...cycle, cycle[0]].map((id) => `#${id ?? ""}`).join(" -> ")}`;
    sink.report({ code: "NBK053", message, ...lines.at(cell.uses[0]?.line ?? cell.line, "use") });
  }
}

/** Every cycle of a graph once, found depth first and iteratively: user text may nest as deep as it likes. */
function findCycles(names: readonly string[], next: (name: string) => readonly string[]): string[][] {
  const cycles: string[][] = [];
  const done = new Set<string>();
  for (const start of names) {
    const path: { readonly name: string; at: number }[] = done.has(start) ? [] : [{ name: start, at: 0 }];
    const onPath = new Set(path.map(({ name }) => name));
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const target = next(top.name)[top.at];
      top.at += 1;
      if (target === undefined) {
        done.add(top.name);
        onPath.delete(top.name);
        path.pop();
      } else if (onPath.has(target)) {
        cycles.push(path.slice(path.findIndex(({ name }) => name === target)).map(({ name }) => name));
      } else if (!done.has(target)) {
        path.push({ name: target, at: 0 });
        onPath.add(target);
      }
    }
  }
  return cycles;
}

function checkRun(run: RunCell, { notebook, lines, sink }: Context): void {
  if (sink.isFull) return;
  const names = variantNames(notebook);
  for (const name of variantsOfRun(run)) {
    if (names.includes(name)) continue;
    const message = `unknown variant "${name}"${nearestHint(name, names)}`;
    sink.report({ code: "NBK031", message, ...lines.at(run.line, name) });
  }
  checkSwitches(run, { notebook, lines, sink });
  const cells = notebook.cells.map((cell) => cell.id);
  if (run.scenario !== null && !cells.includes(run.scenario)) {
    const message = `no scn block is called #${run.scenario}${nearestHint(run.scenario, cells)}`;
    sink.report({ code: "NBK052", message, ...lines.at(run.line, run.scenario) });
  }
  const axes = axesOfRun(run).flatMap(({ name, values }) => values.map((value) => ({ name, value })));
  const wrong = new Set<string>();
  for (const { name, value } of [...run.parameters, ...axes]) {
    const problem = parameterProblem(notebook, { name, value });
    // One value of an axis tells what is wrong with it.
    if (problem !== null && !wrong.has(name)) sink.report({ ...problem, ...lines.at(run.line, name) });
    if (problem !== null) wrong.add(name);
  }
  checkSweepSize(run, { notebook, lines, sink });
  checkMachine(run, { notebook, lines, sink });
}

/** The machine profile and the costs that are set over it. */
function checkMachine(run: RunCell, { lines, sink }: Context): void {
  if (run.simulation === null) return;
  const { profile, costs } = run.simulation;
  const found = findProfile(profile);
  if (found.kind === "unknown") {
    sink.report({ code: "NBK065", message: found.message, ...lines.at(run.line, profile) });
    return;
  }
  const overridden = overrideCosts(found.profile, costs);
  if (overridden.kind === "profile") return;
  // The lines of one run block follow its command: the cost named in the message stands in one of them.
  const cost = costs.find((one) => overrideCosts(found.profile, [one]).kind === "unknown") ?? costs.at(-1);
  const word = cost === undefined ? "cost" : `${cost.name}=`;
  const at = lines.find(run.line, word);
  sink.report({ code: "NBK066", message: overridden.message, ...lines.at(at, word) });
}

/** Most runs of one sweep. */
const sweepRunsMax = 400;

function checkSweepSize(run: RunCell, { lines, sink }: Context): void {
  if (run.command.kind !== "sweep") return;
  const points = run.command.axes.reduce((count, { values }) => count * values.length, 1);
  const count = points * run.command.variants.length;
  if (count <= sweepRunsMax) return;
  const message = `${count} runs: a sweep has at most ${sweepRunsMax}; write larger steps or fewer variants`;
  sink.report({ code: "NBK067", message, ...lines.at(run.line, "sweep") });
}

/** The parameters that a run varies, with their values. */
export function axesOfRun(run: RunCell): readonly SweepAxis[] {
  switch (run.command.kind) {
    case "sweep":
      return run.command.axes;
    case "crossover":
      return [run.command.axis];
    case "check":
    case "simulate":
    case "compare":
    case "ablate":
    case "reach":
      return [];
  }
}

function checkSwitches(run: RunCell, { notebook, lines, sink }: Context): void {
  if (run.command.kind !== "ablate") return;
  const known = notebook.switches.map((entry) => entry.name);
  for (const name of run.command.switches) {
    if (known.includes(name)) continue;
    const message = `unknown switch "${name}"${nearestHint(name, known)}`;
    sink.report({ code: "NBK045", message, ...lines.at(run.line, name) });
  }
}

/** The switches that an ablation tries: those it names, else all. */
export function ablatedSwitches(notebook: Pick<Notebook, "switches">, run: RunCell): readonly string[] {
  const named = run.command.kind === "ablate" ? run.command.switches : [];
  return named.length > 0 ? named : notebook.switches.map((entry) => entry.name);
}

/** What is wrong with setting a parameter, or null. */
export function parameterProblem(
  notebook: Notebook,
  given: { readonly name: string; readonly value: number },
): { readonly code: "NBK044" | "NBK023" | "NBK021"; readonly message: string } | null {
  const parameter = notebook.parameters.find(({ name }) => name === given.name);
  if (parameter === undefined) {
    if (notebook.switches.some(({ name }) => name === given.name)) {
      return {
        code: "NBK044",
        message: `${given.name} is a hunk switch, not a parameter; choose a variant that sets it`,
      };
    }
    const known = notebook.parameters.map(({ name }) => name);
    return { code: "NBK023", message: `unknown parameter "${given.name}"${nearestHint(given.name, known)}` };
  }
  const problem = outsideDomain(given.value, parameter.domain);
  return problem === null ? null : { code: "NBK021", message: `${given.name} = ${given.value} ${problem}` };
}

/** Variants that a run's command names. */
export function variantsOfRun(run: RunCell): readonly string[] {
  switch (run.command.kind) {
    case "check":
    case "simulate":
    case "sweep":
      return run.command.variants;
    case "compare":
    case "crossover":
      return [run.command.first, run.command.second];
    case "ablate":
      return [];
    case "reach":
      return [run.command.variant];
  }
}

function checkExpectation(expectation: Expectation, { notebook, lines, sink }: Context): void {
  if (sink.isFull) return;
  const run = notebook.runs.find((candidate) => candidate.id === expectation.runId);
  if (run === undefined) {
    const ids = notebook.runs.map((candidate) => candidate.id);
    const message = `no run block is called #${expectation.runId}${nearestHint(expectation.runId, ids)}`;
    sink.report({ code: "NBK064", message, ...lines.at(expectation.line, expectation.runId) });
    return;
  }
  const { predicate, line } = expectation;
  const misplaced = misplacedPredicate(run, predicate);
  if (misplaced !== null) {
    sink.report({ code: "NBK070", message: misplaced, ...lines.at(line, expectation.text) });
    return;
  }
  if (run.command.kind === "ablate") {
    checkSubsets(expectation, ablatedSwitches(notebook, run), { notebook, lines, sink });
    return;
  }
  const known = variantsOfRun(run);
  for (const name of variantsOf(predicate)) {
    if (known.includes(name)) continue;
    const message = `#${run.id} does not run the variant "${name}"${nearestHint(name, known)}`;
    sink.report({ code: "NBK031", message, ...lines.at(line, name) });
  }
}

/** Causes are found by an ablation, and only a reach is answered by `reached`. */
function misplacedPredicate(run: RunCell, predicate: Predicate): string | null {
  const { kind } = run.command;
  if (predicate.kind === "ablation" && kind !== "ablate") {
    return `#${run.id} is no ablation: ${predicate.part} speaks of an ablate run`;
  }
  if (predicate.kind === "reach" && kind !== "reach") {
    return `#${run.id} asks no reach question; of a check say VARIANT holds, or VARIANT reaches "note"`;
  }
  if (kind === "reach" && predicate.kind !== "reach") {
    return `#${run.id} is a reach: say VARIANT reached, or VARIANT never reached`;
  }
  if (kind === "crossover") return `#${run.id} is a crossover: expect something of a sweep or a compare instead`;
  if (predicate.kind === "compare" && run.simulation === null) {
    return `#${run.id} does not simulate: it has no figures to compare`;
  }
  if (predicate.kind === "verdict" && (predicate.verdict === "measured") !== (run.simulation !== null)) {
    if (predicate.verdict === "measured") return `#${run.id} does not simulate: say VARIANT holds`;
    if (predicate.verdict === "holds") return `#${run.id} is a simulation, which proves nothing: say VARIANT measured`;
  }
  return null;
}

function checkSubsets(expectation: Expectation, switches: readonly string[], { lines, sink }: Context): void {
  const { predicate, line } = expectation;
  const report = (code: "NBK031" | "NBK045", message: string, word: string): void => {
    sink.report({ code, message, ...lines.at(line, word) });
  };
  for (const name of variantsOf(predicate)) {
    if (readSubset(name) !== null) continue;
    report("NBK031", `an ablation runs sets of switches: write {${name}}, or {} for none`, name);
  }
  const sets = predicate.kind === "ablation" ? predicate.subsets : variantsOf(predicate).map(readSubset);
  for (const name of new Set(sets.flatMap((set) => set ?? []))) {
    if (switches.includes(name)) continue;
    report("NBK045", `#${expectation.runId} does not ablate "${name}"${nearestHint(name, switches)}`, name);
  }
}

/** Lines that `git mailinfo` or mail software would cut or quote, as warnings: `hunkbook fmt` indents them. */
function checkMailHazards(notebook: Notebook, lines: LineIndex, sink: NotebookSink): void {
  for (let number = 1; number <= lines.count; number += 1) {
    const blockIndex = lines.block(number);
    const isProse = blockIndex === null || notebook.blocks[blockIndex]?.kind === "prose";
    const hazard = mailHazard(lines.text(number), { isProse });
    if (hazard === null) continue;
    const message = `${hazard}; ${"`"}hunkbook fmt${"`"} indents the line by one blank`;
    sink.report({ code: "NBK009", line: lines.line(number), message, severity: "warning", blockIndex });
  }
}
