/** tests/language/kernel-style: forty fragments as kernel developers write them; each compiles without a remark and holds. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { compile, defaultExploreLimits, explore, parseCellOptions, renderDiagnostic, renderVerdict } from "../index.ts";

const folder = new URL("../../tests/language/kernel-style/", import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith(".scn"));

describe("kernel-style fragments", () => {
  it("are forty", () => {
    expect(names.length).toBe(40);
  });

  it.each(names)("%s compiles unchanged and holds", (name) => {
    const file = { name, text: readFileSync(new URL(name, folder), "utf8"), firstLine: 1 };
    const options = parseCellOptions(file).language;
    const outcome = compile({ files: [file], constants: new Map(), options });
    const remarks = outcome.kind === "compiled" ? outcome.warnings : outcome.diagnostics;
    expect(remarks.map(renderDiagnostic).join("\n")).toBe("");
    if (outcome.kind !== "compiled") return;
    const result = explore(outcome.scenario, { limits: defaultExploreLimits, reductions: [] });
    expect(result.verdict, renderVerdict(result)).toBe("holds");
  });
});
