/** The table of locks, as /proc/lock_stat has it. */
import type { LockRow } from "../result.ts";
import type { TimedProgram } from "../timed-code.ts";
import { estimate, ratio } from "./estimate.ts";
import { addTo, LockAccount, ModeAccount, type Extremes } from "./lock-account.ts";
import type { ReplicationFigures } from "./replication-recorder.ts";

/** A class with more instances than this is one row: a table of ten thousand folio locks says nothing. */
const instancesMax = 16;

/** A row's locks in each replication, in order; null where none of them was touched. */
export type LockGroup = {
  readonly name: string;
  readonly lockClass: string | null;
  readonly accounts: readonly (LockAccount | null)[];
};

/** Locks under the names that rows have. */
export function groupLocks(program: TimedProgram, replications: readonly ReplicationFigures[]): readonly LockGroup[] {
  const crowded = crowdedClasses(program, replications);
  const groups = new Map<string, { name: string; lockClass: string | null; accounts: (LockAccount | null)[] }>();
  for (const [replication, { locks }] of replications.entries()) {
    for (const [address, account] of locks) {
      if (account.isUnused()) continue;
      const { name, lockClass } = program.nameOf(address);
      const isCrowded = lockClass !== null && crowded.has(lockClass);
      // One memory may hold locks of different kinds, one after the other.
      const key = `${isCrowded ? `class ${lockClass}` : `lock ${name}`} ${account.kind ?? ""}`;
      let group = groups.get(key);
      if (group === undefined) {
        group = { name: isCrowded ? lockClass : name, lockClass, accounts: replications.map(() => null) };
        groups.set(key, group);
      }
      const known = group.accounts[replication] ?? new LockAccount();
      known.merge(account);
      group.accounts[replication] = known;
    }
  }
  return [...groups.values()];
}

function crowdedClasses(program: TimedProgram, replications: readonly ReplicationFigures[]): ReadonlySet<string> {
  const instances = new Map<string, Set<number>>();
  for (const { locks } of replications) {
    for (const [address, account] of locks) {
      if (account.isUnused()) continue;
      const { lockClass } = program.nameOf(address);
      if (lockClass === null) continue;
      const known = instances.get(lockClass) ?? new Set();
      if (known.size <= instancesMax) known.add(address);
      instances.set(lockClass, known);
    }
  }
  return new Set([...instances].filter(([, known]) => known.size > instancesMax).map(([name]) => name));
}

type Context = { readonly program: TimedProgram; readonly replications: readonly ReplicationFigures[] };

/** Rows of locks that were asked for, by total wait, then acquisitions, then name. */
export function lockRows(groups: readonly LockGroup[], context: Context): LockRow[] {
  const rows: LockRow[] = [];
  for (const group of groups)
    for (const mode of ["read", "write"] as const) {
      const accounts = group.accounts.map((account) => account?.[mode] ?? new ModeAccount());
      const kind = group.accounts.find((account) => account !== null)?.kind ?? null;
      if (kind !== null && accounts.some((account) => account.hasSeen()))
        rows.push(lockRow({ ...group, kind, mode }, accounts, context));
    }
  return rows.toSorted(byWeight);
}

function byWeight(a: LockRow, b: LockRow): number {
  const more = b.wait.total - a.wait.total || b.acquisitions - a.acquisitions;
  if (more !== 0) return more;
  return `${a.name} ${a.mode}` < `${b.name} ${b.mode}` ? -1 : 1;
}

function lockRow(
  { name, lockClass, kind, mode }: Pick<LockRow, "name" | "lockClass" | "kind" | "mode">,
  accounts: readonly ModeAccount[],
  { program, replications }: Context,
): LockRow {
  const pooled = new ModeAccount();
  for (const account of accounts) pooled.merge(account);
  const [ran = 0, wasPreempted = 0, waitedItself = 0, wasNobody = 0] = pooled.whileHolder;
  const each = (pick: (account: ModeAccount) => number | null): (number | null)[] => accounts.map(pick);
  const rate = (pick: (account: ModeAccount) => number): (number | null)[] =>
    accounts.map((account, index) => ratio(1e9 * pick(account), replications[index]?.measuredNs ?? 0));
  return {
    ...{ name, lockClass, kind, mode },
    acquisitions: pooled.acquisitions,
    contentions: pooled.contentions,
    trylockFailures: pooled.trylockFailures,
    sleeps: pooled.sleeps,
    wait: extremesOf(pooled.wait),
    hold: extremesOf(pooled.hold),
    waitPerAcquisition: estimate(each((account) => ratio(account.wait.total, account.acquisitions))),
    holdPerAcquisition: estimate(each((account) => ratio(account.hold.total, account.hold.count))),
    contendedShare: estimate(each((account) => ratio(account.contentions, account.acquisitions))),
    acquisitionsPerSecond: estimate(rate((account) => account.acquisitions)),
    sleepsPerSecond: estimate(rate((account) => account.sleeps)),
    waitedWhileHolder: { ran, wasPreempted, waitedItself, wasNobody },
    waitedFor: holdersOf(pooled, program),
  };
}

function extremesOf({ count, min, max, total }: Extremes): LockRow["wait"] {
  return { min: count === 0 ? 0 : min, max, total, mean: ratio(total, count) ?? 0 };
}

/** Holders by name and place, most first. */
function holdersOf(account: ModeAccount, program: TimedProgram): LockRow["waitedFor"] {
  const sums = new Map<string, { readonly holder: string; readonly site: string; ns: number }>();
  for (const [key, ns] of account.waitedFor) {
    const { holder, site } = holderName(key, program);
    const label = `${holder} ${site}`;
    const known = sums.get(label);
    if (known === undefined) sums.set(label, { holder, site, ns });
    else known.ns += ns;
  }
  return [...sums.values()]
    .filter(({ ns }) => ns > 0)
    .toSorted((a, b) => b.ns - a.ns || (`${a.holder} ${a.site}` < `${b.holder} ${b.site}` ? -1 : 1));
}

/** The inverse of `holderKey`, in words. */
function holderName(key: number, program: TimedProgram): { readonly holder: string; readonly site: string } {
  if (key < 0) return { holder: "(nobody)", site: "" };
  const width = program.sites.length + 1;
  const site = program.sites[(key % width) - 1];
  const place = site === undefined ? "" : `${site.spelling} ${site.place.file}:${String(site.place.line)}`;
  return { holder: program.declarations[Math.floor(key / width)]?.name ?? "", site: place };
}

/** Spinning and blocked of one declaration, by row name; rows of one name together. */
export function waitsByLock(
  groups: readonly LockGroup[],
  declaration: number,
): ReadonlyMap<string, { spin: number; blocked: number }> {
  const [spin, blocked] = [new Map<string, number>(), new Map<string, number>()];
  for (const { name, accounts } of groups)
    for (const account of accounts) {
      if (account === null || account.waits.length === 0) continue;
      addTo(spin, name, account.waits[2 * declaration] ?? 0);
      addTo(blocked, name, account.waits[2 * declaration + 1] ?? 0);
    }
  return new Map([...spin].map(([name, ns]) => [name, { spin: ns, blocked: blocked.get(name) ?? 0 }]));
}
