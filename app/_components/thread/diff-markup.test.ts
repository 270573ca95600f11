import { expect, it } from "vitest";
import { findDiffs } from "#lib/diff/parse-diff.ts";
import { parseQuotes } from "#lib/mail/quotes/quotes.ts";
import { mailBlocks, type MailBlock } from "#lib/review/mail-view.ts";
import type { MailedRemark } from "#lib/review/margin.ts";
import type { ThreadMargin } from "#lib/review/read-margins.server.ts";
import { hunkTable } from "./diff-markup.ts";
import { textBlock } from "./text-markup.ts";

const messageId = "reply@example.org";
const body = `On Monday, Ada Example wrote:
> diff --git a/ring.c b/ring.c
> --- a/ring.c
> +++ b/ring.c
> @@ -1,4 +1,4 @@ int push(void)
>  {
> -	lock(&l);
> +	trylock(&l);

Why a <trylock>?

>  	head++;
>  }

Regards
`;

const blocksOf = (text: string): readonly MailBlock[] => {
  const lines = parseQuotes(text);
  return mailBlocks({ messageId, lines, shown: lines, diffs: findDiffs(text, { messageId }) });
};
const hunksOf = (text: string) => blocksOf(text).flatMap((block) => (block.kind === "hunk" ? [block] : []));

const margin = (remarks: readonly MailedRemark[]): ThreadMargin => ({
  hunkKey: "k",
  chips: [],
  remarks,
  comments: [],
  withdrawn: [],
  attachments: [],
  history: null,
});
const remark = (newLine: number | null, text: string): MailedRemark => ({
  messageIdText: "other@example.org",
  fromName: "Boris Beispiel",
  text,
  side: newLine === null ? null : "new",
  oldLine: null,
  newLine,
  method: newLine === null ? "hunk" : "exact",
});
const actions = { canWrite: false, formToken: null };
const drawn = (remarks: readonly MailedRemark[]): string =>
  hunksOf(body)
    .map(
      ({ hunk, rows, isLast }) =>
        hunkTable({ hunk, rows, margin: margin(remarks), isLast, messageIdText: messageId, actions }).html,
    )
    .join("");

it("draws a hunk that a reply interrupts in two parts around the reply", () => {
  const kinds = blocksOf(body).map((block) => block.kind);
  expect(kinds.filter((kind) => kind === "hunk")).toHaveLength(2);
  expect(kinds.indexOf("hunk")).toBeLessThan(kinds.lastIndexOf("prose"));
  expect(hunksOf(body).map(({ isFirst, isLast }) => [isFirst, isLast])).toEqual([
    [true, false],
    [false, true],
  ]);
});

it("shows every line of the mail once", () => {
  const shown = blocksOf(body).flatMap((block) => {
    switch (block.kind) {
      case "prose":
      case "quote":
      case "ending":
        return [...block.lines];
      case "hunk":
        return block.rows.map((row) => (row.kind === "line" ? row.line.text : row.mark));
      case "file":
        return [];
    }
  });
  for (const expected of ["\tlock(&l);", "\ttrylock(&l);", "Why a <trylock>?", "\thead++;", "Regards"]) {
    expect(shown.filter((line) => line === expected)).toHaveLength(1);
  }
});

it("puts each remark under its line once, and one on the whole hunk at the end", () => {
  const html = drawn([remark(2, "on line two"), remark(null, "on the whole"), remark(3, "on line three")]);
  for (const text of ["on line two", "on the whole", "on line three"]) expect(html.split(text)).toHaveLength(2);
  expect(html.indexOf("on line two")).toBeLessThan(html.indexOf("head++"));
  expect(html.indexOf("on the whole")).toBeGreaterThan(html.indexOf("}"));
});

it("escapes what mail says, and makes what cannot be seen visible", () => {
  const html = drawn([remark(2, '<img src=x onerror="window.__xss=1">\u202e')]);
  expect(html).not.toContain("<img");
  expect(html).toContain("&lt;img src=x onerror=&#34;window.__xss=1&#34;&gt;");
  expect(html).not.toContain("\u202e");
  expect(html).toContain("U+202E");
});

it("links web addresses and nothing else", () => {
  const [block] = blocksOf("see https://example.org/a?b=1&c=2. and javascript:alert(1)\n");
  const html = block?.kind === "prose" ? textBlock(block).html : "";
  expect(html).toContain('<a href="https://example.org/a?b=1&amp;c=2"');
  expect(html.match(/<a /g)).toHaveLength(1);
});
