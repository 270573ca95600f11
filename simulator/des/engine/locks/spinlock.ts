/**
 * Spinlocks: FIFO, preemption off from the request to the unlock; the _irq forms keep interrupts off as well, while they
 * spin too. A released lock belongs to the first of the queue at once; it has it after the transfer.
 *
 * @source kernel/locking/qspinlock.c, queued_spin_lock_slowpath; include/linux/spinlock_api_smp.h
 */
import { enableInterrupts, poke } from "../cpu.ts";
import { beginWait, drop, holdOf, joinQueue, shiftQueue, take, tellTrylockFailed } from "../holds.ts";
import { lockAt, nameOfLock, violate, type Lock, type Machine, type Task } from "../machine.ts";

/** Switches preemption off, and interrupts for the forms that do. */
export function enterAtomic(task: Task): void {
  const irq = task.site?.site.irq ?? "none";
  task.preemptOff += 1;
  if (irq === "irq" || irq === "irqsave") task.irqOff = 1;
}

/** The irqsave form says by its second argument whether interrupts stay off, as they were before the lock. */
export function leaveAtomic(machine: Machine, task: Task): void {
  const irq = task.site?.site.irq ?? "none";
  if (task.preemptOff > 0) task.preemptOff -= 1;
  if (irq === "irq" || (irq === "irqsave" && task.arg1 === 0)) enableInterrupts(machine, task);
}

export function spinLock(machine: Machine, task: Task): boolean {
  const lock = lockAt(machine, task.arg0, "spinlock");
  enterAtomic(task);
  task.answer = 0;
  if (lock.writer === null) {
    lock.writer = task;
    take(machine, task, { lock, mode: "write" });
    return true;
  }
  if (lock.writer === task) return selfDeadlock(machine, task, lock);
  beginWait(machine, task, { lock, mode: "write", proceed: finish });
  joinQueue(lock, task);
  return false;
}

export function selfDeadlock(machine: Machine, task: Task, lock: Lock): false {
  const message = `${nameOfLock(machine, lock)} is taken again by the task that holds it`;
  return violate(machine, task, { class: "self-deadlock", message });
}

export function notHeld(machine: Machine, task: Task, lock: Lock): false {
  const message = `${nameOfLock(machine, lock)} is released by a task that does not hold it`;
  return violate(machine, task, { class: "unlock-not-held", message });
}

/** The lock was handed over, and the transfer is over. */
function finish(machine: Machine, task: Task): boolean {
  const { lock } = task;
  if (lock === null || lock.writer !== task) return false;
  take(machine, task, { lock, mode: "write" });
  return true;
}

export function spinTrylock(machine: Machine, task: Task): boolean {
  const lock = lockAt(machine, task.arg0, "spinlock");
  task.answer = lock.writer === null ? 1 : 0;
  if (lock.writer !== null) {
    tellTrylockFailed(machine, task, { lock, mode: "write" });
    return true;
  }
  enterAtomic(task);
  lock.writer = task;
  take(machine, task, { lock, mode: "write" });
  return true;
}

export function spinUnlock(machine: Machine, task: Task): boolean {
  const lock = lockAt(machine, task.arg0, "spinlock");
  const hold = holdOf(task, lock, "write");
  task.answer = 0;
  if (hold === null) return notHeld(machine, task, lock);
  drop(machine, hold);
  const next = shiftQueue(lock);
  lock.writer = next;
  if (next !== null) poke(machine, next, next.cpu.costs.spinTransfer);
  leaveAtomic(machine, task);
  return true;
}

export function spinIsLocked(machine: Machine, task: Task): boolean {
  task.answer = lockAt(machine, task.arg0, "spinlock").writer === null ? 0 : 1;
  return true;
}

export function maySpinLock(machine: Machine, task: Task): boolean {
  return lockAt(machine, task.arg0, "spinlock").writer === null;
}
