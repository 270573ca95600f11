/**
 * Optimistic spinning of mutexes and rwsem writers: one spinner at the head looks at the owner, the others queue behind it
 * (OSQ, an MCS lock). A spinner has preemption off and stops when its CPU is wanted.
 *
 * @source kernel/locking/osq_lock.c; kernel/locking/mutex.c, mutex_optimistic_spin; rwsem.c, rwsem_optimistic_spin
 */
import { poke } from "../cpu.ts";
import type { Lock, Machine, Task } from "../machine.ts";

/** Where a waiter stands in the rules, Task.step. */
export const steps = {
  /** Queued behind the spinner (OSQ). */ queuedSpinner: 1,
  /** Spins at the head, and looks at the owner. */ spinner: 2,
  /** In the lock's queue: sleeps, or tries after a wake-up. */ waiter: 3,
  /** In the lock's queue and first: spins on the owner once more. */ spinningWaiter: 4,
} as const;

/** @source kernel/locking/rwsem.c, owner_on_cpu */
export function isOnCpu(task: Task): boolean {
  const { current, interrupted } = task.cpu;
  return current === task || interrupted?.task === task;
}

/** Begins to spin: as the head, or behind it. @returns whether the task is at the head */
export function joinSpinners(lock: Lock, task: Task): boolean {
  task.preemptOff += 1;
  task.watchesResched = true;
  if (lock.spinner === null) {
    lock.spinner = task;
    task.step = steps.spinner;
    return true;
  }
  lock.spinQueue.push(task);
  task.step = steps.queuedSpinner;
  return false;
}

/** Stops to spin; the next in the OSQ becomes the head. */
export function leaveSpinners(machine: Machine, lock: Lock, task: Task): void {
  task.preemptOff -= 1;
  task.watchesResched = false;
  if (lock.spinner !== task) {
    lock.spinQueue.splice(lock.spinQueue.indexOf(task), 1);
    return;
  }
  const next = lock.spinQueue.shift() ?? null;
  lock.spinner = next;
  if (next === null) return;
  next.step = steps.spinner;
  next.spinLimitNs = -1;
  poke(machine, next, next.cpu.costs.spinTransfer);
}

/** The lock's word has changed: the spinner at the head sees it after the transfer. */
export function tellSpinner(machine: Machine, lock: Lock): void {
  if (lock.spinner !== null) poke(machine, lock.spinner, lock.spinner.cpu.costs.spinTransfer);
}
