/**
 * How a random program uses each word of the language: one use for every primitive and every built-in macro. The table is
 * made from the language's own registry and has an entry for every operation, so a new primitive that has no use does not
 * compile or fails the tests.
 *
 * Uses are mild: alone they violate nothing, but two of them may meet. `READY` stands for a flag that only becomes true, and
 * `LABEL` for a label of its own.
 */
import { primitives, type Primitive } from "../lang/primitives/primitives.ts";
import type { PrimitiveOp } from "../lang/tree.ts";
import { assert } from "../source/assert.ts";
import { argumentsOf, isVoid } from "./word-arguments.ts";

export type Use = {
  /** Statements before and after what may stand inside; one without inside has an empty `close`. */
  readonly open: string;
  readonly close: string;
  /** It may sleep, so it stands in no section of a spinlock. */
  readonly sleeps: boolean;
  readonly place: "task" | "init";
};

export const statement = (text: string): Use => ({ open: text, close: "", sleeps: false, place: "task" });
export const sleeping = (use: Use): Use => ({ ...use, sleeps: true });
export const section = (open: string, close: string): Use => ({ open, close, sleeps: false, place: "task" });

const call = (primitive: Primitive): string => `${primitive.name}(${argumentsOf(primitive).join(", ")})`;

/** The type of the object that it is about, if it is about one. */
const objectOf = ({ parameters }: Primitive): string | undefined => parameters.find((type) => type.endsWith("*"));

/** The first spelling of an operation that is about the same kind of object, in the same irq form. */
function partner(primitive: Primitive, op: PrimitiveOp): string {
  const irq = primitive.attributes?.irq ?? "none";
  const found = [...primitives.values()].find(
    (other) => other.op === op && (other.attributes?.irq ?? "none") === irq && objectOf(other) === objectOf(primitive),
  );
  assert(found !== undefined, "a lock has an unlock");
  return call(found);
}

/** A lock that may be refused tells so by its result. */
const canFail = (primitive: Primitive): boolean => primitive.attributes?.signal !== undefined && !isVoid(primitive);

function taken(primitive: Primitive, unlock: PrimitiveOp): Use {
  const release = partner(primitive, unlock);
  return canFail(primitive)
    ? section(`if (!${call(primitive)}) {`, `${release}; }`)
    : section(`${call(primitive)};`, `${release};`);
}

function tried(primitive: Primitive, unlock: PrimitiveOp): Use {
  return section(`if (${call(primitive)}) {`, `${partner(primitive, unlock)}; }`);
}

function released(primitive: Primitive, lock: PrimitiveOp): Use {
  return section(`${partner(primitive, lock)};`, `${call(primitive)};`);
}

/** Its value into a local, small so that the states stay few. */
function valued(primitive: Primitive): Use {
  return statement(isVoid(primitive) ? `${call(primitive)};` : `a = ${call(primitive)} % 3;`);
}

const queued = (wait: { readonly prepare?: string; readonly sleep?: string; readonly finish?: string }): Use =>
  sleeping(
    statement(
      `${wait.prepare ?? "prepare_to_wait(&queue, &entry, TASK_UNINTERRUPTIBLE)"}; if (!READ_ONCE(READY)) ${wait.sleep ?? "schedule()"}; ${wait.finish ?? "finish_wait(&queue, &entry)"};`,
    ),
  );

const added = (wait: { readonly add?: string; readonly state?: string; readonly remove?: string }): Use =>
  sleeping(
    statement(
      `${wait.add ?? "add_wait_queue(&queue, &entry)"}; ${wait.state ?? "set_current_state(TASK_INTERRUPTIBLE)"}; if (!READ_ONCE(READY)) schedule(); __set_current_state(TASK_RUNNING); ${wait.remove ?? "remove_wait_queue(&queue, &entry)"};`,
    ),
  );

function waitEvent(primitive: Primitive): Use {
  const text = isVoid(primitive) ? `${call(primitive)};` : `a = ${call(primitive)} > 0;`;
  const isUnderLock = primitive.attributes?.wait?.lock === "irq";
  return sleeping(statement(isUnderLock ? `spin_lock_irq(&spin); ${text} spin_unlock_irq(&spin);` : text));
}

function scheduled(primitive: Primitive): Use {
  const { wait } = primitive.attributes ?? {};
  if (wait?.timeout !== true) return queued({ sleep: call(primitive) });
  return wait.state === 0
    ? queued({ sleep: `a = ${call(primitive)} > 0` })
    : sleeping(statement(`a = ${call(primitive)} > 0;`));
}

const sequenceRead = (primitive: Primitive): Use =>
  section(`do { s = ${call(primitive)};`, `} while (${partner(primitive, "seqcount-retry")});`);

