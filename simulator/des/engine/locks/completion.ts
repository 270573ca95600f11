/**
 * Completions: each complete() lets one waiter through, the longest first; complete_all() lets all through from then on.
 *
 * @source kernel/sched/completion.c of 6.12, do_wait_for_common, complete, complete_all
 */
import { beginWait, endWait, joinQueue, shiftQueue, tellTaken } from "../holds.ts";
import { lockAt, type Lock, type Machine, type Task } from "../machine.ts";
import { sleepFor, wake } from "../wake.ts";

export function completionWait(machine: Machine, task: Task): boolean {
  const lock = lockAt(machine, task.arg0, "completion");
  task.answer = 0;
  if (lock.count > 0) return pass(machine, task, lock);
  beginWait(machine, task, { lock, mode: "write", proceed });
  joinQueue(lock, task);
  sleepFor(machine, task, lock);
  return false;
}

function pass(machine: Machine, task: Task, lock: Lock): true {
  lock.count -= 1;
  if (task.isWaiting) endWait(machine, task);
  tellTaken(machine, task, { lock, mode: "write" });
  return true;
}

/** A woken waiter whose completion another has taken waits again. */
function proceed(machine: Machine, task: Task): boolean {
  const { lock } = task;
  if (lock === null) return false;
  if (lock.count > 0) return pass(machine, task, lock);
  joinQueue(lock, task);
  sleepFor(machine, task, lock);
  return false;
}

export function complete(machine: Machine, task: Task): boolean {
  const lock = lockAt(machine, task.arg0, "completion");
  task.answer = 0;
  lock.count += 1;
  const first = shiftQueue(lock);
  if (first !== null) wake(machine, first, task);
  return true;
}

export function completeAll(machine: Machine, task: Task): boolean {
  const lock = lockAt(machine, task.arg0, "completion");
  task.answer = 0;
  lock.count = Infinity;
  for (let first = shiftQueue(lock); first !== null; first = shiftQueue(lock)) wake(machine, first, task);
  return true;
}

export function completionDone(machine: Machine, task: Task): boolean {
  task.answer = lockAt(machine, task.arg0, "completion").count > 0 ? 1 : 0;
  return true;
}

export function completionReinit(machine: Machine, task: Task): boolean {
  lockAt(machine, task.arg0, "completion").count = 0;
  task.answer = 0;
  return true;
}
