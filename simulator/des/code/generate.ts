/**
 * The code of a timed program: places for all that tasks keep, and one text of JavaScript that makes worlds. The text is
 * made of operators, printed numbers and names of ours only.
 */
import { violationClasses } from "../../explore/classes.ts";
import { analyseFlow, thread } from "../../program/flow.ts";
import { findFlaggedCells } from "../../program/initialisation.ts";
import type { Node, Program, Routine, TaskProgram } from "../../program/ir.ts";
import type { CallbackCells } from "../../program/lower-timed.ts";
import type { TimedUnit } from "../../program/timed.ts";
import type { CodeHost } from "../timed-code.ts";
import { findBlocks, type Blocks } from "./blocks.ts";
import type * as durations from "./durations.ts";
import { TimedEmitter, type EmitContext } from "./emit.ts";
import type { Layout } from "./layout.ts";
import type { TimedMemory } from "./memory.ts";

type CellPlace = { readonly kind: "frame" | "once"; readonly at: number };

/** What the text gets. */
export type Environment = {
  readonly host: CodeHost;
  readonly memory: TimedMemory;
  readonly objects: Program["objects"];
  readonly durations: typeof durations;
  /** The frames of all tasks, and words that exist once. */
  readonly frames: Int32Array;
  readonly once: Int32Array;
};

/** The door of the text. `stop`: 0 ended, 1 violation, 2 limit. */
export type TimedModule = {
  readonly run: (task: number, answer: number) => number;
  readonly inits: readonly (() => number)[];
  readonly properties: readonly (() => number)[];
  readonly args: Int32Array;
  readonly ns: () => number;
  readonly writes: () => number;
  readonly stop: () => number;
  readonly result: () => number;
  /** Node at which it stopped, class (-1: as memory says), limit. */
  readonly fault: () => { readonly node: number; readonly code: number; readonly limit: number };
};

export type TimedCode = {
  readonly factory: (environment: Environment) => TimedModule;
  readonly source: string;
  /** All nodes, of all graphs, in the numbering of faults. */
  readonly nodes: readonly Node[];
  readonly frameWords: number;
  readonly onceWords: number;
  /** Words that begin as 1: locals not written yet. */
  readonly flags: readonly { readonly kind: "frame" | "once"; readonly at: number; readonly declaration: number }[];
  readonly declarations: readonly FramePlace[];
};

/**
 * Where a task of a declaration is at rest: it stands in an await at the head of a forever or directly in one, or sleeps in
 * a wait there.
 */
function restingPositions(task: TaskProgram, blocks: Blocks): ReadonlySet<number> {
  const heads = new Set(task.idleNodes.map((node) => thread(task.nodes, node)));
  const waits = new Set(task.waitNodes);
  const resting = new Set<number>();
  task.nodes.forEach((node, index) => {
    if (node.kind !== "request" || node.atOnce) return;
    const next = task.nodes[index + 1];
    const repeats = next?.kind === "jump" && heads.has(thread(task.nodes, next.to));
    const block = blocks.blockAt[index + 1] ?? -1;
    if ((repeats || waits.has(index)) && block >= 0) resting.add(blocks.blocks.length + block);
  });
  return resting;
}

/** Words of the frames of a declaration: task i of it has `words` from base + i * words. */
export type FramePlace = {
  readonly base: number;
  readonly words: number;
  readonly count: number;
  readonly firstTask: number;
  /** Values of word 0 at which the task is at rest. */
  readonly resting: ReadonlySet<number>;
};

export type GenerateRequest = {
  readonly program: Program;
  readonly timed: TimedUnit;
  readonly layout: Layout;
  readonly counts: readonly number[];
  readonly callbacks: CallbackCells | null;
  /** By declaration, then for init and properties: site at which loops pause. */
  readonly pauseSites: readonly number[];
};

type Unit = { readonly routine: Routine; readonly name: string; readonly declaration: number };

