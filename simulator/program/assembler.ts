/**
 * Writes flow graphs: nodes one after another, labels for what comes later. Knows the modes in which the language runs
 * statements (step by step, inside atomic, silently) so that lowering need not think of it at each access.
 */
import type { RequestKind } from "../des/timed-code.ts";
import { assert } from "../source/assert.ts";
import type { Span } from "../source/span.ts";
import { binary, constant, isNonZero, temp } from "./expressions.ts";
import { forEachLeaf } from "./flow.ts";
import type { CellTag, Expr, Label, Node, NodeBody, Routine, ScalarShape, StepRule, Touch, Violation } from "./ir.ts";

/**
 * "steps": each shared access begins a step. "atomic": inside one step of the user's wish. "silent": init, properties,
 * ghosts and the insides of primitives, where nothing is a step, a race or out of place.
 */
export type Mode = "steps" | "atomic" | "silent";

/** How a variable is accessed: whether it can begin a step, can race, and surely hits a live cell. */
export type DataAccess = {
  readonly step: boolean;
  readonly plain: boolean;
  readonly safe: boolean;
  /** Of a count that is copied with the struct around it; variables if not said. */
  readonly tag?: CellTag;
};

/** What timed code numbers as it is written. */
export type TimedSites = {
  readonly site: (kind: RequestKind, spelling: string, span: Span) => number;
};

/** A place in the code that may not be known yet. */
export type CodeLabel = { index: number };

export const word: ScalarShape = { bits: 32, signed: true };

/** Operands of an expression that is computed again rather than kept. */
const heldLeavesMax = 2;

function leavesOf(value: Expr): number {
  let count = 0;
  forEachLeaf(value, () => {
    count += 1;
  });
  return count;
}

export class Assembler {
  readonly #nodes: Node[] = [];
  readonly #temps: ScalarShape[] = [];
  readonly #patches: { readonly node: number; readonly then: CodeLabel; readonly otherwise: CodeLabel | null }[] = [];
  /** Node just emitted that nothing may be assumed about: set at labels. */
  mode: Mode = "steps";
  span: Span;
  /** Not null in timed code. */
  readonly timed: TimedSites | null;
  /** In timed code: where the atomic block, await or primitive under way began. */
  #stepStart: CodeLabel | null = null;

  constructor(span: Span, timed: TimedSites | null = null) {
    this.span = span;
    this.timed = timed;
  }

  get length(): number {
    return this.#nodes.length;
  }

  newTemp(shape: ScalarShape): number {
    this.#temps.push(shape);
    return this.#temps.length - 1;
  }

  newLabel(): CodeLabel {
    return { index: -1 };
  }

  place(label: CodeLabel): void {
    assert(label.index === -1, "a label is placed once");
    label.index = this.#nodes.length;
  }

  emit(given: NodeBody): number {
    const body =
      given.kind === "choose" && this.timed !== null
        ? { ...given, site: this.timed.site("choose", "choose", this.span) }
        : given;
    this.#nodes.push({ ...body, span: this.span, inAtomic: this.mode === "atomic" });
    return this.#nodes.length - 1;
  }

  jump(to: CodeLabel): void {
    this.#patches.push({ node: this.emit({ kind: "jump", to: -1 }), then: to, otherwise: null });
  }

  /** `site`: the condition as the source has it. */
  branch(condition: Expr, then: CodeLabel, otherwise: CodeLabel, site: Span | null = null): void {
    if (condition.kind === "constant") {
      this.jump(condition.value !== 0 ? then : otherwise);
      return;
    }
    const node = this.emit({ kind: "branch", condition, then: -1, otherwise: -1, site });
    this.#patches.push({ node, then, otherwise });
  }

  /** A step begins here, unless this is inside one already. */
  begin(label: Label, options: { readonly assumed?: boolean; readonly touch?: Touch | null } = {}): void {
    if (this.mode !== "steps") return;
    if (this.timed !== null) {
      this.#stepStart = this.newLabel();
      this.place(this.#stepStart);
    }
    this.emit({ kind: "begin", label, assumed: options.assumed ?? false, touch: options.touch ?? null });
  }

  /** The first step that begins at a node from `start` on and stands at that place; -1 if none does. */
  firstBegin(start: number, span: Span): number {
    const found = this.#nodes.slice(start).findIndex((node) => node.kind === "begin" && node.span === span);
    return found < 0 ? -1 : start + found;
  }

  guard(condition: Expr, waitsFor: Label, options: { readonly sleeps: boolean }): void {
    if (this.timed !== null) {
      this.#guardInTime(condition, { waitsFor, sleeps: options.sleeps, timed: this.timed });
      return;
    }
    this.emit({ kind: "guard", condition, waitsFor, sleeps: options.sleeps });
  }

  /** Asks the engine to wait, then goes back to where the step began: an await, or a spin loop. */
  #guardInTime(
    condition: Expr,
    how: { readonly waitsFor: Label; readonly sleeps: boolean; readonly timed: TimedSites },
  ): void {
    const start = this.#stepStart;
    if (this.mode === "silent" || start === null) {
      const message = `init waits for ${how.waitsFor.text}, and nobody runs who could bring it`;
      this.check(condition, { class: "deadlock", message });
      return;
    }
    this.mayBlockHere(how.waitsFor);
    const go = this.newLabel();
    const wait = this.newLabel();
    this.branch(condition, go, wait);
    this.place(wait);
    this.waitAndRepeat({ kind: how.sleeps ? "await" : "pause", spelling: how.waitsFor.text });
    this.place(go);
  }

