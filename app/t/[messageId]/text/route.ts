import { z } from "zod";
import { AppError } from "#lib/errors.ts";
import { defineRoute, seeOther } from "#lib/http/route.server.ts";
import { messagePath } from "#lib/message-path.ts";
import { readMailText } from "#lib/review/read-mail-text.server.ts";
import { plainText } from "../../../api/v1/_answers/plain-text.ts";

/** A mail's page as text: `/t/ID.txt`. An id that itself ends in `.txt` leads to its own page. */
export const GET = defineRoute({
  params: z.object({ messageId: z.string() }),
  input: z.strictObject({ from: z.string().optional() }),
  authorise: () => "allowed",
  handler: async ({ viewer, params }) => {
    const outcome = await readMailText(viewer, params.messageId);
    if (outcome.kind === "page") return seeOther(messagePath(outcome.messageId));
    if (outcome.kind === "text") return plainText(outcome.text);
    throw new AppError("not-found", "Not imported. Import a mailbox that holds it: npx --no hunkbook import FILE");
  },
});
