/**
 * Patches to versions (mail-and-patches.md 5.3, rule 1): which mails are the parts of one version of one series. Joining the
 * versions of a series is version-join.ts.
 */
import { compareText } from "../../compare-text.ts";
import type { MailClass } from "./classify.ts";
import type { ParsedSubject } from "./subject.ts";
import { UnionFind } from "../thread/thread.ts";

export interface SeriesMail {
  readonly messageId: string;
  /** Equal for mails of one thread. */
  readonly threadKey: string;
  readonly sentAtMs: number;
  /** Who sent it: equal for all addresses of one person, see person-keys.ts. */
  readonly author: string;
  readonly authorAddress: string;
  readonly subject: ParsedSubject;
  readonly class: MailClass;
  /** From the nearest to the root, ghosts too. */
  readonly ancestors: readonly string[];
  readonly patchId: string | null;
  readonly changeId: string | null;
  /** Message-IDs of earlier versions that its text links to. */
  readonly versionLinks: readonly string[];
  /** Distinguishes bodies: a second mail in the same slot with an equal one is a copy. */
  readonly bodyKey: string;
}

export interface PatchPlan {
  readonly number: number;
  readonly messageId: string;
  readonly title: string;
  readonly patchId: string | null;
  /** Sent again in the same slot, or marked RESEND: the later one stands here. */
  readonly isResend: boolean;
}

/** One version as its own mails make it, before versions are joined. */
export interface VersionGroup {
  readonly number: number;
  readonly patchCount: number;
  /** Of the cover, else of the first part; PARTIAL when it re-sends only some parts of the version before. */
  readonly flags: readonly string[];
  readonly author: string;
  readonly authorAddress: string;
  readonly title: string;
  readonly coverId: string | null;
  /** The cover, else the part with the lowest number: what the version is called by. */
  readonly anchorId: string;
  readonly patches: readonly PatchPlan[];
  /** Numbers of 1..patchCount that no mail has. */
  readonly missing: readonly number[];
  readonly threadKey: string;
  readonly sentAtMs: number;
  readonly changeId: string | null;
  readonly versionLinks: readonly string[];
  /** Every mail of it, replaced parts too. */
  readonly members: readonly string[];
  readonly ancestors: readonly string[];
}

const WITHOUT_REFERENCES_GAP_MS = 60 * 60_000;

/** Groups patch and cover mails into versions, by date. Mails of other classes only matter as ancestors. */
export function groupVersions(mails: readonly SeriesMail[]): VersionGroup[] {
  const byId = new Map(mails.map((mail) => [mail.messageId, mail]));
  const parts = mails.filter((mail) => isPart(mail) && !isProposal(mail, byId)).sort(byDate);
  const groups: SeriesMail[][] = [];
  const numbered = new Map<string, SeriesMail[]>();
  for (const mail of parts) {
    const slot = slotKey(mail) ?? slotOfBareCover(mail, parts);
    if (slot === null) groups.push([mail]);
    else numbered.set(slot, [...(numbered.get(slot) ?? []), mail]);
  }
  for (const bucket of numbered.values()) groups.push(...clusterBucket(bucket));
  return groups.map(toVersion).sort((a, b) => a.sentAtMs - b.sentAtMs || compareText(a.anchorId, b.anchorId));
}

function isPart(mail: SeriesMail): boolean {
  return mail.class === "patch" || mail.class === "cover" || mail.class === "autosel";
}

/** Rule 4: a patch without version and number that answers a patch proposes a change to it; it is no version. */
function isProposal(mail: SeriesMail, byId: ReadonlyMap<string, SeriesMail>): boolean {
  if (mail.class !== "patch" || mail.subject.version !== null || mail.subject.counter !== null) return false;
  return mail.ancestors.some((id) => {
    const ancestor = byId.get(id);
    return ancestor !== undefined && isPart(ancestor);
  });
}

/** Who, which version, out of how many: parts of one version agree in all three. Null for a mail without a counter. */
function slotKey(mail: SeriesMail): string | null {
  const { counter, version, flags } = mail.subject;
  if (counter === null) return null;
  return [mail.author, version ?? 1, flags.includes("AUTOSEL") ? "autosel" : "", counter.count].join("\0");
}

/** A cover without "0/m" has the count of the parts that answer it. */
function slotOfBareCover(mail: SeriesMail, parts: readonly SeriesMail[]): string | null {
  if (mail.class !== "cover") return null;
  const part = parts.find((other) => other.ancestors[0] === mail.messageId && other.author === mail.author);
  return part ? slotKey(part) : null;
}

