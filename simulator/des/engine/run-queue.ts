/**
 * The fair scheduler's queue of one CPU: EEVDF as in kernel/sched/fair.c of 6.12, without cgroups.
 *
 * A task's virtual time passes at 1024/weight of real time. Eligible is who has had no more than the queue's weighted
 * average (entity_eligible); of these the one with the earliest virtual deadline runs (pick_eevdf), and keeps the CPU while
 * it is eligible until its slice is used (RUN_TO_PARITY). Virtual times are whole nanoseconds, so that sums are exact.
 */
import type { Cpu, Machine, Task } from "./machine.ts";

/** Weight of nice 0. */
const unitWeight = 1024;

/** By nice + 20. Each step is about 10 % of CPU time. @source kernel/sched/core.c, sched_prio_to_weight */
const niceToWeight = [
  88761, 71755, 56483, 46273, 36291, 29154, 23254, 18705, 14949, 11916, 9548, 7620, 6100, 4904, 3906, 3121, 2501, 1991,
  1586, 1277, 1024, 820, 655, 526, 423, 335, 272, 215, 172, 137, 110, 87, 70, 56, 45, 36, 29, 23, 18, 15,
] as const;

/** @param nice -20 to 19; beyond is taken as the nearest */
export function weightOf(nice: number): number {
  return niceToWeight[Math.min(39, Math.max(0, nice + 20))] ?? unitWeight;
}

/**
 * The slice of a task: sysctl_sched_base_slice with the factor of SCHED_TUNABLESCALING_LOG, 1 + ilog2(min(cpus, 8)).
 *
 * @source kernel/sched/fair.c, get_update_sysctl_factor, update_sysctl
 */
export function sliceOf(baseSliceNs: number, cpus: number): number {
  return Math.round(baseSliceNs * (1 + Math.floor(Math.log2(Math.min(cpus, 8)))));
}

/** Real time as virtual time of the task. @source kernel/sched/fair.c, calc_delta_fair */
function virtual(ns: number, task: Task): number {
  return task.weight === unitWeight ? ns : Math.round((ns * unitWeight) / task.weight);
}

/** The queue's weighted average of virtual times, of what runs too. @source kernel/sched/fair.c, avg_vruntime */
function averageOf(cpu: Cpu): number {
  const base = cpu.virtualNow;
  let sum = 0;
  let weight = 0;
  const { current, queue } = cpu;
  if (current !== null && current.isQueued) {
    sum = (current.vruntime - base) * current.weight;
    weight = current.weight;
  }
  for (const task of queue) {
    sum += (task.vruntime - base) * task.weight;
    weight += task.weight;
  }
  return weight === 0 ? base : base + Math.floor(sum / weight);
}

/** Tasks that run or want to. */
export function countRunnable(cpu: Cpu): number {
  return cpu.queue.length + (cpu.current === null ? 0 : 1);
}

/**
 * Charges what the running task has had since the last time. With its slice used it gets a new deadline, and has to give
 * way if somebody waits.
 *
 * @source kernel/sched/fair.c, update_curr, update_deadline
 */
export function chargeCurrent(machine: Machine, cpu: Cpu): void {
  const task = cpu.current;
  if (task === null || !task.isQueued) return;
  const passed = machine.now - task.execStartNs;
  task.execStartNs = machine.now;
  task.vruntime += virtual(passed, task);
  if (task.vruntime < task.deadline) return;
  task.deadline = task.vruntime + virtual(machine.sliceNs, task);
  if (cpu.queue.length > 0) cpu.needResched = true;
}

/**
 * Gives a task its place in virtual time and puts it on the queue; it does not run yet. It keeps what the queue owed it
 * when it slept, scaled so that its own coming does not take it away.
 *
 * @source kernel/sched/fair.c, place_entity (PLACE_LAG)
 */
export function enqueue(machine: Machine, cpu: Cpu, task: Task): void {
  chargeCurrent(machine, cpu);
  const others = weightOn(cpu);
  if (others === 0) {
    task.vruntime = cpu.virtualNow;
  } else {
    const average = averageOf(cpu);
    const lag = lagAfterSleep(cpu, task, average);
    task.vruntime = average - Math.round((lag * (others + task.weight)) / others);
  }
  task.deadline = task.vruntime + virtual(machine.sliceNs, task);
  task.isQueued = true;
  task.cpu = cpu;
  cpu.queue.push(task);
  machine.queuedTasks += 1;
}

