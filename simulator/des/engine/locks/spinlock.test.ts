import { describe, expect, it } from "vitest";
import { holdsOf, settingOf } from "../../../testing/scripted-world.ts";

describe("a spinlock", () => {
  it("goes to those who spin in the order in which they asked, each after the transfer", () => {
    const held = holdsOf(
      settingOf(
        [
          {
            name: "a",
            script: [
              ["spin-lock", 1],
              ["work", 1000],
              ["spin-unlock", 1],
            ],
          },
          {
            name: "c",
            script: [
              ["work", 20],
              ["spin-lock", 1],
              ["work", 1000],
              ["spin-unlock", 1],
            ],
          },
          {
            name: "b",
            script: [
              ["work", 10],
              ["spin-lock", 1],
              ["work", 1000],
              ["spin-unlock", 1],
            ],
          },
        ],
        { cpus: 3, costs: { spinTransfer: 100 } },
      ),
    );
    // a 0-1000; the lock is b's at 1000 and b has it at 1100; c's at 2100, had at 2200.
    expect(held).toEqual(["a 1 write 0-1000", "b 1 write 1100-2100 spin 1090", "c 1 write 2200-3200 spin 2180"]);
  });

  it("keeps preemption off: who is woken on the CPU waits for the unlock", () => {
    const held = holdsOf(
      settingOf(
        [
          {
            name: "holder",
            nice: 10,
            script: [
              ["spin-lock", 1],
              ["work", 20_000_000],
              ["spin-unlock", 1],
              ["work", 1_000_000],
            ],
          },
          {
            name: "woken",
            script: [
              ["sleep", 1000],
              ["spin-lock", 2],
              ["work", 10],
              ["spin-unlock", 2],
            ],
          },
        ],
        { cpus: 1 },
      ),
    );
    expect(held).toEqual(["holder 1 write 0-20000000", "woken 2 write 20000000-20000010"]);
  });

  it("costs its atomics: local ones, and transfers when the line was elsewhere", () => {
    // a: lock 7 + 2 of the pair, at 9 it has it; 1000 of work; unlock 7 + 2: released at 2018. b (from 5000): transfer 60.
    const held = holdsOf(
      settingOf(
        [
          {
            name: "a",
            script: [
              ["spin-lock", 1],
              ["work", 2000],
              ["spin-unlock", 1],
            ],
          },
          {
            name: "b",
            script: [
              ["work", 5000],
              ["spin-lock", 1],
              ["work", 10],
              ["spin-unlock", 1],
            ],
          },
        ],
        { costs: { atomicLocal: 7, atomicTransfer: 60, spinlockPair: 4 } },
      ),
    );
    expect(held).toEqual(["a 1 write 9-2018", "b 1 write 5062-5081"]);
  });

  it("fails a trylock while it is held", () => {
    const held = holdsOf(
      settingOf([
        {
          name: "a",
          script: [
            ["spin-lock", 1],
            ["work", 1000],
            ["spin-unlock", 1],
          ],
        },
        {
          name: "b",
          script: [
            ["work", 10],
            ["spin-trylock", 1],
            ["skip", 1],
            ["spin-unlock", 1],
          ],
        },
      ]),
    );
    expect(held).toEqual(["b 1 write fails", "a 1 write 0-1000"]);
  });
});

describe("an rwlock", () => {
  it("lets readers in together and is fair to a writer that waits", () => {
    const held = holdsOf(
      settingOf(
        [
          {
            name: "r1",
            script: [
              ["read-lock", 1],
              ["work", 1000],
              ["read-unlock", 1],
            ],
          },
          {
            name: "r2",
            script: [
              ["work", 10],
              ["read-lock", 1],
              ["work", 1000],
              ["read-unlock", 1],
            ],
          },
          {
            name: "w",
            script: [
              ["work", 20],
              ["write-lock", 1],
              ["work", 500],
              ["write-unlock", 1],
            ],
          },
          {
            name: "r3",
            script: [
              ["work", 30],
              ["read-lock", 1],
              ["work", 100],
              ["read-unlock", 1],
            ],
          },
          {
            name: "r4",
            script: [
              ["work", 40],
              ["read-lock", 1],
              ["work", 200],
              ["read-unlock", 1],
            ],
          },
        ],
        { cpus: 5 },
      ),
    );
    expect(held).toEqual([
      "r1 1 read 0-1000",
      "r2 1 read 10-1010",
      "w 1 write 1010-1510 spin 990",
      "r3 1 read 1510-1610 spin 1480",
      "r4 1 read 1510-1710 spin 1470",
    ]);
  });
});
