import { z } from "zod";
import { defineRoute, seeOther } from "#lib/http/route.server.ts";
import { messagePath } from "#lib/message-path.ts";
import { changeComment } from "#lib/review/comments.server.ts";
import { rejected } from "../../_answers/rejected-form.ts";

/** Publishes, withdraws or resolves a comment. */
export const POST = defineRoute({
  params: z.object({ commentId: z.uuid() }),
  input: z.strictObject({ change: z.enum(["publish", "withdraw", "resolve"]) }),
  authorise: () => "allowed",
  handler: async (call) => {
    const outcome = await changeComment(call.viewer, call.params.commentId, { kind: call.input.change });
    if (outcome.kind === "refused") return rejected(call, outcome);
    return call.isForm ? seeOther(`${messagePath(outcome.messageIdText)}#h-${outcome.hunkKey}`) : outcome;
  },
});
