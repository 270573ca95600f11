import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { renderNotebookDiagnostic } from "../diagnostics.ts";
import { parseNotebook } from "./parse.ts";
import { printNotebook } from "../print.ts";

const fence = "```";
const header = `${fence}hunkbook\nformat: hunkbook/1\nlang: scn/1\nabout: <root@example.org>\n${fence}\n`;

const example = `# May MOVE drop the anon_vma lock?

${header}
The walker below reads folio->mapping.

${fence}param
MOVERS = 2 in 1..8    # threads in UFFDIO_MOVE
PAGES = 64 in {1, 16, 64}
RATE = 10 in 1..1000 log
${fence}
${fence}hunks
from: <parent@example.org>
RECHECK_GONE = mm/rmap.c@547 mm/rmap.c@558  # the check
LOCK_ALWAYS  = <other@example.org> 2/5:mm/rmap.c@1006
${fence}
${fence}variant
mainline = base
proposal = RECHECK_GONE=1 LOCK_ALWAYS=1
louder = extends proposal FAST=2
${fence}
${fence}scn #model
//| races: note
int x;
task t { x = 1; }
${fence}
${fence}run #race
check mainline proposal
limit states=5e6 memory=2g time=30s
${fence}
${fence}run #which
ablate
${fence}
${fence}claim #c1
"dropping the recheck is safe
once the folio is locked" <parent@example.org>
needs race: proposal holds
${fence}
${fence}expect
race: mainline proposal holds
race: proposal violated use-after-free  # never
${fence}
`;

function codes(text: string): string[] {
  return parseNotebook(text).diagnostics.map((diagnostic) => `${diagnostic.code}@${diagnostic.line}`);
}

