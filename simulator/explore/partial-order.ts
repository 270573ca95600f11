/**
 * Partial order: what can be said before the search. A task whose next transition touches nothing that any other task can
 * still touch goes alone; the others wait (an ample set of one transition).
 *
 * Conditions, checked for each state as the search reaches it: the transition is enabled, the only outcome, ends in no
 * violation, does not begin at an idle point; it conflicts with nothing in the static future of any other task; it writes
 * nothing that a property reads; and it leads to a state that is not expanded yet, so no cycle postpones a task for ever.
 * One transition alone keeps the branching structure, so cannot-finish and livelock are judged as before.
 *
 * Sources: Peled, "All from one, one for all", 1993 (conditions C0 to C3); Gerth et al., "A partial order approach to
 * branching time logic model checking", 1999 (one transition alone); Bosnacki and Holzmann, "Improving Spin's partial-order
 * reduction for breadth-first search", 2005 (the proviso on expanded states).
 */
import { beginsStep, expressionsOf, forEachLeaf, successors } from "../program/flow.ts";
import { regionOf } from "../program/initialisation.ts";
import { memoryBase, type Expr, type Node, type Routine } from "../program/ir.ts";
import type { Image } from "../program/image.ts";
import type { Prepared } from "./prepare.ts";

/** Bits by unit; a unit is a place of the log or, in large programs, an object. */
export type UnitSets = readonly Int32Array[];

export type PartialOrderPlan = {
  /** By place of the log: its unit. */
  readonly unitOf: Int32Array;
  /** By task, by position: what the task may still read, and write. */
  readonly reads: readonly UnitSets[];
  readonly writes: readonly UnitSets[];
  /** By task, by position: what the step that begins there may read, and write. */
  readonly stepReads: readonly UnitSets[];
  readonly stepWrites: readonly UnitSets[];
};

/** Units beyond this many are whole objects. */
const cellUnitsMax = 1024;

/** Larger programs would take longer to look at than the reduction saves. */
const futureBitsMax = 20_000_000;

/** Null when it does not pay. O(nodes x units), times the depth of loops. */
export function planPartialOrder(
  prepared: Prepared,
  log: { readonly places: number; readonly cells: ReadonlyMap<number, number> },
): PartialOrderPlan | null {
  const unitOf = numberUnits(prepared, log.places);
  const units = unitOf.reduce((most, unit) => Math.max(most, unit + 1), 0);
  const nodes = prepared.tasks.reduce((sum, task) => sum + task.routine.nodes.length, 0);
  if (prepared.tasks.length < 2 || nodes * units > futureBitsMax) return null;
  const futures = prepared.tasks.map(
    (task) => new Futures({ prepared, unitOf, units, cells: log.cells }, task.routine),
  );
  const at = (pick: (future: Futures, node: number) => Int32Array): readonly UnitSets[] =>
    prepared.tasks.map((task, index) =>
      task.flow.positions.map((node) => {
        const future = futures[index];
        return future === undefined ? noBits : pick(future, node);
      }),
    );
  return {
    unitOf,
    reads: at((future, node) => future.readsAt(node)),
    writes: at((future, node) => future.writesAt(node)),
    stepReads: at((future, node) => future.stepAt(node).reads),
    stepWrites: at((future, node) => future.stepAt(node).writes),
  };
}

const noBits = new Int32Array(0);

/** A unit for each cell with an address, each pool, each cell without an address; or one for each object. */
function numberUnits(prepared: Prepared, places: number): Int32Array {
  const { image } = prepared;
  const unitOf = new Int32Array(places).fill(-1);
  const cells = image.descriptors.reduce((sum, descriptor) => sum + (descriptor === 0 ? 0 : 1), 0);
  let next = 0;
  if (cells <= cellUnitsMax) {
    image.descriptors.forEach((descriptor, offset) => {
      if (descriptor === 0) return;
      unitOf[offset] = next;
      next += 1;
    });
  } else {
    image.descriptors.forEach((descriptor, offset) => {
      if (descriptor !== 0) unitOf[offset] = (image.owners[offset] ?? 1) - 1;
    });
    next = image.instances.length;
  }
  for (let place = image.descriptors.length; place < places; place += 1) {
    unitOf[place] = next;
    next += 1;
  }
  return unitOf;
}

type FutureFacts = {
  readonly prepared: Prepared;
  readonly unitOf: Int32Array;
  readonly units: number;
  readonly cells: ReadonlyMap<number, number>;
};

/** What may be touched from each node of a routine on: the least solution of a backward data flow. */
class Futures {
  readonly #facts: FutureFacts;
  readonly #reads: readonly Int32Array[];
  readonly #writes: readonly Int32Array[];
  readonly #routine: Routine;
  /** Of single nodes. */
  readonly #ownReads: readonly Int32Array[];
  readonly #ownWrites: readonly Int32Array[];