/** Linear in the graphs but for liveness. */
export function generateTimed(request: GenerateRequest): TimedCode {
  const { program, counts } = request;
  const units: readonly Unit[] = [
    ...program.tasks.map((routine, declaration) => ({ routine, name: `d${String(declaration)}`, declaration })),
    ...program.inits.map((routine, at) => ({ routine, name: `i${String(at)}`, declaration: -1 })),
    ...program.properties.map((routine, at) => ({ routine, name: `p${String(at)}`, declaration: -1 })),
  ];
  const places = placeCells(program, units);
  const declarations: FramePlace[] = [];
  const texts: string[] = [];
  const nodes: Node[] = [];
  let frameBase = 0;
  let firstTask = 0;
  for (const unit of units) {
    const { routine, declaration } = unit;
    const blocks = findBlocks(routine, { pauses: declaration >= 0 });
    const temps = new Map([...blocks.crossing].map((temp, at) => [temp, at]));
    const before = places.wordsBefore(declaration);
    const words = before + temps.size;
    const count = declaration < 0 ? 1 : (counts[declaration] ?? 0);
    const context: EmitContext = {
      ...unit,
      blocks,
      layout: request.layout,
      firstTask,
      frameBase,
      frameWords: words,
      cellPlace: places.cell,
      cellShapes: program.cells.map((cell) => cell.shape),
      flagPlace: places.flag,
      tempPlace: (temp) => before + (temps.get(temp) ?? 0),
      own: request.timed.ownCells[declaration] ?? null,
      nodeBase: nodes.length,
      pauseSite: request.pauseSites[declaration] ?? -1,
      siteKinds: request.timed.sites.map((site) => site.kind),
      callbacks: request.callbacks,
    };
    texts.push(new TimedEmitter(context).emit());
    nodes.push(...routine.nodes);
    const task = program.tasks[declaration];
    if (task !== undefined) {
      const resting = restingPositions(task, blocks);
      declarations.push({ base: frameBase, words, count, firstTask, resting });
    }
    frameBase += words * count;
    if (declaration >= 0) firstTask += count;
  }
  const source = emitModule(texts.join(""), { units, counts });
  const factory = new Function("env", source) as (environment: Environment) => TimedModule;
  const { onceWords, flags } = places;
  return { factory, source, nodes, frameWords: frameBase, onceWords, flags, declarations };
}

type Places = {
  readonly cell: (cell: number) => CellPlace;
  readonly flag: (cell: number) => CellPlace | null;
  /** Words of a frame that cells and flags take; word 0 is the position. */
  readonly wordsBefore: (declaration: number) => number;
  readonly onceWords: number;
  readonly flags: TimedCode["flags"];
};

/** Cells of a declaration lie in its frames, the others once. */
function placeCells(program: Program, units: readonly Unit[]): Places {
  const used = new Map<number, number>();
  let once = 0;
  const take = (declaration: number): CellPlace => {
    if (declaration < 0) {
      once += 1;
      return { kind: "once", at: once - 1 };
    }
    const at = used.get(declaration) ?? 1;
    used.set(declaration, at + 1);
    return { kind: "frame", at };
  };
  const cells = program.cells.map((cell) => take(cell.task));
  const flagged = new Map<number, CellPlace>();
  const flags: TimedCode["flags"][number][] = [];
  for (const { routine } of units) {
    const { reachable } = analyseFlow(routine, 0);
    for (const cell of findFlaggedCells(routine, 0, reachable)) {
      const declaration = program.cells[cell]?.task ?? -1;
      const place = take(declaration);
      flagged.set(cell, place);
      flags.push({ ...place, declaration });
    }
  }
  return {
    cell: (cell) => cells[cell] ?? { kind: "once", at: 0 },
    flag: (cell) => flagged.get(cell) ?? null,
    wordsBefore: (declaration) => used.get(declaration) ?? 1,
    onceWords: Math.max(1, once),
    flags,
  };
}

function emitModule(
  functions: string,
  parts: { readonly units: readonly Unit[]; readonly counts: readonly number[] },
): string {
  const names = (kind: string): string =>
    parts.units
      .filter((unit) => unit.name.startsWith(kind))
      .map((unit) => `()=>{AO=0;return ${unit.name}(-1,0)}`)
      .join(",");
  const declared = parts.units.filter((unit) => unit.declaration >= 0).map((unit) => unit.name);
  const [only] = declared;
  const total = parts.counts.reduce((sum, count) => sum + count, 0);
  const dispatch =
    declared.length === 1 && only !== undefined
      ? `function run(k,a){OP=0;return ${only}(k,a)}`
      : `const RUN=[${declared.join(",")}],OF=new Int32Array(${String(total)});` +
        `${ofTasks(parts.counts)}function run(k,a){OP=0;return RUN[OF[k]](k,a)}`;
  return `"use strict";
const H=env.host,M=env.memory,V=M.values,T=M.tags,F=env.frames,G=env.once,OB=env.objects,D=env.durations;
const A=new Int32Array(8),CALLS=[];
let W=0,NS=0,SR=0,VN=-1,VC=${String(violationClasses.length)},LC=0,R=0,OP=0,AO=0,AC=0;
${functions}
${dispatch}
return {run,inits:[${names("i")}],properties:[${names("p")}],args:A,ns(){return NS},writes(){return W},stop(){return SR},
 result(){return R},fault(){return {node:VN,code:VC,limit:LC}}};
`;
}

function ofTasks(counts: readonly number[]): string {
  let first = 0;
  return counts
    .map((count, declaration) => {
      const from = first;
      first += count;
      return `OF.fill(${String(declaration)},${String(from)},${String(first)});`;
    })
    .join("");
}
