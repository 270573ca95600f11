/** Kernel primitives in timed code: which request each is, and what of its meaning stays in the code. */
import type { RequestKind } from "../des/timed-code.ts";
import type { PrimitiveOp } from "../lang/tree.ts";
import { binary, cell, constant, isNonZero, isZero, one, zero } from "./expressions.ts";
import type { CellTag, Expr } from "./ir.ts";
import {
  argument,
  changeDepth,
  checkMaySleep,
  enterIrqForm,
  leaveIrqForm,
  lowerContextOperation,
  turnOff,
  turnOn,
  type ContextOp,
  type Operation,
} from "./primitives-context.ts";
import { ask, askInSteps, checkAlive, type Asked } from "./requests.ts";
import { objectsIn } from "./timed.ts";
import { queueWords } from "./types.ts";
import type { Type } from "../lang/tree.ts";

/** "takes", "tries", "gives": of locks whose holder may not sleep; "waits" may sleep. "asks": a question. */
type LockRow = {
  readonly kind: RequestKind;
  readonly tag: CellTag;
  readonly does: "takes" | "tries" | "gives" | "waits" | "plain" | "asks";
};

const lockRows: ReadonlyMap<PrimitiveOp, LockRow> = new Map<PrimitiveOp, LockRow>([
  ["spin-lock", { kind: "spin-lock", tag: "spinlock", does: "takes" }],
  ["spin-trylock", { kind: "spin-trylock", tag: "spinlock", does: "tries" }],
  ["spin-unlock", { kind: "spin-unlock", tag: "spinlock", does: "gives" }],
  ["spin-is-locked", { kind: "spin-is-locked", tag: "spinlock", does: "asks" }],
  ["read-lock", { kind: "read-lock", tag: "rwlock", does: "takes" }],
  ["read-trylock", { kind: "read-trylock", tag: "rwlock", does: "tries" }],
  ["read-unlock", { kind: "read-unlock", tag: "rwlock", does: "gives" }],
  ["write-lock", { kind: "write-lock", tag: "rwlock", does: "takes" }],
  ["write-trylock", { kind: "write-trylock", tag: "rwlock", does: "tries" }],
  ["write-unlock", { kind: "write-unlock", tag: "rwlock", does: "gives" }],
  ["mutex-lock", { kind: "mutex-lock", tag: "mutex", does: "waits" }],
  ["mutex-trylock", { kind: "mutex-trylock", tag: "mutex", does: "asks" }],
  ["mutex-unlock", { kind: "mutex-unlock", tag: "mutex", does: "plain" }],
  ["mutex-is-locked", { kind: "mutex-is-locked", tag: "mutex", does: "asks" }],
  ["down-read", { kind: "down-read", tag: "rwsem", does: "waits" }],
  ["down-read-trylock", { kind: "down-read-trylock", tag: "rwsem", does: "asks" }],
  ["up-read", { kind: "up-read", tag: "rwsem", does: "plain" }],
  ["down-write", { kind: "down-write", tag: "rwsem", does: "waits" }],
  ["down-write-trylock", { kind: "down-write-trylock", tag: "rwsem", does: "asks" }],
  ["up-write", { kind: "up-write", tag: "rwsem", does: "plain" }],
  ["downgrade-write", { kind: "downgrade-write", tag: "rwsem", does: "plain" }],
  ["rwsem-is-locked", { kind: "rwsem-is-locked", tag: "rwsem", does: "asks" }],
  ["rwsem-is-contended", { kind: "rwsem-is-contended", tag: "rwsem", does: "asks" }],
  ["semaphore-down", { kind: "semaphore-down", tag: "semaphore", does: "waits" }],
  ["semaphore-down-trylock", { kind: "semaphore-down-trylock", tag: "semaphore", does: "asks" }],
  ["semaphore-up", { kind: "semaphore-up", tag: "semaphore", does: "plain" }],
  ["folio-lock", { kind: "folio-lock", tag: "folio-lock", does: "waits" }],
  ["folio-trylock", { kind: "folio-trylock", tag: "folio-lock", does: "asks" }],
  ["folio-unlock", { kind: "folio-unlock", tag: "folio-lock", does: "plain" }],
  ["folio-test-locked", { kind: "folio-test-locked", tag: "folio-lock", does: "asks" }],
  ["folio-wait-locked", { kind: "folio-wait-locked", tag: "folio-lock", does: "waits" }],
  ["complete", { kind: "complete", tag: "completion", does: "plain" }],
  ["complete-all", { kind: "complete-all", tag: "completion", does: "plain" }],
  ["try-wait-for-completion", { kind: "completion-try-wait", tag: "completion", does: "asks" }],
  ["completion-done", { kind: "completion-done", tag: "completion", does: "asks" }],
  ["reinit-completion", { kind: "completion-reinit", tag: "completion", does: "plain" }],
  ["waitqueue-active", { kind: "queue-active", tag: "wait-queue", does: "asks" }],
]);

