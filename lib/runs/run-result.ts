/**
 * What a finished run yields, as it is stored, hashed and sent: the verdict with everything that a page, the command or
 * a mail shows of it. No time, attempt or host stands in it, so equal runs have equal bytes.
 *
 * The child that computes it is not trusted: what it writes is read by this schema before anybody believes it.
 */
import { diagnosticCodes, limitNames, violationClasses, type DiagnosticCode } from "#simulator";
import { z } from "zod";
import { sha256Hex } from "../hash.ts";
import { canonicalJson } from "./canonical-json.ts";
import { simulatedSchema, simulationContradiction } from "./simulated-result.ts";
import { placeSchema, traceSchema } from "./trace-schema.ts";

const count = z.number().int().min(0);
const location = placeSchema.extend({ lineText: z.string() });

const note = z.object({
  text: z.string(),
  place: placeSchema,
  reached: z.boolean(),
  steps: count.exactOptional(),
  schedule: z.string().exactOptional(),
  shortest: z.boolean().exactOptional(),
});
const diagnostic = z.object({
  code: z.custom<DiagnosticCode>((code) => typeof code === "string" && code in diagnosticCodes),
  severity: z.enum(["error", "warning"]),
  at: location,
  message: z.string(),
  notes: z.array(z.object({ at: location.nullable(), message: z.string() })),
  suggestion: z.object({ at: location, replacement: z.string() }).nullable(),
});
const property = z.object({
  kind: z.enum(["always", "sometimes", "finally", "assert", "note"]),
  text: z.string(),
  place: placeSchema,
});
const coverage = z.object({
  complete: z.boolean(),
  lines: z.array(z.object({ place: placeSchema, reached: z.boolean() })),
  branches: z.array(z.object({ place: placeSchema, condition: z.string(), taken: z.boolean(), notTaken: z.boolean() })),
});
const reach = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("reached"),
    steps: count,
    schedule: z.string(),
    trace: traceSchema,
    place: placeSchema.exactOptional(),
  }),
  z.object({ kind: z.literal("never") }),
  z.object({ kind: z.literal("not-within-bounds"), limit: z.enum(limitNames).exactOptional(), message: z.string() }),
]);

const exploredSchema = z.object({
  verdict: z.enum(["holds", "violated", "inconclusive"]),
  class: z.enum(violationClasses).exactOptional(),
  property: property.exactOptional(),
  message: z.string(),
  place: placeSchema.exactOptional(),
  states: count,
  transitions: count,
  depth: count,
  exhaustive: z.boolean(),
  limit: z.enum(limitNames).exactOptional(),
  memoryBytes: count,
  traceSearch: z.object({ states: count, transitions: count }).exactOptional(),
  reductions: z.array(z.string()),
  assumptions: z.array(z.string()),
  notes: z.array(note),
  sometimes: z.array(note),
  warnings: z.array(z.object({ message: z.string(), place: placeSchema.exactOptional() })),
  trace: traceSchema.exactOptional(),
  coverage: coverage.exactOptional(),
  reach: reach.exactOptional(),
  /** Of a job of a swarm. */
  swarm: z.object({ seed: z.number().int(), fill: z.number() }).exactOptional(),
  /** What the compiler warned of. */
  diagnostics: z.array(diagnostic),
});
const simulatedResultSchema = simulatedSchema(diagnostic);
const rejectedSchema = z.object({ verdict: z.literal("rejected"), diagnostics: z.array(diagnostic) });

export type ResultCoverage = z.infer<typeof coverage>;
export type ExploredResult = z.infer<typeof exploredSchema>;
export type RejectedResult = z.infer<typeof rejectedSchema>;
export type SimulatedResult = z.infer<typeof simulatedResultSchema>;
export type RunResult = ExploredResult | SimulatedResult | RejectedResult;
/** A diagnostic as results carry it. Codes are never withdrawn, so old results read back. */
export type ResultDiagnostic = z.infer<typeof diagnostic>;

const exploredResultSchema = z.discriminatedUnion("verdict", [exploredSchema, rejectedSchema]);

/** The result as the exhaustive search's, or null when it is none. */
export function exploredOf(result: RunResult | null): ExploredResult | null {
  return result === null || result.verdict === "rejected" || "engine" in result ? null : result;
}

/** The result as a simulation's, or null when it is none. */
export function simulatedOf(result: RunResult | null): SimulatedResult | null {
  return result !== null && "engine" in result ? result : null;
}

export type RunResultReading =
  { readonly kind: "result"; readonly result: RunResult } | { readonly kind: "malformed"; readonly reason: string };

/**
 * Reads a result that came from elsewhere (the child, the store). A verdict that its own parts contradict is
 * malformed: `holds` without an exhaustive search, a violation without a class, a limit without `inconclusive`.
 */
export function readRunResult(value: unknown): RunResultReading {
  const isSimulated = typeof value === "object" && value !== null && "engine" in value;
  const parsed: { success: true; data: RunResult } | { success: false; error: z.ZodError } = isSimulated
    ? simulatedResultSchema.safeParse(value)
    : exploredResultSchema.safeParse(value);
  if (!parsed.success) return { kind: "malformed", reason: parsed.error.message };
  const reason = contradiction(parsed.data);
  if (reason !== null) return { kind: "malformed", reason };
  return { kind: "result", result: parsed.data };
}

function contradiction(result: RunResult): string | null {
  if ("engine" in result) return simulationContradiction(result);
  if (result.verdict === "holds" && result.swarm !== undefined) return "holds is said of a swarm";
  if (result.verdict !== "rejected" && result.reach?.kind === "never" && result.limit !== undefined) {
    return "never is said of a search that reached a limit";
  }
  switch (result.verdict) {
    case "holds":
      return result.exhaustive ? null : "holds is said of a search that was not exhaustive";
    case "violated":
      return result.class === undefined ? "a violation has no class" : null;
    case "inconclusive":
      return result.limit === undefined ? "inconclusive names no limit" : null;
    case "rejected":
      return result.diagnostics.length === 0 ? "rejected without a diagnostic" : null;
  }
}

/** The bytes of a result as text: canonical JSON. */
export function resultText(result: RunResult): string {
  return canonicalJson(result);
}

/** Hex SHA-256 of the result's text. */
export function resultHash(text: string): string {
  return sha256Hex(text);
}
