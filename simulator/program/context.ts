/**
 * What lowering knows while it walks the typed tree: the program under construction, shared by all tasks, and the frame
 * of calls of the one task (or init, or property) that is being expanded.
 */
import { modelSize } from "../lang/check/layout.ts";
import type { LanguageOptions } from "../lang/options.ts";
import type {
  FunctionSymbol,
  Expr as TreeExpr,
  Label as TreeLabel,
  PrimitiveCall,
  Statement,
  Type,
  TypedUnit,
  VariableSymbol,
} from "../lang/tree.ts";
import { assert } from "../source/assert.ts";
import type { Report } from "../source/diagnostic.ts";
import type { Span } from "../source/span.ts";
import type { Asked } from "./asked.ts";
import { Assembler, type CodeLabel, type Mode } from "./assembler.ts";
import { binary, cell, constant } from "./expressions.ts";
import { roundUp } from "./image.ts";
import {
  memoryBase,
  redZoneBytes,
  type Cell,
  type CellTag,
  type Expr,
  type MemoryObject,
  type NoteInfo,
  type Pool,
  type PrintAs,
  type ScalarShape,
  type LockAsk,
  type Routine,
} from "./ir.ts";
import { TimedUnit, type OwnCells } from "./timed.ts";
import { cellsOf, type LockWidths } from "./types.ts";

/** Where a variable lies: in cells that only its task reaches by name, or in memory. */
export type Storage =
  | { readonly kind: "cells"; readonly cells: ReadonlyMap<number, number> }
  | {
      readonly kind: "memory";
      readonly address: number;
      readonly object: number;
      /** Timed code: the cell of the address that `address` is an offset from. */
      readonly frame?: number;
    };

/** The address of a variable in memory. */
export function addressOf(storage: Extract<Storage, { kind: "memory" }>): Expr {
  const { frame, address } = storage;
  return frame === undefined ? constant(address) : binary("add", cell(frame), constant(address));
}

/** Handle number n is at base + n * stride. */
export type TaskHandles = { readonly base: number; readonly stride: number; readonly count: number };

/** What a first pass of lowering learns about a unit and the second needs to know before it begins. */
export type Deferred = {
  /** Callbacks that can be pending at once. */
  readonly slots: number;
  readonly hasBarrier: boolean;
  /** Tasks that call synchronize_srcu. */
  readonly srcuWaiters: ReadonlySet<number>;
  readonly hasSrcuCallbacks: boolean;
  /** Structs with counts are copied: plain accesses, with which operations on counts can race. */
  readonly copiesCounts: boolean;
};

/** The program as it grows; one for all tasks. */
export class UnitContext {
  readonly unit: TypedUnit;
  readonly options: LanguageOptions;
  readonly widths: LockWidths;
  /** A question at a line, and of whom it is asked. */
  reach: ReachAsked | null = null;
  readonly taskCount: number;
  readonly taskNames: readonly string[];
  readonly cells: Cell[] = [];
  readonly objects: MemoryObject[] = [];
  readonly pools: Pool[] = [];
  readonly notes: NoteInfo[];
  readonly reports: Report[] = [];
  readonly rcuNesting: number[] = [];
  readonly rcuMasks: number[] = [];
  readonly globals = new Map<number, Storage>();
  readonly cachePools = new Map<
    number,
    { readonly pool: number; readonly address: number; readonly typesafe: boolean }
  >();
  /** All nodes of all tasks so far. */
  nodeCount = 0;
  #end = memoryBase;
  readonly #kmallocPools = new Map<string, number>();
  readonly #hidden = new Map<string, number>();
  #handles: TaskHandles | null = null;

  /** Numbers of irq tasks. */
  readonly irqTasks: ReadonlySet<number>;
  /** What a pass before this one learned. */
  readonly deferred: Deferred;
  /** Not null in timed code: tasks then are declarations, whose tasks share one graph. */
  readonly timed: TimedUnit | null;
  /** What this pass learns. */
  readonly seen = {
    barrier: false,
    callbacks: false,
    srcuCallbacks: false,
    srcuWaiters: new Set<number>(),
    countCopies: false,
  };

