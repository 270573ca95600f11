import type { Transaction } from "../../db/client.server.ts";
import { trackHunks } from "../../diff/track.ts";
import type { TrackedHunk } from "../../diff/track.ts";

interface PlacedHunk extends TrackedHunk {
  readonly hunkId: number;
}

/** Follows the hunks of a series through its versions, oldest first, and stores the tracks. One version alone has none. */
export async function storeTracks(
  tx: Transaction,
  { seriesId, versionIds }: { seriesId: number; versionIds: readonly number[] },
): Promise<void> {
  if (versionIds.length < 2) return;
  const versions = await readVersionHunks(tx, versionIds);
  const tracks = followHunks(versions.map((version) => version.hunks));
  if (tracks.length === 0) return;
  const rows = await tx.hunkTrack.createManyAndReturn({ data: tracks.map(() => ({ seriesId })), select: { id: true } });
  await tx.hunkTrackMember.createMany({
    data: tracks.flatMap((members, i) => members.map((member) => ({ trackId: rows[i]?.id ?? 0, ...member }))),
  });
}

interface TrackMember {
  readonly hunkId: number;
  readonly method: string;
  readonly score: number;
}

/** Tracks from the pairs of neighbouring versions. A hunk that nothing joins to the version before begins a track. */
function followHunks(versions: readonly (readonly PlacedHunk[])[]): TrackMember[][] {
  const tracks: TrackMember[][] = [];
  let open = new Map<number, TrackMember[]>();
  let older: readonly PlacedHunk[] = [];
  for (const newer of versions) {
    const next = new Map<number, TrackMember[]>();
    const begin = (at: number): void => {
      const hunk = newer[at];
      if (!hunk || next.has(at)) return;
      const track = [{ hunkId: hunk.hunkId, method: "first", score: 1 }];
      tracks.push(track);
      next.set(at, track);
    };
    for (const pair of trackHunks(older, newer)) {
      const track = pair.older === null ? undefined : open.get(pair.older);
      const hunk = pair.newer === null ? undefined : newer[pair.newer];
      if (!track || !hunk || pair.newer === null || pair.question || next.has(pair.newer)) continue;
      track.push({ hunkId: hunk.hunkId, method: pair.method, score: pair.score });
      next.set(pair.newer, track);
    }
    newer.forEach((_, at) => begin(at));
    open = next;
    older = newer;
  }
  return tracks;
}

async function readVersionHunks(tx: Transaction, versionIds: readonly number[]): Promise<{ hunks: PlacedHunk[] }[]> {
  const rows = await tx.hunk.findMany({
    where: { fileDiff: { quoteDepth: 0, patch: { versionId: { in: [...versionIds] } } } },
    select: {
      id: true,
      ordinal: true,
      heading: true,
      oldStart: true,
      repaired: true,
      fileDiff: {
        select: { ordinal: true, oldPath: true, newPath: true, patch: { select: { versionId: true, number: true } } },
      },
    },
  });
  rows.sort(
    (a, b) =>
      (a.fileDiff.patch?.number ?? 0) - (b.fileDiff.patch?.number ?? 0) ||
      a.fileDiff.ordinal - b.fileDiff.ordinal ||
      a.ordinal - b.ordinal,
  );
  return versionIds.map((versionId) => ({
    hunks: rows
      .filter((row) => row.fileDiff.patch?.versionId === versionId)
      .map(({ id, heading, oldStart, repaired, fileDiff: { oldPath, newPath } }) => ({
        hunkId: id,
        heading,
        oldStart,
        oldPath: oldPath === "/dev/null" ? newPath : oldPath,
        path: newPath === "/dev/null" || newPath === "" ? oldPath : newPath,
        lines: hunkLines(repaired),
      })),
  }));
}

/** The lines of a repaired hunk, without its @@ line. */
function hunkLines(repaired: string): TrackedHunk["lines"] {
  return repaired
    .split("\n")
    .slice(1, -1)
    .flatMap((line) => {
      const kind = line[0];
      return kind === " " || kind === "+" || kind === "-" || kind === "\\" ? [{ kind, text: line.slice(1) }] : [];
    });
}
