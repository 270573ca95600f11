/** Checks of the built-in macros of specials.ts: marked accesses and the registry of all. */
import type { CallNode } from "./check-call.ts";
import { arithmeticSpecials } from "./check-special-arithmetic.ts";
import { checkOperand, checkPlace, checkValue } from "./check-expression.ts";
import { memorySpecials } from "./check-special-memory.ts";
import { assign, canWrite } from "./check-operator.ts";
import { errorExpr, isError, type CheckContext } from "./context.ts";
import { primitiveNode } from "./check-primitive.ts";
import { accessMode, derefPlace, loadPlace, rvalue, valueOperand, type Operand } from "./place.ts";
import { specials } from "./specials.ts";
import type { SyntaxExpr } from "../parse/syntax.ts";
import type { AccessMode, Expr, Place } from "../tree.ts";
import { isScalar, typeName, unqualified, voidType } from "./types.ts";
import { convertScalar } from "./convert.ts";

export type SpecialCheck = (c: CheckContext, node: CallNode) => Operand;

/** Wraps a check of a value with a test of the number of arguments. */
export function takes(
  counts: { readonly least: number; readonly most?: number },
  check: (c: CheckContext, node: CallNode, args: readonly SyntaxExpr[]) => Expr,
): SpecialCheck {
  const most = counts.most ?? counts.least;
  return (c, node) => {
    const given = node.args.length;
    if (given >= counts.least && given <= most) return valueOperand(check(c, node, node.args));
    const name = node.callee.kind === "name" ? node.callee.name : "";
    const signature = specials.find((special) => special.name === name)?.signature ?? name;
    c.error("SCN063", node.span, `\`${name}\` is given ${given} argument${given === 1 ? "" : "s"}: ${signature}`);
    return valueOperand(errorExpr(node.span));
  };
}

/** The argument, which `takes` has counted. */
export function argument(args: readonly SyntaxExpr[], index: number): SyntaxExpr {
  const arg = args[index];
  if (arg === undefined) throw new Error("assert: the arguments were counted");
  return arg;
}

/** Ghost contexts and ghost variables stay ghost whatever the spelling. */
function marked(c: CheckContext, place: Place, access: AccessMode): AccessMode {
  return accessMode(c, place) === "ghost" ? "ghost" : access;
}

function markedLoad(c: CheckContext, place: Place, access: AccessMode): Expr {
  if (isError(place)) return errorExpr(place.span);
  if (!isScalar(place.type)) {
    c.error("SCN060", place.span, `a marked access is to a number or pointer, and this is \`${typeName(place.type)}\``);
    return errorExpr(place.span);
  }
  return loadPlace(c, place, marked(c, place, access));
}

type Store = { readonly place: Place; readonly value: SyntaxExpr; readonly access: AccessMode };

function markedStore(c: CheckContext, node: CallNode, store: Store): Expr {
  const { place } = store;
  const value = checkValue(c, store.value);
  if (isError(place) || !canWrite(c, place, place.span)) return errorExpr(node.span);
  if (!isScalar(place.type)) {
    c.error("SCN060", place.span, `a marked access is to a number or pointer, and this is \`${typeName(place.type)}\``);
    return errorExpr(node.span);
  }
  const access = marked(c, place, store.access);
  return assign(c, { place, value, what: "what is stored to", access, span: node.span, valueSpan: store.value.span });
}

function pointee(c: CheckContext, node: SyntaxExpr): Place {
  return derefPlace(c, checkValue(c, node), node.span);
}

const readCell = (access: AccessMode, most: number): SpecialCheck =>
  takes({ least: 1, most }, (c, _, args) => {
    // The condition of rcu_dereference_check and its kin is lockdep's business: functions in it need no declaration.
    return markedLoad(c, checkPlace(c, argument(args, 0), "what is read"), access);
  });

const writeCell = (access: AccessMode): SpecialCheck =>
  takes({ least: 2 }, (c, node, args) => {
    const place = checkPlace(c, argument(args, 0), "what is written");
    return discard(markedStore(c, node, { place, value: argument(args, 1), access }));
  });

/** The stored value is not the call's value: WRITE_ONCE is a statement. */
function discard(expr: Expr): Expr {
  return isError(expr) ? expr : convertScalar(expr, voidType);
}

const accessSpecials: readonly (readonly [string, SpecialCheck])[] = [
  ["READ_ONCE", readCell("once", 1)],
  ["WRITE_ONCE", writeCell("once")],
  [
    "data_race",
    takes({ least: 1 }, (c, _, args) => c.within({ racy: true }, () => rvalue(c, checkOperand(c, argument(args, 0))))),
  ],
  ["smp_load_acquire", takes({ least: 1 }, (c, _, args) => markedLoad(c, pointee(c, argument(args, 0)), "acquire"))],
  [
    "smp_store_release",
    takes({ least: 2 }, (c, node, args) => {
      const place = pointee(c, argument(args, 0));
      return discard(markedStore(c, node, { place, value: argument(args, 1), access: "release" }));
    }),
  ],
  ["smp_store_mb", takes({ least: 2 }, (c, node, args) => storeThenBarrier(c, node, args))],
  ["rcu_dereference", readCell("rcu", 1)],
  ["rcu_dereference_check", readCell("rcu", 2)],
  ["rcu_dereference_protected", readCell("rcu", 2)],
  ["rcu_dereference_raw", readCell("rcu", 1)],
  ["rcu_access_pointer", readCell("rcu", 1)],
  ["srcu_dereference", readCell("rcu", 2)],
  ["srcu_dereference_check", readCell("rcu", 3)],
  ["rcu_assign_pointer", writeCell("rcu")],
  ["RCU_INIT_POINTER", writeCell("rcu")],
  ["rcu_replace_pointer", takes({ least: 3 }, (c, node, args) => replacePointer(c, node, args))],
];

function storeThenBarrier(c: CheckContext, node: CallNode, args: readonly SyntaxExpr[]): Expr {
  const place = checkPlace(c, argument(args, 0), "what is written");
  const store = markedStore(c, node, { place, value: argument(args, 1), access: "once" });
  if (isError(store)) return store;
  const barrier = primitiveNode({ op: "smp-mb", spelling: "smp_mb", args: [], type: voidType, span: node.span });
  return { kind: "comma", items: [store, barrier], type: voidType, span: node.span };
}

/** Reads the old pointer, publishes the new one, yields the old one. */
function replacePointer(c: CheckContext, node: CallNode, args: readonly SyntaxExpr[]): Expr {
  const place = checkPlace(c, argument(args, 0), "what is written");
  const old = markedLoad(c, place, "rcu");
  const store = markedStore(c, node, { place, value: argument(args, 1), access: "rcu" });
  if (isError(old) || isError(store)) return errorExpr(node.span);
  const binding = c.newBinding();
  const type = unqualified(old.type);
  const bound: Expr = { kind: "bound", binding, type, span: node.span };
  const body: Expr = { kind: "comma", items: [store, bound], type, span: node.span };
  return { kind: "let", binding, value: old, body, type, span: node.span };
}

/** All checks by name. */
export const specialChecks: ReadonlyMap<string, SpecialCheck> = new Map([
  ...accessSpecials,
  ...arithmeticSpecials(),
  ...memorySpecials(),
]);
