/**
 * The folio lock: one bit, no spinning, a FIFO queue. An unlock wakes the waiters from the head up to the first that wants
 * the lock; that one must win the bit, and loses its place when it does not. After five such tries the unlocker gives it
 * the bit. Waiters of unrelated folios share 256 queues: an unlock with waiters looks through all of its queue.
 *
 * @source mm/filemap.c of 6.12, folio_wait_bit_common, wake_page_function, folio_wake_bit; sysctl_page_lock_unfairness
 */
import { beginWait, drop, endWait, holdOf, joinQueue, leaveQueue, take, tellTrylockFailed } from "../holds.ts";
import { lockAt, nameOfLock, violate, type Lock, type Machine, type Task } from "../machine.ts";
import { touchLine } from "../costs.ts";
import { sleepFor, wake } from "../wake.ts";

const unfairTries = 5;
/** Lines of the wait queues lie below the memory of the model. */
const firstTableLine = 1;

/** One of 256 by hash_ptr: a multiplication by the golden ratio. @source include/linux/hash.h */
function tableOf(address: number): number {
  return Math.imul(address, 0x61c88647) >>> 24;
}

export function folioLock(machine: Machine, task: Task): boolean {
  const lock = lockAt(machine, task.arg0, "folio");
  task.answer = 0;
  if (lock.count === 0) {
    lock.count = 1;
    take(machine, task, { lock, mode: "write" });
    return true;
  }
  beginWait(machine, task, { lock, mode: "write", proceed });
  task.patience = unfairTries;
  queueUp(machine, task, lock);
  return false;
}

/** Joins the queue at its end; from the sixth time on as one who is given the bit. */
function queueUp(machine: Machine, task: Task, lock: Lock): void {
  task.patience -= 1;
  task.isGranted = false;
  joinQueue(lock, task);
  const table = tableOf(lock.address);
  machine.folioWaiters[table] = (machine.folioWaiters[table] ?? 0) + 1;
  touchLine(machine, task.cpu, (firstTableLine + table) * 64);
  sleepFor(machine, task, lock);
}

function proceed(machine: Machine, task: Task): boolean {
  const { lock } = task;
  if (lock === null) return false;
  if (!task.isGranted && lock.count === 1) {
    queueUp(machine, task, lock);
    return false;
  }
  lock.count = 1;
  take(machine, task, { lock, mode: "write" });
  return true;
}

export function folioTrylock(machine: Machine, task: Task): boolean {
  const lock = lockAt(machine, task.arg0, "folio");
  task.answer = lock.count === 0 ? 1 : 0;
  if (task.answer === 0) {
    tellTrylockFailed(machine, task, { lock, mode: "write" });
    return true;
  }
  lock.count = 1;
  take(machine, task, { lock, mode: "write" });
  return true;
}

/** The bit has no owner: any task may clear it, but not when it is not set. */
export function folioUnlock(machine: Machine, task: Task): boolean {
  const lock = lockAt(machine, task.arg0, "folio");
  const hold = holdOf(task, lock, "write") ?? lock.firstHold;
  task.answer = 0;
  if (lock.count === 0) {
    const message = `${nameOfLock(machine, lock)} is unlocked and was not locked`;
    return violate(machine, task, { class: "unlock-not-held", message });
  }
  if (hold !== null) drop(machine, hold);
  lock.count = 0;
  if (lock.first !== null) wakeWaiters(machine, task, lock);
  return true;
}

/** folio_wake_bit: walks the shared queue, wakes who only waits, and the first who wants the lock. */
function wakeWaiters(machine: Machine, task: Task, lock: Lock): void {
  const table = tableOf(lock.address);
  const shared = machine.folioWaiters;
  task.debtNs += touchLine(machine, task.cpu, (firstTableLine + table) * 64);
  task.debtNs += (shared[table] ?? 0) * task.cpu.costs.plainShared;
  for (let waiter = lock.first; waiter !== null; waiter = lock.first) {
    leaveQueue(lock, waiter);
    shared[table] = (shared[table] ?? 0) - 1;
    const wantsLock = waiter.patience !== onlyWaits;
    if (wantsLock && waiter.patience < 0) {
      lock.count = 1;
      waiter.isGranted = true;
    }
    wake(machine, waiter, task);
    if (wantsLock) return;
  }
}

/** Patience of folio_wait_locked. */
const onlyWaits = 1000;

export function folioWaitLocked(machine: Machine, task: Task): boolean {
  const lock = lockAt(machine, task.arg0, "folio");
  task.answer = 0;
  if (lock.count === 0) return true;
  beginWait(machine, task, { lock, mode: "write", proceed: finishWaiting });
  task.patience = onlyWaits + 1;
  queueUp(machine, task, lock);
  return false;
}

/** Who only waits is done once woken, whatever the bit is then; nothing was taken. */
function finishWaiting(machine: Machine, task: Task): boolean {
  endWait(machine, task);
  task.isContended = false;
  return true;
}

export function folioTestLocked(machine: Machine, task: Task): boolean {
  task.answer = lockAt(machine, task.arg0, "folio").count;
  return true;
}

export function mayFolioLock(machine: Machine, task: Task): boolean {
  return lockAt(machine, task.arg0, "folio").count === 0;
}
