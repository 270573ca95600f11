/**
 * The typed tree: what the front end hands to lowering. Every name is resolved, every type known, every load,
 * conversion and decay explicit, every constant expression folded; lowering needs no knowledge of C's rules.
 *
 * Evaluation order is left to right everywhere: operands, arguments, the place of an assignment before its value.
 *
 * Machine: ILP32. A scalar (integer, enum, pointer) is one cell of at most 32 bits.
 * Addresses: objects are to be placed at multiples of 8. Members of structs stand at multiples of 4 (so that low pointer
 * bits are free for flags); array elements are as dense as in C (u8 stride 1, u16 stride 2), so a cell may have any byte
 * address. `size`, `offset` and `stride` are these model figures and the only ones lowering needs; `cSize` and `cOffset`
 * are C's (what `sizeof` yielded in constants that are already folded). They differ only in structs with members
 * narrower than 4 bytes. A wide integer takes 8 bytes of addresses and has its one cell at the first. offsetof yields
 * the model's offset.
 */
import type { SourceSet, Span } from "../source/span.ts";

// ---------------------------------------------------------------------------------------------------------------
// Types

export type Type =
  VoidType | IntegerType | EnumType | PointerType | ArrayType | RecordType | FunctionType | ObjectType | ErrorType;

export type VoidType = { readonly kind: "void" };

/** Only while checking; an analysed unit contains none. */
export type ErrorType = { readonly kind: "error" };

/**
 * An integer. Values are JavaScript numbers, normalised: signed in [-2^(bits-1), 2^(bits-1)), unsigned in [0, 2^bits).
 * `bits` is 1 for bool, else 8, 16 or 32. A `wide` type is 64 bits in C and one 32-bit cell here: an arithmetic
 * result that does not fit its 32 bits makes a run inconclusive (limit `width`).
 */
export type IntegerType = {
  readonly kind: "integer";
  readonly name: string;
  readonly bits: 1 | 8 | 16 | 32;
  readonly signed: boolean;
  readonly wide: boolean;
  /** C's conversion rank: bool 0, char 1, short 2, int 3, long 4, long long 5. */
  readonly rank: number;
  readonly cSize: 1 | 2 | 4 | 8;
  readonly volatile: boolean;
};

/** Values behave as `int` (32 bits, signed). Enumerators are folded into constants. */
export type EnumType = {
  readonly kind: "enum";
  readonly tag: string;
  /** In order of declaration; for printing values by name. */
  readonly enumerators: readonly { readonly name: string; readonly value: number }[];
  readonly volatile: boolean;
};

/** Values are addresses in [0, 2^32); NULL is 0. */
export type PointerType = { readonly kind: "pointer"; readonly to: Type; readonly volatile: boolean };

export type ArrayType = { readonly kind: "array"; readonly of: Type; readonly length: number };

/** A struct or union; two are the same type when `record` is the same object. */
export type RecordType = { readonly kind: "record"; readonly record: RecordInfo; readonly volatile: boolean };

export type RecordInfo = {
  readonly id: number;
  /** "" when anonymous. */
  readonly tag: string;
  readonly isUnion: boolean;
  /** False for a struct declared but never defined: only pointers to it exist. */
  readonly complete: boolean;
  readonly size: number;
  readonly cSize: number;
  readonly fields: readonly Field[];
  readonly span: Span;
};

export type Field = {
  /** "" for an anonymous struct or union member (accesses to its members name it explicitly in their path). */
  readonly name: string;
  readonly type: Type;
  /** Model offset in bytes, a multiple of 4; 0 for every member of a union. */
  readonly offset: number;
  readonly cOffset: number;
  /** Declared `__data_racy`: accesses to its cells never race. */
  readonly racy: boolean;
};

export type FunctionType = { readonly kind: "function"; readonly result: Type; readonly parameters: readonly Type[] };

/** An object with kernel-defined contents, touched by primitives only. Sizes: objectSizes in layout.ts. All-zero is ready. */
export type ObjectType = { readonly kind: "object"; readonly object: ObjectKind };

