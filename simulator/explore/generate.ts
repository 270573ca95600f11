/**
 * The generated explorer of one scenario: source text of our own making, compiled once, talking to the driver through
 * `EngineModule` and the callbacks of `EngineHost`.
 */
import { assert } from "../source/assert.ts";
import { memoryBase, type CellTag, type PrintAs, type PropertyProgram, type Routine } from "../program/ir.ts";
import { packDescriptor, type Image, type Slot } from "../program/image.ts";
import { isHeldWord, lockWords } from "../program/types.ts";
import {
  emitDoor,
  emitHeap,
  emitMemory,
  emitSearch,
  emitTable,
  unrolledWordsMax,
  type EngineShape,
} from "./engine-source.ts";
import { lateLookup, type LateCode } from "./emit-dispatch.ts";
import { WideTable } from "./wide-table.ts";
import { emitWideTable, wordsWritten } from "./emit-wide-table.ts";
import { emitHitTables, emitHitWrapper, newHits, type HitPlan, type Hits } from "./coverage-hits.ts";
import { emitSlot } from "./emit-expression.ts";
import { RoutineEmitter, type RoutineContext } from "./emit-routine.ts";
import { nextAccess } from "./next-access.ts";
import { emitCanon, symmetryTables } from "./emit-symmetry.ts";
import {
  emitAlone,
  emitMergedSearch,
  emitTransitions,
  emitVerify,
  mergingTables,
  partialOrderTables,
  type MergingShape,
} from "./emit-merging.ts";
import type { MergingPlan } from "./merging.ts";
import type { PartialOrderPlan } from "./partial-order.ts";
import { countNodes } from "./coverage.ts";
import { askedCells, type Prepared, type PreparedRoutine } from "./prepare.ts";
import type { SymmetryPlan } from "./symmetry.ts";

/** What the generated code tells its driver. Each is called while the scratch state still is what it speaks of. */
export type EngineHost = {
  /** The step of `task` from state `from` is a violation; `fault` says which. */
  readonly violation: (from: number, task: number) => void;
  readonly limit: (from: number, task: number) => void;
  /** A property fails in the newest state, reached from `from` by `task`. code -1: its evaluation itself failed. */
  readonly property: (property: number, from: number, task: number) => void;
  readonly sometimes: (property: number) => void;
  readonly notes: (from: number, task: number) => void;
  readonly race: (state: number, first: number, second: number) => void;
  /** Two transitions from this state, each broken off after some of its steps, stand before a race. */
  readonly mergedRace: (state: number, first: Unfinished, second: Unfinished) => void;
  readonly deadlock: (state: number) => void;
  /** Traced code only: an access, choice or begin. */
  readonly event: (node: number, address: number, value: number) => void;
  /** Traced code only: a guard that does not hold. */
  readonly blocked: (node: number, address: number) => void;
};

/** The first steps of a transition. */
export type Unfinished = { readonly task: number; readonly choices: readonly number[]; readonly steps: number };

export type EngineState = {
  readonly S: Int32Array;
  readonly PAR: Int32Array;
  /** States stored. */
  readonly n: number;
  /** States expanded. */
  readonly cur: number;
  readonly ntr: number;
  /** 1 when a step led to a state that is not newer than where it came from: there may be cycles. */
  readonly back: number;
  /** Limit code at which the search stopped, -1 if none. */
  readonly stop: number;
  readonly bytes: number;
  /** Pool that ran out of slots, -1 if none. */
  readonly GR: number;
};

/** 0 not enabled, 1 done, 2 violation, 3 limit. */
export type StepFunction = () => number;

