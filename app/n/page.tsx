import type { Metadata } from "next";
import { headers } from "next/headers";
import type { ReactNode } from "react";
import { callerOf } from "#lib/http/request.server.ts";
import { listNotebooks, type NotebookEntry } from "#lib/notebooks/store/read.server.ts";
import { can } from "#lib/people/permissions.ts";
import { utcWords } from "../_components/ui/when.ts";

export const metadata: Metadata = { title: "Notebooks" };

/** Notebooks that the reader may find. */
export default async function NotebooksPage(): Promise<ReactNode> {
  const { viewer } = await callerOf(await headers());
  const notebooks = await listNotebooks(viewer);
  return (
    <main id="main" className="page page-list">
      <div className="page-head">
        <h1>Notebooks</h1>
        {can(viewer, { kind: "create" }) ? (
          <a className="button" href="/n/new">
            New notebook
          </a>
        ) : null}
        <div className="twins">
          <a href="/n.txt">.txt</a>
          <a href="/api/v1/notebooks">.json</a>
        </div>
      </div>
      {notebooks.length === 0 ? (
        <div className="empty">
          <h2>No notebooks</h2>
          <p>
            <code>npm start</code> installs those that ship with the program. <a href="/n/new">Write one</a>.
          </p>
        </div>
      ) : (
        <table className="grid-table list-table">
          <thead>
            <tr>
              <th scope="col">Notebook</th>
              <th scope="col">Author</th>
              <th scope="col">Who sees it</th>
              <th scope="col" className="num">
                Revision
              </th>
              <th scope="col" className="num">
                Saved
              </th>
            </tr>
          </thead>
          <tbody>
            {notebooks.map((notebook) => (
              <NotebookRow key={notebook.id} notebook={notebook} />
            ))}
          </tbody>
        </table>
      )}
    </main>
  );
}

function NotebookRow({ notebook }: { readonly notebook: NotebookEntry }): ReactNode {
  return (
    <tr>
      <td className="row-title">
        <a href={`/n/${notebook.slug}`} data-item>
          {notebook.title}
        </a>
        <div className="small soft">
          <code>{notebook.slug}</code>
        </div>
      </td>
      <td>{notebook.authorName}</td>
      <td>{notebook.visibility}</td>
      <td className="num" data-label="revision">
        {notebook.newestNumber}
      </td>
      <td className="num">{utcWords(notebook.savedAt)}</td>
    </tr>
  );
}
