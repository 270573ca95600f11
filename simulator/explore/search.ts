/**
 * Breadth-first search over the states of a program: the queue is the state array, parents are numbers in it.
 *
 * A violation ends the search with its level: every violation of the same trace length is seen, and the one that comes
 * first in the order of precedence is kept. So the class does not depend on the order of tasks.
 */
import { assert } from "../source/assert.ts";
import { limitNames, type ExploreLimits, type LimitName } from "../limits.ts";
import { keepsDeadPointers, type Program } from "../program/ir.ts";
import { precedence, violationClasses, type ViolationClass } from "./classes.ts";
import {
  generate,
  type EngineHost,
  type EngineModule,
  type EngineState,
  type GenerateOptions,
  type Generated,
  type Unfinished,
} from "./generate.ts";
import { kmallocSlotsMax } from "./engine-source.ts";
import { prepare, type Prepared } from "./prepare.ts";
import type { Progress, Reduction } from "./result.ts";
import { planMerging } from "./merging.ts";
import { planPartialOrder } from "./partial-order.ts";
import { planSymmetry } from "./symmetry.ts";
import { pathOfTransitions } from "./transition-path.ts";
import { countNodes } from "./coverage.ts";
import { findUnmovedTasks } from "./coverage-vacuous.ts";
import { LockWatch } from "./lock-names.ts";
import { findUnfinishable, mayBeUnfinishable, type CycleStep, type UnfinishableRequest } from "./unfinishable.ts";

/** Orders that close a circle, in words, and the nodes at which the locks are asked for. */
export type LockOrder = { readonly message: string; readonly nodes: readonly number[] };

/** A violation and how to get there. */
export type Finding = {
  readonly class: ViolationClass;
  /** Steps of the trace, the violating one included. */
  readonly length: number;
  /** State from which `task` made the violating step, or the violating state itself when task is -1. -1: before any step. */
  readonly state: number;
  readonly task: number;
  readonly choices: readonly number[];
  /** Node of the violation over all routines, -1 when it has none. */
  readonly node: number;
  /** Property that failed, -1 if none. */
  readonly property: number;
  /** The two tasks of a data race. */
  readonly racing: readonly [number, number] | null;
  /** The task that makes the violating step, when symmetry gave it another number in `task`. */
  readonly actor?: number;
  /** Merged transitions from `state` of which only the first steps were made when it happened. */
  readonly unfinished?: readonly Unfinished[];
  /** The steps of a livelock, from `state` back to it. */
  readonly cycle?: readonly CycleStep[];
  /** The circle of a lock order. */
  readonly order?: LockOrder;
};

/** A step whose note was reached: state -1 is before the first step. */
export type Reached = { readonly state: number; readonly task: number; readonly choices: readonly number[] };

export type SearchOutcome = {
  readonly prepared: Prepared;
  readonly finding: Finding | null;
  readonly limit: LimitName | null;
  readonly states: number;
  readonly transitions: number;
  readonly depth: number;
  readonly memoryBytes: number;
  readonly notes: ReadonlyMap<number, Reached>;
  /** State in which a sometimes property was first true, by property. */
  readonly sometimes: ReadonlyMap<number, number>;
  /** Pairs of nodes that race, when races are only noted: first state of each. */
  readonly races: readonly { readonly state: number; readonly tasks: readonly [number, number] }[];
  /** Whether a transition may be more than one step, or tasks were renamed: then parents tell transitions. */
  readonly isReduced: boolean;
  /** There may be cycles that the second pass must look at, and this search could not: it was reduced. */
  readonly hasOpenCycles: boolean;
  /** Reductions that did not apply, and why. */
  readonly remarks: readonly string[];
  /** Parents and words of all states, for traces. */
  readonly parents: Int32Array;
  readonly words: Int32Array;
  /** The code that searched, its table still filled: steps can be made again and their outcome looked up. */
  readonly engine: { readonly module: EngineModule; readonly scratch: Int32Array };
  /** The same code for a search by single steps of the same program; null when it has none. */
  readonly single: Engine | null;
  readonly kmallocSlots: readonly number[];
  /** Whether the finding's level was searched to its end: only then is the finding the shortest and first in precedence. */
  readonly isLevelComplete: boolean;
  /** Every state that can be reached was expanded, whatever was found. */
  readonly isExhausted: boolean;
  /** Tasks that never stepped in an exhaustive search. */
  readonly unmoved: readonly number[];
  /** By node number: 1 for an assert, and the first node of a finally, that was evaluated. */
  readonly evaluated: Uint8Array;
  /** Circles of lock instances, each with the nodes at which its locks are asked for. */
  readonly lockOrders: readonly LockOrder[];
  /** What the steps passed, when asked for: numbers as in coverage-hits.ts. */
  readonly hits: Uint8Array | null;
};

