import type { ReactNode } from "react";
import { messageWords, notebookLine, reachWords, type RunMember, type RunPage } from "#lib/review/run-page.ts";
import { countWords, verdictWords } from "#lib/review/verdict-words.ts";
import { answerSentence, questionWords } from "#lib/runs/reach-words.ts";
import type { ExploredResult, RejectedResult } from "#lib/runs/run-result.ts";
import { traceWords } from "#lib/review/trace-words.ts";
import { ReplayForm } from "./replay-form.tsx";
import { CoverageView } from "./coverage-view.tsx";
import { SimulatedView } from "./simulated-view.tsx";
import { TraceBlock } from "./trace-block.tsx";

type Props = {
  readonly page: RunPage;
  readonly member: RunMember;
  /** The first trace of the page owns the short addresses `#s1`, `#s2` ... */
  readonly isFirstTrace: boolean;
};

/** What one variant's run found, in full. */
export function MemberResult({ page, member, isFirstTrace }: Props): ReactNode {
  const { result } = member;
  return (
    <section id={`m${member.ordinal}`} className="member">
      <h2>
        {member.variant}: {verdictWords(member.state)}
      </h2>
      <Switches member={member} />
      <p className="soft">{reachWords(member)}</p>
      {member.state.stopReason === null ? null : <p className="soft">{member.state.stopReason}</p>}
      {result === null ? null : result.verdict === "rejected" ? (
        <Rejected result={result} page={page} />
      ) : "engine" in result ? (
        <SimulatedView result={result} page={page} />
      ) : (
        <Explored result={result} page={page} anchor={isFirstTrace ? "s" : `m${member.ordinal}-s`} member={member} />
      )}
    </section>
  );
}

function Switches({ member }: { readonly member: RunMember }): ReactNode {
  const given = [
    ...Object.entries(member.switches).map(([name, value]) => `${name}=${value}`),
    ...Object.entries(member.parameters).map(([name, value]) => `${name}=${value}`),
  ];
  return given.length === 0 ? null : <p className="mono soft">{given.join("  ")}</p>;
}

type ExploredProps = { readonly result: ExploredResult; readonly page: RunPage; readonly anchor: string };

function Explored({ result, page, anchor, member }: ExploredProps & { readonly member: RunMember }): ReactNode {
  const { ordinal } = member;
  return (
    <>
      <Reach result={result} page={page} member={member} anchor={anchor} />
      <p>
        {result.reach === undefined ? null : "The scenario itself: "}
        {messageWords(page, result.message)}.
      </p>
      <Notes result={result} page={page} />
      {result.coverage === undefined ? null : <CoverageView coverage={result.coverage} page={page} />}
      {result.reach !== undefined || result.trace === undefined ? null : (
        <>
          <h3 className="mt-3 mb-1">Counterexample, {traceWords(result.trace)}</h3>
          <TraceBlock trace={result.trace} page={page} anchor={anchor} />
          <ReplayForm askId={page.askId} ordinal={ordinal} schedule={result.trace.schedule} />
        </>
      )}
    </>
  );
}

/** The answer to a question, with the way there when there is one. */
function Reach({ result, page, member, anchor }: ExploredProps & { readonly member: RunMember }): ReactNode {
  const { reach } = result;
  if (reach === undefined || member.reach === null) return null;
  return (
    <>
      <p>
        <code>{messageWords(page, questionWords(member.reach))}</code>: {answerSentence({ ...result, reach })}.
      </p>
      {reach.kind === "reached" ? (
        <>
          <h3 className="mt-3 mb-1">Witness, {traceWords(reach.trace)}</h3>
          <TraceBlock trace={reach.trace} page={page} anchor={anchor} />
        </>
      ) : null}
    </>
  );
}

/** Notes and sometimes: what was reached, and what was not, which is a finding too. */
function Notes({ result, page }: Omit<ExploredProps, "anchor">): ReactNode {
  const lines = [
    ...result.notes.map((note) => ({ ...note, what: "note" })),
    ...result.sometimes.map((note) => ({ ...note, what: "sometimes" })),
  ];
  if (lines.length === 0 && result.warnings.length === 0) return null;
  return (
    <ul className="notes">
      {lines.map((note, at) => (
        <li key={at}>
          {note.what} <q>{note.text}</q>:{" "}
          {note.reached
            ? `reached${note.steps === undefined ? "" : ` after ${countWords(note.steps, "step")}${note.shortest === false ? " (not proven shortest)" : ""}`}`
            : "never reached"}
          <PlaceWords place={note.place} page={page} />
        </li>
      ))}
      {result.warnings.map((warning, at) => (
        <li key={`w${at}`}>warning: {warning.message}</li>
      ))}
    </ul>
  );
}

function PlaceWords({
  place,
  page,
}: {
  readonly place: { readonly file: string; readonly line: number };
  readonly page: RunPage;
}): ReactNode {
  const line = notebookLine(page, place);
  return <span className="soft"> {line === null ? `${place.file}:${place.line}` : `line ${line}`}</span>;
}

function Rejected({ result, page }: { readonly result: RejectedResult; readonly page: RunPage }): ReactNode {
  return (
    <ul className="diagnostics">
      {result.diagnostics.map((diagnostic, at) => (
        <li key={at}>
          <code>
            {placeText(page, diagnostic.at)}: {diagnostic.severity}: {""}
            {diagnostic.message} [{diagnostic.code}]
          </code>
          <pre className="scroll-x">{`${diagnostic.at.lineText}\n${caretLine(diagnostic.at.lineText, diagnostic.at.column)}`}</pre>
        </li>
      ))}
    </ul>
  );
}

/** `58:3` of the notebook; `reach:1:3` of a text that is not one of its cells, as the question of a reach. */
function placeText(page: RunPage, at: { file: string; line: number; column: number }): string {
  const line = notebookLine(page, at);
  return `${line ?? `${at.file}:${at.line}`}:${at.column}`;
}

/** Tabs stay tabs, so that the caret stands under its character. */
function caretLine(lineText: string, column: number): string {
  return `${lineText.slice(0, column - 1).replace(/[^\t]/g, " ")}^`;
}
