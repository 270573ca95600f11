/** Walks over flow graphs for the naive explorer: slow, obvious, and not the real one's data flow. */
/* eslint-disable @typescript-eslint/no-non-null-assertion -- test code: an index that misses should throw */
import type { Node, Program, Routine } from "../program/ir.ts";

function nextNodes(routine: Routine, index: number): readonly number[] {
  const node = routine.nodes[index]!;
  if (node.kind === "jump") return [node.to];
  if (node.kind === "branch") return [node.then, node.otherwise];
  return node.kind === "end" || node.kind === "result" ? [] : [index + 1];
}

function walk(routine: Routine, start: number, passes: (index: number) => boolean): Set<number> {
  const seen = new Set<number>();
  const pending = [start];
  for (let index = pending.pop(); index !== undefined; index = pending.pop()) {
    if (seen.has(index)) continue;
    seen.add(index);
    if (passes(index)) pending.push(...nextNodes(routine, index));
  }
  return seen;
}

export function reachable(routine: Routine, entry: number): Set<number> {
  return walk(routine, entry, () => true);
}

/** Whether some path from a node asks for a cell before it assigns it. */
export function readsFirst(routine: Routine, start: number, cell: number): boolean {
  const seen = walk(routine, start, (index) => {
    const node = routine.nodes[index]!;
    return !(node.kind === "assign" && node.target.kind === "cell" && node.target.cell === cell);
  });
  return [...seen].some((index) => {
    const node = routine.nodes[index]!;
    return node.kind === "use" && node.cell === cell;
  });
}

/** Nodes from which some path reads a temporary before it sets it: those that read it, and back from them to where it is set. */
export function whereTempIsNeeded(routine: Routine, temp: number): Set<number> {
  const sets = (node: Node): boolean =>
    (node.kind === "assign" && node.target.kind === "temp" && node.target.temp === temp) ||
    ((node.kind === "load" || node.kind === "choose" || node.kind === "allocate") && node.temp === temp);
  const needed = new Set<number>();
  const before: number[][] = routine.nodes.map(() => []);
  routine.nodes.forEach((_, index) => {
    for (const next of nextNodes(routine, index)) before[next]?.push(index);
    if (readTemps(routine)[index]!.includes(`{"kind":"temp","temp":${String(temp)}}`)) needed.add(index);
  });
  for (const index of needed) for (const from of before[index]!) if (!sets(routine.nodes[from]!)) needed.add(from);
  return needed;
}

const readTempsOf = new WeakMap<Routine, readonly string[]>();

/** Each node as text, without what it sets. */
function readTemps(routine: Routine): readonly string[] {
  const known = readTempsOf.get(routine);
  if (known !== undefined) return known;
  const texts = routine.nodes.map((node) =>
    JSON.stringify(node, (key, value: unknown) => (key === "target" || key === "span" ? undefined : value)),
  );
  readTempsOf.set(routine, texts);
  return texts;
}

export function firstStops(routine: Routine, start: number): Set<number> {
  const stops = (node: Node): boolean =>
    ((node.kind === "load" || node.kind === "store") && node.step !== "never") ||
    node.kind === "begin" ||
    node.kind === "end" ||
    (node.kind === "choose" && node.step);
  const seen = walk(routine, start, (index) => !stops(routine.nodes[index]!));
  return new Set([...seen].filter((index) => stops(routine.nodes[index]!)));
}

/** Whether an atomic block waits before it acts. */
export function awaitsFirst(routine: Routine, start: number): boolean {
  const rest = routine.nodes.slice(start + 1);
  const guard = rest.findIndex((node) => node.kind === "guard");
  const stop = rest.findIndex(
    (node) => !node.inAtomic || node.kind === "store" || (node.kind === "assign" && node.target.kind === "cell"),
  );
  return guard >= 0 && (stop < 0 || guard < stop);
}

/** Cells that a path from the entry, or from a forget, reads before it writes. Found by walking, one cell at a time. */
export function askedBeforeWritten(program: Program): ReadonlySet<number> {
  const found = new Set<number>();
  const others = [...program.inits, ...program.properties].map((routine) => ({ routine, entry: 0 }));
  const tasks = program.tasks.map((task) => ({ routine: task, entry: task.entry }));
  for (const { routine, entry } of [...tasks, ...others]) {
    const asked = new Set(routine.nodes.flatMap((node) => (node.kind === "use" ? [node.cell] : [])));
    const reach = reachable(routine, entry);
    for (const cell of asked) {
      const starts = [
        entry,
        ...routine.nodes.flatMap((node, index) =>
          node.kind === "forget" && node.cell === cell && reach.has(index) ? [index + 1] : [],
        ),
      ];
      if (starts.some((start) => readsFirst(routine, start, cell))) found.add(cell);
    }
  }
  return found;
}
