/** The explorer's door: searches, then turns what was found into a result for people. */
import { assert } from "../source/assert.ts";
import { describeLimit, type ExploreLimits, type LimitName } from "../limits.ts";
import { parseSchedule, printSchedule, type ScheduledStep } from "../trace/schedule.ts";
import type { Place, Trace, TraceEnd } from "../trace/trace.ts";
import { Narrator } from "./narrate.ts";
import { nodeAt } from "./prepare.ts";
import type { ExploreResult, ExploreWarning, NoteOutcome, Progress, PropertyRef, Reduction } from "./result.ts";
import { runSchedule, type Execution, type Runner } from "./runner.ts";
import { placeOf, type Scenario } from "./scenario.ts";
import { searchProgram, type Finding, type SearchOutcome } from "./search.ts";
import { messageOf } from "./messages.ts";
import { WitnessFinder } from "./witness.ts";

export type ExploreOptions = {
  readonly limits: ExploreLimits;
  /** [] for none: then the state count is exactly that of the rule. */
  readonly reductions: readonly Reduction[];
  readonly onProgress?: (progress: Progress) => void;
};

/**
 * Explores every interleaving of a scenario.
 *
 * `holds` is said of an exhaustive search only; reaching a limit is `inconclusive` and names it. Deterministic.
 *
 * @source docs of the scenario language, sections Steps to Classes
 */
export function explore(scenario: Scenario, options: ExploreOptions): ExploreResult {
  const outcome = searchProgram(scenario.program, options);
  return new Report(scenario, options, outcome).result();
}

class Report {
  readonly #scenario: Scenario;
  readonly #options: ExploreOptions;
  readonly #outcome: SearchOutcome;
  #witnessFinder: WitnessFinder | null = null;

  constructor(scenario: Scenario, options: ExploreOptions, outcome: SearchOutcome) {
    this.#scenario = scenario;
    this.#options = options;
    this.#outcome = outcome;
  }

