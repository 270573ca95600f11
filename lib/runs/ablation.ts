/**
 * What the subsets of an ablation say together: which switches cause a violation, and which cure it. Pure.
 *
 * A cell is a verdict with its class, or undecided (it does not apply, was rejected, is inconclusive, has no verdict), and an
 * undecided cell supports no conclusion. A cause of class C is a set with C none of whose decided proper subsets has C.
 * A cure is a minimal set which, added to a cause, removes C. Both are lists: several causes may stand side by side, and
 * nothing is assumed to grow with the set (a superset of a cause may hold, that is what a cure is).
 *
 * @source docs/notebook-format.md, "ablate"; delta debugging: Zeller and Hildebrandt, Simplifying and Isolating
 *   Failure-Inducing Input, IEEE TSE 28(2), 2002, section 3
 */
import { allSubsets, exhaustiveSwitchesMax, subsetLabel } from "../notebooks/switch-subset.ts";

export type UndecidedReason = "does-not-apply" | "rejected" | "inconclusive" | "no-verdict";

export type SubsetOutcome =
  | { readonly kind: "holds" }
  | { readonly kind: "violated"; readonly violationClass: string }
  | { readonly kind: "undecided"; readonly reason: UndecidedReason };

/** A note of the scenario in one subset. */
export type NoteState = "reached" | "never" | "unknown";

export type AblationCell = {
  /** The switches that are on. */
  readonly subset: readonly string[];
  readonly outcome: SubsetOutcome;
  readonly notes: readonly { readonly text: string; readonly state: NoteState }[];
};

export type Cause = {
  readonly subset: readonly string[];
  /** Proper subsets that are not decided: one of them may be the cause in truth. */
  readonly undecided: readonly (readonly string[])[];
  /** Proper subsets with another violation, behind which this class was not looked for. */
  readonly masked: readonly (readonly string[])[];
  /** Every superset was run and decided, so that a cure which is not listed does not exist. */
  readonly isEverySupersetDecided: boolean;
};

export type Cure = {
  readonly cause: readonly string[];
  /** Added to the cause. */
  readonly subset: readonly string[];
  /** What is found then: nothing, or another class, behind which the first one may still stand. */
  readonly leaves: "nothing" | { readonly violationClass: string };
  /** Smaller additions that are not decided. */
  readonly undecided: readonly (readonly string[])[];
};

export type ClassFinding = {
  readonly violationClass: string;
  readonly subsets: readonly (readonly string[])[];
  readonly causes: readonly Cause[];
  readonly cures: readonly Cure[];
};

export type NoteFinding = {
  readonly text: string;
  readonly reached: readonly (readonly string[])[];
  readonly never: readonly (readonly string[])[];
  readonly unknown: readonly (readonly string[])[];
};

export type Ablation = {
  readonly switches: readonly string[];
  /** `exhaustive`: every subset. `delta`: those that delta debugging asked for; its causes are 1-minimal only. */
  readonly method: "exhaustive" | "delta";
  readonly cells: readonly AblationCell[];
  /** In the order in which the classes first appear. */
  readonly findings: readonly ClassFinding[];
  readonly undecided: readonly (readonly string[])[];
  readonly notes: readonly NoteFinding[];
};

/** Sets as bits, in the order of the switches: subset tests are then one operation. */
class Cells {
  readonly switches: readonly string[];
  readonly cells: readonly { readonly bits: number; readonly cell: AblationCell }[];
  readonly #known: ReadonlySet<number>;

  constructor(switches: readonly string[], cells: readonly AblationCell[]) {
    this.switches = switches;
    this.cells = cells.map((cell) => ({ bits: this.bitsOf(cell.subset), cell }));
    this.#known = new Set(this.cells.map(({ bits }) => bits));
  }

  has(bits: number): boolean {
    return this.#known.has(bits);
  }

