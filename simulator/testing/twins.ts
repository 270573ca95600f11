/**
 * The reductions against the naive explorer on random programs: verdict, class and what is reached are the same, and no
 * trace is longer. What a run of many programs has to consist of to count as evidence is checked as well.
 */
import fc from "fast-check";
import { compile } from "../compile.ts";
import { explore, type ExploreOptions } from "../explore/explore.ts";
import { reductionNames, type ExploreResult, type Reduction } from "../explore/result.ts";
import type { Scenario } from "../explore/scenario.ts";
import { parseCellOptions } from "../lang/cell-options.ts";
import { primitives } from "../lang/primitives/primitives.ts";
import { specialNames } from "../lang/check/specials.ts";
import { defaultExploreLimits } from "../limits.ts";
import { assert } from "../source/assert.ts";
import { renderDiagnostic } from "../source/diagnostic.ts";
import { Deck, randomNumbers } from "./deck.ts";
import { exploreNaively, NaiveLimit, type NaiveOutcome } from "./naive.ts";
import { wordsOf } from "./protocol-declarations.ts";
import type { HazardKind } from "./protocol-parts.ts";
import { randomProtocol, shapes } from "./random-protocol.ts";
import { macroUses } from "./word-uses-macros.ts";
import { useOf, type Use } from "./word-uses.ts";

export type TwinOptions = {
  readonly programs: number;
  readonly seed: number;
  /** Larger programs would take the naive explorer minutes. */
  readonly statesMax: number;
};

/** Where an engine and the naive explorer do not say the same. */
export type Difference = {
  readonly reductions: string;
  readonly expected: string;
  readonly actual: string;
  readonly text: string;
};

/** What was compared; plain data, so that several threads can each make one. */
export type TwinReport = {
  readonly seeds: readonly number[];
  /** Unreduced states of each program, as the naive explorer counts them. */
  readonly states: readonly number[];
  readonly violated: number;
  /** Programs by class, `holds` among them. */
  readonly classes: Readonly<Record<string, number>>;
  /** Programs by word of the language. */
  readonly words: Readonly<Record<string, number>>;
  /** Comparisons by the reductions that were on. */
  readonly compared: Readonly<Record<string, number>>;
  /** Programs that were drawn and not compared, by reason. */
  readonly leftOut: Readonly<Record<string, number>>;
  readonly differences: readonly Difference[];
};

/** Every word of the language that does something, with its use; from the language's own tables. */
export function wordUses(): ReadonlyMap<string, Use> {
  const macros = [...specialNames].map((name): readonly [string, Use] => {
    const use = macroUses.get(name);
    assert(use !== undefined, `word-uses-macros.ts has a use of ${name}`);
    return [name, use];
  });
  return new Map([
    ...[...primitives.values()].map((each): readonly [string, Use] => [each.name, useOf(each)]),
    ...macros,
  ]);
}

/** How often each kind of hazard is dealt; most that are looked for do no harm or are hidden by others. */
const hazardShares: Readonly<Record<HazardKind, number>> = {
  none: 8,
  any: 4,
  assertion: 3,
  deadlock: 3,
  "data-race": 3,
  "use-after-free": 4,
  "lock-leak": 3,
  livelock: 5,
};

/** Programs with fewer unreduced states are kept small in number: little can happen in them. */
const smallStates = 400;
const smallShareMax = 0.25;

const count = (table: Map<string, number>, key: string): void => {
  table.set(key, (table.get(key) ?? 0) + 1);
};

export function scenarioOf(text: string): Scenario {
  const file = { name: "random.scn", text, firstLine: 1 };
  const { language } = parseCellOptions(file);
  const outcome = compile({ files: [file], constants: new Map(), options: language });
  if (outcome.kind === "rejected")
    throw new Error([text, ...outcome.diagnostics.map((diagnostic) => renderDiagnostic(diagnostic))].join("\n"));
  return outcome.scenario;
}

/** Each alone, each pair, and all. */
const singles: readonly (readonly Reduction[])[] = reductionNames.map((name) => [name]);
const pairs: readonly (readonly Reduction[])[] = reductionNames.flatMap((one, index) =>
  reductionNames.slice(index + 1).map((other) => [one, other]),
);

