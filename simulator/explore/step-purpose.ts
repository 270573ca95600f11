/**
 * What a step of a trace is for, learned by experiments in the state before it: its task is delayed, or stands still.
 * An experiment says what it tried and nothing more.
 */
import { assert } from "../source/assert.ts";
import { readSlot } from "../program/image.ts";
import type { Schedule } from "../trace/schedule.ts";
import type { StepPurpose, Waiter } from "../trace/trace.ts";
import { classCode } from "./emit-routine.ts";
import { violationsAt, type Run } from "./end-of-run.ts";
import { messageOf } from "./messages.ts";
import type { Narrator } from "./narrate.ts";
import type { ExecutedStep } from "./runner.ts";
import type { Finding } from "./search.ts";
import type { ViolationTarget } from "./violation-target.ts";

export type PurposeRequest = {
  readonly run: Run;
  readonly narrator: Narrator;
  readonly schedule: Schedule;
  readonly target: ViolationTarget;
};

/** Steps of one delayed run. */
const delayedStepsMax = 300;
/** States that one search of the other tasks looks at, and all of a trace together. */
const heldBackStatesMax = 400;
const heldBackStatesAllMax = 4_000;
const heldBackBytesMax = 4_000_000;

/** Where a delayed run ended. */
type Delayed = {
  /** Steps of the trace before the experiment. */
  readonly before: readonly ExecutedStep[];
  readonly steps: readonly ExecutedStep[];
  readonly state: Int32Array;
  readonly violation: Finding | null;
  readonly isCut: boolean;
  /** Tasks that stand at their end or an idle point. */
  readonly through: readonly number[];
};

/** Does the experiments of one trace; the same trace gives the same answers. */
export class StepExperiments {
  readonly #request: PurposeRequest;
  #statesLeft = heldBackStatesAllMax;

  constructor(request: PurposeRequest) {
    this.#request = request;
  }

  /** O(steps + states looked at), both bounded. `index` is from 0. */
  purposeOf(index: number): StepPurpose {
    const delayed = this.#delay(index);
    const alone = this.#holdBack(index);
    const { violation, state } = delayed;
    return {
      delayed: this.#tell(delayed),
      delayedViolates: violation !== null && this.#request.target.is(violation, state),
      heldBack: alone.kind,
      states: alone.states,
    };
  }

  #stepAt(index: number): ExecutedStep {
    const step = this.#request.run.execution.steps[index];
    assert(step !== undefined, "a step of the trace");
    return step;
  }

  /** The others as the trace has them, then to their rest; then the task as the trace has it; then everybody to rest. */
  #delay(index: number): Delayed {
    const { task, before } = this.#stepAt(index);
    const later = this.#request.schedule.steps.slice(index);
    const walk = new Walk(this.#request.run, before);
    walk.follow(later.filter((step) => step.task !== task));
    walk.rest((other) => other !== task);
    walk.follow(later.filter((step) => step.task === task));
    walk.rest(() => true);
    return { before: this.#request.run.execution.steps.slice(0, index), ...walk.end() };
  }

  /** Every interleaving of the other tasks from the state before the step. */
  #holdBack(index: number): { readonly kind: StepPurpose["heldBack"]; readonly states: number } {
    const { target, run } = this.#request;
    // A deadlock needs everybody; that the task that stands still could go on is no news.
    if (target.finding.class === "deadlock" || this.#statesLeft <= 0) return { kind: "unknown", states: 0 };
    const statesMax = Math.min(heldBackStatesMax, this.#statesLeft);
    const found = new OthersAlone(run, target).search(this.#stepAt(index), statesMax);
    this.#statesLeft -= found.states;
    return found;
  }

  #tell(delayed: Delayed): string {
    const { target } = this.#request;
    const { violation, state, isCut } = delayed;
    if (violation !== null && target.is(violation, state)) return "the violation still occurs";
    if (violation !== null) return `another violation instead: ${this.#message(violation, delayed)}`;
    const cut = isCut ? `, as far as ${String(delayedStepsMax)} steps show` : "";
    return `no violation${cut}${this.#passing(delayed)}`;
  }

  #message(finding: Finding, delayed: Delayed): string {
    const { run, narrator } = this.#request;
    const fault = finding.task < 0 ? null : { class: finding.class, node: finding.node };
    const execution = { kind: "done", steps: delayed.steps, state: delayed.state, fault } as const;
    return messageOf({ scenario: run.scenario, finding, narrator, runner: run.runner, execution }).message;
  }

  /** How the place of the violation was passed. */
  #passing(delayed: Delayed): string {
    const { target, narrator, run } = this.#request;
    if (target.finding.class === "deadlock") return this.#stillWaiting(delayed);
    if (run.execution.fault === null) return "";
    const violating = this.#stepAt(run.execution.steps.length - 1);
    const node = narrator.nodeOf(violating.before, violating.task);
    const name = narrator.taskName(violating.task);
    const passes = delayed.steps.filter(
      (step) => step.task === violating.task && narrator.nodeOf(step.before, step.task) === node,
    );
    const pass = passes[passes.length - 1];
    if (pass !== undefined) return `: ${name} then does ${narrator.actionOf(pass)}`;
    const waiter = this.#waiters(delayed).find((candidate) => candidate.task === name);
    return waiter === undefined ? `: ${name} does not come to that step` : `: ${waitWords(waiter)}`;
  }

  /** Tasks that wait in the middle of something: one that waits for work is through. */
  #waiters(delayed: Delayed): readonly Waiter[] {
    const { narrator } = this.#request;
    const through = delayed.through.map((task) => narrator.taskName(task));
    const sofar = [...delayed.before, ...delayed.steps];
    return narrator.waiters(delayed.state, sofar).filter((waiter) => !through.includes(waiter.task));
  }

  #stillWaiting(delayed: Delayed): string {
    const waiters = this.#waiters(delayed);
    return waiters.length === 0 ? ": every task gets through" : `: ${waiters.map(waitWords).join("; ")}`;
  }
}

