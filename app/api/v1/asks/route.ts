import { z } from "zod";
import { defineRoute, seeOther } from "#lib/http/route.server.ts";
import { readAskStates } from "#lib/review/ask-states.server.ts";
import { settleSoon } from "#lib/review/settle-soon.server.ts";
import { pressRun } from "#lib/review/press-run.server.ts";
import { rejected } from "../_answers/rejected-form.ts";
import { pressInput, rejectionOf } from "../_answers/press-input.ts";

/** How some asks stand, for pages that wait for them. */
export const GET = defineRoute({
  params: z.object({}),
  input: z.strictObject({ ids: z.string().max(4000) }),
  authorise: () => "allowed",
  handler: ({ viewer, input }) => readAskStates(viewer, input.ids.split(",").slice(0, 100)),
});

/** Presses Run on a cell of a notebook. Parameters are fields named `p.NAME`. */
export const POST = defineRoute({
  params: z.object({}),
  input: pressInput,
  authorise: () => "allowed",
  handler: async (call) => {
    const outcome = await pressRun(call.viewer, call.input);
    if (outcome.kind !== "asked") return rejected({ ...call, input: call.input.sent }, rejectionOf(outcome));
    if (!call.isForm) return outcome;
    await settleSoon(outcome.askId);
    return seeOther(`/r/${outcome.askId}`);
  },
});
