/**
 * A trace as a result carries it. Fields were only ever added, so those that older engines did not write are optional.
 */
import { z } from "zod";

const count = z.number().int().min(0);
export const placeSchema = z.object({
  file: z.string(),
  line: count,
  column: count,
  endLine: count,
  endColumn: count,
});

const waiter = z.object({
  task: z.string(),
  place: placeSchema,
  waitsFor: z.string(),
  holders: z.array(z.string()),
  lock: z.string().exactOptional(),
});
const purpose = z.object({
  delayed: z.string(),
  delayedViolates: z.boolean(),
  heldBack: z.enum(["never", "still", "unknown"]),
  states: count,
});
const step = z.object({
  index: count,
  task: z.string(),
  place: placeSchema,
  source: z.string(),
  action: z.string(),
  atomic: z.boolean(),
  changes: z.array(
    z.object({ name: z.string(), before: z.string(), after: z.string(), local: z.literal(true).optional() }),
  ),
  held: z.array(z.object({ lock: z.string(), task: z.string(), mode: z.enum(["read", "write"]) })),
  waiting: z.array(waiter),
  notes: z.array(z.string()),
  irrelevant: z.literal(true).exactOptional(),
  purpose: purpose.exactOptional(),
});
const waitGraph = z.object({
  edges: z.array(z.object({ task: z.string(), waitsFor: z.string(), holder: z.string() })),
  cycle: z.array(z.string()),
  sentence: z.string(),
});
const stuck = { message: z.string(), waitsFor: z.array(waiter), graph: waitGraph.exactOptional() };
const end = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("violation"),
    message: z.string(),
    place: placeSchema.nullable(),
    next: z.array(z.object({ task: z.string(), place: placeSchema, action: z.string() })).exactOptional(),
  }),
  z.object({ kind: z.literal("deadlock"), ...stuck }),
  z.object({ kind: z.literal("cannot-finish"), ...stuck }),
  z.object({ kind: z.literal("livelock"), message: z.string(), cycleSteps: count, waitsFor: z.array(waiter) }),
  z.object({ kind: z.literal("reached"), message: z.string() }),
]);
export const traceSchema = z.object({
  tasks: z.array(z.string()),
  steps: z.array(step),
  schedule: z.string(),
  end,
  shortest: z.boolean(),
  switches: count.exactOptional(),
  fewestSwitches: z.boolean().exactOptional(),
  unexamined: z.string().exactOptional(),
});

export type ResultTrace = z.infer<typeof traceSchema>;

export type TraceReading =
  { readonly kind: "trace"; readonly trace: ResultTrace } | { readonly kind: "malformed"; readonly reason: string };

/** Reads a trace that comes from elsewhere: a child's answer to a replay. */
export function readTrace(value: unknown): TraceReading {
  const parsed = traceSchema.safeParse(value);
  return parsed.success ? { kind: "trace", trace: parsed.data } : { kind: "malformed", reason: parsed.error.message };
}
