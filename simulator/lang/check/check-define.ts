/** DEFINE_MUTEX and its kin: which object each declares. */
import { assert } from "../../source/assert.ts";
import type { DefineObject } from "../parse/syntax.ts";
import { defineMacros } from "../preprocess/words.ts";
import type { ObjectKind } from "../tree.ts";
import { checkValue } from "./check-expression.ts";
import type { CheckContext } from "./context.ts";

/** The object type that a declaring macro makes. */
export function objectOfDefine(macro: string): ObjectKind {
  const object = Object.entries(defineMacros).find(([name]) => name === macro)?.[1];
  assert(object !== undefined, "the parser makes define nodes of known macros only");
  return object;
}

/**
 * What the object starts with where that is not all-zero: a semaphore's count (1 if none is given, as before Linux 6.4), and
 * 1 for an entry that stays on its queue when woken, as init_waitqueue_entry makes it.
 */
export function startOfDefine(c: CheckContext, node: DefineObject): number | null {
  const count = node.count === null ? null : checkValue(c, node.count);
  if (node.macro === "DECLARE_WAITQUEUE") return 1;
  if (node.macro === "DEFINE_SEMAPHORE" && node.count === null) return 1;
  return count?.kind === "constant" ? count.value : null;
}
