/**
 * The classes of violation, in the order of precedence at equal trace length.
 *
 * @source docs of the scenario language, "Classes of violation"
 */
export const violationClasses = [
  "assertion",
  "always",
  "finally",
  "bug-on",
  "warn-on",
  "null-deref",
  "wild-pointer",
  "out-of-bounds",
  "use-after-free",
  "use-after-scope",
  "double-free",
  "bad-free",
  "uninitialised",
  "arithmetic",
  "refcount",
  "unlock-not-held",
  "lock-leak",
  "lock-freed",
  "lock-assert",
  "self-deadlock",
  "sleep-in-atomic",
  "rcu-misuse",
  "irq-unsafe",
  "atomic-blocks",
  "data-race",
  "deadlock",
  "cannot-finish",
  "livelock",
  "lock-order",
  "never-reached",
  "property-error",
] as const;
export type ViolationClass = (typeof violationClasses)[number];

/** Rank of a class: smaller wins at equal trace length. */
export function precedence(violation: ViolationClass): number {
  return violationClasses.indexOf(violation);
}