export type ObjectKind =
  | "spinlock"
  | "raw-spinlock"
  | "rwlock"
  | "mutex"
  | "rwsem"
  | "semaphore"
  | "completion"
  | "folio-lock"
  | "atomic"
  | "atomic-long"
  | "atomic64"
  | "refcount"
  | "rcu-head"
  | "wait-queue"
  | "wait-entry"
  | "seqcount"
  | "seqlock"
  | "srcu"
  | "local-lock"
  /** struct task_struct, unless the user defines one. */
  | "task"
  | "kmem-cache"
  | "lock-class-key";

// ---------------------------------------------------------------------------------------------------------------
// Symbols

export type VariableSymbol = {
  /** Value of a const integer whose initialiser is a constant. */
  readonly known?: number;
  readonly kind: "variable";
  /** Unique in the unit; globals and locals share the numbering. */
  readonly id: number;
  readonly name: string;
  /**
   * "global": file scope. "static": declared `static` inside a body; lives like a global, `name` is `function.name`.
   * "local": block scope. "parameter". String literals and file-scope compound literals are hidden globals.
   */
  readonly storage: "global" | "static" | "local" | "parameter";
  readonly type: Type;
  readonly ghost: boolean;
  /** Declared `__data_racy`. */
  readonly racy: boolean;
  /** Declared const at top level: never written. */
  readonly constant: boolean;
  /** `&x` occurs, or x is an array that decays, or x is a record whose member's address is taken. */
  readonly addressTaken: boolean;
  /** Made by the compiler (a string, a compound literal, the pointer that guard() keeps), not written by the user. */
  readonly hidden: boolean;
  /** Nesting of blocks: 0 for globals and parameters, 1 for the outermost block of a body. */
  readonly depth: number;
  /** Span of the declared name. */
  readonly span: Span;
};

export type FunctionSymbol = {
  readonly kind: "function";
  readonly id: number;
  readonly name: string;
  readonly type: FunctionType;
  /** Its address is used other than by calling it: a candidate of every indirect call of the same type. */
  readonly addressTaken: boolean;
  readonly definition: FunctionDefinition;
  readonly span: Span;
};

export type FunctionDefinition =
  | { readonly kind: "body"; readonly parameters: readonly VariableSymbol[]; readonly body: Body }
  /** `__stub`: touches nothing; returns any value in lo..hi (converted to the result type), chosen as by choose when lo < hi. */
  | { readonly kind: "stub"; readonly lo: number; readonly hi: number; readonly site: number }
  /** Declared only and never used. */
  | { readonly kind: "undefined" };

/** A run of statements with its own frame. */
export type Body = {
  readonly statements: readonly Statement[];
  /** All variables of storage "local" in it, in order of declaration; parameters are not among them. */
  readonly locals: readonly VariableSymbol[];
  readonly span: Span;
};

/** A target of goto and of switch cases; unique object per label. */
export type Label = { readonly id: number; readonly name: string; readonly span: Span };

// ---------------------------------------------------------------------------------------------------------------
// Expressions

/**
 * How a cell is accessed. Only "plain" can race; the rest are marked.
 * "once" READ_ONCE/WRITE_ONCE; "acquire" smp_load_acquire; "release" smp_store_release; "rcu" rcu_dereference and
 * rcu_assign_pointer; "volatile" a volatile-qualified type; "racy" inside data_race() or a `__data_racy` declaration;
 * "ghost" a ghost variable, or any cell inside a property or ghost statement: never a step, never a race.
 */
export type AccessMode = "plain" | "once" | "acquire" | "release" | "rcu" | "volatile" | "racy" | "ghost";

/** Something that has an address: evaluating it computes the address and touches no cell (but its sub-expressions may). */
export type Place =
  | { readonly kind: "variable"; readonly symbol: VariableSymbol; readonly type: Type; readonly span: Span }
  /** `*pointer`, `pointer->` and, on pointers, `pointer[i]`. The address is the pointer's value; checked when accessed. */
  | { readonly kind: "deref"; readonly pointer: Expr; readonly type: Type; readonly span: Span }
  | {
      readonly kind: "member";
      readonly base: Place;
      readonly field: Field;
      readonly type: Type;
      readonly span: Span;
    }
  /** An element of a place of array type; address = base + index * stride. Index is 32 bits; out of 0..length-1 is out-of-bounds. */
  | {
      readonly kind: "element";
      readonly base: Place;
      readonly index: Expr;
      readonly stride: number;
      readonly length: number;
      readonly type: Type;
      readonly span: Span;
    }
  /**
   * A compound literal in a body: each evaluation runs `initialise` on the hidden local, then is that variable.
   * (At file scope a compound literal is a hidden global and appears as "variable".)
   */
  | {
      readonly kind: "literal";
      readonly symbol: VariableSymbol;
      readonly initialise: LocalInitialiser;
      readonly type: Type;
      readonly span: Span;
    };

