/**
 * Between the compiled scenario and the engine: tasks run until they ask the engine for something that takes time, may
 * wait, or is measured; the engine decides when they go on. One code for all tasks of a declaration; what a task computes
 * between two requests happens in one instant, which is one of the interleavings of explore.
 */
import type { Place } from "../trace/trace.ts";

/**
 * What a task can ask for. `address` arguments are addresses of the model machine; a lock is its address, args[0].
 *
 * - work, sleep: `ns` is the time drawn, on the CPU at speed 1, or off it
 * - span-begin, span-end: args[0] is the span's number; spans nest
 * - await: the condition was false; the code evaluates it again when it is resumed
 * - pause: cpu_relax, a round of a spin loop, or many operations without another request; costs time only
 * - lock requests answer 0, or what the primitive returns (1 for a trylock that got it, for down_trylock too; -EINTR is
 *   never answered: no signals in simulated time)
 * - semaphore-init: args [semaphore, count]; also told for each semaphore that has a count before init
 * - completion-wait: args [completion, jiffies or -1]; answers 1 or the jiffies left, 0 when the time is over.
 *   completion-try-wait answers 1 when it took one; completion-reinit: its count is 0 again
 * - queue-prepare: args [queue, state, exclusive 0/1, stays on it when woken 0/1]; queue 0: set_current_state, the state alone.
 *   Answers 1 when nobody was on the queue. queue-finish: args [queue, 1 when the task runs again (finish_wait)];
 *   queue-active: 1 when somebody is on it
 * - schedule: args [jiffies or -1]; goes on at once when woken since the last queue-prepare (or when state 0 was set);
 *   answers the jiffies left, 0 when the time is over
 * - wake-up: args [queue, how many exclusive waiters (0: all), mode]; wake-up-process: args [number of the task, mode],
 *   answers 1 when it slept. A mode is a mask of task states: 1 interruptible, 2 uninterruptible
 * - use-mm: args[0] is the address of the mm that the task runs in from now on; tlb-flush: args[0] is the mm
 * - rcu-call: a callback that runs after a grace period: args [rcu_head or object, function's address or 0 for kfree, SRCU
 *   domain or 0]; rcu-barrier: args [SRCU domain or 0]: all callbacks queued before have run
 * - rcu-callbacks: asked only by the hidden declaration (see `Declaration.hidden`): goes on when the oldest rcu-call not
 *   yet handed out may run; the code knows which one that is
 * - srcu-read-lock answers 0; srcu-read-unlock: args [domain, index]; synchronize-srcu: args [domain]
 * - choose: never returned by `run`: the site of a choose(lo, hi), for its stream of chance
 */
export const requestKinds = [
  "work",
  "sleep",
  "span-begin",
  "span-end",
  "await",
  "pause",
  "spin-lock",
  "spin-trylock",
  "spin-unlock",
  "spin-is-locked",
  "read-lock",
  "read-trylock",
  "read-unlock",
  "write-lock",
  "write-trylock",
  "write-unlock",
  "mutex-lock",
  "mutex-trylock",
  "mutex-unlock",
  "mutex-is-locked",
  "down-read",
  "down-read-trylock",
  "up-read",
  "down-write",
  "down-write-trylock",
  "up-write",
  "downgrade-write",
  "rwsem-is-locked",
  "rwsem-is-contended",
  "semaphore-down",
  "semaphore-down-trylock",
  "semaphore-up",
  "semaphore-init",
  "folio-lock",
  "folio-trylock",
  "folio-unlock",
  "folio-test-locked",
  "folio-wait-locked",
  "completion-wait",
  "completion-try-wait",
  "completion-done",
  "complete",
  "complete-all",
  "completion-reinit",
  "rcu-read-lock",
  "rcu-read-unlock",
  "synchronize-rcu",
  "rcu-barrier",
  "rcu-call",
  "rcu-callbacks",
  "srcu-read-lock",
  "srcu-read-unlock",
  "synchronize-srcu",
  "queue-prepare",
  "queue-finish",
  "queue-active",
  "schedule",
  "wake-up",
  "wake-up-process",
  "preempt-disable",
  "preempt-enable",
  "irq-disable",
  "irq-enable",
  "cond-resched",
  "use-mm",
  "tlb-flush",
  "choose",
] as const;
export type RequestKind = (typeof requestKinds)[number];

