/** Contexts in timed code: what turns preemption and interrupts off the engine must know; the counts stay in the code. */
import type { RequestKind } from "../des/timed-code.ts";
import type { PrimitiveOp } from "../lang/tree.ts";
import { cell, isZero, one, zero } from "./expressions.ts";
import type { Expr } from "./ir.ts";
import {
  argument,
  checkMaySleep,
  enterIrqForm,
  leaveIrqForm,
  lowerContextOperation,
  turnOff,
  turnOn,
  type ContextOp,
  type Operation,
  type TimedHandler,
} from "./primitives-context.ts";
import { ask, askInSteps } from "./requests.ts";

export const contextHandlers: Partial<Readonly<Record<PrimitiveOp, TimedHandler>>> = {
  "cpu-relax": ({ context, call }) => {
    askInSteps(context, { kind: "pause", spelling: call.spelling, args: [], span: call.span });
    return zero;
  },
  "cond-resched": ({ context, call }) => {
    checkMaySleep(context, call.spelling);
    askInSteps(context, { kind: "cond-resched", spelling: call.spelling, args: [], span: call.span });
    return zero;
  },
  "local-irq-disable": (operation) => switchInterrupts(operation, "local-irq-disable"),
  "local-irq-enable": (operation) => switchInterrupts(operation, "local-irq-enable"),
  "local-irq-save": (operation) => switchInterrupts(operation, "local-irq-save"),
  "local-irq-restore": (operation) => switchInterrupts(operation, "local-irq-restore"),
  "local-bh-disable": (operation) => switchInterrupts(operation, "local-bh-disable"),
  "local-bh-enable": (operation) => switchInterrupts(operation, "local-bh-enable"),
  "local-lock": localLock,
  "local-unlock": localLock,
  // As a kernel built without lockdep: nothing is asserted, and whatever is asked to be held is.
  "lockdep-assert-held": () => zero,
  "might-lock": () => zero,
  "lockdep-is-held": () => one,
  "tlb-flush": (operation) => tellOfMm(operation, "tlb-flush"),
  "use-mm": (operation) => tellOfMm(operation, "use-mm"),
};

function tellOfMm(operation: Operation, kind: "tlb-flush" | "use-mm"): Expr {
  const { context, call } = operation;
  ask(context, { kind, spelling: call.spelling, args: [argument(operation, 0)], span: call.span });
  return zero;
}

function switchInterrupts(operation: Operation, op: ContextOp): Expr {
  const { context, call } = operation;
  const kinds: Partial<Record<ContextOp, RequestKind>> = {
    "local-irq-disable": "irq-disable",
    "local-irq-save": "irq-disable",
    "local-irq-enable": "irq-enable",
    "local-bh-disable": "preempt-disable",
    "local-bh-enable": "preempt-enable",
  };
  const kind = kinds[op];
  const asked = { spelling: call.spelling, args: [], span: call.span };
  if (kind !== undefined) ask(context, { ...asked, kind });
  const value = lowerContextOperation(operation, op);
  if (op !== "local-irq-restore" || context.task < 0) return value;
  const { code } = context;
  const [on, off] = [code.newLabel(), code.newLabel()];
  code.branch(isZero(cell(context.irqCell)), on, off);
  code.place(on);
  ask(context, { ...asked, kind: "irq-enable" });
  code.place(off);
  return value;
}

/** A local lock is per CPU: it turns preemption off, and interrupts in its irq forms. */
function localLock(operation: Operation): Expr {
  const { context, call } = operation;
  const { irq } = call.attributes;
  const asked = { spelling: call.spelling, args: [], span: call.span };
  if (call.op === "local-lock") {
    turnOff(context, "preemption");
    if (irq !== "none") ask(context, { ...asked, kind: "irq-disable" });
    if (irq !== "none") enterIrqForm(operation, one, { depth: false });
    return zero;
  }
  if (irq !== "none") leaveIrqForm(operation, { depth: false });
  if (irq !== "none") ask(context, { ...asked, kind: "irq-enable" });
  turnOn(context, "preemption", call.spelling);
  return zero;
}
