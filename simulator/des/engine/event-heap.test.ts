import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EventHeap } from "./event-heap.ts";

describe("the event heap", () => {
  it("gives events by time, equal times in the order of arming, and forgets what was disarmed or armed again", () => {
    const command = fc.record({
      does: fc.constantFrom("arm", "arm", "arm", "disarm", "take", "peek"),
      slot: fc.nat(11),
      time: fc.nat(9),
    });
    fc.assert(
      fc.property(fc.array(command, { maxLength: 200 }), (commands) => {
        const heap = new EventHeap(12);
        let plain: { slot: number; time: number; order: number }[] = [];
        let order = 0;
        const first = (): (typeof plain)[number] | undefined =>
          [...plain].sort((a, b) => a.time - b.time || a.order - b.order)[0];
        for (const { does, slot, time } of commands) {
          if (does === "peek") expect(heap.nextTime()).toBe(first()?.time ?? Infinity);
          if (does === "take") {
            const next = first();
            expect(heap.take()).toBe(next?.slot ?? -1);
            if (next !== undefined) expect(heap.takenTime).toBe(next.time);
            plain = plain.filter((entry) => entry !== next);
          }
          if (does === "arm" || does === "disarm") plain = plain.filter((entry) => entry.slot !== slot);
          if (does === "disarm") heap.disarm(slot);
          if (does === "arm") {
            order += 1;
            heap.arm(slot, time);
            plain.push({ slot, time, order });
            expect(heap.timeOf(slot)).toBe(time);
          }
          expect(heap.isArmed(slot)).toBe(plain.some((entry) => entry.slot === slot));
          expect(heap.size).toBe(plain.length);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
