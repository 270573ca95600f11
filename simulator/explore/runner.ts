/** Runs a schedule step by step with the traced code: what the search found, told in full. */
import { assert } from "../source/assert.ts";
import type { LimitName } from "../limits.ts";
import { limitNames } from "../limits.ts";
import type { Schedule } from "../trace/schedule.ts";
import { violationClasses, type ViolationClass } from "./classes.ts";
import { generate, type EngineModule, type Generated } from "./generate.ts";
import { readSlot } from "../program/image.ts";
import { prepare, type Prepared } from "./prepare.ts";
import { moreSlots } from "./search.ts";
import type { Program } from "../program/ir.ts";

/** Something that a step did at a node: an access, a choice, a begin. */
export type StepEvent = { readonly node: number; readonly address: number; readonly value: number };

/** A guard that keeps a task from stepping. */
export type Blocked = { readonly node: number; readonly address: number };

export type Fault = { readonly class: ViolationClass; readonly node: number };

export type ExecutedStep = {
  readonly task: number;
  readonly choices: readonly number[];
  readonly before: Int32Array;
  readonly after: Int32Array;
  readonly events: readonly StepEvent[];
  readonly notes: readonly number[];
};

export type Execution =
  | {
      readonly kind: "done";
      readonly steps: readonly ExecutedStep[];
      readonly state: Int32Array;
      readonly fault: Fault | null;
    }
  | { readonly kind: "refused"; readonly step: number; readonly message: string }
  | { readonly kind: "limit"; readonly limit: LimitName };

export type SingleStep =
  | { readonly kind: "made"; readonly step: ExecutedStep; readonly fault: Fault | null }
  | { readonly kind: "blocked" }
  | { readonly kind: "limit" };

/** Slots that replays begin with; more are made when they run out. */
const slotsFirst = 4;

export class Runner {
  readonly prepared: Prepared;
  readonly scratch: Int32Array;
  readonly #module: EngineModule;
  readonly #generated: Generated;
  #events: StepEvent[] = [];
  #blocked: Blocked | null = null;

