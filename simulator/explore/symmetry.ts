/**
 * Symmetry of identical tasks: which tasks may change places, and what a state says about each of them.
 *
 * The N tasks of `task NAME[N]` run the same code. A state in which two of them have changed places (their positions and
 * variables, and their numbers wherever a state names them: lock owners, wait queues, RCU records) is as good as the
 * first; the search keeps one of them. Which one matters for the count only, so sorting by what each task holds is
 * enough, although it does not find every pair of equivalent states.
 *
 * Sources: Ip and Dill, "Better verification through symmetry", 1996, section 3 (the quotient); Clarke et al., "Exploiting
 * symmetry in temporal logic model checking", 1996 (why any representative will do).
 */
import { assert } from "../source/assert.ts";
import type { Image, Slot } from "../program/image.ts";
import type { Cell, MemoryObject, Program, Routine } from "../program/ir.ts";
import type { Prepared } from "./prepare.ts";

/** Bits of a state that belong to one task. */
export type BlockSlot = {
  readonly slot: Slot;
  /** "address": may hold the address of a variable of this very task; "number": 32 bits that are surely no address. */
  readonly holds: "bits" | "address" | "number";
};

/** How a slot names tasks: 1 + number, one bit a task, two bits a task. */
export type Naming = { readonly slot: Slot; readonly encoding: "owner" | "tasks" | "pairs" };

export type TaskClass = {
  readonly tasks: readonly number[];
  /** By task of the class, slots in the same order. */
  readonly blocks: readonly (readonly BlockSlot[])[];
  /** By task: where its variables with an address lie, from and to; equal when it has none. */
  readonly frames: readonly (readonly [number, number])[];
};

export type SymmetryPlan = {
  readonly classes: readonly TaskClass[];
  readonly namings: readonly Naming[];
  /** Why tasks of one declaration are not interchangeable, one sentence each. */
  readonly refusals: readonly string[];
};

/** Finds the classes of tasks that may change places. */
export function planSymmetry(prepared: Prepared): SymmetryPlan {
  const { program } = prepared;
  const declarations = new Map<number, number[]>();
  program.tasks.forEach((task, index) => {
    declarations.set(task.declaration, [...(declarations.get(task.declaration) ?? []), index]);
  });
  const classes: TaskClass[] = [];
  const refusals: string[] = [];
  for (const tasks of declarations.values()) {
    if (tasks.length < 2) continue;
    const found = classOf(prepared, tasks);
    if (typeof found === "string") refusals.push(`${baseName(program, tasks[0] ?? 0)}: ${found}`);
    else classes.push(found);
  }
  return { classes, namings: classes.length === 0 ? [] : findNamings(prepared), refusals };
}

