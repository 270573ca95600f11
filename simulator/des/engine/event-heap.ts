/**
 * The events to come, by time and then by the order of arming: a four-ary heap over slots. Everything that can happen at
 * most once at a time has one slot (the running piece of a CPU, its tick, the timer of a task), so arming again moves it,
 * disarming is exact, and nothing is allocated.
 */

/** Not armed. */
const nowhere = -1;

export class EventHeap {
  readonly #times: Float64Array;
  /** Sequence numbers of arming: equal times come in this order. */
  readonly #orders: Float64Array;
  readonly #slots: Int32Array;
  readonly #places: Int32Array;
  #size = 0;
  #sequence = 0;

  constructor(slots: number) {
    this.#times = new Float64Array(slots);
    this.#orders = new Float64Array(slots);
    this.#slots = new Int32Array(slots);
    this.#places = new Int32Array(slots).fill(nowhere);
  }

  get size(): number {
    return this.#size;
  }

  isArmed(slot: number): boolean {
    return this.#places[slot] !== nowhere;
  }

  /** When the slot's event comes; only of an armed slot. */
  timeOf(slot: number): number {
    return this.#times[this.#places[slot] ?? 0] ?? 0;
  }

  /** When the next event comes; infinite without one. */
  nextTime(): number {
    return this.#size === 0 ? Infinity : (this.#times[0] ?? 0);
  }

  /** The slot whose event is next, -1 without one. */
  nextSlot(): number {
    return this.#size === 0 ? nowhere : (this.#slots[0] ?? 0);
  }

  /** Sets the slot's event; one that was set before is forgotten. */
  arm(slot: number, time: number): void {
    const before = this.#places[slot] ?? nowhere;
    this.#sequence += 1;
    if (before === nowhere) {
      this.#size += 1;
      this.#up(this.#size - 1, { slot, time, order: this.#sequence });
      return;
    }
    const earlier = time < (this.#times[before] ?? 0);
    if (earlier) this.#up(before, { slot, time, order: this.#sequence });
    else this.#down(before, { slot, time, order: this.#sequence });
  }

  disarm(slot: number): void {
    const place = this.#places[slot] ?? nowhere;
    if (place === nowhere) return;
    this.#places[slot] = nowhere;
    this.#size -= 1;
    const last = this.#size;
    if (place === last) return;
    const moved = { slot: this.#slots[last] ?? 0, time: this.#times[last] ?? 0, order: this.#orders[last] ?? 0 };
    const parent = (place - 1) >> 2;
    if (place > 0 && this.#isBefore(moved.time, moved.order, parent)) this.#up(place, moved);
    else this.#down(place, moved);
  }

  #isBefore(time: number, order: number, place: number): boolean {
    const other = this.#times[place] ?? 0;
    return time < other || (time === other && order < (this.#orders[place] ?? 0));
  }

  #put(place: number, entry: Entry): void {
    this.#times[place] = entry.time;
    this.#orders[place] = entry.order;
    this.#slots[place] = entry.slot;
    this.#places[entry.slot] = place;
  }

  #move(from: number, to: number): void {
    const slot = this.#slots[from] ?? 0;
    this.#times[to] = this.#times[from] ?? 0;
    this.#orders[to] = this.#orders[from] ?? 0;
    this.#slots[to] = slot;
    this.#places[slot] = to;
  }

  #up(from: number, entry: Entry): void {
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 2;
      if (!this.#isBefore(entry.time, entry.order, parent)) break;
      this.#move(parent, place);
      place = parent;
    }
    this.#put(place, entry);
  }

  #down(from: number, entry: Entry): void {
    let place = from;
    for (;;) {
      const first = 4 * place + 1;
      if (first >= this.#size) break;
      let least = first;
      const end = Math.min(first + 4, this.#size);
      for (let child = first + 1; child < end; child += 1) {
        if (this.#isBefore(this.#times[child] ?? 0, this.#orders[child] ?? 0, least)) least = child;
      }
      if (this.#isBefore(entry.time, entry.order, least)) break;
      this.#move(least, place);
      place = least;
    }
    this.#put(place, entry);
  }
}

/** Escapes no call that V8 inlines, so it is not allocated. */
type Entry = { readonly slot: number; readonly time: number; readonly order: number };