/** Marked accesses: each costs the time of one atomic operation, whatever it is made of. */
function isMarked(op: PrimitiveOp): boolean {
  return /^(atomic-|refcount-|bit-|xchg$|cmpxchg$|try-cmpxchg$|seqcount-|seqlock-)/.test(op);
}

/** Lowers a primitive that is a request in timed code. @returns null when it is expanded as in explore */
export function lowerInTime(operation: Operation): Expr | null {
  const { context, call } = operation;
  const row = lockRows.get(call.op);
  if (row !== undefined) return lockInTime(operation, row);
  if (isMarked(call.op) && context.code.mode !== "silent") {
    const [first, second] = operation.args;
    const address = call.op.startsWith("bit-") ? second : first;
    if (address !== undefined) context.code.emit({ kind: "touch", address });
  }
  return lowerWaiting(operation) ?? lowerOthers(operation);
}

/** A lock, or what one asks of it. Also called where a primitive is made of locks and other things. */
export function lockInTime(operation: Operation, row: LockRow, address: Expr = argument(operation, 0)): Expr {
  const { context, call } = operation;
  checkAlive(context, address, row.tag);
  const { irq } = call.attributes;
  const asked = { kind: row.kind, spelling: call.spelling, args: [address], irq, span: call.span } satisfies Asked;
  switch (row.does) {
    case "takes":
      ask(context, { ...asked, blocks: true });
      enterIrqForm(operation);
      return zero;
    case "tries": {
      const taken = ask(context, { ...asked, answers: "bit" });
      enterIrqForm(operation, taken);
      return taken;
    }
    case "gives": {
      const stays = irq === "irqsave" ? [isNonZero(argument(operation, 1))] : [];
      ask(context, { ...asked, args: [address, ...stays] });
      leaveIrqForm(operation);
      return zero;
    }
    case "waits":
      checkMaySleep(context, call.spelling);
      ask(context, { ...asked, blocks: true });
      return zero;
    case "plain":
      ask(context, asked);
      return zero;
    case "asks":
      return ask(context, { ...asked, answers: "bit" });
  }
}

/** The lock of that name in timed code; for primitives that are made of several. */
export function namedLockInTime(
  operation: Operation,
  op: PrimitiveOp,
  word?: { readonly address: Expr; readonly tag: CellTag },
): Expr {
  const row = lockRows.get(op);
  if (row === undefined) throw new Error(`assert: "${op}" is a lock`);
  if (word === undefined) return lockInTime(operation, row);
  return lockInTime(operation, { ...row, tag: word.tag }, word.address);
}

/** jiffies of a bounded wait: a model jiffy is a millisecond. -1 when it has no bound. */
function bound(jiffies: Expr | null): Expr {
  if (jiffies === null || (jiffies.kind === "constant" && jiffies.value === 0x7fff_ffff)) return constant(-1);
  return jiffies;
}

