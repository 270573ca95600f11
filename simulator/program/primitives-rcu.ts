/**
 * RCU and SRCU: read sections nest; a grace period waits for the sections that were open at its start ("Blocking").
 * Callbacks are queued with the sections that were open at the call (callbacks.ts), and run by the hidden task `rcu`.
 * Source: Documentation/RCU/whatisRCU.rst and Design/Requirements (6.12).
 */
import type { UnitContext, TaskContext } from "./context.ts";
import { callbacksOf, freeAction, touchHead, type Callbacks } from "./callbacks.ts";
import { binary, cell, constant, isNonZero, isZero, one, select, zero } from "./expressions.ts";
import type { Expr, ScalarShape } from "./ir.ts";
import {
  argument,
  changeDepth,
  checkMaySleep,
  labelOf,
  turnOff,
  turnOn,
  type Operation,
} from "./primitives-context.ts";
import { ownBit } from "./primitives-wait.ts";
import { pairShape, wordShape } from "./types.ts";

export type RcuOp =
  | "rcu-read-lock"
  | "rcu-read-unlock"
  | "rcu-read-lock-held"
  | "synchronize-rcu"
  | "rcu-barrier"
  | "call-rcu"
  | "kfree-rcu";

export function lowerRcu(operation: Operation, op: RcuOp): Expr {
  const { context } = operation;
  switch (op) {
    case "rcu-read-lock-held":
      return context.task < 0 ? zero : isNonZero(cell(context.unit.rcuNestingOf(context.task)));
    case "rcu-read-lock":
    case "rcu-read-unlock":
      lowerSection(operation, op);
      return zero;
    case "synchronize-rcu":
      lowerSynchronize(operation);
      return zero;
    case "rcu-barrier":
      lowerBarrier(operation, zero);
      return zero;
    case "call-rcu":
      enqueue(operation, headed(argument(operation, 0), { action: argument(operation, 1), domain: zero }));
      return zero;
    case "kfree-rcu":
      if (operation.call.args.length === 1) checkMaySleep(context, operation.call.spelling);
      enqueue(operation, {
        object: argument(operation, 0),
        head: operation.args[1] ?? null,
        action: freeAction,
        domain: zero,
      });
      return zero;
  }
}

/** rcu_read_lock and unlock; the _bh and _sched forms turn something off besides. */
function lowerSection(operation: Operation, op: "rcu-read-lock" | "rcu-read-unlock"): void {
  const { context, call } = operation;
  const { code, unit } = context;
  if (context.task < 0) return;
  const nesting = unit.rcuNestingOf(context.task);
  code.begin(labelOf(operation, null));
  if (op === "rcu-read-lock") {
    code.emit({ kind: "limit", unless: binary("lt", cell(nesting), constant(7)), limit: "width" });
    code.assignCell(nesting, binary("add", cell(nesting), one));
    changeDepth(context, one);
    if (call.attributes.irq === "bh") turnOff(context, "bottom halves");
    return;
  }
  if (call.attributes.irq === "bh") turnOn(context, "bottom halves", call.spelling);
  code.check(isNonZero(cell(nesting)), {
    class: "unlock-not-held",
    message: `${call.spelling} outside of a read section`,
  });
  code.assignCell(nesting, binary("sub", cell(nesting), one));
  changeDepth(context, constant(-1));
  const leave = code.newLabel();
  const done = code.newLabel();
  code.branch(isZero(cell(nesting)), leave, done);
  code.place(leave);
  code.emit({ kind: "rcu-leave" });
  code.place(done);
}

/** A bit for each task that is inside a read section. */
function openSections(unit: UnitContext): Expr {
  const open = unit.taskNames.map((_, task) => binary("shl", isNonZero(cell(unit.rcuNestingOf(task))), constant(task)));
  return open.reduce((sum, bit) => binary("or", sum, bit), zero);
}

const gracePeriod = { text: "a grace period", address: null };

function checkOutside(operation: Operation): void {
  const { context } = operation;
  if (context.task < 0) return;
  context.code.check(isZero(cell(context.unit.rcuNestingOf(context.task))), {
    class: "rcu-misuse",
    message: "a grace period is awaited inside a read section: it would wait for itself",
  });
}

function lowerSynchronize(operation: Operation): void {
  const { context, call } = operation;
  const { code, unit } = context;
  if (context.task < 0) return;
  code.begin(labelOf(operation, null));
  checkOutside(operation);
  checkMaySleep(context, call.spelling);
  const mask = openSections(unit);
  if (code.mode !== "steps") {
    code.guard(isZero(mask), gracePeriod, { sleeps: true });
    return;
  }
  code.assignCell(context.graceCell, mask);
  code.begin({ text: `${call.spelling}() returns`, address: null });
  code.guard(isZero(cell(context.graceCell)), gracePeriod, { sleeps: true });
}

