/**
 * Mutexes: optimistic spinning on an owner that runs, then a FIFO queue of sleepers. An unlock wakes the first, who must win
 * the lock against spinners and newcomers; when it fails once it sets HANDOFF and gets the lock from the next unlock.
 *
 * @source kernel/locking/mutex.c of 6.12: __mutex_trylock_common, mutex_optimistic_spin, __mutex_lock_common,
 * __mutex_unlock_slowpath
 */
import { poke } from "../cpu.ts";
import { beginWait, drop, holdOf, joinQueue, leaveQueue, take, tellTrylockFailed } from "../holds.ts";
import { lockAt, type Lock, type Machine, type Task } from "../machine.ts";
import { sleepFor, wake } from "../wake.ts";
import { isOnCpu, joinSpinners, leaveSpinners, steps, tellSpinner } from "./optimistic.ts";
import { notHeld, selfDeadlock } from "./spinlock.ts";

/** __mutex_trylock: a free lock, or one that was handed to this task. The waiters flag does not matter. */
function tryTake(lock: Lock, task: Task): boolean {
  if (lock.writer !== null && !(lock.isPickup && lock.writer === task)) return false;
  lock.isPickup = false;
  lock.writer = task;
  return true;
}

export function mutexLock(machine: Machine, task: Task): boolean {
  const lock = lockAt(machine, task.arg0, "mutex");
  task.answer = 0;
  if (tryTake(lock, task)) {
    take(machine, task, { lock, mode: "write" });
    return true;
  }
  if (lock.writer === task) return selfDeadlock(machine, task, lock);
  beginWait(machine, task, { lock, mode: "write", proceed });
  if (task.cpu.needResched || !isOwnerSpinnable(lock)) return enqueue(machine, task, lock);
  if (joinSpinners(lock, task)) return spin(machine, task, lock);
  return false;
}

/** mutex_can_spin_on_owner: the owner runs, or there is none. */
function isOwnerSpinnable(lock: Lock): boolean {
  return lock.writer === null || isOnCpu(lock.writer);
}

function proceed(machine: Machine, task: Task): boolean {
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
      return retry(machine, task, lock);
  }
}

/** One look of the spinner at the head: take a free lock, go on while the owner runs and the CPU is not wanted. */
function spin(machine: Machine, task: Task, lock: Lock): boolean {
  if (tryTake(lock, task)) {
    leaveSpinners(machine, lock, task);
    take(machine, task, { lock, mode: "write" });
    return true;
  }
  if (task.cpu.needResched || !isOwnerSpinnable(lock)) return stopSpinning(machine, task, lock);
  return false;
}

function stopSpinning(machine: Machine, task: Task, lock: Lock): boolean {
  leaveSpinners(machine, lock, task);
  return enqueue(machine, task, lock);
}

/** Joins the queue; tries once more under the wait lock before it sleeps. */
function enqueue(machine: Machine, task: Task, lock: Lock): boolean {
  if (tryTake(lock, task)) {
    take(machine, task, { lock, mode: "write" });
    return true;
  }
  joinQueue(lock, task);
  task.step = steps.waiter;
  sleepFor(machine, task, lock);
  return false;
}

/**
 * A woken waiter: takes the lock, or, being first, asks for hand-off (__mutex_trylock_or_handoff) and spins on the owner
 * without the OSQ.
 */
function retry(machine: Machine, task: Task, lock: Lock): boolean {
  if (tryTake(lock, task)) return takeAsWaiter(machine, task, lock);
  if (lock.first !== task) {
    sleepFor(machine, task, lock);
    return false;
  }
  if (!lock.isPickup) lock.hasHandoff = true;
  if (task.cpu.needResched || !isOwnerSpinnable(lock)) {
    sleepFor(machine, task, lock);
    return false;
  }
  task.step = steps.spinningWaiter;
  task.preemptOff += 1;
  task.watchesResched = true;
  lock.waiterSpinner = task;
  return false;
}

function spinAsWaiter(machine: Machine, task: Task, lock: Lock): boolean {
  const isTaken = tryTake(lock, task);
  if (!isTaken && !task.cpu.needResched && isOwnerSpinnable(lock)) return false;
  task.step = steps.waiter;
  task.preemptOff -= 1;
  task.watchesResched = false;
  lock.waiterSpinner = null;
  if (isTaken) return takeAsWaiter(machine, task, lock);
  sleepFor(machine, task, lock);
  return false;
}

/** With the last waiter the flags go (__mutex_remove_waiter). */
function takeAsWaiter(machine: Machine, task: Task, lock: Lock): boolean {
  leaveQueue(lock, task);
  if (lock.first === null) lock.hasHandoff = false;
  take(machine, task, { lock, mode: "write" });
  return true;
}

export function mutexTrylock(machine: Machine, task: Task): boolean {
  const lock = lockAt(machine, task.arg0, "mutex");
  task.answer = tryTake(lock, task) ? 1 : 0;
  if (task.answer === 1) take(machine, task, { lock, mode: "write" });
  else tellTrylockFailed(machine, task, { lock, mode: "write" });
  return true;
}

export function mutexUnlock(machine: Machine, task: Task): boolean {
  const lock = lockAt(machine, task.arg0, "mutex");
  const hold = holdOf(task, lock, "write");
  task.answer = 0;
  if (hold === null) return notHeld(machine, task, lock);
  drop(machine, hold);
  const { first } = lock;
  if (lock.hasHandoff && first !== null) {
    lock.writer = first;
    lock.isPickup = true;
    lock.hasHandoff = false;
  } else {
    lock.writer = null;
  }
  tellSpinner(machine, lock);
  if (lock.waiterSpinner !== null) poke(machine, lock.waiterSpinner, lock.waiterSpinner.cpu.costs.spinTransfer);
  if (first !== null) wake(machine, first, task);
  return true;
}

export function mutexIsLocked(machine: Machine, task: Task): boolean {
  task.answer = lockAt(machine, task.arg0, "mutex").writer === null ? 0 : 1;
  return true;
}

export function mayMutexLock(machine: Machine, task: Task): boolean {
  return lockAt(machine, task.arg0, "mutex").writer === null;
}
