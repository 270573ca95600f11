/**
 * What call_rcu and its like have queued: a few slots of the engine, kept sorted by address so that the order of calls
 * is not remembered. A slot names the object or head, the function (0: kfree), and the tasks whose read sections were
 * open at the call. The hidden task `rcu` runs them.
 */
import type { Deferred, TaskContext, UnitContext } from "./context.ts";
import { binary, cell, constant, isNonZero, isZero, select, zero } from "./expressions.ts";
import { functionBase, type Expr } from "./ir.ts";
import { successors } from "./flow.ts";
import type { Routine } from "./ir.ts";
import { bitShape, wordShape } from "./types.ts";

/** Slots where a call site stands in a loop. */
const slotsOfLoops = 6;
/** Most slots; more callbacks pending at once are limit `objects`. */
const slotsMax = 16;

export const nothingDeferred: Deferred = {
  slots: 0,
  hasBarrier: false,
  srcuWaiters: new Set(),
  hasSrcuCallbacks: false,
  copiesCounts: false,
};

/** How many callbacks can be pending: one for each call site, some more when one can be passed again. */
export function slotsFor(sites: readonly { readonly routine: Routine; readonly nodes: readonly number[] }[]): number {
  const count = sites.reduce((sum, site) => sum + site.nodes.length, 0);
  const repeats = sites.some((site) => site.nodes.some((node) => reaches(site.routine, node)));
  return Math.min(slotsMax, repeats ? Math.max(count, slotsOfLoops) : count);
}

/** Whether control can come back to a node. */
function reaches(routine: Routine, start: number): boolean {
  const seen = new Set<number>();
  const pending = [...successors(routine.nodes, start)];
  for (let index = pending.pop(); index !== undefined; index = pending.pop()) {
    if (index === start) return true;
    if (seen.has(index) || routine.nodes[index] === undefined) continue;
    seen.add(index);
    pending.push(...successors(routine.nodes, index));
  }
  return false;
}

/** Fields of a slot by name; a unit without SRCU callbacks or barriers has fewer. */
export type Fields = {
  readonly object: Expr;
  readonly action: Expr;
  readonly sections: Expr;
  readonly domain: Expr;
  readonly srcuSections: Expr;
  readonly barriers: Expr;
};
type Slot = { readonly [Name in keyof Fields]: number | null };

const fieldNames = ["object", "action", "sections", "domain", "srcuSections", "barriers"] as const;
const emptyFields: Fields = {
  object: zero,
  action: zero,
  sections: zero,
  domain: zero,
  srcuSections: zero,
  barriers: zero,
};

/** The action of a slot that is freed rather than called. */
export const freeAction = zero;
export const actionOf = (functionId: number): Expr => constant(functionBase + functionId * 16);

function makeSlot(unit: UnitContext, index: number): Slot {
  const { deferred } = unit;
  const make = (name: string, kind: "pointer" | "sleepers", wanted: boolean): number | null =>
    wanted
      ? unit.hidden({
          name: `callback ${String(index)} ${name}`,
          task: -1,
          shape: kind === "pointer" ? wordShape : unit.taskMask,
          print: kind,
        })
      : null;
  return {
    object: make("object", "pointer", true),
    action: make("function", "pointer", true),
    sections: make("waits for", "sleepers", true),
    domain: make("domain", "pointer", deferred.hasSrcuCallbacks),
    srcuSections: make("waits for in its domain", "sleepers", deferred.hasSrcuCallbacks),
    barriers: make("barriers", "sleepers", deferred.hasBarrier),
  };
}

/** All pending callbacks of a unit. */
export class Callbacks {
  readonly slots: readonly Slot[];

  constructor(unit: UnitContext) {
    this.slots = Array.from({ length: unit.deferred.slots }, (_, index) => makeSlot(unit, index));
    for (const slot of this.slots) {
      if (slot.sections !== null && !unit.rcuMasks.includes(slot.sections)) unit.rcuMasks.push(slot.sections);
    }
  }

  read(index: number): Fields {
    const slot = this.slots[index];
    const value = (name: keyof Fields): Expr => {
      const id = slot?.[name] ?? null;
      return id === null ? zero : cell(id);
    };
    return {
      object: value("object"),
      action: value("action"),
      sections: value("sections"),
      domain: value("domain"),
      srcuSections: value("srcuSections"),
      barriers: value("barriers"),
    };
  }

