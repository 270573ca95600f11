/**
 * Merging of steps (Lipton's movers): what can be said before the search.
 *
 * A task goes on in one transition as long as its last step may be moved to the right: nothing that another task could do
 * next touches what the steps of the transition so far have touched. Nobody declares which steps these are. All are
 * taken to be at first; the search checks the assumption in every state it reaches, by running each other task's
 * transition from each point in the middle, drops what turns out to be wrong, and starts again. So an acquisition of a
 * lock merges with the section that it protects unless somebody tries the lock or looks at it.
 *
 * Why a check in the reduced state space is enough: take a run of the full one that no reduced run matches, with as few
 * transitions as possible. Until its last step nothing touches what an unfinished transition has touched, so all
 * finished ones can be moved before all unfinished ones; from there the last step touches an unfinished one of a
 * reduced state, and that is what is looked for.
 *
 * Sources: Lipton, "Reduction: a method of proving properties of parallel programs", 1975; Flanagan and Qadeer,
 * "Transactions for software model checking", 2003; Stoller and Cohen, "Optimistic synchronization-based state-space
 * reduction", 2003 (assume, check in the reduced space, refine).
 */
import type { Program, Routine } from "../program/ir.ts";
import { beginsStep, expressionsOf, forEachLeaf } from "../program/flow.ts";
import { regionOf } from "../program/initialisation.ts";
import type { Prepared } from "./prepare.ts";

export type MergingPlan = {
  /** By task, by position: 1 where a transition may go on with the step that begins there. */
  readonly goesOn: readonly Uint8Array[];
  /** By task: the task that stands for it when steps are dropped; tasks of the same code share it. */
  readonly codeOf: readonly number[];
  /** Cells without an address that several tasks use, to their place in the log. */
  readonly cells: ReadonlyMap<number, number>;
  /** Places in the log. */
  readonly places: number;
};

/** `merges` false: transitions are single steps, and only the log is kept. */
export function planMerging(prepared: Prepared, options: { readonly merges: boolean }): MergingPlan {
  const { program, image } = prepared;
  const first = image.descriptors.length + program.pools.length;
  const shared = findSharedCells(program);
  return {
    goesOn: prepared.tasks.map((task, index) =>
      options.merges ? goesOnAt(prepared, task.routine, index) : new Uint8Array(task.flow.positions.length),
    ),
    codeOf: program.tasks.map((task, index) =>
      task.usesMe ? index : program.tasks.findIndex((other) => other.declaration === task.declaration),
    ),
    cells: new Map([...shared].map((cell, index) => [cell, first + index])),
    places: first + shared.size,
  };
}

/** A transition ends before a step that can block, before an idle point and at the task's end. */
function goesOnAt(prepared: Prepared, routine: Routine, task: number): Uint8Array {
  const { flow } = prepared.tasks[task] ?? { flow: { positions: [] } };
  const kinds = prepared.positionKinds[task] ?? [];
  return Uint8Array.from(flow.positions, (node, position) =>
    kinds[position] === "between" && !mayBlock(routine, node) ? 1 : 0,
  );
}

function mayBlock(routine: Routine, start: number): boolean {
  const region = regionOf(routine, start, (index) => {
    const node = routine.nodes[index];
    return node !== undefined && beginsStep(node);
  });
  return [...region].some((index) => routine.nodes[index]?.kind === "guard");
}

/** Cells that more than one task reads or writes, and those of RCU, which leaving a read section changes for others. */
function findSharedCells(program: Program): ReadonlySet<number> {
  const users = new Map<number, number>();
  const shared = new Set<number>([...program.rcuNesting, ...program.rcuMasks]);
  program.tasks.forEach((task, index) => {
    for (const node of task.nodes) {
      const use = (cell: number): void => {
        const user = users.get(cell);
        if (user === undefined) users.set(cell, index);
        else if (user !== index) shared.add(cell);
      };
      if (node.kind === "assign" && node.target.kind === "cell") use(node.target.cell);
      for (const expr of expressionsOf(node)) {
        forEachLeaf(expr, (leaf) => {
          if (leaf.kind === "cell") use(leaf.cell);
        });
      }
    }
  });
  return shared;
}
