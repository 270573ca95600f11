/**
 * A queue in front of equal servers, simulated in the plainest way and told to a recorder as the contention engine tells
 * its own: so the statistics can be proven right against closed forms without that engine, and later the engine with the
 * statistics. One lock at address `queueLock`, a semaphore of so many servers; the span is the wait for it.
 */
import { createStreams } from "../des/random/streams.ts";
import type { Recorder, Snapshot, TaskClock } from "../des/recorder.ts";
import type { RunReplication } from "../des/setting.ts";
import type { TimedProgram } from "../des/timed-code.ts";

export const queueLock = 64;

export type QueueModel = {
  /** Open: customers come by themselves (a Poisson stream); closed: each thinks, then comes again. */
  readonly source:
    { readonly kind: "open"; readonly meanNs: number } | { readonly kind: "closed"; readonly meanNs: number };
  /** Of a closed queue; of an open one, how many may be there at once. */
  readonly customers: number;
  readonly servers: number;
  /** Service time from a uniform number in [0, 1). */
  readonly service: (uniform: number) => number;
};

/** Exponential with this mean, whole nanoseconds. */
export function exponential(meanNs: number): (uniform: number) => number {
  return (uniform) => Math.round(-meanNs * Math.log(1 - uniform));
}

const place = { file: "queue.scn", line: 1, column: 1, endLine: 1, endColumn: 2 };

export function queueProgram(model: QueueModel): TimedProgram {
  const site = { spelling: "down", place, irq: "none" } as const;
  return {
    declarations: [{ name: "customer", count: model.customers, firstTask: 0, nice: 0, cpus: null, irq: false }],
    taskCount: model.customers,
    sites: [
      { ...site, kind: "semaphore-down" },
      { ...site, kind: "sleep" },
      { ...site, kind: "work" },
    ],
    spans: [{ text: "wait", place }],
    notes: [{ text: "came at once", place }],
    hasAlways: false,
    nameOf: () => ({ name: "server", lockClass: null }),
    createWorld: () => {
      throw new Error("the reference queue runs no code");
    },
    assumptions: [],
  };
}

type State = "asleep" | "blocked" | "run";
type Event = {
  readonly at: number;
  readonly kind: "come" | "served" | "warm-up" | "half" | "end";
  readonly task: number;
};

export function queueEngine(model: QueueModel): RunReplication {
  return (setting, recorder) => new Queue(model, setting, recorder).run();
}

class Queue {
  readonly #model: QueueModel;
  readonly #setting: Parameters<RunReplication>[0];
  readonly #recorder: Recorder;
  readonly #draw: (task: number, site: number) => number;
  readonly #events: Event[] = [];
  readonly #clocks: { -readonly [Part in keyof TaskClock]: number }[];
  readonly #states: { state: State; since: number }[];
  readonly #waiting: number[] = [];
  readonly #free: number[];
  #now = 0;
  #busy = 0;
  #count = 0;
  #passages = 0;

  constructor(model: QueueModel, setting: Parameters<RunReplication>[0], recorder: Recorder) {
    this.#model = model;
    this.#setting = setting;
    this.#recorder = recorder;
    this.#draw = createStreams(setting, setting.program).uniform;
    const tasks = Array.from({ length: model.customers }, (_, task) => task);
    this.#clocks = tasks.map(() => ({ run: 0, spin: 0, runnable: 0, blocked: 0, asleep: 0, outside: 0 }));
    this.#states = tasks.map(() => ({ state: "asleep", since: 0 }));
    this.#free = tasks.toReversed();
  }

