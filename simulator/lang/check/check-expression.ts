/** Expressions: what each denotes, with its type; the operators are in check-operator.ts, calls in check-call.ts. */
import { unreachable } from "../../source/assert.ts";
import { spanText, type Span } from "../../source/span.ts";
import { checkCall } from "./check-call.ts";
import { resolveTypeName } from "./check-type.ts";
import { initialiseHidden } from "./check-initialiser.ts";
import { checkAssign, checkBinary, checkStep } from "./check-operator.ts";
import { checkStatementExpression } from "./check-statement.ts";
import { nameOperand } from "./check-name.ts";
import { errorExpr, errorPlace, isError, type CheckContext } from "./context.ts";
import { cast, coerce, condition, constant, convertScalar, promote } from "./convert.ts";
import { foldUnary, isConstant, isNullConstant } from "./fold.ts";
import { cSizeOf } from "./layout.ts";
import { readNumber } from "../preprocess/number.ts";
import {
  addressOf,
  derefPlace,
  elementPlace,
  fieldNames,
  fieldPath,
  isComplete,
  memberPlace,
  rvalue,
  valueOperand,
  type Operand,
} from "./place.ts";
import { stringVariable } from "./check-string.ts";
import type { SyntaxExpr } from "../parse/syntax.ts";
import type { Expr, IntegerType, Place, Type } from "../tree.ts";
import {
  commonType,
  integerTypes,
  intType,
  isArithmetic,
  isScalar,
  pointerTo,
  sameType,
  sizeType,
  typeName,
} from "./types.ts";
import { pointerStep } from "./check-operator.ts";
import { nearestName } from "../../source/edit-distance.ts";

/** The value of an expression. */
export function checkValue(c: CheckContext, node: SyntaxExpr): Expr {
  return rvalue(c, checkOperand(c, node));
}

/** The place that an expression denotes; reports values that have none (SCN061). */
export function checkPlace(c: CheckContext, node: SyntaxExpr, purpose: string): Place {
  const operand = checkOperand(c, node);
  if (operand.kind === "place") return operand.place;
  if (!isError(operand.expr)) c.error("SCN061", node.span, `${purpose} must be a variable, member or element`);
  return errorPlace(node.span);
}

/** A value used as a condition. */
export function checkCondition(c: CheckContext, node: SyntaxExpr, what: string): Expr {
  return condition(c, checkValue(c, node), what);
}

/** A value that must be a constant integer; null after a report. */
export function checkConstant(c: CheckContext, node: SyntaxExpr, what: string): number | null {
  const expr = c.within({ unevaluated: true }, () => checkValue(c, node));
  if (isError(expr)) return null;
  if (isConstant(expr) && isArithmetic(expr.type)) return expr.value;
  c.error("SCN067", node.span, `${what} must be a constant`);
  return null;
}

/** What an expression denotes. */
export function checkOperand(c: CheckContext, node: SyntaxExpr): Operand {
  switch (node.kind) {
    case "name":
      return nameOperand(c, node);
    case "number":
      return valueOperand(numberValue(c, node.text, node.span));
    case "character":
      return valueOperand(constant(node.value, intType, node.span));
    case "string":
      return { kind: "place", place: stringVariable(c, node.value, node.span) };
    case "unary":
      return checkUnary(c, node);
    case "step":
      return valueOperand(checkStep(c, node));
    case "binary":
      return valueOperand(checkBinary(c, node));
    case "assign":
      return valueOperand(checkAssign(c, node));
    case "conditional":
      return valueOperand(checkConditional(c, node));
    case "comma":
      return valueOperand(checkComma(c, node));
    case "cast":
      return valueOperand(cast(c, castOperand(c, node), resolveTypeName(c, node.type), node.span));
    case "sizeof":
      return valueOperand(checkSizeof(c, node));
    case "call":
      return checkCall(c, node);
    case "member":
      return checkMember(c, node);
    case "index":
      return { kind: "place", place: checkIndex(c, node) };
    case "compound":
      return { kind: "place", place: initialiseHidden(c, resolveTypeName(c, node.type), node.initialiser) };
    case "statements":
      return valueOperand(checkStatementExpression(c, node));
    case "type":
      c.error("SCN030", node.span, "a value is expected here, not a type");
      return valueOperand(errorExpr(node.span));
    case "time":
      c.error("SCN095", node.span, "a time stands only in work() and sleep()");
      return valueOperand(errorExpr(node.span));
    case "error":
      return valueOperand(errorExpr(node.span));
  }
  return unreachable(node);
}

