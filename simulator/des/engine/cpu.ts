/**
 * What a CPU does: pieces of running time, switches, preemption, interrupts. A CPU has at most one piece under way; its end
 * is an event. Nothing here runs the tasks' code.
 */
import { kindOfCurrent, setCpuKind, setTaskState } from "./clocks.ts";
import type { Cpu, Machine, Task } from "./machine.ts";
import { chargeCurrent, dequeueCurrent, detach, enqueue, enqueueAlone, pick, putOnCpu } from "./run-queue.ts";

/** Begins a piece of `ns` on the CPU; what comes at its end is the task's phase. */
export function startPiece(machine: Machine, cpu: Cpu, ns: number): void {
  cpu.hasPiece = true;
  if (cpu.isInIrq) {
    cpu.pausedNs = ns;
  } else if (ns === 0) {
    if (cpu.isDue) return;
    machine.heap.disarm(cpu.pieceSlot);
    cpu.isDue = true;
    machine.due.push(cpu);
  } else {
    cpu.isDue = false;
    machine.heap.arm(cpu.pieceSlot, machine.now + ns);
  }
}

/**
 * Something that the task watches while it spins has happened: `ns` from now it looks again. An irq task may have its CPU
 * meanwhile.
 */
export function poke(machine: Machine, task: Task, ns: number): void {
  const { cpu } = task;
  if (cpu.interrupted === null || cpu.interrupted.task !== task) {
    startPiece(machine, cpu, ns);
    return;
  }
  cpu.interrupted.hasPiece = true;
  cpu.interrupted.leftNs = ns;
}

/** Ends the piece under way. @returns nanoseconds that were left of it */
export function stopPiece(machine: Machine, cpu: Cpu): number {
  if (!cpu.hasPiece) return 0;
  cpu.hasPiece = false;
  if (cpu.isInIrq) return cpu.pausedNs;
  if (cpu.isDue) {
    cpu.isDue = false;
    return 0;
  }
  const left = machine.heap.timeOf(cpu.pieceSlot) - machine.now;
  machine.heap.disarm(cpu.pieceSlot);
  return left;
}

/**
 * Lets `ns` pass for the running task. When nothing else comes before, time is simply moved on.
 *
 * @returns whether it has passed already; else the task's phase says what comes after the piece
 */
export function elapse(machine: Machine, cpu: Cpu, ns: number): boolean {
  const mayPass = !cpu.isInIrq && machine.dueTaken === machine.due.length;
  if (mayPass && machine.now + ns < machine.heap.nextTime()) {
    machine.now += ns;
    return true;
  }
  startPiece(machine, cpu, ns);
  return false;
}

/** Goes on with what is left of the task's piece: work at speed 1, or nanoseconds. Like `elapse`. */
export function elapseRemaining(machine: Machine, cpu: Cpu, task: Task): boolean {
  const ns = task.phase === "work" && cpu.speed !== 1 ? Math.ceil(task.remaining / cpu.speed) : task.remaining;
  task.remaining = 0;
  return elapse(machine, cpu, ns);
}

/** Takes the running task off its CPU and lets another run. */
export function leaveCpu(machine: Machine, task: Task, state: "blocked" | "asleep" | "outside"): void {
  const { cpu } = task;
  stopPiece(machine, cpu);
  task.remaining = 0;
  const isAlone = machine.queuedTasks === 0 && cpu.interrupted === null;
  dequeueCurrent(machine, cpu, task);
  setTaskState(machine, task, state);
  pokeSpinnersOn(machine, task);
  if (isAlone) {
    // Nobody waits anywhere: what `schedule` would find.
    cpu.needResched = false;
    cpu.current = null;
    becomeIdle(machine, cpu);
  } else {
    schedule(machine, cpu);
  }
}

/** A task comes to an idle CPU where a switch costs nothing: it runs at this instant. */
export function runAtOnce(machine: Machine, cpu: Cpu, task: Task): void {
  enqueueAlone(machine, cpu, task);
  cpu.isIdle = false;
  machine.idleCpus -= 1;
  startTick(machine, cpu);
  setTaskState(machine, task, task.isWaiting ? "spin" : "run");
  startPiece(machine, cpu, 0);
}

