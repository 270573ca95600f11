/**
 * What lowering keeps besides when it writes timed code: one flow graph for each declaration of tasks. `me`, the number
 * of the task and the address of its frame are read from cells that the running code sets; everything of a task lies at
 * an offset in its frame, so that thousands of tasks share the graph.
 */
import type { RequestKind, Site } from "../des/timed-code.ts";
import { modelSize } from "../lang/check/layout.ts";
import type { Type, TypedUnit } from "../lang/tree.ts";
import type { Span } from "../source/span.ts";
import type { TimedSites } from "./assembler.ts";
import { redZoneBytes, type ObjectCell } from "./ir.ts";

/** Cells that hold no value of their own: the running code computes them from the number of the task. */
export type OwnCells = { readonly me: number; readonly task: number; readonly frame: number };

/** A site before its place is known to people. */
export type TimedSite = Pick<Site, "kind" | "spelling" | "irq"> & { readonly span: Span };

export type TimedSpan = { readonly text: string; readonly span: Span };

/** The handles of tasks: `count` of them, `stride` apart, then that of init. */
export type Handles = { readonly base: number; readonly stride: number; readonly count: number };

export class TimedUnit implements TimedSites {
  readonly sites: TimedSite[] = [];
  readonly spans: TimedSpan[] = [];
  /** By declaration. */
  readonly ownCells: readonly OwnCells[];
  /** By declaration: bytes of the addressable part of a frame. */
  readonly frameBytes: number[];
  readonly taskTotal: number;
  handles: Handles | null = null;
  readonly #numbers = new Map<string, number>();
  readonly #spanNumbers = new Map<string, number>();

  constructor(unit: TypedUnit, makeOwnCells: (declaration: number) => OwnCells) {
    this.taskTotal = unit.tasks.reduce((sum, task) => sum + task.count, 0);
    // One more for the hidden declaration that runs callbacks.
    this.ownCells = [...unit.tasks, null].map((_, declaration) => makeOwnCells(declaration));
    this.frameBytes = this.ownCells.map(() => 0);
  }

  /** The number of a place that asks; one place has one number however often its function is expanded. */
  site(kind: RequestKind, spelling: string, span: Span, irq: Site["irq"] = "none"): number {
    const key = `${kind} ${spelling} ${irq} ${String(span.file)} ${String(span.start)} ${String(span.end)}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.sites.push({ kind, spelling, irq, span });
    this.#numbers.set(key, this.sites.length - 1);
    return this.sites.length - 1;
  }

  span(text: string, span: Span): number {
    const key = `${String(span.file)} ${String(span.start)} ${text}`;
    const known = this.#spanNumbers.get(key);
    if (known !== undefined) return known;
    this.spans.push({ text, span });
    this.#spanNumbers.set(key, this.spans.length - 1);
    return this.spans.length - 1;
  }

  /** Room in the frame of a declaration's tasks. @returns the offset */
  takeFrame(declaration: number, bytes: number): number {
    const offset = this.frameBytes[declaration] ?? 0;
    this.frameBytes[declaration] = Math.ceil((offset + bytes + redZoneBytes) / 8) * 8;
    return offset;
  }
}

/** Where the objects of a kind lie in a type: their offsets. */
export function objectsIn(type: Type, kind: "completion" | "semaphore", at = 0): readonly number[] {
  switch (type.kind) {
    case "object":
      return type.object === kind ? [at] : [];
    case "array": {
      const stride = modelSize(type.of);
      const inner = objectsIn(type.of, kind);
      if (inner.length === 0) return [];
      return Array.from({ length: type.length }, (_, index) =>
        inner.map((offset) => at + index * stride + offset),
      ).flat();
    }
    case "record":
      return type.record.fields.flatMap((field) => objectsIn(field.type, kind, at + field.offset));
    case "integer":
    case "enum":
    case "pointer":
    case "void":
    case "function":
    case "error":
      return [];
  }
}

/** Counts that semaphores have before anything runs. */
export function initialCounts(
  cells: readonly ObjectCell[],
): readonly { readonly offset: number; readonly count: number }[] {
  return cells
    .filter((cell) => cell.tag === "semaphore" && cell.initial !== 0)
    .map((cell) => ({ offset: cell.offset, count: cell.initial }));
}
