/**
 * smp_cond_load_*(p, C), atomic_cond_read_*(v, C), spin_until_cond(C): waiting on the CPU until a condition holds. One step,
 * as await is; in the first two the value that was read has the name VAL in the condition.
 */
import type { PrimitiveCall } from "../lang/tree.ts";
import type { Lowering, TaskContext } from "./context.ts";
import { isNonZero, zero } from "./expressions.ts";
import type { Expr } from "./ir.ts";
import { inAtomic } from "./lower-expression.ts";
import { storeThrough } from "./primitives-context.ts";
import { scalarShape, wordShape } from "./types.ts";

/** args: address, address of VAL, condition; or the condition alone. Yields the value read. */
export function lowerConditionalWait(lowering: Lowering, context: TaskContext, call: PrimitiveCall): Expr {
  const { code } = context;
  const condition = call.args[call.args.length - 1];
  if (condition === undefined) return zero;
  const cellArgument = call.op === "cond-load" ? call.args[0] : undefined;
  const address = cellArgument === undefined ? zero : code.keep(lowering.expression(context, cellArgument), wordShape);
  const text = `${call.spelling}()`;
  return inAtomic(context, text, () => {
    const value = cellArgument === undefined ? zero : load(address, cellArgument.type);
    if (cellArgument !== undefined) nameValue(value);
    code.guard(isNonZero(lowering.expression(context, condition)), { text, address: null }, { sleeps: false });
    return value;
  });

  /** VAL is a name, no variable: giving it its value does not count as acting. */
  function nameValue(value: Expr): void {
    const outer = code.mode;
    code.mode = "silent";
    storeThrough({ context, lowering, call, args: [address, zero] }, 1, { value, shape: wordShape });
    code.mode = outer;
  }

  function load(from: Expr, type: PrimitiveCall["type"]): Expr {
    const to = type.kind === "pointer" ? type.to : type;
    if (to.kind === "object") return code.loadSilently(from, wordShape, "atomic");
    return code.loadData(from, scalarShape(to), { step: false, plain: false, safe: false });
  }
}
