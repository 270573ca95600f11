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
import { expressionsOf, forEachLeaf } from "../program/flow.ts";
import type { Cell, Expr, MemoryObject, Node, OwnElement, Program, Routine } from "../program/ir.ts";
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
  const stray = tasks.map((task) => strayElement(program, task, tasks)).find((name) => name !== null);
  if (stray !== undefined) return `elements of ${stray} are reached in another way than by \`me\``;
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
  for (const element of program.tasks[task]?.ownElements ?? []) addElement(image, element, add);
  return { keys, slots };
}

/** The task's element of an array changes places with it. */
function addElement(
  image: Image,
  element: OwnElement,
  add: (key: string, slot: Slot, holds: BlockSlot["holds"]) => void,
): void {
  const instance = image.instances[element.object];
  assert(instance !== undefined, "objects are placed in their order");
  const decoded = image.decoded.filter((cell) => cell.instance === element.object);
  instance.cells.forEach((cell, index) => {
    const address = instance.address + cell.offset;
    const known = decoded[index];
    if (known === undefined || !isIn(address, [element.from, element.to])) return;
    add(
      `element of ${String(element.object)} at ${String(address - element.from)}`,
      known.slot,
      contentOf(cell, known.slot),
    );
  });
}

/** The array of an own element `array[me]` that anything else can reach too; null when it is the task's own. */
function strayElement(program: Program, task: number, alike: readonly number[]): string | null {
  for (const element of program.tasks[task]?.ownElements ?? []) {
    const object = program.objects[element.object];
    assert(object !== undefined, "an element belongs to an object");
    const within: readonly [number, number] = [object.address, object.address + object.size];
    const others = program.tasks.filter((_, index) => !alike.includes(index));
    const isFree =
      alike.every((each) => usesOnly(program, each, { object: element.object, within })) &&
      [...others, ...program.properties].every((routine) => !names(routine, within)) &&
      program.inits.every((routine) => !keepsAddress(routine, within)) &&
      !isPointedTo(program, within);
    if (!isFree) return object.name;
  }
  return null;
}

type Within = readonly [number, number];

function isIn(value: number, [from, to]: Within): boolean {
  return value >= from && value < to;
}

/** A task reaches the object at constant addresses of its own element only, and keeps no address of it. */
function usesOnly(program: Program, task: number, at: { readonly object: number; readonly within: Within }): boolean {
  const routine = program.tasks[task];
  const own = routine?.ownElements.find((element) => element.object === at.object);
  if (routine === undefined || keepsAddress(routine, at.within)) return false;
  return routine.nodes.every((node) =>
    directAddresses(node).every(
      (address) =>
        address.kind !== "constant" ||
        !isIn(address.value, at.within) ||
        (own !== undefined && isIn(address.value, [own.from, own.to])),
    ),
  );
}

/** Addresses that a node goes to or tells of; a constant one there does not get into any variable. */
function directAddresses(node: Node): readonly Expr[] {
  switch (node.kind) {
    case "load":
    case "store":
      return [node.address];
    case "begin":
      return [
        ...(node.label.address === null ? [] : [node.label.address]),
        ...(node.touch === null ? [] : [node.touch.address]),
      ];
    case "guard":
      return node.waitsFor.address === null ? [] : [node.waitsFor.address];
    case "assign":
    case "jump":
    case "branch":
    case "check":
    case "limit":
    case "choose":
    case "note":
    case "use":
    case "forget":
    case "enter-scope":
    case "leave-scope":
    case "allocate":
    case "free":
    case "rcu-leave":
    case "request":
    case "touch":
    case "result":
    case "end":
      return [];
  }
}

/** Whether an address of the object is used as a value, or counted from. */
function keepsAddress(routine: Routine, within: Within): boolean {
  return routine.nodes.some((node) => {
    const direct = directAddresses(node);
    return expressionsOf(node).some((expr) => {
      if (expr.kind === "constant" && direct.includes(expr)) return false;
      let found = false;
      forEachLeaf(expr, (leaf) => {
        if (leaf.kind === "constant" && isIn(leaf.value, within)) found = true;
      });
      return found;
    });
  });
}

function names(routine: Routine, within: Within): boolean {
  return routine.nodes.some((node) =>
    expressionsOf(node).some((expr) => {
      let found = false;
      forEachLeaf(expr, (leaf) => {
        if (leaf.kind === "constant" && isIn(leaf.value, within)) found = true;
      });
      return found;
    }),
  );
}

function isPointedTo(program: Program, within: Within): boolean {
  return program.objects.some((object) => object.cells.some((cell) => isIn(cell.initial, within)));
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
