/**
 * The kernel primitives: one row per spelling. The checker types calls by the row's signature, lowering reads `op` and
 * attributes, and the editor's vocabulary is made of the same rows, so that they cannot disagree.
 *
 * A signature is written as C would declare it, with a few types of its own:
 * `T *`, `T` a scalar cell and a value of its type; `condition` any scalar; `folio *` a pointer to a struct with a
 * folio_lock_t member (the primitive gets that member's address); `lock *` any lock; `flags &` an unsigned long
 * variable that is set (the primitive gets its address); `ignored` is checked and not evaluated; `subclass` a constant
 * that moves into the attributes; `queue &` and `spinlock_t &` an object named without & (the primitive gets its
 * address); `VAL` a condition on the value read, which it calls VAL; `task *` a pointer to a struct task_struct, built in or the user's; `...` the same as any number of `ignored`.
 */
import type { PrimitiveAttributes } from "../tree.ts";
import type { PrimitiveRow } from "./primitive-row.ts";
import { atomicPrimitives } from "./primitives-atomic.ts";
import { checkPrimitives } from "./primitives-check.ts";
import { lockPrimitives } from "./primitives-lock.ts";
import { rcuPrimitives } from "./primitives-rcu.ts";
import { otherLockPrimitives } from "./primitives-other-locks.ts";
import { sequencePrimitives } from "./primitives-sequence.ts";
import { waitPrimitives } from "./primitives-wait.ts";

export const neutralAttributes: PrimitiveAttributes = {
  irq: "none",
  subclass: 0,
  signal: "no",
  result: "none",
  held: "any",
  object: null,
  zeroed: false,
  wait: { state: 2, exclusive: false, timeout: false, lock: "none" },
  text: "",
};

/** A row with its signature taken apart. */
export type Primitive = PrimitiveRow & {
  readonly name: string;
  readonly result: string;
  readonly parameters: readonly string[];
};

/** All primitives by spelling. */
export const primitives: ReadonlyMap<string, Primitive> = new Map(
  [
    ...lockPrimitives,
    ...atomicPrimitives,
    ...checkPrimitives,
    ...waitPrimitives,
    ...rcuPrimitives,
    ...sequencePrimitives,
    ...otherLockPrimitives,
  ].map((row) => {
    const primitive = readSignature(row);
    return [primitive.name, primitive];
  }),
);

/** Splits `int mutex_trylock(struct mutex *lock)` into name, result and parameter types (names of parameters dropped). */
function readSignature(row: PrimitiveRow): Primitive {
  const open = row.signature.indexOf("(");
  const head = row.signature.slice(0, open);
  const nameAt = Math.max(head.lastIndexOf(" "), head.lastIndexOf("*")) + 1;
  const inner = row.signature.slice(open + 1, -1);
  const parameters = inner === "void" ? [] : inner.split(",").map(parameterType);
  return { ...row, name: head.slice(nameAt), result: head.slice(0, nameAt).trim(), parameters };
}

/** `struct mutex *lock` -> `struct mutex *`; a lone word or `...` is the type itself. */
function parameterType(parameter: string): string {
  const text = parameter.trim();
  const last = Math.max(text.lastIndexOf("*"), text.lastIndexOf("&"));
  if (last >= 0) return text.slice(0, last + 1);
  const space = text.lastIndexOf(" ");
  return space < 0 ? text : text.slice(0, space);
}
