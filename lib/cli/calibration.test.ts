import { describe, expect, it } from "vitest";
import { parseProfile, printProfile, renderProfile } from "#simulator";
import { calibratedProfile, readMeasurements, type Measurements } from "./calibration.ts";

const server = `hunkbook-calibrate 1
page 4096
model Example  CPU @ 2.60GHz
kernel Linux 6.18.1
machine x86_64
built-preempt PREEMPT_DYNAMIC
preempt none (voluntary) full lazy
hz 1000
cpus 4
pair 3 1 different-cores
figure syscall 80.20 rounds 31 min 74.01 max 1478.93
figure atomic_local 4.42 rounds 99 min 4.29 max 64.57
figure plain_shared 1.72 rounds 120 min 1.71 max 18.51
figure pause 9.61 rounds 212 min 9.31 max 360.17
figure mutex_pair 25.98 rounds 59 min 20.25 max 147.72
figure spinlock_pair 6.40 rounds 157 min 6.20 max 74.38
figure futex_empty 100.00 rounds 46 min 92.26 max 1729.83
figure wake_local 400.00 rounds 33 min 385.47 max 1733.72
figure pong_same_cpu 1700.00 rounds 57 min 1600.39 max 3880.60
figure spin_transfer 60.00 rounds 11 min 57.70 max 13056.44
figure atomic_transfer 118.00 rounds 38 min 113.74 max 1194.20
figure pong_other_cpu 6200.00 rounds 5 min 5751.97 max 88797.53
figure wake_busy_cpu 3000.00 rounds 17 min 2585.50 max 17345.00
figure tick 1414.40 rounds 5 min 1096.00 max 3416.00
figure minor_fault 565.38 rounds 54 min 554.67 max 3976.25
figure unmap_page 75.00 rounds 40 min 68.60 max 37014.79
figure fork_base 38000.00 rounds 400 min 33427.00 max 3610288.00
figure fork_1000_pages 78000.00 rounds 400 min 45616.00 max 182608.00
figure fork_1000_vmas 578000.00 rounds 90 min 387506.00 max 23608353.00
figure unlink_vma 375.00 rounds 47 min 351.22 max 2307.73
figure cow_copy 1591.98 rounds 74 min 1545.43 max 11233.40
figure cow_reuse 493.05 rounds 104 min 489.55 max 637.27
figure protect_no_flush 700.00 rounds 250 min 678.00 max 806.00
figure protect_flush_local 790.00 rounds 198 min 769.00 max 840.00
figure protect_flush_remote 3790.00 rounds 6 min 3775.00 max 14235.00
figure flush_handle 1800.00 rounds 9 min 1700.00 max 8326.00
missing move userfaultfd is not permitted here
end
`;

const phone = `hunkbook-calibrate 1
model Example Phone
kernel Linux 6.1.0
machine aarch64
built-preempt PREEMPT
hz 250
cpus 8
capacity 0 400
capacity 1 400
capacity 2 400
capacity 3 400
capacity 4 820
capacity 5 820
capacity 6 820
capacity 7 1024
pair 7 6 different-cores
figure atomic_local 5.00 rounds 9 min 5.00 max 5.00
figure move_1_page 1000.00 rounds 9 min 990.00 max 1010.00
figure move_256_pages 52000.00 rounds 9 min 51000.00 max 53000.00
end
`;

function read(text: string): Measurements {
  const reading = readMeasurements(text);
  if (reading.kind === "malformed") throw new Error(reading.message);
  return reading.measurements;
}