export type EngineModule = {
  readonly reset: (statesMax: number, bytesMax: number) => void;
  readonly search: (limit: number) => void;
  readonly add: (parent: number, task: number) => void;
  readonly find: () => number;
  readonly more: () => boolean;
  readonly startChoice: () => void;
  readonly resetChoice: () => void;
  readonly notes: () => readonly number[];
  readonly setTask: (task: number) => void;
  readonly choices: () => readonly number[];
  /** Number of possibilities of each choice made; 2^30 for a forced one that the step did not make. */
  readonly choiceRanges: () => readonly number[];
  readonly forceChoices: (choices: readonly number[]) => void;
  readonly state: () => EngineState;
  readonly setStop: (limit: number) => void;
  readonly fault: () => { readonly node: number; readonly code: number; readonly limit: number };
  /** Pool whose slots ran out in the last step, -1 if none. */
  readonly exhaustedPool: () => number;
  readonly clearFault: () => void;
  readonly result: () => number;
  readonly steps: readonly StepFunction[];
  readonly entries: readonly StepFunction[];
  readonly inits: readonly StepFunction[];
  readonly properties: readonly StepFunction[];
  /** Runs a whole transition of a task: one step, or several with merging. Answers as a step does. */
  readonly transition: (task: number) => number;
  /** Choices made when each step of the last transition was over. */
  readonly stepEnds: () => readonly number[];
  /** Puts the tasks of the scratch state in order; nothing without symmetry. */
  readonly canon: () => void;
  /** By task: the number it had before `canon`. */
  readonly formerTask: (task: number) => number;
  /** Whether the search stopped because an assumption of a reduction failed; it must start again. */
  readonly failed: () => "merging" | "symmetry" | null;
  /** A failed assumption is known for long enough. */
  readonly mustRestart: () => boolean;
  readonly restart: () => void;
  /** Whether every task has ended or is idle in the scratch state. */
  readonly quiet: () => boolean;
  /** Evaluates the properties in the scratch state; the host hears of those that fail. */
  readonly inspect: () => void;
  /** Looks for data races in the scratch state; the host hears of them. */
  readonly races: () => void;
  /** Forgets what its driver has been told. */
  readonly forget: () => void;
  /** The same code and tables, by single steps and with the tasks as they are; null when the module is so itself. */
  readonly single: EngineModule | null;
};

export type GenerateOptions = {
  readonly traced: boolean;
  readonly deadLocals: boolean;
  readonly symmetry: SymmetryPlan | null;
  /** Not null with partial order, which needs its log of accesses. */
  readonly merging: MergingPlan | null;
  readonly partialOrder: PartialOrderPlan | null;
  readonly host: EngineHost;
  /** The scratch state that the generated code works on. */
  readonly scratch: Int32Array;
  /** Few steps will be made: code is written as it is come to. */
  readonly brief?: boolean;
  /** What the code tells of the nodes that it passes; absent: nothing. */
  readonly hits?: HitPlan;
  /** A task asks for a lock while it holds others: `held` are numbers of held words. Told once of each kind. */
  readonly asked?: ((node: number, lock: number, held: readonly number[]) => void) | undefined;
};

/** Lock words that a task may hold, for the leak check: kind 0 owner, 1 one bit a task, 2 two bits a task. */
export type HeldWord = {
  readonly d: number;
  readonly kind: 0 | 1 | 2;
  readonly name: string;
  readonly tag: CellTag;
  /** Address of the lock that the word is of. */
  readonly lock: number;
};

export type Generated = {
  readonly module: EngineModule;
  readonly heldWords: readonly HeldWord[];
  readonly leaked: () => number;
  /** Empty when no hits were asked for. */
  readonly hits: Hits;
  /** By node number: 1 for an assert, and the first node of a finally, that was evaluated. */
  readonly evaluated: Uint8Array;
  /** Another driver takes over: from now on it is told. */
  readonly attach: (host: EngineHost, asked: GenerateOptions["asked"]) => void;
};

export function generate(prepared: Prepared, options: GenerateOptions): Generated {
  assert(options.deadLocals || !prepared.sharesPlaces, "locals share places only where dead ones are cleared");
  const shape = shapeOf(prepared);
  const heldWords = findHeldWords(prepared.image);
  const isBrief = shape.words > unrolledWordsMax || options.traced || options.brief === true;
  const late: LateCode | null = isBrief ? new Map() : null;
  const hits = newHits(options.hits ?? { nodes: 0, only: null });
  const evaluated = new Uint8Array(countNodes(prepared));
  const environment = {
    ...tablesOf(prepared, options.scratch),
    ...(options.symmetry === null ? {} : symmetryTables(options.symmetry)),
    ...(options.merging === null ? {} : mergingTables(prepared, options.merging)),
    ...(options.partialOrder === null ? {} : partialOrderTables(prepared, options.partialOrder)),
    TABLE: shape.words > unrolledWordsMax ? new WideTable(options.scratch, wordsWritten(prepared)) : null,
    HELD: heldWords,
    leaked: -1,
    HITS: hits,
    ASSERTED: evaluated,
    LATE: late,
    asked: options.asked,
    ...hostTable(options.host),
  };
  const source = emitModule(prepared, options, { shape, late });
  // The text is made of operators, printed numbers and names of this folder only; see emit-expression.ts.
  const factory = new Function("env", source) as (env: typeof environment) => EngineModule;
  const module = factory(environment);
  const attach: Generated["attach"] = (host, asked) => {
    Object.assign(environment, hostTable(host), { asked });
    environment.SEEN.fill(0);
    module.forget();
  };
  return { module, heldWords, leaked: () => environment.leaked, hits, evaluated, attach };
}

