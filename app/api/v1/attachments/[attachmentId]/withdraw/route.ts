import { z } from "zod";
import { defineRoute, seeOther } from "#lib/http/route.server.ts";
import { messagePath } from "#lib/message-path.ts";
import { withdrawAttachment } from "#lib/notebooks/store/attach.server.ts";
import { rejected } from "../../../_answers/rejected-form.ts";

const input = z.strictObject({
  /** Where a form goes back to. */
  messageId: z.string().min(1).max(20_000).optional(),
  hunkKey: z
    .string()
    .regex(/^[a-z2-7]{26}$/)
    .optional(),
});

/** Takes a notebook off a thread, a mail or a hunk. */
export const POST = defineRoute({
  params: z.object({ attachmentId: z.uuid() }),
  input,
  authorise: (viewer) => (viewer.kind === "anonymous" ? "sign-in-needed" : "allowed"),
  handler: async (call) => {
    const outcome = await withdrawAttachment(call.viewer, call.params.attachmentId);
    const message = "There is no such attachment, or it is not yours, or it is withdrawn already.";
    if (outcome.kind === "refused") return rejected(call, { ...outcome, message });
    const { messageId, hunkKey } = call.input;
    if (!call.isForm || messageId === undefined) return outcome;
    return seeOther(`${messagePath(messageId)}${hunkKey === undefined ? "" : `#h-${hunkKey}`}`);
  },
});