type Node<K extends SyntaxExpr["kind"]> = Extract<SyntaxExpr, { kind: K }>;

/** `(void)x` evaluates x as it stands: a struct or lock is no error there. */
function castOperand(c: CheckContext, node: Node<"cast">): Expr {
  const operand = checkOperand(c, node.operand);
  return rvalue(c, operand);
}

/** An integer constant with C's type for ILP32 (C11 6.4.4.1). */
export function numberValue(c: CheckContext, text: string, span: Span): Expr {
  const reading = readNumber(text);
  if (reading.kind === "integer") return integerConstant(c, reading, { text, span });
  if (reading.kind === "time") {
    c.error("SCN095", span, `the time \`${text}\` stands only in work() and sleep()`);
  } else if (reading.kind === "real") {
    const message = `floating point is not part of the language: scale \`${text}\` to an integer`;
    c.error("SCN007", span, message);
  } else {
    c.error("SCN005", span, `\`${text.slice(0, 40)}\` is not a number: ${reading.why}`);
  }
  return errorExpr(span);
}

function integerConstant(
  c: CheckContext,
  reading: Extract<ReturnType<typeof readNumber>, { kind: "integer" }>,
  at: { readonly text: string; readonly span: Span },
): Expr {
  const { value, unsigned, longs, decimal } = reading;
  const type = constantType({ value, unsigned, longs, decimal });
  const limit = type.signed ? 1n << 31n : 1n << 32n;
  if (value < limit) return constant(Number(value), type, at.span);
  const hint = value < 1n << 32n && longs < 2 ? `; write \`${at.text}u\`` : "";
  const message = `the constant ${at.text} does not fit the 32 bits that \`${type.name}\` has in the model${hint}`;
  c.error("SCN008", at.span, message);
  return errorExpr(at.span);
}

function constantType(reading: {
  readonly value: bigint;
  readonly unsigned: boolean;
  readonly longs: number;
  readonly decimal: boolean;
}): IntegerType {
  const candidates: IntegerType[] = [];
  if (reading.longs === 0) candidates.push(integerTypes.s32, integerTypes.u32);
  if (reading.longs < 2) candidates.push(integerTypes.long, integerTypes.ulong);
  candidates.push(integerTypes.s64, integerTypes.u64);
  const allowed = candidates.filter((type) => {
    if (reading.unsigned) return !type.signed;
    return type.signed || !reading.decimal;
  });
  const bits = (type: IntegerType): bigint => BigInt(type.cSize * 8 - (type.signed ? 1 : 0));
  return allowed.find((type) => reading.value < 1n << bits(type)) ?? integerTypes.u64;
}

function checkUnary(c: CheckContext, node: Node<"unary">): Operand {
  switch (node.op) {
    case "*": {
      const pointer = checkValue(c, node.operand);
      const place = derefPlace(c, pointer, node.span);
      if (place.type.kind === "function") return valueOperand(pointer);
      return { kind: "place", place };
    }
    case "&":
      return valueOperand(checkAddress(c, node));
    case "!":
      return valueOperand(logicalNot(checkCondition(c, node.operand, "the operand of !"), node.span));
    case "+":
    case "-":
    case "~":
      return valueOperand(arithmeticUnary(c, node, node.op));
  }
}

function checkAddress(c: CheckContext, node: Node<"unary">): Expr {
  const operand = checkOperand(c, node.operand);
  if (operand.kind === "place") return pastEnd(c, operand.place, node.span) ?? addressOf(c, operand.place, node.span);
  // &function is the function's address, like the function alone.
  if (operand.expr.kind === "function" || isError(operand.expr)) return operand.expr;
  c.error("SCN061", node.span, "only a variable, member, element or function has an address");
  return errorExpr(node.span);
}

