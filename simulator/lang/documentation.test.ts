/** docs/language.md: every ```scn fence is analysed without a diagnostic, every ```scn-error fence gives the code that it names. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { renderDiagnostic } from "../source/diagnostic.ts";
import { kitText } from "../kits/index.ts";
import { analyse } from "./analyse.ts";
import { parseCellOptions } from "./cell-options.ts";

type Fence = { readonly kind: string; readonly line: number; readonly text: string };

function fencesOf(markdown: string): readonly Fence[] {
  const fences: Fence[] = [];
  const lines = markdown.split("\n");
  for (let at = 0; at < lines.length; at++) {
    const kind = /^```(scn(?:-error)?)$/.exec(lines[at] ?? "")?.[1];
    if (kind === undefined) continue;
    const end = lines.indexOf("```", at + 1);
    fences.push({ kind, line: at + 2, text: `${lines.slice(at + 1, end).join("\n")}\n` });
    at = end;
  }
  return fences;
}

const fences = fencesOf(readFileSync(new URL("../../docs/language.md", import.meta.url), "utf8"));

function diagnosticsOf(fence: Fence): string {
  const file = { name: "language.md", text: fence.text, firstLine: fence.line };
  const outcome = analyse({ files: [file], constants: new Map(), kit: kitText });
  return [...parseCellOptions(file).diagnostics, ...outcome.diagnostics]
    .map((each) => `${renderDiagnostic(each)}\n`)
    .join("");
}

describe("docs/language.md", () => {
  it("has examples of both kinds", () => {
    expect(fences.filter((fence) => fence.kind === "scn").length).toBeGreaterThanOrEqual(6);
    expect(fences.filter((fence) => fence.kind === "scn-error").length).toBeGreaterThanOrEqual(3);
  });

  it.each(fences)("line $line: the $kind example is what it says", (fence) => {
    const printed = diagnosticsOf(fence);
    if (fence.kind === "scn") {
      expect(printed).toBe("");
      return;
    }
    const code = /^\/\/ (SCN\d{3})/.exec(fence.text)?.[1];
    expect(code, "the first comment names a code").toBeDefined();
    expect(printed).toContain(`[${code ?? ""}]`);
  });
});