function lowerWaiting(operation: Operation): Expr | null {
  const { context, call } = operation;
  const { spelling, span } = call;
  switch (call.op) {
    case "wait-for-completion":
    case "wait-for-completion-timeout": {
      const address = argument(operation, 0);
      const limited = call.op === "wait-for-completion-timeout";
      checkAlive(context, address, "completion");
      checkMaySleep(context, spelling);
      const args = [address, bound(limited ? argument(operation, 1) : null)];
      const left = ask(context, { kind: "completion-wait", spelling, args, span, answers: "value", blocks: true });
      return limited ? left : zero;
    }
    case "prepare-to-wait":
    case "add-wait-queue": {
      const queue = argument(operation, 0);
      checkAlive(context, queue, "wait-queue");
      const staying = context.code.loadSilently(argument(operation, 1), { bits: 1, signed: false }, "wait-queue");
      const state = call.op === "prepare-to-wait" ? argument(operation, 2) : constant(-1);
      const exclusive = call.attributes.wait.exclusive ? one : zero;
      const args = [queue, state, exclusive, staying];
      return ask(context, { kind: "queue-prepare", spelling, args, span, answers: "bit" });
    }
    case "finish-wait":
    case "remove-wait-queue": {
      const runs = call.op === "finish-wait" ? one : zero;
      ask(context, { kind: "queue-finish", spelling, args: [argument(operation, 0), runs], span });
      return zero;
    }
    case "set-current-state":
      ask(context, { kind: "queue-prepare", spelling, args: [zero, argument(operation, 0), zero, zero], span });
      return zero;
    case "schedule":
      return scheduleInTime(operation);
    case "wake-up": {
      const queue = argument(operation, 0);
      checkAlive(context, context.code.offset(queue, queueWords.waiters), "wait-queue");
      ask(context, { kind: "wake-up", spelling, args: [queue, argument(operation, 1), argument(operation, 2)], span });
      return zero;
    }
    case "wake-up-process":
      return wakeProcess(operation);
    default:
      return null;
  }
}

function scheduleInTime(operation: Operation): Expr {
  const { context, call } = operation;
  const { spelling, span } = call;
  const { wait } = call.attributes;
  if (context.task < 0) return wait.timeout ? argument(operation, 0) : zero;
  if (wait.state !== 0)
    ask(context, { kind: "queue-prepare", spelling, args: [zero, constant(wait.state), zero, zero], span });
  checkMaySleep(context, spelling);
  const args = [bound(wait.timeout ? argument(operation, 0) : null)];
  const left = ask(context, { kind: "schedule", spelling, args, span, answers: "value", blocks: true });
  return wait.timeout ? left : zero;
}

function wakeProcess(operation: Operation): Expr {
  const { context, call } = operation;
  const { code, unit } = context;
  const handles = unit.taskHandles();
  const handle = argument(operation, 0);
  code.check(isNonZero(handle), { class: "null-deref", message: `${call.spelling} on a task that is NULL` });
  const offset = code.keep(binary("sub", handle, constant(handles.base)));
  const end = constant(handles.stride * handles.count);
  const isKnown = binary("and", binary("lt-u", offset, end), isZero(binary("mod-u", offset, constant(handles.stride))));
  const message = `${call.spelling} on something that is no task of the scenario`;
  code.check(isKnown, { class: "wild-pointer", message });
  const args = [binary("div-u", offset, constant(handles.stride)), argument(operation, 1)];
  return ask(context, { kind: "wake-up-process", spelling: call.spelling, args, span: call.span, answers: "bit" });
}

