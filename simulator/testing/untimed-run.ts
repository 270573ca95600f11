/** Runs timed code without time: at each turn one of the tasks that can go on does, by chance. */
import type { CodeHost, Fault, TimedProgram, World } from "../des/timed-code.ts";
import { Misuse, UntimedLocks } from "./untimed-locks.ts";

/** Numbers below 2^32 (mulberry32). */
export function createChance(seed: number): { readonly below: (count: number) => number; readonly real: () => number } {
  let state = seed | 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  return { below: (count) => next() % count, real: () => next() / 4_294_967_296 };
}

export type UntimedEnd =
  | { readonly kind: "violation"; readonly class: string; readonly message: string }
  /** All ended or at rest; `world` for its last values. */
  | { readonly kind: "end"; readonly world: World }
  | { readonly kind: "limit"; readonly class: string };

type Waiting = { readonly site: number; readonly args: readonly number[]; first: boolean; seen: string };

class UntimedRun {
  readonly #program: TimedProgram;
  readonly #locks: UntimedLocks;
  readonly #chance: ReturnType<typeof createChance>;
  readonly #waiting = new Map<number, Waiting>();
  readonly #ended = new Set<number>();
  #turn = 0;

  constructor(program: TimedProgram, seed: number) {
    this.#program = program;
    this.#chance = createChance(seed);
    this.#locks = new UntimedLocks(this.#chance);
  }

  run(turns: number): UntimedEnd {
    const world = this.#program.createWorld(this.#host());
    if (!("run" in world)) return failed(world);
    try {
      return this.#play(world, turns);
    } catch (error) {
      if (!(error instanceof Misuse)) throw error;
      return { kind: "violation", class: error.violation, message: error.message };
    }
  }

  #host(): CodeHost {
    return {
      choose: (_task, _site, lo, hi) => lo + this.#chance.below(hi - lo + 1),
      uniform: () => this.#chance.real(),
      touch: () => undefined,
      note: () => undefined,
      inReadSection: (task) => this.#locks.inReadSection(task),
      atOnce: (task, site, args) =>
        this.#locks.try(task, this.#program.sites[site]?.kind ?? "pause", { args: [...args], first: true }),
    };
  }

  #play(world: World, turns: number): UntimedEnd {
    const tasks = Array.from({ length: this.#program.taskCount }, (_, task) => task);
    for (this.#turn = 0; this.#turn < turns; this.#turn += 1) {
      let end: UntimedEnd | "moved" | "waits" = "waits";
      // A time that may be over is over by chance: several rounds of nothing mean that nothing comes.
      for (let round = 0; round < 40 && end === "waits"; round += 1) end = this.#round(world, tasks);
      if (end === "waits") return this.#still(world, tasks);
      if (end !== "moved") return end;
    }
    return { kind: "limit", class: "turns" };
  }

  /** Tries all tasks, in any order, until one goes on. */
  #round(world: World, tasks: readonly number[]): UntimedEnd | "moved" | "waits" {
    const order = tasks.filter((task) => !this.#ended.has(task));
    while (order.length > 0) {
      const [task] = order.splice(this.#chance.below(order.length), 1);
      if (task === undefined) break;
      const end = this.#step(world, task);
      if (end !== "waits") return end;
    }
    return "waits";
  }

  /** One turn of a task. */
  #step(world: World, task: number): UntimedEnd | "moved" | "waits" {
    const waiting = this.#waiting.get(task);
    let answer: number | null = 0;
    const before = this.#seen(world);
    if (waiting !== undefined) {
      const kind = this.#program.sites[waiting.site]?.kind ?? "pause";
      if (kind === "await") answer = waiting.seen === before ? null : 0;
      else answer = this.#locks.try(task, kind, { args: waiting.args, first: waiting.first });
      const wasFirst = waiting.first;
      waiting.first = false;
      if (answer === null) {
        // Only the first try of a lock that queues, and the end of a callback, change something.
        return wasFirst && (kind.startsWith("down-") || kind === "rcu-callbacks") ? "moved" : "waits";
      }
    }
    const site = world.run(task, answer ?? 0);
    // A loop that never asks is cut off after many operations.
    if (this.#program.sites[site]?.kind === "pause") this.#turn += 50;
    if (site < 0) return this.#stop(world, task);
    const seen = this.#seen(world);
    const isAgain = waiting?.site === site && this.#program.sites[site]?.kind === "await" && seen === before;
    this.#waiting.set(task, { site, args: [...world.args], first: true, seen });
    const always = this.#program.hasAlways ? world.checkAlways() : null;
    if (always !== null) return failed(always);
    return isAgain ? "waits" : "moved";
  }

  /** Changes when an awaited condition may have. */
  #seen(world: World): string {
    return `${String(world.writes())} ${String(this.#locks.epoch)}`;
  }

  #stop(world: World, task: number): UntimedEnd | "moved" {
    if (world.stopReason() !== "ended") return failed(world.fault());
    this.#ended.add(task);
    if (this.#locks.leaks(task)) return { kind: "violation", class: "lock-leak", message: `task ${String(task)}` };
    const always = this.#program.hasAlways ? world.checkAlways() : null;
    return always === null ? "moved" : failed(always);
  }

  /** Nobody can go on. */
  #still(world: World, tasks: readonly number[]): UntimedEnd {
    const stuck = tasks.filter((task) => !this.#ended.has(task) && world.isIdle?.(task) !== true);
    if (stuck.length > 0 || this.#locks.pendingCallbacks > 0)
      return { kind: "violation", class: "deadlock", message: `tasks ${stuck.join()}` };
    const fault = world.checkFinally();
    return fault === null ? { kind: "end", world } : failed(fault);
  }
}

function failed(fault: Fault): UntimedEnd {
  const { class: name, message } = fault;
  return fault.kind === "limit" ? { kind: "limit", class: name } : { kind: "violation", class: name, message };
}

/** Plays a program to its end, or for so many turns. Equal seeds play alike. */
export function playUntimed(
  program: TimedProgram,
  options: { readonly seed: number; readonly turns: number },
): UntimedEnd {
  return new UntimedRun(program, options.seed).run(options.turns);
}
