/** Rows of the primitives table: sequence counters and locks. */
import type { PrimitiveAttributes, PrimitiveOp } from "../tree.ts";
import type { PrimitiveRow } from "./primitive-row.ts";

type Irq = PrimitiveAttributes["irq"];

const count = "seqcount_t *s";
const lock = "seqlock_t *sl";

function row(op: PrimitiveOp, signature: string, doc: string): PrimitiveRow {
  return { op, signature, doc };
}

const countRows: readonly PrimitiveRow[] = [
  ...["seqcount_init", "seqcount_raw_init"].map((name) => row("object-init", `void ${name}(${count})`, "Makes it 0.")),
  ...["raw_spinlock", "spinlock", "rwlock", "mutex"].map((name) =>
    row("object-init", `void seqcount_${name}_init(${count}, ignored)`, "Makes it 0; its lock is not checked."),
  ),
  ...["read_seqcount_begin", "__read_seqcount_begin", "raw_read_seqcount_begin"].map((name) =>
    row("seqcount-begin", `unsigned int ${name}(${count})`, "Waits for an even count and yields it."),
  ),
  row("seqcount-read", `unsigned int raw_read_seqcount(${count})`, "The count, odd or not."),
  row(
    "seqcount-raw-begin",
    `unsigned int raw_seqcount_begin(${count})`,
    "The count made even, without waiting: inside of a write section the retry fails.",
  ),
  ...["read_seqcount_retry", "__read_seqcount_retry"].map((name) =>
    row("seqcount-retry", `int ${name}(${count}, unsigned int start)`, "Whether the count is another now."),
  ),
  ...["write_seqcount_begin", "raw_write_seqcount_begin", "do_write_seqcount_begin"].map((name) =>
    row(
      "seqcount-write-begin",
      `void ${name}(${count})`,
      "Opens a write section: the count becomes odd, preemption is off.",
    ),
  ),
  row("seqcount-write-begin", `void write_seqcount_begin_nested(${count}, subclass)`, "write_seqcount_begin."),
  ...["write_seqcount_end", "raw_write_seqcount_end", "do_write_seqcount_end"].map((name) =>
    row("seqcount-write-end", `void ${name}(${count})`, "Closes the write section: the count becomes even."),
  ),
  row("seqcount-invalidate", `void write_seqcount_invalidate(${count})`, "Makes all readers go again."),
  row(
    "seqcount-invalidate",
    `void raw_write_seqcount_barrier(${count})`,
    "Readers see what is before or what is behind.",
  ),
];

/** A latch has two copies of the data, and the count says which one to read: nobody waits for it. */
const latchRows: readonly PrimitiveRow[] = [
  row("object-init", `void seqcount_latch_init(${count})`, "Makes it 0."),
  ...["raw_write_seqcount_latch", "write_seqcount_latch_begin", "write_seqcount_latch"].map((name) =>
    row("seqcount-latch", `void ${name}(${count})`, "Adds 1: readers turn to the other copy."),
  ),
  ...["raw_read_seqcount_latch", "read_seqcount_latch"].map((name) =>
    row("seqcount-read", `unsigned int ${name}(${count})`, "The count; its lowest bit says which copy to read."),
  ),
  ...["raw_read_seqcount_latch_retry", "read_seqcount_latch_retry"].map((name) =>
    row("seqcount-retry", `int ${name}(${count}, unsigned int start)`, "Whether the count is another now."),
  ),
];

const forms: readonly (readonly [suffix: string, irq: Irq, unlock: string])[] = [
  ["", "none", ""],
  ["_bh", "bh", "_bh"],
  ["_irq", "irq", "_irq"],
  ["_irqsave", "irqsave", "_irqrestore"],
];

const lockRows: readonly PrimitiveRow[] = [
  row("object-init", `void seqlock_init(${lock})`, "Makes it unlocked."),
  row("seqcount-begin", `unsigned int read_seqbegin(${lock})`, "Waits for an even count and yields it."),
  row("seqcount-retry", `unsigned int read_seqretry(${lock}, unsigned int start)`, "Whether the count is another now."),
  ...forms.flatMap(([suffix, irq, unlock]): PrimitiveRow[] => {
    const saves = irq === "irqsave" ? ", flags &flags" : "";
    const restores = irq === "irqsave" ? ", unsigned long flags" : "";
    const attributes = { irq };
    return [
      {
        op: "seqlock-lock",
        attributes,
        signature: `void write_seqlock${suffix}(${lock}${saves})`,
        doc: "Takes the lock, spinning, and opens a write section.",
      },
      {
        op: "seqlock-unlock",
        attributes,
        signature: `void write_sequnlock${unlock}(${lock}${restores})`,
        doc: "Closes the write section and releases the lock.",
      },
      {
        op: "seqlock-lock-excl",
        attributes,
        signature: `void read_seqlock_excl${suffix}(${lock}${saves})`,
        doc: "Takes the lock, spinning, to read: the count stays even.",
      },
      {
        op: "seqlock-unlock-excl",
        attributes,
        signature: `void read_sequnlock_excl${unlock}(${lock}${restores})`,
        doc: "Releases the lock.",
      },
    ];
  }),
  row(
    "seqlock-begin-or-lock",
    `void read_seqbegin_or_lock(${lock}, word *seq)`,
    "read_seqbegin when *seq is even, else the lock.",
  ),
  row("seqlock-need-retry", `int need_seqretry(${lock}, int seq)`, "Whether to go again; never when the lock is held."),
  row("seqlock-done-retry", `void done_seqretry(${lock}, int seq)`, "Releases the lock when it was taken."),
];

export const sequencePrimitives: readonly PrimitiveRow[] = [...countRows, ...latchRows, ...lockRows];