function hostTable(host: EngineHost): EngineHost {
  return { ...host };
}

function shapeOf(prepared: Prepared): EngineShape {
  const { program } = prepared;
  const kinds = new Set(program.properties.map((property) => property.kind));
  return {
    words: prepared.image.words,
    tasks: program.tasks.length,
    hasAlways: kinds.has("always"),
    hasSometimes: kinds.has("sometimes"),
    hasFinally: kinds.has("finally"),
    hasNotes: program.notes.length > 0,
    hasRaces: program.races !== "off" && program.tasks.some((task) => hasPlainAccess(task)),
    choosing: program.tasks.map((task) =>
      task.nodes.some((node) => node.kind === "choose" || (program.reuse && node.kind === "allocate")),
    ),
  };
}

function hasPlainAccess(routine: Routine): boolean {
  return routine.nodes.some((node) => nextAccess(node)?.plain === true);
}

function emitModule(
  prepared: Prepared,
  options: GenerateOptions,
  { shape, late }: { readonly shape: EngineShape; readonly late: LateCode | null },
): string {
  const asked = askedCells(prepared.program);
  const context = (routine: PreparedRoutine, task: number): RoutineContext => ({
    ...routine,
    image: prepared.image,
    cellShapes: prepared.program.cells.map((cell) => cell.shape),
    task,
    victims: prepared.program.victimCells.flatMap((cell) => prepared.image.cellSlots[cell] ?? []),
    traced: options.traced,
    logged: shape.hasRaces,
    deadLocals: options.deadLocals,
    watch: options.merging,
    wide: shape.words > unrolledWordsMax,
    late,
    hits: task >= 0 || prepared.inits.includes(routine) ? (options.hits ?? null) : null,
    asks: options.asked === undefined ? null : asksOf(prepared, task),
    isLocal: (cell) =>
      prepared.program.cells[cell]?.role === "local" && prepared.program.cells[cell]?.task === task && !asked.has(cell),
  });
  const { symmetry, merging } = options;
  const wide = shape.words > unrolledWordsMax;
  const inspects = shape.hasAlways || shape.hasSometimes || shape.hasFinally;
  const table = wide ? emitWideTable(inspects) : emitTable(shape);
  const parts = ['"use strict";let PL=0;', emitMemory(wide), emitHeap(merging !== null), table];
  parts.push(symmetry === null ? noCanon : emitCanon(symmetry, shape.tasks));
  if (late !== null) parts.push(lateLookup);
  parts.push("function X(a,b,c){env.event(a,b,c)}\nfunction G(a,b){env.blocked(a,b)}\n");
  if (options.hits !== undefined) parts.push(emitHitTables());
  if (options.asked !== undefined) parts.push(emitAsk(prepared.program.lockdep === "strict"));
  const told = (name: string, emit: (name: string) => string): string =>
    options.hits === undefined ? emit(name) : emit(`${name}h`) + emitHitWrapper(name, `${name}h`);
  prepared.tasks.forEach((task, index) => {
    const emitter = new RoutineEmitter(context(task, index));
    parts.push(told(`s${String(index)}`, (name) => emitter.emitSteps(name)));
    const entry = prepared.program.tasks[index]?.entry ?? 0;
    parts.push(told(`e${String(index)}`, (name) => emitter.emitEntry(name, entry)));
    if (shape.hasRaces) parts.push(emitter.emitNextAccess(`r${String(index)}`));
  });
  prepared.inits.forEach((init, index) =>
    parts.push(
      told(`i${String(index)}`, (name) => new RoutineEmitter({ ...context(init, -1), watch: null }).emitEntry(name, 0)),
    ),
  );
  prepared.properties.forEach((property, index) => {
    parts.push(new RoutineEmitter(context(property, -1)).emitEntry(`p${String(index)}`, 0));
  });
  parts.push(
    emitQuiet(prepared),
    emitAtRest(prepared),
    emitInspect(prepared, merging !== null),
    emitRaces(shape),
    emitNotes(),
  );
  const names = (prefix: string, count: number): string =>
    Array.from({ length: count }, (_, index) => prefix + String(index)).join(",");
  parts.push(emitStrategy(shape, options));
  parts.push(
    emitDoor({ single: symmetry !== null || merging !== null, asks: options.asked !== undefined })
      .replace("STEPS", names("s", shape.tasks))
      .replace("ENTRIES", names("e", shape.tasks))
      .replace("INITS", names("i", prepared.inits.length))
      .replace("PROPERTIES", names("p", prepared.properties.length)),
  );
  return parts.join("");
}

