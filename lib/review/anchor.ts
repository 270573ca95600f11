/**
 * Ties each comment of a mailed reply to the place that it answers, by the rules of 5.7: all quoted lines of a depth are
 * aligned with the mail that they quote, white space aside and in order; counting lines alone is the last resort.
 *
 * People quote on to a brace, a blank "+" or the hunk's last context lines and speak of what stands above: so the last
 * line that says something is meant, and after the end of a hunk the last changed one.
 */
import { pathOf } from "../diff/found-diff.ts";
import { alignLines } from "./anchor-align.ts";
import { findComments, type CommentDraft } from "./anchor-comments.ts";
import type { AnchorMethod, AnchorPlace, MailedCommentPlace, MailText } from "./anchor-place.ts";
import * as targets from "./anchor-target.ts";
import { joinWrapped, type QuotedEntry } from "./anchor-wrap.ts";

export type { AnchorKind, AnchorMethod, AnchorPlace, MailedCommentPlace, MailText } from "./anchor-place.ts";

/** What was read of the mails of one thread; pass one to all calls for a thread, so that each mail is read once. */
export interface AnchorCache {
  readonly targets: Map<string, targets.TargetMail>;
  readonly comments: Map<string, readonly MailedCommentPlace[]>;
}

export function newAnchorCache(): AnchorCache {
  return { targets: new Map(), comments: new Map() };
}

export interface Reply extends MailText {
  /** Nearest first: the parent, its parent ..., then, if wanted, other mails of the thread. */
  readonly ancestors: readonly MailText[];
  readonly cache?: AnchorCache;
}

/** A reply to a reply inherits its anchor through at most this many mails. */
const INHERITANCE_MAX = 30;

/** The comments of a reply in order, each with its place. A mail that answers nobody has none. Never throws. */
export function anchorReply(reply: Reply): readonly MailedCommentPlace[] {
  return anchorsOf({ ...reply, cache: reply.cache ?? newAnchorCache(), inheritance: 0 });
}

interface Job extends Reply {
  readonly cache: AnchorCache;
  readonly inheritance: number;
}

function anchorsOf(job: Job): readonly MailedCommentPlace[] {
  if (job.ancestors.length === 0 || job.inheritance > INHERITANCE_MAX) return [];
  const known = job.cache.comments.get(job.messageId);
  if (known !== undefined) return known;
  const reading = readReply(job);
  const places: MailedCommentPlace[] = [];
  for (const comment of findComments(reading.mail.quotes, reading.pasted)) {
    const anchor = anchorComment(reading, comment);
    if (anchor === null) continue;
    places.push({
      ordinal: places.length,
      bodyLineStart: comment.start,
      bodyLineEnd: comment.end,
      text: comment.text,
      quotedLines: comment.quoted,
      anchor,
    });
  }
  job.cache.comments.set(job.messageId, places);
  return places;
}

interface Reading {
  readonly job: Job;
  readonly mail: targets.TargetMail;
  readonly ancestors: readonly (() => targets.TargetMail)[];
  /** Lines of unmarked hunks that only repeat an ancestor's diff. */
  readonly pasted: ReadonlySet<number>;
  readonly alignments: Map<string, DepthAlignment>;
  /** Unmarked tails of wrapped quoted lines: no comments. */
  readonly tails: Set<number>;
}

function readReply(job: Job): Reading {
  const mail = targetOf(job.cache, job);
  const ancestors = job.ancestors.map((ancestor) => () => targetOf(job.cache, ancestor));
  return { job, mail, ancestors, pasted: findPasted(mail, ancestors), alignments: new Map(), tails: new Set() };
}

function targetOf(cache: AnchorCache, mail: MailText): targets.TargetMail {
  const known = cache.targets.get(mail.messageId);
  if (known !== undefined) return known;
  const read = targets.readTarget(mail);
  cache.targets.set(mail.messageId, read);
  return read;
}

const PASTED_SHARE_MIN = 0.6;
const PASTED_ANCESTORS_MAX = 5;

/** Hunks in the replier's own depth whose lines an ancestor wrote: quoted without marks. */
function findPasted(mail: targets.TargetMail, ancestors: Reading["ancestors"]): ReadonlySet<number> {
  const pasted = new Set<number>();
  for (const diff of mail.diffs.filter((one) => one.quoteDepth === 0)) {
    for (const hunk of diff.hunks) {
      const bares = hunk.lines.map((line) => targets.bareText(line.kind + line.text)).filter((bare) => bare !== "");
      const shared = ancestors.slice(0, PASTED_ANCESTORS_MAX).some((ancestor) => {
        const counts = ancestor().counts;
        return bares.filter((bare) => counts.has(bare)).length >= bares.length * PASTED_SHARE_MIN;
      });
      if (!shared || bares.length === 0) continue;
      for (const line of hunk.lines) pasted.add(line.bodyLine);
      pasted.add(hunk.bodyLineStart);
    }
  }
  return pasted;
}

