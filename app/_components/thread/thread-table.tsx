import type { ReactNode } from "react";
import type { ThreadLine, ThreadList } from "#lib/mail/read/read-threads.server.ts";
import { messagePath } from "#lib/message-path.ts";
import { countsWords } from "#lib/review/verdict-words.ts";
import { CountChips } from "../ui/chip.tsx";
import { ageWords, utcWords } from "../ui/when.ts";

type Props = { readonly list: ThreadList; readonly subject: string | null; readonly now: Date };

export function ThreadTable({ list, subject, now }: Props): ReactNode {
  if (list.threads.length === 0) return subject === null && list.page === 1 ? <NoThreads /> : <NothingFound />;
  return (
    <>
      <table className="grid-table list-table">
        <thead>
          <tr>
            <th scope="col">Thread</th>
            <th scope="col">Version</th>
            <th scope="col" className="num">
              Mails
            </th>
            <th scope="col">Scenarios</th>
            <th scope="col" className="num">
              Last mail
            </th>
          </tr>
        </thead>
        <tbody>
          {list.threads.map((thread) => (
            <ThreadRow key={thread.messageIdText} thread={thread} now={now} />
          ))}
        </tbody>
      </table>
      <Pages list={list} subject={subject} />
    </>
  );
}

function ThreadRow({ thread, now }: { readonly thread: ThreadLine; readonly now: Date }): ReactNode {
  const runs = countsWords(thread.runs);
  return (
    <tr>
      <td className="row-title">
        <a href={messagePath(thread.messageIdText)} data-item>
          {thread.subject}
        </a>
        <div className="small soft">{thread.fromName}</div>
      </td>
      <td>{thread.version === null ? <span className="soft">no patch</span> : `v${thread.version}`}</td>
      <td className="num" data-label="mails">
        {thread.messageCount}
        {thread.ghostCount > 0 ? (
          <span className="small soft" title={`${thread.ghostCount} more are named in the thread but not imported`}>
            {" "}
            +{thread.ghostCount}
            <span className="sr-only-words"> not imported</span>
          </span>
        ) : null}
      </td>
      <td>
        {runs === "" ? (
          <span className="soft">no scenario</span>
        ) : (
          <span className="chips" title={runs}>
            <CountChips counts={thread.runs} />
          </span>
        )}
      </td>
      <td className="num" data-label="last mail">
        <time dateTime={thread.lastAt.toISOString()} title={utcWords(thread.lastAt)}>
          {ageWords(thread.lastAt, now)}
        </time>
      </td>
    </tr>
  );
}

function Pages({ list, subject }: Omit<Props, "now">): ReactNode {
  if (list.page === 1 && !list.hasNext) return null;
  const address = (page: number): string =>
    `/?${new URLSearchParams({ ...(subject === null ? {} : { q: subject }), page: String(page) }).toString()}`;
  return (
    <nav className="form-row mt-3" aria-label="Pages">
      {list.page > 1 ? (
        <a className="button" href={address(list.page - 1)}>
          Newer
        </a>
      ) : null}
      <span className="soft">Page {list.page}</span>
      {list.hasNext ? (
        <a className="button" href={address(list.page + 1)}>
          Older
        </a>
      ) : null}
    </nav>
  );
}

function NoThreads(): ReactNode {
  return (
    <div className="empty">
      <h2>No threads yet</h2>
      <p>
        Import a mailbox or a single mail in a terminal, then load this page again:
        <br />
        <code>npx --no hunkbook import my.mbox</code>
      </p>
    </div>
  );
}

function NothingFound(): ReactNode {
  return (
    <div className="empty">
      <h2>No thread matches</h2>
      <p>
        The filter looks for its text in subjects. <a href="/">Show all threads</a>
      </p>
    </div>
  );
}