  constructor(
    unit: TypedUnit,
    options: LanguageOptions,
    names: { readonly tasks: readonly string[]; readonly deferred: Deferred; readonly mode?: "timed" },
  ) {
    const taskNames = names.tasks;
    this.unit = unit;
    this.options = options;
    this.taskNames = taskNames;
    this.deferred = names.deferred;
    this.timed = names.mode === "timed" ? new TimedUnit(unit, (declaration) => this.#addOwnCells(declaration)) : null;
    this.irqTasks = new Set(
      unit.tasks
        .flatMap((task) => Array.from({ length: this.timed === null ? task.count : 1 }, () => task.attributes.irq))
        .flatMap((irq, index) => (irq ? [index] : [])),
    );
    this.taskCount = taskNames.length;
    this.widths =
      this.timed !== null
        ? { lockers: 1, remembersIrq: false, queuesHeads: false }
        : {
            lockers: Math.max(1, taskNames.length + (unit.inits.length > 0 ? 1 : 0)),
            remembersIrq: unit.tasks.some((task) => task.attributes.irq),
            queuesHeads: names.deferred.slots > 0,
          };
    this.notes = unit.notes.map((note) => ({ text: note.text, span: note.span }));
  }

  #addOwnCells(declaration: number): OwnCells {
    const make = (name: string): number => this.addHidden(name, { bits: 32, signed: true }, declaration);
    return { me: make("me"), task: make("task"), frame: make("frame") };
  }

  get heapStart(): number {
    return this.#end;
  }

  addCell(cell: Cell): number {
    this.cells.push(cell);
    return this.cells.length - 1;
  }

  addObject(object: Omit<MemoryObject, "address">): { readonly address: number; readonly object: number } {
    const address = this.#end;
    this.#end += roundUp(object.size + redZoneBytes, 8);
    this.objects.push({ ...object, address });
    return { address, object: this.objects.length - 1 };
  }

  /** Timed code: an object of each task of a declaration, its address an offset in the frame. */
  addFrameObject(object: Pick<MemoryObject, "name" | "size" | "cells" | "task" | "address">): number {
    this.objects.push({ ...object, storage: "frame", canBeUninitialised: true, shared: true });
    return this.objects.length - 1;
  }

  kmallocPool(type: Type, count: number): number {
    const array: Type = count === 1 ? type : { kind: "array", of: type, length: count };
    const name = typeName(type) + (count === 1 ? "" : `[${String(count)}]`);
    const cells = cellsOf(array, this.widths);
    const key = `${name} ${String(modelSize(array))} ${cells.map((cell) => `${String(cell.offset)}${cell.path}`).join()}`;
    const known = this.#kmallocPools.get(key);
    if (known !== undefined) return known;
    this.pools.push({ name, size: Math.max(1, modelSize(array)), cells, kind: "kmalloc", capacity: 0 });
    this.#kmallocPools.set(key, this.pools.length - 1);
    return this.pools.length - 1;
  }

  /** Cell of a task's nesting of RCU read sections; made for all tasks at the first use of RCU. */
  rcuNestingOf(task: number): number {
    if (this.rcuNesting.length === 0) {
      this.taskNames.forEach((name, index) => {
        this.rcuNesting.push(this.addHidden(`${name} rcu nesting`, { bits: 3, signed: false }, index));
      });
    }
    const cell = this.rcuNesting[task];
    assert(cell !== undefined, "each task has a nesting cell");
    return cell;
  }

  addHidden(name: string, shape: ScalarShape, task: number): number {
    return this.addCell({ name, shape, initial: 0, role: "hidden", task, print: "number" });
  }

  /** A word of the engine about one task, or about all (task -1); made when it is first asked for. */
  hidden(what: {
    readonly name: string;
    readonly task: number;
    readonly shape: ScalarShape;
    readonly print?: PrintAs;
  }): number {
    const { name, task, shape } = what;
    const key = `${String(task)} ${name}`;
    const known = this.#hidden.get(key);
    if (known !== undefined) return known;
    const full = task < 0 ? name : `${this.taskNames[task] ?? ""} ${name}`;
    const made = this.addCell({ name: full, shape, initial: 0, role: "hidden", task, print: what.print ?? "number" });
    this.#hidden.set(key, made);
    return made;
  }

