import { describe, expect, it } from "vitest";
import { quantileMM1, quantileRepair, waitMG1, waitMMc, waitReadersWriters, waitRepair } from "./queueing.ts";

describe("exact waits", () => {
  it("of M/M/1, M/D/1 and M/G/1", () => {
    expect([0.5, 0.8, 0.9, 0.95].map((load) => waitMG1(load, 2))).toEqual([
      1,
      expect.closeTo(4, 12),
      expect.closeTo(9, 12),
      expect.closeTo(19, 12),
    ]);
    expect([0.5, 0.8, 0.9, 0.95].map((load) => waitMG1(load, 1).toFixed(6))).toEqual([
      "0.500000",
      "2.000000",
      "4.500000",
      "9.500000",
    ]);
    expect(waitMG1(0.8, 1.5)).toBeCloseTo(3, 12);
    expect(waitMG1(0.8, 5)).toBeCloseTo(10, 12);
    expect([0.5, 0.95, 0.99].map((q) => quantileMM1(0.8, q).toFixed(3))).toEqual(["2.350", "13.863", "21.910"]);
    expect(quantileMM1(0.8, 0.1)).toBe(0);
  });

  it("of M/M/c", () => {
    expect(waitMMc(1, 0.8)).toBeCloseTo(4, 12);
    expect(waitMMc(2, 0.8)).toBeCloseTo(1.777778, 6);
    expect(waitMMc(4, 0.8)).toBeCloseTo(0.745541, 6);
    expect(waitMMc(8, 0.9)).toBeCloseTo(0.876916, 6);
  });

  it("of one FIFO lock with clients that think", () => {
    expect([4, 8, 16, 32].map((clients) => waitRepair(clients, 10).toFixed(6))).toEqual([
      "0.320644",
      "1.090408",
      "5.364969",
      "21.000001",
    ]);
    expect(quantileRepair(8, 10, 0.5)).toBeCloseTo(0.34015, 5);
    expect(quantileRepair(8, 10, 0.95)).toBeCloseTo(4.41598, 5);
    expect(quantileRepair(8, 10, 0.99)).toBeCloseTo(6.90243, 5);
  });

  it("of a readers-writer lock, either side preferred", () => {
    const lock = { clients: 6, think: 4, writeShare: 0.25 };
    const writer = waitReadersWriters({ ...lock, prefers: "writer" });
    expect(writer.read).toBeCloseTo(0.542942, 6);
    expect(writer.write).toBeCloseTo(0.976627, 6);
    const reader = waitReadersWriters({ ...lock, prefers: "reader" });
    expect(reader.read).toBeCloseTo(0.234716, 6);
    expect(reader.write).toBeCloseTo(1.732428, 6);
    // All write: the FIFO lock.
    expect(waitReadersWriters({ ...lock, writeShare: 1 - 1e-9, prefers: "writer" }).write).toBeCloseTo(
      waitRepair(6, 4),
      6,
    );
  });
});