/**
 * Lets run on the CPU who should.
 *
 * @returns whether the current task goes on
 */
export function schedule(machine: Machine, cpu: Cpu): boolean {
  if (cpu.interrupted !== null) {
    cpu.needResched = true;
    return true;
  }
  chargeCurrent(machine, cpu);
  cpu.needResched = false;
  let next = pick(cpu);
  if (next === null && pull(machine, cpu)) next = pick(cpu);
  const { current } = cpu;
  if (next === null) {
    cpu.current = null;
    becomeIdle(machine, cpu);
    return false;
  }
  if (next === current) {
    next.pickedDeadline = next.deadline;
    return true;
  }
  if (current !== null && current.isQueued) suspend(machine, cpu, current);
  switchTo(machine, cpu, next);
  return false;
}

/** A task is preempted: what is left of its piece is kept. */
function suspend(machine: Machine, cpu: Cpu, task: Task): void {
  const left = stopPiece(machine, cpu);
  task.remaining = task.phase === "work" ? left * cpu.speed : left;
  setTaskState(machine, task, "runnable");
  pokeSpinnersOn(machine, task);
}

/** Who spins on a lock of this task stops when it does not run (owner_on_cpu). */
function pokeSpinnersOn(machine: Machine, task: Task): void {
  for (let hold = task.firstHold; hold !== null; hold = hold.next) {
    const { spinner, waiterSpinner } = hold.lock;
    if (spinner !== null) poke(machine, spinner, 0);
    if (waiterSpinner !== null) poke(machine, waiterSpinner, 0);
  }
}

function switchTo(machine: Machine, cpu: Cpu, next: Task): void {
  putOnCpu(machine, cpu, next);
  if (cpu.isIdle) {
    cpu.isIdle = false;
    machine.idleCpus -= 1;
    startTick(machine, cpu);
  }
  cpu.isSwitching = true;
  if (!cpu.isInIrq) setCpuKind(machine, cpu, "switch");
  startPiece(machine, cpu, cpu.costs.contextSwitch);
}

function becomeIdle(machine: Machine, cpu: Cpu): void {
  if (cpu.isIdle) return;
  cpu.isIdle = true;
  machine.idleCpus += 1;
  if (!cpu.isInIrq) setCpuKind(machine, cpu, "idle");
}

/**
 * A CPU with nothing to run takes a waiting task of the CPU where most wait. @source kernel/sched/fair.c, sched_balance_newidle
 *
 * @returns whether one was found that may run here
 */
function pull(machine: Machine, cpu: Cpu): boolean {
  if (machine.queuedTasks === 0) return false;
  let busiest: Cpu | null = null;
  let moved: Task | null = null;
  for (const other of machine.cpus) {
    if (other.queue.length <= (busiest?.queue.length ?? 0)) continue;
    const task = other.queue.find((waiting) => mayRunOn(waiting, cpu));
    if (task === undefined) continue;
    busiest = other;
    moved = task;
  }
  if (busiest === null || moved === null) return false;
  detach(machine, busiest, moved);
  enqueue(machine, cpu, moved);
  return true;
}

export function mayRunOn(task: Task, cpu: Cpu): boolean {
  return task.allowed === null || task.allowed[cpu.id] === 1;
}

/**
 * Whether the task may be preempted where it is. Full: unless preemption or interrupts are off. None and voluntary: code of
 * the kernel is not preempted; what runs outside of every span, lock and read section counts as user code.
 */
export function mayPreempt(machine: Machine, task: Task): boolean {
  if (task.preemptOff > 0 || task.irqOff > 0) return false;
  if (machine.preemption === "full") return true;
  return task.openSpans === 0 && task.holds === 0 && task.readSections === 0 && !task.isWaiting;
}

/** Another task should run on the CPU: at once if it may, else at the next preemption point. */
export function requestSwitch(machine: Machine, cpu: Cpu): void {
  cpu.needResched = true;
  if (cpu.isInIrq || cpu.isSwitching || cpu.interrupted !== null) return;
  const { current } = cpu;
  if (current === null) schedule(machine, cpu);
  else if (current.watchesResched) startPiece(machine, cpu, 0);
  else if (cpu !== machine.active && mayPreempt(machine, current)) schedule(machine, cpu);
}

