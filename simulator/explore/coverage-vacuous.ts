/** Tasks that never take their first step in any interleaving: what they should show is not shown. */
import { readSlot } from "../program/image.ts";
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
