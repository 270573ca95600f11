import { z } from "zod";
import { AppError } from "#lib/errors.ts";
import { defineRoute } from "#lib/http/route.server.ts";
import { readMail } from "#lib/mail/read/read-mail.server.ts";
import { messageReference } from "#lib/message-path.ts";

/** One mail, decoded, with the hunks in it. */
export const GET = defineRoute({
  params: z.object({ messageId: z.string() }),
  input: z.strictObject({}),
  authorise: () => "allowed",
  handler: async ({ viewer, params }) => {
    const mail = await readMail(viewer, messageReference(params.messageId));
    if (mail === null) throw new AppError("not-found", "No imported mail has this Message-ID.");
    return mail;
  },
});
