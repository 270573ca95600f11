/**
 * A notebook as a value: its blocks in file order, and typed views of what they say.
 * Lines are 1-based lines of the file as given, columns 1-based UTF-16 units; a line span is [lineStart, lineEnd).
 *
 * @source docs/notebook-format.md
 */
import type { NotebookDiagnostic } from "./diagnostics.ts";

/** The kinds of live block. Every other fence is display only. */
export const blockKinds = ["hunkbook", "param", "variant", "hunks", "scn", "run", "claim", "expect"] as const;
export type LiveKind = (typeof blockKinds)[number];

/** One stretch of the file. The `raw` texts of all blocks, joined, are the file. */
export type Block = {
  readonly kind: LiveKind | "prose";
  readonly raw: string;
  readonly lineStart: number;
  readonly lineEnd: number;
  /** Identity given by a person; null on prose and where the kind needs none. */
  readonly id: string | null;
  /** For a live block the text between its fences, LF, quote marks removed; for prose the text itself. */
  readonly text: string;
  /** Line of the first line of `text`. */
  readonly textLine: number;
};

/** The `hunkbook` block. */
export type Header = {
  readonly format: { readonly major: number; readonly minor: number };
  readonly language: string;
  /** Message-ID without <>, or null. */
  readonly about: string | null;
  readonly patch: PatchPlace | null;
  /** Lowest engine version that the notebook asks for, `x.y`. */
  readonly engine: string | null;
  readonly line: number;
};

/** `patch: n/m path "function"`. */
export type PatchPlace = {
  readonly number: number;
  readonly count: number;
  readonly path: string | null;
  readonly functionName: string | null;
};

export type ParameterDomain =
  | {
      readonly kind: "range";
      readonly low: number;
      readonly high: number;
      /** Distance of values from `low`; null = every whole number (or, with `log`, any value). */
      readonly step: number | null;
      readonly isLogarithmic: boolean;
    }
  | { readonly kind: "set"; readonly values: readonly number[] };

export type Parameter = {
  readonly name: string;
  readonly value: number;
  readonly domain: ParameterDomain;
  readonly note: string;
  readonly line: number;
};

/** A hunk by content: see lib/diff/hunk-key.ts, which makes the key from exactly these. */
export type HunkRef = {
  /** Of the mail in whose text the hunk stands, without <>. */
  readonly messageId: string;
  /** New path without a/ b/, or the old one when the file is deleted. */
  readonly path: string;
  /** The number after `-` in the hunk's header, as sent. */
  readonly oldStart: number;
  /** 0, but for the second and later hunk of one mail with equal path and oldStart. */
  readonly ordinal: number;
};

/** A hunk as a switch names it: with the patch n/m when the id says so. */
export type SwitchHunk = HunkRef & { readonly patch: { readonly number: number; readonly count: number } | null };

export type HunkSwitch = {
  readonly name: string;
  readonly hunks: readonly SwitchHunk[];
  readonly note: string;
  readonly line: number;
};

export type ApplyRange =
  | { readonly kind: "all" }
  | { readonly kind: "patches"; readonly first: number; readonly last: number; readonly count: number };

export type VariantItem =
  | { readonly kind: "base" }
  | { readonly kind: "define"; readonly name: string; readonly value: number; readonly column: number }
  | { readonly kind: "extends"; readonly variant: string; readonly column: number }
  | {
      readonly kind: "apply";
      readonly range: ApplyRange;
      readonly except: readonly { readonly path: string; readonly oldStart: number }[];
      readonly column: number;
    };

export type Variant = { readonly name: string; readonly items: readonly VariantItem[]; readonly line: number };

/** A `//| key: value` line. */
export type CellOption = {
  readonly key: string;
  readonly value: string;
  readonly line: number;
  /** Column of the value. */
  readonly column: number;
};

/** A `scn` block. */
export type ScenarioCell = {
  readonly id: string;
  /** Text for the simulator, option lines included, so that its line 1 is the file's line `line`. */
  readonly text: string;
  /** Line in the file of the text's first line: line n of `#id` is line `line + n - 1` of the file. */
  readonly line: number;
  readonly uses: readonly { readonly id: string; readonly line: number; readonly column: number }[];
  /** Only in this variant. */
  readonly variant: string | null;
  /** The file that the text is an excerpt of. */
  readonly file: string | null;
  /** Options of the language: races, recursion .. */
  readonly options: readonly CellOption[];
  readonly blockIndex: number;
};

