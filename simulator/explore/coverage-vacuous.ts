/**
 * What an exhaustive search never came to, so that it shows nothing: tasks that never take their first step, asserts that
 * are never evaluated, ends that never come.
 */
import { readSlot } from "../program/image.ts";
import type { Node, PropertyProgram } from "../program/ir.ts";
import type { SourceSet } from "../source/span.ts";
import type { EngineModule, EngineState } from "./generate.ts";
import type { Prepared } from "./prepare.ts";

export type VacuousRequest = {
  readonly prepared: Prepared;
  readonly module: EngineModule;
  readonly scratch: Int32Array;
  readonly state: EngineState;
};

/** Of an exhaustive search. O(states), and steps only of tasks that stand at their first position in every state. */
export function findUnmovedTasks(request: VacuousRequest): readonly number[] {
  return request.prepared.tasks.flatMap((_, task) => (neverMoves(request, task) ? [task] : []));
}

/**
 * Asserts that no interleaving evaluates: code behind a return, or behind a condition that never holds. Told by source: one
 * of the tasks or calls that share it is enough. Those of kits, and of tasks that never move, are left out.
 *
 * @param evaluated by node number, of an exhaustive search
 */
export function findUnaskedAsserts(
  prepared: Prepared,
  facts: { readonly evaluated: Uint8Array; readonly unmoved: readonly number[]; readonly sources: SourceSet },
): readonly Node[] {
  const found = new Map<string, { readonly node: Node; asked: boolean }>();
  for (const [task, { routine, nodeBase }] of [...prepared.tasks, ...prepared.inits].entries()) {
    if (facts.unmoved.includes(task)) continue;
    for (const [index, node] of routine.nodes.entries()) {
      if (node.kind !== "check" || node.violation.class !== "assertion") continue;
      if (facts.sources.files[node.span.file]?.isKit !== false) continue;
      const key = `${String(node.span.file)} ${String(node.span.start)}`;
      const known = found.get(key) ?? { node, asked: false };
      known.asked ||= facts.evaluated[nodeBase + index] === 1;
      found.set(key, known);
    }
  }
  return [...found.values()].filter(({ asked }) => !asked).map(({ node }) => node);
}

/** Properties `finally` of an exhaustive search in which no state was an end. */
export function findUnaskedEnds(prepared: Prepared, evaluated: Uint8Array): readonly PropertyProgram[] {
  return prepared.program.properties.filter(
    (property, index) => property.kind === "finally" && evaluated[prepared.properties[index]?.nodeBase ?? 0] !== 1,
  );
}

function neverMoves(request: VacuousRequest, task: number): boolean {
  const { prepared, state } = request;
  const slot = prepared.image.positionSlots[task];
  const { words } = prepared.image;
  if (slot === undefined || state.n === 0 || task === prepared.program.rcuTask) return false;
  const at = (index: number): number => readSlot(state.S.subarray(index * words, (index + 1) * words), slot);
  const first = at(0);
  if (prepared.positionKinds[task]?.[first] === "ended") return false;
  for (let index = 0; index < state.n; index += 1) if (at(index) !== first) return false;
  // It may come back to where it stood by each step.
  for (let index = 0; index < state.n; index += 1) if (canStep(request, task, index)) return false;
  return true;
}

function canStep(request: VacuousRequest, task: number, index: number): boolean {
  const { module, scratch, prepared, state } = request;
  const { words } = prepared.image;
  const step = module.steps[task];
  if (step === undefined) return false;
  module.setTask(task);
  module.startChoice();
  for (;;) {
    module.resetChoice();
    scratch.set(state.S.subarray(index * words, (index + 1) * words));
    const result = step();
    module.clearFault();
    if (result !== 0) return true;
    if (module.choices().length === 0 || !module.more()) return false;
  }
}