describe("parseNotebook", () => {
  const { notebook, diagnostics } = parseNotebook(example);

  it("reads the example of the format without a complaint", () => {
    expect(diagnostics.map((diagnostic) => renderNotebookDiagnostic(diagnostic, "x.hb.md"))).toEqual([]);
    expect(notebook.title).toBe("May MOVE drop the anon_vma lock?");
    expect(notebook.header?.about).toBe("root@example.org");
    expect(notebook.blocks.map((block) => block.kind).filter((kind) => kind !== "prose")).toEqual(
      "hunkbook param hunks variant scn run run claim expect".split(" "),
    );
  });

  it("reads parameters with their domains and remarks", () => {
    expect(notebook.parameters).toMatchObject([
      {
        name: "MOVERS",
        value: 2,
        domain: { kind: "range", low: 1, high: 8, step: null },
        note: "threads in UFFDIO_MOVE",
      },
      { name: "PAGES", value: 64, domain: { kind: "set", values: [1, 16, 64] } },
      { name: "RATE", domain: { kind: "range", isLogarithmic: true } },
    ]);
  });

  it("places hunks in the mail that from: names, unless the id names another", () => {
    expect(
      notebook.switches.map((entry) => entry.hunks.map((hunk) => `${hunk.messageId} ${hunk.path}@${hunk.oldStart}`)),
    ).toEqual([
      ["parent@example.org mm/rmap.c@547", "parent@example.org mm/rmap.c@558"],
      ["other@example.org mm/rmap.c@1006"],
    ]);
    expect(notebook.switches[1]?.hunks[0]?.patch).toEqual({ number: 2, count: 5 });
  });

  it("gives a cell the line of its first line in the file", () => {
    const [cell] = notebook.cells;
    const lines = example.split("\n");
    expect(lines[(cell?.line ?? 0) - 1]).toBe("//| races: note");
    expect(cell?.text.split("\n")[1]).toBe("int x;");
  });

  it("reads runs, limits, claims and expectations", () => {
    expect(notebook.runs[0]).toMatchObject({
      command: { kind: "check", variants: ["mainline", "proposal"] },
      limits: { statesMax: 5_000_000, memoryBytesMax: 2 * 1024 ** 3, timeMsMax: 30_000 },
    });
    expect(notebook.runs[1]?.command).toEqual({ kind: "ablate", switches: [], measure: "check" });
    expect(notebook.claims[0]).toMatchObject({
      quote: "dropping the recheck is safe once the folio is locked",
      messageId: "parent@example.org",
      needs: [{ runId: "race", predicate: { kind: "verdict", variants: ["proposal"], verdict: "holds" } }],
    });
    expect(notebook.expects.map((line) => line.text)).toEqual([
      "race: mainline proposal holds",
      "race: proposal violated use-after-free",
    ]);
  });

  it("reads the same notebook behind quote marks, and prints the quoted text back", () => {
    for (const mark of ["> ", "> > ", ">> "]) {
      const quoted = example.replace(/^/gm, mark).replace(/[> ]+$/, "");
      const parsed = parseNotebook(`Some words of a reply.\n\n${quoted}\nThanks\n`);
      expect(parsed.diagnostics.filter((diagnostic) => diagnostic.severity === "error")).toEqual([]);
      expect(parsed.notebook.cells[0]?.text).toBe(notebook.cells[0]?.text);
      expect(parsed.notebook.claims[0]?.quote).toBe(notebook.claims[0]?.quote);
    }
  });

  it("does not take a live fence inside a display fence for live", () => {
    const inner = `${header}${fence}${fence}\n${fence}scn #inner\n${fence}\n${fence}${fence}\n`;
    expect(parseNotebook(inner).notebook.cells).toEqual([]);
  });

  it("keeps ids and lines with CRLF line ends", () => {
    const crlf = parseNotebook(example.replaceAll("\n", "\r\n"));
    expect(crlf.diagnostics).toEqual([]);
    expect(crlf.notebook.cells[0]).toMatchObject({ text: notebook.cells[0]?.text, line: notebook.cells[0]?.line });
  });

  it("parses what a conflict leaves standing, with one error for it", () => {
    const text = example.replace("int x;\n", "<<<<<<< HEAD\nint x;\n=======\nint y;\n>>>>>>> theirs\n");
    const parsed = parseNotebook(text);
    expect(parsed.diagnostics.map((diagnostic) => diagnostic.code)).toEqual(["NBK005"]);
    expect(parsed.notebook.cells[0]?.text).toContain("int x;");
    expect(parsed.notebook.cells[0]?.text).not.toContain("int y;");
    expect(printNotebook(parsed.notebook)).toBe(text);
  });

  it("names both lines of a duplicate id", () => {
    const text = `${header}${fence}scn #a\n${fence}\n${fence}scn #a\n${fence}\n`;
    const [diagnostic] = parseNotebook(text).diagnostics;
    expect(diagnostic?.message).toBe("id #a is used twice: at line 6 and here");
    expect(diagnostic?.line).toBe(8);
  });

  it("opens a higher minor format read-only and refuses a higher major one", () => {
    const minor = parseNotebook(example.replace("hunkbook/1\n", "hunkbook/1.3\n"));
    expect(minor.notebook.readOnlyReason).toContain("hunkbook/1.3");
    expect(minor.diagnostics.map((diagnostic) => diagnostic.severity)).toEqual(["warning"]);
    expect(codes(example.replace("hunkbook/1\n", "hunkbook/2\n"))).toEqual(["NBK015@4"]);
  });

  it("refuses a notebook above 256 kB, and NUL bytes by their offset", () => {
    expect(codes(`${header}${"x".repeat(262_144)}`)).toEqual(["NBK001@1"]);
    const [nul] = parseNotebook("\u00e4\u0000").diagnostics;
    expect(nul?.message).toContain("a NUL byte at byte 2");
  });

  it("prints back what it read, byte for byte", { timeout: 60_000 }, () => {
    expect(printNotebook(notebook)).toBe(example);
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
        expect(printNotebook(parseNotebook(text).notebook)).toBe(text);
      }),
    );
    fc.assert(
      fc.property(mutatedExample(), (text) => {
        expect(printNotebook(parseNotebook(text).notebook)).toBe(text);
      }),
      { numRuns: 300 },
    );
  });

  it("stays quick on the worst lines that fit into 256 kB", { timeout: 60_000 }, () => {
    const worst = [
      `${header}${`${fence}scn #a\n${fence}\n`.repeat(12_000)}`,
      `${header}${fence}variant\n${"v = A=1\n".repeat(30_000)}${fence}\n`,
      `${header}${fence}expect\n${" ".repeat(250_000)}reaches\n${fence}\n`,
      `${header}${fence}expect\n${"race: a holds\n".repeat(17_000)}${fence}\n`,
      `${header}${Array.from({ length: 900 }, (_, index) => `${fence}run #r${index}\ncheck v${index} x=1\n${fence}\n`).join("")}`,
      `${header}${fence}param\n${Array.from({ length: 8000 }, (_, index) => `P${index} = 9 in 1..${index}`).join("\n")}\n${fence}\n`,
      "> ".repeat(130_000),
      "#".repeat(260_000),
      `# ${" #".repeat(120_000)}`,
      "<<<<<<< a\n".repeat(26_000),
    ];
    for (const text of worst) {
      const before = process.cpuUsage();
      parseNotebook(text);
      expect(process.cpuUsage(before).user / 1_000).toBeLessThan(1_500);
    }
  });
});

/** The example with a few characters or lines lost, doubled or swapped. */
function mutatedExample(): fc.Arbitrary<string> {
  const lines = example.split("\n");
  const edit = fc.record({
    at: fc.nat(lines.length - 1),
    kind: fc.constantFrom("drop", "double", "cut", "mark", "quote"),
  });
  return fc.array(edit, { minLength: 1, maxLength: 6 }).map((edits) => {
    const text = [...lines];
    for (const { at, kind } of edits) {
      const line = text[at] ?? "";
      if (kind === "drop") text[at] = "";
      else if (kind === "double") text[at] = `${line}\n${line}`;
      else if (kind === "cut") text[at] = line.slice(0, line.length >> 1);
      else if (kind === "mark") text[at] = `<<<<<<< ${line}`;
      else text[at] = `> ${line}`;
    }
    return text.join("\n");
  });
}