  /** One bit a task. */
  get taskMask(): ScalarShape {
    return { bits: Math.max(1, this.taskCount), signed: this.taskCount === 32 };
  }

  /** Addresses of the tasks' handles (struct task_struct *), one after another; init has the last. */
  taskHandles(): TaskHandles {
    if (this.#handles !== null) return this.#handles;
    const record = this.unit.records.find((each) => each.tag === "task_struct" && each.complete);
    const type: Type =
      record === undefined ? { kind: "object", object: "task" } : { kind: "record", record, volatile: false };
    const cells = cellsOf(type, this.widths);
    const names = this.timed === null ? this.taskNames : allTaskNames(this.unit);
    const placed = [...names, "init"].map((name, task) =>
      this.addObject({
        name: `task ${name}`,
        size: modelSize(type),
        cells,
        storage: "global",
        task: task < this.taskCount && this.timed === null ? task : -1,
        canBeUninitialised: false,
        shared: true,
      }),
    );
    const [first, second] = placed;
    assert(first !== undefined, "init has a handle");
    const stride = second === undefined ? modelSize(type) : second.address - first.address;
    this.#handles = { base: first.address, stride, count: names.length };
    return this.#handles;
  }

  /** Whether the text asks who waits: then leaving a queue can be seen. A word in a comment costs a step, no more. */
  get asksForWaiters(): boolean {
    return this.unit.sources.files.some((file) => /\b(waitqueue_active|wq_has_sleeper)\b/.test(file.text));
  }

  /** Whether the text asks for signals: then what a task has learned of them is remembered. */
  get asksForSignals(): boolean {
    return this.unit.sources.files.some((file) => /signal_pending/.test(file.text));
  }

  /** Whether a task has turned interrupts off. */
  interruptsOff(task: number): number {
    return this.hidden({ name: "interrupts off", task, shape: { bits: 1, signed: false } });
  }

  report(report: Report): void {
    this.reports.push(report);
  }
}

/** `mover#0`, or `mover` when there is one. */
export function allTaskNames(unit: TypedUnit): readonly string[] {
  return unit.tasks.flatMap((task) =>
    Array.from({ length: task.count }, (_, me) => (task.count === 1 ? task.name : `${task.name}#${String(me)}`)),
  );
}

function typeName(type: Type): string {
  if (type.kind === "record") return type.record.tag === "" ? "object" : type.record.tag;
  if (type.kind === "integer") return type.name;
  return type.kind;
}

/** What must happen when control leaves a block: objects die, guards let go. */
export type Cleanup =
  | { readonly kind: "object"; readonly object: number; readonly owner: object }
  /** Timed code only. */
  | { readonly kind: "span"; readonly end: Asked; readonly owner: object }
  | { readonly kind: "guard"; readonly release: readonly Statement[]; readonly owner: object };

/** What is asked: the text's number among the sources, and the task, null for all. */
export type ReachAsked = { readonly file: number; readonly task: string | null };

/** One expansion of the line: its nodes are those from `start` up to `end`, bodies on other lines left out. */
export type ReachSite = {
  readonly frame: Frame;
  readonly start: number;
  end: number;
  readonly line: number;
  readonly span: Span;
  readonly routine: Routine;
};

/** One call in progress. */
export type Frame = {
  readonly name: string;
  readonly variables: Map<number, Storage>;
  readonly labels: Map<TreeLabel, CodeLabel>;
  /** Blocks around each label, for the cleanups of goto. */
  readonly labelOwners: ReadonlyMap<TreeLabel, ReadonlySet<object>>;
  readonly exit: CodeLabel;
  /** Temporaries of the result: one for a scalar, one a cell for a record; by offset. */
  readonly result: ReadonlyMap<number, number>;
  readonly cleanupsBelow: number;
};

export type LoopTargets = {
  readonly breakTo: CodeLabel;
  readonly continueTo: CodeLabel | null;
  readonly cleanups: number;
};

/** One task, init or property being expanded. */
export class TaskContext {
  readonly unit: UnitContext;
  /** Where nodes go; a question at a line has a flow graph of its own. */
  code: Assembler;
  readonly reachSites: ReachSite[] = [];
  readonly lockAsks: LockAsk[] = [];
  /** Task number; -1 for init and properties. */
  readonly task: number;
  readonly me: number;
  readonly name: string;
  readonly frames: Frame[] = [];
  readonly loops: LoopTargets[] = [];
  readonly cleanups: Cleanup[] = [];
  readonly calls: FunctionSymbol[] = [];
  readonly bindings = new Map<number, Expr>();
  /** Calls whose value nobody uses. */
  readonly unusedCalls = new Set<TreeExpr>();
  readonly idleNodes: number[] = [];
  /** Steps of waits in a forever at which the task is at rest as long as they are not enabled. */
  readonly waitNodes: number[] = [];
  /** Waits that stand in a forever: their sleep is a place of rest. */
  readonly idleWaits = new Set<TreeExpr>();
  /** Its own wait queue entries: variables, by object. */
  readonly entryObjects = new Set<number>();
  /** Where callbacks are queued. */
  readonly callbackNodes: number[] = [];
  readonly headNodes: number[] = [];
  /** It turns preemption off by more than taking a lock or entering a read section. */
  countsPreemption = false;
  countsBottomHalves = false;
  /** It turns interrupts off. */
  countsInterrupts = false;
  /** `me` was evaluated: its code is its own. */
  usesMe = false;
  /** Global arrays, by object, of which it uses the element `me`: that alone does not make its code its own. */
  readonly ownElements = new Map<number, { readonly from: number; readonly to: number }>();
  #depthCell = -1;
  #maskCell = -1;