/** All reductions for every program; for every third one alone and one pair as well, in turn. */
function setsFor(number: number): readonly (readonly Reduction[])[] {
  if (number % 3 !== 0) return [reductionNames];
  const turn = number / 3;
  const [single, pair] = [singles[turn % singles.length], pairs[turn % pairs.length]];
  return [reductionNames, ...(single === undefined ? [] : [single]), ...(pair === undefined ? [] : [pair])];
}

const reachedOf = (result: ExploreResult): string =>
  JSON.stringify([result.sometimes, result.notes].map((list) => list.map(({ reached }) => reached)));

type Reference = { readonly plain: ExploreResult; readonly naive: NaiveOutcome; readonly class: string };

/** Lock order is judged by the real explorer only; it comes after everything that the naive one looks for. */
function referenceOf(plain: ExploreResult, naive: NaiveOutcome): Reference {
  const isOrder = plain.class === "lock-order" && (naive.class === null || naive.class === "never-reached");
  return { plain, naive, class: isOrder ? "lock-order" : (naive.class ?? "holds") };
}

/** What must be equal, as text. Of a violated program it is not promised which notes a search sees before it ends. */
function described(result: ExploreResult): string {
  const name = result.class ?? result.verdict;
  return name === "holds" || name === "never-reached" ? `${name} ${reachedOf(result)}` : name;
}

function expected({ class: name, naive }: Reference): string {
  return name === "holds" || name === "never-reached"
    ? `${name} ${JSON.stringify([naive.sometimes, naive.notes])}`
    : name;
}

/** Steps that no trace may exceed: those of the naive explorer; of cycles, which it does not measure, those without reductions. */
function lengthMax({ plain, naive }: Reference): number {
  return naive.length >= 0 ? naive.length : (plain.trace?.steps.length ?? 0);
}

type Told = Omit<Difference, "text" | "reductions">;

/** The engine without reductions counts what the naive explorer counts. */
function judgePlain(reference: Reference): Told | null {
  const { plain, naive } = reference;
  const counts = { states: plain.states, transitions: plain.transitions };
  const isEqual = naive.class !== null || (counts.states === naive.states && counts.transitions === naive.transitions);
  if (!isEqual)
    return {
      expected: `${String(naive.states)} states, ${String(naive.transitions)} transitions`,
      actual: JSON.stringify(counts),
    };
  return judge(reference, plain);
}

function judge(reference: Reference, result: ExploreResult): Told | null {
  const told: Told = { expected: expected(reference), actual: described(result) };
  if (told.expected !== told.actual) return told;
  const steps = result.trace?.steps.length ?? 0;
  if (steps > lengthMax(reference))
    return { expected: `at most ${String(lengthMax(reference))} steps`, actual: `${String(steps)} steps` };
  const isLarger = result.verdict === "holds" && result.states > reference.naive.states;
  return isLarger
    ? { expected: `at most ${String(reference.naive.states)} states`, actual: `${String(result.states)} states` }
    : null;
}

/** An assertion of the engine that fails is told with the program that makes it fail. */
function judgeRun(reference: Reference, scenario: Scenario, options: ExploreOptions): Told | null {
  try {
    return judge(reference, explore(scenario, options));
  } catch (thrown) {
    if (!(thrown instanceof Error)) throw thrown;
    return { expected: expected(reference), actual: thrown.message };
  }
}

class TwinRun {
  readonly #options: TwinOptions;
  readonly #uses = wordUses();
  readonly #words: Deck<string>;
  readonly #hazards: Deck<HazardKind>;
  readonly #shapes: Deck<(typeof shapes)[number]>;
  readonly #states: number[] = [];
  readonly #classes = new Map<string, number>();
  readonly #found = new Map<string, number>();
  readonly #compared = new Map<string, number>();
  readonly #leftOut = new Map<string, number>();
  readonly #differences: Difference[] = [];
  #small = 0;
  #violated = 0;

