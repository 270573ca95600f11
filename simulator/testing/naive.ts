/**
 * The naive explorer: a plain interpreter of flow graphs over states kept as text. It shares the definition of the
 * IR with the real one, and nothing of layout, generation, liveness or search, so that the two can be compared.
 * Memory is one number for each cell of each object, in the order of the program.
 */
/* eslint-disable @typescript-eslint/no-non-null-assertion -- test code: an index that misses should throw */
import { assert } from "../source/assert.ts";
import { violationClasses, type ViolationClass } from "../explore/classes.ts";
import {
  functionBase,
  heapReachBytes,
  memoryBase,
  type Expr,
  type Node,
  type ObjectCell,
  type Program,
  type PropertyProgram,
  type Routine,
} from "../program/ir.ts";
import { copyOf, keyOf, type State } from "./naive-state.ts";
import { placeObjects, type PlacedObject, type PlaceInMemory } from "./naive-memory.ts";
import { endlessClass, type NaiveStep } from "./naive-cycles.ts";
import { askedBeforeWritten, awaitsFirst, firstStops, whereTempIsNeeded } from "./walk.ts";
import { evaluateBinary, evaluateConvert, evaluateUnary } from "../program/expressions.ts";

export type NaiveOutcome = {
  readonly class: ViolationClass | null;
  readonly length: number;
  readonly states: number;
  readonly transitions: number;
  /** Of each `sometimes`, and of each note, whether it was reached before the search ended. */
  readonly sometimes: readonly boolean[];
  readonly notes: readonly boolean[];
};

/** What the naive explorer is too small for; the real one is not. */
export class NaiveLimit extends Error {}

class Fault extends Error {
  readonly class: ViolationClass;
  constructor(name: ViolationClass) {
    super(name);
    this.class = name;
  }
}

/** A step that is not enabled with the choices taken. */
class NotEnabled extends Error {}

export class NaiveExplorer {
  readonly #program: Program;
  readonly #objects: readonly PlacedObject[];
  /** Objects of each pool. */
  readonly #pools: readonly (readonly number[])[];
  readonly #needed: Map<string, Set<number>>[] = [];
  readonly #flaggedCells: ReadonlySet<number>;
  #choices: { value: number; count: number }[] = [];
  #made = 0;
  #touched: { address: number; write: boolean }[] = [];
  #acted = false;
  #task = -1;
  /** The step that runs has passed the head of a forever; states that such steps led to. */
  #passed = false;
  readonly #passing = new WeakSet<State>();
  readonly #known = new Map<string, number>();
  readonly #states: State[] = [];
  readonly #steps: NaiveStep[] = [];
  #expanded = 0;
  #transitions = 0;
  #best: { readonly class: ViolationClass; readonly length: number } | null = null;
  readonly #reached = new Set<number>();
  readonly #noted = new Set<number>();
  /** Notes of the step that runs; they count when it is done. */
  #noting: number[] = [];
  /** By address: the place of the cell in a state's memory, and the object. */
  readonly #slots: ReadonlyMap<number, number>;
  readonly #places: ReadonlyMap<number, PlaceInMemory>;

  constructor(program: Program) {
    this.#program = program;
    const memory = placeObjects(program);
    this.#objects = memory.objects;
    this.#pools = memory.pools;
    this.#slots = memory.slots;
    this.#places = memory.places;
    this.#flaggedCells = askedBeforeWritten(program);
    program.tasks.forEach(() => this.#needed.push(new Map()));
  }

  /** The place of an address of a cell in a state's memory. */
  #slot(address: number): number {
    return this.#slots.get(address)!;
  }

  explore(): NaiveOutcome {
    const first: State[] = [];
    for (const result of this.#alternatives(() => this.#begin())) this.#accept(result, 0, first);
    let level: readonly State[] = first;
    for (let depth = 0; level.length > 0; depth += 1) {
      level = this.#exploreLevel(level, depth);
      if (this.#isDecided(depth)) break;
    }
    return this.#outcome();
  }

  /** A state in which init has run, and each task up to its first step. */
  #begin(): State {
    const state = this.#initial();
    this.#noting = [];
    this.#program.inits.forEach((init) => this.#run(state, { routine: init, task: -1, from: 0, begun: true }));
    this.#program.tasks.forEach((task, index) =>
      this.#run(state, { routine: task, task: index, from: task.entry, begun: false }),
    );
    for (const note of this.#noting) this.#noted.add(note);
    return state;
  }

  /** Shorter ones first, then the order of the classes. */
  #offer(name: ViolationClass, length: number): void {
    const best = this.#best;
    const isBetter =
      best === null ||
      length < best.length ||
      (length === best.length && violationClasses.indexOf(name) < violationClasses.indexOf(best.class));
    if (isBetter) this.#best = { class: name, length };
  }

