import { describe, expect, it } from "vitest";
import { holdsOf, settingOf, type ScriptedTask, type Step } from "../../../testing/scripted-world.ts";

const section = (...inside: Step[]): Step[] => [["mutex-lock", 1], ...inside, ["mutex-unlock", 1]];

describe("a mutex", () => {
  it("is spun for while its owner runs, one at the head, the others in order behind it", () => {
    const late = (name: string, ns: number): ScriptedTask => ({
      name,
      script: [["work", ns], ...section(["work", 1000])],
    });
    const held = holdsOf(
      settingOf([late("a", 0), late("c", 20), late("b", 10)], { cpus: 3, costs: { spinTransfer: 100 } }),
    );
    // At 1000 b sees the release after the transfer; c becomes head when b has it, and sees b's release at 2100.
    expect(held).toEqual(["a 1 write 0-1000", "b 1 write 1100-2100 spin 1090", "c 1 write 2200-3200 spin 2180"]);
  });

  it("is slept for when its owner does not run; the unlock wakes the first", () => {
    const held = holdsOf(
      settingOf(
        [
          { name: "a", script: section(["sleep", 10_000]) },
          { name: "b", script: [["work", 100], ...section(["work", 1000])] },
          { name: "c", script: [["work", 200], ...section(["work", 1000])] },
        ],
        { cpus: 3, costs: { wakeIdle: 3000 } },
      ),
    );
    // a wakes at 13000 and unlocks; b, woken, has it at 16000. b's unlock at 17000 wakes c.
    expect(held).toEqual([
      "a 1 write 0-13000",
      "b 1 write 16000-17000 blocked 12900 runnable 3000",
      "c 1 write 20000-21000 blocked 16800 runnable 3000",
    ]);
  });

  it("is stolen from a woken waiter once, then handed to it", () => {
    const held = holdsOf(
      settingOf(
        [
          { name: "a", script: section(["sleep", 10_000]) },
          { name: "b", script: [["work", 100], ...section(["work", 1000])] },
          { name: "thief", script: [["sleep", 11_000], ...section(["sleep", 8000]), ...section(["work", 10])] },
        ],
        { cpus: 3, costs: { wakeIdle: 3000 } },
      ),
    );
    // a unlocks at 13000; b has its CPU at 16000, but the thief took the lock at 14000. b asks for hand-off and sleeps, the
    // thief being asleep. At 25000 the unlock hands it to b, who picks it up at 28000: the thief cannot take it at 25000.
    expect(held).toEqual([
      "a 1 write 0-13000",
      "thief 1 write 14000-25000",
      "b 1 write 28000-29000 blocked 21900 runnable 6000",
      "thief 1 write 32000-32010 blocked 4000 runnable 3000",
    ]);
  });

  it("is not spun for any more when its owner is preempted", () => {
    const held = holdsOf(
      settingOf(
        [
          { name: "a", cpus: [0], nice: 19, script: [["work", 1000], ...section(["work", 10_000_000])] },
          { name: "b", cpus: [1], script: [["work", 2000], ...section(["work", 1000])] },
          {
            name: "hog",
            cpus: [0],
            script: [
              ["sleep", 5_000_000],
              ["work", 3_000_000],
            ],
          },
        ],
        { cpus: 2 },
      ),
    );
    // The hog comes at 5 ms and runs till 8 ms; b spins till then, and sleeps till a unlocks at 13.001 ms.
    expect(held).toEqual(["a 1 write 1000-13001000", "b 1 write 13001000-13002000 spin 4998000 blocked 8001000"]);
  });
});
