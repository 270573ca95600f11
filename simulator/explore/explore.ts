/** The explorer's door: searches, then turns what was found into a result for people. */
import { assert } from "../source/assert.ts";
import { describeLimit, type ExploreLimits, type LimitName } from "../limits.ts";
import { printSchedule, type Schedule } from "../trace/schedule.ts";
import { tellCounterexample } from "./counterexample.ts";
import { coverageOf } from "./coverage.ts";
import { findUnaskedAsserts, findUnaskedEnds } from "./coverage-vacuous.ts";
import { findFewestSwitches } from "./fewest-switches.ts";
import { messageOf, tellLockOrder } from "./messages.ts";
import { Narrator } from "./narrate.ts";
import { nodeAt } from "./prepare.ts";
import type { ExploreResult, ExploreWarning, NoteOutcome, Progress, PropertyRef, Reduction } from "./result.ts";
import type { Place } from "../trace/trace.ts";
import { answerReach } from "./reach.ts";
import { runSchedule } from "./runner.ts";
import { placeOf, type Scenario } from "./scenario.ts";
import { searchProgram, type Finding, type SearchOutcome } from "./search.ts";
import { WitnessFinder, type SeenPoint } from "./witness.ts";

export type ExploreOptions = {
  readonly limits: ExploreLimits;
  /** [] for none: then the state count is exactly that of the rule. */
  readonly reductions: readonly Reduction[];
  /** Also say which source lines and outcomes of conditions any interleaving executed. */
  readonly coverage?: boolean;
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
  // A question looks at single states, so what leaves out states would leave out answers.
  const isAsked = scenario.program.reach !== null;
  const asked = isAsked ? { ...options, reductions: stepExactOnly(options.reductions) } : options;
  return new Report(scenario, asked, searchTwice(scenario, asked)).result();
}

/** What was counted, and what is told: with reductions on, a violation is told from a second search by single steps. */
type Searched = {
  readonly counted: SearchOutcome;
  readonly told: SearchOutcome;
  readonly toldReductions: readonly Reduction[];
};

/** Reductions under which every step of the rule is a transition of the search. */
function stepExactOnly(reductions: readonly Reduction[]): readonly Reduction[] {
  return reductions.filter((reduction) => reduction === "dead-locals");
}

/**
 * Searches as asked. What reductions find is a violation, but not always the shortest or the first in precedence; so a
 * second search without them, bounded by the length found, looks for the one to tell. When that reaches a bound itself,
 * the first finding stands and its trace is "not proven shortest".
 */
function searchTwice(scenario: Scenario, options: ExploreOptions): Searched {
  const counted = searchProgram(scenario.program, options);
  const exact = stepExactOnly(options.reductions);
  const first: Searched = { counted, told: counted, toldReductions: options.reductions };
  if (exact.length === options.reductions.length || !maySayMore(counted)) return first;
  // Lock order is judged when everything has been searched, so its length bounds nothing.
  const length = counted.finding?.class === "lock-order" ? -1 : (counted.finding?.length ?? -1);
  const depthMax = length < 0 ? options.limits.depthMax : Math.min(length, options.limits.depthMax);
  const told = searchProgram(scenario.program, {
    ...options,
    reductions: exact,
    limits: { ...options.limits, depthMax },
    after: counted,
  });
  assert(counted.finding === null || told.finding !== null || told.limit !== null, "reductions add no violation");
  const isCutShort = told.finding === null && told.limit !== null;
  if (isCutShort && !counted.hasOpenCycles && (counted.finding !== null || isSearchBound(told.limit))) return first;
  return { counted, told, toldReductions: exact };
}

/** Whether a search without reductions could end otherwise: with another trace, or before a bound of the language. */
function maySayMore({ finding, limit, hasOpenCycles }: SearchOutcome): boolean {
  return finding !== null || hasOpenCycles || (limit !== null && !isSearchBound(limit));
}

/** Bounds that grow with what is searched; the others belong to a step. */
function isSearchBound(limit: LimitName): boolean {
  return limit === "states" || limit === "memory" || limit === "depth";
}

/** States of the search for the shortest witnesses of notes; it takes some tens of milliseconds. */
const sightStatesMax = 4_000;

function seenState(state: number): SeenPoint {
  return { state, task: -1, choices: [] };
}

class Report {
  readonly #scenario: Scenario;
  readonly #options: ExploreOptions;
  readonly #searched: Searched;
  readonly #outcome: SearchOutcome;
  #witnessFinder: WitnessFinder | null = null;
  #sight: SearchOutcome | null = null;
  #sightFinder: WitnessFinder | null = null;

  constructor(scenario: Scenario, options: ExploreOptions, searched: Searched) {
    this.#scenario = scenario;
    this.#options = options;
    this.#searched = searched;
    this.#outcome = searched.told;
  }

