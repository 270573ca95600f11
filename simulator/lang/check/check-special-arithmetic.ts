/** min, max, swap, ALIGN, IS_ERR, likely ...: built-in macros that are arithmetic on values evaluated once. */
import type { CallNode } from "./check-call.ts";
import {
  checkCondition,
  checkConstant,
  checkInteger,
  checkPlace,
  checkValue,
  logicalNot,
  operandType,
} from "./check-expression.ts";
import { assign, binary, canWrite, logical, truth } from "./check-operator.ts";
import { resolveTypeName } from "./check-type.ts";
import { argument, takes, type SpecialCheck } from "./check-special.ts";
import { primitiveNode } from "./check-primitive.ts";
import { errorExpr, isError, type CheckContext } from "./context.ts";
import { cast, constant, convertScalar } from "./convert.ts";
import { isConstant } from "./fold.ts";
import { loadPlace } from "./place.ts";
import type { BinaryOp, SyntaxExpr } from "../parse/syntax.ts";
import type { Expr } from "../tree.ts";
import { integerTypes, intType, isScalar, pointerTo, sameType, typeName, ulongType, voidType } from "./types.ts";
import type { Span } from "../../source/span.ts";

type ValueCheck = (c: CheckContext, node: CallNode, args: readonly SyntaxExpr[]) => Expr;

/** Largest error number in a pointer (include/linux/err.h). */
const errnoMax = 4095;

/** Rows for the registry; a function, because the modules import one another. */
export function arithmeticSpecials(): (readonly [string, SpecialCheck])[] {
  const fixed = (name: string, count: number, check: ValueCheck): readonly [string, SpecialCheck] => [
    name,
    takes({ least: count }, check),
  ];
  return [
    fixed("min", 2, (c, node, args) => pick(c, values(c, args), { op: "<", span: node.span })),
    fixed("max", 2, (c, node, args) => pick(c, values(c, args), { op: ">", span: node.span })),
    fixed("min_t", 3, (c, node, args) => pick(c, castValues(c, args), { op: "<", span: node.span })),
    fixed("max_t", 3, (c, node, args) => pick(c, castValues(c, args), { op: ">", span: node.span })),
    fixed("clamp", 3, (c, node, args) => clamp(c, values(c, args), node.span)),
    fixed("clamp_t", 4, (c, node, args) => clamp(c, castValues(c, args), node.span)),
    fixed("abs", 1, absolute),
    fixed("swap", 2, swap),
    fixed("BIT", 1, (c, node, args) => bit(c, checkValue(c, argument(args, 0)), node.span)),
    fixed("GENMASK", 2, bitRange),
    fixed("ALIGN", 2, (c, node, args) => align(c, args, { up: true, span: node.span })),
    fixed("round_up", 2, (c, node, args) => align(c, args, { up: true, span: node.span })),
    fixed("ALIGN_DOWN", 2, (c, node, args) => align(c, args, { up: false, span: node.span })),
    fixed("round_down", 2, (c, node, args) => align(c, args, { up: false, span: node.span })),
    fixed("IS_ALIGNED", 2, isAligned),
    fixed("DIV_ROUND_UP", 2, divideRoundingUp),
    fixed("likely", 1, (c, _, args) => asTruth(checkCondition(c, argument(args, 0), "the condition"))),
    fixed("unlikely", 1, (c, _, args) => asTruth(checkCondition(c, argument(args, 0), "the condition"))),
    fixed("IS_ERR", 1, (c, node, args) => isErrorPointer(c, checkValue(c, argument(args, 0)), node.span)),
    fixed("IS_ERR_VALUE", 1, (c, node, args) => isErrorPointer(c, checkValue(c, argument(args, 0)), node.span)),
    fixed("IS_ERR_OR_NULL", 1, isErrorOrNull),
    fixed("PTR_ERR", 1, (c, node, args) => cast(c, checkValue(c, argument(args, 0)), integerTypes.long, node.span)),
    fixed("PTR_ERR_OR_ZERO", 1, errorOrZero),
    fixed("ERR_PTR", 1, (c, node, args) => cast(c, checkValue(c, argument(args, 0)), pointerTo(voidType), node.span)),
    fixed("ERR_CAST", 1, (c, node, args) => cast(c, checkValue(c, argument(args, 0)), pointerTo(voidType), node.span)),
    fixed("__builtin_expect", 2, (c, _, args) => checkValue(c, argument(args, 0))),
    fixed("__builtin_constant_p", 1, isConstantCall),
    fixed("BUILD_BUG_ON", 1, buildBug),
    fixed("BUILD_BUG_ON_MSG", 2, buildBug),
    fixed("BUILD_BUG_ON_ZERO", 1, (c, node, args) => {
      buildBug(c, node, args);
      return constant(0, intType, node.span);
    }),
    fixed("__same_type", 2, sameTypeCall),
    fixed("__builtin_types_compatible_p", 2, sameTypeCall),
    fixed("unreachable", 0, reached),
    fixed("__builtin_unreachable", 0, reached),
    fixed("BITS_TO_LONGS", 1, bitsToLongs),
  ];
}

