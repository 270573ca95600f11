/** A scenario for simulated time: same front end and lowering as explore, other code. */
import { violationClasses } from "../../explore/classes.ts";
import { checkText, faultTexts } from "../../explore/messages.ts";
import { placeOf } from "../../explore/scenario.ts";
import { analyseInput, type CompileInput } from "../../compile.ts";
import type { TypedUnit } from "../../lang/tree.ts";
import { describeLimit, limitNames, timedHeapObjectsMax, timedMemoryBytesMax, type LimitName } from "../../limits.ts";
import { allTaskNames } from "../../program/context.ts";
import type { Node } from "../../program/ir.ts";
import { lowerTimedUnit, type TimedLowering } from "../../program/lower-timed.ts";
import { initialCounts } from "../../program/timed.ts";
import { assert } from "../../source/assert.ts";
import { DiagnosticSink, type Diagnostic, type Report } from "../../source/diagnostic.ts";
import type { Span } from "../../source/span.ts";
import type { Place } from "../../trace/trace.ts";
import type { CodeHost, Declaration, Fault, Site, StopReason, TimedProgram, World } from "../timed-code.ts";
import * as durations from "./durations.ts";
import { stopCodes } from "./emit.ts";
import { generateTimed, type Environment, type TimedCode, type TimedModule } from "./generate.ts";
import { placeMemory, type Layout } from "./layout.ts";
import { TimedMemory } from "./memory.ts";
import { nameAddress } from "./names.ts";

export type CompileTimedOutcome =
  | { readonly kind: "compiled"; readonly program: TimedProgram; readonly warnings: readonly Diagnostic[] }
  | { readonly kind: "rejected"; readonly diagnostics: readonly Diagnostic[] };

type Lowered = Extract<TimedLowering, { kind: "lowered" }>;

/** Analyses, lowers and generates. All errors at once; nothing that a user writes throws. Linear in the expanded program. */
export function compileTimed(input: CompileInput): CompileTimedOutcome {
  const analysed = analyseInput(input);
  if (analysed.kind === "rejected") return { kind: "rejected", diagnostics: analysed.diagnostics };
  const { unit } = analysed;
  const reject = (reports: readonly Report[]): CompileTimedOutcome => {
    const sink = new DiagnosticSink(unit.sources);
    for (const report of reports) sink.report(report);
    return { kind: "rejected", diagnostics: [...analysed.diagnostics, ...sink.sorted()] };
  };
  const lowered = lowerTimedUnit(unit, input.options);
  if (lowered.kind === "rejected") return reject(lowered.reports);
  const counts = [...unit.tasks.map((task) => task.count), ...(lowered.callbacks === null ? [] : [1])];
  const placed = placeMemory(lowered.program, lowered.timed, counts);
  if (placed.kind === "too-large") {
    const message = `the variables of all tasks take ${String(placed.bytes)} bytes, and a simulation has ${String(timedMemoryBytesMax)}; use fewer tasks or smaller arrays`;
    return reject([{ code: "SCN200", span: unit.tasks[0]?.span ?? { file: 0, start: 0, end: 0 }, message }]);
  }
  return {
    kind: "compiled",
    program: assemble({ unit, lowered, layout: placed.layout, counts }),
    warnings: analysed.diagnostics,
  };
}

type Parts = {
  readonly unit: TypedUnit;
  readonly lowered: Lowered;
  readonly layout: Layout;
  readonly counts: readonly number[];
};

