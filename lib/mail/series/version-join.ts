/**
 * Versions to series (mail-and-patches.md 5.3, rules 2 to 5): which versions are rounds of one change, and why. Versions
 * join by change-id, link, reply, title or patches, in that order; nothing joins by time. Each join names its reason, and a
 * person's correction stands above all of them.
 */
import type { PatchPlan, VersionGroup } from "./series.ts";
import { cleanTitle } from "./subject.ts";

export type JoinReason = "first" | "change-id" | "link" | "reply" | "title" | "patches" | "override";

export interface JoinedVersion extends VersionGroup {
  readonly joinReason: JoinReason;
  /** Parts that this version did not send again and that stand in the version before (rule 4); only when it is partial. */
  readonly filled: readonly (PatchPlan & { readonly fromVersion: number })[];
}

export interface SeriesPlan {
  /** Of the newest version: a late cover re-titles the series. */
  readonly title: string;
  /** Address from which the first version was sent. */
  readonly author: string;
  readonly changeId: string | null;
  /** By date. */
  readonly versions: readonly JoinedVersion[];
}

/**
 * Joins versions, oldest first.
 *
 * @param overrides corrections by hand, by the version's anchor: the anchor of a version of the series that it belongs to,
 *   or null to start a series of its own
 */
export function joinVersions(
  versions: readonly VersionGroup[],
  overrides: ReadonlyMap<string, string | null> = new Map(),
): SeriesPlan[] {
  const index = new SeriesIndex();
  for (const version of versions) {
    const join = findJoin(version, { index, overrides });
    index.add(version, join);
  }
  return index.series.map(toPlan);
}

interface Joined {
  readonly version: VersionGroup;
  readonly reason: JoinReason;
}

interface OpenSeries {
  readonly rounds: Joined[];
}

interface Join {
  readonly series: OpenSeries;
  readonly reason: JoinReason;
}

/** The series so far, found by every key that a version can join by: no version looks at all others. */
class SeriesIndex {
  readonly series: OpenSeries[] = [];
  readonly #byMember = new Map<string, OpenSeries>();
  readonly #byChangeId = new Map<string, OpenSeries>();
  readonly #byKey = new Map<string, Set<OpenSeries>>();

