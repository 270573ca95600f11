/**
 * Where everything lies in a state: cells packed by width into 32-bit words, and tables from addresses to cells.
 * A state never holds anything but these words.
 */
import { assert } from "../source/assert.ts";
import {
  cellTags,
  heapReachBytes,
  keepsDeadPointers,
  memoryBase,
  redZoneBytes,
  type Cell,
  type MemoryObject,
  type ObjectCell,
  type Pool,
  type Program,
  type PrintAs,
  type ScalarShape,
} from "./ir.ts";

/** Bits inside one word. */
export type Slot = { readonly word: number; readonly shift: number; readonly bits: number };

/** An addressable object as placed: a global, a frame object of a task, or one slot of a pool. */
export type Instance = {
  readonly name: string;
  readonly address: number;
  readonly size: number;
  readonly cells: readonly ObjectCell[];
  readonly kind: "global" | "frame" | "heap";
  /** Whether tasks other than its own can reach it. */
  readonly isShared: boolean;
  /** Set while the object is alive; null for globals. */
  readonly live: Slot | null;
  /** Tasks whose read sections still protect a freed object of a SLAB_TYPESAFE_BY_RCU cache. */
  readonly readers: Slot | null;
  readonly pool: number;
  readonly slotInPool: number;
};

/** Free slots of a cache, a stack: last freed, first reused. */
export type CacheStack = { readonly count: Slot; readonly entries: readonly Slot[] };

export type PlacedPool = {
  readonly pool: Pool;
  /** Instance numbers by slot. */
  readonly instances: readonly number[];
  readonly stack: CacheStack | null;
};

/** A cell with its place, for decoding states. */
export type DecodedCell = {
  readonly name: string;
  readonly slot: Slot;
  readonly shape: ScalarShape;
  readonly print: PrintAs;
  /** Instance that must be alive for the cell to mean anything, -1 if none. */
  readonly instance: number;
  /** Set while the cell was never written; null when that cannot be. */
  readonly flag: Slot | null;
  readonly hidden: boolean;
};

export type Image = {
  readonly words: number;
  readonly cellSlots: readonly Slot[];
  readonly cellFlags: readonly (Slot | null)[];
  readonly positionSlots: readonly Slot[];
  /** Homes of temporaries that live across steps, by task, by home. */
  readonly homeSlots: readonly (readonly Slot[])[];
  readonly instances: readonly Instance[];
  readonly pools: readonly PlacedPool[];
  /** By address - memoryBase: `packDescriptor` of the cell there, 0 if none. */
  readonly descriptors: Int32Array;
  /** By address - memoryBase: descriptor of the bit that is set while the cell is uninitialised, 0 if none. */
  readonly flags: Int32Array;
  /** By address - memoryBase: 1 + instance number, red zones included; 0 if none. */
  readonly owners: Int32Array;
  readonly initialWords: Int32Array;
  readonly decoded: readonly DecodedCell[];
  /** Whether some cell in memory has a flag "not written". */
  readonly hasFlags: boolean;
  /** Dead pointers to addresses from the first to before the second are kept; null when none are. */
  readonly kmallocAddresses: readonly [number, number] | null;
  /** A pointer so far away from an object of kmalloc counts as one to it. */
  readonly heapReachBytes: number;
  /** All slots of 32 bits: those that can hold a pointer. */
  readonly pointerSlots: readonly Slot[];
};

export type ImageRequest = {
  readonly program: Program;
  /** Slots of each pool; for caches the capacity is taken. */
  readonly kmallocSlots: readonly number[];
  /** Positions by task. */
  readonly positions: readonly number[];
  /** Shapes of homes by task. */
  readonly homes: readonly (readonly ScalarShape[])[];
  /** Cells that need a flag for "not written". */
  readonly flaggedCells: ReadonlySet<number>;
  /** Cells that need fewer bits than their shape has. */
  readonly cellBits: ReadonlyMap<number, number>;
  /** Cells that lie where another cell does. */
  readonly shared: ReadonlyMap<number, number>;
};

/** word(16) shift(5) tag(4) bits(6): one number from which generated code takes a cell apart. */
export function packDescriptor(slot: Slot, tag: number): number {
  return (slot.word << 15) | (slot.shift << 10) | (tag << 6) | slot.bits;
}

/** Hands out bits first fit; a slot never crosses a word. */
class Packer {
  readonly #free: number[] = [];

  take(bits: number): Slot {
    assert(bits >= 1, "a slot has at least one bit");
    assert(bits <= 32, "a slot has at most one word");
    let word = this.#free.findIndex((free) => free >= bits);
    if (word < 0) {
      word = this.#free.length;
      this.#free.push(32);
    }
    const free = this.#free[word] ?? 0;
    this.#free[word] = free - bits;
    return { word, shift: 32 - free, bits };
  }

