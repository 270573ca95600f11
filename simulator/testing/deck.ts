/** Cards that are dealt in turn: each comes as often as any other, give or take one, whatever is dealt. */

/** Numbers in 0..2^32-1 from a seed. @source Mulberry32, public domain */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

export class Deck<Card> {
  readonly #cards: readonly Card[];
  readonly #random: () => number;
  #left: Card[] = [];

  constructor(cards: readonly Card[], random: () => number) {
    this.#cards = cards;
    this.#random = random;
  }

  /** Takes cards from the deck; an empty one is filled again in a new order. */
  take(count: number): readonly Card[] {
    if (this.#left.length < count) this.#left = [...this.#shuffled(), ...this.#left];
    return this.#left.splice(this.#left.length - count, count);
  }

  /** Puts cards back that were not used; they come again before the deck is filled. */
  putBack(cards: readonly Card[]): void {
    this.#left = [...cards, ...this.#left];
  }

  #shuffled(): Card[] {
    const cards = [...this.#cards];
    for (let at = cards.length - 1; at > 0; at -= 1) {
      const other = this.#random() % (at + 1);
      const [one, two] = [cards[at], cards[other]];
      if (one !== undefined && two !== undefined) [cards[at], cards[other]] = [two, one];
    }
    return cards;
  }
}
