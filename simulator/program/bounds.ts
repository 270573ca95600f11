/**
 * The bounds of lowering: what expansion may grow to. They are asked for while it grows, so that a program of ten lines
 * that stands for millions of cells or steps is refused as fast as any other.
 */
import { modelSize } from "../lang/check/layout.ts";
import type { TypedUnit, VariableSymbol } from "../lang/tree.ts";
import { memoryImageBytesMax, nodesMax, stateBitsMax, timedMemoryBytesMax } from "../limits.ts";
import type { Report } from "../source/diagnostic.ts";
import type { UnitContext } from "./context.ts";
import { memoryBase, type ObjectCell } from "./ir.ts";

/** What was counted so far, so that each cell is counted once. */
type Tally = { cells: number; objects: number; pools: number; bits: number };

const tallies = new WeakMap<UnitContext, Tally>();

/** Bits of all variables and caches; a cell that can be uninitialised counts its flag. Linear in what is new since the last call. */
function stateBits(context: UnitContext): number {
  const tally = tallies.get(context) ?? { cells: 0, objects: 0, pools: 0, bits: 0 };
  tallies.set(context, tally);
  for (; tally.cells < context.cells.length; tally.cells += 1)
    tally.bits += context.cells[tally.cells]?.shape.bits ?? 0;
  for (; tally.objects < context.objects.length; tally.objects += 1) {
    tally.bits += bitsInMemory(context.objects[tally.objects]?.cells ?? []);
  }
  for (; tally.pools < context.pools.length; tally.pools += 1) {
    const pool = context.pools[tally.pools];
    if (pool !== undefined) tally.bits += (bitsInMemory(pool.cells) + 16) * pool.capacity;
  }
  return tally.bits;
}

function bitsInMemory(cells: readonly ObjectCell[]): number {
  return cells.reduce((sum, cell) => sum + cell.shape.bits + 1, 0);
}

/**
 * Whether expansion has passed a bound and may stop: what it makes from here on is thrown away.
 *
 * @param pending nodes of the code under construction, which the context does not count yet
 */
export function isOverfull(context: UnitContext, pending = 0): boolean {
  return (
    context.nodeCount + pending > nodesMax ||
    context.heapStart - memoryBase > bytesMax(context) ||
    (context.timed === null && stateBits(context) > stateBitsMax)
  );
}

function bytesMax(context: UnitContext): number {
  return context.timed === null ? memoryImageBytesMax : timedMemoryBytesMax;
}

/** What a bound that was passed reads like; empty when none was. */
export function boundReports(context: UnitContext): readonly Report[] {
  const span = context.unit.tasks[0]?.span ?? { file: 0, start: 0, end: 0 };
  if (context.nodeCount > nodesMax) {
    const message = `more than ${String(nodesMax)} steps and branches once all calls are expanded; use fewer tasks, shallower calls or a smaller //| recursion`;
    return [{ code: "SCN200", span, message }];
  }
  if (context.heapStart - memoryBase > bytesMax(context)) {
    const message = `variables take more than ${String(bytesMax(context))} bytes once all calls are expanded; make the arrays smaller or the calls fewer`;
    return [{ code: "SCN200", span, message, notes: largestNote(context.unit) }];
  }
  if (context.timed === null && stateBits(context) > stateBitsMax) {
    const message = `one state would take more than ${String(stateBitsMax)} bits, the locals of every call of every task included; use smaller arrays, narrower types, fewer tasks or calls`;
    return [{ code: "SCN200", span, message, notes: largestNote(context.unit) }];
  }
  return [];
}

function allVariables(unit: TypedUnit): readonly (readonly VariableSymbol[])[] {
  return [
    unit.globals.map((global) => global.symbol),
    ...unit.functions.map(({ definition }) =>
      definition.kind === "body" ? [...definition.parameters, ...definition.body.locals] : [],
    ),
    ...[...unit.tasks.map((task) => task.body), ...unit.inits, ...unit.properties].map((body) => body.locals),
  ];
}

/** A variable smaller than this is not what makes a state large. */
const notableBytes = 64;

function largestNote(unit: TypedUnit): NonNullable<Report["notes"]> {
  const variables = allVariables(unit).flat();
  const [first] = variables;
  if (first === undefined) return [];
  const largest = variables.reduce((most, each) => (modelSize(each.type) > modelSize(most.type) ? each : most), first);
  if (modelSize(largest.type) < notableBytes) return [];
  const message = `the largest variable is \`${largest.name}\`, ${String(modelSize(largest.type))} bytes`;
  return [{ span: largest.span, message }];
}

/** Refuses variables of one scope that can never fit, before a cell of them is made. */
export function refuseLargeVariables(unit: TypedUnit, bytesAllowed = memoryImageBytesMax): readonly Report[] {
  const reports: Report[] = [];
  for (const variables of allVariables(unit)) {
    let bytes = 0;
    for (const variable of variables) {
      bytes += modelSize(variable.type);
      if (bytes <= bytesAllowed) continue;
      const message = `with \`${variable.name}\` the variables of this scope take ${String(bytes)} bytes, and a scenario may have ${String(bytesAllowed)}; make the arrays smaller`;
      reports.push({ code: "SCN200", span: variable.span, message });
      break;
    }
  }
  return reports;
}