  constructor(options: TwinOptions) {
    this.#options = options;
    const random = randomNumbers(options.seed);
    this.#words = new Deck([...this.#uses.keys()], random);
    const kinds = Object.entries(hazardShares) as [HazardKind, number][];
    this.#hazards = new Deck(
      kinds.flatMap(([kind, share]) => Array.from({ length: share }, () => kind)),
      random,
    );
    this.#shapes = new Deck(shapes, random);
  }

  run(onProgram: () => void): TwinReport {
    for (let attempt = 0; this.#states.length < this.#options.programs && this.#differences.length < 10; attempt += 1) {
      const [hazard] = this.#hazards.take(1);
      const [shape] = this.#shapes.take(1);
      assert(hazard !== undefined, "a deck is never empty");
      assert(shape !== undefined, "a deck is never empty");
      const words = this.#words.take(shape.words.reduce((sum, each) => sum + each, 0));
      const uses = words.flatMap((word) => this.#uses.get(word) ?? []);
      const arbitrary = randomProtocol({ shape, uses, hazard });
      const [text] = fc.sample(arbitrary, { numRuns: 1, seed: this.#options.seed + attempt });
      assert(text !== undefined, "one was asked for");
      const reason = this.#compare(text);
      if (reason === null) onProgram();
      else {
        count(this.#leftOut, reason);
        this.#words.putBack(words);
        this.#hazards.putBack([hazard]);
      }
    }
    return this.#report();
  }

  /** Compares; or says why the program is left out. */
  #compare(text: string): string | null {
    const scenario = scenarioOf(text);
    const limits = { ...defaultExploreLimits, statesMax: this.#options.statesMax };
    const plain = explore(scenario, { limits, reductions: [] });
    if (plain.verdict === "inconclusive") return `more than the naive explorer is given (${plain.limit ?? ""})`;
    const isSmall = plain.states < smallStates;
    if (isSmall && this.#small >= smallShareMax * (this.#states.length + 5)) return "too small";
    const naive = naiveOutcome(scenario);
    if (naive === null) return "beyond the naive explorer's heap";
    this.#small += isSmall ? 1 : 0;
    this.#judgeAll(text, scenario, referenceOf(plain, naive));
    return null;
  }

  #judgeAll(text: string, scenario: Scenario, reference: Reference): void {
    this.#note("none", text, judgePlain(reference));
    // A reduced search may see more states than a plain one before it comes to the violation that ends both.
    const limits = { ...defaultExploreLimits, statesMax: 10 * this.#options.statesMax };
    for (const reductions of setsFor(this.#states.length)) {
      const name = reductions === reductionNames ? "all" : reductions.join(" + ");
      this.#note(name, text, judgeRun(reference, scenario, { limits, reductions }));
    }
    this.#states.push(reference.naive.states);
    count(this.#classes, reference.class);
    this.#violated += reference.class === "holds" ? 0 : 1;
    for (const word of wordsOf(text)) if (this.#uses.has(word)) count(this.#found, word);
  }

  #note(reductions: string, text: string, told: Told | null): void {
    count(this.#compared, reductions);
    if (told !== null) this.#differences.push({ ...told, reductions, text });
  }

  #report(): TwinReport {
    const words = [...this.#uses.keys()].map((word): [string, number] => [word, this.#found.get(word) ?? 0]);
    return {
      seeds: [this.#options.seed],
      states: this.#states,
      violated: this.#violated,
      classes: Object.fromEntries(this.#classes),
      words: Object.fromEntries(words),
      compared: Object.fromEntries(this.#compared),
      leftOut: Object.fromEntries(this.#leftOut),
      differences: this.#differences,
    };
  }
}

function naiveOutcome(scenario: Scenario): NaiveOutcome | null {
  try {
    return exploreNaively(scenario.program);
  } catch (thrown) {
    if (thrown instanceof NaiveLimit) return null;
    throw thrown;
  }
}

/**
 * The naive explorer against every set of reductions on one scenario: the differences, and null where the scenario is too
 * large or of a kind that the naive explorer does not know.
 */
export function compareScenario(scenario: Scenario, statesMax: number): readonly Omit<Difference, "text">[] | null {
  const plain = explore(scenario, { limits: { ...defaultExploreLimits, statesMax }, reductions: [] });
  if (plain.verdict === "inconclusive") return null;
  const naive = naiveOutcome(scenario);
  if (naive === null) return null;
  const reference = referenceOf(plain, naive);
  const first = judgePlain(reference);
  const others = [reductionNames, ...singles, ...pairs].flatMap((reductions) => {
    const told = judge(reference, explore(scenario, { limits: defaultExploreLimits, reductions }));
    return told === null ? [] : [{ ...told, reductions: reductions.join(" + ") }];
  });
  return first === null ? others : [{ ...first, reductions: "none" }, ...others];
}

/** Draws and compares programs until there are enough, or ten differences. The same seed gives the same programs. */
export function compareTwins(options: TwinOptions, onProgram: () => void = () => undefined): TwinReport {
  return new TwinRun(options).run(onProgram);
}