  constructor(prepared: Prepared, options: { readonly deadLocals: boolean }) {
    this.prepared = prepared;
    this.scratch = new Int32Array(prepared.image.words);
    this.#generated = generate(prepared, {
      traced: true,
      deadLocals: options.deadLocals,
      symmetry: null,
      merging: null,
      partialOrder: null,
      scratch: this.scratch,
      host: {
        violation: () => undefined,
        limit: () => undefined,
        property: () => undefined,
        sometimes: () => undefined,
        notes: () => undefined,
        race: () => undefined,
        mergedRace: () => undefined,
        deadlock: () => undefined,
        event: (node, address, value) => this.#events.push({ node, address, value }),
        blocked: (node, address) => {
          this.#blocked ??= { node, address };
        },
      },
    });
    this.#module = this.#generated.module;
  }

  get module(): EngineModule {
    return this.#module;
  }

  /** The lock that a lock-leak is about; null when it is a read section. */
  leakedLock(): string | null {
    return this.#generated.heldWords[this.#generated.leaked()]?.name ?? null;
  }

  /** What keeps a task from stepping in a state; null when it can step. */
  blockedAt(state: Int32Array, task: number): Blocked | null {
    const step = this.#module.steps[task];
    assert(step !== undefined, "a task has steps");
    this.#module.setTask(task);
    this.#module.startChoice();
    let first: Blocked | null = null;
    this.#events = [];
    for (;;) {
      this.#module.resetChoice();
      this.scratch.set(state);
      this.#blocked = null;
      const result = step();
      this.#module.clearFault();
      if (result !== 0) return null;
      first ??= this.#blocked;
      if (this.#module.choices().length === 0 || !this.#module.more()) return first;
    }
  }

  /** No task can step and some task neither ended nor is idle. */
  isStuck(state: Int32Array): boolean {
    this.scratch.set(state);
    return !this.#module.quiet() && this.#module.steps.every((_, task) => !this.#canStep(state, task));
  }

  #canStep(state: Int32Array, task: number): boolean {
    const { image, positionKinds } = this.prepared;
    const slot = image.positionSlots[task];
    if (slot !== undefined && positionKinds[task]?.[readSlot(state, slot)] === "ended") return false;
    if (this.#isInterrupted(state, task)) return false;
    return this.blockedAt(state, task) === null;
  }

  /** Whether an irq task runs on its CPU. */
  #isInterrupted(state: Int32Array, task: number): boolean {
    const { image, program } = this.prepared;
    return program.victimCells.some((cell) => {
      const slot = image.cellSlots[cell];
      return slot !== undefined && readSlot(state, slot) === task + 1;
    });
  }

  /** The accesses of a task's next step in a state, its first choices taken. */
  nextEvents(state: Int32Array, task: number): readonly StepEvent[] {
    const step = this.#module.steps[task];
    assert(step !== undefined, "a task has steps");
    this.#events = [];
    this.scratch.set(state);
    this.#module.setTask(task);
    this.#module.startChoice();
    this.#module.resetChoice();
    step();
    this.#module.clearFault();
    return this.#events;
  }

  run(schedule: Schedule): Execution {
    const start = this.#prologue(schedule.init);
    if (start !== null) return start;
    const steps: ExecutedStep[] = [];
    for (const [index, scheduled] of schedule.steps.entries()) {
      const run = this.#module.steps[scheduled.task];
      if (run === undefined)
        return { kind: "refused", step: index + 1, message: `there is no task ${String(scheduled.task)}` };
      const before = this.scratch.slice();
      this.#events = [];
      this.#module.setTask(scheduled.task);
      const result = this.#force(scheduled.choices, run);
      const executed = { ...scheduled, before, events: this.#events, notes: [...this.#module.notes()] };
      if (result === 0) return { kind: "refused", step: index + 1, message: "the task cannot step there" };
      if (result === 3) return { kind: "limit", limit: this.#limit() };
      if (result === 4) return { kind: "refused", step: index + 1, message: "the step does not make such a choice" };
      const fault = result === 2 ? this.#fault() : null;
      steps.push({ ...executed, after: this.scratch.slice() });
      if (fault === null) continue;
      if (index < schedule.steps.length - 1)
        return { kind: "refused", step: index + 2, message: "the run ended one step before" };
      return { kind: "done", steps, state: this.scratch.slice(), fault };
    }
    return { kind: "done", steps, state: this.scratch.slice(), fault: null };
  }

  /**
   * Makes one step of a task from any state: with the choices given if it makes such ones, else with the first that let
   * it step.
   */
  stepFrom(state: Int32Array, task: number, choices: readonly number[]): SingleStep {
    const run = this.#module.steps[task];
    assert(run !== undefined, "a task has steps");
    this.#module.setTask(task);
    this.#events = [];
    this.scratch.set(state);
    let result = this.#force(choices, run);
    if (result === 4 || result === 0) {
      this.#module.startChoice();
      do {
        this.#events = [];
        this.#module.clearFault();
        this.#module.resetChoice();
        this.scratch.set(state);
        result = run();
      } while (result === 0 && this.#module.more());
    }
    if (result === 0) return { kind: "blocked" };
    if (result === 3) return { kind: "limit" };
    const step = {
      task,
      choices: this.#module.choices(),
      before: state,
      after: this.scratch.slice(),
      events: this.#events,
      notes: [...this.#module.notes()],
    };
    return { kind: "made", step, fault: result === 2 ? this.#fault() : null };
  }

  /** 0 to 3 as the step answers; 4 when the choices are not ones that it makes. */
  #force(choices: readonly number[], run: () => number): number {
    this.#module.clearFault();
    this.#module.forceChoices(choices);
    this.#module.resetChoice();
    const result = run();
    const ranges = this.#module.choiceRanges();
    const made = this.#module.choices();
    const fits =
      made.length === choices.length &&
      made.every((value, index) => value < (ranges[index] ?? 0) && (ranges[index] ?? 0) < 1 << 30);
    return fits || result === 0 ? result : 4;
  }

  #prologue(init: readonly number[]): Execution | null {
    const functions = [...this.#module.inits, ...this.#module.entries];
    this.scratch.set(this.prepared.image.initialWords);
    this.#module.clearFault();
    this.#module.forceChoices(init);
    this.#module.resetChoice();
    for (const [index, run] of functions.entries()) {
      this.#module.setTask(index < this.#module.inits.length ? -1 : index - this.#module.inits.length);
      const result = run();
      if (result === 3) return { kind: "limit", limit: this.#limit() };
      if (result === 2) return { kind: "done", steps: [], state: this.scratch.slice(), fault: this.#fault() };
      if (result === 0) return { kind: "refused", step: 0, message: "init cannot go on" };
    }
    return null;
  }

  #limit(): LimitName {
    return limitNames[this.#module.fault().limit] ?? "operations";
  }

  #fault(): Fault {
    const fault = this.#module.fault();
    const name = violationClasses[fault.code];
    assert(name !== undefined, "a fault has a class");
    return { class: name, node: fault.node };
  }

  get exhaustedPool(): number {
    return this.#module.exhaustedPool();
  }
}

/** Runs a schedule, with as many heap slots as it takes. */
export function runSchedule(
  program: Program,
  schedule: Schedule,
): { readonly runner: Runner; readonly execution: Execution } {
  let slots: readonly number[] = program.pools.map((pool) => (pool.kind === "kmalloc" ? slotsFirst : 0));
  for (;;) {
    const runner = new Runner(prepare(program, slots, { deadLocals: false }), { deadLocals: false });
    const execution = runner.run(schedule);
    const grown =
      execution.kind === "limit" && execution.limit === "objects" ? moreSlots(slots, runner.exhaustedPool) : null;
    if (grown === null) return { runner, execution };
    slots = grown;
  }
}
