/** A trace for people out of an executed schedule: who did what where, what changed, who holds and waits for what. */
import { assert } from "../source/assert.ts";
import type { Label, Node } from "../program/ir.ts";
import { readSlot, type DecodedCell } from "../program/image.ts";
import { StateDecoder } from "../trace/decode.ts";
import { printSchedule, type Schedule } from "../trace/schedule.ts";
import type { CellChange, NextStep, Place, Trace, TraceEnd, TraceStep, Waiter } from "../trace/trace.ts";
import { nodeAt } from "./prepare.ts";
import type { ExecutedStep, Runner, StepEvent } from "./runner.ts";
import { placeOf, sourceLineOf, type Scenario } from "./scenario.ts";

/** Accesses that one step's action names before it is cut. */
const accessesNamedMax = 4;

/** The first `count` of these steps. */
type Sofar = { readonly steps: readonly ExecutedStep[]; readonly count: number };

/** How often a step is another task's than the one before. */
function switchesOf(steps: readonly { readonly task: number }[]): number {
  return steps.filter((step, index) => index > 0 && steps[index - 1]?.task !== step.task).length;
}

export class Narrator {
  readonly #scenario: Scenario;
  readonly #runner: Runner;
  readonly #decoder: StateDecoder;

  constructor(scenario: Scenario, runner: Runner) {
    this.#scenario = scenario;
    this.#runner = runner;
    this.#decoder = new StateDecoder(runner.prepared.image, scenario.names);
  }

  get decoder(): StateDecoder {
    return this.#decoder;
  }