  write(context: TaskContext, index: number, fields: Partial<Fields>): void {
    const slot = this.slots[index];
    for (const name of fieldNames) {
      const id = slot?.[name] ?? null;
      const value = fields[name];
      if (id !== null && value !== undefined) context.code.assignCell(id, value);
    }
  }

  /** Puts a callback where its address belongs. Limit `objects` when there is no room. */
  insert(context: TaskContext, fields: Fields): void {
    const { code } = context;
    let carried = fields;
    const done = code.newLabel();
    for (const [index] of this.slots.entries()) {
      const here = this.read(index);
      const goes = code.keep(binary("or", isZero(here.object), binary("lt-u", carried.object, here.object)));
      const next = mapFields((name) => code.keep(select(goes, here[name], carried[name]), wordShape));
      this.write(
        context,
        index,
        mapFields((name) => select(goes, carried[name], here[name])),
      );
      carried = next;
      const more = code.newLabel();
      code.branch(isZero(carried.object), done, more);
      code.place(more);
    }
    code.emit({ kind: "limit", unless: zero, limit: "objects" });
    code.place(done);
  }

  /** Takes out slot number `at`, a temporary, and yields what it held. */
  remove(context: TaskContext, at: Expr): Fields {
    const { code } = context;
    const taken = mapFields((name) =>
      code.keep(
        this.slots.reduce<Expr>(
          (value, _, index) => select(binary("eq", at, constant(index)), this.read(index)[name], value),
          zero,
        ),
        wordShape,
      ),
    );
    for (const [index] of this.slots.entries()) {
      const here = this.read(index);
      const next = index + 1 < this.slots.length ? this.read(index + 1) : emptyFields;
      const moves = binary("le", at, constant(index));
      this.write(
        context,
        index,
        mapFields((name) => select(moves, next[name], here[name])),
      );
    }
    return taken;
  }

  /** Whether slot number `at` may run: nobody is left in the sections that it waits for. */
  isReady(at: Expr): Expr {
    return this.slots.reduce<Expr>((value, _, index) => {
      const here = this.read(index);
      const free = binary("and", isZero(here.sections), isZero(here.srcuSections));
      const ready = binary("and", isNonZero(here.object), free);
      return select(binary("eq", at, constant(index)), ready, value);
    }, zero);
  }

  /**
   * After something was freed: the heads that call_rcu has queued must still be there, for RCU links them and reads them
   * when their turn comes. Class use-after-free where they were freed, as CONFIG_DEBUG_OBJECTS_RCU_HEAD reports it.
   */
  checkHeads(context: TaskContext): void {
    for (const [index] of this.slots.entries()) {
      const here = this.read(index);
      if (here.object.kind === "constant") continue;
      touchHead(context, here.object, binary("and", isNonZero(here.object), isNonZero(here.action)));
    }
  }

  /** Whether a head or object is queued already. */
  isQueued(object: Expr): Expr {
    return this.slots.reduce<Expr>(
      (any, _, index) => binary("or", any, binary("eq", this.read(index).object, object)),
      zero,
    );
  }
}

/** Reads a head where it is one: a violation when its memory is gone, or is none of a head. */
export function touchHead(context: TaskContext, head: Expr, when: Expr): void {
  const { code } = context;
  const [some, done] = [code.newLabel(), code.newLabel()];
  code.branch(when, some, done);
  code.place(some);
  code.loadSilently(head, bitShape, "rcu-head");
  code.place(done);
}

function mapFields(make: (name: keyof Fields) => Expr): Fields {
  return {
    object: make("object"),
    action: make("action"),
    sections: make("sections"),
    domain: make("domain"),
    srcuSections: make("srcuSections"),
    barriers: make("barriers"),
  };
}

const queues = new WeakMap<UnitContext, Callbacks>();

/** Slots of what call_rcu and its like have queued, one set for a unit. */
export function callbacksOf(unit: UnitContext): Callbacks {
  const known = queues.get(unit) ?? new Callbacks(unit);
  queues.set(unit, known);
  return known;
}
