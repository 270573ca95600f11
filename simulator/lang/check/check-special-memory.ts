/** Built-in macros about objects: container_of, kmalloc, KMEM_CACHE, memset, non-atomic bit operations. */
import type { CallNode } from "./check-call.ts";
import { checkConstant, checkOperand, checkValue, operandType } from "./check-expression.ts";
import { assign, binary, update } from "./check-operator.ts";
import { primitiveNode, sizeValue } from "./check-primitive.ts";
import { letValue } from "./check-special-arithmetic.ts";
import { argument, takes, type SpecialCheck } from "./check-special.ts";
import { hiddenGlobal } from "./check-string.ts";
import { resolveTypeName, storable } from "./check-type.ts";
import { slabTypesafeByRcu } from "../primitives/builtin-constants.ts";
import { errorExpr, isError, type CheckContext, type RecordDraft } from "./context.ts";
import { cast, coerce, constant, convertScalar, reportCopy } from "./convert.ts";
import { constantValue } from "./fold.ts";
import { cSizeOf, firstLock, firstObject, modelSize } from "./layout.ts";
import { addressOf, derefPlace, elementPlace, fieldNames, fieldPath, loadPlace, memberPlace } from "./place.ts";
import type { BinaryOp, SyntaxExpr } from "../parse/syntax.ts";
import type { Expr, Field, Place, RecordInfo, Type } from "../tree.ts";
import { intType, pointerTo, sameType, sizeType, typeName, ulongType, voidType } from "./types.ts";
import { nearestName } from "../../source/edit-distance.ts";
import type { Span } from "../../source/span.ts";

/** Most objects of one pool. */
const cacheCapacityMax = 4096;
/** Longest array that memcpy copies element by element. */
const copyElementsMax = 256;

/** Rows for the registry; a function, because the modules import one another. */
export function memorySpecials(): (readonly [string, SpecialCheck])[] {
  const bitOperation = (name: string, op: BinaryOp): readonly [string, SpecialCheck] => [
    name,
    takes({ least: 2 }, (c, node, args) => plainBitOperation(c, { node, args, op })),
  ];
  return [
    ["container_of", takes({ least: 3 }, containerOf)],
    ["container_of_const", takes({ least: 3 }, containerOf)],
    ["offsetof", takes({ least: 2 }, offsetOf)],
    ["sizeof_field", takes({ least: 2 }, sizeofField)],
    ["struct_size", takes({ least: 3 }, structSize)],
    ["ARRAY_SIZE", takes({ least: 1 }, arraySize)],
    ["kfree_rcu", takes({ least: 1, most: 2 }, kfreeRcu)],
    ["kvfree_rcu", takes({ least: 1, most: 2 }, kfreeRcu)],
    [
      "kmalloc",
      takes({ least: 2 }, (c, node, args) =>
        allocate(c, node, { size: args[0], count: undefined, gfp: args[1], zeroed: false }),
      ),
    ],
    [
      "kvmalloc",
      takes({ least: 2 }, (c, node, args) =>
        allocate(c, node, { size: args[0], count: undefined, gfp: args[1], zeroed: false }),
      ),
    ],
    [
      "kzalloc",
      takes({ least: 2 }, (c, node, args) =>
        allocate(c, node, { size: args[0], count: undefined, gfp: args[1], zeroed: true }),
      ),
    ],
    [
      "kvzalloc",
      takes({ least: 2 }, (c, node, args) =>
        allocate(c, node, { size: args[0], count: undefined, gfp: args[1], zeroed: true }),
      ),
    ],
    [
      "kmalloc_array",
      takes({ least: 3 }, (c, node, args) =>
        allocate(c, node, { size: args[1], count: args[0], gfp: args[2], zeroed: false }),
      ),
    ],
    [
      "kcalloc",
      takes({ least: 3 }, (c, node, args) =>
        allocate(c, node, { size: args[1], count: args[0], gfp: args[2], zeroed: true }),
      ),
    ],
    ["KMEM_CACHE", takes({ least: 2, most: 3 }, makeCache)],
    ["memset", takes({ least: 3 }, setMemory)],
    ["memcpy", takes({ least: 3 }, copyMemory)],
    ["memmove", takes({ least: 3 }, copyMemory)],
    bitOperation("__set_bit", "|"),
    bitOperation("__clear_bit", "&"),
    bitOperation("__change_bit", "^"),
  ];
}

