/**
 * Locks and waits by the rules of the language, without time: what a request answers, or that it has to wait. For the test
 * that compares timed code with explore; written from the documents, apart from both.
 */
import type { RequestKind } from "../des/timed-code.ts";

/** A request's meaning went wrong: the class that explore has for it. */
export class Misuse extends Error {
  readonly violation: string;

  constructor(violation: string, message: string) {
    super(message);
    this.violation = violation;
  }
}

type Lock = {
  writer: number;
  /** Task of each read lock held. */
  readers: number[];
  /** rwsem: who waits, and how; a granted reader is here no more. */
  waiting: { readonly task: number; readonly mode: "read" | "write" }[];
  granted: Set<number>;
  count: number;
};

type Callback = { readonly sections: Set<number>; readonly domain: number };
type Queued = { readonly task: number; readonly exclusive: boolean; readonly staying: boolean };

/** complete_all is the largest count, which waiting does not lower. */
const completedForAll = 0xffff;

/** Families of requests are looked through one after another, so that no switch has all of them. */
function wordOf(kind: RequestKind): string {
  return kind;
}

type More = {
  readonly address: number;
  readonly second: number;
  readonly third: number;
  readonly fourth: number;
  readonly first: boolean;
};

export type Chance = { readonly below: (count: number) => number };

/** An answer; null: not yet. */
export type Answer = number | null;

export class UntimedLocks {
  /** Changes whenever something was taken, given or woken. */
  epoch = 0;
  readonly #chance: Chance;
  readonly #locks = new Map<number, Lock>();
  readonly #queues = new Map<number, Queued[]>();
  readonly #states = new Map<number, number>();
  /** Open read sections: a number of its own for each outermost one. */
  readonly #sections = new Map<number, { id: number; depth: number }>();
  readonly #srcu = new Map<number, Map<number, number[]>>();
  readonly #graces = new Map<number, Set<number>>();
  readonly #callbacks: Callback[] = [];
  #running = 0;
  #handedOut = 0;
  readonly #barriers = new Map<number, number>();
  #sectionIds = 0;

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  inReadSection(task: number): boolean {
    return this.#sections.has(task);
  }

  get pendingCallbacks(): number {
    return this.#callbacks.length + this.#running;
  }

  /** Whether the task still has a lock that has an owner, or a section. */
  leaks(task: number): boolean {
    if (this.#sections.has(task)) return true;
    return [...this.#locks.values()].some((lock) => lock.writer === task || lock.readers.includes(task));
  }

  #lock(address: number): Lock {
    const known = this.#locks.get(address);
    if (known !== undefined) return known;
    const made: Lock = { writer: -2, readers: [], waiting: [], granted: new Set(), count: 0 };
    this.#locks.set(address, made);
    return made;
  }

  /** Tries a request. `first`: it was not tried before. */
  try(task: number, kind: RequestKind, request: { readonly args: readonly number[]; readonly first: boolean }): Answer {
    const answer = this.#dispatch(task, kind, request);
    if (answer !== null) this.epoch += 1;
    return answer;
  }

  #dispatch(
    task: number,
    kind: RequestKind,
    { args, first }: { readonly args: readonly number[]; readonly first: boolean },
  ): Answer {
    const [address = 0, second = 0, third = 0, fourth = 0] = args;
    const lock = this.#lock(address);
    switch (wordOf(kind)) {
      case "spin-lock":
      case "mutex-lock":
      case "write-lock":
        return this.#takeOwned(lock, task);
      case "spin-trylock":
      case "mutex-trylock":
      case "write-trylock":
        if (lock.writer !== -2 || lock.readers.length > 0) return 0;
        lock.writer = task;
        return 1;
      case "spin-unlock":
      case "mutex-unlock":
      case "write-unlock":
      case "up-write":
      case "downgrade-write":
        return this.#giveOwned(lock, task, kind);
      case "spin-is-locked":
      case "mutex-is-locked":
        return lock.writer === -2 ? 0 : 1;
      case "rwsem-is-locked":
        return lock.writer === -2 && lock.readers.length === 0 ? 0 : 1;
      case "rwsem-is-contended":
        return lock.waiting.length > 0 ? 1 : 0;
      case "read-lock":
        if (lock.writer === task || lock.readers.includes(task)) throw new Misuse("self-deadlock", kind);
        if (lock.writer !== -2) return null;
        lock.readers.push(task);
        return 0;
      case "read-trylock":
        if (lock.writer !== -2 || lock.readers.includes(task)) return 0;
        lock.readers.push(task);
        return 1;
      case "read-unlock":
      case "up-read": {
        const at = lock.readers.indexOf(task);
        if (at < 0) throw new Misuse("unlock-not-held", kind);
        lock.readers.splice(at, 1);
        return 0;
      }
      case "down-read":
      case "down-write":
        return first ? this.#downFirst(lock, task, kind) : this.#downAgain(lock, task);
      case "down-read-trylock":
        if (lock.writer !== -2 || lock.waiting.length > 0) return 0;
        lock.readers.push(task);
        return 1;
      case "down-write-trylock":
        if (lock.writer !== -2 || lock.readers.length > 0 || lock.waiting.length > 0) return 0;
        lock.writer = task;
        return 1;
      default:
        return this.#dispatchMore(task, kind, { lock, address, second, third, fourth, first });
    }
  }

