/** Rows of the primitives table: RCU and SRCU. (rcu_dereference and rcu_assign_pointer are in specials.ts.) */
import type { PrimitiveRow } from "./primitive-row.ts";

const head = "struct rcu_head *head, callback func";
const after = "after the read sections open now have ended";

const rcuRows: readonly PrimitiveRow[] = [
  {
    op: "rcu-read-lock",
    signature: "void rcu_read_lock(void)",
    doc: "Opens a read section: a grace period waits for its end.",
  },
  { op: "rcu-read-unlock", signature: "void rcu_read_unlock(void)", doc: "Closes a read section." },
  {
    op: "rcu-read-lock",
    attributes: { irq: "bh" },
    signature: "void rcu_read_lock_bh(void)",
    doc: "rcu_read_lock, bottom halves off.",
  },
  { op: "rcu-read-unlock", attributes: { irq: "bh" }, signature: "void rcu_read_unlock_bh(void)", doc: "Closes it." },
  {
    op: "rcu-read-lock",
    signature: "void rcu_read_lock_sched(void)",
    doc: "rcu_read_lock: all kinds of sections are one.",
  },
  { op: "rcu-read-unlock", signature: "void rcu_read_unlock_sched(void)", doc: "Closes it." },
  ...["rcu_read_lock_held", "rcu_read_lock_any_held", "rcu_read_lock_bh_held", "rcu_read_lock_sched_held"].map(
    (name): PrimitiveRow => {
      return {
        op: "rcu-read-lock-held",
        signature: `int ${name}(void)`,
        doc: "Whether this task is inside a read section.",
      };
    },
  ),
  {
    op: "synchronize-rcu",
    signature: "void synchronize_rcu(void)",
    doc: "Sleeps until all read sections open at its start have ended.",
  },
  { op: "synchronize-rcu", signature: "void synchronize_rcu_expedited(void)", doc: "synchronize_rcu, in a hurry." },
  { op: "synchronize-rcu", signature: "void synchronize_net(void)", doc: "synchronize_rcu, as the network has it." },
  { op: "rcu-barrier", signature: "void rcu_barrier(void)", doc: "Sleeps until all callbacks queued now have run." },
  ...["call_rcu", "call_rcu_hurry"].map((name): PrimitiveRow => {
    return { op: "call-rcu", signature: `void ${name}(${head})`, doc: `Runs func(head) ${after}; it may not sleep.` };
  }),
  ...["kfree_rcu_mightsleep", "kvfree_rcu_mightsleep"].map((name): PrimitiveRow => {
    return { op: "kfree-rcu", signature: `void ${name}(const void *object)`, doc: `Frees the object ${after}.` };
  }),
];

const domain = "struct srcu_struct *domain";

const srcuRows: readonly PrimitiveRow[] = [
  { op: "object-init", signature: `int init_srcu_struct(${domain})`, doc: "Makes it ready; yields 0." },
  {
    op: "object-init",
    signature: `void cleanup_srcu_struct(${domain})`,
    doc: "Violation lock-freed while it has readers.",
  },
  {
    op: "srcu-read-lock",
    signature: `int srcu_read_lock(${domain})`,
    doc: "Opens a read section that may sleep; yields the index to close it with.",
  },
  { op: "srcu-read-lock", signature: `int srcu_read_lock_nmisafe(${domain})`, doc: "srcu_read_lock." },
  { op: "srcu-read-lock", signature: `int srcu_read_lock_notrace(${domain})`, doc: "srcu_read_lock." },
  { op: "srcu-read-unlock", signature: `void srcu_read_unlock(${domain}, int index)`, doc: "Closes a read section." },
  {
    op: "srcu-read-unlock",
    signature: `void srcu_read_unlock_nmisafe(${domain}, int index)`,
    doc: "srcu_read_unlock.",
  },
  {
    op: "srcu-read-unlock",
    signature: `void srcu_read_unlock_notrace(${domain}, int index)`,
    doc: "srcu_read_unlock.",
  },
  {
    op: "srcu-read-lock-held",
    signature: `int srcu_read_lock_held(${domain})`,
    doc: "Whether this task is inside a read section of the domain.",
  },
  {
    op: "synchronize-srcu",
    signature: `void synchronize_srcu(${domain})`,
    doc: "Sleeps until the domain's read sections open at its start have ended.",
  },
  {
    op: "synchronize-srcu",
    signature: `void synchronize_srcu_expedited(${domain})`,
    doc: "synchronize_srcu, in a hurry.",
  },
  {
    op: "srcu-barrier",
    signature: `void srcu_barrier(${domain})`,
    doc: "Sleeps until the domain's callbacks queued now have run.",
  },
  {
    op: "call-srcu",
    signature: `void call_srcu(${domain}, ${head})`,
    doc: "Runs func(head) after the domain's read sections open now have ended.",
  },
];

export const rcuPrimitives: readonly PrimitiveRow[] = [...rcuRows, ...srcuRows];
