/**
 * Among all shortest traces to a violation of one class, the one with the fewest context switches; among these the least
 * in the order of init's choices, tasks and choices. So the trace told does not depend on the order of the search.
 *
 * Every state of a shortest trace lies at its own breadth-first level, so a dynamic program over the levels of a
 * step-exact search sees all shortest traces: the cost of (state, task of the step before) is the least number of
 * switches from there to the violation. It is filled from the last level back, successors being computed anew, and the
 * trace is then read off from the start.
 */
import { assert } from "../source/assert.ts";
import type { Schedule, ScheduledStep } from "../trace/schedule.ts";
import { classCode } from "./emit-routine.ts";
import { Probe } from "./probe.ts";
import type { Finding, SearchOutcome } from "./search.ts";

export type FewestSwitches =
  | { readonly kind: "found"; readonly finding: Finding; readonly schedule: Schedule }
  /** The costs do not fit the bound on memory, or the search did not see the whole level. */
  | { readonly kind: "not-proven" };

export type FewestSwitchesRequest = {
  /** Of a search by single steps: reductions at most dead-locals. */
  readonly outcome: SearchOutcome;
  readonly finding: Finding;
  readonly deadLocals: boolean;
  /** For the search's tables and the costs together. */
  readonly memoryBytesMax: number;
  /** Choices of init that lead to an initial state. */
  readonly initialChoices: (state: number) => readonly number[];
};

/** Levels above have costs that are no numbers of one byte, and of two. */
const narrowLevelsMax = 254;
const wideLevelsMax = 65_534;

/**
 * O(states + transitions) of the levels before the violation, and one or two bytes a state and task.
 *
 * @source Bellman's principle over a layered graph
 */
export function findFewestSwitches(request: FewestSwitchesRequest): FewestSwitches {
  const { outcome, finding } = request;
  if (!outcome.isLevelComplete || finding.state < 0) return { kind: "not-proven" };
  const levels = levelStarts(outcome);
  const last = levels.findIndex((start, level) => start <= finding.state && finding.state < (levels[level + 1] ?? 0));
  const bytes = (levels[last + 1] ?? 0) * outcome.engine.module.steps.length * (last < narrowLevelsMax ? 1 : 2);
  if (last >= wideLevelsMax || outcome.memoryBytes + bytes > request.memoryBytesMax) return { kind: "not-proven" };
  return new Costs(request, levels, last).trace();
}

/** First state of each level, and the number of states at the end: states stand in the order of their levels. */
function levelStarts(outcome: SearchOutcome): readonly number[] {
  const starts = [0];
  let begun = 0;
  for (let state = 0; state < outcome.states; state += 1) {
    // Parents ascend: the first state whose parent is in the newest level begins the next one.
    if ((outcome.parents[state] ?? -1) < begun) continue;
    begun = state;
    starts.push(state);
  }
  return [...starts, outcome.states];
}

type Store = Uint8Array | Uint16Array;

class Costs {
  readonly #request: FewestSwitchesRequest;
  readonly #levels: readonly number[];
  /** Level of the violating state, or of the state from which the violating step is made. */
  readonly #last: number;
  readonly #tasks: number;
  readonly #words: number;
  readonly #infinite: number;
  #made: Probe | null = null;
  /** Cost by level, state in it and task of the step before. */
  readonly #stores: Store[] = [];

  constructor(request: FewestSwitchesRequest, levels: readonly number[], last: number) {
    this.#request = request;
    this.#levels = levels;
    this.#last = last;
    this.#tasks = request.outcome.engine.module.steps.length;
    this.#words = request.outcome.prepared.image.words;
    this.#infinite = last < narrowLevelsMax ? 255 : 65_535;
  }

