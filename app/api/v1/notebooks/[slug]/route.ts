import { z } from "zod";
import { AppError } from "#lib/errors.ts";
import { defineRoute, seeOther } from "#lib/http/route.server.ts";
import { readNotebook } from "#lib/notebooks/store/store.server.ts";
import { saveBySlug } from "#lib/review/save-notebook.server.ts";
import { rejected } from "../../_answers/rejected-form.ts";

const params = z.object({ slug: z.string().max(200) });

/** A notebook with the text of its newest revision, or of the one numbered. */
export const GET = defineRoute({
  params,
  input: z.strictObject({ revision: z.coerce.number().int().min(1).optional() }),
  authorise: () => "allowed",
  handler: async ({ viewer, params: { slug }, input: { revision } }) => {
    const notebook = await readNotebook(viewer, slug, revision === undefined ? {} : { number: revision });
    if (notebook === null) throw new AppError("not-found", "There is no such notebook.");
    return notebook;
  },
});

/** Saves a revision made from revision `base`. A form whose base is old keeps its text as a draft and shows both. */
export const POST = defineRoute({
  params,
  // The plain form has its Run button beside Save, so that its fields come along.
  input: z.strictObject({
    text: z.string(),
    base: z.coerce.number().int().min(1),
    slug: z.string().optional(),
    cellId: z.string().optional(),
  }),
  authorise: () => "allowed",
  handler: async (call) => {
    const { slug } = call.params;
    const outcome = await saveBySlug(call.viewer, { slug, text: call.input.text, baseNumber: call.input.base });
    if (outcome.kind === "refused") return rejected(call, outcome);
    if (!call.isForm) return Response.json(outcome, { status: outcome.kind === "conflict" ? 409 : 200 });
    return seeOther(
      outcome.kind === "conflict" ? `/n/${slug}/edit?conflict=${outcome.number}` : `/n/${outcome.slug}/edit`,
    );
  },
});
