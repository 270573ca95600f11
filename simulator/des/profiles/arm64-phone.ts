/**
 * An Android phone with four little and four big CPUs. Nothing of it was measured: every cost has a range. Costs are a big
 * CPU's; a little one takes 1/speed of them.
 */
import type { Figure, MachineProfile } from "../profile.ts";
import { baseSlice, estimate, gracePeriod, referenceSpeed } from "./figure.ts";

const littleSpeed: Figure = {
  value: 0.4,
  unit: "ratio",
  basis: "estimate",
  source: "kernel work of a little core against a big one at usual frequencies; lower when it is clocked down",
  low: 0.25,
  high: 0.55,
};

export const arm64Phone: MachineProfile = {
  name: "arm64-phone",
  title: "arm64 phone, 4 little and 4 big CPUs, estimated",
  cpus: [
    { name: "little", count: 4, speed: littleSpeed },
    { name: "big", count: 4, speed: referenceSpeed },
  ],
  tlb: "broadcast",
  preemption: "full",
  hz: 250,
  baseSliceNs: baseSlice,
  gracePeriodNs: gracePeriod,
  figures: {
    atomicLocal: estimate(10, [5, 20], "LSE atomics in the core's cache"),
    atomicTransfer: estimate(80, [40, 200], "between two cores, farther between little and big"),
    plainShared: estimate(2, [0, 5], "a hit in the first cache"),
    spinlockPair: estimate(4, [0, 15], "one atomic more is charged apart; the unlock is a store-release"),
    mutexPair: estimate(10, [0, 20], "two atomics are charged apart"),
    rwsemPair: estimate(10, [0, 20], "30 ns for a free pair on a big core, less its two atomics"),
    folioLockPair: estimate(10, [0, 20], "two atomics are charged apart"),
    pause: estimate(10, [1, 50], "YIELD does nothing on most cores; a WFE would wait for the store"),
    spinTransfer: estimate(120, [60, 400], "one transfer of the lock's line, and the spinner's last look"),
    contextSwitch: estimate(4_000, [2_000, 8_000], "big core; little ones take 1/speed of it"),
    wakeLocal: estimate(800, [300, 2_000], "try_to_wake_up with the energy-aware placement"),
    wakeRemote: estimate(5_000, [2_000, 15_000], "the rescheduling interrupt of a busy CPU"),
    wakeIdle: estimate(50_000, [30_000, 150_000], "exit from idle, deep states and low frequency at the upper end"),
    tick: estimate(3_000, [1_000, 8_000], "the tick with its accounting"),
    tlbFlushLocal: estimate(300, [150, 600], "a local TLBI and its barrier"),
    tlbSend: estimate(1_500, [500, 4_000], "not used: flushes of this machine are broadcasts"),
    tlbHandle: estimate(2_500, [1_000, 6_000], "not used: flushes of this machine are broadcasts"),
    tlbBroadcast: estimate(
      700,
      [200, 1_000],
      "TLBI to the inner-shareable domain and its barrier, by the number of cores",
    ),
    irqEntry: estimate(1_000, [400, 3_000], "entry and exit"),
  },
  operations: {
    syscall: estimate(250, [120, 600], "entry and exit of a big core"),
    moveCall: estimate(800, [500, 1_500], "about what vm-2 takes; 2 us on a little core"),
    movePage: estimate(150, [90, 300], "more than vm-2; 400 ns on a little core"),
    minorFault: estimate(1_500, [1_000, 3_000], "somewhat more than vm-2"),
    cowCopy: estimate(2_500, [1_500, 5_000], "somewhat more than vm-2"),
    cowReuse: estimate(1_000, [600, 2_000], "somewhat more than vm-2"),
    unmapPage: estimate(350, [200, 800], "somewhat more than vm-2"),
    forkBase: estimate(90_000, [50_000, 250_000], "more than vm-2; an application has more to copy"),
    forkPage: estimate(100, [60, 200], "somewhat more than vm-2"),
    forkVma: estimate(1_500, [1_000, 3_000], "somewhat more than vm-2"),
    unlinkVma: estimate(1_500, [1_000, 3_000], "somewhat more than vm-2"),
    splitThp: estimate(600_000, [300_000, 1_500_000], "somewhat more than vm-2"),
    rmapVma: estimate(450, [300, 800], "one VMA visited by a reverse-map walk"),
  },
};
