import { z } from "zod";
import { defineRoute } from "#lib/http/route.server.ts";
import { readThreads } from "#lib/mail/read/read-threads.server.ts";
import { threadListText } from "#lib/review/render-thread.ts";
import { plainText } from "../api/v1/_answers/plain-text.ts";

const input = z.strictObject({
  page: z.coerce.number().int().min(1).max(1_000_000).default(1),
  q: z.string().max(200).optional(),
});

/** The thread list as text: `/index.txt`. */
export const GET = defineRoute({
  params: z.object({}),
  input,
  authorise: () => "allowed",
  handler: async ({ viewer, input: { page, q } }) =>
    plainText(threadListText(await readThreads(viewer, { page, subject: q ?? null }))),
});
