/**
 * The text of exported models (tests/promela, `UPDATE_EXPECTED=1` accepts), and, where SPIN and a C compiler are, its
 * verdicts and state counts against ours with all reductions off.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { compile, defaultExploreLimits, explore, exportPromela, parseCellOptions, renderDiagnostic } from "../index.ts";
import type { Scenario } from "../index.ts";

const corpus = new URL("../../tests/promela/", import.meta.url);
const scenarios = new URL("../../tests/scenarios/", import.meta.url);
const accept = process.env["UPDATE_EXPECTED"] === "1";

function constantsOf(line: string): ReadonlyMap<string, number> {
  return new Map(
    line.split(" ").flatMap((part): [string, number][] => {
      const [name, value] = part.split("=");
      return name === undefined || value === undefined ? [] : [[name, Number(value)]];
    }),
  );
}

function compiled(name: string, text: string, constants: ReadonlyMap<string, number>): Scenario {
  const options = parseCellOptions({ name, text, firstLine: 1 }).language;
  const outcome = compile({ files: [{ name, text, firstLine: 1 }], constants, options });
  if (outcome.kind === "compiled") return outcome.scenario;
  throw new Error(outcome.diagnostics.map((diagnostic) => renderDiagnostic(diagnostic)).join("\n"));
}

function firstRun(text: string): string {
  return /^\/\/ run:(.*)$/m.exec(text)?.[1]?.trim() ?? "";
}

function exportedText(scenario: Scenario): string {
  const outcome = exportPromela(scenario);
  if (outcome.kind === "exported") return outcome.text;
  return outcome.reasons
    .map(({ place, message }) => `${place.file}:${String(place.line)}:${String(place.column)}: ${message}\n`)
    .join("");
}

describe("exported models", () => {
  for (const name of readdirSync(corpus).filter((file) => file.endsWith(".scn"))) {
    it(`reads as expected: ${name}`, () => {
      const text = readFileSync(new URL(name, corpus), "utf8");
      const actual = exportedText(compiled(name, text, constantsOf(firstRun(text))));
      const expectedFile = new URL(name.replace(/\.scn$/, ".pml.expected"), corpus);
      if (accept) writeFileSync(expectedFile, actual);
      expect(actual).toBe(existsSync(expectedFile) ? readFileSync(expectedFile, "utf8") : "(no expected file)");
    });
  }

  it("refuses in time what would be too long to write out", { timeout: 10_000 }, () => {
    const text = readFileSync(new URL("wait-exclusive.scn", scenarios), "utf8");
    const scenario = compiled("wait-exclusive.scn", text, new Map([["NR", 2]]));
    expect(exportPromela(scenario)).toMatchObject({ kind: "refused", reasons: [{ place: { line: 11 } }] });
  });

  it("says what the model is too small for", () => {
    const text = readFileSync(new URL("heap-many-init.scn", scenarios), "utf8");
    const scenario = compiled("heap-many-init.scn", text, new Map());
    expect(exportPromela(scenario).kind).toBe("refused");
    expect(exportPromela(scenario, { heapSlots: 20 }).kind).toBe("exported");
  });
});

type SpinResult = { readonly states: number; readonly errors: number; readonly what: string };

/** Runs SPIN's verifier on a model, exhaustively, without its reductions. */
function runSpin(model: string, defines: readonly string[] = []): SpinResult {
  const folder = mkdtempSync(join(tmpdir(), "hunkbook-spin-"));
  try {
    writeFileSync(join(folder, "model.pml"), model);
    execFileSync("spin", [...defines, "-o1", "-o2", "-o3", "-a", "model.pml"], { cwd: folder });
    const vector = /-DVECTORSZ=\d+/.exec(model);
    const flags = ["-O1", "-w", "-fwrapv", "-DSAFETY", "-DNOREDUCE", ...(vector === null ? [] : [vector[0]])];
    execFileSync("gcc", [...flags, "-o", "pan", "pan.c"], { cwd: folder });
    const run = spawnSync("./pan", ["-m1000000", "-w20"], { cwd: folder, encoding: "utf8" });
    const states = /(\d+) states, stored/.exec(run.stdout)?.[1];
    const errors = /errors: (\d+)/.exec(run.stdout)?.[1];
    if (states === undefined || errors === undefined) throw new Error(`pan failed: ${run.stdout}${run.stderr}`);
    return { states: Number(states), errors: Number(errors), what: /pan:\d+: (.*) \(at/.exec(run.stdout)?.[1] ?? "" };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const missing = ["spin", "gcc"].filter((tool) => spawnSync(tool, ["--version"]).error !== undefined);
if (missing.length > 0) console.warn(`not compared with SPIN: ${missing.join(" and ")} is not installed`);

/** Scenario and constants. Each is checked whole by both; counts must be equal wherever nothing is violated. */
const compared = [
  "bench-phil.scn N=5 VAR=0",
  "bench-phil.scn N=4 VAR=1",
  "bench-rwpref.scn NR=3 NX=2 VAR=0",
  "bench-rwpref.scn NR=3 NX=2 VAR=1",
  "bench-rmapmove.scn NM=2 NW=2 NF=1 VAR=0",
  "bench-rmapmove.scn NM=2 NW=2 NF=1 VAR=1",
  "bench-rmapmove.scn NM=2 NW=2 NF=1 VAR=2",
  "always.scn",
  "always-fixed.scn",
  "atomic-blocks.scn",
  "cache-typesafe.scn",
  "deadlock-abba.scn",
  "deadlock-abba-fixed.scn",
  "deadlock-completion-fixed.scn",
  "deadlock-rcu-section-fixed.scn",
  "finally.scn",
  "finally-fixed.scn",
  "functions.scn",
  "idle-forever.scn",
  "irq-wakes.scn",
  "irq-window.scn",
  "out-of-bounds-pointer-fixed.scn",
  "rwsem-steal.scn",
  "rwsem-trylock.scn",
  "wait-event-lost-fixed.scn",
  "bugs/01-vma-of-another-mm-fixed.scn",
  "bugs/02-futex-early-wake.scn",
  "bugs/02-futex-early-wake-fixed.scn",
  "use-after-free.scn",
  "use-after-free-fixed.scn",
];

describe.skipIf(missing.length > 0)("SPIN", () => {
  for (const line of compared) {
    const [name = "", ...constants] = line.split(" ");
    it(`finds what we find: ${line}`, { timeout: 60_000 }, () => {
      const text = readFileSync(new URL(name, scenarios), "utf8");
      const given = constants.length > 0 ? constants.join(" ") : firstRun(text);
      const scenario = compiled(name, text, constantsOf(given));
      const ours = explore(scenario, { limits: defaultExploreLimits, reductions: [] });
      const spin = runSpin(exportedText(scenario));
      expect({ ...spin, isFine: spin.errors === 0 }).toMatchObject({ isFine: ours.verdict === "holds" });
      if (ours.class === "deadlock") expect(spin.what).toContain("invalid end state");
      else if (ours.verdict === "violated") expect(spin.what).toContain("assertion violated");
      if (ours.verdict === "holds") expect(spin.states).toBe(ours.states);
    });
  }

  it("reaches a `sometimes` when asked for it", { timeout: 60_000 }, () => {
    const text = readFileSync(new URL("arrays.scn", corpus), "utf8");
    const model = exportedText(compiled("arrays.scn", text, constantsOf(firstRun(text))));
    expect(runSpin(model).errors).toBe(0);
    expect(runSpin(model, ["-DREACH=1"]).what).toContain("assertion violated");
  });
});
