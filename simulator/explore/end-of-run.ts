/** What a run comes to: the violation of its last step, or of the state that it leads to. */
import { precedence, type ViolationClass } from "./classes.ts";
import type { Probe } from "./probe.ts";
import type { Execution, Fault, Runner } from "./runner.ts";
import type { Scenario } from "./scenario.ts";
import type { Finding } from "./search.ts";

/** An executed schedule with the code that ran it. */
export type Run = {
  readonly scenario: Scenario;
  readonly runner: Runner;
  readonly probe: Probe;
  readonly execution: Extract<Execution, { kind: "done" }>;
};

/**
 * The violation at the end of a run: of the class wanted if there is one, else the first in the order of precedence.
 * Task numbers and nodes are the run's own. Classes that belong to the whole graph cannot be seen in one run.
 */
export function violationAtEnd(run: Run, wanted: ViolationClass | null): Finding | null {
  const { execution } = run;
  const last = execution.steps[execution.steps.length - 1];
  const found = violationsAt(run, { state: execution.state, fault: execution.fault, task: last?.task ?? -1 });
  const length = execution.steps.length;
  const best = found.find((candidate) => candidate.class === wanted) ?? found[0];
  return best === undefined ? null : { ...best, length };
}

/** Every violation of a step, or of the state after it, by precedence. */
export function violationsAt(
  { scenario, runner, probe }: Pick<Run, "scenario" | "runner" | "probe">,
  at: { readonly state: Int32Array; readonly fault: Fault | null; readonly task: number },
): readonly Finding[] {
  const none = { length: 0, state: 0, task: -1, choices: [], node: -1, property: -1, racing: null };
  if (at.fault !== null) return [{ ...none, class: at.fault.class, node: at.fault.node, task: at.task }];
  const found: Finding[] = probe.failures(at.state).map((failure) => ({ ...none, ...failure }));
  const racing = scenario.program.races === "error" ? probe.races(at.state) : [];
  found.push(...racing.map((pair): Finding => ({ ...none, class: "data-race", racing: pair })));
  if (runner.isStuck(at.state)) found.push({ ...none, class: "deadlock" });
  return found.sort((a, b) => precedence(a.class) - precedence(b.class));
}
