/**
 * Read-write semaphores, by the rules R1 to R10 of rmap-domain.md section 4.
 *
 * A reader has the lock at once unless a writer holds it, somebody waits or hand-off is asked for (R1); else it may steal
 * when no writer holds and no hand-off is asked for, unless other readers hold (R4). Writers spin (R5, R6: rwsem-spin.ts),
 * then queue. The queue is FIFO; a release wakes a writer at its head, who must still win the lock, or grants the lock to
 * all queued readers, at most 256, past writers (R8). A waiter looks at its age only when it is woken and loses: after
 * 4 ms (10 ms at HZ 100) it asks for hand-off, and nobody steals any more (R7).
 *
 * @source kernel/locking/rwsem.c of 6.12: rwsem_read_trylock, rwsem_down_read_slowpath, rwsem_mark_wake,
 * rwsem_try_write_lock, rwsem_down_write_slowpath, __up_read, __up_write, __downgrade_write
 */
import { poke, startPiece } from "../cpu.ts";
import { beginWait, drop, holdOf, joinQueue, leaveQueue, take, tellTrylockFailed } from "../holds.ts";
import { lockAt, type Lock, type Machine, type Task } from "../machine.ts";
import { sleepFor, wake } from "../wake.ts";
import { isOnCpu, joinSpinners, leaveSpinners, steps, tellSpinner } from "./optimistic.ts";
import { notHeld, selfDeadlock } from "./spinlock.ts";

/** MAX_READERS_WAKEUP. */
const readersWokenMax = 0x100;

/** What a release may wake: anybody, only readers, only readers with the read lock held by the waker. */
type WakeType = "any" | "readers" | "read-owned";

function hasWaiters(lock: Lock): boolean {
  return lock.first !== null;
}

/** RWSEM_READ_FAILED_MASK: writer, waiters, hand-off. */
function isReadRefused(lock: Lock): boolean {
  return lock.writer !== null || hasWaiters(lock) || lock.hasHandoff;
}

function isFree(lock: Lock): boolean {
  return lock.writer === null && lock.readers === 0;
}

function takeRead(machine: Machine, task: Task, lock: Lock): true {
  lock.readers += 1;
  lock.isReaderOwned = true;
  take(machine, task, { lock, mode: "read" });
  return true;
}

function takeWrite(machine: Machine, task: Task, lock: Lock): true {
  lock.writer = task;
  lock.isReaderOwned = false;
  lock.isNonspinnable = false;
  take(machine, task, { lock, mode: "write" });
  return true;
}

export function downRead(machine: Machine, task: Task): boolean {
  const lock = lockAt(machine, task.arg0, "rwsem");
  task.answer = 0;
  if (!isReadRefused(lock)) return takeRead(machine, task, lock);
  if (lock.writer === task) return selfDeadlock(machine, task, lock);
  const isReaderHeld = lock.isReaderOwned && lock.readers > 0 && lock.writer === null;
  if (!isReaderHeld && lock.writer === null && !lock.hasHandoff) {
    const isFirst = lock.readers === 0;
    takeRead(machine, task, lock);
    if (isFirst && hasWaiters(lock)) markWake(machine, lock, "read-owned");
    return true;
  }
  beginWait(machine, task, { lock, mode: "read", proceed: finishRead });
  task.isGranted = false;
  joinAsWaiter(machine, task, lock);
  condWake(machine, lock);
  if (task.isGranted) return finishRead(machine, task);
  sleepFor(machine, task, lock);
  return false;
}

function joinAsWaiter(machine: Machine, task: Task, lock: Lock): void {
  joinQueue(lock, task);
  task.step = steps.waiter;
  task.hasHandoff = false;
  task.patience = jiffies(machine) + machine.handoffTicks;
}

function jiffies(machine: Machine): number {
  return Math.floor(machine.now / machine.tickNs);
}

/** A woken reader was granted the lock by its waker. */
function finishRead(machine: Machine, task: Task): boolean {
  const { lock } = task;
  if (lock === null || !task.isGranted) return false;
  take(machine, task, { lock, mode: "read" });
  return true;
}

/** rwsem_cond_wake_waiter: who queues lets others go when the lock is not a writer's. */
function condWake(machine: Machine, lock: Lock): void {
  if (lock.writer !== null) return;
  if (lock.readers > 0) {
    markWake(machine, lock, "readers");
    return;
  }
  lock.isNonspinnable = false;
  markWake(machine, lock, "any");
}

/** rwsem_mark_wake. */
function markWake(machine: Machine, lock: Lock, type: WakeType): void {
  const { first } = lock;
  if (first === null) return;
  if (first.mode === "write") {
    if (type === "any") wake(machine, first, machine.active?.current ?? null);
    return;
  }
  if (type !== "read-owned") {
    if (lock.writer !== null) {
      if (jiffies(machine) > first.patience) {
        lock.hasHandoff = true;
        first.hasHandoff = true;
      }
      return;
    }
    lock.isReaderOwned = true;
  }
  grantReaders(machine, lock);
}

