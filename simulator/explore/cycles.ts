/**
 * What can go on for ever without getting anywhere. Classes cannot-finish and livelock, both questions about cycles of the
 * graph of states, both asked after a search that found nothing else.
 *
 * Livelock: a cycle, fair to every task that is enabled throughout it, in which no forever task passes its head and some
 * unended task that is no forever task steps. It is enough to look at the strongly connected components of the graph
 * without the steps that pass a head, and at each as a whole:
 *
 * - A closed walk C of that kind lies in one such component K. A task enabled in every state of K is enabled in every state
 *   of C, so it steps in C, so it has a step inside K. The task that need not be fair but must step, steps inside K too.
 * - The other way round, let every task that is enabled in all states of K have a step inside K, and let some step inside
 *   K be one of a task that is no forever task. K is strongly connected, so a closed walk goes through all its states and
 *   steps. A task enabled throughout this walk is enabled in all of K, so it steps in it: the walk is fair.
 *
 * Nothing has to be said of parts of K: by the first point a part that is fair makes K pass. (For strong fairness, where a
 * task enabled now and then must step, parts matter; here visiting one state in which it cannot step excuses a task.)
 *
 * @source fairness: Lehmann, Pnueli, Stavi, Impartiality, justice and fairness, 1981 ("justice")
 */
import { assert } from "../source/assert.ts";
import { findComponents, type Components, type StateGraph } from "./cycles-graph.ts";

/** What is asked of tasks besides their steps. */
export type CycleFacts = {
  readonly graph: StateGraph;
  readonly tasks: number;
  /** Tasks without a forever: those that should end. */
  readonly ending: readonly number[];
  readonly hasEnded: (state: number, task: number) => boolean;
};

/** A livelock: the state nearest to the start from which it can begin, and steps of the graph that lead back to it. */
export type Livelock = { readonly state: number; readonly steps: readonly number[] };

/**
 * The state of a bottom component in which some task that should end has not ended and never steps, and that is nearest to
 * the start; -1 if there is none. O(states + steps).
 */
export function findUnfinishableState(facts: CycleFacts): number {
  const { graph, ending } = facts;
  const components = findComponents(graph, () => true);
  const stepping = new Uint32Array(components.count);
  const leaves = new Uint8Array(components.count);
  forEachStep(graph, (step, from) => {
    const own = components.of[from] ?? 0;
    if (components.of[graph.target[step] ?? 0] !== own) leaves[own] = 1;
    else stepping[own] = (stepping[own] ?? 0) | taskBit(graph, step);
  });
  for (let state = 0; state < graph.states; state += 1) {
    const own = components.of[state] ?? 0;
    const moving = stepping[own] ?? 0;
    if (leaves[own] !== 0 || moving === 0) continue;
    if (ending.some((task) => (moving & (1 << task)) === 0 && !facts.hasEnded(state, task))) return state;
  }
  return -1;
}

/** O(states + steps), and as much again for each task on the way of the witness. */
export function findLivelock(facts: CycleFacts): Livelock | null {
  const { graph } = facts;
  const keeps = (step: number): boolean => graph.passes[step] === 0;
  const components = findComponents(graph, keeps);
  const judged = judgeComponents(facts, components);
  for (let state = 0; state < graph.states; state += 1) {
    const own = components.of[state] ?? 0;
    if ((judged.moving[own] ?? 0) === 0) continue;
    const unfair = (judged.throughout[own] ?? 0) & ~(judged.moving[own] ?? 0);
    if (unfair !== 0 || ((judged.moving[own] ?? 0) & judged.endingMask) === 0) continue;
    return { state, steps: fairCycle({ facts, components, start: state, endingMask: judged.endingMask }) };
  }
  return null;
}

/**
 * Whether a graph, also one that reductions made smaller, leaves room for a livelock or for a task that cannot finish: a
 * cycle that passes no head of a forever and has a step of a task that should end, or a bottom component with such a task
 * that has not ended. False: neither is there. True says only that the full graph has to be asked.
 *
 * Merged steps and permuted tasks do not hide either: a cycle of the full graph whose steps are merged or renamed is a
 * cycle of the reduced one, and tasks of one declaration all have a forever or none. `passes` may be 0 where it is not
 * known. A reduction that postpones steps (partial order) must obey the cycle proviso, else cycles do get lost.
 */
export function mayCycle(facts: CycleFacts): boolean {
  const { graph, ending } = facts;
  if (ending.length === 0) return false;
  const endingMask = maskOf(ending);
  const rounds = findComponents(graph, (step) => graph.passes[step] === 0);
  let found = false;
  forEachStep(graph, (step, from) => {
    if (graph.passes[step] !== 0 || (taskBit(graph, step) & endingMask) === 0) return;
    if (rounds.of[from] === rounds.of[graph.target[step] ?? 0]) found = true;
  });
  return found || hasUnendedBottom(facts);
}

