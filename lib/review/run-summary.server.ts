import { db } from "../db/client.server.ts";
import { resultFacts, type ResultFacts } from "../runs/run-outcome.ts";
import { readRunResult } from "../runs/run-result.ts";

/** What a chip needs of a result, small enough to keep. */
export type ResultSummary = ResultFacts & { readonly message: string };

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
    return { ...resultFacts(null), message: `The stored result cannot be read: ${reading.reason}` };
  }
  const { result } = reading;
  if (result.verdict === "rejected") {
    return { ...resultFacts(result), message: result.diagnostics[0]?.message ?? "The scenario has errors." };
  }
  return { ...resultFacts(result), message: result.message };
}
