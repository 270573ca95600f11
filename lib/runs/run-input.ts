/**
 * What a run computes, and its key. Everything that can change the result stands in the input; nothing else does: no
 * person, no place, no time, no file name. Equal inputs have equal keys and, the simulator being deterministic, equal
 * result bytes, whoever computes them.
 */
import { reductionNames, type ExploreLimits, type Reduction } from "#simulator";
import { z } from "zod";
import { base32, sha256 } from "../hash.ts";
import { canonicalJson } from "./canonical-json.ts";

const countSchema = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

const runInputSchema = z.strictObject({
  format: z.literal("run/1"),
  language: z.literal("scn/1"),
  /** sha256 of the bundled simulator. */
  engine: z.string().regex(/^[0-9a-f]{64}$/),
  kind: z.enum(["check", "reach", "simulate"]),
  /** Of a reach: the expression, and where it is looked at; everywhere when `at` is null. */
  reach: z
    .strictObject({
      expression: z.string(),
      at: z.strictObject({ task: z.string(), file: z.string(), line: z.number().int() }).nullable(),
    })
    .exactOptional(),
  /** Of a simulation: the machine, how long, how often. */
  simulate: z
    .strictObject({
      profile: z.string(),
      /** A machine profile of the asker's own, as JSON. */
      profileText: z.string().exactOptional(),
      /** Figures of the profile that are set otherwise, in its units. */
      costs: z.record(z.string(), z.number().min(0)),
      cpus: z.number().int().min(1).exactOptional(),
      untilNs: countSchema,
      warmUpNs: countSchema,
      replications: z.number().int().min(1),
      eventsMax: countSchema,
    })
    .exactOptional(),
  /** The dependency closure in order. A cell's file name for the simulator is `#id`, its first line 1. */
  cells: z.array(z.strictObject({ id: z.string(), text: z.string() })).readonly(),
  /** Language options of the cells, merged, as they are written. */
  options: z.record(z.string(), z.string()),
  /** Defines of the variant, parameters and switches. */
  constants: z.record(z.string(), z.number().int()),
  appliedHunks: z
    .array(
      z.strictObject({
        messageId: z.string(),
        path: z.string(),
        oldStart: z.number().int(),
        ordinal: z.number().int(),
      }),
    )
    .readonly(),
  seed: z.number().int(),
  limits: z.strictObject({ statesMax: countSchema, depthMax: countSchema, memoryBytesMax: countSchema }),
  reductions: z.array(z.enum(reductionNames)).readonly(),
  /** The result says which lines and branches were executed. */
  coverage: z.literal(true).exactOptional(),
  /** One job of a swarm: its order and hash, and the size of its table. */
  swarm: z.strictObject({ seed: z.number().int(), tableBitsLog2: z.number().int().min(10).max(32) }).exactOptional(),
  /** The texts are changed first: one of the program's mutants. */
  mutation: z
    .strictObject({
      id: z.string(),
      edits: z
        .array(z.strictObject({ file: z.string(), start: countSchema, end: countSchema, replacement: z.string() }))
        .readonly(),
    })
    .exactOptional(),
});

export type RunInput = z.infer<typeof runInputSchema>;

/** The part of a planned run that its result depends on. */
export type RunPlan = {
  readonly kind: "check" | "reach" | "simulate";
  readonly simulation: {
    readonly profile: string;
    readonly profileText: string | null;
    readonly costs: readonly { readonly name: string; readonly value: number }[];
    readonly cpus: number | null;
    readonly untilNs: number;
    readonly warmUpNs: number;
    readonly repetitions: number;
    readonly eventsMax: number;
  } | null;
  readonly reach: {
    readonly expression: string;
    readonly at: { readonly task: string; readonly file: string; readonly line: number } | null;
  } | null;
  readonly cells: readonly { readonly id: string; readonly text: string }[];
  readonly options: Readonly<Record<string, string>>;
  readonly defines: Readonly<Record<string, number>>;
  readonly parameters: Readonly<Record<string, number>>;
  readonly switches: Readonly<Record<string, number>>;
  readonly appliedHunks: readonly {
    readonly messageId: string;
    readonly path: string;
    readonly oldStart: number;
    readonly ordinal: number;
  }[];
  readonly seed: number;
  readonly limits: ExploreLimits;
};

/** Every reduction that the engine knows: what runs use unless somebody asks otherwise. */
export const defaultReductions: readonly Reduction[] = reductionNames;

/** `none`, or names of reductions with commas between; a text is why it is neither. */
export function readReductions(text: string): readonly Reduction[] | string {
  const found: Reduction[] = [];
  for (const word of text === "none" ? [] : text.split(",")) {
    const name = reductionNames.find((candidate) => candidate === word.trim());
    if (name === undefined) return `there is no "${word}"; write none, or of ${reductionNames.join(", ")}`;
    found.push(name);
  }
  return found;
}

