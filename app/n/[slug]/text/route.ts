import { z } from "zod";
import { AppError } from "#lib/errors.ts";
import { defineRoute } from "#lib/http/route.server.ts";
import { readNotebook } from "#lib/notebooks/store/read.server.ts";
import { plainText } from "../../../api/v1/_answers/plain-text.ts";

/** The notebook's file, byte for byte: `/n/NAME.txt`. */
export const GET = defineRoute({
  params: z.object({ slug: z.string().max(200) }),
  input: z.strictObject({ revision: z.coerce.number().int().min(1).optional() }),
  authorise: () => "allowed",
  handler: async ({ viewer, params: { slug }, input: { revision } }) => {
    const notebook = await readNotebook(viewer, slug, revision === undefined ? {} : { number: revision });
    if (notebook === null) throw new AppError("not-found", "There is no such notebook.");
    return plainText(notebook.text);
  },
});