/** `head`: the rcu_head that is written when it is queued; null for a form without one. */
type Queued = {
  readonly object: Expr;
  readonly head: Expr | null;
  readonly action: Expr;
  readonly domain: Expr;
};

/** call_rcu's: the head is what is queued. */
function headed(head: Expr, rest: Pick<Queued, "action" | "domain">): Queued {
  return { object: head, head, ...rest };
}

/** call_rcu and kin: one step that records the sections open now. kfree_rcu(NULL) is nothing. */
function enqueue(operation: Operation, queued: Queued): void {
  const { context, call } = operation;
  const { code, unit } = context;
  code.begin(labelOf(operation));
  context.noteCallback(operation.call.op === "call-srcu");
  const callbacks = callbacksOf(unit);
  const [some, done] = [code.newLabel(), code.newLabel()];
  if (call.op === "kfree-rcu") code.branch(isNonZero(queued.object), some, done);
  else code.check(isNonZero(queued.object), { class: "null-deref", message: `${call.spelling} on NULL` });
  code.place(some);
  if (queued.head !== null) touchHead(context, queued.head, one);
  code.check(isZero(callbacks.isQueued(queued.object)), {
    class: "rcu-misuse",
    message: `${call.spelling}: this is queued already`,
  });
  const isSrcu = call.op === "call-srcu";
  callbacks.insert(context, {
    action: queued.action,
    domain: queued.domain,
    object: code.keep(queued.object),
    sections: isSrcu ? zero : code.keep(openSections(unit)),
    srcuSections: isSrcu ? code.keep(openIn(operation, queued.domain)) : zero,
    barriers: zero,
  });
  code.place(done);
}

/** Tasks whose rcu_barrier waits for the callback that runs now. */
export function runningBarriers(unit: UnitContext): number {
  return unit.hidden({ name: "barriers of the running callback", task: -1, shape: unit.taskMask, print: "sleepers" });
}

/** Whether a callback runs now. */
export function callbackRuns(unit: UnitContext): number {
  return unit.hidden({ name: "a callback runs", task: -1, shape: { bits: 1, signed: false } });
}

/** rcu_barrier, srcu_barrier: waits for the callbacks (of a domain) that are queued at its start. */
function lowerBarrier(operation: Operation, domain: Expr): void {
  const { context, call } = operation;
  const { code, unit } = context;
  context.noteBarrier();
  const callbacks = callbacksOf(unit);
  const own = ownBit(context);
  code.begin(labelOf(operation, null));
  if (call.op === "rcu-barrier") checkOutside(operation);
  checkMaySleep(context, call.spelling);
  if (callbacks.slots.length === 0) return;
  const [running, runs] = [runningBarriers(unit), callbackRuns(unit)];
  const concerns = (index: number): Expr => {
    const here = callbacks.read(index);
    return binary("and", isNonZero(here.object), binary("eq", here.domain, domain));
  };
  if (code.mode !== "steps") {
    const none = callbacks.slots.reduce<Expr>((any, _, index) => binary("or", any, concerns(index)), cell(runs));
    code.guard(isZero(none), gracePeriod, { sleeps: true });
    return;
  }
  callbacks.slots.forEach((_, index) => {
    const { barriers } = callbacks.read(index);
    callbacks.write(context, index, { barriers: select(concerns(index), binary("or", barriers, own), barriers) });
  });
  code.assignCell(running, select(cell(runs), binary("or", cell(running), own), cell(running)));
  code.begin({ text: `${call.spelling}() returns`, address: null });
  const left = callbacks.slots.reduce<Expr>(
    (any, _, index) => binary("or", any, callbacks.read(index).barriers),
    cell(running),
  );
  code.guard(isZero(binary("and", left, own)), { text: "callbacks", address: null }, { sleeps: true });
}

export type SrcuOp =
  "srcu-read-lock" | "srcu-read-unlock" | "srcu-read-lock-held" | "synchronize-srcu" | "srcu-barrier" | "call-srcu";

/** Two bits a task in the srcu_struct: how many sections it has open. Its index is 0 always. */
export function lowerSrcu(operation: Operation, op: SrcuOp): Expr {
  const { context } = operation;
  switch (op) {
    case "srcu-read-lock":
    case "srcu-read-unlock":
      lowerSrcuSection(operation, op);
      return zero;
    case "srcu-read-lock-held":
      return context.task < 0 ? zero : isNonZero(ownCount(context, readersOf(operation)));
    case "synchronize-srcu":
      lowerSynchronizeSrcu(operation);
      return zero;
    case "srcu-barrier":
      lowerBarrier(operation, argument(operation, 0));
      return zero;
    case "call-srcu": {
      const [domain, object, action] = [argument(operation, 0), argument(operation, 1), argument(operation, 2)];
      enqueue(operation, headed(object, { action, domain }));
      return zero;
    }
  }
}

