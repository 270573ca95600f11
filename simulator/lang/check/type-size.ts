/**
 * How large a type is. Types share their parts, so a few lines can make one that takes forever to write out, compare or
 * lay out: typedefs that double at each step, structs of two of the one before. A bound on the parts of the whole, each
 * part counted as often as it occurs, keeps every walk over a type short and every recursion over it shallow.
 */
import type { Type } from "../tree.ts";

/** Most parts of one type between its name and its structs: pointers, array lengths, parameters. Bounds messages too. */
export const typePartsMax = 200;
/** Most members of one struct, those of structs within it included. */
export const recordPartsMax = 262_144;
/** Most structs within one another. */
export const recordDepthMax = 200;

const derivedParts = new WeakMap<Type, number>();

/** Parts of a type when a struct counts as one. Linear in the parts that were not counted before. */
export function typeParts(type: Type): number {
  if (type.kind !== "pointer" && type.kind !== "array" && type.kind !== "function") return 1;
  const known = derivedParts.get(type);
  if (known !== undefined) return known;
  const parts = 1 + childrenOf(type).reduce((sum, child) => sum + typeParts(child), 0);
  derivedParts.set(type, parts);
  return parts;
}

function childrenOf(type: Extract<Type, { kind: "pointer" | "array" | "function" }>): readonly Type[] {
  if (type.kind === "pointer") return [type.to];
  if (type.kind === "array") return [type.of];
  return [type.result, ...type.parameters];
}

/** Members and levels of a struct. */
export type RecordSize = { readonly parts: number; readonly depth: number };

const recordSizes = new WeakMap<object, RecordSize>();

/** Members and levels that a value of this type brings into a struct. */
export function recordSizeOf(type: Type): RecordSize {
  if (type.kind === "array") {
    const element = recordSizeOf(type.of);
    const holdsRecords = element.depth > 0;
    return { parts: holdsRecords ? element.parts * Math.max(1, type.length) : 1, depth: element.depth };
  }
  if (type.kind !== "record") return { parts: 1, depth: 0 };
  return recordSizes.get(type.record) ?? { parts: 1, depth: 1 };
}

/** Remembers the size of a struct whose members are known. */
export function measureRecord(record: object, members: readonly Type[]): RecordSize {
  const sizes = members.map(recordSizeOf);
  const parts = sizes.reduce((sum, size) => sum + size.parts, 1);
  const depth = sizes.reduce((most, size) => Math.max(most, size.depth), 0) + 1;
  recordSizes.set(record, { parts, depth });
  return { parts, depth };
}
