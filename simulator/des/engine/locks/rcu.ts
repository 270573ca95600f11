/**
 * RCU and SRCU: the read side is free. A grace period lasts as long as is drawn between the profile's bounds, and until
 * every read section has ended that was open when it began.
 *
 * @source simulator.md, DES; kernel/rcu/tree.c, synchronize_rcu
 */
import { violate, type GracePeriod, type Machine, type Task } from "../machine.ts";
import { sleepFor, wake } from "../wake.ts";

/** The engine's own stream of chance for grace periods. */
const gracePeriodStream = -1;

/** The address that stands for RCU itself, which no srcu_struct has. */
const rcuDomain = -1;

export function rcuReadLock(_machine: Machine, task: Task): boolean {
  task.readSections += 1;
  task.answer = 0;
  return true;
}

export function rcuReadUnlock(machine: Machine, task: Task): boolean {
  task.answer = 0;
  if (task.readSections === 0) {
    return violate(machine, task, { class: "rcu-misuse", message: "rcu_read_unlock without rcu_read_lock" });
  }
  task.readSections -= 1;
  if (task.readSections === 0) leaveSections(machine, task, rcuDomain);
  return true;
}

/** args: the srcu_struct. The answer is the index that the primitive returns. */
export function srcuReadLock(_machine: Machine, task: Task): boolean {
  task.srcuSections.push(task.arg0);
  task.answer = 0;
  return true;
}

export function srcuReadUnlock(machine: Machine, task: Task): boolean {
  const at = task.srcuSections.lastIndexOf(task.arg0);
  task.answer = 0;
  if (at < 0) return violate(machine, task, { class: "rcu-misuse", message: "srcu_read_unlock without srcu_read_lock" });
  task.srcuSections.splice(at, 1);
  if (!task.srcuSections.includes(task.arg0)) leaveSections(machine, task, task.arg0);
  return true;
}

export function synchronizeRcu(machine: Machine, task: Task): boolean {
  if (task.readSections > 0) {
    return violate(machine, task, { class: "rcu-misuse", message: "a grace period is waited for inside a read section" });
  }
  return waitForGracePeriod(machine, task, rcuDomain);
}

export function synchronizeSrcu(machine: Machine, task: Task): boolean {
  if (task.srcuSections.includes(task.arg0)) {
    return violate(machine, task, { class: "rcu-misuse", message: "a grace period is waited for inside a read section" });
  }
  return waitForGracePeriod(machine, task, task.arg0);
}

function waitForGracePeriod(machine: Machine, task: Task, domain: number): boolean {
  task.answer = 0;
  beginGracePeriod(machine, task, domain).waiter = task;
  task.proceed = waited;
  task.phase = "wait";
  sleepFor(machine, task, null);
  return false;
}

function waited(_machine: Machine, task: Task): boolean {
  task.proceed = null;
  task.phase = "go";
  return true;
}

function beginGracePeriod(machine: Machine, task: Task, domain: number): GracePeriod {
  const { loNs, hiNs } = machine.gracePeriod;
  const share = machine.streams.uniform(task.id, gracePeriodStream);
  const period: GracePeriod = {
    domain,
    dueNs: machine.now + Math.floor(loNs + share * (hiNs - loNs)),
    readers: new Set(machine.tasks.filter((reader) => isReading(reader, domain))),
    waiter: null,
    callback: null,
  };
  machine.gracePeriods.push(period);
  armGracePeriods(machine);
  return period;
}

function isReading(task: Task, domain: number): boolean {
  return domain === rcuDomain ? task.readSections > 0 : task.srcuSections.includes(domain);
}

/** The task has left its last section: one reader less for those who wait for it. */
function leaveSections(machine: Machine, task: Task, domain: number): void {
  if (machine.gracePeriods.length === 0) return;
  for (const period of machine.gracePeriods) if (period.domain === domain) period.readers.delete(task);
  endGracePeriods(machine);
}

/** Ends what has lasted long enough and has no readers left, in the order in which they began. */
export function endGracePeriods(machine: Machine): void {
  const over = machine.gracePeriods.filter((period) => period.dueNs <= machine.now && period.readers.size === 0);
  if (over.length > 0) machine.gracePeriods = machine.gracePeriods.filter((period) => !over.includes(period));
  armGracePeriods(machine);
  for (const { waiter } of over) if (waiter !== null) wake(machine, waiter, null);
}

function armGracePeriods(machine: Machine): void {
  const due = machine.gracePeriods.filter(({ dueNs }) => dueNs > machine.now).map(({ dueNs }) => dueNs);
  if (due.length === 0) machine.heap.disarm(machine.gracePeriodSlot);
  else machine.heap.arm(machine.gracePeriodSlot, Math.min(...due));
}
