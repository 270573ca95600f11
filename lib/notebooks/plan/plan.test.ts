import { describe, expect, it } from "vitest";
import { parseNotebook } from "../parse/parse.ts";
import { planRuns, type PlanRequest } from "./plan.ts";
import type { PlannedRun } from "../types.ts";

const fence = "```";

/** A notebook of the blocks given as [info, text]. */
function notebookOf(blocks: readonly (readonly [string, string])[]): string {
  const header: readonly [string, string] = ["hunkbook", "format: hunkbook/1\nlang: scn/1\nabout: <root@example.org>"];
  return [header, ...blocks].map(([info, text]) => `${fence}${info}\n${text}\n${fence}\n`).join("\n");
}

function plan(blocks: readonly (readonly [string, string])[], request: PlanRequest = {}): readonly PlannedRun[] {
  const outcome = planRuns(parseNotebook(notebookOf(blocks)).notebook, request);
  if (outcome.kind === "rejected") throw new Error(outcome.diagnostics.map((one) => one.message).join("\n"));
  return outcome.members;
}

function problems(blocks: readonly (readonly [string, string])[], request: PlanRequest = {}): string[] {
  const outcome = planRuns(parseNotebook(notebookOf(blocks)).notebook, request);
  return outcome.kind === "planned" ? [] : outcome.diagnostics.map((one) => `${one.code}: ${one.message}`);
}

const hunks = ["hunks", "RECHECK = 1/2:mm/rmap.c@547 1/2:mm/rmap.c@558\nLOCK = 2/2:mm/rmap.c@1006"] as const;
const model = ["scn #model", "int x;\ntask t { x = 1; }"] as const;
const check = ["run #race", "check base fixed"] as const;

