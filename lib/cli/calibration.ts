/** What calibrate.c prints, and the machine profile that it makes. */
import {
  defaultProfile,
  findProfile,
  type CpuKind,
  type Figure,
  type FigureName,
  type MachineProfile,
  type OperationName,
} from "#simulator";

export type MeasuredFigure = {
  readonly name: string;
  readonly median: number;
  readonly rounds: number;
  readonly min: number;
  readonly max: number;
};

/** One run of the program on one machine. Facts by their first word: `kernel`, `machine`, `hz` ... */
export type Measurements = {
  readonly facts: ReadonlyMap<string, string>;
  /** By CPU, where the kernel tells them. */
  readonly capacities: readonly number[];
  readonly figures: ReadonlyMap<string, MeasuredFigure>;
  /** What could not be measured, with the reason. */
  readonly missing: ReadonlyMap<string, string>;
};

export type MeasurementsReading =
  | { readonly kind: "read"; readonly measurements: Measurements }
  | { readonly kind: "malformed"; readonly message: string };

const firstLine = "hunkbook-calibrate 1";
const factNames = [
  "page",
  "model",
  "kernel",
  "machine",
  "built-preempt",
  "boot-preempt",
  "preempt",
  "hz",
  "load",
  "cpus",
  "pair",
];
const figureLine = /^figure (\w+) (\d+(?:\.\d+)?) rounds (\d+) min (\d+(?:\.\d+)?) max (\d+(?:\.\d+)?)$/;

/**
 * Reads the program's output.
 *
 * @returns malformed, naming the line, when it is not that output or not all of it
 */
export function readMeasurements(text: string): MeasurementsReading {
  const lines = text.replace(/\r\n/g, "\n").replace(/\n+$/, "").split("\n");
  if (lines[0] !== firstLine)
    return { kind: "malformed", message: `line 1: the output of calibrate.c begins with "${firstLine}"` };
  const facts = new Map<string, string>();
  const capacities: number[] = [];
  const figures = new Map<string, MeasuredFigure>();
  const missing = new Map<string, string>();
  for (const [index, line] of lines.slice(1, -1).entries()) {
    const word = /^\S*/.exec(line)?.[0] ?? "";
    const rest = line.slice(word.length + 1);
    const figure = figureLine.exec(line);
    const [name, ...reason] = rest.split(" ");
    const capacity = /^(\d+) (\d+)$/.exec(rest);
    if (figure !== null) figures.set(figure[1] ?? "", measuredFigure(figure));
    else if (word === "missing" && name !== undefined) missing.set(name, reason.join(" "));
    else if (word === "capacity" && capacity !== null) capacities[Number(capacity[1])] = Number(capacity[2]);
    else if (factNames.includes(word)) facts.set(word, rest);
    else
      return {
        kind: "malformed",
        message: `line ${String(index + 2)}: "${line.slice(0, 60)}" is no line of calibrate.c`,
      };
  }
  if (lines.at(-1) !== "end")
    return { kind: "malformed", message: `line ${String(lines.length)}: the output is not whole; it ends with "end"` };
  return { kind: "read", measurements: { facts, capacities, figures, missing } };
}

function measuredFigure([, name = "", median, rounds, min, max]: readonly string[]): MeasuredFigure {
  return { name, median: Number(median), rounds: Number(rounds), min: Number(min), max: Number(max) };
}

export type CalibratedProfile = {
  readonly profile: MachineProfile;
  /** What the reader should know: guesses, and what was not measured. */
  readonly remarks: readonly string[];
};

/** A measured value in nanoseconds with the sentence that says where from; null when something of it was not measured. */
type Derived = { readonly ns: number; readonly source: string } | null;

/**
 * The profile of the measured machine. What was not measured is an estimate taken from the machine that ships which is
 * most like it (arm64-phone for aarch64, x86-server for all others), with that machine's range.
 */
export function calibratedProfile(measurements: Measurements, name: string): CalibratedProfile {
  const { facts, missing } = measurements;
  const isArm = facts.get("machine") === "aarch64";
  const finding = findProfile(isArm ? "arm64-phone" : "x86-server");
  const base = finding.kind === "profile" ? finding.profile : defaultProfile;
  const preemption = preemptionOf(facts);
  const cpus = cpuKinds(measurements);
  const hz = hzOf(facts);
  const profile: MachineProfile = {
    name,
    title: titleOf(measurements),
    cpus,
    tlb: isArm ? "broadcast" : "interrupt",
    preemption: preemption.model,
    hz: hz.hz,
    baseSliceNs: base.baseSliceNs,
    gracePeriodNs: base.gracePeriodNs,
    figures: {
      ...mapFigures(base, deriveFigures(measurements)),
      spinlockPair: ofUserSpace(measurements, { name: "spinlock_pair", atomics: 1, base: base.figures.spinlockPair }),
      mutexPair: ofUserSpace(measurements, { name: "mutex_pair", atomics: 2, base: base.figures.mutexPair }),
    },
    operations: measuredOperations(measurements),
  };
  const notMeasured = [...missing].map(([figure, reason]) => `not measured: ${figure}: ${reason}`);
  return { profile, remarks: [...loadRemarks(facts), ...preemption.remarks, ...hz.remarks, ...notMeasured] };
}

