/**
 * Chance: one stream of numbers for each (seed, replication, task, site), so that two variants of a scenario draw alike
 * where their sources agree (common random numbers): the n-th draw of a task at a site is the same in both.
 *
 * The generator is sfc32 (Chris Doty-Humphrey, PractRand 0.94, sfc.h): 128 bits of state, additions, shifts and
 * exclusive-ors of 32-bit integers, hence exact in JavaScript; it passes PractRand and BigCrush. One word of its state is a
 * counter, so no period is shorter than 2^32. Its round is a bijection of the state, and the key is mapped to the first
 * state one to one: different keys are different states.
 */

/** Rounds between the key and the first number; PractRand takes 15 from 96 bits of seed. */
const mixingRounds = 20;

/** Sites below 0 belong to the engine, down to this. */
export const lowestSite = -16;

export type StreamKey = {
  /** 0 to 2^32-1. */
  readonly seed: number;
  /** From 0. */
  readonly replication: number;
};

export type Streams = {
  /**
   * Uniform in [0, 1) with 53 bits: a multiple of 2^-53. Two words of the stream.
   *
   * @param task -1 for what belongs to no task
   * @param site a site's number, or a negative one for what the engine draws (`lowestSite` to -1)
   */
  readonly uniform: (task: number, site: number) => number;
  /** An integer in lo..hi, both included, from the same stream; one `uniform`, so a share is off by less than 2^-21. */
  readonly choose: (task: number, site: number, range: { readonly lo: number; readonly hi: number }) => number;
};

/** Streams are made when first drawn from: 16 bytes for each task at a site that draws. */
export function createStreams(key: StreamKey, tasks: number): Streams {
  const bySite: (Int32Array | undefined)[] = [];
  const uniform = (task: number, site: number): number => {
    const index = site - lowestSite;
    let states = bySite[index];
    if (states === undefined) {
      states = new Int32Array(4 * (tasks + 1));
      bySite[index] = states;
    }
    const at = 4 * (task + 1);
    if (isUnused(states, at)) openStream(states, at, [key.seed, key.replication, task + 1, index]);
    const high = nextWord(states, at) >>> 5;
    return (high * 0x4000000 + (nextWord(states, at) >>> 6)) / 0x20000000000000;
  };
  return {
    uniform,
    choose: (task, site, { lo, hi }) => lo + Math.floor(uniform(task, site) * (hi - lo + 1)),
  };
}

/** A state of four zeros is reached with a chance of 2^-128; then the stream would begin anew. */
function isUnused(states: Int32Array, at: number): boolean {
  return states[at + 3] === 0 && states[at + 2] === 0 && states[at + 1] === 0 && states[at] === 0;
}

/** Odd factors spread small numbers over the words and lose nothing (2^32 / golden ratio; MurmurHash3 and xxHash). */
const factors = [0x9e3779b1, 0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f] as const;

function openStream(states: Int32Array, at: number, key: readonly [number, number, number, number]): void {
  for (const [word, factor] of factors.entries()) states[at + word] = Math.imul((key[word] ?? 0) + 1, factor);
  for (let round = 0; round < mixingRounds; round += 1) nextWord(states, at);
}

/** One round of sfc32 on four words. */
function nextWord(states: Int32Array, at: number): number {
  const a = states[at] ?? 0;
  const b = states[at + 1] ?? 0;
  const c = states[at + 2] ?? 0;
  const counter = states[at + 3] ?? 0;
  const output = (a + b + counter) | 0;
  states[at] = b ^ (b >>> 9);
  states[at + 1] = (c + (c << 3)) | 0;
  states[at + 2] = (((c << 21) | (c >>> 11)) + output) | 0;
  states[at + 3] = (counter + 1) | 0;
  return output;
}
