import type { Metadata } from "next";
import { headers } from "next/headers";
import { notFound } from "next/navigation";
import type { ReactNode } from "react";
import { callerOf } from "#lib/http/request.server.ts";
import { replayQuery } from "#lib/review/replay-query.ts";
import { replayForPage } from "#lib/review/replay.server.ts";
import { ReplayView } from "../../../_components/run/replay-view.tsx";

type Props = {
  readonly params: Promise<{ readonly askId: string }>;
  readonly searchParams: Promise<Readonly<Record<string, string | readonly string[] | undefined>>>;
};

export const metadata: Metadata = { title: "Replay of a schedule", robots: { index: false } };

/** One schedule of a run, step by step: the run's own, or one that was changed by hand. */
export default async function ReplayPage({ params, searchParams }: Props): Promise<ReactNode> {
  const caller = await callerOf(await headers());
  const query = replayQuery(await searchParams);
  const found = query === null ? null : await replayForPage(caller.viewer, (await params).askId, query);
  if (query === null || found === null) notFound();
  return <ReplayView found={found} schedule={query.schedule} />;
}