/** An rvalue. Its type is never an array or function; a record value arises from load, call, conditional, comma, let, assign and statements only. */
export type Expr =
  /** An integer, enum or pointer constant, normalised to `type`. */
  | { readonly kind: "constant"; readonly value: number; readonly type: Type; readonly span: Span }
  /** Reads a scalar (one cell), or a whole record (one access per cell, in order of offset). */
  | {
      readonly kind: "load";
      readonly place: Place;
      readonly access: AccessMode;
      readonly type: Type;
      readonly span: Span;
    }
  /** `&place`, and an array's decay (then the place is the array's element 0 and no cell is touched). */
  | { readonly kind: "address"; readonly place: Place; readonly type: Type; readonly span: Span }
  | { readonly kind: "function"; readonly function: FunctionSymbol; readonly type: Type; readonly span: Span }
  | {
      readonly kind: "unary";
      readonly op: "negate" | "bit-not" | "logical-not";
      readonly operand: Expr;
      readonly type: Type;
      readonly span: Span;
    }
  /** Both operands have the same integer type (shifts: the left one decides); wraps at 32 bits. div and mod by 0, and a shift by a count outside of 0..31 (0..63 if wide): class arithmetic. */
  | {
      readonly kind: "binary";
      readonly op: ArithmeticOp;
      readonly left: Expr;
      readonly right: Expr;
      readonly type: Type;
      readonly span: Span;
    }
  /** 0 or 1 of type int. Operands have the same type; its signedness decides (pointers compare unsigned, with their tag bits). */
  | {
      readonly kind: "compare";
      readonly op: "eq" | "ne" | "lt" | "le" | "gt" | "ge";
      readonly left: Expr;
      readonly right: Expr;
      readonly type: Type;
      readonly span: Span;
    }
  /** pointer + index * stride, modulo 2^32; a subtraction has its index negated. Stride 1 for void * and char *. */
  | {
      readonly kind: "pointer-add";
      readonly pointer: Expr;
      readonly index: Expr;
      readonly stride: number;
      readonly type: Type;
      readonly span: Span;
    }
  /** (left - right) / stride, type int. */
  | {
      readonly kind: "pointer-difference";
      readonly left: Expr;
      readonly right: Expr;
      readonly stride: number;
      readonly type: Type;
      readonly span: Span;
    }
  /** Short circuit; operands are scalars tested against 0; result 0 or 1 of type int. */
  | {
      readonly kind: "logical";
      readonly op: "and" | "or";
      readonly left: Expr;
      readonly right: Expr;
      readonly type: Type;
      readonly span: Span;
    }
  | {
      readonly kind: "conditional";
      readonly condition: Expr;
      readonly then: Expr;
      readonly else: Expr;
      readonly type: Type;
      readonly span: Span;
    }
  /** Evaluates all, yields the last. At least two. */
  | { readonly kind: "comma"; readonly items: readonly Expr[]; readonly type: Type; readonly span: Span }
  | {
      readonly kind: "convert";
      readonly operand: Expr;
      readonly how: Conversion;
      readonly type: Type;
      readonly span: Span;
    }
  /** Address of place, value, store; yields the stored value. A record is stored one cell after another. */
  | {
      readonly kind: "assign";
      readonly place: Place;
      readonly value: Expr;
      readonly access: AccessMode;
      readonly type: Type;
      readonly span: Span;
    }
  /**
   * `x += e`, `x++` ...: address of place (once), load it as binding `binding`, evaluate `compute` (which refers to
   * the loaded value by a "bound" expression), store its value. Load and store are two accesses.
   */
  | {
      readonly kind: "update";
      readonly place: Place;
      readonly binding: number;
      readonly compute: Expr;
      readonly access: AccessMode;
      readonly yields: "old" | "new";
      readonly type: Type;
      readonly span: Span;
    }
  /** Evaluates value once, names it `binding` in body, yields body's value. Bindings are temporaries, not variables: dead after it. */
  | {
      readonly kind: "let";
      readonly binding: number;
      readonly value: Expr;
      readonly body: Expr;
      readonly type: Type;
      readonly span: Span;
    }
  /** The value of an enclosing let or update. */
  | { readonly kind: "bound"; readonly binding: number; readonly type: Type; readonly span: Span }
  | {
      readonly kind: "call";
      readonly callee: Callee;
      readonly args: readonly Expr[];
      readonly type: Type;
      readonly span: Span;
    }
  | PrimitiveCall
  /** `({ ... })`: runs the statements in the enclosing body's frame, then yields value (null: type void). */
  | {
      readonly kind: "statements";
      readonly statements: readonly Statement[];
      readonly value: Expr | null;
      readonly type: Type;
      readonly span: Span;
    }
  /** Any value in lo..hi inclusive, type int; lo > hi at run time is class `arithmetic`. `site` numbers the source position. */
  | {
      readonly kind: "choose";
      readonly lo: Expr;
      readonly hi: Expr;
      readonly site: number;
      readonly type: Type;
      readonly span: Span;
    }
  /** `me`: number of the running task among its siblings, type int; 0 in init and in properties. */
  | { readonly kind: "me"; readonly type: Type; readonly span: Span }
  /** `atomic(E)`: the whole of E is one step. */
  | { readonly kind: "atomic"; readonly operand: Expr; readonly type: Type; readonly span: Span };

