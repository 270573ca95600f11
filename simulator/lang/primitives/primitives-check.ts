/** Rows of the primitives table: checks, contexts, and the part of the allocator that needs no special typing. */
import type { PrimitiveAttributes, PrimitiveOp } from "../tree.ts";
import type { PrimitiveRow } from "./primitive-row.ts";

/** BUG_ON and WARN_ON in their spellings: what follows the condition is checked and not evaluated. */
const conditionRows: readonly PrimitiveRow[] = [
  ...["BUG_ON", "VM_BUG_ON"].map((name) => bugRow(name, "")),
  ...["FOLIO", "PAGE", "VMA", "MM"].map((what) => bugRow(`VM_BUG_ON_${what}`, ", ignored")),
  ...["WARN_ON", "WARN_ON_ONCE", "VM_WARN_ON", "VM_WARN_ON_ONCE", "WARN_ON_SMP"].map((name) => warnRow(name, "")),
  ...["FOLIO", "PAGE", "VMA", "MM", "VMG"].flatMap((what) => [
    warnRow(`VM_WARN_ON_${what}`, ", ignored"),
    warnRow(`VM_WARN_ON_ONCE_${what}`, ", ignored"),
  ]),
  ...["WARN", "WARN_ONCE", "VM_WARN", "VM_WARN_ONCE", "WARN_TAINT"].map((name) => warnRow(name, ", ...")),
  { op: "bug-on", appended: [1], signature: "void BUG(void)", doc: "Reached: violation bug-on." },
];

function bugRow(name: string, rest: string): PrimitiveRow {
  return {
    op: "bug-on",
    signature: `void ${name}(condition${rest})`,
    doc: "Violation bug-on when the condition holds.",
  };
}

function warnRow(name: string, rest: string): PrimitiveRow {
  return {
    op: "warn-on",
    signature: `bool ${name}(condition${rest})`,
    doc: "Violation warn-on when the condition holds; yields whether it does.",
  };
}

function heldRow(signature: string, held: PrimitiveAttributes["held"], doc: string): PrimitiveRow {
  return { op: "lockdep-assert-held", signature, attributes: { held }, doc };
}

const heldRows: readonly PrimitiveRow[] = [
  heldRow("void lockdep_assert_held(lock *lock)", "any", "Violation lock-assert unless this task holds it."),
  heldRow("void lockdep_assert_held_once(lock *lock)", "any", "Violation lock-assert unless this task holds it."),
  heldRow("void lockdep_assert_held_read(lock *lock)", "read", "Violation lock-assert unless held for read."),
  heldRow("void lockdep_assert_held_write(lock *lock)", "write", "Violation lock-assert unless held for write."),
  heldRow("void lockdep_assert_not_held(lock *lock)", "none", "Violation lock-assert if this task holds it."),
  heldRow("void rwsem_assert_held(struct rw_semaphore *sem)", "any", "Violation lock-assert unless held."),
  heldRow(
    "void rwsem_assert_held_write(struct rw_semaphore *sem)",
    "write",
    "Violation lock-assert unless held for write.",
  ),
  heldRow(
    "void rwsem_assert_held_read(struct rw_semaphore *sem)",
    "read",
    "Violation lock-assert unless held for read.",
  ),
  heldRow("void assert_spin_locked(spinlock_t *lock)", "any", "Violation lock-assert unless this task holds it."),
  heldRow(
    "void assert_raw_spin_locked(raw_spinlock_t *lock)",
    "any",
    "Violation lock-assert unless this task holds it.",
  ),
];

/** Asking lockdep, and telling it. */
const askingRows: readonly PrimitiveRow[] = [
  { op: "lockdep-is-held", signature: "int lockdep_is_held(lock *lock)", doc: "Whether this task holds the lock." },
  {
    op: "lockdep-is-held",
    signature: "int lockdep_is_held_type(lock *lock, ignored)",
    doc: "Whether this task holds the lock.",
  },
  ...["might_lock", "might_lock_nested"].map((name): PrimitiveRow => {
    const rest = name === "might_lock" ? "" : ", ignored";
    return {
      op: "might-lock",
      signature: `void ${name}(lock *lock${rest})`,
      doc: "Says that the lock is taken further down: violation self-deadlock if this task holds it.",
    };
  }),
  {
    op: "might-lock",
    attributes: { held: "read" },
    signature: "void might_lock_read(lock *lock)",
    doc: "might_lock, for read.",
  },
];

