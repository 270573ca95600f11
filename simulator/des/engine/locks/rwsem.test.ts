import { describe, expect, it } from "vitest";
import { holdsOf, settingOf, type ScriptedTask, type Step } from "../../../testing/scripted-world.ts";

const read = (...inside: Step[]): Step[] => [["down-read", 1], ...inside, ["up-read", 1]];
const write = (...inside: Step[]): Step[] => [["down-write", 1], ...inside, ["up-write", 1]];
const after = (ns: number, name: string, script: readonly Step[]): ScriptedTask => ({
  name,
  script: [["work", ns], ...script],
});
const ms = 1_000_000;

describe("an rwsem (rules R1 to R9 of the domain notes)", () => {
  it("R1, R6: a queued writer keeps new readers out; it spins on readers for 10.5 us at most", () => {
    const held = holdsOf(
      settingOf(
        [
          after(0, "r0", read(["work", 100_000])),
          after(1000, "w", write(["work", 5000])),
          after(20_000, "r2", read(["work", 10])),
        ],
        { cpus: 3 },
      ),
    );
    expect(held).toEqual([
      "r0 1 read 0-100000",
      "w 1 write 100000-105000 spin 10501 blocked 88499",
      "r2 1 read 105000-105010 blocked 85000",
    ]);
  });

  it("R2, R3: trylocks fail on a waiter, even when only readers hold", () => {
    const held = holdsOf(
      settingOf(
        [
          after(0, "r0", read(["work", 100_000])),
          after(1000, "w", write(["work", 5000])),
          after(20_000, "tr", [
            ["down-read-trylock", 1],
            ["skip", 1],
            ["up-read", 1],
          ]),
          after(30_000, "tw", [
            ["down-write-trylock", 1],
            ["skip", 1],
            ["up-write", 1],
          ]),
          after(5000, "early", [
            ["down-read-trylock", 1],
            ["skip", 1],
            ["up-read", 1],
          ]),
        ],
        { cpus: 5 },
      ),
    );
    expect(held.slice(0, 3)).toEqual(["early 1 read 5000-5000", "tr 1 read fails", "tw 1 write fails"]);
  });

  it("R4: a reader steals a lock that nobody holds from the waiter on its way, and not behind other readers", () => {
    const held = holdsOf(
      settingOf(
        [
          after(0, "a", write(["sleep", 10_000])),
          after(1000, "w", write(["work", 5000])),
          { name: "thief", script: [["sleep", 20_000], ...read(["work", 100_000])] },
          { name: "r2", script: [["sleep", 30_000], ...read(["work", 10])] },
        ],
        { cpus: 4, costs: { wakeIdle: 50_000 } },
      ),
    );
    // a wakes at 60000 and unlocks; w has its CPU at 110000. The thief comes at 70000; r2 at 80000 finds it reading.
    // At 170000 the last reader's unlock wakes w, who has it at 220000.
    expect(held).toEqual([
      "a 1 write 0-60000",
      "thief 1 read 70000-170000",
      "w 1 write 220000-225000 blocked 119000 runnable 100000",
      "r2 1 read 275000-275010 blocked 145000 runnable 50000",
    ]);
  });

  it("R5: a writer spins while the owner runs, and takes the lock past the queue", () => {
    const held = holdsOf(
      settingOf(
        [
          after(0, "a", write(["sleep", 10_000], ["work", 20_000])),
          after(1000, "queued", write(["work", 5000])),
          after(15_000, "spinner", write(["work", 7000])),
        ],
        { cpus: 3, costs: { wakeIdle: 2000, spinTransfer: 100 } },
      ),
    );
    // a runs again from 12000 to 32000; the spinner sees the release at 32100, before the queued one is back at 34000.
    // That loses, and sleeps until 39100; it has the lock at 41100.
    expect(held).toEqual([
      "a 1 write 0-32000",
      "spinner 1 write 32100-39100 spin 17100",
      "queued 1 write 41100-46100 blocked 36100 runnable 4000",
    ]);
  });

  it("R7: a waiter that loses after its time asks for hand-off, and nobody steals any more", () => {
    const held = holdsOf(
      settingOf([{ name: "h", rounds: 5, script: write(["sleep", 3 * ms]) }, after(1000, "w", write(["work", ms]))], {
        cpus: 2,
        costs: { wakeIdle: 50_000 },
        machine: { hz: 250 },
      }),
    );
    // Queued in tick 0, it may ask after tick 1: strictly later, in tick 2, from 8 ms on. It loses at 3.1, 6.15, 9.2 ms: the
    // third time it asks. h cannot take the lock at 12.2 ms.
    expect(held).toEqual([
      "h 1 write 0-3050000",
      "h 1 write 3050000-6100000",
      "h 1 write 6100000-9150000",
      "h 1 write 9150000-12200000",
      "w 1 write 12250000-13250000 blocked 12049000 runnable 200000",
      "h 1 write 13250000-16300000 spin 1050000",
    ]);
  });

  it("R8: with a reader at the head all queued readers go, past the writer between them", () => {
    const held = holdsOf(
      settingOf(
        [
          after(0, "a", write(["sleep", 10_000])),
          after(1000, "r1", read(["work", 1000])),
          after(2000, "w", write(["work", 500])),
          after(3000, "r2", read(["work", 2000])),
        ],
        { cpus: 4 },
      ),
    );
    expect(held).toEqual([
      "a 1 write 0-10000",
      "r1 1 read 10000-11000 blocked 9000",
      "r2 1 read 10000-12000 blocked 7000",
      "w 1 write 12000-12500 blocked 10000",
    ]);
  });

  it("R8: lets 256 readers go at a time", () => {
    const held = holdsOf(
      settingOf(
        [
          { name: "a", script: write(["sleep", 10_000]) },
          { name: "r", count: 300, script: read(["work", 10]) },
        ],
        {
          cpus: 301,
        },
      ),
    );
    const at = (from: number): number => held.filter((line) => line.includes(` read ${String(from)}-`)).length;
    expect([at(10_000), at(10_010)]).toEqual([256, 44]);
  });

  it("R9: a downgrade lets readers in, and no writer", () => {
    const held = holdsOf(
      settingOf(
        [
          after(0, "a", [
            ["down-write", 1],
            ["sleep", 10_000],
            ["downgrade-write", 1],
            ["sleep", 10_000],
            ["up-read", 1],
          ]),
          after(1000, "r", read(["work", 1000])),
          after(2000, "w", write(["work", 500])),
        ],
        { cpus: 3 },
      ),
    );
    expect(held).toEqual([
      "a 1 write 0-10000",
      "r 1 read 10000-11000 blocked 9000",
      "a 1 read 10000-20000",
      "w 1 write 20000-20500 blocked 18000",
    ]);
  });
});