export type Callee =
  | { readonly kind: "direct"; readonly function: FunctionSymbol }
  /** Pointer of type pointer-to-function; its value is a function's address (see "function") or a wild pointer. */
  | { readonly kind: "indirect"; readonly pointer: Expr };

export type ArithmeticOp =
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "mod"
  | "and"
  | "or"
  | "xor"
  | "shl"
  /** Arithmetic when the type is signed, logical when not. */
  | "shr";

/**
 * "keep": the value does not change (widening, enum <-> int). "truncate": keep the low `bits`, then sign- or
 * zero-extend. "boolean": 0 -> 0, else 1. "reinterpret": same 32 bits, other signedness, or integer <-> pointer, or
 * pointer <-> pointer. "discard": to void. A conversion to a wide type of a value that its 32 bits cannot hold (a large
 * u32 as s64, a negative int as u64) is limit `width`, as in arithmetic.
 */
export type Conversion = "keep" | "truncate" | "boolean" | "reinterpret" | "discard";

// ---------------------------------------------------------------------------------------------------------------
// Primitives

/**
 * A call of a kernel primitive. `args` are the written ones in the order of the spelling's signature (primitives.ts and
 * its tables), but: a lock, atomic or cell is its address and always stands first (atomic_add(i, v) has args v, i);
 * what the signature calls ignored, subclass or gfp is left out; constants that a spelling implies follow (atomic_inc
 * has args v, 1). kmalloc: [number of elements, flags]. cache-alloc: [cache, flags]. memset: [address, byte]. kfree-rcu: [object, address of its rcu_head],
 * or [object] alone. might-sleep: [] or [condition]. bug-on, warn-on: [condition]; warn-on yields whether it holds.
 */
export type PrimitiveCall = {
  readonly kind: "primitive";
  readonly op: PrimitiveOp;
  /** As the user wrote it, e.g. "spin_lock_irqsave"; for messages. */
  readonly spelling: string;
  readonly args: readonly Expr[];
  readonly attributes: PrimitiveAttributes;
  readonly type: Type;
  readonly span: Span;
};

export type WaitAttributes = {
  /** Bits of the state that the waiter has: TASK_INTERRUPTIBLE 1, TASK_UNINTERRUPTIBLE 2, TASK_WAKEKILL 0x100. */
  readonly state: number;
  readonly exclusive: boolean;
  /** The wait may time out: an argument has the jiffies. */
  readonly timeout: boolean;
  /** A lock that is let go while asleep: the last argument. */
  readonly lock: "none" | "irq";
};

