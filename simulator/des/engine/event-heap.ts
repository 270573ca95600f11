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
  /** The root's event was taken, and nothing was armed since. */
  #hasHole = false;
  /** Time of the event taken last. */
  takenTime = 0;

  constructor(slots: number) {
    this.#times = new Float64Array(slots);
    this.#orders = new Float64Array(slots);
    this.#slots = new Int32Array(slots);
    this.#places = new Int32Array(slots).fill(nowhere);
  }

  /** Armed slots. */
  get size(): number {
    return this.#size - (this.#hasHole ? 1 : 0);
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
    if (!this.#hasHole) return this.#size === 0 ? Infinity : (this.#times[0] ?? 0);
    let least = Infinity;
    const end = Math.min(5, this.#size);
    for (let child = 1; child < end; child += 1) least = Math.min(least, this.#times[child] ?? 0);
    return least;
  }

  /**
   * Takes the next event off the heap. Its place stays free for the slot that is armed next, which is often the same one.
   *
   * @returns its slot, -1 without one; `takenTime` is its time
   */
  take(): number {
    if (this.#hasHole) this.#closeHole();
    if (this.#size === 0) return nowhere;
    const slot = this.#slots[0] ?? 0;
    this.takenTime = this.#times[0] ?? 0;
    this.#places[slot] = nowhere;
    this.#hasHole = true;
    return slot;
  }

  /** Sets the slot's event; one that was set before is forgotten. */
  arm(slot: number, time: number): void {
    const before = this.#places[slot] ?? nowhere;
    this.#sequence += 1;
    if (before !== nowhere) {
      const isEarlier = time < (this.#times[before] ?? 0);
      if (isEarlier) this.#up(before, slot, time, this.#sequence);
      else this.#down(before, slot, time, this.#sequence);
    } else if (this.#hasHole) {
      this.#hasHole = false;
      this.#down(0, slot, time, this.#sequence);
    } else {
      this.#size += 1;
      this.#up(this.#size - 1, slot, time, this.#sequence);
    }
  }

  disarm(slot: number): void {
    if ((this.#places[slot] ?? nowhere) === nowhere) return;
    if (this.#hasHole) this.#closeHole();
    const place = this.#places[slot] ?? 0;
    this.#places[slot] = nowhere;
    this.#fill(place);
  }

  #closeHole(): void {
    this.#hasHole = false;
    this.#fill(0);
  }

  /** Puts the last entry into a place that is free now. */
  #fill(place: number): void {
    this.#size -= 1;
    const last = this.#size;
    if (place === last) return;
    const time = this.#times[last] ?? 0;
    const order = this.#orders[last] ?? 0;
    const slot = this.#slots[last] ?? 0;
    if (place > 0 && this.#isBefore(time, order, (place - 1) >> 2)) this.#up(place, slot, time, order);
    else this.#down(place, slot, time, order);
  }

  #isBefore(time: number, order: number, place: number): boolean {
    const other = this.#times[place] ?? 0;
    return time < other || (time === other && order < (this.#orders[place] ?? 0));
  }

  #put(place: number, slot: number, time: number, order: number): void {
    this.#times[place] = time;
    this.#orders[place] = order;
    this.#slots[place] = slot;
    this.#places[slot] = place;
  }

  #move(from: number, to: number): void {
    const slot = this.#slots[from] ?? 0;
    this.#times[to] = this.#times[from] ?? 0;
    this.#orders[to] = this.#orders[from] ?? 0;
    this.#slots[to] = slot;
    this.#places[slot] = to;
  }

  #up(from: number, slot: number, time: number, order: number): void {
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 2;
      // The free place at the root is before everything.
      if ((parent === 0 && this.#hasHole) || !this.#isBefore(time, order, parent)) break;
      this.#move(parent, place);
      place = parent;
    }
    this.#put(place, slot, time, order);
  }

  #down(from: number, slot: number, time: number, order: number): void {
    let place = from;
    const size = this.#size;
    for (;;) {
      let least = 4 * place + 1;
      if (least >= size) break;
      const end = Math.min(least + 4, size);
      for (let child = least + 1; child < end; child += 1) {
        if (this.#isBefore(this.#times[child] ?? 0, this.#orders[child] ?? 0, least)) least = child;
      }
      if (this.#isBefore(time, order, least)) break;
      this.#move(least, place);
      place = least;
    }
    this.#put(place, slot, time, order);
  }
}
