"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import type { RunnableCell } from "#lib/editor/diagnose.ts";
import type { AskState } from "#lib/review/ask-states.server.ts";
import { errorWords, get, isRecord, post, RequestError } from "./requests.client.ts";

type PanelProps = {
  readonly slug: string;
  readonly text: string;
  readonly base: number;
  readonly runs: readonly RunnableCell[];
};

/** Run cells with their verdicts. What runs is the text as it stands in the editor, saved or not. */
export function RunPanel({ slug, text, base, runs }: PanelProps): ReactNode {
  return (
    <section>
      <h2>Runs</h2>
      {runs.length === 0 ? (
        <p className="soft small">
          No run block can be read yet. One looks like <code>```run #race</code>, then <code>check base</code>.
        </p>
      ) : null}
      {runs.map((run) => (
        <RunCell key={run.id} slug={slug} text={text} base={base} run={run} />
      ))}
    </section>
  );
}

type CellProps = Omit<PanelProps, "runs"> & { readonly run: RunnableCell };

function RunCell({ slug, text, base, run }: CellProps): ReactNode {
  const [asked, setAsked] = useState<{ readonly id: string; readonly text: string } | null>(null);
  const asking = useMutation({
    mutationFn: (given: string) => post("/api/v1/asks", { slug, cellId: run.id, text: given, base }),
    onSuccess: (answer, given) => {
      if (isRecord(answer) && typeof answer["askId"] === "string") setAsked({ id: answer["askId"], text: given });
    },
  });
  const state = useAskState(asked?.id ?? null);
  const pending = state !== null && isPending(state);
  return (
    <div className="run-card">
      <div className="form-row">
        <button type="button" className="button" disabled={asking.isPending} onClick={() => asking.mutate(text)}>
          Run #{run.id}
        </button>
        {asked === null ? null : (
          <a className="button-quiet" href={`/r/${asked.id}`} target="_blank" rel="noopener">
            Details
          </a>
        )}
        {asked !== null && pending ? <CancelButton askId={asked.id} /> : null}
      </div>
      <div aria-live="polite">
        {asking.isError ? <Refusal error={asking.error} /> : null}
        {asked !== null && asked.text !== text && !pending ? (
          <p className="soft small">The text has changed since this run.</p>
        ) : null}
        {state?.members.map((member) => (
          <p key={member.variant} className={`run-line t-${member.tone}`}>
            <b>{member.variant}</b> {member.words}
            {member.progress === null ? null : <span className="soft"> {member.progress}</span>}
          </p>
        ))}
      </div>
    </div>
  );
}

/** Asks soon at first, then less often, until every verdict is there. */
function useAskState(askId: string | null): AskState | null {
  const query = useQuery({
    queryKey: ["ask", askId],
    enabled: askId !== null,
    queryFn: async ({ signal }) => {
      const states = await get(`/api/v1/asks?ids=${askId ?? ""}`, signal);
      // The server's own type: both ends are one program.
      return Array.isArray(states) ? ((states as readonly AskState[])[0] ?? null) : null;
    },
    refetchInterval: ({ state }) =>
      state.data != null && !isPending(state.data) ? false : Math.min(1_500, 100 + 60 * state.dataUpdateCount),
  });
  return query.data ?? null;
}

function isPending(state: AskState): boolean {
  return state.members.some((member) => member.tone === "queued" || member.tone === "running");
}

function CancelButton({ askId }: { readonly askId: string }): ReactNode {
  const cancelling = useMutation({ mutationFn: () => post(`/api/v1/asks/${askId}/cancel`, {}) });
  return (
    <button type="button" className="button" disabled={cancelling.isPending} onClick={() => cancelling.mutate()}>
      Cancel
    </button>
  );
}

function Refusal({ error }: { readonly error: Error }): ReactNode {
  const detail = error instanceof RequestError && typeof error.detail === "string" ? error.detail : null;
  return (
    <div className="t-violated">
      <p>{errorWords(error)}</p>
      {detail === null ? null : <pre className="scroll-x">{detail}</pre>}
    </div>
  );
}