/**
 * `&a[N]` of a variable that is an array of N: C allows it as a bound, like `a + N`, and an access through it is found as
 * one outside of the object. Null for every other place: in a member the next one would be hit unseen.
 */
function pastEnd(c: CheckContext, place: Place, span: Span): Expr | null {
  if (place.kind !== "element" || place.base.kind !== "variable") return null;
  if (!isConstant(place.index) || place.index.value !== place.length) return null;
  const first = { ...place, index: constant(0, intType, place.index.span) };
  const pointer = addressOf(c, first, span);
  return { kind: "pointer-add", pointer, index: place.index, stride: place.stride, type: pointer.type, span };
}

/** `!x`, folded. */
export function logicalNot(operand: Expr, span: Span): Expr {
  if (isError(operand)) return errorExpr(span);
  if (isConstant(operand)) return constant(operand.value === 0 ? 1 : 0, intType, span);
  return { kind: "unary", op: "logical-not", operand, type: intType, span };
}

function arithmeticUnary(c: CheckContext, node: Node<"unary">, op: "+" | "-" | "~"): Expr {
  const operand = promote(checkValue(c, node.operand));
  if (isError(operand)) return errorExpr(node.span);
  if (operand.type.kind !== "integer") {
    c.error("SCN060", node.span, `${op} needs a number, and its operand is \`${typeName(operand.type)}\``);
    return errorExpr(node.span);
  }
  if (op === "+") return { ...operand, span: node.span };
  const unary = op === "-" ? "negate" : "bit-not";
  if (!isConstant(operand)) return { kind: "unary", op: unary, operand, type: operand.type, span: node.span };
  const folded = foldUnary(unary, operand.value, operand.type);
  if (folded.kind === "value") return constant(folded.value, operand.type, node.span);
  c.error(folded.code, node.span, `this cannot be computed: ${folded.why}`);
  return errorExpr(node.span);
}

/** `a ? b : c` and GNU's `a ?: c`; constants choose their branch. */
function checkConditional(c: CheckContext, node: Node<"conditional">): Expr {
  const test = checkCondition(c, node.condition, "the condition of ?:");
  if (node.then === null) return checkElvis(c, node, test);
  const parts = unify(c, { then: checkValue(c, node.then), else: checkValue(c, node.else), span: node.span });
  if (parts === null || isError(test)) return errorExpr(node.span);
  if (isConstant(test)) return { ...(test.value !== 0 ? parts.then : parts.else), span: node.span };
  const { then, else: otherwise, type } = parts;
  return { kind: "conditional", condition: test, then, else: otherwise, type, span: node.span };
}

function checkElvis(c: CheckContext, node: Node<"conditional">, test: Expr): Expr {
  const binding = c.newBinding();
  const bound: Expr = { kind: "bound", binding, type: test.type, span: test.span };
  const parts = unify(c, { then: bound, else: checkValue(c, node.else), span: node.span });
  if (parts === null || isError(test)) return errorExpr(node.span);
  const { then, else: otherwise, type } = parts;
  const body: Expr = { kind: "conditional", condition: bound, then, else: otherwise, type, span: node.span };
  return { kind: "let", binding, value: test, body, type, span: node.span };
}

type Branches = { readonly then: Expr; readonly else: Expr; readonly span: Span };

