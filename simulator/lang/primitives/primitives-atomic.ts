/**
 * Rows of the primitives table: atomic_t and kin, refcount_t, bit operations, xchg and cmpxchg, barriers.
 *
 * Argument order of the tree is fixed per op, whatever the spelling's order is: the address of the cell first, then
 * values; bit operations: bit number, address. atomic-cmpxchg: address, old, new. atomic-try-cmpxchg: address, address
 * of old, new. atomic-add-unless: address, addend, unless (result "old" for fetch_add_unless, else "none" meaning a
 * bool that says whether it was added).
 */
import type { PrimitiveAttributes, PrimitiveOp } from "../tree.ts";
import type { PrimitiveRow } from "./primitive-row.ts";

type Result = PrimitiveAttributes["result"];

/** The three atomic types: prefix of their functions, type of the object, type of the values. */
const atomicTypes = [
  { prefix: "atomic", type: "atomic_t", value: "int" },
  { prefix: "atomic_long", type: "atomic_long_t", value: "long" },
  { prefix: "atomic64", type: "atomic64_t", value: "s64" },
] as const;

type AtomicType = (typeof atomicTypes)[number];

/** Memory order suffixes; the model is sequentially consistent, so they have no meaning of their own. */
const orders = ["", "_relaxed", "_acquire", "_release"] as const;

const arithmetic = [
  { word: "add", op: "atomic-add" },
  { word: "sub", op: "atomic-sub" },
  { word: "and", op: "atomic-and" },
  { word: "or", op: "atomic-or" },
  { word: "xor", op: "atomic-xor" },
  { word: "andnot", op: "atomic-andnot" },
] as const;

/** atomic_add(i, v): the value stands before the object, so the checker swaps by `valueFirst`. */
const rmwNeedles: ReadonlySet<PrimitiveOp> = new Set(arithmetic.map((entry) => entry.op));

/** Whether the spelling has its value before the object's address, as in atomic_add(i, v). */
export function valueComesFirst(row: PrimitiveRow): boolean {
  return rmwNeedles.has(row.op) && row.appended === undefined;
}

function atomicRow(op: PrimitiveOp, result: Result, signature: string, doc: string): PrimitiveRow {
  return result === "none" ? { op, signature, doc } : { op, signature, doc, attributes: { result } };
}

function arithmeticRows(kind: AtomicType): PrimitiveRow[] {
  const { prefix, type, value } = kind;
  return arithmetic.flatMap(({ word, op }): PrimitiveRow[] => {
    const args = `${value} i, ${type} *v`;
    const hasReturn = word === "add" || word === "sub";
    return [
      atomicRow(op, "none", `void ${prefix}_${word}(${args})`, `v ${word} i, in one step.`),
      ...orders.flatMap((order): PrimitiveRow[] => [
        atomicRow(op, "old", `${value} ${prefix}_fetch_${word}${order}(${args})`, `v ${word} i; yields the old value.`),
        ...(hasReturn
          ? [
              atomicRow(
                op,
                "new",
                `${value} ${prefix}_${word}_return${order}(${args})`,
                `v ${word} i; yields the new value.`,
              ),
            ]
          : []),
      ]),
    ];
  });
}

/** inc and dec: addition and subtraction of 1. */
function stepRows(kind: AtomicType): PrimitiveRow[] {
  const { prefix, type, value } = kind;
  return (["inc", "dec"] as const).flatMap((word): PrimitiveRow[] => {
    const op = word === "inc" ? "atomic-add" : "atomic-sub";
    const row = (result: Result, signature: string, doc: string): PrimitiveRow => ({
      ...atomicRow(op, result, signature, doc),
      appended: [1],
    });
    return [
      row("none", `void ${prefix}_${word}(${type} *v)`, `v ${word} by 1, in one step.`),
      row("is-zero", `bool ${prefix}_${word}_and_test(${type} *v)`, `v ${word} by 1; true when it became 0.`),
      ...orders.flatMap((order) => [
        row("new", `${value} ${prefix}_${word}_return${order}(${type} *v)`, `v ${word} by 1; yields the new value.`),
        row("old", `${value} ${prefix}_fetch_${word}${order}(${type} *v)`, `v ${word} by 1; yields the old value.`),
      ]),
    ];
  });
}

