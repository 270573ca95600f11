/**
 * Irq tasks. One begins when some task runs with interrupts on: which one is chosen, and that task cannot step until the
 * irq task has ended, for they share a CPU. When all tasks have ended the CPU is idle and nobody is chosen. It may not sleep.
 * Source: docs of the scenario language, "Its own words".
 */
import type { TaskContext, UnitContext } from "./context.ts";
import { binary, cell, constant, isZero, one, select, temp, zero } from "./expressions.ts";
import type { Expr } from "./ir.ts";
import { changeDepth } from "./primitives-context.ts";
import { ownerShape, wordShape } from "./types.ts";

/** 1 + the task that an irq task has interrupted, 0 if none. */
function victimOf(unit: UnitContext, irqTask: number): number {
  return unit.hidden({ name: "interrupts", task: irqTask, shape: ownerShape(unit.widths), print: "victim" });
}

function endedOf(unit: UnitContext, task: number): number {
  return unit.hidden({ name: "ended", task, shape: { bits: 1, signed: false } });
}

/** By irq task, the cells that name whom it has interrupted. */
export function victimCells(unit: UnitContext): readonly number[] {
  return [...unit.irqTasks].map((task) => victimOf(unit, task));
}

function interruptible(unit: UnitContext): readonly number[] {
  return unit.taskNames.map((_, task) => task).filter((task) => !unit.irqTasks.has(task));
}

/** The first step of an irq task. */
export function enterInterrupt(context: TaskContext): void {
  if (!context.isIrq) return;
  const { code, unit } = context;
  if (unit.timed !== null) {
    code.assignCell(context.irqCell, one);
    changeDepth(context, one);
    return;
  }
  const tasks = interruptible(unit);
  const choice = code.newTemp(wordShape);
  code.begin({ text: "the interrupt comes", address: null });
  code.emit({ kind: "choose", temp: choice, lo: zero, hi: constant(tasks.length), step: false });
  const chosen = (index: number): Expr => binary("eq", temp(choice), constant(index));
  const idle = tasks.reduce<Expr>((all, task) => binary("and", all, cell(endedOf(unit, task))), one);
  const comes = tasks.reduce((otherwise, task, index) => select(chosen(index), runsOpen(unit, task), otherwise), idle);
  code.guard(comes, { text: "a task with interrupts on", address: null }, { sleeps: false });
  const victim = tasks.reduce<Expr>(
    (otherwise, task, index) => select(chosen(index), constant(task + 1), otherwise),
    zero,
  );
  code.assignCell(victimOf(unit, context.task), victim);
  code.assignCell(context.irqCell, one);
  changeDepth(context, one);
}

/** Whether a task has not ended, has interrupts on, and is not interrupted already. */
function runsOpen(unit: UnitContext, task: number): Expr {
  const free = victimCells(unit).reduce<Expr>(
    (all, victim) => binary("and", all, binary("ne", cell(victim), constant(task + 1))),
    binary("and", isZero(cell(endedOf(unit, task))), isZero(cell(unit.interruptsOff(task)))),
  );
  return free;
}

/** In the last step of a task: the interrupted one goes on, and a task that has ended cannot be interrupted. */
export function endTask(context: TaskContext): void {
  const { code, unit } = context;
  if (unit.irqTasks.size === 0 || context.task < 0 || unit.timed !== null) return;
  if (!context.isIrq) {
    code.assignCell(endedOf(unit, context.task), one);
    return;
  }
  code.assignCell(victimOf(unit, context.task), zero);
  code.assignCell(context.irqCell, zero);
  changeDepth(context, constant(-1));
}
