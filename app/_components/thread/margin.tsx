import type { ReactNode } from "react";
import { messagePath } from "#lib/message-path.ts";
import {
  cellVariantWords,
  roleWords,
  type HistoryRow,
  type HunkHistory,
  type HunkMargin,
  type MarginChip,
} from "#lib/review/margin.ts";
import { countsWords, toneOf, verdictWords, type Tone, type ToneCounts } from "#lib/review/verdict-words.ts";
import { HunkActions, type ActionContext } from "./hunk-actions.tsx";

/** Up to so many results are all shown; of more, the first ones, and the rest opens: a tall margin tears the diff apart. */
const allShownMax = 5;
const firstShown = 3;

type Props = { readonly margin: HunkMargin; readonly actions: ActionContext };

/** What is known about one hunk: results first, then notebooks, history, and what a reader may add. */
export function Margin({ margin, actions }: Props): ReactNode {
  const shown = margin.chips.length <= allShownMax ? allShownMax : firstShown;
  const open = margin.chips.slice(0, shown);
  const rest = margin.chips.slice(shown);
  return (
    <aside className="margin" aria-label="Results and notes on this hunk">
      {margin.chips.length === 0 && margin.attachments.length === 0 ? <NoScenario /> : null}
      <ul className="margin-list">
        {open.map((chip) => (
          <Result key={`${chip.askId} ${chip.ordinal}`} chip={chip} />
        ))}
      </ul>
      {rest.length === 0 ? null : (
        <details>
          <summary className="small">
            {rest.length} more: {countsWords(countTones(rest))}
          </summary>
          <ul className="margin-list">
            {rest.map((chip) => (
              <Result key={`${chip.askId} ${chip.ordinal}`} chip={chip} />
            ))}
          </ul>
        </details>
      )}
      {margin.attachments.map((attachment) => (
        <p key={attachment.slug} className="small">
          Notebook: <a href={`/n/${attachment.slug}`}>{attachment.title}</a>{" "}
          <span className="soft">by {attachment.authorName}</span>
        </p>
      ))}
      <Remarks margin={margin} />
      {margin.history === null ? null : <History history={margin.history} />}
      <HunkActions hunkKey={margin.hunkKey} context={actions} />
    </aside>
  );
}

function countTones(chips: readonly MarginChip[]): ToneCounts {
  const counts: Partial<Record<Tone, number>> = {};
  for (const { state } of chips) counts[toneOf(state)] = (counts[toneOf(state)] ?? 0) + 1;
  return counts;
}

function Result({ chip }: { readonly chip: MarginChip }): ReactNode {
  const tone = toneOf(chip.state);
  const details = [
    cellVariantWords(chip),
    roleWords(chip.role),
    `asked by ${chip.askedBy}`,
    ...(chip.versionLabel === null ? [] : [chip.versionLabel]),
  ].filter(Boolean);
  return (
    <li>
      <a
        className={`result result-${tone}`}
        href={`/r/${chip.askId}#m${chip.ordinal}`}
        data-run-state={tone === "queued" || tone === "running" ? "pending" : "settled"}
      >
        <span className="result-verdict">
          {chip.state.verdict === null || tone === "queued" || tone === "running" ? "" : "model "}
          {verdictWords(chip.state)}
        </span>
        <span className="result-detail">{details.join(" · ")}</span>
        {chip.sameAs === null ? null : <span className="result-detail">same hunk as in {chip.sameAs.label}</span>}
      </a>
    </li>
  );
}

function NoScenario(): ReactNode {
  return (
    <p className="margin-empty">
      No scenario for this hunk. Attach a notebook below, or start from one of <a href="/n">the teaching notebooks</a>.
    </p>
  );
}

function Remarks({ margin }: { readonly margin: HunkMargin }): ReactNode {
  const mailed = margin.remarks.length;
  const here = margin.comments.length;
  if (mailed + here === 0) return null;
  const open = margin.comments.filter((comment) => !comment.isResolved && comment.state === "published").length;
  const words = [
    ...(mailed === 0 ? [] : [`${mailed} ${mailed === 1 ? "remark" : "remarks"} by mail`]),
    ...(here === 0 ? [] : [`${here} ${here === 1 ? "comment" : "comments"}, ${open} open`]),
  ];
  return <p className="small soft mt-1">{words.join(" · ")}, under their lines</p>;
}

/** Scenario x version: what each scenario said of this hunk in each version of the series. */
function History({ history }: { readonly history: HunkHistory }): ReactNode {
  return (
    <table className="history">
      <caption>This hunk through the versions</caption>
      <thead>
        <tr>
          <th scope="col">Scenario</th>
          {history.steps.map((step) => (
            <th key={step.hunkKey} scope="col" aria-current={step.isHere ? "true" : undefined}>
              {step.isHere ? (
                `v${step.versionNumber}`
              ) : (
                <a href={`${messagePath(step.messageIdText)}#h-${step.hunkKey}`}>v{step.versionNumber}</a>
              )}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {history.rows.length === 0 ? (
          <tr>
            <td colSpan={history.steps.length + 1}>not run in any version</td>
          </tr>
        ) : (
          history.rows.map((row) => <HistoryLine key={cellVariantWords(row)} row={row} />)
        )}
      </tbody>
    </table>
  );
}

function HistoryLine({ row }: { readonly row: HistoryRow }): ReactNode {
  return (
    <tr>
      <th scope="row">{cellVariantWords(row)}</th>
      {row.states.map((state, at) => (
        <td key={at} className={state ? `t-${toneOf(state)}` : "soft"}>
          {state ? toneOf(state) : "not run"}
        </td>
      ))}
    </tr>
  );
}
