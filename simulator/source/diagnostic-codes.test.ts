/**
 * Codes are for ever: tests/diagnostics/codes.expected pins code and meaning, and grows only at its end of each range.
 * docs/diagnostics.md is made of the registry, the ways out and the corpus. UPDATE_EXPECTED=1 adds new codes to the
 * first and writes the second; it changes no line that is pinned.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { diagnosticCodes } from "./diagnostic-codes.ts";
import { waysOut } from "../testing/diagnostic-ways.ts";

const folder = new URL("../../tests/diagnostics/", import.meta.url);
const pinnedUrl = new URL("codes.expected", folder);
const pageUrl = new URL("../../docs/diagnostics.md", import.meta.url);
const accepts = process.env["UPDATE_EXPECTED"] === "1";

const codes = Object.entries(diagnosticCodes);
const corpus = readdirSync(folder)
  .filter((name) => /^SCN.*\.expected$/.test(name))
  .toSorted();

function pinnedLines(): readonly string[] {
  return readFileSync(pinnedUrl, "utf8")
    .split("\n")
    .filter((line) => line !== "");
}

/** The first diagnostic of a code in the corpus file that is named for it. */
function exampleOf(code: string): string {
  const name = corpus.find((each) => each.startsWith(code));
  if (name === undefined) return "";
  const diagnostics = readFileSync(new URL(name, folder), "utf8").split("\n\n");
  const first = diagnostics.find((each) => each.split("\n")[0]?.endsWith(`[${code}]`)) ?? "";
  return first.trimEnd().replaceAll(name.replace(/\.expected$/, ".scn"), "scenario");
}

const introduction = `# Diagnostics

Every message of the compiler carries a code that never changes its meaning. Below: what each code means, one example as
it is printed, and the way out. \`tests/diagnostics\` has more of each. A message names the place (file, line, column), the
line with carets below it, notes where another place matters, and a suggestion where one is sure. All mistakes that can
be found are reported at once, up to 200; what only follows from another mistake is not.
This page is made by \`npm run test:accept\` from the registry and the corpus.

SCN001 to 009 text, 010 to 029 preprocessor, 030 to 039 syntax, 040 to 059 names, 060 to 089 types and statements, 090 to
109 the language's own words, 110 to 119 cell options and questions, 200 to 219 expansion.
`;

function page(): string {
  const sections = codes.map(([code, title]) => {
    const way = waysOut[code as keyof typeof waysOut]; // Object.entries forgets the type of its keys.
    return `\n## ${code}: ${title}\n\n\`\`\`text\n${exampleOf(code)}\n\`\`\`\n\n${way}\n`;
  });
  return introduction + sections.join("");
}

describe("diagnostic codes", () => {
  it("keep their meaning", () => {
    if (accepts) {
      const known = new Set(pinnedLines().map((line) => line.slice(0, 6)));
      const added = codes.filter(([code]) => !known.has(code)).map(([code, title]) => `${code} ${title}`);
      writeFileSync(
        pinnedUrl,
        [...pinnedLines(), ...added]
          .toSorted()
          .map((line) => `${line}\n`)
          .join(""),
      );
    }
    expect(pinnedLines()).toEqual(codes.map(([code, title]) => `${code} ${title}`));
  });

  it("ascend in the registry, so that a new one has one place", () => {
    const names = codes.map(([code]) => code);
    expect(names).toEqual(names.toSorted());
    expect(names.every((name) => /^SCN\d{3}$/.test(name))).toBe(true);
  });

  it("have an example and a way out in docs/diagnostics.md", () => {
    for (const [code] of codes) expect(exampleOf(code), `tests/diagnostics/${code}-*.expected`).toContain("^");
    if (accepts) writeFileSync(pageUrl, page());
    expect(readFileSync(pageUrl, "utf8")).toBe(page());
  });
});

describe("the corpus of diagnostics", () => {
  const texts = corpus.map((name) => [name, readFileSync(new URL(name, folder), "utf8")] as const);

  it.each(texts)("%s: each diagnostic has a place and carets", (_, text) => {
    const heads = text.split("\n").filter((line) => /: (error|warning): .* \[SCN\d{3}\]$/.test(line));
    expect(heads.length).toBeGreaterThan(0);
    const lines = text.split("\n");
    for (const head of heads) {
      expect(head).toMatch(/^[^:]+:\d+:\d+: (error|warning): /);
      expect(lines[lines.indexOf(head) + 2], head).toMatch(/^ {2}\s*\^~*$/);
    }
  });

  it("makes a suggestion wherever it asks `did you mean`", () => {
    for (const [name, text] of texts) {
      for (const diagnostic of text.split("\n\n")) {
        const asks = /did you mean/.test(diagnostic.split("\n")[0] ?? "");
        // A warning about #if leaves the choice to the reader: the name may be meant as 0.
        if (asks && !diagnostic.includes(": warning: ")) expect(diagnostic, name).toContain(": suggestion: ");
      }
    }
  });
});
