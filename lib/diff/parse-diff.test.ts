import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { parsePatch } from "diff";
import { describe, expect, it } from "vitest";
import { parseGitLine, parseHunkHeader, formatHunkHeader, isElision, unquotePath } from "./diff-grammar.ts";
import { findAttributions, parseQuotes } from "../mail/quotes/quotes.ts";
import { findDiffs } from "./parse-diff.ts";

const folder = new URL("../../tests/diff/", import.meta.url);
const corpus = readdirSync(folder)
  .filter((name) => name.endsWith(".txt"))
  .map((name) => readFileSync(new URL(name, folder), "utf8"));

describe("parseHunkHeader", () => {
  it("reads counts of 1 that are left out, and writes them so", () => {
    const header = { oldStart: 3, oldCount: 1, newStart: 4, newCount: 0, heading: "int f(void)" };
    expect(parseHunkHeader("@@ -3 +4,0 @@ int f(void)")).toEqual(header);
    expect(formatHunkHeader(header)).toBe("@@ -3 +4,0 @@ int f(void)");
  });

  it("refuses numbers that no file has, negative ones, and merges", () => {
    for (const text of [
      "@@ -2147483648 +1 @@",
      "@@ -1 +99999999999 @@",
      "@@ --1 +1 @@",
      "@@@ -1 -1 +1 @@@",
      "@@ -1 +1",
      " @@ -1 +1 @@",
    ]) {
      expect(parseHunkHeader(text)).toBeNull();
    }
  });
});

describe("parseGitLine", () => {
  it.each([
    ["diff --git a/mm/x.c b/mm/x.c", "mm/x.c", "mm/x.c"],
    ["diff --git a/a b c b/a b c", "a b c", "a b c"],
    ["diff --git a/old.c b/new.c", "old.c", "new.c"],
    ['diff --git "a/\\303\\251.c" "b/\\303\\251.c"', "é.c", "é.c"],
    ['diff --git a/plain.c "b/t\\tab.c"', "plain.c", "t\tab.c"],
  ])("%s", (line, oldPath, newPath) => {
    expect(parseGitLine(line)).toEqual({ oldPath, newPath });
  });

  it("survives an unclosed quote and bad escapes", () => {
    expect(parseGitLine('diff --git "a/x')).toBeNull();
    expect(unquotePath('"\\9\\q\\')).toBe("\\9\\q\\");
  });
});

describe("isElision", () => {
  it("knows the marks that people use", () => {
    for (const mark of [
      "[...]",
      "[ ... ]",
      "...",
      "…",
      "[snip]",
      "<snip>",
      "(SNIP)",
      "[ ... 14 lines ... ]",
      " :",
      "[]",
      "--snip--",
    ]) {
      expect(isElision(mark)).toBe(true);
    }
  });
  it("does not take code or prose for one", () => {
    for (const text of ["", "x...", "\t...,", "case 1:", "printf(fmt, ...);", "[1] https://example.org"]) {
      expect(isElision(text)).toBe(false);
    }
  });
});

interface Edit {
  readonly kind: " " | "+" | "-";
  readonly text: string;
}
const edit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom<Edit["kind"]>(" ", " ", " ", "+", "-"),
  text: fc.constantFrom(
    "",
    "\ta();",
    "-- ",
    "-- a/x",
    "++ b/x",
    "@@ -1 +1 @@",
    "diff --git a/x b/x",
    "> quoted",
    "\treturn 0;",
    "}",
    "[...]",
    "é",
  ),
});
const hunk = fc.array(edit, { minLength: 1, maxLength: 12 }).filter((lines) => lines.some((line) => line.kind !== " "));

function hunkText(lines: readonly Edit[], start: number): string[] {
  const oldCount = lines.filter((line) => line.kind !== "+").length;
  const newCount = lines.filter((line) => line.kind !== "-").length;
  return [`@@ -${start},${oldCount} +${start},${newCount} @@ f(void)`, ...lines.map((line) => line.kind + line.text)];
}