/** Where in the source a task asks. Numbered over the program: statistics and streams of chance hang on the number. */
export type Site = {
  readonly kind: RequestKind;
  /** As written: `down_read`, `folio_lock`. */
  readonly spelling: string;
  readonly place: Place;
  /** The irq, irqsave and bh forms of locks. */
  readonly irq: "none" | "irq" | "irqsave" | "bh";
};

/** N tasks that share their code. Tasks are numbered over all declarations, in order. */
export type Declaration = {
  readonly name: string;
  readonly count: number;
  readonly firstTask: number;
  /** -20 to 19. */
  readonly nice: number;
  /** CPUs that it may run on; null for all. */
  readonly cpus: readonly number[] | null;
  readonly irq: boolean;
  /** The task that runs callbacks of RCU: none of the scenario's, and no reason for a run to go on. */
  readonly hidden?: true;
};

/** Why a task stopped, when it asked for nothing. */
export type StopReason = "ended" | "violation" | "limit";

/** What the running code needs of its surroundings. */
export type CodeHost = {
  /** Uniform in lo..hi. The n-th call of this task at this site has the same answer in each variant (common random numbers). */
  readonly choose: (task: number, site: number, lo: number, hi: number) => number;
  /** A uniform number in [0, 1) from the same streams, for times. */
  readonly uniform: (task: number, site: number) => number;
  /** An atomic or marked access to a word that tasks share: costs time (by the profile, and by who touched it last). */
  readonly touch: (task: number, address: number) => void;
  /** note("..."): counted. */
  readonly note: (task: number, note: number) => void;
  /** Whether the task is inside an RCU read section: then freed SLAB_TYPESAFE_BY_RCU memory may be read. */
  readonly inReadSection: (task: number) => boolean;
  /**
   * A request inside atomic { }: done at once and free; null when it would have to wait. Task -1: init bodies (during
   * createWorld), initial semaphore counts, and what properties ask (spin_is_locked and kin, which change nothing).
   */
  readonly atOnce: (task: number, site: number, args: Int32Array) => number | null;
};

/** One replication's memory and positions. Deterministic: the same answers give the same requests. */
export type World = {
  /**
   * Runs the task to its next request.
   *
   * @param answer of its last request; ignored at its first call
   * @returns the number of the site (>= 0), or -1 (see `stopReason`)
   */
  readonly run: (task: number, answer: number) => number;
  /** Arguments of the last request. */
  readonly args: Int32Array;
  /** Of the last work or sleep: whole nanoseconds. */
  readonly ns: () => number;
  readonly stopReason: () => StopReason;
  /** What went wrong, after "violation" or "limit". */
  readonly fault: () => Fault;
  /** Runs the property bodies; called after each instant when there are always-properties, and at the end for finally. */
  readonly checkAlways: () => Fault | null;
  readonly checkFinally: () => Fault | null;
  /** Changes with each store to shared memory: awaited conditions are looked at again. */
  readonly writes: () => number;
  /** A forever task at the head of its body or in await or wait_event directly in it: its standing still is no deadlock. */
  readonly isIdle?: (task: number) => boolean;
};

export type Fault = {
  readonly kind: "violation" | "limit";
  /** A violation class or a limit's name. */
  readonly class: string;
  readonly message: string;
  readonly place: Place | null;
};

/** The compiled scenario, ready to be run any number of times. */
export type TimedProgram = {
  readonly declarations: readonly Declaration[];
  readonly taskCount: number;
  readonly sites: readonly Site[];
  readonly spans: readonly { readonly text: string; readonly place: Place }[];
  readonly notes: readonly { readonly text: string; readonly place: Place }[];
  readonly hasAlways: boolean;
  /** Name of what lies at an address, `folios[1].lock`, and the class of the lock there, `struct folio.lock`. */
  readonly nameOf: (address: number) => { readonly name: string; readonly lockClass: string | null };
  /** Global init bodies run here. @returns a fault when they fail */
  readonly createWorld: (host: CodeHost) => World | Fault;
  /** What the model assumes, in sentences for the report. */
  readonly assumptions: readonly string[];
};