/** Brings both branches of ?: to one type (C11 6.5.15). */
function unify(c: CheckContext, branches: Branches): (Branches & { readonly type: Type }) | null {
  const { then, else: otherwise, span } = branches;
  if (isError(then) || isError(otherwise)) return null;
  const [a, b] = [then.type, otherwise.type];
  const to = (type: Type): Branches & { readonly type: Type } => ({
    then: convertScalar(then, type),
    else: convertScalar(otherwise, type),
    span,
    type,
  });
  if (isArithmetic(a) && isArithmetic(b)) return to(sameType(a, b) && a.kind === "enum" ? a : commonType(a, b));
  if (a.kind === "void" || b.kind === "void") return to({ kind: "void" });
  if (a.kind === "record" && sameType(a, b)) return { ...branches, type: a };
  if (a.kind === "pointer" && isNullConstant(otherwise)) return to(a);
  if (b.kind === "pointer" && isNullConstant(then)) return to(b);
  if (a.kind === "pointer" && b.kind === "pointer") {
    if (sameType(a, b)) return to(a);
    if (a.to.kind === "void" || b.to.kind === "void") return to(pointerTo({ kind: "void" }));
  }
  c.error("SCN060", span, `the two results of ?: do not fit: \`${typeName(a)}\` and \`${typeName(b)}\``);
  return null;
}

function checkComma(c: CheckContext, node: Node<"comma">): Expr {
  const left = rvalue(c, checkOperand(c, node.left));
  const right = checkValue(c, node.right);
  if (isError(left) || isError(right)) return errorExpr(node.span);
  const items = left.kind === "comma" ? [...left.items, right] : [left, right];
  return { kind: "comma", items, type: right.type, span: node.span };
}

/** sizeof and _Alignof: C's values for ILP32 (i386: no member is aligned to more than 4). */
function checkSizeof(c: CheckContext, node: Node<"sizeof">): Expr {
  const type = operandType(c, node.operand);
  if (type.kind === "error") return errorExpr(node.span);
  if (type.kind === "record" && !isComplete(c, type.record, node.span)) return errorExpr(node.span);
  const size = node.alignment ? Math.min(4, cSizeOf(type)) : cSizeOf(type);
  return { ...constant(size, sizeType, node.span) };
}

/** The type of what typeof or sizeof names; an array stays an array and nothing is evaluated. */
export function operandType(c: CheckContext, operand: Node<"sizeof">["operand"]): Type {
  if (operand.kind === "type-name") return resolveTypeName(c, operand);
  return c.within({ unevaluated: true }, () => {
    const result = checkOperand(c, operand);
    return result.kind === "place" ? result.place.type : result.expr.type;
  });
}

function checkMember(c: CheckContext, node: Node<"member">): Operand {
  const base = node.arrow ? arrowBase(c, node) : dotBase(c, node);
  if (base === null || isError(base)) return { kind: "place", place: errorPlace(node.span) };
  if (base.type.kind !== "record") {
    reportNoMembers(c, node, base.type);
    return { kind: "place", place: errorPlace(node.span) };
  }
  const record = base.type.record;
  if (!isComplete(c, record, node.nameSpan)) return { kind: "place", place: errorPlace(node.span) };
  const path = fieldPath(record, node.name);
  if (path !== null) return { kind: "place", place: memberPlace(base, path, node.span) };
  const near = nearestName(node.name, fieldNames(record));
  c.report({
    code: "SCN042",
    span: node.nameSpan,
    message: `\`${typeName(base.type)}\` has no member \`${node.name}\`${near === null ? "" : `; did you mean \`${near}\`?`}`,
    notes: [{ span: record.span, message: "declared here" }],
    suggestion: near === null ? null : { span: node.nameSpan, replacement: near },
  });
  return { kind: "place", place: errorPlace(node.span) };
}

function arrowBase(c: CheckContext, node: Node<"member">): Place | null {
  const pointer = checkValue(c, node.base);
  if (isError(pointer)) return null;
  if (pointer.type.kind === "pointer") return derefPlace(c, pointer, node.base.span);
  const isRecord = pointer.type.kind === "record";
  c.report({
    code: "SCN060",
    span: node.nameSpan,
    message: `\`->\` needs a pointer, and its left side is \`${typeName(pointer.type)}\`${isRecord ? "; use `.`" : ""}`,
    suggestion: isRecord ? operatorEdit(c, node, { from: "->", to: "." }) : null,
  });
  return null;
}