export type SearchOptions = {
  readonly limits: ExploreLimits;
  readonly reductions: readonly Reduction[];
  /** Also tell which nodes of the flow graphs any step passed. */
  readonly coverage?: boolean;
  readonly onProgress?: (progress: Progress) => void;
  /** A search of the same program that is over, whose code this one may go on with. */
  readonly after?: SearchOutcome;
  /** What is looked for: the search ends when it has seen all of it. */
  readonly until?: { readonly notes: readonly number[]; readonly sometimes: readonly number[] };
};

/** Code that searches. */
type Engine = { readonly generated: Generated; readonly module: EngineModule; readonly scratch: Int32Array };

/** Code that also merges steps is slower: for many states code of its own pays. */
const sharedStatesMax = 40_000;

/** Slots that a kmalloc pool begins with; doubled when they run out, up to the limit `objects` over all pools. */
export const kmallocSlotsFirst = 2;
/** First slice is tiny so that the engine's second call already runs optimised code. */
const sliceFirst = 64;
const sliceMax = 100_000;
const sliceUntilMax = 256;

/** Searches; starts over with more heap slots when they run out. Counts do not depend on how many were tried. */
export function searchProgram(program: Program, options: SearchOptions): SearchOutcome {
  const { after } = options;
  let slots: readonly number[] =
    after?.kmallocSlots ?? program.pools.map((pool) => (pool.kind === "kmalloc" ? kmallocSlotsFirst : 0));
  let reductions = applicable(program, options.reductions);
  let shared = after !== undefined && isSharable(after, options) ? after : null;
  for (;;) {
    const deadLocals = reductions.includes("dead-locals");
    const prepared = shared?.prepared ?? prepare(program, slots, { deadLocals });
    const search = new Search(prepared, { ...options, reductions }, { slots, engine: shared?.single ?? null });
    shared = null;
    const outcome = search.run();
    if (outcome === "without symmetry") {
      reductions = reductions.filter((reduction) => reduction !== "symmetry");
      continue;
    }
    const grown = outcome.limit === "objects" ? moreSlots(slots, search.exhaustedPool) : null;
    if (grown === null) return outcome;
    slots = grown;
  }
}

/** Whether a search by single steps may go on with the code of an earlier one. */
function isSharable(after: SearchOutcome, { reductions, coverage }: SearchOptions): boolean {
  return (
    after.single !== null &&
    after.states <= sharedStatesMax &&
    coverage !== true &&
    after.prepared.deadLocals === reductions.includes("dead-locals") &&
    reductions.every((reduction) => reduction === "dead-locals")
  );
}

/**
 * With races noted rather than found, every pair of accesses counts; and where addresses of the heap are observed, kmalloc
 * looks at pointers of all tasks, of which no log tells. Then no step is merged or put off.
 */
function applicable(program: Program, reductions: readonly Reduction[]): readonly Reduction[] {
  if (program.races !== "note" && !keepsDeadPointers(program)) return reductions;
  return reductions.filter((reduction) => reduction !== "merging" && reduction !== "partial-order");
}

/** A finding of a reduced search in steps of the rule, and with the tasks' own numbers. */
function inSteps(outcome: SearchOutcome, finding: Finding): Finding {
  const { schedule, realTask } = pathOfTransitions(outcome, finding);
  const own = (task: number): number => realTask[task] ?? task;
  return {
    ...finding,
    length: schedule.steps.length,
    actor: finding.task < 0 ? -1 : own(finding.task),
    racing: finding.racing === null ? null : [own(finding.racing[0]), own(finding.racing[1])],
  };
}

/** Twice the slots for a pool, as far as the bound over all pools allows; null when it has no more. */
export function moreSlots(slots: readonly number[], pool: number): readonly number[] | null {
  const total = slots.reduce((sum, count) => sum + count, 0);
  const now = slots[pool];
  if (now === undefined) return null;
  const next = Math.min(now * 2, kmallocSlotsMax - (total - now));
  return next <= now ? null : slots.map((count, index) => (index === pool ? next : count));
}

class Search {
  readonly #prepared: Prepared;
  readonly #options: SearchOptions;
  readonly #engine: Engine;
  readonly #module: EngineModule;
  readonly #scratch: Int32Array;
  readonly #slots: readonly number[];
  readonly #notes = new Map<number, Reached>();
  readonly #sometimes = new Map<number, number>();
  readonly #locks: LockWatch;
  readonly #racePairs = new Map<string, { state: number; tasks: readonly [number, number] }>();
  readonly #remarks: readonly string[];
  readonly #isReduced: boolean;
  #finding: Finding | null = null;
  #depth = 0;
  #levelEnd = 0;

