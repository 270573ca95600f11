/** What the parent asks of a sandboxed child, and what the child may answer. The parent checks every answer. */
import { mutantKinds } from "#simulator";
import { z } from "zod";
import type { RunInput } from "./run-input.ts";

/** `stays`: the child waits for another request afterwards instead of ending. */
export type ChildRequest = ChildQuestion & { readonly stays: boolean };

export type ChildQuestion =
  | { readonly kind: "run"; readonly input: RunInput }
  /** Which mutants there are of the input's program. */
  | { readonly kind: "survey"; readonly input: RunInput }
  | { readonly kind: "replay"; readonly input: RunInput; readonly schedule: string }
  /** The first replication of a simulation, with what ran where and what waited. */
  | { readonly kind: "timeline"; readonly input: RunInput };

const placeSchema = z.object({
  file: z.string(),
  line: z.number(),
  column: z.number(),
  endLine: z.number(),
  endColumn: z.number(),
});
const mutantSurveySchema = z.object({
  mutants: z.array(
    z.object({
      id: z.string(),
      kind: z.enum(mutantKinds),
      place: placeSchema,
      text: z.string(),
      edits: z
        .array(
          z.object({
            file: z.string(),
            start: z.number().int().min(0),
            end: z.number().int().min(0),
            replacement: z.string(),
          }),
        )
        .readonly(),
    }),
  ),
  skipped: z.array(z.object({ kind: z.enum(mutantKinds), place: placeSchema, reason: z.string() })),
});
/** The mutants of a program, as the engine lists them. */
export type MutantSurvey = z.infer<typeof mutantSurveySchema>;

const outcomeSchema = z.discriminatedUnion("kind", [
  /** `result` is read by `readRunResult`. */
  z.object({ kind: z.literal("result"), result: z.unknown() }),
  /** The text lanes of a replayed schedule, and the steps as data. */
  z.object({ kind: z.literal("replayed"), text: z.string(), trace: z.unknown() }),
  z.object({ kind: z.literal("not-replayable"), message: z.string() }),
  /** The time line of a simulation, as a Perfetto trace. */
  z.object({ kind: z.literal("timeline"), text: z.string() }),
  z.object({ kind: z.literal("survey"), survey: mutantSurveySchema }),
  /** The engine could not allocate what its own limit allows: the machine is too small, not the scenario wrong. */
  z.object({ kind: z.literal("out-of-memory") }),
  /** An assertion of the engine failed. */
  z.object({ kind: z.literal("fault"), message: z.string(), stack: z.string() }),
]);
export type ChildOutcome = z.infer<typeof outcomeSchema>;

const searchProgressSchema = z.object({
  states: z.number(),
  transitions: z.number(),
  depth: z.number(),
  frontier: z.number(),
  memoryBytes: z.number(),
});
/** Of a simulation: replications that are done, and events so far. */
const simulateProgressSchema = z.object({ replication: z.number(), replications: z.number(), events: z.number() });
const progressSchema = z.union([searchProgressSchema, simulateProgressSchema]);
export type RunProgress = z.infer<typeof progressSchema>;

/** The child's answer, or null when it is not one. */
export function readChildOutcome(text: string): ChildOutcome | null {
  return parseJson(text, outcomeSchema);
}

/** The child's counts, or null when they are not counts. */
export function readRunProgress(text: string): RunProgress | null {
  return parseJson(text, progressSchema);
}

function parseJson<T>(text: string, schema: z.ZodType<T>): T | null {
  try {
    const parsed = schema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
