import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hunkKey } from "../diff/hunk-key.ts";
import { alignLines } from "./anchor-align.ts";
import { anchorReply, newAnchorCache } from "./anchor.ts";

const PATCH = [
  "Count readers before the ring is freed.",
  "",
  "Signed-off-by: Ada Example <ada@example.org>",
  "---",
  " mm/ring.c | 6 ++++--",
  "",
  "diff --git a/mm/ring.c b/mm/ring.c",
  "--- a/mm/ring.c",
  "+++ b/mm/ring.c",
  "@@ -10,6 +10,7 @@ static void ring_put(struct ring *ring)",
  " {",
  " \tstruct page *page;",
  " ",
  "-\tif (ring->users)",
  "+\tif (refcount_read(&ring->users))",
  "+\t\treturn;",
  " \tring_free(ring);",
  " \tring_done(ring);",
  "@@ -90,5 +91,6 @@ static void ring_get(struct ring *ring)",
  " \tlock(ring);",
  "+\tif (ring->dead)",
  "+\t\treturn;",
  " \tring->users++;",
  " \tunlock(ring);",
  " }",
  "-- ",
  "2.47.0",
];
const patch = { messageId: "patch@example.org", body: PATCH.join("\n") };
const quote = (lines: readonly string[], marks = "> ") =>
  lines.map((line) => (line === "" || line === " " ? marks.trimEnd() : marks + line));
const reply = (lines: readonly string[], ancestors = [patch], messageId = "reply@example.org") =>
  anchorReply({ messageId, body: ["Ada Example <ada@example.org> wrote:", ...lines].join("\n"), ancestors });
const places = (lines: readonly string[]) =>
  reply(lines).map(({ anchor }) => [anchor.place, anchor.method, anchor.side, anchor.oldLine, anchor.newLine]);

describe("anchorReply", () => {
  it("ties each comment to the line above it, across the replies", () => {
    const body = [
      ...quote(PATCH.slice(6, 15)),
      "",
      "Why a read?",
      "",
      ...quote(PATCH.slice(15, 24)),
      "",
      "And here?",
      "",
    ];
    const found = reply(body);
    expect(found.map((one) => one.text)).toEqual(["Why a read?", "And here?"]);
    expect(found[0]!.anchor).toMatchObject({
      ...{ messageId: "patch@example.org", place: "line", method: "exact", score: 1, path: "mm/ring.c", side: "new" },
      ...{ oldLine: null, newLine: 13, bodyLine: 14 },
      hunkKey: hunkKey({ messageId: "patch@example.org", path: "mm/ring.c", oldStart: 10, ordinal: 0 }),
    });
    expect(found[0]!.quotedLines).toEqual({ start: 1, end: 10 });
    expect(found[1]!.bodyLineStart).toBe(body.indexOf("And here?") + 1);
  });

  it("finds a line that stands twice by the lines around it, and says aligned", () => {
    const first = places([...quote(PATCH.slice(13, 16)), "First return?"]);
    const second = places([...quote(PATCH.slice(20, 22)), "Second return?"]);
    expect(first).toEqual([["line", "aligned", "new", null, 14]]);
    expect(second).toEqual([["line", "aligned", "new", null, 93]]);
  });

  it("gives a low score to a line that stands twice with nothing around it", () => {
    const [one] = reply(["> +\t\treturn;", "Which?"]);
    expect(one!.anchor.method).toBe("aligned");
    expect(one!.anchor.score).toBeLessThan(0.7);
  });

  it("does not mind blanks for tabs, wrapped lines, lost marks on a tail, and trimmed headers", () => {
    expect(places([">         struct page *page;", ">", "> -       if (ring->users)", "Blanks."])).toEqual([
      ["line", "exact", "old", 13, null],
    ]);
    expect(places(["> +\tif (refcount_read(", "> &ring->users))", "Wrapped."])).toEqual([
      ["line", "exact", "new", null, 13],
    ]);
    expect(places(["> +\tif (refcount_read(", "&ring->users))", "> +\t\treturn;", "Tail."])).toEqual([
      ["line", "aligned", "new", null, 14],
    ]);
  });

  it("passes over braces and blank lines to the line that says something", () => {
    expect(places([...quote([" \tunlock(ring);", " }"]), "Late?"]).map((one) => one[0])).toEqual(["line"]);
    expect(places([...quote(["+\tif (ring->dead)", " "]), "Dead?"])).toEqual([["line", "exact", "new", null, 92]]);
  });

  it("means the hunk when several paragraphs follow its end, with the last changed line marked", () => {
    const [one] = reply([...quote(PATCH.slice(18, 25)), "First thought.", "", "Second thought."]);
    expect(one!.anchor).toMatchObject({ place: "hunk", method: "hunk", newLine: 93, score: 0.8 });
  });

  it("knows commit message, trailer, diffstat, file and hunk header", () => {
    const at = (line: number) => places([...quote([PATCH[line]!]), "Hm."]).map((one) => one[0]);
    expect([at(0), at(2), at(4), at(6), at(9)]).toEqual([
      ["commit-message"],
      ["trailer"],
      ["diffstat"],
      ["file"],
      ["hunk"],
    ]);
  });

  it("speaks of the mail as a whole above all quotes and below the signature", () => {
    const found = reply(["Nice work, but see below for one question.", ...quote(PATCH), "", "Will test v2."]);
    expect(found.map((one) => [one.anchor.place, one.anchor.messageId])).toEqual([
      ["mail", "patch@example.org"],
      ["mail", "patch@example.org"],
    ]);
  });

  it("lets a reply to a reply keep the anchor", () => {
    const first = {
      messageId: "first@example.org",
      body: ["Ada wrote:", ...quote(PATCH.slice(6, 15)), "", "Why a read?"].join("\n"),
    };
    const second = anchorReply({
      messageId: "second@example.org",
      body: ["Ben Example wrote:", ...quote(first.body.split("\n")), "", "Because it is cheap."].join("\n"),
      ancestors: [first, patch],
    });
    expect(second.map((one) => one.anchor)).toEqual(
      anchorReply({ ...first, ancestors: [patch] }).map((one) => one.anchor),
    );
  });

  it("makes a hunk that is known only from quotes its own object, the same for all who quote it", () => {
    const ghost = quote(PATCH.slice(6, 18), ">> ");
    const first = { messageId: "first@example.org", body: ["> Cyd wrote:", ...ghost, "> Text."].join("\n") };
    const found = anchorReply({
      messageId: "second@example.org",
      body: ["Ben wrote:", "> > Cyd wrote:", ...quote(PATCH.slice(6, 15), ">>> "), "Really?"].join("\n"),
      ancestors: [first],
    });
    expect(found[0]!.anchor).toMatchObject({ messageId: "first@example.org", place: "line", newLine: 13 });
  });

  it("counts only when the text is gone", () => {
    const rewritten = [...PATCH.slice(6, 14), "+\tif (something_else_entirely)"];
    expect(places([...quote(rewritten), "Better so."])[0]!.slice(0, 2)).toEqual(["line", "aligned"]);
    const strange = [
      "diff --git a/mm/ring.c b/mm/ring.c",
      "--- a/mm/ring.c",
      "+++ b/mm/ring.c",
      PATCH[9]!,
      "+\tall_new_text();",
    ];
    expect(reply([...quote(strange.slice(0)), "Counted?"])[0]!.anchor.path).toBe("mm/ring.c");
  });

  it("takes no elision mark, trailer, signature, greeting or courtesy for a comment", () => {
    const noise = [
      "Hi Ada,",
      "",
      ...quote(PATCH.slice(6, 12)),
      "[...]",
      ...quote(PATCH.slice(13, 15)),
      "",
      "Reviewed-by: Ben Example <ben@example.org>",
      "",
      "Thanks,",
      "Ben",
      "-- ",
      "Ben Example",
    ];
    expect(anchorReply({ messageId: "r@example.org", body: noise.join("\n"), ancestors: [patch] })).toEqual([]);
  });

  it("reads a hunk pasted without marks as quoted", () => {
    const found = reply([...PATCH.slice(9, 15), "", "Why a read?"]);
    expect(found.map((one) => [one.text, one.anchor.place, one.anchor.newLine])).toEqual([["Why a read?", "line", 13]]);
  });

  it("finds nothing in a mail that answers nobody, and reads each mail once through a cache", () => {
    expect(anchorReply({ ...patch, ancestors: [] })).toEqual([]);
    const cache = newAnchorCache();
    anchorReply({ messageId: "r@example.org", body: "> x\ny", ancestors: [patch], cache });
    expect([...cache.targets.keys()].sort()).toEqual(["patch@example.org", "r@example.org"]);
  });

  it("never throws, and stays inside the mail, whatever is quoted", () => {
    const line = fc.oneof(fc.constantFrom(...quote(PATCH), ...PATCH, "", "Why?", "> > x", "[...]"), fc.string());
    fc.assert(
      fc.property(fc.array(line, { maxLength: 40 }), (lines) => {
        const body = lines.join("\n");
        let end = 0;
        for (const one of anchorReply({ messageId: "r@example.org", body, ancestors: [patch] })) {
          expect(one.bodyLineStart).toBeGreaterThanOrEqual(end);
          expect(one.bodyLineEnd).toBeGreaterThan(one.bodyLineStart);
          end = one.bodyLineEnd;
          expect(end).toBeLessThanOrEqual(body.split("\n").length);
          expect(one.anchor.place === "line" ? one.anchor.hunkKey : "key").not.toBeNull();
        }
      }),
    );
  });
});

