/** Types of the language as cells of the model machine. */
import { modelSize } from "../lang/check/layout.ts";
import type { ObjectKind, Type } from "../lang/tree.ts";
import { assert, unreachable } from "../source/assert.ts";
import type { CellTag, ObjectCell, PrintAs, ScalarShape } from "./ir.ts";

/** Bits that the words of locks need in a scenario. */
export type LockWidths = {
  /** Tasks that can own a lock; owner words hold 0..lockers. */
  readonly lockers: number;
  /** Spinning locks remember how they were taken: there are irq tasks (class irq-unsafe). */
  readonly remembersIrq: boolean;
  /** An rcu_head has a cell, which stays 0: something queues heads, so accesses to them are checked. */
  readonly queuesHeads: boolean;
};

/** Shape of the one cell of a scalar type. 32-bit values are normalised to int32 whatever their sign. */
export function scalarShape(type: Type): ScalarShape {
  switch (type.kind) {
    case "integer":
      return type.bits === 32 ? { bits: 32, signed: true } : { bits: type.bits, signed: type.signed };
    case "enum":
    case "pointer":
      return { bits: 32, signed: true };
    case "void":
    case "error":
    case "array":
    case "record":
    case "function":
    case "object":
      throw new Error(`assert: a ${type.kind} is not a scalar`);
  }
  return unreachable(type);
}

export function printOf(type: Type): PrintAs {
  if (type.kind === "pointer") return "pointer";
  if (type.kind !== "integer") return "number";
  if (type.bits === 1) return "bool";
  return type.signed ? "number" : "unsigned";
}

export function isScalar(type: Type): boolean {
  return type.kind === "integer" || type.kind === "enum" || type.kind === "pointer";
}

/** All cells of an object of this type in order of offset. Union members share their cells, as wide as the widest. */
export function cellsOf(type: Type, widths: LockWidths): readonly ObjectCell[] {
  const cells: ObjectCell[] = [];
  collect(type, { offset: 0, path: "", widths, into: cells });
  return cells.sort((a, b) => a.offset - b.offset);
}

type Collection = {
  readonly offset: number;
  readonly path: string;
  readonly widths: LockWidths;
  readonly into: ObjectCell[];
  readonly lockClass?: string;
};

function collect(type: Type, at: Collection): void {
  switch (type.kind) {
    case "integer":
    case "enum":
    case "pointer":
      at.into.push({
        offset: at.offset,
        path: at.path,
        shape: scalarShape(type),
        tag: "data",
        print: printOf(type),
        initial: 0,
      });
      return;
    case "array": {
      const stride = modelSize(type.of);
      for (let index = 0; index < type.length; index += 1) {
        collect(type.of, { ...at, offset: at.offset + index * stride, path: `${at.path}[${String(index)}]` });
      }
      return;
    }
    case "record":
      if (type.record.isUnion) collectUnion(type, at);
      else {
        for (const field of type.record.fields) {
          const path = field.name === "" ? at.path : `${at.path}.${field.name}`;
          const lockClass = `${type.record.tag === "" ? (at.lockClass ?? "struct") : `struct ${type.record.tag}`}.${field.name}`;
          collect(field.type, { ...at, offset: at.offset + field.offset, path, lockClass });
        }
      }
      return;
    case "object":
      at.into.push(...objectCells(type.object, at));
      return;
    case "void":
    case "function":
    case "error":
      return;
  }
  unreachable(type);
}

function collectUnion(type: Extract<Type, { kind: "record" }>, at: Collection): void {
  const members: ObjectCell[] = [];
  for (const field of type.record.fields) {
    collect(field.type, { ...at, path: field.name === "" ? at.path : `${at.path}.${field.name}`, into: members });
  }
  const places = new Map<number, ObjectCell[]>();
  for (const member of members) places.set(member.offset, [...(places.get(member.offset) ?? []), member]);
  for (const sharing of places.values()) {
    const [first] = sharing;
    assert(first !== undefined, "a place has a cell");
    const bits = Math.max(...sharing.map((member) => member.shape.bits));
    at.into.push(sharing.length === 1 ? first : { ...first, shape: { bits, signed: bits === 32 } });
  }
}

/** Offsets of the words of lock objects; they lie inside the object's kernel size, so no two objects overlap. */
export const lockWords = { owner: 0, readers: 1, waiters: 2, uses: 3 } as const;

/** Words of a wait queue: who is on it, who of them is exclusive, and who stays on it when woken. */
export const queueWords = { waiters: 0, exclusive: 1, staying: 2 } as const;

/** Words of a seqlock: the sequence is a seqcount's, the owner that of its spinlock. */
export const seqlockWords = { sequence: 0, owner: 4 } as const;

/** Tag of an object's words. */
export function tagOf(kind: ObjectKind): CellTag {
  switch (kind) {
    case "spinlock":
    case "raw-spinlock":
      return "spinlock";
    case "rwlock":
    case "mutex":
    case "rwsem":
    case "semaphore":
    case "completion":
    case "folio-lock":
    case "refcount":
    case "rcu-head":
    case "wait-queue":
    case "seqcount":
    case "srcu":
      return kind;
    case "wait-entry":
      return "wait-queue";
    case "seqlock":
      return "seqcount";
    case "atomic":
    case "atomic-long":
    case "atomic64":
      return "atomic";
    case "kmem-cache":
    case "lock-class-key":
    case "local-lock":
    case "task":
      return "hidden";
  }
  return unreachable(kind);
}

