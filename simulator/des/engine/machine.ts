/**
 * The simulated machine: its tasks, CPUs and locks, as the rules see them. Everything here is state; what happens to it
 * stands in the files of the rules. Times are integer nanoseconds. Records are made once and reused.
 */
import type { FigureName, PreemptionModel } from "../profile.ts";
import type { HolderState, LockKind, LockMode, Recorder, TaskClock, TimelineRecorder, Wait } from "../recorder.ts";
import type { Streams } from "../random/streams.ts";
import type { Fault, RequestKind, Site, TimedProgram, World } from "../timed-code.ts";
import type { EventHeap } from "./event-heap.ts";

export type TaskState = "run" | "spin" | "runnable" | "blocked" | "asleep" | "outside";
export type CpuKind = "run" | "spin" | "switch" | "irq" | "idle";

/**
 * What a task does next when it has its CPU and its running piece is over:
 * - go: run its code to the next request
 * - pay: the request's own cost has passed, now it takes effect
 * - work: the time asked for has passed
 * - wait: ask the rules of the lock that it waits for
 * - await: the condition that it awaits is looked at by others; it stands still
 * - request: its code has come to a request already, which begins now
 * - end: its code has stopped already
 */
export type Phase = "go" | "pay" | "work" | "wait" | "await" | "request" | "end";

/**
 * Goes on with a wait: the task has its CPU after a wake-up, its piece of spinning is over, or something that it watches
 * has changed.
 *
 * @returns whether the request is done
 */
export type Proceed = (machine: Machine, task: Task) => boolean;

export type Handler = (machine: Machine, task: Task) => boolean;

/** A place that asks, with what is looked up once. */
export type PreparedSite = {
  readonly number: number;
  readonly site: Site;
  readonly kind: RequestKind;
  readonly handler: Handler;
  /** Inside atomic blocks: whether it would be done at once; null for what never waits. */
  readonly mayDoAtOnce: Handler | null;
  /** Half of its pair cost, by CPU: nanoseconds before the request takes effect, without its atomic. */
  readonly costNs: Int32Array;
  /** Whether it is an atomic on the line of its first argument. */
  readonly isAtomic: boolean;
  /** It may sleep: a preemption point of the voluntary model, and forbidden in atomic context. */
  readonly maySleep: boolean;
};

/** An open span. */
export type OpenSpan = {
  span: number;
  fromNs: number;
  /** The task's clock when it began. */
  readonly clock: Mutable<TaskClock>;
  readonly byLock: Map<number, Mutable<Wait>>;
};

export class Task {
  readonly weight: number;
  /** By CPU: 1 where it may run; null for all. */
  readonly allowed: Uint8Array | null;
  state: TaskState = "outside";
  stateSinceNs = 0;
  run = 0;
  spin = 0;
  runnable = 0;
  blocked = 0;
  asleep = 0;
  outside = 0;

  phase: Phase = "go";
  /** Of its running piece when it was taken off the CPU: work at speed 1, or nanoseconds. */
  remaining = 0;
  answer = 0;
  site: PreparedSite | null = null;
  arg0 = 0;
  arg1 = 0;
  arg2 = 0;
  arg3 = 0;
  /** Of the last work or sleep, as drawn. */
  ns = 0;
  /** Nanoseconds of atomics since the last request, not yet spent. */
  debtNs = 0;

  /** Where it runs, ran last, or is queued. */
  cpu: Cpu;
  /** Where it will be queued when its wake-up has arrived. */
  target: Cpu;
  /** On a run queue or running. */
  isQueued = false;
  vruntime = 0;
  deadline = 0;
  /** What the queue owed it when it left, in virtual nanoseconds. */
  lag = 0;
  /** Of the CPU's queue when it left: whether it has been empty since. */
  leftEpoch = 0;
  execStartNs = 0;
  /** The deadline when it was picked: until it changes, it keeps the CPU (RUN_TO_PARITY). */
  pickedDeadline = -1;

  preemptOff = 0;
  /** 1 while its interrupts are off. */
  irqOff = 0;
  readSections = 0;
  mm = 0;
  hasEnded = false;
  /** An irq task or the thread of RCU callbacks: no reason for a run to go on. */
  isHelper = false;
  isIrq = false;

  /** What goes on with its wait. */
  proceed: Proceed | null = null;
  /** It spins with preemption off, but stops when its CPU is wanted. */
  watchesResched = false;
  lock: Lock | null = null;
  mode: LockMode = "write";
  isContended = false;
  hasSlept = false;
  /** Its place in the lock's queue; both null when alone or not in a queue. */
  next: Task | null = null;
  previous: Task | null = null;
  isWaiting = false;
  waitSpin = 0;
  waitBlocked = 0;
  waitRunnable = 0;
  /** Meaning by the kind of lock: where in its rules the task is. */
  step = 0;
  /** Of a queued waiter: the tick after which it asks for hand-off (rwsem), or tries left (folio). */
  patience = 0;
  hasHandoff = false;
  isGranted = false;
  spinLimitNs = 0;
  /** Of one sleep. */
  sleptSinceNs = 0;
  sleepLock: Lock | null = null;
  sleptRunning = 0;
  sleptRunnable = 0;
  sleptBlocked = 0;