function titleOf({ facts }: Measurements): string {
  const model = (facts.get("model") ?? facts.get("machine") ?? "unknown machine").replace(/\s+/g, " ").slice(0, 120);
  return `${model}, ${facts.get("cpus") ?? "1"} CPUs, ${facts.get("kernel") ?? "unknown kernel"}, measured`;
}

function mapFigures(base: MachineProfile, derived: Readonly<Record<FigureName, Derived>>): MachineProfile["figures"] {
  const entries = Object.entries(base.figures).map(([name, figure]): [string, Figure] => {
    const own = Object.entries(derived).find(([key]) => key === name)?.[1] ?? null;
    const estimated = { ...figure, basis: "estimate", source: `not measured; ${base.name}: ${figure.source}` } as const;
    return [name, own === null ? estimated : measuredAs(own)];
  });
  // The same names as the base has.
  return Object.fromEntries(entries) as MachineProfile["figures"];
}

function measuredAs({ ns, source }: NonNullable<Derived>): Figure {
  const value = Math.max(0, Math.round(ns));
  return { value, unit: "ns", basis: "measured", source, low: value, high: value };
}

/** A lock of user space is no kernel lock: what it takes beside its atomics is the middle of a range, and no measurement. */
function ofUserSpace(
  m: Measurements,
  { name, atomics, base }: { readonly name: string; readonly atomics: number; readonly base: Figure },
): Figure {
  const pair = plain(m, name, "a pair on a lock of user space");
  const atomic = plain(m, "atomic_local", "fetch_add in a loop");
  const rest = less(pair, [{ of: atomic, times: atomics, called: "its atomics" }]);
  if (rest === null) return { ...base, basis: "estimate", source: `not measured; ${base.source}` };
  const value = Math.round(rest.ns);
  return { value, unit: "ns", basis: "estimate", source: rest.source, low: 0, high: Math.max(base.high, 2 * value) };
}

/** One figure as it was measured, with its sentence. */
function plain({ figures }: Measurements, name: string, what: string): Derived {
  const figure = figures.get(name);
  if (figure === undefined) return null;
  const { median, rounds, min } = figure;
  return { ns: median, source: `${what}: median of ${String(rounds)} rounds ${told(median)}, smallest ${told(min)}` };
}

function told(ns: number): string {
  if (ns < 100) return `${ns.toFixed(1)} ns`;
  return ns < 10_000 ? `${ns.toFixed(0)} ns` : `${(ns / 1000).toFixed(1)} us`;
}

type Part = { readonly of: Derived; readonly times?: number; readonly called: string };

/** What remains of a figure without these parts; null when one of them was not measured. */
function less(whole: Derived, parts: readonly Part[], least = 0): Derived {
  if (whole === null || parts.some((part) => part.of === null)) return null;
  const sum = parts.reduce((total, part) => total + (part.of?.ns ?? 0) * (part.times ?? 1), 0);
  const names = parts.map((part) => part.called).join(" and ");
  return { ns: Math.max(least, whole.ns - sum), source: `${whole.source}; less ${names}` };
}

/** A difference that noise made 0 or less tells nothing. */
function positive(derived: Derived): Derived {
  return derived !== null && derived.ns > 0 ? derived : null;
}

function atLeast(derived: Derived, least: Derived): Derived {
  return derived === null ? null : { ...derived, ns: Math.max(derived.ns, least?.ns ?? 0) };
}

function halfAtMost(derived: Derived, whole: Derived): Derived {
  if (derived === null || whole === null || derived.ns <= whole.ns / 2) return derived;
  return { ns: whole.ns / 2, source: `${derived.source}; at most half of switch and wake-up together` };
}

/**
 * How each cost of the engine follows from what was measured. Locks of user space are no kernel locks: what a kernel lock
 * costs beside its atomics stays an estimate.
 *
 * @source docs/decisions/0081
 */
