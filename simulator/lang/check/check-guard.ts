/** guard(mutex)(&lock); and scoped_guard(mutex, &lock) { ... } (include/linux/cleanup.h). */
import { checkValue } from "./check-expression.ts";
import { noteCall, sealed } from "./check-name.ts";
import { hiddenLocal } from "./check-string.ts";
import { errorExpr, isError, type CheckContext } from "./context.ts";
import { addressOf } from "./place.ts";
import { neutralAttributes, primitives } from "../primitives/primitives.ts";
import { nearestName } from "../../source/edit-distance.ts";
import type { SyntaxExpr } from "../parse/syntax.ts";
import type { Expr, ObjectKind, Place, Statement } from "../tree.ts";
import { objectTypeNames, typeName, ulongType } from "./types.ts";
import type { Span } from "../../source/span.ts";

type GuardKind = {
  readonly acquire: string;
  readonly release: string;
  /** Null for guards without an object, such as rcu. */
  readonly object: ObjectKind | null;
  readonly hasFlags: boolean;
};

const kind = (acquire: string, release: string, object: ObjectKind | null, hasFlags = false): GuardKind => ({
  acquire,
  release,
  object,
  hasFlags,
});

/** Guard classes of the kernel (DEFINE_GUARD and DEFINE_LOCK_GUARD in include/linux). */
const guardKinds: ReadonlyMap<string, GuardKind> = new Map([
  ["mutex", kind("mutex_lock", "mutex_unlock", "mutex")],
  ["rwsem_read", kind("down_read", "up_read", "rwsem")],
  ["rwsem_write", kind("down_write", "up_write", "rwsem")],
  ["spinlock", kind("spin_lock", "spin_unlock", "spinlock")],
  ["spinlock_irq", kind("spin_lock_irq", "spin_unlock_irq", "spinlock")],
  ["spinlock_bh", kind("spin_lock_bh", "spin_unlock_bh", "spinlock")],
  ["spinlock_irqsave", kind("spin_lock_irqsave", "spin_unlock_irqrestore", "spinlock", true)],
  ["raw_spinlock", kind("raw_spin_lock", "raw_spin_unlock", "raw-spinlock")],
  ["raw_spinlock_irq", kind("raw_spin_lock_irq", "raw_spin_unlock_irq", "raw-spinlock")],
  ["raw_spinlock_irqsave", kind("raw_spin_lock_irqsave", "raw_spin_unlock_irqrestore", "raw-spinlock", true)],
  ["read_lock", kind("read_lock", "read_unlock", "rwlock")],
  ["write_lock", kind("write_lock", "write_unlock", "rwlock")],
  ["rcu", kind("rcu_read_lock", "rcu_read_unlock", null)],
  ["preempt", kind("preempt_disable", "preempt_enable", null)],
  ["irq", kind("local_irq_disable", "local_irq_enable", null)],
]);

type GuardParts = { readonly kind: GuardKind; readonly lock: SyntaxExpr | null; readonly span: Span };

/** `guard(kind)(lock)` as a statement whose body is what follows; null for other expressions. */
export function checkGuardCall(c: CheckContext, node: SyntaxExpr, rest: () => readonly Statement[]): Statement | null {
  if (node.kind !== "call" || node.callee.kind !== "call") return null;
  const inner = node.callee;
  if (inner.callee.kind !== "name" || inner.callee.name !== "guard" || c.lookup("guard") !== null) return null;
  const [arg] = inner.args;
  return (
    classGuard(c, { arg, args: node.args, span: node.span }, rest) ??
    builtinGuard(c, { arg, lock: node.args[0] ?? null, span: node.span }, rest)
  );
}

type WrittenGuard = { readonly arg: SyntaxExpr | undefined; readonly lock: SyntaxExpr | null; readonly span: Span };

