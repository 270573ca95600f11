/** A long row of numbers as the means of equal batches: what warm-up and steadiness are judged by. */

/** Where a batch begins: MSER-5 takes five. */
const firstBatch = 5;
/** Batches kept; twice as many, and neighbours are joined. */
const batchesMax = 512;

export class Series {
  count = 0;
  /** Numbers in a batch: 5, 10, 20 ... */
  batch = firstBatch;
  readonly #sums: number[] = [];
  #open = 0;
  #openCount = 0;

  add(value: number): void {
    this.count += 1;
    this.#open += value;
    this.#openCount += 1;
    if (this.#openCount < this.batch) return;
    this.#sums.push(this.#open);
    this.#open = 0;
    this.#openCount = 0;
    if (this.#sums.length >= 2 * batchesMax) this.join();
  }

  /** Joins neighbouring batches; an odd one left over opens the next. */
  join(): void {
    const sums = this.#sums.splice(0);
    for (let i = 0; i + 1 < sums.length; i += 2) this.#sums.push((sums[i] ?? 0) + (sums[i + 1] ?? 0));
    if (sums.length % 2 === 1) {
      this.#open += sums.at(-1) ?? 0;
      this.#openCount += this.batch;
    }
    this.batch *= 2;
  }

  /** Means of the full batches, in order. */
  means(): readonly number[] {
    return this.#sums.map((sum) => sum / this.batch);
  }
}

/**
 * How many leading batches to leave out so that the mean of the rest is known best: the minimum of the squared standard
 * error over all cuts in the first half.
 *
 * @returns null when the series is too short to say (fewer than ten batches), or when the best cut lies at the end of the
 *   first half: then no cut is a good one
 * @source White (1997), MSER; MSER-5 with batches of five (White, Cobb and Spratt 2000). O(batches)
 */
export function mserCut(means: readonly number[]): number | null {
  const n = means.length;
  if (n < 10) return null;
  let [sum, squares] = [0, 0];
  // Deviations from the overall mean keep their digits.
  const center = means.reduce((total, value) => total + value, 0) / n;
  let best = { cut: 0, error: Infinity };
  for (let cut = n - 1; cut >= 0; cut -= 1) {
    const value = (means[cut] ?? 0) - center;
    sum += value;
    squares += value * value;
    const kept = n - cut;
    if (cut > n / 2) continue;
    const error = Math.max(0, squares - (sum * sum) / kept) / (kept * kept);
    if (error <= best.error) best = { cut, error };
  }
  return best.cut >= Math.floor(n / 2) ? null : best.cut;
}