  constructor(
    unit: UnitContext,
    options: {
      readonly task: number;
      readonly me: number;
      readonly name: string;
      readonly span: Span;
      readonly mode: Mode;
    },
  ) {
    this.unit = unit;
    this.task = options.task;
    this.me = options.me;
    this.name = options.name;
    this.code = new Assembler(options.span, unit.timed);
    this.code.mode = options.mode;
  }

  get frame(): Frame {
    const frame = this.frames[this.frames.length - 1];
    assert(frame !== undefined, "statements run in a frame");
    return frame;
  }

  /** A callback is queued here. */
  noteCallback(isSrcu: boolean): void {
    this.callbackNodes.push(this.code.length);
    if (isSrcu) this.unit.seen.srcuCallbacks = true;
  }

  noteBarrier(): void {
    this.unit.seen.barrier = true;
  }

  noteSrcuWait(): void {
    this.unit.seen.srcuWaiters.add(this.task);
  }

  /** The next step is the sleep of a wait: a place of rest if the wait stands in a forever. */
  noteIdle(call: PrimitiveCall): void {
    if (this.idleWaits.has(call) && this.code.mode === "steps") this.waitNodes.push(this.code.length);
  }

  /** Address of this task's struct task_struct. */
  get ownHandle(): Expr {
    this.usesMe = true;
    const { base, stride, count } = this.unit.taskHandles();
    const { timed } = this.unit;
    const own = this.task < 0 ? undefined : timed?.ownCells[this.task];
    if (own !== undefined) return binary("add", constant(base), binary("mul", cell(own.task), constant(stride)));
    return constant(base + stride * (this.task >= 0 ? this.task : count));
  }

  /** The value of `me`. */
  get ownNumber(): Expr {
    const own = this.task < 0 ? undefined : this.unit.timed?.ownCells[this.task];
    return own === undefined ? constant(this.me) : cell(own.me);
  }

  /** Whether this is an irq task. */
  get isIrq(): boolean {
    return this.unit.irqTasks.has(this.task);
  }

  /** 1 + task number; init owns locks under the number behind the last task. */
  get self(): number {
    return this.task >= 0 ? this.task + 1 : this.unit.taskCount + 1;
  }

