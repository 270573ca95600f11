/** The machine at time 0: CPUs of the profile, tasks of the program, and the slots of everything that can happen. */
import type { Recorder, TimelineRecorder } from "../recorder.ts";
import type { ReplicationSetting } from "../setting.ts";
import type { Declaration, World } from "../timed-code.ts";
import type { MachineProfile } from "../profile.ts";
import { createStreams } from "../random/streams.ts";
import { costsOf } from "./costs.ts";
import { EventHeap } from "./event-heap.ts";
import { Cpu, Task, type Machine, type Messages } from "./machine.ts";
import { prepareSite } from "./requests.ts";
import { sliceOf, weightOf } from "./run-queue.ts";
import { slots } from "./slots.ts";

export type Event =
  | { readonly kind: "until" | "warm-up" | "half-way" | "grace-period" }
  | { readonly kind: "piece" | "tick" | "irq"; readonly cpu: Cpu }
  | { readonly kind: "timer"; readonly task: Task };

export type Plan = {
  readonly machine: Machine;
  /** By slot. */
  readonly events: readonly Event[];
};

const nsPerSecond = 1_000_000_000;

export function createMachine(
  setting: ReplicationSetting,
  recorder: Recorder,
  timeline: TimelineRecorder | null,
): Plan {
  const { program, profile } = setting;
  const events: Event[] = [{ kind: "until" }, { kind: "warm-up" }, { kind: "half-way" }, { kind: "grace-period" }];
  const cpus = createCpus(setting, events);
  const tasks = createTasks(program.declarations, cpus, events);
  const [firstCpu] = cpus;
  const nobody = new Task(-1, -1, {
    weight: weightOf(0),
    allowed: null,
    cpu: firstCpu ?? new Cpu(0, 1, costsOf(profile, new Map(), 1), [-1, -1, -1]),
  });
  const machine: Machine = {
    now: 0,
    events: 0,
    passages: 0,
    fault: null,
    unended: tasks.filter((task) => !task.isHelper).length,
    idleCpus: cpus.length,
    queuedTasks: 0,
    active: null,
    heap: new EventHeap(events.length),
    due: [],
    dueTaken: 0,
    program,
    recorder,
    timeline,
    tasks,
    cpus,
    sites: program.sites.map((site, number) => prepareSite(site, number, cpus)),
    locks: new Map(),
    waitQueues: new Map(),
    folioWaiters: new Int32Array(256),
    lockChanges: 0,
    settledChanges: -1,
    eventsMax: setting.eventsMax,
    nobody,
    pendingIrqTasks: [],
    awaiting: [],
    gracePeriods: [],
    gracePeriodSlot: slots.gracePeriod,
    callbacks: { isOver: [], handedOut: 0, done: 0, thread: null, barriers: [] },
    lines: new Int16Array(4096),
    streams: createStreams({ seed: setting.seed, replication: setting.replication }, program),
    preemption: profile.preemption,
    broadcastsFlushes: profile.tlb === "broadcast",
    tickNs: Math.round(nsPerSecond / profile.hz),
    handoffTicks: Math.ceil(profile.hz / 250),
    sliceNs: sliceOf(profile.baseSliceNs.value, cpus.length),
    gracePeriod: { loNs: profile.gracePeriodNs.lo.value, hiNs: profile.gracePeriodNs.hi.value },
    oracleRwlock: setting.oracleRwlock,
    messages: createMessages(),
    freeHolds: [],
    world: noWorld,
  };
  return { machine, events };
}

function createCpus({ profile, cpus: asked, costs }: ReplicationSetting, events: Event[]): Cpu[] {
  const cpus: Cpu[] = [];
  const count = asked ?? profile.cpus.reduce((sum, kind) => sum + kind.count, 0);
  for (let id = 0; id < count; id += 1) {
    const speed = speedOf(profile, id);
    const first = events.length;
    const cpu = new Cpu(id, speed, costsOf(profile, costs, speed), [first, first + 1, first + 2]);
    events.push({ kind: "piece", cpu }, { kind: "tick", cpu }, { kind: "irq", cpu });
    cpus.push(cpu);
  }
  return cpus;
}

/** Speed of a CPU by its number; beyond the profile's, that of its last kind. */
function speedOf({ cpus }: MachineProfile, id: number): number {
  let first = 0;
  for (const kind of cpus) {
    first += kind.count;
    if (id < first) return kind.speed.value;
  }
  return cpus.at(-1)?.speed.value ?? 1;
}

function createTasks(declarations: readonly Declaration[], cpus: readonly Cpu[], events: Event[]): Task[] {
  const tasks: Task[] = [];
  for (const declaration of declarations) {
    const allowed = maskOf(declaration, cpus);
    const weight = weightOf(declaration.nice);
    const home = cpus.find((cpu) => allowed === null || allowed[cpu.id] === 1) ?? cpus[0];
    for (let nth = 0; nth < declaration.count && home !== undefined; nth += 1) {
      const task = new Task(declaration.firstTask + nth, events.length, { weight, allowed, cpu: home });
      task.isIrq = declaration.irq;
      task.isHelper = declaration.irq || declaration.hidden === true;
      events.push({ kind: "timer", task });
      tasks.push(task);
    }
  }
  return tasks;
}

/** CPUs that the tasks may use; a mask that names none that exists is no mask, as with sched_setaffinity. */
function maskOf({ cpus: named }: Declaration, cpus: readonly Cpu[]): Uint8Array | null {
  if (named === null) return null;
  const mask = Uint8Array.from(cpus, (cpu) => (named.includes(cpu.id) ? 1 : 0));
  return mask.includes(1) ? mask : null;
}

function createMessages(): Messages {
  return {
    taken: {
      lock: 0,
      kind: "spinlock",
      mode: "write",
      task: 0,
      site: 0,
      contended: false,
      slept: false,
      wait: { spin: 0, blocked: 0, runnable: 0 },
    },
    released: { task: 0, site: 0, holdNs: 0 },
    trylock: { kind: "spinlock", task: 0, site: 0 },
    waited: { mode: "write", holder: 0, holderSite: 0, holderState: "none", ns: 0 },
    slept: { task: 0, lock: 0, ns: 0, whileHolder: { running: 0, runnable: 0, blocked: 0, none: 0 } },
  };
}

/** Stands in until the world exists; init bodies ask nothing of it. */
const noWorld: World = {
  run: () => -1,
  args: new Int32Array(0),
  ns: () => 0,
  stopReason: () => "ended",
  fault: () => ({ kind: "violation", class: "assertion", message: "there is no world yet", place: null }),
  checkAlways: () => null,
  checkFinally: () => null,
  writes: () => 0,
};