function assemble(parts: Parts): TimedProgram {
  const { unit, lowered, layout, counts } = parts;
  const { timed, program } = lowered;
  const place = (span: Span): Place => placeOf(unit.sources, span);
  const pauseSites = program.tasks.map((task, declaration) => {
    const span = unit.tasks[declaration]?.span ?? unit.tasks[0]?.span ?? { file: 0, start: 0, end: 0 };
    return timed.site("pause", `loop of ${task.name}`, span);
  });
  const countSite = timed.site("semaphore-init", "semaphore", unit.tasks[0]?.span ?? { file: 0, start: 0, end: 0 });
  const code = generateTimed({ program, timed, layout, counts, callbacks: lowered.callbacks, pauseSites });
  const sites = timed.sites.map(({ kind, spelling, irq, span }): Site => ({ kind, spelling, irq, place: place(span) }));
  const world = new WorldMaker({ ...parts, code, countSite, place });
  return {
    declarations: declarationsOf(parts),
    taskCount: counts.reduce((sum, count) => sum + count, 0),
    sites,
    spans: timed.spans.map(({ text, span }) => ({ text, place: place(span) })),
    notes: program.notes.map(({ text, span }) => ({ text, place: place(span) })),
    hasAlways: program.properties.some((property) => property.kind === "always"),
    nameOf: nameAddress(layout, program.tasks, counts),
    createWorld: (host) => world.create(host),
    assumptions: assumptionsOf(lowered),
  };
}

function declarationsOf({ unit, lowered, counts }: Parts): readonly Declaration[] {
  let firstTask = 0;
  return lowered.program.tasks.map((task, index): Declaration => {
    const first = firstTask;
    const count = counts[index] ?? 0;
    firstTask += count;
    const attributes = unit.tasks[index]?.attributes;
    const { name } = task;
    if (attributes === undefined)
      return { name, count, firstTask: first, nice: 0, cpus: null, irq: false, hidden: true };
    return { name, count, firstTask: first, ...attributes };
  });
}

function assumptionsOf({ program }: Lowered): readonly string[] {
  const kmalloc = program.pools.some((pool) => pool.kind === "kmalloc");
  const isAtomic = program.tasks.some((task) =>
    task.nodes.some((node) => node.kind === "begin" && node.assumed && node.label.text === "atomic"),
  );
  return [
    "what a task computes between two requests takes no time but that of its marked accesses",
    "plain accesses cost nothing; data races and memory order are not looked at",
    "signals never come; lockdep assertions are not checked and lockdep_is_held() is always true; a jiffy is a millisecond",
    ...(kmalloc
      ? [
          `kmalloc never fails, up to ${String(timedHeapObjectsMax)} objects of one type; freed ones are reused, oldest first`,
        ]
      : []),
    ...(isAtomic ? ["atomic blocks are indivisible and take no time"] : []),
  ];
}

