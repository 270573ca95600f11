/** A finding as people read it: its schedule is run again, every step is told, and what each is for is tried out. */
import { assert } from "../source/assert.ts";
import type { Schedule } from "../trace/schedule.ts";
import type { Place, Trace, TraceEnd, TraceStep } from "../trace/trace.ts";
import { waitGraphOf } from "../trace/wait-graph.ts";
import { violationAtEnd, type Run } from "./end-of-run.ts";
import { messageOf, type Told } from "./messages.ts";
import { irrelevantSteps } from "./minimise.ts";
import { Narrator } from "./narrate.ts";
import { Probe } from "./probe.ts";
import { runSchedule, type Execution, type Runner } from "./runner.ts";
import type { Scenario } from "./scenario.ts";
import type { Finding } from "./search.ts";
import { StepExperiments } from "./step-purpose.ts";
import { ViolationTarget } from "./violation-target.ts";

export type CounterexampleRequest = {
  readonly scenario: Scenario;
  readonly finding: Finding;
  /** Leads to the finding by single steps. */
  readonly schedule: Schedule;
  readonly isShortest: boolean;
  readonly hasFewestSwitches: boolean;
};

export type Counterexample = {
  readonly message: string;
  readonly place: Place | null;
  readonly trace: Trace;
  /** As the run shows it: its task numbers are real ones, whatever the search called them. */
  readonly finding: Finding;
};

/** Longer traces are told, but their steps are not examined: it takes the square of their length. */
const examinedStepsMax = 300;

/** Runs the schedule with nothing left out, so what is told is what happens, whatever the search left out. */
export function tellCounterexample(request: CounterexampleRequest): Counterexample {
  const { scenario, schedule } = request;
  const { runner, execution } = runSchedule(scenario.program, schedule);
  assert(execution.kind === "done", "what the search did can be done again");
  const run: Run = { scenario, runner, execution, probe: new Probe(runner.prepared, { deadLocals: false }) };
  const finding = isOfOneRun(request.finding) ? violationAtEnd(run, request.finding.class) : request.finding;
  assert(finding?.class === request.finding.class, "what the search found happens again");
  return { ...tellRun(run, { ...request, finding }), finding };
}

/** Whether a violation shows at the end of one run; others are judged on the whole graph of states. */
function isOfOneRun(finding: Finding): boolean {
  return finding.class !== "cannot-finish" && finding.class !== "livelock" && finding.class !== "lock-order";
}

/** A run that ended in a violation, told and examined. */
export function tellRun(run: Run, request: CounterexampleRequest): Omit<Counterexample, "finding"> {
  const { scenario, finding, schedule } = request;
  const { runner, execution } = run;
  const narrator = new Narrator(scenario, runner);
  const told = messageOf({ scenario, finding, narrator, runner, execution });
  const end = endOf(finding, told, { narrator, execution });
  const trace = narrator.trace({
    schedule,
    steps: execution.steps,
    end,
    shortest: request.isShortest,
    fewestSwitches: request.hasFewestSwitches,
  });
  return { ...told, trace: examined(trace, { run, narrator, request }) };
}

function endOf(
  finding: Finding,
  told: Told,
  { narrator, execution }: { readonly narrator: Narrator; readonly execution: Extract<Execution, { kind: "done" }> },
): TraceEnd {
  if (finding.class === "deadlock" || finding.class === "cannot-finish") {
    const waitsFor = narrator.waiters(execution.state, execution.steps);
    return { kind: finding.class, message: told.message, waitsFor, graph: waitGraphOf(waitsFor) };
  }
  if (finding.cycle !== undefined) {
    const waitsFor = narrator.waiters(execution.state, execution.steps);
    return { kind: "livelock", message: told.message, cycleSteps: finding.cycle.length, waitsFor };
  }
  const next = (finding.racing ?? []).map((task) => narrator.nextStep(execution.state, task));
  return { kind: "violation", message: told.message, place: told.place, ...(next.length === 0 ? {} : { next }) };
}

/** Marks what can be left out, and says of the other steps what they are for. */
function examined(
  trace: Trace,
  of: { readonly run: Run; readonly narrator: Narrator; readonly request: CounterexampleRequest },
): Trace {
  const { run, narrator } = of;
  const { finding, schedule } = of.request;
  if (!isOfOneRun(finding)) return { ...trace, unexamined: "it is a matter of all runs, not of this one" };
  if (trace.steps.length > examinedStepsMax)
    return { ...trace, unexamined: `the trace has more than ${String(examinedStepsMax)} steps` };
  const { runner, execution } = run;
  const target = new ViolationTarget(finding, { prepared: runner.prepared, narrator, state: execution.state });
  const graph = trace.end.kind === "deadlock" ? (trace.end.graph ?? null) : null;
  const isMinimal = of.request.isShortest && graph === null;
  const irrelevant = isMinimal ? new Set() : irrelevantSteps({ run, narrator, schedule, target, graph });
  const experiments = new StepExperiments({ run, narrator, schedule, target });
  const steps = trace.steps.map((step, index): TraceStep =>
    irrelevant.has(index) ? { ...step, irrelevant: true } : { ...step, purpose: experiments.purposeOf(index) },
  );
  return { ...trace, steps };
}

/** Tells a schedule that somebody kept. Without a violation at its end there is nothing to examine. */
export function tellReplay(
  scenario: Scenario,
  schedule: Schedule,
  { runner, execution }: { readonly runner: Runner; readonly execution: Extract<Execution, { kind: "done" }> },
): Trace {
  const run: Run = { scenario, runner, execution, probe: new Probe(runner.prepared, { deadLocals: false }) };
  const finding = violationAtEnd(run, null);
  const said = { isShortest: false, hasFewestSwitches: false };
  if (finding !== null) return tellRun(run, { scenario, finding, schedule, ...said }).trace;
  const end = { kind: "reached", message: "the schedule ends here" } as const;
  const { steps } = execution;
  return new Narrator(scenario, runner).trace({ schedule, steps, end, shortest: false, fewestSwitches: false });
}