function srcuShape(context: TaskContext): ScalarShape {
  return pairShape(context.unit.widths);
}

function readersOf(operation: Operation, domain: Expr = argument(operation, 0)): Expr {
  const { context } = operation;
  return context.code.loadSilently(domain, srcuShape(context), "srcu");
}

function ownCount(context: TaskContext, readers: Expr): Expr {
  return binary("and", binary("shr-u", readers, constant(2 * context.task)), constant(3));
}

/** A bit for each task that is inside a section of a domain. */
function openIn(operation: Operation, domain: Expr): Expr {
  const readers = readersOf(operation, domain);
  return operation.context.unit.taskNames.reduce<Expr>((sum, _, task) => {
    const count = binary("and", binary("shr-u", readers, constant(2 * task)), constant(3));
    return binary("or", sum, binary("shl", isNonZero(count), constant(task)));
  }, zero);
}

function lowerSrcuSection(operation: Operation, op: "srcu-read-lock" | "srcu-read-unlock"): void {
  const { context, call } = operation;
  const { code } = context;
  if (context.task < 0) return;
  code.begin(labelOf(operation));
  const readers = readersOf(operation);
  const count = ownCount(context, readers);
  const target = { shape: srcuShape(context), tag: "srcu" } as const;
  const unit1 = constant(1 << (2 * context.task));
  if (op === "srcu-read-lock") {
    code.emit({ kind: "limit", unless: binary("ne", count, constant(3)), limit: "width" });
    code.storeSilently(argument(operation, 0), binary("add", readers, unit1), target);
    return;
  }
  const message = `${call.spelling}: this task has no section open here, or not of that index`;
  const held = binary("and", isNonZero(count), isZero(argument(operation, 1)));
  code.check(held, { class: "unlock-not-held", message });
  code.storeSilently(argument(operation, 0), binary("sub", readers, unit1), target);
  endSrcuSection(operation, binary("eq", count, one));
}

/** Grace periods and callbacks of the domain wait for this task no longer, when its last section there ends. */
function endSrcuSection(operation: Operation, last: Expr): void {
  const { context } = operation;
  const { code, unit } = context;
  const domain = argument(operation, 0);
  const others = constant(~(1 << context.task));
  const clear = (mask: number, of: Expr): void => {
    const mine = binary("and", last, binary("eq", of, domain));
    code.assignCell(mask, select(mine, binary("and", cell(mask), others), cell(mask)));
  };
  for (const waiter of unit.deferred.srcuWaiters) clear(srcuMask(unit, waiter), cell(srcuDomain(unit, waiter)));
  if (!unit.deferred.hasSrcuCallbacks) return;
  for (const slot of callbacksOf(unit).slots) {
    if (slot.srcuSections !== null && slot.domain !== null) clear(slot.srcuSections, cell(slot.domain));
  }
}

function srcuMask(unit: UnitContext, task: number): number {
  return unit.hidden({ name: "srcu grace period", task, shape: unit.taskMask, print: "sleepers" });
}

function srcuDomain(unit: UnitContext, task: number): number {
  return unit.hidden({ name: "srcu domain", task, shape: wordShape, print: "pointer" });
}

function lowerSynchronizeSrcu(operation: Operation): void {
  const { context, call } = operation;
  const { code, unit } = context;
  if (context.task < 0) return;
  context.noteSrcuWait();
  code.begin(labelOf(operation));
  const open = code.keep(openIn(operation, argument(operation, 0)));
  code.check(isZero(binary("and", open, ownBit(context))), {
    class: "rcu-misuse",
    message: `${call.spelling} inside a read section of the same domain: it would wait for itself`,
  });
  checkMaySleep(context, call.spelling);
  if (code.mode !== "steps") {
    code.guard(isZero(open), gracePeriod, { sleeps: true });
    return;
  }
  const [mask, domain] = [srcuMask(unit, context.task), srcuDomain(unit, context.task)];
  code.assignCell(mask, open);
  code.assignCell(domain, argument(operation, 0));
  code.begin({ text: `${call.spelling}(%) returns`, address: argument(operation, 0) });
  code.guard(isZero(cell(mask)), gracePeriod, { sleeps: true });
  code.assignCell(domain, zero);
}

/** The words that say whether a callback is pending; all 0 when none is. */
export function pendingCells(callbacks: Callbacks): readonly number[] {
  const [first] = callbacks.slots;
  return first?.object === undefined || first.object === null ? [] : [first.object];
}