/** Whether copying an object copies this cell: variables, and the values of counts. A head has none, and no lock is copied. */
export function isCopied(cell: Pick<ObjectCell, "tag">): boolean {
  return cell.tag === "data" || cell.tag === "atomic" || cell.tag === "refcount";
}

/** Bits of an owner word: 0 nobody, 1 + task number. */
export function ownerShape(widths: LockWidths): ScalarShape {
  return { bits: Math.max(1, 32 - Math.clz32(widths.lockers)), signed: false };
}

export function readerMaskShape(widths: LockWidths): ScalarShape {
  return { bits: Math.max(1, widths.lockers), signed: widths.lockers === 32 };
}

/** Two bits a task: its read locks on an rwsem, or how it waits. */
export function pairShape(widths: LockWidths): ScalarShape {
  assert(widths.lockers <= 16, "two bits a task fit one word");
  return { bits: Math.max(2, 2 * widths.lockers), signed: 2 * widths.lockers === 32 };
}

/** How a spinning lock was taken (irq-uses.ts): two bits, two more where it can be read. */
export function usesShape(tag: CellTag): ScalarShape {
  return { bits: tag === "rwlock" ? 4 : 2, signed: false };
}
/** A sequence: 511 write sections; one more is limit `width`, since a reader must not take a wrapped count for its own. */
export const sequenceShape: ScalarShape = { bits: 10, signed: false };
/** A wait queue entry: bits of entryBits. */
export const entryShape: ScalarShape = { bits: 2, signed: false };
/** A wake-up leaves it on its queue; it was put on one and not taken off by hand since. */
export const entryBits = { stays: 1, queued: 2 } as const;
export const countShape: ScalarShape = { bits: 16, signed: false };
export const bitShape: ScalarShape = { bits: 1, signed: false };
export const wordShape: ScalarShape = { bits: 32, signed: true };

/** Whether a word of a lock says that it is held or waited for: such a lock must not be freed or made new. */
export function isHeldWord(cell: Pick<ObjectCell, "print" | "tag">): boolean {
  if (cell.tag === "folio-lock") return true;
  return cell.print === "owner" || cell.print === "tasks" || cell.print === "readers" || cell.print === "waiters";
}

function objectCells(kind: ObjectKind, at: Collection): readonly ObjectCell[] {
  const tag = tagOf(kind);
  const make = (offset: number, options: { shape: ScalarShape; print: PrintAs; suffix?: string }): ObjectCell => ({
    offset: at.offset + offset,
    path: at.path + (options.suffix ?? ""),
    shape: options.shape,
    tag,
    print: options.print,
    initial: 0,
    ...(at.lockClass === undefined ? {} : { lockClass: at.lockClass }),
  });
  const owner = (): ObjectCell => make(lockWords.owner, { shape: ownerShape(at.widths), print: "owner" });
  const uses = (): readonly ObjectCell[] =>
    at.widths.remembersIrq ? [make(lockWords.uses, { shape: usesShape(tag), print: "number", suffix: " uses" })] : [];
  const mask = (offset: number, suffix: string): ObjectCell =>
    make(offset, { shape: readerMaskShape(at.widths), print: "sleepers", suffix });
  switch (kind) {
    case "spinlock":
    case "raw-spinlock":
      return [owner(), ...uses()];
    case "mutex":
      return [owner()];
    case "rwlock":
      return [
        owner(),
        make(lockWords.readers, { shape: readerMaskShape(at.widths), print: "tasks", suffix: " readers" }),
        ...uses(),
      ];
    case "rwsem":
      return [
        owner(),
        make(lockWords.readers, { shape: pairShape(at.widths), print: "readers", suffix: " readers" }),
        make(lockWords.waiters, { shape: pairShape(at.widths), print: "waiters", suffix: " waiters" }),
      ];
    case "semaphore":
    case "completion":
      return [make(0, { shape: countShape, print: "unsigned" })];
    case "folio-lock":
      return [make(0, { shape: bitShape, print: "bool" })];
    case "atomic":
    case "atomic-long":
    case "atomic64":
    case "refcount":
      return [make(0, { shape: wordShape, print: "number" })];
    case "wait-queue":
      return Object.entries(queueWords).map(([word, offset]) => mask(offset, word === "waiters" ? "" : ` ${word}`));
    case "wait-entry":
      return [make(0, { shape: entryShape, print: "bool" })];
    case "seqcount":
      return [make(0, { shape: sequenceShape, print: "unsigned" })];
    case "seqlock":
      return [
        make(seqlockWords.sequence, { shape: sequenceShape, print: "unsigned", suffix: " sequence" }),
        make(seqlockWords.owner, { shape: ownerShape(at.widths), print: "owner" }),
        ...uses(),
      ];
    case "srcu":
      return [make(0, { shape: pairShape(at.widths), print: "readers" })];
    case "rcu-head":
      return at.widths.queuesHeads ? [make(0, { shape: bitShape, print: "bool" })] : [];
    case "kmem-cache":
    case "lock-class-key":
    case "local-lock":
    case "task":
      return [];
  }
  return unreachable(kind);
}