/** All present on each call; a value that does not apply is the neutral one given here. */
export type PrimitiveAttributes = {
  /** What spin_lock_bh, _irq, _irqsave ... do besides. irqsave: args[1] is the ADDRESS of flags; irqrestore: args[1] its value. Neutral "none". */
  readonly irq: "none" | "bh" | "irq" | "irqsave";
  /** Lockdep subclass of _nested spellings. Neutral 0. */
  readonly subclass: number;
  /** Whether a signal may end the wait: the call then has type int (0 or negative errno). Neutral "no". */
  readonly signal: "no" | "killable" | "interruptible";
  /** What an atomic read-modify-write yields. Neutral "none" (type void). "is-zero"/"is-negative" test the new value. */
  readonly result: "none" | "old" | "new" | "is-zero" | "is-negative";
  /** lockdep_assert_held*: which way it must be held. Neutral "any". */
  readonly held: "any" | "read" | "write" | "none";
  /** kmalloc: type of each element allocated; memset: type of the object set. Neutral null. */
  readonly object: Type | null;
  /** Allocation yields zeroed cells (kzalloc, kcalloc) whatever its flags say. Neutral false. */
  readonly zeroed: boolean;
  /** Waits and wakes: what a waiter is. Neutral: "TASK_UNINTERRUPTIBLE", not exclusive, no lock. */
  readonly wait: WaitAttributes;
  /** Text of the condition of BUG_ON and WARN_ON, as written; name of the lock of lockdep_assert. Neutral "". */
  readonly text: string;
};

