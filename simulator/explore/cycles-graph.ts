/**
 * The graph of states and steps, for the questions that a search cannot answer on its way: what can go on for ever.
 * Steps are made anew from the stored states, so the search itself keeps none.
 *
 * @source strongly connected components: Tarjan, Depth-first search and linear graph algorithms, 1972; here iterative
 */
import type { EngineModule, EngineState } from "./generate.ts";
import type { Prepared } from "./prepare.ts";

/** States are numbers 0..states-1; the steps (transitions, in a reduced search) from state s are first[s]..first[s + 1]-1. */
export type StateGraph = {
  readonly states: number;
  readonly first: Int32Array;
  readonly target: Int32Array;
  /** Task that makes the step. */
  readonly task: Uint8Array;
  /** 1: the step passes the head of a forever. */
  readonly passes: Uint8Array;
};

/** Bytes that a graph takes besides what the search holds. */
export const graphBytes = { step: 6, state: 4 } as const;

export type GraphRequest = {
  readonly prepared: Prepared;
  /** Holds the states and finds their numbers. */
  readonly module: EngineModule;
  /** Makes the steps, on the same scratch state; may be the same as `module`. */
  readonly stepping: EngineModule;
  readonly scratch: Int32Array;
  readonly state: EngineState;
  /** Whether the last step passed the head of a forever. */
  readonly passedHead: () => boolean;
};

/** O(states + steps). Needs an exhaustive search without a violation. */
export function buildStateGraph(request: GraphRequest): StateGraph {
  const { module, stepping, scratch, state, prepared } = request;
  const words = prepared.image.words;
  const first = new Int32Array(state.n + 1);
  // Partial order makes fewer steps than there are from the states that it keeps: then these grow.
  let target = new Int32Array(state.ntr);
  let task = new Uint8Array(state.ntr);
  let passes = new Uint8Array(state.ntr);
  let steps = 0;
  for (let from = 0; from < state.n; from += 1) {
    first[from] = steps;
    for (const index of stepping.steps.keys()) {
      stepping.startChoice();
      stepping.setTask(index);
      for (;;) {
        stepping.resetChoice();
        scratch.set(state.S.subarray(from * words, (from + 1) * words));
        if (stepping.transition(index) === 1) {
          module.canon();
          const found = module.find();
          // Partial order leaves states out; what leads to them is a step of the full graph only.
          if (found >= 0) {
            if (steps === target.length) {
              target = twiceAsLong(target, new Int32Array(2 * steps + 64));
              task = twiceAsLong(task, new Uint8Array(2 * steps + 64));
              passes = twiceAsLong(passes, new Uint8Array(2 * steps + 64));
            }
            target[steps] = found;
            task[steps] = index;
            passes[steps] = request.passedHead() ? 1 : 0;
            steps += 1;
          }
        }
        if (stepping.choices().length === 0 || !stepping.more()) break;
      }
    }
  }
  first[state.n] = steps;
  return { states: state.n, first, target, task, passes };
}

function twiceAsLong<A extends Int32Array | Uint8Array>(from: A, into: A): A {
  into.set(from);
  return into;
}

export type Components = {
  /** Component of each state, numbered in reverse topological order. */
  readonly of: Int32Array;
  readonly count: number;
};

/** Strongly connected components of the graph whose steps are those that `keeps` lets through. O(states + steps). */
export function findComponents(graph: StateGraph, keeps: (step: number) => boolean): Components {
  const walk = new TarjanWalk(graph, keeps);
  for (let root = 0; root < graph.states; root += 1) walk.from(root);
  return { of: walk.component, count: walk.found };
}

class TarjanWalk {
  readonly component: Int32Array;
  found = 0;
  readonly #graph: StateGraph;
  readonly #keeps: (step: number) => boolean;
  readonly #order: Int32Array;
  readonly #low: Int32Array;
  readonly #next: Int32Array;
  readonly #open: number[] = [];
  #visited = 0;

  constructor(graph: StateGraph, keeps: (step: number) => boolean) {
    this.#graph = graph;
    this.#keeps = keeps;
    this.component = new Int32Array(graph.states).fill(-1);
    this.#order = new Int32Array(graph.states);
    this.#low = new Int32Array(graph.states);
    this.#next = new Int32Array(graph.states);
  }

  from(root: number): void {
    if (this.#order[root] !== 0) return;
    const path = [root];
    for (let at = path[path.length - 1]; at !== undefined; at = path[path.length - 1]) {
      if (this.#order[at] === 0) this.#enter(at);
      const child = this.#nextChild(at);
      if (child >= 0) {
        path.push(child);
        continue;
      }
      path.pop();
      const parent = path[path.length - 1];
      if (parent !== undefined) this.#lower(parent, this.#low[at] ?? 0);
      if (this.#low[at] === this.#order[at]) this.#close(at);
    }
  }

  #enter(at: number): void {
    this.#visited += 1;
    this.#order[at] = this.#visited;
    this.#low[at] = this.#visited;
    this.#next[at] = this.#graph.first[at] ?? 0;
    this.#open.push(at);
  }

  #lower(at: number, to: number): void {
    this.#low[at] = Math.min(this.#low[at] ?? 0, to);
  }

  #close(root: number): void {
    for (let member = this.#open.pop(); member !== undefined; member = this.#open.pop()) {
      this.component[member] = this.found;
      if (member === root) break;
    }
    this.found += 1;
  }

  /** The next state to descend into, -1 when all successors of `at` are done. */
  #nextChild(at: number): number {
    const end = this.#graph.first[at + 1] ?? 0;
    for (let step = this.#next[at] ?? 0; step < end; step += 1) {
      if (!this.#keeps(step)) continue;
      const to = this.#graph.target[step] ?? 0;
      if (this.#order[to] === 0) {
        this.#next[at] = step;
        return to;
      }
      if (this.component[to] === -1) this.#lower(at, this.#order[to] ?? 0);
    }
    this.#next[at] = end;
    return -1;
  }
}
