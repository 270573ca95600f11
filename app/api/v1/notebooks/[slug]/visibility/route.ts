import { z } from "zod";
import { defineRoute, seeOther } from "#lib/http/route.server.ts";
import { publishBySlug } from "#lib/review/publish-notebook.server.ts";
import { rejected } from "../../../_answers/rejected-form.ts";

/** Changes who may see a notebook. */
export const POST = defineRoute({
  params: z.object({ slug: z.string().max(200) }),
  input: z.strictObject({ visibility: z.enum(["draft", "link", "public"]) }),
  authorise: () => "allowed",
  handler: async (call) => {
    const outcome = await publishBySlug(call.viewer, { slug: call.params.slug, visibility: call.input.visibility });
    if (outcome.kind === "refused") return rejected(call, outcome);
    return call.isForm ? seeOther(`/n/${outcome.slug}`) : outcome;
  },
});