function otherAtomicRows(kind: AtomicType): PrimitiveRow[] {
  const { prefix, type, value } = kind;
  const unless = (result: Result, signature: string, doc: string, appended: readonly number[]): PrimitiveRow => ({
    ...atomicRow("atomic-add-unless", result, signature, doc),
    appended,
  });
  return [
    { op: "atomic-read", signature: `${value} ${prefix}_read(${type} *v)`, doc: "The value; a marked read." },
    { op: "atomic-read", signature: `${value} ${prefix}_read_acquire(${type} *v)`, doc: "The value; a marked read." },
    { op: "atomic-set", signature: `void ${prefix}_set(${type} *v, ${value} i)`, doc: "A marked write." },
    { op: "atomic-set", signature: `void ${prefix}_set_release(${type} *v, ${value} i)`, doc: "A marked write." },
    atomicRow(
      "atomic-sub",
      "is-zero",
      `bool ${prefix}_sub_and_test(${value} i, ${type} *v)`,
      "v sub i; true when it became 0.",
    ),
    atomicRow(
      "atomic-add",
      "is-negative",
      `bool ${prefix}_add_negative(${value} i, ${type} *v)`,
      "v add i; true when it became negative.",
    ),
    ...orders.flatMap((order): PrimitiveRow[] => [
      {
        op: "atomic-xchg",
        signature: `${value} ${prefix}_xchg${order}(${type} *v, ${value} new)`,
        doc: "Stores new, yields the old value.",
      },
      {
        op: "atomic-cmpxchg",
        signature: `${value} ${prefix}_cmpxchg${order}(${type} *v, ${value} old, ${value} new)`,
        doc: "Stores new if the value is old; yields the value found.",
      },
      {
        op: "atomic-try-cmpxchg",
        signature: `bool ${prefix}_try_cmpxchg${order}(${type} *v, T *old, ${value} new)`,
        doc: "Stores new if the value is *old, else puts the value into *old; yields whether it stored.",
      },
    ]),
    unless("none", `bool ${prefix}_inc_not_zero(${type} *v)`, "v inc by 1 unless it is 0; yields whether.", [1, 0]),
    atomicRow(
      "atomic-add-unless",
      "none",
      `bool ${prefix}_add_unless(${type} *v, ${value} a, ${value} u)`,
      "v add a unless it is u; yields whether.",
    ),
    atomicRow(
      "atomic-add-unless",
      "old",
      `${value} ${prefix}_fetch_add_unless(${type} *v, ${value} a, ${value} u)`,
      "v add a unless it is u; yields the old value.",
    ),
    {
      op: "atomic-inc-unless-negative",
      signature: `bool ${prefix}_inc_unless_negative(${type} *v)`,
      doc: "v inc by 1 unless negative; yields whether.",
    },
    {
      op: "atomic-dec-unless-positive",
      signature: `bool ${prefix}_dec_unless_positive(${type} *v)`,
      doc: "v dec by 1 unless positive; yields whether.",
    },
    {
      op: "atomic-dec-if-positive",
      signature: `${value} ${prefix}_dec_if_positive(${type} *v)`,
      doc: "v dec by 1 if the result is not negative; yields the old value minus 1.",
    },
  ];
}

const refcountRows: readonly PrimitiveRow[] = [
  { op: "refcount-read", signature: "unsigned int refcount_read(refcount_t *r)", doc: "The count; a marked read." },
  { op: "refcount-set", signature: "void refcount_set(refcount_t *r, int n)", doc: "A marked write." },
  { op: "refcount-add", signature: "void refcount_add(int i, refcount_t *r)", doc: "Adds; on 0 it is class refcount." },
  {
    op: "refcount-add",
    appended: [1],
    signature: "void refcount_inc(refcount_t *r)",
    doc: "Adds 1; on 0 it is class refcount.",
  },
  {
    op: "refcount-add-not-zero",
    signature: "bool refcount_add_not_zero(int i, refcount_t *r)",
    doc: "Adds unless 0; yields whether.",
  },
  {
    op: "refcount-add-not-zero",
    appended: [1],
    signature: "bool refcount_inc_not_zero(refcount_t *r)",
    doc: "Adds 1 unless 0; yields whether.",
  },
  {
    op: "refcount-sub-and-test",
    signature: "bool refcount_sub_and_test(int i, refcount_t *r)",
    doc: "Subtracts; true at 0.",
  },
  {
    op: "refcount-sub-and-test",
    appended: [1],
    signature: "bool refcount_dec_and_test(refcount_t *r)",
    doc: "Subtracts 1; true when it became 0.",
  },
  {
    op: "refcount-dec",
    signature: "void refcount_dec(refcount_t *r)",
    doc: "Subtracts 1; reaching 0 is class refcount.",
  },
  {
    op: "refcount-dec-not-one",
    signature: "bool refcount_dec_not_one(refcount_t *r)",
    doc: "Subtracts 1 unless it is 1.",
  },
  {
    op: "refcount-dec-if-one",
    signature: "bool refcount_dec_if_one(refcount_t *r)",
    doc: "1 becomes 0 and yields true, else false.",
  },
  {
    op: "refcount-dec-and-mutex-lock",
    signature: "bool refcount_dec_and_mutex_lock(refcount_t *r, struct mutex *lock)",
    doc: "Subtracts 1; when that gives 0, true with the mutex held.",
  },
  {
    op: "refcount-dec-and-lock",
    signature: "bool refcount_dec_and_lock(refcount_t *r, spinlock_t *lock)",
    doc: "Subtracts 1; when that gives 0, true with the spinlock held.",
  },
  {
    op: "refcount-dec-and-lock",
    attributes: { irq: "irqsave" },
    signature: "bool refcount_dec_and_lock_irqsave(refcount_t *r, spinlock_t *lock, word *flags)",
    doc: "refcount_dec_and_lock with interrupts off while the lock is held.",
  },
  {
    op: "atomic-dec-and-lock",
    signature: "int atomic_dec_and_lock(atomic_t *v, spinlock_t *lock)",
    doc: "Subtracts 1; when that gives 0, true with the spinlock held.",
  },
  {
    op: "atomic-dec-and-lock",
    attributes: { irq: "irqsave" },
    signature: "int atomic_dec_and_lock_irqsave(atomic_t *v, spinlock_t *lock, flags &flags)",
    doc: "atomic_dec_and_lock with interrupts off while the lock is held.",
  },
];

