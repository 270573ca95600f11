import { db } from "../db/client.server.ts";
import { can } from "../people/permissions.ts";
import type { Viewer } from "../people/viewer.ts";
import { readRunProgress } from "../runs/child-messages.ts";
import { progressWords } from "./run-page.ts";
import { resultSummaries } from "./run-summary.server.ts";
import { toneOf, verdictWords, type Tone } from "./verdict-words.ts";

/** How one ask stands, in few bytes: what pages that wait ask for again and again. */
export type AskState = {
  readonly id: string;
  readonly members: readonly {
    readonly variant: string;
    readonly tone: Tone;
    readonly words: string;
    /** While it runs: states, depth, frontier. */
    readonly progress: string | null;
  }[];
};

/** How the runs of some asks stand. Asks that the viewer may not see are left out. */
export async function readAskStates(viewer: Viewer, askIds: readonly string[]): Promise<readonly AskState[]> {
  const asks = await db().ask.findMany({
    where: { id: { in: [...askIds] } },
    orderBy: { id: "asc" },
    select: {
      id: true,
      personId: true,
      visibility: true,
      members: {
        orderBy: { ordinal: "asc" },
        select: {
          variant: true,
          run: {
            select: {
              status: true,
              verdict: true,
              violationClass: true,
              resultHash: true,
              stopReason: true,
              progress: true,
            },
          },
        },
      },
    },
  });
  const seen = asks.filter(({ personId, visibility }) =>
    // Whoever knows the id of an ask came by its link.
    can(viewer, { kind: "read", thing: { authorId: personId, visibility }, byLink: true }),
  );
  const summaries = await resultSummaries(
    seen.flatMap((ask) => ask.members.flatMap((member) => member.run.resultHash ?? [])),
  );
  return seen.map(({ id, members }) => ({
    id,
    members: members.map(({ variant, run: { resultHash, progress, ...run } }) => {
      const summary = resultHash === null ? undefined : summaries.get(resultHash);
      const state = {
        ...run,
        steps: summary?.steps ?? null,
        states: summary?.states ?? null,
        limit: summary?.limit ?? null,
        reach: summary?.reach,
        figure: summary?.figure,
      };
      const counts = run.status === "running" && progress !== null ? readRunProgress(JSON.stringify(progress)) : null;
      return {
        variant,
        tone: toneOf(state),
        words: verdictWords(state),
        progress: counts === null ? null : progressWords(counts),
      };
    }),
  }));
}