const noCanon = "let SB=0;const PM=null;function canon(){}\n";

/** How a state is expanded: step by step, or by merged transitions. */
function emitStrategy(shape: EngineShape, options: GenerateOptions): string {
  const { merging, partialOrder } = options;
  const single =
    "function transition1(k){ME=k;ln=0;return ST[k]()}\nfunction stepEnds1(){return [CD]}\n" +
    emitSearch(shape, { name: "search1", single: true });
  if (merging === null) {
    const steps = Array.from({ length: shape.tasks }, (_, task) => `s${String(task)}`).join(",");
    const search = emitSearch(shape, { name: "search", single: false });
    return `let again=0,AL=0;const ST=[${steps}];function transition(k){ME=k;return ST[k]()}\nfunction stepEnds(){return [CD]}function restart(){again=0;SB=0}\n${search}${options.symmetry === null ? "" : single}`;
  }
  const { words, tasks, hasRaces, hasNotes } = shape;
  const mergingShape: MergingShape = { words, tasks, places: merging.places, hasRaces, hasNotes };
  const alone = partialOrder === null ? "" : emitAlone(mergingShape);
  const search = emitMergedSearch(mergingShape, { ordered: partialOrder !== null });
  return emitTransitions(mergingShape) + emitVerify(mergingShape) + alone + search + single;
}

function asksOf(prepared: Prepared, task: number): ReadonlySet<number> {
  return new Set((prepared.program.tasks[task]?.lockAsks ?? []).map((ask) => ask.node));
}

/** What a task holds as it asks; nothing is told only when asked for. Once for each node, lock and set of what is held. */
function emitAsk(tellsBare: boolean): string {
  return `
const ASKED=new Map();
function ask(n,a){let h=null;for(let j=0;j<env.HELD.length;j++){const w=env.HELD[j],v=bit(w.d);
  if(w.kind===0?v===ME+1:w.kind===1?((v>>>ME)&1)!==0:((v>>>(2*ME))&3)!==0){if(h===null)h=[];h.push(j)}}
 if(h===null)${tellsBare ? "h=[]" : "return"};let m=ASKED.get(n);if(m===undefined){m=new Set();ASKED.set(n,m)}
 const k=a+":"+h.join(",");if(m.has(k))return;m.add(k);env.asked(n,a,h)}
`;
}

function emitNotes(): string {
  return "function notes(from,task){env.notes(from,task)}\n";
}

/** All tasks ended, or forever tasks at an idle point. */
function emitQuiet(prepared: Prepared): string {
  const conditions = prepared.positionKinds.map((kinds, task) => {
    const slot = prepared.image.positionSlots[task];
    assert(slot !== undefined, "a task has a position");
    const quiet = kinds.flatMap((kind, position) => (kind === "between" ? [] : [position]));
    if (quiet.length === kinds.length) return "true";
    if (quiet.length === 0) return "false";
    return `(${quiet.map((position) => `${emitSlot(slot)}===${String(position)}`).join("||")})`;
  });
  for (const cell of prepared.program.pendingCells) {
    const slot = prepared.image.cellSlots[cell];
    if (slot !== undefined) conditions.push(`${emitSlot(slot)}===0`);
  }
  return `function quiet(){return ${conditions.length === 0 ? "true" : conditions.join("&&")}}\n`;
}