/** Whether a refcount spelling has its value before the object's address. */
export function refcountValueFirst(row: PrimitiveRow): boolean {
  return row.signature.includes("(int i, refcount_t");
}

const bitRow = (op: PrimitiveOp, signature: string, doc: string): PrimitiveRow => ({ op, signature, doc });

const bitRows: readonly PrimitiveRow[] = [
  bitRow("bit-test", "bool test_bit(int nr, word *addr)", "Whether bit nr is set; a marked read."),
  bitRow("bit-test", "bool test_bit_acquire(int nr, word *addr)", "Whether bit nr is set; a marked read."),
  bitRow("bit-set", "void set_bit(int nr, word *addr)", "Sets bit nr, in one step."),
  bitRow("bit-clear", "void clear_bit(int nr, word *addr)", "Clears bit nr, in one step."),
  bitRow("bit-clear", "void clear_bit_unlock(int nr, word *addr)", "Clears bit nr, in one step."),
  bitRow("bit-change", "void change_bit(int nr, word *addr)", "Flips bit nr, in one step."),
  bitRow("bit-test-and-set", "bool test_and_set_bit(int nr, word *addr)", "Sets bit nr; yields what it was."),
  bitRow("bit-test-and-set", "bool test_and_set_bit_lock(int nr, word *addr)", "Sets bit nr; yields what it was."),
  bitRow("bit-test-and-clear", "bool test_and_clear_bit(int nr, word *addr)", "Clears bit nr; yields what it was."),
  bitRow("bit-test-and-change", "bool test_and_change_bit(int nr, word *addr)", "Flips bit nr; yields what it was."),
];

const cellRows: readonly PrimitiveRow[] = orders.flatMap((order): PrimitiveRow[] => [
  { op: "xchg", signature: `T xchg${order}(T *cell, T new)`, doc: "Stores new, yields the old value, in one step." },
  {
    op: "cmpxchg",
    signature: `T cmpxchg${order}(T *cell, T old, T new)`,
    doc: "Stores new if the cell is old; yields the value found.",
  },
  {
    op: "try-cmpxchg",
    signature: `bool try_cmpxchg${order}(T *cell, T *old, T new)`,
    doc: "Stores new if the cell is *old, else puts the value into *old; yields whether it stored.",
  },
]);

const barrierRows: readonly PrimitiveRow[] = (
  [
    ["smp-mb", "smp_mb"],
    ["smp-rmb", "smp_rmb"],
    ["smp-wmb", "smp_wmb"],
    ["smp-mb", "mb"],
    ["smp-rmb", "rmb"],
    ["smp-wmb", "wmb"],
    ["smp-mb", "smp_mb__before_atomic"],
    ["smp-mb", "smp_mb__after_atomic"],
    ["smp-mb", "smp_mb__after_spinlock"],
    ["smp-mb", "smp_mb__after_unlock_lock"],
    ["smp-mb", "smp_mb__before_srcu_read_unlock"],
    ["barrier", "barrier"],
  ] as const
).map(([op, name]) => ({
  op,
  signature: `void ${name}(void)`,
  doc: "A barrier: costs no step; the model is sequentially consistent.",
}));

export const atomicPrimitives: readonly PrimitiveRow[] = [
  ...atomicTypes.flatMap((kind) => [...arithmeticRows(kind), ...stepRows(kind), ...otherAtomicRows(kind)]),
  ...refcountRows,
  ...bitRows,
  ...cellRows,
  ...barrierRows,
];
