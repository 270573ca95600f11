/** One name for two things in one scope. */
import type { Span } from "../../source/span.ts";
import type { CheckContext, Entity } from "./context.ts";

/** Reports a second declaration (SCN043) and shows the first; nothing is shown of what is built in. */
export function reportTwice(
  c: CheckContext,
  again: { readonly span: Span; readonly message: string; readonly before: Entity },
): void {
  const { before, span, message } = again;
  const first = before.kind === "variable" || before.kind === "function" ? before.symbol.span : before.span;
  c.report({ code: "SCN043", span, message, notes: [{ span: first, message: "first declared here" }] });
}
