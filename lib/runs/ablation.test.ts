import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { allSubsets, subsetLabel } from "../notebooks/switch-subset.ts";
import { conditionOf, explainAblation, nextSubsets, type AblationCell, type SubsetOutcome } from "./ablation.ts";

const uaf: SubsetOutcome = { kind: "violated", violationClass: "use-after-free" };
const deadlock: SubsetOutcome = { kind: "violated", violationClass: "deadlock" };
const holds: SubsetOutcome = { kind: "holds" };
const open: SubsetOutcome = { kind: "undecided", reason: "inconclusive" };

function cellsOf(switches: readonly string[], outcomeOf: (subset: readonly string[]) => SubsetOutcome): AblationCell[] {
  return allSubsets(switches).map((subset) => ({ subset, outcome: outcomeOf(subset), notes: [] }));
}

function labels(subsets: readonly (readonly string[])[]): string[] {
  return subsets.map(subsetLabel);
}

describe("explainAblation", () => {
  it("names cause and cure of the founding example", () => {
    const switches = ["RECHECK_GONE", "LOCK_ALWAYS", "MOVE_NO_LOCK"];
    const { findings, undecided } = explainAblation(
      switches,
      cellsOf(switches, (on) => (on.includes("RECHECK_GONE") && !on.includes("LOCK_ALWAYS") ? uaf : holds)),
    );
    expect(undecided).toEqual([]);
    expect(findings).toHaveLength(1);
    expect(labels(findings[0]!.subsets)).toEqual(["{RECHECK_GONE}", "{MOVE_NO_LOCK, RECHECK_GONE}"]);
    expect(findings[0]!.causes).toEqual([
      { subset: ["RECHECK_GONE"], undecided: [], masked: [], isEverySupersetDecided: true },
    ]);
    expect(findings[0]!.cures).toEqual([
      { cause: ["RECHECK_GONE"], subset: ["LOCK_ALWAYS"], leaves: "nothing", undecided: [] },
    ]);
  });

  it("finds causes that stand side by side, and one that needs two switches", () => {
    const { findings } = explainAblation(
      ["A", "B", "C"],
      cellsOf(["A", "B", "C"], (on) => (on.includes("C") || (on.includes("A") && on.includes("B")) ? uaf : holds)),
    );
    expect(labels(findings[0]!.causes.map((cause) => cause.subset))).toEqual(["{C}", "{A, B}"]);
    expect(findings[0]!.cures).toEqual([]);
  });

  it("says that what was there before any switch has no cause among them, and what cures it", () => {
    const { findings } = explainAblation(
      ["A", "B"],
      cellsOf(["A", "B"], (on) => (on.includes("A") ? holds : uaf)),
    );
    expect(findings[0]!.causes.map((cause) => cause.subset)).toEqual([[]]);
    expect(findings[0]!.cures.map((cure) => cure.subset)).toEqual([["A"]]);
  });

  it("concludes nothing from an undecided cell, and names it", () => {
    const { findings, undecided } = explainAblation(
      ["A", "B"],
      cellsOf(["A", "B"], (on) => (on.length === 2 ? uaf : on.includes("A") ? open : holds)),
    );
    expect(labels(undecided)).toEqual(["{A}"]);
    expect(findings[0]!.causes).toEqual([
      { subset: ["A", "B"], undecided: [["A"]], masked: [], isEverySupersetDecided: true },
    ]);
  });

  it("tells a cure from a class that only hides behind another one", () => {
    const { findings } = explainAblation(
      ["A", "B"],
      cellsOf(["A", "B"], (on) => (on.length === 2 ? deadlock : on.includes("A") ? uaf : holds)),
    );
    const [first, second] = findings;
    expect(first!.cures).toEqual([
      { cause: ["A"], subset: ["B"], leaves: { violationClass: "deadlock" }, undecided: [] },
    ]);
    expect(second!.causes).toEqual([
      { subset: ["A", "B"], undecided: [], masked: [["A"]], isEverySupersetDecided: true },
    ]);
  });

  it("agrees with the definitions spelt out over all subsets", () => {
    const outcomes = fc.constantFrom<SubsetOutcome>(holds, uaf, deadlock, open);
    const switches = ["A", "B", "C", "D"];
    fc.assert(
      fc.property(fc.array(outcomes, { minLength: 16, maxLength: 16 }), (drawn) => {
        const cells = allSubsets(switches).map((subset, index) => ({ subset, outcome: drawn[index]!, notes: [] }));
        const { findings } = explainAblation(switches, cells);
        for (const finding of findings) {
          expect(finding.causes.map((cause) => cause.subset)).toEqual(bruteCauses(cells, finding.violationClass));
          for (const cause of finding.causes) {
            const cures = finding.cures.filter((cure) => subsetLabel(cure.cause) === subsetLabel(cause.subset));
            expect(labels(cures.map((cure) => cure.subset)).sort()).toEqual(
              labels(bruteCures(cells, cause.subset, finding.violationClass)).sort(),
            );
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});

function isIn(inner: readonly string[], outer: readonly string[]): boolean {
  return inner.every((name) => outer.includes(name));
}

function has(cell: AblationCell, violationClass: string): boolean {
  return cell.outcome.kind === "violated" && cell.outcome.violationClass === violationClass;
}

function bruteCauses(cells: readonly AblationCell[], violationClass: string): (readonly string[])[] {
  return cells
    .filter((cell) => has(cell, violationClass))
    .filter((cell) =>
      cells.every(
        (other) =>
          other.subset.length >= cell.subset.length || !isIn(other.subset, cell.subset) || !has(other, violationClass),
      ),
    )
    .map((cell) => cell.subset);
}

/** Every addition, tried one by one. */
function bruteCures(
  cells: readonly AblationCell[],
  cause: readonly string[],
  violationClass: string,
): (readonly string[])[] {
  const removes = (added: readonly string[]): boolean => {
    const cell = cells.find(({ subset }) => subsetLabel(subset) === subsetLabel([...cause, ...added]));
    return cell !== undefined && cell.outcome.kind !== "undecided" && !has(cell, violationClass);
  };
  const others = ["A", "B", "C", "D"].filter((name) => !cause.includes(name));
  const additions = allSubsets(others).filter((added) => added.length > 0 && removes(added));
  return additions.filter((added) => !additions.some((other) => other.length < added.length && isIn(other, added)));
}

describe("notes of subsets", () => {
  it("are grouped, and said as one condition where they are one", () => {
    const switches = ["A", "B", "C"];
    const cells = allSubsets(switches).map((subset): AblationCell => ({
      subset,
      outcome: holds,
      notes: [{ text: "missed", state: subset.includes("B") ? "never" : "reached" }],
    }));
    const [note] = explainAblation(switches, cells).notes;
    expect(note!.reached).toHaveLength(4);
    expect(conditionOf(note!.reached, switches)).toEqual({ with: [], without: ["B"] });
    expect(conditionOf(note!.never, switches)).toEqual({ with: ["B"], without: [] });
    expect(conditionOf([["A"], ["B"]], switches)).toBeNull();
    expect(conditionOf([], switches)).toBeNull();
  });

  it("of a search that stopped early are unknown", () => {
    const cells: AblationCell[] = [
      { subset: [], outcome: uaf, notes: [{ text: "missed", state: "unknown" }] },
      { subset: ["A"], outcome: uaf, notes: [] },
    ];
    expect(explainAblation(["A"], cells).notes[0]).toEqual({
      text: "missed",
      reached: [],
      never: [],
      unknown: [[], ["A"]],
    });
  });
});

describe("nextSubsets", () => {
  it("asks for everything at once up to ten switches", () => {
    const switches = ["A", "B"];
    expect(labels(nextSubsets(switches, []))).toEqual(["{}", "{A}", "{B}", "{A, B}"]);
    expect(
      nextSubsets(
        switches,
        cellsOf(switches, () => holds),
      ),
    ).toEqual([]);
  });

  function debug(
    switches: readonly string[],
    outcomeOf: (on: readonly string[]) => SubsetOutcome,
  ): { readonly cells: readonly AblationCell[]; readonly rounds: number } {
    const cells: AblationCell[] = [];
    for (let rounds = 0; ; rounds += 1) {
      const next = nextSubsets(switches, cells);
      if (next.length === 0) return { cells, rounds };
      expect(rounds).toBeLessThan(200);
      for (const subset of next) cells.push({ subset, outcome: outcomeOf(subset), notes: [] });
    }
  }

  const many = Array.from({ length: 16 }, (_, index) => `S${index}`);

  it("narrows more switches down by delta debugging, with few of the subsets", () => {
    const { cells } = debug(many, (on) => (isIn(["S3", "S11"], on) && !on.includes("S7") ? uaf : holds));
    const all = explainAblation(many, cells);
    // All switches together hold, and so does every one alone; all but the cure show the fault.
    expect(all.method).toBe("delta");
    expect(all.findings[0]!.causes.map((cause) => subsetLabel(cause.subset))).toEqual(["{S11, S3}"]);
    expect(all.findings[0]!.cures.map((cure) => subsetLabel(cure.subset))).toEqual(["{S7}"]);
    const without = many.filter((name) => name !== "S7");
    const narrowed = debug(without, (on) => (isIn(["S3", "S11"], on) ? uaf : holds));
    const found = explainAblation(without, narrowed.cells);
    expect(found.findings[0]!.causes.map((cause) => subsetLabel(cause.subset))).toEqual(["{S11, S3}"]);
    expect(narrowed.cells.length).toBeLessThan(200);
  });

  it("finds what cures a fault that is there without any of them", () => {
    const { cells } = debug(many, (on) => (on.includes("S5") ? holds : uaf));
    const { findings } = explainAblation(many, cells);
    expect(findings[0]!.causes.map((cause) => cause.subset)).toEqual([[]]);
    expect(findings[0]!.cures.map((cure) => cure.subset)).toEqual([["S5"]]);
  });

  it("ends with a set from which no switch can be left out, whatever the outcomes", () => {
    const twelve = many.slice(0, 12);
    fc.assert(
      fc.property(fc.array(fc.subarray(twelve, { minLength: 1 }), { minLength: 1, maxLength: 3 }), (culprits) => {
        const outcomeOf = (on: readonly string[]): SubsetOutcome =>
          culprits.some((culprit) => isIn(culprit, on)) ? uaf : holds;
        const { cells } = debug(twelve, outcomeOf);
        const [finding] = explainAblation(twelve, cells).findings;
        expect(finding!.causes.length).toBeGreaterThan(0);
        for (const { subset } of finding!.causes) {
          expect(outcomeOf(subset)).toEqual(uaf);
          for (const name of subset) expect(outcomeOf(subset.filter((other) => other !== name))).toEqual(holds);
        }
      }),
      { numRuns: 100 },
    );
  });
});
