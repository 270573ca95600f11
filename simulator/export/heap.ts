/** Pools in the exported model: a slot is a set of variables, so taking and giving back tell slots apart by cases. */
import type { ViolationClass } from "../explore/classes.ts";
import { ownerOf } from "./addresses.ts";
import { Path } from "./path.ts";
import type { StepContext } from "./step-context.ts";
import { binaryTerm, constantTerm, notTerm, termOne, termZero, truthTerm, type Term, type Variable } from "./term.ts";
import type { Located } from "./variables.ts";

export type HeapOutcome =
  | { readonly kind: "done"; readonly path: Path; readonly address: number }
  | { readonly kind: "fails"; readonly path: Path; readonly violation: ViolationClass }
  /** The pool of the model is too small. */
  | { readonly kind: "exhausted"; readonly path: Path };

function indexOf(index: number | null): Term | null {
  return index === null ? null : constantTerm(index);
}

/** Takes an object: for kmalloc the first slot that is free and to which no stale pointer is left; for a cache the last freed. */
export function allocate(
  context: StepContext,
  path: Path,
  request: { readonly pool: number; readonly zeroed: boolean },
): readonly HeapOutcome[] {
  const stack = context.variables.stacks[request.pool] ?? null;
  return stack === null ? allocateFresh(context, path, request) : allocateCached(context, path, { ...request, stack });
}

function allocateFresh(
  context: StepContext,
  path: Path,
  request: { readonly pool: number; readonly zeroed: boolean },
): readonly HeapOutcome[] {
  const outcomes: HeapOutcome[] = [];
  for (const instance of context.prepared.image.pools[request.pool]?.instances ?? []) {
    const live = context.variables.live[instance] ?? null;
    const placed = context.variables.instances[instance];
    if (live === null || placed === undefined) continue;
    // As the explorer's rule: a pointer beside the object, where container_of leads, counts as one of it.
    const reachBytes = context.prepared.image.heapReachBytes;
    const [first, end] = [placed.address - reachBytes, placed.address + placed.size + reachBytes];
    const stale = context.candidates.holders(first, end).map((holder) => {
      const value = path.read(holder.variable, indexOf(holder.index));
      const from = binaryTerm("le", constantTerm(first), value);
      return binaryTerm("and", from, binaryTerm("lt", value, constantTerm(end)));
    });
    const taken = stale.reduce((sum, one) => binaryTerm("or", sum, one), path.read(live, null));
    const fresh = new Path(path);
    if (fresh.assume(notTerm(taken))) {
      revive(context, fresh, { instance, zeroed: request.zeroed });
      outcomes.push({ kind: "done", path: fresh, address: placed.address });
    }
    if (!path.assume(taken)) return outcomes;
  }
  outcomes.push({ kind: "exhausted", path });
  return outcomes;
}

function revive(
  context: StepContext,
  path: Path,
  object: { readonly instance: number; readonly zeroed: boolean },
): void {
  const live = context.variables.live[object.instance] ?? null;
  if (live !== null) path.write(live, null, termOne);
  for (const cell of context.variables.cellsOf(object.instance)) {
    if (object.zeroed) writeCell(path, cell, termZero);
    if (cell.flag !== null)
      path.write(cell.flag.variable, indexOf(cell.flag.index), object.zeroed ? termZero : termOne);
  }
}

function writeCell(path: Path, cell: Located, value: Term): void {
  path.write(cell.place.variable, indexOf(cell.place.index), value);
}

type Stack = { readonly count: Variable; readonly entries: readonly Variable[] };

function allocateCached(
  context: StepContext,
  path: Path,
  request: { readonly pool: number; readonly zeroed: boolean; readonly stack: Stack },
): readonly HeapOutcome[] {
  const { stack } = request;
  const instances = context.prepared.image.pools[request.pool]?.instances ?? [];
  const outcomes: HeapOutcome[] = [];
  const empty = new Path(path);
  if (empty.assume(binaryTerm("eq", empty.read(stack.count, null), termZero)))
    outcomes.push({ kind: "done", path: empty, address: 0 });
  stack.entries.forEach((entry, at) => {
    instances.forEach((instance, slot) => {
      const taken = new Path(path);
      if (!taken.assume(binaryTerm("eq", taken.read(stack.count, null), constantTerm(at + 1)))) return;
      if (!taken.assume(binaryTerm("eq", taken.read(entry, null), constantTerm(slot)))) return;
      taken.write(entry, null, termZero);
      taken.write(stack.count, null, constantTerm(at));
      const { live, readers, instances: placed } = context.variables;
      const alive = live[instance] ?? null;
      const guarded = readers[instance] ?? null;
      if (alive !== null) taken.write(alive, null, termOne);
      if (guarded !== null) taken.write(guarded, null, termZero);
      if (request.zeroed) revive(context, taken, { instance, zeroed: true });
      outcomes.push({ kind: "done", path: taken, address: placed[instance]?.address ?? 0 });
    });
  });
  return outcomes;
}

