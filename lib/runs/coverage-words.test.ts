import { compile, defaultExploreLimits, explore, reductionNames } from "#simulator";
import { describe, expect, it } from "vitest";
import { annotatedSource, coverageCounts, coverageScope, lineRanges, unreachedOf } from "./coverage-words.ts";
import type { ResultCoverage } from "./run-result.ts";

const text = `int x;
int never(void)
{
	return 7;
}
task t {
	if (READ_ONCE(x) == 0)
		WRITE_ONCE(x, 1);
	else
		WRITE_ONCE(x, 2);
}
`;

function coverageOf(source: string): ResultCoverage {
  const compiled = compile({
    files: [{ name: "#model", text: source, firstLine: 1 }],
    constants: new Map(),
    options: {},
  });
  if (compiled.kind === "rejected") throw new Error(compiled.diagnostics[0]?.message);
  const { coverage } = explore(compiled.scenario, {
    limits: defaultExploreLimits,
    reductions: reductionNames,
    coverage: true,
  });
  return JSON.parse(JSON.stringify(coverage)) as ResultCoverage;
}

describe("coverage in words", () => {
  const coverage = coverageOf(text);

  it("marks each line as gcov does, and conditions that go one way", () => {
    const lines = annotatedSource(coverage, [{ id: "model", text }], { lineOf: (_cell, line) => line + 100 });
    expect(lines).toEqual([
      "#model:",
      "    -   101  int x;",
      "    -   102  int never(void)",
      "    -   103  {",
      "#####   104  \treturn 7;",
      "    -   105  }",
      "    -   106  task t {",
      "    +   107  \tif (READ_ONCE(x) == 0)",
      "             ^ (READ_ONCE(x) == 0) always true",
      "    +   108  \t\tWRITE_ONCE(x, 1);",
      "    -   109  \telse",
      "#####   110  \t\tWRITE_ONCE(x, 2);",
      "    -   111  }",
    ]);
  });

  it("counts, and says what not reached is worth", () => {
    expect(coverageCounts(coverage)).toBe("2 of 4 lines reached; 0 of 1 condition went both ways");
    expect(unreachedOf(coverage).lines.map(({ line }) => line)).toEqual([4, 10]);
    expect(unreachedOf(coverage).oneSided.map(({ condition }) => condition)).toEqual(["READ_ONCE(x) == 0"]);
    expect(coverageScope(coverage)).toContain("in no interleaving");
    expect(coverageScope({ ...coverage, complete: false })).toContain("before the search ended");
  });

  it("joins lines that follow each other", () => {
    expect(lineRanges([3, 4, 5, 9, 11, 12])).toBe("3-5, 9, 11-12");
    expect(lineRanges([])).toBe("");
  });
});
