/** What each request does when its cost is paid, and what of it may happen inside atomic { }. */
import { taskClock, chargeTask } from "./clocks.ts";
import { elapseRemaining, enableInterrupts, schedule } from "./cpu.ts";
import { isAtomic, pairOf } from "./costs.ts";
import type { Cpu, Handler, Machine, PreparedSite, Task } from "./machine.ts";
import type { RequestKind, Site } from "../timed-code.ts";
import * as completion from "./locks/completion.ts";
import * as folio from "./locks/folio.ts";
import * as mutex from "./locks/mutex.ts";
import * as rcu from "./locks/rcu.ts";
import * as rwlock from "./locks/rwlock.ts";
import * as rwsem from "./locks/rwsem.ts";
import * as semaphore from "./locks/semaphore.ts";
import * as spinlock from "./locks/spinlock.ts";
import * as waitQueue from "./locks/wait-queue.ts";
import { tlbFlush, useMm } from "./tlb.ts";
import { sleepForTime } from "./wake.ts";

/** Does nothing more than its cost. */
function pass(_machine: Machine, task: Task): true {
  task.answer = 0;
  return true;
}

function work(machine: Machine, task: Task): boolean {
  task.answer = 0;
  task.phase = "work";
  task.remaining = task.ns;
  return elapseRemaining(machine, task.cpu, task);
}

function sleep(machine: Machine, task: Task): boolean {
  task.answer = 0;
  task.phase = "go";
  sleepForTime(machine, task, task.ns);
  return false;
}

/** The condition was false: the task sleeps, idly, until it is found true. In atomic context it spins. */
function awaitCondition(machine: Machine, task: Task): boolean {
  task.answer = 0;
  task.phase = "await";
  machine.awaiting.push(task);
  if (task.preemptOff === 0 && task.irqOff === 0) sleepForTime(machine, task, Infinity);
  return false;
}

function beginSpan(machine: Machine, task: Task): boolean {
  task.answer = 0;
  chargeTask(machine, task);
  let open = task.spans[task.openSpans];
  if (open === undefined) {
    open = { span: 0, fromNs: 0, clock: taskClock(task), byLock: new Map() };
    task.spans.push(open);
  }
  open.span = task.arg0;
  open.fromNs = machine.now;
  copyClock(open.clock, task);
  open.byLock.clear();
  task.openSpans += 1;
  machine.recorder.spanBegun(task.id, task.arg0);
  return true;
}

type ClockParts = Pick<Task, "run" | "spin" | "runnable" | "blocked" | "asleep" | "outside">;

function copyClock(to: ClockParts, from: ClockParts): void {
  to.run = from.run;
  to.spin = from.spin;
  to.runnable = from.runnable;
  to.blocked = from.blocked;
  to.asleep = from.asleep;
  to.outside = from.outside;
}

function endSpan(machine: Machine, task: Task): boolean {
  task.answer = 0;
  chargeTask(machine, task);
  const open = task.spans[task.openSpans - 1];
  if (open === undefined) return true;
  task.openSpans -= 1;
  const { clock } = open;
  const split = taskClock(task);
  copyClock(clock, {
    run: split.run - clock.run,
    spin: split.spin - clock.spin,
    runnable: split.runnable - clock.runnable,
    blocked: split.blocked - clock.blocked,
    asleep: split.asleep - clock.asleep,
    outside: split.outside - clock.outside,
  });
  const latencyNs = machine.now - open.fromNs;
  machine.recorder.spanDone({ task: task.id, span: open.span, latencyNs, split: clock, byLock: open.byLock });
  return true;
}

function disablePreemption(_machine: Machine, task: Task): true {
  task.preemptOff += 1;
  task.answer = 0;
  return true;
}

function enablePreemption(_machine: Machine, task: Task): true {
  if (task.preemptOff > 0) task.preemptOff -= 1;
  task.answer = 0;
  return true;
}

function disableInterrupts(_machine: Machine, task: Task): true {
  task.irqOff = 1;
  task.answer = 0;
  return true;
}

function allowInterrupts(machine: Machine, task: Task): true {
  task.answer = 0;
  enableInterrupts(machine, task);
  return true;
}

/** Gives way if somebody else should run, whatever the preemption model. */
function condResched(machine: Machine, task: Task): boolean {
  task.answer = 0;
  if (!task.cpu.needResched || task.preemptOff > 0 || task.irqOff > 0) return true;
  task.phase = "go";
  return schedule(machine, task.cpu);
}

