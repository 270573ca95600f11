/** How a dead local is cleared. */
import type { Image, Slot } from "../program/image.ts";
import { emitWriteSlot } from "./emit-expression.ts";

/** A dead pointer into the heap stays: kmalloc gives out no address that a stale pointer has, and `<` tells addresses apart. */
export function emitClear(image: Image, slot: Slot): string {
  const clear = emitWriteSlot(slot, "0");
  if (slot.bits !== 32 || image.kmallocAddresses === null) return clear;
  const [low, high] = image.kmallocAddresses;
  const word = `Y[${String(slot.word)}]`;
  return `if(${word}<${String(low)}||${word}>=${String(high)})${clear}`;
}