/** No forever task stands before an await that is enabled: then it has work left. */
function emitAtRest(prepared: Prepared): string {
  const words = prepared.image.words;
  let out = `const REST=new Int32Array(${String(words)});\nfunction atRest(){let r=0;\n`;
  prepared.positionKinds.forEach((kinds, task) => {
    const slot = prepared.image.positionSlots[task];
    const waiting = kinds.flatMap((kind, position) => (kind === "waiting" ? [position] : []));
    if (slot === undefined || waiting.length === 0) return;
    const there = waiting.map((position) => `${emitSlot(slot)}===${String(position)}`).join("||");
    out += `if(${there}){REST.set(Y);ME=${String(task)};const kept=CN,at=CD;CD=CN;r=s${String(task)}();CN=kept;CD=at;Y.set(REST);PN.length=0;if(r!==0){LI=-1;GROW=-1;return false}}\n`;
  });
  return `${out}return true}\n`;
}

/** Evaluates the properties in the newest state. */
function emitInspect(prepared: Prepared, watched: boolean): string {
  let out = `function inspect(parent,task){ME=-1;let r=0;${watched ? "const l=ln;" : ""}\n`;
  prepared.program.properties.forEach((property, index) => {
    const number = String(index);
    const call = `r=p${number}();if(r!==1||R===0){env.property(r===1?${number}:-1-${number},parent,task)}`;
    if (property.kind === "always") out += `${call}\n`;
    if (property.kind === "finally") {
      out += `if(quiet()&&atRest()){ASSERTED[${String(prepared.properties[index]?.nodeBase ?? 0)}]=1;ME=-1;${watched ? "const l=ln;" : ""}${call}${watched ? "ln=l;" : ""}}\n`;
    }
    if (property.kind === "sometimes") {
      if (property.reach !== undefined) {
        out += emitReach(prepared, { number, reach: property.reach });
        return;
      }
      out += `if(env.SEEN[${number}]===0){r=p${number}();if(r!==1)env.property(-1-${number},parent,task);else if(R!==0)env.sometimes(${number})}\n`;
    }
  });
  return `${out}${watched ? "if(PL===0)seen(l);ln=l;" : ""}}\n`;
}

/** A question: where it cannot be evaluated (it looks through a null pointer) the answer there is no. */
function emitReach(
  prepared: Prepared,
  of: { readonly number: string; readonly reach: NonNullable<PropertyProgram["reach"]> },
): string {
  const { number, reach } = of;
  const slot = reach.kind === "at" ? prepared.image.positionSlots[reach.task] : undefined;
  const positions =
    reach.kind === "at" ? reach.nodes.map((node) => prepared.tasks[reach.task]?.flow.positionOf[node] ?? -1) : [];
  const there =
    slot === undefined ? "" : `&&(${positions.map((at) => `${emitSlot(slot)}===${String(at)}`).join("||")})`;
  return (
    `if(env.SEEN[${number}]===0${there}){r=p${number}();if(r!==1){VN=-1;VC=-1;LI=-1;GROW=-1}` +
    `else if(R!==0){env.SEEN[${number}]=1;env.sometimes(${number})}}\n`
  );
}

/** Pairs of tasks whose next steps touch one cell, one writing, one plain. Atomic steps are run to learn what they touch. */
function emitRaces(shape: EngineShape): string {
  if (!shape.hasRaces) return "function touch(){}\nfunction races(){}\n";
  const count = String(shape.tasks);
  const collect = Array.from(
    { length: shape.tasks },
    (_, k) => `AF[${String(k)}]=r${String(k)}();AA[${String(k)}]=RA;`,
  ).join("");
  return `
const AF=new Int32Array(${count}),AA=new Int32Array(${count}),KEEP=new Int32Array(Y.length);let TA=[],TW=[];
const STEP=[${Array.from({ length: shape.tasks }, (_, k) => `s${String(k)}`).join(",")}];
function touch(a,w){TA.push(a);TW.push(w)}
function probe(j){TA=[];TW=[];KEEP.set(Y);LG=1;CN=0;for(;;){CD=0;ME=j;const before=TA.length,r=STEP[j]();
 if(r===0){TA.length=before;TW.length=before}Y.set(KEEP);if(CN===0||!more())break}LG=0;LI=-1;GROW=-1;PN.length=0}
function races(){${collect}let plain=false;for(let i=0;i<${count};i++)if(AF[i]&4)plain=true;if(!plain)return;
 for(let j=0;j<${count};j++){if(AF[j]!==8)continue;probe(j);
  for(let i=0;i<${count};i++)if(AF[i]&4)for(let x=0;x<TA.length;x++)if(TA[x]===AA[i]&&(TW[x]!==0||(AF[i]&2)!==0)){env.race(cur,i,j);break}}
 for(let i=0;i<${count};i++)for(let j=i+1;j<${count};j++)
  if(AF[i]!==0&&AF[j]!==0&&AF[i]!==8&&AF[j]!==8&&AA[i]===AA[j]&&((AF[i]|AF[j])&2)!==0&&((AF[i]|AF[j])&4)!==0)env.race(cur,i,j)}
`;
}