  get #deadLocals(): boolean {
    return this.#searched.toldReductions.includes("dead-locals");
  }

  /** Made when something has to be told: a run that only holds needs no traced code. */
  get #witness(): WitnessFinder {
    this.#witnessFinder ??= new WitnessFinder(this.#outcome);
    return this.#witnessFinder;
  }

  result(): ExploreResult {
    const { finding, limit } = this.#outcome;
    if (limit !== null && (finding === null || limit === "objects")) return this.#inconclusive(limit);
    if (finding !== null) return this.#violated(finding);
    const unreached = this.#scenario.program.properties.findIndex(
      (property, index) =>
        property.kind === "sometimes" && property.reach === undefined && !this.#outcome.sometimes.has(index),
    );
    if (unreached >= 0) return this.#neverReached(unreached);
    return { ...this.#common(), verdict: "holds", message: "no violation in any interleaving", exhaustive: true };
  }

  #common(): Omit<ExploreResult, "verdict" | "message" | "exhaustive"> {
    return {
      ...this.#counts(),
      reductions: [...this.#options.reductions],
      assumptions: this.#scenario.program.assumptions,
      notes: this.#notes(),
      sometimes: this.#sometimes(),
      warnings: [...this.#raceWarnings(), ...this.#orderWarnings(), ...this.#vacuousWarnings()],
      ...this.#coverage(),
      ...this.#reach(),
    };
  }

  /** Of both searches: each executed steps that can be executed. */
  #coverage(): Pick<ExploreResult, "coverage"> {
    const { counted, told } = this.#searched;
    if (counted.hits === null) return {};
    const hits = counted.hits.map((hit, number) => hit | (told.hits?.[number] ?? 0));
    const complete = counted.limit === null && counted.finding === null;
    return { coverage: coverageOf({ scenario: this.#scenario, prepared: counted.prepared, hits, complete }) };
  }

  /** Circles that were not reached as a deadlock; of a deadlock the verdict speaks. */
  #orderWarnings(): readonly ExploreWarning[] {
    const { finding, prepared, lockOrders } = this.#outcome;
    if (finding !== null && ["deadlock", "self-deadlock", "lock-order"].includes(finding.class)) return [];
    const placeOfNode = (number: number): Place | null => {
      const reference = nodeAt(prepared, number);
      return reference === null ? null : placeOf(this.#scenario.sources, reference.node.span);
    };
    return lockOrders.map((order) => {
      const { message, place } = tellLockOrder({ placeOfNode }, order);
      return place === null ? { message } : { message, place };
    });
  }

  #vacuousWarnings(): readonly ExploreWarning[] {
    const { finding, limit, unmoved, prepared, evaluated } = this.#outcome;
    if (finding !== null || limit !== null) return [];
    const { sources } = this.#scenario;
    const asserts = findUnaskedAsserts(prepared, { evaluated, unmoved, sources }).map((node) => {
      const text = node.kind === "check" ? node.violation.message : "";
      const message = `assert("${text}") is never evaluated in any interleaving: it shows nothing`;
      return { message, place: placeOf(sources, node.span) };
    });
    const ends = findUnaskedEnds(prepared, evaluated).map((property) => {
      const message = `finally("${property.text}") is never evaluated: in no interleaving have all tasks ended or come to rest`;
      return { message, place: placeOf(sources, property.span) };
    });
    return [...this.#unmovedWarnings(), ...asserts, ...ends];
  }

  #unmovedWarnings(): readonly ExploreWarning[] {
    const { unmoved, prepared } = this.#outcome;
    return unmoved.map((task) => {
      const node = prepared.tasks[task]?.routine.nodes[0];
      const name = this.#scenario.names.tasks[task] ?? "a task";
      const message = `${name} never takes its first step in any interleaving: the scenario shows nothing about it`;
      return node === undefined ? { message } : { message, place: placeOf(this.#scenario.sources, node.span) };
    });
  }

  #reach(): Pick<ExploreResult, "reach"> {
    if (this.#scenario.program.reach === null) return {};
    const answer = answerReach(this.#scenario, this.#outcome, (state) => this.#witness.scheduleTo(state));
    const sight = answer.kind === "reached" ? this.#exactSight : null;
    if (sight === null) return { reach: answer };
    const finder = this.#sightWitness(sight);
    const exact = answerReach(this.#scenario, sight, (state) => finder.scheduleTo(state));
    return { reach: exact.kind === "reached" ? exact : answer };
  }

  /** Of the search as it was asked for; one that was made for the trace only is counted apart. */
  #counts(): Pick<ExploreResult, "states" | "transitions" | "depth" | "memoryBytes" | "traceSearch"> {
    const { counted, told } = this.#searched;
    return {
      states: counted.states,
      transitions: counted.transitions,
      depth: counted.depth,
      memoryBytes: Math.max(counted.memoryBytes, told.memoryBytes),
      ...(told === counted ? {} : { traceSearch: { states: told.states, transitions: told.transitions } }),
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

  #violated(found: Finding): ExploreResult {
    if (found.class === "deadlock" && found.state < 0) return this.#stuckInInit();
    const isExact = stepExactOnly(this.#searched.toldReductions).length === this.#searched.toldReductions.length;
    const fewest = isExact ? this.#fewestSwitches(found) : null;
    const finding = fewest?.kind === "found" ? fewest.finding : found;
    const told = tellCounterexample({
      scenario: this.#scenario,
      finding,
      schedule:
        fewest?.kind === "found" ? this.#withCycle(fewest.schedule, finding) : this.#witness.scheduleOf(finding),
      isShortest: isExact && this.#outcome.isLevelComplete && finding.length >= 0,
      hasFewestSwitches: finding.length === 0 || (finding.length > 0 && fewest?.kind === "found"),
    });
    return {
      ...this.#common(),
      verdict: "violated",
      class: finding.class,
      ...this.#failedProperty(told.finding),
      ...(told.place === null ? {} : { place: told.place }),
      message: told.message,
      exhaustive: false,
      trace: told.trace,
    };
  }

  /** A livelock is told as the way to its cycle and one round of that. */
  #withCycle(stem: Schedule, { state, cycle }: Finding): Schedule {
    if (cycle === undefined) return stem;
    return { init: stem.init, steps: [...stem.steps, ...this.#witness.stepsAround(state, cycle)] };
  }

  #fewestSwitches(finding: Finding): ReturnType<typeof findFewestSwitches> {
    return findFewestSwitches({
      outcome: this.#outcome,
      finding,
      deadLocals: this.#deadLocals,
      memoryBytesMax: this.#options.limits.memoryBytesMax,
      initialChoices: (state) => this.#witness.initialChoices(state),
    });
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

  #notes(): readonly NoteOutcome[] {
    return this.#scenario.program.notes.flatMap((note, index): NoteOutcome | readonly NoteOutcome[] => {
      if (index === this.#scenario.program.reach?.note) return [];
      const place = placeOf(this.#scenario.sources, note.span);
      const reached = this.#outcome.notes.get(index);
      if (reached === undefined) return { text: note.text, place, reached: false };
      if (reached.state < 0)
        return { text: note.text, place, reached: true, steps: 0, schedule: "1::", shortest: true };
      return { text: note.text, place, reached: true, ...this.#told(reached, this.#exactSight?.notes.get(index)) };
    });
  }

  #sometimes(): readonly NoteOutcome[] {
    return this.#scenario.program.properties.flatMap((property, index): NoteOutcome[] => {
      if (property.kind !== "sometimes" || property.reach !== undefined) return [];
      const place = placeOf(this.#scenario.sources, property.span);
      const state = this.#outcome.sometimes.get(index);
      if (state === undefined) return [{ text: property.text, place, reached: false }];
      const exact = this.#exactSight?.sometimes.get(index);
      const told = this.#told(seenState(state), exact === undefined ? undefined : seenState(exact));
      return [{ text: property.text, place, reached: true, ...told }];
    });
  }

  /**
   * The beginning of the search by single steps, in which the shortest witnesses are found if they are near; null when the
   * search told of was one itself.
   */
  get #exactSight(): SearchOutcome | null {
    if (!this.#outcome.isReduced) return null;
    const { limits, reductions } = this.#options;
    this.#sight ??= searchProgram(this.#scenario.program, {
      reductions: stepExactOnly(reductions),
      limits: { ...limits, statesMax: Math.min(limits.statesMax, sightStatesMax) },
      after: this.#outcome,
      until: { notes: [...this.#outcome.notes.keys()], sometimes: [...this.#outcome.sometimes.keys()] },
    });
    return this.#sight;
  }

  #sightWitness(sight: SearchOutcome): WitnessFinder {
    this.#sightFinder ??= new WitnessFinder(sight);
    return this.#sightFinder;
  }

  /** By the shortest way where the search by single steps saw it, else by the way that the reduced search took. */
  #told(seen: SeenPoint, exact: SeenPoint | undefined): Pick<NoteOutcome, "steps" | "schedule" | "shortest"> {
    const sight = this.#exactSight;
    const isExact = sight !== null && exact !== undefined;
    const finder = isExact ? this.#sightWitness(sight) : this.#witness;
    const schedule = finder.scheduleOf(isExact ? exact : seen);
    return { steps: schedule.steps.length, schedule: printSchedule(schedule), shortest: sight === null || isExact };
  }

  #raceWarnings(): readonly ExploreWarning[] {
    return this.#outcome.races.map((race) => {
      const schedule = this.#witness.scheduleOf({ state: race.state, task: -1, choices: [] });
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
