/**
 * Takes runs from the queue and computes them, as many at once as there are slots. Everything it holds it holds by lease:
 * it may be killed at any moment.
 */
import { randomBytes } from "node:crypto";
import { availableParallelism, hostname } from "node:os";
import { listenTo } from "../db/notifications.server.ts";
import { startQueueHousekeeping } from "../db/queue.server.ts";
import { runLanes, type RunLane } from "../db/run-lanes.ts";
import { base32 } from "../hash.ts";
import { log } from "../log.server.ts";
import { engine } from "./engine.server.ts";
import {
  endAttempt,
  renewLease,
  requeueLost,
  takeRun,
  writeProgress,
  type AttemptEnd,
  type Claim,
} from "./lease.server.ts";
import { parseRunInput } from "./run-input.ts";
import type { Sandbox, SandboxOutcome } from "./sandbox.server.ts";

const renewIntervalMs = 1_500;
const reapIntervalMs = 500;
/** A wake-up that was lost with its connection costs at most this. */
const pollIntervalMs = 1_000;
const housekeepingRetryMs = 5_000;
const storeRetryMs = 250;
/** How long runs may go on after the worker was asked to end: most take less, and what is killed starts again elsewhere. */
const drainMsMax = 3_000;

export type WorkerOptions = {
  readonly sandbox: Sandbox;
  /**
   * Runs at once; by default all cores but one, which is left to the pages. The program's own take slots that nobody
   * else wants, and give none back: a person's run then goes beside them.
   */
  readonly slots?: number;
};

type ActiveRun = { readonly lane: RunLane; readonly abort: AbortController; readonly done: Promise<void> };

/** The default number of runs at once. */
export function defaultSlots(): number {
  return Math.max(1, availableParallelism() - 1);
}

export class Worker {
  readonly #sandbox: Sandbox;
  readonly #slots: number;
  readonly #name = `${hostname()}/${String(process.pid)}/${base32(randomBytes(3))}`;
  readonly #active = new Map<string, ActiveRun>();
  readonly #stops: (() => Promise<void> | void)[] = [];
  #isStopping = false;
  #isPumping = false;
  #pumpAgain = false;

  constructor(options: WorkerOptions) {
    this.#sandbox = options.sandbox;
    this.#slots = options.slots ?? defaultSlots();
  }

