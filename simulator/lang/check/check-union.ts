/**
 * Which members a union may have. In the model every number and pointer is one cell, so members share their places cell
 * by cell: where two overlap, both must have a whole number or pointer that begins there and is as long.
 */
import type { DeclaredField } from "./check-type.ts";
import type { CheckContext } from "./context.ts";
import { cSizeOf, modelSize } from "./layout.ts";
import type { Type } from "../tree.ts";
import { typeName } from "./types.ts";
import { unreachable } from "../../source/assert.ts";

/** Most cells of a member that shares its place with another. */
const sharedCellsMax = 4096;

type Part = {
  readonly offset: number;
  /** Bytes that it keeps others from. */
  readonly size: number;
  /** Bytes that it has: all of a cell shared by numbers of two widths would change at once. */
  readonly width: number;
  /** Offset in C, where members stand closer. */
  readonly cOffset: number;
  readonly isObject: boolean;
  readonly member: DeclaredField;
};

/** Reports members that overlap in part, and locks or atomics that share their place (SCN071). Linear but for sorting. */
export function checkUnion(c: CheckContext, members: readonly DeclaredField[]): void {
  if (members.length < 2) return;
  const parts = members.flatMap((member) => {
    const into: Part[] = [];
    collect(member.type, { offset: 0, cOffset: 0, member, into });
    return into;
  });
  parts.sort((a, b) => a.offset - b.offset);
  let last: Part | null = null;
  for (const part of parts) {
    const problem = last === null ? null : problemOf(last, part);
    if (problem !== null) {
      c.error("SCN071", part.member.span, problem);
      return;
    }
    if (last === null || part.offset + part.size > last.offset + last.size) last = part;
  }
}

function problemOf(before: Part, part: Part): string | null {
  if (before.member === part.member || part.offset >= before.offset + before.size) return null;
  const [a, b] = [named(before.member), named(part.member)];
  const isSame = before.offset === part.offset && before.cOffset === part.cOffset && before.width === part.width;
  if (before.isObject || part.isObject) {
    return `${a} and ${b} share the place of a lock, atomic or other object, which has an identity of its own in the model; use a struct`;
  }
  if (isSame) return null;
  return `${a} and ${b} overlap in part of a number: members of a union share whole numbers and pointers here; use a struct`;
}

function named({ name, type }: DeclaredField): string {
  return name === "" ? `the unnamed \`${typeName(type)}\`` : `\`${name}\``;
}

type Collection = {
  readonly offset: number;
  readonly cOffset: number;
  readonly member: DeclaredField;
  readonly into: Part[];
};

function collect(type: Type, at: Collection): void {
  const { offset, cOffset, member, into } = at;
  switch (type.kind) {
    case "integer":
    case "enum":
    case "pointer":
      // A narrow number has a cell of its own at every multiple of 4; C's place tells which bytes it shares.
      into.push({
        offset,
        size: Math.max(4, modelSize(type)),
        width: modelSize(type),
        cOffset,
        isObject: false,
        member,
      });
      return;
    case "object":
      into.push({ offset, size: modelSize(type), width: modelSize(type), cOffset, isObject: true, member });
      return;
    case "array":
      for (let index = 0; index < type.length && into.length < sharedCellsMax; index += 1) {
        const element = { offset: offset + index * modelSize(type.of), cOffset: cOffset + index * cSizeOf(type.of) };
        collect(type.of, { ...at, ...element });
      }
      return;
    case "record":
      for (const field of type.record.fields) {
        collect(field.type, { ...at, offset: offset + field.offset, cOffset: cOffset + field.cOffset });
      }
      return;
    case "void":
    case "function":
    case "error":
      return;
  }
  unreachable(type);
}
