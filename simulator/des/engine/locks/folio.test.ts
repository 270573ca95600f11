import { describe, expect, it } from "vitest";
import { holdsOf, settingOf, type ScriptedTask, type Step } from "../../../testing/scripted-world.ts";

const lock = (...inside: Step[]): Step[] => [["folio-lock", 1], ...inside, ["folio-unlock", 1]];

describe("the folio lock", () => {
  it("is slept for at once, and goes to the first of the queue", () => {
    const held = holdsOf(
      settingOf(
        [
          { name: "a", script: lock(["work", 10_000]) },
          { name: "c", script: [["work", 200], ...lock(["work", 1000])] },
          { name: "b", script: [["work", 100], ...lock(["work", 1000])] },
        ],
        { cpus: 3 },
      ),
    );
    expect(held).toEqual([
      "a 1 write 0-10000",
      "b 1 write 10000-11000 blocked 9900",
      "c 1 write 11000-12000 blocked 10800",
    ]);
  });

  it("is lost to five thieves, and handed over at the sixth unlock", () => {
    // The thief holds it for 10 us in each round and takes it again 1 us later; a woken waiter needs 5 us.
    const thief: ScriptedTask = { name: "thief", rounds: 8, script: [...lock(["work", 10_000]), ["work", 1000]] };
    const waiter: ScriptedTask = { name: "w", script: [["work", 100], ...lock(["work", 10])] };
    const held = holdsOf(settingOf([thief, waiter], { costs: { wakeIdle: 5000 } }));
    expect(held.slice(4, 8)).toEqual([
      "thief 1 write 44000-54000",
      // Woken in vain at 10, 21, 32, 43 and 54 us, it was queued the sixth time at 59 us: the unlock at 65 us hands over.
      "thief 1 write 55000-65000",
      "w 1 write 70000-70010 blocked 39900 runnable 30000",
      "thief 1 write 75010-85010 blocked 4010 runnable 5000",
    ]);
  });

  it("waited for and not wanted wakes all who only wait before the first who wants it", () => {
    const held = holdsOf(
      settingOf(
        [
          { name: "a", script: lock(["work", 10_000]) },
          {
            name: "x",
            script: [
              ["work", 100],
              ["folio-wait-locked", 1],
              ["mutex-lock", 2],
              ["mutex-unlock", 2],
            ],
          },
          { name: "b", script: [["work", 200], ...lock(["work", 1000])] },
          {
            name: "y",
            script: [
              ["work", 300],
              ["folio-wait-locked", 1],
              ["mutex-lock", 3],
              ["mutex-unlock", 3],
            ],
          },
        ],
        { cpus: 4 },
      ),
    );
    expect(held).toEqual([
      "a 1 write 0-10000",
      "x 2 write 10000-10000",
      "b 1 write 10000-11000 blocked 9800",
      "y 3 write 11000-11000",
    ]);
  });

  it("may be unlocked by another task, and not when it is not locked", () => {
    const other: ScriptedTask = {
      name: "b",
      script: [
        ["work", 500],
        ["folio-unlock", 1],
      ],
    };
    expect(holdsOf(settingOf([{ name: "a", script: [["folio-lock", 1]] }, other]))).toEqual(["a 1 write 0-500"]);
    expect(holdsOf(settingOf([other]))).toEqual(["unlock-not-held: lock1 is unlocked and was not locked"]);
  });
});

describe("a semaphore", () => {
  it("has the places given, and hands a free one to who sleeps longest", () => {
    const held = holdsOf(
      settingOf(
        [
          { name: "init", script: [["semaphore-init", 1, 2]] },
          ...["a", "b", "c", "d"].map((name, nth): ScriptedTask => ({
            name,
            script: [
              ["work", 10 + nth],
              ["semaphore-down", 1],
              ["work", 1000],
              ["semaphore-up", 1],
            ],
          })),
        ],
        { cpus: 5 },
      ),
    );
    expect(held).toEqual([
      "a 1 write 10-1010",
      "b 1 write 11-1011",
      "c 1 write 1010-2010 blocked 998",
      "d 1 write 1011-2011 blocked 998",
    ]);
  });
});