  /** Whether nothing that follows can be told instead of what was found. */
  #isDecided(depth: number): boolean {
    const found = this.#best;
    if (found === null) return false;
    return found.length <= depth || violationClasses.indexOf(found.class) < violationClasses.indexOf("data-race");
  }

  /** The number of the state that a computation led to; -1 for a fault. */
  #accept(result: State | Fault, length: number, into: State[]): number {
    if (result instanceof Fault) {
      this.#offer(result.class, length);
      return -1;
    }
    const key = keyOf(result);
    const seen = this.#known.get(key);
    if (seen !== undefined) return seen;
    this.#known.set(key, this.#known.size);
    this.#states.push(result);
    into.push(result);
    this.#inspect(result, (name) => this.#offer(name, length));
    return this.#states.length - 1;
  }

  /** States are numbered as they are found, and each level is gone through in that order. */
  #exploreLevel(level: readonly State[], depth: number): readonly State[] {
    const next: State[] = [];
    for (const state of level) {
      const from = this.#expanded;
      this.#expanded += 1;
      if (this.#program.races === "error" && this.#races(state)) this.#offer("data-race", depth);
      let enabled = false;
      for (const task of this.#program.tasks.keys()) {
        for (const result of this.#stepAll(state, task)) {
          enabled = true;
          this.#transitions += 1;
          const to = this.#accept(result, depth + 1, next);
          if (!(result instanceof Fault)) this.#steps.push({ from, to, task, passes: this.#passing.has(result) });
        }
      }
      if (!enabled && !this.#quiet(state)) this.#offer("deadlock", depth);
    }
    return next;
  }

  #outcome(): NaiveOutcome {
    const { notes, properties } = this.#program;
    const isUnreached = properties.some((each, index) => this.#isUnreached(each, index));
    return {
      class: this.#best?.class ?? this.#endless() ?? (isUnreached ? "never-reached" : null),
      length: this.#best?.length ?? -1,
      states: this.#states.length,
      transitions: this.#transitions,
      sometimes: properties.flatMap(({ kind }, index) => (kind === "sometimes" ? [this.#reached.has(index)] : [])),
      notes: notes.map((_, index) => this.#noted.has(index)),
    };
  }

  #isUnreached({ kind }: PropertyProgram, index: number): boolean {
    return kind === "sometimes" && !this.#reached.has(index);
  }

  /** What can go on for ever when nothing else is wrong. */
  #endless(): ViolationClass | null {
    const { tasks } = this.#program;
    const states = this.#states;
    return endlessClass({
      states: states.length,
      steps: this.#steps,
      tasks: tasks.length,
      ending: tasks.flatMap((task, index) => (task.hasForever ? [] : [index])),
      hasEnded: (state, task) => tasks[task]!.nodes[states[state]!.position[task]!]!.kind === "end",
    });
  }

  /** Every outcome of a computation that chooses. */
  #alternatives(run: () => State): (State | Fault)[] {
    const results: (State | Fault)[] = [];
    this.#choices = [];
    for (;;) {
      this.#made = 0;
      try {
        results.push(run());
      } catch (thrown) {
        if (thrown instanceof Fault) results.push(thrown);
        else if (!(thrown instanceof NotEnabled)) throw thrown;
      }
      while (this.#choices.length > 0) {
        const last = this.#choices[this.#choices.length - 1]!;
        last.value += 1;
        if (last.value < last.count) break;
        this.#choices.pop();
      }
      if (this.#choices.length === 0) return results;
    }
  }

  #pick(count: number): number {
    if (this.#made === this.#choices.length) this.#choices.push({ value: 0, count });
    const choice = this.#choices[this.#made]!;
    this.#made += 1;
    return choice.value;
  }

  #stepAll(state: State, task: number): (State | Fault)[] {
    const routine = this.#program.tasks[task]!;
    if (routine.nodes[state.position[task]!]!.kind === "end") return [];
    if (this.#program.victimCells.some((cell) => state.cells[cell] === task + 1)) return [];
    return this.#alternatives(() => {
      const copy = copyOf(state);
      this.#passed = false;
      this.#noting = [];
      this.#run(copy, { routine, task, from: copy.position[task]!, begun: true });
      if (this.#passed) this.#passing.add(copy);
      for (const note of this.#noting) this.#noted.add(note);
      return copy;
    });
  }

  #initial(): State {
    const state: State = {
      position: this.#program.tasks.map(() => -1),
      temps: this.#program.tasks.map(() => ({})),
      cells: this.#program.cells.map((cell) => cell.initial),
      unwritten: this.#program.cells.map((_, index) => this.#isUsed(index)),
      memory: [...this.#slots].map(() => 0),
      unwrittenMemory: [...this.#slots].map(() => false),
      alive: {},
      readers: {},
      stacks: this.#program.pools.map((pool, index) =>
        pool.kind === "kmalloc" ? [] : [...this.#pools[index]!].reverse(),
      ),
    };
    this.#objects.forEach((object, index) => {
      if (object.kind !== "global") state.alive[index] = "no";
      const cache = object.kind === "heap" && this.#program.pools[object.pool]!.kind !== "kmalloc";
      for (const cell of object.cells) {
        const slot = this.#slot(object.address + cell.offset);
        state.memory[slot] = cell.initial;
        if (cell.tag === "data" && (object.kind === "frame" || cache)) state.unwrittenMemory[slot] = true;
      }
    });
    return state;
  }

  /** Locals that some use node asks about: only there the flag can matter. */
  #isUsed(cell: number): boolean {
    return this.#flaggedCells.has(cell);
  }

  #run(state: State, at: { routine: Routine; task: number; from: number; begun: boolean }): number {
    const { routine, task } = at;
    const temps: Record<string, number> = task >= 0 && at.begun ? { ...state.temps[task] } : {};
    let index = at.from;
    let begun = at.begun;
    this.#acted = false;
    this.#task = task;
    for (let operations = 0; operations < 10_000; operations += 1) {
      const node = routine.nodes[index]!;
      if (task >= 0 && !begun && this.#stops(state, node, temps)) {
        if (node.kind === "end") this.#checkLeaks(state, task);
        state.position[task] = index;
        state.temps[task] = this.#keepNeeded(routine, { task, index, temps });
        return 0;
      }
      begun = false;
      if (node.kind === "end") return 0;
      if (node.kind === "result") return this.#value(state, node.value, temps);
      if (task >= 0 && this.#program.tasks[task]!.headNodes.includes(index)) this.#passed = true;
      if (node.kind === "jump") index = node.to;
      else if (node.kind === "branch")
        index = this.#value(state, node.condition, temps) !== 0 ? node.then : node.otherwise;
      else {
        this.#execute(state, node, temps);
        index += 1;
      }
    }
    throw new NaiveLimit("a program computes without end");
  }

  #stops(state: State, node: Node, temps: Record<string, number>): boolean {
    if (node.kind === "load" || node.kind === "store") {
      if (node.step === "always") return true;
      return node.step === "maybe" && !this.#isOwn(this.#value(state, node.address, temps));
    }
    return node.kind === "begin" || node.kind === "end" || (node.kind === "choose" && node.step);
  }

  #isOwn(address: number): boolean {
    const object = this.#places.get(address)?.object;
    return object !== undefined && object.kind === "frame" && !object.shared && object.task === this.#task;
  }

  #keepNeeded(
    routine: Routine,
    at: { task: number; index: number; temps: Record<string, number> },
  ): Record<string, number> {
    const kept: Record<string, number> = {};
    for (const name of Object.keys(at.temps).sort()) {
      const known = this.#needed[at.task]!;
      let needed = known.get(name);
      if (needed === undefined) {
        needed = whereTempIsNeeded(routine, Number(name));
        known.set(name, needed);
      }
      // The real explorer's homes are 0 by default, so a needed 0 and an absent one are the same state.
      if (needed.has(at.index) && at.temps[name] !== 0) kept[name] = at.temps[name]!;
    }
    return kept;
  }

  #value(state: State, expr: Expr, temps: Record<string, number>): number {
    switch (expr.kind) {
      case "constant":
        return expr.value;
      case "temp":
        return temps[expr.temp] ?? 0;
      case "cell":
        return state.cells[expr.cell]!;
      case "unary":
        return evaluateUnary(expr.op, this.#value(state, expr.operand, temps));
      case "binary":
        return evaluateBinary(expr.op, this.#value(state, expr.left, temps), this.#value(state, expr.right, temps));
      case "convert":
        return evaluateConvert(this.#value(state, expr.operand, temps), expr.shape);
      case "select":
        return this.#value(state, this.#value(state, expr.condition, temps) !== 0 ? expr.then : expr.otherwise, temps);
    }
  }

  #execute(state: State, node: Node, temps: Record<string, number>): void {
    const value = (expr: Expr): number => this.#value(state, expr, temps);
    const acts = node.inAtomic;
    switch (node.kind) {
      case "assign":
        if (node.target.kind === "temp") temps[node.target.temp] = value(node.value);
        else {
          const shape = this.#program.cells[node.target.cell]!.shape;
          state.cells[node.target.cell] = evaluateConvert(value(node.value), shape);
          if (this.#isUsed(node.target.cell)) state.unwritten[node.target.cell] = false;
          this.#acted ||= acts;
        }
        return;
      case "load":
      case "store":
        this.#executeAccess(state, node, temps);
        return;
      case "guard":
        if (node.inAtomic && this.#acted) throw new Fault("atomic-blocks");
        if (value(node.condition) === 0) throw new NotEnabled();
        return;
      case "check":
        if (value(node.condition) === 0) throw new Fault(node.violation.class);
        return;
      case "choose": {
        const [lo, hi] = [value(node.lo), value(node.hi)];
        if (lo > hi) throw new Fault("arithmetic");
        temps[node.temp] = lo + this.#pick(hi - lo + 1);
        this.#acted ||= acts;
        return;
      }
      case "use":
      case "forget":
        if (node.kind === "forget") state.unwritten[node.cell] = this.#isUsed(node.cell);
        else if (state.unwritten[node.cell] === true) throw new Fault("uninitialised");
        return;
      case "enter-scope":
      case "leave-scope":
      case "allocate":
      case "free":
      case "rcu-leave":
        this.#executeMemory(state, node, temps);
        this.#acted ||= acts;
        return;
      case "limit":
        if (value(node.unless) === 0) throw new NaiveLimit("a program reaches a limit");
        return;
      case "note":
        if (value(node.condition) !== 0) this.#noting.push(node.note);
        return;
      case "request":
      case "touch":
        throw new Error("assert: requests belong to timed code");
      case "begin":
      case "jump":
      case "branch":
      case "result":
      case "end":
        return;
    }
  }

  #executeAccess(state: State, node: Extract<Node, { kind: "load" | "store" }>, temps: Record<string, number>): void {
    const address = this.#value(state, node.address, temps);
    const cell = this.#access(state, address, node.tag);
    const slot = this.#slot(address);
    if (node.inAtomic && node.tag === "data") this.#touched.push({ address, write: node.kind === "store" });
    if (node.kind === "store") {
      const { bits } = cell.shape;
      state.memory[slot] = evaluateConvert(this.#value(state, node.value, temps), { bits, signed: bits === 32 });
      state.unwrittenMemory[slot] = false;
      this.#acted ||= node.inAtomic;
      return;
    }
    if (node.tag === "data" && state.unwrittenMemory[slot] === true) throw new Fault("uninitialised");
    temps[node.temp] = evaluateConvert(state.memory[slot]!, node.shape);
  }

  #executeMemory(
    state: State,
    node: Extract<Node, { kind: "enter-scope" | "leave-scope" | "allocate" | "free" | "rcu-leave" }>,
    temps: Record<string, number>,
  ): void {
    switch (node.kind) {
      case "enter-scope":
      case "leave-scope": {
        const object = this.#objects[node.object]!;
        state.alive[node.object] = node.kind === "enter-scope" ? "yes" : "no";
        for (const cell of object.cells) {
          if (cell.tag === "data") state.unwrittenMemory[this.#slot(object.address + cell.offset)] = true;
        }
        return;
      }
      case "allocate":
        temps[node.temp] = this.#allocate(state, node.pool, node.zeroed);
        return;
      case "free":
        this.#free(state, this.#value(state, node.address, temps), node.pool);
        return;
      case "rcu-leave":
        this.#leaveSection(state);
        return;
    }
  }

  #access(state: State, address: number, tag: string): ObjectCell {
    if (address >= 0 && address < 4096) throw new Fault("null-deref");
    const place = this.#places.get(address);
    if (place === undefined || address < memoryBase || address >= functionBase) throw new Fault("wild-pointer");
    const { index, object } = place;
    const cell = object.cells.find(
      (candidate) => object.address + candidate.offset === address && candidate.tag === tag,
    );
    if (state.alive[index] === "no") {
      const mask = state.readers[index] ?? 0;
      if (cell !== undefined && this.#task >= 0 && ((mask >>> this.#task) & 1) === 1) return cell;
      throw new Fault(object.kind === "heap" ? "use-after-free" : "use-after-scope");
    }
    if (cell !== undefined) return cell;
    throw new Fault(address >= object.address + object.size ? "out-of-bounds" : "wild-pointer");
  }

  #allocate(state: State, pool: number, zeroed: boolean): number {
    const kind = this.#program.pools[pool]!.kind;
    const index = kind === "kmalloc" ? this.#freshSlot(state, pool) : state.stacks[pool]!.pop();
    if (index === undefined) return 0;
    const object = this.#objects[index]!;
    state.alive[index] = "yes";
    delete state.readers[index];
    for (const cell of object.cells) {
      const slot = this.#slot(object.address + cell.offset);
      if (zeroed) state.memory[slot] = 0;
      if (zeroed) state.unwrittenMemory[slot] = false;
      else if (kind === "kmalloc" && cell.tag === "data") state.unwrittenMemory[slot] = true;
    }
    return object.address;
  }

  #freshSlot(state: State, pool: number): number {
    const kept = state.temps.flatMap((temps) => Object.values(temps));
    const values = new Set([...state.cells, ...state.memory, ...kept]);
    const free = this.#pools[pool]!.filter((index) => state.alive[index] === "no");
    const reach = heapReachBytes(this.#program);
    const isStale = (index: number): boolean => {
      const { address, size } = this.#objects[index]!;
      return [...values].some((value) => value >= address - reach && value < address + size + reach);
    };
    const fresh = free.find((index) => !isStale(index));
    const reused = this.#program.reuse ? free.filter(isStale) : [];
    if (fresh === undefined) throw new NaiveLimit("the naive explorer has too few heap slots");
    return reused.length === 0 ? fresh : [fresh, ...reused][this.#pick(reused.length + 1)]!;
  }

  #free(state: State, address: number, pool: number): void {
    if (address === 0) return;
    const index = this.#objects.findIndex((object) => object.kind === "heap" && object.address === address);
    const object = this.#objects[index];
    if (object === undefined) throw new Fault("bad-free");
    const kind = this.#program.pools[object.pool]!.kind;
    if (pool >= 0 && object.pool !== pool) throw new Fault("bad-free");
    if (state.alive[index] === "no") throw new Fault("double-free");
    const held = object.cells.some(
      (cell) =>
        (["owner", "tasks", "readers", "waiters"].includes(cell.print) || cell.tag === "folio-lock") &&
        state.memory[this.#slot(address + cell.offset)] !== 0,
    );
    if (kind !== "cache-typesafe" && held) throw new Fault("lock-freed");
    state.alive[index] = "no";
    if (kind === "cache-typesafe") {
      let mask = 0;
      this.#program.rcuNesting.forEach((cell, task) => {
        if (state.cells[cell] !== 0) mask |= 1 << task;
      });
      if (mask !== 0) state.readers[index] = mask;
    }
    if (kind !== "kmalloc") state.stacks[object.pool]!.push(index);
    else {
      for (const cell of object.cells) {
        const slot = this.#slot(address + cell.offset);
        state.memory[slot] = 0;
        state.unwrittenMemory[slot] = false;
      }
    }
  }

  #leaveSection(state: State): void {
    for (const index of Object.keys(state.readers)) {
      const mask = state.readers[index]! & ~(1 << this.#task);
      if (mask === 0) delete state.readers[index];
      else state.readers[index] = mask;
    }
    for (const cell of this.#program.rcuMasks) state.cells[cell] = state.cells[cell]! & ~(1 << this.#task);
  }

  #checkLeaks(state: State, task: number): void {
    this.#objects.forEach((object) => {
      for (const cell of object.cells) {
        const raw = state.memory[this.#slot(object.address + cell.offset)]!;
        const held =
          (cell.print === "owner" && raw === task + 1) ||
          (cell.print === "tasks" && ((raw >>> task) & 1) === 1) ||
          (cell.print === "readers" && ((raw >>> (2 * task)) & 3) !== 0);
        if (held) throw new Fault("lock-leak");
      }
    });
    const nesting = this.#program.rcuNesting[task];
    if (nesting !== undefined && state.cells[nesting] !== 0) throw new Fault("lock-leak");
  }

  #inspect(state: State, report: (name: ViolationClass) => void): void {
    for (const [index, property] of this.#program.properties.entries()) {
      if (property.kind === "sometimes" && this.#reached.has(index)) continue;
      if (property.kind === "finally" && !(this.#quiet(state) && this.#atRest(state))) continue;
      try {
        const holds = this.#run(copyOf(state), { routine: property, task: -1, from: 0, begun: true });
        if (property.kind !== "sometimes" && holds === 0) report(property.kind);
        if (property.kind === "sometimes" && holds !== 0) this.#reached.add(index);
      } catch (thrown) {
        if (!(thrown instanceof Fault)) throw thrown;
        report("property-error");
      }
    }
  }

  #quiet(state: State): boolean {
    if (this.#program.pendingCells.some((cell) => state.cells[cell] !== 0)) return false;
    return this.#program.tasks.every((task, index) => {
      const at = state.position[index]!;
      if (task.nodes[at]!.kind === "end" || task.waitNodes.includes(at)) return true;
      return task.idleNodes.some((idle) => firstStops(task, idle).has(at));
    });
  }

  /** No forever task stands before an enabled await. */
  #atRest(state: State): boolean {
    return this.#program.tasks.every((task, index) => {
      const begin = task.nodes[state.position[index]!]!;
      const awaits = begin.kind === "begin" && begin.assumed && awaitsFirst(task, state.position[index]!);
      if (!awaits && !task.waitNodes.includes(state.position[index]!)) return true;
      const [made, choices] = [this.#made, this.#choices];
      const enabled = this.#firstEnabled(state, index);
      this.#made = made;
      this.#choices = choices;
      return !enabled;
    });
  }

  /** Whether a step is enabled with the first of each choice: a wait with a bound is at rest until it is woken. */
  #firstEnabled(state: State, task: number): boolean {
    this.#choices = [];
    this.#made = 0;
    try {
      const routine = this.#program.tasks[task]!;
      this.#run(copyOf(state), { routine, task, from: state.position[task]!, begun: true });
      return true;
    } catch (thrown) {
      if (thrown instanceof NotEnabled) return false;
      if (thrown instanceof Fault) return true;
      throw thrown;
    }
  }

  #races(state: State): boolean {
    const accesses = this.#program.tasks.map((task, index) => this.#nextAccesses(state, task, index));
    return accesses.some((first, i) =>
      accesses.some(
        (second, j) =>
          i < j &&
          first.some((a) =>
            second.some((b) => a.address === b.address && (a.write || b.write) && (a.plain || b.plain)),
          ),
      ),
    );
  }

  #nextAccesses(state: State, task: Routine, index: number): { address: number; write: boolean; plain: boolean }[] {
    const node = task.nodes[state.position[index]!]!;
    const temps = state.temps[index]!;
    if (node.kind === "load" || node.kind === "store") {
      return [{ address: this.#value(state, node.address, temps), write: node.kind === "store", plain: node.plain }];
    }
    if (node.kind !== "begin") return [];
    if (node.touch !== null)
      return [{ address: this.#value(state, node.touch.address, temps), write: node.touch.write, plain: false }];
    if (!node.assumed) return [];
    const all: { address: number; write: boolean; plain: boolean }[] = [];
    this.#alternatives(() => {
      this.#touched = [];
      const copy = copyOf(state);
      let blocked = false;
      try {
        this.#run(copy, { routine: task, task: index, from: copy.position[index]!, begun: true });
      } catch (thrown) {
        blocked = thrown instanceof NotEnabled;
        if (!(thrown instanceof NotEnabled || thrown instanceof Fault)) throw thrown;
      }
      if (!blocked) all.push(...this.#touched.map((touch) => ({ ...touch, plain: false })));
      return copy;
    });
    return all;
  }
}

/** Explores a program naively. For tests: small programs only. */
export function exploreNaively(program: Program): NaiveOutcome {
  assert(program.tasks.length > 0, "a program has tasks");
  return new NaiveExplorer(program).explore();
}
