/**
 * Second pass over an exhaustive search that found nothing: classes cannot-finish and livelock. Needs the states of single
 * steps (at most dead-locals); what cycles mean stands in cycles.ts.
 */
import { readSlot } from "../program/image.ts";
import { buildStateGraph, graphBytes, type StateGraph } from "./cycles-graph.ts";
import { findLivelock, findUnfinishableState, mayCycle, type CycleFacts } from "./cycles.ts";
import { generate, type EngineModule, type EngineState } from "./generate.ts";
import type { LimitName } from "../limits.ts";
import type { Prepared } from "./prepare.ts";

export type UnfinishableRequest = {
  readonly prepared: Prepared;
  readonly module: EngineModule;
  readonly scratch: Int32Array;
  readonly state: EngineState;
  readonly bytesMax: number;
  /** As the search ran: the steps made here must be the same. */
  readonly deadLocals: boolean;
};

/** A step of a cycle: who makes it, and the state that it leads to. */
export type CycleStep = { readonly task: number; readonly to: number };

export type UnfinishableOutcome =
  | { readonly kind: "none" }
  /** The state of such a component that is nearest to the start. */
  | { readonly kind: "cannot-finish"; readonly state: number }
  /** The steps lead from that state back to it. */
  | { readonly kind: "livelock"; readonly state: number; readonly cycle: readonly CycleStep[] }
  | { readonly kind: "limit"; readonly limit: LimitName };

/** Bytes a state that finding components takes: four words. */
const componentBytes = 16;

/** O(states + transitions); its memory counts towards the bound. cannot-finish goes before livelock. */
export function findUnfinishable(request: UnfinishableRequest): UnfinishableOutcome {
  const { prepared, state } = request;
  const ending = endingTasks(prepared);
  if (ending.length === 0) return { kind: "none" };
  const bytes = state.bytes + state.ntr * graphBytes.step + state.n * (graphBytes.state + componentBytes);
  if (bytes > request.bytesMax) return { kind: "limit", limit: "memory" };
  const graph = graphOf(request);
  const facts = cycleFacts(request, graph);
  const stuck = findUnfinishableState(facts);
  if (stuck >= 0) return { kind: "cannot-finish", state: stuck };
  const livelock = findLivelock(facts);
  if (livelock === null) return { kind: "none" };
  const cycle = livelock.steps.map((step) => ({ task: graph.task[step] ?? 0, to: graph.target[step] ?? 0 }));
  return { kind: "livelock", state: livelock.state, cycle };
}

/**
 * Whether a reduced search leaves room for either class; the answer false is exact. "limit" when its graph does not fit.
 */
export function mayBeUnfinishable(request: UnfinishableRequest): boolean | "limit" {
  const { prepared, module, state } = request;
  if (endingTasks(prepared).length === 0) return false;
  const bytes = state.bytes + state.ntr * graphBytes.step + state.n * (graphBytes.state + componentBytes);
  if (bytes > request.bytesMax) return "limit";
  const graph = buildStateGraph({ ...request, stepping: module, passedHead: () => false });
  return mayCycle(cycleFacts(request, graph));
}

/** Tasks without a forever, and the hidden one that runs callbacks: what is queued must come to its end. */
export function endingTasks(prepared: Prepared): readonly number[] {
  const { tasks, rcuTask } = prepared.program;
  return tasks.flatMap((task, index) => (task.hasForever && index !== rcuTask ? [] : [index]));
}

/** A graph with what cycles.ts asks of its tasks. */
export function cycleFacts(request: Pick<UnfinishableRequest, "prepared" | "state">, graph: StateGraph): CycleFacts {
  const { prepared } = request;
  return {
    graph,
    tasks: prepared.tasks.length,
    ending: endingTasks(prepared),
    hasEnded: (state, task) => hasEnded(request, state, task),
  };
}

/** Where there are forevers, steps are made by code that tells when it passes the head of one. */
function graphOf(request: UnfinishableRequest): StateGraph {
  const { prepared, module, scratch } = request;
  const heads = prepared.tasks.flatMap((task, index) =>
    (prepared.program.tasks[index]?.headNodes ?? []).map((head) => task.nodeBase + head),
  );
  if (heads.length === 0) return buildStateGraph({ ...request, stepping: module, passedHead: () => false });
  const nodes = prepared.tasks.reduce((most, task) => Math.max(most, task.nodeBase + task.routine.nodes.length), 0);
  const telling = generate(prepared, {
    traced: false,
    deadLocals: request.deadLocals,
    symmetry: null,
    merging: null,
    partialOrder: null,
    scratch,
    hits: { nodes, only: new Set(heads) },
    host: {
      violation: () => undefined,
      limit: () => undefined,
      property: () => undefined,
      sometimes: () => undefined,
      notes: () => undefined,
      race: () => undefined,
      mergedRace: () => undefined,
      deadlock: () => undefined,
      event: () => undefined,
      blocked: () => undefined,
    },
  });
  const passedHead = (): boolean => telling.hits.last.length > 0;
  return buildStateGraph({ ...request, stepping: telling.module, passedHead });
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
  if (task === request.prepared.program.rcuTask) {
    return positionKinds[task]?.[position] === "waiting" && !hasPending(request, state);
  }
  return positionKinds[task]?.[position] === "ended";
}

/** Whether a callback is queued in a state. */
function hasPending(request: Pick<UnfinishableRequest, "prepared" | "state">, state: number): boolean {
  const { image, program } = request.prepared;
  const words = request.state.S.subarray(state * image.words, (state + 1) * image.words);
  return program.pendingCells.some((cell) => {
    const slot = image.cellSlots[cell];
    return slot !== undefined && readSlot(words, slot) !== 0;
  });
}
