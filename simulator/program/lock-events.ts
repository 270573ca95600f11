/**
 * Where tasks ask for a lock and would wait for it. Trylocks do not ask: they never wait, so no lock has to be let go for
 * them (Documentation/locking/lockdep-design.rst); what they took is held like any other.
 *
 * Left out: folio locks, semaphores and completions, which anybody may let go (nobody can be said to hold them), and locks
 * that are taken inside an atomic block, which asks as its first step or not at all.
 */
import type { PrimitiveCall } from "../lang/tree.ts";
import type { TaskContext } from "./context.ts";
import type { LockMode } from "./ir.ts";

/** Called when a primitive has been lowered; its nodes are those from `start` on. */
export function recordLockAsk(context: TaskContext, call: PrimitiveCall, start: number): void {
  const mode = askedMode(call);
  if (mode === null || context.task < 0) return;
  const node = context.code.firstBegin(start, call.span);
  if (node >= 0) context.lockAsks.push({ node, mode, subclass: call.attributes.subclass });
}

function askedMode(call: PrimitiveCall): LockMode | null {
  if (call.op === "read-lock" || call.op === "down-read") return "read";
  const writes =
    call.op === "spin-lock" || call.op === "mutex-lock" || call.op === "write-lock" || call.op === "down-write";
  return writes ? "write" : null;
}
