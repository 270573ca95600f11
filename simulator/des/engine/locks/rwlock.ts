/**
 * rwlocks: FIFO. A reader has the lock at once when no writer holds it or is first in the queue; queued readers are let in
 * together up to the next writer. Preemption as with spinlocks.
 *
 * @source kernel/locking/qrwlock.c, queued_read_lock_slowpath, queued_write_lock_slowpath
 */
import { poke } from "../cpu.ts";
import { beginWait, drop, holdOf, joinQueue, leaveQueue, shiftQueue, take, tellTrylockFailed } from "../holds.ts";
import type { LockMode } from "../../recorder.ts";
import { lockAt, type Lock, type Machine, type Task } from "../machine.ts";
import { enterAtomic, leaveAtomic, notHeld, selfDeadlock } from "./spinlock.ts";

/** How the lock decides between readers and writers; the oracles' locks prefer one side. */
function mayEnter(machine: Machine, lock: Lock, mode: LockMode): boolean {
  if (lock.writer !== null) return false;
  if (mode === "write" && lock.readers > 0) return false;
  switch (machine.oracleRwlock) {
    case null:
      return lock.first === null;
    case "writer":
      return mode === "write" || lock.writeWaiters === 0;
    case "reader":
      return mode === "read" || lock.readWaiters === 0;
  }
}

function enter(lock: Lock, task: Task, mode: LockMode): void {
  if (mode === "write") lock.writer = task;
  else lock.readers += 1;
}

function request(machine: Machine, task: Task, mode: LockMode): boolean {
  const lock = lockAt(machine, task.arg0, "rwlock");
  enterAtomic(task);
  task.answer = 0;
  if (mayEnter(machine, lock, mode)) {
    enter(lock, task, mode);
    take(machine, task, { lock, mode });
    return true;
  }
  if (lock.writer === task || (mode === "write" && holdOf(task, lock, "read") !== null)) {
    return selfDeadlock(machine, task, lock);
  }
  beginWait(machine, task, { lock, mode, proceed: finish });
  task.isGranted = false;
  joinQueue(lock, task);
  return false;
}

function finish(machine: Machine, task: Task): boolean {
  const { lock, mode } = task;
  if (lock === null || !task.isGranted) return false;
  take(machine, task, { lock, mode });
  return true;
}

function tryRequest(machine: Machine, task: Task, mode: LockMode): boolean {
  const lock = lockAt(machine, task.arg0, "rwlock");
  task.answer = mayEnter(machine, lock, mode) ? 1 : 0;
  if (task.answer === 0) {
    tellTrylockFailed(machine, task, { lock, mode });
    return true;
  }
  enterAtomic(task);
  enter(lock, task, mode);
  take(machine, task, { lock, mode });
  return true;
}

function release(machine: Machine, task: Task, mode: LockMode): boolean {
  const lock = lockAt(machine, task.arg0, "rwlock");
  const hold = holdOf(task, lock, mode);
  task.answer = 0;
  if (hold === null) return notHeld(machine, task, lock);
  drop(machine, hold);
  if (mode === "write") lock.writer = null;
  else lock.readers -= 1;
  if (machine.oracleRwlock === null) letIn(machine, lock);
  else letInPreferred(machine, lock, machine.oracleRwlock);
  leaveAtomic(machine, task);
  return true;
}

/** Lets in from the head of the queue who may: readers up to a writer, or one writer. */
function letIn(machine: Machine, lock: Lock): void {
  for (let first = lock.first; first !== null; first = lock.first) {
    if (lock.writer !== null || (first.mode === "write" && lock.readers > 0)) return;
    shiftQueue(lock);
    grant(machine, lock, first);
  }
}

/** The oracles' rule: all readers together; the other side only when none of the preferred waits. */
function letInPreferred(machine: Machine, lock: Lock, preferred: "writer" | "reader"): void {
  if (lock.writer !== null || lock.queued === 0) return;
  const isRead = preferred === "reader" ? hasQueued(lock, "read") : !hasQueued(lock, "write");
  if (!isRead && lock.readers > 0) return;
  for (let task = lock.first; task !== null;) {
    const { next } = task;
    if (task.mode === (isRead ? "read" : "write")) {
      leaveQueue(lock, task);
      grant(machine, lock, task);
      if (!isRead) return;
    }
    task = next;
  }
}

function hasQueued(lock: Lock, mode: LockMode): boolean {
  for (let task = lock.first; task !== null; task = task.next) if (task.mode === mode) return true;
  return false;
}

function grant(machine: Machine, lock: Lock, task: Task): void {
  enter(lock, task, task.mode);
  task.isGranted = true;
  poke(machine, task, task.cpu.costs.spinTransfer);
}

export const readLock = (machine: Machine, task: Task): boolean => request(machine, task, "read");
export const writeLock = (machine: Machine, task: Task): boolean => request(machine, task, "write");
export const readTrylock = (machine: Machine, task: Task): boolean => tryRequest(machine, task, "read");
export const writeTrylock = (machine: Machine, task: Task): boolean => tryRequest(machine, task, "write");
export const readUnlock = (machine: Machine, task: Task): boolean => release(machine, task, "read");
export const writeUnlock = (machine: Machine, task: Task): boolean => release(machine, task, "write");

export function mayReadLock(machine: Machine, task: Task): boolean {
  return mayEnter(machine, lockAt(machine, task.arg0, "rwlock"), "read");
}

export function mayWriteLock(machine: Machine, task: Task): boolean {
  return mayEnter(machine, lockAt(machine, task.arg0, "rwlock"), "write");
}
