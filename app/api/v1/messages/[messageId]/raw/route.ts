import { z } from "zod";
import { AppError } from "#lib/errors.ts";
import { defineRoute } from "#lib/http/route.server.ts";
import { readRawMail } from "#lib/mail/read/read-mail.server.ts";
import { messageReference } from "#lib/message-path.ts";

/** The mail's bytes exactly as received, as a download that no browser renders. */
export const GET = defineRoute({
  params: z.object({ messageId: z.string() }),
  input: z.strictObject({}),
  authorise: () => "allowed",
  handler: async ({ viewer, params }) => {
    const raw = await readRawMail(viewer, messageReference(params.messageId));
    if (raw.kind === "unknown") throw new AppError("not-found", "No imported mail has this Message-ID.");
    if (raw.kind === "withheld") throw new AppError("gone", "The operator has withheld this mail.");
    return new Response(raw.bytes, { headers });
  },
});

const headers = {
  "content-type": "application/octet-stream",
  "content-disposition": 'attachment; filename="mail.eml"',
  "x-content-type-options": "nosniff",
  "content-security-policy": "default-src 'none'; sandbox",
  "cache-control": "private, no-store",
};