  trace(options: {
    readonly schedule: Schedule;
    readonly steps: readonly ExecutedStep[];
    readonly end: TraceEnd;
    readonly shortest: boolean;
    readonly fewestSwitches: boolean;
  }): Trace {
    return {
      tasks: this.#scenario.names.tasks,
      steps: options.steps.map((_, index) => this.#step(options.steps, index)),
      schedule: printSchedule(options.schedule),
      end: options.end,
      shortest: options.shortest,
      switches: switchesOf(options.steps),
      fewestSwitches: options.fewestSwitches,
    };
  }

  taskName(task: number): string {
    return this.#scenario.names.tasks[task] ?? "init";
  }

  placeOfNode(node: number): Place | null {
    const reference = nodeAt(this.#runner.prepared, node);
    return reference === null ? null : placeOf(this.#scenario.sources, reference.node.span);
  }

  /** The node at which a task stands in a state. */
  nodeOf(state: Int32Array, task: number): number {
    const { prepared } = this.#runner;
    const slot = prepared.image.positionSlots[task];
    assert(slot !== undefined, "a task has a position");
    const routine = prepared.tasks[task];
    return (routine?.nodeBase ?? 0) + (routine?.flow.positions[readSlot(state, slot)] ?? 0);
  }

  #step(steps: readonly ExecutedStep[], index: number): TraceStep {
    const step = steps[index];
    assert(step !== undefined, "a step of the trace");
    const node = this.nodeOf(step.before, step.task);
    const reference = nodeAt(this.#runner.prepared, node);
    assert(reference !== null, "a step begins at a node");
    const { sources, program } = this.#scenario;
    return {
      index: index + 1,
      task: this.taskName(step.task),
      place: placeOf(sources, reference.node.span),
      source: sourceLineOf(sources, reference.node.span),
      action: this.actionOf(step),
      atomic: reference.node.kind === "begin" && reference.node.assumed,
      changes: this.#changes(step),
      held: this.#decoder.heldLocks(step.after),
      waiting: this.waiters(step.after, steps, index + 1),
      notes: step.notes.map((note) => program.notes[note]?.text ?? ""),
    };
  }

  /** What a task would do next in a state, its first choices taken. */
  nextStep(state: Int32Array, task: number): NextStep {
    const node = this.nodeOf(state, task);
    const place = this.placeOfNode(node);
    assert(place !== null, "a task stands at a node");
    const made = this.#runner.stepFrom(state, task, []);
    const action = made.kind === "made" ? this.actionOf(made.step) : this.#sourceOf(node);
    return { task: this.taskName(task), place, action };
  }

  /** What a step did; its source line when it did nothing that has a name. */
  actionOf(step: ExecutedStep): string {
    return this.#action(step) || this.#sourceOf(this.nodeOf(step.before, step.task));
  }

  #sourceOf(node: number): string {
    const reference = nodeAt(this.#runner.prepared, node);
    return reference === null ? "" : sourceLineOf(this.#scenario.sources, reference.node.span);
  }

  #action(step: ExecutedStep): string {
    const { events } = step;
    const first = events[0];
    if (first === undefined) return "";
    const text = this.#describe(first);
    if (text !== "atomic") return text + this.#yielded(step, { text, address: first.address });
    const inside = events.slice(1).flatMap((event) => {
      const told = this.#describe(event);
      return told === "" ? [] : [told];
    });
    if (inside.length === 0) return "atomic";
    const more = inside.length > accessesNamedMax ? ", ..." : "";
    return `atomic: ${inside.slice(0, accessesNamedMax).join(", ")}${more}`;
  }

  /** What a trylock or a look at a counter gives, which the state after it shows. */
  #yielded(step: ExecutedStep, did: { readonly text: string; readonly address: number }): string {
    const name = did.address === 0 ? null : this.#decoder.nameOf(did.address);
    if (name === null) return "";
    if (/^\w*trylock\w*[(]/.test(did.text)) return this.#changesWord(step, name) ? " = 1" : " = 0";
    if (!/^(atomic\w*|refcount)_read[(]/.test(did.text)) return "";
    const cell = this.#runner.prepared.image.decoded.find((candidate) => candidate.name === name);
    const value = cell === undefined ? null : this.#decoder.valueOf(step.after, cell);
    return value === null ? "" : ` = ${value}`;
  }

  /** Whether a step writes a word of a lock, in freed memory of a SLAB_TYPESAFE_BY_RCU cache too. */
  #changesWord(step: ExecutedStep, name: string): boolean {
    const words = this.#runner.prepared.image.decoded.filter(
      (cell) => cell.name === name || cell.name === `${name} readers`,
    );
    return words.some((cell) => readSlot(step.before, cell.slot) !== readSlot(step.after, cell.slot));
  }

  #describe(event: StepEvent): string {
    const reference = nodeAt(this.#runner.prepared, event.node);
    if (reference === null) return "";
    const { node } = reference;
    switch (node.kind) {
      case "begin":
        return this.label(node.label, event.address);
      case "load":
        return isOwnAccess(node) ? `${this.#cell(event.address)} == ${this.#value(event)}` : "";
      case "store":
        return isOwnAccess(node) ? `${this.#cell(event.address)} = ${this.#value(event)}` : "";
      case "choose":
        return `choose ${String(event.value)}`;
      case "allocate":
        return `allocated ${this.#decoder.pointer(event.value)}`;
      case "assign":
      case "jump":
      case "branch":
      case "guard":
      case "check":
      case "limit":
      case "note":
      case "use":
      case "forget":
      case "enter-scope":
      case "leave-scope":
      case "free":
      case "rcu-leave":
      case "request":
      case "touch":
      case "result":
      case "end":
        return "";
    }
  }

  #cell(address: number): string {
    return this.#decoder.nameOf(address) ?? this.#decoder.pointer(address);
  }

  #value(event: StepEvent): string {
    const { image } = this.#runner.prepared;
    const name = this.#decoder.nameOf(event.address);
    const cell = image.decoded.find((candidate) => candidate.name === name);
    return cell === undefined ? String(event.value) : this.#decoder.print(event.value, cell);
  }

