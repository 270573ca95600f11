import { z } from "zod";
import { defineRoute } from "#lib/http/route.server.ts";
import { readThreads } from "#lib/mail/read/read-threads.server.ts";

const input = z.strictObject({
  page: z.coerce.number().int().min(1).max(1_000_000).default(1),
  q: z.string().max(200).optional(),
});

/** Threads, the one with the newest mail first. */
export const GET = defineRoute({
  params: z.object({}),
  input,
  authorise: () => "allowed",
  handler: ({ viewer, input: { page, q } }) => readThreads(viewer, { page, subject: q ?? null }),
});
