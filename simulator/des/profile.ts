/** A machine as the engine sees it: what things cost. Data files stand in profiles/; users may give their own. */

/** A cost with where it comes from. `low`/`high`: the range over which an estimate is swept; equal to value when measured. */
export type Figure = {
  readonly value: number;
  readonly unit: "ns" | "ratio" | "count" | "hz";
  readonly basis: "measured" | "estimate";
  readonly source: string;
  readonly low: number;
  readonly high: number;
};

export const preemptionModels = ["none", "voluntary", "full"] as const;
export type PreemptionModel = (typeof preemptionModels)[number];

/** Names of the figures, with their meaning: the one list that profiles, notebooks (`cost NAME=value`) and docs use. */
export const figureMeanings = {
  atomicLocal: "an atomic operation on a line that this CPU touched last",
  atomicTransfer: "the same when another CPU touched it last",
  plainShared: "a plain access to shared memory",
  spinlockPair: "lock and unlock of a free spinlock, on top of its atomics",
  mutexPair: "lock and unlock of a free mutex, on top of its atomics",
  rwsemPair: "down and up of a free rwsem, on top of its atomics",
  folioLockPair: "lock and unlock of a free folio, on top of its atomics",
  pause: "one cpu_relax()",
  spinTransfer: "from a release until a spinning waiter on another CPU has the lock",
  contextSwitch: "from one task to another on the same CPU",
  wakeLocal: "from a wake-up until the woken task is runnable, waker and task on one CPU",
  wakeRemote: "the same when the task's CPU is another one and busy",
  wakeIdle: "the same when that CPU is idle: interrupt and exit from idle",
  tick: "one timer tick",
  tlbFlushLocal: "a TLB flush when the mm runs on no other CPU",
  tlbSend: "per CPU that has to be interrupted: what the sender pays before it waits",
  tlbHandle: "what the interrupted CPU pays",
  tlbBroadcast: "a TLB flush by broadcast, no interrupts (arm64)",
  irqEntry: "entry and exit of an interrupt",
} as const;
export type FigureName = keyof typeof figureMeanings;

/**
 * Whole operations. The engine charges none of them: a scenario does, with work(), and takes the time as its parameter.
 * Here they have a source and a range, as costs have.
 */
export const operationMeanings = {
  syscall: "a system call that does nothing",
  moveCall: "UFFDIO_MOVE: entry, VMA lock and checks, a call",
  movePage: "UFFDIO_MOVE: work under the page-table lock, a page",
  minorFault: "first touch of an anonymous page: zeroed and mapped",
  cowCopy: "write fault on a shared page: copied",
  cowReuse: "write fault on a page that is no longer shared",
  unmapPage: "munmap, a page",
  forkBase: "fork of a small process, the parent's side",
  forkPage: "fork, each page more",
  forkVma: "fork, each VMA more: clone of its anon_vma links",
  unlinkVma: "munmap, each VMA more: unlink of its anon_vma links",
  splitThp: "split of a huge page of 2 MB, anon_vma held for writing",
  rmapVma: "one VMA visited by a reverse-map walk",
} as const;
export type OperationName = keyof typeof operationMeanings;

export type CpuKind = {
  readonly name: string;
  readonly count: number;
  /** Work of 1 ns takes 1/speed ns. */ readonly speed: Figure;
};

export type MachineProfile = {
  /** `vm-2`, `x86-server`, `arm64-phone`: what notebooks write after profile=. */
  readonly name: string;
  readonly title: string;
  /** In order: CPU 0 is of the first kind. */
  readonly cpus: readonly CpuKind[];
  readonly tlb: "interrupt" | "broadcast";
  readonly preemption: PreemptionModel;
  /** Timer frequency; the hand-off time of rwsems and the tick follow. */
  readonly hz: 100 | 250 | 300 | 1000;
  /** Base slice of the scheduler in ns, before the factor for the number of CPUs (kernel/sched/fair.c, 6.12). */
  readonly baseSliceNs: Figure;
  readonly gracePeriodNs: { readonly lo: Figure; readonly hi: Figure };
  /** A CPU of speed 1 pays these. */
  readonly figures: Readonly<Record<FigureName, Figure>>;
  readonly operations?: Readonly<Partial<Record<OperationName, Figure>>>;
};
