/** Rows of the primitives table: locks, completions, folio lock. args are the written ones in order unless said. */
import type { PrimitiveOp, PrimitiveAttributes } from "../tree.ts";
import type { PrimitiveRow } from "./primitive-row.ts";

type Irq = PrimitiveAttributes["irq"];

/** The suffixes of spin_lock and read/write_lock, what they do besides, and what unlocking is called. */
const irqForms: readonly {
  readonly lock: string;
  readonly unlock: string;
  readonly irq: Irq;
  readonly says: string;
}[] = [
  { lock: "", unlock: "", irq: "none", says: "" },
  { lock: "_bh", unlock: "_bh", irq: "bh", says: ", softirqs off" },
  { lock: "_irq", unlock: "_irq", irq: "irq", says: ", interrupts off" },
  { lock: "_irqsave", unlock: "_irqrestore", irq: "irqsave", says: ", interrupts off, their state kept in flags" },
];

/** lock, trylock and unlock in all interrupt forms. `stem` is "spin", "raw_spin", "read" or "write". */
function irqFamily(
  type: string,
  stem: string,
  ops: { readonly lock: PrimitiveOp; readonly trylock: PrimitiveOp; readonly unlock: PrimitiveOp },
): PrimitiveRow[] {
  const name = stem.replace("_", " ");
  return irqForms.flatMap((form): PrimitiveRow[] => {
    const attributes = { irq: form.irq };
    const saves = form.irq === "irqsave" ? ", flags &flags" : "";
    const restores = form.irq === "irqsave" ? ", unsigned long flags" : "";
    return [
      {
        op: ops.lock,
        attributes,
        signature: `void ${stem}_lock${form.lock}(${type} *lock${saves})`,
        doc: `Takes the ${name} lock, spinning${form.says}.`,
      },
      {
        op: ops.trylock,
        attributes,
        signature: `int ${stem}_trylock${form.lock}(${type} *lock${saves})`,
        doc: `Takes the ${name} lock if free, else yields 0${form.says}.`,
      },
      {
        op: ops.unlock,
        attributes,
        signature: `void ${stem}_unlock${form.unlock}(${type} *lock${restores})`,
        doc: `Releases the ${name} lock.`,
      },
    ];
  });
}

function spinFamily(type: string, stem: string): PrimitiveRow[] {
  const ops = { lock: "spin-lock", trylock: "spin-trylock", unlock: "spin-unlock" } as const;
  return [
    ...irqFamily(type, stem, ops),
    {
      op: "spin-lock",
      signature: `void ${stem}_lock_nested(${type} *lock, subclass)`,
      doc: "spin_lock with a lockdep subclass.",
    },
    {
      op: "spin-lock",
      attributes: { irq: "irqsave" },
      signature: `void ${stem}_lock_irqsave_nested(${type} *lock, flags &flags, subclass)`,
      doc: "spin_lock_irqsave with a lockdep subclass.",
    },
    {
      op: "spin-lock",
      signature: `void ${stem}_lock_nest_lock(${type} *lock, ignored)`,
      doc: "spin_lock under another lock that orders its class.",
    },
    { op: "spin-is-locked", signature: `int ${stem}_is_locked(${type} *lock)`, doc: "Whether somebody holds it." },
  ];
}

const mutexRows: readonly PrimitiveRow[] = [
  { op: "mutex-lock", signature: "void mutex_lock(struct mutex *lock)", doc: "Takes the mutex, sleeping." },
  {
    op: "mutex-lock",
    signature: "void mutex_lock_nested(struct mutex *lock, subclass)",
    doc: "mutex_lock with a lockdep subclass.",
  },
  {
    op: "mutex-lock",
    signature: "void mutex_lock_nest_lock(struct mutex *lock, ignored)",
    doc: "mutex_lock under another lock that orders its class.",
  },
  { op: "mutex-lock", signature: "void mutex_lock_io(struct mutex *lock)", doc: "mutex_lock; the wait counts as IO." },
  {
    op: "mutex-lock",
    attributes: { signal: "killable" },
    signature: "int mutex_lock_killable(struct mutex *lock)",
    doc: "mutex_lock; -EINTR when a fatal signal ends the wait.",
  },
  {
    op: "mutex-lock",
    attributes: { signal: "interruptible" },
    signature: "int mutex_lock_interruptible(struct mutex *lock)",
    doc: "mutex_lock; -EINTR when a signal ends the wait.",
  },
  {
    op: "mutex-trylock",
    signature: "int mutex_trylock(struct mutex *lock)",
    doc: "1 if taken, 0 if somebody holds it.",
  },
  { op: "mutex-unlock", signature: "void mutex_unlock(struct mutex *lock)", doc: "Releases the mutex." },
  { op: "mutex-is-locked", signature: "bool mutex_is_locked(struct mutex *lock)", doc: "Whether somebody holds it." },
];

