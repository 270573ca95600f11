/** Circles of lock orders, on events made by hand; scenarios with them are in tests/scenarios/lock-order*. */
import { describe, expect, it } from "vitest";
import { findLockCircles, type LockEvent } from "./lock-order.ts";
import type { LockMode } from "../program/ir.ts";

let node = 0;

function order(held: string, asked: string): LockEvent {
  node += 1;
  const mode = (lock: string): LockMode => (lock.endsWith("r") ? "read" : "write");
  return {
    node,
    task: 0,
    state: 0,
    held: { lock: held.charCodeAt(0), mode: mode(held) },
    asked: { lock: asked.charCodeAt(0), mode: mode(asked) },
  };
}

/** Locks by letter, `ar` for reading; `x` shares reads. */
function circles(...pairs: readonly (readonly [string, string])[]): readonly string[] {
  const name = (lock: number) => {
    const letter = String.fromCharCode(lock);
    return { key: letter, name: letter, sharesReads: letter === "x" };
  };
  const found = findLockCircles({
    events: pairs.map(([held, asked]) => order(held, asked)),
    asked: (event) => name(event.asked.lock),
    held: (event) => [name(event.held.lock)],
  });
  return found.map((circle) => circle.map((each) => each.held.name).join(""));
}

describe("lock orders", () => {
  it("close no circle as long as they agree", () => {
    expect(circles(["a", "b"], ["b", "c"], ["a", "c"])).toEqual([]);
  });

  it("close a circle of two, of three, and of one class with itself", () => {
    expect(circles(["a", "b"], ["b", "a"])).toEqual(["ab"]);
    expect(circles(["a", "b"], ["b", "c"], ["c", "a"])).toEqual(["abc"]);
    expect(circles(["a", "a"])).toEqual(["a"]);
  });

  it("are told once for each set of locks, the shortest circle first found", () => {
    expect(circles(["a", "b"], ["b", "c"], ["c", "a"], ["b", "a"])).toEqual(["ab", "bca"]);
  });

  it("do not meet where both read a lock that shares reads", () => {
    expect(circles(["xr", "b"], ["b", "xr"])).toEqual([]);
    expect(circles(["xr", "b"], ["b", "x"])).toEqual(["xb"]);
    expect(circles(["x", "b"], ["b", "xr"])).toEqual(["xb"]);
    expect(circles(["sr", "b"], ["b", "sr"])).toEqual(["sb"]);
  });
});
