/**
 * A question at a line: the expression gets a flow graph of its own, which looks at the variables of the frame that it
 * stands in, and is asked in every state in which the task stands right before the first step of that line.
 */
import { locate } from "../source/span.ts";
import type { Statement } from "../lang/tree.ts";
import { Assembler } from "./assembler.ts";
import type { Lowering, ReachSite, TaskContext } from "./context.ts";
import { binary, zero } from "./expressions.ts";
import { beginsStep, successors } from "./flow.ts";
import type { Node } from "./ir.ts";

/** The note that a question was made into. */
export function isReach(context: TaskContext, statement: Statement): boolean {
  return statement.kind === "note" && statement.span.file === context.unit.reach?.file;
}

/** `target`: the statement behind the question. */
export function openReach(
  lowering: Lowering,
  context: TaskContext,
  of: { readonly question: Statement; readonly target: Statement | undefined },
): ReachSite | null {
  const { question, target } = of;
  const asked = context.unit.reach;
  if (question.kind !== "note" || question.condition === null || target === undefined || asked === null) return null;
  if (context.task < 0 || !isTask(context.name, asked.task)) return null;
  const main = context.code;
  const aside = new Assembler(question.span);
  aside.mode = "silent";
  context.code = aside;
  const value = lowering.expression(context, question.condition);
  aside.emit({ kind: "result", value: binary("ne", value, zero) });
  context.code = main;
  const { line } = locate(context.unit.unit.sources, target.span);
  const routine = aside.finish({ truncated: false });
  const site = { frame: context.frame, start: main.length, end: -1, line, span: target.span, routine };
  context.reachSites.push(site);
  return site;
}

function isTask(name: string, asked: string | null): boolean {
  return asked === null || name === asked || name.replace(/#\d+$/, "") === asked;
}

/** A statement of the same body that begins on another line ends what is the line's own. */
export function meetReach(context: TaskContext, statement: Statement): void {
  const site = context.reachSites[context.reachSites.length - 1];
  if (site?.end !== -1 || site.frame !== context.frame || statement.span.file !== site.span.file) return;
  if (locate(context.unit.unit.sources, statement.span).line !== site.line) site.end = context.code.length;
}

export function closeReach(context: TaskContext, site: ReachSite | null): void {
  if (site?.end === -1) site.end = context.code.length;
}

/** Steps of the line that can come first there. */
export function standsOf(nodes: readonly Node[], site: ReachSite): readonly number[] {
  const found: number[] = [];
  const seen = new Set<number>();
  const pending = [site.start];
  for (let index = pending.pop(); index !== undefined; index = pending.pop()) {
    const node = nodes[index];
    if (seen.has(index) || node === undefined || index < site.start || index >= site.end) continue;
    seen.add(index);
    if (beginsStep(node)) found.push(index);
    else pending.push(...successors(nodes, index));
  }
  return found.sort((a, b) => a - b);
}