  label(label: Label, address: number): string {
    if (label.address === null) return label.text;
    // What is freed is the object; what is locked is its member, also where that is the first one.
    const whole = /^\w*free\w*[(]/.test(label.text);
    const name = whole ? null : this.#decoder.nameOf(address);
    return label.text.replace("%", () => (name === null ? this.#decoder.pointer(address) : `&${name}`));
  }

  #changes(step: ExecutedStep): readonly CellChange[] {
    const { image } = this.#runner.prepared;
    const changes: CellChange[] = [];
    for (const instance of image.instances) {
      if (instance.kind !== "heap") continue;
      const was = this.#decoder.isAlive(step.before, instance);
      const is = this.#decoder.isAlive(step.after, instance);
      if (was !== is)
        changes.push({ name: instance.name, before: was ? "allocated" : "free", after: is ? "allocated" : "free" });
    }
    const locals = this.#localInstances();
    for (const cell of image.decoded) {
      if (cell.hidden) continue;
      const isLocal = cell.instance < 0 || locals.has(cell.instance);
      const typesafe = (image.instances[cell.instance]?.readers ?? null) !== null;
      const before = this.#decoder.valueOf(step.before, cell, { typesafe });
      const after = this.#decoder.valueOf(step.after, cell, { typesafe });
      if (before !== null && after !== null && before !== after)
        changes.push({ name: cell.name, before, after, ...(isLocal ? { local: true } : {}) });
    }
    return changes;
  }

  /** Frame objects that no other task can reach. */
  #localInstances(): ReadonlySet<number> {
    const own = new Set(
      this.#scenario.program.objects.filter((o) => o.storage === "frame" && !o.shared).map((o) => o.address),
    );
    const { instances } = this.#runner.prepared.image;
    return new Set(instances.flatMap((instance, index) => (own.has(instance.address) ? [index] : [])));
  }

  /**
   * Tasks whose next step is not enabled, and what for.
   *
   * @param steps of which the first `count` led to the state: they tell who took a lock that has no owner
   */
  waiters(state: Int32Array, steps: readonly ExecutedStep[], count = steps.length): readonly Waiter[] {
    return this.#scenario.names.tasks.flatMap((name, task) => {
      const blocked = this.#runner.blockedAt(state, task);
      if (blocked === null) return [];
      const reference = nodeAt(this.#runner.prepared, blocked.node);
      if (reference === null || reference.node.kind !== "guard") return [];
      const waitsFor = this.label(reference.node.waitsFor, blocked.address);
      const place = placeOf(this.#scenario.sources, reference.node.span);
      const lock = blocked.address === 0 ? null : this.#decoder.nameOf(blocked.address);
      const holders = lock === null ? [] : this.#holders(state, lock, { steps, count });
      return [{ task: name, place, waitsFor, holders, ...(lock === null ? {} : { lock }) }];
    });
  }

  #holders(state: Int32Array, lock: string, sofar: Sofar): readonly string[] {
    const owners = this.#decoder
      .heldLocks(state)
      .filter((held) => held.lock === lock)
      .map((held) => held.task);
    return owners.length > 0 ? [...new Set(owners)] : this.#takers(lock, sofar);
  }

  /** Who took a bit lock: the task of the last step that set it. Its owner is nowhere in the state. */
  #takers(lock: string, { steps, count }: Sofar): readonly string[] {
    const cell = this.#runner.prepared.image.decoded.find((candidate) => candidate.name === lock);
    if (cell === undefined || !this.#isBitLock(cell)) return [];
    for (let index = count - 1; index >= 0; index -= 1) {
      const step = steps[index];
      if (step === undefined || readSlot(step.after, cell.slot) === 0) return [];
      if (readSlot(step.before, cell.slot) === 0) return [this.taskName(step.task)];
    }
    return [];
  }

  #isBitLock(cell: DecodedCell): boolean {
    const instance = this.#runner.prepared.image.instances[cell.instance];
    const placed = instance?.cells.find((candidate) => instance.name + candidate.path === cell.name);
    return placed?.tag === "folio-lock";
  }
}

/** An access to a variable, or to a count that is copied with the struct around it: not the inside of a primitive. */
function isOwnAccess(node: Extract<Node, { kind: "load" | "store" }>): boolean {
  return node.tag === "data" || node.step !== "never";
}