/** All queued readers, at most 256, get the lock; writers keep their places. Hand-off is not needed any more. */
function grantReaders(machine: Machine, lock: Lock): void {
  let granted = 0;
  for (let task = lock.first; task !== null && granted < readersWokenMax;) {
    const { next } = task;
    if (task.mode === "read") {
      granted += 1;
      leaveQueue(lock, task);
      task.isGranted = true;
      lock.readers += 1;
      wake(machine, task, machine.active?.current ?? null);
    }
    task = next;
  }
  lock.hasHandoff = false;
}

export function downWrite(machine: Machine, task: Task): boolean {
  const lock = lockAt(machine, task.arg0, "rwsem");
  task.answer = 0;
  if (isFree(lock) && !hasWaiters(lock) && !lock.hasHandoff) return takeWrite(machine, task, lock);
  if (lock.writer === task || holdOf(task, lock, "read") !== null) return selfDeadlock(machine, task, lock);
  beginWait(machine, task, { lock, mode: "write", proceed: proceedWrite });
  task.spinLimitNs = -1;
  if (!maySpin(task, lock)) return enqueueWriter(machine, task, lock);
  if (joinSpinners(lock, task)) return spin(machine, task, lock);
  return false;
}

/** rwsem_can_spin_on_owner. */
function maySpin(task: Task, lock: Lock): boolean {
  if (task.cpu.needResched || lock.isNonspinnable) return false;
  return lock.writer === null || isOnCpu(lock.writer);
}

function proceedWrite(machine: Machine, task: Task): boolean {
  const { lock } = task;
  if (lock === null) return false;
  switch (task.step) {
    case steps.queuedSpinner:
      return task.cpu.needResched ? stopSpinning(machine, task, lock) : false;
    case steps.spinner:
      return spin(machine, task, lock);
    case steps.spinningWaiter:
      return spinAsWaiter(machine, task, lock);
    default:
      return tryAsWaiter(machine, task, lock);
  }
}

/**
 * One look of the spinner at the head (R5, R6): on a writer while it runs, without limit; on readers for
 * (10 + readers/2) us at most, then the lock is marked not to be spun on until it has no readers.
 *
 * @source rwsem_optimistic_spin, rwsem_spin_on_owner, rwsem_rspin_threshold
 */
function spin(machine: Machine, task: Task, lock: Lock): boolean {
  const { cpu } = task;
  if (lock.isNonspinnable) return stopSpinning(machine, task, lock);
  if (lock.writer !== null) {
    task.spinLimitNs = -1;
    return cpu.needResched || !isOnCpu(lock.writer) ? stopSpinning(machine, task, lock) : false;
  }
  if (lock.readers === 0 && !lock.hasHandoff) {
    leaveSpinners(machine, lock, task);
    return takeWrite(machine, task, lock);
  }
  if (cpu.needResched) return stopSpinning(machine, task, lock);
  if (lock.isReaderOwned) return spinOnReaders(machine, task, lock);
  return false;
}

/** The limit is looked at in every sixteenth turn of the loop. */
const turnsBetweenLooks = 16;

function spinOnReaders(machine: Machine, task: Task, lock: Lock): boolean {
  if (task.spinLimitNs >= 0 && machine.now > task.spinLimitNs) {
    lock.isNonspinnable = true;
    return stopSpinning(machine, task, lock);
  }
  if (task.spinLimitNs < 0) task.spinLimitNs = machine.now + (20 + Math.min(lock.readers, 30)) * 500;
  const look = Math.max(1, turnsBetweenLooks * task.cpu.costs.pause);
  const left = task.spinLimitNs + 1 - machine.now;
  startPiece(machine, task.cpu, Math.ceil(left / look) * look);
  return false;
}

function stopSpinning(machine: Machine, task: Task, lock: Lock): boolean {
  leaveSpinners(machine, lock, task);
  return enqueueWriter(machine, task, lock);
}

function enqueueWriter(machine: Machine, task: Task, lock: Lock): boolean {
  joinAsWaiter(machine, task, lock);
  if (lock.first !== task) condWake(machine, lock);
  return tryAsWaiter(machine, task, lock);
}

/** rwsem_try_write_lock, with the wait lock held. @returns whether it has the lock */
function tryWriteLock(machine: Machine, task: Task, lock: Lock): boolean {
  const { first, hasHandoff } = lock;
  if (hasHandoff) {
    if (first !== null && first.hasHandoff && first !== task) return false;
    if (first === task) task.hasHandoff = true;
  }
  if (!isFree(lock)) {
    if (hasHandoff || jiffies(machine) <= task.patience) return false;
    lock.hasHandoff = true;
    task.hasHandoff = true;
    return false;
  }
  lock.hasHandoff = false;
  return true;
}