  /** Begins to take runs. Returns at once; trouble with the database is logged and outlived. */
  start(): void {
    this.#stops.push(
      listenTo(["run_queued", "run_cancel"], {
        onNotification: (channel, payload) => {
          if (channel === "run_cancel") this.#active.get(payload)?.abort.abort();
          else this.#pump();
        },
        onConnected: () => {
          this.#pump();
        },
        onLost: (error) => {
          log().warn({ reason: error.message }, "lost the notification connection, trying again");
        },
      }),
      this.#every(pollIntervalMs, () => {
        this.#pump();
      }),
      this.#reapRegularly(),
      this.#keepHouse(),
    );
    log().info({ worker: this.#name, slots: this.#slots, layers: this.#sandbox.layers }, "worker ready");
  }

  /** Takes nothing more, lets runs end for a moment, returns the rest to the queue. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    const running = Promise.allSettled([...this.#active.values()].map((run) => run.done));
    await Promise.race([running, sleep(drainMsMax)]);
    for (const run of this.#active.values()) run.abort.abort();
    await Promise.race([running, sleep(drainMsMax)]);
    await Promise.allSettled(this.#stops.map((stop) => stop()));
    this.#sandbox.close();
  }

  #every(intervalMs: number, act: () => void): () => void {
    const timer = setInterval(act, intervalMs);
    return () => {
      clearInterval(timer);
    };
  }

  #reapRegularly(): () => void {
    let isReaping = false;
    return this.#every(reapIntervalMs, () => {
      if (isReaping) return;
      isReaping = true;
      requeueLost()
        .then((count) => {
          if (count > 0) log().warn({ count }, "runs of a lost worker are queued again");
        })
        .catch((error: unknown) => {
          log().warn({ reason: reasonOf(error) }, "cannot look for lost runs now");
        })
        .finally(() => {
          isReaping = false;
        });
    });
  }

  /** Old jobs are cleared away by whichever worker can; one that cannot yet goes on working and tries again. */
  #keepHouse(): () => Promise<void> {
    let stop: (() => Promise<void>) | null = null;
    let retry: NodeJS.Timeout | undefined;
    const begin = (): void => {
      startQueueHousekeeping((error) => {
        log().warn({ reason: error.message }, "the queue's housekeeping failed, it tries again later");
      })
        .then((stopHousekeeping) => {
          stop = stopHousekeeping;
        })
        .catch((error: unknown) => {
          log().warn({ reason: reasonOf(error) }, "the queue's housekeeping cannot start now");
          if (!this.#isStopping) retry = setTimeout(begin, housekeepingRetryMs);
        });
    };
    begin();
    return async () => {
      clearTimeout(retry);
      await stop?.();
    };
  }

  /** Fills the free slots. One at a time; a call that comes meanwhile makes it look once more. */
  #pump(): void {
    this.#pumpAgain = true;
    if (this.#isPumping || this.#isStopping) return;
    this.#isPumping = true;
    this.#fillSlots()
      .catch((error: unknown) => {
        log().warn({ reason: reasonOf(error) }, "cannot take a run now");
      })
      .finally(() => {
        this.#isPumping = false;
      });
  }

  async #fillSlots(): Promise<void> {
    while (this.#pumpAgain) {
      this.#pumpAgain = false;
      for (let lanes = this.#freeLanes(); !this.#isStopping && lanes.length > 0; lanes = this.#freeLanes()) {
        const taken = await takeRun(this.#name, lanes);
        if (taken.kind === "empty") break;
        if (taken.kind === "claimed") this.#begin(taken.claim);
      }
    }
  }

  /** Where the next run may come from. */
  #freeLanes(): readonly RunLane[] {
    const asked = [...this.#active.values()].filter((run) => run.lane === "run").length;
    if (asked >= this.#slots) return [];
    return this.#active.size < this.#slots ? runLanes : ["run"];
  }

  #begin(claim: Claim): void {
    const abort = new AbortController();
    const done = this.#compute(claim, abort)
      .catch((error: unknown) => {
        log().error({ run: claim.runKey, reason: reasonOf(error) }, "a run ended without its end being stored");
      })
      .finally(() => {
        this.#active.delete(claim.runKey);
        this.#pump();
      });
    this.#active.set(claim.runKey, { lane: claim.lane, abort, done });
  }

  async #compute(claim: Claim, abort: AbortController): Promise<void> {
    if (claim.engine !== engine().digest) {
      await this.#store(claim, {
        kind: "failed",
        reason: "the simulator was replaced before this run started; run it again to use the present one",
      });
      return;
    }
    const stopRenewing = this.#renew(claim, abort);
    try {
      const outcome = await this.#sandbox.run({
        request: { kind: "run", input: parseRunInput(claim.input) },
        timeMsMax: claim.timeMsMax,
        signal: abort.signal,
        onProgress: progressWriter(claim),
      });
      const end = endOf(outcome, claim);
      await this.#store(claim, end);
    } finally {
      stopRenewing();
    }
  }

  #renew(claim: Claim, abort: AbortController): () => void {
    return this.#every(renewIntervalMs, () => {
      renewLease(claim)
        .then((isOurs) => {
          if (!isOurs) abort.abort();
        })
        .catch((error: unknown) => {
          // The fence decides: an attempt whose lease ran out meanwhile is discarded when it ends.
          log().warn({ run: claim.runKey, reason: reasonOf(error) }, "cannot renew a lease now");
        });
    });
  }

  /** A database that is away for a moment must not cost the result; the fence makes repeating safe. */
  async #store(claim: Claim, end: AttemptEnd): Promise<void> {
    for (;;) {
      try {
        const stored = await endAttempt(claim, end);
        log().debug({ run: claim.runKey, attempt: claim.attempt, end: end.kind, stored }, "run ended");
        return;
      } catch (error) {
        if (this.#isStopping) throw error;
        log().warn({ run: claim.runKey, reason: reasonOf(error) }, "cannot store a run's end now, trying again");
        await sleep(storeRetryMs);
      }
    }
  }
}

/** What the sandbox says, in the run's words. A cancelled run's row says so already; a returned one is then discarded. */
function endOf(outcome: SandboxOutcome, claim: Claim): AttemptEnd {
  switch (outcome.kind) {
    case "result":
      return { kind: "finished", result: outcome.result };
    case "stopped":
      return outcome;
    case "cancelled":
      return { kind: "returned" };
    case "failed": {
      const report = base32(randomBytes(5));
      log().error({ run: claim.runKey, report, message: outcome.message, detail: outcome.detail }, "engine fault");
      return { kind: "failed", reason: `report ${report}: ${outcome.message}` };
    }
    case "replayed":
    case "not-replayable":
    case "timeline":
    case "survey":
      throw new Error("assert: a run was answered with something else");
  }
}

/** Writes the newest counts, one write at a time. */
function progressWriter(claim: Claim): (progress: Parameters<typeof writeProgress>[1]) => void {
  let isWriting = false;
  return (progress) => {
    if (isWriting) return;
    isWriting = true;
    writeProgress(claim, progress)
      .catch((error: unknown) => {
        log().debug({ run: claim.runKey, reason: reasonOf(error) }, "progress not written");
      })
      .finally(() => {
        isWriting = false;
      });
  };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