function rwsemRow(
  op: PrimitiveOp,
  signature: string,
  doc: string,
  attributes?: Partial<PrimitiveAttributes>,
): PrimitiveRow {
  return attributes === undefined ? { op, signature, doc } : { op, signature, doc, attributes };
}

const rwsemRows: readonly PrimitiveRow[] = [
  ...(["read", "write"] as const).flatMap((side): PrimitiveRow[] => {
    const op = side === "read" ? "down-read" : "down-write";
    const trylock = side === "read" ? "down-read-trylock" : "down-write-trylock";
    const up = side === "read" ? "up-read" : "up-write";
    const lock = "struct rw_semaphore *sem";
    return [
      rwsemRow(op, `void down_${side}(${lock})`, `Takes the semaphore for ${side}, sleeping.`),
      rwsemRow(op, `void down_${side}_nested(${lock}, subclass)`, `down_${side} with a lockdep subclass.`),
      rwsemRow(op, `void down_${side}_nest_lock(${lock}, ignored)`, `down_${side} under a lock that orders its class.`),
      rwsemRow(op, `int down_${side}_killable(${lock})`, `down_${side}; -EINTR when a fatal signal ends the wait.`, {
        signal: "killable",
      }),
      rwsemRow(trylock, `int down_${side}_trylock(${lock})`, `1 if taken for ${side} at once, else 0.`),
      rwsemRow(up, `void up_${side}(${lock})`, `Releases a ${side} lock.`),
    ];
  }),
  rwsemRow("down-read", "int down_read_interruptible(struct rw_semaphore *sem)", "down_read; -EINTR on a signal.", {
    signal: "interruptible",
  }),
  rwsemRow(
    "down-read",
    "int down_read_killable_nested(struct rw_semaphore *sem, subclass)",
    "down_read_killable with a lockdep subclass.",
    { signal: "killable" },
  ),
  rwsemRow(
    "down-write",
    "int down_write_killable_nested(struct rw_semaphore *sem, subclass)",
    "down_write_killable with a lockdep subclass.",
    { signal: "killable" },
  ),
  rwsemRow("downgrade-write", "void downgrade_write(struct rw_semaphore *sem)", "Turns a write lock into a read lock."),
  rwsemRow("rwsem-is-locked", "int rwsem_is_locked(struct rw_semaphore *sem)", "Whether anybody holds it."),
  rwsemRow("rwsem-is-contended", "int rwsem_is_contended(struct rw_semaphore *sem)", "Whether anybody waits for it."),
];

const semaphoreRows: readonly PrimitiveRow[] = [
  { op: "semaphore-down", signature: "void down(struct semaphore *sem)", doc: "Takes one count, sleeping at 0." },
  {
    op: "semaphore-down",
    attributes: { signal: "killable" },
    signature: "int down_killable(struct semaphore *sem)",
    doc: "down; -EINTR when a fatal signal ends the wait.",
  },
  {
    op: "semaphore-down",
    attributes: { signal: "interruptible" },
    signature: "int down_interruptible(struct semaphore *sem)",
    doc: "down; -EINTR when a signal ends the wait.",
  },
  {
    op: "semaphore-down-trylock",
    signature: "int down_trylock(struct semaphore *sem)",
    doc: "0 if a count was taken, 1 if there was none (the other way round than mutex_trylock).",
  },
  { op: "semaphore-up", signature: "void up(struct semaphore *sem)", doc: "Gives one count." },
];