/** The depth at which a line of the reply is quoted; pasted lines count as quoted once. */
function depthOf(reading: Reading, bodyLine: number): number {
  if (reading.pasted.has(bodyLine)) return 1;
  return reading.mail.quotes[bodyLine]?.depth ?? 0;
}

function bareOf(reading: Reading, bodyLine: number): string {
  const line = reading.mail.quotes[bodyLine];
  if (line === undefined || line.role === "attribution") return "";
  return targets.bareText(line.text);
}

/** null when the lines are no comment after all. */
function anchorComment(reading: Reading, comment: CommentDraft): AnchorPlace | null {
  if (comment.quoted === null) return generalPlace(reading, 1);
  const meant = meantLines(reading, comment.quoted);
  const last = meant[0];
  if (last === undefined) return generalPlace(reading, 1);
  const depth = depthOf(reading, last);
  const target = chooseTarget(reading, { block: comment.quoted, depth });
  if (target !== null && endsInSignature(reading, comment.quoted)) return wholeMail(target.messageId);
  const found = target === null ? null : placeInTarget(reading, { target, meant, comment });
  const tail = comment.end === comment.start + 1 && reading.tails.has(comment.start);
  if (tail) return null;
  return found ?? placeWithoutTarget(reading, { meant, depth });
}

/** Who quotes down to "-- " and git's version speaks of the patch as a whole. */
function endsInSignature(reading: Reading, block: { start: number; end: number }): boolean {
  return reading.mail.quotes[block.end - 1]?.role === "signature";
}

/** Lines of the block that may be meant, the likeliest first: from its end upward, those that say something before others. */
function meantLines(reading: Reading, block: { start: number; end: number }): readonly number[] {
  const telling: number[] = [];
  const trivial: number[] = [];
  for (let line = block.end - 1; line >= block.start; line -= 1) {
    const bare = bareOf(reading, line);
    if (bare === "") continue;
    if (targets.isTrivial(bare)) trivial.push(line);
    else telling.push(line);
  }
  return [...telling, ...trivial];
}

interface DepthAlignment {
  /** Body line of the reply -> where it stands in the target. */
  readonly places: ReadonlyMap<number, { bodyLine: number; ambiguous: boolean; unique: boolean }>;
}

const CANDIDATES_MAX = 40;

/** The mail that is quoted: the one that has most lines of the block as its own; of equals the one that the depth names. */
function chooseTarget(
  reading: Reading,
  { block, depth }: { block: { start: number; end: number }; depth: number },
): targets.TargetMail | null {
  const bares = blockTexts(reading, { block, depth });
  let best: { target: targets.TargetMail; hits: number } | null = null;
  for (const at of candidateOrder(reading.ancestors.length, depth)) {
    const target = reading.ancestors[at]?.();
    if (target === undefined) continue;
    let hits = 0;
    for (const bare of bares.single) if (target.counts.has(bare)) hits += 1;
    for (const bare of bares.joined) if (target.counts.has(bare)) hits += 1;
    if (hits > 0 && (best === null || hits > best.hits)) best = { target, hits };
    if (best !== null && best.hits >= bares.single.size) break;
  }
  return best?.target ?? null;
}

/** The texts of a block's lines, and of each two neighbours together: a line may have been wrapped into two. */
function blockTexts(
  reading: Reading,
  { block, depth }: { block: { start: number; end: number }; depth: number },
): { single: ReadonlySet<string>; joined: ReadonlySet<string> } {
  const single = new Set<string>();
  const joined = new Set<string>();
  let above = "";
  for (let line = block.start; line < block.end; line += 1) {
    const bare = depthOf(reading, line) === depth ? bareOf(reading, line) : "";
    if (bare !== "") single.add(bare);
    if (bare !== "" && above !== "") joined.add(above + bare);
    above = bare;
  }
  // The tail of the last line may have lost its marks.
  const below = bareOf(reading, block.end);
  if (above !== "" && below !== "") joined.add(above + below);
  return { single, joined };
}

/** Depth d is the d-th ancestor's text; after it the nearer ones first. */
function candidateOrder(count: number, depth: number): readonly number[] {
  const named = depth - 1;
  const others = Array.from({ length: Math.min(count, CANDIDATES_MAX) }, (_, at) => at).filter((at) => at !== named);
  return named < count ? [named, ...others] : others;
}

