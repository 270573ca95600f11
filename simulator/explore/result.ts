import type { LimitName } from "../limits.ts";
import type { Coverage } from "./coverage.ts";
import type { Place, Trace } from "../trace/trace.ts";
import type { ViolationClass } from "./classes.ts";

/** A property as the source has it. */
export type PropertyRef = {
  readonly kind: "always" | "sometimes" | "finally" | "assert" | "note";
  readonly text: string;
  readonly place: Place;
};

/** A note: not an error; reached or not, with a witness when reached. */
export type NoteOutcome = {
  readonly text: string;
  readonly place: Place;
  readonly reached: boolean;
  /** Steps of the witness; absent when not reached. */
  readonly steps?: number;
  /** No witness is shorter; false: reductions took a way that may be longer. */
  readonly shortest?: boolean;
  /** Replays to the step that reaches the note. */
  readonly schedule?: string;
};

export type SometimesOutcome = NoteOutcome;

/** Something that the verdict does not turn on, but a reader should know. */
export type ExploreWarning = { readonly message: string; readonly place?: Place };

/**
 * The outcome of an exhaustive search. `holds` is only ever said of an exhaustive one.
 * Plain data: the same program, limits and reductions give the same bytes.
 */
export type ExploreResult = {
  readonly verdict: "holds" | "violated" | "inconclusive";
  readonly class?: ViolationClass;
  readonly property?: PropertyRef;
  /** One sentence. */
  readonly message: string;
  /** Where the violation is, when it is at a place. */
  readonly place?: Place;
  /** Distinct states stored. */
  readonly states: number;
  /** Steps executed from stored states. */
  readonly transitions: number;
  /** Longest distance from an initial state among stored states. */
  readonly depth: number;
  readonly exhaustive: boolean;
  readonly limit?: LimitName;
  /** Bytes counted by the engine at the end. */
  readonly memoryBytes: number;
  /** A second search, by single steps, from which the violation is told; its states are not counted above. */
  readonly traceSearch?: { readonly states: number; readonly transitions: number };
  readonly reductions: readonly string[];
  readonly assumptions: readonly string[];
  readonly notes: readonly NoteOutcome[];
  readonly sometimes: readonly SometimesOutcome[];
  readonly warnings: readonly ExploreWarning[];
  readonly trace?: Trace;
  /** Only when it was asked for. */
  readonly coverage?: Coverage;
  /** The answer to the question that the scenario was compiled with. */
  readonly reach?: ReachAnswer;
};

/** Whether something can ever happen. The verdict is about the properties and does not turn on it. */
export type ReachAnswer =
  /** By the shortest schedule; the trace ends in the state that was asked for. */
  | {
      readonly kind: "reached";
      readonly steps: number;
      readonly schedule: string;
      readonly trace: Trace;
      /** The line asked about; absent when the question was asked in every state. */
      readonly place?: Place;
    }
  /** The search was exhaustive. */
  | { readonly kind: "never" }
  /** A limit ended the search before. */
  | { readonly kind: "not-within-bounds"; readonly limit?: LimitName; readonly message: string };

/** Reductions by name. Each leaves every verdict and class unchanged. */
export const reductionNames = ["dead-locals", "symmetry", "merging", "partial-order"] as const;
export type Reduction = (typeof reductionNames)[number];

/** Reported between slices of the search; carries no time, which is the caller's. */
export type Progress = {
  readonly states: number;
  readonly transitions: number;
  readonly depth: number;
  /** States found and not yet expanded. */
  readonly frontier: number;
  readonly memoryBytes: number;
};
