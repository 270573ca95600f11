"use client";
import type { ReactNode } from "react";

/** A page that could not be made. The digest is in the server's log. */
export default function ErrorPage({ error }: { readonly error: Error & { readonly digest?: string } }): ReactNode {
  return (
    <main id="main" className="page page-narrow">
      <div className="empty">
        <h1>This page could not be made</h1>
        <p>
          The server failed; nothing was changed. Load the page again; if it stays so, tell the operator
          {error.digest === undefined ? "" : ` this number: ${error.digest}`}.
        </p>
        <p className="mt-2">
          <a href="/">All threads</a>
        </p>
      </div>
    </main>
  );
}
