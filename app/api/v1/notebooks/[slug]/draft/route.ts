import { z } from "zod";
import { defineRoute, seeOther } from "#lib/http/route.server.ts";
import { discardBySlug, draftBySlug } from "#lib/review/save-notebook.server.ts";
import { rejected } from "../../../_answers/rejected-form.ts";

const params = z.object({ slug: z.string().max(200) });
const input = z.discriminatedUnion("change", [
  z.strictObject({ change: z.literal("keep"), text: z.string(), base: z.coerce.number().int().min(1) }),
  z.strictObject({ change: z.literal("discard") }),
]);

/** Keeps or discards what has been typed and not saved. */
export const POST = defineRoute({
  params,
  input,
  authorise: () => "allowed",
  handler: async (call) => {
    const { slug } = call.params;
    const outcome =
      call.input.change === "keep"
        ? await draftBySlug(call.viewer, { slug, text: call.input.text, baseNumber: call.input.base })
        : await discardBySlug(call.viewer, slug);
    if (outcome.kind === "refused") return rejected(call, outcome);
    return call.isForm ? seeOther(`/n/${slug}/edit`) : outcome;
  },
});
