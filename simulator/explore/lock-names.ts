/** Collects what tasks hold as they ask for locks, and tells the circles in words. */
import type { LockAsk } from "../program/ir.ts";
import type { CellTag } from "../program/ir.ts";
import type { HeldWord } from "./generate.ts";
import { findLockCircles, type LockCircle, type LockEvent, type LockName } from "./lock-order.ts";
import { nodeAt, type Prepared } from "./prepare.ts";

/** Locks with an owner that others wait for. */
const orderedTags: ReadonlySet<CellTag> = new Set(["spinlock", "rwlock", "mutex", "rwsem"]);

export class LockWatch {
  readonly #prepared: Prepared;
  readonly #words: () => readonly HeldWord[];
  readonly #events: LockEvent[] = [];
  /** Subclasses by which a task takes a lock: what it holds does not say. */
  readonly #subclasses = new Map<string, Set<number>>();

  constructor(prepared: Prepared, words: () => readonly HeldWord[]) {
    this.#prepared = prepared;
    this.#words = words;
  }

  /** Whether an order is possible at all: some task asks, and there are two locks, or classes are asked for. */
  static isNeeded(prepared: Prepared): boolean {
    const asks = prepared.program.tasks.some((task) => (task.lockAsks ?? []).length > 0);
    const locks = prepared.image.instances.reduce(
      (sum, instance) => sum + instance.cells.filter((cell) => cell.print === "owner").length,
      0,
    );
    return asks && locks > 1;
  }

  note(of: {
    readonly node: number;
    readonly lock: number;
    readonly held: readonly number[];
    readonly state: number;
  }): void {
    const { node, lock, state } = of;
    const reference = nodeAt(this.#prepared, node);
    const ask = this.#askAt(node);
    if (reference === null || ask === null) return;
    const { task } = reference;
    const taken = `${String(task)} ${String(lock)}`;
    this.#subclasses.set(taken, (this.#subclasses.get(taken) ?? new Set<number>()).add(ask.subclass));
    for (const index of of.held) {
      const word = this.#words()[index];
      if (word === undefined || !orderedTags.has(word.tag)) continue;
      const held = { lock: word.lock, mode: word.kind === 0 ? ("write" as const) : ("read" as const) };
      this.#events.push({ node, task, state, held, asked: { lock, mode: ask.mode } });
    }
  }

  /** Circles over instances, or over classes. */
  circles(over: "instances" | "strict"): readonly LockCircle[] {
    if (this.#events.length === 0) return [];
    if (over === "instances") {
      // Asking again for what one holds is another class, or allowed.
      const events = this.#events.filter((event) => event.held.lock !== event.asked.lock);
      return findLockCircles({
        events,
        asked: (event) => this.#instance(event.asked.lock),
        held: (event) => [this.#instance(event.held.lock)],
      });
    }
    return findLockCircles({
      events: this.#events.filter((event) => event.held.lock !== event.asked.lock),
      asked: (event) => this.#class(event.asked.lock, this.#askAt(event.node)?.subclass ?? 0),
      held: (event) => {
        const known = this.#subclasses.get(`${String(event.task)} ${String(event.held.lock)}`) ?? new Set([0]);
        return [...known].sort((a, b) => a - b).map((subclass) => this.#class(event.held.lock, subclass));
      },
    });
  }

  /** What an order of a circle says: `t0 asks for b while it holds a`. */
  tell(circle: LockCircle): { readonly message: string; readonly nodes: readonly number[] } {
    const told = circle.map(({ event, held, asked }) => {
      const who = this.#prepared.program.tasks[event.task]?.name ?? "init";
      return `${who} asks for ${asked.name} while it holds ${held.name}`;
    });
    return { message: told.join("; "), nodes: circle.map(({ event }) => event.node) };
  }

  #askAt(node: number): LockAsk | null {
    const reference = nodeAt(this.#prepared, node);
    if (reference === null) return null;
    const asks = this.#prepared.program.tasks[reference.task]?.lockAsks ?? [];
    return asks.find((ask) => ask.node === reference.index) ?? null;
  }

  #instance(lock: number): LockName {
    const word = this.#wordOf(lock);
    return { key: String(lock), name: word?.name ?? "a lock", sharesReads: word?.tag === "rwlock" };
  }

  #class(lock: number, subclass: number): LockName {
    const word = this.#wordOf(lock);
    const instance = this.#prepared.image.instances.find(
      (each) => lock >= each.address && lock < each.address + each.size,
    );
    const cell = instance?.cells.find((each) => each.offset === lock - instance.address);
    const base = cell?.lockClass ?? (word?.name ?? "a lock").replace(/\[\d+\]/g, "[]");
    const name = subclass === 0 ? base : `${base}/${String(subclass)}`;
    return { key: name, name: `a ${name}`, sharesReads: word?.tag === "rwlock" };
  }

  #wordOf(lock: number): HeldWord | undefined {
    return this.#words().find((word) => word.lock === lock && word.kind === 0);
  }
}
