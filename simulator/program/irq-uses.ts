/**
 * How spinning locks are taken, for class irq-unsafe, by the states and rules that lockdep has for one lock: what an irq task
 * may have to wait for must not be held by a task with interrupts on, or the handler may come while its own CPU holds it.
 * Remembered in the lock, where there are irq tasks.
 *
 * States: ever taken in an irq task, ever taken with interrupts on; each for writing (and spinlocks) and for reading. A
 * trylock in an irq task does not count as taken there, since it does not wait; outside it counts. Taken in an irq task does
 * not go with taken with interrupts on, unless both read.
 * Source: Documentation/locking/lockdep-design.rst, "Single-lock state rules"; kernel/locking/lockdep.c of Linux 6.12,
 * mark_usage and mark_lock_irq.
 */
import { binary, constant, isZero, select, zero, cell } from "./expressions.ts";
import type { CellTag, Expr } from "./ir.ts";
import { argument, type Operation } from "./primitives-context.ts";
import { lockWords, usesShape } from "./types.ts";

/** LOCK_USED_IN_HARDIRQ, LOCK_ENABLED_HARDIRQ, and the _READ forms of both. */
const takenInIrq = 1;
const takenWithInterruptsOn = 2;
const readInIrq = 4;
const readWithInterruptsOn = 8;

type Use = {
  readonly tag: CellTag;
  /** 1 if it is taken. */
  readonly when: Expr;
  readonly mode: "read" | "write";
  /** A trylock: it fails rather than waits. */
  readonly tries: boolean;
};

/** To be called where the lock is taken, before interrupts are turned off by its irq form... unless that does so at once. */
export function noteLockUse(operation: Operation, use: Use): void {
  const { context, call } = operation;
  const { code, unit } = context;
  if (!unit.widths.remembersIrq || context.task < 0) return;
  const bit = usedAs(operation, use);
  if (bit.kind === "constant" && bit.value === 0) return;
  const shape = usesShape(use.tag);
  const address = code.offset(argument(operation, 0), lockWords.uses);
  const uses = code.loadSilently(address, shape, use.tag);
  const now = code.keep(binary("or", uses, select(use.when, bit, zero)));
  const message = `${call.spelling}: this lock is taken in an irq task, and elsewhere with interrupts on`;
  code.check(isZero(clashes(now, use.tag)), { class: "irq-unsafe", message });
  code.storeSilently(address, now, { shape, tag: use.tag });
}

function usedAs(operation: Operation, use: Use): Expr {
  const { context, call } = operation;
  const reads = use.mode === "read";
  if (context.isIrq) return use.tries ? zero : constant(reads ? readInIrq : takenInIrq);
  const turnsOff = call.attributes.irq === "irq" || call.attributes.irq === "irqsave";
  if (turnsOff) return zero;
  const open = constant(reads ? readWithInterruptsOn : takenWithInterruptsOn);
  return select(isZero(cell(context.irqCell)), open, zero);
}

/** Not 0 when two states do not go together. */
function clashes(uses: Expr, tag: CellTag): Expr {
  const has = (bits: number): Expr => binary("eq", binary("and", uses, constant(bits)), constant(bits));
  if (tag !== "rwlock") return has(takenInIrq | takenWithInterruptsOn);
  const writes = binary("or", has(takenInIrq | takenWithInterruptsOn), has(takenInIrq | readWithInterruptsOn));
  return binary("or", writes, has(readInIrq | takenWithInterruptsOn));
}