const completionRows: readonly PrimitiveRow[] = [
  { op: "complete", signature: "void complete(struct completion *x)", doc: "Lets one waiter go on." },
  {
    op: "complete-all",
    signature: "void complete_all(struct completion *x)",
    doc: "Lets all present and later waiters go on.",
  },
  {
    op: "wait-for-completion",
    signature: "void wait_for_completion(struct completion *x)",
    doc: "Sleeps until complete() was called.",
  },
  {
    op: "wait-for-completion",
    attributes: { signal: "killable" },
    signature: "int wait_for_completion_killable(struct completion *x)",
    doc: "wait_for_completion; -ERESTARTSYS when a fatal signal ends the wait.",
  },
  {
    op: "wait-for-completion",
    attributes: { signal: "interruptible" },
    signature: "int wait_for_completion_interruptible(struct completion *x)",
    doc: "wait_for_completion; -ERESTARTSYS when a signal ends the wait.",
  },
  ...(
    [
      ["wait_for_completion_timeout", "unsigned long", "no"],
      ["wait_for_completion_io_timeout", "unsigned long", "no"],
      ["wait_for_completion_killable_timeout", "long", "killable"],
      ["wait_for_completion_interruptible_timeout", "long", "interruptible"],
    ] as const
  ).map(([name, result, signal]): PrimitiveRow => {
    return {
      op: "wait-for-completion-timeout",
      attributes: { signal },
      signature: `${result} ${name}(struct completion *x, unsigned long jiffies)`,
      doc: "wait_for_completion; 0 when the time is over first, else what is left of it.",
    };
  }),
  {
    op: "wait-for-completion",
    signature: "void wait_for_completion_io(struct completion *x)",
    doc: "wait_for_completion, as I/O.",
  },
  {
    op: "try-wait-for-completion",
    signature: "bool try_wait_for_completion(struct completion *x)",
    doc: "Takes a completion if there is one, else yields false.",
  },
  {
    op: "completion-done",
    signature: "bool completion_done(struct completion *x)",
    doc: "Whether a waiter would go on at once.",
  },
  {
    op: "reinit-completion",
    signature: "void reinit_completion(struct completion *x)",
    doc: "Makes it not completed.",
  },
];

/** The folio lock and its page spellings. */
const folioRows: readonly PrimitiveRow[] = [
  { op: "folio-lock", signature: "void folio_lock(folio *folio)", doc: "Takes the folio's bit lock, sleeping." },
  {
    op: "folio-lock",
    attributes: { signal: "killable" },
    signature: "int folio_lock_killable(folio *folio)",
    doc: "folio_lock; -EINTR when a fatal signal ends the wait.",
  },
  {
    op: "folio-trylock",
    signature: "bool folio_trylock(folio *folio)",
    doc: "true if taken, false if somebody holds it.",
  },
  { op: "folio-unlock", signature: "void folio_unlock(folio *folio)", doc: "Releases the folio's bit lock." },
  {
    op: "folio-test-locked",
    signature: "bool folio_test_locked(folio *folio)",
    doc: "Whether somebody holds the folio's lock.",
  },
  {
    op: "folio-wait-locked",
    signature: "void folio_wait_locked(folio *folio)",
    doc: "Sleeps until nobody holds the folio's lock; does not take it.",
  },
  { op: "folio-lock", signature: "void lock_page(folio *page)", doc: "folio_lock of the page's folio." },
  { op: "folio-trylock", signature: "bool trylock_page(folio *page)", doc: "folio_trylock of the page's folio." },
  { op: "folio-unlock", signature: "void unlock_page(folio *page)", doc: "folio_unlock of the page's folio." },
  { op: "folio-test-locked", signature: "bool PageLocked(folio *page)", doc: "folio_test_locked of the page's folio." },
];

const initRows: readonly PrimitiveRow[] = [
  { op: "object-init", signature: "void spin_lock_init(spinlock_t *lock)", doc: "Makes it unlocked." },
  { op: "object-init", signature: "void raw_spin_lock_init(raw_spinlock_t *lock)", doc: "Makes it unlocked." },
  { op: "object-init", signature: "void rwlock_init(rwlock_t *lock)", doc: "Makes it unlocked." },
  { op: "object-init", signature: "void mutex_init(struct mutex *lock)", doc: "Makes it unlocked." },
  { op: "object-init", signature: "void init_rwsem(struct rw_semaphore *sem)", doc: "Makes it unlocked." },
  { op: "object-init", signature: "void sema_init(struct semaphore *sem, int count)", doc: "Gives it its count." },
  { op: "object-init", signature: "void init_completion(struct completion *x)", doc: "Makes it not completed." },
];

export const lockPrimitives: readonly PrimitiveRow[] = [
  ...spinFamily("spinlock_t", "spin"),
  ...spinFamily("raw_spinlock_t", "raw_spin"),
  ...irqFamily("rwlock_t", "read", { lock: "read-lock", trylock: "read-trylock", unlock: "read-unlock" }),
  ...irqFamily("rwlock_t", "write", { lock: "write-lock", trylock: "write-trylock", unlock: "write-unlock" }),
  ...mutexRows,
  ...rwsemRows,
  ...semaphoreRows,
  ...completionRows,
  ...folioRows,
  ...initRows,
];
