import { z } from "zod";
import { defineRoute } from "#lib/http/route.server.ts";
import { listNotebooks } from "#lib/notebooks/store/read.server.ts";
import { plainText } from "../../../api/v1/_answers/plain-text.ts";

/** The list of notebooks as text: `/n.txt`. */
export const GET = defineRoute({
  params: z.object({}),
  input: z.strictObject({}),
  authorise: () => "allowed",
  handler: async ({ viewer }) => {
    const lines = (await listNotebooks(viewer)).map(
      ({ title, slug, authorName, newestNumber, savedAt }) =>
        `${title}\n    /n/${slug}, revision ${newestNumber}, ${savedAt.toISOString()}, ${authorName}\n`,
    );
    return plainText(lines.length === 0 ? "No notebooks.\n" : lines.join(""));
  },
});
