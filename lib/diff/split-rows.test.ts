import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findDiffs } from "./parse-diff.ts";
import { piecesOf, splitRows, type DiffRow } from "./split-rows.ts";

const rowsOf = (lines: readonly string[], header = "@@ -1,9 +1,9 @@") =>
  splitRows(
    findDiffs(["> --- a/x", "> +++ b/x", `> ${header}`, ...lines.map((line) => `> ${line}`)].join("\n"))[0]!.hunks[0]!,
  );

function textOf(row: DiffRow): string {
  if (row.kind === "gap") return row.mark;
  const shown = row.pieces.map((piece) =>
    piece.kind === "hidden" ? `<${piece.codePoint}>` : piece.changed ? `[${piece.text}]` : piece.text,
  );
  return row.marker + shown.join("");
}

describe("splitRows", () => {
  it("marks the words that differ inside a pair of lines, and nothing in unequal runs", () => {
    const rows = rowsOf(
      [" \ta();", "-\tif (!locked && test(ring)) {", "+\tif (!locked) {", " \tb();"],
      "@@ -1,3 +1,3 @@",
    );
    expect(rows.map(textOf)).toEqual([
      " \ta();",
      "-\tif (!locked[ && test(ring])[)] {",
      "+\tif (!locked) {",
      " \tb();",
    ]);
    const unequal = rowsOf(["-\tint a;", "-\tint b;", "+\tint c;"], "@@ -1,2 +1 @@");
    expect(unequal.map(textOf)).toEqual(["-\tint a;", "-\tint b;", "+\tint c;"]);
  });

  it("leaves lines alone that have little in common", () => {
    expect(rowsOf(["-one two three four", "+five six seven eight"], "@@ -1 +1 @@").map(textOf)).toEqual([
      "-one two three four",
      "+five six seven eight",
    ]);
  });

  it("shows gaps where they stand and both numbers", () => {
    const rows = rowsOf([" a", "[...]", " b"], "@@ -7,9 +8,9 @@");
    expect(rows.map(textOf)).toEqual([" a", "[...]", " b"]);
    expect(rows[0]).toMatchObject({ kind: "line", oldLine: 7, newLine: 8 });
  });

  it("makes characters visible that hide or reorder text", () => {
    const rows = rowsOf(["+if (admin\u202e\u2066) {\u200b\u00ad\ufeff\u{e0041}"], "@@ -0,0 +1 @@");
    expect(rows.map(textOf)).toEqual(["+if (admin<U+202E><U+2066>) {<U+200B><U+00AD><U+FEFF><U+E0041>"]);
  });
});

describe("piecesOf", () => {
  it("loses nothing and never lets a hidden character through", () => {
    const characters = fc.string({
      unit: fc.constantFrom(
        "a",
        "\t",
        " ",
        "é",
        "\u202a",
        "\u200f",
        "\u0000",
        "\u001b",
        "\r",
        "\u{e0020}",
        "日",
        "\u{1f600}",
      ),
    });
    fc.assert(
      fc.property(characters, (text) => {
        const pieces = piecesOf(text);
        const again = pieces.map((piece) =>
          piece.kind === "text" ? piece.text : String.fromCodePoint(Number.parseInt(piece.codePoint.slice(2), 16)),
        );
        expect(again.join("")).toBe(text);
        for (const piece of pieces)
          if (piece.kind === "text") expect(piece.text).not.toMatch(/[\u202a\u200f\0\u001b\r]/);
      }),
    );
  });
});