  constructor(
    prepared: Prepared,
    options: SearchOptions,
    from: { readonly slots: readonly number[]; readonly engine: Engine | null },
  ) {
    this.#prepared = prepared;
    this.#options = options;
    this.#slots = from.slots;
    this.#locks = new LockWatch(prepared, () => this.#engine.generated.heldWords);
    if (from.engine === null) {
      const { engine, remarks, isReduced } = this.#makeEngine();
      this.#engine = engine;
      this.#remarks = remarks;
      this.#isReduced = isReduced;
    } else {
      this.#engine = from.engine;
      this.#remarks = [];
      this.#isReduced = false;
      from.engine.generated.attach(this.#host(), this.#asked());
    }
    this.#module = this.#engine.module;
    this.#scratch = this.#engine.scratch;
  }

  #makeEngine(): { readonly engine: Engine; readonly remarks: readonly string[]; readonly isReduced: boolean } {
    const prepared = this.#prepared;
    const options = this.#options;
    const scratch = new Int32Array(prepared.image.words);
    const symmetry = options.reductions.includes("symmetry") ? planSymmetry(prepared) : null;
    // An interrupt may come between any two steps of a task and stops it there: no step of it moves past one.
    // Which address an allocation yields depends on what pointers are left, which no step's accesses tell.
    const interrupted = prepared.program.victimCells.length > 0 || prepared.program.reuse;
    const merges = !interrupted && options.reductions.includes("merging");
    const orders = !interrupted && options.reductions.includes("partial-order");
    const merging = merges || orders ? planMerging(prepared, { merges }) : null;
    const partialOrder = orders && merging !== null ? planPartialOrder(prepared, merging) : null;
    const remarks = (symmetry?.refusals ?? []).map((refusal) => `no symmetry among ${refusal}`);
    const isReduced = merging !== null || (symmetry !== null && symmetry.classes.length > 0);
    const generated = generate(prepared, {
      traced: false,
      deadLocals: options.reductions.includes("dead-locals"),
      symmetry: symmetry !== null && symmetry.classes.length > 0 ? symmetry : null,
      merging,
      partialOrder,
      scratch,
      asked: this.#asked(),
      ...(options.coverage === true ? { hits: { nodes: countNodes(prepared), only: null } } : {}),
      host: this.#host(),
    });
    return { engine: { generated, module: generated.module, scratch }, remarks, isReduced };
  }