  /** How deep the task is in contexts that must not sleep. */
  get depthCell(): number {
    if (this.#depthCell < 0)
      this.#depthCell = this.unit.addHidden(`${this.name} atomic depth`, { bits: 4, signed: false }, this.task);
    return this.#depthCell;
  }

  get irqCell(): number {
    return this.unit.interruptsOff(this.task);
  }

  /** How often preemption is off by preempt_disable and its like. */
  get preemptionCell(): number {
    return this.unit.hidden({ name: "preemption off", task: this.task, shape: { bits: 4, signed: false } });
  }

  /** How often bottom halves are off. */
  get bottomHalfCell(): number {
    return this.unit.hidden({ name: "bottom halves off", task: this.task, shape: { bits: 4, signed: false } });
  }

  /** Read sections that this task's synchronize_rcu still waits for. */
  get graceCell(): number {
    if (this.#maskCell < 0) {
      const shape = { bits: Math.max(1, this.unit.taskCount), signed: false };
      this.#maskCell = this.unit.addHidden(`${this.name} grace period`, shape, this.task);
      this.unit.rcuMasks.push(this.#maskCell);
    }
    return this.#maskCell;
  }

  /** Gives a variable of the current frame its place. */
  declare(symbol: VariableSymbol, into: Map<number, Storage>): void {
    const path =
      this.frames.length <= 1 && this.calls.length === 0 ? "" : `${this.calls.map((call) => call.name).join(">")}:`;
    const name = `${this.name}.${path}${symbol.name}`;
    into.set(symbol.id, needsMemory(symbol) ? this.#inMemory(symbol, name) : this.#inCells(symbol.type, name));
  }

  #inCells(type: Type, name: string): Storage {
    const cells = new Map<number, number>();
    for (const cell of cellsOf(type, this.unit.widths)) {
      const id = this.unit.addCell({
        name: name + cell.path,
        shape: cell.shape,
        initial: 0,
        role: "local",
        task: this.task,
        print: cell.print,
      });
      cells.set(cell.offset, id);
    }
    return { kind: "cells", cells };
  }

  #inMemory(symbol: VariableSymbol, name: string): Storage {
    const size = Math.max(1, modelSize(symbol.type));
    const own = this.task < 0 ? undefined : this.unit.timed?.ownCells[this.task];
    const offset = own === undefined ? -1 : (this.unit.timed?.takeFrame(this.task, size) ?? -1);
    if (own !== undefined) {
      const cells = cellsOf(symbol.type, this.unit.widths);
      const object = this.unit.addFrameObject({ name, size, cells, task: this.task, address: offset });
      return { kind: "memory", address: offset, object, frame: own.frame };
    }
    const placed = this.unit.addObject({
      name,
      size,
      cells: cellsOf(symbol.type, this.unit.widths),
      storage: "frame",
      task: this.task,
      canBeUninitialised: true,
      shared: false,
    });
    if (symbol.type.kind === "object" && symbol.type.object === "wait-entry") this.entryObjects.add(placed.object);
    return { kind: "memory", ...placed };
  }

  addressOf(object: number): number {
    const placed = this.unit.objects[object];
    assert(placed !== undefined, "an object has a place");
    return placed.address;
  }

  storageOf(symbol: VariableSymbol): Storage {
    for (let index = this.frames.length - 1; index >= 0; index -= 1) {
      const storage = this.frames[index]?.variables.get(symbol.id);
      if (storage !== undefined) return storage;
    }
    const storage = this.unit.globals.get(symbol.id);
    assert(storage !== undefined, `"${symbol.name}" has a place`);
    return storage;
  }
}

function needsMemory(symbol: VariableSymbol): boolean {
  return symbol.addressTaken || containsArrayOrLock(symbol.type);
}

function containsArrayOrLock(type: Type): boolean {
  if (type.kind === "array" || type.kind === "object") return true;
  return type.kind === "record" && type.record.fields.some((field) => containsArrayOrLock(field.type));
}

/** The parts of lowering, which refer to each other. */
export type Lowering = {
  readonly expression: (context: TaskContext, expr: TreeExpr) => Expr;
  readonly condition: (
    context: TaskContext,
    expr: TreeExpr,
    targets: { readonly then: CodeLabel; readonly otherwise: CodeLabel },
  ) => void;
  readonly record: (context: TaskContext, expr: TreeExpr) => RecordValue;
  readonly call: (context: TaskContext, expr: Extract<TreeExpr, { kind: "call" }>) => RecordValue;
  readonly primitive: (context: TaskContext, expr: PrimitiveCall) => Expr;
  readonly statements: (context: TaskContext, statements: readonly Statement[]) => void;
};

/** A record in temporaries, cell by cell in order of offset. */
export type RecordValue = readonly {
  readonly offset: number;
  readonly shape: ScalarShape;
  readonly tag: CellTag;
  readonly value: Expr;
}[];