function sequenceRetry(primitive: Primitive): Use {
  // Nobody waits for a latch: its count may stay odd.
  const isLatch = primitive.name.includes("latch");
  const begin = isLatch ? "read_seqcount_latch(&latch)" : partner(primitive, "seqcount-begin");
  return section(`do { s = ${begin};`, `} while (${call(primitive)});`);
}

const overSequence = (open: string, close: string): Use =>
  section(`spin_lock(&spin); ${open};`, `${close}; spin_unlock(&spin);`);

const orLock = (words: { readonly begin?: string; readonly need?: string; readonly done?: string }): Use =>
  statement(
    `seq = 0; LABEL: ${words.begin ?? "read_seqbegin_or_lock(&sequence, &seq)"}; a = READ_ONCE(x); if (${words.need ?? "need_seqretry(&sequence, seq)"}) { seq = 1; goto LABEL; } ${words.done ?? "done_seqretry(&sequence, seq)"};`,
  );

/** What is asserted of a lock holds where it is asserted. */
function asserted(primitive: Primitive): Use {
  const { name, parameters, attributes } = primitive;
  const [parameter] = parameters;
  if (attributes?.held === "none") return statement(`${name}(&other);`);
  if (parameter === "spinlock_t *") return statement(`spin_lock(&spin); ${name}(&spin); spin_unlock(&spin);`);
  if (parameter === "raw_spinlock_t *") return statement(`raw_spin_lock(&raw); ${name}(&raw); raw_spin_unlock(&raw);`);
  if (attributes?.held === "write") return sleeping(section(`down_write(&sem); ${name}(&sem);`, "up_write(&sem);"));
  if (attributes?.held === "read" || parameter === "struct rw_semaphore *")
    return sleeping(section(`down_read(&sem); ${name}(&sem);`, "up_read(&sem);"));
  return sleeping(section(`mutex_lock(&mutex); ${name}(&mutex);`, "mutex_unlock(&mutex);"));
}

function counted(primitive: Primitive): Use {
  return statement(`refcount_inc(&ref); ${isVoid(primitive) ? "" : "b = "}${call(primitive)};`);
}

function countedLock(primitive: Primitive): Use {
  const isSaved = primitive.attributes?.irq === "irqsave";
  const unlock = isSaved ? "spin_unlock_irqrestore(&spin, flags)" : "spin_unlock(&spin)";
  return section(`if (${call(primitive)}) {`, `${unlock}; }`);
}

/** After something that lets it go on. */
const after = (before: string, use: Use): Use => ({ ...use, open: `${before} ${use.open}` });

function exchanged(primitive: Primitive): Use {
  const old = argumentsOf(primitive)[1]?.slice(1) ?? "";
  return statement(`${old} = 0; b = ${call(primitive)};`);
}

function noRow(primitive: Primitive): Use {
  throw new Error(`assert: ${primitive.name} is a macro, word-uses-macros.ts has its use`);
}