function deriveFigures(m: Measurements): Readonly<Record<FigureName, Derived>> {
  const atomic = plain(m, "atomic_local", "fetch_add in a loop");
  const spin = plain(m, "spin_transfer", "a word to and fro between two spinning CPUs, one way");
  return {
    ...derivedSwitches(m),
    ...derivedFlushes(m),
    atomicLocal: atomic,
    atomicTransfer: atLeast(
      plain(m, "atomic_transfer", "an atomic that a word carries along between two CPUs, less the word"),
      atomic,
    ),
    plainShared: plain(m, "plain_shared", "a load that hangs on the load before"),
    spinlockPair: null,
    mutexPair: null,
    rwsemPair: null,
    folioLockPair: null,
    pause: plain(m, "pause", "the instruction of cpu_relax() in a loop"),
    spinTransfer: spin,
    tick: plain(m, "tick", "gaps of a CPU that reads the clock"),
    irqEntry: null,
  };
}

type SwitchName = "contextSwitch" | "wakeLocal" | "wakeRemote" | "wakeIdle";

/** One way of a ping-pong is two system calls, a wake-up and a switch. */
function derivedSwitches(m: Measurements): Readonly<Record<SwitchName, Derived>> {
  const call = plain(m, "futex_empty", "futex call");
  const pong = plain(m, "pong_same_cpu", "futex ping-pong on one CPU, one way");
  const switchAndWake = less(pong, [{ of: call, times: 2, called: "two system calls" }], 1);
  const wakeCall = plain(m, "wake_local", "futex wake-up of a task of this CPU");
  const wakeLocal = halfAtMost(less(wakeCall, [{ of: call, called: "the system call" }]), switchAndWake);
  const contextSwitch = less(switchAndWake, [{ of: wakeLocal, called: "wakeLocal" }], 1);
  const rest = [
    { of: contextSwitch, called: "contextSwitch" },
    { of: call, called: "a system call" },
  ];
  return {
    contextSwitch,
    wakeLocal,
    wakeRemote: less(plain(m, "wake_busy_cpu", "from a wake-up until the task runs on a busy CPU"), rest),
    wakeIdle: less(plain(m, "pong_other_cpu", "futex ping-pong between two CPUs, one way"), rest),
  };
}

type FlushName = "tlbFlushLocal" | "tlbSend" | "tlbHandle" | "tlbBroadcast";

function derivedFlushes(m: Measurements): Readonly<Record<FlushName, Derived>> {
  const noFlush = plain(m, "protect_no_flush", "mprotect that gives a right");
  const local = plain(m, "protect_flush_local", "mprotect that takes a right");
  const remote = plain(m, "protect_flush_remote", "mprotect that takes a right while another CPU runs this mm");
  const handle = plain(m, "flush_handle", "the gap that the interrupted CPU sees");
  return {
    tlbFlushLocal: positive(less(local, [{ of: noFlush, called: "one that gives it" }])),
    tlbSend: less(remote, [
      { of: local, called: "that without another CPU" },
      { of: handle, called: "tlbHandle" },
    ]),
    tlbHandle: handle,
    tlbBroadcast: null,
  };
}

/** Operations that were measured; the others are left out. */
function measuredOperations(m: Measurements): NonNullable<MachineProfile["operations"]> {
  const forkBase = plain(m, "fork_base", "fork of the measuring process, the parent's side");
  const forkPages = plain(m, "fork_1000_pages", "fork with 1,000 pages more");
  const forkVmas = plain(m, "fork_1000_vmas", "fork with 1,000 VMAs of one page");
  const moveOne = plain(m, "move_1_page", "UFFDIO_MOVE of one page");
  const moveMany = plain(m, "move_256_pages", "UFFDIO_MOVE of 256 pages");
  const unmap = plain(m, "unmap_page", "munmap of 2,048 pages, a page");
  const movePage = share(less(moveMany, [{ of: moveOne, called: "one of one page" }]), 255);
  const derived: Readonly<Partial<Record<OperationName, Derived>>> = {
    syscall: plain(m, "syscall", "getppid"),
    moveCall: less(moveOne, [{ of: movePage, called: "movePage" }]),
    movePage,
    minorFault: plain(m, "minor_fault", "first touch of 2,047 pages, a page"),
    cowCopy: plain(m, "cow_copy", "write faults on 512 pages shared with a child, a page"),
    cowReuse: plain(m, "cow_reuse", "write faults after the child has gone, a page"),
    unmapPage: unmap,
    forkBase,
    forkPage: share(less(forkPages, [{ of: forkBase, called: "forkBase" }]), 1_000),
    forkVma: share(less(forkVmas, [{ of: forkPages, called: "one with the pages" }]), 1_000),
    unlinkVma: less(plain(m, "unlink_vma", "munmap of 1,000 VMAs of one page, a VMA"), [
      { of: unmap, called: "unmapPage" },
    ]),
  };
  return Object.fromEntries(
    Object.entries(derived).flatMap(([name, value]) => (value === null ? [] : [[name, measuredAs(value)]])),
  );
}

