/** The text twins of the thread list and of a mail's page. Text is the master view; the pages are its projection. */
import type { ThreadList } from "../mail/read/read-threads.server.ts";
import type { Mail } from "../mail/read/read-mail.server.ts";
import type { ThreadMail, ThreadView } from "../mail/read/read-thread.server.ts";
import type { TreeRow } from "../mail/read/read-tree.ts";
import { cellVariantWords, lineWords, roleWords, type HunkMargin, type MarginChip } from "./margin.ts";
import { countsWords, verdictWords } from "./verdict-words.ts";

/** The thread list, a thread in two lines. */
export function threadListText(list: ThreadList): string {
  if (list.threads.length === 0) return "No threads. Import a mailbox: npx --no hunkbook import FILE\n";
  const lines = list.threads.map((thread) => {
    const runs = countsWords(thread.runs);
    const facts = [
      thread.lastAt.toISOString().slice(0, 10),
      ...(thread.version === null ? [] : [`v${thread.version}`]),
      `${thread.messageCount} ${thread.messageCount === 1 ? "mail" : "mails"}`,
      ...(thread.ghostCount === 0 ? [] : [`${thread.ghostCount} not imported`]),
      runs === "" ? "no scenario" : runs,
    ];
    return `${visible(thread.subject)}\n    ${facts.join(", ")}  <${visible(thread.messageIdText)}>`;
  });
  return `${lines.join("\n")}\n${list.hasNext ? `\nOlder threads: /index.txt?page=${list.page + 1}\n` : ""}`;
}

type MailPage = {
  readonly thread: ThreadView;
  readonly mail: Mail;
  readonly margins: ReadonlyMap<string, HunkMargin>;
  readonly places: ReadonlyMap<string, string>;
};

/** A mail: its place in the thread, its text as sent, and what stands in the margins of its hunks. */
export function mailText({ thread, mail, margins, places }: MailPage): string {
  const head = [
    `Subject: ${visible(mail.subject)}`,
    `From: ${visible(mail.fromName)} <${visible(mail.fromAddress)}>`,
    `Date: ${mail.sentAt.toISOString()}`,
    `Message-ID: <${visible(mail.messageIdText)}>`,
  ].join("\n");
  const tree = thread.rows.map((row) => treeLine(row, mail.messageIdText)).join("\n");
  const results = [...margins.values()].flatMap((margin) => marginText(margin, places.get(margin.hunkKey) ?? ""));
  const body = mail.isWithheld ? "The operator has withheld this mail.\n" : visible(mail.body);
  const rule = "-".repeat(72);
  const parts = [
    head,
    tree,
    body.trimEnd(),
    ...(results.length === 0 ? [] : [`Results and notes\n\n${results.join("\n\n")}`]),
  ];
  return `${parts.join(`\n\n${rule}\n`)}\n`;
}

function treeLine({ guide, entry }: TreeRow<ThreadMail>, hereIdText: string): string {
  const here = entry.messageIdText === hereIdText ? "> " : "  ";
  if (entry.mail === null) return `${here}${guide}(not imported) <${visible(entry.messageIdText)}>`;
  const { mail } = entry;
  const runs = countsWords(mail.runs);
  const label =
    mail.patchLabel === null
      ? ""
      : `${mail.versionNumber === null ? "" : `v${mail.versionNumber} `}${mail.patchLabel} `;
  const title = mail.patchLabel === null ? "" : `: ${visible(mail.title)}`;
  return `${here}${guide}${label}${visible(mail.fromName)}${title}${runs === "" ? "" : `  [${runs}]`}`;
}

function marginText(margin: HunkMargin, place: string): readonly string[] {
  const lines = [
    ...margin.chips.map(chipLine),
    ...margin.attachments.map((attachment) => `  notebook: ${attachment.title} (/n/${attachment.slug})`),
    ...margin.remarks.map(
      (remark) =>
        `  ${lineWords(remark)} ${visible(remark.fromName)} by mail (${remark.method}): ${firstLine(remark.text)}`,
    ),
    ...margin.comments.map((comment) => `  ${lineWords(comment)} ${comment.authorName}: ${firstLine(comment.text)}`),
  ];
  return [`${place}\n${lines.length === 0 ? "  No scenario for this hunk." : lines.join("\n")}`];
}

function chipLine(chip: MarginChip): string {
  const facts = [cellVariantWords(chip), roleWords(chip.role), `asked by ${chip.askedBy}`, chip.versionLabel ?? ""]
    .concat(chip.sameAs === null ? [] : [`same hunk as in ${visible(chip.sameAs.label)}`])
    .filter(Boolean);
  return `  ${verdictWords(chip.state)}; ${facts.join(", ")} (/r/${chip.askId})`;
}

function firstLine(text: string): string {
  const line =
    visible(text)
      .split("\n")
      .find((candidate) => candidate.trim() !== "") ?? "";
  return line.length > 200 ? `${line.slice(0, 200)} ...` : line;
}

/** Controls and direction marks as `<U+202E>`: what a terminal would act on must not reach one. Tab and LF stay. */
function visible(text: string): string {
  return text.replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    (character) => `<U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}>`,
  );
}
