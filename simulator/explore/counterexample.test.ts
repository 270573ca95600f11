/** What traces claim, taken by its word on random scenarios: replayed, left out, held back. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compile } from "../compile.ts";
import type { LanguageOptions } from "../lang/options.ts";
import { defaultExploreLimits } from "../limits.ts";
import { renderDiagnostic } from "../source/diagnostic.ts";
import { randomScenario } from "../testing/random-scenario.ts";
import { parseSchedule, printSchedule, type Schedule, type ScheduledStep } from "../trace/schedule.ts";
import type { Trace } from "../trace/trace.ts";
import { violationsAt } from "./end-of-run.ts";
import { explore } from "./explore.ts";
import { nodeAt, type Prepared } from "./prepare.ts";
import { Probe } from "./probe.ts";
import { replay } from "./replay.ts";
import { reductionNames } from "./result.ts";
import { runSchedule } from "./runner.ts";
import type { Scenario } from "./scenario.ts";
import type { Finding } from "./search.ts";

const runs = Number(process.env["TWIN_RUNS"] ?? "60");
const seed = Number(process.env["TWIN_SEED"] ?? "20260103");
const limits = { ...defaultExploreLimits, statesMax: 20_000 };

function scenarioOf(text: string, options: LanguageOptions = {}): Scenario {
  const outcome = compile({ files: [{ name: "random.scn", text, firstLine: 1 }], constants: new Map(), options });
  if (outcome.kind === "rejected")
    throw new Error(outcome.diagnostics.map((diagnostic) => renderDiagnostic(diagnostic)).join("\n"));
  return outcome.scenario;
}

function replayed(scenario: Scenario, schedule: Schedule): Trace {
  const outcome = replay(scenario, printSchedule(schedule));
  if (outcome.kind === "refused") throw new Error(outcome.message);
  return outcome.trace;
}

/** The end of a trace as far as leaving steps out may not change it. */
function essence(trace: Trace): unknown {
  const { end } = trace;
  if (end.kind !== "deadlock") return [end.kind, end.message];
  const cycle = end.graph?.cycle ?? [];
  return end.waitsFor.filter((waiter) => cycle.includes(waiter.task));
}

/** Any run: the next step is the pick's, among those that can be made; ends with a violation or when nobody steps. */
function walk(scenario: Scenario, picks: readonly number[]): Schedule | null {
  const { runner, execution } = runSchedule(scenario.program, { init: [], steps: [] });
  if (execution.kind !== "done" || execution.fault !== null) return null;
  const probe = new Probe(runner.prepared, { deadLocals: false });
  const steps: ScheduledStep[] = [];
  let { state } = execution;
  for (const pick of picks) {
    if (violationsAt({ scenario, runner, probe }, { state, fault: null, task: -1 }).length > 0) break;
    const tasks = runner.prepared.tasks.map((_, task) => (task + pick) % runner.prepared.tasks.length);
    const made = tasks.map((task) => runner.stepFrom(state, task, [])).find((step) => step.kind === "made");
    if (made?.kind !== "made") break;
    steps.push({ task: made.step.task, choices: made.step.choices });
    state = made.step.after;
    if (made.fault !== null) break;
  }
  return { init: [], steps };
}

/** Every interleaving of the tasks but one, kept as text: nothing of the engine's table or search. */
function othersReach(
  probe: Probe,
  from: { readonly state: Int32Array; readonly heldBack: number },
  wanted: Wanted,
): boolean {
  const seen = new Set<string>([from.state.join()]);
  const pending = [from.state];
  for (let state = pending.pop(); state !== undefined; state = pending.pop()) {
    for (const [task, step] of probe.module.steps.entries()) {
      if (task === from.heldBack) continue;
      probe.module.startChoice();
      const made: { readonly result: number; readonly fault: { node: number; code: number }; state: Int32Array }[] = [];
      do {
        probe.module.setTask(task);
        probe.module.resetChoice();
        probe.scratch.set(state);
        const result = step();
        made.push({ result, fault: probe.module.fault(), state: probe.scratch.slice() });
        probe.module.clearFault();
      } while (probe.module.more());
      for (const { result, fault, state: next } of made) {
        if (result === 2 && wanted.isFault(fault.node)) return true;
        if (result !== 1 || seen.has(next.join())) continue;
        seen.add(next.join());
        pending.push(next);
        if (wanted.isState(next)) return true;
      }
    }
  }
  return false;
}