/** The same on an empty queue, to run at once: nothing is owed where nobody else is. */
export function enqueueAlone(machine: Machine, cpu: Cpu, task: Task): void {
  task.vruntime = cpu.virtualNow;
  task.deadline = task.vruntime + virtual(machine.sliceNs, task);
  task.isQueued = true;
  task.cpu = cpu;
  cpu.current = task;
  task.execStartNs = machine.now;
  task.pickedDeadline = task.deadline;
}

/**
 * Who slept ahead of the others stayed on the kernel's queue until it was eligible again (DELAY_DEQUEUE): so much of its
 * debt is forgiven as the queue's time has passed since, all of it when the queue ran empty or it comes to another CPU.
 */
function lagAfterSleep(cpu: Cpu, task: Task, average: number): number {
  if (task.lag >= 0) return task.lag;
  if (task.cpu !== cpu || task.leftEpoch !== cpu.epoch) return 0;
  return Math.min(0, Math.max(task.lag, average - task.vruntime));
}

function weightOn(cpu: Cpu): number {
  let weight = cpu.current !== null && cpu.current.isQueued ? cpu.current.weight : 0;
  for (const task of cpu.queue) weight += task.weight;
  return weight;
}

/**
 * The running task leaves: it sleeps or ends. What it is owed is bounded by two slices or a tick.
 *
 * @source kernel/sched/fair.c, update_entity_lag
 */
export function dequeueCurrent(machine: Machine, cpu: Cpu, task: Task): void {
  chargeCurrent(machine, cpu);
  task.isQueued = false;
  if (cpu.queue.length > 0) {
    task.isQueued = true;
    noteLag(machine, cpu, task);
    task.isQueued = false;
    cpu.virtualNow = averageOf(cpu);
    return;
  }
  task.lag = 0;
  task.leftEpoch = cpu.epoch;
  cpu.virtualNow = Math.max(cpu.virtualNow, task.vruntime);
  cpu.epoch += 1;
}

function noteLag(machine: Machine, cpu: Cpu, task: Task): void {
  const bound = virtual(Math.max(2 * machine.sliceNs, machine.tickNs), task);
  task.lag = Math.min(bound, Math.max(-bound, averageOf(cpu) - task.vruntime));
  task.leftEpoch = cpu.epoch;
}

/** Takes a task that does not run off the queue, to put it on another. */
export function detach(machine: Machine, cpu: Cpu, task: Task): void {
  chargeCurrent(machine, cpu);
  noteLag(machine, cpu, task);
  task.leftEpoch = -1;
  cpu.queue.splice(cpu.queue.indexOf(task), 1);
  machine.queuedTasks -= 1;
  task.isQueued = false;
  if (countRunnable(cpu) > 0) return;
  cpu.virtualNow = Math.max(cpu.virtualNow, task.vruntime);
  cpu.epoch += 1;
}

/**
 * Who should run: the current task while it is eligible and has not used its slice, else of the eligible the one with the
 * earliest deadline. The queue is looked through; it is short.
 *
 * @returns null when nobody wants to run
 * @source kernel/sched/fair.c, pick_eevdf, vruntime_eligible
 */
export function pick(cpu: Cpu): Task | null {
  const { queue } = cpu;
  const current = cpu.current !== null && cpu.current.isQueued ? cpu.current : null;
  if (queue.length === 0) return current;
  const average = averageOf(cpu);
  const mayGoOn = current !== null && current.vruntime <= average;
  if (mayGoOn && current.pickedDeadline === current.deadline) return current;
  let best: Task | null = null;
  let least: Task | null = current;
  for (const task of queue) {
    if (least === null || task.vruntime < least.vruntime) least = task;
    if (task.vruntime > average) continue;
    if (best === null || task.deadline < best.deadline) best = task;
  }
  // Of equal deadlines the waiting task's wins (entity_before).
  if (mayGoOn && (best === null || current.deadline < best.deadline)) best = current;
  return best ?? least;
}

/** Whether a task that has just become runnable takes the CPU from the current one. @source check_preempt_wakeup_fair */
export function preemptsCurrent(cpu: Cpu, woken: Task): boolean {
  return cpu.current !== null && pick(cpu) === woken;
}

/** The queue's side of a switch: `next` runs, the current task, if it still wants to, waits. */
export function putOnCpu(machine: Machine, cpu: Cpu, next: Task): void {
  const { current, queue } = cpu;
  const at = queue.indexOf(next);
  if (at === queue.length - 1) queue.pop();
  else queue.splice(at, 1);
  if (current !== null && current.isQueued) queue.push(current);
  else machine.queuedTasks -= 1;
  cpu.current = next;
  next.execStartNs = machine.now;
  next.pickedDeadline = next.deadline;
}
