/** The options of a scenario: what `//| key: value` lines at a cell's top may say about the language. */

/** Options of one run. An absent one has the default given here. */
export type LanguageOptions = {
  /** Calls of one function that may be open at once on one task's stack; default 8. */
  readonly recursion?: number;
  /** What a data race is; default "error". */
  readonly races?: "error" | "note" | "off";
  /** Whether kmalloc may reuse an address to which a stale pointer exists; default false. */
  readonly reuse?: boolean;
  /** Whether kmalloc may fail; default false. */
  readonly oom?: boolean;
  /** Whether _killable and _interruptible waits may end with an error; default false. */
  readonly signals?: boolean;
  /** What WARN_ON is; default "error". */
  readonly warn?: "error" | "note";
  /** Whether lock order is judged over lock instances (default) or classes. */
  readonly lockdep?: "instances" | "strict";
};
