/** Which locks a task still holds when it ends: class lock-leak. */
import type { StepContext } from "./step-context.ts";
import type { ReadBefore } from "./path.ts";
import { binaryTerm, constantTerm, truthTerm, type Term } from "./term.ts";
import type { PrintAs } from "../program/ir.ts";

export type Leak = { readonly held: Term; readonly name: string };

/** One condition for each word that this task can hold, read through `read`. Words that it never writes are left out. */
export function leakConditions(context: StepContext, task: number, read: ReadBefore): readonly Leak[] {
  const { variables, program } = context;
  const written = new Set(
    (program.tasks[task]?.nodes ?? []).flatMap((node) => (node.kind === "store" ? [node.tag] : [])),
  );
  const leaks: Leak[] = [];
  for (const row of variables.rows) {
    if (!written.has(row.tag)) continue;
    for (let at = 0; at < row.count; at += 1) {
      const value = read(row.variable, row.count > 1 ? constantTerm(at) : null);
      const held = heldBy(value, { print: row.print, task });
      if (held !== null) leaks.push({ held, name: row.variable.name });
    }
  }
  const nesting = variables.cells[program.rcuNesting[task] ?? -1];
  if (nesting !== undefined) leaks.push({ held: truthTerm(read(nesting, null)), name: "an RCU read section" });
  return leaks;
}

function heldBy(word: Term, how: { readonly print: PrintAs; readonly task: number }): Term | null {
  const { print, task } = how;
  if (print === "owner") return binaryTerm("eq", word, constantTerm(task + 1));
  if (print === "tasks") return truthTerm(binaryTerm("and", word, constantTerm(1 << task)));
  if (print === "readers") return truthTerm(binaryTerm("and", word, constantTerm(3 << (2 * task))));
  return null;
}
