/**
 * Swarm: what does not fit is looked at in part, by many jobs that each go their own way. One job is a depth-first search
 * in random order that remembers states as bits of a table only; two states that share their bits count as one, so parts
 * are left out. What it finds is real, since it is run again step by step; when it finds nothing it proves nothing.
 *
 * Sources: Holzmann, "An analysis of bitstate hashing", 1998 (three bits a state); Holzmann, Joshi and Groce, "Swarm
 * verification techniques", 2011 (many small searches that differ in order and hash).
 */
import { assert } from "../source/assert.ts";
import { describeLimit, limitNames, type LimitName } from "../limits.ts";
import type { ScheduledStep } from "../trace/schedule.ts";
import { precedence, violationClasses, type ViolationClass } from "./classes.ts";
import { tellCounterexample } from "./counterexample.ts";
import { kmallocSlotsFirst, moreSlots, type Finding } from "./search.ts";
import { generate, type EngineModule } from "./generate.ts";
import { prepare, type Prepared } from "./prepare.ts";
import type { ExploreResult } from "./result.ts";
import type { Scenario } from "./scenario.ts";

export type SwarmOptions = {
  /** Equal seeds give equal bytes; different ones different orders and hashes. */
  readonly seed: number;
  /** The table has 2 to this many bits; 10 to 32. */
  readonly tableBitsLog2: number;
  /** Distinct states, as far as the table tells them apart, before the job ends. */
  readonly statesMax: number;
  /** Steps from the initial state. */
  readonly depthMax: number;
};

/** What a job saw. */
export type SwarmJob = {
  readonly seed: number;
  /** Bits of the table that are set, of all: near one half and above, new states are often taken for known ones. */
  readonly fill: number;
};

export type SwarmResult = ExploreResult & { readonly swarm: SwarmJob };

/** Runs one job. The verdict is `violated` or `inconclusive`, never `holds`. */
export function exploreSwarm(scenario: Scenario, options: SwarmOptions): SwarmResult {
  assert(options.tableBitsLog2 >= 10 && options.tableBitsLog2 <= 32, "a table of 2^10 to 2^32 bits");
  let slots: readonly number[] = scenario.program.pools.map((pool) =>
    pool.kind === "kmalloc" ? kmallocSlotsFirst : 0,
  );
  for (;;) {
    const job = new Job(prepare(scenario.program, slots, { deadLocals: true }), options);
    job.run();
    const grown = job.limit === "objects" ? moreSlots(slots, job.exhaustedPool) : null;
    if (grown === null) return new SwarmReport(scenario, options, job).result();
    slots = grown;
  }
}

/** A violation and the steps to it. */
type Found = {
  readonly class: ViolationClass;
  readonly steps: readonly ScheduledStep[];
  readonly init: readonly number[];
};

/** A state still to be expanded: its words, how it was reached. */
type Pending = { readonly words: Int32Array; readonly depth: number; readonly step: ScheduledStep | null };

class Job {
  found: Found | null = null;
  limit: LimitName | null = null;
  states = 0;
  transitions = 0;
  depth = 0;
  readonly #prepared: Prepared;
  readonly #options: SwarmOptions;
  readonly #scratch: Int32Array;
  readonly #module: EngineModule;
  readonly #table: Uint32Array;
  readonly #path: ScheduledStep[] = [];
  #set = 0;
  #random: number;
  #init: readonly number[] = [];
  #failed: ViolationClass | null = null;

