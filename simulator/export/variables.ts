/**
 * Variables of the exported model: one for each cell of the state, rows of equal cells at equal distances as arrays.
 * They hold what our own state holds, no more and no less, so that both searches count the same states.
 */
import { assert } from "../source/assert.ts";
import type { Prepared } from "../explore/prepare.ts";
import { readSlot, type Instance, type Slot } from "../program/image.ts";
import type { CellTag, ObjectCell, PrintAs, ScalarShape } from "../program/ir.ts";
import { evaluateConvert } from "../program/expressions.ts";
import type { Variable } from "./term.ts";

/** A cell: a variable, or an element of one. */
export type Place = { readonly variable: Variable; readonly index: number | null };

/** Cells of one object at equal distances: elements of an array, or one member of each. */
export type Row = {
  readonly variable: Variable;
  /** "Never written" of each cell; null when that cannot be. */
  readonly flags: Variable | null;
  readonly instance: number;
  readonly tag: CellTag;
  readonly print: PrintAs;
  readonly address: number;
  /** 0 for a single cell. */
  readonly strideBytes: number;
  readonly count: number;
  /** The object has no other cell like it: an array of one element, or no array. */
  readonly isAlone: boolean;
};

export type Located = { readonly row: Row; readonly place: Place; readonly flag: Place | null };

const flagShape: ScalarShape = { bits: 1, signed: false };
/** 0 under way, 1 at rest, then one number for each place where it waits. */
const restShape: ScalarShape = { bits: 16, signed: false };

export class Variables {
  readonly all: Variable[] = [];
  readonly initial = new Map<Variable, number[]>();
  readonly cells: readonly Variable[];
  readonly cellFlags: readonly (Variable | null)[];
  /** By task, then home. */
  readonly homes: readonly (readonly Variable[])[];
  /** By instance: set while it is alive; null for globals. */
  readonly live: readonly (Variable | null)[];
  /** By instance: tasks whose read sections still protect it; null if none can. */
  readonly readers: readonly (Variable | null)[];
  readonly rows: readonly Row[];
  /** By pool: the free slots of a cache; null for kmalloc. */
  readonly stacks: readonly ({ readonly count: Variable; readonly entries: readonly Variable[] } | null)[];
  /** By task; set while it stands at a place of rest. */
  readonly resting: readonly Variable[];
  readonly instances: readonly Instance[];
  readonly #located = new Map<number, Located[]>();

