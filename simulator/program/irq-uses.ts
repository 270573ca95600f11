/**
 * How spinning locks are taken, for class irq-unsafe: an instance that an irq task takes must be taken with interrupts off
 * everywhere else, or the handler may come while its own CPU holds it. Remembered in the lock, where there are irq tasks.
 * Source: Documentation/locking/lockdep-design.rst, "Single-lock state rules" (hardirq-safe and hardirq-unsafe).
 */
import { binary, cell, constant, isZero, select, zero } from "./expressions.ts";
import type { CellTag, Expr } from "./ir.ts";
import { argument, type Operation } from "./primitives-context.ts";
import { lockWords, usesShape } from "./types.ts";

const takenInIrq = 1;
const takenWithInterruptsOn = 2;

/** To be called where the lock is taken, before interrupts are turned off by its irq form... unless that does so at once. */
export function noteLockUse(operation: Operation, use: { readonly tag: CellTag; readonly when: Expr }): void {
  const { context, call } = operation;
  const { code, unit } = context;
  if (!unit.widths.remembersIrq || context.task < 0) return;
  const turnsOff = call.attributes.irq === "irq" || call.attributes.irq === "irqsave";
  const open = turnsOff ? zero : select(isZero(cell(context.irqCell)), constant(takenWithInterruptsOn), zero);
  const bit = context.isIrq ? constant(takenInIrq) : open;
  const address = code.offset(argument(operation, 0), lockWords.uses);
  const uses = code.loadSilently(address, usesShape, use.tag);
  const now = code.keep(binary("or", uses, select(use.when, bit, zero)));
  const message = `${call.spelling}: this lock is taken in an irq task, and elsewhere with interrupts on`;
  const both = takenInIrq | takenWithInterruptsOn;
  code.check(binary("ne", now, constant(both)), { class: "irq-unsafe", message });
  code.storeSilently(address, now, { shape: usesShape, tag: use.tag });
}
