import { z } from "zod";
import { defineRoute, seeOther } from "#lib/http/route.server.ts";
import { messagePath } from "#lib/message-path.ts";
import { attachBySlug } from "#lib/review/attach.server.ts";
import { rejected } from "../_answers/rejected-form.ts";

const input = z.strictObject({
  slug: z.string().min(1).max(200),
  messageId: z.string().min(1).max(20_000),
  place: z.enum(["thread", "patch", "hunk"]),
  hunkKey: z
    .string()
    .regex(/^[a-z2-7]{26}$/)
    .optional(),
});

/** Attaches a notebook to a thread, a mail or a hunk. */
export const POST = defineRoute({
  params: z.object({}),
  input,
  authorise: () => "allowed",
  handler: async (call) => {
    const { hunkKey = null, ...rest } = call.input;
    const outcome = await attachBySlug(call.viewer, { ...rest, hunkKey });
    if (outcome.kind === "refused") return rejected(call, outcome);
    const anchor = hunkKey === null ? "" : `#h-${hunkKey}`;
    return call.isForm ? seeOther(`${messagePath(call.input.messageId)}${anchor}`) : outcome;
  },
});
