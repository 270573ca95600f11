/**
 * Which source lines and which outcomes of conditions any interleaving executed. A line that none reached, or a recheck
 * that always goes one way, is dead code in this scenario: either in the code under review or because the scenario does
 * not set the stage for it.
 *
 * Told by source: tasks of one declaration, and calls of one function from several places, share their lines. Reductions
 * leave it unchanged, as long as they execute some ordering of every step.
 */
import { locate, spanText, type SourceSet, type Span } from "../source/span.ts";
import type { Node } from "../program/ir.ts";
import type { Place } from "../trace/trace.ts";
import type { Prepared, PreparedRoutine } from "./prepare.ts";
import type { FunctionText } from "../program/function-texts.ts";
import { placeOf, type Scenario } from "./scenario.ts";

export type CoveredLine = { readonly place: Place; readonly reached: boolean };

/** A condition of if, while, for, `?:`, or an operand of && and ||. Conditions that are constant here are not among them. */
export type CoveredBranch = {
  readonly place: Place;
  /** As the source has it. */
  readonly condition: string;
  readonly taken: boolean;
  readonly notTaken: boolean;
};

/** In the order of the source. Lines of kits are left out; so are lines without code. */
export type Coverage = {
  /** The search was exhaustive: what is not reached here is never reached within these bounds. */
  readonly complete: boolean;
  readonly lines: readonly CoveredLine[];
  readonly branches: readonly CoveredBranch[];
};

export type CoverageRequest = {
  readonly scenario: Scenario;
  readonly prepared: Prepared;
  /** As coverage-hits.ts numbers it. */
  readonly hits: Uint8Array;
  readonly complete: boolean;
};

/** O(nodes of the expanded program). */
export function coverageOf(request: CoverageRequest): Coverage {
  const lines = new Map<string, { span: Span; line: number; reached: boolean }>();
  const branches = new Map<string, { span: Span; taken: boolean; notTaken: boolean }>();
  const { sources } = request.scenario;
  const nodes = request.hits.length / 3;
  const addLine = (span: Span, reached: boolean): void => {
    if (sources.files[span.file]?.isKit !== false) return;
    const { line, lineText } = locate(sources, span);
    // What leaving a function does stands at its bracket, which is no code of the user's.
    if (/^[{}();\s]*$/.test(lineText)) return;
    const key = `${String(span.file)} ${String(line)}`;
    const known = lines.get(key);
    if (known === undefined) lines.set(key, { span, line, reached });
    else known.reached ||= reached;
  };
  forEachNode(request.prepared, (node, number) => {
    if (node.kind === "end") return;
    addLine(node.span, request.hits[number] === 1);
    const site = node.kind === "branch" ? node.site : null;
    if (site === null || sources.files[site.file]?.isKit !== false) return;
    const key = `${String(site.file)} ${String(site.start)} ${String(site.end)}`;
    const known = branches.get(key) ?? { span: site, taken: false, notTaken: false };
    known.taken ||= request.hits[nodes + number] === 1;
    known.notTaken ||= request.hits[2 * nodes + number] === 1;
    branches.set(key, known);
  });
  for (const span of uncalledStatements(request)) addLine(span, false);
  return {
    complete: request.complete,
    lines: [...lines.values()]
      .sort((a, b) => a.span.file - b.span.file || a.line - b.line)
      .map(({ span, reached }) => ({ place: placeOfLine(sources, span), reached })),
    branches: [...branches.values()]
      .sort((a, b) => a.span.file - b.span.file || a.span.start - b.span.start || a.span.end - b.span.end)
      .map(({ span, taken, notTaken }) => ({
        place: placeOf(sources, span),
        condition: spanText(sources, span).replace(/\s+/g, " "),
        taken,
        notTaken,
      })),
  };
}

/** Nodes over all routines: the length of the tables of hits. */
export function countNodes(prepared: Prepared): number {
  const routines = [...prepared.tasks, ...prepared.inits, ...prepared.properties];
  return routines.reduce((most, each) => Math.max(most, each.nodeBase + each.routine.nodes.length), 0);
}

function forEachNode(prepared: Prepared, visit: (node: Node, number: number) => void): void {
  const routines: readonly PreparedRoutine[] = [...prepared.tasks, ...prepared.inits];
  for (const { routine, nodeBase } of routines) {
    routine.nodes.forEach((node, index) => visit(node, nodeBase + index));
  }
}

/** Statements of functions that nothing calls: they have no nodes that could be counted. */
function uncalledStatements(request: CoverageRequest): readonly Span[] {
  const called = new Set<FunctionText>();
  const { functions } = request.scenario;
  const { tasks, inits, properties } = request.prepared;
  const starts = new Set<string>();
  for (const { routine } of [...tasks, ...inits, ...properties])
    for (const { span } of routine.nodes) starts.add(`${String(span.file)} ${String(span.start)}`);
  for (const start of starts) {
    const [file, at] = start.split(" ").map(Number);
    for (const each of functions) {
      if (each.span.file === file && at !== undefined && at >= each.span.start && at < each.span.end) called.add(each);
    }
  }
  return functions.filter((each) => !called.has(each)).flatMap((each) => each.statements);
}

/** The whole line that a span begins on, without the blanks around it. */
function placeOfLine(sources: SourceSet, span: Span): Place {
  const { file, line, lineText } = locate(sources, span);
  const column = lineText.length - lineText.trimStart().length + 1;
  return { file, line, column, endLine: line, endColumn: lineText.trimEnd().length + 1 };
}
