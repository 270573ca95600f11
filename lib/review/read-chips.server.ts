import { db } from "../db/client.server.ts";
import { visibleTo } from "../people/permissions.ts";
import type { Viewer } from "../people/viewer.ts";
import type { ChipRole, MarginChip } from "./margin.ts";
import { resultSummaries } from "./run-summary.server.ts";

/** One role row of a member for a hunk; a member has several when its hunk is behind a switch. */
type RoleRow = { readonly role: "applied" | "off" | "switch" | "about"; readonly switchName: string | null };

/** A chip before it is known in which margin it stands. */
export type FiledChip = Omit<MarginChip, "versionLabel" | "sameAs"> & { readonly hunkKey: string };

const chipsMax = 2_000;

/** Every ask that this viewer may see and that depends on one of these hunks, newest first. */
export async function readChips(viewer: Viewer, hunkKeys: readonly string[]): Promise<readonly FiledChip[]> {
  const rows = await db().resultHunk.findMany({
    where: { hunkKey: { in: [...hunkKeys] }, member: { ask: visibleTo(viewer, "personId") } },
    orderBy: [{ member: { ask: { createdAt: "desc" } } }, { askId: "asc" }, { ordinal: "asc" }],
    take: chipsMax,
    select: {
      hunkKey: true,
      role: true,
      switchName: true,
      askId: true,
      ordinal: true,
      member: {
        select: {
          variant: true,
          runKey: true,
          ask: {
            select: {
              cellId: true,
              createdAt: true,
              cancelledAt: true,
              person: { select: { displayName: true } },
              notebook: { select: { title: true } },
            },
          },
          run: {
            select: { status: true, verdict: true, violationClass: true, resultHash: true, stopReason: true },
          },
        },
      },
    },
  });
  const summaries = await resultSummaries(rows.flatMap((row) => row.member.run.resultHash ?? []));
  const byMember = new Map<string, FiledChip & { readonly roles: RoleRow[] }>();
  for (const row of rows) {
    const key = JSON.stringify([row.hunkKey, row.askId, row.ordinal]);
    const known = byMember.get(key);
    if (known) known.roles.push(row);
    else byMember.set(key, { ...filedChip(row, summaries), roles: [row] });
  }
  return [...byMember.values()].map(({ roles, ...chip }) => ({
    ...chip,
    role: chipRole(roles),
    switchName: roles.find((role) => role.switchName !== null)?.switchName ?? null,
  }));
}

type ChipRow = {
  readonly hunkKey: string;
  readonly askId: string;
  readonly ordinal: number;
  readonly member: {
    readonly variant: string;
    readonly runKey: string;
    readonly ask: {
      readonly cellId: string;
      readonly createdAt: Date;
      readonly cancelledAt: Date | null;
      readonly person: { readonly displayName: string };
      readonly notebook: { readonly title: string } | null;
    };
    readonly run: Omit<MarginChip["state"], "steps" | "states" | "limit" | "reach" | "figure"> & {
      readonly resultHash: string | null;
    };
  };
};

function filedChip(row: ChipRow, summaries: Awaited<ReturnType<typeof resultSummaries>>): FiledChip {
  const { ask, run, runKey, variant } = row.member;
  const summary = run.resultHash === null ? undefined : summaries.get(run.resultHash);
  return {
    hunkKey: row.hunkKey,
    askId: row.askId,
    ordinal: row.ordinal,
    cellId: ask.cellId,
    variant,
    runKey,
    notebookTitle: ask.notebook?.title ?? null,
    askedBy: ask.person.displayName,
    askedAt: ask.createdAt,
    state: {
      // A cancelled ask shows as cancelled even when another ask lets the same run go on.
      status: ask.cancelledAt !== null && run.status !== "finished" ? "cancelled" : run.status,
      verdict: run.verdict,
      violationClass: run.violationClass,
      stopReason: run.stopReason,
      steps: summary?.steps ?? null,
      states: summary?.states ?? null,
      limit: summary?.limit ?? null,
      reach: summary?.reach,
      figure: summary?.figure,
    },
    role: "about",
    switchName: null,
  };
}

function chipRole(roles: readonly RoleRow[]): ChipRole {
  if (roles.some((row) => row.role === "applied" || row.role === "switch")) return "applied";
  return roles.some((row) => row.role === "off") ? "not-applied" : "about";
}