const handlers: Readonly<Record<RequestKind, Handler>> = {
  work,
  sleep,
  "span-begin": beginSpan,
  "span-end": endSpan,
  await: awaitCondition,
  pause: pass,
  "spin-lock": spinlock.spinLock,
  "spin-trylock": spinlock.spinTrylock,
  "spin-unlock": spinlock.spinUnlock,
  "spin-is-locked": spinlock.spinIsLocked,
  "read-lock": rwlock.readLock,
  "read-trylock": rwlock.readTrylock,
  "read-unlock": rwlock.readUnlock,
  "write-lock": rwlock.writeLock,
  "write-trylock": rwlock.writeTrylock,
  "write-unlock": rwlock.writeUnlock,
  "mutex-lock": mutex.mutexLock,
  "mutex-trylock": mutex.mutexTrylock,
  "mutex-unlock": mutex.mutexUnlock,
  "mutex-is-locked": mutex.mutexIsLocked,
  "down-read": rwsem.downRead,
  "down-read-trylock": rwsem.downReadTrylock,
  "up-read": rwsem.upRead,
  "down-write": rwsem.downWrite,
  "down-write-trylock": rwsem.downWriteTrylock,
  "up-write": rwsem.upWrite,
  "downgrade-write": rwsem.downgradeWrite,
  "rwsem-is-locked": rwsem.rwsemIsLocked,
  "rwsem-is-contended": rwsem.rwsemIsContended,
  "semaphore-down": semaphore.semaphoreDown,
  "semaphore-down-trylock": semaphore.semaphoreTrylock,
  "semaphore-up": semaphore.semaphoreUp,
  "semaphore-init": semaphore.semaphoreInit,
  "folio-lock": folio.folioLock,
  "folio-trylock": folio.folioTrylock,
  "folio-unlock": folio.folioUnlock,
  "folio-test-locked": folio.folioTestLocked,
  "folio-wait-locked": folio.folioWaitLocked,
  "completion-wait": completion.completionWait,
  "completion-try-wait": completion.completionTryWait,
  "completion-done": completion.completionDone,
  complete: completion.complete,
  "complete-all": completion.completeAll,
  "completion-reinit": completion.completionReinit,
  "rcu-read-lock": rcu.rcuReadLock,
  "rcu-read-unlock": rcu.rcuReadUnlock,
  "synchronize-rcu": rcu.synchronizeRcu,
  "rcu-barrier": rcu.rcuBarrier,
  "rcu-call": rcu.rcuCall,
  "rcu-callbacks": rcu.rcuCallbacks,
  "srcu-read-lock": rcu.srcuReadLock,
  "srcu-read-unlock": rcu.srcuReadUnlock,
  "synchronize-srcu": rcu.synchronizeSrcu,
  "queue-prepare": waitQueue.queuePrepare,
  "queue-finish": waitQueue.queueFinish,
  "queue-active": waitQueue.queueActive,
  schedule: waitQueue.scheduleAway,
  "wake-up": waitQueue.wakeUp,
  "wake-up-process": waitQueue.wakeUpProcess,
  "preempt-disable": disablePreemption,
  "preempt-enable": enablePreemption,
  "irq-disable": disableInterrupts,
  "irq-enable": allowInterrupts,
  "cond-resched": condResched,
  "use-mm": useMm,
  "tlb-flush": tlbFlush,
  choose: pass,
};

/** Requests that may have to wait: whether one would be done at once now. Those that always take time never are. */
const atOnceChecks: Readonly<Partial<Record<RequestKind, Handler>>> = {
  work: never,
  sleep: never,
  await: never,
  schedule: never,
  "tlb-flush": never,
  "synchronize-rcu": never,
  "synchronize-srcu": never,
  "rcu-barrier": never,
  "rcu-callbacks": never,
  "spin-lock": spinlock.maySpinLock,
  "read-lock": rwlock.mayReadLock,
  "write-lock": rwlock.mayWriteLock,
  "mutex-lock": mutex.mayMutexLock,
  "down-read": rwsem.mayDownRead,
  "down-write": rwsem.mayDownWrite,
  "semaphore-down": semaphore.maySemaphoreDown,
  "folio-lock": folio.mayFolioLock,
  "folio-wait-locked": folio.mayFolioLock,
  "completion-wait": completion.mayPassCompletion,
};

function never(): boolean {
  return false;
}

/** Requests that call might_sleep(): preemption points of the voluntary model. @source include/linux/kernel.h */
const sleepers: ReadonlySet<RequestKind> = new Set<RequestKind>([
  "mutex-lock",
  "down-read",
  "down-write",
  "semaphore-down",
  "folio-lock",
  "folio-wait-locked",
  "completion-wait",
  "synchronize-rcu",
  "synchronize-srcu",
  "rcu-barrier",
]);

/** Looks up once what every request at the site needs. */
export function prepareSite(site: Site, number: number, cpus: readonly Cpu[]): PreparedSite {
  const { kind } = site;
  return {
    number,
    site,
    kind,
    handler: handlers[kind],
    mayDoAtOnce: atOnceChecks[kind] ?? null,
    costNs: Int32Array.from(cpus, (cpu) => ownCost(kind, cpu)),
    isAtomic: isAtomic(kind),
    maySleep: sleepers.has(kind),
  };
}

/** A round of a spin loop takes time even when all costs are 0, or simulated time would stand still. */
function ownCost(kind: RequestKind, { costs }: Cpu): number {
  if (kind === "pause") return Math.max(1, costs.pause);
  const pair = pairOf(kind);
  if (pair === null) return 0;
  const whole = costs[pair.figure];
  return pair.half === "lock" ? Math.ceil(whole / 2) : Math.floor(whole / 2);
}