/** The type that an argument names: a type, or the tag of a struct as in KMEM_CACHE(anon_vma, ...). */
function typeArgument(c: CheckContext, arg: SyntaxExpr): Type | null {
  if (arg.kind === "type") return resolveTypeName(c, arg.type);
  const tag = arg.kind === "name" ? c.lookupTag(arg.name) : null;
  if (tag !== null) return tag.type;
  c.error("SCN041", arg.span, "a type is expected here, such as `struct x`");
  return null;
}

type Member = { readonly offset: number; readonly type: Type };

/** `a.b[2].c` as a path inside a struct; null after a report. */
function memberOf(c: CheckContext, type: Type, node: SyntaxExpr): Member | null {
  if (node.kind === "name") return oneMember(c, { type, offset: 0 }, { name: node.name, span: node.span });
  if (node.kind === "member" && !node.arrow) {
    const base = memberOf(c, type, node.base);
    return base === null ? null : oneMember(c, base, { name: node.name, span: node.nameSpan });
  }
  if (node.kind === "index") {
    const base = memberOf(c, type, node.base);
    const index = checkConstant(c, node.index, "the index of a member");
    if (base === null || index === null) return null;
    if (base.type.kind === "array")
      return { type: base.type.of, offset: base.offset + index * modelSize(base.type.of) };
  }
  c.error("SCN042", node.span, "the name of a member is expected here");
  return null;
}

function oneMember(c: CheckContext, base: Member, name: { readonly name: string; readonly span: Span }): Member | null {
  if (base.type.kind === "error") return null;
  const record = base.type.kind === "record" ? base.type.record : null;
  const path = record === null ? null : fieldPath(record, name.name);
  if (path === null) {
    const near = record === null ? null : nearestName(name.name, fieldNames(record));
    c.report({
      code: "SCN042",
      span: name.span,
      message: `\`${typeName(base.type)}\` has no member \`${name.name}\`${near === null ? "" : `; did you mean \`${near}\`?`}`,
      notes: record === null ? [] : [{ span: record.span, message: "declared here" }],
      suggestion: near === null ? null : { span: name.span, replacement: near },
    });
    return null;
  }
  const last = path[path.length - 1];
  const offset = path.reduce((sum, field) => sum + field.offset, base.offset);
  return last === undefined ? null : { type: last.type, offset };
}

function containerOf(c: CheckContext, node: CallNode, args: readonly SyntaxExpr[]): Expr {
  const { span } = node;
  const pointer = checkValue(c, argument(args, 0));
  const type = typeArgument(c, argument(args, 1));
  const member = type === null ? null : memberOf(c, type, argument(args, 2));
  if (type === null || member === null || isError(pointer) || type.kind === "error") return errorExpr(span);
  if (pointer.type.kind !== "pointer") {
    c.error(
      "SCN062",
      argument(args, 0).span,
      `container_of needs a pointer to the member, not \`${typeName(pointer.type)}\``,
    );
    return errorExpr(span);
  }
  const to = pointer.type.to;
  if (to.kind !== "void" && to.kind !== "error" && !sameType(to, member.type)) {
    const message = `the member is \`${typeName(member.type)}\`, and the pointer is \`${typeName(pointer.type)}\``;
    c.error("SCN062", argument(args, 0).span, message);
    return errorExpr(span);
  }
  const index = constant(-member.offset, intType, span);
  const result = pointerTo(type);
  if (member.offset === 0) return convertScalar(pointer, result);
  return { kind: "pointer-add", pointer, index, stride: 1, type: result, span };
}

function offsetOf(c: CheckContext, node: CallNode, args: readonly SyntaxExpr[]): Expr {
  const type = typeArgument(c, argument(args, 0));
  const member = type === null ? null : memberOf(c, type, argument(args, 1));
  return member === null ? errorExpr(node.span) : constant(member.offset, sizeType, node.span);
}