export type RunLimits = {
  readonly statesMax: number;
  readonly depthMax: number;
  readonly memoryBytesMax: number;
  readonly timeMsMax: number;
  /** Jobs of a swarm search; 0 = search exhaustively. */
  readonly swarmJobs: number;
  /** Events of a simulation, all replications together. */
  readonly eventsMax: number;
};

/** `at TASK:LINE` of a reach: right before the first step of that line. */
export type ReachPlace = {
  readonly task: string;
  /** The scn block that the line is counted in; null = the run's own. */
  readonly cellId: string | null;
  /** 1-based, counted in the block as traces count it (`#model:12`). */
  readonly line: number;
};

/** `NAME=lo..hi:step` of a sweep: the values that a parameter takes, in order. */
export type SweepAxis = { readonly name: string; readonly values: readonly number[]; readonly column: number };

/** What a simulation is run with, whatever is asked of it. */
export type Simulation = {
  /** Simulated time of a replication, the warm-up included. */
  readonly untilNs: number;
  /** What happens before is not counted. */
  readonly warmUpNs: number;
  readonly repetitions: number;
  /** Name of a machine profile. */
  readonly profile: string;
  /** `cpus=`: so many instead of the profile's; more than it has are of its last kind. */
  readonly cpus: number | null;
  /** `cost NAME=value` lines: single costs of the profile set otherwise, in its own unit (ns, or a ratio). */
  readonly costs: readonly { readonly name: string; readonly value: number }[];
};

export type RunCommand =
  | { readonly kind: "check"; readonly variants: readonly string[] }
  | { readonly kind: "simulate"; readonly variants: readonly string[] }
  | {
      readonly kind: "sweep";
      readonly variants: readonly string[];
      /** One or two. */
      readonly axes: readonly SweepAxis[];
      readonly metric: string;
    }
  | { readonly kind: "compare"; readonly first: string; readonly second: string; readonly metric: string }
  | {
      readonly kind: "crossover";
      readonly first: string;
      readonly second: string;
      readonly axis: SweepAxis;
      readonly metric: string;
    }
  | {
      readonly kind: "ablate";
      readonly switches: readonly string[];
      readonly measure: "check" | { readonly metric: string };
    }
  | ReachCommand;

export type ReachCommand = {
  readonly kind: "reach";
  readonly variant: string;
  /** Null: in every state, over globals. */
  readonly at: ReachPlace | null;
  readonly expression: string;
};

export type RunCell = {
  readonly id: string;
  readonly command: RunCommand;
  /** `scn=#id`, or null when the notebook has one scenario only. */
  readonly scenario: string | null;
  /** Of simulate, sweep, compare and crossover; null of the others. */
  readonly simulation: Simulation | null;
  readonly seed: number;
  /** `NAME=value` pairs at the command's end. */
  readonly parameters: readonly { readonly name: string; readonly value: number; readonly column: number }[];
  readonly limits: RunLimits;
  /** Line of the command. */
  readonly line: number;
  readonly blockIndex: number;
};

export type Comparison = "<" | "<=" | ">" | ">=" | "=" | "!=";

export type MetricExpression =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "metric"; readonly variant: string; readonly metric: string }
  | {
      readonly kind: "operation";
      readonly operator: "+" | "-" | "*" | "/";
      readonly left: MetricExpression;
      readonly right: MetricExpression;
    };

/** What an `expect` or `needs` line says about a run. */
export type Predicate =
  | {
      readonly kind: "verdict";
      readonly variants: readonly string[];
      readonly verdict: "holds" | "measured" | "violated" | "inconclusive" | "rejected";
      /** Class of violation, or name of the limit; null = any. */
      readonly detail: string | null;
    }
  | {
      readonly kind: "note";
      readonly variants: readonly string[];
      readonly text: string;
      readonly mode: "reaches" | "never-reaches";
    }
  /** The answer of a reach run. */
  | { readonly kind: "reach"; readonly variants: readonly string[]; readonly mode: "reached" | "never" }
  /** The causes or cures of a class that an ablation finds are exactly these. */
  | {
      readonly kind: "ablation";
      readonly part: "cause" | "cure";
      readonly violationClass: string;
      readonly subsets: readonly (readonly string[])[];
      /** The switches that the run ablates; [] until the whole notebook has been read. */
      readonly switches: readonly string[];
    }
  | {
      readonly kind: "compare";
      readonly left: MetricExpression;
      readonly comparison: Comparison;
      readonly right: MetricExpression;
      /** 0..100, or null. */
      readonly confidencePercent: number | null;
    };

