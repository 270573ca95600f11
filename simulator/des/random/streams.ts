/**
 * Chance: one stream of numbers for each (seed, replication, task, site), so that two variants of a scenario draw alike
 * where their sources agree (common random numbers): the n-th draw of a task at a place in the source is the same in both.
 * So a task is known by its declaration's name and its number there, a site by what stands where: a variant that takes
 * one more lock, or has one more declaration, numbers both otherwise.
 *
 * The generator is sfc32 (Chris Doty-Humphrey, PractRand 0.94, sfc.h): 128 bits of state, additions, shifts and
 * exclusive-ors of 32-bit integers, hence exact in JavaScript; it passes PractRand and BigCrush. One word of its state is a
 * counter, so no period is shorter than 2^32. Its round is a bijection of the state, and the key is mapped to the first
 * state one to one: different keys are different states.
 */

import type { Declaration, Site } from "../timed-code.ts";

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

/** What of a program decides who draws from which stream. */
export type Drawers = {
  readonly declarations: readonly Pick<Declaration, "name" | "firstTask" | "count">[];
  readonly sites: readonly Pick<Site, "kind" | "place">[];
};

/** Streams are made when first drawn from: 16 bytes for each task at a site that draws. */
export function createStreams(key: StreamKey, drawers: Drawers): Streams {
  const taskKeys = keysOfTasks(drawers);
  const { slots, siteKeys } = keysOfSites(drawers);
  const bySlot: (Int32Array | null)[] = siteKeys.map(() => null);
  const uniform = (task: number, site: number): number => {
    const slot = slots[site - lowestSite] ?? 0;
    let states = bySlot[slot] ?? null;
    if (states === null) {
      states = new Int32Array(4 * taskKeys.length);
      bySlot[slot] = states;
    }
    const at = 4 * (task + 1);
    if (isUnused(states, at))
      openStream(states, at, [key.seed, key.replication, taskKeys[task + 1] ?? 0, siteKeys[slot] ?? 0]);
    const high = nextWord(states, at) >>> 5;
    return (high * 0x4000000 + (nextWord(states, at) >>> 6)) / 0x20000000000000;
  };
  return {
    uniform,
    choose: (task, site, { lo, hi }) => lo + Math.floor(uniform(task, site) * (hi - lo + 1)),
  };
}

/** Key 0 is nobody's; then, at task + 1, each task's. */
function keysOfTasks({ declarations }: Drawers): readonly number[] {
  const keys = [0];
  const taken = new Set(keys);
  for (const { name, firstTask, count } of declarations)
    for (let index = 0; index < count; index += 1) keys[firstTask + index + 1] = freeKey(hashText(name) + index, taken);
  return keys;
}

type SiteKeys = {
  /** At site - lowestSite: the number of the site's stream. Sites of one kind at one place share it. */
  readonly slots: readonly number[];
  /** By the number of the stream. */
  readonly siteKeys: readonly number[];
};

function keysOfSites({ sites }: Drawers): SiteKeys {
  const siteKeys: number[] = [];
  const slots: number[] = [];
  const taken = new Set<number>();
  for (let site = lowestSite; site < 0; site += 1) slots.push(siteKeys.push(freeKey(site, taken)) - 1);
  const byText = new Map<string, number>();
  for (const { kind, place } of sites) {
    const text = `${kind} ${place.file}:${String(place.line)}:${String(place.column)}`;
    const slot = byText.get(text) ?? siteKeys.push(freeKey(hashText(text), taken)) - 1;
    byText.set(text, slot);
    slots.push(slot);
  }
  return { slots, siteKeys };
}

/** Two places of one program must never draw alike, though their hashes agreed: the next key that is free. */
function freeKey(wanted: number, taken: Set<number>): number {
  let key = wanted >>> 0;
  while (taken.has(key)) key = (key + 1) >>> 0;
  taken.add(key);
  return key;
}

/** FNV-1a over UTF-16 units, with the last mixing of MurmurHash3: 32 bits. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
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
