/** Rows of the primitives table: locks that behave as others do (percpu_rw_semaphore, rt_mutex), and local locks. */
import type { PrimitiveAttributes, PrimitiveOp } from "../tree.ts";
import type { PrimitiveRow } from "./primitive-row.ts";

function row(op: PrimitiveOp, signature: string, doc: string, signal?: PrimitiveAttributes["signal"]): PrimitiveRow {
  return signal === undefined ? { op, signature, doc } : { op, signature, doc, attributes: { signal } };
}

const sem = "struct rw_semaphore *sem";

const percpuRows: readonly PrimitiveRow[] = [
  row("object-init", `int percpu_init_rwsem(${sem})`, "Makes it unlocked; yields 0."),
  row("object-init", `void percpu_free_rwsem(${sem})`, "Violation lock-freed while it is held."),
  row("down-read", `void percpu_down_read(${sem})`, "Takes it for read, sleeping."),
  row("down-read-trylock", `bool percpu_down_read_trylock(${sem})`, "Takes it for read at once, or yields false."),
  row("up-read", `void percpu_up_read(${sem})`, "Releases a read lock."),
  row("down-write", `void percpu_down_write(${sem})`, "Takes it for write, sleeping."),
  row("up-write", `void percpu_up_write(${sem})`, "Releases the write lock."),
];

const mutex = "struct mutex *lock";

const rtRows: readonly PrimitiveRow[] = [
  row("object-init", `void rt_mutex_init(${mutex})`, "Makes it unlocked."),
  row("mutex-lock", `void rt_mutex_lock(${mutex})`, "Takes the mutex, sleeping; priorities are not modelled."),
  row("mutex-lock", `void rt_mutex_lock_nested(${mutex}, subclass)`, "rt_mutex_lock with a lockdep subclass."),
  row("mutex-lock", `int rt_mutex_lock_killable(${mutex})`, "rt_mutex_lock; -EINTR on a fatal signal.", "killable"),
  row("mutex-lock", `int rt_mutex_lock_interruptible(${mutex})`, "rt_mutex_lock; -EINTR on a signal.", "interruptible"),
  row("mutex-trylock", `int rt_mutex_trylock(${mutex})`, "Takes the mutex if free, else yields 0."),
  row("mutex-unlock", `void rt_mutex_unlock(${mutex})`, "Releases the mutex."),
  row("mutex-is-locked", `int rt_mutex_is_locked(${mutex})`, "Whether somebody holds it."),
];

const localForms: readonly (readonly [lock: string, unlock: string, irq: PrimitiveAttributes["irq"]])[] = [
  ["local_lock", "local_unlock", "none"],
  ["local_lock_irq", "local_unlock_irq", "irq"],
  ["local_lock_irqsave", "local_unlock_irqrestore", "irqsave"],
];

const localRows: readonly PrimitiveRow[] = [
  row("object-init", "void local_lock_init(local_lock_t *lock)", "Makes it unlocked."),
  ...localForms.flatMap(([lock, unlock, irq]): PrimitiveRow[] => {
    const [saves, restores] = irq === "irqsave" ? [", flags &flags", ", unsigned long flags"] : ["", ""];
    return [
      {
        op: "local-lock",
        attributes: { irq },
        signature: `void ${lock}(local_lock_t *lock${saves})`,
        doc: "A lock of this CPU: preemption off, and interrupts in its irq forms. It excludes no other CPU.",
      },
      {
        op: "local-unlock",
        attributes: { irq },
        signature: `void ${unlock}(local_lock_t *lock${restores})`,
        doc: "Ends local_lock.",
      },
    ];
  }),
];

export const otherLockPrimitives: readonly PrimitiveRow[] = [...percpuRows, ...rtRows, ...localRows];
