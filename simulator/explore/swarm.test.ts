import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { compile, exploreSwarm, parseCellOptions, replay } from "../index.ts";

const corpus = join(import.meta.dirname, "../../tests/scenarios");

function scenario(name: string, constants: Readonly<Record<string, number>>) {
  const text = readFileSync(join(corpus, name), "utf8");
  const options = parseCellOptions({ name, text, firstLine: 1 }).language;
  const outcome = compile({
    files: [{ name, text, firstLine: 1 }],
    constants: new Map(Object.entries(constants)),
    options,
  });
  if (outcome.kind === "rejected") throw new Error(outcome.diagnostics.map(({ message }) => message).join("\n"));
  return outcome.scenario;
}

const options = { seed: 1, tableBitsLog2: 20, statesMax: 50_000, depthMax: 2000 };

describe("a swarm job", () => {
  it("finds the assertion that mover and walker break, and its schedule replays", () => {
    const model = scenario("bench-rmapmove.scn", { NM: 2, NW: 2, NF: 2, VAR: 1 });
    const result = exploreSwarm(model, options);
    expect([result.verdict, result.class, result.exhaustive]).toEqual(["violated", "assertion", false]);
    const again = replay(model, result.trace?.schedule ?? "");
    expect(again.kind).toBe("replayed");
  });

  it("finds the deadlock of the philosophers", () => {
    const result = exploreSwarm(scenario("bench-phil.scn", { N: 7, VAR: 1 }), options);
    expect([result.verdict, result.class]).toEqual(["violated", "deadlock"]);
  });

  it("says that it proves nothing when it finds nothing", () => {
    const result = exploreSwarm(scenario("bench-rmapmove.scn", { NM: 2, NW: 2, NF: 1, VAR: 0 }), options);
    expect(result.verdict).toBe("inconclusive");
    expect(result.message).toContain("proves nothing");
    expect(result.exhaustive).toBe(false);
    // 33,950 states in all, fewer with dead locals; the job sees most of them.
    expect(result.states).toBeGreaterThan(5000);
  });

  it("is the same for the same seed, and another for another", () => {
    const model = scenario("bench-phil.scn", { N: 7, VAR: 1 });
    const [first, second, other] = [1, 1, 2].map((seed) => exploreSwarm(model, { ...options, seed }));
    expect(second).toEqual(first);
    expect(other?.trace?.schedule).not.toBe(first?.trace?.schedule);
  });
});
