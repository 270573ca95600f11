/**
 * What can go on for ever, for the naive explorer: by the words of the definition, with no algorithm for strongly connected
 * components of one pass. A livelock is looked for as a walk that comes back to where it began and on the way pays what
 * fairness asks; walks are looked for where a state leads back to itself, one such place after the other.
 */
/* eslint-disable @typescript-eslint/no-non-null-assertion -- test code: an index that misses should throw */

export type NaiveStep = { readonly from: number; readonly to: number; readonly task: number; readonly passes: boolean };

export type NaiveGraph = {
  readonly states: number;
  readonly steps: readonly NaiveStep[];
  /** Tasks without a forever. */
  readonly ending: readonly number[];
  readonly tasks: number;
  readonly hasEnded: (state: number, task: number) => boolean;
};

/** The class of what is wrong with the graph, if anything: cannot-finish goes first. */
export function endlessClass(graph: NaiveGraph): "cannot-finish" | "livelock" | null {
  if (cannotFinish(graph)) return "cannot-finish";
  return hasLivelock(graph) ? "livelock" : null;
}

/** Everything that can be come to from `start`, itself included; what is not `allowed` is not entered. */
function reach(start: number, next: (state: number) => readonly number[], allowed?: ReadonlySet<number>): Set<number> {
  const seen = new Set([start]);
  for (const state of seen) for (const to of next(state)) if (allowed === undefined || allowed.has(to)) seen.add(to);
  return seen;
}

type Neighbours = { readonly out: readonly (readonly number[])[]; readonly into: readonly (readonly number[])[] };

function neighbours(states: number, steps: readonly NaiveStep[]): Neighbours {
  const out: number[][] = Array.from({ length: states }, () => []);
  const into: number[][] = Array.from({ length: states }, () => []);
  for (const step of steps) {
    out[step.from]!.push(step.to);
    into[step.to]!.push(step.from);
  }
  return { out, into };
}

function outgoing(states: number, steps: readonly NaiveStep[]): readonly (readonly NaiveStep[])[] {
  const out: NaiveStep[][] = Array.from({ length: states }, () => []);
  for (const step of steps) out[step.from]!.push(step);
  return out;
}

/**
 * Some state from which every state that can follow leads back, while a task that should end neither ended nor steps.
 *
 * A state is settled when it leads to a place without way out that has been looked at. If a state that is not settled
 * leads to one that is, it stands in no such place itself: all of that place would have been settled together.
 */
function cannotFinish(graph: NaiveGraph): boolean {
  const { out, into } = neighbours(graph.states, graph.steps);
  const steps = outgoing(graph.states, graph.steps);
  const settled = new Set<number>();
  for (let state = graph.states - 1; state >= 0; state -= 1) {
    if (settled.has(state)) continue;
    const after = reachUnless(state, out, settled);
    if (after === null) {
      settled.add(state);
      continue;
    }
    const before = reach(state, (at) => into[at]!, after);
    if (before.size < after.size) continue;
    for (const at of after) settled.add(at);
    const inside = [...after].flatMap((at) => steps[at]!);
    if (inside.length === 0) continue;
    const never = (task: number): boolean => inside.every((step) => step.task !== task);
    if (graph.ending.some((task) => never(task) && !graph.hasEnded(state, task))) return true;
  }
  return false;
}

/** What can follow; null when a settled state can. */
function reachUnless(
  start: number,
  out: readonly (readonly number[])[],
  settled: ReadonlySet<number>,
): Set<number> | null {
  const seen = new Set([start]);
  for (const state of seen) {
    for (const to of out[state]!) {
      if (settled.has(to)) return null;
      seen.add(to);
    }
  }
  return seen;
}

/** Some walk back to its start that passes no head, on which a task that should end steps, and each task pays. */
function hasLivelock(graph: NaiveGraph): boolean {
  const steps = graph.steps.filter((step) => !step.passes);
  const { out, into } = neighbours(graph.states, steps);
  const all = outgoing(graph.states, graph.steps);
  const enabled = all.map((each) => each.reduce((mask, step) => mask | (1 << step.task), 0));
  const walks = outgoing(graph.states, steps);
  const left = new Set(Array.from({ length: graph.states }, (_, state) => state));
  trim(left, { out, into }, left);
  for (const start of left) {
    const after = reach(start, (at) => out[at]!, left);
    const round = reach(start, (at) => into[at]!, after);
    if (paysOnTheWay({ graph, walks, enabled, round }, start)) return true;
    for (const state of round) left.delete(state);
    const beside = [...round].flatMap((state) => [...out[state]!, ...into[state]!]);
    trim(left, { out, into }, beside);
  }
  return false;
}

/** Takes away what leads nowhere or is led to from nowhere: no walk comes back there. */
function trim(left: Set<number>, { out, into }: Neighbours, suspects: Iterable<number>): void {
  const pending = [...suspects];
  for (let state = pending.pop(); state !== undefined; state = pending.pop()) {
    if (!left.has(state)) continue;
    const isLeft = (other: number): boolean => left.has(other);
    if (out[state]!.some(isLeft) && into[state]!.some(isLeft)) continue;
    left.delete(state);
    pending.push(...out[state]!, ...into[state]!);
  }
}

type Round = {
  readonly graph: NaiveGraph;
  readonly walks: readonly (readonly NaiveStep[])[];
  readonly enabled: readonly number[];
  /** States that lead to each other: every walk back to one of them stays inside. */
  readonly round: ReadonlySet<number>;
};

/**
 * Whether a walk from the start back to it has each task either step or stand in some state where it cannot, and one that
 * should end step. Walks are searched with what they have paid so far as a part of the state.
 */
function paysOnTheWay({ graph, walks, enabled, round }: Round, start: number): boolean {
  const all = (1 << graph.tasks) - 1;
  const seen = new Set<number>();
  const pending = [{ state: start, paid: all & ~enabled[start]!, stepped: false }];
  for (const at of pending) {
    for (const step of walks[at.state]!) {
      if (!round.has(step.to)) continue;
      const paid = (at.paid | (1 << step.task) | (all & ~enabled[step.to]!)) & all;
      const stepped = at.stepped || graph.ending.includes(step.task);
      if (step.to === start && paid === all && stepped) return true;
      const key = (step.to * (all + 1) + paid) * 2 + Number(stepped);
      if (seen.has(key)) continue;
      seen.add(key);
      pending.push({ state: step.to, paid, stepped });
    }
  }
  return false;
}
