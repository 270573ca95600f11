/** Chance for generators of texts: seeded, so that a printed seed makes the same texts again. */

/** A stream of random numbers. */
export type Random = {
  /** Uniform in 0..below-1; `below` must be 1 to 2^32. */
  readonly below: (below: number) => number;
  readonly pick: <T>(from: readonly T[]) => T;
};

/**
 * A stream that depends on the seed alone.
 *
 * @source splitmix32, after Steele, Lea, Flood: Fast splittable pseudorandom number generators (OOPSLA 2014)
 */
export function seededRandom(seed: number): Random {
  let state = seed | 0;
  const next = (): number => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
  const below = (limit: number): number => Math.floor((next() / 2 ** 32) * limit);
  const pick = <T>(from: readonly T[]): T => {
    const picked = from[below(from.length)];
    if (picked === undefined) throw new Error("assert: there is something to pick from");
    return picked;
  };
  return { below, pick };
}
