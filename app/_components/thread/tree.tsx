import type { ReactNode } from "react";
import type { ThreadMail, ThreadView } from "#lib/mail/read/read-thread.server.ts";
import type { TreeRow } from "#lib/mail/read/read-tree.ts";
import { messagePath } from "#lib/message-path.ts";
import { CountSigns } from "../ui/chip.tsx";

/** More rows than this are cut around the mail that is read; the rest is one step away. */
const rowsMax = 200;

type Props = { readonly thread: ThreadView; readonly hereIdText: string };

/** The thread as a tree. Closed on a phone, where the mail comes first; always open beside it. */
export function ThreadTree({ thread, hereIdText }: Props): ReactNode {
  const here = thread.rows.findIndex((row) => row.entry.messageIdText === hereIdText);
  const from = Math.max(0, Math.min(here - rowsMax / 2, thread.rows.length - rowsMax));
  const rows = thread.rows.slice(from, from + rowsMax);
  return (
    <nav className="tree-box" aria-label="Mails of the thread">
      <details>
        <summary>{mailsWords(thread)}</summary>
        <ol className="tree">
          {from > 0 ? <CutRow entry={thread.rows[from - 1]?.entry} words={`${from} mails before`} /> : null}
          {rows.map((row) => (
            <Row key={row.entry.messageIdText} row={row} isHere={row.entry.messageIdText === hereIdText} />
          ))}
          {from + rowsMax < thread.rows.length ? (
            <CutRow
              entry={thread.rows[from + rowsMax]?.entry}
              words={`${thread.rows.length - from - rowsMax} mails after`}
            />
          ) : null}
        </ol>
      </details>
      <Neighbours thread={thread} here={here} />
    </nav>
  );
}

export function mailsWords(thread: ThreadView): string {
  const mails = `${thread.messageCount} ${thread.messageCount === 1 ? "mail" : "mails"}`;
  return thread.ghostCount === 0 ? mails : `${mails}, ${thread.ghostCount} more named but not imported`;
}

function Row({ row, isHere }: { readonly row: TreeRow<ThreadMail>; readonly isHere: boolean }): ReactNode {
  const { mail, messageIdText } = row.entry;
  const guide = row.guide === "" ? null : <span className="tree-guide">{row.guide}</span>;
  if (mail === null) {
    return (
      <li>
        {guide}
        <a className="ghost" href={messagePath(messageIdText)} title={`<${messageIdText}>`}>
          not imported
        </a>
      </li>
    );
  }
  return (
    <li className={isHere ? "is-here" : undefined}>
      {guide}
      <a href={messagePath(messageIdText)} aria-current={isHere ? "page" : undefined} title={mail.subject}>
        {mail.patchLabel === null ? null : (
          <span className="tree-number">
            {mail.versionNumber !== null && mail.versionNumber > 1 ? `v${mail.versionNumber} ` : ""}
            {mail.patchLabel}
          </span>
        )}
        <span className="tree-name">{mail.patchLabel === null ? mail.fromName : mail.title}</span>
        {mail.trailers.map((trailer) => (
          <span key={trailer} className="tree-number" title={trailer}>
            {initials(trailer)}
          </span>
        ))}
        {mail.patchLabel === null && mail.hasDiff ? <span className="tree-number">diff</span> : null}
      </a>
      {Object.keys(mail.runs).length === 0 ? null : <CountSigns counts={mail.runs} />}
    </li>
  );
}

function CutRow({ entry, words }: { readonly entry: ThreadMail | undefined; readonly words: string }): ReactNode {
  return entry ? (
    <li>
      <a href={messagePath(entry.messageIdText)}>{words}</a>
    </li>
  ) : null;
}

/** Links that keys follow; they stand below the tree for everybody. */
function Neighbours({ thread, here }: { readonly thread: ThreadView; readonly here: number }): ReactNode {
  const imported = thread.rows.map((row, at) => ({ at, entry: row.entry })).filter(({ entry }) => entry.mail !== null);
  const patches = imported.filter(({ entry }) => entry.mail?.patchLabel != null);
  const links = [
    { key: "mail-previous", words: "Previous mail", to: imported.findLast(({ at }) => at < here) },
    { key: "mail-next", words: "Next mail", to: imported.find(({ at }) => at > here) },
    { key: "patch-previous", words: "Previous patch", to: patches.findLast(({ at }) => at < here) },
    { key: "patch-next", words: "Next patch", to: patches.find(({ at }) => at > here) },
  ];
  return (
    <p className="neighbours small">
      {links.map(({ key, words, to }) =>
        to ? (
          <a key={key} data-key={key} href={messagePath(to.entry.messageIdText)}>
            {words}
          </a>
        ) : null,
      )}
    </p>
  );
}

/** `Reviewed-by` -> `Rb`, as reviewers shorten it; the whole word is the title. */
function initials(trailer: string): string {
  return trailer
    .split("-")
    .map((word, i) => (i === 0 ? word.slice(0, 1).toUpperCase() : word.slice(0, 1).toLowerCase()))
    .join("");
}
