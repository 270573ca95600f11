/** What is counted of one lock in one replication. Nanoseconds. */
import type { HolderState, LockKind, LockMode, Wait } from "../recorder.ts";

/** What the holder did while others waited, in the order of the counters. */
export const holderStates = ["running", "runnable", "blocked", "none"] as const satisfies readonly HolderState[];

/** Smallest, largest, sum and number of times. */
export class Extremes {
  count = 0;
  min = Infinity;
  max = 0;
  total = 0;

  add(ns: number): void {
    this.count += 1;
    this.total += ns;
    if (ns < this.min) this.min = ns;
    if (ns > this.max) this.max = ns;
  }

  merge(other: Extremes): void {
    this.count += other.count;
    this.total += other.total;
    this.min = Math.min(this.min, other.min);
    this.max = Math.max(this.max, other.max);
  }
}

/** One lock and mode. */
export class ModeAccount {
  acquisitions = 0;
  contentions = 0;
  trylockFailures = 0;
  sleeps = 0;
  /** Of contended requests, as in lock_stat. */
  readonly wait = new Extremes();
  readonly hold = new Extremes();
  readonly whileHolder = new Float64Array(holderStates.length);
  /** Nanoseconds by holder: see `holderKey`. */
  readonly waitedFor = new Map<number, number>();

  merge(other: ModeAccount): void {
    this.acquisitions += other.acquisitions;
    this.contentions += other.contentions;
    this.trylockFailures += other.trylockFailures;
    this.sleeps += other.sleeps;
    this.wait.merge(other.wait);
    this.hold.merge(other.hold);
    for (const [state, ns] of other.whileHolder.entries())
      this.whileHolder[state] = (this.whileHolder[state] ?? 0) + ns;
    for (const [holder, ns] of other.waitedFor) addTo(this.waitedFor, holder, ns);
  }

  hasSeen(): boolean {
    return this.acquisitions > 0 || this.trylockFailures > 0 || this.hold.count > 0 || this.waitedFor.size > 0;
  }
}

export function addTo<Key>(sums: Map<Key, number>, key: Key, more: number): void {
  sums.set(key, (sums.get(key) ?? 0) + more);
}

/** One lock, both modes, and who waited for it. */
export class LockAccount {
  /** Not known before the lock was asked for. */
  kind: LockKind | null = null;
  read: ModeAccount | null = null;
  write: ModeAccount | null = null;
  /** Spinning and blocked, two numbers for each declaration; empty as long as nobody waited. */
  waits: Float64Array = new Float64Array(0);

  mode(mode: LockMode): ModeAccount {
    if (mode === "read") return (this.read ??= new ModeAccount());
    return (this.write ??= new ModeAccount());
  }

  addWait(declaration: number, wait: Pick<Wait, "spin" | "blocked">, declarations: number): void {
    if (this.waits.length === 0) this.waits = new Float64Array(2 * declarations);
    this.waits[2 * declaration] = (this.waits[2 * declaration] ?? 0) + wait.spin;
    this.waits[2 * declaration + 1] = (this.waits[2 * declaration + 1] ?? 0) + wait.blocked;
  }

  /** What was counted so far is the warm-up's. The kind stays known. */
  restart(): void {
    this.read = null;
    this.write = null;
    this.waits = new Float64Array(0);
  }

  /** Nothing was seen of it since the warm-up. */
  isUnused(): boolean {
    return this.read === null && this.write === null && this.waits.length === 0;
  }

  merge(other: LockAccount): void {
    this.kind ??= other.kind;
    if (other.read !== null) this.mode("read").merge(other.read);
    if (other.write !== null) this.mode("write").merge(other.write);
    for (let declaration = 0; 2 * declaration < other.waits.length; declaration += 1) {
      const wait = { spin: other.waits[2 * declaration] ?? 0, blocked: other.waits[2 * declaration + 1] ?? 0 };
      this.addWait(declaration, wait, other.waits.length / 2);
    }
  }
}
