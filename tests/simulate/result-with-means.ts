/** For tests: a simulation's result with one span whose mean has given values, the rest as small as the type allows. */
import type { Estimate, SimulateResult } from "#simulator";

function estimateOf(values: readonly number[]): Estimate {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, halfWidth: null, replications: values.length, values };
}

/** @param meansNs mean of the span `move` in each replication */
export function resultWithMeans(meansNs: readonly number[]): SimulateResult {
  const zero = { run: 0, spin: 0, runnable: 0, blocked: 0, asleep: 0, outside: 0, byLock: [] };
  return {
    verdict: "measured",
    message: "simulated",
    profile: "vm-2",
    untilNs: 1_000_000,
    warmUpNs: 0,
    replications: meansNs.length,
    seed: 1,
    events: 10,
    passages: 0,
    locks: [],
    tasks: [],
    spans: [
      {
        text: "move",
        task: "mover",
        latency: { samples: 10, min: 1, max: 9_000, mean: estimateOf(meansNs), quantiles: [], ecdf: [] },
        split: zero,
        perSecond: estimateOf([10]),
        sleptAbove: [],
      },
    ],
    cpus: [],
    notes: [],
    warnings: [],
    assumptions: [],
  };
}
