import type { ReactNode } from "react";
import { messagePath } from "#lib/message-path.ts";
import type { ClaimState, ExpectState } from "#lib/notebooks/evaluate.ts";
import type { Block } from "#lib/notebooks/types.ts";
import type { NotebookPage } from "#lib/review/read-notebook-page.server.ts";

type Props = { readonly page: NotebookPage; readonly block: Block };

/** What a person expects of runs, and whether it came so. */
export function ExpectCell({ page, block }: Props): ReactNode {
  const lines = page.notebook.expects.filter((expect) => expect.line >= block.lineStart && expect.line < block.lineEnd);
  return (
    <ul className="expects">
      {lines.map((expect) => (
        <li key={expect.line} id={`L${expect.line}`}>
          <code>{expect.text}</code> <ExpectWords state={page.expects.get(expect.line)} />
        </li>
      ))}
    </ul>
  );
}

function ExpectWords({ state }: { readonly state: ExpectState | undefined }): ReactNode {
  switch (state?.kind) {
    case "match":
      return <span className="chip chip-holds">match</span>;
    case "drift":
      return <span className="chip chip-violated">drift: {state.found}</span>;
    case "not-run":
    case undefined:
      return <span className="chip">not run</span>;
  }
}

const claimChip = {
  supported: "chip chip-holds",
  refuted: "chip chip-violated",
  inconclusive: "chip chip-inconclusive",
  untested: "chip",
} as const;

/** A sentence of a mail, and whether the runs support it. */
export function ClaimCell({ page, block }: Props): ReactNode {
  const claim = page.notebook.claims.find((candidate) => candidate.id === block.id);
  if (claim === undefined) return <p className="soft px-3 py-2">This claim cannot be read; see the errors above.</p>;
  const state: ClaimState = page.claims.get(claim.id) ?? { kind: "untested", needs: [] };
  return (
    <div className="claim">
      <blockquote>{claim.quote}</blockquote>
      <p className="small">
        <a className="inline-block min-h-6" href={messagePath(claim.messageId)}>
          in this mail
        </a>{" "}
        <span className={claimChip[state.kind]}>{state.kind}</span>
      </p>
      <ul className="small soft">
        {state.needs.map((need) => (
          <li key={need.text}>
            needs <code>{need.text}</code>: {need.state}
          </li>
        ))}
      </ul>
    </div>
  );
}
