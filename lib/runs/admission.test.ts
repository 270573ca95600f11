import { describe, expect, it } from "vitest";
import { admit, fairPriority, queuedMax, queuedPerPersonMax } from "./admission.ts";

const anybody = { isUnlimited: false, isWhole: false };

describe("admission", () => {
  it("lets a person have exactly as many runs as the bound says", () => {
    const load = { ofPerson: queuedPerPersonMax - 2, waiting: 0 };
    expect(admit(load, { newRuns: 2, ...anybody }).kind).toBe("admitted");
    expect(admit(load, { newRuns: 3, ...anybody })).toMatchObject({
      kind: "refused",
      reason: "person-queue-full",
      place: 18,
    });
  });

  it("refuses everybody when the queue is full, with the place in it", () => {
    const load = { ofPerson: 0, waiting: queuedMax };
    expect(admit(load, { newRuns: 1, ...anybody })).toMatchObject({
      kind: "refused",
      reason: "queue-full",
      place: queuedMax,
    });
  });

  it("never refuses what needs no new run", () => {
    expect(admit({ ofPerson: 99, waiting: 9999 }, { newRuns: 0, ...anybody }).kind).toBe("admitted");
  });

  it("does not hold back the program's own runs", () => {
    expect(admit({ ofPerson: 99, waiting: 0 }, { newRuns: 50, isUnlimited: true, isWhole: false }).kind).toBe(
      "admitted",
    );
  });
});

describe("fairPriority", () => {
  it("puts a person's later jobs behind another's first", () => {
    expect(fairPriority(0)).toBe(0);
    expect(fairPriority(40)).toBeLessThan(fairPriority(2));
  });

  it("takes an ablation whole, when its person has nothing else waiting and the queue is not full", () => {
    const options = { newRuns: 256, isUnlimited: false, isWhole: true };
    expect(admit({ ofPerson: 0, waiting: 0 }, options)).toEqual({ kind: "admitted" });
    expect(admit({ ofPerson: 1, waiting: 1 }, options)).toMatchObject({ reason: "person-queue-full" });
    expect(admit({ ofPerson: 0, waiting: 500 }, options).kind).toBe("refused");
  });
});
