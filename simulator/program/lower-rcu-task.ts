/** The hidden task `rcu`: runs callbacks whose grace period is over, one after another, in any order. */
import { callbacksOf, touchHead } from "./callbacks.ts";
import type { Expr as TreeExpr } from "../lang/tree.ts";
import type { Lowering, TaskContext } from "./context.ts";
import { constant, isNonZero, one, temp, zero } from "./expressions.ts";
import type { Expr } from "./ir.ts";
import { makeFrame } from "./lower-call.ts";
import { changeDepth } from "./primitives-context.ts";
import { callbackRuns, runningBarriers } from "./primitives-rcu.ts";
import { wordShape } from "./types.ts";

/** An endless loop: a step takes a callback that is ready, then its function runs by its own steps; it may not sleep. */
export function lowerRcuTask(lowering: Lowering, context: TaskContext): void {
  const { code, unit } = context;
  const callbacks = callbacksOf(unit);
  context.frames.push(makeFrame(context, { name: "", variables: new Map(), statements: [], results: [] }));
  const [head, past, frees, calls] = [code.newLabel(), code.newLabel(), code.newLabel(), code.newLabel()];
  code.place(head);
  context.headNodes.push(code.length);
  code.jump(past);
  code.place(past);
  context.waitNodes.push(code.length);
  code.begin({ text: "a grace period is over", address: null });
  const at = code.newTemp(wordShape);
  code.emit({ kind: "choose", temp: at, lo: zero, hi: constant(callbacks.slots.length - 1), step: false });
  code.guard(callbacks.isReady(temp(at)), { text: "a grace period", address: null }, { sleeps: false });
  const taken = callbacks.remove(context, temp(at));
  if (unit.deferred.hasBarrier) code.assignCell(runningBarriers(unit), taken.barriers);
  code.branch(isNonZero(taken.action), calls, frees);
  code.place(frees);
  code.emit({ kind: "free", address: taken.object, pool: -1, name: "kfree_rcu" });
  callbacks.checkHeads(context);
  if (unit.deferred.hasBarrier) code.assignCell(runningBarriers(unit), zero);
  code.jump(head);
  code.place(calls);
  // What was a variable of a block, or went to a SLAB_TYPESAFE_BY_RCU cache, is not noticed where it went.
  touchHead(context, taken.object, one);
  if (unit.deferred.hasBarrier) code.assignCell(callbackRuns(unit), one);
  changeDepth(context, one);
  callFunction(lowering, context, { object: taken.object, action: taken.action });
  changeDepth(context, constant(-1));
  if (unit.deferred.hasBarrier) {
    code.assignCell(callbackRuns(unit), zero);
    code.assignCell(runningBarriers(unit), zero);
  }
  code.jump(head);
  code.emit({ kind: "end" });
  context.frames.pop();
  unit.nodeCount += code.length;
}

export type Taken = { readonly object: Expr; readonly action: Expr };

/** Calls the function with the head, as the kernel's loop over ready callbacks does. */
export function callFunction(lowering: Lowering, context: TaskContext, taken: Taken): void {
  const { unit } = context.unit;
  const { span } = context.code;
  const [object, action] = [unit.bindings, unit.bindings + 1];
  context.bindings.set(object, taken.object);
  context.bindings.set(action, taken.action);
  const head = { kind: "pointer", to: { kind: "object", object: "rcu-head" }, volatile: false } as const;
  const type = { kind: "function", result: { kind: "void" }, parameters: [head] } as const;
  const pointer: TreeExpr = {
    kind: "bound",
    binding: action,
    type: { kind: "pointer", to: type, volatile: false },
    span,
  };
  const argument: TreeExpr = { kind: "bound", binding: object, type: head, span };
  lowering.call(context, {
    kind: "call",
    callee: { kind: "indirect", pointer },
    args: [argument],
    type: { kind: "void" },
    span,
  });
}
