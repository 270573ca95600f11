/** Runs a schedule that somebody kept and tells what happens. */
import { describeLimit } from "../limits.ts";
import { parseSchedule } from "../trace/schedule.ts";
import type { Trace, TraceEnd } from "../trace/trace.ts";
import { precedence } from "./classes.ts";
import { messageOf } from "./messages.ts";
import { Narrator } from "./narrate.ts";
import { Probe } from "./probe.ts";
import { runSchedule, type Execution, type Runner } from "./runner.ts";
import type { Scenario } from "./scenario.ts";
import type { Finding } from "./search.ts";

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
  const narrator = new Narrator(scenario, runner);
  const end = endOfReplay({ scenario, runner, execution, narrator });
  const { steps } = execution;
  const trace = narrator.trace({ schedule, steps, end, shortest: false, fewestSwitches: false });
  return { kind: "replayed", trace };
}

type Replayed = {
  readonly scenario: Scenario;
  readonly runner: Runner;
  readonly execution: Extract<Execution, { kind: "done" }>;
  readonly narrator: Narrator;
};

function endOfReplay(replayed: Replayed): TraceEnd {
  const { runner, execution, narrator } = replayed;
  const finding = violationAt(replayed);
  if (finding === null) return { kind: "reached", message: "the schedule ends here" };
  if (finding.class === "deadlock")
    return { kind: "deadlock", message: "no task can step", waitsFor: narrator.waiters(execution.state) };
  const told = messageOf({ scenario: replayed.scenario, finding, narrator, runner, execution });
  return { kind: "violation", message: told.message, place: told.place };
}

/** The first violation, in the order of precedence, of the last step or of the state it led to. */
function violationAt({ scenario, runner, execution }: Replayed): Finding | null {
  const { fault, steps, state } = execution;
  const at = { length: steps.length, state: 0, task: -1, choices: [], node: -1, property: -1, racing: null };
  if (fault !== null) return { ...at, class: fault.class, node: fault.node, task: steps[steps.length - 1]?.task ?? -1 };
  const probe = new Probe(runner.prepared, { deadLocals: false });
  const [failure] = [...probe.failures(state)].sort((a, b) => precedence(a.class) - precedence(b.class));
  if (failure !== undefined) return { ...at, class: failure.class, node: failure.node, property: failure.property };
  const [racing] = scenario.program.races === "error" ? probe.races(state) : [];
  if (racing !== undefined) return { ...at, class: "data-race", racing };
  return runner.isStuck(state) ? { ...at, class: "deadlock" } : null;
}
