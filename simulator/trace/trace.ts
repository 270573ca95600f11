/**
 * What a counterexample or a witness is: plain data, the same wherever it is replayed.
 * Everything here survives JSON.stringify and back.
 */

/** A place in a source text, as the reader of the notebook sees it: lines and columns from 1. */
export type Place = {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
};

/** A cell that a step changed. Values are printed: `0`, `-1`, `&folio[0]`, `mover#1`, `uninitialised`. */
export type CellChange = {
  readonly name: string;
  readonly before: string;
  readonly after: string;
  /** Only the task that steps can reach it: a local of its own. */
  readonly local?: true | undefined;
};

/** A lock and who has it. `mode` is `write` for locks that know no readers. */
export type HeldLock = { readonly lock: string; readonly task: string; readonly mode: "read" | "write" };

/** A task that cannot go on, and what for. `lock` is absent for await and grace periods; `holders` are tasks. */
export type Waiter = {
  readonly task: string;
  readonly place: Place;
  readonly waitsFor: string;
  /** Owners; of a lock without owners (a folio lock) the task that took it in this run. */
  readonly holders: readonly string[];
  readonly lock?: string | undefined;
};

/** `task` waits for something that `holder` has. */
export type WaitEdge = { readonly task: string; readonly waitsFor: string; readonly holder: string };

export type WaitGraph = {
  readonly edges: readonly WaitEdge[];
  /** Tasks each of which waits for the next, the last for the first; empty when there is no such cycle. */
  readonly cycle: readonly string[];
  /** The cycle in words; empty without one. */
  readonly sentence: string;
};

/**
 * What was tried to learn what a step is for. Both experiments start in the state before the step, and speak of nothing
 * else.
 */
export type StepPurpose = {
  /** One run: the other tasks go on as far as they get, then this one takes the step. One sentence without a stop. */
  readonly delayed: string;
  /** Whether the violation came in that run all the same. */
  readonly delayedViolates: boolean;
  /**
   * The other tasks alone, every interleaving of them while this one stands still: `never` when the violation came in
   * none, `still` when it came, `unknown` when there were more states than are looked at.
   */
  readonly heldBack: "never" | "still" | "unknown";
  /** States looked at for `heldBack`. */
  readonly states: number;
};

export type TraceStep = {
  /** From 1. */
  readonly index: number;
  /** `mover#0`, or `kswapd` when there is one instance only. */
  readonly task: string;
  /** Where the step begins. */
  readonly place: Place;
  /** The source line, trimmed. */
  readonly source: string;
  /** What the step did: `spin_lock(&l)`, `down_read_trylock(&sem) = 0`, `av[0] == 1` (read), `mp[0] = 1`, `choose 2`. */
  readonly action: string;
  /** It stands in an atomic block or in await, so indivisibility was assumed. */
  readonly atomic: boolean;
  readonly changes: readonly CellChange[];
  readonly held: readonly HeldLock[];
  /** Tasks marked as waiting after this step (rwsem queues, grace periods, blocked next steps). */
  readonly waiting: readonly Waiter[];
  /** Texts of notes reached in this step. */
  readonly notes: readonly string[];
  /** The schedule without all such steps was run, and came to the same end. */
  readonly irrelevant?: true | undefined;
  /** Absent where nothing was tried. */
  readonly purpose?: StepPurpose | undefined;
};

/** A step that a task would make next. */
export type NextStep = { readonly task: string; readonly place: Place; readonly action: string };

export type TraceEnd =
  | {
      readonly kind: "violation";
      readonly message: string;
      readonly place: Place | null;
      /** The accesses of a data race: the next steps of two tasks, not made. */
      readonly next?: readonly NextStep[] | undefined;
    }
  | {
      readonly kind: "deadlock";
      readonly message: string;
      readonly waitsFor: readonly Waiter[];
      readonly graph?: WaitGraph | undefined;
    }
  | {
      readonly kind: "cannot-finish";
      readonly message: string;
      readonly waitsFor: readonly Waiter[];
      readonly graph?: WaitGraph | undefined;
    }
  /** The last `cycleSteps` steps lead back to the state before them, so they can repeat for ever. */
  | {
      readonly kind: "livelock";
      readonly message: string;
      readonly cycleSteps: number;
      readonly waitsFor: readonly Waiter[];
    }
  | { readonly kind: "reached"; readonly message: string };

export type Trace = {
  /** Names of all tasks, in order: the lanes. */
  readonly tasks: readonly string[];
  readonly steps: readonly TraceStep[];
  /** A short string that `replay` accepts. */
  readonly schedule: string;
  readonly end: TraceEnd;
  /** True when no shorter trace to a violation exists. */
  readonly shortest: boolean;
  /** Context switches: steps of another task than the step before. Absent in traces of older engines, as all below. */
  readonly switches?: number | undefined;
  /** True when no trace of this length to a violation of this class has fewer context switches. */
  readonly fewestSwitches?: boolean | undefined;
  /** Why the steps carry no `purpose`; absent when they were examined. */
  readonly unexamined?: string | undefined;
};