/** Timer ticks come at the same times on all CPUs, and not while a CPU is idle. */
function startTick(machine: Machine, cpu: Cpu): void {
  if (machine.heap.isArmed(cpu.tickSlot)) return;
  machine.heap.arm(cpu.tickSlot, (Math.floor(machine.now / machine.tickNs) + 1) * machine.tickNs);
}

/** @source kernel/sched/core.c, sched_tick; kernel/sched/fair.c, nohz_balancer_kick */
export function tick(machine: Machine, cpu: Cpu): void {
  if (cpu.isIdle) return;
  machine.heap.arm(cpu.tickSlot, machine.now + machine.tickNs);
  chargeCurrent(machine, cpu);
  if (cpu.queue.length > 0 && machine.idleCpus > 0) {
    for (const other of machine.cpus) if (other.isIdle && other.incoming === 0) schedule(machine, other);
  }
  interrupt(machine, cpu, cpu.costs.tick);
}

/** An interrupt comes to the CPU and keeps it for `ns`; while interrupts are off it waits. */
export function interrupt(machine: Machine, cpu: Cpu, ns: number): void {
  const { current } = cpu;
  if (cpu.isInIrq) {
    machine.heap.arm(cpu.irqSlot, machine.heap.timeOf(cpu.irqSlot) + ns);
  } else if (current !== null && !cpu.isSwitching && current.irqOff > 0) {
    cpu.pendingIrqNs += ns;
    cpu.hasPendingIrq = true;
  } else if (ns === 0) {
    serveInterrupt(machine, cpu);
  } else {
    beginInterrupt(machine, cpu, ns);
  }
}

function beginInterrupt(machine: Machine, cpu: Cpu, ns: number): void {
  const hadPiece = cpu.hasPiece;
  cpu.pausedNs = stopPiece(machine, cpu);
  cpu.hasPiece = hadPiece;
  cpu.isInIrq = true;
  setCpuKind(machine, cpu, "irq");
  machine.heap.arm(cpu.irqSlot, machine.now + ns);
}

/** The interrupt is over; what it interrupted goes on, unless another task is to run. */
export function endInterrupt(machine: Machine, cpu: Cpu): void {
  cpu.isInIrq = false;
  if (cpu.hasPiece) startPiece(machine, cpu, cpu.pausedNs);
  setCpuKind(machine, cpu, kindOfCurrent(cpu));
  serveInterrupt(machine, cpu);
  if (machine.pendingIrqTasks.length > 0) retryIrqTasks(machine);
}

function serveInterrupt(machine: Machine, cpu: Cpu): void {
  acknowledgeFlushes(machine, cpu);
  if (cpu.needResched) requestSwitch(machine, cpu);
}

export function acknowledgeFlushes(machine: Machine, cpu: Cpu): void {
  for (let flush = cpu.flushes.shift(); flush !== undefined; flush = cpu.flushes.shift()) {
    flush.left -= 1;
    if (flush.left === 0) poke(machine, flush.sender, 0);
  }
}

/** Interrupts that waited come when the running task switches them on. */
export function enableInterrupts(machine: Machine, task: Task): void {
  const { cpu } = task;
  if (task.irqOff === 0 || task.isIrq) return;
  task.irqOff = 0;
  if (machine.pendingIrqTasks.length > 0) retryIrqTasks(machine);
  if (!cpu.hasPendingIrq) return;
  cpu.hasPendingIrq = false;
  const ns = cpu.pendingIrqNs;
  cpu.pendingIrqNs = 0;
  if (ns === 0) acknowledgeFlushes(machine, cpu);
  else beginInterrupt(machine, cpu, ns);
}

/** Lets irq tasks try again that found no CPU: interrupts are on somewhere where they were off. */
export function retryIrqTasks(machine: Machine): void {
  const waiting = machine.pendingIrqTasks;
  machine.pendingIrqTasks = [];
  for (const task of waiting) machine.heap.arm(task.slot, machine.now);
}