  add(version: VersionGroup, join: Join | null): void {
    const series = join?.series ?? { rounds: [] };
    if (!join) this.series.push(series);
    series.rounds.push({ version, reason: join?.reason ?? "first" });
    for (const id of version.members) this.#byMember.set(id, series);
    if (version.changeId !== null && !this.#byChangeId.has(version.changeId))
      this.#byChangeId.set(version.changeId, series);
    for (const key of lookupKeys(version)) this.#byKey.set(key, (this.#byKey.get(key) ?? new Set()).add(series));
  }

  byMember(id: string): OpenSeries | null {
    return this.#byMember.get(id) ?? null;
  }

  byChangeId(id: string): OpenSeries | null {
    return this.#byChangeId.get(id) ?? null;
  }

  byKey(key: string): readonly OpenSeries[] {
    return [...(this.#byKey.get(key) ?? [])];
  }
}

function titleKey(version: VersionGroup): string {
  return ["title", version.author, cleanTitle(version.title)].join("\0");
}

function patchKeys(version: VersionGroup): string[] {
  return version.patches.flatMap((patch) => [
    ["patch", version.author, cleanTitle(patch.title)].join("\0"),
    ...(patch.patchId === null ? [] : [["patch-id", version.author, patch.patchId].join("\0")]),
  ]);
}

function lookupKeys(version: VersionGroup): string[] {
  return [titleKey(version), ...patchKeys(version)];
}

function findJoin(
  version: VersionGroup,
  { index, overrides }: { index: SeriesIndex; overrides: ReadonlyMap<string, string | null> },
): Join | null {
  const override = overrides.get(version.anchorId);
  if (override === null) return null;
  if (override !== undefined) {
    const series = index.byMember(override);
    if (series) return { series, reason: "override" };
  }
  return (
    joinByChangeId(version, index) ??
    joinByLink(version, index) ??
    joinByReply(version, index) ??
    joinByTitle(version, index) ??
    joinByPatches(version, index)
  );
}

function joinByChangeId(version: VersionGroup, index: SeriesIndex): Join | null {
  const series = version.changeId === null ? null : index.byChangeId(version.changeId);
  return series ? { series, reason: "change-id" } : null;
}

/** Links count when they say that they lead to a version; a link into somebody else's series needs an equal title too. */
function joinByLink(version: VersionGroup, index: SeriesIndex): Join | null {
  for (const id of version.versionLinks) {
    const series = index.byMember(id);
    if (!series || !mayFollow(version, series)) continue;
    const isOwn = series.rounds.some((round) => round.version.author === version.author);
    const isSameTitle = series.rounds.some((round) => cleanTitle(round.version.title) === cleanTitle(version.title));
    if (isOwn || isSameTitle) return { series, reason: "link" };
  }
  return null;
}

function joinByReply(version: VersionGroup, index: SeriesIndex): Join | null {
  // A first version sent as an answer into another series is a new one: only a counted round follows by position.
  for (const id of version.ancestors) {
    const series = index.byMember(id);
    if (!series || !mayFollow(version, series)) continue;
    if (series.rounds.some((round) => round.version.author === version.author)) return { series, reason: "reply" };
  }
  return null;
}

function joinByTitle(version: VersionGroup, index: SeriesIndex): Join | null {
  if (cleanTitle(version.title) === "") return null;
  const series = newest(index.byKey(titleKey(version)).filter((candidate) => mayFollow(version, candidate)));
  return series ? { series, reason: "title" } : null;
}

/** Half of the parts, by title or patch id, in one version of the older series. */
function joinByPatches(version: VersionGroup, index: SeriesIndex): Join | null {
  const shared = new Map<OpenSeries, number>();
  for (const patch of version.patches) {
    const keys = patchKeys({ ...version, patches: [patch] });
    for (const series of new Set(keys.flatMap((key) => index.byKey(key))))
      shared.set(series, (shared.get(series) ?? 0) + 1);
  }
  const enough = [...shared].filter(
    ([series, count]) => count * 2 >= version.patches.length && mayFollow(version, series),
  );
  const best = newest(enough.map(([series]) => series));
  return best ? { series: best, reason: "patches" } : null;
}

/**
 * Can the version be a later round? Its number is higher than the last one's; or the last was an RFC and this is not; or it
 * is marked as sent again.
 */
function mayFollow(version: VersionGroup, series: OpenSeries): boolean {
  const last = series.rounds.at(-1)?.version;
  if (!last) return false;
  if (version.number > last.number) return true;
  const endsRfc = last.flags.includes("RFC") && !version.flags.includes("RFC");
  return endsRfc || (version.number === last.number && version.flags.includes("RESEND"));
}

function newest(candidates: readonly OpenSeries[]): OpenSeries | null {
  const lastSent = (series: OpenSeries): number => series.rounds.at(-1)?.version.sentAtMs ?? 0;
  return [...candidates].sort((a, b) => lastSent(b) - lastSent(a))[0] ?? null;
}

function toPlan({ rounds }: OpenSeries): SeriesPlan {
  const first = rounds[0]?.version;
  if (!first) throw new Error("a series has at least one version");
  const titled =
    rounds.findLast((round) => round.version.coverId !== null || round.version.patchCount === 1)?.version ?? first;
  return {
    title: titled.title,
    author: first.authorAddress,
    changeId: rounds.map((round) => round.version.changeId).find((id) => id !== null) ?? null,
    versions: rounds.map(({ version, reason }, i) =>
      withFilledParts(version, { reason, before: rounds[i - 1]?.version ?? null }),
    ),
  };
}

/**
 * Rule 4: a round that answers single parts of the round before and sends only some of them is partial; the rest stands as
 * it was. A round with parts that merely have not arrived is not.
 */
function withFilledParts(
  version: VersionGroup,
  { reason, before }: { reason: JoinReason; before: VersionGroup | null },
): JoinedVersion {
  const plain: JoinedVersion = { ...version, joinReason: reason, filled: [] };
  if (!before || version.coverId !== null || version.missing.length === 0 || version.patchCount !== before.patchCount)
    return plain;
  const answered = new Set(before.patches.map((patch) => patch.messageId));
  if (!version.ancestors.some((id) => answered.has(id))) return plain;
  const filled = before.patches
    .filter((patch) => version.missing.includes(patch.number))
    .map((patch) => ({ ...patch, fromVersion: before.number }));
  return { ...plain, flags: [...version.flags, "PARTIAL"], filled };
}