/** Arguments of each are documented in primitives.ts beside its spellings. */
export type PrimitiveOp =
  // Barriers cost no step.
  | "smp-mb"
  | "smp-rmb"
  | "smp-wmb"
  | "barrier"
  // On a scalar cell: args[0] is its address.
  | "xchg"
  | "cmpxchg"
  | "try-cmpxchg"
  // atomic_t and kin.
  | "atomic-read"
  | "atomic-set"
  | "atomic-add"
  | "atomic-sub"
  | "atomic-and"
  | "atomic-or"
  | "atomic-xor"
  | "atomic-andnot"
  | "atomic-xchg"
  | "atomic-cmpxchg"
  | "atomic-try-cmpxchg"
  | "atomic-add-unless"
  | "atomic-inc-unless-negative"
  | "atomic-dec-unless-positive"
  | "atomic-dec-if-positive"
  // refcount_t.
  | "refcount-read"
  | "refcount-set"
  | "refcount-add"
  | "refcount-add-not-zero"
  | "refcount-sub-and-test"
  | "refcount-dec"
  | "refcount-dec-not-one"
  | "refcount-dec-if-one"
  | "refcount-dec-and-mutex-lock"
  | "refcount-dec-and-lock"
  | "atomic-dec-and-lock"
  // Bits of a u32/unsigned long array: args are the bit number and the address of the word 0.
  | "bit-test"
  | "bit-set"
  | "bit-clear"
  | "bit-change"
  | "bit-test-and-set"
  | "bit-test-and-clear"
  | "bit-test-and-change"
  // Spinlocks, raw or not.
  | "spin-lock"
  | "spin-trylock"
  | "spin-unlock"
  | "spin-is-locked"
  // rwlock_t.
  | "read-lock"
  | "read-trylock"
  | "read-unlock"
  | "write-lock"
  | "write-trylock"
  | "write-unlock"
  // struct mutex.
  | "mutex-lock"
  | "mutex-trylock"
  | "mutex-unlock"
  | "mutex-is-locked"
  // struct rw_semaphore.
  | "down-read"
  | "down-read-trylock"
  | "up-read"
  | "down-write"
  | "down-write-trylock"
  | "up-write"
  | "downgrade-write"
  | "rwsem-is-locked"
  | "rwsem-is-contended"
  // struct semaphore.
  | "semaphore-down"
  | "semaphore-down-trylock"
  | "semaphore-up"
  // struct completion.
  | "complete"
  | "complete-all"
  | "wait-for-completion"
  /** args: completion, jiffies; yields 0 when it timed out, else what is left of them. */
  | "wait-for-completion-timeout"
  | "try-wait-for-completion"
  | "completion-done"
  | "reinit-completion"
  // Folio lock: args[0] is the address of the folio_lock_t member.
  | "folio-lock"
  | "folio-trylock"
  | "folio-unlock"
  | "folio-test-locked"
  | "folio-wait-locked"
  /** Puts a lock, atomic or completion into its initial state: args[0] its address, args[1] the count of a semaphore. */
  | "object-init"
  // Wait queues. args[0] of all but the last four: the address of the queue; entries follow.
  /** args: queue, condition[, lock][, jiffies]: the condition is evaluated again and again. */
  | "wait-event"
  /** args: queue, entry[, state]. */
  | "prepare-to-wait"
  | "add-wait-queue"
  | "finish-wait"
  | "remove-wait-queue"
  /** args: queue, how many exclusive waiters (0 all), states that are woken. */
  | "wake-up"
  | "waitqueue-active"
  /** args: entry. */
  | "init-wait"
  /** args: state. */
  | "set-current-state"
  /** args: none, or jiffies. */
  | "schedule"
  /** args: task handle. */
  | "wake-up-process"
  | "current"
  | "signal-pending"
  | "fatal-signal-pending"
  /** args: state, task handle. */
  | "signal-pending-state"
  | "flush-signals"
  // Sequence counters and locks.
  | "seqcount-begin"
  | "seqcount-read"
  | "seqcount-raw-begin"
  | "seqcount-retry"
  | "seqcount-write-begin"
  | "seqcount-write-end"
  | "seqcount-invalidate"
  | "seqcount-latch"
  | "seqlock-lock"
  | "seqlock-unlock"
  | "seqlock-lock-excl"
  | "seqlock-unlock-excl"
  /** args: seqlock, address of the sequence. */
  | "seqlock-begin-or-lock"
  | "seqlock-need-retry"
  | "seqlock-done-retry"
  // SRCU: args[0] is the address of the srcu_struct.
  | "srcu-read-lock"
  | "srcu-read-unlock"
  | "srcu-read-lock-held"
  | "synchronize-srcu"
  | "srcu-barrier"
  /** args: srcu_struct, rcu_head, function. */
  | "call-srcu"
  // Waiting for a condition in one step: args address, condition on the bound value; or the condition alone.
  | "cond-load"
  | "spin-until"
  | "local-lock"
  | "local-unlock"
  | "lockdep-is-held"
  | "might-lock"
  /** args: time, nanoseconds of its unit. */
  | "sleep-for"
  | "delay-for"
  /** Yields its argument: msecs_to_jiffies and kin. */
  | "same-value"
  // RCU. (rcu_dereference and rcu_assign_pointer are loads and assigns with access "rcu".)
  | "rcu-read-lock"
  | "rcu-read-unlock"
  | "rcu-read-lock-held"
  | "synchronize-rcu"
  | "rcu-barrier"
  | "call-rcu"
  | "kfree-rcu"
  // Memory.
  | "kmalloc"
  | "kfree"
  | "cache-alloc"
  | "cache-free"
  | "memset"
  // Checks.
  | "bug-on"
  | "warn-on"
  | "lockdep-assert-held"
  | "might-sleep"
  | "cond-resched"
  | "cpu-relax"
  // Simulated time: which address space the task runs in, and a flush of its translations. args: the mm.
  | "use-mm"
  | "tlb-flush"
  // Contexts.
  | "preempt-disable"
  | "preempt-enable"
  | "local-irq-disable"
  | "local-irq-enable"
  | "local-irq-save"
  | "local-irq-restore"
  | "local-bh-disable"
  | "local-bh-enable"
  | "irqs-disabled"
  | "in-atomic";

// ---------------------------------------------------------------------------------------------------------------
// Statements

