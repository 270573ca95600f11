import type { ReactNode } from "react";
import { messagePath } from "#lib/message-path.ts";
import {
  cellVariantWords,
  digestChips,
  roleWords,
  type ChipDigest,
  type DigestOutcome,
  type HistoryRow,
  type HunkHistory,
  type HunkMargin,
  type MarginChip,
} from "#lib/review/margin.ts";
import {
  countsWords,
  outcomeWords,
  toneOf,
  toneRank,
  verdictWords,
  violationWords,
  type Tone,
  type ToneCounts,
} from "#lib/review/verdict-words.ts";
import { HunkActions, type ActionContext } from "./hunk-actions.tsx";

/** Up to so many results are a card each; more of them become one digest a cell: a tall margin tears the diff apart. */
const cardsMax = 4;
/** So many digests stand open; the others open on a click. */
const digestsOpen = 2;

type Props = { readonly margin: HunkMargin; readonly actions: ActionContext };

/** What is known about one hunk: results first, then notebooks, history, and what a reader may add. */
export function Margin({ margin, actions }: Props): ReactNode {
  return (
    <aside className="margin" aria-label="Results and notes on this hunk">
      {margin.chips.length === 0 && margin.attachments.length === 0 ? <NoScenario /> : null}
      {margin.chips.length <= cardsMax ? (
        <ul className="margin-list">
          {margin.chips.map((chip) => (
            <Result key={`${chip.askId} ${chip.ordinal}`} chip={chip} />
          ))}
        </ul>
      ) : (
        <Digests digests={digestChips(margin.chips)} />
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

function Digests({ digests }: { readonly digests: readonly ChipDigest[] }): ReactNode {
  const list = (some: readonly ChipDigest[]): ReactNode => (
    <ul className="margin-list">
      {some.map((digest) => (
        <Digest key={`${digest.askId} ${digest.cellId}`} digest={digest} />
      ))}
    </ul>
  );
  const rest = digests.slice(digestsOpen);
  return (
    <>
      {list(digests.slice(0, digestsOpen))}
      {rest.length === 0 ? null : (
        <details>
          <summary className="small">
            {rest.length} more: {rest.map(({ cellId }) => `#${cellId}`).join(", ")} ({countsWords(countTones(rest))})
          </summary>
          {list(rest)}
        </details>
      )}
    </>
  );
}

function countTones(digests: readonly ChipDigest[]): ToneCounts {
  const counts: Partial<Record<Tone, number>> = {};
  for (const { tone, chips } of digests.flatMap(({ roles }) => roles.flatMap(({ outcomes }) => outcomes)))
    counts[tone] = (counts[tone] ?? 0) + chips.length;
  return counts;
}

/** One cell's results in a few lines: with this hunk, without it; the variants by name, each a link to its run. */
function Digest({ digest }: { readonly digest: ChipDigest }): ReactNode {
  const [worst] = digest.roles
    .flatMap(({ outcomes }) => outcomes.map(({ tone }) => tone))
    .sort((a, b) => toneRank(a) - toneRank(b));
  return (
    <li className={`digest result-${worst ?? "queued"}`}>
      <p className="digest-head">
        <a href={`/r/${digest.askId}`}>#{digest.cellId}</a>{" "}
        <span className="soft">
          asked by {digest.askedBy}
          {digest.sameAs === null ? "" : ` · same hunk as in ${digest.sameAs.label}`}
        </span>
      </p>
      {digest.roles.map(({ role, outcomes }) => (
        <div key={role} className="digest-role">
          {role === "about" ? null : <p className="soft">{roleWords(role)}</p>}
          {outcomes.map((outcome) => (
            <OutcomeLine key={outcome.tone} outcome={outcome} />
          ))}
        </div>
      ))}
    </li>
  );
}

/** `model violated: x2 (use-after-free, 46 steps), x3 (...)`; `model holds: mainline, kept`. */
function OutcomeLine({ outcome }: { readonly outcome: DigestOutcome }): ReactNode {
  const isAwaited = outcome.tone === "queued" || outcome.tone === "running";
  return (
    <p className="digest-outcome" data-run-state={isAwaited ? "pending" : "settled"}>
      <span className={`t-${outcome.tone}`}>{outcomeWords(outcome.tone)}</span>{" "}
      {outcome.chips.map((chip, at) => (
        <span key={`${chip.askId} ${chip.ordinal}`}>
          {at === 0 ? "" : ", "}
          <a href={`/r/${chip.askId}#m${chip.ordinal}`}>{chip.variant}</a>
          {outcome.tone === "violated" ? <span className="soft"> ({violationWords(chip.state)})</span> : null}
        </span>
      ))}
    </p>
  );
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
