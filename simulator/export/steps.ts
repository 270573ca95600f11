/**
 * Symbolic execution of one step: every path from where it begins to where the next one does, with the condition under
 * which it is taken, and what it changes, both over the state before the step. Local computation is folded away.
 *
 * Source: King 1976, "Symbolic execution and program testing"; loops without a shared access must have bounds that the
 * path decides, else the step is refused.
 */
import type { StepContext } from "./step-context.ts";
import { beginsStep } from "../program/flow.ts";
import type { Expr, Node, Routine } from "../program/ir.ts";
import type { LimitName } from "../limits.ts";
import type { ViolationClass } from "../explore/classes.ts";
import type { PreparedRoutine } from "../explore/prepare.ts";
import type { Span } from "../source/span.ts";
import { resolveAccess, splitAddress, ownerOf, type Access, type AddressQuery } from "./addresses.ts";
import { allocate, release, leaveSection } from "./heap.ts";
import { leakConditions } from "./leaks.ts";
import { Path, type ReadBefore, type Update } from "./path.ts";
import {
  binaryTerm,
  constantTerm,
  convertTerm,
  notTerm,
  rangeOf,
  selectTerm,
  sizeOf,
  termOne,
  termZero,
  truthTerm,
  unaryTerm,
  type Term,
} from "./term.ts";

export type StepEnd =
  | { readonly kind: "moves"; readonly position: number }
  | { readonly kind: "fails"; readonly violation: ViolationClass; readonly message: string; readonly span: Span }
  | { readonly kind: "limit"; readonly limit: LimitName; readonly span: Span }
  | { readonly kind: "value"; readonly value: Term }
  /** The end of init. */
  | { readonly kind: "done" };

export type StepOutcome = {
  readonly conditions: readonly Term[];
  readonly updates: readonly Update[];
  readonly end: StepEnd;
};

export type Refusal = { readonly span: Span; readonly message: string };

export type StepRequest = {
  readonly part: PreparedRoutine;
  /** Task number; -1 for init and properties. */
  readonly task: number;
  readonly start: number;
  /** Position where the step begins; -1: from the entry, up to the first. */
  readonly position: number;
  readonly before: ReadBefore;
};

/** Paths of one step, and nodes on all of them together. */
const pathsMax = 400;
const visitsMax = 20_000;
/** Parts of one expression. */
const termSizeMax = 2_000;

type Point = { readonly path: Path; readonly index: number; readonly first: boolean };

/** All outcomes of a step, disabled ones left out, or why it cannot be told. */
export function executeStep(context: StepContext, request: StepRequest): readonly StepOutcome[] | Refusal {
  return new StepRun(context, request).run();
}

class StepRun {
  readonly #context: StepContext;
  readonly #request: StepRequest;
  readonly #routine: Routine;
  readonly #outcomes: StepOutcome[] = [];
  readonly #pending: Point[] = [];
  #refusal: Refusal | null = null;

  constructor(context: StepContext, request: StepRequest) {
    this.#context = context;
    this.#request = request;
    this.#routine = request.part.routine;
  }

  run(): readonly StepOutcome[] | Refusal {
    const { start, position } = this.#request;
    const path = new Path({ temps: this.#routine.temps.length, before: this.#request.before });
    if (position >= 0) {
      if (!this.#isNotInterrupted(path)) return [];
      this.#loadHomes(path, position);
    }
    this.#pending.push({ path, index: start, first: position >= 0 });
    let visits = 0;
    for (let point = this.#pending.pop(); point !== undefined; point = this.#pending.pop()) {
      visits += 1;
      if (visits > visitsMax || this.#outcomes.length + this.#pending.length > pathsMax) {
        const span = this.#routine.nodes[start]?.span ?? { file: 0, start: 0, end: 0 };
        return { span, message: "this step has too many paths, or a loop whose bound is not known before it runs" };
      }
      this.#advance(point);
      if (this.#refusal !== null) return this.#refusal;
    }
    return this.#outcomes.reverse();
  }

  /** A task that an irq task has interrupted makes no step. */
  #isNotInterrupted(path: Path): boolean {
    return this.#context.program.victimCells.every((cell) => {
      const victim = this.#context.variables.cells[cell];
      if (victim === undefined) return true;
      return path.assume(binaryTerm("ne", path.read(victim, null), constantTerm(this.#request.task + 1)));
    });
  }

  #loadHomes(path: Path, position: number): void {
    const { part, task } = this.#request;
    for (const temp of part.flow.liveTemps[position] ?? []) {
      const variable = this.#context.variables.homes[task]?.[part.homes.homeOf[temp] ?? -1];
      if (variable !== undefined) path.temps[temp] = this.#request.before(variable, null);
    }
  }

  #advance(point: Point): void {
    const { path, index, first } = point;
    const node = this.#routine.nodes[index];
    if (node === undefined) throw new Error("assert: control stays inside its routine");
    if (!first && this.#request.task >= 0 && beginsStep(node)) {
      const isMaybe = (node.kind === "load" || node.kind === "store") && node.step === "maybe";
      if (!isMaybe) this.#finish(path, index, node);
      else for (const part of this.#ownOrShared(path, node)) this.#stopOrGo(part, index, node);
      return;
    }
    this.#execute(path, index, node);
  }

  #stopOrGo(part: { readonly path: Path; readonly own: boolean }, index: number, node: Node): void {
    if (part.own) this.#execute(part.path, index, node);
    else this.#finish(part.path, index, node);
  }

  #go(path: Path, index: number): void {
    this.#pending.push({ path, index, first: false });
  }

  /** Goes on where the condition holds; answers the path on which it does not, or null. */
  #part(path: Path, condition: Term): { readonly holds: Path | null; readonly fails: Path | null } {
    const fails = new Path(path);
    const failing = fails.assume(notTerm(condition));
    return { holds: path.assume(condition) ? path : null, fails: failing ? fails : null };
  }

