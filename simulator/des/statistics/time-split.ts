/** Where time went, by state and by lock; the parts add up exactly. */
import { assert } from "../../source/assert.ts";
import type { TimeSplit } from "../result.ts";
import type { ClockSums } from "./clock-table.ts";

/** What spins or is blocked for another reason than a lock: a grace period, an await, a flush. */
export const noLock = "(no lock)";

type LockWaits = ReadonlyMap<string, { readonly spin: number; readonly blocked: number }>;

/** Most first; the rest, if any, is told as a row of its own. */
export function timeSplit(sums: ClockSums, waits: LockWaits): TimeSplit {
  const [run = 0, spin = 0, runnable = 0, blocked = 0, asleep = 0, outside = 0] = sums;
  const byLock = [...waits]
    .map(([name, wait]) => ({ name, spin: wait.spin, blocked: wait.blocked }))
    .filter((row) => row.spin > 0 || row.blocked > 0)
    .toSorted((a, b) => b.spin + b.blocked - a.spin - a.blocked || (a.name < b.name ? -1 : 1));
  const rest = { name: noLock, spin, blocked };
  for (const row of byLock) {
    rest.spin -= row.spin;
    rest.blocked -= row.blocked;
  }
  assert(rest.spin >= 0, "no lock was spun for longer than its waiters spun");
  assert(rest.blocked >= 0, "no lock was slept for longer than its waiters slept");
  if (rest.spin > 0 || rest.blocked > 0) byLock.push(rest);
  return { run, spin, runnable, blocked, asleep, outside, byLock };
}