function lowerOthers(operation: Operation): Expr | null {
  const { context, call } = operation;
  const { spelling, span } = call;
  switch (call.op) {
    case "sleep-for":
    case "delay-for": {
      const sleeps = call.op === "sleep-for";
      if (sleeps) checkMaySleep(context, spelling);
      const unit = operation.args[operation.args.length - 1];
      const unitNs = unit?.kind === "constant" ? unit.value >>> 0 : 1;
      const at = (value: Expr): { value: Expr; isUnsigned: true; unitNs: number } => ({
        value,
        isUnsigned: true,
        unitNs,
      });
      const [lo, hi] = [at(argument(operation, 0)), at(argument(operation, 1))];
      const time =
        operation.args.length > 2 ? ({ kind: "uniform", lo, hi } as const) : ({ kind: "fixed", time: lo } as const);
      askInSteps(context, { kind: sleeps ? "sleep" : "work", spelling, args: [], time, span });
      return zero;
    }
    case "cpu-relax":
      askInSteps(context, { kind: "pause", spelling, args: [], span });
      return zero;
    case "cond-resched":
      checkMaySleep(context, spelling);
      askInSteps(context, { kind: "cond-resched", spelling, args: [], span });
      return zero;
    case "local-irq-disable":
    case "local-irq-enable":
    case "local-irq-save":
    case "local-irq-restore":
    case "local-bh-disable":
    case "local-bh-enable":
      return switchInterrupts(operation, call.op);
    case "local-lock":
    case "local-unlock":
      return localLock(operation);
    case "same-value": {
      // A jiffy is a millisecond here.
      const value = argument(operation, 0);
      if (!spelling.startsWith("usecs")) return value;
      return binary("div-u", binary("add", value, constant(999)), constant(1000));
    }
    case "lockdep-assert-held":
    case "might-lock":
      return zero;
    case "lockdep-is-held":
      return one;
    case "tlb-flush":
    case "use-mm":
      ask(context, { kind: call.op, spelling, args: [argument(operation, 0)], span });
      return zero;
    default:
      return lowerRcuInTime(operation);
  }
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

function checkOutsideSection(operation: Operation): void {
  const { context } = operation;
  if (context.task < 0) return;
  context.code.check(isZero(cell(context.unit.rcuNestingOf(context.task))), {
    class: "rcu-misuse",
    message: "a grace period is awaited inside a read section: it would wait for itself",
  });
}

function lowerRcuInTime(operation: Operation): Expr | null {
  const { context, call } = operation;
  const { spelling, span } = call;
  const first = argument(operation, 0);
  switch (call.op) {
    case "rcu-read-lock":
    case "rcu-read-unlock":
      return sectionInTime(operation);
    case "synchronize-rcu":
    case "rcu-barrier":
    case "srcu-barrier": {
      if (context.task < 0) return zero;
      if (call.op !== "srcu-barrier") checkOutsideSection(operation);
      checkMaySleep(context, spelling);
      const kind = call.op === "synchronize-rcu" ? "synchronize-rcu" : "rcu-barrier";
      const args = call.op === "synchronize-rcu" ? [] : [call.op === "srcu-barrier" ? first : zero];
      ask(context, { kind, spelling, args, span, blocks: true });
      return zero;
    }
    case "synchronize-srcu":
      if (context.task < 0) return zero;
      checkAlive(context, first, "srcu");
      checkMaySleep(context, spelling);
      ask(context, { kind: "synchronize-srcu", spelling, args: [first], span, blocks: true });
      return zero;
    case "srcu-read-lock":
      checkAlive(context, first, "srcu");
      return ask(context, { kind: "srcu-read-lock", spelling, args: [first], span, answers: "value" });
    case "srcu-read-unlock":
      ask(context, { kind: "srcu-read-unlock", spelling, args: [first, argument(operation, 1)], span });
      return zero;
    case "srcu-read-lock-held":
      return one;
    case "call-rcu":
    case "call-srcu":
    case "kfree-rcu":
      return callInTime(operation);
    default:
      return null;
  }
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

/** A new object has new counts: completions and semaphores in it begin again, whatever lay there before. */
export function beginCountsInTime(operation: Pick<Operation, "context">, object: { type: Type; address: Expr }): void {
  const { context } = operation;
  if (context.unit.timed === null) return;
  for (const offset of objectsIn(object.type, "completion")) {
    const args = [context.code.offset(object.address, offset)];
    ask(context, { kind: "completion-reinit", spelling: "init_completion", args });
  }
}
