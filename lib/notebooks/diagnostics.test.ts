import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { decodeNotebook } from "./parse/decode.ts";
import { notebookDiagnosticCodes, renderNotebookDiagnostic } from "./diagnostics.ts";
import { notebookBytesMax, parseNotebook } from "./parse/parse.ts";
import { planRuns } from "./plan/plan.ts";

const directory = join(import.meta.dirname, "../../tests/notebooks");
const files = readdirSync(directory).filter((name) => name.endsWith(".hb.md"));

/** Everything that is said about a file: in reading it, then in planning all its runs, without repeating. */
function complaints(fileName: string): string {
  const decoded = decodeNotebook(readFileSync(join(directory, fileName)));
  if (decoded.kind === "refused")
    return decoded.diagnostics.map((one) => `${renderNotebookDiagnostic(one, fileName)}\n`).join("");
  const { notebook, diagnostics } = parseNotebook(decoded.text);
  const said = diagnostics.map((one) => renderNotebookDiagnostic(one, fileName));
  const plan = planRuns(notebook);
  const refused =
    plan.kind === "rejected" ? plan.diagnostics.map((one) => renderNotebookDiagnostic(one, fileName)) : [];
  const added = refused.filter((text) => !said.includes(text));
  const outcome = plan.kind === "rejected" ? "(nothing is run)" : `(${plan.members.length} runs)`;
  return [...said, ...added, outcome].map((text) => `${text}\n`).join("");
}

describe("diagnostics of the notebook format", () => {
  it.each(files)("%s says what stands in its .expected", (fileName) => {
    const expectedPath = join(directory, fileName.replace(/\.hb\.md$/, ".expected"));
    const said = complaints(fileName);
    if (process.env.UPDATE_EXPECTED === "1") writeFileSync(expectedPath, said);
    expect(said).toBe(existsSync(expectedPath) ? readFileSync(expectedPath, "utf8") : "(no .expected file)");
    expect(said).toContain(fileName.slice(0, 6));
  });

  it("have a file for every code but the one whose file would have 256 kB", () => {
    const covered = new Set(files.map((name) => name.slice(0, 6)));
    const codes = Object.keys(notebookDiagnosticCodes).filter((code) => code !== "NBK001");
    expect(codes.filter((code) => !covered.has(code))).toEqual([]);
    const large = decodeNotebook(new Uint8Array(notebookBytesMax + 1).fill(0x20));
    expect(large).toMatchObject({ kind: "refused", diagnostics: [{ code: "NBK001" }] });
  });

  it("show no control character and no more than a screen's width of a line", () => {
    const text = `\u001b[31m\u202e${"x".repeat(5_000)}`;
    const [first] = parseNotebook(text).diagnostics;
    const shown = renderNotebookDiagnostic(first!, "x.hb.md");
    expect(shown).not.toMatch(/[\u001b\u202e]/);
    expect(Math.max(...shown.split("\n").map((line) => line.length))).toBeLessThan(200);
  });
});
