/** Sleep and wake-up: where a woken task goes, how long that takes, and what is told of the sleep. */
import { divideWaits, setTaskState } from "./clocks.ts";
import { leaveCpu, mayRunOn, requestSwitch, runAtOnce, schedule } from "./cpu.ts";
import { nameOfTask, violate, type Cpu, type Lock, type Machine, type Task } from "./machine.ts";
import { countRunnable, enqueue, preemptsCurrent } from "./run-queue.ts";

/** Interrupt handlers may not sleep. */
function refusesSleep(machine: Machine, task: Task): boolean {
  if (!task.isIrq) return false;
  violate(machine, task, {
    class: "sleep-in-atomic",
    message: `${nameOfTask(machine, task.id)} sleeps in an interrupt`,
  });
  return true;
}

/** The running task sleeps uninterruptibly: for a lock, or null for something else. Its CPU goes to another. */
export function sleepFor(machine: Machine, task: Task, lock: Lock | null): void {
  if (refusesSleep(machine, task)) return;
  task.hasSlept = true;
  task.sleptSinceNs = machine.now;
  task.sleepLock = lock;
  if (lock !== null) {
    divideWaits(machine, lock);
    task.sleptRunning = lock.heldRunning;
    task.sleptRunnable = lock.heldRunnable;
    task.sleptBlocked = lock.heldBlocked;
  }
  leaveCpu(machine, task, "blocked");
}

/** The running task sleeps, no D state: for a time, or, when that is infinite, until it is woken. */
export function sleepForTime(machine: Machine, task: Task, ns: number): void {
  if (refusesSleep(machine, task)) return;
  leaveCpu(machine, task, "asleep");
  if (ns < Infinity) machine.heap.arm(task.slot, machine.now + ns);
}

/** Bounded waits are written in jiffies of 1 ms, whatever the tick. */
const jiffyNs = 1_000_000;

/**
 * When a bounded wait that begins now is over: at a tick, as timers of the wheel are.
 *
 * @param jiffies of 1 ms, -1 for no bound
 * @returns -1 for none
 * @source kernel/time/timer.c, schedule_timeout
 */
export function deadlineAfter(machine: Machine, jiffies: number): number {
  return jiffies < 0 ? -1 : Math.ceil((machine.now + jiffies * jiffyNs) / machine.tickNs) * machine.tickNs;
}

/** Jiffies that are left of a bounded wait, at least 0. */
export function jiffiesLeft(machine: Machine, deadlineNs: number): number {
  return Math.max(0, Math.ceil((deadlineNs - machine.now) / jiffyNs));
}

/** Wakes the sleeping task at the end of its bounded wait. */
export function armDeadline(machine: Machine, task: Task): void {
  if (task.deadlineNs >= 0) machine.heap.arm(task.slot, Math.max(machine.now, task.deadlineNs));
}

/**
 * Wakes a task that sleeps: from now it is runnable, and comes onto a run queue when the wake-up has arrived. Nothing
 * happens to one that does not sleep.
 *
 * @source kernel/sched/core.c, try_to_wake_up
 */
export function wake(machine: Machine, task: Task, waker: Task | null): void {
  if (task.state !== "blocked" && task.state !== "asleep") return;
  machine.timeline?.woke({ waker: waker?.id ?? -1, task: task.id, atNs: machine.now });
  machine.heap.disarm(task.slot);
  if (task.state === "blocked") tellSleep(machine, task);
  setTaskState(machine, task, "runnable");
  const cpu = placeWoken(machine, task);
  task.target = cpu;
  cpu.incoming += 1;
  const ns = latencyOf(cpu, waker);
  if (ns === 0) arrive(machine, task);
  else machine.heap.arm(task.slot, machine.now + ns);
}

function tellSleep(machine: Machine, task: Task): void {
  const { slept } = machine.messages;
  const lock = task.sleepLock;
  const { whileHolder } = slept;
  slept.task = task.id;
  slept.lock = lock?.address ?? -1;
  slept.ns = machine.now - task.sleptSinceNs;
  whileHolder.running = 0;
  whileHolder.runnable = 0;
  whileHolder.blocked = 0;
  if (lock !== null) {
    divideWaits(machine, lock);
    whileHolder.running = lock.heldRunning - task.sleptRunning;
    whileHolder.runnable = lock.heldRunnable - task.sleptRunnable;
    whileHolder.blocked = lock.heldBlocked - task.sleptBlocked;
  }
  whileHolder.none = slept.ns - whileHolder.running - whileHolder.runnable - whileHolder.blocked;
  machine.recorder.blockedSleep(slept);
}

function latencyOf(cpu: Cpu, waker: Task | null): number {
  const { costs } = cpu;
  if (cpu.isIdle) return costs.wakeIdle;
  return waker === null || waker.cpu === cpu ? costs.wakeLocal : costs.wakeRemote;
}

/**
 * The CPU it ran on last if that is idle, else an idle one that it may use, else the last, else the one with least to do.
 *
 * @source simulator.md, Scheduler; after kernel/sched/fair.c, select_idle_sibling
 */
export function placeWoken(machine: Machine, task: Task): Cpu {
  const before = task.cpu;
  const mayStay = mayRunOn(task, before);
  if (mayStay && isFree(before)) return before;
  const { cpus } = machine;
  if (machine.idleCpus > 0) {
    for (let step = 1; step < cpus.length; step += 1) {
      const cpu = cpus[(before.id + step) % cpus.length];
      if (cpu !== undefined && isFree(cpu) && mayRunOn(task, cpu)) return cpu;
    }
  }
  return mayStay ? before : leastLoaded(machine, task);
}

function isFree(cpu: Cpu): boolean {
  return cpu.isIdle && cpu.incoming === 0;
}

/** Of the CPUs that the task may use the one with the fewest tasks, the first of equals. */
export function leastLoaded(machine: Machine, task: Task): Cpu {
  let best = task.cpu;
  let least = Infinity;
  for (const cpu of machine.cpus) {
    const load = countRunnable(cpu) + cpu.incoming;
    if (load >= least || !mayRunOn(task, cpu)) continue;
    best = cpu;
    least = load;
  }
  return best;
}

function isFreeSwitch(cpu: Cpu): boolean {
  return cpu.costs.contextSwitch === 0 && cpu.queue.length === 0 && !cpu.isInIrq && cpu.interrupted === null;
}

/** The wake-up has arrived: the task is on the run queue, and may take the CPU from the task there. */
export function arrive(machine: Machine, task: Task): void {
  const cpu = task.target;
  cpu.incoming -= 1;
  if (cpu.isIdle && isFreeSwitch(cpu)) {
    runAtOnce(machine, cpu, task);
    return;
  }
  enqueue(machine, cpu, task);
  if (cpu.current === null) {
    schedule(machine, cpu);
    return;
  }
  if (cpu.needResched || preemptsCurrent(cpu, task)) requestSwitch(machine, cpu);
}
