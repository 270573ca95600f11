/**
 * The resolved program: for each task one flow graph over typed cells, calls expanded, every check explicit.
 * It is small on purpose. Kernel primitives are not operations here but sequences of silent loads, guards, checks and
 * stores (primitives-*.ts), so that their meaning stands in one readable place and every engine gets the same.
 *
 * Values are 32-bit integers, normalised to JavaScript's int32 range whatever their C type; unsigned operations say so.
 */
import type { Span } from "../source/span.ts";
import type { LimitName } from "../limits.ts";
import type { ViolationClass } from "../explore/classes.ts";

export type ScalarShape = { readonly bits: number; readonly signed: boolean };

export type UnaryOp = "negate" | "bit-not" | "logical-not";
export type BinaryOp =
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "div-u"
  | "mod"
  | "mod-u"
  | "and"
  | "or"
  | "xor"
  | "shl"
  | "shr"
  | "shr-u"
  | "eq"
  | "ne"
  | "lt"
  | "lt-u"
  | "le"
  | "le-u"
  /** 1 when the 64-bit result of the operation leaves the 32 bits of its (signed, unsigned) type. */
  | "add-leaves"
  | "add-leaves-u"
  | "sub-leaves"
  | "sub-leaves-u"
  | "mul-leaves"
  | "mul-leaves-u";

/** Pure and total. `div` and `mod` by 0 are guarded by a check before; shift counts use their low five bits. */
export type Expr =
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "temp"; readonly temp: number }
  /** A cell that only this task can reach, or a hidden one; by cell number. */
  | { readonly kind: "cell"; readonly cell: number }
  | { readonly kind: "unary"; readonly op: UnaryOp; readonly operand: Expr }
  | { readonly kind: "binary"; readonly op: BinaryOp; readonly left: Expr; readonly right: Expr }
  /** Keeps the low bits, then sign- or zero-extends. */
  | { readonly kind: "convert"; readonly operand: Expr; readonly shape: ScalarShape }
  | { readonly kind: "select"; readonly condition: Expr; readonly then: Expr; readonly otherwise: Expr };

export type Target =
  { readonly kind: "temp"; readonly temp: number } | { readonly kind: "cell"; readonly cell: number };

/**
 * What may be accessed at an address. "data" cells belong to the program's variables; the others are words of lock
 * objects, which only primitives touch. A mismatch (a cast gone wrong) is class wild-pointer.
 */
export const cellTags = [
  "data",
  "spinlock",
  "rwlock",
  "mutex",
  "rwsem",
  "semaphore",
  "completion",
  "folio-lock",
  "atomic",
  "refcount",
  "rcu-head",
  "wait-queue",
  "seqcount",
  "srcu",
  "hidden",
] as const;
export type CellTag = (typeof cellTags)[number];

/** When an access begins a step: "maybe" depends on whether the address is the task's own private frame cell. */
export type StepRule = "always" | "maybe" | "never";

export type Violation = { readonly class: ViolationClass; readonly message: string };

/** An access of the step that begins here, for the race check: an atomic operation on a data cell. */
export type Touch = { readonly address: Expr; readonly write: boolean };

export type NodeBody =
  | { readonly kind: "assign"; readonly target: Target; readonly value: Expr }
  | {
      readonly kind: "load";
      readonly temp: number;
      readonly address: Expr;
      readonly shape: ScalarShape;
      readonly tag: CellTag;
      readonly step: StepRule;
      /** Unmarked: it can race. */
      readonly plain: boolean;
      /** The address is surely that of a live cell: an element of a variable, its index checked before. */
      readonly safe: boolean;
    }
  | {
      readonly kind: "store";
      readonly address: Expr;
      readonly value: Expr;
      readonly shape: ScalarShape;
      readonly tag: CellTag;
      readonly step: StepRule;
      readonly plain: boolean;
      readonly safe: boolean;
    }
  | { readonly kind: "jump"; readonly to: number }
  /** `site`: the condition of the source that it decides, for coverage; null inside primitives, calls and switches. */
  | {
      readonly kind: "branch";
      readonly condition: Expr;
      readonly then: number;
      readonly otherwise: number;
      readonly site: Span | null;
    }
  /**
   * A step begins: a primitive, an atomic block, an await, or the second half of a blocking primitive. `label` is what a
   * trace says it did. `assumed`: an atomic block or await.
   */
  | { readonly kind: "begin"; readonly label: Label; readonly assumed: boolean; readonly touch: Touch | null }
  /** The step is enabled only if this holds. `waitsFor` names the thing in traces. */
  | { readonly kind: "guard"; readonly condition: Expr; readonly waitsFor: Label; readonly sleeps: boolean }
  | { readonly kind: "check"; readonly condition: Expr; readonly violation: Violation }
  | { readonly kind: "limit"; readonly unless: Expr; readonly limit: LimitName }
  /** Any of lo..hi; begins a step when `step`. `site`: of timed code, its number among the sites. */
  | {
      readonly kind: "choose";
      readonly temp: number;
      readonly lo: Expr;
      readonly hi: Expr;
      readonly step: boolean;
      readonly site?: number;
    }
  | { readonly kind: "note"; readonly note: number; readonly condition: Expr }
  /** Reads an own local that may not have been written: class uninitialised, unless analysis removes it. */
  | { readonly kind: "use"; readonly cell: number }
  /** A declaration without initialiser: the local counts as not written. */
  | { readonly kind: "forget"; readonly cell: number }
  /** Frame object comes to life or dies; its cells become uninitialised on life. */
  | { readonly kind: "enter-scope"; readonly object: number }
  | { readonly kind: "leave-scope"; readonly object: number }
  /** Takes an object from a pool; 0 when empty (caches) . A kmalloc pool grows until the limit `objects`. */
  | { readonly kind: "allocate"; readonly temp: number; readonly pool: number; readonly zeroed: boolean }
  /** pool -1: kfree, which takes what any pool gave; else to that cache. */
  | { readonly kind: "free"; readonly address: Expr; readonly pool: number; readonly name: string }
  /** Leaves an outermost RCU read section: grace periods that waited for it go on. */
  | { readonly kind: "rcu-leave" }
  /** Timed code only: the task asks the engine for something, and `temp` (-1: nothing) gets the answer. */
  | {
      readonly kind: "request";
      readonly site: number;
      readonly args: readonly Expr[];
      readonly time: Drawn | null;
      readonly temp: number;
      /** Answered in the same instant: inside atomic, init and properties. `blockedAnswer` when it would have to wait. */
      readonly atOnce: boolean;
    }
  /** Timed code only: an atomic or marked access, which costs time. */
  | { readonly kind: "touch"; readonly address: Expr }
  /** The body of a property is done. */
  | { readonly kind: "result"; readonly value: Expr }
  | { readonly kind: "end" };

