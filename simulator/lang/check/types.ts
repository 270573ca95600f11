/** Types: the basic ones, their tests, their names, and C's conversions between arithmetic types. */
import type { EnumType, IntegerType, PointerType, RecordInfo, Type } from "../tree.ts";
import { unreachable } from "../../source/assert.ts";

function integer(name: string, shape: Pick<IntegerType, "bits" | "signed" | "rank" | "cSize">): IntegerType {
  return { kind: "integer", name, ...shape, wide: shape.cSize === 8, volatile: false };
}

export const voidType: Type = { kind: "void" };
export const errorType: Type = { kind: "error" };

/** C's integer types. char is unsigned, as the kernel builds it since 6.2 (-funsigned-char). */
export const integerTypes = {
  bool: integer("bool", { bits: 1, signed: false, rank: 0, cSize: 1 }),
  char: integer("char", { bits: 8, signed: false, rank: 1, cSize: 1 }),
  s8: integer("s8", { bits: 8, signed: true, rank: 1, cSize: 1 }),
  u8: integer("u8", { bits: 8, signed: false, rank: 1, cSize: 1 }),
  s16: integer("short", { bits: 16, signed: true, rank: 2, cSize: 2 }),
  u16: integer("unsigned short", { bits: 16, signed: false, rank: 2, cSize: 2 }),
  s32: integer("int", { bits: 32, signed: true, rank: 3, cSize: 4 }),
  u32: integer("unsigned int", { bits: 32, signed: false, rank: 3, cSize: 4 }),
  long: integer("long", { bits: 32, signed: true, rank: 4, cSize: 4 }),
  ulong: integer("unsigned long", { bits: 32, signed: false, rank: 4, cSize: 4 }),
  s64: integer("long long", { bits: 32, signed: true, rank: 5, cSize: 8 }),
  u64: integer("unsigned long long", { bits: 32, signed: false, rank: 5, cSize: 8 }),
} as const;

export const intType: IntegerType = integerTypes.s32;
export const boolType: IntegerType = integerTypes.bool;
export const ulongType: IntegerType = integerTypes.ulong;
export const sizeType: IntegerType = integerTypes.u32;

/** The integer type that sorted C words name ("int long unsigned"), null when they name none. */
export function integerOfWords(words: readonly string[]): IntegerType | "void" | null {
  const count = (word: string): number =>
    words.filter((each) => each === word || (word === "signed" && each === "__signed__")).length;
  const [longs, unsigned, signed] = [count("long"), count("unsigned"), count("signed")];
  const known = ["char", "short", "int", "long", "signed", "__signed__", "unsigned", "void", "_Bool"];
  if (words.some((word) => !known.includes(word)) || unsigned + signed > 1 || longs > 2) return null;
  const base = words.filter((word) => !["long", "signed", "__signed__", "unsigned", "int"].includes(word));
  if (count("int") > 1 || base.length > 1) return null;
  const [only] = base;
  if (only === "void") return words.length === 1 ? "void" : null;
  if (only === "_Bool") return words.length === 1 ? integerTypes.bool : null;
  if (only === "char") {
    if (longs + count("int") > 0) return null;
    return unsigned > 0 ? integerTypes.u8 : signed > 0 ? integerTypes.s8 : integerTypes.char;
  }
  if (only === "short") return longs > 0 ? null : unsigned > 0 ? integerTypes.u16 : integerTypes.s16;
  if (longs === 2) return unsigned > 0 ? integerTypes.u64 : integerTypes.s64;
  if (longs === 1) return unsigned > 0 ? integerTypes.ulong : integerTypes.long;
  return unsigned > 0 ? integerTypes.u32 : integerTypes.s32;
}

export function pointerTo(to: Type): PointerType {
  return { kind: "pointer", to, volatile: false };
}

/** The same type without volatile on its outermost level: what a value has. */
export function unqualified(type: Type): Type {
  return "volatile" in type && type.volatile ? { ...type, volatile: false } : type;
}

/** The type as volatile; arrays pass it on to their elements. */
export function withVolatile(type: Type): Type {
  if (type.kind === "array") return { ...type, of: withVolatile(type.of) };
  return "volatile" in type ? { ...type, volatile: true } : type;
}

export function isVolatile(type: Type): boolean {
  return "volatile" in type && type.volatile;
}

export function isArithmetic(type: Type): type is IntegerType | EnumType {
  return type.kind === "integer" || type.kind === "enum";
}

export function isScalar(type: Type): type is IntegerType | EnumType | PointerType {
  return isArithmetic(type) || type.kind === "pointer";
}

/** An enum counts as int; any other type is given back. */
export function asInteger(type: IntegerType | EnumType): IntegerType {
  return type.kind === "enum" ? intType : type;
}

