import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diffNotebooks } from "./cell-diff.ts";
import { QuoteFinder } from "./locate-quote.ts";
import { renderProse } from "./markdown.ts";
import { nearestHint } from "./nearest-hint.ts";
import { parseNotebook } from "./parse/parse.ts";
import { isSlug, slugOf } from "./slug.ts";

const fence = "```";

describe("slugOf", () => {
  it.each([
    ["May MOVE drop the anon_vma lock?", "may-move-drop-the-anon-vma-lock"],
    ["Zoë's  Räume – 2", "zoe-s-raume-2"],
    ["日本語", "notebook"],
    ["new", "notebook-new"],
    ["a".repeat(100), "a".repeat(60)],
    [`${"word ".repeat(20)}`, "word-word-word-word-word-word-word-word-word-word-word-word"],
  ])("%s becomes %s", (title, slug) => {
    expect(slugOf(title)).toBe(slug);
  });

  it("always gives a slug that a person could choose", { timeout: 60_000 }, () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (title) => isSlug(slugOf(title))));
  });
});

describe("nearestHint", () => {
  it("names what a misspelt word may mean, else what there is when that is short", () => {
    expect(nearestHint("abuot", ["about", "format"])).toBe('; did you mean "about"?');
    expect(
      nearestHint(
        "xyz",
        Array.from({ length: 13 }, (_, index) => `name-${String(index)}`),
      ),
    ).toBe("");
    expect(nearestHint("q", ["one", "two"])).toBe("; known: one, two");
  });
});

describe("QuoteFinder", () => {
  const place = (body: string, quote: string): string | null => {
    const found = new QuoteFinder(body).find(quote);
    return found === null ? null : body.slice(found.start, found.end);
  };

  it("reads over line breaks, quote marks and typographic marks", () => {
    expect(place("> > ensure that the\n> > field hasn\u2019t changed under us.", "the field hasn't changed")).toBe(
      "the\n> > field hasn\u2019t changed",
    );
    expect(place("a  b\n\tc", "a b c")).toBe("a  b\n\tc");
  });

  it("keeps a > inside a line, and says when nothing is there", () => {
    expect(place("folio->mapping is read", "folio->mapping")).toBe("folio->mapping");
    expect(place("nothing here", "something")).toBeNull();
    expect(place("anything", "  ")).toBeNull();
  });
});

describe("diffNotebooks", () => {
  const text = (cells: readonly (readonly [string, string])[]): string =>
    cells.map(([id, body]) => `${fence}scn #${id}\n${body}\n${fence}\n\n`).join("");
  const changes = (older: string, newer: string): string[] =>
    diffNotebooks(parseNotebook(older).notebook, parseNotebook(newer).notebook)
      .map((change) => {
        const block = "newer" in change ? change.newer : change.older;
        return block.kind === "prose" ? "" : `${change.kind} #${block.id ?? ""}`;
      })
      .filter((line) => line !== "");

  it("tells added, removed, changed, renamed and same cells apart", () => {
    const older = text([
      ["a", "int a;"],
      ["b", "int b;"],
      ["c", "int c;"],
      ["d", "int d;"],
    ]);
    const newer = text([
      ["a", "int a;"],
      ["b", "int b2;"],
      ["cc", "int c;"],
      ["e", "int e;"],
    ]);
    expect(changes(older, newer)).toEqual(["same #a", "changed #b", "renamed #cc", "added #e", "removed #d"]);
  });

  it("keeps a cell's identity when it moves", () => {
    expect(
      changes(
        text([
          ["a", "x"],
          ["b", "y"],
        ]),
        text([
          ["b", "y"],
          ["a", "x"],
        ]),
      ),
    ).toEqual(["same #b", "same #a"]);
  });

  it("shows the changed lines", () => {
    const [change] = diffNotebooks(
      parseNotebook(text([["a", "one\ntwo\nthree"]])).notebook,
      parseNotebook(text([["a", "one\n2\nthree"]])).notebook,
    );
    expect(change?.kind === "changed" ? change.lines.map((line) => line.kind + line.text) : []).toEqual([
      " one",
      "-two",
      "+2",
      " three",
    ]);
  });

  it("loses no block of either side", { timeout: 60_000 }, () => {
    const cell = fc.tuple(fc.constantFrom("a", "b", "c", "d", "e"), fc.constantFrom("x", "y", "z"));
    const notebook = fc.uniqueArray(cell, { selector: ([id]) => id, maxLength: 5 }).map(text);
    fc.assert(
      fc.property(notebook, notebook, (older, newer) => {
        const [before, after] = [parseNotebook(older).notebook, parseNotebook(newer).notebook];
        const all = diffNotebooks(before, after);
        expect(all.flatMap((change) => ("newer" in change ? [change.newer] : []))).toEqual([...after.blocks]);
        expect(new Set(all.flatMap((change) => ("older" in change ? [change.older] : [])))).toEqual(
          new Set(before.blocks),
        );
      }),
    );
  });
});

describe("renderProse", () => {
  it("renders Markdown and tables", () => {
    expect(renderProse("Some *words* and `code`.")).toBe("<p>Some <em>words</em> and <code>code</code>.</p>");
    expect(renderProse("|a|b|\n|-|-|\n|1|2|")).toContain("<table>");
  });

  it.each([
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    "[x](javascript:alert(1))",
    "[x](data:text/html,1)",
    "<javascript:alert(1)>",
    "![x](https://example.org/track.png)",
    "<style>*{display:none}</style>",
    '[x](https://example.org "onmouseover=1")\n<iframe src="https://example.org">',
  ])("lets nothing through that runs or fetches: %s", (markdown) => {
    const html = renderProse(markdown);
    expect(html).not.toMatch(/<(?:script|img|iframe|style)|(?:href|src)=.(?:javascript|data)|<[^>]* on[a-z]+=/i);
  });

  it("links to http, https and mailto, telling the other side nothing", () => {
    expect(renderProse("[x](https://example.org/)")).toBe(
      '<p><a href="https://example.org/" rel="nofollow noopener noreferrer">x</a></p>',
    );
    expect(renderProse("![a plot](https://example.org/p.png)")).toContain(">[image: a plot]</a>");
  });

  it("stays quick on texts made to be slow, and shows them", { timeout: 60_000 }, () => {
    const worst = [
      ">".repeat(20_000),
      `${"> ".repeat(5_000)}a`,
      "[".repeat(100_000),
      "*a_ ".repeat(30_000),
      "- ".repeat(5_000),
      "1. ".repeat(5_000),
      "`".repeat(1) + " ``".repeat(30_000),
      "[a](".repeat(20_000),
      "<".repeat(50_000),
      "|".repeat(50_000),
      `${"a|".repeat(2_000)}\n${"-|".repeat(2_000)}\n`,
      "![".repeat(30_000),
      "&".repeat(60_000),
      `a|b\n-|-\n${"1|2\n".repeat(40_000)}`,
      "[a]: b\n".repeat(9_000) + "text",
      "[^a]: b\n".repeat(8_000) + "\ntext",
      Array.from({ length: 300 }, (_, depth) => `${"  ".repeat(depth)}- a`).join("\n"),
    ];
    for (const text of worst) {
      const before = process.cpuUsage();
      expect(renderProse(text)).not.toBe("");
      // A bound against explosions, not a measurement: a shared core may count double.
      expect(process.cpuUsage(before).user / 1_000).toBeLessThan(8_000);
    }
  });
});
