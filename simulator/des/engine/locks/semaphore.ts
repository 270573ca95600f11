/**
 * Counting semaphores: a FIFO queue; a release hands its place to the first sleeper, nobody can steal it.
 *
 * @source kernel/locking/semaphore.c of 6.12, __down_common, __up
 */
import { beginWait, drop, holdOf, joinQueue, shiftQueue, take, tellTrylockFailed } from "../holds.ts";
import { lockAt, type Lock, type Machine, type Task } from "../machine.ts";
import { sleepFor, wake } from "../wake.ts";

/** The semaphore, with the places it was initialised with when it is first seen. */
function semaphoreAt(machine: Machine, task: Task): Lock {
  const known = machine.locks.get(task.arg0);
  if (known !== undefined && known.kind === "semaphore") return known;
  const lock = lockAt(machine, task.arg0, "semaphore");
  lock.count = task.arg1;
  return lock;
}

export function semaphoreDown(machine: Machine, task: Task): boolean {
  const lock = semaphoreAt(machine, task);
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

/** @returns by answer 1 when it got a place: the caller turns it into what the primitive returns */
export function semaphoreTrylock(machine: Machine, task: Task): boolean {
  const lock = semaphoreAt(machine, task);
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
  const lock = semaphoreAt(machine, task);
  task.answer = 0;
  const hold = holdOf(task, lock, "write") ?? lock.firstHold;
  if (hold !== null) drop(machine, hold);
  const next = shiftQueue(lock);
  if (next === null) {
    lock.count += 1;
    return true;
  }
  next.isGranted = true;
  wake(machine, next, task);
  return true;
}
