/**
 * The states of a search and their hash table, for states of many words. Not generated, so that it stays warm from one
 * search to the next.
 *
 * Most words of a large memory never change after init, so the table looks only at those that a step has written so far. A
 * word that is written for the first time joins them; states hashed before had it as init left it, so a hash to which an
 * unchanged word adds nothing stays right. The hash is a sum over words: that of a successor is computed from that of the
 * state that was put back last and the words in which the two differ.
 */
import { limitNames, type LimitName } from "../limits.ts";

/** Room for forty thousand states at once: a short search is over before code that moves tables would have warmed up. */
export const tableSlotsFirst = 65_536;
/** Tables of fewer slots grow fourfold; larger ones double, so that a state costs few bytes. */
export const tableSlotsFast = 262_144;

const statesFirst = 1024;
const statesFast = 1 << 20;
const wordsMax = 2_000_000_000;
const hashSeed = 0x9e3779b9 | 0;

function limitNumber(limit: LimitName): number {
  return limitNames.indexOf(limit);
}

const statesLimit = limitNumber("states");
const memoryLimit = limitNumber("memory");

/** Factors by which words go into the hash; the same for all tables. */
function factors(words: number): Int32Array {
  const all = new Int32Array(words);
  let x = 0x2545f491;
  for (let word = 0; word < words; word += 1) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    all[word] = x | 1;
  }
  return all;
}

export class WideTable {
  /** 1 for each word that some step may change. */
  readonly varies: Uint8Array;
  states = new Int32Array(0);
  parents = new Int32Array(0);
  /** States stored. */
  count = 0;
  /** 1 when a step led to a state that is not newer than where it came from. */
  back = 0;
  /** Code of the limit that was reached, -1 if none. */
  stop = -1;

  readonly #scratch: Int32Array;
  readonly #words: number;
  readonly #written: readonly number[];
  /** The first `#varying` are the words that may change. */
  readonly #index: Int32Array;
  #varying = 0;
  /** The first initial state. */
  readonly #first: Int32Array;
  readonly #factors: Int32Array;
  #slots = new Int32Array(0);
  #room = 0;
  #statesMax = 0;
  #bytesMax = 0;
  /** Where the state that was put back last lies, -1 for none, and its hash. */
  #base = -1;
  #baseHash = 0;
  /** The place of which `#baseHash` is the hash. */
  #hashedBase = -1;

  /** @param written words that some step may write at a place known before the search */
  constructor(scratch: Int32Array, written: readonly number[]) {
    const words = scratch.length;
    this.#scratch = scratch;
    this.#words = words;
    this.#written = written;
    this.varies = new Uint8Array(words);
    this.#index = new Int32Array(words);
    this.#first = new Int32Array(words);
    this.#factors = factors(words);
  }

  get bytes(): number {
    return this.#bytesOf(this.#room, this.#slots.length / 2);
  }