  constructor(prepared: Prepared, options: SwarmOptions) {
    this.#prepared = prepared;
    this.#options = options;
    this.#random = (Math.imul(options.seed, 0x9e3779b1) ^ 0x5bd1e995) | 1;
    this.#table = new Uint32Array(2 ** Math.max(0, options.tableBitsLog2 - 5));
    this.#scratch = new Int32Array(prepared.image.words);
    this.#module = generate(prepared, {
      traced: false,
      deadLocals: true,
      symmetry: null,
      merging: null,
      partialOrder: null,
      scratch: this.#scratch,
      host: {
        violation: () => undefined,
        limit: () => undefined,
        property: (code) => {
          this.#fail(code < 0 ? "property-error" : this.#classOf(code));
        },
        sometimes: () => undefined,
        notes: () => undefined,
        race: () => {
          if (prepared.program.races === "error") this.#fail("data-race");
        },
        mergedRace: () => undefined,
        deadlock: () => undefined,
        event: () => undefined,
        blocked: () => undefined,
      },
    }).module;
  }

  get exhaustedPool(): number {
    return this.#module.exhaustedPool();
  }

  get fill(): number {
    return this.#set / (this.#table.length * 32);
  }

  #classOf(property: number): ViolationClass {
    return this.#prepared.program.properties[property]?.kind === "finally" ? "finally" : "always";
  }

  #fail(name: ViolationClass): void {
    if (this.#failed === null || precedence(name) < precedence(this.#failed)) this.#failed = name;
  }

  run(): void {
    const module = this.#module;
    const starts: { readonly init: readonly number[]; readonly words: Int32Array }[] = [];
    module.startChoice();
    do {
      module.resetChoice();
      this.#scratch.set(this.#prepared.image.initialWords);
      const result = this.#prologue();
      const init = module.choices();
      if (result === 2) {
        this.found = { class: this.#faultClass(), steps: [], init };
        return;
      }
      if (result === 3) {
        this.limit = limitNames[module.fault().limit] ?? null;
        return;
      }
      if (result === 1) starts.push({ init, words: this.#scratch.slice() });
    } while (module.choices().length > 0 && module.more());
    for (const start of shuffled(starts, () => this.#next())) {
      this.#init = start.init;
      this.#walk(start.words);
      if (this.found !== null || this.limit !== null) return;
    }
  }

  #prologue(): number {
    for (const [index, run] of [...this.#module.inits, ...this.#module.entries].entries()) {
      this.#module.setTask(index < this.#module.inits.length ? -1 : index - this.#module.inits.length);
      const result = run();
      if (result !== 1) return result;
    }
    return 1;
  }

  #faultClass(): ViolationClass {
    const name = violationClasses[this.#module.fault().code];
    assert(name !== undefined, "a fault has a class");
    return name;
  }

  /** xorshift of 32 bits (Marsaglia 2003). */
  #next(): number {
    let x = this.#random;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#random = x;
    return x >>> 0;
  }

  /** Three bits from two hashes of the words; true when one of them was not set. */
  #isNew(words: Int32Array): boolean {
    let first = this.#options.seed | 0;
    let second = 0x9747b28c;
    for (const word of words) {
      first = Math.imul(first ^ word, 0x85ebca6b);
      first ^= first >>> 15;
      second = Math.imul(second ^ word, 0xc2b2ae35);
      second ^= second >>> 13;
    }
    let fresh = false;
    const mask = this.#table.length - 1;
    for (let at = 0; at < 3; at += 1) {
      const hash = (first + Math.imul(at, second | 1)) | 0;
      const word = (hash >>> 5) & mask;
      const bit = 1 << (hash & 31);
      if (((this.#table[word] ?? 0) & bit) !== 0) continue;
      this.#table[word] = (this.#table[word] ?? 0) | bit;
      this.#set += 1;
      fresh = true;
    }
    return fresh;
  }

  #walk(start: Int32Array): void {
    if (!this.#enter(start)) return;
    const pending: Pending[] = [{ words: start, depth: 0, step: null }];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      this.#path.length = Math.max(0, next.depth - 1);
      if (next.step !== null) this.#path.push(next.step);
      if (!this.#inspect(next.words)) return;
      if (next.depth >= this.#options.depthMax) continue;
      const after = this.#expand(next);
      if (after === null) return;
      pending.push(...shuffled(after, () => this.#next()));
      if (this.states < this.#options.statesMax) continue;
      this.limit = "states";
      return;
    }
  }

  #enter(words: Int32Array): boolean {
    if (!this.#isNew(words)) return false;
    this.states += 1;
    return true;
  }

  /** Properties and races of a state; false when one fails. */
  #inspect(words: Int32Array): boolean {
    this.depth = Math.max(this.depth, this.#path.length);
    this.#failed = null;
    this.#scratch.set(words);
    this.#module.inspect();
    this.#module.clearFault();
    this.#scratch.set(words);
    this.#module.races();
    this.#module.clearFault();
    if (this.#failed === null) return true;
    this.found = { class: this.#failed, steps: [...this.#path], init: this.#init };
    return false;
  }

  /** New states one step on; null when a step ends the job. */
  #expand(from: Pending): readonly Pending[] | null {
    const module = this.#module;
    const after: Pending[] = [];
    let enabled = false;
    for (const task of module.steps.keys()) {
      module.startChoice();
      do {
        module.resetChoice();
        this.#scratch.set(from.words);
        const result = module.transition(task);
        if (result === 0) continue;
        enabled = true;
        const step = { task, choices: module.choices() };
        if (result !== 1) return this.#end(result, step);
        this.transitions += 1;
        if (this.#enter(this.#scratch)) after.push({ words: this.#scratch.slice(), depth: from.depth + 1, step });
      } while (module.choices().length > 0 && module.more());
    }
    if (enabled) return after;
    this.#scratch.set(from.words);
    if (module.quiet()) return after;
    this.found = { class: "deadlock", steps: [...this.#path], init: this.#init };
    return null;
  }

  #end(result: number, step: ScheduledStep): null {
    if (result === 3) this.limit = limitNames[this.#module.fault().limit] ?? null;
    else this.found = { class: this.#faultClass(), steps: [...this.#path, step], init: this.#init };
    return null;
  }
}

/** Fisher and Yates. */
function shuffled<T>(items: readonly T[], next: () => number): readonly T[] {
  const out = [...items];
  for (let at = out.length - 1; at > 0; at -= 1) {
    const other = next() % (at + 1);
    const item = out[at];
    const swap = out[other];
    if (item === undefined || swap === undefined) continue;
    out[at] = swap;
    out[other] = item;
  }
  return out;
}

class SwarmReport {
  readonly #scenario: Scenario;
  readonly #options: SwarmOptions;
  readonly #job: Job;

  constructor(scenario: Scenario, options: SwarmOptions, job: Job) {
    this.#scenario = scenario;
    this.#options = options;
    this.#job = job;
  }

  result(): SwarmResult {
    const { found } = this.#job;
    return found === null ? this.#foundNothing() : this.#violated(found);
  }

  #common(): Omit<SwarmResult, "verdict" | "message"> {
    const { states, transitions, depth, fill } = this.#job;
    return {
      states,
      transitions,
      depth,
      exhaustive: false,
      memoryBytes: 2 ** (this.#options.tableBitsLog2 - 3),
      reductions: ["dead-locals"],
      assumptions: [...this.#scenario.program.assumptions, "swarm: a part of the states; cycles not examined"],
      notes: [],
      sometimes: [],
      warnings: [],
      swarm: { seed: this.#options.seed, fill },
    };
  }

  #foundNothing(): SwarmResult {
    const { limit, states } = this.#job;
    const why = limit === null || limit === "states" ? "" : `; it stopped early: ${describeLimit(limit)}`;
    const message = `swarm: about ${String(states)} states looked at, nothing found, which proves nothing${why}`;
    return { ...this.#common(), verdict: "inconclusive", message, limit: limit ?? "states" };
  }

  #violated(found: Found): SwarmResult {
    const schedule = { init: found.init, steps: found.steps };
    const finding: Finding = {
      class: found.class,
      length: found.steps.length,
      state: -1,
      task: -1,
      choices: [],
      node: -1,
      property: -1,
      racing: null,
    };
    const told = tellCounterexample({
      scenario: this.#scenario,
      finding,
      schedule,
      isShortest: false,
      hasFewestSwitches: false,
    });
    return {
      ...this.#common(),
      verdict: "violated",
      class: told.finding.class,
      ...(told.place === null ? {} : { place: told.place }),
      message: told.message,
      trace: told.trace,
    };
  }
}
