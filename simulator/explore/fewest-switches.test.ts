/** Fewest switches against an enumeration of every schedule of the length found, on random scenarios. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compile } from "../compile.ts";
import { defaultExploreLimits } from "../limits.ts";
import { renderDiagnostic } from "../source/diagnostic.ts";
import { randomScenario } from "../testing/random-scenario.ts";
import { printSchedule, type ScheduledStep } from "../trace/schedule.ts";
import type { ViolationClass } from "./classes.ts";
import { classCode } from "./emit-routine.ts";
import { explore } from "./explore.ts";
import { findFewestSwitches } from "./fewest-switches.ts";
import { Probe } from "./probe.ts";
import type { Scenario } from "./scenario.ts";
import { searchProgram, type SearchOutcome } from "./search.ts";

const runs = Number(process.env["TWIN_RUNS"] ?? "300");
const seed = Number(process.env["TWIN_SEED"] ?? "20260102");
/** Schedules grow as tasks to the power of their length. */
const lengthMax = 9;

function scenarioOf(text: string): Scenario {
  const outcome = compile({ files: [{ name: "random.scn", text, firstLine: 1 }], constants: new Map(), options: {} });
  if (outcome.kind === "rejected")
    throw new Error(outcome.diagnostics.map((diagnostic) => renderDiagnostic(diagnostic)).join("\n"));
  return outcome.scenario;
}

type Best = { readonly switches: number; readonly steps: readonly ScheduledStep[] };

/** Every schedule of `length` steps from the initial state, the least one that ends in the class by switches, then order. */
class Enumeration {
  readonly #probe: Probe;
  readonly #class: ViolationClass;
  readonly #length: number;
  readonly #isStep: boolean;
  best: Best | null = null;

  constructor(outcome: SearchOutcome, wanted: { readonly class: ViolationClass; readonly length: number }) {
    this.#probe = new Probe(outcome.prepared, { deadLocals: false });
    this.#class = wanted.class;
    this.#length = wanted.length;
    this.#isStep = (outcome.finding?.task ?? -1) >= 0;
  }

  from(state: Int32Array, path: readonly ScheduledStep[] = [], switches = 0): void {
    if (this.best !== null && switches >= this.best.switches) return;
    if (path.length === this.#length) {
      if (!this.#isStep && this.#isGoal(state)) this.best = { switches, steps: path };
      return;
    }
    const { module, scratch } = this.#probe;
    for (const [task, step] of module.steps.entries()) {
      const taken: { readonly result: number; readonly code: number; step: ScheduledStep; state: Int32Array }[] = [];
      module.setTask(task);
      module.startChoice();
      do {
        module.resetChoice();
        scratch.set(state);
        const result = step();
        taken.push({
          result,
          code: module.fault().code,
          step: { task, choices: module.choices() },
          state: scratch.slice(),
        });
        module.clearFault();
      } while (module.more());
      for (const { result, code, step: made, state: next } of taken) {
        const now = switches + (path.length > 0 && path[path.length - 1]?.task !== task ? 1 : 0);
        const ends = result === 2 && this.#isStep && path.length + 1 === this.#length;
        if (ends && code === classCode(this.#class) && (this.best === null || now < this.best.switches))
          this.best = { switches: now, steps: [...path, made] };
        if (result === 1) this.from(next, [...path, made], now);
      }
    }
  }

  #isGoal(state: Int32Array): boolean {
    if (this.#class === "deadlock") return this.#probe.isStuck(state);
    if (this.#class === "data-race") return this.#probe.races(state).length > 0;
    return this.#probe.failures(state).some((failure) => failure.class === this.#class);
  }
}

describe("of the shortest traces", () => {
  it(`the one with the fewest switches, then the least is told (seed ${String(seed)})`, { timeout: 120_000 }, () => {
    const compared = new Map<string, number>();
    fc.assert(
      fc.property(randomScenario, (text) => {
        const scenario = scenarioOf(text);
        const limits = { ...defaultExploreLimits, statesMax: 20_000 };
        const outcome = searchProgram(scenario.program, { limits, reductions: [] });
        const { finding } = outcome;
        if (finding === null || finding.length < 2 || finding.length > lengthMax || outcome.parents[1] === -1) return;
        const enumeration = new Enumeration(outcome, finding);
        enumeration.from(outcome.words.slice(0, outcome.prepared.image.words));
        for (const reductions of [[], ["dead-locals"]] as const) {
          const { trace } = explore(scenario, { limits, reductions });
          expect([trace?.schedule, trace?.switches, trace?.fewestSwitches]).toEqual([
            printSchedule({ init: [], steps: enumeration.best?.steps ?? [] }),
            enumeration.best?.switches,
            true,
          ]);
        }
        compared.set(finding.class, (compared.get(finding.class) ?? 0) + 1);
      }),
      { numRuns: runs, seed, endOnFailure: false },
    );
    expect([...compared.values()].reduce((sum, count) => sum + count, 0)).toBeGreaterThan(runs / 10);
    expect(compared.size).toBeGreaterThan(3);
  });

  it("none is called the one with fewest switches where the costs do not fit the memory", () => {
    const scenario = scenarioOf("u8 x; task t[2] { WRITE_ONCE(x, me); assert(READ_ONCE(x) == me); }");
    const outcome = searchProgram(scenario.program, { limits: defaultExploreLimits, reductions: [] });
    const { finding } = outcome;
    if (finding === null) throw new Error("the scenario has a violation");
    const solve = (memoryBytesMax: number): string =>
      findFewestSwitches({ outcome, finding, deadLocals: false, memoryBytesMax, initialChoices: () => [] }).kind;
    expect([solve(defaultExploreLimits.memoryBytesMax), solve(outcome.memoryBytes)]).toEqual(["found", "not-proven"]);
  });
});
