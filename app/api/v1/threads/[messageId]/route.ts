import { z } from "zod";
import { AppError } from "#lib/errors.ts";
import { defineRoute } from "#lib/http/route.server.ts";
import { readThread } from "#lib/mail/read/read-thread.server.ts";
import { messageReference } from "#lib/message-path.ts";

/** The tree of the thread that a mail, or a ghost, belongs to. */
export const GET = defineRoute({
  params: z.object({ messageId: z.string() }),
  input: z.strictObject({}),
  authorise: () => "allowed",
  handler: async ({ viewer, params }) => {
    const thread = await readThread(viewer, messageReference(params.messageId));
    if (thread === null) throw new AppError("not-found", "No imported mail has or names this Message-ID.");
    return thread;
  },
});
