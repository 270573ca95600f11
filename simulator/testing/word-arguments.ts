/** What a random program gives to a primitive, by the types of the registry's signatures. */
import type { Primitive } from "../lang/primitives/primitives.ts";
import type { PrimitiveOp } from "../lang/tree.ts";
import { assert } from "../source/assert.ts";

const values: Readonly<Record<string, string>> = {
  "spinlock_t *": "&spin",
  "raw_spinlock_t *": "&raw",
  "rwlock_t *": "&rw",
  "struct mutex *": "&mutex",
  "struct rw_semaphore *": "&sem",
  "struct semaphore *": "&semaphore",
  "struct completion *": "&done",
  "atomic_t *": "&count",
  "atomic_long_t *": "&count_long",
  "atomic64_t *": "&count64",
  "refcount_t *": "&ref",
  "struct rcu_head *": "&fixed",
  "struct kmem_cache *": "cache",
  "lock *": "&mutex",
  "wait_queue_head_t *": "&queue",
  "wait_queue_entry_t *": "&entry",
  "seqcount_t *": "&turns",
  "seqlock_t *": "&sequence",
  "struct srcu_struct *": "&srcu",
  "local_lock_t *": "&local",
  "queue &": "queue",
  "spinlock_t &": "spin",
  VAL: "VAL != 0",
  "T *": "&z",
  T: "1",
  "folio *": "&folio",
  "flags &": "flags",
  callback: "settle",
  "const void *": "o",
  gfp: "GFP_ATOMIC",
  subclass: "SINGLE_DEPTH_NESTING",
  ignored: "0",
  "...": '"text"',
  "word *": "&bits",
  condition: "READ_ONCE(x) > 2",
  int: "1",
  long: "1",
  s64: "1",
  "unsigned int": "1",
  "unsigned long": "1",
};

type Choice = (type: string, primitive: Primitive) => string | null;

const of =
  (wanted: string, value: string): Choice =>
  (type) =>
    type === wanted ? value : null;

const expectedOld: Choice = (type, { parameters }) =>
  type === "T *" && parameters[0] !== type ? oldOf(parameters[0] ?? "") : null;

/** Where the type alone does not say which variable it is. */
const choices: Partial<Readonly<Record<PrimitiveOp, Choice>>> = {
  "use-mm": of("const void *", "&z"),
  "tlb-flush": of("const void *", "&z"),
  "cond-load": of("T *", "&READY"),
  "wait-event": of("condition", "READ_ONCE(READY)"),
  "spin-until": of("condition", "READ_ONCE(READY)"),
  "atomic-try-cmpxchg": expectedOld,
  "seqlock-begin-or-lock": of("word *", "&seq"),
  "seqlock-need-retry": of("int", "seq"),
  "seqlock-done-retry": of("int", "seq"),
  "seqcount-retry": of("unsigned int", "s"),
  "refcount-dec-and-lock": of("word *", "&flags"),
  "set-current-state": () => "TASK_INTERRUPTIBLE",
  "prepare-to-wait": of("int", "TASK_UNINTERRUPTIBLE"),
  "wake-up-process": (type) => (type === "task *" ? "READ_ONCE(thread)" : "TASK_NORMAL"),
  "signal-pending": () => "current",
  "fatal-signal-pending": () => "current",
  "signal-pending-state": (type) => (type === "task *" ? "current" : "TASK_INTERRUPTIBLE"),
  "flush-signals": () => "current",
  "srcu-read-unlock": of("int", "idx"),
};

function chosen(primitive: Primitive, type: string): string | null {
  if (type === "seqcount_t *" && primitive.name.includes("latch")) return "&latch";
  if (type === "unsigned long" && primitive.name.endsWith("restore")) return "flags";
  return choices[primitive.op]?.(type, primitive) ?? null;
}

/** The local that holds the value that is expected. */
function oldOf(cell: string): string {
  const locals: Readonly<Record<string, string>> = {
    "atomic_t *": "&old",
    "atomic_long_t *": "&old_long",
    "atomic64_t *": "&old64",
  };
  return locals[cell] ?? "&old8";
}

/** Arguments for a call of a primitive; names stand in the declarations of random-protocol.ts. */
export function argumentsOf(primitive: Primitive): readonly string[] {
  return primitive.parameters.map((type, index) => {
    if (primitive.op === "try-cmpxchg" && index === 1) return "&old8";
    const value = chosen(primitive, type) ?? values[type];
    assert(value !== undefined, `word-arguments.ts knows a value for \`${type}\` of ${primitive.name}`);
    return value;
  });
}

export function isVoid(primitive: Primitive): boolean {
  return primitive.result === "void";
}
