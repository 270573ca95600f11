/**
 * A program as guarded steps: for each position of each task its outcomes, the initial state, and the properties as
 * conditions on a state. What promela.ts writes down.
 */
import { assert } from "../source/assert.ts";
import { prepare, type Prepared } from "../explore/prepare.ts";
import { heapObjectsMax, type LimitName } from "../limits.ts";
import { successors } from "../program/flow.ts";
import type { Program, Routine } from "../program/ir.ts";
import type { Span } from "../source/span.ts";
import { findCandidates } from "./candidates.ts";
import type { ReadBefore } from "./path.ts";
import type { StepContext } from "./step-context.ts";
import { executeStep, type Refusal, type StepOutcome } from "./steps.ts";
import {
  binaryTerm,
  constantTerm,
  forEachRead,
  notTerm,
  readTerm,
  rebuild,
  termOne,
  termZero,
  type Term,
  type Variable,
} from "./term.ts";
import { Variables } from "./variables.ts";

export type ModelPosition = {
  /** Node that begins the step. */
  readonly span: Span;
  /** A valid place to be for ever. */
  readonly isRest: boolean;
  readonly isEnd: boolean;
  /** Value of the task's variable `resting` there: 0 under way, 1 at rest, more: at rest unless this await is enabled. */
  readonly rest: number;
  readonly outcomes: readonly StepOutcome[];
};

export type ModelTask = {
  readonly name: string;
  /** Where it stands at first. */
  readonly start: number;
  readonly positions: readonly ModelPosition[];
};

export type ModelProperty = {
  readonly kind: "always" | "sometimes" | "finally";
  readonly text: string;
  readonly span: Span;
  readonly condition: Term;
  /** Variables that decide it. */
  readonly reads: ReadonlySet<Variable>;
};

/** Something that goes wrong before any step. */
export type EarlyFailure = { readonly message: string; readonly span: Span };

export type Model = {
  readonly context: StepContext;
  readonly tasks: readonly ModelTask[];
  readonly properties: readonly ModelProperty[];
  readonly initial: ReadonlyMap<Variable, readonly number[]>;
  readonly early: readonly EarlyFailure[];
  /** Every task at its end or at rest, and no forever task with work left; for `finally`. */
  readonly atRest: Term;
};

export type ModelOutcome =
  | { readonly kind: "model"; readonly model: Model }
  | { readonly kind: "refused"; readonly reasons: readonly Refusal[] };

/** Takes a program apart. `heapSlots`: objects alive at once in each kmalloc pool. */
export function buildModel(program: Program, options: { readonly heapSlots: number }): ModelOutcome {
  const slots = program.pools.map((pool, index) =>
    pool.kind === "kmalloc" ? slotsOf(program, { pool: index, heapSlots: options.heapSlots }) : 0,
  );
  const prepared = prepare(program, slots, { deadLocals: false });
  const variables = new Variables(prepared);
  const context: StepContext = { prepared, program, variables, candidates: findCandidates(prepared, variables) };
  const builder = new ModelBuilder(context);
  const model = builder.build();
  return builder.reasons.length > 0 ? { kind: "refused", reasons: builder.reasons } : { kind: "model", model };
}

function limitText(limit: LimitName): string {
  return limit === "objects"
    ? "the model has too few heap slots for what is allocated before the first step; ask for more"
    : `the limit "${limit}" is reached before the first step`;
}

/** As many slots as allocations can happen; where one stands in a loop, as many as the caller says. */
function slotsOf(program: Program, wanted: { readonly pool: number; readonly heapSlots: number }): number {
  let sites = 0;
  for (const routine of [...program.inits, ...program.tasks]) {
    for (const [index, node] of routine.nodes.entries()) {
      if (node.kind !== "allocate" || node.pool !== wanted.pool) continue;
      if (reachesItself(routine, index)) return wanted.heapSlots;
      sites += 1;
    }
  }
  return Math.min(Math.max(1, sites), heapObjectsMax);
}

