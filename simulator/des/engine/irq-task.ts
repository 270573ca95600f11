/**
 * Irq tasks: each comes once, at a time drawn uniformly over the run, to a CPU of its mask that has interrupts on, and has
 * that CPU to itself until it ends. What it interrupted stands still; that time is charged to the interrupted task. It may
 * spin and not sleep.
 */
import { kindOfCurrent, setCpuKind, setTaskState } from "./clocks.ts";
import { acknowledgeFlushes, interrupt, mayRunOn, requestSwitch, retryIrqTasks, startPiece, stopPiece } from "./cpu.ts";
import type { Cpu, Machine, Task } from "./machine.ts";

/** The engine's own streams of chance. */
const timeStream = -2;
const cpuStream = -3;

/** When the interrupt comes. */
export function timeOfIrq(machine: Machine, task: Task, untilNs: number): number {
  return Math.floor(machine.streams.uniform(task.id, timeStream) * untilNs);
}

/** The interrupt comes now, or when interrupts are switched on somewhere in its mask. */
export function fireIrqTask(machine: Machine, task: Task): void {
  const open = machine.cpus.filter((cpu) => mayRunOn(task, cpu) && acceptsInterrupts(cpu));
  const hi = open.length - 1;
  const cpu = hi < 0 ? undefined : open[machine.streams.choose(task.id, cpuStream, { lo: 0, hi })];
  if (cpu === undefined) machine.pendingIrqTasks.push(task);
  else beginIrqTask(machine, cpu, task);
}

function acceptsInterrupts(cpu: Cpu): boolean {
  if (cpu.isInIrq || cpu.interrupted !== null) return false;
  return cpu.current === null || cpu.isSwitching || cpu.current.irqOff === 0;
}

function beginIrqTask(machine: Machine, cpu: Cpu, task: Task): void {
  const { current, isSwitching, hasPiece } = cpu;
  cpu.interrupted = { task: current, isSwitching, hasPiece, leftNs: stopPiece(machine, cpu) };
  setCpuKind(machine, cpu, "irq");
  cpu.current = task;
  cpu.isSwitching = false;
  task.cpu = cpu;
  task.preemptOff = 1;
  task.irqOff = 1;
  setTaskState(machine, task, "run");
  startPiece(machine, cpu, cpu.costs.irqEntry);
}

/** What it interrupted goes on; interrupts that came meanwhile are served, and somebody else may have to run. */
export function endIrqTask(machine: Machine, task: Task): void {
  const { cpu } = task;
  const { interrupted } = cpu;
  setTaskState(machine, task, "outside");
  if (interrupted === null) return;
  cpu.interrupted = null;
  cpu.current = interrupted.task;
  cpu.isSwitching = interrupted.isSwitching;
  cpu.hasPiece = false;
  if (interrupted.hasPiece) startPiece(machine, cpu, interrupted.leftNs);
  setCpuKind(machine, cpu, kindOfCurrent(cpu));
  serveWhatCame(machine, cpu);
  if (machine.pendingIrqTasks.length > 0) retryIrqTasks(machine);
}

function serveWhatCame(machine: Machine, cpu: Cpu): void {
  if (cpu.hasPendingIrq && (cpu.current === null || cpu.current.irqOff === 0)) {
    const ns = cpu.pendingIrqNs;
    cpu.hasPendingIrq = false;
    cpu.pendingIrqNs = 0;
    if (ns > 0) {
      interrupt(machine, cpu, ns);
      return;
    }
    acknowledgeFlushes(machine, cpu);
  }
  if (cpu.needResched) requestSwitch(machine, cpu);
}