function hasUnendedBottom(facts: CycleFacts): boolean {
  const { graph, ending } = facts;
  const components = findComponents(graph, () => true);
  const leaves = new Uint8Array(components.count);
  const turns = new Uint8Array(components.count);
  forEachStep(graph, (step, from) => {
    const own = components.of[from] ?? 0;
    if (components.of[graph.target[step] ?? 0] !== own) leaves[own] = 1;
    else turns[own] = 1;
  });
  for (let state = 0; state < graph.states; state += 1) {
    const own = components.of[state] ?? 0;
    if (leaves[own] !== 0 || turns[own] === 0) continue;
    if (ending.some((task) => !facts.hasEnded(state, task))) return true;
  }
  return false;
}

type Judged = {
  /** Tasks with a step inside, by component. */
  readonly moving: Uint32Array;
  /** Tasks that are enabled in every state, by component. */
  readonly throughout: Uint32Array;
  readonly endingMask: number;
};

function judgeComponents(facts: CycleFacts, components: Components): Judged {
  const { graph } = facts;
  const moving = new Uint32Array(components.count);
  const throughout = new Uint32Array(components.count).fill(-1);
  for (let state = 0; state < graph.states; state += 1) {
    const own = components.of[state] ?? 0;
    let enabled = 0;
    for (let step = graph.first[state] ?? 0; step < (graph.first[state + 1] ?? 0); step += 1) {
      enabled |= taskBit(graph, step);
      const isInside = graph.passes[step] === 0 && components.of[graph.target[step] ?? 0] === own;
      if (isInside) moving[own] = (moving[own] ?? 0) | taskBit(graph, step);
    }
    throughout[own] = (throughout[own] ?? 0) & enabled;
  }
  return { moving, throughout, endingMask: maskOf(facts.ending) };
}

type CycleRequest = {
  readonly facts: CycleFacts;
  readonly components: Components;
  readonly start: number;
  readonly endingMask: number;
};

/**
 * A short closed walk that is fair: from where it stands to the nearest step or state that pays a debt, until none is
 * left, then back. A task's debt is paid by a step of it or by a state in which it cannot step; another one is a step of
 * a task that should end.
 */
function fairCycle(request: CycleRequest): readonly number[] {
  const { facts, start, endingMask } = request;
  const { graph } = facts;
  const walk: number[] = [];
  let at = start;
  let debts = (facts.tasks >= 32 ? -1 : (1 << facts.tasks) - 1) & enabledIn(graph, start);
  let isEndingDue = true;
  while (debts !== 0 || isEndingDue) {
    const way = shortestWay(request, at, (step) => {
      const to = graph.target[step] ?? 0;
      const paid = taskBit(graph, step) | ~enabledIn(graph, to);
      return (debts & paid) !== 0 || (isEndingDue && (taskBit(graph, step) & endingMask) !== 0);
    });
    for (const step of way) {
      at = graph.target[step] ?? 0;
      debts &= enabledIn(graph, at) & ~taskBit(graph, step);
      isEndingDue &&= (taskBit(graph, step) & endingMask) === 0;
      walk.push(step);
    }
  }
  if (at !== start) walk.push(...shortestWay(request, at, (step) => graph.target[step] === start));
  return walk;
}

/** Steps inside the component from a state to the nearest one that is wanted, that one included. */
function shortestWay(request: CycleRequest, from: number, wanted: (step: number) => boolean): readonly number[] {
  const { graph } = request.facts;
  const { components } = request;
  const own = components.of[from];
  const cameBy = new Map<number, number>();
  const cameFrom = new Map<number, number>();
  const queue = [from];
  for (const state of queue) {
    for (let step = graph.first[state] ?? 0; step < (graph.first[state + 1] ?? 0); step += 1) {
      const to = graph.target[step] ?? 0;
      if (graph.passes[step] !== 0 || components.of[to] !== own) continue;
      if (wanted(step)) {
        const way = [step];
        for (let at = state; at !== from; at = cameFrom.get(at) ?? from) way.push(cameBy.get(at) ?? 0);
        return way.reverse();
      }
      if (to === from || cameBy.has(to)) continue;
      cameBy.set(to, step);
      cameFrom.set(to, state);
      queue.push(to);
    }
  }
  assert(false, "all states and steps of a component can be reached inside it");
}

function forEachStep(graph: StateGraph, visit: (step: number, from: number) => void): void {
  for (let from = 0; from < graph.states; from += 1) {
    for (let step = graph.first[from] ?? 0; step < (graph.first[from + 1] ?? 0); step += 1) visit(step, from);
  }
}

function taskBit(graph: StateGraph, step: number): number {
  return 1 << (graph.task[step] ?? 0);
}

function maskOf(tasks: readonly number[]): number {
  return tasks.reduce((mask, task) => mask | (1 << task), 0);
}

function enabledIn(graph: StateGraph, state: number): number {
  let enabled = 0;
  for (let step = graph.first[state] ?? 0; step < (graph.first[state + 1] ?? 0); step += 1)
    enabled |= taskBit(graph, step);
  return enabled;
}
