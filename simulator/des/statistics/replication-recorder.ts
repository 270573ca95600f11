/**
 * Listens to one replication and keeps what the tables need of it. Nothing is kept of the warm-up but the series by which
 * its length is judged.
 */
import { cpuClockTable, tableDifference, taskClockTable } from "./clock-table.ts";
import { addTo, holderStates, LockAccount } from "./lock-account.ts";
import { countAbove, sleepThresholdsNs, SpanAccount } from "./span-account.ts";
import { Series } from "./series.ts";
import type { HolderState, Recorder, ReplicationEnd, Snapshot } from "../recorder.ts";
import type { TimedProgram } from "../timed-code.ts";

/** Uninterruptible sleeps of a declaration's tasks. */
export type SleepAccount = {
  count: number;
  longestNs: number;
  readonly above: Float64Array;
  /** Nanoseconds of those above the lowest threshold, by what the holder did (`holderStates`). */
  readonly longWhileHolder: Float64Array;
};

/** What one replication measured, from the end of its warm-up to its end. */
export type ReplicationFigures = {
  readonly measuredNs: number;
  /** Whether the warm-up ended before the replication did; if not, all of it is measured. */
  readonly warmedUp: boolean;
  readonly events: number;
  readonly passages: number;
  /** Rows of clockParts by task, and of cpuParts by CPU, of the measured time. */
  readonly tasks: Float64Array;
  readonly cpus: Float64Array;
  /** The same of its first half; null when it ended before that. */
  readonly firstHalf: { readonly ns: number; readonly tasks: Float64Array } | null;
  readonly locks: ReadonlyMap<number, LockAccount>;
  /** Sparse, at declaration * spans + span. */
  readonly spans: readonly (SpanAccount | undefined)[];
  readonly sleeps: readonly SleepAccount[];
  readonly notes: Float64Array;
};

/** A number for a holder's declaration and site; -1 for nobody. */
export function holderKey(declaration: number, site: number, program: TimedProgram): number {
  return declaration < 0 ? -1 : declaration * (program.sites.length + 1) + site + 1;
}

type Mark = { readonly snapshot: Snapshot; readonly tasks: Float64Array; readonly cpus: Float64Array };

export class ReplicationRecorder implements Recorder {
  readonly #program: TimedProgram;
  readonly #declarations: number;
  readonly #declarationOf: Int32Array;
  readonly #locks = new Map<number, LockAccount>();
  #spans: (SpanAccount | undefined)[] = [];
  #sleeps: SleepAccount[];
  #notes: Float64Array;
  /** Longest sleep in each open span of a task, innermost last. */
  readonly #openSpans: number[][];
  #start: Mark | null = null;
  #half: { readonly atNs: number; readonly tasks: Float64Array } | null = null;

  constructor(program: TimedProgram) {
    this.#program = program;
    this.#declarations = program.declarations.length;
    this.#declarationOf = new Int32Array(program.taskCount);
    for (const [index, { firstTask, count }] of program.declarations.entries())
      this.#declarationOf.fill(index, firstTask, firstTask + count);
    this.#openSpans = Array.from({ length: program.taskCount }, () => []);
    this.#sleeps = program.declarations.map(newSleepAccount);
    this.#notes = new Float64Array(program.notes.length);
  }

