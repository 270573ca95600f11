/**
 * Wait queues and schedule(): a task enters the queue and sets its state (prepare), looks at its condition itself, and
 * sleeps in schedule() unless it was woken since. A wake-up wakes all who do not wait exclusively and so many of those
 * who do. Only uninterruptible sleep is told as blocked; the other is asleep.
 *
 * @source kernel/sched/wait.c of 6.12, prepare_to_wait, prepare_to_wait_exclusive, __wake_up_common,
 * autoremove_wake_function, finish_wait
 */
import type { Machine, Task } from "../machine.ts";
import { armDeadline, deadlineAfter, jiffiesLeft, sleepFor, sleepForTime, wake } from "../wake.ts";

/** TASK_UNINTERRUPTIBLE. */
const uninterruptible = 2;

/** args: queue or 0 for the state alone, state, exclusive, stays queued when woken. Answers 1 when nobody was queued. */
export function queuePrepare(machine: Machine, task: Task): boolean {
  task.intent = task.arg1;
  task.answer = 0;
  if (task.arg0 === 0) return true;
  let queue = machine.waitQueues.get(task.arg0);
  if (queue === undefined) {
    queue = [];
    machine.waitQueues.set(task.arg0, queue);
  }
  task.answer = queue.length === 0 ? 1 : 0;
  if (task.queueAddress === task.arg0) return true;
  task.queueAddress = task.arg0;
  task.isExclusive = task.arg2 === 1;
  task.staysQueued = task.arg3 === 1;
  if (task.isExclusive) queue.push(task);
  else queue.unshift(task);
  return true;
}

/** args: queue, 1 when the task runs again (finish_wait). */
export function queueFinish(machine: Machine, task: Task): boolean {
  task.answer = 0;
  if (task.arg1 === 1) task.intent = 0;
  removeFromQueue(machine, task);
  return true;
}

function removeFromQueue(machine: Machine, task: Task): void {
  const queue = machine.waitQueues.get(task.queueAddress);
  const at = queue?.indexOf(task) ?? -1;
  if (at >= 0) queue?.splice(at, 1);
  task.queueAddress = -1;
}

export function queueActive(machine: Machine, task: Task): boolean {
  task.answer = (machine.waitQueues.get(task.arg0)?.length ?? 0) > 0 ? 1 : 0;
  return true;
}

/** args: jiffies or -1. Sleeps in the state that the task has set; when it was woken since, it goes on. */
export function scheduleAway(machine: Machine, task: Task): boolean {
  const deadlineNs = deadlineAfter(machine, task.arg0);
  task.answer = task.arg0 < 0 ? 0 : task.arg0;
  if (task.intent === 0 || task.arg0 === 0) {
    task.intent = 0;
    return true;
  }
  task.deadlineNs = deadlineNs;
  task.proceed = wokenUp;
  task.phase = "wait";
  if ((task.intent & uninterruptible) !== 0) sleepFor(machine, task, null);
  else sleepForTime(machine, task, Infinity);
  armDeadline(machine, task);
  return false;
}

/** Back from schedule(), by a wake-up or because the time is over. */
function wokenUp(machine: Machine, task: Task): boolean {
  task.intent = 0;
  task.answer = task.deadlineNs < 0 ? 0 : jiffiesLeft(machine, task.deadlineNs);
  task.deadlineNs = -1;
  task.proceed = null;
  task.phase = "go";
  return true;
}

/** args: queue, how many exclusive waiters (0: all), states that are woken. */
export function wakeUp(machine: Machine, task: Task): boolean {
  const queue = machine.waitQueues.get(task.arg0);
  task.answer = 0;
  if (queue === undefined || queue.length === 0) return true;
  let exclusive = task.arg1;
  for (const waiter of [...queue]) {
    if (!wakeWaiter(machine, waiter, task, task.arg2)) continue;
    if (!waiter.staysQueued) removeFromQueue(machine, waiter);
    if (!waiter.isExclusive) continue;
    exclusive -= 1;
    if (exclusive === 0) break;
  }
  return true;
}

/** args: number of the task, states that are woken. Answers 1 when it slept or was about to. */
export function wakeUpProcess(machine: Machine, task: Task): boolean {
  const woken = machine.tasks[task.arg0];
  task.answer = woken !== undefined && wakeWaiter(machine, woken, task, task.arg1) ? 1 : 0;
  return true;
}

/** A task that does not sleep yet will not; one that waits for a lock is not woken from that. */
function wakeWaiter(machine: Machine, waiter: Task, waker: Task, mode: number): boolean {
  if ((waiter.intent & mode) === 0) return false;
  waiter.intent = 0;
  if (waiter.proceed === wokenUp) wake(machine, waiter, waker);
  return true;
}
