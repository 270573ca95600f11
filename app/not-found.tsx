import type { ReactNode } from "react";

export default function NotFound(): ReactNode {
  return (
    <main id="main" className="page page-narrow">
      <div className="empty">
        <h1>Nothing here</h1>
        <p>
          There is nothing at this address, or it is not for you. If somebody sent it to you, it may be a draft of
          theirs.
        </p>
        <p className="mt-2">
          <a href="/" data-key="up">
            All threads
          </a>{" "}
          · <a href="/n">Notebooks</a> · <a href="/in">Sign in</a>
        </p>
      </div>
    </main>
  );
}