  reset(statesMax: number, bytesMax: number): void {
    this.#statesMax = statesMax;
    this.#bytesMax = bytesMax;
    this.count = 0;
    this.back = 0;
    this.stop = -1;
    this.#base = -1;
    this.#hashedBase = -1;
    this.#room = statesFirst;
    let slots = tableSlotsFirst;
    while (slots > 4096 && this.#bytesOf(this.#room, slots) * 4 > bytesMax) slots /= 2;
    this.states = new Int32Array(this.#room * this.#words);
    this.parents = new Int32Array(this.#room);
    this.#slots = new Int32Array(slots * 2);
  }

  /** A word of the scratch state is going to change. */
  vary(word: number): void {
    if (this.varies[word] !== 0) return;
    this.varies[word] = 1;
    this.#index[this.#varying] = word;
    this.#varying += 1;
  }

  /** Puts the state at an offset into the scratch state. */
  restore(offset: number): void {
    const { states } = this;
    const scratch = this.#scratch;
    const index = this.#index;
    const count = this.#varying;
    this.#base = offset;
    for (let at = 0; at < count; at += 1) {
      const word = index[at] ?? 0;
      scratch[word] = states[offset + word] ?? 0;
    }
  }

  /** Number of the scratch state; -1 when it is not stored. */
  find(): number {
    const hash = this.#hash();
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let slot = (hash << 1) & mask; ; slot = (slot + 2) & mask) {
      const entry = slots[slot] ?? 0;
      if (entry === 0) return -1;
      if (slots[slot + 1] === hash && this.#isAt((entry - 1) * this.#words)) return entry - 1;
    }
  }

  /** Stores the scratch state, reached from `parent`, -1 for an initial one. Whether it is new and there was room. */
  add(parent: number): boolean {
    if (parent < 0) this.#begin();
    const hash = this.#hash();
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = (hash << 1) & mask;
    for (; ; slot = (slot + 2) & mask) {
      const entry = slots[slot] ?? 0;
      if (entry === 0) break;
      if (slots[slot + 1] === hash && this.#isAt((entry - 1) * this.#words)) {
        if (entry - 1 <= parent) this.back = 1;
        return false;
      }
    }
    if (this.count >= this.#statesMax) {
      this.stop = statesLimit;
      return false;
    }
    if (this.count >= this.#room && !this.#growStates()) return false;
    slots[slot] = this.count + 1;
    slots[slot + 1] = hash;
    this.states.set(this.#scratch, this.count * this.#words);
    this.parents[this.count] = parent;
    this.count += 1;
    return this.count * 16 <= this.#slots.length * 5 || this.#growSlots();
  }

  /** An initial state: the first says what words are like that never change, others differ from it where init chose. */
  #begin(): void {
    this.#base = -1;
    const scratch = this.#scratch;
    if (this.count === 0) {
      this.varies.fill(0);
      this.#varying = 0;
      for (const word of this.#written) this.vary(word);
      this.#first.set(scratch);
      return;
    }
    for (let word = 0; word < this.#words; word += 1) if (scratch[word] !== this.#first[word]) this.vary(word);
  }

  #hash(): number {
    let h = this.#base < 0 ? this.#sum(this.#scratch, 0) : this.#sumFrom(this.#base);
    h ^= h >>> 16;
    h = Math.imul(h, 0x85ebca6b);
    h ^= h >>> 13;
    h = Math.imul(h, 0xc2b2ae35);
    return h ^ (h >>> 16);
  }

  /** The sum of the scratch state, from that of the state at `base`. */
  #sumFrom(base: number): number {
    const { states } = this;
    const scratch = this.#scratch;
    const index = this.#index;
    const count = this.#varying;
    if (this.#hashedBase !== base) {
      this.#baseHash = this.#sum(states, base);
      this.#hashedBase = base;
    }
    let h = this.#baseHash;
    for (let at = 0; at < count; at += 1) {
      const word = index[at] ?? 0;
      const now = scratch[word] ?? 0;
      const before = states[base + word] ?? 0;
      if (now === before) continue;
      const x = now ^ (this.#first[word] ?? 0);
      const y = before ^ (this.#first[word] ?? 0);
      const k = this.#factors[word] ?? 0;
      h = (h + Math.imul(x ^ (x >>> 15), k) - Math.imul(y ^ (y >>> 15), k)) | 0;
    }
    return h;
  }

  #sum(words: Int32Array, offset: number): number {
    let h = hashSeed;
    const first = this.#first;
    const index = this.#index;
    const factor = this.#factors;
    for (let at = 0; at < this.#varying; at += 1) {
      const word = index[at] ?? 0;
      const x = (words[offset + word] ?? 0) ^ (first[word] ?? 0);
      if (x !== 0) h = (h + Math.imul(x ^ (x >>> 15), factor[word] ?? 0)) | 0;
    }
    return h;
  }

  #isAt(offset: number): boolean {
    const { states } = this;
    const scratch = this.#scratch;
    const index = this.#index;
    for (let at = 0; at < this.#varying; at += 1) {
      const word = index[at] ?? 0;
      if (states[offset + word] !== scratch[word]) return false;
    }
    return true;
  }

  #bytesOf(room: number, slots: number): number {
    return room * 4 * (this.#words + 1) + slots * 8;
  }

  #growStates(): boolean {
    const room = this.#room < statesFast ? this.#room * 2 : Math.ceil(this.#room * 1.5);
    if (this.#bytesOf(room, this.#slots.length / 2) > this.#bytesMax || room * this.#words > wordsMax) {
      this.stop = memoryLimit;
      return false;
    }
    const states = new Int32Array(room * this.#words);
    states.set(this.states);
    this.states = states;
    const parents = new Int32Array(room);
    parents.set(this.parents);
    this.parents = parents;
    this.#room = room;
    return true;
  }

  #growSlots(): boolean {
    const old = this.#slots;
    const now = old.length / 2;
    const slots = now < tableSlotsFast ? now * 4 : now * 2;
    if (this.#bytesOf(this.#room, slots) > this.#bytesMax) {
      this.stop = memoryLimit;
      return false;
    }
    const next = new Int32Array(slots * 2);
    const mask = next.length - 1;
    for (let from = 0; from < old.length; from += 2) {
      const entry = old[from] ?? 0;
      if (entry === 0) continue;
      const hash = old[from + 1] ?? 0;
      let to = (hash << 1) & mask;
      while (next[to] !== 0) to = (to + 2) & mask;
      next[to] = entry;
      next[to + 1] = hash;
    }
    this.#slots = next;
    return true;
  }
}
