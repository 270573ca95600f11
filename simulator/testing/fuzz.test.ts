/**
 * Nothing that a user writes may crash, hang or blow up the simulator: random and mutated sources, drawn afresh each
 * time. FUZZ_SEED=n replays a run; `npm run fuzz:sources` runs ten thousand and measures.
 */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { compile } from "../compile.ts";
import { fuzzFamilies } from "./fuzz-families.ts";
import { judgeText } from "./fuzz-judge.ts";
import { cellsOfNotebook, fuzzSource } from "./fuzz-sources.ts";

const root = new URL("../../", import.meta.url);

function filesUnder(folder: string, suffix: string): readonly string[] {
  const names = readdirSync(new URL(folder, root), { recursive: true, encoding: "utf8" });
  const wanted = names.filter((name) => name.endsWith(suffix)).toSorted();
  return wanted.map((name) => readFileSync(new URL(`${folder}/${name}`, root), "utf8"));
}

const corpus = [
  ...["tests/scenarios", "tests/language", "tests/diagnostics"].flatMap((folder) => filesUnder(folder, ".scn")),
  ...filesUnder("notebooks", ".hb.md").flatMap(cellsOfNotebook),
];

const runs = 250;

describe("random and mutated sources", () => {
  it("are compiled and explored, or rejected with diagnostics", { timeout: 300_000 }, () => {
    const first = Number(process.env["FUZZ_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
    console.log(`fuzzed sources: FUZZ_SEED=${first}, ${runs} of them`);
    const kinds = new Map<string, number>();
    for (let seed = first; seed < first + runs; seed += 1) {
      const { kind, text } = fuzzSource(seed, corpus);
      const judgement = judgeText(text);
      kinds.set(judgement.kind, (kinds.get(judgement.kind) ?? 0) + 1);
      expect(judgement.faults, `FUZZ_SEED=${seed} (${kind})`).toEqual([]);
    }
    // A corpus that cannot be read, or mutations that leave nothing alive, would make the test hollow.
    expect(kinds.get("compiled") ?? 0).toBeGreaterThan(runs / 25);
    expect(kinds.get("rejected") ?? 0).toBeGreaterThan(runs / 4);
  });

  it("tell the error behind any number of warnings", () => {
    const warnings = Array.from({ length: 300 }, (_, i) => `#if UNKNOWN${i}\n#endif\n`).join("");
    expect(judgeText(`${warnings}task t { x = 1; }\n`)).toEqual({ kind: "rejected", outcome: "SCN015", faults: [] });
  });

  it("depend on their seed alone", () => {
    for (const seed of [1, 2, 3]) expect(fuzzSource(seed, corpus)).toEqual(fuzzSource(seed, corpus));
    expect(fuzzSource(1, corpus).text).not.toBe(fuzzSource(2, corpus).text);
  });
});

describe("hostile families", () => {
  it.each(fuzzFamilies.map((family) => [family.name, family] as const))("%s: compiled or rejected", (_, family) => {
    const text = family.make(8_192);
    expect(text.length).toBeLessThanOrEqual(8_192);
    const outcome = compile({
      files: [{ name: "family.scn", text, firstLine: 1 }],
      constants: new Map([["N", 2]]),
      options: {},
    });
    if (outcome.kind === "rejected") expect(outcome.diagnostics.map((each) => each.severity)).toContain("error");
  });
});
