/**
 * Programs written as lists of requests, for tests of the timed engine that need no compiler: `[["down-write", 1],
 * ["work", 5000], ["up-write", 1]]`. Lock n lies at `addressOf(n)`, each on a line of its own.
 */
import { figureMeanings, type Figure, type FigureName, type MachineProfile } from "../des/profile.ts";
import { runReplication } from "../des/engine/replication.ts";
import type { Recorder, TimelineRecorder } from "../des/recorder.ts";
import type { ReplicationSetting } from "../des/setting.ts";
import type { CodeHost, Declaration, RequestKind, Site, TimedProgram, World } from "../des/timed-code.ts";

/**
 * A request with its arguments. work and sleep take nanoseconds; a lock is its number; "await" waits until the shared word
 * of that number is not 0, "set" stores 1 to it (no request). `skip` follows a trylock: that many requests are left out
 * when it answered 0.
 */
export type Step =
  | readonly [kind: RequestKind, ...args: number[]]
  | readonly ["set" | "clear" | "skip", number]
  | readonly ["exp", number];

export type ScriptedTask = {
  readonly name?: string;
  readonly count?: number;
  readonly nice?: number;
  readonly cpus?: readonly number[];
  readonly irq?: boolean;
  /** Runs of the script; Infinity for a task that never ends. */
  readonly rounds?: number;
  readonly script: readonly Step[];
  /** The irq form of the locks of this task. */
  readonly irqForm?: Site["irq"];
};

const base = 0x10000;

export function addressOf(lock: number): number {
  return base + 64 * lock;
}

const numberArguments: ReadonlySet<RequestKind> = new Set<RequestKind>([
  "work",
  "sleep",
  "span-begin",
  "span-end",
  "schedule",
  "rcu-barrier",
  "wake-up-process",
]);

type Compiled = {
  readonly does: "store" | "skip" | "await" | "draw" | "ask";
  readonly site: number;
  readonly args: readonly number[];
  /** Of args, the first. */
  readonly value: number;
};

/** Compiles scripts to a program as the engine runs it. */
export function scriptedProgram(tasks: readonly ScriptedTask[]): TimedProgram {
  const sites: Site[] = [];
  const declarations: Declaration[] = [];
  const codes: Code[] = [];
  let taskCount = 0;
  for (const [number, task] of tasks.entries()) {
    const steps = task.script.map((step, line): Compiled => compileStep(step, line, { sites, number, task }));
    const count = task.count ?? 1;
    codes.push(...Array.from({ length: count }, () => ({ steps, rounds: task.rounds ?? 1 })));
    declarations.push({
      name: task.name ?? `t${String(number)}`,
      count,
      firstTask: taskCount,
      nice: task.nice ?? 0,
      cpus: task.cpus ?? null,
      irq: task.irq ?? false,
    });
    taskCount += count;
  }
  return {
    declarations,
    taskCount,
    sites,
    spans: [{ text: "span", place: placeAt(1, 1) }],
    notes: [],
    hasAlways: false,
    nameOf: (address) => ({ name: `lock${String((address - base) / 64)}`, lockClass: null }),
    createWorld: (host) => createWorld(codes, host),
    assumptions: [],
  };
}

function placeAt(task: number, line: number): Site["place"] {
  return { file: `task${String(task)}`, line, column: 1, endLine: line, endColumn: 1 };
}

function compileStep(
  step: Step,
  line: number,
  { sites, number, task }: { sites: Site[]; number: number; task: ScriptedTask },
): Compiled {
  const [word, ...given] = step;
  const value = given[0] ?? 0;
  if (word === "set" || word === "clear") {
    return { does: "store", site: -1, args: [value, word === "set" ? 1 : 0], value };
  }
  if (word === "skip") return { does: "skip", site: -1, args: given, value };
  const kind = word === "exp" ? "work" : word;
  const irq = task.irqForm ?? "none";
  sites.push({ kind, spelling: kind.replaceAll("-", "_"), place: placeAt(number, line + 1), irq });
  const site = sites.length - 1;
  if (word === "exp") return { does: "draw", site, args: given, value };
  if (word === "await") return { does: "await", site, args: given, value };
  const args = numberArguments.has(kind) ? given : given.map((arg, at) => (at === 0 ? addressOf(arg) : arg));
  return { does: "ask", site, args, value };
}

type Code = { readonly steps: readonly Compiled[]; readonly rounds: number };