  get words(): number {
    return Math.max(1, this.#free.length);
  }
}

/** Bits that hold 0..max. */
export function bitsFor(max: number): number {
  return Math.max(1, 32 - Math.clz32(max));
}

/** Lays a program out. Deterministic; linear in the memory image. */
export function buildImage(request: ImageRequest): Image {
  const { program } = request;
  const packer = new Packer();
  const builder = new ImageBuilder(packer, program);
  const cellSlots = placeCells(program.cells, packer, request);
  const cellFlags = program.cells.map((_, index) => (request.flaggedCells.has(index) ? packer.take(1) : null));
  const positionSlots = request.positions.map((count) => packer.take(bitsFor(count - 1)));
  const homeSlots = request.homes.map((homes) => homes.map((home) => packer.take(home.bits)));
  program.objects.forEach((object) => builder.placeObject(object));
  program.pools.forEach((pool, index) => builder.placePool(pool, index, request.kmallocSlots[index] ?? 0));
  const tables = builder.tables();
  const initialWords = new Int32Array(packer.words);
  program.cells.forEach((cell, index) => {
    const slot = cellSlots[index];
    if (slot !== undefined) writeSlot(initialWords, slot, cell.initial);
    const flag = cellFlags[index];
    if (flag !== null && flag !== undefined) writeSlot(initialWords, flag, 1);
  });
  builder.initialise(initialWords);
  const decoded = [...decodeCells(program, cellSlots, cellFlags), ...builder.decoded];
  const all = [...cellSlots, ...homeSlots.flat(), ...builder.decoded.map((cell) => cell.slot)];
  return {
    words: packer.words,
    cellSlots,
    cellFlags,
    positionSlots,
    homeSlots,
    instances: builder.instances,
    pools: builder.pools,
    ...tables,
    initialWords,
    decoded,
    hasFlags: builder.decoded.some((cell) => cell.flag !== null),
    kmallocAddresses: keepsDeadPointers(program) ? addressesOf(builder) : null,
    heapReachBytes: heapReachBytes(program),
    pointerSlots: all.filter((slot) => slot.bits === 32),
  };
}

/** Slots in the order of tasks, so that what one task changes lies in few words. */
function addressesOf(builder: Pick<ImageBuilder, "pools" | "instances">): readonly [number, number] | null {
  const objects = builder.pools
    .filter((placed) => placed.stack === null)
    .flatMap((placed) => placed.instances.flatMap((index) => builder.instances[index] ?? []));
  if (objects.length === 0) return null;
  const low = Math.min(...objects.map((object) => object.address));
  return [low, Math.max(...objects.map((object) => object.address + object.size))];
}

function placeCells(
  cells: readonly Cell[],
  packer: Packer,
  request: Pick<ImageRequest, "cellBits" | "shared">,
): readonly Slot[] {
  const slots: Slot[] = [];
  cells.forEach((cell, index) => {
    const place = request.shared.get(index);
    const known = place === undefined ? undefined : slots[place];
    slots.push(known ?? packer.take(request.cellBits.get(index) ?? cell.shape.bits));
  });
  return slots;
}

function decodeCells(program: Program, slots: readonly Slot[], flags: readonly (Slot | null)[]): DecodedCell[] {
  return program.cells.map((cell, index) => {
    const slot = slots[index];
    assert(slot !== undefined, "each cell has a slot");
    const hidden = cell.role === "hidden";
    return {
      name: cell.name,
      slot,
      shape: cell.shape,
      print: cell.print,
      instance: -1,
      flag: flags[index] ?? null,
      hidden,
    };
  });
}

/** Writes an unsigned or signed value into its bits. */
export function writeSlot(words: Int32Array, slot: Slot, value: number): void {
  const mask = slot.bits === 32 ? -1 : (1 << slot.bits) - 1;
  const old = words[slot.word] ?? 0;
  words[slot.word] = (old & ~(mask << slot.shift)) | ((value & mask) << slot.shift);
}

/** Reads the bits of a slot, zero-extended (32-bit slots: as int32). */
export function readSlot(words: Int32Array, slot: Slot, offset = 0): number {
  const word = words[offset + slot.word] ?? 0;
  return slot.bits === 32 ? word : (word >>> slot.shift) & ((1 << slot.bits) - 1);
}

class ImageBuilder {
  readonly instances: Instance[] = [];
  readonly pools: PlacedPool[] = [];
  readonly decoded: DecodedCell[] = [];
  readonly #packer: Packer;
  readonly #tasks: number;
  readonly #reachBytes: number;
  #end: number;
  readonly #initial: { readonly slot: Slot; readonly value: number }[] = [];
  readonly #cells: { readonly address: number; readonly descriptor: number; readonly flag: number }[] = [];