function reachesItself(routine: Routine, index: number): boolean {
  const seen = new Set<number>();
  const pending = [...successors(routine.nodes, index)];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    if (at === index) return true;
    if (seen.has(at)) continue;
    seen.add(at);
    pending.push(...successors(routine.nodes, at));
  }
  return false;
}

class ModelBuilder {
  readonly reasons: Refusal[] = [];
  readonly #context: StepContext;
  readonly #prepared: Prepared;
  readonly #initial: Map<Variable, number[]>;
  readonly #early: EarlyFailure[] = [];

  constructor(context: StepContext) {
    this.#context = context;
    this.#prepared = context.prepared;
    this.#initial = new Map([...context.variables.initial].map(([variable, values]) => [variable, [...values]]));
  }

  build(): Model {
    const { program } = this.#context;
    this.#prepared.inits.forEach((part) => this.#runFirst({ part, task: -1, entry: 0 }));
    const starts = this.#prepared.tasks.map((part, task) =>
      this.#runFirst({ part, task, entry: program.tasks[task]?.entry ?? 0 }),
    );
    const tasks = starts.map((start, task) => this.#task(task, start));
    tasks.forEach((task, number) => {
      const resting = this.#context.variables.resting[number];
      if (resting !== undefined) this.#initial.set(resting, [task.positions[task.start]?.rest ?? 0]);
    });
    const properties = this.#prepared.properties.map((_, index) => this.#property(index));
    const model: Model = {
      context: this.#context,
      tasks,
      properties,
      initial: this.#initial,
      early: this.#early,
      atRest: this.#atRest(tasks),
    };
    for (const property of properties) this.#checkFirst(model, property);
    return model;
  }

  readonly #readInitial: ReadBefore = (variable, index) => {
    if (index !== null) assert(index.kind === "constant", "before the first step everything is known");
    const at = index?.kind === "constant" ? index.value : 0;
    return constantTerm(this.#initial.get(variable)?.[at] ?? 0);
  };

