/**
 * What a simulation yields, as it is stored: the engine's SimulateResult with the mark of its engine and the compiler's
 * warnings. Times are nanoseconds. Results of explore have no `engine`, so that old results read back as they are.
 */
import type { SimulateResult } from "#simulator";
import { z } from "zod";
import { placeSchema } from "./trace-schema.ts";

const count = z.number().int().min(0);
/** Sums and means of times: never negative. */
const amount = z.number().min(0);
const estimate = z.object({
  mean: z.number(),
  halfWidth: amount.nullable(),
  replications: count,
  values: z.array(z.number().nullable()),
});
const share = z.object({
  share: z.number(),
  low: z.number(),
  high: z.number(),
  of: count,
  values: z.array(z.number().nullable()),
});
const aboveShares = z.array(z.object({ ns: count, share }));
const whileHolder = z.object({ ran: amount, wasPreempted: amount, waitedItself: amount, wasNobody: amount });
const distribution = z.object({
  samples: count,
  min: amount,
  max: amount,
  mean: estimate,
  quantiles: z.array(
    z.object({
      q: z.number().gt(0).lt(1),
      value: z.number().nullable(),
      halfWidth: amount.nullable(),
      samplesNeeded: count,
      values: z.array(z.number().nullable()),
    }),
  ),
  ecdf: z.array(z.tuple([z.number(), z.number()])).max(200),
});
const times = z.object({ min: amount, max: amount, total: amount, mean: amount });
const lock = z.object({
  name: z.string(),
  lockClass: z.string().nullable(),
  kind: z.enum(["spinlock", "rwlock", "mutex", "rwsem", "semaphore", "folio", "completion"]),
  mode: z.enum(["read", "write"]),
  acquisitions: count,
  contentions: count,
  trylockFailures: count,
  sleeps: count,
  wait: times,
  hold: times,
  waitPerAcquisition: estimate,
  holdPerAcquisition: estimate,
  contendedShare: estimate,
  acquisitionsPerSecond: estimate,
  sleepsPerSecond: estimate,
  waitedWhileHolder: whileHolder,
  waitedFor: z.array(z.object({ holder: z.string(), site: z.string(), ns: amount })),
});
const split = z.object({
  run: amount,
  spin: amount,
  runnable: amount,
  blocked: amount,
  asleep: amount,
  outside: amount,
  byLock: z.array(z.object({ name: z.string(), spin: amount, blocked: amount })),
});
const task = split.extend({
  task: z.string(),
  count,
  shares: z.object({ run: estimate, spin: estimate, runnable: estimate, blocked: estimate, asleep: estimate }),
  longestBlockedNs: amount,
  longBlockedWhileHolder: whileHolder,
  blockedAbove: z.array(z.object({ ns: count, count, perSecond: estimate })),
  blockedSleeps: count,
  longestAbove: aboveShares,
});
const span = z.object({
  text: z.string(),
  task: z.string(),
  latency: distribution,
  split,
  perSecond: estimate,
  sleptAbove: aboveShares,
});
const cpu = z.object({
  cpu: count,
  kind: z.string(),
  run: amount,
  spin: amount,
  switching: amount,
  irq: amount,
  idle: amount,
});
const fault = z.object({
  kind: z.enum(["violation", "limit"]),
  class: z.string(),
  message: z.string(),
  place: placeSchema.nullable(),
  atNs: count,
  replication: count,
});

/** @param diagnostic how the compiler's diagnostics are read */
export function simulatedSchema<Diagnostic extends z.ZodType>(diagnostic: Diagnostic) {
  return z.object({
    engine: z.literal("des"),
    verdict: z.enum(["measured", "violated", "inconclusive"]),
    message: z.string(),
    profile: z.string(),
    untilNs: count,
    warmUpNs: count,
    replications: count,
    seed: count,
    events: count,
    passages: count,
    locks: z.array(lock),
    tasks: z.array(task),
    spans: z.array(span),
    cpus: z.array(cpu),
    notes: z.array(z.object({ text: z.string(), count, perSecond: estimate })),
    fault: fault.exactOptional(),
    warnings: z.array(
      z.object({
        kind: z.enum(["short-for-quantile", "not-steady", "warm-up-long", "task-starved", "few-replications"]),
        message: z.string(),
      }),
    ),
    assumptions: z.array(z.string()),
    diagnostics: z.array(diagnostic),
  });
}

/** Why such a result contradicts itself, or null. */
export function simulationContradiction(result: Pick<SimulateResult, "verdict" | "fault">): string | null {
  switch (result.verdict) {
    case "measured":
      return result.fault === undefined ? null : "measured is said of a run with a fault";
    case "violated":
      return result.fault?.kind === "violation" ? null : "a violation has no class";
    case "inconclusive":
      return result.fault?.kind === "violation" ? "a violation is said to be inconclusive" : null;
  }
}
