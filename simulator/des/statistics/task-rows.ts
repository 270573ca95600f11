/** The tables of tasks, spans, CPUs and notes. */
import type { CpuRow, LockRow, SimulateResult, SpanRow, TaskRow } from "../result.ts";
import type { MachineProfile } from "../profile.ts";
import type { TimedProgram } from "../timed-code.ts";
import { addSums, clockParts, cpuParts, sumRows, type ClockSums } from "./clock-table.ts";
import { distributionOf } from "./distribution.ts";
import { estimate, ratio, shareOf, shareOverReplications } from "./estimate.ts";
import { waitsByLock, type LockGroup } from "./lock-rows.ts";
import type { ReplicationFigures } from "./replication-recorder.ts";
import { createSample } from "./sample.ts";
import { sleepThresholdsNs } from "./span-account.ts";
import { timeSplit } from "./time-split.ts";

type Context = { readonly program: TimedProgram; readonly replications: readonly ReplicationFigures[] };

/** One row for each declaration, in order; a hidden one only when it did something. */
export function taskRows(groups: readonly LockGroup[], { program, replications }: Context): TaskRow[] {
  return program.declarations.flatMap((declaration, index) => {
    const rows = { first: declaration.firstTask, count: declaration.count, width: clockParts.length };
    const own = replications.map(({ tasks }) => sumRows(tasks, rows));
    const total: ClockSums = new Float64Array(clockParts.length);
    for (const sums of own) addSums(total, sums);
    if (declaration.hidden === true && (total[0] ?? 0) === 0) return [];
    const share = (part: number): TaskRow["shares"]["run"] =>
      estimate(own.map((sums, at) => ratio(sums[part] ?? 0, declaration.count * (replications[at]?.measuredNs ?? 0))));
    const row: TaskRow = {
      ...timeSplit(total, waitsByLock(groups, index)),
      task: declaration.name,
      count: declaration.count,
      shares: { run: share(0), spin: share(1), runnable: share(2), blocked: share(3), asleep: share(4) },
      ...sleepsOf(index, replications),
    };
    return [row];
  });
}

type Sleeps = Pick<
  TaskRow,
  "longestBlockedNs" | "longBlockedWhileHolder" | "blockedAbove" | "blockedSleeps" | "longestAbove"
>;

function sleepsOf(declaration: number, replications: readonly ReplicationFigures[]): Sleeps {
  const own = replications.map(({ sleeps, measuredNs }) => ({ sleeps: sleeps[declaration], measuredNs }));
  const longest = own.map(({ sleeps }) => sleeps?.longestNs ?? 0);
  const long = (state: number): number => sum(own.map(({ sleeps }) => sleeps?.longWhileHolder[state] ?? 0));
  const longBlockedWhileHolder: LockRow["waitedWhileHolder"] = {
    ran: long(0),
    wasPreempted: long(1),
    waitedItself: long(2),
    wasNobody: long(3),
  };
  return {
    longestBlockedNs: Math.max(0, ...longest),
    longBlockedWhileHolder,
    blockedAbove: sleepThresholdsNs.map((ns, index) => ({
      ns,
      count: sum(own.map(({ sleeps }) => sleeps?.above[index] ?? 0)),
      perSecond: estimate(own.map(({ sleeps, measuredNs }) => ratio(1e9 * (sleeps?.above[index] ?? 0), measuredNs))),
    })),
    blockedSleeps: sum(own.map(({ sleeps }) => sleeps?.count ?? 0)),
    longestAbove: sleepThresholdsNs.map((ns) => ({
      ns,
      share: shareOf(longest.map((value) => value > ns)),
    })),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** One row for each span and declaration that passed through it, in the order of spans. */
export function spanRows(groups: readonly LockGroup[], { program, replications }: Context): SpanRow[] {
  const nameOf = lockNames(groups, program);
  return program.spans.flatMap(({ text }, span) =>
    program.declarations.flatMap(({ name }, declaration) => {
      const index = declaration * program.spans.length + span;
      const accounts = replications.map(({ spans }) => spans[index]);
      const filled = accounts.filter((account) => account !== undefined && account.latency.count() > 0);
      if (filled.length === 0) return [];
      const split: ClockSums = new Float64Array(clockParts.length);
      const byLock = new Map<string, { spin: number; blocked: number }>();
      for (const account of filled) {
        addSums(split, account?.split ?? split);
        for (const [lock, wait] of account?.byLock ?? []) {
          const known = byLock.get(nameOf(lock)) ?? { spin: 0, blocked: 0 };
          byLock.set(nameOf(lock), { spin: known.spin + wait.spin, blocked: known.blocked + wait.blocked });
        }
      }
      const counts = accounts.map((account) => account?.latency.count() ?? 0);
      const row: SpanRow = {
        text,
        task: name,
        latency: distributionOf(accounts.map((account) => account?.latency ?? createSample())),
        split: timeSplit(split, byLock),
        perSecond: estimate(counts.map((count, at) => ratio(1e9 * count, replications[at]?.measuredNs ?? 0))),
        sleptAbove: sleepThresholdsNs.map((ns, threshold) => ({
          ns,
          share: shareOverReplications(
            accounts.map((account, at) => ({ hits: account?.sleptAbove[threshold] ?? 0, of: counts[at] ?? 0 })),
          ),
        })),
      };
      return [row];
    }),
  );
}

/** The names that the table of locks uses. */
function lockNames(groups: readonly LockGroup[], program: TimedProgram): (address: number) => string {
  const rows = new Set(groups.map(({ name }) => name));
  return (address) => {
    const { name, lockClass } = program.nameOf(address);
    return lockClass !== null && !rows.has(name) && rows.has(lockClass) ? lockClass : name;
  };
}

/** One row for each CPU. */
export function cpuRows(replications: readonly ReplicationFigures[], profile: MachineProfile): CpuRow[] {
  const cpus = (replications[0]?.cpus.length ?? 0) / cpuParts.length;
  return Array.from({ length: cpus }, (_, cpu) => {
    const total = new Float64Array(cpuParts.length);
    for (const { cpus: table } of replications)
      addSums(total, sumRows(table, { first: cpu, count: 1, width: cpuParts.length }));
    const [run = 0, spin = 0, switching = 0, irq = 0, idle = 0] = total;
    return { cpu, kind: kindOfCpu(cpu, profile), run, spin, switching, irq, idle };
  });
}

/** CPU 0 is of the first kind; more than the profile has are of its last. */
function kindOfCpu(cpu: number, { cpus }: MachineProfile): string {
  let first = 0;
  for (const { name, count } of cpus) {
    first += count;
    if (cpu < first) return name;
  }
  return cpus.at(-1)?.name ?? "";
}

export function noteRows({ program, replications }: Context): SimulateResult["notes"] {
  return program.notes.map(({ text }, note) => {
    const counts = replications.map(({ notes }) => notes[note] ?? 0);
    const rates = counts.map((count, at) => ratio(1e9 * count, replications[at]?.measuredNs ?? 0));
    return { text, count: sum(counts), perSecond: estimate(rates) };
  });
}