  constructor(facts: FutureFacts, routine: Routine) {
    this.#facts = facts;
    const words = Math.max(1, (facts.units + 31) >>> 5);
    this.#reads = routine.nodes.map(() => new Int32Array(words));
    this.#writes = routine.nodes.map(() => new Int32Array(words));
    routine.nodes.forEach((node, index) => {
      this.#touch(node, index);
    });
    this.#routine = routine;
    this.#ownReads = this.#reads.map((bits) => bits.slice());
    this.#ownWrites = this.#writes.map((bits) => bits.slice());
    for (let changed = true; changed;) {
      changed = false;
      for (let index = routine.nodes.length - 1; index >= 0; index -= 1) {
        for (const next of successors(routine.nodes, index)) {
          if (join(this.#reads[index], this.#reads[next])) changed = true;
          if (join(this.#writes[index], this.#writes[next])) changed = true;
        }
      }
    }
  }

  /** What the step that begins at a node may touch. */
  stepAt(node: number): { readonly reads: Int32Array; readonly writes: Int32Array } {
    const reads = (this.#ownReads[node] ?? noBits).slice();
    const writes = (this.#ownWrites[node] ?? noBits).slice();
    const nodes = this.#routine.nodes;
    const isNext = (index: number): boolean => {
      const each = nodes[index];
      return each !== undefined && beginsStep(each);
    };
    for (const index of regionOf(this.#routine, node, isNext)) {
      join(reads, this.#ownReads[index]);
      join(writes, this.#ownWrites[index]);
    }
    return { reads, writes };
  }

  readsAt(node: number): Int32Array {
    return this.#reads[node] ?? noBits;
  }

  writesAt(node: number): Int32Array {
    return this.#writes[node] ?? noBits;
  }

  #touch(node: Node, index: number): void {
    const reads = this.#reads[index];
    const writes = this.#writes[index];
    if (reads === undefined || writes === undefined) return;
    for (const expr of expressionsOf(node)) {
      forEachLeaf(expr, (leaf) => {
        const place = leaf.kind === "cell" ? this.#facts.cells.get(leaf.cell) : undefined;
        if (place !== undefined) this.#set(reads, place);
      });
    }
    switch (node.kind) {
      case "load":
        this.#reach(reads, node.address, node.safe);
        return;
      case "store":
        this.#reach(writes, node.address, node.safe);
        return;
      case "assign": {
        const place = node.target.kind === "cell" ? this.#facts.cells.get(node.target.cell) : undefined;
        if (place !== undefined) this.#set(writes, place);
        return;
      }
      case "begin":
        if (node.touch !== null) this.#reach(node.touch.write ? writes : reads, node.touch.address, false);
        return;
      case "allocate":
      case "free":
      case "rcu-leave":
      case "enter-scope":
      case "leave-scope":
        writes.fill(-1);
        return;
      case "request":
      case "touch":
        throw new Error("assert: requests belong to timed code");
      case "jump":
      case "branch":
      case "guard":
      case "check":
      case "limit":
      case "choose":
      case "note":
      case "use":
      case "forget":
      case "result":
      case "end":
        return;
    }
  }

  #set(bits: Int32Array, place: number): void {
    const unit = this.#facts.unitOf[place] ?? -1;
    if (unit >= 0) bits[unit >>> 5] = (bits[unit >>> 5] ?? 0) | (1 << (unit & 31));
  }

  /** The cell at a constant address, all cells of a variable that an index picks from, or all memory. */
  #reach(bits: Int32Array, address: Expr, isChecked: boolean): void {
    const { image } = this.#facts.prepared;
    if (address.kind === "constant") {
      this.#set(bits, address.value - memoryBase);
      return;
    }
    const instance = isChecked ? variableOf(image, address) : null;
    if (instance === null) {
      bits.fill(-1);
      return;
    }
    for (const cell of instance.cells) this.#set(bits, instance.address + cell.offset - memoryBase);
  }
}

function join(into: Int32Array | undefined, from: Int32Array | undefined): boolean {
  if (into === undefined || from === undefined) return false;
  let changed = false;
  for (let word = 0; word < into.length; word += 1) {
    const both = (into[word] ?? 0) | (from[word] ?? 0);
    if (both === into[word]) continue;
    into[word] = both;
    changed = true;
  }
  return changed;
}

/** The variable that an address with checked indices stays in: what its leftmost constant lies in. */
function variableOf(image: Image, address: Expr): Image["instances"][number] | null {
  if (address.kind === "constant") return image.instances[(image.owners[address.value - memoryBase] ?? 0) - 1] ?? null;
  return address.kind === "binary" && address.op === "add" ? variableOf(image, address.left) : null;
}
