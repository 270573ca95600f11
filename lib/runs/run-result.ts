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

const count = z.number().int().min(0);
const place = z.object({ file: z.string(), line: count, column: count, endLine: count, endColumn: count });
const location = place.extend({ lineText: z.string() });

const waiter = z.object({ task: z.string(), place, waitsFor: z.string(), holders: z.array(z.string()) });
const traceStep = z.object({
  index: count,
  task: z.string(),
  place,
  source: z.string(),
  action: z.string(),
  atomic: z.boolean(),
  changes: z.array(
    z.object({ name: z.string(), before: z.string(), after: z.string(), local: z.literal(true).optional() }),
  ),
  held: z.array(z.object({ lock: z.string(), task: z.string(), mode: z.enum(["read", "write"]) })),
  waiting: z.array(waiter),
  notes: z.array(z.string()),
});
const traceEnd = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("violation"), message: z.string(), place: place.nullable() }),
  z.object({ kind: z.literal("deadlock"), message: z.string(), waitsFor: z.array(waiter) }),
  z.object({ kind: z.literal("cannot-finish"), message: z.string(), waitsFor: z.array(waiter) }),
  z.object({ kind: z.literal("reached"), message: z.string() }),
]);
const trace = z.object({
  tasks: z.array(z.string()),
  steps: z.array(traceStep),
  schedule: z.string(),
  end: traceEnd,
  shortest: z.boolean(),
});
const note = z.object({
  text: z.string(),
  place,
  reached: z.boolean(),
  steps: count.exactOptional(),
  schedule: z.string().exactOptional(),
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
  place,
});

const exploredSchema = z.object({
  verdict: z.enum(["holds", "violated", "inconclusive"]),
  class: z.enum(violationClasses).exactOptional(),
  property: property.exactOptional(),
  message: z.string(),
  place: place.exactOptional(),
  states: count,
  transitions: count,
  depth: count,
  exhaustive: z.boolean(),
  limit: z.enum(limitNames).exactOptional(),
  memoryBytes: count,
  reductions: z.array(z.string()),
  assumptions: z.array(z.string()),
  notes: z.array(note),
  sometimes: z.array(note),
  warnings: z.array(z.object({ message: z.string(), place: place.exactOptional() })),
  trace: trace.exactOptional(),
  /** What the compiler warned of. */
  diagnostics: z.array(diagnostic),
});
const rejectedSchema = z.object({ verdict: z.literal("rejected"), diagnostics: z.array(diagnostic) });

export type ExploredResult = z.infer<typeof exploredSchema>;
export type RejectedResult = z.infer<typeof rejectedSchema>;
export type RunResult = ExploredResult | RejectedResult;
/** A diagnostic as results carry it. Codes are never withdrawn, so old results read back. */
export type ResultDiagnostic = z.infer<typeof diagnostic>;
export type ResultTrace = z.infer<typeof trace>;

const resultSchema = z.discriminatedUnion("verdict", [exploredSchema, rejectedSchema]);

export type RunResultReading =
  { readonly kind: "result"; readonly result: RunResult } | { readonly kind: "malformed"; readonly reason: string };

/**
 * Reads a result that came from elsewhere (the child, the store). A verdict that its own parts contradict is
 * malformed: `holds` without an exhaustive search, a violation without a class, a limit without `inconclusive`.
 */
export function readRunResult(value: unknown): RunResultReading {
  const parsed = resultSchema.safeParse(value);
  if (!parsed.success) return { kind: "malformed", reason: parsed.error.message };
  const reason = contradiction(parsed.data);
  if (reason !== null) return { kind: "malformed", reason };
  return { kind: "result", result: parsed.data };
}

function contradiction(result: RunResult): string | null {
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
