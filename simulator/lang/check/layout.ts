/**
 * Sizes and strides of the model machine (ILP32, see tree.ts) and of C.
 *
 * Source of the lock sizes: the structs of include/linux (6.12) without debugging options, on a 32-bit machine.
 */
import type { ObjectKind, ObjectType, Type } from "../tree.ts";
import { unreachable } from "../../source/assert.ts";

/** Bytes of each opaque object, the same for `sizeof` and for the model. */
export const objectSizes: Readonly<Record<ObjectKind, number>> = {
  spinlock: 4,
  "raw-spinlock": 4,
  rwlock: 8,
  mutex: 20,
  rwsem: 24,
  semaphore: 16,
  completion: 16,
  "folio-lock": 4,
  atomic: 4,
  "atomic-long": 4,
  atomic64: 8,
  refcount: 4,
  "rcu-head": 8,
  "wait-queue": 12,
  "wait-entry": 20,
  seqcount: 4,
  seqlock: 8,
  srcu: 24,
  "local-lock": 4,
  task: 4,
  "kmem-cache": 4,
  "lock-class-key": 4,
};

/** Bytes that an object of this type takes in the model; also the stride of arrays and pointers to it. void and functions: 1, as in GNU C. */
export function modelSize(type: Type): number {
  switch (type.kind) {
    case "integer":
      return type.cSize;
    case "enum":
    case "pointer":
      return 4;
    case "array":
      return type.length * modelSize(type.of);
    case "record":
      return type.record.size;
    case "object":
      return objectSizes[type.object];
    case "void":
    case "function":
    case "error":
      return 1;
  }
  return unreachable(type);
}

/** A lock, atomic or other object of the kernel inside a type, and the members that lead there. */
export type FoundObject = { readonly path: string; readonly object: ObjectType };

/** Objects whose bytes are all there is to them: a struct around them is copied with their values. */
const valueObjects: ReadonlySet<ObjectKind> = new Set(["atomic", "atomic-long", "atomic64", "refcount", "rcu-head"]);

/** The first lock anywhere in a type, or other object that a copy of its struct would make by accident; null for none. */
export function firstLock(type: Type): FoundObject | null {
  return firstObject(type, (object) => !valueObjects.has(object));
}

/** The first lock or atomic anywhere in a type, null when there is none. */
export function firstObject(type: Type, counts: (object: ObjectKind) => boolean = () => true): FoundObject | null {
  if (type.kind === "object") return counts(type.object) ? { path: "", object: type } : null;
  if (type.kind === "array") {
    const found = firstObject(type.of, counts);
    return found === null ? null : { ...found, path: joined("[0]", found.path) };
  }
  if (type.kind !== "record") return null;
  for (const field of type.record.fields) {
    const found = firstObject(field.type, counts);
    if (found !== null) return { ...found, path: joined(field.name, found.path) };
  }
  return null;
}

function joined(outer: string, inner: string): string {
  return outer === "" || inner === "" || inner.startsWith("[") ? outer + inner : `${outer}.${inner}`;
}

/** What `sizeof` yields, in bytes. void and functions: 1, as in GNU C. */
export function cSizeOf(type: Type): number {
  if (type.kind === "array") return type.length * cSizeOf(type.of);
  if (type.kind === "record") return type.record.cSize;
  return modelSize(type);
}