describe("a profile from measurements", () => {
  it("takes from each figure what others contain", () => {
    const { profile, remarks } = calibratedProfile(read(server), "mine");
    const figures = Object.fromEntries(
      Object.entries(profile.figures).flatMap(([name, figure]) =>
        figure.basis === "measured" ? [[name, figure.value]] : [],
      ),
    );
    expect(figures).toEqual({
      atomicLocal: 4,
      atomicTransfer: 118,
      plainShared: 2,
      pause: 10,
      spinTransfer: 60,
      // 1700 one way: two calls of 100, a wake-up of 300, the switch.
      contextSwitch: 1200,
      wakeLocal: 300,
      wakeRemote: 1700,
      wakeIdle: 4900,
      tick: 1414,
      tlbFlushLocal: 90,
      tlbSend: 1200,
      tlbHandle: 1800,
    });
    expect(Object.entries(profile.operations ?? {}).map(([name, figure]) => [name, figure.value])).toEqual([
      ["syscall", 80],
      ["minorFault", 565],
      ["cowCopy", 1592],
      ["cowReuse", 493],
      ["unmapPage", 75],
      ["forkBase", 38_000],
      ["forkPage", 40],
      ["forkVma", 500],
      ["unlinkVma", 300],
    ]);
    expect(profile).toMatchObject({
      title: "Example CPU @ 2.60GHz, 4 CPUs, Linux 6.18.1, measured",
      preemption: "voluntary",
      hz: 1000,
      tlb: "interrupt",
      cpus: [{ name: "cpu", count: 4 }],
    });
    expect(remarks).toEqual(["not measured: move: userfaultfd is not permitted here"]);
  });

  it("says of what was not measured whose estimate stands there", () => {
    const { figures } = calibratedProfile(read(server), "mine").profile;
    expect(figures.rwsemPair).toMatchObject({ basis: "estimate", value: 7, low: 3, high: 12 });
    expect(figures.rwsemPair.source).toMatch(/^not measured; x86-server: /);
    // A mutex of user space: 26 ns less two atomics.
    expect(figures.mutexPair).toMatchObject({ basis: "estimate", value: 17, low: 0, high: 34 });
    expect(figures.spinlockPair).toMatchObject({ basis: "estimate", value: 2, low: 0, high: 10 });
    expect(figures.contextSwitch.source).toBe(
      "futex ping-pong on one CPU, one way: median of 57 rounds 1700 ns, smallest 1600 ns; less two system calls; less wakeLocal",
    );
  });

  it("keeps every profile readable", () => {
    for (const text of [server, phone]) {
      const { profile } = calibratedProfile(read(text), "mine");
      expect(parseProfile(printProfile(profile))).toEqual({ kind: "profile", profile });
      expect(
        Math.max(
          ...renderProfile(profile)
            .split("\n")
            .map((line) => line.length),
        ),
      ).toBeLessThanOrEqual(72);
    }
  });

  it("tells kinds of CPUs by their capacity, and flushes of arm64 as broadcasts", () => {
    const { profile } = calibratedProfile(read(phone), "mine");
    expect(profile.cpus.map((kind) => [kind.name, kind.count, kind.speed.value])).toEqual([
      ["little", 4, 0.391],
      ["mid", 3, 0.801],
      ["big", 1, 1],
    ]);
    expect(profile.tlb).toBe("broadcast");
    expect(profile.preemption).toBe("full");
    expect(profile.operations?.movePage?.value).toBe(200);
    expect(profile.operations?.moveCall?.value).toBe(800);
  });

  it("says that a machine was busy", () => {
    const { remarks } = calibratedProfile(read(server.replace("cpus 4", "load 7.65\ncpus 4")), "mine");
    expect(remarks[0]).toBe("the machine was busy (load 7.65 on 4 CPUs): wake-ups above all are too long");
    expect(calibratedProfile(read(server.replace("cpus 4", "load 0.65\ncpus 4")), "mine").remarks).toHaveLength(1);
  });

  it("does not take noise for a cost", () => {
    const noisy = server
      .replace("protect_flush_local 790", "protect_flush_local 690")
      .replace("wake_local 400", "wake_local 1900");
    const { figures } = calibratedProfile(read(noisy), "mine").profile;
    expect(figures.tlbFlushLocal.basis).toBe("estimate");
    expect([figures.wakeLocal.value, figures.contextSwitch.value]).toEqual([750, 750]);
  });

  it.each([
    ["preempt none voluntary full (lazy)", "voluntary", "preemption is lazy; the nearest model is voluntary"],
    ["preempt none voluntary (full)", "full", null],
    ["boot-preempt none", "none", null],
    [
      "page 1",
      "voluntary",
      "how the kernel preempts is not readable here (it says PREEMPT_DYNAMIC); voluntary is assumed",
    ],
  ])("%s: preemption %s", (line, model, remark) => {
    const { profile, remarks } = calibratedProfile(
      read(server.replace("preempt none (voluntary) full lazy", line)),
      "mine",
    );
    expect(profile.preemption).toBe(model);
    if (remark === null) expect(remarks).toHaveLength(1);
    else expect(remarks).toContain(remark);
  });
});

describe("the output of calibrate.c", () => {
  it.each([
    ["", 'line 1: the output of calibrate.c begins with "hunkbook-calibrate 1"'],
    ["hunkbook-calibrate 2\nend\n", "line 1: "],
    [server.replace("hz 1000", "herz 1000"), 'line 8: "herz 1000" is no line of calibrate.c'],
    [server.replace("rounds 31", "rounds many"), "line 11: "],
    [server.replace(/end\n$/, ""), 'line 37: the output is not whole; it ends with "end"'],
  ])("is refused with its line when it is not whole: %#", (text, message) => {
    const reading = readMeasurements(text);
    expect(reading.kind === "malformed" ? reading.message : "accepted").toContain(message);
  });
});
