/**
 * Who may put how much into the queue. Runs that are already there, or finished, cost nothing and are never refused.
 *
 * @source docs/decisions/0021-admission-and-fairness.md
 */

/** Runs of one person that may wait or run at once. */
export const queuedPerPersonMax = 20;
/** Runs that may wait at once, everybody's together. */
export const queuedMax = 500;
/** Wall time of a run, at most, whatever its notebook says. */
export const timeMsCeiling = 600_000;

export type QueueLoad = {
  /** Runs of this person that wait or run now. */
  readonly ofPerson: number;
  /** Runs that wait now, everybody's. */
  readonly waiting: number;
};

export type Admission =
  | { readonly kind: "admitted" }
  | {
      readonly kind: "refused";
      readonly reason: "person-queue-full" | "queue-full";
      /** How many runs stand before the first of these. */
      readonly place: number;
      readonly retryAfterSeconds: number;
      readonly message: string;
    };

const secondsPerRunGuess = 2;

/**
 * May so many new runs join the queue?
 *
 * @param options.isUnlimited the program itself, whose shipped notebooks are asked at start
 * @param options.isWhole the runs are the subsets of one ablation or the points of one sweep, which is worth nothing in
 *   part: it is admitted as a whole, whatever its size, when its person has nothing else in the queue and the queue is not full already
 */
export function admit(
  load: QueueLoad,
  options: { readonly newRuns: number; readonly isUnlimited: boolean; readonly isWhole: boolean },
): Admission {
  if (options.newRuns === 0 || options.isUnlimited) return { kind: "admitted" };
  if (options.isWhole && load.ofPerson === 0 && load.waiting < queuedMax) return { kind: "admitted" };
  if (load.ofPerson + options.newRuns > queuedPerPersonMax) {
    return refusal({
      reason: "person-queue-full",
      place: load.ofPerson,
      message:
        `You have ${runs(load.ofPerson)} waiting or running and asked for ${String(options.newRuns)} more; ` +
        `${String(queuedPerPersonMax)} is the most for one person. Wait for some to finish, or cancel some.`,
    });
  }
  if (load.waiting + options.newRuns > queuedMax) {
    return refusal({
      reason: "queue-full",
      place: load.waiting,
      message: `The queue is full: ${runs(load.waiting)} wait before yours. Try again in a while.`,
    });
  }
  return { kind: "admitted" };
}

function refusal(why: {
  readonly reason: "person-queue-full" | "queue-full";
  readonly place: number;
  readonly message: string;
}): Admission {
  return { kind: "refused", ...why, retryAfterSeconds: Math.max(5, why.place * secondsPerRunGuess) };
}

function runs(count: number): string {
  return count === 1 ? "1 run" : `${String(count)} runs`;
}

/**
 * The priority of a person's next job: the more they already have in the queue, the later it goes, so that three runs of
 * one person do not wait behind forty of another.
 */
export function fairPriority(ofPersonBefore: number): number {
  return 0 - ofPersonBefore;
}
