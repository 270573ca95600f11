import { z } from "zod";
import { defineRoute, seeOther } from "#lib/http/route.server.ts";
import { messagePath } from "#lib/message-path.ts";
import { changeComment } from "#lib/review/comments.server.ts";
import { rejected } from "../../_answers/rejected-form.ts";

const input = z.discriminatedUnion("change", [
  z.strictObject({ change: z.enum(["publish", "withdraw", "resolve", "reopen"]) }),
  z.strictObject({ change: z.literal("edit"), text: z.string() }),
]);

/** Publishes, edits, withdraws, resolves or reopens a comment. */
export const POST = defineRoute({
  params: z.object({ commentId: z.uuid() }),
  input,
  authorise: () => "allowed",
  handler: async (call) => {
    const { change: kind, ...rest } = call.input;
    const change = kind === "edit" ? { kind, text: "", ...rest } : { kind };
    const outcome = await changeComment(call.viewer, call.params.commentId, change);
    if (outcome.kind === "refused") return rejected(call, outcome);
    return call.isForm ? seeOther(`${messagePath(outcome.messageIdText)}#c-${outcome.commentId}`) : outcome;
  },
});
