/**
 * tests/diagnostics: one file per mistake beside the text that is printed for it. The first line of a file may say
 * how to read it: `// constants N=2,M=3` predefined constants; `// repeat N` the rest of the file N times (`// repeat N T`:
 * the rest followed by N times T); `// escapes` turns \u{..} into that character; `// reach LINE EXPR` asks at a line.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { compile, diagnosticCodes } from "../index.ts";
import { renderDiagnostic } from "../source/diagnostic.ts";
import { analyse } from "./analyse.ts";
import { parseCellOptions } from "./cell-options.ts";

const folder = new URL("../../tests/diagnostics/", import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith(".scn"));

/** Each kit includes the next: deeper than any nesting limit. */
function kit(path: string): string | null {
  const number = /^test\/deep-(\d+)\.h$/.exec(path)?.[1];
  return number === undefined ? null : `#include <test/deep-${Number(number) + 1}.h>\n`;
}

type Case = {
  readonly text: string;
  readonly constants: ReadonlyMap<string, number>;
  readonly reach?: { readonly line: number; readonly expression: string };
};

function readCase(source: string): Case {
  const [first = "", ...rest] = source.split("\n");
  const body = rest.join("\n");
  const repeat = /^\/\/ repeat (\d+)(?: (.*))?$/.exec(first);
  if (repeat !== null) {
    const [, count, what] = repeat;
    return {
      text: what === undefined ? body.repeat(Number(count)) : body + what.repeat(Number(count)),
      constants: new Map(),
    };
  }
  if (first === "// escapes") {
    const text = body.replace(/\\u\{([0-9a-f]+)\}/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
    return { text, constants: new Map() };
  }
  const asked = /^\/\/ reach (\d+) (.*)$/.exec(first);
  if (asked !== null)
    return { text: source, constants: new Map(), reach: { line: Number(asked[1]), expression: asked[2] ?? "" } };
  const constants = /^\/\/ constants (.*)$/.exec(first)?.[1] ?? "";
  const pairs = constants.split(",").filter((pair) => pair !== "");
  return {
    text: source,
    constants: new Map(pairs.map((pair) => [pair.split("=")[0] ?? "", Number(pair.split("=")[1])])),
  };
}

/** Diagnostics of all phases: cell options, front end and, when that passes, lowering. */
function render(name: string, from: Case): string {
  const file = { name, text: from.text, firstLine: 1 };
  const options = parseCellOptions(file);
  const analysed = analyse({ files: [file], constants: from.constants, kit });
  const input = { files: [file], constants: from.constants, options: {} };
  const asked = from.reach === undefined ? input : { ...input, reach: from.reach };
  const compiled = analysed.kind === "analysed" ? compile(asked) : analysed;
  const rest =
    compiled.kind === "rejected" ? compiled.diagnostics : compiled.kind === "compiled" ? compiled.warnings : [];
  return [...options.diagnostics, ...rest].map((each) => `${renderDiagnostic(each)}\n`).join("\n");
}

describe("diagnostics corpus", () => {
  it.each(names)("%s prints what is expected", (name) => {
    const rendered = render(name, readCase(readFileSync(new URL(name, folder), "utf8")));
    const expectedUrl = new URL(name.replace(/\.scn$/, ".expected"), folder);
    if (process.env["UPDATE_EXPECTED"] === "1") writeFileSync(expectedUrl, rendered);
    expect(rendered).toBe(readFileSync(expectedUrl, "utf8"));
    const code = name.slice(0, 6);
    expect(rendered, `${name} must show ${code}`).toContain(`[${code}]`);
  });

  it("has a file for every code of the registry", () => {
    const covered = new Set(names.map((name) => name.slice(0, 6)));
    const missing = Object.keys(diagnosticCodes).filter((code) => !covered.has(code));
    expect(missing).toEqual([]);
  });
});
