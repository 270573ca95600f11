/**
 * Where everything lies when the code runs: globals first, then the frames of all tasks, then room for the heap. An
 * address is a byte number; the cell that begins there has its value at that index.
 */
import type { MemoryObject, ObjectCell, Pool, Program } from "../../program/ir.ts";
import { memoryBase, redZoneBytes } from "../../program/ir.ts";
import { roundUp } from "../../program/image.ts";
import { timedHeapObjectsMax, timedMemoryBytesMax } from "../../limits.ts";
import type { TimedUnit } from "../../program/timed.ts";

/** The addressable part of the frames of a declaration: task number `first + i` has its at base + i * stride. */
export type FrameRegion = {
  readonly base: number;
  readonly stride: number;
  readonly count: number;
  readonly objects: readonly FrameObject[];
};

/** An object of a frame; its address is an offset in there. `number`: among the objects of the program. */
export type FrameObject = MemoryObject & { readonly number: number };

/** Slots of a pool: slot i at base + i * stride. */
export type PoolRegion = {
  readonly pool: Pool;
  readonly base: number;
  readonly stride: number;
  readonly slots: number;
};

export type Layout = {
  /** Objects that exist once, by ascending address: globals, and variables of init bodies. */
  readonly statics: readonly MemoryObject[];
  /** By declaration. */
  readonly frames: readonly FrameRegion[];
  readonly pools: readonly PoolRegion[];
  /** Bytes from memoryBase. */
  readonly bytes: number;
};

export type LayoutOutcome =
  { readonly kind: "fits"; readonly layout: Layout } | { readonly kind: "too-large"; readonly bytes: number };

/** Places frames and pools behind the globals. Linear. */
export function placeMemory(program: Program, timed: TimedUnit, counts: readonly number[]): LayoutOutcome {
  let end = program.heapStart;
  const isInFrame = (object: MemoryObject): boolean => object.storage === "frame" && object.task >= 0;
  const frames = counts.map((count, declaration): FrameRegion => {
    const stride = timed.frameBytes[declaration] ?? 0;
    const base = end;
    end += stride * count;
    const objects = program.objects.flatMap((object, number) =>
      isInFrame(object) && object.task === declaration ? [{ ...object, number }] : [],
    );
    return { base, stride, count, objects };
  });
  const room = timedMemoryBytesMax - (end - memoryBase);
  const growing = program.pools.filter((pool) => pool.kind === "kmalloc").length;
  const share = growing === 0 ? 0 : Math.floor(room / 2 / growing);
  const pools = program.pools.map((pool): PoolRegion => {
    const stride = roundUp(pool.size + redZoneBytes, 8);
    const most = Math.max(1, Math.min(timedHeapObjectsMax, Math.floor(share / stride)));
    const slots = pool.kind === "kmalloc" ? most : pool.capacity;
    const base = end;
    end += stride * slots;
    return { pool, base, stride, slots };
  });
  const bytes = end - memoryBase;
  if (bytes > timedMemoryBytesMax) return { kind: "too-large", bytes };
  const statics = program.objects.filter((object) => !isInFrame(object)).sort((a, b) => a.address - b.address);
  return { kind: "fits", layout: { statics, frames, pools, bytes } };
}

/** What lies at an address: a static object, one of a frame, or a slot. */
export type Found = {
  readonly kind: "global" | "frame" | "heap";
  readonly address: number;
  readonly size: number;
  readonly cells: readonly ObjectCell[];
  readonly name: string;
  /** Of a heap object: its pool, -1 else. */
  readonly pool: number;
  readonly slot: number;
  /** Of a frame object: which of its declaration's tasks. */
  readonly me: number;
};

/** The object whose bytes, or the gap behind them, an address is in; null if none. O(log objects). */
export function findObject(layout: Layout, address: number): Found | null {
  for (const [pool, region] of layout.pools.entries()) {
    const at = address - region.base;
    if (at < 0 || at >= region.stride * region.slots) continue;
    const slot = Math.floor(at / region.stride);
    const { size, cells, name } = region.pool;
    const start = region.base + slot * region.stride;
    return { kind: "heap", address: start, size, cells, name: `${name}#${String(slot)}`, pool, slot, me: -1 };
  }
  for (const region of layout.frames) {
    const at = address - region.base;
    if (at < 0 || at >= region.stride * region.count) continue;
    const me = Math.floor(at / region.stride);
    const start = region.base + me * region.stride;
    const object = lastBefore(region.objects, address - start);
    if (object === null) return null;
    const { size, cells, name } = object;
    return { kind: "frame", address: start + object.address, size, cells, name, pool: -1, slot: -1, me };
  }
  const object = lastBefore(layout.statics, address);
  if (object === null || address >= object.address + roundUp(object.size + redZoneBytes, 8)) return null;
  const { size, cells, name, storage } = object;
  const kind = storage === "frame" ? "frame" : "global";
  return { kind, address: object.address, size, cells, name, pool: -1, slot: -1, me: -1 };
}

/** The last of some objects that begins at or before an address; they are in order. */
function lastBefore(objects: readonly MemoryObject[], address: number): MemoryObject | null {
  let low = 0;
  let high = objects.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((objects[middle]?.address ?? 0) <= address) low = middle + 1;
    else high = middle;
  }
  return objects[low - 1] ?? null;
}
