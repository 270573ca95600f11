/** Which schedule of which member an address asks for. */
import { z } from "zod";

const querySchema = z.object({
  member: z.coerce.number().int().min(0).max(10_000).default(0),
  schedule: z.string().trim().max(16_000),
});

export type ReplayQuery = { readonly ordinal: number; readonly schedule: string };

/** Null for what is no such address. Whether the schedule is one is for the replay to say. */
export function replayQuery(parameters: unknown): ReplayQuery | null {
  const parsed = querySchema.safeParse(parameters);
  return parsed.success ? { ordinal: parsed.data.member, schedule: parsed.data.schedule } : null;
}