export type Statement =
  | { readonly kind: "expression"; readonly expression: Expr; readonly span: Span }
  /** A local declaration. initialiser null: the variable becomes uninitialised (its old value stays, see "Steps"). */
  | {
      readonly kind: "declare";
      readonly symbol: VariableSymbol;
      readonly initialiser: LocalInitialiser | null;
      readonly span: Span;
    }
  | { readonly kind: "block"; readonly statements: readonly Statement[]; readonly span: Span }
  | {
      readonly kind: "if";
      /** Scalar, tested against 0. May be an "atomic" expression. */
      readonly condition: Expr;
      readonly then: Statement;
      readonly else: Statement | null;
      readonly span: Span;
    }
  | { readonly kind: "while"; readonly condition: Expr; readonly body: Statement; readonly span: Span }
  | { readonly kind: "do-while"; readonly body: Statement; readonly condition: Expr; readonly span: Span }
  | {
      readonly kind: "for";
      /** Declarations or one expression statement; may be empty. */
      readonly initial: readonly Statement[];
      readonly condition: Expr | null;
      readonly advance: Expr | null;
      readonly body: Statement;
      readonly span: Span;
    }
  /** Jumps to the label of the first range that holds the value, else to default, else behind. Labels are "label" statements inside body; falling through is falling through. */
  | {
      readonly kind: "switch";
      /** Integer of at least 32 bits. */
      readonly value: Expr;
      readonly cases: readonly SwitchCase[];
      readonly fallback: Label | null;
      readonly body: Statement;
      readonly span: Span;
    }
  /** A position; what follows it is the next statement of the list that it stands in. */
  | { readonly kind: "label"; readonly label: Label; readonly span: Span }
  /** The target is in the same body; never inside a guard or atomic that does not also contain the goto. */
  | { readonly kind: "goto"; readonly label: Label; readonly span: Span }
  /** Out of the innermost while, do-while, for, switch or forever. */
  | { readonly kind: "break"; readonly span: Span }
  /** Of the innermost while, do-while, for or forever. */
  | { readonly kind: "continue"; readonly span: Span }
  /** In a function; in a task or init body it ends the task or init and has no value. */
  | { readonly kind: "return"; readonly value: Expr | null; readonly span: Span }
  /**
   * guard() and scoped_guard(): runs acquire, then body, and release on EVERY way out of body (end, break, continue,
   * goto, return after its value was computed), innermost first. What acquire and release need (the lock's address) is in
   * a hidden local that acquire sets. For guard(), body is the rest of the enclosing block.
   */
  | {
      readonly kind: "guard";
      readonly acquire: readonly Statement[];
      readonly body: readonly Statement[];
      readonly release: readonly Statement[];
      readonly span: Span;
    }
  /** One indivisible step. */
  | { readonly kind: "atomic"; readonly body: readonly Statement[]; readonly span: Span }
  /** Endless loop; its head is the idle point of the task. break leaves it. */
  | { readonly kind: "forever"; readonly body: readonly Statement[]; readonly span: Span }
  /** One step, enabled when the (pure) condition holds. */
  | { readonly kind: "await"; readonly condition: Expr; readonly span: Span }
  /** Costs no step; condition is pure, its accesses are "ghost". */
  | {
      readonly kind: "assert";
      readonly condition: Expr;
      /** The given text, or the condition's source. */
      readonly text: string;
      readonly span: Span;
    }
  /** Costs no step. condition null: always counts as reached. */
  | {
      readonly kind: "note";
      /** Index in TypedUnit.notes. */
      readonly note: number;
      readonly condition: Expr | null;
      readonly span: Span;
    }
  /** Costs no step: reads anything, writes ghosts only, calls nothing that acts. All accesses inside are "ghost". */
  | { readonly kind: "ghost"; readonly body: readonly Statement[]; readonly span: Span }
  /** Time on the CPU / off it. Explore: no step; sleep counts as sleeping. */
  | { readonly kind: "work"; readonly duration: Duration; readonly span: Span }
  | { readonly kind: "sleep"; readonly duration: Duration; readonly span: Span }
  /** span("text") { }: body measured in simulate; plain block in explore. */
  | { readonly kind: "span"; readonly text: string; readonly body: readonly Statement[]; readonly span: Span };

/** Values lo..hi inclusive (`case 1 ... 3:`), as signed or unsigned as the switch's value type. */
export type SwitchCase = { readonly lo: number; readonly hi: number; readonly label: Label };