function createWorld(codes: readonly Code[], host: CodeHost): World {
  const at = new Int32Array(codes.length);
  const rounds = new Float64Array(codes.length);
  const words = new Int32Array(1024);
  const args = new Int32Array(8);
  let ns = 0;
  let writes = 0;
  /** Does the step. @returns the site of a request, -1 when the script goes on */
  const perform = ({ does, site, args: given, value }: Compiled, task: number, answer: number): number => {
    switch (does) {
      case "store":
        words[value] = given[1] ?? 0;
        writes += 1;
        return -1;
      case "skip":
        if (answer === 0) at[task] = (at[task] ?? 0) + value;
        return -1;
      case "await":
        if (words[value] !== 0) return -1;
        at[task] = (at[task] ?? 0) - 1;
        return site;
      case "draw":
        ns = Math.floor(-Math.log(1 - host.uniform(task, site)) * value);
        return site;
      case "ask":
        for (let arg = 0; arg < 4; arg += 1) args[arg] = given[arg] ?? 0;
        ns = value;
        return site;
    }
  };
  const run = (task: number, answer: number): number => {
    const code = codes[task];
    for (;;) {
      const position = at[task] ?? 0;
      const step = code?.steps[position];
      if (step === undefined) {
        rounds[task] = (rounds[task] ?? 0) + 1;
        if (code === undefined || (rounds[task] ?? 0) >= code.rounds) return -1;
        at[task] = 0;
        continue;
      }
      at[task] = position + 1;
      const site = perform(step, task, answer);
      if (site >= 0) return site;
    }
  };
  return {
    run,
    args,
    ns: () => ns,
    stopReason: () => "ended",
    fault: () => ({ kind: "violation", class: "assertion", message: "a script has no faults", place: null }),
    checkAlways: () => null,
    checkFinally: () => null,
    writes: () => writes,
  };
}

const figure = (value: number): Figure => ({
  value,
  unit: "ns",
  basis: "estimate",
  source: "test",
  low: value,
  high: value,
});

/** A machine of `cpus` CPUs on which everything is free, but for the figures given. Ticks are 4 ms, the slice 700 us times. */
export function freeProfile(
  cpus: number,
  given: Partial<Record<FigureName, number>> = {},
  changed: Partial<MachineProfile> = {},
): MachineProfile {
  const figures: Partial<Record<FigureName, Figure>> = {};
  for (const name of Object.keys(figureMeanings) as FigureName[]) figures[name] = figure(given[name] ?? 0);
  return {
    name: "free",
    title: "a machine without costs",
    cpus: [{ name: "cpu", count: cpus, speed: figure(1) }],
    tlb: "interrupt",
    preemption: "full",
    hz: 250,
    baseSliceNs: figure(700_000),
    gracePeriodNs: { lo: figure(10_000_000), hi: figure(30_000_000) },
    figures: figures as Record<FigureName, Figure>,
    ...changed,
  };
}

/** A second of simulated time without costs; every part can be given otherwise. */
export function settingOf(
  tasks: readonly ScriptedTask[],
  { cpus = 2, costs = {}, machine = {}, ...changed }: SettingChanges = {},
): ReplicationSetting {
  return {
    program: scriptedProgram(tasks),
    profile: freeProfile(cpus, costs, machine),
    costs: new Map(),
    cpus: null,
    untilNs: 1_000_000_000,
    warmUpNs: 0,
    eventsMax: 1_000_000,
    seed: 1,
    replication: 0,
    oracleRwlock: null,
    ...changed,
  };
}

type SettingChanges = Partial<Omit<ReplicationSetting, "cpus" | "costs" | "program" | "profile">> & {
  readonly cpus?: number;
  readonly costs?: Partial<Record<FigureName, number>>;
  readonly machine?: Partial<MachineProfile>;
};

/** Listens to nothing. */
export function silentRecorder(): Recorder {
  const nothing = (): void => undefined;
  return {
    lockTaken: nothing,
    lockReleased: nothing,
    trylockFailed: nothing,
    waitedFor: nothing,
    blockedSleep: nothing,
    spanBegun: nothing,
    spanDone: nothing,
    note: nothing,
    warmUpEnds: nothing,
    halfWay: nothing,
  };
}

/** Who held which lock from when to when, in the order of release, with the wait before: `b 1 write 5000-6000 spin 5000`. */
export function holdsOf(setting: ReplicationSetting): string[] {
  const lines: string[] = [];
  const waits = new Map<string, string>();
  const nameOf = (task: number): string => nameOfTask(setting.program.declarations, task);
  const recorder: Recorder = {
    ...silentRecorder(),
    lockTaken: ({ lock, task, wait }) => {
      const parts = Object.entries(wait).filter(([, ns]) => ns > 0);
      waits.set(`${String(task)} ${String(lock)}`, parts.map(([part, ns]) => ` ${part} ${String(ns)}`).join(""));
    },
    trylockFailed: (lock, mode, { task }) => {
      lines.push(`${nameOf(task)} ${String((lock - base) / 64)} ${mode} fails`);
    },
  };
  const timeline: TimelineRecorder = {
    onCpu: () => undefined,
    taskState: () => undefined,
    woke: () => undefined,
    held: ({ lock, mode, task, fromNs, toNs }) => {
      const wait = waits.get(`${String(task)} ${String(lock)}`) ?? "";
      lines.push(`${nameOf(task)} ${String((lock - base) / 64)} ${mode} ${String(fromNs)}-${String(toNs)}${wait}`);
    },
  };
  const { fault } = runReplication(setting, recorder, timeline);
  if (fault !== null) lines.push(`${fault.class}: ${fault.message}`);
  return lines;
}

function nameOfTask(declarations: readonly Declaration[], task: number): string {
  const of = declarations.find(({ firstTask, count }) => task >= firstTask && task < firstTask + count);
  if (of === undefined) return String(task);
  return of.count === 1 ? of.name : `${of.name}${String(task - of.firstTask)}`;
}
