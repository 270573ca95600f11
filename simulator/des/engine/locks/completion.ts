/**
 * Completions: each complete() lets one waiter through, the longest first; complete_all() lets all through from then on.
 *
 * @source kernel/sched/completion.c of 6.12, do_wait_for_common, complete, complete_all, try_wait_for_completion
 */
import { beginWait, endWait, joinQueue, leaveQueue, shiftQueue, tellTaken, tellTrylockFailed } from "../holds.ts";
import { lockAt, type Lock, type Machine, type Task } from "../machine.ts";
import { armDeadline, deadlineAfter, jiffiesLeft, sleepFor, wake } from "../wake.ts";

/** args: completion, jiffies or -1. Answers 1 or the jiffies left (at least 1), 0 when the time is over. */
export function completionWait(machine: Machine, task: Task): boolean {
  const lock = lockAt(machine, task.arg0, "completion");
  task.deadlineNs = deadlineAfter(machine, task.arg1);
  if (lock.count > 0) return pass(machine, task, lock);
  task.answer = 0;
  if (task.arg1 === 0) return true;
  beginWait(machine, task, { lock, mode: "write", proceed });
  wait(machine, task, lock);
  return false;
}

function wait(machine: Machine, task: Task, lock: Lock): void {
  joinQueue(lock, task);
  task.isGranted = false;
  sleepFor(machine, task, lock);
  armDeadline(machine, task);
}

function pass(machine: Machine, task: Task, lock: Lock): true {
  lock.count -= 1;
  task.answer = task.deadlineNs < 0 ? 1 : Math.max(1, jiffiesLeft(machine, task.deadlineNs));
  task.deadlineNs = -1;
  if (task.isWaiting) endWait(machine, task);
  tellTaken(machine, task, { lock, mode: "write" });
  return true;
}

/** A woken waiter whose completion another has taken waits again, unless its time is over. */
function proceed(machine: Machine, task: Task): boolean {
  const { lock } = task;
  if (lock === null) return false;
  if (!task.isGranted) leaveQueue(lock, task);
  if (lock.count > 0) return pass(machine, task, lock);
  if (task.deadlineNs < 0 || machine.now < task.deadlineNs) {
    wait(machine, task, lock);
    return false;
  }
  task.deadlineNs = -1;
  task.isContended = false;
  task.answer = 0;
  endWait(machine, task);
  return true;
}

export function completionTryWait(machine: Machine, task: Task): boolean {
  const lock = lockAt(machine, task.arg0, "completion");
  task.deadlineNs = -1;
  if (lock.count > 0) return pass(machine, task, lock);
  task.answer = 0;
  tellTrylockFailed(machine, task, { lock, mode: "write" });
  return true;
}

function letThrough(machine: Machine, lock: Lock, waker: Task): boolean {
  const first = shiftQueue(lock);
  if (first === null) return false;
  first.isGranted = true;
  wake(machine, first, waker);
  return true;
}

export function complete(machine: Machine, task: Task): boolean {
  const lock = lockAt(machine, task.arg0, "completion");
  task.answer = 0;
  lock.count += 1;
  machine.lockChanges += 1;
  letThrough(machine, lock, task);
  return true;
}

export function completeAll(machine: Machine, task: Task): boolean {
  const lock = lockAt(machine, task.arg0, "completion");
  task.answer = 0;
  lock.count = Infinity;
  machine.lockChanges += 1;
  while (letThrough(machine, lock, task));
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

export function mayPassCompletion(machine: Machine, task: Task): boolean {
  return lockAt(machine, task.arg0, "completion").count > 0;
}