function describe(slot: Slot | null): number {
  return slot === null ? 0 : packDescriptor(slot, 0);
}

function tablesOf(prepared: Prepared, scratch: Int32Array): Record<string, unknown> & { readonly SEEN: Int32Array } {
  const { image, program } = prepared;
  const lockWords = (index: number): number[] =>
    (image.instances[index]?.cells ?? [])
      .filter(isHeldWord)
      .map(
        (cell) => image.descriptors[(image.instances[index]?.address ?? memoryBase) + cell.offset - memoryBase] ?? 0,
      );
  const contents = (index: number): number[] =>
    (image.instances[index]?.cells ?? []).flatMap((cell) => {
      const at = (image.instances[index]?.address ?? memoryBase) + cell.offset - memoryBase;
      return [image.descriptors[at] ?? 0, image.flags[at] ?? 0];
    });
  const byInstance = <T>(none: T, of: (index: number) => T): T[] => [
    none,
    ...image.instances.map((_, index) => of(index)),
  ];
  return {
    Y: scratch,
    D: image.descriptors,
    FL: image.flags,
    OW: image.owners,
    LV: Int32Array.from(byInstance(0, (index) => describe(image.instances[index]?.live ?? null))),
    RD: Int32Array.from(byInstance(0, (index) => describe(image.instances[index]?.readers ?? null))),
    PT: Int32Array.from(byInstance(0, (index) => privateOwner(prepared, index))),
    IA: Int32Array.from(byInstance(0, (index) => image.instances[index]?.address ?? 0)),
    IS: Int32Array.from(byInstance(0, (index) => image.instances[index]?.size ?? 0)),
    IK: Int32Array.from(
      byInstance(0, (index) => ({ global: 0, frame: 1, heap: 2 })[image.instances[index]?.kind ?? "global"]),
    ),
    IP: Int32Array.from(byInstance(-1, (index) => image.instances[index]?.pool ?? -1)),
    LK: byInstance<number[]>([], lockWords),
    CF: byInstance<number[]>([], contents),
    RL: [
      ...image.instances.flatMap((instance) => (instance.readers === null ? [] : [describe(instance.readers)])),
      ...program.rcuMasks.map((cell) => describe(image.cellSlots[cell] ?? null)),
    ],
    CD0: program.rcuNesting.map((cell) => describe(image.cellSlots[cell] ?? null)),
    PS: [...new Set(image.pointerSlots.map((slot) => slot.word))],
    POOLS: image.pools.map((placed) => ({
      first: (placed.instances[0] ?? 0) + 1,
      slots: placed.instances.length,
      stack: placed.stack === null ? null : placed.stack.entries.map((slot) => describe(slot)),
      count: placed.stack === null ? 0 : describe(placed.stack.count),
    })),
    REUSE: program.reuse,
    REACH: image.heapReachBytes,
    SEEN: new Int32Array(program.properties.length),
  };
}

/** 1 + the task whose private frame object this is, 0 if it is not one. */
function privateOwner(prepared: Prepared, index: number): number {
  const object = prepared.program.objects[index];
  return object?.storage === "frame" && !object.shared ? object.task + 1 : 0;
}

function findHeldWords(image: Image): readonly HeldWord[] {
  const words: HeldWord[] = [];
  for (const instance of image.instances) {
    for (const cell of instance.cells) {
      const kind = heldKind(cell.print);
      if (kind === null) continue;
      const d = image.descriptors[instance.address + cell.offset - memoryBase] ?? 0;
      const lock = instance.address + cell.offset - (kind === 0 ? lockWords.owner : lockWords.readers);
      words.push({ d, kind, name: `${instance.name}${cell.path}`, tag: cell.tag, lock });
    }
  }
  return words;
}

function heldKind(print: PrintAs): 0 | 1 | 2 | null {
  if (print === "owner") return 0;
  if (print === "tasks") return 1;
  return print === "readers" ? 2 : null;
}
