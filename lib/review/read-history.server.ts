import { db } from "../db/client.server.ts";
import type { Viewer } from "../people/viewer.ts";
import type { HistoryRow, HunkHistory, PlacedHunk, TrackStep } from "./margin.ts";
import { readChips, type FiledChip } from "./read-chips.server.ts";

type Step = Omit<TrackStep, "isHere">;

/** For each hunk that lives in more than one version of its series: its track, and the results along it. */
export async function readHistories(
  viewer: Viewer,
  hunks: readonly PlacedHunk[],
): Promise<ReadonlyMap<string, HunkHistory>> {
  const tracks = await readTracks(hunks.map((hunk) => hunk.rowId));
  const long = new Map([...tracks].filter(([, steps]) => steps.length > 1));
  const chips = await readChips(
    viewer,
    [...long.values()].flatMap((steps) => steps.map((step) => step.hunkKey)),
  );
  const histories = new Map<string, HunkHistory>();
  for (const hunk of hunks) {
    const steps = long.get(hunk.rowId);
    if (!steps) continue;
    histories.set(hunk.key, {
      steps: steps.map((step) => ({ ...step, isHere: step.hunkKey === hunk.key })),
      rows: historyRows(steps, chips),
    });
  }
  return histories;
}

async function readTracks(hunkRowIds: readonly number[]): Promise<ReadonlyMap<number, readonly Step[]>> {
  const members = await db().hunkTrackMember.findMany({
    where: { hunkId: { in: [...hunkRowIds] } },
    select: {
      hunkId: true,
      track: {
        select: {
          members: {
            select: {
              method: true,
              hunk: {
                select: {
                  key: true,
                  fileDiff: {
                    select: {
                      message: { select: { messageIdText: true } },
                      patch: { select: { version: { select: { number: true } } } },
                    },
                  },
                },
              },
            },
          },
        },
      },
    },
  });
  return new Map(
    members.map(({ hunkId, track }) => [
      hunkId,
      track.members
        .flatMap(({ method, hunk }): Step[] => {
          const number = hunk.fileDiff.patch?.version.number;
          if (number === undefined) return [];
          const messageIdText = hunk.fileDiff.message.messageIdText;
          return [{ versionNumber: number, messageIdText, hunkKey: hunk.key, method }];
        })
        .sort((a, b) => a.versionNumber - b.versionNumber),
    ]),
  );
}

/** One row a scenario and variant; the newest ask of each version stands in its column. Chips come newest first. */
function historyRows(steps: readonly Step[], chips: readonly FiledChip[]): readonly HistoryRow[] {
  const rows = new Map<string, { readonly cellId: string; readonly variant: string; states: HistoryRow["states"] }>();
  for (const chip of chips) {
    const column = steps.findIndex((step) => step.hunkKey === chip.hunkKey);
    if (column < 0) continue;
    const key = JSON.stringify([chip.notebookTitle, chip.cellId, chip.variant]);
    const row = rows.get(key) ?? { cellId: chip.cellId, variant: chip.variant, states: steps.map(() => null) };
    if (row.states[column] === null) row.states = row.states.with(column, chip.state);
    rows.set(key, row);
  }
  return [...rows.values()];
}