type Wanted = { readonly isFault: (node: number) => boolean; readonly isState: (state: Int32Array) => boolean };

function spanOf(prepared: Prepared, node: number): string {
  const at = nodeAt(prepared, node)?.node;
  return at === undefined ? "nowhere" : JSON.stringify([at.kind, at.span]);
}

function wantedOf(finding: Finding, probe: Probe): Wanted {
  const { prepared } = probe;
  return {
    isFault: (node) => finding.property < 0 && spanOf(prepared, node) === spanOf(prepared, finding.node),
    isState: (state) =>
      finding.property >= 0 && probe.failures(state).some((failure) => failure.property === finding.property),
  };
}

describe("what a trace claims holds when it is tried", () => {
  it(`its schedule replays to the same violation, with any reductions (seed ${String(seed)})`, () => {
    let violated = 0;
    fc.assert(
      fc.property(randomScenario, (text) => {
        const scenario = scenarioOf(text);
        for (const reductions of [[], reductionNames]) {
          const result = explore(scenario, { limits, reductions });
          const { trace } = result;
          if (trace === undefined) return;
          violated += 1;
          const again = replay(scenario, trace.schedule);
          expect(again.kind === "replayed" ? again.trace.steps : again).toEqual(trace.steps);
          const isOfGraph = result.class === "cannot-finish" || result.class === "livelock";
          if (again.kind === "replayed" && !isOfGraph) expect(essence(again.trace)).toEqual(essence(trace));
        }
      }),
      { numRuns: runs, seed, endOnFailure: false },
    );
    expect(violated).toBeGreaterThan(runs / 4);
  });

  it("what is not needed can be left out of any run", () => {
    let irrelevant = 0;
    const picks = fc.array(fc.nat({ max: 2 }), { minLength: 30, maxLength: 30 });
    fc.assert(
      fc.property(randomScenario, picks, (text, order) => {
        const scenario = scenarioOf(text);
        const schedule = walk(scenario, order);
        if (schedule === null) return;
        const trace = replayed(scenario, schedule);
        const kept = schedule.steps.filter((_, index) => trace.steps[index]?.irrelevant !== true);
        if (kept.length === schedule.steps.length) return;
        irrelevant += schedule.steps.length - kept.length;
        const shorter = runSchedule(scenario.program, { init: [], steps: kept });
        expect(shorter.execution.kind).toBe("done");
        if (trace.end.kind !== "deadlock")
          expect(essence(replayed(scenario, { init: [], steps: kept }))).toEqual(essence(trace));
      }),
      { numRuns: runs * 3, seed, endOnFailure: false },
    );
    expect(irrelevant).toBeGreaterThan(runs / 10);
  });

  it("what the others alone can and cannot bring about", () => {
    const compared = { never: 0, still: 0, unknown: 0 };
    fc.assert(
      fc.property(randomScenario, (text) => {
        // Two of one kind: what one does the other can do as well.
        const scenario = scenarioOf(text.replace("task t0 {", "task t0[2] {"), { races: "off" });
        const { trace } = explore(scenario, { limits, reductions: [] });
        const parsed = trace === undefined ? null : parseSchedule(trace.schedule);
        if (trace === undefined || parsed?.kind !== "schedule") return;
        const { runner, execution } = runSchedule(scenario.program, parsed.schedule);
        if (execution.kind !== "done") throw new Error("the trace was run before");
        const probe = new Probe(runner.prepared, { deadLocals: false });
        const last = execution.steps[execution.steps.length - 1];
        const at = { state: execution.state, fault: execution.fault, task: last?.task ?? -1 };
        const [finding] = violationsAt({ scenario, runner, probe }, at);
        if (finding === undefined || finding.racing !== null || finding.class === "deadlock") return;
        const wanted = wantedOf(finding, probe);
        for (const [index, step] of trace.steps.entries()) {
          const kind = step.purpose?.heldBack ?? "unknown";
          compared[kind] += 1;
          const executed = execution.steps[index];
          if (kind === "unknown" || executed === undefined) continue;
          const reached = othersReach(probe, { state: executed.before, heldBack: executed.task }, wanted);
          expect([index, reached ? "still" : "never"]).toEqual([index, kind]);
        }
      }),
      { numRuns: runs, seed, endOnFailure: false },
    );
    expect(compared.never).toBeGreaterThan(runs / 3);
    expect(compared.still).toBeGreaterThan(runs / 20);
  });
});
