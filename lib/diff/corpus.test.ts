import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { findDiffs, type FoundFileDiff, type FoundHunk } from "./parse-diff.ts";

/** One file a rule of 5.5: a mail's body and what the reader makes of it, repairs and keys included. */
const folder = new URL("../../tests/diff/", import.meta.url);
const names = readdirSync(folder)
  .filter((name) => name.endsWith(".txt"))
  .sort();

function render(diffs: readonly FoundFileDiff[]): string {
  return diffs.map(renderFile).join("\n");
}

function renderFile(diff: FoundFileDiff): string {
  const title = `file ${diff.ordinal} depth ${diff.quoteDepth} ${diff.kind}: ${diff.oldPath} -> ${diff.newPath}`;
  const repairs = diff.headerRepairs.map((repair) => `  ${repair.kind} at ${repair.line}: ${repair.detail}`);
  return [
    `${title} (lines ${diff.bodyLineStart}..${diff.bodyLineEnd})`,
    ...repairs,
    ...diff.hunks.map(renderHunk),
    "",
  ].join("\n");
}

function renderHunk(hunk: FoundHunk): string {
  const counts = `-${hunk.oldStart},${hunk.oldCount} +${hunk.newStart},${hunk.newCount}`;
  const place = `lines ${hunk.bodyLineStart}..${hunk.bodyLineEnd}, ${hunk.interruptions} interruptions`;
  const numbers = hunk.lines.map((line) => `${line.oldLine ?? "-"}/${line.newLine ?? "-"}@${line.bodyLine}`).join(" ");
  return [
    `  hunk ${hunk.ordinal} ${counts} ${hunk.state} (${place}) key ${hunk.key ?? "none"}`,
    ...hunk.repairs.map((repair) => `    ${repair.kind} at ${repair.line}: ${repair.detail}`),
    ...hunk.gaps.map((gap) => `    gap before ${gap.before} at ${gap.bodyLine}: ${gap.mark}`),
    `    numbers ${numbers}`,
    ...hunk.repaired
      .slice(0, -1)
      .split("\n")
      .map((line) => `    |${line}|`),
  ].join("\n");
}

describe("findDiffs on the corpus of tests/diff", () => {
  it("has a corpus", () => {
    expect(names.length).toBeGreaterThan(20);
  });

  it.each(names)("%s", (name) => {
    const expected = new URL(name.replace(/\.txt$/, ".expected"), folder);
    const found = render(findDiffs(readFileSync(new URL(name, folder), "utf8"), { messageId: "corpus@example.org" }));
    if (process.env["UPDATE_EXPECTED"] === "1") writeFileSync(expected, found);
    expect(found).toBe(readFileSync(expected, "utf8"));
  });
});