  constructor(packer: Packer, program: Program) {
    this.#packer = packer;
    this.#end = program.heapStart;
    this.#tasks = program.tasks.length;
    this.#reachBytes = heapReachBytes(program);
  }

  placeObject(object: MemoryObject): void {
    const live = object.storage === "frame" ? this.#packer.take(1) : null;
    this.#place(
      {
        name: object.name,
        address: object.address,
        size: object.size,
        cells: object.cells,
        kind: object.storage === "frame" ? "frame" : "global",
        isShared: object.storage === "global" || object.shared,
        live,
        readers: null,
        pool: -1,
        slotInPool: -1,
      },
      { flagged: object.canBeUninitialised },
    );
  }

  placePool(pool: Pool, poolIndex: number, kmallocSlots: number): void {
    const count = pool.kind === "kmalloc" ? kmallocSlots : pool.capacity;
    const instances: number[] = [];
    for (let slot = 0; slot < count; slot += 1) {
      instances.push(this.instances.length);
      const around = pool.kind === "kmalloc" ? this.#reachBytes : 0;
      const address = this.#end + around;
      this.#end = address + roundUp(pool.size + redZoneBytes, 8) + around;
      const live = this.#packer.take(1);
      const readers = pool.kind === "cache-typesafe" ? this.#packer.take(Math.max(1, this.#tasks)) : null;
      const name = `${pool.name}#${String(slot)}`;
      const instance: Instance = {
        name,
        address,
        size: pool.size,
        cells: pool.cells,
        kind: "heap",
        isShared: true,
        live,
        readers,
        pool: poolIndex,
        slotInPool: slot,
      };
      this.#place(instance, { flagged: true });
    }
    this.pools.push({ pool, instances, stack: pool.kind === "kmalloc" ? null : this.#stack(count) });
  }

  /** Slot 0 is on top, so a fresh cache hands out its slots in order. */
  #stack(count: number): CacheStack {
    const stack = {
      count: this.#packer.take(bitsFor(count)),
      entries: Array.from({ length: count }, () => this.#packer.take(bitsFor(count - 1))),
    };
    this.#initial.push({ slot: stack.count, value: count });
    stack.entries.forEach((slot, index) => this.#initial.push({ slot, value: count - 1 - index }));
    return stack;
  }

  #place(instance: Instance, options: { readonly flagged: boolean }): void {
    const number = this.instances.length;
    this.instances.push(instance);
    this.#end = Math.max(this.#end, instance.address + roundUp(instance.size + redZoneBytes, 8));
    for (const cell of instance.cells) {
      const slot = this.#packer.take(cell.shape.bits);
      const flag = options.flagged && cell.tag === "data" ? this.#packer.take(1) : null;
      const tag = cellTags.indexOf(cell.tag);
      this.#cells.push({
        address: instance.address + cell.offset,
        descriptor: packDescriptor(slot, tag),
        flag: flag === null ? 0 : packDescriptor(flag, 0),
      });
      if (cell.initial !== 0) this.#initial.push({ slot, value: cell.initial });
      if (flag !== null)
        this.#initial.push({ slot: flag, value: instance.kind === "heap" && instance.pool >= 0 ? 0 : 1 });
      const name = cell.path === "" ? instance.name : `${instance.name}${cell.path}`;
      const shape = cell.shape;
      this.decoded.push({ name, slot, shape, print: cell.print, instance: number, flag, hidden: false });
    }
  }

  tables(): { readonly descriptors: Int32Array; readonly flags: Int32Array; readonly owners: Int32Array } {
    const size = this.#end - memoryBase;
    const descriptors = new Int32Array(size);
    const flags = new Int32Array(size);
    const owners = new Int32Array(size);
    for (const cell of this.#cells) {
      descriptors[cell.address - memoryBase] = cell.descriptor;
      flags[cell.address - memoryBase] = cell.flag;
    }
    this.instances.forEach((instance, index) => {
      const start = instance.address - memoryBase;
      owners.fill(index + 1, start, start + roundUp(instance.size + redZoneBytes, 8));
    });
    return { descriptors, flags, owners };
  }

  /** Initial values of memory. Cells of caches are uninitialised until written; kmalloc sets its flags on allocation. */
  initialise(words: Int32Array): void {
    for (const { slot, value } of this.#initial) writeSlot(words, slot, value);
    for (const placed of this.pools) {
      if (placed.pool.kind === "kmalloc") continue;
      for (const index of placed.instances) this.#setFlags(words, index);
    }
  }

  #setFlags(words: Int32Array, index: number): void {
    for (const cell of this.decoded) {
      if (cell.instance === index && cell.flag !== null) writeSlot(words, cell.flag, 1);
    }
  }
}

export function roundUp(value: number, to: number): number {
  return Math.ceil(value / to) * to;
}