  /** Made when a state is to be judged: its code takes long to write. */
  get #probe(): Probe {
    this.#made ??= new Probe(this.#request.outcome.prepared, { deadLocals: this.#request.deadLocals });
    return this.#made;
  }

  trace(): FewestSwitches {
    for (let level = this.#last; level >= 0; level -= 1) this.#fill(level);
    const { root, cost } = this.#cheapestRoot();
    assert(root >= 0, "the violation that the search found has a trace");
    const steps: ScheduledStep[] = [];
    let state = root;
    let left = cost;
    for (let level = 0; level < this.#last; level += 1) {
      const taken = this.#leastStep(state, level, { before: steps[steps.length - 1]?.task ?? -1, left });
      steps.push(taken.step);
      state = taken.to;
      left = taken.left;
    }
    const { finding, step } = this.#violation(state, { before: steps[steps.length - 1]?.task ?? -1, left });
    const schedule = { init: this.#request.initialChoices(root), steps: step === null ? steps : [...steps, step] };
    return { kind: "found", finding, schedule };
  }

  #start(level: number): number {
    return this.#levels[level] ?? this.#request.outcome.states;
  }

  #stateAt(state: number): Int32Array {
    return this.#request.outcome.words.subarray(state * this.#words, (state + 1) * this.#words);
  }

  #fill(level: number): void {
    const start = this.#start(level);
    const size = (this.#start(level + 1) - start) * this.#tasks;
    const store = this.#infinite === 255 ? new Uint8Array(size) : new Uint16Array(size);
    this.#stores[level] = store.fill(this.#infinite);
    const isGoal = level === this.#last && this.#request.finding.task < 0 ? this.#goal() : null;
    for (let state = start; state < this.#start(level + 1); state += 1) {
      const at = (state - start) * this.#tasks;
      if (isGoal !== null) {
        if (isGoal(state)) store.fill(0, at, at + this.#tasks);
      } else this.#fillState(state, level, { store, at });
    }
  }

  #fillState(state: number, level: number, into: { readonly store: Store; readonly at: number }): void {
    const { store, at } = into;
    let least = this.#infinite;
    for (let task = 0; task < this.#tasks; task += 1) {
      let own = this.#infinite;
      this.#eachStep(state, task, (result) => {
        own = Math.min(own, this.#costBehind(result, level, task));
        return own > 0;
      });
      store[at + task] = own;
      least = Math.min(least, own);
    }
    if (least + 1 >= this.#infinite) return;
    for (let task = 0; task < this.#tasks; task += 1) {
      if ((store[at + task] ?? 0) > least + 1) store[at + task] = least + 1;
    }
  }

  /** Makes each step of a task from a state, by its choices in order, until `visit` has seen enough. */
  #eachStep(state: number, task: number, visit: (result: number) => boolean): void {
    const { module, scratch } = this.#request.outcome.engine;
    const step = module.steps[task];
    assert(step !== undefined, "a task has steps");
    const words = this.#stateAt(state);
    module.setTask(task);
    module.startChoice();
    do {
      module.resetChoice();
      scratch.set(words);
      if (!visit(step())) return;
    } while (module.more());
  }

  /** What the rest costs after a step of `task` that answered `result`; its outcome lies in the search's scratch state. */
  #costBehind(result: number, level: number, task: number): number {
    if (level === this.#last) return this.#isViolation(result) ? 0 : this.#infinite;
    return result === 1 ? this.#cost(this.#request.outcome.engine.module.find(), level + 1, task) : this.#infinite;
  }

  #isViolation(result: number): boolean {
    const { module } = this.#request.outcome.engine;
    const isIt = result === 2 && module.fault().code === classCode(this.#request.finding.class);
    module.clearFault();
    return isIt;
  }

  /** Infinite for states of other levels: no shortest trace passes there. */
  #cost(state: number, level: number, before: number): number {
    const start = this.#start(level);
    if (state < start || state >= this.#start(level + 1)) return this.#infinite;
    return this.#stores[level]?.[(state - start) * this.#tasks + before] ?? this.#infinite;
  }

  /** Which states of the last level are violations of the class themselves. */
  #goal(): (state: number) => boolean {
    const { finding } = this.#request;
    if (finding.racing !== null) return (state) => this.#probe.races(this.#stateAt(state)).length > 0;
    if (finding.property >= 0)
      return (state) => this.#probe.failures(this.#stateAt(state)).some((failure) => failure.class === finding.class);
    if (finding.class === "deadlock") return (state) => this.#probe.isStuck(this.#stateAt(state));
    // Found by a pass over the whole graph, which names one state.
    return (state) => state === finding.state;
  }

  #cheapestRoot(): { readonly root: number; readonly cost: number } {
    let best = { root: -1, cost: this.#infinite };
    for (let root = 0; root < this.#start(1); root += 1) {
      for (let task = 0; task < this.#tasks; task += 1) {
        const cost = this.#cost(root, 0, task);
        if (cost < best.cost) best = { root, cost };
      }
    }
    return best;
  }

  #leastStep(
    state: number,
    level: number,
    wanted: { readonly before: number; readonly left: number },
  ): { readonly step: ScheduledStep; readonly to: number; readonly left: number } {
    const { module } = this.#request.outcome.engine;
    for (let task = 0; task < this.#tasks; task += 1) {
      const left = wanted.left - (wanted.before >= 0 && wanted.before !== task ? 1 : 0);
      const step = this.#firstStep(state, task, (result) => this.#costBehind(result, level, task) === left);
      // The scratch state still is what the step made of it.
      if (step !== null) return { step, to: module.find(), left };
    }
    throw new Error("assert: a cost comes from a step");
  }

  /** The step with the least choices that `accepts` takes. */
  #firstStep(state: number, task: number, accepts: (result: number) => boolean): ScheduledStep | null {
    const accepted: ScheduledStep[] = [];
    this.#eachStep(state, task, (result) => {
      if (accepts(result)) accepted.push({ task, choices: this.#request.outcome.engine.module.choices() });
      return accepted.length === 0;
    });
    return accepted[0] ?? null;
  }

  /** The finding at the end of the trace that was read off. */
  #violation(
    state: number,
    wanted: { readonly before: number; readonly left: number },
  ): { readonly finding: Finding; readonly step: ScheduledStep | null } {
    const { finding } = this.#request;
    if (finding.task < 0) return { finding: { ...finding, state, ...this.#nameState(state) }, step: null };
    const { module } = this.#request.outcome.engine;
    for (let task = 0; task < this.#tasks; task += 1) {
      if (wanted.before >= 0 && (wanted.before === task ? 0 : 1) !== wanted.left) continue;
      let node = -1;
      const step = this.#firstStep(state, task, (result) => {
        node = module.fault().node;
        return this.#isViolation(result);
      });
      if (step !== null) return { finding: { ...finding, state, task, choices: step.choices, node }, step };
    }
    throw new Error("assert: a cost comes from a step");
  }

  #nameState(state: number): Partial<Finding> {
    const { finding } = this.#request;
    const words = this.#stateAt(state);
    if (finding.racing !== null) return { racing: this.#probe.races(words)[0] ?? finding.racing };
    if (finding.property < 0) return {};
    const failure = this.#probe.failures(words).find((candidate) => candidate.class === finding.class);
    return failure === undefined ? {} : { property: failure.property, node: failure.node };
  }
}
