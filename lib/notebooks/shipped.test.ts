import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { decodeNotebook } from "./decode.ts";
import { renderNotebookDiagnostic } from "./diagnostics.ts";
import { formatNotebook } from "./format.ts";
import { parseNotebook } from "./parse.ts";
import { planRuns } from "./plan.ts";

const directory = join(import.meta.dirname, "../../notebooks");
const files = readdirSync(directory).filter((name) => name.endsWith(".hb.md"));

describe("the notebooks that ship", () => {
  it("are there", () => {
    expect(files.length).toBeGreaterThanOrEqual(8);
  });

  it.each(files)("%s is read and planned without a complaint, and formatted already", (fileName) => {
    const decoded = decodeNotebook(readFileSync(join(directory, fileName)));
    if (decoded.kind === "refused") throw new Error("not decoded");
    const { notebook, diagnostics } = parseNotebook(decoded.text);
    expect(diagnostics.map((one) => renderNotebookDiagnostic(one, fileName))).toEqual([]);
    expect(formatNotebook(decoded.text).changes).toEqual([]);
    const plan = planRuns(notebook);
    const problems = plan.kind === "rejected" ? plan.diagnostics : [];
    expect(problems.map((one) => renderNotebookDiagnostic(one, fileName))).toEqual([]);
    expect(notebook.title).not.toBeNull();
    expect(notebook.expects.length).toBeGreaterThan(0);
  });
});