export type Expectation = {
  readonly runId: string;
  readonly predicate: Predicate;
  /**
   * Of a sweep: the points at which the predicate must hold, as labels that stand behind the variant (`LOAD=4`); [""]
   * of every other run.
   */
  readonly points: readonly string[];
  /** The line's text, trimmed. */
  readonly text: string;
  readonly line: number;
};

export type Claim = {
  readonly id: string;
  /** The quoted sentence, white space folded. */
  readonly quote: string;
  /** Without <>. */
  readonly messageId: string;
  readonly needs: readonly Expectation[];
  readonly line: number;
};

export type Notebook = {
  /** The first H1. */
  readonly title: string | null;
  readonly header: Header | null;
  /** Why the file must not be written by this version, or null. */
  readonly readOnlyReason: string | null;
  /** Mail quote marks that stood before every line of it. */
  readonly quoteDepth: number;
  readonly blocks: readonly Block[];
  readonly parameters: readonly Parameter[];
  readonly variants: readonly Variant[];
  readonly switches: readonly HunkSwitch[];
  readonly cells: readonly ScenarioCell[];
  readonly runs: readonly RunCell[];
  readonly claims: readonly Claim[];
  readonly expects: readonly Expectation[];
  /** What `parseNotebook` reported; `planRuns` refuses what an error touches. */
  readonly diagnostics: readonly NotebookDiagnostic[];
};

/**
 * How a hunk takes part in one planned run.
 * `applied`: its text was applied to an excerpt. `switch`: it is applied, and stands in the model as a constant that is 1.
 * `off`: the notebook names it, and this variant leaves it out. `about`: the notebook is attached to it.
 */
export type HunkRole = "applied" | "off" | "switch" | "about";
export type PlannedHunk = HunkRef & { readonly role: HunkRole; readonly switchName?: string };

/** What a reach asks of the simulator: an expression, in every state or right before a task's line. */
export type ReachQuestion = {
  readonly expression: string;
  readonly at: { readonly task: string; readonly file: string; readonly line: number } | null;
};

/** A simulation with everything that its result depends on. */
export type PlannedSimulation = Simulation & {
  readonly eventsMax: number;
  /** A machine profile of one's own, as JSON; null when `profile` names one that ships. */
  readonly profileText: string | null;
};

/** One run: a cell, a variant and parameter values. All that a run key is computed from, and what its result is compared with. */
export type PlannedRun = {
  readonly runCellId: string;
  readonly scnCellId: string;
  readonly kind: "check" | "reach" | "simulate";
  /** What a simulation is run with; null of the others. */
  readonly simulation: PlannedSimulation | null;
  /** The parameters that a sweep or a search for a crossover varies, with their values here; null of every other run. */
  readonly point: Readonly<Record<string, number>> | null;
  /** What a reach asks. */
  readonly reach: ReachQuestion | null;
  /** The variant's name; in an ablation the label of a subset, `{A, B}`; in a sweep the name and the point, `x2 LOAD=4`. */
  readonly variant: string;
  /** The switches whose subsets are tried, when this run is one of an ablation. */
  readonly ablated: readonly string[] | null;
  readonly defines: Readonly<Record<string, number>>;
  readonly parameters: Readonly<Record<string, number>>;
  readonly switches: Readonly<Record<string, 0 | 1>>;
  readonly appliedHunks: readonly HunkRef[];
  readonly hunks: readonly PlannedHunk[];
  /** Dependency closure in the order of compilation; the simulator sees them as `#id`. */
  readonly cells: readonly { readonly id: string; readonly text: string }[];
  /** Options of the language from all cells. */
  readonly options: Readonly<Record<string, string>>;
  readonly seed: number;
  readonly limits: { readonly statesMax: number; readonly depthMax: number; readonly memoryBytesMax: number };
  readonly timeMsMax: number;
  /** Jobs of a swarm search; 0 = search exhaustively. */
  readonly swarmJobs: number;
  /** Expect lines that speak of this run cell and variant; none when parameters were asked for that are not its own. */
  readonly expects: readonly Expectation[];
  /** Claims with a line that speaks of this run cell and variant. */
  readonly claims: readonly Claim[];
};

export type PlanOutcome =
  | {
      readonly kind: "planned";
      readonly members: readonly PlannedRun[];
      /** Run cells that were not asked for by id and that this version cannot run, with the reason. */
      readonly skipped: readonly { readonly runCellId: string; readonly reason: string }[];
    }
  | { readonly kind: "rejected"; readonly diagnostics: readonly NotebookDiagnostic[] };