function sizeofField(c: CheckContext, node: CallNode, args: readonly SyntaxExpr[]): Expr {
  const type = typeArgument(c, argument(args, 0));
  const member = type === null ? null : memberOf(c, type, argument(args, 1));
  return member === null ? errorExpr(node.span) : constant(cSizeOf(member.type), sizeType, node.span);
}

function arraySize(c: CheckContext, node: CallNode, args: readonly SyntaxExpr[]): Expr {
  const operand = c.within({ unevaluated: true }, () => checkOperand(c, argument(args, 0)));
  const type = operand.kind === "place" ? operand.place.type : operand.expr.type;
  if (type.kind === "array") return constant(type.length, sizeType, node.span);
  if (type.kind !== "error") c.error("SCN062", node.span, `ARRAY_SIZE needs an array, not \`${typeName(type)}\``);
  return errorExpr(node.span);
}

/** args of the tree: the object as void *, the address of its rcu_head. */
function kfreeRcu(c: CheckContext, node: CallNode, args: readonly SyntaxExpr[]): Expr {
  const { span } = node;
  const pointer = checkValue(c, argument(args, 0));
  const name = args[1];
  if (isError(pointer)) return errorExpr(span);
  if (name === undefined) {
    c.error(
      "SCN063",
      span,
      "kfree_rcu takes the object and the name of its rcu_head; without one use kfree_rcu_mightsleep",
    );
    return errorExpr(span);
  }
  const record = pointer.type.kind === "pointer" && pointer.type.to.kind === "record" ? pointer.type.to.record : null;
  const path = record === null || name.kind !== "name" ? null : fieldPath(record, name.name);
  const last = path?.[path.length - 1];
  if (path === null || last?.type.kind !== "object" || last.type.object !== "rcu-head") {
    c.error("SCN042", name.span, "the second argument is the name of a member of type `struct rcu_head`");
    return errorExpr(span);
  }
  return letValue(c, pointer, (object) => {
    const head = addressOf(c, memberPlace(derefPlace(c, object, span), path, span), span);
    const freed = coerce(c, object, pointerTo(voidType), { what: "the object", span });
    return primitiveNode({ op: "kfree-rcu", spelling: "kfree_rcu", args: [freed, head], type: voidType, span });
  });
}

type Sized = { readonly type: Type; readonly count: Expr };

/** `sizeof(T)`, `n * sizeof(T)`: what is allocated and how many; null when the size does not say. */
function sizedType(c: CheckContext, node: SyntaxExpr): Sized | null {
  if (node.kind === "sizeof") return { type: operandType(c, node.operand), count: constant(1, sizeType, node.span) };
  const open = openStruct(c, node);
  if (open !== null) return { type: withElements(c, open), count: constant(1, sizeType, node.span) };
  if (node.kind !== "binary" || node.op !== "*") return null;
  const [sizeNode, countNode] = node.left.kind === "sizeof" ? [node.left, node.right] : [node.right, node.left];
  if (sizeNode.kind !== "sizeof") return null;
  return { type: operandType(c, sizeNode.operand), count: countOf(c, countNode) };
}

/** A struct whose last member is `T x[]`, and how many elements it is to have. */
type OpenStruct = { readonly record: RecordInfo; readonly last: Field; readonly of: Type; readonly count: number };

/** `struct_size(p, member, n)` taken apart; null for other expressions, and after a report. */
function openStruct(c: CheckContext, node: SyntaxExpr): OpenStruct | null {
  if (node.kind !== "call" || node.callee.kind !== "name" || node.callee.name !== "struct_size") return null;
  const [pointer, member, number] = node.args;
  if (pointer === undefined || member?.kind !== "name" || number === undefined || node.args.length !== 3) return null;
  const type = operandType(c, pointer);
  const record = type.kind === "pointer" && type.to.kind === "record" ? type.to.record : null;
  const last = record?.fields[record.fields.length - 1];
  if (record === null || last?.type.kind !== "array" || last.type.length !== 0 || last.name !== member.name) {
    c.error(
      "SCN042",
      member.span,
      "struct_size(p, member, n): the member is the last one of *p, declared as `T member[]`",
    );
    return null;
  }
  const count = constantCount(c, number, 0);
  return count === null ? null : { record, last, of: last.type.of, count };
}

