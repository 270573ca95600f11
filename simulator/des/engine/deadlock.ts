/** Ends that are faults: locks never released, tasks that wait for ever, and who waits for whom. */
import type { Fault } from "../timed-code.ts";
import { slots } from "./slots.ts";
import { nameOfLock, nameOfTask, type Hold, type Machine, type Task } from "./machine.ts";

/** A task that ends holding a lock that has an owner. Folio locks and semaphores have none: another task may release them. */
export function leakOf(machine: Machine, task: Task): Fault | null {
  for (let hold = task.firstHold; hold !== null; hold = hold.next) {
    if (!hasOwner(hold)) continue;
    return leak(machine, task, `holding ${nameOfLock(machine, hold.lock)}`);
  }
  if (task.readSections + task.srcuSections.length > 0) return leak(machine, task, "inside an RCU read section");
  return null;
}

function hasOwner({ lock }: Hold): boolean {
  return lock.kind !== "folio" && lock.kind !== "semaphore" && lock.kind !== "completion";
}

function leak(machine: Machine, task: Task, how: string): Fault {
  const place = task.site?.site.place ?? null;
  return { kind: "violation", class: "lock-leak", message: `${nameOfTask(machine, task.id)} ends ${how}`, place };
}

/** Whether nothing is to come but ticks and marks, and no CPU would change what it does at one. */
export function isStandingStill(machine: Machine): boolean {
  const { heap } = machine;
  if (machine.due.length > machine.dueTaken) return false;
  let idleEvents = heap.isArmed(slots.until) ? 1 : 0;
  if (heap.isArmed(slots.warmUp)) idleEvents += 1;
  if (heap.isArmed(slots.halfWay)) idleEvents += 1;
  for (const cpu of machine.cpus) {
    if (heap.isArmed(cpu.tickSlot)) idleEvents += 1;
    const { current } = cpu;
    if (current !== null && current.watchesResched && cpu.queue.length > 0) return false;
  }
  return heap.size === idleEvents;
}

/** @returns a deadlock when a task stands that is not idle by its nature; null when all that stand are */
export function describeStandstill(machine: Machine): Fault | null {
  const stuck = machine.tasks.filter((task) => !task.hasEnded && !task.isHelper && !isIdle(machine, task));
  const [first] = stuck;
  if (first === undefined) return null;
  const who = stuck.slice(0, namedMax).map((task) => describeWait(machine, task));
  if (stuck.length > namedMax) who.push(`and ${String(stuck.length - namedMax)} more`);
  return deadlock(first, `nothing can happen any more: ${who.join("; ")}`);
}

/** How many waiting tasks a message names. */
const namedMax = 6;

function isIdle(machine: Machine, task: Task): boolean {
  return machine.world.isIdle?.(task.id) ?? false;
}

function deadlock(task: Task, message: string): Fault {
  return { kind: "violation", class: "deadlock", message, place: task.site?.site.place ?? null };
}

/** `a waits for m, held by b`. */
function describeWait(machine: Machine, task: Task): string {
  const name = nameOfTask(machine, task.id);
  const spelling = task.site?.site.spelling ?? "its CPU";
  if (!task.isWaiting || task.lock === null) return `${name} waits in ${spelling}`;
  const holder = holderOf(task);
  const held = holder === null ? "" : `, held by ${nameOfTask(machine, holder.id)}`;
  return `${name} waits for ${nameOfLock(machine, task.lock)}${held}`;
}

function holderOf(task: Task): Task | null {
  const lock = task.isWaiting ? task.lock : null;
  return lock?.firstHold?.task ?? lock?.writer ?? null;
}

/** Tasks each of which waits for a lock that the next holds, the last for one of the first: they wait for ever. */
export function findCycle(machine: Machine): Fault | null {
  const seen = new Set<Task>();
  for (const task of machine.tasks) {
    const path = new Set<Task>();
    let at: Task | null = task;
    while (at !== null && !seen.has(at)) {
      seen.add(at);
      path.add(at);
      at = soleHolderOf(at);
    }
    if (at === null || !path.has(at)) continue;
    const cycle: string[] = [];
    let member: Task | null = at;
    do {
      cycle.push(describeWait(machine, member));
      member = soleHolderOf(member);
    } while (member !== null && member !== at);
    return deadlock(at, `${cycle.join("; ")}: for ever`);
  }
  return null;
}

/** Who alone keeps the task waiting: with several holders, or one that anybody may release, nobody does for sure. */
function soleHolderOf(task: Task): Task | null {
  const hold = task.isWaiting ? (task.lock?.firstHold ?? null) : null;
  return hold !== null && hold.after === null && hasOwner(hold) ? hold.task : null;
}
