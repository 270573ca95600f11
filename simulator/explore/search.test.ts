/** The three bench models as hand-written IR: counts are SPIN's (`-DNOREDUCE`, no optimisation of the model). */
import { describe, expect, it } from "vitest";
import { defaultExploreLimits } from "../limits.ts";
import { Assembler } from "../program/assembler.ts";
import { binary, constant, isZero, zero } from "../program/expressions.ts";
import {
  memoryBase,
  type Cell,
  type Expr,
  type MemoryObject,
  type Program,
  type ScalarShape,
  type TaskProgram,
} from "../program/ir.ts";
import { searchProgram } from "./search.ts";

const bit: ScalarShape = { bits: 1, signed: false };
const span = { file: 0, start: 0, end: 0 };
const none = { text: "", address: null };

function array(name: string, options: { start: number; length: number; bits: number }): MemoryObject {
  const shape = { bits: options.bits, signed: false };
  const cells = Array.from({ length: options.length }, (_, index) => ({
    offset: index * 4,
    path: `[${String(index)}]`,
    shape,
    tag: "data" as const,
    print: "number" as const,
    initial: 0,
  }));
  return {
    name,
    size: options.length * 4,
    cells,
    address: memoryBase + options.start,
    storage: "global",
    task: -1,
    canBeUninitialised: false,
    shared: true,
  };
}

function program(parts: { cells: Cell[]; objects: MemoryObject[]; tasks: TaskProgram[] }): Program {
  return {
    ...parts,
    pools: [],
    inits: [],
    properties: [],
    notes: [],
    reach: null,
    rcuNesting: [],
    rcuMasks: [],
    pendingCells: [],
    reuse: false,
    victimCells: [],
    rcuTask: -1,
    heapStart: memoryBase + 0x1000,
    races: "off",
    assumptions: [],
  };
}

/** Takes a one-bit lock: one step, enabled when it is free. */
function take(code: Assembler, address: Expr): void {
  code.begin(none);
  const held = code.loadSilently(address, bit, "data");
  code.guard(isZero(held), none, { sleeps: false });
  code.storeSilently(address, constant(1), { shape: bit, tag: "data" });
}

function put(code: Assembler, address: Expr, value: Expr): void {
  code.storeData(address, value, { shape: bit, step: true, plain: true, safe: true });
}

function philosophers(count: number, cyclicGrab: boolean): Program {
  const fork = (index: number): Expr => constant(memoryBase + index * 4);
  const cells: Cell[] = [];
  const tasks = Array.from({ length: count }, (_, me): TaskProgram => {
    const local = cells.length;
    cells.push({ name: "t", shape: bit, initial: 0, role: "local", task: me, print: "number" });
    const right = (me + 1) % count;
    const [first, second] = !cyclicGrab && me === count - 1 ? [right, me] : [me, right];
    const code = new Assembler(span);
    const head = code.newLabel();
    code.place(head);
    code.begin(none);
    code.assignCell(local, constant(1));
    take(code, fork(first));
    take(code, fork(second));
    code.begin(none);
    code.assignCell(local, zero);
    put(code, fork(me), zero);
    put(code, fork(right), zero);
    code.jump(head);
    return {
      ...code.finish(),
      name: `P#${String(me)}`,
      me,
      declaration: 0,
      usesMe: false,
      ownElements: [],
      hasForever: true,
      idleNodes: [0],
      waitNodes: [],
      headNodes: [],
      entry: 0,
    };
  });
  return program({ cells, objects: [array("fk", { start: 0, length: count, bits: 1 })], tasks });
}

const run = (model: Program) => searchProgram(model, { limits: defaultExploreLimits, reductions: [] });

describe("search", () => {
  it("counts the philosophers' states as SPIN does", () => {
    const outcome = run(philosophers(8, false));
    expect(outcome.finding).toBeNull();
    expect(outcome.states).toBe(216_993);
  });

  it("finds the philosophers' deadlock after 2N steps", () => {
    const outcome = run(philosophers(6, true));
    expect(outcome.finding?.class).toBe("deadlock");
    expect(outcome.finding?.length).toBe(12);
  });

  it("stops at the bound on states and says so", () => {
    const outcome = searchProgram(philosophers(8, false), {
      limits: { ...defaultExploreLimits, statesMax: 1000 },
      reductions: [],
    });
    expect(outcome.limit).toBe("states");
    expect(outcome.states).toBe(1000);
  });

  it("leaves out locals that nothing reads with dead-locals", () => {
    const reduced = searchProgram(philosophers(6, false), {
      limits: defaultExploreLimits,
      reductions: ["dead-locals"],
    });
    const full = run(philosophers(6, false));
    expect(reduced.finding).toBeNull();
    expect(reduced.states).toBeLessThanOrEqual(full.states);
  });

  it("keeps a temporary across steps only while it is needed", () => {
    const code = new Assembler(span);
    const value = code.loadData(constant(memoryBase), bit, { step: true, plain: false, safe: true });
    put(code, constant(memoryBase + 4), binary("xor", value, constant(1)));
    put(code, constant(memoryBase + 4), zero);
    code.emit({ kind: "end" });
    const task: TaskProgram = {
      ...code.finish(),
      name: "a",
      me: 0,
      declaration: 0,
      usesMe: false,
      ownElements: [],
      hasForever: false,
      idleNodes: [],
      waitNodes: [],
      headNodes: [],
      entry: 0,
    };
    const outcome = run(program({ cells: [], objects: [array("x", { start: 0, length: 2, bits: 1 })], tasks: [task] }));
    expect(outcome.states).toBe(4);
    expect(outcome.prepared.tasks[0]?.homes.shapes).toHaveLength(1);
  });
});
