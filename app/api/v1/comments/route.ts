import { z } from "zod";
import { defineRoute, seeOther } from "#lib/http/route.server.ts";
import { messagePath } from "#lib/message-path.ts";
import { addComment } from "#lib/review/comments.server.ts";
import { rejected } from "../_answers/rejected-form.ts";

const input = z.strictObject({
  messageId: z.string().min(1).max(20_000),
  hunkKey: z.string().regex(/^[a-z2-7]{26}$/),
  side: z.enum(["old", "new"]),
  line: z.preprocess(
    (line) => (line === "" || line === undefined ? null : line),
    z.coerce.number().int().min(1).nullable(),
  ),
  text: z.string(),
  state: z.enum(["draft", "published"]),
});

/** Comments on a line of a hunk, or on the hunk. */
export const POST = defineRoute({
  params: z.object({}),
  input,
  authorise: () => "allowed",
  handler: async (call) => {
    const outcome = await addComment(call.viewer, call.input);
    if (outcome.kind === "refused") return rejected(call, outcome);
    return call.isForm ? seeOther(`${messagePath(outcome.messageIdText)}#h-${outcome.hunkKey}`) : outcome;
  },
});