  bitsOf(subset: readonly string[]): number {
    return subset.reduce((bits, name) => {
      const index = this.switches.indexOf(name);
      if (index < 0) throw new Error(`assert: ${name} is no switch of this ablation`);
      return bits + 2 ** index;
    }, 0);
  }

  namesOf(bits: number): readonly string[] {
    return this.switches.filter((_name, index) => Math.floor(bits / 2 ** index) % 2 === 1);
  }
}

/** Whether every element of `inner` is in `outer`. Sets have at most 50 elements, so doubles hold them exactly. */
function isWithin(inner: number, outer: number): boolean {
  if (inner < 0x8000_0000 && outer < 0x8000_0000) return (inner & outer) === inner;
  return (BigInt(inner) & BigInt(outer)) === BigInt(inner);
}

function isProperWithin(inner: number, outer: number): boolean {
  return inner !== outer && isWithin(inner, outer);
}

/** Most switches of one ablation: their sets are numbers. */
export const ablatedSwitchesMax = 50;

/**
 * Weighs the cells of an ablation. Quadratic in the cells for each class.
 *
 * @param cells any of the subsets, each at most once; those that are missing are not undecided, they are unknown
 */
export function explainAblation(switches: readonly string[], cells: readonly AblationCell[]): Ablation {
  if (switches.length > ablatedSwitchesMax) throw new Error("assert: an ablation has at most 50 switches");
  const all = new Cells(switches, cells);
  const classes = [
    ...new Set(cells.flatMap(({ outcome }) => (outcome.kind === "violated" ? [outcome.violationClass] : []))),
  ];
  return {
    switches,
    method: switches.length <= exhaustiveSwitchesMax ? "exhaustive" : "delta",
    cells,
    findings: classes.map((violationClass) => findingOf(violationClass, all)),
    undecided: cells.filter(({ outcome }) => outcome.kind === "undecided").map(({ subset }) => subset),
    notes: noteFindings(cells),
  };
}

function hasClass(cell: AblationCell, violationClass: string): boolean {
  return cell.outcome.kind === "violated" && cell.outcome.violationClass === violationClass;
}

function findingOf(violationClass: string, all: Cells): ClassFinding {
  const having = all.cells.filter(({ cell }) => hasClass(cell, violationClass));
  const causing = having.filter(
    ({ bits }) => !having.some((other) => isProperWithin(other.bits, bits)) && isNarrowed(bits, 0, all),
  );
  return {
    violationClass,
    subsets: having.map(({ cell }) => cell.subset),
    causes: causing.map(({ bits, cell }) => {
      const smaller = all.cells.filter((other) => isProperWithin(other.bits, bits));
      return {
        subset: cell.subset,
        undecided: smaller.filter((one) => one.cell.outcome.kind === "undecided").map((one) => one.cell.subset),
        masked: smaller.filter((one) => one.cell.outcome.kind === "violated").map((one) => one.cell.subset),
        isEverySupersetDecided: isEverySupersetDecided(bits, all),
      };
    }),
    cures: causing.flatMap(({ bits }) => curesOf(bits, violationClass, all)),
  };
}

/** Delta debugging passes sets by on its way that it never narrowed down: they are no answer. */
function isNarrowed(bits: number, kept: number, all: Cells): boolean {
  return all
    .namesOf(bits - kept)
    .every((name) => all.has(bits - all.bitsOf([name])) || bits - all.bitsOf([name]) === kept);
}

function isEverySupersetDecided(cause: number, all: Cells): boolean {
  const decided = all.cells.filter(({ bits, cell }) => isWithin(cause, bits) && cell.outcome.kind !== "undecided");
  return decided.length === 2 ** (all.switches.length - all.namesOf(cause).length);
}

