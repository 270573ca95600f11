/** A finding as people read it: its schedule is run again, and every step is told. */
import { assert } from "../source/assert.ts";
import type { Schedule } from "../trace/schedule.ts";
import type { Place, Trace, TraceEnd } from "../trace/trace.ts";
import { messageOf } from "./messages.ts";
import { Narrator } from "./narrate.ts";
import { runSchedule, type Execution } from "./runner.ts";
import type { Scenario } from "./scenario.ts";
import type { Finding } from "./search.ts";

export type CounterexampleRequest = {
  readonly scenario: Scenario;
  readonly finding: Finding;
  /** Leads to the finding by single steps. */
  readonly schedule: Schedule;
  readonly isShortest: boolean;
  readonly hasFewestSwitches: boolean;
};

export type Counterexample = { readonly message: string; readonly place: Place | null; readonly trace: Trace };

/** Runs the schedule with nothing left out, so what is told is what happens, whatever the search left out. */
export function tellCounterexample(request: CounterexampleRequest): Counterexample {
  const { scenario, finding, schedule } = request;
  const { runner, execution } = runSchedule(scenario.program, schedule);
  assert(execution.kind === "done", "what the search did can be done again");
  assert(finding.task < 0 || execution.fault?.class === finding.class, "what the search found happens again");
  const narrator = new Narrator(scenario, runner);
  const told = messageOf({ scenario, finding, narrator, runner, execution });
  const trace = narrator.trace({
    schedule,
    steps: execution.steps,
    end: endOf(finding, { ...told, narrator, execution }),
    shortest: request.isShortest,
    fewestSwitches: request.hasFewestSwitches,
  });
  return { ...told, trace };
}

function endOf(
  finding: Finding,
  told: {
    readonly message: string;
    readonly place: Place | null;
    readonly narrator: Narrator;
    readonly execution: Extract<Execution, { kind: "done" }>;
  },
): TraceEnd {
  if (finding.class === "deadlock" || finding.class === "cannot-finish") {
    return { kind: finding.class, message: told.message, waitsFor: told.narrator.waiters(told.execution.state) };
  }
  if (finding.cycle !== undefined) {
    const waitsFor = told.narrator.waiters(told.execution.state);
    return { kind: "livelock", message: told.message, cycleSteps: finding.cycle.length, waitsFor };
  }
  return { kind: "violation", message: told.message, place: told.place };
}
