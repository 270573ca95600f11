/** Initialisers of locks, atomics and their like: ATOMIC_INIT(n), __MUTEX_INITIALIZER(x), { 0 } ... */
import { checkConstant } from "./check-expression.ts";
import type { CheckContext } from "./context.ts";
import { constant } from "./convert.ts";
import type { Initialiser, SyntaxExpr } from "../parse/syntax.ts";
import type { Expr, ObjectKind } from "../tree.ts";
import { intType, objectTypeNames } from "./types.ts";

/** Initialiser macros with a number: the position of that argument. */
const counted: Readonly<Partial<Record<ObjectKind, { readonly names: readonly string[]; readonly argument: number }>>> =
  {
    atomic: { names: ["ATOMIC_INIT"], argument: 0 },
    "atomic-long": { names: ["ATOMIC_LONG_INIT", "ATOMIC_INIT"], argument: 0 },
    atomic64: { names: ["ATOMIC64_INIT", "ATOMIC_INIT"], argument: 0 },
    refcount: { names: ["REFCOUNT_INIT"], argument: 0 },
    semaphore: { names: ["__SEMAPHORE_INITIALIZER"], argument: 1 },
  };

/** Initialiser macros that make the object ready, which all-zero is too. */
const plain: Readonly<Partial<Record<ObjectKind, readonly string[]>>> = {
  spinlock: ["__SPIN_LOCK_UNLOCKED", "__SPIN_LOCK_INITIALIZER"],
  "raw-spinlock": ["__RAW_SPIN_LOCK_UNLOCKED", "__RAW_SPIN_LOCK_INITIALIZER"],
  rwlock: ["__RW_LOCK_UNLOCKED"],
  mutex: ["__MUTEX_INITIALIZER"],
  rwsem: ["__RWSEM_INITIALIZER"],
  completion: ["COMPLETION_INITIALIZER", "COMPLETION_INITIALIZER_ONSTACK"],
};

/** All names that stand only in initialisers. */
export const initialiserNames: ReadonlySet<string> = new Set([
  ...Object.values(counted).flatMap((entry) => entry.names),
  ...Object.values(plain).flat(),
]);

/** The count that the object starts with, as an int constant; null when that is 0 or after a report. */
export function objectInitialValue(c: CheckContext, object: ObjectKind, initialiser: Initialiser): Expr | null {
  if (initialiser.kind === "list") return listValue(c, object, initialiser);
  const call = initialiser.value;
  const name = call.kind === "call" && call.callee.kind === "name" ? call.callee.name : "";
  const entry = counted[object];
  if (call.kind === "call" && entry?.names.includes(name) === true)
    return countOf(c, call.args[entry.argument], initialiser);
  if (plain[object]?.includes(name) === true) return null;
  const names = [...(entry?.names ?? []), ...(plain[object] ?? [])];
  const hint =
    names.length === 0
      ? "leave it out: all-zero is ready"
      : `write ${names[0] ?? ""}(...) or leave it out: all-zero is ready`;
  c.error("SCN077", initialiser.span, `this does not initialise \`${objectTypeNames[object]}\`; ${hint}`);
  return null;
}

function countOf(c: CheckContext, argument: SyntaxExpr | undefined, initialiser: Initialiser): Expr | null {
  if (argument === undefined) {
    c.error("SCN063", initialiser.span, "the initial count is missing");
    return null;
  }
  const value = checkConstant(c, argument, "the initial count");
  return value === null ? null : constant(value, intType, argument.span);
}

/** `{ }`, `{ 0 }`, and `{ n }` for the counted ones. */
function listValue(c: CheckContext, object: ObjectKind, list: Extract<Initialiser, { kind: "list" }>): Expr | null {
  const [item, more] = list.items;
  if (item === undefined) return null;
  const value =
    item.value.kind === "value" && item.designators.length <= 1 && more === undefined
      ? checkConstant(c, item.value.value, "the initial count")
      : null;
  if (value === 0) return null;
  if (value !== null && counted[object] !== undefined) return constant(value, intType, item.span);
  c.error("SCN077", list.span, `\`${objectTypeNames[object]}\` is initialised by { } or its own macro`);
  return null;
}
