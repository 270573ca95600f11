/** How a dead local is cleared. */
import type { Image, Slot } from "../program/image.ts";
import { emitWriteSlot } from "./emit-expression.ts";

/** A dead pointer into the heap stays: kmalloc gives out no address that a stale pointer has, and `<` tells addresses apart. */
export function emitClear(image: Image, slot: Slot): string {
  const clear = emitWriteSlot(slot, "0");
  const heap = image.pools.filter((pool) => pool.stack === null).flatMap((pool) => pool.instances);
  if (slot.bits !== 32 || heap.length === 0) return clear;
  const objects = heap.flatMap((index) => image.instances[index] ?? []);
  const low = Math.min(...objects.map((object) => object.address));
  const high = Math.max(...objects.map((object) => object.address + object.size));
  const word = `Y[${String(slot.word)}]`;
  return `if(${word}<${String(low)}||${word}>=${String(high)})${clear}`;
}
