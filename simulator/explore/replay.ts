/** Runs a schedule that somebody kept and tells what happens. */
import { describeLimit } from "../limits.ts";
import { parseSchedule } from "../trace/schedule.ts";
import type { Trace } from "../trace/trace.ts";
import { tellReplay } from "./counterexample.ts";
import { runSchedule } from "./runner.ts";
import type { Scenario } from "./scenario.ts";

export type ReplayOutcome =
  { readonly kind: "replayed"; readonly trace: Trace } | { readonly kind: "refused"; readonly message: string };

/**
 * Runs a schedule that explore gave, on the same scenario, and tells what happens. The end is what the run comes to:
 * a violation in its last step or in the state that it reaches, a deadlock, or the state reached.
 */
export function replay(scenario: Scenario, text: string): ReplayOutcome {
  const parsed = parseSchedule(text);
  if (parsed.kind === "malformed") return { kind: "refused", message: parsed.message };
  const { schedule } = parsed;
  const { runner, execution } = runSchedule(scenario.program, schedule);
  if (execution.kind === "refused")
    return { kind: "refused", message: `step ${String(execution.step)}: ${execution.message}` };
  if (execution.kind === "limit") return { kind: "refused", message: describeLimit(execution.limit) };
  return { kind: "replayed", trace: tellReplay(scenario, schedule, { runner, execution }) };
}