function structSize(c: CheckContext, node: CallNode): Expr {
  const open = openStruct(c, node);
  if (open === null) return errorExpr(node.span);
  return constant(open.record.cSize + open.count * cSizeOf(open.of), sizeType, node.span);
}

/** The struct with its last member as an array of so many elements: what the allocation holds. */
function withElements(c: CheckContext, { record, last, of, count }: OpenStruct): Type {
  if (count === 0) return { kind: "record", record, volatile: false };
  const type: Type = { kind: "array", of, length: count };
  const fields = [...record.fields.slice(0, -1), { ...last, type }];
  const whole: RecordDraft = {
    ...record,
    id: c.records.length,
    fields,
    size: last.offset + modelSize(type),
    cSize: last.cOffset + cSizeOf(type),
  };
  c.records.push(whole);
  return { kind: "record", record: whole, volatile: false };
}

/** Most objects of one allocation. */
const allocationCountMax = 1024;

/** A number of objects that is known now, which the model needs; null after a report. */
function constantCount(c: CheckContext, node: SyntaxExpr, least: 0 | 1): number | null {
  const count = knownValue(sizeValue(c, node, "the number of objects"));
  if (count === "error") return null;
  if (count !== null && count >= least && count <= allocationCountMax) return count;
  const what = count === null ? "is not a constant" : `is ${count}`;
  const message = `the number of objects ${what}: the model needs ${least} to ${allocationCountMax}, known before the run; write a number, a #define or a parameter, or one allocation for each case`;
  c.error("SCN075", node.span, message);
  return null;
}

function countOf(c: CheckContext, node: SyntaxExpr): Expr {
  const count = constantCount(c, node, 1);
  return count === null ? errorExpr(node.span) : constant(count, sizeType, node.span);
}

/** The value of a constant or of a const variable that has one; null when it is not known, "error" after a report. */
function knownValue(expr: Expr): number | "error" | null {
  if (isError(expr)) return "error";
  if (expr.kind === "convert") return knownValue(expr.operand);
  if (expr.kind === "load" && expr.place.kind === "variable") return expr.place.symbol.known ?? null;
  return constantValue(expr);
}

type Allocation = {
  readonly size: SyntaxExpr | undefined;
  readonly count: SyntaxExpr | undefined;
  readonly gfp: SyntaxExpr | undefined;
  readonly zeroed: boolean;
};

/** kmalloc and its kin: args of the tree are [count, flags], the element type is in the attributes. */
function allocate(c: CheckContext, node: CallNode, from: Allocation): Expr {
  const { span } = node;
  const name = node.callee.kind === "name" ? node.callee.name : "kmalloc";
  if (from.size === undefined || from.gfp === undefined) return errorExpr(span);
  const flags = checkValue(c, from.gfp);
  const sized = sizedType(c, from.size);
  if (sized === null) {
    const message = `${name} must say what it allocates: write sizeof(*pointer), sizeof(struct x) or n * sizeof(...) as the size`;
    c.error("SCN075", from.size.span, message);
    return errorExpr(span);
  }
  const object = storable(c, sized.type, { what: "what is allocated", span: from.size.span });
  const counted = from.count === undefined ? sized.count : countOf(c, from.count);
  if (isError(counted) || isError(flags) || object.kind === "error") return errorExpr(span);
  const attributes = { object, zeroed: from.zeroed };
  const args = [counted, coerce(c, flags, sizeType, { what: "the flags of an allocation", span: from.gfp.span })];
  return primitiveNode({ op: "kmalloc", spelling: name, args, type: pointerTo(voidType), span, attributes });
}