const uses: Readonly<Record<PrimitiveOp, (primitive: Primitive) => Use>> = {
  "atomic-read": valued,
  "atomic-set": valued,
  "atomic-add": valued,
  "atomic-sub": valued,
  "atomic-and": valued,
  "atomic-or": valued,
  "atomic-xor": valued,
  "atomic-andnot": valued,
  "atomic-xchg": valued,
  "atomic-cmpxchg": valued,
  "atomic-add-unless": valued,
  "atomic-inc-unless-negative": valued,
  "atomic-dec-unless-positive": valued,
  "atomic-dec-if-positive": valued,
  "refcount-read": valued,
  "refcount-set": valued,
  "bit-test": valued,
  "bit-set": valued,
  "bit-clear": valued,
  "bit-change": valued,
  "bit-test-and-set": valued,
  "bit-test-and-clear": valued,
  "bit-test-and-change": valued,
  "spin-is-locked": valued,
  "mutex-is-locked": valued,
  "rwsem-is-locked": valued,
  "rwsem-is-contended": valued,
  complete: valued,
  "complete-all": valued,
  "try-wait-for-completion": valued,
  "completion-done": valued,
  "reinit-completion": valued,
  "folio-test-locked": valued,
  "waitqueue-active": valued,
  current: valued,
  "signal-pending": valued,
  "fatal-signal-pending": valued,
  "signal-pending-state": valued,
  "flush-signals": valued,
  "seqcount-read": valued,
  "call-srcu": valued,
  "delay-for": valued,
  "same-value": valued,
  "irqs-disabled": valued,
  "in-atomic": valued,
  "smp-mb": valued,
  "smp-rmb": valued,
  "smp-wmb": valued,
  barrier: valued,
  "cpu-relax": valued,
  "use-mm": valued,
  "tlb-flush": valued,
  xchg: valued,
  cmpxchg: valued,
  "cond-resched": (primitive) => sleeping(valued(primitive)),
  "might-sleep": (primitive) => sleeping(valued(primitive)),
  "might-lock": (primitive) => sleeping(valued(primitive)),
  "sleep-for": (primitive) => sleeping(valued(primitive)),
  "folio-wait-locked": (primitive) => sleeping(valued(primitive)),
  "synchronize-rcu": (primitive) => sleeping(valued(primitive)),
  "rcu-barrier": (primitive) => sleeping(valued(primitive)),
  "synchronize-srcu": (primitive) => sleeping(valued(primitive)),
  "srcu-barrier": (primitive) => sleeping(valued(primitive)),
  "try-cmpxchg": exchanged,
  "atomic-try-cmpxchg": exchanged,
  "refcount-add": (primitive) => section(`${call(primitive)};`, "refcount_dec(&ref);"),
  "refcount-add-not-zero": (primitive) => section(`if (${call(primitive)}) {`, "refcount_dec(&ref); }"),
  "refcount-sub-and-test": counted,
  "refcount-dec": counted,
  "refcount-dec-not-one": counted,
  "refcount-dec-if-one": counted,
  "refcount-dec-and-mutex-lock": (primitive) =>
    sleeping(section(`refcount_inc(&ref); if (${call(primitive)}) {`, "mutex_unlock(&mutex); }")),
  "refcount-dec-and-lock": countedLock,
  "atomic-dec-and-lock": countedLock,
  "object-init": (primitive) => ({ ...statement(`${call(primitive)};`), place: "init" }),
  kmalloc: noRow,
  memset: noRow,
  "spin-lock": (primitive) => taken(primitive, "spin-unlock"),
  "spin-unlock": (primitive) => released(primitive, "spin-lock"),
  "spin-trylock": (primitive) => tried(primitive, "spin-unlock"),
  "read-lock": (primitive) => taken(primitive, "read-unlock"),
  "read-unlock": (primitive) => released(primitive, "read-lock"),
  "read-trylock": (primitive) => tried(primitive, "read-unlock"),
  "write-lock": (primitive) => taken(primitive, "write-unlock"),
  "write-unlock": (primitive) => released(primitive, "write-lock"),
  "write-trylock": (primitive) => tried(primitive, "write-unlock"),
  "mutex-lock": (primitive) => sleeping(taken(primitive, "mutex-unlock")),
  "mutex-unlock": (primitive) => sleeping(released(primitive, "mutex-lock")),
  "mutex-trylock": (primitive) => sleeping(tried(primitive, "mutex-unlock")),
  "down-read": (primitive) => sleeping(taken(primitive, "up-read")),
  "up-read": (primitive) => sleeping(released(primitive, "down-read")),
  "down-read-trylock": (primitive) => sleeping(tried(primitive, "up-read")),
  "down-write": (primitive) => sleeping(taken(primitive, "up-write")),
  "up-write": (primitive) => sleeping(released(primitive, "down-write")),
  "down-write-trylock": (primitive) => sleeping(tried(primitive, "up-write")),
  "downgrade-write": (primitive) => sleeping(section(`down_write(&sem); ${call(primitive)};`, "up_read(&sem);")),
  "semaphore-down": (primitive) => sleeping(taken(primitive, "semaphore-up")),
  "semaphore-up": (primitive) => sleeping(released(primitive, "semaphore-down")),
  "semaphore-down-trylock": (primitive) => section(`if (!${call(primitive)}) {`, "up(&semaphore); }"),
  "wait-for-completion": (primitive) => sleeping(after("complete(&done);", valued(primitive))),
  "wait-for-completion-timeout": (primitive) => sleeping(after("complete(&done);", valued(primitive))),
  "folio-lock": (primitive) => sleeping(taken(primitive, "folio-unlock")),
  "folio-unlock": (primitive) => sleeping(released(primitive, "folio-lock")),
  "folio-trylock": (primitive) => sleeping(tried(primitive, "folio-unlock")),
  "wait-event": waitEvent,
  "prepare-to-wait": (primitive) => queued({ prepare: call(primitive) }),
  "finish-wait": (primitive) => queued({ finish: call(primitive) }),
  "add-wait-queue": (primitive) => added({ add: call(primitive) }),
  "remove-wait-queue": (primitive) => added({ remove: call(primitive) }),
  "set-current-state": (primitive) => added({ state: call(primitive) }),
  schedule: scheduled,
  "init-wait": (primitive) => {
    const use = queued({});
    return { ...use, open: `${call(primitive)}; ${use.open}` };
  },
  "wake-up": (primitive) => after("WRITE_ONCE(READY, 1);", valued(primitive)),
  "wake-up-process": (primitive) => after("if (READ_ONCE(thread))", valued(primitive)),
  "seqcount-begin": sequenceRead,
  "seqcount-raw-begin": sequenceRead,
  "seqcount-retry": sequenceRetry,
  "seqcount-latch": (primitive) => statement(`spin_lock(&spin); ${call(primitive)}; spin_unlock(&spin);`),
  "seqcount-write-begin": (primitive) => overSequence(call(primitive), "write_seqcount_end(&turns)"),
  "seqcount-write-end": (primitive) => overSequence("write_seqcount_begin(&turns)", call(primitive)),
  "seqcount-invalidate": (primitive) => statement(`spin_lock(&spin); ${call(primitive)}; spin_unlock(&spin);`),
  "seqlock-lock": (primitive) => taken(primitive, "seqlock-unlock"),
  "seqlock-unlock": (primitive) => released(primitive, "seqlock-lock"),
  "seqlock-lock-excl": (primitive) => taken(primitive, "seqlock-unlock-excl"),
  "seqlock-unlock-excl": (primitive) => released(primitive, "seqlock-lock-excl"),
  "seqlock-begin-or-lock": (primitive) => orLock({ begin: call(primitive) }),
  "seqlock-need-retry": (primitive) => orLock({ need: call(primitive) }),
  "seqlock-done-retry": (primitive) => orLock({ done: call(primitive) }),
  "srcu-read-lock": (primitive) => section(`idx = ${call(primitive)};`, "srcu_read_unlock(&srcu, idx);"),
  "srcu-read-unlock": (primitive) => section("idx = srcu_read_lock(&srcu);", `${call(primitive)};`),
  "srcu-read-lock-held": (primitive) =>
    statement(`idx = srcu_read_lock(&srcu); a = ${call(primitive)}; srcu_read_unlock(&srcu, idx);`),
  "cond-load": (primitive) =>
    statement(
      primitive.parameters[0] === "T *"
        ? `a = ${call(primitive)};`
        : `${partner(primitive, "atomic-add")}; a = ${call(primitive)} % 3;`,
    ),
  "spin-until": (primitive) => statement(`${call(primitive)};`),
  "local-lock": (primitive) => taken(primitive, "local-unlock"),
  "local-unlock": (primitive) => released(primitive, "local-lock"),
  "lockdep-is-held": (primitive) =>
    sleeping(statement(`mutex_lock(&mutex); a = ${call(primitive)}; mutex_unlock(&mutex);`)),
  "rcu-read-lock": (primitive) => taken(primitive, "rcu-read-unlock"),
  "rcu-read-unlock": (primitive) => released(primitive, "rcu-read-lock"),
  "rcu-read-lock-held": (primitive) => statement(`rcu_read_lock(); a = ${call(primitive)}; rcu_read_unlock();`),
  "call-rcu": (primitive) => statement(`o = xchg(&head, NULL); if (o) ${primitive.name}(&o->rcu, release);`),
  "kfree-rcu": (primitive) => sleeping(statement(`o = xchg(&head, NULL); if (o) ${call(primitive)};`)),
  kfree: (primitive) => statement(`o = kzalloc(sizeof(*o), GFP_ATOMIC); o = xchg(&head, o); ${call(primitive)};`),
  "cache-alloc": (primitive) =>
    statement(`o = ${call(primitive)}; if (o) { WRITE_ONCE(o->v, 1); kmem_cache_free(cache, o); }`),
  "cache-free": (primitive) =>
    statement(`o = kmem_cache_alloc(cache, GFP_ATOMIC); if (o) { WRITE_ONCE(o->v, 2); ${call(primitive)}; }`),
  "bug-on": (primitive) =>
    statement(primitive.parameters.length === 0 ? `if (READ_ONCE(x) > 2) ${call(primitive)};` : `${call(primitive)};`),
  "warn-on": (primitive) => statement(`${call(primitive)};`),
  "lockdep-assert-held": asserted,
  "preempt-disable": (primitive) => taken(primitive, "preempt-enable"),
  "preempt-enable": (primitive) => released(primitive, "preempt-disable"),
  "local-irq-disable": (primitive) => taken(primitive, "local-irq-enable"),
  "local-irq-enable": (primitive) => released(primitive, "local-irq-disable"),
  "local-irq-save": (primitive) => taken(primitive, "local-irq-restore"),
  "local-irq-restore": (primitive) => released(primitive, "local-irq-save"),
  "local-bh-disable": (primitive) => taken(primitive, "local-bh-enable"),
  "local-bh-enable": (primitive) => released(primitive, "local-bh-disable"),
};

/** One use of a primitive. */
export function useOf(primitive: Primitive): Use {
  return uses[primitive.op](primitive);
}