/** Evaluates a value once and uses it by name in the body; constants need no name. */
export function letValue(c: CheckContext, value: Expr, body: (bound: Expr) => Expr): Expr {
  if (isError(value)) return errorExpr(value.span);
  if (isConstant(value)) return body(value);
  const binding = c.newBinding();
  const inner = body({ kind: "bound", binding, type: value.type, span: value.span });
  return isError(inner) ? inner : { kind: "let", binding, value, body: inner, type: inner.type, span: inner.span };
}

function values(c: CheckContext, args: readonly SyntaxExpr[]): Expr[] {
  return args.map((arg) => checkValue(c, arg));
}

/** `min_t(type, a, b)`: the values cast to the type. */
function castValues(c: CheckContext, args: readonly SyntaxExpr[]): Expr[] {
  const [first, ...rest] = args;
  if (first?.kind !== "type") {
    if (first !== undefined) c.error("SCN041", first.span, "the first argument must be a type");
    return rest.map((arg) => errorExpr(arg.span));
  }
  const type = resolveTypeName(c, first.type);
  return rest.map((arg) => cast(c, checkValue(c, arg), type, arg.span));
}

type Choice = { readonly op: BinaryOp; readonly span: Span };

/** `a op b ? a : b`, each evaluated once. */
function pick(c: CheckContext, [a, b]: readonly Expr[], choice: Choice): Expr {
  const { op, span } = choice;
  if (a === undefined || b === undefined) return errorExpr(span);
  return letValue(c, a, (left) =>
    letValue(c, b, (right) => {
      const test = binary(c, op, { left, right, span });
      if (isError(test)) return test;
      if (isConstant(test)) return test.value !== 0 ? left : right;
      const type = test.kind === "compare" ? test.left.type : left.type;
      const [then, otherwise] = [convertScalar(left, type), convertScalar(right, type)];
      return { kind: "conditional", condition: test, then, else: otherwise, type, span };
    }),
  );
}

function clamp(c: CheckContext, [value, lo, hi]: readonly Expr[], span: Span): Expr {
  if (value === undefined || lo === undefined || hi === undefined) return errorExpr(span);
  const atLeast = pick(c, [value, lo], { op: ">", span });
  return pick(c, [atLeast, hi], { op: "<", span });
}

function absolute(c: CheckContext, node: CallNode, args: readonly SyntaxExpr[]): Expr {
  const { span } = node;
  return letValue(c, checkInteger(c, argument(args, 0), "the argument of abs"), (x) => {
    const zero = constant(0, intType, span);
    const test = binary(c, "<", { left: x, right: zero, span });
    const negative = binary(c, "-", { left: zero, right: x, span });
    if (isError(test) || isError(negative)) return errorExpr(span);
    if (isConstant(test)) return test.value !== 0 ? negative : x;
    return { kind: "conditional", condition: test, then: negative, else: x, type: intType, span };
  });
}

/** Reads a, reads b, writes a, writes b. */
function swap(c: CheckContext, node: CallNode, args: readonly SyntaxExpr[]): Expr {
  const { span } = node;
  const [a, b] = [
    checkPlace(c, argument(args, 0), "the first argument"),
    checkPlace(c, argument(args, 1), "the second argument"),
  ];
  const bothWritable = canWrite(c, a, a.span) && canWrite(c, b, b.span);
  if (!bothWritable || isError(a) || isError(b)) return errorExpr(span);
  if (!isScalar(a.type) || !isScalar(b.type)) {
    c.error(
      "SCN060",
      span,
      `swap() exchanges numbers or pointers, not \`${typeName(isScalar(a.type) ? b.type : a.type)}\``,
    );
    return errorExpr(span);
  }
  const body = letValue(c, loadPlace(c, a, null), (first) =>
    letValue(c, loadPlace(c, b, null), (second) => {
      const stored = { access: null, span, valueSpan: span };
      const intoA = assign(c, { place: a, value: second, what: "the first argument", ...stored });
      const intoB = assign(c, { place: b, value: first, what: "the second argument", ...stored });
      if (isError(intoA) || isError(intoB)) return errorExpr(span);
      return { kind: "comma", items: [intoA, intoB], type: intoB.type, span };
    }),
  );
  return convertScalar(body, voidType);
}

function bit(c: CheckContext, n: Expr, span: Span): Expr {
  return binary(c, "<<", { left: constant(1, ulongType, span), right: n, span });
}

function bitRange(c: CheckContext, node: CallNode, args: readonly SyntaxExpr[]): Expr {
  const { span } = node;
  const [high, low] = [
    checkConstant(c, argument(args, 0), "the high bit"),
    checkConstant(c, argument(args, 1), "the low bit"),
  ];
  if (high === null || low === null) return errorExpr(span);
  if (low < 0 || high > 31 || low > high) {
    c.error("SCN069", span, `GENMASK(high, low) needs 0 <= low <= high <= 31, not ${high} and ${low}`);
    return errorExpr(span);
  }
  return constant((0xffffffff >>> (31 - high)) & ~((1 << low) - 1), ulongType, span);
}