function makeCache(c: CheckContext, node: CallNode, args: readonly SyntaxExpr[]): Expr {
  const { span } = node;
  const type = typeArgument(c, argument(args, 0));
  const capacity = checkConstant(c, argument(args, 1), "the number of objects of the pool");
  const flags = args[2] === undefined ? 0 : checkConstant(c, args[2], "the flags of the pool");
  if (type === null || capacity === null || flags === null) return errorExpr(span);
  const object = storable(c, type, { what: "an object of the pool", span: argument(args, 0).span });
  if (object.kind === "error") return errorExpr(span);
  if (capacity < 1 || capacity > cacheCapacityMax) {
    const message = `KMEM_CACHE(struct x, n, flags): n is the size of the pool, 1 to ${cacheCapacityMax}, not ${capacity}`;
    c.error("SCN068", argument(args, 1).span, message);
    return errorExpr(span);
  }
  const objectType: Type = { kind: "object", object: "kmem-cache" };
  const symbol = hiddenGlobal(c, { name: cacheName(c, object), type: objectType, span });
  symbol.addressTaken = true;
  if (!c.mode.unevaluated) {
    c.globals.push({ symbol, stores: [], isDefined: true });
    const typesafeByRcu = (flags & slabTypesafeByRcu) !== 0;
    c.caches.push({ symbol, name: tagOf(object), object, capacity, typesafeByRcu, span });
  }
  return {
    kind: "address",
    place: { kind: "variable", symbol, type: objectType, span },
    type: pointerTo(objectType),
    span,
  };
}

/** As traces tell it, `&node cache`; a second cache of one type has a number. */
function cacheName(c: CheckContext, object: Type): string {
  const tag = tagOf(object);
  const same = c.caches.filter((cache) => cache.name === tag).length;
  return same === 0 ? `${tag} cache` : `${tag} cache ${String(same + 1)}`;
}

function tagOf(type: Type): string {
  return type.kind === "record" ? type.record.tag : typeName(type);
}

/** The whole object that a pointer and a size mean; null after a report. */
function wholeObject(c: CheckContext, pointer: Expr, size: SyntaxExpr): Type | null {
  if (isError(pointer) || pointer.type.kind !== "pointer") return null;
  const to = pointer.type.to;
  const named = size.kind === "sizeof" ? operandType(c, size.operand) : null;
  const bytes = constantValue(c.within({ unevaluated: true }, () => checkValue(c, size)));
  const array = pointer.kind === "address" && pointer.place.kind === "element" ? pointer.place.base.type : null;
  const candidates = [to, array, to.kind === "void" ? named : null];
  const whole = candidates.find((type) => type !== null && isWhole(type) && bytes === cSizeOf(type));
  if (whole !== undefined && whole !== null) return whole;
  const wanted = isWhole(to)
    ? `sizeof of the object, ${cSizeOf(to)} for \`${typeName(to)}\``
    : "sizeof of the object, and the pointer of its type";
  c.error("SCN076", size.span, `memset and memcpy work on whole objects here: the size must be ${wanted}`);
  return null;
}

function isWhole(type: Type): boolean {
  return (
    type.kind !== "void" &&
    type.kind !== "function" &&
    type.kind !== "error" &&
    !(type.kind === "record" && !type.record.complete)
  );
}

function setMemory(c: CheckContext, node: CallNode, args: readonly SyntaxExpr[]): Expr {
  const { span } = node;
  const pointer = checkValue(c, argument(args, 0));
  const value = coerce(c, checkValue(c, argument(args, 1)), intType, {
    what: "the byte",
    span: argument(args, 1).span,
  });
  const object = pointer.type.kind === "pointer" ? wholeObject(c, pointer, argument(args, 2)) : notPointer(c, pointer);
  if (object === null || isError(value)) return errorExpr(span);
  const byte = constantValue(value);
  if (byte === null) {
    const message = "the byte of memset is a constant here; write the assignments that are meant";
    c.error("SCN076", argument(args, 1).span, message);
    return errorExpr(span);
  }
  const found = firstObject(object);
  if (found !== null && (byte & 0xff) !== 0) {
    const member = found.path === "" ? "" : ` in its member \`${found.path}\``;
    const message = `\`${typeName(object)}\` has a \`${typeName(found.object)}\`${member}: memset may only clear it`;
    c.error("SCN077", span, message);
    return errorExpr(span);
  }
  const args_ = [coerce(c, pointer, pointerTo(voidType), { what: "the object", span }), value];
  return primitiveNode({
    op: "memset",
    spelling: "memset",
    args: args_,
    type: pointerTo(voidType),
    span,
    attributes: { object },
  });
}

