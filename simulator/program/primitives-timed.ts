/** Kernel primitives in timed code: which request each is, and what of its meaning stays in the code. */
import type { RequestKind } from "../des/timed-code.ts";
import type { PrimitiveOp, Type } from "../lang/tree.ts";
import { isNonZero, zero } from "./expressions.ts";
import type { CellTag, Expr } from "./ir.ts";
import { argument, checkMaySleep, enterIrqForm, leaveIrqForm, type Operation } from "./primitives-context.ts";
import { contextHandlers } from "./primitives-timed-context.ts";
import { rcuHandlers } from "./primitives-timed-rcu.ts";
import { waitHandlers } from "./primitives-timed-wait.ts";
import type { Asked } from "./asked.ts";
import { ask, checkAlive } from "./requests.ts";
import { objectsIn } from "./timed.ts";

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
  const handler = waitHandlers[call.op] ?? contextHandlers[call.op] ?? rcuHandlers[call.op];
  return handler?.(operation) ?? null;
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

/** A new object has new counts: completions and semaphores in it begin again, whatever lay there before. */
export function beginCountsInTime(operation: Pick<Operation, "context">, object: { type: Type; address: Expr }): void {
  const { context } = operation;
  if (context.unit.timed === null) return;
  for (const offset of objectsIn(object.type, "completion")) {
    const args = [context.code.offset(object.address, offset)];
    ask(context, { kind: "completion-reinit", spelling: "init_completion", args });
  }
}
