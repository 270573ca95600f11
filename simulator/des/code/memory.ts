/**
 * The model machine's memory while the code runs. `values[i]` is the cell at address memoryBase + i, `tags[i]` says what
 * may be done there: 0 no cell; else 1 + the tag's number, with a bit for "never written" and one for "not alive". The
 * generated code compares the whole byte, and comes here only when it differs.
 */
import { cellTags, memoryBase, type MemoryObject, type ObjectCell } from "../../program/ir.ts";
import type { ViolationClass } from "../../explore/classes.ts";
import { findObject, type Found, type Layout, type PoolRegion } from "./layout.ts";

export const unwrittenBit = 0x40;
const deadBit = 0x80;
const tagMask = 0x3f;

/** The byte of a cell of this tag that is alive and written. */
export function tagByte(tag: ObjectCell["tag"]): number {
  return cellTags.indexOf(tag) + 1;
}

type Slots = {
  freed: number[];
  /** Of freed, how many are taken again. */ taken: number;
  fresh: number;
  readonly alive: Uint8Array;
};

export class TimedMemory {
  readonly values: Int32Array;
  readonly tags: Uint8Array;
  /** Of the last access or free that failed. */
  fault: ViolationClass = "wild-pointer";
  /** Whether somebody may read freed objects of typesafe caches now. */
  readonly #mayReadFreed: (task: number) => boolean;
  readonly #layout: Layout;
  readonly #slots: readonly Slots[];

  constructor(layout: Layout, mayReadFreed: (task: number) => boolean) {
    this.#layout = layout;
    this.#mayReadFreed = mayReadFreed;
    this.values = new Int32Array(layout.bytes);
    this.tags = new Uint8Array(layout.bytes);
    for (const object of layout.statics) this.#place(object, object.address);
    for (const region of layout.frames) {
      for (let me = 0; me < region.count; me += 1) {
        const base = region.base + me * region.stride;
        for (const object of region.objects) this.#place(object, base + object.address);
      }
    }
    this.#slots = layout.pools.map((region) => this.#placePool(region));
  }

