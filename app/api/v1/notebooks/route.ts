import { z } from "zod";
import { defineRoute, seeOther } from "#lib/http/route.server.ts";
import { createNotebook, listNotebooks } from "#lib/notebooks/store/store.server.ts";
import { rejected } from "../_answers/rejected-form.ts";

/** Notebooks that the caller may find. */
export const GET = defineRoute({
  params: z.object({}),
  input: z.strictObject({}),
  authorise: () => "allowed",
  handler: async ({ viewer }) => ({ notebooks: await listNotebooks(viewer) }),
});

const input = z.strictObject({
  text: z.string(),
  slug: z.string().max(200).optional(),
  visibility: z.enum(["draft", "link", "public"]).default("draft"),
});

/** Makes a notebook. */
export const POST = defineRoute({
  params: z.object({}),
  input,
  authorise: () => "allowed",
  handler: async (call) => {
    const { text, slug, visibility } = call.input;
    const outcome = await createNotebook(call.viewer, { text, visibility, ...(slug ? { slug } : {}) });
    if (outcome.kind === "refused") return rejected(call, outcome);
    return call.isForm ? seeOther(`/n/${outcome.slug}/edit`) : outcome;
  },
});
