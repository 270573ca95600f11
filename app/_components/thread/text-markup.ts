/** Prose and quotes of a mail as markup: as sent, in the mail's own columns, with links that can be followed. */
import type { MailBlock } from "#lib/review/mail-view.ts";
import { markup, text, type Markup } from "../ui/markup.ts";
import { shortened } from "./diff-markup.ts";

type TextBlock = Extract<MailBlock, { readonly kind: "prose" | "quote" | "ending" }>;

export function textBlock(block: TextBlock): Markup {
  const lines = block.lines;
  switch (block.kind) {
    case "prose":
      return markup`<pre class="prose-mail">${linesMarkup(trimmed(lines))}</pre>`;
    case "ending":
      return folded(lines, "signature and footer");
    case "quote":
      return block.folded
        ? folded(lines, "quoted lines")
        : markup`<pre class="prose-mail quoted">${linesMarkup(lines)}</pre>`;
  }
}

function folded(lines: readonly string[], what: string): Markup {
  return markup`<details class="fold"><summary>${lines.length} ${lines.length === 1 ? "line" : "lines"}: ${what}</summary><pre class="prose-mail quoted">${linesMarkup(lines)}</pre></details>`;
}

/** Blank lines at the edges are the page's to draw. */
function trimmed(lines: readonly string[]): readonly string[] {
  let from = 0;
  let to = lines.length;
  while (from < to && lines[from]?.trim() === "") from++;
  while (to > from && lines[to - 1]?.trim() === "") to--;
  return lines.slice(from, to);
}

function linesMarkup(lines: readonly string[]): Markup {
  return markup`${lines.map((line, i) => markup`${i === 0 ? "" : "\n"}${linked(line)}`)}`;
}

const address = /https?:\/\/[^\s<>"'`]{1,500}/;

/** Web addresses become links; anything else, also `javascript:`, stays text. */
function linked(line: string): Markup {
  const found = line.length < 2_000 ? address.exec(line) : null;
  if (!found) return shortened(line);
  const url = found[0].replace(/[.,;:!?)\]}]+$/, "");
  const end = found.index + url.length;
  return markup`${text(line.slice(0, found.index))}<a href="${url}" rel="nofollow noreferrer noopener">${text(url)}</a>${linked(line.slice(end))}`;
}