describe("findDiffs on undamaged diffs", () => {
  it("gives back every formal diff exactly, whatever its lines look like", () => {
    fc.assert(
      fc.property(fc.array(hunk, { minLength: 1, maxLength: 4 }), (hunks) => {
        const texts = hunks.map((lines, at) => hunkText(lines, 1 + at * 100));
        const body = ["diff --git a/x.c b/x.c", "--- a/x.c", "+++ b/x.c", ...texts.flat(), "-- ", "2.47.0"].join("\n");
        const found = findDiffs(body);
        expect(found).toHaveLength(1);
        expect(found[0]!.hunks.map((one) => one.raw)).toEqual(texts.map((lines) => `${lines.join("\n")}\n`));
        expect(found[0]!.hunks.map((one) => [one.state, one.repairs, one.repaired === one.raw])).toEqual(
          texts.map(() => ["complete", [], true]),
        );
      }),
    );
  });

  it("gives back the same hunks when the mail is quoted once or thrice, with trimmed line ends too", () => {
    fc.assert(
      fc.property(hunk, fc.constantFrom("> ", ">>> ", "> > > "), fc.boolean(), (lines, marks, trimmed) => {
        const plain = ["diff --git a/x.c b/x.c", "--- a/x.c", "+++ b/x.c", ...hunkText(lines, 1)];
        const quoted = plain.map((line) => (trimmed && line === " " ? marks.trimEnd() : marks + line));
        const found = findDiffs(["Somebody wrote:", ...quoted, "", "An answer."].join("\n"));
        const formal = findDiffs(plain.join("\n"));
        expect(found.map((one) => one.hunks.map((each) => each.repaired))).toEqual(
          formal.map((one) => one.hunks.map((each) => each.repaired)),
        );
        expect(found[0]!.quoteDepth).toBe(marks.split(">").length - 1);
      }),
    );
  });

  it("agrees with the parser of the diff package on clean patches", () => {
    fc.assert(
      fc.property(fc.array(hunk, { minLength: 1, maxLength: 3 }), (hunks) => {
        const harmless = hunks.map((lines) =>
          lines.map((line) => ({ ...line, text: line.text.replace(/^(--|\+\+).*/, "x") })),
        );
        const text = [
          "--- a/x.c",
          "+++ b/x.c",
          ...harmless.flatMap((lines, at) => hunkText(lines, 1 + at * 100)),
          "",
        ].join("\n");
        const theirs = parsePatch(text)[0]!.hunks.map((one) => one.lines);
        expect(findDiffs(text)[0]!.hunks.map((one) => one.lines.map((line) => line.kind + line.text))).toEqual(theirs);
      }),
    );
  });

  it("numbers the lines as the counts say", () => {
    fc.assert(
      fc.property(hunk, (lines) => {
        const found = findDiffs(["--- a/x.c", "+++ b/x.c", ...hunkText(lines, 7)].join("\n"))[0]!.hunks[0]!;
        let [old, fresh] = [7, 7];
        for (const line of found.lines) {
          expect(line.oldLine).toBe(line.kind === "+" ? null : old++);
          expect(line.newLine).toBe(line.kind === "-" ? null : fresh++);
        }
      }),
    );
  });
});

