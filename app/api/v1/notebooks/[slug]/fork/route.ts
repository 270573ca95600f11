import { z } from "zod";
import { defineRoute, seeOther } from "#lib/http/route.server.ts";
import { forkNotebook } from "#lib/notebooks/store/store.server.ts";
import { rejected } from "../../../_answers/rejected-form.ts";

/** A notebook of one's own with another's text. */
export const POST = defineRoute({
  params: z.object({ slug: z.string().max(200) }),
  input: z.strictObject({}),
  authorise: () => "allowed",
  handler: async (call) => {
    const outcome = await forkNotebook(call.viewer, { slug: call.params.slug });
    if (outcome.kind === "refused") return rejected(call, outcome);
    return call.isForm ? seeOther(`/n/${outcome.slug}/edit`) : outcome;
  },
});
