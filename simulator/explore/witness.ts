/** From a state that the search stored back to the schedule that leads there. */
import { assert } from "../source/assert.ts";
import type { Schedule, ScheduledStep } from "../trace/schedule.ts";
import type { SearchOutcome } from "./search.ts";
import { scheduleOfTransitions } from "./transition-path.ts";

/** Something that a search saw: a stored state, and the step made from it, if any (`task` -1 for none). */
export type SeenPoint = {
  readonly state: number;
  readonly task: number;
  readonly choices: readonly number[];
  /** Steps from the state back to it: who, and to which state. */
  readonly cycle?: readonly { readonly task: number; readonly to: number }[];
};

/** Recovers schedules by executing again: the search keeps parents only. */
export class WitnessFinder {
  readonly #outcome: SearchOutcome;

  constructor(outcome: SearchOutcome) {
    this.#outcome = outcome;
  }

  /** The single steps that lead to what was seen. State -1 is before the first step: then the choices are init's. */
  scheduleOf(seen: SeenPoint): Schedule {
    if (this.#outcome.isReduced) return scheduleOfTransitions(this.#outcome, seen);
    if (seen.state < 0) return { init: seen.choices, steps: [] };
    if (seen.cycle !== undefined) return this.scheduleTo(seen.state, this.stepsAround(seen.state, seen.cycle));
    return this.scheduleTo(seen.state, seen.task < 0 ? [] : [{ task: seen.task, choices: seen.choices }]);
  }

  /** Steps to a stored state, and from there whatever is appended. */
  scheduleTo(state: number, appended: readonly ScheduledStep[] = []): Schedule {
    if (this.#outcome.isReduced) {
      const { init, steps } = scheduleOfTransitions(this.#outcome, { state, task: -1, choices: [] });
      return { init, steps: [...steps, ...appended] };
    }
    const path = this.#pathTo(state);
    const first = path[0];
    assert(first !== undefined, "a path has a first state");
    const steps: ScheduledStep[] = [];
    for (let index = 1; index < path.length; index += 1) {
      steps.push(this.#stepBetween(path[index - 1] ?? 0, path[index] ?? 0));
    }
    return { init: this.initialChoices(first), steps: [...steps, ...appended] };
  }

  /** The steps of a cycle that begins in a stored state. */
  stepsAround(state: number, cycle: NonNullable<SeenPoint["cycle"]>): readonly ScheduledStep[] {
    let from = state;
    return cycle.map(({ task, to }) => {
      const step = this.#stepBetween(from, to, task);
      from = to;
      return step;
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

  #matches(state: number): boolean {
    const wanted = this.#words(state);
    return wanted.every((word, index) => word === this.#outcome.engine.scratch[index]);
  }

  /** The first task and choices, in order, that lead from one state to the other; `only` that task if it is given. */
  #stepBetween(from: number, to: number, only: number | null = null): ScheduledStep {
    const { module, scratch } = this.#outcome.engine;
    for (const [task, step] of module.steps.entries()) {
      if (only !== null && task !== only) continue;
      module.setTask(task);
      module.startChoice();
      for (;;) {
        module.resetChoice();
        scratch.set(this.#words(from));
        const result = step();
        const choices = module.choices();
        module.clearFault();
        if (result === 1 && this.#matches(to)) return { task, choices };
        if (choices.length === 0 || !module.more()) break;
      }
    }
    throw new Error("assert: a stored state follows from its parent");
  }

  /** The first choices of init, in order, that give an initial state. */
  initialChoices(state: number): readonly number[] {
    const { module, scratch } = this.#outcome.engine;
    // The search may have ended at a limit or a violation.
    module.clearFault();
    module.startChoice();
    for (;;) {
      module.resetChoice();
      scratch.set(this.#outcome.prepared.image.initialWords);
      const functions = [...module.inits, ...module.entries];
      const done = functions.every((run, index) => {
        module.setTask(index < module.inits.length ? -1 : index - module.inits.length);
        return run() === 1;
      });
      const choices = module.choices();
      module.clearFault();
      if (done && this.#matches(state)) return choices;
      if (choices.length === 0 || !module.more()) break;
    }
    throw new Error("assert: an initial state follows from init");
  }
}