/** Waiting on the CPU: the condition calls the value that was read VAL. */
const spinRows: readonly PrimitiveRow[] = [
  ...["smp_cond_load_relaxed", "smp_cond_load_acquire"].map((name): PrimitiveRow => {
    return {
      op: "cond-load",
      signature: `T ${name}(T *p, VAL condition)`,
      doc: "Spins until the condition on *p holds; yields *p.",
    };
  }),
  ...[
    ["atomic_t", "atomic", "int"],
    ["atomic_long_t", "atomic_long", "long"],
  ].flatMap(([type, prefix, value]) =>
    ["relaxed", "acquire"].map((order): PrimitiveRow => {
      return {
        op: "cond-load",
        signature: `${String(value)} ${String(prefix)}_cond_read_${order}(${String(type)} *v, VAL condition)`,
        doc: "Spins until the condition on the value holds; yields it.",
      };
    }),
  ),
  { op: "spin-until", signature: "void spin_until_cond(condition)", doc: "Spins until the condition holds." },
];

const contextWords: readonly (readonly [PrimitiveOp, string, string])[] = [
  ["might-sleep", "void might_sleep(void)", "Violation sleep-in-atomic where sleeping is not allowed; costs no step."],
  ["might-sleep", "void might_sleep_if(condition)", "might_sleep when the condition holds."],
  ["cond-resched", "int cond_resched(void)", "A place to reschedule: might_sleep."],
  ["cpu-relax", "void cpu_relax(void)", "Nothing, in a spin loop."],
  ["cpu-relax", "void cpu_relax_yield(void)", "Nothing, in a spin loop."],
  [
    "use-mm",
    "void use_mm(const void *mm)",
    "Simulate: the task runs in this address space from here on; explore: nothing.",
  ],
  [
    "tlb-flush",
    "void tlb_flush(const void *mm)",
    "Simulate: flushes the TLB of all CPUs that run a task of mm; explore: nothing.",
  ],
  ["tlb-flush", "void flush_tlb_mm(const void *mm)", "tlb_flush."],
  ["preempt-disable", "void preempt_disable(void)", "No sleeping until preempt_enable."],
  ["preempt-enable", "void preempt_enable(void)", "Ends preempt_disable."],
  ["preempt-enable", "void preempt_enable_no_resched(void)", "Ends preempt_disable."],
  ["local-irq-disable", "void local_irq_disable(void)", "Interrupts off on this CPU."],
  ["local-irq-enable", "void local_irq_enable(void)", "Interrupts on on this CPU."],
  ["local-bh-disable", "void local_bh_disable(void)", "Softirqs off on this CPU."],
  ["local-bh-enable", "void local_bh_enable(void)", "Softirqs on on this CPU."],
  ["irqs-disabled", "bool irqs_disabled(void)", "Whether interrupts are off."],
  ["in-atomic", "bool in_atomic(void)", "Whether sleeping is not allowed here."],
];

const contextRows: readonly PrimitiveRow[] = [
  ...contextWords.map(([op, signature, doc]) => ({ op, signature, doc })),
  {
    op: "local-irq-save",
    attributes: { irq: "irqsave" },
    signature: "void local_irq_save(flags &flags)",
    doc: "Interrupts off, their state kept in flags.",
  },
  {
    op: "local-irq-restore",
    attributes: { irq: "irqsave" },
    signature: "void local_irq_restore(unsigned long flags)",
    doc: "Interrupts as flags say.",
  },
];

const memoryRows: readonly PrimitiveRow[] = [
  { op: "kfree", signature: "void kfree(const void *object)", doc: "Frees what kmalloc gave; NULL is nothing." },
  { op: "kfree", signature: "void kvfree(const void *object)", doc: "kfree." },
  { op: "kfree", signature: "void kfree_sensitive(const void *object)", doc: "kfree." },
  {
    op: "cache-alloc",
    signature: "void *kmem_cache_alloc(struct kmem_cache *cache, gfp flags)",
    doc: "An object of the pool, the last freed first, not cleared; NULL when the pool is empty.",
  },
  {
    op: "cache-alloc",
    attributes: { zeroed: true },
    signature: "void *kmem_cache_zalloc(struct kmem_cache *cache, gfp flags)",
    doc: "kmem_cache_alloc, cleared.",
  },
  {
    op: "cache-free",
    signature: "void kmem_cache_free(struct kmem_cache *cache, const void *object)",
    doc: "Gives the object back to its pool.",
  },
];

export const checkPrimitives: readonly PrimitiveRow[] = [
  ...conditionRows,
  ...heldRows,
  ...askingRows,
  ...spinRows,
  ...contextRows,
  ...memoryRows,
];
