import { db } from "../db/client.server.ts";
import type { Viewer } from "../people/viewer.ts";
import { resultSummaries } from "./run-summary.server.ts";
import type { RunState } from "./verdict-words.ts";

export type PersonPage = {
  readonly addresses: readonly string[];
  readonly notebooks: readonly { readonly slug: string; readonly title: string; readonly visibility: string }[];
  readonly asks: readonly {
    readonly id: string;
    readonly title: string;
    readonly cellId: string;
    readonly createdAt: Date;
    readonly members: readonly { readonly variant: string; readonly state: RunState }[];
  }[];
};

const shownMax = 20;

/** What is the signed-in person's own; nobody else's page is like this. */
export async function readPerson(viewer: Extract<Viewer, { readonly kind: "person" }>): Promise<PersonPage> {
  const { personId } = viewer;
  const [addresses, notebooks, asks] = await Promise.all([
    db().address.findMany({ where: { personId }, select: { address: true } }),
    db().notebook.findMany({
      where: { authorId: personId },
      orderBy: { createdAt: "desc" },
      take: 200,
      select: { slug: true, title: true, visibility: true },
    }),
    db().ask.findMany({
      where: { personId },
      orderBy: { createdAt: "desc" },
      take: shownMax,
      select: {
        id: true,
        cellId: true,
        createdAt: true,
        notebook: { select: { title: true } },
        members: {
          orderBy: { ordinal: "asc" },
          select: {
            variant: true,
            run: { select: { status: true, verdict: true, violationClass: true, resultHash: true, stopReason: true } },
          },
        },
      },
    }),
  ]);
  const summaries = await resultSummaries(
    asks.flatMap((ask) => ask.members.flatMap((member) => member.run.resultHash ?? [])),
  );
  return {
    addresses: addresses.map((row) => row.address),
    notebooks,
    asks: asks.map(({ notebook, members, ...ask }) => ({
      ...ask,
      title: notebook?.title ?? "not saved",
      members: members.map(({ variant, run: { resultHash, ...run } }) => {
        const summary = resultHash === null ? undefined : summaries.get(resultHash);
        return {
          variant,
          state: {
            ...run,
            steps: summary?.steps ?? null,
            states: summary?.states ?? null,
            limit: summary?.limit ?? null,
          },
        };
      }),
    })),
  };
}
