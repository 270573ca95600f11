import { db } from "../db/client.server.ts";
import type { Viewer } from "../people/viewer.ts";
import { toneOf, type RunStatus, type ToneCounts, type VerdictName } from "./verdict-words.ts";

type CountRow = {
  readonly group: number;
  readonly status: RunStatus;
  readonly verdict: VerdictName | null;
  readonly runs: number;
};

/** Distinct runs, by how they stand, that speak of a hunk in each of these threads; only through asks this viewer may see. */
export async function countRunsByThread(
  viewer: Viewer,
  threadIds: readonly number[],
): Promise<ReadonlyMap<number, ToneCounts>> {
  const seesAll = viewer.kind === "system";
  const personId = viewer.kind === "person" ? viewer.personId : null;
  const rows = await db().$queryRaw<CountRow[]>`
    select te.thread_id as "group", r.status::text as status, r.verdict::text as verdict, count(distinct r.key)::int as runs
    from thread_entry te
    join file_diff fd on fd.message_id = te.message_id
    join hunk h on h.file_diff_id = fd.id
    join result_hunk rh on rh.hunk_key = h.key
    join ask_member am on am.ask_id = rh.ask_id and am.ordinal = rh.ordinal
    join ask a on a.id = am.ask_id
    join run r on r.key = am.run_key
    where te.thread_id = any(${[...threadIds]}::int[])
      and (${seesAll}::boolean or a.visibility = 'public' or a.person_id = ${personId}::uuid)
    group by 1, 2, 3`;
  return grouped(rows);
}

/** The same by mail, for the rows of one thread's tree. */
export async function countRunsByMessage(
  viewer: Viewer,
  messageRowIds: readonly number[],
): Promise<ReadonlyMap<number, ToneCounts>> {
  const seesAll = viewer.kind === "system";
  const personId = viewer.kind === "person" ? viewer.personId : null;
  const rows = await db().$queryRaw<CountRow[]>`
    select fd.message_id as "group", r.status::text as status, r.verdict::text as verdict, count(distinct r.key)::int as runs
    from file_diff fd
    join hunk h on h.file_diff_id = fd.id
    join result_hunk rh on rh.hunk_key = h.key
    join ask_member am on am.ask_id = rh.ask_id and am.ordinal = rh.ordinal
    join ask a on a.id = am.ask_id
    join run r on r.key = am.run_key
    where fd.message_id = any(${[...messageRowIds]}::int[])
      and (${seesAll}::boolean or a.visibility = 'public' or a.person_id = ${personId}::uuid)
    group by 1, 2, 3`;
  return grouped(rows);
}

function grouped(rows: readonly CountRow[]): ReadonlyMap<number, ToneCounts> {
  const counts = new Map<number, Record<string, number>>();
  for (const row of rows) {
    const tones = counts.get(row.group) ?? {};
    const tone = toneOf(row);
    tones[tone] = (tones[tone] ?? 0) + row.runs;
    counts.set(row.group, tones);
  }
  return counts;
}
