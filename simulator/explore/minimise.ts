/** Which steps of a trace can be left out, found by leaving them out and running the rest. */
import type { Schedule } from "../trace/schedule.ts";
import type { WaitGraph } from "../trace/trace.ts";
import { violationAtEnd, type Run } from "./end-of-run.ts";
import type { Narrator } from "./narrate.ts";
import type { ViolationTarget } from "./violation-target.ts";

export type MinimiseRequest = {
  readonly run: Run;
  readonly narrator: Narrator;
  readonly schedule: Schedule;
  readonly target: ViolationTarget;
  /** Of a deadlock: what must be left is its cycle, not that nobody else can step. */
  readonly graph: WaitGraph | null;
};

/**
 * Numbers (from 0) of steps without which the rest of the schedule still runs, choice for choice, and still comes to the
 * same violation. From the last step to the first, each is left out if that can be; so what is left out never had an
 * effect on what is kept. A deadlock is judged by its cycle: the tasks of the cycle must still wait for each other; what
 * only brought other tasks to a wait is irrelevant to it. O(steps squared) steps.
 *
 * @source causal past in the sense of Lamport 1978, established by running rather than from footprints
 */
export function irrelevantSteps(request: MinimiseRequest): ReadonlySet<number> {
  const { schedule, run } = request;
  const wait = request.graph === null ? null : cycleText(request, request.run.execution);
  if (request.graph !== null && request.graph.cycle.length === 0) return new Set();
  const left = new Set<number>();
  // The violating step is the violation.
  const last = schedule.steps.length - (run.execution.fault === null ? 1 : 2);
  for (let index = last; index >= 0; index -= 1) {
    left.add(index);
    const steps = schedule.steps.filter((_, at) => !left.has(at));
    if (!endsAlike(request, { init: schedule.init, steps }, wait)) left.delete(index);
  }
  return left;
}

function endsAlike(request: MinimiseRequest, schedule: Schedule, wait: string | null): boolean {
  const { run, target } = request;
  const execution = run.runner.run(schedule);
  if (execution.kind !== "done") return false;
  if (wait !== null) return execution.fault === null && cycleText(request, execution) === wait;
  const found = violationAtEnd({ ...run, execution }, target.finding.class);
  return found !== null && target.is(found, execution.state);
}

/** Who of the cycle waits where for what, as one text. */
function cycleText({ narrator, graph }: MinimiseRequest, { state, steps }: Run["execution"]): string {
  const waiters = narrator.waiters(state, steps).filter((waiter) => graph?.cycle.includes(waiter.task) ?? false);
  return JSON.stringify(waiters);
}
