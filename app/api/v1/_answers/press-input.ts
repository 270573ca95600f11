import { z } from "zod";
import { renderNotebookDiagnostic } from "#lib/notebooks/diagnostics.ts";
import type { Press } from "#lib/review/press-run.server.ts";
import { defaultEngineOptions, readReductions, type EngineOptions } from "#lib/runs/run-input.ts";
import type { RequestOutcome } from "#lib/runs/request.server.ts";
import type { Rejection } from "./rejected-form.ts";

const field = z.union([z.string(), z.number(), z.null()]);
const known = new Set(["slug", "cellId", "revision", "text", "base", "reductions", "coverage"]);

/**
 * A press of Run as a form or as JSON: `slug`, `cellId`, `revision`, `text`, parameters as `p.NAME`, `coverage` (1), and
 * `reductions` (none, or names with commas; all when absent).
 */
export const pressInput: z.ZodType<Press & { readonly sent: Readonly<Record<string, unknown>> }> = z
  .record(z.string(), field)
  .transform((sent, context) => {
    const parameters: Record<string, number> = {};
    for (const [name, value] of Object.entries(sent)) {
      if (known.has(name)) continue;
      const parameter = /^p\.([A-Za-z_][A-Za-z0-9_]{0,63})$/.exec(name)?.[1];
      const number = Number(value);
      if (parameter === undefined) context.addIssue({ code: "custom", message: `unknown field ${name.slice(0, 40)}` });
      else if (value === "" || value === null || !Number.isFinite(number))
        context.addIssue({ code: "custom", message: `${parameter} is not a number` });
      else parameters[parameter] = number;
    }
    const revision = sent.revision == null || sent.revision === "" ? null : Number(sent.revision);
    if (revision !== null && !Number.isSafeInteger(revision))
      context.addIssue({ code: "custom", message: "revision is no number" });
    const base = sent.base == null || sent.base === "" ? null : Number(sent.base);
    if (base !== null && !Number.isSafeInteger(base))
      context.addIssue({ code: "custom", message: "base is no number" });
    const engineOptions = readEngineOptions(sent);
    if (typeof engineOptions === "string") context.addIssue({ code: "custom", message: engineOptions });
    return {
      base,
      slug: String(sent.slug ?? ""),
      cellId: String(sent.cellId ?? ""),
      revision,
      text: typeof sent.text === "string" ? sent.text : null,
      parameters,
      engineOptions: typeof engineOptions === "string" ? defaultEngineOptions : engineOptions,
      sent,
    };
  });

/** What is asked of the engine, or why that is not understood. */
function readEngineOptions(sent: Readonly<Record<string, unknown>>): EngineOptions | string {
  const coverage = sent.coverage === "1" || sent.coverage === 1;
  if (sent.reductions == null || sent.reductions === "") return { ...defaultEngineOptions, coverage };
  const reductions = readReductions(String(sent.reductions));
  return typeof reductions === "string" ? reductions : { reductions, coverage };
}

/** Why nothing was asked, in the words of the person who pressed. */
export function rejectionOf(outcome: Exclude<RequestOutcome, { readonly kind: "asked" }>): Rejection {
  if (outcome.kind === "refused") return outcome;
  return {
    reason: "bad-notebook",
    message: "The notebook has errors that stop this run.",
    detail: outcome.diagnostics.map((diagnostic) => renderNotebookDiagnostic(diagnostic, "notebook")).join("\n"),
  };
}