/** A queued writer that has its CPU: takes the lock, or spins once more on its owner with hand-off set, or sleeps. */
function tryAsWaiter(machine: Machine, task: Task, lock: Lock): boolean {
  if (tryWriteLock(machine, task, lock)) {
    leaveQueue(lock, task);
    return takeWrite(machine, task, lock);
  }
  if (task.hasHandoff && lock.writer !== null && isOnCpu(lock.writer) && !task.cpu.needResched) {
    task.step = steps.spinningWaiter;
    task.preemptOff += 1;
    task.watchesResched = true;
    lock.waiterSpinner = task;
    return false;
  }
  sleepFor(machine, task, lock);
  return false;
}

/** rwsem_spin_on_owner by the waiter with hand-off: only a lock without an owner is tried again at once. */
function spinAsWaiter(machine: Machine, task: Task, lock: Lock): boolean {
  if (lock.writer !== null && isOnCpu(lock.writer) && !task.cpu.needResched) return false;
  task.step = steps.waiter;
  task.preemptOff -= 1;
  task.watchesResched = false;
  lock.waiterSpinner = null;
  if (isFree(lock) && !lock.isReaderOwned) return tryAsWaiter(machine, task, lock);
  sleepFor(machine, task, lock);
  return false;
}

export function downReadTrylock(machine: Machine, task: Task): boolean {
  const lock = lockAt(machine, task.arg0, "rwsem");
  task.answer = isReadRefused(lock) ? 0 : 1;
  if (task.answer === 1) return takeRead(machine, task, lock);
  tellTrylockFailed(machine, task, { lock, mode: "read" });
  return true;
}

export function downWriteTrylock(machine: Machine, task: Task): boolean {
  const lock = lockAt(machine, task.arg0, "rwsem");
  task.answer = isFree(lock) && !hasWaiters(lock) && !lock.hasHandoff ? 1 : 0;
  if (task.answer === 1) return takeWrite(machine, task, lock);
  tellTrylockFailed(machine, task, { lock, mode: "write" });
  return true;
}

export function upRead(machine: Machine, task: Task): boolean {
  const lock = lockAt(machine, task.arg0, "rwsem");
  const hold = holdOf(task, lock, "read");
  task.answer = 0;
  if (hold === null) return notHeld(machine, task, lock);
  drop(machine, hold);
  lock.readers -= 1;
  if (lock.readers > 0) return true;
  tellSpinner(machine, lock);
  if (!hasWaiters(lock)) return true;
  lock.isNonspinnable = false;
  markWake(machine, lock, "any");
  return true;
}

export function upWrite(machine: Machine, task: Task): boolean {
  const lock = lockAt(machine, task.arg0, "rwsem");
  const hold = holdOf(task, lock, "write");
  task.answer = 0;
  if (hold === null) return notHeld(machine, task, lock);
  drop(machine, hold);
  lock.writer = null;
  lock.isReaderOwned = false;
  tellSpinners(machine, lock);
  markWake(machine, lock, "any");
  return true;
}

function tellSpinners(machine: Machine, lock: Lock): void {
  tellSpinner(machine, lock);
  if (lock.waiterSpinner !== null) poke(machine, lock.waiterSpinner, lock.waiterSpinner.cpu.costs.spinTransfer);
}

export function downgradeWrite(machine: Machine, task: Task): boolean {
  const lock = lockAt(machine, task.arg0, "rwsem");
  const hold = holdOf(task, lock, "write");
  task.answer = 0;
  if (hold === null) return notHeld(machine, task, lock);
  const contended = task.isContended;
  drop(machine, hold);
  lock.writer = null;
  lock.readers += 1;
  lock.isReaderOwned = true;
  task.isContended = false;
  take(machine, task, { lock, mode: "read" });
  task.isContended = contended;
  tellSpinners(machine, lock);
  markWake(machine, lock, "read-owned");
  return true;
}

export function rwsemIsLocked(machine: Machine, task: Task): boolean {
  task.answer = isFree(lockAt(machine, task.arg0, "rwsem")) ? 0 : 1;
  return true;
}

export function rwsemIsContended(machine: Machine, task: Task): boolean {
  task.answer = hasWaiters(lockAt(machine, task.arg0, "rwsem")) ? 1 : 0;
  return true;
}

export function mayDownRead(machine: Machine, task: Task): boolean {
  return !isReadRefused(lockAt(machine, task.arg0, "rwsem"));
}

export function mayDownWrite(machine: Machine, task: Task): boolean {
  const lock = lockAt(machine, task.arg0, "rwsem");
  return isFree(lock) && !hasWaiters(lock) && !lock.hasHandoff;
}