  #emit(path: Path, end: StepEnd): void {
    const updates = path.updates();
    const terms = [
      ...path.conditions,
      ...updates.flatMap(({ value, index }) => (index === null ? [value] : [value, index])),
    ];
    if (terms.some((term) => sizeOf(term) > termSizeMax)) {
      const span = this.#routine.nodes[this.#request.start]?.span ?? { file: 0, start: 0, end: 0 };
      this.#refusal ??= { span, message: "this step computes an expression too long to be written out" };
    }
    this.#outcomes.push({ conditions: path.conditions, updates, end });
  }

  #fail(path: Path, node: Node, failure: { readonly violation: ViolationClass; readonly message: string }): void {
    this.#emit(path, { kind: "fails", ...failure, span: node.span });
  }

  #finish(path: Path, index: number, node: Node): void {
    const { part, task } = this.#request;
    if (node.kind === "end") {
      for (const leak of leakConditions(this.#context, task, (variable, at) => path.read(variable, at))) {
        const leaking = new Path(path);
        if (leaking.assume(leak.held))
          this.#fail(leaking, node, { violation: "lock-leak", message: `ends holding ${leak.name}` });
        if (!path.assume(notTerm(leak.held))) return;
      }
    }
    const position = part.flow.positionOf[index] ?? -1;
    const homes = this.#context.variables.homes[task] ?? [];
    const live = part.flow.liveTemps[position] ?? [];
    const before = (part.flow.liveTemps[this.#request.position] ?? []).map((temp) => part.homes.homeOf[temp]);
    homes.forEach((home, number) => {
      const temp = live.find((candidate) => part.homes.homeOf[candidate] === number);
      if (temp === undefined && !before.includes(number)) return;
      path.write(home, null, temp === undefined ? termZero : (path.temps[temp] ?? termZero));
    });
    this.#emit(path, { kind: "moves", position });
  }

  /** Whether the address is this task's own private frame: then no step begins. */
  #ownOrShared(
    path: Path,
    node: Extract<Node, { kind: "load" | "store" }>,
  ): readonly { readonly path: Path; readonly own: boolean }[] {
    const query = this.#query(path, node);
    const address = path.simplify(query.address);
    const isOwn = (value: number): boolean => {
      const object = this.#context.program.objects[ownerOf(this.#context.variables, value)];
      return object?.storage === "frame" && !object.shared && object.task === this.#request.task;
    };
    if (address.kind === "constant") return [{ path, own: isOwn(address.value) }];
    const parts = splitAddress(path, { ...query, address });
    if (parts === null) {
      this.#refuse(node, "this pointer can refer to too many variables");
      return [];
    }
    return parts.map((part) => ({ path: part.path, own: part.address !== null && isOwn(part.address) }));
  }

  #refuse(node: Node, message: string): void {
    this.#refusal ??= { span: node.span, message };
  }

  #query(path: Path, node: Extract<Node, { kind: "load" | "store" }>): AddressQuery {
    return {
      variables: this.#context.variables,
      address: this.#value(path, node.address),
      tag: node.tag,
      safe: node.safe,
      candidates: this.#context.candidates.of(this.#routine, node.address),
      task: this.#request.task,
    };
  }

  #value(path: Path, expr: Expr): Term {
    switch (expr.kind) {
      case "constant":
        return constantTerm(expr.value);
      case "temp":
        return path.simplify(path.temps[expr.temp] ?? termZero);
      case "cell": {
        const variable = this.#context.variables.cells[expr.cell];
        if (variable === undefined) throw new Error("assert: each cell has a variable");
        return path.read(variable, null);
      }
      case "unary":
        return path.simplify(unaryTerm(expr.op, this.#value(path, expr.operand)));
      case "convert":
        return convertTerm(this.#value(path, expr.operand), expr.shape);
      case "binary":
        return path.simplify(binaryTerm(expr.op, this.#value(path, expr.left), this.#value(path, expr.right)));
      case "select": {
        const condition = truthTerm(this.#value(path, expr.condition));
        if (condition.kind === "constant") return this.#value(path, condition.value === 0 ? expr.otherwise : expr.then);
        return selectTerm(condition, this.#value(path, expr.then), this.#value(path, expr.otherwise));
      }
    }
  }

  /** 1 or 0; decided where every value that the expression can ever have is. */
  #condition(path: Path, expr: Expr): Term {
    const values = this.#context.candidates.of(this.#routine, expr) ?? [];
    if (values.length > 0 && !values.includes(0)) return termOne;
    if (values.length === 1) return termZero;
    return path.simplify(truthTerm(this.#value(path, expr)));
  }

  #execute(path: Path, index: number, node: Node): void {
    switch (node.kind) {
      case "jump":
        this.#go(path, node.to);
        return;
      case "branch": {
        const { holds, fails } = this.#part(path, this.#condition(path, node.condition));
        if (fails !== null) this.#go(fails, node.otherwise);
        if (holds !== null) this.#go(holds, node.then);
        return;
      }
      case "guard":
      case "check":
      case "limit":
        this.#require(path, index, node);
        return;
      case "load":
      case "store":
        this.#access(path, index, node);
        return;
      case "choose":
        this.#choose(path, index, node);
        return;
      case "allocate":
      case "free":
      case "rcu-leave":
        this.#heap(path, index, node);
        return;
      case "use":
      case "forget":
        this.#flag(path, index, node);
        return;
      case "result":
        this.#emit(path, { kind: "value", value: this.#condition(path, node.value) });
        return;
      case "end":
        this.#emit(path, { kind: "done" });
        return;
      case "request":
      case "touch":
        throw new Error("assert: requests belong to timed code");
      case "assign":
      case "enter-scope":
      case "leave-scope":
      case "begin":
      case "note":
        this.#effect(path, node);
        this.#go(path, index + 1);
        return;
    }
  }

  #effect(
    path: Path,
    node: Extract<Node, { kind: "assign" | "enter-scope" | "leave-scope" | "begin" | "note" }>,
  ): void {
    const { variables } = this.#context;
    if (node.kind === "assign" && node.target.kind === "temp") {
      path.temps[node.target.temp] = this.#value(path, node.value);
    } else if (node.kind === "assign" && node.target.kind === "cell") {
      const variable = variables.cells[node.target.cell];
      const flag = variables.cellFlags[node.target.cell] ?? null;
      if (variable !== undefined) path.write(variable, null, this.#value(path, node.value));
      if (flag !== null) path.write(flag, null, termZero);
      path.acted ||= node.inAtomic;
    } else if (node.kind === "enter-scope" || node.kind === "leave-scope") {
      const live = variables.live[node.object] ?? null;
      if (live !== null) path.write(live, null, node.kind === "enter-scope" ? termOne : termZero);
      for (const cell of variables.cellsOf(node.object)) {
        if (cell.flag === null) continue;
        path.write(cell.flag.variable, cell.flag.index === null ? null : constantTerm(cell.flag.index), termOne);
      }
      path.acted ||= node.inAtomic;
    }
  }

  #require(path: Path, index: number, node: Extract<Node, { kind: "guard" | "check" | "limit" }>): void {
    if (node.kind === "guard" && node.inAtomic && path.acted) {
      this.#fail(path, node, { violation: "atomic-blocks", message: "an atomic block may have to wait in its middle" });
      return;
    }
    const condition = this.#condition(path, node.kind === "limit" ? node.unless : node.condition);
    const { holds, fails } = this.#part(path, condition);
    if (holds !== null) this.#go(holds, index + 1);
    if (fails === null) return;
    if (node.kind === "check")
      this.#fail(fails, node, { violation: node.violation.class, message: node.violation.message });
    if (node.kind === "limit") this.#emit(fails, { kind: "limit", limit: node.limit, span: node.span });
  }

  #access(path: Path, index: number, node: Extract<Node, { kind: "load" | "store" }>): void {
    const accesses = resolveAccess(path, this.#query(path, node));
    if (accesses === null) {
      this.#refuse(node, "this pointer can refer to too many variables");
      return;
    }
    for (const access of accesses) {
      if (access.kind === "fails") this.#fail(access.path, node, { violation: access.violation, message: "" });
      else if (node.kind === "load") this.#load(access, index, node);
      else {
        this.#store(access, node);
        this.#go(access.path, index + 1);
      }
    }
  }

  #load(access: Extract<Access, { kind: "cell" }>, index: number, node: Extract<Node, { kind: "load" }>): void {
    const { target } = access;
    let path: Path | null = access.path;
    if (target.flag !== null && node.tag === "data") {
      const parts = this.#part(path, notTerm(path.read(target.flag, target.index)));
      if (parts.fails !== null) this.#fail(parts.fails, node, { violation: "uninitialised", message: "" });
      path = parts.holds;
    }
    if (path === null) return;
    path.temps[node.temp] = convertTerm(path.read(target.variable, target.index), node.shape);
    this.#go(path, index + 1);
  }

  #store(access: Extract<Access, { kind: "cell" }>, node: Extract<Node, { kind: "store" }>): void {
    const { path, target } = access;
    const value = this.#value(path, node.value);
    path.write(target.variable, target.index, value);
    if (target.flag !== null && node.tag === "data") path.write(target.flag, target.index, termZero);
    path.acted ||= node.inAtomic;
  }

  #flag(path: Path, index: number, node: Extract<Node, { kind: "use" | "forget" }>): void {
    const flag = this.#context.variables.cellFlags[node.cell] ?? null;
    if (flag === null) {
      this.#go(path, index + 1);
      return;
    }
    if (node.kind === "forget") {
      path.write(flag, null, termOne);
      this.#go(path, index + 1);
      return;
    }
    const { holds, fails } = this.#part(path, notTerm(path.read(flag, null)));
    if (fails !== null) this.#fail(fails, node, { violation: "uninitialised", message: "" });
    if (holds !== null) this.#go(holds, index + 1);
  }

  #choose(path: Path, index: number, node: Extract<Node, { kind: "choose" }>): void {
    const lo = this.#value(path, node.lo);
    const hi = this.#value(path, node.hi);
    const from = Math.max(rangeOf(lo).lo, ...this.#extremes(node.lo, Math.min));
    const to = Math.min(rangeOf(hi).hi, ...this.#extremes(node.hi, Math.max));
    const empty = new Path(path);
    if (empty.assume(binaryTerm("lt", hi, lo)))
      this.#fail(empty, node, { violation: "arithmetic", message: "choose from an empty range" });
    if (to - from >= pathsMax) {
      this.#refuse(node, "choose with bounds that are not known here");
      return;
    }
    for (let value = to; value >= from; value -= 1) {
      const chosen = new Path(path);
      if (!chosen.assume(binaryTerm("le", lo, constantTerm(value)))) continue;
      if (!chosen.assume(binaryTerm("le", constantTerm(value), hi))) continue;
      chosen.temps[node.temp] = constantTerm(value);
      chosen.acted ||= node.inAtomic;
      this.#go(chosen, index + 1);
    }
  }

  /** The least or greatest value that an expression can ever have, if the values are known. */
  #extremes(expr: Expr, extreme: (...values: number[]) => number): readonly number[] {
    const values = this.#context.candidates.of(this.#routine, expr);
    return values === null || values.length === 0 ? [] : [extreme(...values)];
  }

  #heap(path: Path, index: number, node: Extract<Node, { kind: "allocate" | "free" | "rcu-leave" }>): void {
    if (node.kind === "rcu-leave") {
      leaveSection(this.#context, path, this.#request.task);
      this.#go(path, index + 1);
      return;
    }
    const outcomes =
      node.kind === "allocate"
        ? allocate(this.#context, path, { pool: node.pool, zeroed: node.zeroed })
        : this.#release(path, node);
    if (outcomes === null) {
      this.#refuse(node, "this pointer can refer to too many objects");
      return;
    }
    for (const outcome of outcomes) {
      if (outcome.kind === "fails") this.#fail(outcome.path, node, { ...outcome, message: "" });
      else if (outcome.kind === "exhausted")
        this.#emit(outcome.path, { kind: "limit", limit: "objects", span: node.span });
      else {
        if (node.kind === "allocate") outcome.path.temps[node.temp] = constantTerm(outcome.address);
        outcome.path.acted ||= node.inAtomic;
        this.#go(outcome.path, index + 1);
      }
    }
  }

  #release(path: Path, node: Extract<Node, { kind: "free" }>): ReturnType<typeof release> {
    return release(this.#context, path, {
      address: this.#value(path, node.address),
      pool: node.pool,
      candidates: this.#context.candidates.of(this.#routine, node.address),
    });
  }
}
