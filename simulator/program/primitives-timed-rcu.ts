/** RCU and SRCU in timed code: the engine keeps grace periods; callbacks run in a hidden task (lower-timed.ts). */
import type { PrimitiveOp } from "../lang/tree.ts";
import type { RequestKind } from "../des/timed-code.ts";
import { binary, cell, constant, isNonZero, isZero, one, zero } from "./expressions.ts";
import type { Expr } from "./ir.ts";
import {
  argument,
  changeDepth,
  checkMaySleep,
  turnOff,
  turnOn,
  type Operation,
  type TimedHandler,
} from "./primitives-context.ts";
import { ask, checkAlive } from "./requests.ts";

export const rcuHandlers: Partial<Readonly<Record<PrimitiveOp, TimedHandler>>> = {
  "rcu-read-lock": sectionInTime,
  "rcu-read-unlock": sectionInTime,
  "synchronize-rcu": (operation) => {
    checkOutsideSection(operation);
    return waitInTime(operation, "synchronize-rcu", []);
  },
  "rcu-barrier": (operation) => {
    checkOutsideSection(operation);
    return waitInTime(operation, "rcu-barrier", [zero]);
  },
  "srcu-barrier": (operation) => waitInTime(operation, "rcu-barrier", [argument(operation, 0)]),
  "synchronize-srcu": (operation) => {
    checkAlive(operation.context, argument(operation, 0), "srcu");
    return waitInTime(operation, "synchronize-srcu", [argument(operation, 0)]);
  },
  "srcu-read-lock": ({ context, call, args: [domain] }) => {
    const { spelling, span } = call;
    checkAlive(context, domain ?? zero, "srcu");
    return ask(context, { kind: "srcu-read-lock", spelling, args: [domain ?? zero], span, answers: "value" });
  },
  "srcu-read-unlock": (operation) => {
    const { context, call } = operation;
    const args = [argument(operation, 0), argument(operation, 1)];
    ask(context, { kind: "srcu-read-unlock", spelling: call.spelling, args, span: call.span });
    return zero;
  },
  "srcu-read-lock-held": () => one,
  "call-rcu": callInTime,
  "call-srcu": callInTime,
  "kfree-rcu": callInTime,
};

function checkOutsideSection(operation: Operation): void {
  const { context } = operation;
  if (context.task < 0) return;
  context.code.check(isZero(cell(context.unit.rcuNestingOf(context.task))), {
    class: "rcu-misuse",
    message: "a grace period is awaited inside a read section: it would wait for itself",
  });
}

/** Waits for a grace period or for callbacks; init and properties do not. */
function waitInTime(operation: Operation, kind: RequestKind, args: readonly Expr[]): Expr {
  const { context, call } = operation;
  if (context.task < 0) return zero;
  checkMaySleep(context, call.spelling);
  ask(context, { kind, spelling: call.spelling, args, span: call.span, blocks: true });
  return zero;
}

function sectionInTime(operation: Operation): Expr {
  const { context, call } = operation;
  const { code, unit } = context;
  if (context.task < 0) return zero;
  const nesting = unit.rcuNestingOf(context.task);
  const asked = { spelling: call.spelling, args: [], irq: call.attributes.irq, span: call.span };
  if (call.op === "rcu-read-lock") {
    ask(context, { ...asked, kind: "rcu-read-lock" });
    code.assignCell(nesting, binary("add", cell(nesting), one));
    changeDepth(context, one);
    if (call.attributes.irq === "bh") turnOff(context, "bottom halves");
    return zero;
  }
  if (call.attributes.irq === "bh") turnOn(context, "bottom halves", call.spelling);
  const message = `${call.spelling} outside of a read section`;
  code.check(isNonZero(cell(nesting)), { class: "unlock-not-held", message });
  code.assignCell(nesting, binary("sub", cell(nesting), one));
  changeDepth(context, constant(-1));
  ask(context, { ...asked, kind: "rcu-read-unlock" });
  return zero;
}

/** call_rcu, call_srcu, kfree_rcu: kfree_rcu(NULL) is nothing. */
function callInTime(operation: Operation): Expr {
  const { context, call } = operation;
  const { code } = context;
  const { spelling, span } = call;
  const isSrcu = call.op === "call-srcu";
  const object = argument(operation, isSrcu ? 1 : 0);
  if (call.op === "kfree-rcu" && call.args.length === 1) checkMaySleep(context, spelling);
  context.unit.seen.callbacks = true;
  const action = call.op === "kfree-rcu" ? zero : argument(operation, isSrcu ? 2 : 1);
  const args = [object, action, isSrcu ? argument(operation, 0) : zero];
  const [some, done] = [code.newLabel(), code.newLabel()];
  if (call.op === "kfree-rcu") code.branch(isNonZero(object), some, done);
  else code.check(isNonZero(object), { class: "null-deref", message: `${spelling} on NULL` });
  code.place(some);
  ask(context, { kind: "rcu-call", spelling, args, span });
  code.place(done);
  return zero;
}