/** Nanoseconds: an int times its unit. */
export type Amount = { readonly value: Expr; readonly isUnsigned: boolean; readonly unitNs: number };

/** A time that is drawn anew at each execution; the meaning of the parameters is that of the language's words. */
export type Drawn =
  | { readonly kind: "fixed"; readonly time: Amount }
  | { readonly kind: "exponential"; readonly mean: Amount }
  | { readonly kind: "uniform"; readonly lo: Amount; readonly hi: Amount }
  | { readonly kind: "normal"; readonly mean: Amount; readonly deviation: Amount }
  | { readonly kind: "lognormal"; readonly median: Amount; readonly p99: Amount }
  | { readonly kind: "pareto"; readonly scale: Amount; readonly shape: number };

/** What an at-once request answers when it would have to wait. */
export const blockedAnswer = -0x8000_0000;

/** Text for traces. `address` is printed as a name (`&folio[1].lock`) when present and in place of `%`. */
export type Label = { readonly text: string; readonly address: Expr | null };

export type Node = NodeBody & {
  readonly span: Span;
  /** It stands in an atomic block or in await: a guard that fails after the step has acted is class atomic-blocks. */
  readonly inAtomic: boolean;
};

/** One flow graph. Control goes from a node to the next in the array unless it says otherwise. */
export type Routine = {
  readonly nodes: readonly Node[];
  /** Shapes of temporaries. */
  readonly temps: readonly ScalarShape[];
};

/** A number that the state holds. */
export type Cell = {
  readonly name: string;
  readonly shape: ScalarShape;
  readonly initial: number;
  /** Locals of a task (dead-locals may clear them), words of the engine, or memory. */
  readonly role: "local" | "memory" | "hidden";
  /** Task that owns it, -1 when shared. */
  readonly task: number;
  /** Printing: values are addresses, booleans, ... */
  readonly print: PrintAs;
};

/**
 * "owner": 1 + the task that holds a lock; "tasks": one bit a task that holds it; "readers": two bits a task, a count of
 * what it holds; "waiters": two bits a task, how it waits; "sleepers": one bit a task that holds nothing; "victim": 1 + a
 * task that holds nothing.
 */
export type PrintAs =
  "number" | "unsigned" | "pointer" | "bool" | "owner" | "tasks" | "readers" | "waiters" | "sleepers" | "victim";

/** A cell of an addressable object, at an offset from its start. */
export type ObjectCell = {
  readonly offset: number;
  readonly path: string;
  readonly shape: ScalarShape;
  readonly tag: CellTag;
  readonly print: PrintAs;
  readonly initial: number;
  /** Of a lock: the member that it is, `struct folio.lock`; absent when it is no member. */
  readonly lockClass?: string;
};

/** An object with an address. Heap objects stand in pools. */
export type MemoryObject = {
  readonly name: string;
  readonly size: number;
  readonly cells: readonly ObjectCell[];
  readonly address: number;
  /** "global": always alive. "frame": alive between enter-scope and leave-scope of task `task`. */
  readonly storage: "global" | "frame";
  readonly task: number;
  /** Whether its cells can be read before they are written (frame objects). */
  readonly canBeUninitialised: boolean;
  /** Frame object whose address may be stored in a shared cell; decided by escape analysis. */
  readonly shared: boolean;
};