  constructor(prepared: Prepared) {
    const { program, image } = prepared;
    this.instances = image.instances;
    const taskOf = (name: string, task: number): string => {
      const prefix = `${program.tasks[task]?.name ?? ""}.`;
      return task >= 0 && name.startsWith(prefix) ? name.slice(prefix.length) : name;
    };
    this.cells = program.cells.map((cell) => {
      const task = cell.role === "local" ? cell.task : -1;
      return this.#add({ name: taskOf(cell.name, task), shape: cell.shape, task, values: [cell.initial] });
    });
    this.cellFlags = program.cells.map((cell, index) => {
      if ((image.cellFlags[index] ?? null) === null) return null;
      const name = `${taskOf(cell.name, cell.task)} unwritten`;
      return this.#add({ name, shape: flagShape, task: cell.role === "local" ? cell.task : -1, values: [1] });
    });
    this.homes = prepared.tasks.map((task, index) =>
      task.homes.shapes.map((shape, home) => {
        const signed = task.homes.homeOf.some((of, temp) => of === home && task.routine.temps[temp]?.signed === true);
        const wide = signed ? { bits: 32, signed: true } : shape;
        return this.#add({ name: `kept ${String(home)}`, shape: wide, task: index, values: [0] });
      }),
    );
    this.live = image.instances.map((instance) =>
      instance.live === null
        ? null
        : this.#add({ name: `${instance.name} alive`, shape: flagShape, task: -1, values: [0] }),
    );
    this.readers = image.instances.map((instance) =>
      instance.readers === null
        ? null
        : this.#add({
            name: `${instance.name} protected`,
            shape: { bits: instance.readers.bits, signed: false },
            task: -1,
            values: [0],
          }),
    );
    this.rows = image.instances.flatMap((_, index) => this.#rowsOf(prepared, index));
    this.stacks = image.pools.map(({ pool, stack }) => {
      if (stack === null) return null;
      const value = (slot: Slot): number => readSlot(image.initialWords, slot);
      const unsigned = (slot: Slot): ScalarShape => ({ bits: slot.bits, signed: false });
      const count = this.#add({
        name: `${pool.name} free`,
        shape: unsigned(stack.count),
        task: -1,
        values: [value(stack.count)],
      });
      const entries = stack.entries.map((slot, at) =>
        this.#add({
          name: `${pool.name} free ${String(at)}`,
          shape: unsigned(slot),
          task: -1,
          values: [value(slot)],
        }),
      );
      return { count, entries };
    });
    this.resting = program.tasks.map((task) =>
      this.#add({ name: `${task.name} rests`, shape: restShape, task: -1, values: [0] }),
    );
    for (const row of this.rows) this.#locate(row);
  }

  #add(options: {
    readonly name: string;
    readonly shape: ScalarShape;
    readonly task: number;
    readonly values: readonly number[];
    readonly isArray?: boolean;
  }): Variable {
    const variable: Variable = {
      id: this.all.length,
      name: options.name,
      shape: options.shape,
      length: options.isArray === true ? options.values.length : null,
      task: options.task,
    };
    this.all.push(variable);
    this.initial.set(
      variable,
      options.values.map((value) => evaluateConvert(value, options.shape)),
    );
    return variable;
  }

  #rowsOf(prepared: Prepared, index: number): readonly Row[] {
    const instance = this.instances[index];
    assert(instance !== undefined, "an instance has a number");
    const groups = new Map<string, ObjectCell[]>();
    for (const cell of instance.cells) {
      const path = cell.path.replace(/\[\d+\]/g, "");
      const key = `${path} ${cell.tag} ${cell.print} ${String(cell.shape.bits)} ${String(cell.shape.signed)}`;
      const known = groups.get(key);
      if (known === undefined) groups.set(key, [cell]);
      else known.push(cell);
    }
    return [...groups.values()].flatMap((cells) => this.#rowsOfGroup(prepared, { index, instance, cells }));
  }

  #rowsOfGroup(
    prepared: Prepared,
    group: { readonly index: number; readonly instance: Instance; readonly cells: readonly ObjectCell[] },
  ): readonly Row[] {
    const { cells } = group;
    const stride = (cells[1]?.offset ?? 0) - (cells[0]?.offset ?? 0);
    const isRow = cells.length > 1 && cells.every((cell, at) => cell.offset === (cells[0]?.offset ?? 0) + at * stride);
    if (isRow) return [this.#row(prepared, { ...group, stride })];
    const isAlone = cells.length === 1;
    return cells.map((cell) => ({ ...this.#row(prepared, { ...group, cells: [cell], stride: 0 }), isAlone }));
  }

  #row(
    prepared: Prepared,
    group: {
      readonly index: number;
      readonly instance: Instance;
      readonly cells: readonly ObjectCell[];
      readonly stride: number;
    },
  ): Row {
    const { instance, cells } = group;
    const first = cells[0];
    assert(first !== undefined, "a row has a cell");
    const isArray = cells.length > 1;
    const name = `${instance.name}${isArray ? first.path.replace(/\[\d+\]/g, "") : first.path}`;
    const values = cells.map((cell) => evaluateConvert(initialOf(prepared, instance, cell), cell.shape));
    const variable = this.#add({ name, shape: first.shape, task: -1, values, isArray });
    const flagValues = cells.map((cell) => initialFlag(prepared, instance, cell));
    const flags = flagValues.includes(null)
      ? null
      : this.#add({
          name: `${name} unwritten`,
          shape: flagShape,
          task: -1,
          values: flagValues.map((value) => value ?? 0),
          isArray,
        });
    return {
      variable,
      flags,
      instance: group.index,
      tag: first.tag,
      print: first.print,
      address: instance.address + first.offset,
      strideBytes: isArray ? group.stride : 0,
      count: cells.length,
      isAlone: false,
    };
  }

  #locate(row: Row): void {
    for (let at = 0; at < row.count; at += 1) {
      const index = row.count > 1 ? at : null;
      const address = row.address + at * row.strideBytes;
      const known = this.#located.get(address) ?? [];
      this.#located.set(address, known);
      known.push({
        row,
        place: { variable: row.variable, index },
        flag: row.flags === null ? null : { variable: row.flags, index },
      });
    }
  }

  /** The cell at an address; null if there is none with this tag. */
  at(address: number, tag: CellTag): Located | null {
    return this.#located.get(address)?.find((located) => located.row.tag === tag) ?? null;
  }

  /** Addresses of all cells with a tag. */
  addressesOf(tag: CellTag): readonly number[] {
    return [...this.#located].filter(([, cells]) => cells.some((cell) => cell.row.tag === tag)).map(([at]) => at);
  }

  /** All cells of an instance. */
  cellsOf(instance: number): readonly Located[] {
    return [...this.#located.values()].flat().filter((cell) => cell.row.instance === instance);
  }
}

function decodedOf(prepared: Prepared, instance: Instance, cell: ObjectCell): Prepared["image"]["decoded"][number] {
  const number = prepared.image.instances.indexOf(instance);
  const name = cell.path === "" ? instance.name : `${instance.name}${cell.path}`;
  const found = prepared.image.decoded.find((decoded) => decoded.instance === number && decoded.name === name);
  assert(found !== undefined, "each cell can be decoded");
  return found;
}

function initialOf(prepared: Prepared, instance: Instance, cell: ObjectCell): number {
  return readSlot(prepared.image.initialWords, decodedOf(prepared, instance, cell).slot);
}

function initialFlag(prepared: Prepared, instance: Instance, cell: ObjectCell): number | null {
  const { flag } = decodedOf(prepared, instance, cell);
  return flag === null ? null : readSlot(prepared.image.initialWords, flag);
}