  #lock(address: number): LockAccount {
    const known = this.#locks.get(address);
    if (known !== undefined) return known;
    const account = new LockAccount();
    this.#locks.set(address, account);
    return account;
  }

  lockTaken(event: Parameters<Recorder["lockTaken"]>[0]): void {
    const lock = this.#lock(event.lock);
    lock.kind = event.kind;
    const account = lock.mode(event.mode);
    account.acquisitions += 1;
    if (!event.contended) return;
    const { wait } = event;
    account.contentions += 1;
    if (event.slept) account.sleeps += 1;
    account.wait.add(wait.spin + wait.blocked + wait.runnable);
    if (wait.spin > 0 || wait.blocked > 0) lock.addWait(this.#declarationOf[event.task] ?? 0, wait, this.#declarations);
  }

  lockReleased(...[lock, mode, event]: Parameters<Recorder["lockReleased"]>): void {
    this.#lock(lock).mode(mode).hold.add(event.holdNs);
  }

  trylockFailed(...[lock, mode, event]: Parameters<Recorder["trylockFailed"]>): void {
    const account = this.#lock(lock);
    account.kind = event.kind;
    account.mode(mode).trylockFailures += 1;
  }

  waitedFor(lock: number, event: Parameters<Recorder["waitedFor"]>[1]): void {
    const account = this.#lock(lock).mode(event.mode);
    const state = stateIndex(event.holderState);
    account.whileHolder[state] = (account.whileHolder[state] ?? 0) + event.ns;
    const declaration = event.holder < 0 ? -1 : (this.#declarationOf[event.holder] ?? -1);
    addTo(account.waitedFor, holderKey(declaration, event.holderSite, this.#program), event.ns);
  }

  blockedSleep(event: Parameters<Recorder["blockedSleep"]>[0]): void {
    const account = this.#sleeps[this.#declarationOf[event.task] ?? 0];
    if (account === undefined) return;
    account.count += 1;
    if (event.ns > account.longestNs) account.longestNs = event.ns;
    countAbove(account.above, event.ns);
    if (event.ns > sleepThresholdsNs[0])
      for (const [index, state] of holderStates.entries())
        account.longWhileHolder[index] = (account.longWhileHolder[index] ?? 0) + event.whileHolder[state];
    const open = this.#openSpans[event.task];
    if (open !== undefined && open.length > 0) open[open.length - 1] = Math.max(open.at(-1) ?? 0, event.ns);
  }

  spanBegun(task: number): void {
    this.#openSpans[task]?.push(0);
  }

  spanDone(event: Parameters<Recorder["spanDone"]>[0]): void {
    const index = (this.#declarationOf[event.task] ?? 0) * this.#program.spans.length + event.span;
    const account = (this.#spans[index] ??= new SpanAccount(new Series()));
    account.add(event.latencyNs, event);
    const open = this.#openSpans[event.task];
    const longest = open?.pop() ?? 0;
    countAbove(account.sleptAbove, longest);
    // What lies inside an inner span lies inside the outer one too.
    if (open !== undefined && open.length > 0) open[open.length - 1] = Math.max(open.at(-1) ?? 0, longest);
  }

  note(_task: number, note: number): void {
    this.#notes[note] = (this.#notes[note] ?? 0) + 1;
  }

  warmUpEnds(snapshot: Snapshot): void {
    this.#start = this.#mark(snapshot);
    for (const account of this.#locks.values()) account.restart();
    this.#spans = this.#spans.map((account) => (account === undefined ? undefined : new SpanAccount(account.series)));
    this.#sleeps = this.#program.declarations.map(newSleepAccount);
    this.#notes = new Float64Array(this.#program.notes.length);
    // Of a wait that began before, only what comes is measured.
    this.#addWaits(snapshot, -1);
  }

  halfWay(snapshot: Snapshot): void {
    this.#half = { atNs: snapshot.atNs, tasks: taskClockTable(snapshot.tasks) };
    for (const account of this.#spans)
      if (account !== undefined) account.firstHalf = { count: account.latency.count(), sum: account.latency.sum() };
  }

  finish(end: ReplicationEnd): ReplicationFigures {
    this.#addWaits(end, 1);
    const start = this.#start;
    const startNs = start?.snapshot.atNs ?? 0;
    const startTasks = start?.tasks ?? new Float64Array(0);
    const half = this.#half;
    return {
      measuredNs: end.atNs - startNs,
      warmedUp: start !== null,
      events: end.events,
      passages: end.passages - (start?.snapshot.passages ?? 0),
      tasks: tableDifference(taskClockTable(end.tasks), startTasks),
      cpus: tableDifference(cpuClockTable(end.cpus), start?.cpus ?? new Float64Array(0)),
      firstHalf: half === null ? null : { ns: half.atNs - startNs, tasks: tableDifference(half.tasks, startTasks) },
      locks: this.#locks,
      spans: this.#spans,
      sleeps: this.#sleeps,
      notes: this.#notes,
    };
  }

  #mark(snapshot: Snapshot): Mark {
    const { atNs, events, passages } = snapshot;
    const kept = { atNs, events, passages, tasks: [], cpus: [], waits: [] };
    return { snapshot: kept, tasks: taskClockTable(snapshot.tasks), cpus: cpuClockTable(snapshot.cpus) };
  }

  #addWaits(snapshot: Snapshot, sign: 1 | -1): void {
    for (const { task, lock, wait } of snapshot.waits) {
      const part = { spin: sign * wait.spin, blocked: sign * wait.blocked };
      this.#lock(lock).addWait(this.#declarationOf[task] ?? 0, part, this.#declarations);
    }
  }
}

function stateIndex(state: HolderState): number {
  switch (state) {
    case "running":
      return 0;
    case "runnable":
      return 1;
    case "blocked":
      return 2;
    case "none":
      return 3;
  }
}

function newSleepAccount(): SleepAccount {
  return {
    count: 0,
    longestNs: 0,
    above: new Float64Array(sleepThresholdsNs.length),
    longWhileHolder: new Float64Array(holderStates.length),
  };
}