function notPointer(c: CheckContext, pointer: Expr): null {
  if (!isError(pointer)) c.error("SCN062", pointer.span, `a pointer is expected, not \`${typeName(pointer.type)}\``);
  return null;
}

/** memcpy of a struct or scalar is an assignment, of an array one assignment an element. */
function copyMemory(c: CheckContext, node: CallNode, args: readonly SyntaxExpr[]): Expr {
  const { span } = node;
  const [to, from] = [checkValue(c, argument(args, 0)), checkValue(c, argument(args, 1))];
  const object = to.type.kind === "pointer" ? wholeObject(c, to, argument(args, 2)) : notPointer(c, to);
  if (object === null || isError(from)) return errorExpr(span);
  const found = firstLock(object);
  if (found !== null) {
    reportCopy(c, { type: object, found, span });
    return errorExpr(span);
  }
  const pointer = pointerTo(object);
  return letValue(c, cast(c, to, pointer, span), (target) =>
    letValue(c, cast(c, from, pointer, span), (source) => {
      const copies = copiesOf(c, derefPlace(c, target, span), derefPlace(c, source, span));
      if (copies.some(isError)) return errorExpr(span);
      const [first] = copies;
      const all: Expr | undefined =
        copies.length === 1 ? first : { kind: "comma", items: copies, type: voidType, span };
      return all === undefined
        ? errorExpr(span)
        : { kind: "convert", operand: all, how: "discard", type: voidType, span };
    }),
  );
}

function copiesOf(c: CheckContext, target: Place, source: Place): readonly Expr[] {
  const { type, span } = target;
  if (type.kind !== "array") return [copyOne(c, target, source)];
  if (type.length > copyElementsMax) {
    c.error(
      "SCN076",
      span,
      `memcpy of an array copies up to ${copyElementsMax} elements, not ${type.length}; write a loop`,
    );
    return [errorExpr(span)];
  }
  return Array.from({ length: type.length }, (_, index) => {
    const at = constant(index, intType, span);
    return copyOne(c, elementPlace(target, at, span), elementPlace(source, at, span));
  });
}

function copyOne(c: CheckContext, place: Place, source: Place): Expr {
  const { span } = place;
  return assign(c, { place, value: loadPlace(c, source, null), what: "the copy", access: null, span, valueSpan: span });
}

type BitOperation = { readonly node: CallNode; readonly args: readonly SyntaxExpr[]; readonly op: BinaryOp };

/** __set_bit and its kin: a plain read and a plain write of one word. */
function plainBitOperation(c: CheckContext, from: BitOperation): Expr {
  const { node, args, op } = from;
  const { span } = node;
  const address = cast(c, checkValue(c, argument(args, 1)), pointerTo(ulongType), span);
  const number = coerce(c, checkValue(c, argument(args, 0)), intType, { what: "the bit number", span });
  const body = letValue(c, number, (nr) => {
    const word = binary(c, ">>", { left: nr, right: constant(5, intType, span), span });
    const pointer = binary(c, "+", { left: address, right: word, span });
    const within = binary(c, "&", { left: nr, right: constant(31, intType, span), span });
    const mask = binary(c, "<<", { left: constant(1, ulongType, span), right: within, span });
    const operand = op === "&" ? binary(c, "^", { left: mask, right: constant(-1, ulongType, span), span }) : mask;
    return update(c, derefPlace(c, pointer, span), { op, operand, yields: "new", span, placeSpan: span });
  });
  return isError(body) ? body : convertScalar(body, voidType);
}
