/**
 * The virtual machine on which the costs of UFFDIO_MOVE were measured: Linux 6.18, 2 CPUs of an EPYC under Firecracker,
 * preemption none, 250 Hz. It was loaded by others, so the smallest of the repeated medians counts as its quiet value.
 */
import type { MachineProfile } from "../profile.ts";
import { baseSlice, estimate, gracePeriod, measured, referenceSpeed } from "./figure.ts";

export const vm2: MachineProfile = {
  name: "vm-2",
  title: "virtual machine, 2 CPUs, measured",
  cpus: [{ name: "vcpu", count: 2, speed: referenceSpeed }],
  tlb: "interrupt",
  preemption: "none",
  hz: 250,
  baseSliceNs: baseSlice,
  gracePeriodNs: gracePeriod,
  figures: {
    atomicLocal: measured(7, "fetch_add in a loop; median of 15 runs 7.2 ns, smallest 6.2 ns"),
    atomicTransfer: estimate(70, [40, 200], "a line between two cores of one EPYC; a host may place them far apart"),
    plainShared: estimate(1, [0, 5], "a hit in the first cache"),
    spinlockPair: estimate(3, [0, 10], "one atomic more is charged apart; the unlock is a plain store"),
    mutexPair: estimate(3, [0, 10], "two atomics are charged apart"),
    rwsemPair: measured(3, "15 to 20 ns for a free pair, less its two atomics of 7 ns"),
    folioLockPair: estimate(3, [0, 10], "two atomics are charged apart"),
    pause: estimate(16, [10, 60], "PAUSE of Zen takes some 40 cycles or more"),
    spinTransfer: estimate(100, [50, 400], "one transfer of the lock's line, and the spinner's last look"),
    contextSwitch: measured(
      2_000,
      "futex ping-pong on one CPU, one way with its system calls and the wake-up: smallest of 9 runs, medians 2.6 and 3.4 us",
    ),
    wakeLocal: estimate(0, [0, 600], "the measured way of contextSwitch contains it"),
    wakeRemote: estimate(8_500, [3_000, 12_000], "an interrupt to a running CPU, as for a TLB flush"),
    wakeIdle: measured(
      23_000,
      "futex ping-pong between two CPUs, one way, smallest of 9 runs 25.1 us (medians under load 41 and 62 us), less contextSwitch",
    ),
    tick: estimate(2_000, [1_000, 5_000], "the timer of a guest costs an exit"),
    tlbFlushLocal: estimate(100, [50, 200], "of the fit of one mover: 750 ns a call and 90 ns a page remain"),
    tlbSend: estimate(
      6_500,
      [5_000, 7_500],
      "send and handle are 8 to 9 us together (p50 of two movers on two anon_vmas less one mover's); how they divide is not measured",
    ),
    tlbHandle: estimate(2_000, [1_000, 3_500], "see tlbSend"),
    tlbBroadcast: estimate(500, [200, 1_000], "not used: flushes of this machine are interrupts"),
    irqEntry: estimate(1_000, [300, 2_000], "entry and exit in a guest, without the exit to the host"),
  },
  operations: {
    syscall: measured(165, "getppid: medians 183 and 377 ns, smallest 161 ns"),
    moveCall: measured(750, "UFFDIO_MOVE by one thread, 1 to 512 pages a call: the part that does not grow with pages"),
    movePage: measured(90, "UFFDIO_MOVE by one thread: 92 ns a page at 512 pages a call, smallest 91 ns"),
    minorFault: measured(1_250, "zeroed page of 4 kB: medians 2.7 and 2.8 us, smallest 1.25 us"),
    cowCopy: measured(1_910, "write fault with a child: medians 3.5 and 3.9 us, smallest 1.91 us"),
    cowReuse: measured(690, "write fault after the child has gone: medians 747 and 697 ns, smallest 685 ns"),
    unmapPage: measured(250, "munmap of 8,192 pages: medians 256 and 746 ns, smallest 245 ns"),
    forkBase: measured(54_000, "fork of a small process, parent's side: medians 55.8 and 54.6 us, smallest 52.3 us"),
    forkPage: measured(65, "fork of 2,000 pages more: 67 and 64 ns a page"),
    forkVma: measured(1_050, "fork of 1,999 VMAs more on one anon_vma: 1.07 us, disturbed 3.07 us"),
    unlinkVma: measured(1_090, "munmap of 2,000 VMAs of one page: medians 1.14 and 1.12 us, smallest 1.08 us"),
    splitThp: measured(390_000, "MADV_COLD of one page in a huge page: median 403 us, smallest 389 us"),
    rmapVma: estimate(200, [150, 300], "one VMA visited by a reverse-map walk; not measured"),
  },
};
