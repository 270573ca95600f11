/**
 * One semantics: what timed code does on each scenario of the verdict corpus, played without time and in any order, is
 * something that explore has found too. The expected files beside the scenarios say what explore says.
 */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { compileTimed, parseCellOptions } from "../index.ts";
import type { TimedProgram } from "../des/timed-code.ts";
import { playUntimed } from "./untimed-run.ts";

const folder = new URL("../../tests/scenarios/", import.meta.url);
const seeds = Number(process.env["TIMED_TWIN_SEEDS"] ?? "40");
const tasksMax = 6;

/** What means something else in simulated time, and why. */
const exceptions: ReadonlyMap<string, string> = new Map([
  ["heap-address-order.scn", "freed memory is reused, so which of two objects lies higher is another question"],
  ["lockdep-semaphore.scn", "lockdep_is_held() is always true, as without lockdep"],
  ["other-locks.scn", "lockdep_is_held() is always true, as without lockdep"],
  ["signal-hand-made.scn", "signals never come in simulated time, and nothing else wakes its task"],
  ["signal-spins.scn", "signals never come in simulated time, and nothing else wakes its task"],
]);

type Case = { readonly title: string; readonly program: TimedProgram; readonly verdict: string };

function casesOf(name: string): readonly Case[] {
  const text = readFileSync(new URL(name, folder), "utf8");
  const expected = readFileSync(new URL(name.replace(/\.scn$/, ".expected"), folder), "utf8");
  const runs = text.split("\n").flatMap((line) => (line.startsWith("// run:") ? [line.slice(7).trim()] : []));
  return (runs.length === 0 ? [""] : runs).flatMap((title): Case[] => {
    const constants = new Map(
      title.split(" ").flatMap((part): [string, number][] => {
        const [key, value] = part.split("=");
        const isBound = key === "states" || key === "depth";
        return key === undefined || value === undefined || isBound ? [] : [[key, Number(value)]];
      }),
    );
    const part = title === "" ? expected : (expected.split(`== ${title}\n`)[1] ?? "");
    const files = [{ name, text, firstLine: 1 }];
    const options = parseCellOptions({ name, text, firstLine: 1 }).language;
    const outcome = compileTimed({ files, constants, options });
    if (outcome.kind === "rejected") return [];
    return [{ title, program: outcome.program, verdict: part.split("\n")[0] ?? "" }];
  });
}

/** Violations that show in many orders, each once. */
function violationsOf(program: TimedProgram): readonly string[] {
  const found = new Set<string>();
  for (let seed = 1; seed <= seeds; seed += 1) {
    const end = playUntimed(program, { seed, turns: 1000 });
    if (end.kind === "violation") found.add(`${end.class}: ${end.message}`);
  }
  return [...found];
}

describe("timed code and explore", () => {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
    (name) => name.endsWith(".scn") && !name.startsWith("mm/"),
  );
  let compared = 0;
  let shown = 0;
  for (const name of names) {
    const reason = exceptions.get(name);
    it.skipIf(reason !== undefined)(
      `agree on ${name}${reason === undefined ? "" : ` (not compared: ${reason})`}`,
      { timeout: 60_000 },
      () => {
        for (const { title, program, verdict } of casesOf(name)) {
          if (program.taskCount > tasksMax) continue;
          const violations = violationsOf(program);
          compared += 1;
          if (violations.length > 0) shown += 1;
          if (verdict.startsWith("holds")) expect({ title, violations }).toEqual({ title, violations: [] });
          else if (violations.length > 0) expect(verdict).toMatch(/^(violated|inconclusive)/);
        }
      },
    );
  }
  it("are compared on most of the corpus, and many of its violations show", () => {
    expect(compared).toBeGreaterThan(150);
    expect(shown).toBeGreaterThan(40);
  });
});