function waitWords(waiter: Waiter): string {
  const holders = waiter.holders.length === 0 ? "" : ` (held by ${waiter.holders.join(", ")})`;
  return `${waiter.task} waits in ${waiter.waitsFor}${holders}`;
}

/** One run from a state, step by step, until something is violated. */
class Walk {
  readonly #run: Run;
  readonly #steps: ExecutedStep[] = [];
  #state: Int32Array;
  #violation: Finding | null = null;
  /** Bounds or the heap's slots ended it. */
  #isCut = false;

  constructor(run: Run, state: Int32Array) {
    this.#run = run;
    this.#state = state;
  }

  /** Steps of a schedule, as far as they go: a task that has to wait takes none of its later ones. */
  follow(steps: Schedule["steps"]): void {
    const waiting = new Set<number>();
    for (const { task, choices } of steps) {
      if (waiting.has(task)) continue;
      if (this.#hasEnded(task) || !this.#step(task, choices)) waiting.add(task);
    }
  }

  /** Each of these tasks to its end, its idle point or a wait, in turn until none gets further. */
  rest(includes: (task: number) => boolean): void {
    const tasks = this.#run.runner.prepared.tasks.flatMap((_, task) => (includes(task) ? [task] : []));
    for (let isMoving = true; isMoving;) {
      isMoving = false;
      for (const task of tasks) while (this.#isBetween(task) && this.#step(task, [])) isMoving = true;
    }
  }

  end(): Omit<Delayed, "before"> {
    const through = this.#run.runner.prepared.tasks.flatMap((_, task) => (this.#isBetween(task) ? [] : [task]));
    return { steps: this.#steps, state: this.#state, violation: this.#violation, isCut: this.#isCut, through };
  }

  #step(task: number, choices: readonly number[]): boolean {
    if (this.#violation !== null || this.#isCut) return false;
    if (this.#steps.length >= delayedStepsMax) {
      this.#isCut = true;
      return false;
    }
    const made = this.#run.runner.stepFrom(this.#state, task, choices);
    if (made.kind === "limit") this.#isCut = true;
    if (made.kind !== "made") return false;
    this.#steps.push(made.step);
    this.#state = made.step.after;
    this.#violation = violationsAt(this.#run, { state: this.#state, fault: made.fault, task })[0] ?? null;
    return true;
  }

  #kindOf(task: number): string {
    const { image, positionKinds } = this.#run.runner.prepared;
    const slot = image.positionSlots[task];
    assert(slot !== undefined, "a task has a position");
    return positionKinds[task]?.[readSlot(this.#state, slot)] ?? "between";
  }

  #isBetween(task: number): boolean {
    return this.#kindOf(task) === "between";
  }

  #hasEnded(task: number): boolean {
    return this.#kindOf(task) === "ended";
  }
}

/** A small breadth-first search in which one task stands still. */
class OthersAlone {
  readonly #run: Run;
  readonly #target: ViolationTarget;

  constructor(run: Run, target: ViolationTarget) {
    this.#run = run;
    this.#target = target;
  }

  search(
    { before, task }: ExecutedStep,
    statesMax: number,
  ): { readonly kind: StepPurpose["heldBack"]; readonly states: number } {
    const { module, scratch } = this.#run.probe;
    const { words } = this.#run.probe.prepared.image;
    module.reset(statesMax, heldBackBytesMax);
    scratch.set(before);
    module.add(-1, -1);
    for (let at = 0; at < module.state().n; at += 1) {
      const state = module.state().S.slice(at * words, (at + 1) * words);
      if (at > 0 && this.#isViolated(state)) return { kind: "still", states: module.state().n };
      const reached = this.#expand(state, { at, heldBack: task });
      if (reached !== "done") return { kind: reached, states: module.state().n };
    }
    return { kind: "never", states: module.state().n };
  }

  #expand(state: Int32Array, from: { readonly at: number; readonly heldBack: number }): "done" | "still" | "unknown" {
    const { module, scratch } = this.#run.probe;
    for (const [task, step] of module.steps.entries()) {
      if (task === from.heldBack) continue;
      module.startChoice();
      do {
        module.setTask(task);
        module.resetChoice();
        scratch.set(state);
        const result = step();
        const isFault = result === 2 && this.#isFault(task, state);
        module.clearFault();
        if (isFault) return "still";
        if (result === 3) return "unknown";
        if (result === 1) module.add(from.at, task);
        if (module.state().stop >= 0) return "unknown";
      } while (module.more());
    }
    return "done";
  }

  #isFault(task: number, state: Int32Array): boolean {
    const { finding } = this.#target;
    const { code, node } = this.#run.probe.module.fault();
    if (code !== classCode(finding.class)) return false;
    return this.#target.is({ ...finding, task, node, property: -1, racing: null }, state);
  }

  /** Violations that belong to a state. The probe's scratch state is used up. */
  #isViolated(state: Int32Array): boolean {
    const { finding } = this.#target;
    if (finding.property < 0 && finding.racing === null) return false;
    return violationsAt(this.#run, { state, fault: null, task: -1 }).some((found) => this.#target.is(found, state));
  }
}
