/**
 * What can go on for ever, for the naive explorer: by the words of the definition, with no strongly connected components.
 * A livelock is looked for as a walk that comes back to where it began and on the way pays what fairness asks.
 */
/* eslint-disable @typescript-eslint/no-non-null-assertion -- test code: an index that misses should throw */

export type NaiveStep = { readonly from: number; readonly to: number; readonly task: number; readonly passes: boolean };

export type NaiveGraph = {
  readonly states: number;
  readonly steps: readonly NaiveStep[];
  /** Tasks without a forever. */
  readonly ending: readonly number[];
  readonly tasks: number;
  readonly hasEnded: (state: number, task: number) => boolean;
};

/** The class of what is wrong with the graph, if anything: cannot-finish goes first. */
export function endlessClass(graph: NaiveGraph): "cannot-finish" | "livelock" | null {
  if (cannotFinish(graph)) return "cannot-finish";
  return hasLivelock(graph) ? "livelock" : null;
}

function reach(start: number, next: (state: number) => readonly number[]): Set<number> {
  const seen = new Set([start]);
  for (const state of seen) for (const to of next(state)) seen.add(to);
  return seen;
}

function outgoing(graph: NaiveGraph): readonly (readonly NaiveStep[])[] {
  const out: NaiveStep[][] = Array.from({ length: graph.states }, () => []);
  for (const step of graph.steps) out[step.from]!.push(step);
  return out;
}

/** Some state from which every state that can follow leads back, while a task that should end neither ended nor steps. */
function cannotFinish(graph: NaiveGraph): boolean {
  const out = outgoing(graph);
  const into: number[][] = Array.from({ length: graph.states }, () => []);
  for (const step of graph.steps) into[step.to]!.push(step.from);
  for (let state = 0; state < graph.states; state += 1) {
    const after = reach(state, (at) => out[at]!.map((step) => step.to));
    const before = reach(state, (at) => into[at]!);
    if (![...after].every((at) => before.has(at))) continue;
    const inside = [...after].flatMap((at) => out[at]!);
    if (inside.length === 0) continue;
    const never = (task: number): boolean => inside.every((step) => step.task !== task);
    if (graph.ending.some((task) => never(task) && !graph.hasEnded(state, task))) return true;
  }
  return false;
}

/**
 * Some walk back to its start that passes no head, on which a task that should end steps, and each task either steps or
 * stands in some state where it cannot. The walk is searched with what it has paid so far as a part of its state.
 */
function hasLivelock(graph: NaiveGraph): boolean {
  const out = outgoing(graph);
  const enabled = out.map((steps) => steps.reduce((mask, step) => mask | (1 << step.task), 0));
  const all = (1 << graph.tasks) - 1;
  const isEnding = (task: number): boolean => graph.ending.includes(task);
  for (let start = 0; start < graph.states; start += 1) {
    const paidAtStart = all & ~enabled[start]!;
    const seen = new Set<string>();
    const pending = [{ state: start, paid: paidAtStart, stepped: false }];
    for (const at of pending) {
      for (const step of out[at.state]!) {
        if (step.passes) continue;
        const paid = (at.paid | (1 << step.task) | (all & ~enabled[step.to]!)) & all;
        const stepped = at.stepped || isEnding(step.task);
        if (step.to === start && paid === all && stepped) return true;
        const key = `${String(step.to)} ${String(paid)} ${String(stepped)}`;
        if (seen.has(key)) continue;
        seen.add(key);
        pending.push({ state: step.to, paid, stepped });
      }
    }
  }
  return false;
}