function alignDepth(
  reading: Reading,
  { target, depth }: { target: targets.TargetMail; depth: number },
): DepthAlignment {
  const key = `${depth}\0${target.messageId}`;
  const known = reading.alignments.get(key);
  if (known !== undefined) return known;
  const entries: QuotedEntry[] = [];
  for (const line of reading.mail.quotes) {
    const bare = depthOf(reading, line.line) === depth ? bareOf(reading, line.line) : "";
    if (bare !== "") entries.push({ bare, bodyLines: [line.line] });
  }
  const joined = joinWrapped(entries, { target, quotes: reading.mail.quotes, depth });
  for (const tail of joined.tails) reading.tails.add(tail);
  const pairs = alignLines(
    joined.entries.map((entry) => entry.bare),
    joined.targetLines.map((line) => line.bare),
  );
  const places = new Map<number, { bodyLine: number; ambiguous: boolean; unique: boolean }>();
  joined.entries.forEach((entry, at) => {
    const pair = pairs[at];
    const line = pair === null || pair === undefined ? undefined : joined.targetLines[pair.target];
    if (pair === null || pair === undefined || line === undefined) return;
    const unique = (target.counts.get(entry.bare) ?? 0) === 1;
    for (const own of entry.bodyLines) places.set(own, { bodyLine: line.bodyLine, ambiguous: pair.ambiguous, unique });
  });
  const alignment = { places };
  reading.alignments.set(key, alignment);
  return alignment;
}

/** The nearest aligned line, among those that may be meant. */
const NEAR_LINES_MAX = 8;

function placeInTarget(
  reading: Reading,
  { target, meant, comment }: { target: targets.TargetMail; meant: readonly number[]; comment: CommentDraft },
): AnchorPlace | null {
  for (const [tried, line] of meant.slice(0, NEAR_LINES_MAX).entries()) {
    const { places } = alignDepth(reading, { target, depth: depthOf(reading, line) });
    const place = places.get(line) ?? loosePlace(reading, { target, line });
    if (place === undefined) continue;
    const method: AnchorMethod = place.unique && tried === 0 ? "exact" : "aligned";
    const sure = place.unique ? 1 : place.ambiguous ? 0.5 : 0.9;
    const score = tried === 0 ? sure : Math.min(sure, 0.65);
    const inherited = inheritedPlace(reading, { target, bodyLine: place.bodyLine });
    if (inherited !== null) return inherited;
    const settled = settle({ target, bodyLine: place.bodyLine, comment });
    if (settled.bodyLine === place.bodyLine) return { ...settled, method, score };
    // Another line than the quoted one was chosen: near it, but a judgement.
    return { ...settled, method: settled.place === "hunk" ? "hunk" : "aligned", score: Math.min(score, 0.8) };
  }
  return null;
}

/** A line that fell out of the alignment because the quote was reordered, but that stands only once in the target. */
function loosePlace(
  reading: Reading,
  { target, line }: { target: targets.TargetMail; line: number },
): { bodyLine: number; ambiguous: boolean; unique: boolean } | undefined {
  const bare = bareOf(reading, line);
  if (target.counts.get(bare) !== 1) return undefined;
  const found = target.lines.find((one) => one.bare === bare);
  return found === undefined ? undefined : { bodyLine: found.bodyLine, ambiguous: false, unique: true };
}

/** Rule 6: who answers a comment speaks of what the comment speaks of. */
function inheritedPlace(
  reading: Reading,
  { target, bodyLine }: { target: targets.TargetMail; bodyLine: number },
): AnchorPlace | null {
  if (target.hunkLines.has(bodyLine)) return null;
  const at = reading.job.ancestors.findIndex((ancestor) => ancestor.messageId === target.messageId);
  const ancestor = reading.job.ancestors[at];
  if (ancestor === undefined) return null;
  const comments = anchorsOf({
    ...ancestor,
    ancestors: reading.job.ancestors.slice(at + 1),
    cache: reading.job.cache,
    inheritance: reading.job.inheritance + 1,
  });
  const answered = comments.find((one) => one.bodyLineStart <= bodyLine && bodyLine < one.bodyLineEnd);
  if (answered === undefined) return null;
  return answered.anchor.place === "mail" ? null : answered.anchor;
}

type Located = ReturnType<typeof targets.placeOfLine>;

/**
 * The place of a target line. After the end of a hunk, several paragraphs mean the hunk, with its last changed line
 * marked; one paragraph means that line.
 */