function baseName(program: Program, task: number): string {
  return (program.tasks[task]?.name ?? "").replace(/#\d+$/, "");
}

/** The class of these tasks, or why they are none. */
function classOf(prepared: Prepared, tasks: readonly number[]): TaskClass | string {
  const { program } = prepared;
  if (tasks.some((task) => program.tasks[task]?.usesMe === true)) return "its code depends on `me`";
  if (program.objects.some((object) => tasks.includes(object.task) && object.storage === "frame" && object.shared))
    return "the address of a local variable is shared";
  if (tasks.some((task) => keepsLockWord(prepared, task))) return "a lock's word is kept across steps";
  const blocks = tasks.map((task) => blockOf(prepared, task));
  const [first] = blocks;
  assert(first !== undefined, "a class has tasks");
  const alike = blocks.every(
    (block) =>
      block.keys.length === first.keys.length &&
      block.keys.every((key, index) => key === first.keys[index]) &&
      block.slots.every((each, index) => each.slot.bits === first.slots[index]?.slot.bits),
  );
  if (!alike) return "its tasks do not have the same variables";
  return {
    tasks,
    blocks: blocks.map((block) => block.slots),
    frames: tasks.map((task) => framesOf(program, task)),
  };
}

/** A word of a lock that is live across steps would hold a task's number outside of where it is renamed. */
function keepsLockWord(prepared: Prepared, task: number): boolean {
  const routine = prepared.tasks[task];
  if (routine === undefined) return false;
  const live = new Set(routine.flow.liveTemps.flat());
  return routine.routine.nodes.some((node) => node.kind === "load" && namesTasks(node.tag) && live.has(node.temp));
}

function namesTasks(tag: string): boolean {
  return tag !== "data" && tag !== "atomic" && tag !== "refcount";
}

type Block = { readonly keys: readonly string[]; readonly slots: readonly BlockSlot[] };

/** Everything in a state that is this task's own, with a name that is the same for all tasks of its declaration. */
function blockOf(prepared: Prepared, task: number): Block {
  const { program, image } = prepared;
  const name = program.tasks[task]?.name ?? "";
  const keys: string[] = [];
  const slots: BlockSlot[] = [];
  const add = (key: string, slot: Slot, holds: BlockSlot["holds"]): void => {
    keys.push(`${key} ${holds}`);
    slots.push({ slot, holds });
  };
  const position = image.positionSlots[task];
  assert(position !== undefined, "a task has a position");
  add("position", position, "bits");
  (image.homeSlots[task] ?? []).forEach((slot, home) => {
    add(`home ${String(home)}`, slot, slot.bits === 32 ? "address" : "bits");
  });
  program.cells.forEach((cell, index) => {
    const slot = image.cellSlots[index];
    if (cell.task !== task || slot === undefined) return;
    add(`cell ${stripped(cell.name, name)}`, slot, contentOf(cell, slot));
    const flag = image.cellFlags[index] ?? null;
    if (flag !== null) add("flag", flag, "bits");
  });
  program.objects.forEach((object, index) => {
    if (object.task === task && object.storage === "frame") addObject(image, { object, index, name }, add);
  });
  return { keys, slots };
}

function contentOf(cell: Pick<Cell, "print">, slot: Slot): BlockSlot["holds"] {
  if (slot.bits < 32) return "bits";
  return cell.print === "pointer" ? "address" : "number";
}

function stripped(text: string, taskName: string): string {
  return text.startsWith(taskName) ? text.slice(taskName.length) : text;
}

function addObject(
  image: Image,
  at: { readonly object: MemoryObject; readonly index: number; readonly name: string },
  add: (key: string, slot: Slot, holds: BlockSlot["holds"]) => void,
): void {
  const instance = image.instances[at.index];
  assert(instance?.address === at.object.address, "objects are placed in their order");
  const key = `object ${stripped(at.object.name, at.name)} ${String(at.object.size)}`;
  if (instance.live !== null) add(key, instance.live, "bits");
  for (const cell of image.decoded) {
    if (cell.instance !== at.index) continue;
    add(key, cell.slot, contentOf(cell, cell.slot));
    if (cell.flag !== null) add("flag", cell.flag, "bits");
  }
}

/** Addresses of a task's own variables; lowering places them one after another. */
function framesOf(program: Program, task: number): readonly [number, number] {
  const own = program.objects.filter((object) => object.task === task && object.storage === "frame");
  if (own.length === 0) return [0, 0];
  const from = Math.min(...own.map((object) => object.address));
  const to = Math.max(...own.map((object) => object.address + object.size));
  return [from, to + 1];
}

function findNamings(prepared: Prepared): readonly Naming[] {
  const { image, program } = prepared;
  const namings: Naming[] = [];
  for (const cell of image.decoded) {
    const encoding = encodings.get(cell.print);
    if (encoding !== undefined) namings.push({ slot: cell.slot, encoding });
  }
  const known = new Set(namings.map(({ slot }) => slot));
  for (const cell of program.rcuMasks) {
    const slot = image.cellSlots[cell];
    if (slot !== undefined && !known.has(slot)) namings.push({ slot, encoding: "tasks" });
  }
  for (const instance of image.instances) {
    if (instance.readers !== null) namings.push({ slot: instance.readers, encoding: "tasks" });
  }
  return namings;
}

/** Words that name tasks, by how they are printed. */
const encodings: ReadonlyMap<string, Naming["encoding"]> = new Map([
  ["owner", "owner"],
  ["victim", "owner"],
  ["tasks", "tasks"],
  ["sleepers", "tasks"],
  ["readers", "pairs"],
  ["waiters", "pairs"],
]);

/** Whether a routine is the same for every task of a class, by structure; an assertion for tests. */
export function isAlike(one: Routine, other: Routine): boolean {
  return one.nodes.length === other.nodes.length && one.nodes.every((node, at) => node.kind === other.nodes[at]?.kind);
}
