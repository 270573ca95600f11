/**
 * The single steps behind a path of a reduced search: transitions are taken apart, and tasks that symmetry renamed get
 * their own numbers back.
 *
 * The path is made again from the initial state without renaming. A choice that counts tasks (which of the waiters is
 * woken) is another number there, so each transition is looked for among all that lead to the stored state.
 */
import { assert } from "../source/assert.ts";
import type { Unfinished } from "./generate.ts";
import type { Schedule, ScheduledStep } from "../trace/schedule.ts";
import type { EngineModule } from "./generate.ts";
import type { Prepared } from "./prepare.ts";

/** What a search leaves behind of its states. */
export type StoredStates = {
  readonly prepared: Prepared;
  readonly parents: Int32Array;
  readonly words: Int32Array;
  readonly engine: { readonly module: EngineModule; readonly scratch: Int32Array };
};

/** Something that a search saw: a stored state (-1: before the first step), and the transition made from it, if any. */
export type SeenTransition = {
  readonly state: number;
  readonly task: number;
  readonly choices: readonly number[];
  /** Transitions of which only the first steps were made then. */
  readonly unfinished?: readonly Unfinished[];
};

/** O(length of the path x transitions of its states). */
export function scheduleOfTransitions(outcome: StoredStates, seen: SeenTransition): Schedule {
  return pathOfTransitions(outcome, seen).schedule;
}

/** The schedule, and for each task of the state at its end the number that it has in the schedule. */
export function pathOfTransitions(
  outcome: StoredStates,
  seen: SeenTransition,
): { readonly schedule: Schedule; readonly realTask: readonly number[] } {
  const path = new TransitionPath(outcome);
  const schedule = seen.state < 0 ? { init: seen.choices, steps: [] } : path.to(seen);
  return { schedule, realTask: path.realTask };
}

/** A transition of a task from some state. */
type Made = { readonly result: number; readonly choices: readonly number[]; readonly steps: readonly ScheduledStep[] };

class TransitionPath {
  readonly #outcome: StoredStates;
  /** The state that was reached last, its tasks not renamed. */
  #real: Int32Array;
  /** By task of the stored state that was reached last: its number in the real run. */
  #realTask: readonly number[];

  constructor(outcome: StoredStates) {
    this.#outcome = outcome;
    this.#real = outcome.prepared.image.initialWords;
    this.#realTask = outcome.prepared.program.tasks.map((_, task) => task);
  }

  get realTask(): readonly number[] {
    return this.#realTask;
  }