function share(derived: Derived, parts: number): Derived {
  return derived === null
    ? null
    : { ns: derived.ns / parts, source: `${derived.source}; a ${parts.toLocaleString("en-US")}th` };
}

/** Tasks ready to run for each CPU, above which the figures are those of a busy machine. */
const loadMax = 0.5;

function loadRemarks(facts: ReadonlyMap<string, string>): readonly string[] {
  const load = Number(facts.get("load") ?? "0");
  const cpus = Number(facts.get("cpus") ?? "1");
  if (!(load > loadMax * cpus)) return [];
  return [`the machine was busy (load ${String(load)} on ${String(cpus)} CPUs): wake-ups above all are too long`];
}

type Preemption = { readonly model: MachineProfile["preemption"]; readonly remarks: readonly string[] };

/**
 * The running kernel's own word, else the boot parameter, else how it was built.
 *
 * @source kernel/sched/core.c: sched_dynamic_show prints the mode that is on in parentheses
 */
function preemptionOf(facts: ReadonlyMap<string, string>): Preemption {
  const word = /\((\w+)\)/.exec(facts.get("preempt") ?? "")?.[1] ?? facts.get("boot-preempt") ?? null;
  if (word === "none" || word === "voluntary" || word === "full") return { model: word, remarks: [] };
  if (word === "lazy") {
    return { model: "voluntary", remarks: ["preemption is lazy; the nearest model is voluntary"] };
  }
  const built = facts.get("built-preempt") ?? "none";
  if (built === "PREEMPT" || built === "PREEMPT_RT") return { model: "full", remarks: [] };
  const remark = `how the kernel preempts is not readable here (it says ${built}); voluntary is assumed`;
  return { model: "voluntary", remarks: [remark] };
}

const hzValues = [100, 250, 300, 1000] as const;

function hzOf(facts: ReadonlyMap<string, string>): {
  readonly hz: MachineProfile["hz"];
  readonly remarks: readonly string[];
} {
  const told = Number(facts.get("hz"));
  const exact = hzValues.find((hz) => Math.abs(hz - told) <= 1);
  if (exact !== undefined) return { hz: exact, remarks: [] };
  const nearest = hzValues.reduce((best, hz) => (Math.abs(hz - told) < Math.abs(best - told) ? hz : best), 250);
  return { hz: nearest, remarks: [`the tick is ${facts.get("hz") ?? "not known"} Hz; ${String(nearest)} is taken`] };
}

/** Runs of CPUs of one capacity. Where the kernel tells none, all are alike. */
function cpuKinds({ facts, capacities }: Measurements): readonly CpuKind[] {
  const count = Math.max(1, Number(facts.get("cpus") ?? "1"));
  const known = Array.from({ length: count }, (_, cpu) => capacities[cpu] ?? null);
  const largest = Math.max(...known.map((capacity) => capacity ?? 0));
  if (known.some((capacity) => capacity === null || capacity <= 0) || known.every((capacity) => capacity === largest))
    return [{ name: "cpu", count, speed: ratio(1, "all CPUs are alike") }];
  const runs: { capacity: number; count: number }[] = [];
  for (const capacity of known.map((value) => value ?? largest)) {
    const last = runs.at(-1);
    if (last?.capacity === capacity) last.count += 1;
    else runs.push({ capacity, count: 1 });
  }
  const distinct = [...new Set(runs.map((run) => run.capacity))].sort((left, right) => left - right);
  const names = kindNames(distinct.length);
  return runs.map((run, index) => {
    const name = names[distinct.indexOf(run.capacity)] ?? "cpu";
    const before = runs.slice(0, index).filter((other) => other.capacity === run.capacity).length;
    const speed = Math.round((run.capacity / largest) * 1_000) / 1_000;
    return {
      name: before === 0 ? name : `${name}-${String(before + 1)}`,
      count: run.count,
      speed: ratio(speed, `cpu_capacity of the kernel: ${String(run.capacity)} of ${String(largest)}`),
    };
  });
}

function kindNames(count: number): readonly string[] {
  if (count === 2) return ["little", "big"];
  if (count === 3) return ["little", "mid", "big"];
  return Array.from({ length: count }, (_, index) => `kind-${String(index + 1)}`);
}

function ratio(value: number, source: string): Figure {
  return { value, unit: "ratio", basis: "measured", source, low: value, high: value };
}
