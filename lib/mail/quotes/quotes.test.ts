import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { attributedPerson, isAttribution } from "./attribution.ts";
import { scanQuoteMarks, textBehindMarks } from "./quote-marks.ts";
import { findAttributions, parseQuotes } from "./quotes.ts";

const read = (lines: readonly string[]) => parseQuotes(lines.join("\n"));
const depths = (lines: readonly string[]) => read(lines).map((line) => line.depth);
const texts = (lines: readonly string[]) => read(lines).map((line) => line.text);
const roles = (lines: readonly string[]) => read(lines).map((line) => line.role);

describe("parseQuotes: marks", () => {
  it("counts the marks whether they touch or not, also mixed in one mail", () => {
    expect(depths(["own", "> one", ">> two", "> > two", "> > >>>>> seven", ">>> > four"])).toEqual([0, 1, 2, 2, 7, 4]);
  });

  it("takes one blank behind the last mark as a separator and keeps all further ones", () => {
    expect(texts([">  	x", ">x", "> > 	x ", ">"])).toEqual([" \tx", "x", "\tx ", ""]);
  });

  it("allows three blanks before the first mark, and no more", () => {
    expect(depths(["   > x", "    > x"])).toEqual([1, 0]);
  });

  it("counts | only behind >, or where the whole block quotes with it", () => {
    expect(depths(["| a table |", "| of two  |", "| rows    |"])).toEqual([0, 0, 0]);
    expect(depths(["| all", "| of this", "| is quoted"])).toEqual([1, 1, 1]);
    expect(depths(["> | x", "| one line"])).toEqual([2, 0]);
  });

  it("shows supercite as who is quoted, without a depth", () => {
    expect(read(["Ada> said so"])[0]).toMatchObject({ depth: 0, supercite: "Ada" });
  });

  it("keeps every byte: the raw lines make up the body again", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(">", "|", " ", "a", "\n", "\t", "-", ":", "@", "é") }), (body) => {
        const lines = parseQuotes(body);
        const text = lines.map((line) => line.raw).join("\n");
        expect(body === text || body === `${text}\n`).toBe(true);
        for (const line of lines) expect(line.raw.endsWith(line.text)).toBe(true);
      }),
    );
  });
});

describe("textBehindMarks", () => {
  it("strips as many marks as asked and leaves deeper ones as text", () => {
    const options = { depth: 1, separated: true, pipes: false };
    expect(textBehindMarks("> > x", options)).toBe("> x");
    expect(textBehindMarks("x", options)).toBeNull();
    expect(textBehindMarks("> x", { ...options, separated: false })).toBe(" x");
    expect(scanQuoteMarks(">>>x", { depthMax: 2 })).toEqual({ depth: 2, marksEnd: 2, textStart: 2 });
  });
});

describe("findAttributions", () => {
  it("finds one wrapped over two lines, and a quoted one with the depth that it introduces", () => {
    const lines = read([
      "On Tue, Mar 3, 2026 at 8:52\u202fAM Ada Example",
      "<ada@example.org> wrote:",
      ">",
      "> On Mon, Mar 02, 2026 at 10:29:52AM -0700, Ben Example wrote:",
      "> > Hello.",
      "Answer:",
      "nothing quoted below",
    ]);
    expect(findAttributions(lines)).toMatchObject([
      { depth: 1, lineStart: 0, lineEnd: 2, name: "Ada Example", address: "ada@example.org" },
      { depth: 2, lineStart: 3, lineEnd: 4, name: "Ben Example", address: "" },
    ]);
    expect(lines.slice(0, 4).map((line) => line.role)).toEqual(["attribution", "attribution", "blank", "attribution"]);
  });

  it("allows a blank line between the attribution and the quote", () => {
    expect(findAttributions(read(["Ada Example <ada@example.org> writes:", "", "> x"]))).toHaveLength(1);
  });

  it("reads Outlook's block as an attribution of all that follows, unmarked", () => {
    const lines = read([
      "No.",
      "",
      "From: Ada Example <ada@example.org>",
      "Sent: Monday, March 2, 2026 10:00",
      "To: Ben Example <ben@example.org>",
      "Subject: [PATCH] x",
      "",
      "Please apply.",
      "> older",
    ]);
    expect(lines.map((line) => line.depth)).toEqual([0, 0, 0, 0, 0, 0, 1, 1, 2]);
    expect(lines.at(-1)).toMatchObject({ marks: 1, depth: 2 });
    expect(findAttributions(lines)).toMatchObject([{ depth: 1, name: "Ada Example", address: "ada@example.org" }]);
  });

  it("does not take git's in-body header for Outlook's", () => {
    expect(depths(["From: Ada Example <ada@example.org>", "Subject: x", "To: y", "", "Text."])).toEqual([
      0, 0, 0, 0, 0,
    ]);
  });
});

describe("attributedPerson", () => {
  it.each([
    ["On Tue, Aug 26, 2025 at 03:23:28PM -0700, Ada Example wrote:", "Ada Example", ""],
    ["On 22.08.25 19:29, Ada Example wrote:", "Ada Example", ""],
    ["On Mon, 25 Aug 2025 17:19:05 +0200 Ada Example <ada@example.org> wrote:", "Ada Example", "ada@example.org"],
    ["* Ada Example <ada@example.org> [260302 10:00]:", "Ada Example", "ada@example.org"],
    ["Am 22.08.25 um 19:29 schrieb Ada Example:", "Ada Example", ""],
    ["Le lun. 2 mars 2026 à 10:00, Ada Example <ada@example.org> a écrit :", "Ada Example", "ada@example.org"],
    ["Ada Example <ada@example.org> writes:", "Ada Example", "ada@example.org"],
    [
      "On Mon, Mar 2, 2026 at 10:00 AM Ada B. Example III <ada@example.org> wrote:",
      "Ada B. Example III",
      "ada@example.org",
    ],
    ["On 2026/3/2 10:00, Ada Example 写道:", "Ada Example", ""],
    ["On Mon, Mar 2, 2026, <ada@example.org> wrote:", "", "ada@example.org"],
    ['On Mon, Mar 02 2026 at 10:00, "Example, Ada" <ada@example.org> wrote:', "Example, Ada", "ada@example.org"],
  ])("%s", (text, name, address) => {
    expect(isAttribution(text)).toBe(true);
    expect(attributedPerson(text)).toEqual({ name, address });
  });

  it("is not misled by prose that ends in a colon", () => {
    for (const text of ["The code is:", "See mail from ada@example.org:", "as the comment says"]) {
      expect(isAttribution(text)).toBe(false);
    }
  });
});

describe("roles", () => {
  it("ends the text at a signature, but not where a hunk follows", () => {
    expect(roles(["Text.", "-- ", "Ada", "ring GmbH"])).toEqual(["text", "signature", "signature", "signature"]);
    expect(roles(["-- ", "@@ -1 +1 @@", "-a"])).toEqual(["text", "text", "text"]);
  });

  it("marks a list footer", () => {
    const footer = ["_______________________________________________", "ring mailing list", "ring@lists.example.org"];
    expect(roles(["Text.", "", ...footer])).toEqual(["text", "blank", "footer", "footer", "footer"]);
  });
});