  /** In timed code: what may have to wait stands here, so an atomic block must not have acted yet (class atomic-blocks). */
  mayBlockHere(waitsFor: Label): void {
    if (this.mode === "atomic") this.emit({ kind: "guard", condition: constant(1), waitsFor, sleeps: true });
  }

  /** In timed code: stops, and begins the step under way again when it is resumed. */
  waitAndRepeat(as: { readonly kind: "await" | "pause"; readonly spelling: string }): void {
    assert(this.timed !== null, "only timed code waits so");
    assert(this.#stepStart !== null, "what waits stands in a step");
    const site = this.timed.site(as.kind, as.spelling, this.span);
    this.emit({ kind: "request", site, args: [], time: null, temp: -1, atOnce: false });
    this.jump(this.#stepStart);
  }

  check(condition: Expr, violation: Violation): void {
    if (condition.kind === "constant" && condition.value !== 0) return;
    this.emit({ kind: "check", condition, violation });
  }

  assignCell(cell: number, value: Expr): void {
    this.emit({ kind: "assign", target: { kind: "cell", cell }, value });
  }

  assignTemp(id: number, value: Expr): void {
    this.emit({ kind: "assign", target: { kind: "temp", temp: id }, value });
  }

  /** Keeps a value that later effects must not change. */
  keep(value: Expr, shape: ScalarShape = word): Expr {
    if (value.kind === "constant" || value.kind === "temp") return value;
    const id = this.newTemp(shape);
    this.assignTemp(id, value);
    return temp(id);
  }

  /**
   * Keeps a value like `keep`, unless it is a short expression of this task's own cells: then it can be computed again,
   * as long as nothing writes those cells before it is used.
   */
  hold(value: Expr, shape: ScalarShape = word): Expr {
    return leavesOf(value) <= heldLeavesMax ? value : this.keep(value, shape);
  }

  /** An access to a program's variable, a step of its own where the mode says so. */
  loadData(address: Expr, shape: ScalarShape, access: DataAccess): Expr {
    const id = this.newTemp(shape);
    const plain = access.plain && this.mode === "steps";
    const step = this.#stepRule(access.step);
    this.emit({ kind: "load", temp: id, address, shape, tag: access.tag ?? "data", step, plain, safe: access.safe });
    return temp(id);
  }

  storeData(address: Expr, value: Expr, access: DataAccess & { readonly shape: ScalarShape }): void {
    const plain = access.plain && this.mode === "steps";
    const step = this.#stepRule(access.step);
    const { shape, safe, tag = "data" } = access;
    this.emit({ kind: "store", address, value, shape, tag, step, plain, safe });
  }

  #stepRule(step: boolean): StepRule {
    return step && this.mode === "steps" ? "always" : "never";
  }

  /** Reads a word inside a primitive: never a step. */
  loadSilently(address: Expr, shape: ScalarShape, tag: CellTag): Expr {
    const id = this.newTemp(shape);
    this.emit({ kind: "load", temp: id, address, shape, tag, step: "never", plain: false, safe: false });
    return temp(id);
  }

  storeSilently(address: Expr, value: Expr, target: { readonly shape: ScalarShape; readonly tag: CellTag }): void {
    this.emit({
      kind: "store",
      address,
      value,
      shape: target.shape,
      tag: target.tag,
      step: "never",
      plain: false,
      safe: false,
    });
  }

  /** 1 or 0 for a condition of any value. */
  truth(value: Expr): Expr {
    return isNonZero(value);
  }

  offset(address: Expr, bytes: number): Expr {
    return binary("add", address, constant(bytes));
  }

  /** `truncated`: lowering stopped at a bound, so labels may be missing and the graph will not be run. */
  finish(options: { readonly truncated?: boolean } = {}): Routine {
    const target = (label: CodeLabel): number => {
      assert(label.index >= 0 || options.truncated === true, "each label is placed before the end");
      return Math.max(0, label.index);
    };
    for (const patch of this.#patches) {
      const node = this.#nodes[patch.node];
      if (node?.kind === "jump") this.#nodes[patch.node] = { ...node, to: target(patch.then) };
      if (node?.kind === "branch" && patch.otherwise !== null) {
        this.#nodes[patch.node] = { ...node, then: target(patch.then), otherwise: target(patch.otherwise) };
      }
    }
    return { nodes: this.#nodes, temps: this.#temps };
  }
}