  firstHold: Hold | null = null;
  holds = 0;
  readonly spans: OpenSpan[] = [];
  openSpans = 0;

  readonly srcuSections: number[] = [];
  /** Its entry in a wait queue, -1 without. */
  queueAddress = -1;
  isExclusive = false;
  staysQueued = false;
  /** The state it has set for schedule(): 0 running, 1 interruptible, 2 uninterruptible. */
  intent = 0;
  /** When the time of a bounded wait is over; -1 for none. */
  deadlineNs = -1;

  constructor(
    readonly id: number,
    readonly slot: number,
    { weight, allowed, cpu }: { weight: number; allowed: Uint8Array | null; cpu: Cpu },
  ) {
    this.weight = weight;
    this.allowed = allowed;
    this.cpu = cpu;
    this.target = cpu;
  }
}

/** The profile's figures, those that a CPU executes scaled by its speed, in whole nanoseconds. */
export type Costs = Readonly<Record<FigureName, number>>;

export class Cpu {
  current: Task | null = null;
  /** Runnable tasks that do not run. */
  readonly queue: Task[] = [];
  /** Tasks woken onto it that are not runnable yet. */
  incoming = 0;
  isSwitching = false;
  isIdle = true;
  needResched = false;
  /** A piece is running, or paused by an interrupt. */
  hasPiece = false;
  /** Its piece is over now: it is in the machine's list of these. */
  isDue = false;
  isInIrq = false;
  /** What stands still while an irq task has the CPU; null without one. */
  interrupted: Interrupted | null = null;
  /** Of the piece paused by an interrupt. */
  pausedNs = 0;
  /** Interrupts that came while they were off. */
  pendingIrqNs = 0;
  hasPendingIrq = false;
  readonly flushes: Flush[] = [];

  kind: CpuKind = "idle";
  /** Whom that is laid to on the time line. */
  kindTask: Task | null = null;
  kindSinceNs = 0;
  run = 0;
  spin = 0;
  switching = 0;
  irq = 0;
  idle = 0;

  readonly pieceSlot: number;
  readonly tickSlot: number;
  readonly irqSlot: number;

  /** Virtual time of the queue when it was last known. */
  virtualNow = 0;
  epoch = 0;

  constructor(
    readonly id: number,
    readonly speed: number,
    /** Nanoseconds on this CPU. */
    readonly costs: Costs,
    [piece, tick, irq]: readonly [number, number, number],
  ) {
    this.pieceSlot = piece;
    this.tickSlot = tick;
    this.irqSlot = irq;
  }
}

/** The CPU as it was when an irq task came. */
export type Interrupted = {
  readonly task: Task | null;
  readonly isSwitching: boolean;
  hasPiece: boolean;
  leftNs: number;
};

/** A TLB flush under way: the sender waits until no CPU is left. */
export type Flush = { readonly sender: Task; left: number };

/** A grace period under way. `domain` is -1 for RCU, else the srcu_struct. */
export type GracePeriod = {
  readonly domain: number;
  readonly dueNs: number;
  /** Whose sections were open when it began and still are. */
  readonly readers: Set<Task>;
  /** Woken at its end; null for that of a callback. */
  readonly waiter: Task | null;
  /** Number of the callback, -1 for none. */
  readonly callback: number;
};

/** Callbacks are numbered as they are queued, and run in that order by one thread. */
export type Callbacks = {
  /** By number: whether its grace period is over. */
  readonly isOver: boolean[];
  /** How many the thread was given, and how many it has done. */
  handedOut: number;
  done: number;
  thread: Task | null;
  /** Tasks in rcu_barrier, and how many callbacks must be done. */
  barriers: { readonly task: Task; readonly until: number }[];
};

export class Lock {
  /** Who may write; set while a grant is on its way, too. */
  writer: Task | null = null;
  readers = 0;
  firstHold: Hold | null = null;
  lastHold: Hold | null = null;

  first: Task | null = null;
  last: Task | null = null;
  queued = 0;
  readWaiters = 0;
  writeWaiters = 0;
  /** Up to when waits were divided among holders. */
  markNs = 0;
  heldRunning = 0;
  heldRunnable = 0;
  heldBlocked = 0;

  /** The optimistic spinner at the head, and those queued behind it (OSQ). */
  spinner: Task | null = null;
  readonly spinQueue: Task[] = [];
  /** The first of the queue, when it spins on the owner. */
  waiterSpinner: Task | null = null;
  hasHandoff = false;
  /** mutex: writer is the task it was handed to, which has not picked it up. */
  isPickup = false;
  isReaderOwned = false;
  isNonspinnable = false;
  /** semaphore: free places; completion: times done; folio: 1 when locked. */
  count = 0;

