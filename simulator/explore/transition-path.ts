/**
 * The single steps behind a path of a reduced search: transitions are taken apart, and tasks that symmetry renamed get
 * their own numbers back.
 */
import { assert } from "../source/assert.ts";
import type { Unfinished } from "./generate.ts";
import type { Schedule, ScheduledStep } from "../trace/schedule.ts";
import type { SearchOutcome } from "./search.ts";

/** Something that a search saw: a stored state (-1: before the first step), and the transition made from it, if any. */
export type SeenTransition = {
  readonly state: number;
  readonly task: number;
  readonly choices: readonly number[];
  /** Transitions of which only the first steps were made then. */
  readonly unfinished?: readonly Unfinished[];
};

/** O(length of the path x transitions of its states). */
export function scheduleOfTransitions(outcome: SearchOutcome, seen: SeenTransition): Schedule {
  return pathOfTransitions(outcome, seen).schedule;
}

/** The schedule, and for each task of the state at its end the number that it has in the schedule. */
export function pathOfTransitions(
  outcome: SearchOutcome,
  seen: SeenTransition,
): { readonly schedule: Schedule; readonly realTask: readonly number[] } {
  const path = new TransitionPath(outcome);
  const schedule = seen.state < 0 ? { init: seen.choices, steps: [] } : path.to(seen);
  return { schedule, realTask: path.realTask };
}

class TransitionPath {
  readonly #outcome: SearchOutcome;
  /** By task of the state that was reached last: its number in the real run. */
  #realTask: readonly number[];

  constructor(outcome: SearchOutcome) {
    this.#outcome = outcome;
    this.#realTask = outcome.prepared.program.tasks.map((_, task) => task);
  }

  get realTask(): readonly number[] {
    return this.#realTask;
  }

  to(seen: SeenTransition): Schedule {
    const path = this.#pathTo(seen.state);
    const init = this.#initialChoices(path[0] ?? 0);
    const steps = path.slice(1).flatMap((state, index) => this.#between(path[index] ?? 0, state));
    const last = seen.task < 0 ? [] : this.#made(this.#words(seen.state), seen);
    return { init, steps: [...steps, ...this.#unfinished(seen), ...last] };
  }

  /** The first steps of transitions, each made where the one before was broken off. */
  #unfinished(seen: SeenTransition): readonly ScheduledStep[] {
    const { module, scratch } = this.#outcome.engine;
    let from = this.#words(seen.state).slice();
    return (seen.unfinished ?? []).flatMap((part) => {
      const steps = this.#made(from, part).slice(0, part.steps);
      scratch.set(from);
      module.forceChoices(part.choices);
      module.resetChoice();
      module.setTask(part.task);
      for (let made = 0; made < part.steps; made += 1) module.steps[part.task]?.();
      from = scratch.slice();
      return steps;
    });
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

  /** Puts the scratch state in order and says whether it is this one; then tasks have new numbers. */
  #arrivesAt(state: number): boolean {
    const { module, scratch } = this.#outcome.engine;
    module.canon();
    if (!this.#words(state).every((word, index) => word === scratch[index])) return false;
    const before = this.#realTask;
    this.#realTask = before.map((_, task) => before[module.formerTask(task)] ?? task);
    return true;
  }

  #initialChoices(state: number): readonly number[] {
    const { module, scratch } = this.#outcome.engine;
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

  /** The first transition, in the order of tasks and choices, that leads from one state to the other. */
  #between(from: number, to: number): readonly ScheduledStep[] {
    const { module, scratch } = this.#outcome.engine;
    for (const task of module.steps.keys()) {
      module.startChoice();
      for (;;) {
        module.resetChoice();
        scratch.set(this.#words(from));
        const result = module.transition(task);
        const choices = module.choices();
        const ends = module.stepEnds();
        module.clearFault();
        const real = this.#realTask[task] ?? task;
        if (result === 1 && this.#arrivesAt(to)) return split(real, choices, ends);
        if (choices.length === 0 || !module.more()) break;
      }
    }
    throw new Error("assert: a stored state follows from its parent");
  }

  /** The steps of a transition from a state. */
  #made(from: Int32Array, seen: Pick<SeenTransition, "task" | "choices">): readonly ScheduledStep[] {
    const { module, scratch } = this.#outcome.engine;
    scratch.set(from);
    module.clearFault();
    module.forceChoices(seen.choices);
    module.resetChoice();
    const result = module.transition(seen.task);
    assert(result !== 0, "a transition can be made again");
    const ends = module.stepEnds();
    module.clearFault();
    return split(this.#realTask[seen.task] ?? seen.task, seen.choices, ends);
  }
}

/** Choices of a transition, to the steps that made them. */
function split(task: number, choices: readonly number[], ends: readonly number[]): readonly ScheduledStep[] {
  return ends.map((end, index) => ({ task, choices: choices.slice(ends[index - 1] ?? 0, end) }));
}
