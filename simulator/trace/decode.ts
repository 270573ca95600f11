/** States as people read them: names of cells, addresses as names, owners as tasks. */
import { functionBase, memoryBase, type PrintAs } from "../program/ir.ts";
import { readSlot, type DecodedCell, type Image, type Instance } from "../program/image.ts";
import type { HeldLock } from "./trace.ts";

export type Names = { readonly tasks: readonly string[]; readonly functions: ReadonlyMap<number, string> };

export class StateDecoder {
  readonly #image: Image;
  readonly #names: Names;

  constructor(image: Image, names: Names) {
    this.#image = image;
    this.#names = names;
  }

  /** The name of what lies at an address: `folio[1].lock`, without `&`; null when nothing is there. */
  nameOf(address: number): string | null {
    const owner = this.#image.owners[address - memoryBase] ?? 0;
    const instance = this.#image.instances[owner - 1];
    if (instance === undefined) return null;
    const offset = address - instance.address;
    const cell = instance.cells.find((candidate) => candidate.offset === offset);
    // The first word of a seqlock stands for it.
    if (cell !== undefined) return (instance.name + cell.path).replace(/ sequence$/, "");
    return offset === 0 ? instance.name : `${instance.name}+${String(offset)}`;
  }

  pointer(value: number): string {
    if (value === 0) return "NULL";
    if (value < 0 && value >= -4095) return `ERR_PTR(${String(value)})`;
    const name = this.#names.functions.get(value);
    if (name !== undefined && value >= functionBase) return name;
    const tag = value & 3;
    const exact = this.#instanceAt(value);
    if (exact !== null) return `&${exact}`;
    const untagged = tag === 0 ? null : this.#instanceAt(value - tag);
    return untagged === null ? `0x${(value >>> 0).toString(16)}` : `&${untagged}|${String(tag)}`;
  }

  /** The start of an object is the object, not its first member. */
  #instanceAt(address: number): string | null {
    const owner = this.#image.owners[address - memoryBase] ?? 0;
    const instance = this.#image.instances[owner - 1];
    if (instance === undefined) return null;
    if (instance.address === address) return instance.name;
    return instance.cells.some((cell) => instance.address + cell.offset === address) ? this.nameOf(address) : null;
  }

  print(
    raw: number,
    cell: { readonly print: PrintAs; readonly shape: { readonly bits: number; readonly signed: boolean } },
  ): string {
    switch (cell.print) {
      case "number":
        return String(signExtend(raw, cell.shape));
      case "unsigned":
        return String(raw >>> 0);
      case "pointer":
        return this.pointer(raw);
      case "bool":
        return raw === 0 ? "0" : "1";
      case "owner":
        return raw === 0 ? "free" : this.#owner(raw);
      case "victim":
        return raw === 0 ? "none" : this.#owner(raw);
      case "tasks":
      case "sleepers":
        return (
          this.#tasks(raw, 1)
            .map(({ task }) => task)
            .join(", ") || "none"
        );
      case "readers":
        return (
          this.#tasks(raw, 2)
            .map(({ task, value }) => (value > 1 ? `${task} x${String(value)}` : task))
            .join(", ") || "none"
        );
      case "waiters":
        return (
          this.#tasks(raw, 2)
            .map(({ task, value }) => `${task} ${waitNames[value] ?? ""}`)
            .join(", ") || "none"
        );
    }
  }

  #owner(raw: number): string {
    return this.#names.tasks[raw - 1] ?? "init";
  }

  /** Tasks with something in their bits of a word, `width` bits each. */
  #tasks(raw: number, width: 1 | 2): readonly { readonly task: string; readonly value: number }[] {
    const found: { task: string; value: number }[] = [];
    for (let index = 0; index * width < 32; index += 1) {
      const value = (raw >>> (index * width)) & (width === 2 ? 3 : 1);
      if (value !== 0) found.push({ task: this.#owner(index + 1), value });
    }
    return found;
  }

  isAlive(words: Int32Array, instance: Instance): boolean {
    return instance.live === null || readSlot(words, instance.live) !== 0;
  }

  /** Value of a cell in a state; null when its object is not alive, unless what is freed there keeps its values. */
  valueOf(words: Int32Array, cell: DecodedCell, { typesafe = false } = {}): string | null {
    const instance = this.#image.instances[cell.instance];
    if (instance !== undefined && !typesafe && !this.isAlive(words, instance)) return null;
    if (cell.flag !== null && readSlot(words, cell.flag) !== 0) return "uninitialised";
    return this.print(readSlot(words, cell.slot), cell);
  }

  /** Locks with owners, by lock. */
  heldLocks(words: Int32Array): readonly HeldLock[] {
    const held: HeldLock[] = [];
    for (const cell of this.#image.decoded) {
      const instance = this.#image.instances[cell.instance];
      if (instance === undefined || !this.isAlive(words, instance)) continue;
      const raw = readSlot(words, cell.slot);
      if (raw === 0) continue;
      if (cell.print === "owner") held.push({ lock: cell.name, task: this.#owner(raw), mode: "write" });
      if (cell.print !== "tasks" && cell.print !== "readers") continue;
      const lock = cell.name.replace(/ readers$/, "");
      for (const { task } of this.#tasks(raw, cell.print === "tasks" ? 1 : 2)) held.push({ lock, task, mode: "read" });
    }
    return held;
  }
}

const waitNames = ["", "waits to read", "waits to write", "granted"];

function signExtend(raw: number, shape: { readonly bits: number; readonly signed: boolean }): number {
  if (!shape.signed || shape.bits === 32) return raw;
  const spare = 32 - shape.bits;
  return (raw << spare) >> spare;
}
