/**
 * Where time goes: each task and each CPU has a clock in parts, charged when it changes what it does. Since every
 * nanosecond belongs to exactly one part, the parts add up to the time passed.
 */
import { assert } from "../../source/assert.ts";
import type { CpuClock, HolderState, Snapshot, TaskClock } from "../recorder.ts";
import type { Cpu, CpuKind, Lock, Machine, Task, TaskState } from "./machine.ts";

/** Charges the task's time up to now to the state that it is in. */
export function chargeTask(machine: Machine, task: Task): void {
  const passed = machine.now - task.stateSinceNs;
  if (passed === 0) return;
  task.stateSinceNs = machine.now;
  switch (task.state) {
    case "run":
      task.run += passed;
      break;
    case "spin":
      task.spin += passed;
      break;
    case "runnable":
      task.runnable += passed;
      break;
    case "blocked":
      task.blocked += passed;
      break;
    case "asleep":
      task.asleep += passed;
      break;
    case "outside":
      task.outside += passed;
      break;
  }
}

export function chargeCpu(machine: Machine, cpu: Cpu): void {
  const passed = machine.now - cpu.kindSinceNs;
  if (passed === 0) return;
  cpu.kindSinceNs = machine.now;
  switch (cpu.kind) {
    case "run":
      cpu.run += passed;
      break;
    case "spin":
      cpu.spin += passed;
      break;
    case "switch":
      cpu.switching += passed;
      break;
    case "irq":
      cpu.irq += passed;
      break;
    case "idle":
      cpu.idle += passed;
      break;
  }
}

/**
 * Puts the task into another state. Waits for what it holds are divided first, since they tell what the holder does; the
 * CPU that it has follows, unless an interrupt has the CPU.
 */
export function setTaskState(machine: Machine, task: Task, state: TaskState): void {
  const before = task.state;
  if (before === state) return;
  for (let hold = task.firstHold; hold !== null; hold = hold.next) divideWaits(machine, hold.lock);
  if (machine.timeline !== null) tellTaskState(machine, task);
  chargeTask(machine, task);
  task.state = state;
  if (state !== "run" && state !== "spin") return;
  const cpu = task.cpu;
  if (cpu.current === task && !cpu.isInIrq && !cpu.isSwitching && cpu.interrupted === null)
    setCpuKind(machine, cpu, state);
}

export function setCpuKind(machine: Machine, cpu: Cpu, kind: CpuKind): void {
  if (cpu.kind === kind) return;
  if (machine.timeline !== null) tellOnCpu(machine, cpu);
  chargeCpu(machine, cpu);
  cpu.kindSinceNs = machine.now;
  cpu.kind = kind;
  cpu.kindTask = cpu.current;
}

/** What the CPU does apart from interrupts. */
export function kindOfCurrent(cpu: Cpu): CpuKind {
  if (cpu.interrupted !== null) return "irq";
  if (cpu.current === null) return "idle";
  if (cpu.isSwitching) return "switch";
  return cpu.current.state === "spin" ? "spin" : "run";
}

/** State of the task that the waits for a lock are laid to: of several readers the one that holds it longest. */
export function holderStateOf(lock: Lock): HolderState {
  const hold = lock.firstHold;
  if (hold === null) return "none";
  switch (hold.task.state) {
    case "run":
    case "spin":
      return "running";
    case "runnable":
      return "runnable";
    case "blocked":
    case "asleep":
    case "outside":
      return "blocked";
  }
}

/**
 * Lays the waits since the last division to who held the lock in that time. To be called before holders, what they do, or
 * the number of waiters change. Constant time however many wait.
 */
export function divideWaits(machine: Machine, lock: Lock): void {
  const passed = machine.now - lock.markNs;
  if (passed === 0) return;
  lock.markNs = machine.now;
  if (lock.readWaiters + lock.writeWaiters === 0) return;
  const state = holderStateOf(lock);
  if (state === "running") lock.heldRunning += passed;
  else if (state === "runnable") lock.heldRunnable += passed;
  else if (state === "blocked") lock.heldBlocked += passed;
  const { waited } = machine.messages;
  waited.holder = lock.firstHold?.task.id ?? -1;
  waited.holderSite = lock.firstHold?.site ?? -1;
  waited.holderState = state;
  if (lock.readWaiters > 0) {
    waited.mode = "read";
    waited.ns = passed * lock.readWaiters;
    machine.recorder.waitedFor(lock.address, waited);
  }
  if (lock.writeWaiters === 0) return;
  waited.mode = "write";
  waited.ns = passed * lock.writeWaiters;
  machine.recorder.waitedFor(lock.address, waited);
}

export function taskClock(task: Task): TaskClock {
  const { run, spin, runnable, blocked, asleep, outside } = task;
  return { run, spin, runnable, blocked, asleep, outside };
}

function cpuClock({ run, spin, switching, irq, idle }: Cpu): CpuClock {
  return { run, spin, switching, irq, idle };
}

/** All clocks now. Checks the two sums: what was simulated is accounted for, to the nanosecond. */
export function snapshot(machine: Machine): Snapshot {
  for (const lock of machine.locks.values()) divideWaits(machine, lock);
  for (const task of machine.tasks) {
    if (machine.timeline !== null) tellTaskState(machine, task);
    chargeTask(machine, task);
    const { run, spin, runnable, blocked, asleep, outside } = task;
    assert(run + spin + runnable + blocked + asleep + outside === machine.now, "a task's time adds up");
  }
  for (const cpu of machine.cpus) {
    if (machine.timeline !== null) tellOnCpu(machine, cpu);
    chargeCpu(machine, cpu);
    const { run, spin, switching, irq, idle } = cpu;
    assert(run + spin + switching + irq + idle === machine.now, "a CPU's time adds up");
  }
  return {
    atNs: machine.now,
    tasks: machine.tasks.map(taskClock),
    cpus: machine.cpus.map(cpuClock),
    waits: machine.tasks.flatMap((task) =>
      task.isWaiting && task.lock !== null ? [waitUnderWay(task, task.lock)] : [],
    ),
    events: machine.events,
    passages: machine.passages,
  };
}

function waitUnderWay(task: Task, lock: Lock): Snapshot["waits"][number] {
  const wait = {
    spin: task.spin - task.waitSpin,
    blocked: task.blocked - task.waitBlocked,
    runnable: task.runnable - task.waitRunnable,
  };
  return { task: task.id, lock: lock.address, wait };
}

function tellTaskState(machine: Machine, task: Task): void {
  const { state } = task;
  const fromNs = task.stateSinceNs;
  if (machine.now === fromNs || state === "run" || state === "spin" || state === "outside") return;
  const lock = task.lock?.address ?? -1;
  machine.timeline?.taskState({ task: task.id, state, lock, fromNs, toNs: machine.now });
}

function tellOnCpu(machine: Machine, cpu: Cpu): void {
  const state = cpu.kind;
  if (state === "idle" || machine.now === cpu.kindSinceNs) return;
  const task = cpu.kindTask?.id ?? -1;
  machine.timeline?.onCpu({ cpu: cpu.id, task, state, fromNs: cpu.kindSinceNs, toNs: machine.now });
}