/** Makes worlds, and turns what stopped one into words. */
class WorldMaker {
  readonly #parts: Parts & {
    readonly code: TimedCode;
    readonly countSite: number;
    readonly place: (span: Span) => Place;
  };
  readonly #names: readonly string[];

  constructor(parts: Parts & { code: TimedCode; countSite: number; place: (span: Span) => Place }) {
    this.#parts = parts;
    this.#names = allTaskNames(parts.unit);
  }

  create(host: CodeHost): World | Fault {
    const { layout, code, lowered, countSite } = this.#parts;
    const memory = new TimedMemory(layout, (task) => host.inReadSection(task));
    const environment: Environment = {
      host,
      memory,
      objects: lowered.program.objects,
      durations,
      frames: new Int32Array(Math.max(1, code.frameWords)),
      once: new Int32Array(code.onceWords),
    };
    this.#markUnwritten(environment);
    const timedModule = code.factory(environment);
    this.#tellCounts(host, { site: countSite, args: timedModule.args });
    for (const init of timedModule.inits) {
      init();
      if (timedModule.stop() !== stopCodes.ended) return this.#faultOf(timedModule, { memory, who: "init" });
    }
    return this.#world(timedModule, environment);
  }

  /** Locals that some path reads before it writes them. */
  #markUnwritten({ frames, once }: Environment): void {
    const { code } = this.#parts;
    for (const flag of code.flags) {
      if (flag.kind === "once") once[flag.at] = 1;
      const region = flag.kind === "frame" ? code.declarations[flag.declaration] : undefined;
      if (region === undefined) continue;
      for (let task = 0; task < region.count; task += 1) frames[region.base + task * region.words + flag.at] = 1;
    }
  }

  /** Semaphores that have a count from the start. */
  #tellCounts(host: CodeHost, at: { readonly site: number; readonly args: Int32Array }): void {
    for (const object of this.#parts.layout.statics) {
      for (const { offset, count } of initialCounts(object.cells)) {
        at.args[0] = object.address + offset;
        at.args[1] = count;
        host.atOnce(-1, at.site, at.args);
      }
    }
  }

  /** Whether a task stands where a forever task has no work; the hidden one always does between two callbacks. */
  #isIdle(task: number, frames: Int32Array): boolean {
    const { code, lowered } = this.#parts;
    const index = code.declarations.findIndex(({ firstTask, count }) => task >= firstTask && task < firstTask + count);
    const region = code.declarations[index];
    if (region === undefined) return false;
    const isHidden = lowered.callbacks !== null && index === code.declarations.length - 1;
    return isHidden || region.resting.has(frames[region.base + (task - region.firstTask) * region.words] ?? -1);
  }

  #world(timedModule: TimedModule, { memory, frames }: Environment): World {
    const { properties } = this.#parts.lowered.program;
    let last = -1;
    const reasons: readonly StopReason[] = ["ended", "violation", "limit"];
    const check = (kind: "always" | "finally"): Fault | null => {
      for (const [index, property] of properties.entries()) {
        if (property.kind !== kind) continue;
        timedModule.properties[index]?.();
        const place = this.#parts.place(property.span);
        const text = `${kind}("${property.text}")`;
        if (timedModule.stop() !== stopCodes.ended) {
          const message = `${text} cannot be evaluated here: it reads memory that is not valid`;
          return { kind: "violation", class: "property-error", message, place };
        }
        if (timedModule.result() === 0)
          return { kind: "violation", class: kind, message: `${text} does not hold`, place };
      }
      return null;
    };
    const { run } = timedModule;
    return {
      run: (task, answer) => {
        last = task;
        return run(task, answer);
      },
      args: timedModule.args,
      ns: timedModule.ns,
      writes: timedModule.writes,
      stopReason: () => reasons[timedModule.stop()] ?? "ended",
      fault: () => this.#faultOf(timedModule, { memory, who: this.#names[last] ?? "rcu" }),
      checkAlways: () => check("always"),
      checkFinally: () => check("finally"),
      isIdle: (task) => this.#isIdle(task, frames),
    };
  }

  #faultOf(timedModule: TimedModule, of: { readonly memory: TimedMemory; readonly who: string }): Fault {
    const { node: number, code, limit } = timedModule.fault();
    const node = this.#parts.code.nodes[number];
    assert(node !== undefined, "a fault has a place");
    const place = this.#parts.place(node.span);
    if (timedModule.stop() === stopCodes.limit) {
      const name: LimitName = limitNames[limit] ?? "operations";
      return { kind: "limit", class: name, message: `${of.who}: ${describeTimedLimit(name)}`, place };
    }
    const violation = code < 0 ? of.memory.fault : (violationClasses[code] ?? "assertion");
    const text = textOf(node, violation);
    return {
      kind: "violation",
      class: violation,
      message: `${of.who}: ${text} (${place.file}:${String(place.line)})`,
      place,
    };
  }
}

function textOf(node: Node, violation: (typeof violationClasses)[number]): string {
  if (node.kind === "check") return checkText(violation, node.violation.message);
  return faultTexts[violation] ?? violation;
}

function describeTimedLimit(limit: LimitName): string {
  if (limit !== "objects") return describeLimit(limit);
  return `more than ${String(timedHeapObjectsMax)} objects of one type were alive, or memory had no room for so many; free them`;
}
