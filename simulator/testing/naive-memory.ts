/** Where the objects of a program stand, for the naive explorer: globals and frames by the program, heap slots behind them. */
/* eslint-disable @typescript-eslint/no-non-null-assertion -- test code: an index that misses should throw */
import { heapReachBytes, redZoneBytes, type ObjectCell, type Program } from "../program/ir.ts";

export type PlacedObject = {
  readonly name: string;
  readonly address: number;
  readonly size: number;
  readonly cells: readonly ObjectCell[];
  readonly kind: "global" | "frame" | "heap";
  readonly pool: number;
  readonly task: number;
  readonly shared: boolean;
};

/** What an address belongs to: an object or the gap behind it. */
export type PlaceInMemory = { readonly index: number; readonly object: PlacedObject };

/** Slots of each kmalloc pool; the real explorer makes more as it needs them. */
const kmallocSlots = 8;

export type PlacedMemory = {
  readonly objects: readonly PlacedObject[];
  readonly pools: readonly (readonly number[])[];
  readonly slots: ReadonlyMap<number, number>;
  readonly places: ReadonlyMap<number, PlaceInMemory>;
};

/** All objects, and by address: which object, and the number of the cell in a state's memory. */
export function placeObjects(program: Program): PlacedMemory {
  const objects: PlacedObject[] = [];
  const pools: number[][] = [];
  for (const object of program.objects) {
    objects.push({ ...object, kind: object.storage === "frame" ? "frame" : "global", pool: -1 });
  }
  let end = program.heapStart;
  program.pools.forEach((pool, index) => {
    const [slots, around] = pool.kind === "kmalloc" ? [kmallocSlots, heapReachBytes(program)] : [pool.capacity, 0];
    pools.push([]);
    for (let slot = 0; slot < slots; slot += 1) {
      pools[index]!.push(objects.length);
      objects.push({
        name: pool.name,
        address: end + around,
        size: pool.size,
        cells: pool.cells,
        kind: "heap",
        pool: index,
        task: -1,
        shared: true,
      });
      end += Math.ceil((pool.size + redZoneBytes) / 8) * 8 + 2 * around;
    }
  });
  return { objects, pools, ...placesOf(objects) };
}

function placesOf(objects: readonly PlacedObject[]): Pick<PlacedMemory, "slots" | "places"> {
  const slots = new Map<number, number>();
  const places = new Map<number, PlaceInMemory>();
  objects.forEach((object, index) => {
    const size = Math.ceil((object.size + redZoneBytes) / 8) * 8;
    for (let address = object.address; address < object.address + size; address += 1)
      if (!places.has(address)) places.set(address, { index, object });
    for (const cell of object.cells) {
      const address = object.address + cell.offset;
      if (!slots.has(address)) slots.set(address, slots.size);
    }
  });
  return { slots, places };
}