describe("findDiffs on damage", () => {
  it("restores tabs for certain where the parent has the very lines, and leaves blanks that the parent has", () => {
    const quote = [
      "> --- a/x.c",
      "> +++ b/x.c",
      "> @@ -1,2 +1,2 @@",
      ">         a();",
      "> -       b();",
      "> +       c();",
    ];
    const tabbed = ["--- a/x.c", "+++ b/x.c", "@@ -1,2 +1,2 @@", " \ta();", "-\tb();", "+\tc();"].join("\n");
    const kinds = (parent?: string) =>
      findDiffs(quote.join("\n"), parent === undefined ? {} : { parentBodies: [parent] })[0]!.hunks[0]!.repairs.map(
        (one) => one.kind,
      );
    expect(kinds()).toEqual(["stuffed-blank", "tabs-guessed"].slice(1));
    expect(kinds(tabbed)).toEqual(["tabs-confirmed"]);
    expect(kinds(tabbed.replaceAll("\t", "       "))).toEqual([]);
    expect(kinds("nothing of it")).toEqual(["tabs-guessed"]);
  });

  it("never throws and accounts for every hunk line, on 2,000 mutations of the corpus", () => {
    const pieces = [
      "> ",
      "\n",
      " ",
      "+",
      "-",
      "@@ -1,3 +1,3 @@ f",
      "@@ -0,0 +1,999999999 @@",
      "diff --git a/x b/x\n",
      "--- a/x\n+++ b/x\n",
      "\\ No newline",
      "\u00a0",
      "\u2028",
      "\ud800",
      "\0",
      "[...]\n",
      ">>>>>>>>",
      "|",
      "-- \n",
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...corpus),
        fc.array(fc.tuple(fc.nat(), fc.nat(40), fc.constantFrom(...pieces)), { minLength: 1, maxLength: 8 }),
        (body, mutations) => {
          let text = body;
          for (const [seed, cut, piece] of mutations) {
            const at = seed % (text.length + 1);
            text = text.slice(0, at) + piece + text.slice(at + cut);
          }
          const bodyLines = text.split("\n").length;
          for (const diff of findDiffs(text, { messageId: "fuzz@example.org" })) {
            for (const one of diff.hunks) {
              expect(one.bodyLineStart).toBeLessThan(one.bodyLineEnd);
              expect(one.bodyLineEnd).toBeLessThanOrEqual(bodyLines);
              const seen = one.lines.map((line) => line.bodyLine);
              expect(new Set(seen).size).toBe(seen.length);
              expect([...seen].sort((a, b) => a - b)).toEqual(seen);
              if (one.state === "complete") {
                expect(one.lines.filter((line) => line.oldLine !== null)).toHaveLength(one.oldCount);
                expect(one.lines.filter((line) => line.newLine !== null)).toHaveLength(one.newCount);
              }
            }
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  it("gives every hunk of a mail a key of its own", () => {
    for (const body of corpus) {
      const keys = findDiffs(body, { messageId: "m@example.org" }).flatMap((diff) => diff.hunks.map((one) => one.key));
      expect(new Set(keys).size).toBe(keys.length);
    }
  });
});

describe("findDiffs: time", () => {
  const long = (unit: string): string => unit.repeat(Math.ceil(300_000 / unit.length));
  const open = "--- a/x\n+++ b/x\n@@ -1,900000000 +1,900000000 @@ f\n";
  it.each([
    ["empty lines", long("\n")],
    ["an endless hunk of blanks", open + long("\n")],
    ["an endless hunk", open + long(" a\n")],
    ["wrapped lines", open + long(`+${"x".repeat(70)}\nwrapped\n`)],
    ["one line wrapped for ever", `${open}+${"x".repeat(70)}\n${long("w\n")}`],
    ["marks only", long(">")],
    ["ever deeper marks", Array.from({ length: 1400 }, (_, at) => ">".repeat(at)).join("\n")],
    [
      "hunks at every depth",
      Array.from({ length: 40_000 }, (_, at) => `${">".repeat(at % 45)} @@ -1,9 +1,9 @@`)
        .join("\n")
        .slice(0, 1_000_000),
    ],
    ["separators", long("> @@ -1,4 +1,4 @@\n>  a\n>\nreply\n>\n> +b\n> -b\n>  c\n>  d\n")],
    ["hunk headers", long("@@ -1 +1 @@\n")],
    ["diff lines", long("diff --git a/x b/x\n")],
    ["attributions", long("On 1:1 2026-01-01 a@b wrote:\n> x\n")],
    ["one long attribution", `On ${long("1 ")} wrote:\n> x`],
    ["at signs", long("a@a.")],
    ["one line of blanks", `> -${long(" ")}x`],
    ["dots", long("[...")],
    ["quoted paths", `diff --git "a/${long("\\303")}" "b/x"`],
  ])(
    "is linear: little processor time for 300 kB of %s",
    (_name, body) => {
      const started = process.cpuUsage();
      const lines = parseQuotes(body);
      findAttributions(lines);
      findDiffs(body, { messageId: "big@example.org" });
      // A bound against what is quadratic (minutes at this length), not a measurement.
      expect(process.cpuUsage(started).user / 1000).toBeLessThan(5000);
    },
    60_000,
  );
});