  constructor(
    readonly address: number,
    public kind: LockKind,
  ) {}
}

/** That a task holds a lock. In two lists: of the lock, oldest first, and of the task. */
export class Hold {
  lock: Lock;
  task: Task;
  mode: LockMode = "write";
  site = 0;
  sinceNs = 0;
  before: Hold | null = null;
  after: Hold | null = null;
  next: Hold | null = null;

  constructor(lock: Lock, task: Task) {
    this.lock = lock;
    this.task = task;
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What is told to the recorder, in objects that are used again: no listener keeps one. */
export type Messages = {
  readonly taken: {
    lock: number;
    kind: LockKind;
    mode: LockMode;
    task: number;
    site: number;
    contended: boolean;
    slept: boolean;
    readonly wait: Mutable<Wait>;
  };
  readonly released: { task: number; site: number; holdNs: number };
  readonly trylock: { kind: LockKind; task: number; site: number };
  readonly waited: { mode: LockMode; holder: number; holderSite: number; holderState: HolderState; ns: number };
  readonly slept: { task: number; lock: number; ns: number; readonly whileHolder: Record<HolderState, number> };
};

export type Machine = {
  now: number;
  events: number;
  passages: number;
  fault: Fault | null;
  /** Tasks that are neither at their end nor irq tasks. */
  unended: number;
  idleCpus: number;
  /** Tasks on run queues that do not run. */
  queuedTasks: number;
  /** The CPU whose task's code runs at this instant: it may not be taken away under it. */
  active: Cpu | null;
  readonly heap: EventHeap;
  /** CPUs whose piece is over at this instant, in order; looked at before any event. Some are listed in vain. */
  readonly due: Cpu[];
  /** How many of them have been looked at. */
  dueTaken: number;
  readonly program: TimedProgram;
  readonly recorder: Recorder;
  readonly timeline: TimelineRecorder | null;
  readonly tasks: readonly Task[];
  readonly cpus: readonly Cpu[];
  readonly sites: readonly PreparedSite[];
  readonly locks: Map<number, Lock>;
  readonly waitQueues: Map<number, Task[]>;
  /** Waiters by the 256 shared queues of folio locks. */
  readonly folioWaiters: Int32Array;
  /** Grows with what changes at locks, as World.writes does with memory. */
  lockChanges: number;
  /** writes + lockChanges when awaited conditions and properties were looked at last. */
  settledChanges: number;
  readonly eventsMax: number;
  /** Irq tasks that found no CPU with interrupts on. */
  pendingIrqTasks: Task[];
  /** Who asks for init bodies and properties. */
  readonly nobody: Task;
  /** Tasks whose condition was false, the longest first. */
  readonly awaiting: Task[];
  gracePeriods: GracePeriod[];
  readonly gracePeriodSlot: number;
  /** Callbacks that wait for their grace period or to be run. */
  readonly callbacks: Callbacks;
  /** By line of 64 bytes: 1 + the CPU that touched it last. */
  lines: Int16Array;
  readonly streams: Streams;
  readonly preemption: PreemptionModel;
  readonly broadcastsFlushes: boolean;
  readonly tickNs: number;
  /** Ticks that a waiter of an rwsem waits before it asks for hand-off: DIV_ROUND_UP(HZ, 250). */
  readonly handoffTicks: number;
  readonly sliceNs: number;
  readonly gracePeriod: { readonly loNs: number; readonly hiNs: number };
  readonly oracleRwlock: "writer" | "reader" | null;
  readonly messages: Messages;
  readonly freeHolds: Hold[];
  /** Set once the world exists. */
  world: World;
};

/** Stops the replication with what went wrong; the first fault stays. */
export function fail(machine: Machine, fault: Fault): false {
  machine.fault ??= fault;
  return false;
}

/** A violation at the task's last request. */
export function violate(machine: Machine, task: Task, violation: { class: string; message: string }): false {
  const place = task.site?.site.place ?? null;
  return fail(machine, { kind: "violation", class: violation.class, message: violation.message, place });
}

/** `writer` or `mover[3]`. */
export function nameOfTask(machine: Machine, id: number): string {
  for (const { name, count, firstTask } of machine.program.declarations) {
    if (id < firstTask || id >= firstTask + count) continue;
    return count === 1 ? name : `${name}[${String(id - firstTask)}]`;
  }
  return `task ${String(id)}`;
}

export function nameOfLock(machine: Machine, lock: Lock): string {
  return machine.program.nameOf(lock.address).name;
}

/** The lock at an address, made when first seen; memory used again may hold a lock of another kind. */
export function lockAt(machine: Machine, address: number, kind: LockKind): Lock {
  const known = machine.locks.get(address);
  if (known !== undefined && known.kind === kind) return known;
  const lock = new Lock(address, kind);
  lock.markNs = machine.now;
  machine.locks.set(address, lock);
  return lock;
}