function curesOf(cause: number, violationClass: string, all: Cells): readonly Cure[] {
  const larger = all.cells.filter(({ bits }) => isProperWithin(cause, bits));
  const curing = larger.filter(({ cell }) => cell.outcome.kind !== "undecided" && !hasClass(cell, violationClass));
  const minimal = curing.filter(
    ({ bits }) => !curing.some((other) => isProperWithin(other.bits, bits)) && isNarrowed(bits, cause, all),
  );
  return minimal.map(({ bits, cell }) => ({
    cause: all.namesOf(cause),
    subset: all.namesOf(bits - cause),
    leaves: cell.outcome.kind === "violated" ? { violationClass: cell.outcome.violationClass } : "nothing",
    undecided: larger
      .filter((other) => isProperWithin(other.bits, bits) && other.cell.outcome.kind === "undecided")
      .map((other) => all.namesOf(other.bits - cause)),
  }));
}

function noteFindings(cells: readonly AblationCell[]): readonly NoteFinding[] {
  const texts = [...new Set(cells.flatMap((cell) => cell.notes.map((note) => note.text)))];
  return texts.map((text) => {
    const inState = (state: NoteState): readonly (readonly string[])[] =>
      cells.filter((cell) => stateOfNote(cell, text) === state).map((cell) => cell.subset);
    return { text, reached: inState("reached"), never: inState("never"), unknown: inState("unknown") };
  });
}

/** A note that stands at several places is reached when any of them is. A subset without the note says nothing. */
function stateOfNote(cell: AblationCell, text: string): NoteState {
  const states = cell.notes.filter((note) => note.text === text).map((note) => note.state);
  if (states.includes("reached")) return "reached";
  if (states.length === 0 || states.includes("unknown")) return "unknown";
  return "never";
}

/**
 * The subsets as one condition, when they are exactly those with some switches on and others off: `with A, without B`.
 * Null when they are no such set. Needs every subset of the switches to have been run.
 */
export function conditionOf(
  subsets: readonly (readonly string[])[],
  switches: readonly string[],
): { readonly with: readonly string[]; readonly without: readonly string[] } | null {
  const on = switches.filter((name) => subsets.every((subset) => subset.includes(name)));
  const off = switches.filter((name) => subsets.every((subset) => !subset.includes(name)));
  const described = 2 ** (switches.length - on.length - off.length);
  return subsets.length > 0 && described === subsets.length ? { with: on, without: off } : null;
}

/** The subsets to run first: all of them, or what delta debugging begins with. */
export function firstSubsets(switches: readonly string[]): readonly (readonly string[])[] {
  return switches.length <= exhaustiveSwitchesMax ? allSubsets(switches) : [[], switches];
}

/**
 * The subsets that are still to be run, given what is known; none when the ablation is complete. Up to ten switches
 * everything is asked for at once; above, each round is one of delta debugging's.
 */
export function nextSubsets(
  switches: readonly string[],
  cells: readonly AblationCell[],
): readonly (readonly string[])[] {
  const known = new Map(cells.map((cell) => [subsetLabel(cell.subset), cell.outcome]));
  const missing = firstSubsets(switches).filter((subset) => !known.has(subsetLabel(subset)));
  if (missing.length > 0 || switches.length <= exhaustiveSwitchesMax) return missing;
  return new DeltaDebugging(switches, known).next();
}

type Test = (subset: readonly string[]) => boolean | null;
type Reduced =
  | { readonly kind: "minimal"; readonly subset: readonly string[] }
  | { readonly kind: "needs"; readonly subsets: readonly (readonly string[])[] };

/**
 * Delta debugging over known outcomes: it runs from the start in every round and stops where an outcome is missing, so
 * that it has no state of its own to store. An undecided outcome counts as "does not show it", as `unresolved` there.
 */
class DeltaDebugging {
  readonly #switches: readonly string[];
  readonly #known: ReadonlyMap<string, SubsetOutcome>;

  constructor(switches: readonly string[], known: ReadonlyMap<string, SubsetOutcome>) {
    this.#switches = switches;
    this.#known = known;
  }

  next(): readonly (readonly string[])[] {
    const cause = this.#findCause();
    if (cause.kind === "needs") return cause.subsets;
    const violationClass = this.#classOf(cause.subset);
    if (violationClass === null) return [];
    return this.#findCure(cause.subset, violationClass);
  }

