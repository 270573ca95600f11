/** DEFINE_MUTEX and its kin: which object each declares. */
import { assert } from "../../source/assert.ts";
import type { ObjectKind } from "../tree.ts";
import { defineMacros } from "../preprocess/words.ts";

/** The object type that a declaring macro makes. */
export function objectOfDefine(macro: string): ObjectKind {
  const object = Object.entries(defineMacros).find(([name]) => name === macro)?.[1];
  assert(object !== undefined, "the parser makes define nodes of known macros only");
  return object;
}
