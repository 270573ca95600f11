/**
 * Second pass: bottom strongly connected components in which a task that should end has not ended and never steps
 * (class cannot-finish). Successors are computed anew rather than kept during the search.
 *
 * @source Tarjan 1972, iterative
 */
import type { LimitName } from "../limits.ts";
import type { EngineModule, EngineState } from "./generate.ts";
import type { Prepared } from "./prepare.ts";

export type UnfinishableRequest = {
  readonly prepared: Prepared;
  readonly module: EngineModule;
  readonly scratch: Int32Array;
  readonly state: EngineState;
  readonly bytesMax: number;
};

export type UnfinishableOutcome =
  | { readonly kind: "none" }
  /** The state of such a component that is nearest to the start. */
  | { readonly kind: "found"; readonly state: number }
  | { readonly kind: "limit"; readonly limit: LimitName };

/** O(states + transitions); needs 5 bytes a transition and 16 a state, which count towards the memory bound. */
export function findUnfinishable(request: UnfinishableRequest): UnfinishableOutcome {
  const { prepared, state } = request;
  const ending = prepared.program.tasks.flatMap((task, index) => (task.hasForever ? [] : [index]));
  if (ending.length === 0) return { kind: "none" };
  if (state.bytes + state.ntr * 5 + state.n * 16 > request.bytesMax) return { kind: "limit", limit: "memory" };
  const graph = buildGraph(request);
  const components = findComponents(graph, state.n);
  return nearestUnfinishable({ request, graph, components, ending });
}

type Graph = { readonly first: Int32Array; readonly target: Int32Array; readonly task: Uint8Array };

function buildGraph(request: UnfinishableRequest): Graph {
  const { module, scratch, state, prepared } = request;
  const words = prepared.image.words;
  const first = new Int32Array(state.n + 1);
  const target = new Int32Array(state.ntr);
  const task = new Uint8Array(state.ntr);
  let edges = 0;
  for (let from = 0; from < state.n; from += 1) {
    first[from] = edges;
    for (const [index, step] of module.steps.entries()) {
      module.startChoice();
      module.setTask(index);
      for (;;) {
        module.resetChoice();
        scratch.set(state.S.subarray(from * words, (from + 1) * words));
        if (step() === 1) {
          target[edges] = module.find();
          task[edges] = index;
          edges += 1;
        }
        if (module.choices().length === 0 || !module.more()) break;
      }
    }
  }
  first[state.n] = edges;
  return { first, target, task };
}

/** Component of each state; components are numbered in reverse topological order. */
function findComponents(graph: Graph, states: number): Int32Array {
  const component = new Int32Array(states).fill(-1);
  const order = new Int32Array(states);
  const low = new Int32Array(states);
  const next = new Int32Array(states);
  const open: number[] = [];
  const path: number[] = [];
  let visited = 0;
  let found = 0;
  for (let root = 0; root < states; root += 1) {
    if (order[root] !== 0) continue;
    path.push(root);
    while (path.length > 0) {
      const at = path[path.length - 1] ?? 0;
      if (order[at] === 0) {
        visited += 1;
        order[at] = visited;
        low[at] = visited;
        next[at] = graph.first[at] ?? 0;
        open.push(at);
      }
      const child = nextChild({ graph, at, next, order, low, component });
      if (child >= 0) {
        path.push(child);
        continue;
      }
      path.pop();
      const parent = path[path.length - 1];
      if (parent !== undefined) low[parent] = Math.min(low[parent] ?? 0, low[at] ?? 0);
      if (low[at] !== order[at]) continue;
      for (let member = open.pop(); member !== undefined; member = open.pop()) {
        component[member] = found;
        if (member === at) break;
      }
      found += 1;
    }
  }
  return component;
}

type Visit = {
  readonly graph: Graph;
  readonly at: number;
  readonly next: Int32Array;
  readonly order: Int32Array;
  readonly low: Int32Array;
  readonly component: Int32Array;
};

/** The next state to descend into, -1 when all successors of `at` are done. */
function nextChild(visit: Visit): number {
  const { graph, at, next, order, low, component } = visit;
  const end = graph.first[at + 1] ?? 0;
  for (let edge = next[at] ?? 0; edge < end; edge += 1) {
    const to = graph.target[edge] ?? 0;
    if (order[to] === 0) {
      next[at] = edge;
      return to;
    }
    if (component[to] === -1) low[at] = Math.min(low[at] ?? 0, order[to] ?? 0);
  }
  next[at] = end;
  return -1;
}

type Judgement = {
  readonly request: UnfinishableRequest;
  readonly graph: Graph;
  readonly components: Int32Array;
  readonly ending: readonly number[];
};

function nearestUnfinishable(judgement: Judgement): UnfinishableOutcome {
  const { request, graph, components, ending } = judgement;
  const states = request.state.n;
  const leaves = new Uint8Array(states);
  const steps = new Uint32Array(states);
  for (let from = 0; from < states; from += 1) {
    const own = components[from] ?? 0;
    for (let edge = graph.first[from] ?? 0; edge < (graph.first[from + 1] ?? 0); edge += 1) {
      if (components[graph.target[edge] ?? 0] !== own) leaves[own] = 1;
      else steps[own] = (steps[own] ?? 0) | (1 << (graph.task[edge] ?? 0));
    }
  }
  for (let state = 0; state < states; state += 1) {
    const own = components[state] ?? 0;
    if (leaves[own] !== 0 || steps[own] === 0) continue;
    const stuck = ending.some((task) => ((steps[own] ?? 0) & (1 << task)) === 0 && !hasEnded(request, state, task));
    if (stuck) return { kind: "found", state };
  }
  return { kind: "none" };
}

/** Whether a task stands at its end in a state. */
export function hasEnded(
  request: Pick<UnfinishableRequest, "prepared" | "state">,
  state: number,
  task: number,
): boolean {
  const { image, positionKinds } = request.prepared;
  const slot = image.positionSlots[task];
  if (slot === undefined) return true;
  const word = request.state.S[state * image.words + slot.word] ?? 0;
  const position = (word >>> slot.shift) & (slot.bits === 32 ? -1 : (1 << slot.bits) - 1);
  return positionKinds[task]?.[position] === "ended";
}