/** Type identity, qualifiers aside. */
export function sameType(a: Type, b: Type): boolean {
  if (a.kind === "integer" && b.kind === "integer") {
    return a.bits === b.bits && a.signed === b.signed && a.wide === b.wide;
  }
  if (a.kind === "enum" && b.kind === "enum") return a.tag === b.tag && a.enumerators === b.enumerators;
  if (a.kind === "pointer" && b.kind === "pointer") return sameType(a.to, b.to);
  if (a.kind === "array" && b.kind === "array") return a.length === b.length && sameType(a.of, b.of);
  if (a.kind === "record" && b.kind === "record") return a.record === b.record;
  if (a.kind === "object" && b.kind === "object") return a.object === b.object;
  if (a.kind === "function" && b.kind === "function") {
    const sameCount = a.parameters.length === b.parameters.length;
    return (
      sameCount &&
      sameType(a.result, b.result) &&
      a.parameters.every((each, index) => sameTypeAt(each, b.parameters, index))
    );
  }
  return a.kind === b.kind;
}

function sameTypeAt(type: Type, list: readonly Type[], index: number): boolean {
  const other = list[index];
  return other !== undefined && sameType(type, other);
}

/** Integer promotion (C11 6.3.1.1): what is narrower than int becomes int. */
export function promoted(type: IntegerType | EnumType): IntegerType {
  const plain = asInteger(type);
  return plain.rank < 3 ? intType : { ...plain, volatile: false };
}

/** The usual arithmetic conversions (C11 6.3.1.8) for ILP32. */
export function commonType(a: IntegerType | EnumType, b: IntegerType | EnumType): IntegerType {
  const [left, right] = [promoted(a), promoted(b)];
  if (left.signed === right.signed) return left.rank >= right.rank ? left : right;
  const [unsigned, signed] = left.signed ? [right, left] : [left, right];
  if (unsigned.rank >= signed.rank) return unsigned;
  // long has the size of unsigned int here, so it cannot hold all its values; long long can.
  if (signed.cSize > unsigned.cSize) return signed;
  return integerTypes.ulong;
}

/** Typedef names of structs and enums that have no tag: pte_t is what people call it. */
const typedefNames = new WeakMap<object, string>();

/** Notes the name that a typedef gives to a type without one; the first name stays. */
export function nameType(type: Type, name: string): void {
  const key = type.kind === "record" ? type.record : type.kind === "enum" ? type.enumerators : null;
  const isNamed = type.kind === "record" ? type.record.tag !== "" : type.kind === "enum" && type.tag !== "";
  if (key !== null && !isNamed && !typedefNames.has(key)) typedefNames.set(key, name);
}

function recordName(record: RecordInfo): string {
  const word = record.isUnion ? "union" : "struct";
  return record.tag === "" ? (typedefNames.get(record) ?? `${word} { ... }`) : `${word} ${record.tag}`;
}

/** The type as a person would write it. */
export function typeName(type: Type): string {
  switch (type.kind) {
    case "void":
      return "void";
    case "error":
      return "?";
    case "integer":
      return type.name;
    case "enum":
      return type.tag === "" ? (typedefNames.get(type.enumerators) ?? "enum { ... }") : `enum ${type.tag}`;
    case "record":
      return recordName(type.record);
    case "object":
      return objectTypeNames[type.object];
    case "pointer":
      if (type.to.kind === "function") return functionName(type.to, "(*)");
      return `${typeName(type.to)}${type.to.kind === "pointer" ? "*" : " *"}`;
    case "array":
      return arrayName(type, "");
    case "function":
      return functionName(type, "");
  }
  return unreachable(type);
}

/** Outer lengths first, as C declares them. */
function arrayName(type: Extract<Type, { kind: "array" }>, before: string): string {
  const lengths = `${before}[${type.length}]`;
  return type.of.kind === "array" ? arrayName(type.of, lengths) : `${typeName(type.of)}${lengths}`;
}

function functionName(type: Extract<Type, { kind: "function" }>, middle: string): string {
  const parameters = type.parameters.length === 0 ? "void" : type.parameters.map(typeName).join(", ");
  return `${typeName(type.result)} ${middle}(${parameters})`;
}

/** Kernel names of the object types. */
export const objectTypeNames = {
  spinlock: "spinlock_t",
  "raw-spinlock": "raw_spinlock_t",
  rwlock: "rwlock_t",
  mutex: "struct mutex",
  rwsem: "struct rw_semaphore",
  semaphore: "struct semaphore",
  completion: "struct completion",
  "folio-lock": "folio_lock_t",
  atomic: "atomic_t",
  "atomic-long": "atomic_long_t",
  atomic64: "atomic64_t",
  refcount: "refcount_t",
  "rcu-head": "struct rcu_head",
  "wait-queue": "wait_queue_head_t",
  "wait-entry": "wait_queue_entry_t",
  seqcount: "seqcount_t",
  seqlock: "seqlock_t",
  srcu: "struct srcu_struct",
  "local-lock": "local_lock_t",
  task: "struct task_struct",
  "kmem-cache": "struct kmem_cache",
  "lock-class-key": "struct lock_class_key",
} as const;
