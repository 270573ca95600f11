/**
 * Wait queues and schedule(): a task enters the queue (prepare), looks at its condition itself, and sleeps in schedule()
 * unless it was woken since it entered. A wake-up wakes all who do not wait exclusively and so many of those who do.
 *
 * @source kernel/sched/wait.c of 6.12, prepare_to_wait, prepare_to_wait_exclusive, __wake_up_common, finish_wait
 */
import type { Machine, Task } from "../machine.ts";
import { sleepFor, wake } from "../wake.ts";

/** The tasks in a queue, in its order: not exclusive ones in front, the latest first. */
export type WaitQueue = Task[];

function queueAt(machine: Machine, address: number): WaitQueue {
  let queue = machine.waitQueues.get(address);
  if (queue === undefined) {
    queue = [];
    machine.waitQueues.set(address, queue);
  }
  return queue;
}

/** args: the queue, 1 when exclusive. In the queue already: only the state is set again. */
export function queuePrepare(machine: Machine, task: Task): boolean {
  const queue = queueAt(machine, task.arg0);
  task.answer = 0;
  task.mayStop = true;
  if (task.queueAddress === task.arg0 && queue.includes(task)) return true;
  task.queueAddress = task.arg0;
  task.isExclusive = task.arg1 === 1;
  if (task.isExclusive) queue.push(task);
  else queue.unshift(task);
  return true;
}

export function queueFinish(machine: Machine, task: Task): boolean {
  task.mayStop = false;
  task.answer = 0;
  removeFrom(machine, task);
  return true;
}

function removeFrom(machine: Machine, task: Task): void {
  const queue = machine.waitQueues.get(task.queueAddress);
  const at = queue?.indexOf(task) ?? -1;
  if (at >= 0) queue?.splice(at, 1);
  task.queueAddress = -1;
}

/** Sleeps when the task has said so and was not woken since; else it only gives way. */
export function scheduleAway(machine: Machine, task: Task): boolean {
  task.answer = 0;
  if (!task.mayStop) return true;
  task.proceed = wokenUp;
  task.phase = "wait";
  sleepFor(machine, task, null);
  return false;
}

function wokenUp(_machine: Machine, task: Task): boolean {
  task.proceed = null;
  task.phase = "go";
  return true;
}

/** args: the queue, number of exclusive waiters to wake (0: all). Who is woken leaves the queue (autoremove). */
export function wakeUp(machine: Machine, task: Task): boolean {
  const queue = queueAt(machine, task.arg0);
  task.answer = 0;
  let exclusive = task.arg1;
  for (const waiter of [...queue]) {
    queue.splice(queue.indexOf(waiter), 1);
    waiter.queueAddress = -1;
    wakeWaiter(machine, waiter, task);
    if (!waiter.isExclusive) continue;
    exclusive -= 1;
    if (exclusive === 0) break;
  }
  return true;
}

/** args: number of the task. */
export function wakeUpProcess(machine: Machine, task: Task): boolean {
  const woken = machine.tasks[task.arg0];
  task.answer = woken !== undefined && woken.mayStop ? 1 : 0;
  if (woken !== undefined && woken.mayStop) wakeWaiter(machine, woken, task);
  return true;
}

/** TASK_RUNNING: a task that does not sleep yet will not. Who waits for a lock is not woken from that. */
function wakeWaiter(machine: Machine, waiter: Task, waker: Task): void {
  waiter.mayStop = false;
  if (waiter.proceed === wokenUp) wake(machine, waiter, waker);
}
