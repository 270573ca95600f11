/** Simultaneous assignments as a sequence: what still has to be read is read before it is overwritten. */
import type { Update } from "./path.ts";
import { forEachRead, readTerm, type Term, type Variable } from "./term.ts";

/** Shape of what keeps a value for the length of a step; not part of the state. */
const scratchShape = { bits: 32, signed: true } as const;
/** Ids of scratch variables begin here. */
const scratchBase = 1_000_000_000;

/** The n-th scratch variable. */
export function scratchVariable(number: number): Variable {
  return { id: scratchBase + number, name: `scratch ${String(number)}`, shape: scratchShape, length: null, task: -1 };
}

export function isScratch(variable: Variable): boolean {
  return variable.id >= scratchBase;
}

/** Orders assignments that are all meant over the state before them. Quadratic in their number. */
export function sequence(updates: readonly Update[]): readonly Update[] {
  const remaining = [...updates];
  const ordered: Update[] = [];
  let scratches = 0;
  while (remaining.length > 0) {
    const next = remaining.findIndex((update, at) => isReady(remaining, update, at));
    if (next >= 0) {
      ordered.push(...remaining.splice(next, 1));
      continue;
    }
    const [first] = remaining;
    if (first === undefined) break;
    for (let at = 1; at < remaining.length; at += 1) {
      const update = remaining[at];
      if (update === undefined || !reads(update, first.variable)) continue;
      const keep = (term: Term): Term => {
        if (!termReads(term, first.variable)) return term;
        const scratch = scratchVariable(scratches);
        scratches += 1;
        ordered.push({ variable: scratch, index: null, value: term });
        return readTerm(scratch, null);
      };
      remaining[at] = {
        variable: update.variable,
        index: update.index === null ? null : keep(update.index),
        value: keep(update.value),
      };
    }
  }
  return ordered;
}

/** Nothing that is still to come reads the variable, and writes of one array keep their order. */
function isReady(remaining: readonly Update[], update: Update, at: number): boolean {
  return remaining.every((other, number) => {
    if (number === at) return true;
    if (other.variable === update.variable && number < at) return false;
    return !reads(other, update.variable);
  });
}

function reads(update: Update, variable: Variable): boolean {
  return termReads(update.value, variable) || (update.index !== null && termReads(update.index, variable));
}

function termReads(term: Term, variable: Variable): boolean {
  let found = false;
  forEachRead(term, (read) => {
    found ||= read.variable === variable;
  });
  return found;
}