/** Heap objects of one shape. kmalloc pools start small and grow by restarting the search with more slots. */
export type Pool = {
  readonly name: string;
  readonly size: number;
  readonly cells: readonly ObjectCell[];
  readonly kind: "kmalloc" | "cache" | "cache-typesafe";
  /** Slots of a cache; ignored for kmalloc. */
  readonly capacity: number;
};

export type OwnElement = { readonly object: number; readonly from: number; readonly to: number };

export type LockMode = "read" | "write";

/** The step that begins at `node` asks for the lock at the address of its label. */
export type LockAsk = { readonly node: number; readonly mode: LockMode; readonly subclass: number };

export type TaskProgram = Routine & {
  /** `mover#0`, or `mover` when there is one. */
  readonly name: string;
  readonly me: number;
  /** Number of its declaration: the N tasks of `task NAME[N]` share it. */
  readonly declaration: number;
  /** Its code depends on `me`, so the tasks of its declaration are not alike. */
  readonly usesMe: boolean;
  /** Elements `array[me]` that it uses: object of the array, and the addresses of the element. */
  readonly ownElements: readonly OwnElement[];
  readonly hasForever: boolean;
  /** Nodes at which a forever begins, and awaits directly in one: the task is idle at the steps that follow them. */
  readonly idleNodes: readonly number[];
  /** Nodes at which it sleeps in a wait that stands in a forever: at rest there as long as the step is not enabled. */
  readonly waitNodes: readonly number[];
  /** Jumps that stand at the heads of its forevers: each round passes one, whatever stands first in the body. */
  readonly headNodes: readonly number[];
  /** Where it asks for locks that it would wait for. */
  readonly lockAsks?: readonly LockAsk[];
  /** Cell that says how deep the task is in atomic context; -1 when the program never asks. */
  readonly entry: number;
};

export type PropertyProgram = Routine & {
  readonly kind: "always" | "sometimes" | "finally";
  readonly text: string;
  readonly span: Span;
  /** A question, kept as a sometimes that no verdict turns on; asked where the task stands at one of these nodes. */
  readonly reach?: { readonly kind: "everywhere" } | ReachStand;
};

export type ReachStand = { readonly kind: "at"; readonly task: number; readonly nodes: readonly number[] };

export type NoteInfo = { readonly text: string; readonly span: Span };

/** Whether a program can tell heap addresses apart: judged by types (observed-addresses.ts). */
export type AddressUse = {
  readonly observed: boolean;
  /**
   * Bytes around a heap object into which a member of some record, or the way back from one, can lead. Where addresses
   * are not observed nothing else lies there, and an address in them counts as one of the object.
   */
  readonly reachBytes: number;
};

export type Program = {
  readonly cells: readonly Cell[];
  readonly objects: readonly MemoryObject[];
  readonly pools: readonly Pool[];
  readonly tasks: readonly TaskProgram[];
  readonly inits: readonly Routine[];
  readonly properties: readonly PropertyProgram[];
  readonly notes: readonly NoteInfo[];
  /** A question was asked; `note` is the entry among the notes that carries it, -1 for none. */
  readonly reach: { readonly note: number } | null;
  /** Cell numbers of the nesting of RCU read sections by task; empty when RCU is not used. */
  readonly rcuNesting: readonly number[];
  /** Cells with a bit for each task whose section a grace period waits for. */
  readonly rcuMasks: readonly number[];
  /** Cells with 1 + a task that an irq task has interrupted: that task cannot step. */
  readonly victimCells: readonly number[];
  /** Cells that say that a callback is pending: not the end of a run as long as one is not 0. */
  readonly pendingCells: readonly number[];
  /** The hidden task that runs callbacks; -1 if there is none. */
  readonly rcuTask: number;
  /** First address behind globals and frames: pools are placed from here. */
  readonly heapStart: number;
  readonly races: "error" | "note" | "off";
  /** Whether lock order is judged over instances, with a warning, or over classes, as a violation. */
  readonly lockdep?: "instances" | "strict";
  /** kmalloc may reuse an address while a stale pointer to it exists: both are explored. */
  readonly reuse: boolean;
  /** Whether it can tell heap addresses apart (observed-addresses.ts); absent: it may. */
  readonly addresses?: AddressUse;
  readonly assumptions: readonly string[];
};

/** Whether the address of a freed object counts as long as any pointer to it is left: then dead ones are left too. */
export function keepsDeadPointers(program: Program): boolean {
  if (!program.pools.some((pool) => pool.kind === "kmalloc")) return false;
  return program.reuse || program.addresses?.observed !== false;
}

/** Bytes around each object of kmalloc that count as its own; multiple of 8. */
export function heapReachBytes(program: Program): number {
  return keepsDeadPointers(program) ? 0 : Math.ceil((program.addresses?.reachBytes ?? 0) / 8) * 8;
}

/** Objects start here; smaller addresses below 4096 are NULL and its members. */
export const memoryBase = 0x10000;
/** Unmapped bytes behind each object, so that running past its end hits nothing. */
export const redZoneBytes = 16;
/** Functions have addresses from here on, 16 apart, no memory behind. */
export const functionBase = 0x0800_0000;