  #dispatchMore(task: number, kind: RequestKind, of: More & { readonly lock: Lock }): Answer {
    const counted = this.#dispatchCounts(kind, of);
    return counted === undefined ? this.#dispatchWaits(task, kind, of) : counted;
  }

  #takeOwned(lock: Lock, task: number): Answer {
    if (lock.writer === task || lock.readers.includes(task)) throw new Misuse("self-deadlock", "taken twice");
    if (lock.writer !== -2 || lock.readers.length > 0) return null;
    lock.writer = task;
    return 0;
  }

  #giveOwned(lock: Lock, task: number, kind: RequestKind): Answer {
    if (lock.writer !== task) throw new Misuse("unlock-not-held", kind);
    lock.writer = -2;
    if (kind === "downgrade-write") {
      lock.readers.push(task);
      this.#grantReaders(lock);
    }
    return 0;
  }

  #grantReaders(lock: Lock): void {
    for (const waiter of lock.waiting) {
      if (waiter.mode !== "read") continue;
      lock.readers.push(waiter.task);
      lock.granted.add(waiter.task);
    }
    lock.waiting = lock.waiting.filter((waiter) => waiter.mode === "write");
  }

  #downFirst(lock: Lock, task: number, kind: RequestKind): Answer {
    if (lock.writer === task) throw new Misuse("self-deadlock", kind);
    if (kind === "down-write") {
      if (lock.readers.includes(task)) throw new Misuse("self-deadlock", kind);
      if (lock.writer === -2 && lock.readers.length === 0) {
        lock.writer = task;
        return 0;
      }
    } else {
      const waits = lock.waiting.length > 0;
      const isRefused = lock.writer !== -2 || (waits && lock.readers.length > 0);
      if (!isRefused && (!waits || this.#chance.below(2) === 0)) {
        lock.readers.push(task);
        return 0;
      }
    }
    lock.waiting.push({ task, mode: kind === "down-read" ? "read" : "write" });
    this.epoch += 1;
    return null;
  }

  #downAgain(lock: Lock, task: number): Answer {
    if (lock.granted.delete(task)) return 0;
    if (lock.writer !== -2 || lock.readers.length > 0) return null;
    const own = lock.waiting.find((waiter) => waiter.task === task);
    lock.waiting = lock.waiting.filter((waiter) => waiter.task !== task);
    if (own?.mode === "write") lock.writer = task;
    else {
      lock.readers.push(task);
      this.#grantReaders(lock);
    }
    return 0;
  }

  #dispatchCounts(kind: RequestKind, of: { readonly lock: Lock; readonly second: number }): Answer | undefined {
    const { lock, second } = of;
    const take = (): number => {
      if (lock.count === 0) return 0;
      if (lock.count !== completedForAll) lock.count -= 1;
      return 1;
    };
    switch (wordOf(kind)) {
      case "semaphore-init":
        lock.count = second;
        return 0;
      case "semaphore-down":
      case "folio-lock":
        if (kind === "folio-lock") {
          if (lock.count !== 0) return null;
          lock.count = 1;
          return 0;
        }
        return take() === 1 ? 0 : null;
      case "semaphore-down-trylock":
        return take() === 1 ? 0 : 1;
      case "semaphore-up":
        lock.count += 1;
        return 0;
      case "folio-trylock":
        if (lock.count !== 0) return 0;
        lock.count = 1;
        return 1;
      case "folio-unlock":
        if (lock.count === 0) throw new Misuse("unlock-not-held", kind);
        lock.count = 0;
        return 0;
      case "folio-test-locked":
        return lock.count;
      case "folio-wait-locked":
        return lock.count === 0 ? 0 : null;
      case "completion-wait": {
        if (take() === 1) return second > 0 ? second : 1;
        return second >= 0 && this.#chance.below(4) === 0 ? 0 : null;
      }
      case "completion-try-wait":
        return take();
      case "completion-done":
        return lock.count > 0 ? 1 : 0;
      case "complete":
        if (lock.count !== completedForAll) lock.count += 1;
        return 0;
      case "complete-all":
        lock.count = completedForAll;
        return 0;
      case "completion-reinit":
        lock.count = 0;
        return 0;
      default:
        return undefined;
    }
  }

  #dispatchWaits(task: number, kind: RequestKind, of: More): Answer {
    const { address, second, third, fourth, first } = of;
    const queue = this.#queues.get(address) ?? [];
    switch (wordOf(kind)) {
      case "queue-prepare":
        if (second >= 0) this.#states.set(task, second);
        if (address === 0) return 0;
        this.#queues.set(address, [
          ...queue.filter((waiter) => waiter.task !== task),
          { task, exclusive: third !== 0, staying: fourth !== 0 },
        ]);
        return queue.length === 0 ? 1 : 0;
      case "queue-finish":
        this.#queues.set(
          address,
          queue.filter((waiter) => waiter.task !== task),
        );
        if (second !== 0) this.#states.set(task, 0);
        return 0;
      case "queue-active":
        return queue.length > 0 ? 1 : 0;
      case "schedule":
        if ((this.#states.get(task) ?? 0) === 0) return address >= 0 ? address : 0;
        if (address < 0 || this.#chance.below(4) !== 0) return null;
        this.#states.set(task, 0);
        return 0;
      case "wake-up":
        this.#wake(address, { count: second, mode: third });
        return 0;
      case "wake-up-process": {
        const slept = ((this.#states.get(address) ?? 0) & second & 3) !== 0;
        if (slept) this.#states.set(address, 0);
        return slept ? 1 : 0;
      }
      default:
        return this.#dispatchRcu(task, kind, { address, second, first, domain: third });
    }
  }

  #wake(address: number, how: { readonly count: number; readonly mode: number }): void {
    const queue = this.#queues.get(address) ?? [];
    const asleep = queue.filter((waiter) => ((this.#states.get(waiter.task) ?? 0) & how.mode & 3) !== 0);
    const some = asleep.filter((waiter) => waiter.exclusive);
    const woken = asleep.filter((waiter) => !waiter.exclusive);
    for (let left = how.count === 0 ? some.length : how.count; left > 0 && some.length > 0; left -= 1)
      woken.push(...some.splice(this.#chance.below(some.length), 1));
    for (const waiter of woken) this.#states.set(waiter.task, 0);
    this.#queues.set(
      address,
      queue.filter((waiter) => waiter.staying || !woken.includes(waiter)),
    );
  }

  #openSections(): Set<number> {
    return new Set([...this.#sections.values()].map((section) => section.id));
  }

  #areOver(sections: ReadonlySet<number>): boolean {
    const open = this.#openSections();
    for (const sectionsOfDomain of this.#srcu.values()) {
      for (const ids of sectionsOfDomain.values()) for (const id of ids) open.add(id);
    }
    return ![...sections].some((id) => open.has(id));
  }

  #openIn(domain: number): Set<number> {
    return new Set([...(this.#srcu.get(domain)?.values() ?? [])].flat());
  }

  #dispatchRcu(
    task: number,
    kind: RequestKind,
    of: { readonly address: number; readonly second: number; readonly first: boolean; readonly domain: number },
  ): Answer {
    const { address, second, first } = of;
    switch (wordOf(kind)) {
      case "rcu-read-lock": {
        const open = this.#sections.get(task);
        if (open !== undefined) open.depth += 1;
        else this.#sections.set(task, { id: (this.#sectionIds += 1), depth: 1 });
        return 0;
      }
      case "rcu-read-unlock": {
        const open = this.#sections.get(task);
        if (open === undefined) throw new Misuse("unlock-not-held", kind);
        open.depth -= 1;
        if (open.depth === 0) this.#sections.delete(task);
        return 0;
      }
      case "srcu-read-lock": {
        const sections = this.#srcu.get(address) ?? new Map<number, number[]>();
        this.#srcu.set(address, sections);
        sections.set(task, [...(sections.get(task) ?? []), (this.#sectionIds += 1)]);
        return 0;
      }
      case "srcu-read-unlock": {
        const own = this.#srcu.get(address)?.get(task) ?? [];
        if (own.length === 0 || second !== 0) throw new Misuse("unlock-not-held", kind);
        own.pop();
        return 0;
      }
      case "synchronize-rcu":
      case "synchronize-srcu": {
        if (kind === "synchronize-srcu" && first && (this.#srcu.get(address)?.get(task)?.length ?? 0) > 0)
          throw new Misuse("rcu-misuse", kind);
        if (first) this.#graces.set(task, kind === "synchronize-rcu" ? this.#openSections() : this.#openIn(address));
        return this.#areOver(this.#graces.get(task) ?? new Set()) ? 0 : null;
      }
      case "rcu-call":
        this.#callbacks.push({
          sections: of.domain === 0 ? this.#openSections() : this.#openIn(of.domain),
          domain: of.domain,
        });
        return 0;
      case "rcu-callbacks": {
        this.#running = 0;
        const [oldest] = this.#callbacks;
        if (oldest === undefined || !this.#areOver(oldest.sections)) return null;
        this.#callbacks.shift();
        this.#handedOut += 1;
        this.#running = 1;
        return 0;
      }
      case "rcu-barrier": {
        if (first) this.#barriers.set(task, this.#handedOut + this.#callbacks.length);
        const wanted = this.#barriers.get(task) ?? 0;
        return this.#handedOut - this.#running >= wanted ? 0 : null;
      }
      default:
        return 0;
    }
  }
}