  to(seen: SeenTransition): Schedule {
    const path = this.#pathTo(seen.state);
    const init = this.#initialChoices(path[0] ?? 0);
    const steps = path.slice(1).flatMap((state, index) => this.#between(path[index] ?? 0, state));
    const unfinished = (seen.unfinished ?? []).flatMap((part) => this.#firstSteps(part));
    return { init, steps: [...steps, ...unfinished, ...(seen.task < 0 ? [] : this.#last(seen))] };
  }

  #pathTo(state: number): readonly number[] {
    const path = [state];
    for (let at = this.#outcome.parents[state] ?? -1; at >= 0; at = this.#outcome.parents[at] ?? -1) path.push(at);
    return path.reverse();
  }

  #words(state: number): Int32Array {
    const { words } = this.#outcome.prepared.image;
    return this.#outcome.words.subarray(state * words, (state + 1) * words);
  }

  /** Whether the scratch state, its tasks put in order, is this stored one. Then tasks have the numbers of that order. */
  #arrivesAt(state: number): boolean {
    const { module, scratch } = this.#outcome.engine;
    const real = scratch.slice();
    module.canon();
    if (!this.#words(state).every((word, index) => word === scratch[index])) return false;
    this.#real = real;
    this.#realTask = this.#realTask.map((_, task) => module.formerTask(task));
    return true;
  }

  #initialChoices(state: number): readonly number[] {
    const { module, scratch } = this.#outcome.engine;
    // The search may have ended at a limit or a violation.
    module.clearFault();
    module.startChoice();
    for (;;) {
      module.resetChoice();
      scratch.set(this.#outcome.prepared.image.initialWords);
      const done = [...module.inits, ...module.entries].every((run, index) => {
        module.setTask(index < module.inits.length ? -1 : index - module.inits.length);
        return run() === 1;
      });
      const choices = module.choices();
      module.clearFault();
      if (done && this.#arrivesAt(state)) return choices;
      if (choices.length === 0 || !module.more()) break;
    }
    throw new Error("assert: an initial state follows from init");
  }

  /** The first transition from the real state, in the order of tasks and choices, that leads to a stored one. */
  #between(from: number, to: number): readonly ScheduledStep[] {
    for (const task of this.#outcome.engine.module.steps.keys()) {
      const made = this.#find(this.#real, task, (each) => each.result === 1 && this.#arrivesAt(to));
      if (made !== null) return made.steps;
    }
    return this.#betweenStored(from, to);
  }

  /**
   * Putting tasks in order does not always find the same order for two states that differ by names only. Then the
   * transition between the stored states tells which task it was, and the real state goes on by itself.
   */
  #betweenStored(from: number, to: number): readonly ScheduledStep[] {
    const { module, scratch } = this.#outcome.engine;
    const real = this.#real;
    const names = this.#realTask;
    for (const task of module.steps.keys()) {
      const made = this.#find(this.#words(from), task, (each) => each.result === 1 && this.#arrivesAt(to));
      if (made === null) continue;
      const own = names[task] ?? task;
      this.#realTask = this.#realTask.map((former) => names[former] ?? former);
      const again = this.#force(real, own, made.choices);
      assert(again.result === 1, "renamed tasks can do the same");
      this.#real = scratch.slice();
      return again.steps;
    }
    throw new Error("assert: a stored state follows from its parent");
  }

  /** The transition by which the search ended, from the real state. */
  #last(seen: SeenTransition): readonly ScheduledStep[] {
    const wanted = this.#force(this.#words(seen.state), seen.task, seen.choices).result;
    const own = this.#realTask[seen.task] ?? seen.task;
    const same = this.#force(this.#real, own, seen.choices);
    if (same.result === wanted) return same.steps;
    const made = this.#find(this.#real, own, (each) => each.result === wanted);
    assert(made !== null, "a transition can be made again");
    return made.steps;
  }

  /** The first steps of a transition; the real state goes on to where it was broken off. */
  #firstSteps(part: Unfinished): readonly ScheduledStep[] {
    const { module, scratch } = this.#outcome.engine;
    const own = this.#realTask[part.task] ?? part.task;
    const { steps } = this.#force(this.#real, own, part.choices);
    scratch.set(this.#real);
    module.setTask(own);
    module.forceChoices(part.choices);
    module.resetChoice();
    for (let made = 0; made < part.steps; made += 1) module.steps[own]?.();
    module.clearFault();
    this.#real = scratch.slice();
    return steps.slice(0, part.steps);
  }

  #force(from: Int32Array, task: number, choices: readonly number[]): Made {
    const { module, scratch } = this.#outcome.engine;
    scratch.set(from);
    module.clearFault();
    module.forceChoices(choices);
    module.resetChoice();
    const result = module.transition(task);
    const ends = module.stepEnds();
    module.clearFault();
    return { result, choices, steps: split(task, choices, ends) };
  }

  /** The first transition of a task that is wanted; the scratch state is where it leads while that is asked. */
  #find(from: Int32Array, task: number, isWanted: (made: Made) => boolean): Made | null {
    const { module, scratch } = this.#outcome.engine;
    module.startChoice();
    for (;;) {
      module.resetChoice();
      scratch.set(from);
      const result = module.transition(task);
      const choices = module.choices();
      const made = { result, choices, steps: split(task, choices, module.stepEnds()) };
      module.clearFault();
      if (isWanted(made)) return made;
      if (choices.length === 0 || !module.more()) return null;
    }
  }
}

/** Choices of a transition, to the steps that made them. */
function split(task: number, choices: readonly number[], ends: readonly number[]): readonly ScheduledStep[] {
  return ends.map((end, index) => ({ task, choices: choices.slice(ends[index - 1] ?? 0, end) }));
}