describe("planRuns", () => {
  it("plans one run a variant, with defines, switches and hunks", () => {
    const members = plan([hunks, ["variant", "fixed = RECHECK=1 FAST=3"], model, check]);
    expect(members.map((member) => member.variant)).toEqual(["base", "fixed"]);
    expect(members[0]).toMatchObject({ defines: { FAST: 0 }, switches: { RECHECK: 0, LOCK: 0 }, appliedHunks: [] });
    expect(members[1]).toMatchObject({
      runCellId: "race",
      scnCellId: "model",
      defines: { FAST: 3 },
      switches: { RECHECK: 1, LOCK: 0 },
      appliedHunks: [
        { messageId: "root@example.org", path: "mm/rmap.c", oldStart: 547, ordinal: 0 },
        { messageId: "root@example.org", path: "mm/rmap.c", oldStart: 558, ordinal: 0 },
      ],
    });
    expect(members[1]?.hunks.map((hunk) => `${hunk.oldStart} ${hunk.role} ${hunk.switchName ?? ""}`)).toEqual([
      "547 switch RECHECK",
      "558 switch RECHECK",
      "1006 off LOCK",
    ]);
  });

  it("gives the same plan wherever a cell stands in its file", () => {
    const blocks = [["variant", "fixed = FAST=1"], model, check] as const;
    const moved = [check, ["param", "UNUSED = 1 in 1..2"], ["variant", "fixed = FAST=1"], model] as const;
    expect(plan(blocks)[1]?.cells).toEqual(plan(moved)[1]?.cells);
  });

  it("folds extended variants in, later items winning", () => {
    const variants = ["variant", "one = A=1 B=1\ntwo = extends one B=2\nfixed = extends two LOCK=1"] as const;
    expect(plan([hunks, variants, model, check])[1]).toMatchObject({ defines: { A: 1, B: 2 }, switches: { LOCK: 1 } });
  });

  it("reads a diamond of variants once, however often it is extended", () => {
    const lines = Array.from({ length: 40 }, (_, index) => `v${index + 1} = extends v${index} extends v${index}`);
    const variants = ["variant", ["v0 = A=1", ...lines, "fixed = extends v40"].join("\n")] as const;
    expect(plan([variants, model, check])[1]?.defines).toEqual({ A: 1 });
  });

  it("prints the cycle when variants extend each other", () => {
    const variants = ["variant", "fixed = extends two\ntwo = extends three\nthree = extends fixed"] as const;
    expect(problems([variants, model, check])[0]).toContain("fixed -> two -> three -> fixed");
  });

  it("maps apply n/m to the switches whose hunks it covers", () => {
    expect(plan([hunks, ["variant", "fixed = apply 1/2"], model, check])[1]?.switches).toEqual({ RECHECK: 1, LOCK: 0 });
    expect(plan([hunks, ["variant", "fixed = apply 1-2/2"], model, check])[1]?.switches).toEqual({
      RECHECK: 1,
      LOCK: 1,
    });
    expect(plan([hunks, ["variant", "fixed = apply all"], model, check])[1]?.switches).toEqual({ RECHECK: 1, LOCK: 1 });
  });

  it("refuses a switch that would be applied in part", () => {
    const variants = ["variant", "fixed = apply 1/2 except mm/rmap.c@558"] as const;
    expect(problems([hunks, variants, model, check])[0]).toContain("NBK033: switch RECHECK would be applied in part");
  });

  it("says that applying to text is not supported yet", () => {
    const unnumbered = ["hunks", "RECHECK = mm/rmap.c@547"] as const;
    expect(problems([unnumbered, ["variant", "fixed = apply 1/2"], model, check])[0]).toMatch(
      /^NBK090: .*not supported yet/,
    );
    const excerpt = ["scn #model", "//| file: mm/rmap.c\nint x;"] as const;
    expect(problems([hunks, ["variant", "fixed = LOCK=1"], excerpt, check])[0]).toMatch(/^NBK090: .*not supported yet/);
  });

  it("takes parameters from the notebook, the run and the request, the last winning", () => {
    const params = ["param", "A = 1 in 1..9\nB = 2 in 1..9\nC = 3 in 1..9"] as const;
    const run = ["run #race", "check B=5 C=5"] as const;
    expect(plan([params, model, run], { parameters: { C: 7 } })[0]?.parameters).toEqual({ A: 1, B: 5, C: 7 });
  });

  it("names the range that a parameter leaves, and refuses a switch set like a parameter", () => {
    const params = ["param", "A = 1 in 1..9:2"] as const;
    const blocks = [params, hunks, ["variant", "fixed = base"], model, check] as const;
    expect(problems(blocks, { parameters: { A: 11 } })).toEqual(["NBK021: A = 11 is outside of its range 1..9:2"]);
    expect(problems(blocks, { parameters: { A: 4 } })).toEqual([
      "NBK021: A = 4 is not on the steps of its range 1..9:2",
    ]);
    expect(problems(blocks, { parameters: { LOCK: 1 } })[0]).toContain("NBK044: LOCK is a hunk switch");
    expect(problems(blocks, { parameters: { a: 1 } })[0]).toContain('did you mean "A"?');
  });

  it("puts used cells before their users and a variant's cells last", () => {
    const cells = [
      ["scn #top", "//| use: lib\ntask t { f(); }"],
      ["scn #lib", "//| use: types\nvoid f(void) {}"],
      ["scn #types", "int x;"],
      ["scn #extra", "//| variant: fixed\nint y;"],
    ] as const;
    const members = plan([["variant", "fixed = base"], ...cells, check]);
    expect(members[0]?.cells.map((cell) => cell.id)).toEqual(["types", "lib", "top"]);
    expect(members[1]?.cells.map((cell) => cell.id)).toEqual(["types", "lib", "top", "extra"]);
  });

  it("asks which scenario is meant when there are several", () => {
    const other = ["scn #other", "int y;"] as const;
    const blocks = [["variant", "fixed = base"], model, other] as const;
    expect(problems([...blocks, check])[0]).toContain("scn=#model, scn=#other");
    expect(plan([...blocks, ["run #race", "check base scn=#other"]])[0]?.scnCellId).toBe("other");
  });

  it("refuses cells of one scenario that disagree about an option", () => {
    const cells = [
      ["scn #a", "//| races: off\nint x;"],
      ["scn #b", "//| use: a\n//| races: note\nint y;"],
    ] as const;
    expect(problems([...cells, ["run #race", "check"]])[0]).toContain("NBK054: races: note here, but off at line");
  });

  it("is not stopped by an error in a cell that the run does not use, and is by one that it does", () => {
    const broken = ["scn #broken", "//| races: maybe\nint y;"] as const;
    const blocks = [["variant", "fixed = base"], model, broken] as const;
    const run = ["run #race", "check fixed scn=#model"] as const;
    expect(plan([...blocks, run])).toHaveLength(1);
    expect(problems([...blocks, ["run #race", "check fixed scn=#broken"]])[0]).toContain("NBK051");
  });

  it("does not run the others as if they were all when one run block is malformed", () => {
    const blocks = [model, ["run #one", "check"], ["run #two", "chek"]] as const;
    expect(problems(blocks)[0]).toContain('did you mean "check"?');
    expect(plan(blocks, { cellId: "one" })).toHaveLength(1);
  });

  it("names commands that this version cannot run, and lists them when all were asked for", () => {
    const blocks = [model, ["run #race", "check"], ["run #cost", "ablate metric=p99"]] as const;
    expect(problems(blocks, { cellId: "cost" })[0]).toBe(
      "NBK090: ablate metric= is not supported yet by this version; ablate check is",
    );
    const outcome = planRuns(parseNotebook(notebookOf(blocks)).notebook);
    expect(outcome).toMatchObject({ kind: "planned", skipped: [{ runCellId: "cost" }] });
  });

  it("plans every subset of an ablation from scratch, with the defines of base", () => {
    const ablate = ["run #which", "ablate"] as const;
    const members = plan([hunks, ["variant", "fixed = LOCK=1 FAST=3"], model, ablate]);
    expect(members.map((member) => member.variant)).toEqual(["{}", "{RECHECK}", "{LOCK}", "{LOCK, RECHECK}"]);
    expect(members[2]).toMatchObject({
      kind: "check",
      ablated: ["RECHECK", "LOCK"],
      defines: { FAST: 0 },
      switches: { RECHECK: 0, LOCK: 1 },
      appliedHunks: [{ oldStart: 1006 }],
    });
    expect(plan([hunks, model, ["run #which", "ablate LOCK"]]).map((member) => member.variant)).toEqual([
      "{}",
      "{LOCK}",
    ]);
    expect(plan([hunks, model, ablate], { variants: ["{LOCK,RECHECK}"] })).toHaveLength(1);
    expect(problems([hunks, model, ablate], { variants: ["{LOKC}"] })[0]).toMatch(/^NBK045/);
    expect(problems([model, ablate])[0]).toContain("no switch to try");
  });

  it("ablates a check cell's scenario when that is what is asked for", () => {
    const request: PlanRequest = { cellId: "race", question: { kind: "ablate", switches: ["LOCK"] } };
    const members = plan([hunks, ["variant", "fixed = LOCK=1"], model, check], request);
    expect(members.map((member) => [member.runCellId, member.variant])).toEqual([
      ["race", "{}"],
      ["race", "{LOCK}"],
    ]);
  });

  it("leaves ablations out when variants are asked for by name", () => {
    const blocks = [hunks, ["variant", "fixed = LOCK=1"], model, check, ["run #which", "ablate"]] as const;
    expect(plan(blocks, { variants: ["fixed"] }).map((member) => member.runCellId)).toEqual(["race"]);
  });

  it("begins an ablation of more than ten switches with none and all of them", () => {
    const many = Array.from({ length: 12 }, (_, index) => `S${index} = 1/2:mm/rmap.c@${index + 1}`).join("\n");
    const members = plan([["hunks", many], model, ["run #which", "ablate"]]);
    expect(members.map((member) => Object.values(member.switches).filter((on) => on === 1).length)).toEqual([0, 12]);
  });

  it("says that ablating a figure is not supported yet", () => {
    expect(problems([hunks, model, ["run #which", "ablate metric=p99"]], { cellId: "which" })[0]).toMatch(/^NBK090/);
  });

  it("plans a reach question, at a line of its scenario or everywhere", () => {
    const fixed = ["variant", "fixed = LOCK=1"] as const;
    const everywhere = plan([hunks, fixed, model, ["run #ever", "reach fixed x == 1 && !y"]]);
    expect(everywhere).toMatchObject([
      { kind: "reach", variant: "fixed", reach: { expression: "x == 1 && !y", at: null } },
    ]);
    const placed = plan([hunks, fixed, model, ["run #ever", "reach base at t#0:2 x == 1 scn=#model"]]);
    expect(placed[0]?.reach).toEqual({ expression: "x == 1", at: { task: "t#0", file: "#model", line: 2 } });
    const request: PlanRequest = {
      cellId: "race",
      question: { kind: "reach", expression: "x", at: { task: "t", cellId: "other", line: 3 } },
    };
    expect(
      plan([hunks, fixed, model, check], request).map((member) => [member.variant, member.reach?.at?.file]),
    ).toEqual([
      ["base", "#other"],
      ["fixed", "#other"],
    ]);
  });

  it("hands each run the expect lines and claims that speak of it", () => {
    const blocks = [
      ["variant", "fixed = base"],
      model,
      check,
      ["claim #c", '"it holds" <root@example.org>\nneeds race: fixed holds'],
      ["expect", "race: base violated data-race\nrace: base fixed holds"],
    ] as const;
    const [base, fixed] = plan(blocks);
    expect([base?.expects.length, base?.claims.length]).toEqual([2, 0]);
    expect([fixed?.expects.length, fixed?.claims.length]).toEqual([1, 1]);
    const withParameter = [["param", "N = 1 in 1..3"] as const, ...blocks];
    expect(plan(withParameter, { parameters: { N: 1 } })[0]?.expects).toHaveLength(2);
    expect(plan(withParameter, { parameters: { N: 2 } })[0]?.expects).toEqual([]);
  });

  it("plans every point of a sweep, labelled, and one alone when it is asked for by its label", () => {
    const params = ["param", "LOAD = 1 in 1..64\nCPUS = 2 in {1, 2, 4}"] as const;
    const sweep = ["run #map", "sweep base fast LOAD=1..4:x2 CPUS={2,4} metric=p99 until=1s reps=3"] as const;
    const blocks = [params, ["variant", "fast = FAST=1"], model, sweep] as const;
    const members = plan(blocks);
    expect(members.map((member) => member.variant)).toEqual(
      ["base", "fast"].flatMap((name) =>
        [1, 2, 4].flatMap((load) => [2, 4].map((cpus) => `${name} LOAD=${load} CPUS=${cpus}`)),
      ),
    );
    expect(members[3]).toMatchObject({
      kind: "simulate",
      point: { LOAD: 2, CPUS: 4 },
      parameters: { LOAD: 2, CPUS: 4 },
      simulation: { untilNs: 1e9, warmUpNs: 1e8, repetitions: 3, profile: "vm-2", profileText: null },
    });
    expect(plan(blocks, { variants: ["fast LOAD=2 CPUS=4"] }).map((member) => member.variant)).toEqual([
      "fast LOAD=2 CPUS=4",
    ]);
    expect(plan(blocks, { variants: ["fast"] })).toHaveLength(6);
    expect(problems(blocks, { cellId: "map", variants: ["fast LOAD=3 CPUS=4"] })[0]).toMatch(
      /^NBK031: #map has no run/,
    );
  });

  it("plans both sides of a comparison, and the ends of a search for a crossover, which goes on in rounds", () => {
    const blocks = [
      ["param", "LOAD = 1 in 1..64"],
      ["variant", "fast = FAST=1"],
      model,
      ["run #versus", "compare base fast metric=p99"],
      ["run #where", "crossover base fast LOAD=1..64 metric=p99"],
    ] as const;
    expect(plan(blocks, { cellId: "versus" }).map((member) => member.variant)).toEqual(["base", "fast"]);
    expect(plan(blocks, { cellId: "where" }).map((member) => member.variant)).toEqual([
      "base LOAD=1",
      "base LOAD=64",
      "fast LOAD=1",
      "fast LOAD=64",
    ]);
    expect(plan(blocks, { cellId: "where", variants: ["base LOAD=32"] }).map((member) => member.point)).toEqual([
      { LOAD: 32 },
    ]);
    expect(problems(blocks, { cellId: "where", rounds: "one" })[0]).toMatch(/^NBK090: crossover goes on in rounds/);
  });

  it("simulates a check's scenario when it is asked to, with settings over the cell's own", () => {
    const blocks = [model, ["run #race", "check"], ["run #cost", "simulate until=1s warmup=200ms cpus=4"]] as const;
    const question = { kind: "simulate", untilNs: 500_000_000, seed: 7 } as const;
    expect(plan(blocks, { cellId: "race", question })[0]).toMatchObject({
      kind: "simulate",
      seed: 7,
      simulation: { untilNs: 500_000_000, warmUpNs: 50_000_000, repetitions: 30, cpus: null },
    });
    expect(plan(blocks, { cellId: "cost", question })[0]).toMatchObject({
      simulation: { untilNs: 500_000_000, warmUpNs: 100_000_000, cpus: 4 },
    });
  });
});
