/**
 * docs/language.md: every ```scn fence compiles without a remark, and one that says `holds` or `violated CLASS` does;
 * every ```scn-error fence gives the code that it names.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { renderDiagnostic } from "../source/diagnostic.ts";
import { compile, defaultExploreLimits, explore, renderVerdict } from "../index.ts";
import { parseCellOptions } from "./cell-options.ts";

type Fence = { readonly kind: string; readonly verdict: string; readonly line: number; readonly text: string };

function fencesOf(markdown: string): readonly Fence[] {
  const fences: Fence[] = [];
  const lines = markdown.split("\n");
  for (let at = 0; at < lines.length; at++) {
    const [, kind, verdict = ""] = /^```(scn(?:-error)?)(?: (holds|violated [a-z-]+))?$/.exec(lines[at] ?? "") ?? [];
    if (kind === undefined) continue;
    const end = lines.indexOf("```", at + 1);
    fences.push({ kind, verdict, line: at + 2, text: `${lines.slice(at + 1, end).join("\n")}\n` });
    at = end;
  }
  return fences;
}

const fences = fencesOf(readFileSync(new URL("../../docs/language.md", import.meta.url), "utf8"));

type Outcome = { readonly remarks: string; readonly verdict: string };

function outcomeOf(fence: Fence): Outcome {
  const file = { name: "language.md", text: fence.text, firstLine: fence.line };
  const cell = parseCellOptions(file);
  const outcome = compile({ files: [file], constants: new Map(), options: cell.language });
  const found = outcome.kind === "compiled" ? outcome.warnings : outcome.diagnostics;
  const remarks = [...cell.diagnostics, ...found].map((each) => `${renderDiagnostic(each)}\n`).join("");
  if (outcome.kind !== "compiled" || fence.verdict === "") return { remarks, verdict: "" };
  const result = explore(outcome.scenario, { limits: defaultExploreLimits, reductions: [] });
  return { remarks, verdict: renderVerdict(result) };
}

describe("docs/language.md", () => {
  it("has examples of both kinds", () => {
    expect(fences.filter((fence) => fence.kind === "scn").length).toBeGreaterThanOrEqual(6);
    expect(fences.filter((fence) => fence.kind === "scn-error").length).toBeGreaterThanOrEqual(3);
  });

  it.each(fences)("line $line: the $kind example is what it says", (fence) => {
    const { remarks, verdict } = outcomeOf(fence);
    if (fence.kind === "scn") {
      expect(remarks).toBe("");
      expect(verdict.replace(/[()]/g, "")).toMatch(new RegExp(`^${fence.verdict}`));
      return;
    }
    const code = /^\/\/ (SCN\d{3})/.exec(fence.text)?.[1];
    expect(code, "the first comment names a code").toBeDefined();
    expect(remarks).toContain(`[${code ?? ""}]`);
  });
});
