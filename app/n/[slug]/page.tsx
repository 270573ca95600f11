import type { Metadata } from "next";
import { headers } from "next/headers";
import { notFound } from "next/navigation";
import { cache, type ReactNode } from "react";
import { highlightScenario } from "#lib/editor/highlight.server.ts";
import { formToken } from "#lib/http/form-token.server.ts";
import { callerOf } from "#lib/http/request.server.ts";
import { can } from "#lib/people/permissions.ts";
import { readNotebookPage, type NotebookPage } from "#lib/review/read-notebook-page.server.ts";
import { NotebookReading, type Highlighted } from "../../_components/notebook/notebook-view.tsx";

type Search = Readonly<Record<string, string | string[] | undefined>>;
type Props = { readonly params: Promise<{ readonly slug: string }>; readonly searchParams: Promise<Search> };

const load = cache(async (slug: string, revision: number | null) => {
  const caller = await callerOf(await headers());
  return { caller, page: await readNotebookPage(caller.viewer, { slug, revision }) };
});

export async function generateMetadata({ params, searchParams }: Props): Promise<Metadata> {
  const { page } = await load((await params).slug, revisionOf(await searchParams));
  return { title: page?.view.title ?? "No such notebook" };
}

/** A notebook to read, with the last results of its cells. */
export default async function ReadNotebookPage({ params, searchParams }: Props): Promise<ReactNode> {
  const search = await searchParams;
  const { caller, page } = await load((await params).slug, revisionOf(search));
  if (page === null) notFound();
  return (
    <NotebookReading
      page={page}
      highlighted={await highlightCells(page)}
      canRun={can(caller.viewer, { kind: "create" })}
      formToken={caller.sessionSecret === null ? null : formToken(caller.sessionSecret)}
      parameters={parametersOf(search)}
    />
  );
}

async function highlightCells(page: NotebookPage): Promise<Highlighted> {
  const cells = page.notebook.blocks.flatMap((block, at) => (block.kind === "scn" ? [{ at, text: block.text }] : []));
  return new Map(
    await Promise.all(
      cells.map(async ({ at, text }) => [at, await highlightScenario(text.replace(/\n$/, ""))] as const),
    ),
  );
}

function revisionOf(search: Search): number | null {
  const { revision } = search;
  return typeof revision === "string" && /^[1-9]\d{0,8}$/.test(revision) ? Number(revision) : null;
}

/** `?p.NAME=value`: parameter values that come with the address. */
function parametersOf(search: Search): Record<string, string> {
  return Object.fromEntries(
    Object.entries(search).flatMap(([name, value]) =>
      name.startsWith("p.") && typeof value === "string" ? [[name.slice(2), value] as const] : [],
    ),
  );
}
