import type { Metadata } from "next";
import { headers } from "next/headers";
import { notFound } from "next/navigation";
import type { ReactNode } from "react";
import { formToken } from "#lib/http/form-token.server.ts";
import { callerOf } from "#lib/http/request.server.ts";
import { readNotebook } from "#lib/notebooks/store/read.server.ts";
import { EditView, NotYours } from "../../../_components/notebook/edit-view.tsx";

export const metadata: Metadata = { title: "Edit a notebook" };

type Props = {
  readonly params: Promise<{ readonly slug: string }>;
  readonly searchParams: Promise<{ readonly conflict?: string | string[] }>;
};

/** A notebook's whole file: in Monaco, or without JavaScript in a text area with Save and Run. */
export default async function EditPage({ params, searchParams }: Props): Promise<ReactNode> {
  const { viewer, sessionSecret } = await callerOf(await headers());
  const view = await readNotebook(viewer, (await params).slug);
  if (view === null) notFound();
  const token = sessionSecret === null ? null : formToken(sessionSecret);
  if (!view.canEdit) return <NotYours view={view} isSignedIn={viewer.kind === "person"} formToken={token} />;
  return <EditView view={view} formToken={token} isConflict={(await searchParams).conflict !== undefined} />;
}