describe("alignLines", () => {
  /** The naive twin: length of the longest common subsequence. */
  function lcs(a: readonly string[], b: readonly string[]): number {
    let row = new Array<number>(b.length + 1).fill(0);
    for (const text of a) {
      const next = [0];
      b.forEach((other, at) => next.push(text === other ? row[at]! + 1 : Math.max(row[at + 1]!, next[at]!)));
      row = next;
    }
    return row.at(-1)!;
  }

  it("is monotone, pairs equal texts only, and pairs no more than the longest common subsequence", () => {
    const texts = fc.array(fc.constantFrom("a", "b", "c", "d", "e", "f"), { maxLength: 14 });
    fc.assert(
      fc.property(texts, texts, (quoted, target) => {
        const pairs = alignLines(quoted, target);
        let last = -1;
        pairs.forEach((pair, at) => {
          if (pair === null) return;
          expect(target[pair.target]).toBe(quoted[at]);
          expect(pair.target).toBeGreaterThan(last);
          last = pair.target;
        });
        expect(pairs.filter((pair) => pair !== null).length).toBeLessThanOrEqual(lcs(quoted, target));
      }),
    );
  });

  it("pairs everything that is quoted in order", () => {
    const texts = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 14 });
    fc.assert(
      fc.property(texts, fc.array(fc.boolean(), { minLength: 14, maxLength: 14 }), (target, kept) => {
        const quoted = target.filter((_, at) => kept[at]);
        expect(alignLines(quoted, target).every((pair) => pair !== null)).toBe(true);
      }),
    );
  });

  it("gives up on a table too large instead of taking for ever", () => {
    const many = (count: number) => Array.from({ length: count }, (_, at) => (at % 2 === 0 ? "x" : "y"));
    expect(alignLines(many(5000), many(5000)).every((pair) => pair === null)).toBe(true);
  });
});