function settle({
  target,
  bodyLine,
  comment,
}: {
  target: targets.TargetMail;
  bodyLine: number;
  comment: CommentDraft;
}): Located {
  const position = target.hunkLines.get(bodyLine);
  if (position === undefined || position.line.kind !== " ") return targets.placeOfLine(target, bodyLine);
  const lines = position.hunk.lines;
  const lastTelling = lines.findLastIndex((line) => !targets.isTrivial(targets.bareText(line.text)));
  const changedAt = lines.findLastIndex(
    (line) => (line.kind === "+" || line.kind === "-") && !targets.isTrivial(targets.bareText(line.text)),
  );
  const changed = lines[changedAt];
  if (position.at < lastTelling || changed === undefined || changedAt > position.at)
    return targets.placeOfLine(target, bodyLine);
  const place = targets.placeOfHunkLine(target, { ...position, line: changed, at: changedAt });
  const paragraphs = comment.text.split(/\n\s*\n/).length;
  return paragraphs > 1 ? { ...place, place: "hunk" } : place;
}

/** No mail at hand has the lines: the quoted hunk itself is the object, by numbers of a known hunk if there is one. */
function placeWithoutTarget(
  reading: Reading,
  { meant, depth }: { meant: readonly number[]; depth: number },
): AnchorPlace | null {
  const position = meant.map((line) => reading.mail.hunkLines.get(line)).find((one) => one !== undefined);
  if (position === undefined) {
    const header = meant.map((line) => targets.placeOfLine(reading.mail, line)).find((one) => one.place !== "mail");
    if (header !== undefined && depth > 0)
      return { ...header, method: header.place === "hunk" ? "hunk" : "file", score: 0.6 };
    return generalPlace(reading, depth);
  }
  return countedPlace(reading, position) ?? quotedOnlyPlace(reading, position);
}

/** The same file and header in an ancestor's own diff: the quote's count says which line. */
function countedPlace(reading: Reading, position: targets.HunkPosition): AnchorPlace | null {
  const path = pathOf(position.diff);
  for (const ancestor of reading.ancestors.slice(0, CANDIDATES_MAX)) {
    const target = ancestor();
    for (const diff of target.diffs) {
      if (diff.quoteDepth !== 0 || (path !== "" && pathOf(diff) !== path)) continue;
      const hunk = diff.hunks.find(
        (one) => one.oldStart === position.hunk.oldStart && one.newStart === position.hunk.newStart,
      );
      if (hunk === undefined) continue;
      const { kind, oldLine, newLine } = position.line;
      const at = hunk.lines.findIndex(
        (line) => line.kind === kind && line.oldLine === oldLine && line.newLine === newLine,
      );
      const line = hunk.lines[at] ?? hunk.lines[0];
      if (line === undefined) continue;
      const place = targets.placeOfHunkLine(target, { diff, hunk, line, at: Math.max(0, at) });
      if (at >= 0) return { ...place, method: "counted", score: 0.6 };
      return { ...place, place: "hunk", method: "hunk", score: 0.4 };
    }
  }
  return null;
}

/**
 * A diff known only from quotes: the oldest mail at hand that quotes the hunk lends it, so that all replies that quote
 * it speak of one hunk.
 */
function quotedOnlyPlace(reading: Reading, position: targets.HunkPosition): AnchorPlace {
  const bare = targets.bareText(position.line.kind + position.line.text);
  for (let at = Math.min(reading.ancestors.length, CANDIDATES_MAX) - 1; at >= 0; at -= 1) {
    const target = reading.ancestors[at]?.();
    const same = target === undefined ? undefined : sameQuotedLine(target, { position, bare });
    if (target !== undefined && same !== undefined) {
      return { ...targets.placeOfHunkLine(target, same), method: "exact", score: 0.9 };
    }
  }
  return { ...targets.placeOfHunkLine(reading.mail, position), method: "exact", score: 0.9 };
}

function sameQuotedLine(
  target: targets.TargetMail,
  { position, bare }: { position: targets.HunkPosition; bare: string },
): targets.HunkPosition | undefined {
  for (const other of target.hunkLines.values()) {
    const sameHunk = other.hunk.oldStart === position.hunk.oldStart && pathOf(other.diff) === pathOf(position.diff);
    if (!sameHunk || other.diff.quoteDepth === 0) continue;
    if (targets.bareText(other.line.kind + other.line.text) === bare) return other;
  }
  return undefined;
}

/** Said of the mail as a whole: the one that is quoted, as far as the depth tells. */
function generalPlace(reading: Reading, depth: number): AnchorPlace {
  const ancestors = reading.job.ancestors;
  const meant = ancestors[Math.min(Math.max(depth, 1), ancestors.length) - 1];
  return wholeMail(meant?.messageId ?? reading.job.messageId);
}

function wholeMail(messageId: string): AnchorPlace {
  return {
    messageId,
    ...{ place: "mail", path: null, hunkKey: null, side: null, oldLine: null, newLine: null, bodyLine: null },
    ...{ lineHash: null, contextHash: null, method: "mail", score: 0.3 },
  };
}
