/**
 * One flow graph as JavaScript: a `switch` on the position, each case the code of the steps that begin there. Short
 * acyclic steps become nested code; the rest becomes a loop around a switch on nodes.
 *
 * The code works on the scratch state Y and answers 0 not enabled (Y untouched), 1 done, 2 violation, 3 limit.
 */
import { assert, unreachable } from "../source/assert.ts";
import { operationsPerStepMax, limitNames, type LimitName } from "../limits.ts";
import { cellTags, memoryBase, type Expr, type Node, type Routine, type ScalarShape } from "../program/ir.ts";
import type { Image, Instance, Slot } from "../program/image.ts";
import { emitDispatch, withTemps, type LateCode } from "./emit-dispatch.ts";
import { nextAccess } from "./next-access.ts";
import {
  beginsStep,
  definedCells,
  expressionsOf,
  forEachLeaf,
  successors,
  thread,
  type Flow,
} from "../program/flow.ts";
import type { Homes } from "../program/homes.ts";
import { regionOf } from "../program/initialisation.ts";
import { violationClasses, type ViolationClass } from "./classes.ts";
import { emitHit, type HitPlan } from "./coverage-hits.ts";
import { emitClear } from "./emit-clear.ts";
import {
  emitCondition,
  emitExpression,
  emitShape,
  emitSlot,
  emitWriteSlot,
  literal,
  type Leaves,
} from "./emit-expression.ts";

export type RoutineContext = {
  readonly routine: Routine;
  readonly flow: Flow;
  readonly homes: Homes;
  readonly image: Image;
  readonly cellShapes: readonly ScalarShape[];
  /** Task number, -1 for init and properties. */
  readonly task: number;
  /** Where states say whom an irq task has interrupted: such a task makes no step. */
  readonly victims: readonly Slot[];
  /** Number of the routine's node 0 in the numbering of all nodes. */
  readonly nodeBase: number;
  /** Also writes down what happens, for traces. */
  readonly traced: boolean;
  /** Atomic steps write down what they access when asked, for the race check. */
  readonly logged: boolean;
  /** Own locals that positions do not need are cleared. */
  readonly deadLocals: boolean;
  /** Every access to what other tasks can reach is written down too, for the merging of steps; null when it is not. */
  readonly watch: Watch | null;
  /** The state has so many words that the table keeps account of which ones change. */
  readonly wide: boolean;
  /** Where code is left that is written when a position is first come to; null: all is written at once. */
  readonly late: LateCode | null;
  /** Nodes, over all routines, of which the code tells that they ran; null for none. */
  readonly hits: HitPlan | null;
  /** Nodes at which it asks for a lock, when somebody wants to know what it holds then; never in traced code. */
  readonly asks: ReadonlySet<number> | null;
  /** Cells that only this task uses, for dead-locals. */
  readonly isLocal: (cell: number) => boolean;
};

/** What the log of accesses calls things that have no address. */
export type Watch = {
  /** Cells that more than one task uses, to their place in the log. */
  readonly cells: ReadonlyMap<number, number>;
};

/** One entry of the log: place, and what the access was. */
export const logBits = { write: 1, plain: 2, data: 4, shift: 3 } as const;

/** Nodes that nested code of one step may take before the loop form is used. */
const nestedNodesMax = 200;

export function classCode(violation: ViolationClass): number {
  return violationClasses.indexOf(violation);
}

export function limitCode(limit: LimitName): number {
  return limitNames.indexOf(limit);
}

/** Nodes emitted on the way to a place in nested code, and conditions that surely hold there. */
type EmittedPath = { readonly seen: ReadonlySet<number>; readonly proved: ReadonlySet<string> };

export class RoutineEmitter {
  readonly #context: RoutineContext;
  readonly #leaves: Leaves;
  #budget = 0;
  /** Position at which the step being emitted begins, -1 for the way from the entry. */
  #from = -1;
  #defined: ReadonlySet<number> = new Set();