/** Clusters by thread position; then clusters of one thread, or close in time when nothing refers to anything, that share no number. */
function clusterBucket(bucket: readonly SeriesMail[]): SeriesMail[][] {
  const sets = new UnionFind();
  const ids = new Set(bucket.map((mail) => mail.messageId));
  for (const mail of bucket) {
    const head = mail.ancestors.find((id) => ids.has(id));
    if (head !== undefined) sets.join(mail.messageId, head);
    else sets.join(mail.messageId, `parent\0${mail.ancestors[0] ?? mail.messageId}`);
  }
  const clusters = new Map<string, SeriesMail[]>();
  for (const mail of bucket) {
    const root = sets.find(mail.messageId);
    clusters.set(root, [...(clusters.get(root) ?? []), mail]);
  }
  return mergeClusters([...clusters.values()]);
}

function mergeClusters(clusters: readonly SeriesMail[][]): SeriesMail[][] {
  const merged: SeriesMail[][] = [];
  for (const cluster of clusters) {
    const partner = merged.find((other) => belongTogether(other, cluster));
    if (partner) partner.push(...cluster);
    else merged.push([...cluster]);
  }
  return merged;
}

function belongTogether(left: readonly SeriesMail[], right: readonly SeriesMail[]): boolean {
  const numbers = new Set(left.map(numberOf));
  if (right.some((mail) => numbers.has(numberOf(mail)))) return false;
  const [a, b] = [left[0], right[0]];
  if (!a || !b) return false;
  if (a.threadKey === b.threadKey) return true;
  const areLoose = [...left, ...right].every((mail) => mail.ancestors.length === 0);
  const gapMs = Math.min(...left.flatMap((l) => right.map((r) => Math.abs(l.sentAtMs - r.sentAtMs))));
  return areLoose && gapMs <= WITHOUT_REFERENCES_GAP_MS;
}

function numberOf(mail: SeriesMail): number {
  return mail.subject.counter?.number ?? (mail.class === "cover" ? 0 : 1);
}

function toVersion(mails: readonly SeriesMail[]): VersionGroup {
  const ordered = [...mails].sort(byDate);
  const cover = ordered.filter((mail) => mail.class === "cover").at(-1) ?? null;
  const patches = fillSlots(ordered.filter((mail) => mail.class !== "cover"));
  const first = cover ?? ordered.find((mail) => mail.messageId === patches[0]?.messageId) ?? ordered[0];
  if (!first) throw new Error("a version has at least one mail");
  const patchCount = first.subject.counter?.count ?? Math.max(1, ...patches.map((patch) => patch.number));
  const present = new Set(patches.map((patch) => patch.number));
  const missing = Array.from({ length: Math.min(patchCount, 9999) }, (_, i) => i + 1).filter(
    (number) => !present.has(number),
  );
  return {
    number: first.subject.version ?? 1,
    patchCount,
    flags: first.subject.flags,
    author: first.author,
    authorAddress: first.authorAddress,
    title: first.subject.title,
    coverId: cover?.messageId ?? null,
    anchorId: first.messageId,
    patches,
    missing,
    threadKey: first.threadKey,
    sentAtMs: first.sentAtMs,
    changeId: ordered.map((mail) => mail.changeId).find((id) => id !== null) ?? null,
    versionLinks: [...new Set(ordered.flatMap((mail) => mail.versionLinks))],
    members: ordered.map((mail) => mail.messageId),
    ancestors: [...new Set(ordered.flatMap((mail) => mail.ancestors))],
  };
}

/** One mail a number: a later one replaces an earlier one when its text differs, and is marked as sent again. */
function fillSlots(mails: readonly SeriesMail[]): PatchPlan[] {
  const slots = new Map<number, { mail: SeriesMail; isResend: boolean }>();
  for (const mail of mails) {
    const number = numberOf(mail);
    const before = slots.get(number);
    const isMarked = mail.subject.flags.includes("RESEND");
    if (!before) slots.set(number, { mail, isResend: isMarked });
    else if (before.mail.bodyKey !== mail.bodyKey) slots.set(number, { mail, isResend: true });
  }
  return [...slots]
    .sort(([a], [b]) => a - b)
    .map(([number, { mail, isResend }]) => ({
      number,
      messageId: mail.messageId,
      title: mail.subject.title,
      patchId: mail.patchId,
      isResend,
    }));
}

function byDate(a: SeriesMail, b: SeriesMail): number {
  return a.sentAtMs - b.sentAtMs || compareText(a.messageId, b.messageId);
}