  /**
   * A cause of what all switches together show. When they show nothing and no switch does neither, every switch alone and
   * all but each are looked at, since a cure among them may hide a cause.
   */
  #findCause(): Reduced {
    const atStart = this.#classOf([]);
    const wholeClass = this.#classOf(this.#switches);
    if (wholeClass !== null && wholeClass !== atStart) return this.#reduceTo(this.#switches, wholeClass);
    if (atStart !== null) return { kind: "minimal", subset: [] };
    const looks = [
      ...this.#switches.map((name) => [name]),
      ...this.#switches.map((name) => this.#switches.filter((other) => other !== name)),
    ];
    const missing = looks.filter((subset) => !this.#known.has(subsetLabel(subset)));
    if (missing.length > 0) return { kind: "needs", subsets: missing };
    const showing = looks.find((subset) => this.#classOf(subset) !== null);
    const violationClass = showing === undefined ? null : this.#classOf(showing);
    if (showing === undefined || violationClass === null) return { kind: "minimal", subset: [] };
    return this.#reduceTo(showing, violationClass);
  }

  #reduceTo(whole: readonly string[], violationClass: string): Reduced {
    return reduce(whole, (subset) => {
      const outcome = this.#known.get(subsetLabel(subset));
      return outcome === undefined ? null : outcome.kind === "violated" && outcome.violationClass === violationClass;
    });
  }

  #findCure(cause: readonly string[], violationClass: string): readonly (readonly string[])[] {
    const removes: Test = (added) => {
      const outcome = this.#known.get(subsetLabel([...cause, ...added]));
      if (outcome === undefined) return null;
      if (outcome.kind === "undecided") return false;
      return outcome.kind === "holds" || outcome.violationClass !== violationClass;
    };
    const others = this.#switches.filter((name) => !cause.includes(name));
    const whole = removes(others);
    // All others together remove nothing (or are not decided): single ones may.
    const reduced = whole === true ? reduce(others, removes) : singles(others, removes);
    return reduced.kind === "needs" ? reduced.subsets.map((added) => this.#inOrder([...cause, ...added])) : [];
  }

  #inOrder(subset: readonly string[]): readonly string[] {
    return this.#switches.filter((name) => subset.includes(name));
  }

  #classOf(subset: readonly string[]): string | null {
    const outcome = this.#known.get(subsetLabel(subset));
    return outcome?.kind === "violated" ? outcome.violationClass : null;
  }
}

function singles(switches: readonly string[], test: Test): Reduced {
  const missing = switches.map((name) => [name]).filter((subset) => test(subset) === null);
  return missing.length > 0 ? { kind: "needs", subsets: missing } : { kind: "minimal", subset: [] };
}

/** ddmin: the set shrinks to a part or to a complement that still passes, with ever finer parts. 1-minimal at the end. */
function reduce(whole: readonly string[], test: Test): Reduced {
  let current = whole;
  for (let parts = 2; current.length >= 2;) {
    const slices = sliced(current, Math.min(parts, current.length));
    const complements = slices.map((slice) => current.filter((name) => !slice.includes(name)));
    const candidates = parts === 2 ? slices : [...slices, ...complements];
    const missing = candidates.filter((candidate) => test(candidate) === null);
    if (missing.length > 0) return { kind: "needs", subsets: missing };
    const passing = candidates.find((candidate) => test(candidate) === true);
    if (passing !== undefined) {
      parts = slices.includes(passing) ? 2 : Math.max(parts - 1, 2);
      current = passing;
    } else if (parts >= current.length) break;
    else parts = Math.min(parts * 2, current.length);
  }
  return { kind: "minimal", subset: current };
}

function sliced(names: readonly string[], parts: number): readonly (readonly string[])[] {
  return Array.from({ length: parts }, (_, part) =>
    names.slice(Math.floor((part * names.length) / parts), Math.floor(((part + 1) * names.length) / parts)),
  );
}