/**
 * How a local object gets its first value: optional zero fill of all its cells, then stores in order. Plain accesses. A
 * store to a place of object type (atomic, refcount, semaphore) sets its count; the value is an int constant.
 */
export type LocalInitialiser = {
  readonly zeroFill: boolean;
  readonly stores: readonly { readonly place: Place; readonly value: Expr }[];
};

/** nanoseconds = value * unitNs; or drawn anew at each execution. */
export type Duration =
  | { readonly kind: "fixed"; readonly time: Time }
  | { readonly kind: "exponential"; readonly mean: Time }
  | { readonly kind: "uniform"; readonly lo: Time; readonly hi: Time }
  | { readonly kind: "normal"; readonly mean: Time; readonly deviation: Time }
  | { readonly kind: "lognormal"; readonly median: Time; readonly p99: Time }
  /** shape is a positive real number. */
  | { readonly kind: "pareto"; readonly scale: Time; readonly shape: number };

export type Time =
  /** A constant, in nanoseconds (not rounded). */
  | { readonly kind: "constant"; readonly ns: number }
  /** An int expression times a unit. */
  | { readonly kind: "scaled"; readonly value: Expr; readonly unitNs: number };

// ---------------------------------------------------------------------------------------------------------------
// Top level

/** One cell, set before init runs. */
export type GlobalStore = {
  /** Model offset in the global, in bytes. */
  readonly offset: number;
  /** Type of the cell: scalar, or an object (atomic, refcount, semaphore: its count). */
  readonly type: Type;
  readonly value: GlobalValue;
};

export type GlobalValue =
  | { readonly kind: "number"; readonly value: number }
  /** Address of a global plus a model offset. */
  | { readonly kind: "address"; readonly symbol: VariableSymbol; readonly offset: number }
  | { readonly kind: "function"; readonly function: FunctionSymbol };

export type Global = {
  readonly symbol: VariableSymbol;
  /** Cells that do not start as 0; no offset occurs twice; ascending. */
  readonly stores: readonly GlobalStore[];
};

export type Task = {
  readonly name: string;
  /** At least 1. */
  readonly count: number;
  readonly attributes: TaskAttributes;
  readonly body: Body;
  /** Contains a `forever` that can be reached. */
  readonly hasForever: boolean;
  /** Span of the name. */
  readonly span: Span;
};

export type TaskAttributes = {
  readonly irq: boolean;
  /** -20..19. */
  readonly nice: number;
  /** CPUs that it may run on, ascending; null: all. */
  readonly cpus: readonly number[] | null;
};

/** always, sometimes, finally: pure conditions, all accesses "ghost". */
export type Property = {
  readonly kind: "always" | "sometimes" | "finally";
  readonly condition: Expr;
  /** Variables that statement expressions or functions' inlining in the condition need; usually empty. */
  readonly locals: readonly VariableSymbol[];
  /** The given text, or the condition's source. */
  readonly text: string;
  readonly span: Span;
};

export type Note = {
  readonly text: string;
  readonly span: Span;
};

/** A bounded pool. `symbol` is a hidden global of object kind "kmem-cache"; its address is what KMEM_CACHE yields. */
export type Cache = {
  readonly symbol: VariableSymbol;
  readonly name: string;
  readonly object: Type;
  readonly capacity: number;
  readonly typesafeByRcu: boolean;
  readonly span: Span;
};

export type TypedUnit = {
  readonly sources: SourceSet;
  readonly records: readonly RecordInfo[];
  /** In order of declaration; includes statics of bodies, strings and hidden ones. */
  readonly globals: readonly Global[];
  readonly functions: readonly FunctionSymbol[];
  readonly caches: readonly Cache[];
  /** `init { }` bodies, run one after another before any task. */
  readonly inits: readonly Body[];
  readonly tasks: readonly Task[];
  readonly properties: readonly Property[];
  readonly notes: readonly Note[];
  /** Number of choose and stub sites; sites are 0..chooseSites-1. */
  readonly chooseSites: number;
  /** Number of bindings; bindings are 0..bindings-1, unique in the unit. */
  readonly bindings: number;
};
