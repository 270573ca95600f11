/**
 * Counting semaphores: a FIFO queue; a release hands its place to the first sleeper, nobody can steal it.
 *
 * @source kernel/locking/semaphore.c of 6.12, __down_common, __up
 */
import { beginWait, drop, holdOf, joinQueue, shiftQueue, take, tellTrylockFailed } from "../holds.ts";
import { lockAt, type Machine, type Task } from "../machine.ts";
import { sleepFor, wake } from "../wake.ts";

/** args: the semaphore, its places. */
export function semaphoreInit(machine: Machine, task: Task): boolean {
  lockAt(machine, task.arg0, "semaphore").count = task.arg1;
  task.answer = 0;
  return true;
}

export function semaphoreDown(machine: Machine, task: Task): boolean {
  const lock = lockAt(machine, task.arg0, "semaphore");
  task.answer = 0;
  if (lock.count > 0) {
    lock.count -= 1;
    take(machine, task, { lock, mode: "write" });
    return true;
  }
  beginWait(machine, task, { lock, mode: "write", proceed: finish });
  task.isGranted = false;
  joinQueue(lock, task);
  sleepFor(machine, task, lock);
  return false;
}

function finish(machine: Machine, task: Task): boolean {
  const { lock } = task;
  if (lock === null || !task.isGranted) return false;
  take(machine, task, { lock, mode: "write" });
  return true;
}

/** Answers 1 when it got a place. */
export function semaphoreTrylock(machine: Machine, task: Task): boolean {
  const lock = lockAt(machine, task.arg0, "semaphore");
  task.answer = lock.count > 0 ? 1 : 0;
  if (task.answer === 0) {
    tellTrylockFailed(machine, task, { lock, mode: "write" });
    return true;
  }
  lock.count -= 1;
  take(machine, task, { lock, mode: "write" });
  return true;
}

/** Anybody may release: the task's own place, else the one held longest; with none held the count just grows. */
export function semaphoreUp(machine: Machine, task: Task): boolean {
  const lock = lockAt(machine, task.arg0, "semaphore");
  task.answer = 0;
  const hold = holdOf(task, lock, "write") ?? lock.firstHold;
  if (hold !== null) drop(machine, hold);
  const next = shiftQueue(lock);
  if (next === null) {
    lock.count += 1;
    machine.lockChanges += 1;
    return true;
  }
  next.isGranted = true;
  wake(machine, next, task);
  return true;
}

export function maySemaphoreDown(machine: Machine, task: Task): boolean {
  return lockAt(machine, task.arg0, "semaphore").count > 0;
}