/** Gives an object back; null when the address could be too many things. */
export function release(
  context: StepContext,
  path: Path,
  request: { readonly address: Term; readonly pool: number; readonly candidates: readonly number[] | null },
): readonly HeapOutcome[] | null {
  const address = path.simplify(request.address);
  if (address.kind === "constant") return releaseAt(context, path, { address: address.value, pool: request.pool });
  if (request.candidates === null) return null;
  return request.candidates.flatMap((value) => {
    const there = new Path(path);
    if (!there.assume(binaryTerm("eq", address, constantTerm(value)))) return [];
    return releaseAt(context, there, { address: value, pool: request.pool });
  });
}

function releaseAt(
  context: StepContext,
  path: Path,
  request: { readonly address: number; readonly pool: number },
): readonly HeapOutcome[] {
  const { variables, prepared } = context;
  const { address } = request;
  if (address === 0) return [{ kind: "done", path, address }];
  const number = ownerOf(variables, address);
  const instance = variables.instances[number];
  const live = variables.live[number] ?? null;
  const bad: readonly HeapOutcome[] = [{ kind: "fails", path, violation: "bad-free" }];
  if (instance === undefined || live === null || instance.kind !== "heap" || instance.address !== address) return bad;
  const isCache = (variables.stacks[instance.pool] ?? null) !== null;
  if (request.pool >= 0 ? instance.pool !== request.pool : isCache) return bad;
  const outcomes: HeapOutcome[] = [];
  const dead = new Path(path);
  if (dead.assume(notTerm(dead.read(live, null))))
    outcomes.push({ kind: "fails", path: dead, violation: "double-free" });
  if (!path.assume(path.read(live, null))) return outcomes;
  const cells = variables.cellsOf(number);
  const typesafe = variables.readers[number] ?? null;
  if (typesafe === null) {
    for (const cell of cells) {
      if (["data", "atomic", "refcount"].includes(cell.row.tag)) continue;
      const held = truthTerm(path.read(cell.place.variable, indexOf(cell.place.index)));
      const locked = new Path(path);
      if (locked.assume(held)) outcomes.push({ kind: "fails", path: locked, violation: "lock-freed" });
      if (!path.assume(notTerm(held))) return outcomes;
    }
  }
  path.write(live, null, termZero);
  if (typesafe !== null) path.write(typesafe, null, sectionsOpen(context, path));
  if (!isCache) {
    for (const cell of cells) {
      writeCell(path, cell, termZero);
      if (cell.flag !== null) path.write(cell.flag.variable, indexOf(cell.flag.index), termZero);
    }
    return [...outcomes, { kind: "done", path, address }];
  }
  const slot = prepared.image.pools[instance.pool]?.instances.indexOf(number) ?? 0;
  return [...outcomes, ...push(context, path, { pool: instance.pool, slot, address })];
}

function sectionsOpen(context: StepContext, path: Path): Term {
  return context.program.rcuNesting.reduce<Term>((sum, cell, task) => {
    const nesting = context.variables.cells[cell];
    if (nesting === undefined) return sum;
    const open = truthTerm(path.read(nesting, null));
    return binaryTerm("or", sum, binaryTerm("shl", open, constantTerm(task)));
  }, termZero);
}

/** The slot goes on top of its cache's free slots. */
function push(
  context: StepContext,
  path: Path,
  freed: { readonly pool: number; readonly slot: number; readonly address: number },
): readonly HeapOutcome[] {
  const stack = context.variables.stacks[freed.pool] ?? null;
  if (stack === null) return [];
  return stack.entries.flatMap((entry, at) => {
    const there = new Path(path);
    if (!there.assume(binaryTerm("eq", there.read(stack.count, null), constantTerm(at)))) return [];
    there.write(entry, null, constantTerm(freed.slot));
    there.write(stack.count, null, constantTerm(at + 1));
    return [{ kind: "done", path: there, address: freed.address } as const];
  });
}

/** The task leaves its outermost read section: whatever waited for it, waits no more. */
export function leaveSection(context: StepContext, path: Path, task: number): void {
  const keep = constantTerm(~(1 << task));
  for (const cell of context.program.rcuMasks) {
    const mask = context.variables.cells[cell];
    if (mask !== undefined) path.write(mask, null, binaryTerm("and", path.read(mask, null), keep));
  }
  for (const mask of context.variables.readers)
    if (mask !== null) path.write(mask, null, binaryTerm("and", path.read(mask, null), keep));
}
