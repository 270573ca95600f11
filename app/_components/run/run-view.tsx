import type { ReactNode } from "react";
import { messagePath } from "#lib/message-path.ts";
import { shownSubsets } from "#lib/review/ablation-view.ts";
import {
  ablationCommand,
  doneWords,
  figuresCommand,
  isSimulation,
  isTold,
  isPending,
  mutateCommand,
  pageSentence,
  progressWords,
  reproduceCommand,
  scopeWords,
  type RunMember,
  type RunPage,
} from "#lib/review/run-page.ts";
import { groupThousands, toneOf, toneRank, verdictWords } from "#lib/review/verdict-words.ts";
import { exploredOf } from "#lib/runs/run-result.ts";
import { VerdictChip } from "../ui/chip.tsx";
import { FormToken } from "../ui/form-token.tsx";
import { RefreshWhilePending } from "../ui/refresh.client.tsx";
import { utcWords } from "../ui/when.ts";
import { ComparisonView } from "./comparison-view.tsx";
import { SweepTable } from "./sweep-table.tsx";
import { AblationTable } from "./ablation-table.tsx";
import { MemberResult } from "./member-result.tsx";

type Props = { readonly page: RunPage; readonly formToken: string | null };

/** One press of Run and what came of it. */
export function RunView({ page, formToken }: Props): ReactNode {
  const pending = isPending(page);
  const firstTrace = worstFirst(page.members).find((member) => traceOf(member))?.ordinal;
  return (
    <main id="main" className="page page-run">
      {pending ? (
        <noscript>
          <meta httpEquiv="refresh" content="2" />
        </noscript>
      ) : null}
      <RunHead page={page} formToken={formToken} />
      <Together page={page} />
      {worstFirst(shownMembers(page)).map((member) => (
        <MemberResult key={member.ordinal} page={page} member={member} isFirstTrace={member.ordinal === firstTrace} />
      ))}
      <Provenance page={page} />
      <RefreshWhilePending askIds={pending ? [page.askId] : []} />
    </main>
  );
}

/** What the runs say together, and how each stands. */
function Together({ page }: { readonly page: RunPage }): ReactNode {
  const { ablation, figures } = page;
  if (ablation !== null) return <AblationTable view={ablation} members={page.members} />;
  const table = <VariantTable page={page} />;
  if (figures === null) return table;
  if (figures.kind === "compare") {
    return (
      <>
        {figures.isPending ? null : <ComparisonView comparison={figures.comparison} />}
        {table}
      </>
    );
  }
  return (
    <>
      <SweepTable view={figures.view} />
      <details className="mb-4">
        <summary className="min-h-6 cursor-pointer">All {figures.count} runs of the sweep</summary>
        {table}
      </details>
    </>
  );
}

/** Of a large ablation only what explains something is shown in full; its table, text and JSON have everything. */
function shownMembers(page: RunPage): readonly RunMember[] {
  if (page.ablation === null) return page.members.filter((member) => isTold(page, member));
  const shown = shownSubsets(page.ablation);
  return page.members.filter((member) => shown.has(member.variant));
}

/** The table keeps the notebook's order; below it, what needs a reader comes first. */
function worstFirst(members: readonly RunMember[]): readonly RunMember[] {
  return [...members].sort((a, b) => toneRank(toneOf(a.state)) - toneRank(toneOf(b.state)) || a.ordinal - b.ordinal);
}

function traceOf(member: RunMember): boolean {
  const result = exploredOf(member.result);
  if (result === null) return false;
  return result.reach === undefined ? result.trace !== undefined : result.reach.kind === "reached";
}

function RunHead({ page, formToken }: Props): ReactNode {
  return (
    <header className="mb-4">
      <p className="small soft">
        {page.notebook === null ? (
          "Notebook not saved"
        ) : (
          <a data-key="up" href={`/n/${page.notebook.slug}#cell-${page.cellId}`}>
            {page.notebook.title}
          </a>
        )}{" "}
        · #{page.cellId} · asked by {page.askerName} ·{" "}
        <time dateTime={page.askedAt.toISOString()}>{utcWords(page.askedAt)}</time>
      </p>
      <div className="page-head mb-1">
        <h1 className="run-sentence" aria-live="polite">
          {pageSentence(page)}
        </h1>
        <div className="twins">
          <a href={`/r/${page.askId}.txt`}>.txt</a>
          <a href={`/r/${page.askId}.json`}>.json</a>
        </div>
      </div>
      <Done page={page} />
      <Scope page={page} />
      {page.mayCancel && isPending(page) ? (
        <form method="post" action={`/api/v1/asks/${page.askId}/cancel`} className="mt-2">
          <FormToken value={formToken} />
          <button className="button" type="submit">
            Cancel
          </button>
        </form>
      ) : null}
      {page.isCancelled ? <p className="notice">This ask was cancelled. What had finished by then is shown.</p> : null}
    </header>
  );
}

function Done({ page }: { readonly page: RunPage }): ReactNode {
  const words = doneWords(page);
  return words === null ? null : <p>{words}; the page renews itself.</p>;
}

function Scope({ page }: { readonly page: RunPage }): ReactNode {
  const words = [...new Set(page.members.map((member) => scopeWords(member)).filter((scope) => scope !== ""))];
  if (words.length === 0) return null;
  return words.map((scope) => (
    <p key={scope} className="soft max-w-[90ch]">
      Scope: {scope}.
    </p>
  ));
}

