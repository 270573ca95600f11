/** Names of what lies at addresses, as traces have them. */
import type { Program } from "../../program/ir.ts";
import { findObject, type Layout } from "./layout.ts";

export type Named = { readonly name: string; readonly lockClass: string | null };

/** `folios[1].lock`, and the class of a lock, `struct folio.lock`; an address of nothing is printed in hexadecimal. */
export function nameAddress(
  layout: Layout,
  declarations: Program["tasks"],
  counts: readonly number[],
): (address: number) => Named {
  return (address: number): Named => {
    const found = findObject(layout, address);
    if (found === null) return { name: `0x${(address >>> 0).toString(16)}`, lockClass: null };
    const offset = address - found.address;
    const at = found.cells.filter((cell) => cell.offset <= offset);
    const cell = at[at.length - 1];
    const path =
      cell === undefined ? "" : cell.path.replace(/ (readers|waiters|exclusive|staying|owner|sequence)$/, "");
    let { name } = found;
    if (found.kind === "frame" && found.me >= 0) {
      const declaration = layout.frames.findIndex(
        (region) => address >= region.base && address < region.base + region.stride * region.count,
      );
      const task = declarations[declaration]?.name ?? "";
      if ((counts[declaration] ?? 1) > 1 && name.startsWith(task))
        name = `${task}#${String(found.me)}${name.slice(task.length)}`;
    }
    // Globals whose class is a member are named so; the others are a class of their own.
    return { name: `${name}${path}`, lockClass: cell?.lockClass ?? null };
  };
}
