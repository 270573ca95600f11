/**
 * Exact waits of queues and locks, computed without any simulation: closed forms, mean value analysis, Markov chains.
 * Mean service is 1; times are in that unit.
 */

/** M/G/1, mean wait in the queue. @param second E[S^2]. @source Pollaczek and Khinchine */
export function waitMG1(load: number, second: number): number {
  return (load * second) / (2 * (1 - load));
}

/** M/M/1: the wait that the share q of customers does not exceed; P(W > t) = load exp(-(1-load) t). */
export function quantileMM1(load: number, q: number): number {
  return q <= 1 - load ? 0 : Math.log(load / (1 - q)) / (1 - load);
}

/** M/M/c, mean wait. @param load of each server. @source Erlang's C formula, by the recursion of B */
export function waitMMc(servers: number, load: number): number {
  const offered = servers * load;
  let blocking = 1;
  for (let c = 1; c <= servers; c += 1) blocking = (offered * blocking) / (c + offered * blocking);
  const delayed = blocking / (1 - load * (1 - blocking));
  return delayed / (servers * (1 - load));
}

/** N clients of one FIFO server: mean wait. @source mean value analysis (Reiser and Lavenberg 1980) */
export function waitRepair(clients: number, think: number): number {
  let queue = 0;
  let wait = 0;
  for (let n = 1; n <= clients; n += 1) {
    wait = queue;
    queue = (n * (1 + wait)) / (think + 1 + wait);
  }
  return wait;
}

/** The same: the wait that the share q does not exceed. A client finds what N-1 would leave (arrival theorem). */
export function quantileRepair(clients: number, think: number, q: number): number {
  const weights = [1];
  for (let n = 1; n < clients; n += 1) weights.push(((weights[n - 1] ?? 0) * (clients - n)) / think);
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  const exceeds = (t: number): number => {
    let [term, poisson, sum] = [Math.exp(-t), 0, 0];
    // P(Erlang(n) > t) is P(Poisson(t) < n).
    for (let n = 1; n < clients; n += 1) {
      poisson += term;
      term *= t / n;
      sum += ((weights[n] ?? 0) / all) * poisson;
    }
    return sum;
  };
  let [low, high] = [0, 1000];
  for (let round = 0; round < 200; round += 1) {
    const middle = (low + high) / 2;
    if (exceeds(middle) > 1 - q) low = middle;
    else high = middle;
  }
  return high;
}

export type ReadersWriters = {
  readonly clients: number;
  readonly think: number;
  readonly writeShare: number;
  readonly prefers: "writer" | "reader";
};

/** Readers and writers inside and waiting. */
type LockState = readonly [readers: number, writers: number, waitingReaders: number, waitingWriters: number];

/**
 * Mean waits for a readers-writer lock, from the stationary chain and Little's law.
 *
 * All queued readers are granted together; the side that is not preferred only when nobody of the other waits.
 */
export function waitReadersWriters(model: ReadersWriters): { readonly read: number; readonly write: number } {
  const { states, stationary } = solveChain(model);
  let [readQueue, writeQueue, thinking] = [0, 0, 0];
  for (const [index, [readers, writers, waitingReaders, waitingWriters]] of states.entries()) {
    const share = stationary[index] ?? 0;
    readQueue += share * waitingReaders;
    writeQueue += share * waitingWriters;
    thinking += share * (model.clients - readers - writers - waitingReaders - waitingWriters);
  }
  const rate = thinking / model.think;
  return { read: readQueue / (rate * (1 - model.writeShare)), write: writeQueue / (rate * model.writeShare) };
}

/** Who is let in when somebody has left or come. */
function grant([readers, writers, waitingReaders, waitingWriters]: LockState, prefers: "writer" | "reader"): LockState {
  if (writers > 0) return [readers, writers, waitingReaders, waitingWriters];
  const writerFirst = waitingWriters > 0 && (prefers === "writer" || waitingReaders === 0);
  if (!writerFirst) return [readers + waitingReaders, 0, 0, waitingWriters];
  if (readers > 0) return [readers, 0, waitingReaders, waitingWriters];
  return [0, 1, waitingReaders, waitingWriters - 1];
}

type Chain = { readonly states: readonly LockState[]; readonly stationary: readonly number[] };

/** Gauss-Seidel sweeps over the balance equations until nothing moves. */
function solveChain(model: ReadersWriters): Chain {
  const states: LockState[] = [[0, 0, 0, 0]];
  const numbers = new Map([["0,0,0,0", 0]]);
  const arcs: { from: number; to: number; rate: number }[] = [];
  for (let from = 0; from < states.length; from += 1) {
    const state = states[from] ?? [0, 0, 0, 0];
    for (const { to, rate } of movesOf(state, model)) {
      const key = to.join(",");
      const number = numbers.get(key) ?? states.push(to) - 1;
      numbers.set(key, number);
      arcs.push({ from, to: number, rate });
    }
  }
  const out = states.map((_, index) => arcs.reduce((sum, arc) => (arc.from === index ? sum + arc.rate : sum), 0));
  const into = states.map((_, index) => arcs.filter((arc) => arc.to === index));
  let shares = states.map(() => 1 / states.length);
  for (let sweep = 0; sweep < 20_000; sweep += 1) {
    let moved = 0;
    for (const [index, arriving] of into.entries()) {
      const next = arriving.reduce((sum, arc) => sum + (shares[arc.from] ?? 0) * arc.rate, 0) / (out[index] ?? 1);
      moved = Math.max(moved, Math.abs(next - (shares[index] ?? 0)));
      shares[index] = next;
    }
    const all = shares.reduce((sum, share) => sum + share, 0);
    shares = shares.map((share) => share / all);
    if (moved < 1e-16) break;
  }
  return { states, stationary: shares };
}

function movesOf(
  state: LockState,
  model: ReadersWriters,
): readonly { readonly to: LockState; readonly rate: number }[] {
  const [readers, writers, waitingReaders, waitingWriters] = state;
  const coming = (model.clients - readers - writers - waitingReaders - waitingWriters) / model.think;
  const moves: { to: LockState; rate: number }[] = [];
  const add = (rate: number, to: LockState): void => {
    if (rate > 0) moves.push({ to: grant(to, model.prefers), rate });
  };
  add(coming * (1 - model.writeShare), [readers, writers, waitingReaders + 1, waitingWriters]);
  add(coming * model.writeShare, [readers, writers, waitingReaders, waitingWriters + 1]);
  add(readers, [readers - 1, writers, waitingReaders, waitingWriters]);
  add(writers, [readers, writers - 1, waitingReaders, waitingWriters]);
  return moves;
}
