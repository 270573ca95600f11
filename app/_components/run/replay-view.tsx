import type { ReactNode } from "react";
import type { ReplayPage } from "#lib/review/replay.server.ts";
import { replayTextPath, replayWords } from "#lib/review/trace-words.ts";
import { ReplayForm } from "./replay-form.tsx";
import { TraceBlock } from "./trace-block.tsx";

type Props = { readonly found: ReplayPage; readonly schedule: string };

/** A schedule walked through again. It is one run, so it proves what it shows and nothing else. */
export function ReplayView({ found, schedule }: Props): ReactNode {
  const { page, member, replay } = found;
  const place = { ordinal: member.ordinal, schedule };
  return (
    <main id="main" className="page page-run">
      <header className="mb-4">
        <p className="small soft">
          <a data-key="up" href={`/r/${page.askId}#m${member.ordinal}`}>
            Back to the run
          </a>{" "}
          · #{page.cellId} · {member.variant}
        </p>
        <div className="page-head mb-1">
          <h1 className="run-sentence">Replay: {replayWords(page, replay)}</h1>
          <div className="twins">
            <a href={replayTextPath(page.askId, place)}>.txt</a>
          </div>
        </div>
        <ReplayForm askId={page.askId} ordinal={member.ordinal} schedule={schedule} />
      </header>
      {replay.kind === "refused" ? (
        <p className="notice" role="alert">
          {replay.message}
        </p>
      ) : (
        <TraceBlock trace={replay.trace} page={page} anchor="s" />
      )}
    </main>
  );
}
