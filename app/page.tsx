import type { Metadata } from "next";
import { headers } from "next/headers";
import type { ReactNode } from "react";
import { callerOf } from "#lib/http/request.server.ts";
import { readThreads } from "#lib/mail/read/read-threads.server.ts";
import { ThreadTable } from "./_components/thread/thread-table.tsx";
import { utcWords } from "./_components/ui/when.ts";

export const metadata: Metadata = { title: "Threads" };

type Search = { readonly page?: string | string[]; readonly q?: string | string[] };

/** All threads, the one with the newest mail first. */
export default async function ThreadsPage({
  searchParams,
}: {
  readonly searchParams: Promise<Search>;
}): Promise<ReactNode> {
  const [search, { viewer }] = await Promise.all([searchParams, headers().then(callerOf)]);
  const subject = typeof search.q === "string" && search.q.trim() !== "" ? search.q.trim() : null;
  const list = await readThreads(viewer, { page: pageNumber(search.page), subject });
  return (
    <main id="main" className="page page-list">
      <div className="page-head">
        <h1>Threads</h1>
        <form method="get" action="/" className="form-row">
          <label className="sr-only-words" htmlFor="q">
            Filter by subject
          </label>
          <input
            id="q"
            name="q"
            type="search"
            placeholder="Filter by subject"
            defaultValue={subject ?? ""}
            data-key="filter"
          />
          <button className="button" type="submit">
            Filter
          </button>
        </form>
        <div className="twins">
          <a href="/index.txt">.txt</a>
          <a href="/api/v1/threads">.json</a>
        </div>
      </div>
      <ThreadTable list={list} subject={subject} now={new Date()} />
      {list.lastImportAt === null ? null : (
        <p className="small soft mt-3">Newest mail imported {utcWords(list.lastImportAt)}.</p>
      )}
    </main>
  );
}

/** A page number from the address; anything that is none means the first. */
function pageNumber(text: string | string[] | undefined): number {
  const number = typeof text === "string" && /^[1-9]\d{0,5}$/.test(text) ? Number(text) : 1;
  return number;
}
