import { db } from "../db/client.server.ts";
import { can } from "../people/permissions.ts";
import type { Viewer } from "../people/viewer.ts";
import { toneOf, type Tone } from "./verdict-words.ts";

export type AskState = { readonly id: string; readonly members: readonly Tone[] };

/** How the runs of some asks stand: one small query for pages that wait. Asks that the viewer may not see are left out. */
export async function readAskStates(viewer: Viewer, askIds: readonly string[]): Promise<readonly AskState[]> {
  const asks = await db().ask.findMany({
    where: { id: { in: [...askIds] } },
    orderBy: { id: "asc" },
    select: {
      id: true,
      personId: true,
      visibility: true,
      members: { orderBy: { ordinal: "asc" }, select: { run: { select: { status: true, verdict: true } } } },
    },
  });
  return asks
    .filter(({ personId, visibility }) =>
      // Whoever knows the id of an ask came by its link.
      can(viewer, { kind: "read", thing: { authorId: personId, visibility }, byLink: true }),
    )
    .map(({ id, members }) => ({ id, members: members.map(({ run }) => toneOf(run)) }));
}
