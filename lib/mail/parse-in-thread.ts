/**
 * What a mail holds once its place in the thread is known: its class, its diffs with their owners, its trailers, the
 * remarks it makes about lines of other mails. Pure; the rows that the database gets are made from it.
 */
import { findDiffs } from "../diff/parse-diff.ts";
import type { FoundFileDiff } from "../diff/found-diff.ts";
import { patchIdOfBody } from "../diff/patch-id.ts";
import { classifyMail } from "./series/classify.ts";
import type { MailClass } from "./series/classify.ts";
import type { Oddity } from "./limits.ts";
import { ownerOfDiff } from "./diff-owner.ts";
import type { ChainLink, DiffOwner } from "./diff-owner.ts";
import { parsePatchMail } from "./series/patch-mail.ts";
import type { PatchMail } from "./series/patch-mail.ts";
import { findAttributions, parseQuotes } from "./quotes/quotes.ts";
import type { QuotedLine } from "./quotes/quotes.ts";
import { parseSubject } from "./series/subject.ts";
import type { ParsedSubject } from "./series/subject.ts";
import { parseReplyTrailers } from "./series/trailers.ts";
import type { Trailer } from "./series/trailers.ts";

/** More hunks than this in one mail are not stored: the mail is shown as text. platform.md, "Threats" 32. */
export const HUNKS_MAX = 20_000;
/** A longer text is shown, and not searched for diffs. */
const DIFF_TEXT_LENGTH_MAX = 8 * 1024 * 1024;

export interface MailInThread {
  readonly messageId: string;
  readonly subject: string;
  readonly fromName: string;
  readonly fromAddress: string;
  readonly body: string;
  /** It names a parent. */
  readonly isAnswer: boolean;
  readonly hasNumberedChild: boolean;
  /** From the parent to the root, ghosts included. */
  readonly chain: readonly ChainLink[];
}

export interface OwnedFileDiff {
  readonly diff: FoundFileDiff;
  readonly owner: DiffOwner;
}

export interface ParsedMail {
  readonly messageId: string;
  readonly subject: ParsedSubject;
  readonly class: MailClass;
  readonly patchMail: PatchMail;
  readonly patchId: string | null;
  readonly fileDiffs: readonly OwnedFileDiff[];
  readonly trailers: readonly Trailer[];
  readonly oddities: readonly Oddity[];
}

/** Parses one mail with what its ancestors say. Never throws, whatever the text. */
export function parseInThread(mail: MailInThread): ParsedMail {
  const subject = parseSubject(mail.subject);
  const parentBodies = mail.chain.flatMap((link) => (link.mail ? [link.mail.body] : [])).slice(0, 3);
  const isTooLong = mail.body.length > DIFF_TEXT_LENGTH_MAX;
  const found = isTooLong ? [] : findDiffs(mail.body, { messageId: mail.messageId, parentBodies });
  const isTooMany = found.reduce((sum, diff) => sum + diff.hunks.length, 0) > HUNKS_MAX;
  const diffs = isTooMany ? [] : found;
  const lines = isTooLong ? [] : parseQuotes(mail.body);
  const patchMail = parsePatchMail(mail.body);
  const kind = classifyMail({
    subject,
    fromAddress: mail.fromAddress,
    isAnswer: mail.isAnswer,
    hasDiff: diffs.some((diff) => diff.quoteDepth === 0),
    hasNumberedChild: mail.hasNumberedChild,
  });
  return {
    messageId: mail.messageId,
    subject,
    class: kind,
    patchMail,
    patchId: patchIdOfBody(mail.body, diffs),
    fileDiffs: ownDiffs(mail, { diffs, lines, patchMail }),
    trailers: isTooLong ? [] : trailersOf(mail, { kind, patchMail, lines, diffs }),
    oddities: isTooLong || isTooMany ? [tooMuch(isTooLong)] : [],
  };
}

/** What stands for a mail that a parser failed on: its text, without diffs. */
export function unparsedMail(mail: MailInThread, reason: string): ParsedMail {
  const subject = parseSubject(mail.subject);
  const { hasNumberedChild, isAnswer, fromAddress } = mail;
  return {
    messageId: mail.messageId,
    subject,
    class: classifyMail({ subject, fromAddress, isAnswer, hasDiff: false, hasNumberedChild }),
    patchMail: parsePatchMail(""),
    patchId: null,
    fileDiffs: [],
    trailers: [],
    oddities: [
      { code: "parse-fault", message: `a fault of this program: its diffs were not read (${reason.slice(0, 200)})` },
    ],
  };
}

function tooMuch(isTooLong: boolean): Oddity {
  const message = isTooLong
    ? `the text is longer than ${DIFF_TEXT_LENGTH_MAX} characters: not searched for diffs`
    : `more than ${HUNKS_MAX} hunks: shown as text`;
  return { code: "part-limit", message };
}

function ownDiffs(
  mail: MailInThread,
  { diffs, lines, patchMail }: { diffs: readonly FoundFileDiff[]; lines: readonly QuotedLine[]; patchMail: PatchMail },
): OwnedFileDiff[] {
  if (diffs.length === 0) return [];
  const attributions = findAttributions(lines);
  const sender = { name: mail.fromName, address: mail.fromAddress };
  const author = patchMail.diffLine !== null && patchMail.author ? patchMail.author : sender;
  return diffs.map((diff) => ({
    diff,
    owner: ownerOfDiff({ depth: diff.quoteDepth, line: diff.bodyLineStart, author, attributions, chain: mail.chain }),
  }));
}

/** A patch or cover carries the trailers of its commit message; any other mail those that it offers in its own lines. */
function trailersOf(
  mail: MailInThread,
  context: { kind: MailClass; patchMail: PatchMail; lines: readonly QuotedLine[]; diffs: readonly FoundFileDiff[] },
): readonly Trailer[] {
  const { kind, patchMail, lines, diffs } = context;
  if (kind === "patch" || kind === "cover" || kind === "autosel") return patchMail.trailers;
  const own = diffs.filter((diff) => diff.quoteDepth === 0);
  const isForeign = (line: number): boolean => {
    const quoted = lines[line];
    if (!quoted || quoted.depth > 0 || quoted.role !== "text") return true;
    return own.some((diff) => line >= diff.bodyLineStart && line < diff.bodyLineEnd);
  };
  return parseReplyTrailers(mail.body, isForeign);
}