  #place(object: MemoryObject, address: number): void {
    const dead = object.storage === "frame" ? deadBit : 0;
    for (const cell of object.cells) {
      const at = address + cell.offset - memoryBase;
      const unwritten = object.canBeUninitialised && cell.tag === "data" ? unwrittenBit : 0;
      this.tags[at] = tagByte(cell.tag) | dead | unwritten;
      this.values[at] = cell.initial;
    }
  }

  #placePool(region: PoolRegion): Slots {
    for (let slot = 0; slot < region.slots; slot += 1) {
      for (const cell of region.pool.cells) {
        const at = region.base + slot * region.stride + cell.offset - memoryBase;
        this.tags[at] = tagByte(cell.tag) | deadBit | (cell.tag === "data" ? unwrittenBit : 0);
        this.values[at] = cell.initial;
      }
    }
    const freed = region.pool.kind === "kmalloc" ? [] : Array.from({ length: region.slots }, (_, at) => at).reverse();
    return { freed, taken: 0, fresh: 0, alive: new Uint8Array(region.slots) };
  }

  /** Whether a read at an index may go on although the byte there is not `tag`; else `fault` says why. */
  mayLoad(at: number, tag: number, task: number): boolean {
    if (!this.#isReachable(at, tag, task)) return false;
    if (((this.tags[at] ?? 0) & unwrittenBit) === 0) return true;
    this.fault = "uninitialised";
    return false;
  }

  /** The same for a write, after which the cell counts as written. */
  mayStore(at: number, tag: number, task: number): boolean {
    if (!this.#isReachable(at, tag, task)) return false;
    this.tags[at] = (this.tags[at] ?? 0) & ~unwrittenBit;
    return true;
  }

  #isReachable(at: number, tag: number, task: number): boolean {
    const byte = this.tags[at] ?? 0;
    const address = at + memoryBase;
    if ((byte & tagMask) !== tag) {
      this.fault = this.#classify(address);
      return false;
    }
    if ((byte & deadBit) === 0) return true;
    const found = findObject(this.#layout, address);
    const pool = this.#layout.pools[found?.pool ?? -1];
    if (pool?.pool.kind === "cache-typesafe" && task >= 0 && this.#mayReadFreed(task)) return true;
    this.fault = found?.kind === "heap" ? "use-after-free" : "use-after-scope";
    return false;
  }

  #classify(address: number): ViolationClass {
    if (address >>> 0 < 4096) return "null-deref";
    const found = findObject(this.#layout, address);
    if (found === null) return "wild-pointer";
    if (!this.#isAlive(found)) return found.kind === "heap" ? "use-after-free" : "use-after-scope";
    return address >= found.address + found.size ? "out-of-bounds" : "wild-pointer";
  }

  #isAlive(found: Found): boolean {
    if (found.kind === "heap") return (this.#slots[found.pool]?.alive[found.slot] ?? 0) !== 0;
    return found.cells.every((cell) => ((this.tags[found.address + cell.offset - memoryBase] ?? 0) & deadBit) === 0);
  }

  /** A frame object comes to life: its cells count as not written. */
  enterScope(cells: readonly ObjectCell[], address: number): void {
    for (const cell of cells) {
      const unwritten = cell.tag === "data" ? unwrittenBit : 0;
      this.tags[address + cell.offset - memoryBase] = tagByte(cell.tag) | unwritten;
    }
  }

  leaveScope(cells: readonly ObjectCell[], address: number): void {
    for (const cell of cells) {
      const at = address + cell.offset - memoryBase;
      this.tags[at] = (this.tags[at] ?? 0) | deadBit;
    }
  }

  /** Takes an object from a pool. @returns its address; 0 when a cache is empty; -1 when a growing pool has no room left */
  allocate(pool: number, zeroed: number): number {
    const region = this.#layout.pools[pool];
    const slots = this.#slots[pool];
    if (region === undefined || slots === undefined) throw new Error("assert: a pool is known");
    const grows = region.pool.kind === "kmalloc";
    // kmalloc gives out the slot that was freed first; a cache the one freed last, as its per-CPU list does.
    let slot = grows ? takeOldest(slots) : slots.freed.pop();
    if (slot === undefined) {
      if (!grows) return 0;
      if (slots.fresh >= region.slots) return -1;
      slot = slots.fresh;
      slots.fresh += 1;
    }
    slots.alive[slot] = 1;
    const address = region.base + slot * region.stride;
    for (const cell of region.pool.cells) {
      const at = address + cell.offset - memoryBase;
      const isData = cell.tag === "data";
      if (zeroed !== 0) this.values[at] = 0;
      if (zeroed !== 0 || !isData) this.tags[at] = tagByte(cell.tag);
      else this.tags[at] = grows ? tagByte(cell.tag) | unwrittenBit : (this.tags[at] ?? 0) & ~deadBit;
    }
    return address;
  }

  /** Frees an object. @param pool -1: kfree, which takes what a cache gave as well; else that cache. @returns false when `fault` says why it may not */
  free(address: number, pool: number): boolean {
    if (address === 0) return true;
    const found = findObject(this.#layout, address);
    const region = this.#layout.pools[found?.pool ?? -1];
    const slots = this.#slots[found?.pool ?? -1];
    this.fault = "bad-free";
    if (found?.kind !== "heap" || region === undefined || slots === undefined || address !== found.address)
      return false;
    if (pool >= 0 && found.pool !== pool) return false;
    this.fault = "double-free";
    if ((slots.alive[found.slot] ?? 0) === 0) return false;
    slots.alive[found.slot] = 0;
    slots.freed.push(found.slot);
    for (const cell of region.pool.cells) {
      const at = address + cell.offset - memoryBase;
      this.tags[at] = (this.tags[at] ?? 0) | deadBit;
      if (region.pool.kind === "kmalloc") this.values[at] = 0;
    }
    return true;
  }
}

/** The slot that was freed first; constant time on average. */
function takeOldest(slots: Slots): number | undefined {
  const slot = slots.freed[slots.taken];
  if (slot === undefined) return undefined;
  slots.taken += 1;
  if (slots.taken > 1024 && slots.taken * 2 > slots.freed.length) {
    slots.freed = slots.freed.slice(slots.taken);
    slots.taken = 0;
  }
  return slot;
}