/** A guard of the kernel's own classes; a block after a report. */
function builtinGuard(c: CheckContext, from: WrittenGuard, body: () => readonly Statement[]): Statement {
  const { span } = from;
  const found = guardKind(c, from.arg, from.arg?.span ?? span);
  if (found === null) return { kind: "block", statements: [...body()], span };
  return guardStatement(c, { kind: found, lock: from.lock, span }, body);
}

type ClassGuard = { readonly arg: SyntaxExpr | undefined; readonly args: readonly SyntaxExpr[]; readonly span: Span };

/**
 * A guard of a class that the unit makes with DEFINE_GUARD or DEFINE_CLASS: the value of its constructor is kept, and the
 * destructor gets its address on every way out. Null when the name is no such class.
 */
function classGuard(c: CheckContext, from: ClassGuard, body: () => readonly Statement[]): Statement | null {
  const { arg, args, span } = from;
  const name = arg?.kind === "name" ? arg.name : "";
  const destructor = c.lookup(`class_${name}_destructor`);
  if (destructor?.kind !== "function" || c.lookup(`class_${name}_constructor`)?.kind !== "function") return null;
  const callee: SyntaxExpr = { kind: "name", name: `class_${name}_constructor`, span };
  const value = checkValue(c, { kind: "call", callee, args, span });
  if (isError(value)) return { kind: "block", statements: [...body()], span };
  const symbol = hiddenLocal(c, { name: `(${name})`, type: value.type, span });
  const place: Place = { kind: "variable", symbol, type: value.type, span };
  // Declared, not only assigned: its address is taken, so its cells live from here to the release.
  const acquire: Statement = {
    kind: "declare",
    symbol,
    initialiser: { zeroFill: false, stores: [{ place, value }] },
    span,
  };
  noteCall(c, destructor.symbol, span);
  const release: Expr = {
    kind: "call",
    callee: { kind: "direct", function: sealed(destructor.symbol) },
    args: [addressOf(c, place, span)],
    type: { kind: "void" },
    span,
  };
  const region = c.newRegion("guard", span);
  c.body?.regions.push(region);
  const inner = body();
  c.body?.regions.pop();
  return {
    kind: "guard",
    acquire: [acquire],
    body: inner,
    release: [{ kind: "expression", expression: release, span }],
    span,
  };
}

/** `scoped_guard(kind, lock)` around a body; break and continue in it leave the guard, as its for loop does in the kernel. */
export function checkScopedGuard(
  c: CheckContext,
  head: Extract<SyntaxExpr, { kind: "call" }>,
  body: () => readonly Statement[],
): Statement {
  const guard =
    classGuard(c, { arg: head.args[0], args: head.args.slice(1), span: head.span }, body) ??
    builtinGuard(c, { arg: head.args[0], lock: head.args[1] ?? null, span: head.span }, body);
  const never: Expr = { kind: "constant", value: 0, type: ulongType, span: head.span };
  return { kind: "do-while", body: guard, condition: never, span: head.span };
}

function guardKind(c: CheckContext, arg: SyntaxExpr | undefined, span: Span): GuardKind | null {
  const name = arg?.kind === "name" ? arg.name : "";
  const found = guardKinds.get(name);
  if (found !== undefined) return found;
  const near = nearestName(name, guardKinds.keys());
  const hint = near === null ? `; there are ${[...guardKinds.keys()].join(", ")}` : `; did you mean \`${near}\`?`;
  const suggestion = near === null || arg === undefined ? null : { span: arg.span, replacement: near };
  c.report({ code: "SCN049", span: arg?.span ?? span, message: `unknown guard \`${name}\`${hint}`, suggestion });
  return null;
}

/** Most guards within one another; each holds what follows it in its block. */
const guardDepthMax = 200;

