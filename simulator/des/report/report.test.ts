import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { compileTimed } from "../code/compile-timed.ts";
import { defaultProfile } from "../profiles/profiles.ts";
import type { SimulateResult } from "../result.ts";
import { simulate } from "../simulate.ts";
import { csvCell, ecdfCsv, ecdfCsvHeader, figuresCsv, figuresCsvHeader } from "./csv.ts";
import { estimatedTimeText, percentText, quantileName, rateText, timeText } from "./figures.ts";
import { headlineFigure, simulationHeadline } from "./headline.ts";
import { foldedLines, tableLines } from "./text-table.ts";
import { renderSimulation } from "./text.ts";

const directory = join(import.meta.dirname, "../../../tests/simulate");

/**
 * A stored result: reports are tested apart from the engine. FREEZE=1 computes it anew from the scenario beside it.
 */
function resultOf(name: string): SimulateResult {
  const path = join(directory, `${name}.json`);
  if (process.env["FREEZE"] === "1") writeFileSync(path, `${JSON.stringify(computed(name), null, 1)}\n`);
  return JSON.parse(readFileSync(path, "utf8")) as SimulateResult;
}

function computed(name: string): SimulateResult {
  const text = readFileSync(join(directory, `${name}.scn`), "utf8");
  const files = [{ name: "#model", text, firstLine: 1 }];
  const compiled = compileTimed({ files, constants: new Map(), options: {} });
  if (compiled.kind === "rejected") throw new Error(JSON.stringify(compiled.diagnostics));
  return simulate(compiled.program, {
    profile: defaultProfile,
    ...{ untilNs: 50_000_000, warmUpNs: 5_000_000, replications: 5, seed: 1, eventsMax: 10_000_000 },
  });
}

describe("times", () => {
  it.each([
    [0, "0 ns"],
    [812, "812 ns"],
    [999.4, "999 ns"],
    [999.6, "1.00 us"],
    [1_000, "1 us"],
    [30_149, "30.1 us"],
    [999_499, "999 us"],
    [999_501, "1.00 ms"],
    [4_200_000, "4.20 ms"],
    [12_000_000_000, "12 s"],
    [1_234_000_000_000, "1,234 s"],
  ])("%d ns is %s", (ns, text) => {
    expect(timeText(ns)).toBe(text);
  });

  it("have their half-width in their own unit", () => {
    expect(estimatedTimeText(30_149, 412)).toBe("30.1 us +- 0.41");
    expect(estimatedTimeText(30_149, 2)).toBe("30.1 us +- <0.01");
    expect(estimatedTimeText(30_149, null)).toBe("30.1 us");
    expect(rateText({ mean: 602.4, halfWidth: 12.3 })).toBe("602 +- 12");
  });
});

it("says shares and percentiles as people do", () => {
  expect([percentText(1, 3), percentText(1, 1_000), percentText(1, 1e6), percentText(0, 0), percentText(1, 1)]).toEqual(
    ["33.3 %", "0.10 %", "<0.01 %", "0 %", "100 %"],
  );
  expect([0.5, 0.99, 0.999, 0.9999].map(quantileName)).toEqual(["p50", "p99", "p99.9", "p99.99"]);
});

it("breaks no line between a number and its unit, and none behind column 72", () => {
  const words =
    "a wait of 30.1 us +- 0.4 in 40 % of the cases and more words than fit into one line of 72 columns, at 12 ms";
  const lines = foldedLines(words, "  ");
  expect(lines.join(" ").replace(/ +/g, " ").trim()).toBe(words);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(72);
  expect(lines.every((line) => !/^ *(?:%|us|ms|\+-)/.test(line))).toBe(true);
});

it("gives a long first cell a line of its own", () => {
  const columns = [
    { title: "lock", width: 8 },
    { title: "count", width: 6 },
  ];
  expect(
    tableLines(columns, [
      ["short", "1"],
      ["a_very_long_name", "2"],
    ]),
  ).toEqual(["lock     count", "short        1", "a_very_long_name", "             2"]);
});

it("quotes cells of CSV as RFC 4180 says, and lets none begin like a formula", () => {
  expect(["plain", 'a "b"', "a,b", "=1+1", 1.5, null].map(csvCell)).toEqual([
    "plain",
    '"a ""b"""',
    '"a,b"',
    '" =1+1"',
    "1.5",
    "",
  ]);
});

describe.each(["one-lock", "no-span", "nothing"])("the report of %s", (name) => {
  it("is these lines of at most 72 columns", async () => {
    const result = resultOf(name);
    const report = renderSimulation(result);
    expect(report.split("\n").filter((line) => line.length > 72)).toEqual([]);
    const text = `${simulationHeadline(result)}\n${String(headlineFigure(result))}\n\n${report}`;
    await expect(text).toMatchFileSnapshot(join(directory, `${name}.expected`));
  });

  it("is these lines of CSV", async () => {
    const result = resultOf(name);
    const text = `${figuresCsvHeader}\n${figuresCsv(result)}\n${ecdfCsvHeader}\n${ecdfCsv(result)}`;
    const columns = figuresCsvHeader.split(",").length;
    expect(
      figuresCsv(result)
        .split("\n")
        .filter((line) => line !== "" && line.split(",").length < columns),
    ).toEqual([]);
    await expect(text).toMatchFileSnapshot(join(directory, `${name}.csv.expected`));
  });
});
