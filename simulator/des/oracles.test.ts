/**
 * The scenarios of tests/oracles, compiled, run and measured as any other, against exact waits: a short part of what
 * `npm run bench:des` does to the precision of the simulator's document.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { quantileMM1, quantileRepair, waitMG1, waitMMc, waitReadersWriters, waitRepair } from "../testing/queueing.ts";
import { freeProfile } from "../testing/scripted-world.ts";
import { compileTimed } from "./code/compile-timed.ts";
import type { SimulateResult } from "./result.ts";
import { simulate } from "./simulate.ts";

type Row = {
  readonly name: string;
  readonly scenario: string;
  readonly constants: Readonly<Record<string, number>>;
  readonly cpus: number;
  readonly requests: number;
  readonly everyNs: number;
  readonly warmUpMs?: number;
  readonly oracleRwlock?: "writer" | "reader";
  readonly exact: Readonly<Record<string, number>>;
};

const directory = join(import.meta.dirname, "../../tests/oracles");
const rows = JSON.parse(readFileSync(join(directory, "oracles.json"), "utf8")) as readonly Row[];

/** By the row's own constants, not by its name. */
function exactOf({ scenario, constants, oracleRwlock }: Row, key: string): number {
  const [span = "", figure = ""] = key.split(".");
  const q = Number(`0.${figure.slice(1)}`);
  if (scenario === "repair.scn") {
    const clients = constants.N!;
    return figure === "mean" ? waitRepair(clients, 10) : quantileRepair(clients, 10, q);
  }
  if (scenario === "readers-writers.scn") {
    const waits = waitReadersWriters({ clients: 6, think: 4, writeShare: 0.25, prefers: oracleRwlock! });
    return span === "read" ? waits.read : waits.write;
  }
  const servers = constants.SERVERS!;
  const load = 1e6 / constants.ARRIVAL! / servers;
  if (figure !== "mean") return quantileMM1(load, q);
  if (servers > 1) return waitMMc(servers, load);
  return waitMG1(load, [2, 1, 1.5, 0.5 / 0.8873 + 0.5 / 0.1127][constants.KIND! - 1]!);
}

function simulated(row: Row, untilNs: number, seed = 1): SimulateResult {
  const text = readFileSync(join(directory, row.scenario), "utf8");
  const outcome = compileTimed({
    files: [{ name: row.scenario, text, firstLine: 1 }],
    constants: new Map(Object.entries(row.constants)),
    options: {},
  });
  if (outcome.kind === "rejected") throw new Error(outcome.diagnostics.map(({ message }) => message).join("\n"));
  return simulate(outcome.program, {
    ...{ profile: freeProfile(row.cpus), untilNs, warmUpNs: 500e6, replications: 10, seed, eventsMax: 1e9 },
    ...(row.oracleRwlock === undefined ? {} : { oracleRwlock: row.oracleRwlock }),
  });
}

describe("oracles", () => {
  it("are exact", () => {
    for (const row of rows)
      for (const [key, exact] of Object.entries(row.exact))
        // Arrivals are rounded to whole nanoseconds.
        expect(exactOf(row, key) / exact, `${row.name} ${key}`).toBeCloseTo(1, 4);
  });

  // The others need longer runs than a unit test takes.
  const short = rows.filter(({ warmUpMs }) => warmUpMs === undefined);
  it.each(short.map((row) => ({ name: row.name, row })))("meet the engine: $name", ({ row }) => {
    const result = simulated(row, 500e6 + 3000 * row.everyNs);
    expect(result.verdict).toBe("measured");
    for (const [key, exact] of Object.entries(row.exact)) {
      const [span, figure = ""] = key.split(".");
      const { latency } = result.spans.find(({ text }) => text === span)!;
      const { mean } = latency;
      const quantile = latency.quantiles.find(({ q }) => q === Number(`0.${figure.slice(1)}`));
      const [value, halfWidth] =
        figure === "mean" ? [mean.mean, mean.halfWidth] : [quantile!.value, quantile!.halfWidth];
      expect([key, halfWidth! / 1e6 / exact < 0.25]).toEqual([key, true]);
      // Two half-widths of ten replications are four and a half deviations.
      expect([key, Math.abs(value! / 1e6 - exact) < (2 * halfWidth!) / 1e6]).toEqual([key, true]);
    }
  });
});