  /** Made when something has to be told: a run that only holds needs no traced code. */
  get #witness(): WitnessFinder {
    const deadLocals = this.#options.reductions.includes("dead-locals");
    this.#witnessFinder ??= new WitnessFinder(this.#outcome, { deadLocals });
    return this.#witnessFinder;
  }

  result(): ExploreResult {
    const { finding, limit } = this.#outcome;
    if (limit !== null && (finding === null || limit === "objects")) return this.#inconclusive(limit);
    if (finding !== null) return this.#violated(finding);
    const unreached = this.#scenario.program.properties.findIndex(
      (property, index) => property.kind === "sometimes" && !this.#outcome.sometimes.has(index),
    );
    if (unreached >= 0) return this.#neverReached(unreached);
    return { ...this.#common(), verdict: "holds", message: "no violation in any interleaving", exhaustive: true };
  }

  #common(): Omit<ExploreResult, "verdict" | "message" | "exhaustive"> {
    return {
      states: this.#outcome.states,
      transitions: this.#outcome.transitions,
      depth: this.#outcome.depth,
      memoryBytes: this.#outcome.memoryBytes,
      reductions: [...this.#options.reductions],
      assumptions: this.#scenario.program.assumptions,
      notes: this.#notes(),
      sometimes: this.#sometimes(),
      warnings: this.#raceWarnings(),
    };
  }

  #inconclusive(limit: LimitName): ExploreResult {
    return { ...this.#common(), verdict: "inconclusive", message: describeLimit(limit), exhaustive: false, limit };
  }

  #neverReached(property: number): ExploreResult {
    const reference = this.#property(property);
    return {
      ...this.#common(),
      verdict: "violated",
      class: "never-reached",
      property: reference,
      place: reference.place,
      message: `"${reference.text}" is never reached: the scenario proves nothing about it`,
      exhaustive: true,
    };
  }

  #property(index: number): PropertyRef {
    const property = this.#scenario.program.properties[index];
    assert(property !== undefined, "a property has a number");
    return { kind: property.kind, text: property.text, place: placeOf(this.#scenario.sources, property.span) };
  }

  #violated(finding: Finding): ExploreResult {
    const appended: readonly ScheduledStep[] =
      finding.task < 0 ? [] : [{ task: finding.task, choices: finding.choices }];
    const schedule =
      finding.state < 0 ? { init: finding.choices, steps: [] } : this.#witness.scheduleTo(finding.state, appended);
    if (finding.class === "deadlock" && finding.state < 0) return this.#stuckInInit();
    const { runner, execution } = runSchedule(this.#scenario.program, schedule);
    assert(execution.kind === "done", "what the search did can be done again");
    const narrator = new Narrator(this.#scenario, runner);
    const told = messageOf({ scenario: this.#scenario, finding, narrator, runner, execution });
    const end = this.#end(finding, { message: told.message, place: told.place, narrator, execution });
    const trace = narrator.trace({
      schedule,
      steps: execution.steps,
      end,
      shortest: finding.class !== "cannot-finish",
    });
    return {
      ...this.#common(),
      verdict: "violated",
      class: finding.class,
      ...this.#failedProperty(finding),
      ...(told.place === null ? {} : { place: told.place }),
      message: told.message,
      exhaustive: false,
      trace,
    };
  }

  #stuckInInit(): ExploreResult {
    return {
      ...this.#common(),
      verdict: "violated",
      class: "deadlock",
      message: "init waits for something that only a task could give",
      exhaustive: false,
    };
  }

  #failedProperty(finding: Finding): { readonly property?: PropertyRef } {
    if (finding.property >= 0) return { property: this.#property(finding.property) };
    if (finding.class !== "assertion") return {};
    const node = nodeAt(this.#outcome.prepared, finding.node)?.node;
    if (node?.kind !== "check") return {};
    return {
      property: { kind: "assert", text: node.violation.message, place: placeOf(this.#scenario.sources, node.span) },
    };
  }

  #end(
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
    return { kind: "violation", message: told.message, place: told.place };
  }

  #notes(): readonly NoteOutcome[] {
    return this.#scenario.program.notes.map((note, index): NoteOutcome => {
      const place = placeOf(this.#scenario.sources, note.span);
      const reached = this.#outcome.notes.get(index);
      if (reached === undefined) return { text: note.text, place, reached: false };
      if (reached.state < 0) return { text: note.text, place, reached: true, steps: 0, schedule: "1::" };
      const schedule = this.#witness.scheduleTo(reached.state, [{ task: reached.task, choices: reached.choices }]);
      return { text: note.text, place, reached: true, ...this.#told(schedule) };
    });
  }

  #sometimes(): readonly NoteOutcome[] {
    return this.#scenario.program.properties.flatMap((property, index): NoteOutcome[] => {
      if (property.kind !== "sometimes") return [];
      const place = placeOf(this.#scenario.sources, property.span);
      const state = this.#outcome.sometimes.get(index);
      if (state === undefined) return [{ text: property.text, place, reached: false }];
      return [{ text: property.text, place, reached: true, ...this.#told(this.#witness.scheduleTo(state)) }];
    });
  }

  #told(schedule: ReturnType<WitnessFinder["scheduleTo"]>): { readonly steps: number; readonly schedule: string } {
    return { steps: schedule.steps.length, schedule: printSchedule(schedule) };
  }

  #raceWarnings(): readonly ExploreWarning[] {
    return this.#outcome.races.map((race) => {
      const schedule = this.#witness.scheduleTo(race.state);
      const { runner, execution } = runSchedule(this.#scenario.program, schedule);
      assert(execution.kind === "done", "what the search did can be done again");
      const finding: Finding = {
        class: "data-race",
        length: 0,
        state: race.state,
        task: -1,
        choices: [],
        node: -1,
        property: -1,
        racing: race.tasks,
      };
      const narrator = new Narrator(this.#scenario, runner);
      const told = messageOf({ scenario: this.#scenario, finding, narrator, runner, execution });
      return told.place === null ? { message: told.message } : { message: told.message, place: told.place };
    });
  }
}

export type ReplayOutcome =
  { readonly kind: "replayed"; readonly trace: Trace } | { readonly kind: "refused"; readonly message: string };

/**
 * Runs a schedule that explore gave, on the same scenario, and tells what happens. The end is what the run comes to:
 * a violation in its last step, a deadlock, or the state reached.
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
  const end = endOfReplay(scenario, { runner, execution, narrator });
  return { kind: "replayed", trace: narrator.trace({ schedule, steps: execution.steps, end, shortest: false }) };
}

type Replayed = {
  readonly runner: Runner;
  readonly execution: Extract<Execution, { kind: "done" }>;
  readonly narrator: Narrator;
};

function endOfReplay(scenario: Scenario, replayed: Replayed): TraceEnd {
  const { runner, execution, narrator } = replayed;
  if (execution.fault !== null) {
    const last = execution.steps[execution.steps.length - 1];
    const finding: Finding = {
      class: execution.fault.class,
      length: execution.steps.length,
      state: 0,
      task: last?.task ?? -1,
      choices: [],
      node: execution.fault.node,
      property: -1,
      racing: null,
    };
    const told = messageOf({ scenario, finding, narrator, runner, execution });
    return { kind: "violation", message: told.message, place: told.place };
  }
  const waiting = narrator.waiters(execution.state);
  const stuck = runner.isStuck(execution.state);
  if (!stuck) return { kind: "reached", message: "the schedule ends here" };
  return { kind: "deadlock", message: "no task can step", waitsFor: waiting };
}