function VariantTable({ page }: { readonly page: RunPage }): ReactNode {
  return (
    <div className="scroll-x mb-4">
      <table className="grid-table">
        <thead>
          <tr>
            <th scope="col">Variant</th>
            <th scope="col">Verdict</th>
            {isSimulation(page.kind) ? null : (
              <>
                <th scope="col" className="num">
                  States
                </th>
                <th scope="col" className="num">
                  Depth
                </th>
              </>
            )}
            <th scope="col">Expected by the notebook</th>
            <th scope="col">Run key</th>
          </tr>
        </thead>
        <tbody>
          {page.members.map((member) => (
            <VariantRow key={member.ordinal} page={page} member={member} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function VariantRow({ page, member }: { readonly page: RunPage; readonly member: RunMember }): ReactNode {
  const explored = exploredOf(member.result);
  return (
    <tr>
      <th scope="row" className="text-left font-medium">
        {isTold(page, member) ? (
          <a href={`#m${member.ordinal}`} className="inline-block min-h-6">
            {member.variant}
          </a>
        ) : (
          member.variant
        )}
      </th>
      <td>
        <VerdictChip state={member.state} /> <Waiting member={member} />
      </td>
      {isSimulation(page.kind) ? null : (
        <>
          <td className="num">{explored === null ? "" : groupThousands(explored.states)}</td>
          <td className="num">{explored === null ? "" : explored.depth}</td>
        </>
      )}
      <td>
        {member.expects.length === 0 ? <span className="soft">nothing</span> : null}
        {member.expects.map((expect) => (
          <div key={expect.text} className={expect.state.kind === "drift" ? "t-violated" : undefined}>
            {expect.state.kind === "match" ? "match" : expect.state.kind === "drift" ? "drift" : "not run"}
            <span className="soft">: {expect.text}</span>
          </div>
        ))}
      </td>
      <td>
        <code>{member.runKey}</code>
      </td>
    </tr>
  );
}

function Waiting({ member }: { readonly member: RunMember }): ReactNode {
  if (toneOf(member.state) === "running" && member.progress !== null)
    return <span className="soft small">{progressWords(member.progress)}</span>;
  if (toneOf(member.state) === "queued" && member.runsBefore !== null && member.runsBefore > 0)
    return <span className="soft small">{member.runsBefore} before it</span>;
  return null;
}

function Commands({ page }: { readonly page: RunPage }): ReactNode {
  const mutate = mutateCommand(page);
  const single = shownMembers(page).map((member) => (
    <pre key={member.ordinal} className="scroll-x command">
      {reproduceCommand(page, member)}
    </pre>
  ));
  return (
    <>
      {page.ablation === null && page.figures === null ? (
        single
      ) : (
        <>
          <pre className="scroll-x command">
            {page.ablation === null ? figuresCommand(page) : ablationCommand(page)}
          </pre>
          {single.length === 0 ? null : (
            <details>
              <summary className="small min-h-6 cursor-pointer">One run alone</summary>
              {single}
            </details>
          )}
        </>
      )}
      {mutate === null ? null : (
        <>
          <p className="soft mt-2 mb-1">
            Would the scenario notice a missing lock or re-check? This breaks them one by one, on your own machine:
          </p>
          <pre className="scroll-x command">{mutate}</pre>
        </>
      )}
    </>
  );
}

function Provenance({ page }: { readonly page: RunPage }): ReactNode {
  return (
    <section className="mt-6">
      <h2>Reproduce</h2>
      <p className="soft mb-1">
        The same scenario, limits and engine give the same result hash on any machine, without this server.
      </p>
      <Commands page={page} />
      <dl className="facts mt-3">
        {shownMembers(page).map((member) => (
          <div key={member.ordinal} className="contents">
            <dt>{member.variant}</dt>
            <dd>
              {verdictWords(member.state)}; run key <code>{member.runKey}</code>; result hash{" "}
              <code className="break-all">{member.resultHash ?? "none yet"}</code>; engine{" "}
              <code>{member.engine.slice(0, 12)}</code>; attempt {member.attempt}
            </dd>
          </div>
        ))}
        <dt>Text</dt>
        <dd>
          {page.notebook === null ? null : (
            <a href={`/n/${page.notebook.slug}${page.revision === null ? "" : `?revision=${page.revision}`}`}>
              {page.revision === null ? "a text that was not saved as a revision" : `revision ${page.revision}`}
            </a>
          )}{" "}
          {page.textHash === null ? null : <code className="break-all">{page.textHash}</code>}
        </dd>
        {page.hunks.length === 0 ? null : (
          <>
            <dt>Stands beside</dt>
            <dd>
              {page.hunks.map((hunk) => (
                <div key={hunk.hunkKey}>
                  <a href={`${messagePath(hunk.messageIdText)}#h-${hunk.hunkKey}`}>
                    <code>
                      {hunk.path}@{hunk.oldStart}
                    </code>
                  </a>{" "}
                  <span className="soft">in {hunk.subject}</span>
                </div>
              ))}
            </dd>
          </>
        )}
      </dl>
    </section>
  );
}