  run(): ReturnType<RunReplication> {
    const { warmUpNs, untilNs, eventsMax } = this.#setting;
    this.#schedule({ at: warmUpNs, kind: "warm-up", task: -1 });
    this.#schedule({ at: (warmUpNs + untilNs) / 2, kind: "half", task: -1 });
    this.#schedule({ at: untilNs, kind: "end", task: -1 });
    if (this.#model.source.kind === "open") this.#comeLater(-1);
    else for (let task = 0; task < this.#model.customers; task += 1) this.#comeLater(task);
    for (;;) {
      const event = this.#next();
      this.#now = event.at;
      this.#count += 1;
      if (event.kind === "end") return { ...this.#snapshot(), stop: "until", fault: null };
      if (this.#count > eventsMax) return { ...this.#snapshot(), stop: "events-limit", fault: null };
      this.#happen(event);
    }
  }

  #happen({ kind, task }: Event): void {
    if (kind === "warm-up") this.#recorder.warmUpEnds(this.#snapshot());
    else if (kind === "half") this.#recorder.halfWay(this.#snapshot());
    else if (kind === "served") this.#leave(task);
    else if (task >= 0) this.#come(task);
    else {
      this.#comeLater(-1);
      const customer = this.#free.pop();
      if (customer === undefined) throw new Error("more customers than the model has");
      this.#come(customer);
    }
  }

  #comeLater(task: number): void {
    const { meanNs } = this.#model.source;
    this.#schedule({ at: this.#now + exponential(meanNs)(this.#draw(task, 1)), kind: "come", task });
  }

  #come(task: number): void {
    this.#recorder.spanBegun(task, 0);
    if (this.#busy < this.#model.servers) {
      this.#recorder.note(task, 0);
      this.#serve(task, 0);
    } else {
      this.#enter(task, "blocked");
      this.#waiting.push(task);
    }
  }

  #serve(task: number, waitedNs: number): void {
    const wait = { spin: 0, blocked: waitedNs, runnable: 0 };
    const contended = this.#states[task]?.state === "blocked";
    if (contended) {
      const whileHolder = { running: waitedNs, runnable: 0, blocked: 0, none: 0 };
      const parts = { mode: "write", holder: 0, holderSite: 0, holderState: "running", ns: waitedNs } as const;
      this.#recorder.waitedFor(queueLock, parts);
      this.#recorder.blockedSleep({ task, lock: queueLock, ns: waitedNs, whileHolder });
    }
    const taken = { lock: queueLock, kind: "semaphore", mode: "write", task, site: 0 } as const;
    this.#recorder.lockTaken({ ...taken, contended, slept: contended, wait });
    const split = { run: 0, spin: 0, runnable: 0, blocked: waitedNs, asleep: 0, outside: 0 };
    const byLock = new Map(contended ? [[queueLock, wait]] : []);
    this.#recorder.spanDone({ task, span: 0, latencyNs: waitedNs, split, byLock });
    this.#busy += 1;
    this.#passages += 1;
    this.#enter(task, "run");
    this.#schedule({ at: this.#now + this.#model.service(this.#draw(task, 2)), kind: "served", task });
  }

  #leave(task: number): void {
    const holdNs = this.#now - (this.#states[task]?.since ?? 0);
    this.#recorder.lockReleased(queueLock, "write", { task, site: 0, holdNs });
    this.#enter(task, "asleep");
    this.#busy -= 1;
    if (this.#model.source.kind === "closed") this.#comeLater(task);
    else this.#free.push(task);
    const next = this.#waiting.shift();
    if (next !== undefined) this.#serve(next, this.#now - (this.#states[next]?.since ?? 0));
  }

  #enter(task: number, state: State): void {
    const known = this.#states[task];
    const clock = this.#clocks[task];
    if (known === undefined || clock === undefined) return;
    clock[known.state] += this.#now - known.since;
    known.state = state;
    known.since = this.#now;
  }

  #snapshot(): Snapshot {
    const now = this.#now;
    const tasks = this.#clocks.map((clock, task) => {
      const { state, since } = this.#states[task] ?? { state: "asleep", since: now };
      return { ...clock, [state]: clock[state] + now - since };
    });
    const waits = this.#waiting.map((task) => {
      const blocked = now - (this.#states[task]?.since ?? now);
      return { task, lock: queueLock, wait: { spin: 0, blocked, runnable: 0 } };
    });
    const cpus = tasks.map(({ run }) => ({ run, spin: 0, switching: 0, irq: 0, idle: now - run }));
    return { atNs: now, tasks, cpus, waits, events: this.#count, passages: this.#passages };
  }

  /** Events in falling order of time; of equal times the one scheduled first comes first. */
  #schedule(event: Event): void {
    let at = this.#events.length;
    while (at > 0 && (this.#events[at - 1]?.at ?? 0) <= event.at) at -= 1;
    this.#events.splice(at, 0, event);
  }

  #next(): Event {
    const event = this.#events.pop();
    if (event === undefined) throw new Error("the end is always to come");
    return event;
  }
}