/** What is asked of the engine beside what the notebook says. Part of the run key: the result's bytes depend on it. */
export type EngineOptions = {
  readonly reductions: readonly Reduction[];
  readonly coverage: boolean;
  readonly mutation?: Mutation;
  readonly swarm?: SwarmJobInput;
};

/** Equal ones give equal bytes. */
export type SwarmJobInput = { readonly seed: number; readonly tableBitsLog2: number };

/**
 * The jobs of a swarm over a planned run: seeds that follow the run's own, tables that take half of its bound on memory.
 */
export function swarmJobs(
  plan: { readonly seed: number; readonly limits: Pick<ExploreLimits, "memoryBytesMax"> },
  count: number,
): readonly SwarmJobInput[] {
  const tableBitsLog2 = Math.min(32, Math.max(10, Math.floor(Math.log2(plan.limits.memoryBytesMax * 4))));
  return Array.from({ length: count }, (_, index) => ({ seed: plan.seed + index, tableBitsLog2 }));
}

/** A mutant of the program, as the engine lists it: its edits change the cells or kits that they name. */
export type Mutation = {
  readonly id: string;
  readonly edits: readonly {
    readonly file: string;
    readonly start: number;
    readonly end: number;
    readonly replacement: string;
  }[];
};

/** All reductions, no coverage. */
export const defaultEngineOptions: EngineOptions = { reductions: defaultReductions, coverage: false };

/**
 * The input of a planned run.
 *
 * @param options.engine the engine digest
 * @param options.reductions order and repetition do not matter; they are sorted
 */
export function buildRunInput(plan: RunPlan, options: EngineOptions & { readonly engine: string }): RunInput {
  return {
    format: "run/1",
    language: "scn/1",
    engine: options.engine,
    kind: plan.kind,
    ...(plan.reach === null ? {} : { reach: { expression: plan.reach.expression, at: plan.reach.at } }),
    ...(plan.simulation === null ? {} : { simulate: simulateInput(plan.simulation) }),
    cells: plan.cells.map((cell) => ({ id: cell.id, text: cell.text })),
    options: { ...plan.options },
    constants: { ...plan.parameters, ...plan.defines, ...plan.switches },
    appliedHunks: plan.appliedHunks.map((hunk) => ({
      messageId: hunk.messageId,
      path: hunk.path,
      oldStart: hunk.oldStart,
      ordinal: hunk.ordinal,
    })),
    seed: plan.seed,
    limits: {
      statesMax: plan.limits.statesMax,
      depthMax: plan.limits.depthMax,
      memoryBytesMax: plan.limits.memoryBytesMax,
    },
    // Simulated time knows neither: a run asked for with other reductions is the same run.
    reductions: plan.simulation === null ? [...new Set(options.reductions)].sort() : [],
    ...(options.coverage && plan.simulation === null ? { coverage: true as const } : {}),
    ...(options.swarm === undefined ? {} : { swarm: { ...options.swarm } }),
    ...(options.mutation === undefined ? {} : { mutation: copyOf(options.mutation) }),
  };
}

function simulateInput(simulation: NonNullable<RunPlan["simulation"]>): NonNullable<RunInput["simulate"]> {
  const { profile, profileText, costs, cpus, untilNs, warmUpNs, repetitions, eventsMax } = simulation;
  return {
    profile,
    ...(profileText === null ? {} : { profileText }),
    costs: Object.fromEntries(costs.map(({ name, value }) => [name, value])),
    ...(cpus === null ? {} : { cpus }),
    ...{ untilNs, warmUpNs, replications: repetitions, eventsMax },
  };
}

function copyOf({ id, edits }: Mutation): Mutation {
  const copied = edits.map(({ file, start, end, replacement }) => ({ file, start, end, replacement }));
  return { id, edits: copied };
}

/** The command's flags for what an input asks beside its notebook; empty for what is asked when nothing is said. */
export function engineFlags(input: Pick<RunInput, "kind" | "reductions" | "coverage">): readonly string[] {
  if (input.kind === "simulate") return [];
  const isAll = reductionNames.every((name) => input.reductions.includes(name));
  const list = input.reductions.length === 0 ? "none" : input.reductions.join(",");
  return [...(isAll ? [] : [`--reductions ${list}`]), ...(input.coverage === true ? ["--coverage"] : [])];
}

/** The text that the key is computed from, and that is stored with the run. */
export function runInputText(input: RunInput): string {
  return canonicalJson(input);
}

const keyLength = 16;

/** The run key: 16 characters of base32, 80 bits of the input's SHA-256. */
export function runKey(input: RunInput): string {
  return base32(sha256(runInputText(input))).slice(0, keyLength);
}

/**
 * Reads a stored or received input.
 *
 * @throws Error (zod) when the text is not one: the store holds only what `runInputText` wrote
 */
export function parseRunInput(text: string): RunInput {
  return runInputSchema.parse(JSON.parse(text));
}