function align(c: CheckContext, args: readonly SyntaxExpr[], how: { readonly up: boolean; readonly span: Span }): Expr {
  const { span } = how;
  const x = checkValue(c, argument(args, 0));
  return letValue(c, checkValue(c, argument(args, 1)), (a) => {
    const mask = binary(c, "-", { left: convertLike(a, x), right: constant(1, intType, span), span });
    const raised = how.up ? binary(c, "+", { left: x, right: mask, span }) : x;
    if (isError(mask) || isError(raised)) return errorExpr(span);
    const inverse: Expr = isConstant(mask)
      ? constant(~mask.value, mask.type, span)
      : { kind: "unary", op: "bit-not", operand: mask, type: mask.type, span };
    return binary(c, "&", { left: raised, right: inverse, span });
  });
}

function convertLike(a: Expr, x: Expr): Expr {
  return isScalar(x.type) && x.type.kind === "integer" && a.type.kind === "integer" ? convertScalar(a, x.type) : a;
}

function isAligned(c: CheckContext, node: CallNode, args: readonly SyntaxExpr[]): Expr {
  const { span } = node;
  const x = checkValue(c, argument(args, 0));
  const number = x.type.kind === "pointer" ? cast(c, x, ulongType, span) : x;
  const mask = binary(c, "-", { left: checkValue(c, argument(args, 1)), right: constant(1, intType, span), span });
  const rest = binary(c, "&", { left: number, right: mask, span });
  return logicalNot(rest, span);
}

function divideRoundingUp(c: CheckContext, node: CallNode, args: readonly SyntaxExpr[]): Expr {
  const { span } = node;
  const n = checkValue(c, argument(args, 0));
  return letValue(c, checkValue(c, argument(args, 1)), (d) => {
    const sum = binary(c, "+", { left: n, right: d, span });
    const less = binary(c, "-", { left: sum, right: constant(1, intType, span), span });
    return binary(c, "/", { left: less, right: d, span });
  });
}

/** A condition as 0 or 1; comparisons are that already. */
function asTruth(expr: Expr): Expr {
  if (isError(expr) || expr.kind === "compare" || expr.kind === "logical") return expr;
  if (expr.kind === "unary" && expr.op === "logical-not") return expr;
  return truth(expr);
}

/** Pointers in the last 4095 addresses hold an error number (include/linux/err.h). */
function isErrorPointer(c: CheckContext, pointer: Expr, span: Span): Expr {
  const address = cast(c, pointer, ulongType, span);
  return binary(c, ">=", { left: address, right: constant(-errnoMax, ulongType, span), span });
}

function isErrorOrNull(c: CheckContext, node: CallNode, args: readonly SyntaxExpr[]): Expr {
  const { span } = node;
  return letValue(c, checkValue(c, argument(args, 0)), (pointer) =>
    logical("or", { left: logicalNot(pointer, span), right: isErrorPointer(c, pointer, span), span }),
  );
}

function errorOrZero(c: CheckContext, node: CallNode, args: readonly SyntaxExpr[]): Expr {
  const { span } = node;
  return letValue(c, checkValue(c, argument(args, 0)), (pointer) => {
    const test = isErrorPointer(c, pointer, span);
    const error = cast(c, pointer, intType, span);
    if (isError(test) || isError(error)) return errorExpr(span);
    return { kind: "conditional", condition: test, then: error, else: constant(0, intType, span), type: intType, span };
  });
}

function isConstantCall(c: CheckContext, node: CallNode, args: readonly SyntaxExpr[]): Expr {
  const value = c.within({ unevaluated: true }, () => checkValue(c, argument(args, 0)));
  return constant(isConstant(value) ? 1 : 0, intType, node.span);
}

/** Whether two types or expressions have one type, as a constant. */
function sameTypeCall(c: CheckContext, node: CallNode, args: readonly SyntaxExpr[]): Expr {
  const [a, b] = [argument(args, 0), argument(args, 1)].map((arg) =>
    arg.kind === "type" ? resolveTypeName(c, arg.type) : operandType(c, arg),
  );
  if (a === undefined || b === undefined || a.kind === "error" || b.kind === "error") return errorExpr(node.span);
  return constant(sameType(a, b) ? 1 : 0, intType, node.span);
}

function buildBug(c: CheckContext, node: CallNode, args: readonly SyntaxExpr[]): Expr {
  const value = checkConstant(c, argument(args, 0), "the condition of BUILD_BUG_ON");
  if (value !== null && value !== 0) c.error("SCN067", node.span, "BUILD_BUG_ON: its condition holds");
  return convertScalar(constant(0, intType, node.span), voidType);
}

function reached(_: CheckContext, node: CallNode): Expr {
  const args = [constant(1, intType, node.span)];
  return primitiveNode({
    op: "bug-on",
    spelling: "unreachable",
    args,
    type: voidType,
    span: node.span,
    attributes: { text: "unreachable()" },
  });
}

function bitsToLongs(c: CheckContext, node: CallNode, args: readonly SyntaxExpr[]): Expr {
  const bits = checkConstant(c, argument(args, 0), "the number of bits");
  return bits === null ? errorExpr(node.span) : constant(Math.ceil(bits / 32), integerTypes.u32, node.span);
}