/** The left side of `.`: a place, or a value such as a call that returns a struct, which is kept in a hidden local. */
function dotBase(c: CheckContext, node: Node<"member">): Place | null {
  const operand = checkOperand(c, node.base);
  if (operand.kind === "place") return operand.place;
  if (isError(operand.expr)) return null;
  if (operand.expr.type.kind === "record") return initialiseHidden(c, operand.expr.type, operand.expr);
  reportNoMembers(c, node, operand.expr.type);
  return null;
}

function reportNoMembers(c: CheckContext, node: Node<"member">, type: Type): void {
  const isPointer = type.kind === "pointer" && type.to.kind === "record";
  const isTask = type.kind === "object" && type.object === "task";
  const define = isTask ? "; define it yourself, with the members that the scenario needs" : "";
  const hint = isPointer && !node.arrow ? "; use `->`" : "";
  const suggestion = hint === "" ? null : operatorEdit(c, node, { from: ".", to: "->" });
  const message = `\`${typeName(type)}\` has no members${hint}${define}`;
  c.report({ code: "SCN060", span: node.nameSpan, message, suggestion });
}

/** Replaces `.` or `->` before a member; null where it does not stand right before the name, as in a macro's expansion. */
function operatorEdit(
  c: CheckContext,
  node: Node<"member">,
  edit: { readonly from: string; readonly to: string },
): { readonly span: Span; readonly replacement: string } | null {
  const { file, start } = node.nameSpan;
  const span = { file, start: start - edit.from.length, end: start };
  const name = spanText(c.sources, node.nameSpan);
  return name === node.name && spanText(c.sources, span) === edit.from ? { span, replacement: edit.to } : null;
}

function checkIndex(c: CheckContext, node: Node<"index">): Place {
  const base = checkOperand(c, node.base);
  const index = promote(checkValue(c, node.index));
  if (isError(index)) return errorPlace(node.span);
  if (base.kind === "place" && base.place.type.kind === "array") {
    if (!isArithmetic(index.type)) return badIndex(c, node, index.type);
    if (base.place.type.length === 0) {
      const pointer = rvalue(c, base);
      return derefPlace(c, pointerStep(c, { pointer, index, negate: false, span: node.span }), node.span);
    }
    return arrayElement(c, { base: base.place, index, length: base.place.type.length }, node);
  }
  const pointer = rvalue(c, base);
  if (isError(pointer)) return errorPlace(node.span);
  if (pointer.type.kind !== "pointer" || !isArithmetic(index.type)) {
    const swapped = index.type.kind === "pointer" && isArithmetic(pointer.type);
    if (swapped)
      return derefPlace(
        c,
        pointerStep(c, { pointer: index, index: pointer, negate: false, span: node.span }),
        node.span,
      );
    return badIndex(c, node, pointer.type.kind === "pointer" ? index.type : pointer.type);
  }
  return derefPlace(c, pointerStep(c, { pointer, index, negate: false, span: node.span }), node.span);
}

function badIndex(c: CheckContext, node: Node<"index">, type: Type): Place {
  c.error("SCN060", node.span, `[ ] needs an array or pointer and a number, not \`${typeName(type)}\``);
  return errorPlace(node.span);
}

function arrayElement(
  c: CheckContext,
  element: { readonly base: Place; readonly index: Expr; readonly length: number },
  node: Node<"index">,
): Place {
  const { base, index, length } = element;
  const outside = isConstant(index) && (index.value < 0 || index.value >= length);
  // One past the end may be named for its address (C11 6.5.6p8); an access there is found at run time.
  if (outside && !c.mode.unevaluated && index.value !== length) {
    c.report({
      code: "SCN068",
      severity: "warning",
      span: node.index.span,
      message: `index ${index.value} is outside of an array of ${length}`,
    });
  }
  return elementPlace(base, index, node.span);
}

/** A value brought to an integer type for an argument of the language: choose, nice ... */
export function checkInteger(c: CheckContext, node: SyntaxExpr, what: string): Expr {
  const expr = checkValue(c, node);
  if (!isError(expr) && isScalar(expr.type) && isArithmetic(expr.type)) return convertScalar(expr, intType);
  return coerce(c, expr, intType, { what, span: node.span });
}