function guardStatement(c: CheckContext, parts: GuardParts, body: () => readonly Statement[]): Statement {
  const { span } = parts;
  if ((c.body?.regions.length ?? 0) >= guardDepthMax) {
    const message = `more than ${guardDepthMax} guards and atomic blocks are open here; put some of them into functions`;
    c.error("SCN031", span, message);
    return { kind: "block", statements: [], span };
  }
  const region = c.newRegion("guard", span);
  const held = heldLock(c, parts);
  c.body?.regions.push(region);
  const inner = body();
  c.body?.regions.pop();
  if (held === null) return { kind: "block", statements: [...inner], span };
  return { kind: "guard", acquire: held.acquire, body: inner, release: held.release, span };
}

type HeldLock = { readonly acquire: readonly Statement[]; readonly release: readonly Statement[] };

/** Statements that take and release; a lock whose address is not a constant is kept in a hidden local. */
function heldLock(c: CheckContext, parts: GuardParts): HeldLock | null {
  const { span } = parts;
  if (parts.kind.object === null) {
    if (parts.lock !== null) c.error("SCN063", span, "this guard takes no lock");
    return pair(parts, [], []);
  }
  if (parts.lock === null) {
    c.error("SCN063", span, "this guard needs the address of a lock");
    return null;
  }
  const lock = checkValue(c, parts.lock);
  if (isError(lock) || !isLock(c, lock, parts.kind.object, parts.lock.span)) return null;
  const kept = keep(c, lock, span);
  const flags = parts.kind.hasFlags ? flagsOf(c, span) : null;
  const taken = pair(
    parts,
    flags === null ? [kept.value] : [kept.value, flags.address],
    flags === null ? [kept.value] : [kept.value, flags.value],
  );
  return { acquire: [...kept.before, ...taken.acquire], release: taken.release };
}

function isLock(c: CheckContext, lock: Expr, object: ObjectKind, span: Span): boolean {
  const to = lock.type.kind === "pointer" ? lock.type.to : null;
  if (to?.kind === "object" && to.object === object) return true;
  c.error("SCN062", span, `this guard needs \`${objectTypeNames[object]} *\`, not \`${typeName(lock.type)}\``);
  return false;
}

type Kept = { readonly before: readonly Statement[]; readonly value: Expr };

function keep(c: CheckContext, lock: Expr, span: Span): Kept {
  if (lock.kind === "address" && isFixed(lock.place)) return { before: [], value: lock };
  const symbol = hiddenLocal(c, { name: "(guard)", type: lock.type, span });
  const place: Place = { kind: "variable", symbol, type: lock.type, span };
  const store: Expr = { kind: "assign", place, value: lock, access: "plain", type: lock.type, span };
  return {
    before: [{ kind: "expression", expression: store, span }],
    value: { kind: "load", place, access: "plain", type: lock.type, span },
  };
}

/** Whether the address never changes while the frame lives. */
function isFixed(place: Place): boolean {
  if (place.kind === "variable") return true;
  if (place.kind === "member") return isFixed(place.base);
  return place.kind === "element" && place.index.kind === "constant" && isFixed(place.base);
}

function flagsOf(c: CheckContext, span: Span): { readonly address: Expr; readonly value: Expr } {
  const symbol = hiddenLocal(c, { name: "(flags)", type: ulongType, span });
  const place: Place = { kind: "variable", symbol, type: ulongType, span };
  return { address: addressOf(c, place, span), value: { kind: "load", place, access: "plain", type: ulongType, span } };
}

function pair(parts: GuardParts, acquireArgs: readonly Expr[], releaseArgs: readonly Expr[]): HeldLock {
  const { span } = parts;
  const call = (name: string, args: readonly Expr[]): Statement => {
    const primitive = primitives.get(name);
    if (primitive === undefined) return { kind: "expression", expression: errorExpr(span), span };
    const attributes = { ...neutralAttributes, ...primitive.attributes };
    const expression: Expr = {
      kind: "primitive",
      op: primitive.op,
      spelling: name,
      args,
      attributes,
      type: { kind: "void" },
      span,
    };
    return { kind: "expression", expression, span };
  };
  return { acquire: [call(parts.kind.acquire, acquireArgs)], release: [call(parts.kind.release, releaseArgs)] };
}