  constructor(context: RoutineContext) {
    this.#context = context;
    this.#leaves = {
      cell: (cell) => {
        const slot = context.image.cellSlots[cell];
        const shape = context.cellShapes[cell];
        assert(slot !== undefined, "a cell has a slot");
        assert(shape !== undefined, "a cell has a shape");
        return { slot, shape };
      },
    };
  }

  /** `function NAME(){...}`: one step from the position that Y holds. */
  emitSteps(name: string): string {
    const { flow, image, task } = this.#context;
    const slot = image.positionSlots[task];
    assert(slot !== undefined, "a task has a position");
    const step = (position: number): string => {
      const node = flow.positions[position] ?? -1;
      return this.#context.routine.nodes[node]?.kind === "end"
        ? "return 0;"
        : withTemps(this.#emitRegion(node, position));
    };
    // An interrupted task cannot step, but what it would do next races all the same (LG: the race check asks).
    const stopped = this.#context.victims
      .map((victim) => `if(LG===0&&${emitSlot(victim)}===${String(task + 1)})return 0;`)
      .join("");
    return emitDispatch({
      name,
      count: flow.positions.length,
      step,
      late: this.#context.late,
      before: stopped,
      position: emitSlot(slot),
      variables: "let ac=0,op=0;",
    });
  }

  /** `function NAME(){...}`: from the entry to the first position (tasks), or to the end (init, properties). */
  emitEntry(name: string, entry: number): string {
    return `function ${name}(){let ac=0,op=0;${withTemps(this.#emitRegion(entry, -1))}}\n`;
  }

  /** `function NAME(){...}`: what the next step accesses: sets RA, answers 0 none, 1 read, 2 write, +4 plain, 8 unknown. */
  emitNextAccess(name: string): string {
    const { flow, routine, image, task } = this.#context;
    const slot = image.positionSlots[task];
    assert(slot !== undefined, "a task has a position");
    const step = (position: number): string => {
      const node = routine.nodes[flow.positions[position] ?? -1];
      const access = node === undefined ? null : nextAccess(node);
      if (access === null) return "return 0;";
      const address = access.address === null ? "" : `RA=${this.#expression(access.address)};`;
      const code = access.address === null ? 8 : (access.write ? 2 : 1) + (access.plain ? 4 : 0);
      return withTemps(`${this.#loadHomes(position)}${address}return ${String(code)}`);
    };
    const count = flow.positions.length;
    return emitDispatch({
      name,
      count,
      step,
      late: this.#context.late,
      before: "",
      position: emitSlot(slot),
      variables: "",
    });
  }

  #expression(expr: Expr): string {
    return emitExpression(expr, this.#leaves);
  }

  #condition(expr: Expr): string {
    return emitCondition(expr, this.#leaves);
  }

  #loadHomes(position: number): string {
    const { flow, homes, image, task, routine } = this.#context;
    return (flow.liveTemps[position] ?? [])
      .map((temp) => {
        const slot = image.homeSlots[task]?.[homes.homeOf[temp] ?? -1];
        assert(slot !== undefined, "a live temporary has a home");
        const shape = routine.temps[temp];
        assert(shape !== undefined, "a temporary has a shape");
        return `t${String(temp)}=${emitShape(emitSlot(slot), shape, slot.bits)};`;
      })
      .join("");
  }

  #emitRegion(start: number, from: number): string {
    const { routine, flow } = this.#context;
    this.#from = from;
    this.#budget = nestedNodesMax;
    const region = regionOf(routine, start, (index) => this.#context.task >= 0 && (flow.positionOf[index] ?? -1) >= 0);
    this.#defined = definedCells(routine, region);
    const homes = from < 0 ? "" : this.#loadHomes(from);
    const nested = this.#emitNested(start, from >= 0, { seen: new Set(), proved: new Set() });
    return homes + (nested ?? this.#emitLoop(start, region, from >= 0));
  }

  /** Nested code from a node on; null when it has a cycle or is too long. `first`: the step begins at this very node. */
  #emitNested(start: number, first: boolean, path: EmittedPath): string | null {
    const nodes = this.#context.routine.nodes;
    const seen = new Set(path.seen);
    const proved = new Set(path.proved);
    let begins = first;
    let out = "";
    let index = start;
    for (;;) {
      out += this.#hitsOfJumps(index);
      index = thread(nodes, index);
      const node = nodes[index];
      assert(node !== undefined, "control stays inside its routine");
      this.#budget -= 1;
      if (this.#budget < 0 || seen.has(index) || node.kind === "jump") return null;
      seen.add(index);
      if (!begins && this.#begins(node)) {
        out += this.#emitStop(index, node);
        if (!isMaybe(node)) return out;
      }
      begins = false;
      if (node.kind === "branch") {
        const then = this.#emitNested(node.then, false, { seen, proved });
        const otherwise = this.#emitNested(node.otherwise, false, { seen, proved });
        if (then === null || otherwise === null) return null;
        const [yes, no] = this.#hitsOfBranch(index);
        return `${out}${this.#hit(index)}if(${this.#condition(node.condition)}){${yes}${then}}else{${no}${otherwise}}`;
      }
      out += this.#hit(index);
      if (!this.#isProved(node, proved)) out += this.#emitNode(index, node);
      if (node.kind === "result" || node.kind === "end") return out;
      index += 1;
    }
  }

  /** Whether a check was made on the way here and nothing it reads has changed; keeps the account of what was checked. */
  #isProved(node: Node, proved: Set<string>): boolean {
    if (node.kind === "check") {
      const condition = this.#condition(node.condition);
      if (proved.has(condition)) return true;
      proved.add(condition);
      return false;
    }
    if (node.kind === "assign" && node.target.kind === "cell") proved.clear();
    const temp = node.kind === "assign" && node.target.kind === "temp" ? node.target.temp : definedTemp(node);
    if (temp >= 0 && proved.size > 0) {
      const name = new RegExp(`\\bt${String(temp)}\\b`);
      for (const condition of proved) if (name.test(condition)) proved.delete(condition);
    }
    return false;
  }

  /** The loop form: every node of the step a case; the first one runs without asking whether a step begins. */
  #emitLoop(start: number, region: ReadonlySet<number>, first: boolean): string {
    const nodes = this.#context.routine.nodes;
    const reached = new Set<number>(region);
    for (const index of region) for (const next of successors(nodes, index)) reached.add(next);
    const order = [...reached].sort((a, b) => a - b);
    let out = `let n=${first ? "-1" : String(start)};for(;;){if(++op>${String(operationsPerStepMax)}){LI=${String(limitCode("operations"))};return 3}switch(n){\n`;
    if (first) {
      const node = nodes[start];
      assert(node !== undefined, "a step begins at a node");
      out += `case -1:{${this.#hit(start)}${this.#emitNode(start, node)}n=${String(start + 1)};continue}\n`;
    }
    order.forEach((index, at) => {
      const node = nodes[index];
      assert(node !== undefined, "control stays inside its routine");
      out += `case ${String(index)}:{${this.#emitCase(index, node, region, order[at + 1] === index + 1)}}\n`;
    });
    return `${out}}}`;
  }

  #emitCase(index: number, node: Node, region: ReadonlySet<number>, fallsThrough: boolean): string {
    let out = "";
    if (this.#begins(node)) {
      out = this.#emitStop(index, node);
      if (!isMaybe(node)) return out;
    }
    assert(region.has(index) || isMaybe(node), "a step ends where another begins");
    out += this.#hit(index);
    if (node.kind === "jump") return `${out}n=${String(node.to)};continue`;
    if (node.kind === "branch") {
      const [yes, no] = this.#hitsOfBranch(index);
      if (yes !== "")
        return `${out}if(${this.#condition(node.condition)}){${yes}n=${String(node.then)}}else{${no}n=${String(node.otherwise)}}continue`;
      return `n=${this.#condition(node.condition)}?${String(node.then)}:${String(node.otherwise)};continue`;
    }
    out += this.#emitNode(index, node);
    if (node.kind === "result" || node.kind === "end" || fallsThrough) return out;
    return `${out}n=${String(index + 1)};continue`;
  }

  /** Tells that a node ran, when somebody asks. */
  #hit(index: number): string {
    const { hits, nodeBase } = this.#context;
    return hits === null ? "" : emitHit(hits, nodeBase + index);
  }

  /** Of the jumps that the way from a node on goes through. */
  #hitsOfJumps(start: number): string {
    const { hits, routine } = this.#context;
    if (hits === null) return "";
    let out = "";
    const end = thread(routine.nodes, start);
    for (let at = start, hops = 0; at !== end && hops < routine.nodes.length; hops += 1) {
      out += this.#hit(at);
      const node = routine.nodes[at];
      at = node?.kind === "jump" ? node.to : end;
    }
    return out;
  }

  /** Of the two outcomes of a branch. */
  #hitsOfBranch(index: number): readonly [string, string] {
    const { hits, nodeBase } = this.#context;
    if (hits === null) return ["", ""];
    const node = nodeBase + index;
    return [emitHit(hits, hits.nodes + node), emitHit(hits, 2 * hits.nodes + node)];
  }

  /** Whether a step of a task begins here; init and properties have none and run to their end. */
  #begins(node: Node): boolean {
    return this.#context.task >= 0 && beginsStep(node);
  }

  /** The step ends before this node; for "maybe" only if the address is not the task's own. */
  #emitStop(index: number, node: Node): string {
    const position = this.#context.flow.positionOf[index] ?? -1;
    const stop = this.#emitFinish(position, index, node);
    if (node.kind !== "load" && node.kind !== "store") return stop;
    if (node.step !== "maybe") return stop;
    return `if(!own(${this.#expression(node.address)},${String(this.#context.task)})){${stop}}`;
  }

  /** Puts what lives at the next position into its homes, clears the rest, moves the task there. */
  #emitFinish(position: number, index: number, node: Node): string {
    const { image, task } = this.#context;
    const slot = image.positionSlots[task];
    assert(slot !== undefined, "a task has a position");
    const leak =
      node.kind === "end" ? `if(leak(${String(task)})){VN=${String(this.#context.nodeBase + index)};return 2}` : "";
    return `${leak}${this.#emitHomes(position)}${this.#emitDeadLocals(position)}${emitWriteSlot(slot, String(position))}return 1;`;
  }

  #emitHomes(position: number): string {
    const { flow, homes, image, task } = this.#context;
    const slots = image.homeSlots[task] ?? [];
    const taken = new Set<number>();
    let out = "";
    for (const temp of flow.liveTemps[position] ?? []) {
      const home = homes.homeOf[temp] ?? -1;
      const slot = slots[home];
      assert(slot !== undefined, "a live temporary has a home");
      taken.add(home);
      out += emitWriteSlot(slot, `t${String(temp)}`);
    }
    const before = this.#from < 0 ? [] : (flow.liveTemps[this.#from] ?? []);
    for (const home of new Set(before.map((temp) => homes.homeOf[temp] ?? -1))) {
      const slot = slots[home];
      if (slot !== undefined && !taken.has(home)) out += emitWriteSlot(slot, "0");
    }
    return out;
  }

  #emitDeadLocals(position: number): string {
    const { flow, image, deadLocals, isLocal } = this.#context;
    if (!deadLocals) return "";
    const live = flow.liveCells[position] ?? new Set<number>();
    const taken = new Set([...live].map((cell) => image.cellSlots[cell]));
    const before = this.#from < 0 ? new Set<number>() : (flow.liveCells[this.#from] ?? new Set<number>());
    let out = "";
    for (const cell of new Set([...before, ...this.#defined])) {
      const slot = image.cellSlots[cell];
      if (live.has(cell) || !isLocal(cell) || slot === undefined || taken.has(slot)) continue;
      // Cells that share a place are cleared once.
      taken.add(slot);
      out += emitClear(image, slot);
      const flag = image.cellFlags[cell] ?? null;
      if (flag !== null) out += emitWriteSlot(flag, "1");
    }
    return out;
  }

  #fail(index: number, violation: ViolationClass): string {
    return `{VN=${String(this.#context.nodeBase + index)};VC=${String(classCode(violation))};return 2}`;
  }

  /** Tells that an assert was evaluated. */
  #asked(index: number, node: Extract<Node, { kind: "check" }>): string {
    return node.violation.class === "assertion" ? `ASSERTED[${String(this.#context.nodeBase + index)}]=1;` : "";
  }

  #log(index: number, address: string, value: string): string {
    return this.#context.traced ? `X(${String(this.#context.nodeBase + index)},${address},${value});` : "";
  }

  #emitNode(index: number, node: Node): string {
    return this.#watchCells(node) + this.#emitBody(index, node);
  }

  #emitBody(index: number, node: Node): string {
    const acted = node.inAtomic ? "ac=1;" : "";
    switch (node.kind) {
      case "assign":
        return this.#emitAssign(node.target, this.#expression(node.value)) + (node.target.kind === "cell" ? acted : "");
      case "load":
        return this.#emitLoad(index, node);
      case "store":
        return this.#emitStore(index, node) + acted;
      case "begin":
        if (this.#context.asks?.has(index) === true && node.label.address !== null)
          return `ask(${String(this.#context.nodeBase + index)},${this.#expression(node.label.address)});${this.#watchTouch(node)}`;
        return this.#context.traced
          ? this.#log(index, node.label.address === null ? "0" : this.#expression(node.label.address), "0")
          : this.#watchTouch(node);
      case "guard":
        return this.#emitGuard(index, node);
      case "check":
        return `${this.#asked(index, node)}if(!${this.#condition(node.condition)})${this.#fail(index, node.violation.class)}`;
      case "limit":
        return `if(!${this.#condition(node.unless)}){LI=${String(limitCode(node.limit))};return 3}`;
      case "choose":
        return this.#emitChoose(index, node);
      case "note":
        return `if(${this.#condition(node.condition)})PN.push(${String(node.note)});`;
      case "use":
      case "forget":
        return this.#emitFlag(index, node);
      case "enter-scope":
      case "leave-scope":
        return `${this.#emitScope(node)}${acted}`;
      case "allocate":
        return `t${String(node.temp)}=take(${String(node.pool)},${node.zeroed ? "1" : "0"});if(LI>=0)return 3;${this.#log(index, "0", `t${String(node.temp)}`)}${acted}`;
      case "free":
        return `if(!release(${this.#expression(node.address)},${String(node.pool)})){VN=${String(this.#context.nodeBase + index)};return 2}${acted}`;
      case "rcu-leave":
        return `rcuLeave(${String(this.#context.task)});`;
      case "result":
        return `R=${this.#expression(node.value)};return 1;`;
      case "end":
        return "return 1;";
      case "request":
      case "touch":
        throw new Error("assert: requests belong to timed code");
      case "jump":
      case "branch":
        throw new Error("assert: control flow is emitted by its caller");
    }
    return unreachable(node);
  }

  #emitAssign(target: Extract<Node, { kind: "assign" }>["target"], value: string): string {
    if (target.kind === "temp") return `t${String(target.temp)}=${value};`;
    const slot = this.#context.image.cellSlots[target.cell];
    assert(slot !== undefined, "a cell has a slot");
    const flag = this.#context.image.cellFlags[target.cell] ?? null;
    return emitWriteSlot(slot, value) + (flag === null ? "" : emitWriteSlot(flag, "0"));
  }

  #emitGuard(index: number, node: Extract<Node, { kind: "guard" }>): string {
    const address = node.waitsFor.address;
    const blocked = this.#context.traced
      ? `G(${String(this.#context.nodeBase + index)},${address === null ? "0" : this.#expression(address)});`
      : "";
    const misplaced = node.inAtomic ? `if(ac!==0)${this.#fail(index, "atomic-blocks")}` : "";
    return `${misplaced}if(!${this.#condition(node.condition)}){${blocked}return 0}`;
  }

  #emitChoose(index: number, node: Extract<Node, { kind: "choose" }>): string {
    const target = `t${String(node.temp)}`;
    const act = node.inAtomic ? "ac=1;" : "";
    if (node.lo.kind === "constant" && node.hi.kind === "constant" && node.lo.value === node.hi.value) {
      return `${target}=${literal(node.lo.value)};${this.#log(index, "0", target)}${act}`;
    }
    const lo = this.#expression(node.lo);
    const hi = this.#expression(node.hi);
    const check = `if(lo>hi)${this.#fail(index, "arithmetic")}`;
    return `{const lo=${lo},hi=${hi};${check}${target}=lo+pick(hi-lo+1)|0}${this.#log(index, "0", target)}${act}`;
  }

  #emitFlag(index: number, node: Extract<Node, { kind: "use" | "forget" }>): string {
    const flag = this.#context.image.cellFlags[node.cell] ?? null;
    if (flag === null) return "";
    if (node.kind === "forget") return emitWriteSlot(flag, "1");
    return `if(${emitSlot(flag)}!==0)${this.#fail(index, "uninitialised")}`;
  }

  #emitScope(node: Extract<Node, { kind: "enter-scope" | "leave-scope" }>): string {
    const instance = this.#context.image.instances[node.object];
    assert(instance?.live !== undefined && instance.live !== null, "a frame object has a life");
    const flags = instance.cells.map((cell) => this.#flagAt(instance.address + cell.offset));
    const forget = flags.map((flag) => (flag === null ? "" : emitWriteSlot(flag, "1"))).join("");
    return this.#watchScope(instance) + emitWriteSlot(instance.live, node.kind === "enter-scope" ? "1" : "0") + forget;
  }

  /** Writes an access into the log, unless it is surely to the task's own. `address` null: the node's constant one. */
  #watchAccess(node: Extract<Node, { kind: "load" | "store" }>, address: string | null): string {
    if (this.#context.watch === null) return "";
    const begins = node.step !== "never";
    const bits =
      (node.kind === "store" ? logBits.write : 0) |
      (node.plain && begins ? logBits.plain : 0) |
      (begins || (node.inAtomic && node.tag === "data") ? logBits.data : 0);
    if (address !== null) return watchEntry(`a-${String(memoryBase)}`, bits);
    if (node.address.kind !== "constant") return "";
    const offset = node.address.value - memoryBase;
    const { image } = this.#context;
    const instance = image.instances[(image.owners[offset] ?? 0) - 1];
    if (instance?.isShared === false) return "";
    return watchEntry(String(offset), bits);
  }

  #watchTouch(node: Extract<Node, { kind: "begin" }>): string {
    if (this.#context.watch === null || node.touch === null) return "";
    const bits = (node.touch.write ? logBits.write : 0) | logBits.data;
    return watchEntry(`${this.#expression(node.touch.address)}-${String(memoryBase)}`, bits);
  }

  /** Cells without an address that other tasks use as well. */
  #watchCells(node: Node): string {
    const { watch } = this.#context;
    if (watch === null || watch.cells.size === 0) return "";
    let out = "";
    for (const expr of expressionsOf(node)) {
      forEachLeaf(expr, (leaf) => {
        const place = leaf.kind === "cell" ? watch.cells.get(leaf.cell) : undefined;
        if (place !== undefined) out += watchEntry(String(place), 0);
      });
    }
    const written =
      node.kind === "assign" && node.target.kind === "cell" ? watch.cells.get(node.target.cell) : undefined;
    return written === undefined ? out : out + watchEntry(String(written), logBits.write);
  }

  /** The life of a variable that others can reach begins or ends: as a write to all of it. */
  #watchScope(instance: Instance): string {
    if (this.#context.watch === null || !instance.isShared) return "";
    return instance.cells
      .map((cell) => watchEntry(String(instance.address + cell.offset - memoryBase), logBits.write))
      .join("");
  }

  #flagAt(address: number): Slot | null {
    const packed = this.#context.image.flags[address - memoryBase] ?? 0;
    return packed === 0 ? null : unpack(packed);
  }

  /** The cell at a constant address, when it is surely alive: a global, or this task's own variable by name. */
  #staticSlot(node: Extract<Node, { kind: "load" | "store" }>): Slot | null {
    if (node.address.kind !== "constant") return null;
    const { image } = this.#context;
    const offset = node.address.value - memoryBase;
    const packed = image.descriptors[offset] ?? 0;
    const instance = image.instances[(image.owners[offset] ?? 0) - 1];
    if (packed === 0 || instance === undefined || instance.kind === "heap") return null;
    if (((packed >>> 6) & 15) !== cellTags.indexOf(node.tag)) return null;
    return unpack(packed);
  }

  #emitLoad(index: number, node: Extract<Node, { kind: "load" }>): string {
    const slot = this.#staticSlot(node);
    const target = `t${String(node.temp)}`;
    const uninitialised = this.#fail(index, "uninitialised");
    if (slot !== null && node.address.kind === "constant") {
      const flag = this.#flagAt(node.address.value);
      const check = flag === null ? "" : `if(${emitSlot(flag)}!==0)${uninitialised}`;
      const address = literal(node.address.value);
      return `${this.#watchAccess(node, null)}${check}${this.#emitTouch(node, address)}${target}=${emitShape(emitSlot(slot), node.shape, slot.bits)};${this.#log(index, address, target)}`;
    }
    if (node.safe) return this.#emitSafeLoad(index, node);
    const read = "(Y[d>>>15]>>>((d>>>10)&31))&(-1>>>(32-(d&63)))";
    const flags = node.tag === "data" ? `if(raw(a))${uninitialised}` : "";
    return (
      `{const a=${this.#expression(node.address)},d=at(a,${String(cellTags.indexOf(node.tag))});` +
      `${this.#watchAccess(node, "a")}if(d===0){VN=${String(this.#context.nodeBase + index)};return 2}${flags}${this.#emitTouch(node, "a")}` +
      `${target}=${emitShape(`(${read})`, node.shape, 32)};${this.#log(index, "a", target)}}`
    );
  }

  #emitStore(index: number, node: Extract<Node, { kind: "store" }>): string {
    const slot = this.#staticSlot(node);
    const value = this.#expression(node.value);
    if (slot !== null && node.address.kind === "constant") {
      const flag = this.#flagAt(node.address.value);
      const address = literal(node.address.value);
      const written = flag === null ? "" : emitWriteSlot(flag, "0");
      return `${this.#watchAccess(node, null)}${this.#emitTouch(node, address)}${this.#log(index, address, value)}${emitWriteSlot(slot, value)}${written}`;
    }
    if (node.safe) return this.#emitSafeStore(index, node);
    const written = node.tag === "data" ? "written(a);" : "";
    return (
      `{const a=${this.#expression(node.address)},d=at(a,${String(cellTags.indexOf(node.tag))});` +
      `${this.#watchAccess(node, "a")}if(d===0){VN=${String(this.#context.nodeBase + index)};return 2}const v=${value},s=(d>>>10)&31,m=(-1>>>(32-(d&63)))<<s;` +
      `${this.#emitTouch(node, "a")}${this.#log(index, "a", "v")}${this.#vary}Y[d>>>15]=Y[d>>>15]&~m|(v<<s)&m;${written}}`
    );
  }

  /** An element of a variable: its descriptor needs no checks. */
  #emitSafeLoad(index: number, node: Extract<Node, { kind: "load" }>): string {
    const target = `t${String(node.temp)}`;
    const flags = this.#hasFlags ? `if(raw(a))${this.#fail(index, "uninitialised")}` : "";
    const even = this.#evenArray(node);
    if (even !== null) {
      const access = this.#watchAccess(node, "a") + flags + this.#emitTouch(node, "a");
      const read = even.bits === 32 ? `Y[${even.word}]` : `((Y[${even.word}]>>>(${even.shift}))&${literal(even.mask)})`;
      const place = `const a=${this.#expression(node.address)};`;
      return `{${place}${access}${target}=${emitShape(read, node.shape, even.bits)};${this.#log(index, "a", target)}}`;
    }
    const read = "((Y[d>>>15]>>>((d>>>10)&31))&(-1>>>(32-(d&63))))";
    return (
      `{const a=${this.#expression(node.address)},d=D[a-${String(memoryBase)}];${this.#watchAccess(node, "a")}${flags}${this.#emitTouch(node, "a")}` +
      `${target}=${emitShape(read, node.shape, 32)};${this.#log(index, "a", target)}}`
    );
  }

  /**
   * Where the cells of an array lie when they follow each other evenly: all in one word, or a word each. Texts for the
   * address `a`.
   */
  #evenArray(
    node: Extract<Node, { kind: "load" | "store" }>,
  ): { readonly word: string; readonly shift: string; readonly mask: number; readonly bits: number } | null {
    const { image } = this.#context;
    const base = leftmostConstant(node.address);
    const instance = base === null ? undefined : image.instances[(image.owners[base - memoryBase] ?? 0) - 1];
    const [first, second] = instance?.cells ?? [];
    if (instance === undefined || first === undefined || second === undefined || instance.kind !== "global")
      return null;
    const slots = instance.cells.map((cell) =>
      unpack(image.descriptors[instance.address + cell.offset - memoryBase] ?? 0),
    );
    const [start, next] = slots;
    if (start === undefined || next === undefined) return null;
    const stride = second.offset - first.offset;
    const bits = start.bits;
    const place = (slot: Slot): number => slot.word * 32 + slot.shift;
    const step = place(next) - place(start);
    const isEven = instance.cells.every((cell, at) => {
      const slot = slots[at];
      if (slot === undefined || cell.tag !== node.tag || slot.bits !== bits) return false;
      return cell.offset === first.offset + at * stride && place(slot) === place(start) + at * step;
    });
    if (!isEven || step % stride !== 0) return null;
    const from = instance.address + first.offset;
    if (bits === 32) {
      if (step !== 32 || stride !== 4) return null;
      return { word: `${String(start.word)}+((a-${String(from)})>>2)`, shift: "0", mask: -1, bits };
    }
    if (slots.some((slot) => slot.word !== start.word)) return null;
    const shift = `${String(start.shift)}+(a-${String(from)})*${String(step / stride)}`;
    return { word: String(start.word), shift, mask: (1 << bits) - 1, bits };
  }

  #emitSafeStore(index: number, node: Extract<Node, { kind: "store" }>): string {
    const even = this.#evenArray(node);
    if (even !== null) {
      const access = this.#watchAccess(node, "a") + this.#emitTouch(node, "a") + this.#log(index, "a", "v");
      const mask = literal(even.mask);
      const write =
        even.bits === 32
          ? `Y[${even.word}]=v;`
          : `const s=${even.shift};Y[${even.word}]=Y[${even.word}]&~(${mask}<<s)|(v&${mask})<<s;`;
      return `{const a=${this.#expression(node.address)},v=${this.#expression(node.value)};${access}${write}${this.#hasFlags ? "written(a);" : ""}}`;
    }
    return (
      `{const a=${this.#expression(node.address)},d=D[a-${String(memoryBase)}];` +
      `const v=${this.#expression(node.value)},s=(d>>>10)&31,m=(-1>>>(32-(d&63)))<<s;` +
      `${this.#watchAccess(node, "a")}${this.#emitTouch(node, "a")}${this.#log(index, "a", "v")}${this.#vary}Y[d>>>15]=Y[d>>>15]&~m|(v<<s)&m;${this.#hasFlags ? "written(a);" : ""}}`
    );
  }

  /** Before a store through a pointer: the word that it goes to is one that changes. */
  get #vary(): string {
    return this.#context.wide ? "vary(d>>>15);" : "";
  }

  /** Whether any variable in memory can be uninitialised. */
  get #hasFlags(): boolean {
    return this.#context.image.hasFlags;
  }

  /** Tells the race check what an atomic step accesses. */
  #emitTouch(node: Extract<Node, { kind: "load" | "store" }>, address: string): string {
    if (!this.#context.logged || !node.inAtomic || node.tag !== "data") return "";
    return `if(LG)touch(${address},${node.kind === "store" ? "1" : "0"});`;
  }
}

function watchEntry(place: string, bits: number): string {
  return `LOG[ln++]=(${place})<<${String(logBits.shift)}|${String(bits)};`;
}

function unpack(packed: number): Slot {
  return { word: packed >>> 15, shift: (packed >>> 10) & 31, bits: packed & 63 };
}

/** The constant that an address counts from; null when it has none. */
function leftmostConstant(address: Expr): number | null {
  if (address.kind === "constant") return address.value;
  return address.kind === "binary" && address.op === "add" ? leftmostConstant(address.left) : null;
}

function definedTemp(node: Node): number {
  return node.kind === "load" || node.kind === "choose" || node.kind === "allocate" ? node.temp : -1;
}

function isMaybe(node: Node): boolean {
  return (node.kind === "load" || node.kind === "store") && node.step === "maybe";
}
