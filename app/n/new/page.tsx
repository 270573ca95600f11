import type { Metadata } from "next";
import { headers } from "next/headers";
import type { ReactNode } from "react";
import { formToken } from "#lib/http/form-token.server.ts";
import { callerOf } from "#lib/http/request.server.ts";
import { notebookTemplate } from "#lib/review/notebook-template.server.ts";
import { FormToken } from "../../_components/ui/form-token.tsx";

export const metadata: Metadata = { title: "New notebook" };

type Props = {
  readonly searchParams: Promise<{ readonly about?: string | string[]; readonly hunk?: string | string[] }>;
};

/** A new notebook, begun from a template that runs as it stands. */
export default async function NewNotebookPage({ searchParams }: Props): Promise<ReactNode> {
  const [{ about, hunk }, { viewer, sessionSecret }] = await Promise.all([searchParams, headers().then(callerOf)]);
  const text = await notebookTemplate(viewer, {
    about: typeof about === "string" ? about : null,
    hunkKey: typeof hunk === "string" ? hunk : null,
  });
  return (
    <main id="main" className="page page-narrow">
      <h1 className="mb-3">New notebook</h1>
      <form method="post" action="/api/v1/notebooks" className="form-stack">
        <FormToken value={sessionSecret === null ? null : formToken(sessionSecret)} />
        <label className="field">
          <span>Text</span>
          <textarea name="text" rows={30} defaultValue={text} spellCheck={false} required />
        </label>
        <div className="form-row">
          <label className="form-row gap-1">
            <span className="soft small">Seen by</span>
            <select name="visibility" defaultValue="draft">
              <option value="draft">only me</option>
              <option value="link">who has the link</option>
              <option value="public">everybody</option>
            </select>
          </label>
          <button className="button button-main" type="submit">
            Create
          </button>
        </div>
      </form>
    </main>
  );
}
