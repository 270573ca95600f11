import { db } from "../db/client.server.ts";
import { reachAnswer, stepsOf } from "../runs/run-outcome.ts";
import { readRunResult } from "../runs/run-result.ts";

/** What a chip needs of a result, small enough to keep. */
export type ResultSummary = {
  readonly steps: number | null;
  readonly states: number | null;
  readonly limit: string | null;
  readonly reach: "reached" | "never" | "open" | undefined;
  readonly message: string;
};

const keptMax = 5_000;
// A result is named by its content, so a summary never goes stale. One per process is enough; losing it costs a query.
const kept = new Map<string, ResultSummary>();

/** Summaries of results by hash. Results are large; each is read and parsed once a process. */
export async function resultSummaries(hashes: readonly string[]): Promise<ReadonlyMap<string, ResultSummary>> {
  const wanted = [...new Set(hashes)];
  const missing = wanted.filter((hash) => !kept.has(hash));
  if (missing.length > 0) {
    const rows = await db().result.findMany({
      where: { hash: { in: missing } },
      select: { hash: true, json: true },
    });
    for (const row of rows) keep(row.hash, summarise(row.json));
  }
  const found = new Map<string, ResultSummary>();
  for (const hash of wanted) {
    const summary = kept.get(hash);
    if (summary) found.set(hash, summary);
  }
  return found;
}

function keep(hash: string, summary: ResultSummary): void {
  const oldest = kept.keys().next();
  if (kept.size >= keptMax && !oldest.done) kept.delete(oldest.value);
  kept.set(hash, summary);
}

function summarise(json: string): ResultSummary {
  const reading = readRunResult(JSON.parse(json));
  if (reading.kind === "malformed") {
    return {
      steps: null,
      states: null,
      limit: null,
      reach: undefined,
      message: `The stored result cannot be read: ${reading.reason}`,
    };
  }
  const { result } = reading;
  if (result.verdict === "rejected") {
    const first = result.diagnostics[0];
    return {
      steps: null,
      states: null,
      limit: null,
      reach: undefined,
      message: first?.message ?? "The scenario has errors.",
    };
  }
  return {
    steps: stepsOf(result),
    states: result.states,
    limit: result.limit ?? null,
    reach: reachAnswer(result) ?? undefined,
    message: result.message,
  };
}
