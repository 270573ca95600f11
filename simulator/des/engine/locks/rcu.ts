/**
 * RCU and SRCU: the read side is free. A grace period lasts as long as is drawn between the profile's bounds, and until
 * every read section has ended that was open when it began.
 *
 * @source simulator.md, DES; kernel/rcu/tree.c, synchronize_rcu
 */
import { violate, type GracePeriod, type Machine, type Task } from "../machine.ts";
import { sleepFor, sleepForTime, wake } from "../wake.ts";

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
  if (at < 0)
    return violate(machine, task, { class: "rcu-misuse", message: "srcu_read_unlock without srcu_read_lock" });
  task.srcuSections.splice(at, 1);
  if (!task.srcuSections.includes(task.arg0)) leaveSections(machine, task, task.arg0);
  return true;
}

export function synchronizeRcu(machine: Machine, task: Task): boolean {
  if (task.readSections > 0) {
    return violate(machine, task, {
      class: "rcu-misuse",
      message: "a grace period is waited for inside a read section",
    });
  }
  return waitForGracePeriod(machine, task, rcuDomain);
}

export function synchronizeSrcu(machine: Machine, task: Task): boolean {
  if (task.srcuSections.includes(task.arg0)) {
    return violate(machine, task, {
      class: "rcu-misuse",
      message: "a grace period is waited for inside a read section",
    });
  }
  return waitForGracePeriod(machine, task, task.arg0);
}

function waitForGracePeriod(machine: Machine, task: Task, domain: number): boolean {
  task.answer = 0;
  beginGracePeriod(machine, task, { domain, waiter: task, callback: -1 });
  sleepUntilWoken(machine, task);
  return false;
}

function sleepUntilWoken(machine: Machine, task: Task): void {
  task.proceed = waited;
  task.phase = "wait";
  sleepFor(machine, task, null);
}

function waited(_machine: Machine, task: Task): boolean {
  task.proceed = null;
  task.phase = "go";
  return true;
}

function beginGracePeriod(
  machine: Machine,
  task: Task,
  { domain, waiter, callback }: Pick<GracePeriod, "domain" | "waiter" | "callback">,
): void {
  const { loNs, hiNs } = machine.gracePeriod;
  const share = machine.streams.uniform(task.id, gracePeriodStream);
  const readers = new Set(machine.tasks.filter((reader) => isReading(reader, domain)));
  const dueNs = machine.now + Math.floor(loNs + share * (hiNs - loNs));
  machine.gracePeriods.push({ domain, dueNs, readers, waiter, callback });
  armGracePeriods(machine);
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
  for (const { waiter, callback } of over) {
    if (waiter !== null) wake(machine, waiter, null);
    if (callback >= 0) machine.callbacks.isOver[callback] = true;
  }
  wakeCallbackThread(machine);
}

function armGracePeriods(machine: Machine): void {
  let due = Infinity;
  for (const { dueNs } of machine.gracePeriods) if (dueNs > machine.now && dueNs < due) due = dueNs;
  if (due === Infinity) machine.heap.disarm(machine.gracePeriodSlot);
  else machine.heap.arm(machine.gracePeriodSlot, due);
}

/** args: rcu_head, function, SRCU domain or 0. The callback runs in a thread of normal weight after a grace period. */
export function rcuCall(machine: Machine, task: Task): boolean {
  const { callbacks } = machine;
  task.answer = 0;
  callbacks.isOver.push(false);
  const callback = callbacks.isOver.length - 1;
  beginGracePeriod(machine, task, { domain: task.arg2 === 0 ? rcuDomain : task.arg2, waiter: null, callback });
  return true;
}

/** Asked by the thread that runs callbacks: it comes back when it has done what it was given, and gets the next. */
export function rcuCallbacks(machine: Machine, task: Task): boolean {
  const { callbacks } = machine;
  task.answer = 0;
  callbacks.thread = task;
  callbacks.done = callbacks.handedOut;
  wakeBarriers(machine);
  if (callbacks.isOver[callbacks.handedOut] === true) {
    callbacks.handedOut += 1;
    return true;
  }
  task.proceed = nextCallback;
  task.phase = "wait";
  sleepForTime(machine, task, Infinity);
  return false;
}

function nextCallback(machine: Machine, task: Task): boolean {
  task.proceed = null;
  task.phase = "go";
  return rcuCallbacks(machine, task);
}

function wakeCallbackThread(machine: Machine): void {
  const { thread, isOver, handedOut } = machine.callbacks;
  if (thread !== null && thread.proceed === nextCallback && isOver[handedOut] === true) wake(machine, thread, null);
}

/** All callbacks queued before have run. */
export function rcuBarrier(machine: Machine, task: Task): boolean {
  const { callbacks } = machine;
  task.answer = 0;
  if (callbacks.done >= callbacks.isOver.length) return true;
  callbacks.barriers.push({ task, until: callbacks.isOver.length });
  sleepUntilWoken(machine, task);
  return false;
}

function wakeBarriers(machine: Machine): void {
  const { callbacks } = machine;
  for (const { task, until } of callbacks.barriers) if (until <= callbacks.done) wake(machine, task, null);
  callbacks.barriers = callbacks.barriers.filter(({ until }) => until > callbacks.done);
}