  #asked(): GenerateOptions["asked"] {
    if (!LockWatch.isNeeded(this.#prepared)) return undefined;
    return (node, lock, held) => this.#locks.note({ node, lock, held, state: this.#module.state().cur });
  }

  #host(): EngineHost {
    return {
      violation: (from, task) => this.#onViolation(from, task),
      limit: () => undefined,
      property: (property, from, task) => this.#onProperty(property, from, task),
      sometimes: (property) => {
        if (!this.#sometimes.has(property)) this.#sometimes.set(property, this.#module.state().n - 1);
      },
      notes: (from, task) => this.#onNotes(from, task),
      race: (state, first, second) => this.#onRace(state, [first, second]),
      mergedRace: (state, first, second) => {
        const racing: readonly [number, number] = [first.task, second.task];
        this.#offer({ ...this.#stateFinding("data-race", state), racing, unfinished: [first, second] });
      },
      deadlock: (state) => this.#offer(this.#stateFinding("deadlock", state)),
      event: () => undefined,
      blocked: () => undefined,
    };
  }

  get exhaustedPool(): number {
    // init runs outside of the search loop, which is what keeps GR.
    const inSearch = this.#module.state().GR;
    return inSearch >= 0 ? inSearch : this.#module.exhaustedPool();
  }

  /** Starts again as often as an assumption of merging fails; each time fewer steps are merged. */
  run(): SearchOutcome | "without symmetry" {
    for (;;) {
      const outcome = this.#pass();
      const failed = this.#module.failed();
      if (failed === "symmetry") return "without symmetry";
      if (failed === null || outcome.finding !== null) return outcome;
      this.#module.restart();
      this.#notes.clear();
      this.#sometimes.clear();
      this.#racePairs.clear();
      this.#depth = 0;
    }
  }

  #pass(): SearchOutcome {
    const { limits } = this.#options;
    this.#module.reset(limits.statesMax, limits.memoryBytesMax);
    this.#addInitialStates();
    this.#levelEnd = this.#module.state().n;
    let slice = sliceFirst;
    let limit: LimitName | null = null;
    for (let state = this.#module.state(); state.cur < state.n; state = this.#module.state()) {
      if (state.stop >= 0 || this.#module.mustRestart()) break;
      if (state.cur >= this.#levelEnd) {
        this.#depth += 1;
        this.#levelEnd = state.n;
        if (this.#isDone()) break;
        // States beyond the bound are what shows that it was too small: a search that ends right at it is exhaustive.
        if (this.#depth > limits.depthMax) {
          this.#depth = limits.depthMax;
          limit = "depth";
          break;
        }
      }
      this.#module.search(Math.min(this.#levelEnd, state.cur + slice));
      slice = Math.min(this.#options.until === undefined ? sliceMax : sliceUntilMax, slice * 4);
      this.#report();
      if (this.#hasSeenAll()) {
        limit = "states";
        break;
      }
    }
    return this.#outcome(limit);
  }

  /** A level is searched to its end. One more decides only when a deadlock or race there would take precedence. */
  #isDone(): boolean {
    const finding = this.#finding;
    if (finding === null || this.#isAsking()) return false;
    return finding.length < this.#depth || precedence(finding.class) < precedence("data-race") || finding.task < 0;
  }

  #hasSeenAll(): boolean {
    const { until } = this.#options;
    if (until === undefined) return false;
    return (
      until.notes.every((note) => this.#notes.has(note)) && until.sometimes.every((each) => this.#sometimes.has(each))
    );
  }

  /** A question has no answer yet: then a violation does not end the search. */
  #isAsking(): boolean {
    const { properties, reach } = this.#prepared.program;
    return reach !== null && !properties.some((each, index) => each.reach !== undefined && this.#sometimes.has(index));
  }

  #report(): void {
    const state = this.#module.state();
    this.#options.onProgress?.({
      states: state.n,
      transitions: state.ntr,
      depth: this.#depth,
      frontier: state.n - state.cur,
      memoryBytes: state.bytes,
    });
  }

