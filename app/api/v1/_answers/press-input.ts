import { z } from "zod";
import { renderNotebookDiagnostic } from "#lib/notebooks/diagnostics.ts";
import type { Press } from "#lib/review/press-run.server.ts";
import type { RequestOutcome } from "#lib/runs/request.server.ts";
import type { Rejection } from "./rejected-form.ts";

const field = z.union([z.string(), z.number(), z.null()]);
const known = new Set(["slug", "cellId", "revision", "text", "base"]);

/** A press of Run as a form or as JSON: `slug`, `cellId`, `revision`, `text`, and parameters as `p.NAME`. */
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
    return {
      base,
      slug: String(sent.slug ?? ""),
      cellId: String(sent.cellId ?? ""),
      revision,
      text: typeof sent.text === "string" ? sent.text : null,
      parameters,
      sent,
    };
  });

/** Why nothing was asked, in the words of the person who pressed. */
export function rejectionOf(outcome: Exclude<RequestOutcome, { readonly kind: "asked" }>): Rejection {
  if (outcome.kind === "refused") return outcome;
  return {
    reason: "bad-notebook",
    message: "The notebook has errors that stop this run.",
    detail: outcome.diagnostics.map((diagnostic) => renderNotebookDiagnostic(diagnostic, "notebook")).join("\n"),
  };
}
