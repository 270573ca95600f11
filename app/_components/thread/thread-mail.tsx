import type { ReactNode } from "react";
import { messageIdToSegment, messagePath } from "#lib/message-path.ts";
import { toneOf } from "#lib/review/verdict-words.ts";
import { RefreshWhilePending } from "../ui/refresh.client.tsx";
import { sentWords } from "../ui/when.ts";
import type { ActionContext } from "./hunk-actions.tsx";
import { MailFlow } from "./mail-flow.tsx";
import type { MailPageValue } from "./page-value.ts";
import { ThreadNotebooks } from "./thread-notebooks.tsx";
import { mailsWords, ThreadTree } from "./tree.tsx";

type Props = { readonly page: MailPageValue; readonly actions: ActionContext };

/** Tree, mail, margins; in this order also for a reader without styles. */
export function ThreadMailPage({ page, actions }: Props): ReactNode {
  return (
    <main id="main" className="page">
      <div className="thread-grid">
        <ThreadTree thread={page.thread} hereIdText={page.mail.messageIdText} />
        <article className="min-w-0">
          <MailHead page={page} />
          <ThreadNotebooks attachments={page.attachments} actions={actions} />
          {page.mail.isWithheld ? (
            <p className="notice notice-warning">
              The operator has withheld this mail. Its place in the thread, its Message-ID and its hash are kept.
            </p>
          ) : null}
          <MailFlow page={page} actions={actions} />
          <MorePages page={page} />
        </article>
      </div>
      <RefreshWhilePending askIds={pendingAsks(page)} />
    </main>
  );
}

function MailHead({ page: { mail, thread } }: { readonly page: MailPageValue }): ReactNode {
  const segment = messageIdToSegment(mail.messageIdText);
  return (
    <header className="mail-head">
      <div className="page-head mb-0">
        <h1>{mail.subject === "" ? "(no subject)" : mail.subject}</h1>
        <div className="twins">
          <a href={`/t/${segment}.txt`}>.txt</a>
          <a href={`/api/v1/messages/${segment}`}>.json</a>
          <a href={`/api/v1/messages/${segment}/raw`}>raw mail</a>
        </div>
      </div>
      <div className="mail-meta">
        <span>
          <b>{mail.fromName || mail.fromAddress}</b>
          {mail.fromName === "" ? null : <> &lt;{mail.fromAddress}&gt;</>}
        </span>
        <time dateTime={mail.sentAt.toISOString()}>{sentWords(mail.sentAt, mail.sentOffsetMinutes)}</time>
        {mail.listName === null ? null : <span>{mail.listName}</span>}
        <Versions page={{ mail, thread }} />
        <span>{mailsWords(thread)}</span>
        <a href="/" data-key="up" className="sr-only-words">
          All threads
        </a>
      </div>
      <Oddities mail={mail} />
    </header>
  );
}

/** The same patch in the other versions: by its number, else the version's cover or first patch. */
function Versions({ page: { mail, thread } }: { readonly page: Pick<MailPageValue, "mail" | "thread"> }): ReactNode {
  const here = thread.versions.find(
    (version) =>
      version.coverIdText === mail.messageIdText ||
      version.patches.some((patch) => patch.messageIdText === mail.messageIdText),
  );
  if (!here) return null;
  const family = thread.versions.filter((version) => version.seriesTitle === here.seriesTitle);
  if (family.length < 2) return null;
  const number = mail.patch?.number;
  return (
    <span className="versions" aria-label="Versions of the series">
      {family.map((version) => {
        const same = version.patches.find((patch) => patch.number === number) ?? version.patches[0];
        const target = number === undefined ? (version.coverIdText ?? same?.messageIdText) : same?.messageIdText;
        const label = `v${version.number}`;
        if (version === here || target === undefined) return <b key={label}>{label}</b>;
        return (
          <a key={label} href={messagePath(target)} title={`Joined to the series by: ${version.joinReason}`}>
            {label}
          </a>
        );
      })}
    </span>
  );
}

function Oddities({ mail }: Pick<MailPageValue, "mail">): ReactNode {
  const notes = [
    ...(mail.variantCount > 0
      ? [`${mail.variantCount} other content was seen under this Message-ID; the first is shown.`]
      : []),
    ...mail.oddities.map((oddity) => oddity.message),
  ];
  if (notes.length === 0) return null;
  return (
    <details className="fold mb-0">
      <summary>
        {notes.length} {notes.length === 1 ? "oddity" : "oddities"} in reading this mail
      </summary>
      <ul className="small soft">
        {notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
    </details>
  );
}

function MorePages({ page }: { readonly page: MailPageValue }): ReactNode {
  if (page.nextFrom === null && page.lineFrom === 0) return null;
  const address = messagePath(page.mail.messageIdText);
  return (
    <p className="form-row mt-3">
      {page.lineFrom > 0 ? (
        <a className="button" href={address}>
          From the beginning
        </a>
      ) : null}
      {page.nextFrom === null ? null : (
        <a className="button" href={`${address}?from=${page.nextFrom}`}>
          Go on at line {page.nextFrom + 1} of {page.lineCount}
        </a>
      )}
    </p>
  );
}

/** Asks whose verdict is still to come: the page asks after them and then shows it, without moving anything else. */
function pendingAsks(page: MailPageValue): readonly string[] {
  const asks = new Set<string>();
  for (const margin of page.margins.values()) {
    for (const chip of margin.chips) {
      const tone = toneOf(chip.state);
      if (tone === "queued" || tone === "running") asks.add(chip.askId);
    }
  }
  return [...asks];
}
