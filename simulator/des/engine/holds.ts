/** Who holds which lock, who waits for it, and what is told of both. The locks' rules decide; here it is written down. */
import { assert } from "../../source/assert.ts";
import type { LockMode } from "../recorder.ts";
import { chargeTask, divideWaits, setTaskState } from "./clocks.ts";
import { Hold, type Lock, type Machine, type Proceed, type Task } from "./machine.ts";

/** The task begins to wait for the lock. Whether it spins or sleeps is the lock's affair. */
export function beginWait(
  machine: Machine,
  task: Task,
  { lock, mode, proceed }: { lock: Lock; mode: LockMode; proceed: Proceed },
): void {
  assert(!task.isWaiting, "a task waits for one lock at a time");
  divideWaits(machine, lock);
  if (mode === "read") lock.readWaiters += 1;
  else lock.writeWaiters += 1;
  setTaskState(machine, task, "spin");
  chargeTask(machine, task);
  task.isWaiting = true;
  task.isContended = true;
  task.hasSlept = false;
  task.lock = lock;
  task.mode = mode;
  task.proceed = proceed;
  task.phase = "wait";
  task.waitSpin = task.spin;
  task.waitBlocked = task.blocked;
  task.waitRunnable = task.runnable;
}

/** The wait is over; `take` tells how long it was. */
export function endWait(machine: Machine, task: Task): void {
  const { lock } = task;
  assert(lock !== null, "a task that waits has a lock to wait for");
  divideWaits(machine, lock);
  if (task.mode === "read") lock.readWaiters -= 1;
  else lock.writeWaiters -= 1;
  setTaskState(machine, task, "run");
  chargeTask(machine, task);
  task.isWaiting = false;
  task.watchesResched = false;
  task.proceed = null;
  task.phase = "go";
}

/** The task has the lock from now on, after a wait or at once. Ends the wait. */
export function take(machine: Machine, task: Task, { lock, mode }: { lock: Lock; mode: LockMode }): void {
  if (task.isWaiting) endWait(machine, task);
  divideWaits(machine, lock);
  const hold = holdFor(machine, lock, task);
  hold.mode = mode;
  hold.site = task.site?.number ?? -1;
  hold.sinceNs = machine.now;
  hold.before = lock.lastHold;
  if (lock.lastHold === null) lock.firstHold = hold;
  else lock.lastHold.after = hold;
  lock.lastHold = hold;
  hold.next = task.firstHold;
  task.firstHold = hold;
  task.holds += 1;
  tellTaken(machine, task, { lock, mode });
}

function holdFor(machine: Machine, lock: Lock, task: Task): Hold {
  const hold = machine.freeHolds.pop();
  if (hold === undefined) return new Hold(lock, task);
  hold.lock = lock;
  hold.task = task;
  return hold;
}

/** Tells that a request was granted: also of completions, which nobody holds. */
export function tellTaken(machine: Machine, task: Task, { lock, mode }: { lock: Lock; mode: LockMode }): void {
  machine.passages += 1;
  machine.lockChanges += 1;
  const { taken } = machine.messages;
  const { wait } = taken;
  taken.lock = lock.address;
  taken.kind = lock.kind;
  taken.mode = mode;
  taken.task = task.id;
  taken.site = task.site?.number ?? -1;
  taken.contended = task.isContended;
  taken.slept = task.isContended && task.hasSlept;
  wait.spin = 0;
  wait.blocked = 0;
  wait.runnable = 0;
  if (task.isContended) {
    wait.spin = task.spin - task.waitSpin;
    wait.blocked = task.blocked - task.waitBlocked;
    wait.runnable = task.runnable - task.waitRunnable;
    if (task.openSpans > 0) addToSpans(task, lock.address);
  }
  task.isContended = false;
  machine.recorder.lockTaken(taken);
}

/** Lays the wait just ended to the lock in every open span. */
function addToSpans(task: Task, lock: number): void {
  for (let depth = 0; depth < task.openSpans; depth += 1) {
    const byLock = task.spans[depth]?.byLock;
    let wait = byLock?.get(lock);
    if (wait === undefined) {
      wait = { spin: 0, blocked: 0, runnable: 0 };
      byLock?.set(lock, wait);
    }
    wait.spin += task.spin - task.waitSpin;
    wait.blocked += task.blocked - task.waitBlocked;
    wait.runnable += task.runnable - task.waitRunnable;
  }
}

/** The task's hold of the lock in this mode, the latest; null without one. */
export function holdOf(task: Task, lock: Lock, mode: LockMode): Hold | null {
  for (let hold = task.firstHold; hold !== null; hold = hold.next) {
    if (hold.lock === lock && hold.mode === mode) return hold;
  }
  return null;
}

/** The hold ends. */
export function drop(machine: Machine, hold: Hold): void {
  const { lock, task } = hold;
  divideWaits(machine, lock);
  if (hold.before === null) lock.firstHold = hold.after;
  else hold.before.after = hold.after;
  if (hold.after === null) lock.lastHold = hold.before;
  else hold.after.before = hold.before;
  unlinkFromTask(task, hold);
  task.holds -= 1;
  machine.lockChanges += 1;
  const { released } = machine.messages;
  released.task = task.id;
  released.site = hold.site;
  released.holdNs = machine.now - hold.sinceNs;
  machine.recorder.lockReleased(lock.address, hold.mode, released);
  if (machine.timeline !== null) tellHeld(machine, hold);
  hold.before = null;
  hold.after = null;
  hold.next = null;
  machine.freeHolds.push(hold);
}

function unlinkFromTask(task: Task, hold: Hold): void {
  if (task.firstHold === hold) {
    task.firstHold = hold.next;
    return;
  }
  let earlier = task.firstHold;
  while (earlier !== null && earlier.next !== hold) earlier = earlier.next;
  assert(earlier !== null, "a hold is in its task's list");
  earlier.next = hold.next;
}

export function tellHeld(machine: Machine, { lock, mode, task, sinceNs }: Hold): void {
  machine.timeline?.held({ lock: lock.address, mode, task: task.id, fromNs: sinceNs, toNs: machine.now });
}

export function tellTrylockFailed(machine: Machine, task: Task, { lock, mode }: { lock: Lock; mode: LockMode }): void {
  const { trylock } = machine.messages;
  trylock.kind = lock.kind;
  trylock.task = task.id;
  trylock.site = task.site?.number ?? -1;
  machine.recorder.trylockFailed(lock.address, mode, trylock);
}

/** Appends the task to the lock's queue. */
export function joinQueue(lock: Lock, task: Task): void {
  task.next = null;
  task.previous = lock.last;
  if (lock.last === null) lock.first = task;
  else lock.last.next = task;
  lock.last = task;
  lock.queued += 1;
}

export function leaveQueue(lock: Lock, task: Task): void {
  if (task.previous === null) lock.first = task.next;
  else task.previous.next = task.next;
  if (task.next === null) lock.last = task.previous;
  else task.next.previous = task.previous;
  task.next = null;
  task.previous = null;
  lock.queued -= 1;
}

/** Takes the first of the queue off it. */
export function shiftQueue(lock: Lock): Task | null {
  const { first } = lock;
  if (first !== null) leaveQueue(lock, first);
  return first;
}