  /** Runs init, or a task up to its first step. Answers the position. */
  #runFirst(run: { readonly part: Prepared["tasks"][number]; readonly task: number; readonly entry: number }): number {
    const { part, task } = run;
    const outcomes = executeStep(this.#context, {
      part,
      task,
      start: run.entry,
      position: -1,
      before: this.#readInitial,
    });
    if ("message" in outcomes) {
      this.reasons.push(outcomes);
      return 0;
    }
    const [outcome, ...others] = outcomes;
    const span = part.routine.nodes[run.entry]?.span ?? { file: 0, start: 0, end: 0 };
    if (others.length > 0) {
      this.reasons.push({ span, message: "a choice before the first step gives several initial states; SPIN has one" });
      return 0;
    }
    if (outcome === undefined) {
      this.reasons.push({ span, message: "init waits for something that never comes" });
      return 0;
    }
    for (const update of outcome.updates) {
      assert(update.value.kind === "constant", "before the first step everything is known");
      const at = update.index?.kind === "constant" ? update.index.value : 0;
      const values = this.#initial.get(update.variable);
      if (values !== undefined) values[at] = update.value.value;
    }
    const { end } = outcome;
    if (end.kind === "fails") this.#early.push({ message: `${end.violation}: ${end.message}`, span: end.span });
    if (end.kind === "limit") this.reasons.push({ span: end.span, message: limitText(end.limit) });
    return end.kind === "moves" ? end.position : 0;
  }

  #task(task: number, start: number): ModelTask {
    const part = this.#prepared.tasks[task];
    const kinds = this.#prepared.positionKinds[task] ?? [];
    assert(part !== undefined, "each task is prepared");
    let waiting = 0;
    const positions = part.flow.positions.map((node, position): ModelPosition => {
      const kind = kinds[position] ?? "between";
      if (kind === "waiting") waiting += 1;
      const span = part.routine.nodes[node]?.span ?? { file: 0, start: 0, end: 0 };
      const rest = kind === "between" ? 0 : kind === "waiting" ? 1 + waiting : 1;
      const isEnd = kind === "ended";
      const outcomes = isEnd ? [] : this.#outcomes(task, { node, position });
      return { span, isRest: kind !== "between", isEnd, rest, outcomes };
    });
    return { name: this.#context.program.tasks[task]?.name ?? "", start, positions };
  }

  #outcomes(task: number, at: { readonly node: number; readonly position: number }): readonly StepOutcome[] {
    const part = this.#prepared.tasks[task];
    assert(part !== undefined, "each task is prepared");
    const request = { part, task, start: at.node, position: at.position, before: readTerm };
    const outcomes = executeStep(this.#context, request);
    if (!("message" in outcomes)) return outcomes;
    this.reasons.push(outcomes);
    return [];
  }

  /** A property is false where its evaluation fails. */
  #property(index: number): ModelProperty {
    const part = this.#prepared.properties[index];
    const property = this.#context.program.properties[index];
    assert(part !== undefined && property !== undefined, "each property is prepared");
    const outcomes = executeStep(this.#context, { part, task: -1, start: 0, position: -1, before: readTerm });
    let condition: Term = termZero;
    if ("message" in outcomes) this.reasons.push(outcomes);
    else {
      for (const outcome of outcomes) {
        if (outcome.end.kind !== "value") continue;
        const holds = outcome.conditions.reduce((sum, one) => binaryTerm("and", sum, one), termOne);
        condition = binaryTerm("or", condition, binaryTerm("and", holds, outcome.end.value));
      }
    }
    const reads = new Set<Variable>();
    forEachRead(condition, (read) => reads.add(read.variable));
    return { kind: property.kind, text: property.text, span: property.span, condition, reads };
  }

  #atRest(tasks: readonly ModelTask[]): Term {
    let all: Term = termOne;
    for (const cell of this.#context.program.pendingCells) {
      const pending = this.#context.variables.cells[cell];
      if (pending !== undefined) all = binaryTerm("and", all, binaryTerm("eq", readTerm(pending, null), termZero));
    }
    tasks.forEach((task, number) => {
      const variable = this.#context.variables.resting[number];
      if (variable === undefined) return;
      const resting = readTerm(variable, null);
      all = binaryTerm("and", all, binaryTerm("ne", resting, termZero));
      for (const position of task.positions) {
        if (position.rest < 2) continue;
        const enabled = position.outcomes.reduce<Term>((sum, outcome) => {
          const one = outcome.conditions.reduce((both, condition) => binaryTerm("and", both, condition), termOne);
          return binaryTerm("or", sum, one);
        }, termZero);
        const there = binaryTerm("eq", resting, constantTerm(position.rest));
        all = binaryTerm("and", all, notTerm(binaryTerm("and", there, enabled)));
      }
    });
    return all;
  }

  #checkFirst(model: Model, property: ModelProperty): void {
    const failed = (condition: Term): boolean => evaluateAtStart(condition, model.initial) === 0;
    const applies = property.kind === "always" || (property.kind === "finally" && !failed(model.atRest));
    if (applies && failed(property.condition))
      this.#early.push({ message: `${property.kind}: ${property.text}`, span: property.span });
  }
}

/** The value of a condition in the initial state. */
export function evaluateAtStart(term: Term, initial: ReadonlyMap<Variable, readonly number[]>): number {
  const value = rebuild(term, (part) => {
    if (part.kind !== "read") return null;
    if (part.index === null) return constantTerm(initial.get(part.variable)?.[0] ?? 0);
    if (part.index.kind !== "constant") return null;
    return constantTerm(initial.get(part.variable)?.[part.index.value] ?? 0);
  });
  assert(value.kind === "constant", "in one state everything is known");
  return value.value;
}
