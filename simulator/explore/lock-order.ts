/**
 * Lock order, as the kernel's lockdep sees it: while a task holds A it asks for B, so A goes before B; a circle of such
 * orders can become a deadlock in some schedule, whether or not one is reached here. Judged over lock instances; with
 * `lockdep: strict` over classes: the member of a struct, or the variable, that the lock is, and the subclass of *_nested.
 *
 * Two that read do not exclude one another on an rwlock_t, so an order that ends with one reading and one that begins with
 * one reading do not meet. On a rw_semaphore they do: a reader waits behind a writer that waits.
 *
 * @source Documentation/locking/lockdep-design.rst of Linux 6.12; a common outer lock that keeps a circle from closing is
 * not looked for there either
 */
import type { LockMode } from "../program/ir.ts";

/** A lock that a task holds while it asks for another. */
export type LockEvent = {
  /** Node at which it asks, over all routines. */
  readonly node: number;
  readonly task: number;
  /** State from which the step is made. */
  readonly state: number;
  readonly held: { readonly lock: number; readonly mode: LockMode };
  readonly asked: { readonly lock: number; readonly mode: LockMode };
};

export type LockName = {
  /** What the orders are between: an instance or a class. */
  readonly key: string;
  /** For people. */
  readonly name: string;
  /** Readers of it do not exclude one another, whoever waits. */
  readonly sharesReads: boolean;
};

export type LockOrderFacts = {
  readonly events: readonly LockEvent[];
  /** What a lock counts as when a task asks for it at a node. */
  readonly asked: (event: LockEvent) => LockName;
  /** What the lock that it holds counts as; several when that cannot be told. */
  readonly held: (event: LockEvent) => readonly LockName[];
};

type Order = { readonly event: LockEvent; readonly held: LockName; readonly asked: LockName };

/** Orders that close a circle: each begins with the lock that the one before asks for. */
export type LockCircle = readonly Order[];

/** Shortest circles, one for each set of locks. O(orders^2). */
export function findLockCircles(facts: LockOrderFacts): readonly LockCircle[] {
  const orders = distinctOrders(facts);
  const circles = new Map<string, LockCircle>();
  for (const start of orders) {
    const circle = shortestCircle(orders, start);
    if (circle === null) continue;
    const key = [...new Set(circle.map((order) => order.held.key))].sort().join("\n");
    const known = circles.get(key);
    if (known === undefined || circle.length < known.length) circles.set(key, circle);
  }
  return [...circles.values()];
}

function distinctOrders(facts: LockOrderFacts): readonly Order[] {
  const orders = new Map<string, Order>();
  for (const event of facts.events) {
    const asked = facts.asked(event);
    const held = facts.held(event);
    for (const each of held) {
      // One of several possible subclasses being the same says nothing.
      if (each.key === asked.key && held.length > 1) continue;
      const key = [each.key, asked.key, event.held.mode, event.asked.mode].join("\n");
      if (!orders.has(key)) orders.set(key, { event, held: each, asked });
    }
  }
  return [...orders.values()];
}

function shortestCircle(orders: readonly Order[], start: Order): LockCircle | null {
  const cameFrom = new Map<Order, Order>();
  const queue = [start];
  for (const order of queue) {
    if (meets(order, start)) {
      const circle = [order];
      for (let at = order; at !== start;) {
        at = cameFrom.get(at) ?? start;
        circle.unshift(at);
      }
      return circle;
    }
    for (const next of orders) {
      if (next === start || cameFrom.has(next) || !meets(order, next)) continue;
      cameFrom.set(next, order);
      queue.push(next);
    }
  }
  return null;
}

/** Whether who asks at the end of one order waits for who holds at the beginning of the other. */
function meets(order: Order, next: Order): boolean {
  if (order.asked.key !== next.held.key) return false;
  const bothRead = order.event.asked.mode === "read" && next.event.held.mode === "read";
  return !(bothRead && order.asked.sharesReads);
}
