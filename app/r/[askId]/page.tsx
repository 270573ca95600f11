import type { Metadata } from "next";
import { headers } from "next/headers";
import { notFound } from "next/navigation";
import { cache, type ReactNode } from "react";
import { formToken } from "#lib/http/form-token.server.ts";
import { callerOf } from "#lib/http/request.server.ts";
import { readRunPage } from "#lib/review/read-run-page.server.ts";
import { pageSentence } from "#lib/review/run-page.ts";
import { RunView } from "../../_components/run/run-view.tsx";

type Props = { readonly params: Promise<{ readonly askId: string }> };

const load = cache(async (askId: string) => {
  const caller = await callerOf(await headers());
  return { caller, page: await readRunPage(caller.viewer, askId) };
});

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { page } = await load((await params).askId);
  return { title: page === null ? "No such run" : pageSentence(page) };
}

/** The permalink of an ask: verdicts, traces, and how to get the same result elsewhere. */
export default async function AskPage({ params }: Props): Promise<ReactNode> {
  const { caller, page } = await load((await params).askId);
  if (page === null) notFound();
  return <RunView page={page} formToken={caller.sessionSecret === null ? null : formToken(caller.sessionSecret)} />;
}