  #outcome(limitReached: LimitName | null): SearchOutcome {
    const state = this.#module.state();
    let limit = state.stop >= 0 ? (limitNames[state.stop] ?? null) : limitReached;
    const mayCycle = this.#finding === null && limit === null && state.back === 1 && this.#module.failed() === null;
    const open = mayCycle && this.#isReduced ? mayBeUnfinishable(this.#cycleRequest(state)) : false;
    if (open === "limit") limit = "memory";
    if (mayCycle && !this.#isReduced) limit = this.#searchUnfinishable(state);
    const isWhole = this.#finding === null && limit === null && this.#module.failed() === null;
    if (isWhole && open === false) this.#judgeLockOrder();
    const outcome: SearchOutcome = {
      prepared: this.#prepared,
      finding: this.#finding,
      isReduced: this.#isReduced,
      hasOpenCycles: open === true,
      remarks: this.#remarks,
      limit: this.#finding === null || limit === "objects" ? limit : null,
      states: state.n,
      transitions: state.ntr,
      depth: this.#depth,
      memoryBytes: state.bytes,
      notes: this.#notes,
      sometimes: this.#sometimes,
      races: [...this.#racePairs.values()],
      parents: state.PAR,
      words: state.S,
      engine: { module: this.#module, scratch: this.#scratch },
      single: this.#module.single === null ? null : { ...this.#engine, module: this.#module.single },
      kmallocSlots: this.#slots,
      isLevelComplete: limit === null,
      isExhausted: limit === null && state.cur >= state.n,
      evaluated: this.#engine.generated.evaluated,
      hits: this.#options.coverage === true ? this.#engine.generated.hits.ever : null,
      unmoved: this.#finding === null && limit === null ? findUnmovedTasks(this.#cycleRequest(state)) : [],
      lockOrders: this.#locks.circles("instances").map((circle) => this.#locks.tell(circle)),
    };
    const { finding } = outcome;
    if (finding === null || !this.#isReduced) return outcome;
    return { ...outcome, finding: inSteps(outcome, finding) };
  }

  /** With `lockdep: strict` a circle of lock classes is a violation. */
  #judgeLockOrder(): void {
    if (this.#prepared.program.lockdep !== "strict") return;
    const [circle] = this.#locks.circles("strict");
    const last = circle?.[circle.length - 1];
    if (circle === undefined || last === undefined) return;
    const order = this.#locks.tell(circle);
    this.#offer({ ...this.#stateFinding("lock-order", last.event.state), order });
  }

  #cycleRequest(state: EngineState): UnfinishableRequest {
    return {
      prepared: this.#prepared,
      module: this.#module,
      scratch: this.#scratch,
      state,
      bytesMax: this.#options.limits.memoryBytesMax,
      deadLocals: this.#options.reductions.includes("dead-locals"),
    };
  }

  #searchUnfinishable(state: EngineState): LimitName | null {
    const outcome = findUnfinishable(this.#cycleRequest(state));
    if (outcome.kind === "limit") return outcome.limit;
    if (outcome.kind === "cannot-finish") this.#offer(this.#stateFinding("cannot-finish", outcome.state));
    if (outcome.kind === "livelock")
      this.#offer({ ...this.#stateFinding("livelock", outcome.state), cycle: outcome.cycle });
    return null;
  }

  /** Every outcome of init's choices, then each task up to its first step. */
  #addInitialStates(): void {
    const module = this.#module;
    module.startChoice();
    for (;;) {
      module.resetChoice();
      this.#scratch.set(this.#prepared.image.initialWords);
      if (this.#runPrologue()) module.add(-1, -1);
      if (module.choices().length === 0 || !module.more() || module.state().stop >= 0) return;
    }
  }

  #runPrologue(): boolean {
    const module = this.#module;
    const functions = [...module.inits, ...module.entries];
    for (const [index, run] of functions.entries()) {
      module.setTask(index < module.inits.length ? -1 : index - module.inits.length);
      const result = run();
      if (result === 3) module.setStop(module.fault().limit);
      if (result === 2) this.#onViolation(-1, -1);
      if (result === 0) this.#offer({ ...this.#stateFinding("deadlock", -1), choices: module.choices() });
      if (result !== 1) return false;
    }
    if (module.notes().length > 0) this.#onNotes(-1, -1);
    return true;
  }

  #onViolation(from: number, task: number): void {
    const fault = this.#module.fault();
    const name = violationClasses[fault.code];
    assert(name !== undefined, "a fault has a class");
    this.#offer({
      class: name,
      length: this.#lengthFrom(from),
      state: from,
      task,
      choices: this.#module.choices(),
      node: fault.node,
      property: -1,
      racing: null,
    });
  }

  /** Steps of a trace whose last one starts in the state that is being expanded. */
  #lengthFrom(from: number): number {
    return from < 0 ? 0 : this.#depth + 1;
  }

  #onProperty(code: number, from: number, task: number): void {
    const failed = code < 0;
    const property = failed ? -1 - code : code;
    const kind = this.#prepared.program.properties[property]?.kind;
    const state = this.#module.state().n - 1;
    this.#offer({
      class: failed ? "property-error" : kind === "finally" ? "finally" : "always",
      length: this.#lengthFrom(from),
      state,
      task: -1,
      choices: task < 0 ? this.#module.choices() : [],
      node: failed ? this.#module.fault().node : -1,
      property,
      racing: null,
    });
  }

  #onNotes(from: number, task: number): void {
    for (const note of this.#module.notes()) {
      if (!this.#notes.has(note)) this.#notes.set(note, { state: from, task, choices: this.#module.choices() });
    }
  }

  #onRace(state: number, tasks: readonly [number, number]): void {
    if (this.#prepared.program.races === "error") {
      this.#offer({ ...this.#stateFinding("data-race", state), racing: tasks });
      return;
    }
    const key = tasks.map((task) => this.#nextNode(state, task)).join(" ");
    if (!this.#racePairs.has(key)) this.#racePairs.set(key, { state, tasks });
  }

  #nextNode(state: number, task: number): number {
    const { image, tasks } = this.#prepared;
    const slot = image.positionSlots[task];
    const words = this.#module.state().S;
    const word = slot === undefined ? 0 : (words[state * image.words + slot.word] ?? 0);
    const position = slot === undefined ? 0 : (word >>> slot.shift) & ((1 << slot.bits) - 1);
    return (tasks[task]?.nodeBase ?? 0) + (tasks[task]?.flow.positions[position] ?? 0);
  }

  #stateFinding(violation: ViolationClass, state: number): Finding {
    return {
      class: violation,
      length: ["cannot-finish", "livelock", "lock-order"].includes(violation) ? -1 : this.#depth,
      state,
      task: -1,
      choices: [],
      node: -1,
      property: -1,
      racing: null,
    };
  }

  #offer(finding: Finding): void {
    const best = this.#finding;
    const better =
      best === null ||
      finding.length < best.length ||
      (finding.length === best.length && precedence(finding.class) < precedence(best.class));
    if (better) this.#finding = finding;
  }
}
